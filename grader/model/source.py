"""Source as text, whatever encoding, notebook or page it was copied from.

::

    bytes ── another file? ── encoding ──► text ── a notebook? its code cells ──► mended ──► Source
                  └──────────────┴────────────────────┴── one sentence ──► Refusal

Nothing is compiled here, and whatever is read may be hostile: the JSON of a notebook is decoded into the few
fields that are needed, and a codec is only ever one of the plain text encodings named below.
"""

from __future__ import annotations

import bisect
import codecs
import re
from dataclasses import dataclass
from encodings.aliases import aliases
from typing import Final

import msgspec

from grader.model import source_sentences as say
from grader.model.mending import mend
from grader.model.scanner import split
from grader.model.text import Text

NOTEBOOK_BYTES: Final = 8 * 2**20
"""A notebook may be as large, because of the pictures in it; its code keeps to the limit of a source."""
_BLANK: Final = "\ufeff \t\r\n\f\v\x1a"
_CODING: Final = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""PEP 263."""
_PLAIN: Final = frozenset(
    """
    ascii utf_8 utf_8_sig gb2312 gbk gb18030 hz big5 big5hkscs cp950 shift_jis cp932 euc_jp iso2022_jp
    euc_kr cp949 johab latin_1 cp437 cp850 cp852 cp866 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257
    cp1258 koi8_r koi8_u mac_roman iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8
    iso8859_9 iso8859_10 iso8859_13 iso8859_14 iso8859_15 iso8859_16 tis_620
    """.split()  # noqa: SIM905 - a list of names reads best as a paragraph
)
"""Python's codecs that turn bytes into text and do nothing else."""


@dataclass(frozen=True)
class Source:
    """A submission that can be run.

    :ivar text: what Python is given; its lines are the ones that verdicts name.
    :ivar notes: what was done to read it, a sentence for each kind.
    :ivar cells: for a notebook, the line before the first line of each code cell.
    """

    text: str
    notes: tuple[Text, ...] = ()
    cells: tuple[int, ...] = ()

    @property
    def data(self) -> bytes:
        """The text in UTF-8."""
        return self.text.encode("utf-8")

    @property
    def lines(self) -> list[str]:
        """The lines as Python counts them, without their ends."""
        return lines_of(self.text)

    def place(self, line: int | None) -> Text | None:
        """Where in the notebook a line of :attr:`text` is; None for what is no notebook."""
        if line is None or not self.cells:
            return None
        cell = bisect.bisect_left(self.cells, line)
        return say.in_cell(cell, line - self.cells[cell - 1]) if cell else None


