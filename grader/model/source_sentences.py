"""Sentences about a file itself: why it cannot be read, or what was done to read it."""

from __future__ import annotations

from typing import Final

from grader.model.mending import Kind, Mended
from grader.model.text import Text

EMPTY_FILE: Final = Text(
    "Your file is empty. Start from the exercise's starter code.", "你的文件是空的。请从练习的起始代码开始。"
)
EMPTY_NOTEBOOK: Final = Text(
    "This is a notebook (.ipynb) without any code in its cells. Was it saved? "
    "File → Save and Export Notebook As → Executable Script makes a .py file of it.",
    "这是一个笔记本（notebook，.ipynb），它的单元格里没有代码。保存过了吗？"
    "用“文件 → 导出为 → 可执行脚本”可以得到 .py 文件。",
)
BROKEN_NOTEBOOK: Final = Text(
    "This looks like a notebook (.ipynb), but it is not complete, so its cells cannot be read. "
    "File → Save and Export Notebook As → Executable Script makes a .py file of it.",
    "这看起来是一个笔记本（notebook，.ipynb），但内容不完整，读不出其中的单元格。"
    "用“文件 → 导出为 → 可执行脚本”可以得到 .py 文件。",
)
READ_AS_UTF16: Final = Text(
    "Your file is in UTF-16; it was read as that. UTF-8 is what Python expects.",
    "你的文件是 UTF-16 编码，已按 UTF-16 读取。Python 默认的编码是 UTF-8。",
)
READ_AS_GB18030: Final = Text(
    "Your file is not UTF-8; it was read as GB18030 (GBK). UTF-8 is what Python expects.",
    "你的文件不是 UTF-8 编码，已按 GB18030（GBK）读取。Python 默认的编码是 UTF-8。",
)


