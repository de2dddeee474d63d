"""Scanner for Python's strings and comments, line by line: just enough of a tokenizer to leave them alone.

The grader's process never compiles what a student wrote. To mend what was pasted it has to know only
which characters are code, so this reads quotes, brackets, comments and backslashes, and nothing else.
Every line is read once; a line that is no Python leaves the state as harmless as it can be.
"""

from __future__ import annotations

import re
from typing import Final

DOUBLE: Final = '"“”„＂'
SINGLE: Final = "'‘’‚＇"
_TYPESET_QUOTES: Final = frozenset((DOUBLE + SINGLE).replace('"', "").replace("'", ""))

SIGNS: Final[dict[str, str]] = {
    # Full-width forms of ASCII stand 0xFEE0 above it. Letters and _ are left out: Python reads those itself.
    **{chr(ord(c) + 0xFEE0): c for c in "!#%&()*+,-./:;<=>@[]^{|}~"},
    "、": ",", "。": ".", "【": "[", "】": "]", "〔": "[", "〕": "]", "《": "<", "》": ">",
    "〈": "<", "〉": ">",
    "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "∗": "*", "×": "*", "⋅": "*", "÷": "/", "∕": "/",
    "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "…": "...",
}  # fmt: skip
"""Signs that Python has no use for outside of strings, and what they were meant to be."""
SPACES: Final[dict[str, str]] = {
    **dict.fromkeys("\u00a0\u1680\u202f\u205f\u0085\u2028\u2029", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    # In an indentation a full-width space is as wide as two.
    "\u3000": "  ",
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff", ""),
    **dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), ""),
    **dict.fromkeys(map(chr, (*range(1, 9), 0x0B, *range(0x0E, 0x20), 0x7F)), ""),
}  # fmt: skip
"""Spaces that Python does not take for one, and characters that nobody sees."""
ODD: Final = re.escape("".join(_TYPESET_QUOTES) + "".join(SIGNS) + "".join(SPACES)) + "０-９"
"""For a class of a regular expression: whatever this module may change."""
_STOP: Final = re.compile(rf"""["'#()\[\]{{}}\\{ODD}]""")
_DIGITS: Final = re.compile("[０-９]+")
_ENDS: Final = {
    ('"', False): re.compile(r'\\.|"'),
    ("'", False): re.compile(r"\\.|'"),
    ('"', True): re.compile(rf"\\.|[{DOUBLE}]"),
    ("'", True): re.compile(rf"\\.|[{SINGLE}]"),
    ('"""', False): re.compile(r'\\.|"""'),
    ("'''", False): re.compile(r"\\.|'''"),
    ('"""', True): re.compile(rf"\\.|[{DOUBLE}]{{3}}"),
    ("'''", True): re.compile(rf"\\.|[{SINGLE}]{{3}}"),
}
"""What ends a string that began with this quote, in plain ASCII or typeset."""
_MEANT: Final = {'"': re.compile(f"[{DOUBLE[1:]}]"), "'": re.compile(f"[{SINGLE[1:]}]")}
"""What may have been meant to end a string that has no end in its line."""
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")


def split(text: str) -> list[tuple[str, str]]:
    """The lines as Python counts them, each with its end. (``str.splitlines`` knows more kinds of ends.)"""
    return [(m.group(1), m.group(2)) for m in _LINE.finditer(text) if m.group()]