@dataclass(frozen=True)
class Refusal:
    """What cannot be run at all.

    :ivar kind: ``SourceTooLarge``, ``EmptySource``, ``EmptyNotebook``, ``BrokenNotebook``, ``OtherFile``,
        ``NulBytes`` or ``UnicodeDecodeError``.
    :ivar line: the line that cannot be read, from 1.
    """

    kind: str
    message: Text
    line: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was handed in, rather than something unreadable."""
        return self.kind in ("EmptySource", "EmptyNotebook")


def readable(data: bytes) -> str:
    """What was handed in as somebody reads it: as it was written, or a notebook's code.

    Its lines are the ones that a verdict names. What cannot be read is shown as well as it can be.
    """
    found = read_source(data, NOTEBOOK_BYTES)
    if isinstance(found, Source) and found.cells:
        return found.text
    decoded = _decode(data)
    return data.decode("utf-8", "replace") if isinstance(decoded, Refusal) else decoded[0]


def lines_of(text: str) -> list[str]:
    """The lines of a text as Python counts them, without their ends."""
    return [line for line, _ in split(text)]


def read_source(data: bytes, limit: int) -> Source | Refusal:
    """Read what was handed in. Never raises.

    :param data: a file's bytes as they came, or a form's text in UTF-8.
    :param limit: bytes of source that the exercise accepts.
    """
    bare = data[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    if len(data) > (NOTEBOOK_BYTES if bare[:1] == b"{" else limit):
        return Refusal("SourceTooLarge", say.too_large(len(data), limit))
    for start, what in say.OTHER_FILES:
        if data.startswith(start):
            return Refusal("OtherFile", say.other_file(what))
    if re.match(rb"<(?:!doctype\s+html|html\b)", bare, re.IGNORECASE):
        return Refusal("OtherFile", say.other_file(say.HTML))
    decoded = _decode(data)
    if isinstance(decoded, Refusal):
        return decoded
    text, notes = decoded
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return Refusal("NulBytes", say.nul(line), line)
    if not text.strip(_BLANK):
        return Refusal("EmptySource", say.EMPTY_FILE)
    cells = _cells(text)
    if isinstance(cells, Refusal):
        return cells
    source = _joined(cells, notes) if cells is not None else _mended(text, notes)
    if not source.text.strip(_BLANK):
        return Refusal("EmptySource", say.EMPTY_FILE)  # it held nothing but what nobody sees
    size = len(source.data)
    if size > limit:
        return Refusal("SourceTooLarge", say.too_large(size, limit))
    return source


def _mended(text: str, notes: tuple[Text, ...]) -> Source:
    mended = mend(text.rstrip("\x1a"))
    return Source(mended.text, notes + say.notes_of(mended))


# Encodings.


def _decode(data: bytes) -> tuple[str, tuple[Text, ...]] | Refusal:
    """The text, and a note where its encoding is not what Python expects."""
    if data.startswith(codecs.BOM_UTF8):
        # The mark decides, whatever a coding line says.
        return _strictly(data[3:], "utf-8", 3)
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            decoded = _strictly(data, name)
            return decoded if isinstance(decoded, Refusal) else (decoded[0], (say.READ_AS_UTF16,))
    if (bare := _utf16_without_mark(data)) is not None:
        decoded = _strictly(data, bare)
        return decoded if isinstance(decoded, Refusal) else (decoded[0], (say.READ_AS_UTF16,))
    try:
        # A form's text is UTF-8 even where its coding line, copied with it, says something else; and hardly
        # anything in another encoding happens to be UTF-8, too.
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        offset = error.start
    named = _named_encoding(data)
    if named is not None:
        return _strictly(data, named)
    try:
        return data.decode("gb18030"), (say.READ_AS_GB18030,)
    except UnicodeDecodeError:
        line = data[:offset].count(b"\n") + 1
        return Refusal("UnicodeDecodeError", say.not_text(offset, line), line)


def _utf16_without_mark(data: bytes) -> str | None:
    """Every other byte of Latin text in UTF-16 is zero, and always on the same side."""
    if len(data) < 16 or len(data) % 2 or b"\0" not in data[:64]:
        return None
    even, odd = data[::2].count(0), data[1::2].count(0)
    if even and odd:
        return None
    return ("utf-16-be" if even else "utf-16-le") if max(even, odd) * 4 > len(data) else None


def _strictly(data: bytes, encoding: str, before: int = 0) -> tuple[str, tuple[Text, ...]] | Refusal:
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError as error:
        line, offset = data[: error.start].count(b"\n") + 1, before + error.start
        if encoding == "utf-8":
            return Refusal("UnicodeDecodeError", say.not_text(offset, line), line)
        return Refusal("UnicodeDecodeError", say.not_that_encoding(encoding, offset, line), line)


def _named_encoding(data: bytes) -> str | None:
    """The codec that one of the first two lines names, if it is one for plain text and not UTF-8."""
    for line in re.split(rb"\r\n|\r|\n", data[:4096], maxsplit=2)[:2]:
        found = _CODING.match(line)
        if found is not None:
            name = re.sub(r"[^a-z0-9]+", "_", found.group(1).decode("ascii", "replace").lower())
            codec = aliases.get(name, name)
            return codec if codec in _PLAIN and codec not in ("utf_8", "utf_8_sig", "ascii") else None
        if line.strip() and not line.lstrip().startswith(b"#"):
            return None
    return None


# Notebooks.


class _Cell(msgspec.Struct):
    """A cell of a notebook; ``input`` is what nbformat 3 calls its source."""

    cell_type: str = ""
    source: list[str] | str | None = None
    input: list[str] | str | None = None


class _Sheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    """Of nbformat 4 the cells, of nbformat 3 the worksheets; everything else is skipped unread."""

    cells: list[_Cell] | None = None
    worksheets: list[_Sheet] | None = None


_NOTEBOOK: Final = msgspec.json.Decoder(_Notebook)


def _cells(text: str) -> list[str] | Refusal | None:
    """The code cells of a notebook in order; None for what is no notebook."""
    plain = text.strip(_BLANK)
    if plain[0] != "{" or not ('"cells"' in plain or '"worksheets"' in plain):
        return None
    try:
        notebook = _NOTEBOOK.decode(plain)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Refusal("BrokenNotebook", say.BROKEN_NOTEBOOK) if '"cell_type"' in plain else None
    if notebook.cells is None and notebook.worksheets is None:
        return None
    found = notebook.cells or [cell for sheet in notebook.worksheets or [] for cell in sheet.cells]
    codes = [_code_of(cell) for cell in found if cell.cell_type == "code"]
    codes = [code for code in codes if code.strip(_BLANK)]
    if not codes:
        return Refusal("EmptyNotebook", say.EMPTY_NOTEBOOK)
    if not all("\0" not in code and encodable(code) for code in codes):
        return Refusal("BrokenNotebook", say.BROKEN_NOTEBOOK)
    return codes


def _code_of(cell: _Cell) -> str:
    code = cell.source if cell.source is not None else cell.input or ""
    return code if isinstance(code, str) else "".join(code)


def encodable(text: str) -> bool:
    """Whether ``text`` can be written in UTF-8: it holds no half of a pair of surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which JSON can spell
        return False
    return True


def _joined(cells: list[str], notes: tuple[Text, ...]) -> Source:
    """The cells one below the other, each mended by itself: a command at its top ends with it."""
    pieces: list[str] = []
    starts: list[int] = []
    above = 0
    merged = mend("")
    for n, cell in enumerate(cells, 1):
        mended = mend(cell)
        pieces.append(f"# %% cell {n}\n{mended.text.rstrip()}\n")
        above += 1
        starts.append(above)
        for kind, lines in mended.lines.items():
            for line in lines:
                merged.note(kind, above + line, mended.what.get(kind, ""))
        above += len(split(pieces[-1])) - 1
    return Source(
        "".join(pieces), (say.is_notebook(len(cells)), *notes, *say.notes_of(merged)), tuple(starts)
    )