def too_large(size: int, limit: int) -> Text:
    # Never "256 KiB; at most 256".
    kibibytes = max(size // 1024, limit // 1024 + 1)
    return Text(
        f"Your file has {kibibytes} KiB; at most {limit // 1024} KiB are accepted. "
        "Hand in only the functions the exercise asks for.",
        f"你的文件有 {kibibytes} KiB，最多接受 {limit // 1024} KiB。请只提交练习要求的函数。",
    )


def nul(line: int) -> Text:
    return Text(
        f"Line {line} holds a NUL character: this is not Python text. Was another file chosen by mistake?",
        f"第 {line} 行含有 NUL 字符，这不是 Python 文本。是不是选错了文件？",
    )


def not_text(offset: int, line: int) -> Text:
    return Text(
        f"Your file is not UTF-8 (byte {offset}, line {line}). Save it with the encoding UTF-8 and hand it in again.",
        f"你的文件不是 UTF-8 编码（第 {offset} 字节，第 {line} 行）。请以 UTF-8 编码保存后再提交。",
    )


def not_that_encoding(name: str, offset: int, line: int) -> Text:
    return Text(
        f"Your file names {name} as its encoding, but byte {offset} (line {line}) does not fit it. "
        "Save it with the encoding UTF-8 and hand it in again.",
        f"你的文件声明的编码是 {name}，但第 {offset} 字节（第 {line} 行）不符合。请以 UTF-8 编码保存后再提交。",
    )


def other_file(what: Text) -> Text:
    return Text(
        f"This is {what.en}, not Python. Hand in the .py file (or the .ipynb notebook) itself.",
        f"这是{what.zh}，不是 Python。请提交 .py 文件（或 .ipynb 笔记本）本身。",
    )


OTHER_FILES: Final[tuple[tuple[bytes, Text], ...]] = (
    (b"PK\x03\x04", Text("a ZIP archive or a Word document", "一个 ZIP 压缩包或 Word 文档")),
    (b"%PDF-", Text("a PDF", "一个 PDF 文件")),
    (b"{\\rtf", Text("formatted text (RTF)", "带格式的文本（RTF）")),
    (b"\xd0\xcf\x11\xe0", Text("a Word document", "一个 Word 文档")),
    (b"\x1f\x8b", Text("a compressed file", "一个压缩文件")),
    (b"\x89PNG", Text("a picture", "一张图片")),
    (b"\xff\xd8\xff", Text("a picture", "一张图片")),
    (b"\x7fELF", Text("a program", "一个可执行程序")),
)
HTML: Final = Text("a web page (HTML)", "一个网页（HTML）")


def is_notebook(cells: int) -> Text:
    if cells == 1:
        return Text(
            "This is a notebook; its one code cell was read.",
            "这是一个笔记本（notebook），读取了其中唯一的代码单元格。",
        )
    return Text(
        f"This is a notebook; its {cells} code cells were read in order.",
        f"这是一个笔记本（notebook），按顺序读取了其中的 {cells} 个代码单元格。",
    )


def in_cell(cell: int, line: int) -> Text:
    """Where in a notebook something is."""
    return Text(f"cell {cell}, line {line}", f"第 {cell} 个代码单元格，第 {line} 行")


def notes_of(mended: Mended) -> tuple[Text, ...]:
    """One sentence for each kind of thing that was mended."""
    return tuple(
        _note(kind, _lines(lines), len(lines) == 1, mended.what.get(kind, "")[:60])
        for kind, lines in mended.lines.items()
    )


def _note(kind: Kind, where: Text, one: bool, what: str) -> Text:
    at = f" ({what})" if what else ""
    zh_at = f"（{what}）" if what else ""
    match kind:
        case "command":
            if one:
                return Text(
                    f"{_cap(where.en)} is a command of the notebook{at}, not Python; the command was left out.",
                    f"{where.zh}是笔记本（notebook）的命令{zh_at}，不是 Python，已略去。",
                )
            return Text(
                f"{_cap(where.en)} are commands of the notebook, not Python{at and f' (the first is {what})'}; they were left out.",
                f"{where.zh}是笔记本（notebook）的命令{zh_at and f'（例如 {what}）'}，不是 Python，已略去。",
            )
        case "cell-text":
            return Text(
                f"{_cap(where.en)} {'holds' if one else 'hold'} a whole notebook cell as text (run_cell_magic), which is not run: "
                "what it defines is not there. Put its code into the file itself.",
                f"{where.zh}把整个笔记本单元格写成了文字（run_cell_magic），不会运行，其中的定义因此不存在。请把代码直接写进文件。",
            )
        case "language":
            return Text(
                f"{_cap(where.en)} {'is' if one else 'are'} a notebook cell in another language; left out.",
                f"{where.zh}是笔记本里用其他语言写的单元格，已略去。",
            )
        case "prompt":
            return Text(
                f"{_cap(where.en)} {'begins' if one else 'begin'} with the prompt of an interactive session; it was taken off.",
                f"{where.zh}以交互环境的提示符开头，提示符已去掉。",
            )
        case "output":
            return Text(
                f"{_cap(where.en)} {'was' if one else 'were'} read as what an interactive session printed, and left out.",
                f"{where.zh}被看作交互环境打印的结果，已略去。",
            )
        case "fence":
            return Text(
                f"{_cap(where.en)} {'marks' if one else 'mark'} a block of code in Markdown; left out.",
                f"{where.zh}是 Markdown 的代码块标记，已略去。",
            )
        case "prose":
            return Text(
                f"{_cap(where.en)} {'stands' if one else 'stand'} outside the block of code and {'was' if one else 'were'} read as text.",
                f"{where.zh}在代码块之外，只当作说明文字。",
            )
        case "numbers":
            return Text(
                "Each line begins with its own number; the numbers were taken off.",
                "每行开头都带着行号，行号已去掉。",
            )
        case "quotes":
            return Text(
                f"Typographic quotation marks in {where.en} were read as plain ones.",
                f"{where.zh}中的中文（弯）引号已按英文直引号读取。",
            )
        case "signs":
            return Text(
                f"Signs in {where.en} that Python does not know (full-width or typeset ones) were read as their plain forms.",
                f"{where.zh}中的全角或排版符号已按对应的半角符号读取。",
            )
        case "spaces":
            return Text(
                f"Unusual or invisible spaces in {where.en} were read as plain ones.",
                f"{where.zh}中的特殊空格或不可见字符已按普通空格处理。",
            )
        case "tabs":
            return Text(
                f"Tabs in the indentation of {where.en}, mixed with spaces, were read as spaces.",
                f"{where.zh}的缩进混用了制表符和空格，制表符已按空格读取。",
            )


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


_NAMED: Final = 5
"""So many lines are named; of more, these and how many there are."""


def _lines(lines: list[int]) -> Text:
    if len(lines) == 1:
        return Text(f"line {lines[0]}", f"第 {lines[0]} 行")
    if len(lines) > _NAMED:
        named = ", ".join(map(str, lines[:_NAMED]))
        return Text(
            f"lines {named} and {len(lines) - _NAMED} more",
            f"第 {named.replace(', ', '、')} 行等共 {len(lines)} 行",
        )
    first, last = lines[:-1], lines[-1]
    return Text(f"lines {', '.join(map(str, first))} and {last}", f"第 {'、'.join(map(str, lines))} 行")
