"""Encodings: bytes become text, by their byte-order mark, else by what the bytes can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grader.rosters.not_a_list import NotAList, refuse_other_files, refuse_other_texts

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8", "UTF-8 with a byte-order mark"),
    (b"\xff\xfe", "utf-16-le", "UTF-16"),
    (b"\xfe\xff", "utf-16-be", "UTF-16 (big-endian)"),
)
_LOOK_AT: Final = 262_144


@dataclass(frozen=True)
class Decoded:
    """A file as text. ``mark + text.encode(codec)`` are its bytes again: that was tried."""

    text: str
    codec: str
    called: str
    """The encoding as people call it."""
    mark: bytes = b""
    """The byte-order mark, if there was one; it is no part of the text."""

    def encode(self, text: str) -> bytes:
        """``text`` in this file's encoding, behind its mark."""
        return self.mark + text.encode(self.codec)


def decode(data: bytes) -> Decoded:
    """The text of a file.

    :raises NotAList: it is something else than text; the message says what.
    """
    refuse_other_files(data)
    found = _decode(data)
    refuse_other_texts(found.text)
    return found


def _decode(data: bytes) -> Decoded:
    for mark, codec, called in _MARKS:
        if data.startswith(mark):
            try:
                return _checked(Decoded(data[len(mark) :].decode(codec), codec, called, mark), data)
            except UnicodeDecodeError as error:
                raise NotAList(
                    f"the file says that it is {called}, and is damaged at byte {error.start + len(mark):,}: export it again",
                    f"文件标明为 {called}，但在第 {error.start + len(mark):,} 字节处损坏：请重新导出",
                ) from None
    sixteen = _without_mark(data)
    if sixteen is not None:
        return sixteen
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "UTF-8")
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(data):
            raise NotAList(
                f"the file is UTF-8 and damaged at byte {error.start:,}: export it again, or save it anew as CSV UTF-8",
                f"文件为 UTF-8，但在第 {error.start:,} 字节处损坏：请重新导出，或另存为 CSV UTF-8",
            ) from None
    chinese = _try(data, "gb18030")
    if chinese is not None and (_reads_as_chinese(chinese) or _has_signs_for_letters(data)):
        return _checked(Decoded(chinese, "gb18030", "GB18030"), data)
    western = _try(data, "cp1252")
    if western is not None:
        return Decoded(western, "cp1252", "Windows-1252")
    if chinese is not None:
        return _checked(Decoded(chinese, "gb18030", "GB18030"), data)
    raise NotAList(
        "the file's encoding cannot be told, or it is no text: save it as CSV UTF-8",
        "无法识别文件编码，或它不是文本：请另存为 CSV UTF-8",
    )


def _checked(found: Decoded, data: bytes) -> Decoded:
    """:raises NotAList: the same text has other bytes, too, so that it could not be given back as it was."""
    if found.encode(found.text) != data:
        raise NotAList(
            f"the file is written in an unusual form of {found.called}: save it anew as CSV UTF-8",
            f"文件使用了不常见的 {found.called} 写法：请另存为 CSV UTF-8",
        )
    return found


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _without_mark(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: separators and line ends have their zero byte on one side, always the same."""
    head = data[:_LOOK_AT]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(data) % 2 or not even + odd or min(even, odd) * 20 > max(even, odd):
        return None
    codec, called = ("utf-16-le", "UTF-16") if odd > even else ("utf-16-be", "UTF-16 (big-endian)")
    text = _try(data, codec)
    return None if text is None or "\0" in text else Decoded(text, codec, called)


def _is_damaged_utf8(data: bytes) -> bool:
    """Nearly all that is not ASCII is UTF-8: what other encodings write is so by chance at most."""
    read = data[:_LOOK_AT].decode("utf-8", "replace")
    bad = read.count("\ufffd")
    return sum(c > "\x7f" for c in read) - bad > 10 * bad


def _reads_as_chinese(text: str) -> bool:
    """Whether GB18030 was meant: in Windows-1252 an accent stands among letters, and swallows one of them."""
    good = bad = 0
    padded = f"\n{text[:_LOOK_AT]}\n"
    for i, c in enumerate(padded):
        if c <= "\x7f":
            continue
        lonely = not (_latin(padded[i - 1]) or _latin(padded[i + 1]))
        if lonely and ("\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff01" <= c <= "\uff5e"):
            good += 1
        else:
            bad += 1
    return good > bad


def _has_signs_for_letters(data: bytes) -> bool:
    """Whether Windows-1252 would have signs, as ° or ±, for a good part of what should be letters: A班."""
    high = [byte for byte in data[:_LOOK_AT] if byte >= 0x80]
    return 3 * sum(0xA1 <= byte <= 0xBF and byte not in _MARKS_IN_NAMES for byte in high) >= len(high)


_MARKS_IN_NAMES: Final = b"\xaa\xb4\xb7\xba"


def _latin(c: str) -> bool:
    return "a" <= c <= "z" or "A" <= c <= "Z"