class Scanner:
    """Reads line after line and mends the characters that are code.

    :ivar quote: the quotation mark of the string in which the next line begins, or empty.
    :ivar depth: how many brackets are open.
    :ivar continued: whether the line before ended with a backslash.
    :ivar last: the last character of code of the statement so far.
    :ivar changed: which kinds of characters the last line needed mended: ``quotes``, ``signs``, ``spaces``.
    """

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.reset()

    def reset(self) -> None:
        """Begin a new statement, whatever was open."""
        self.quote, self.depth, self.continued, self.last = "", 0, False, ""
        self._typeset = self._blank = False

    @property
    def at_start(self) -> bool:
        """Whether the next line begins a statement."""
        return not self.quote and self.depth == 0 and not self.continued

    def feed(self, line: str) -> str:
        """The line (without its end) as Python can read it; strings and comments stay as they are."""
        self.changed.clear()
        if self.at_start:
            self.last = ""
        continued, self.continued, self._blank = self.continued, False, True
        if not self.quote and not continued and line.isascii() and _STOP.search(line) is None:
            self.last = line.rstrip()[-1:] or self.last
            return line
        out: list[str] = []
        at = 0
        while True:
            if self.quote:
                at = self._string(line, at, out)
                if self.quote:
                    break
            found = _STOP.search(line, at)
            end = found.start() if found is not None else len(line)
            out.append(line[at:end])
            self._code(line[at:end])
            if found is None:
                break
            at = self._stop(line, end, out)
        return "".join(out)

    def _stop(self, line: str, at: int, out: list[str]) -> int:
        """Deal with the character of interest at ``at``; where to go on."""
        c = line[at]
        if c == "#" or c == "＃":
            # The rest is a comment.
            self._mended(c, "#", "signs", out)
            out.append(line[at + 1 :])
            return len(line)
        for marks in (DOUBLE, SINGLE):
            if c in marks:
                three = line[at : at + 3]
                # A plain mark opens what Python says it opens; only a bent one may stand among its like.
                among = marks if c in _TYPESET_QUOTES else c
                quote = marks[0] * (3 if len(three) == 3 and all(m in among for m in three) else 1)
                self.quote, self._blank = quote, False
                self._typeset = any(m in _TYPESET_QUOTES for m in line[at : at + len(quote)])
                if self._typeset:
                    self.changed.add("quotes")
                out.append(quote)
                return at + len(quote)
        if c == "\\":
            self.continued = at == len(line) - 1
            out.append(c)
        elif c in SIGNS:
            self._mended(c, SIGNS[c], "signs", out)
            self._bracket(SIGNS[c])
            self._code(SIGNS[c])
        elif c in SPACES:
            self._mended(c, SPACES[c] if self._blank else SPACES[c][:1], "spaces", out)
        elif "０" <= c <= "９":
            # Within a name Python reads them itself.
            digits = _DIGITS.match(line, at)
            assert digits is not None
            inside = at > 0 and (line[at - 1].isalnum() or line[at - 1] == "_")
            plain = digits.group() if inside else "".join(chr(ord(d) - 0xFEE0) for d in digits.group())
            self._mended(digits.group(), plain, "signs", out)
            self._code("0")
            return digits.end()
        else:
            self._bracket(c)
            out.append(c)
            self._code(c)
        return at + 1

    def _string(self, line: str, at: int, out: list[str]) -> int:
        """Go on in the open string from ``at``; where it ends, or the end of the line."""
        ends = _ENDS[self.quote, self._typeset]
        place = at
        while (found := ends.search(line, place)) is not None:
            if found.group()[0] != "\\":
                out += [line[at : found.start()], self.quote]
                return self._closed(found.end())
            place = found.end()
        trailing = len(line) - len(line.rstrip("\\"))
        if len(self.quote) == 1 and trailing % 2 == 0:
            # It never ends in its line. A mark of the other kind may have been meant to end it.
            if not self._typeset:
                meant = _MEANT[self.quote].search(line, at)
                if meant is not None:
                    out += [line[at : meant.start()], self.quote]
                    self.changed.add("quotes")
                    return self._closed(meant.end())
            self.quote = ""
        out.append(line[at:])
        self.last = '"'
        return len(line)

    def _closed(self, at: int) -> int:
        self.quote, self._typeset, self.last = "", False, '"'
        return at

    def _code(self, piece: str) -> None:
        seen = piece.rstrip()[-1:]
        if seen:
            self.last, self._blank = seen, False

    def _bracket(self, c: str) -> None:
        if c in "([{":
            self.depth += 1
        elif c in ")]}":
            self.depth = max(0, self.depth - 1)

    def _mended(self, before: str, after: str, kind: str, out: list[str]) -> None:
        out.append(after)
        if before != after:
            self.changed.add(kind)
