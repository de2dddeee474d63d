"""What is sent in place of a list of people, and is none: a workbook, a page, a picture. Each is named."""

from __future__ import annotations

import json
from typing import Final

from grader.errors import UsageError

MOST_BYTES: Final = 16 * 2**20
"""Of a file. A class of 50,000 with forty columns of scores takes less."""


EMPTY: Final = (
    "the file is empty: export the list again, and look whether the download was complete",
    "文件是空的：请重新导出名单，并检查下载是否完整",
)


class NotAList(UsageError):
    """The file is no list of people; the message says what it is and what to do, in one sentence.

    :param zh: the same in Chinese.
    """

    def __init__(self, message: str, zh: str) -> None:
        super().__init__(message)
        self.zh = zh


def refuse_other_files(data: bytes) -> None:
    """Name what is recognised by its first bytes.

    :raises NotAList: it is empty, too large, or of a kind that is no text.
    """
    if len(data) > MOST_BYTES:
        raise NotAList(
            f"the file is larger than {MOST_BYTES >> 20} MiB: send the list of people alone, as CSV",
            f"文件超过 {MOST_BYTES >> 20} MiB：请只上传人员名单（CSV）",
        )
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise NotAList(*EMPTY)
    kind = _kind(data)
    if kind is not None:
        raise NotAList(*kind)


def _kind(data: bytes) -> tuple[str, str] | None:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return (
            "this is an old Excel workbook (.xls, OLE2): open it in a spreadsheet and save it as CSV (UTF-8)",
            "这是旧版 Excel 工作簿（.xls）：请用电子表格软件打开，另存为 CSV（UTF-8）",
        )
    if b"%PDF-" in data[:1024]:
        return ("this is a PDF: export the list as CSV instead", "这是 PDF：请改为导出 CSV 名单")
    image = _image(data)
    if image is not None:
        return (
            f"this is an image ({image}): export the list as CSV instead of a picture of it",
            f"这是图片（{image}）：请导出 CSV 名单，而不是截图",
        )
    if data.startswith((b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\0")):
        return (
            "this is a compressed archive: unpack it and send the CSV file in it",
            "这是压缩包：请解压后上传其中的 CSV 文件",
        )
    if data.startswith(b"{\\rtf"):
        return (
            "this is a formatted document (RTF): save the list as CSV instead",
            "这是带格式的文档（RTF）：请另存为 CSV",
        )
    if data.startswith((b"SQLite format 3\0", b"\x7fELF", b"MZ\x90\0")):
        return (
            "this is a program or a database, and no text: export the list as CSV",
            "这是程序或数据库，不是文本：请导出 CSV 名单",
        )
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return (
            "this is text in UTF-32, which no spreadsheet writes: save it as CSV in UTF-8",
            "这是 UTF-32 文本：请另存为 UTF-8 的 CSV",
        )
    return None


def _zip(data: bytes) -> tuple[str, str]:
    if (
        b"xl/workbook" in data
        or b"xl/worksheets" in data
        or (b"[Content_Types].xml" in data and b"xl/" in data)
    ):
        return (
            "this is an Excel workbook (.xlsx): open it and save it as 'CSV UTF-8 (comma delimited)'",
            "这是 Excel 工作簿（.xlsx）：请打开后另存为“CSV UTF-8（逗号分隔）”",
        )
    if b"opendocument.spreadsheet" in data[:200]:
        return (
            "this is a LibreOffice spreadsheet (.ods): open it and save it as Text CSV",
            "这是 LibreOffice 表格（.ods）：请打开后另存为 CSV 文本",
        )
    if b"word/document" in data:
        return (
            "this is a Word document (.docx): save the list as CSV instead",
            "这是 Word 文档（.docx）：请把名单另存为 CSV",
        )
    return (
        "this is a zip archive: unpack it and send the CSV file in it",
        "这是 zip 压缩包：请解压后上传其中的 CSV 文件",
    )


def _image(data: bytes) -> str | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    if data.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "HEIC"
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "BMP"
    return None


def refuse_other_texts(text: str) -> None:
    """Name texts that are no tables.

    :raises NotAList: a page, JSON, XML, or not text at all.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise NotAList(*EMPTY)
    low = start[:65536].casefold()
    if low.startswith("<"):
        _refuse_markup(low)
    if start.startswith(("{", "[")) and _is_json(start):
        raise NotAList(
            "this is JSON, and no list in columns: export it as CSV",
            "这是 JSON，不是按列排的名单：请导出为 CSV",
        )
    odd = sum(c < " " and c not in "\t\r\n\x0b\x0c" for c in start[:65536])
    if "\0" in text or odd * 50 > len(start[:65536]):
        raise NotAList(
            "this is a binary file, and no text: export the list as CSV",
            "这是二进制文件，不是文本：请导出 CSV 名单",
        )


def _refuse_markup(low: str) -> None:
    if "<svg" in low[:1000]:
        raise NotAList(
            "this is an image (SVG): export the list as CSV instead of a picture of it",
            "这是图片（SVG）：请导出 CSV 名单，而不是截图",
        )
    if low.startswith(("<!doctype html", "<html", "<head", "<body", "<table")) or "<html" in low[:4096]:
        if 'type="password"' in low or "type=password" in low or "type='password'" in low:
            raise NotAList(
                "this is a web page that asks to sign in (HTML), saved in place of the list: sign in and download it again",
                "这是要求登录的网页（HTML），被当作名单保存了：请登录后重新下载",
            )
        raise NotAList(
            "this is a web page (HTML), and no list: use the page's export or download as CSV",
            "这是网页（HTML），不是名单：请使用该网页的导出或下载 CSV 功能",
        )
    if low.startswith("<?xml") or (low.startswith("<") and low.rstrip().endswith(">") and "</" in low):
        raise NotAList(
            "this is XML, and no list in columns: save it as CSV", "这是 XML，不是按列排的名单：请另存为 CSV"
        )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        # Cut off, or with comments: still nothing that begins a list of people.
        return text[:2] in ('{"', "[{", "[[", '["') or (text[:1] == "{" and text[1:].lstrip().startswith('"'))
    return True
