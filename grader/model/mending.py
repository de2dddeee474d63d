"""Mending of what is pasted along with Python and is none: read as it was meant, or left out, and said.

A command of a notebook, a prompt, a Markdown fence, a quotation mark that a word processor bent. Only what
Python could not read anyway is touched, nothing inside a string or a comment is, and every line keeps its
number: what is left out becomes a comment. One pass, in time linear in the text, without compiling anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from grader.model.indentation import mend_tabs
from grader.model.scanner import ODD, Scanner, split

Kind = Literal[
    "command", "cell-text", "language", "prompt", "output", "fence", "prose", "numbers", "quotes", "signs",
    "spaces", "tabs",
]  # fmt: skip
"""What was mended: each has its own sentence."""

_FENCE: Final = re.compile(r"[ \t]*(```+|~~~+)[ \t]*([^`]*?)[ \t]*$")
_OTHER_TEXT: Final = frozenset(
    """
    bash sh shell console text txt plaintext output json html latex markdown md yaml diff none
    """.split()  # noqa: SIM905 - a list of names reads best as a paragraph
)
"""Languages of a fence that are not Python."""
_OTHER_CELLS: Final = frozenset(
    """
    bash sh script html javascript js latex markdown svg perl ruby r cmd powershell sql writefile file cython
    """.split()  # noqa: SIM905 - the same
)
"""Commands that make a cell something else than Python."""
_CODELIKE: Final = re.compile(
    r"(?:def\s+\w+\s*\(|class\s+\w+\s*[(:]|import\s+[\w.]+(?:\s+as\s+\w+)?\s*(?:,.*|#.*)?$"
    r"|from\s+[\w.]+\s+import\s|@\w|[A-Za-z_]\w*\s*=\s*\S)"
)
"""A line outside of all fences that is Python beyond doubt."""
_PROMPT: Final = re.compile(r"[ \t]*(?:>>>(?: |$)?|((?:In ?)?\[[\d *]*\]): ?)")
_MORE: Final = re.compile(r"[ \t]*(?:\.\.\.+:(?: |$)|\.\.\.(?: |$)?)")
_OUT: Final = re.compile(r"[ \t]*Out ?\[[\d ]*\]:")
_DEFINES: Final = re.compile(r"(?:def|class|async|import|from)\s|@\w|PREDICTIONS\b")
_RESUMES: Final = re.compile(r"[^\W\d]|[@#\"']")
"""How a line after the output of a session begins that is code again."""
_CELL: Final = re.compile(r"[ \t]*%%(\w+)(.*)$")
_TIMED: Final = re.compile(r"([ \t]*)%(?:time|prun)[ \t]+(?:-\w+[ \t]+)*([^-\s].*)$")
_HELP: Final = re.compile(r"[ \t]*[%!]?[A-Za-z_][\w.*]*\?{1,2}[ \t]*;?[ \t]*$")
_SHELL: Final = re.compile(
    r"[ \t]*(?:(?:pip3?|conda|mamba|apt|apt-get|brew) +install +\S|(?:pip3?|conda) +\w+ *$|\$ )"
)
_ASSIGNED: Final = re.compile(r"[ \t]*[A-Za-z_][\w, \t]*=[ \t]+[%!][A-Za-z]")
_IPYTHON: Final = re.compile(r"[ \t]*get_ipython\(\)\.(\w+)\(.*\)[ \t]*;?[ \t]*(?:#.*)?$")
_IPYTHON_MADE: Final = re.compile(r"import[^\n]*\bget_ipython\b|def[ \t]+get_ipython\b|\bget_ipython[ \t]*=")
_IN_NAMED: Final = re.compile(r"\bIn\b[ \t]*[=,)]|[,(][ \t]*In\b|\b(?:for|as)[ \t]+In\b")
"""Where ``In`` is a name of the student's, ``In[3]: int`` is Python."""
_MARKER: Final = re.compile(r"[ \t]*#[ \t]*(?:%%|In ?\[)")
_SUSPICIOUS: Final = re.compile(
    r"```|~~~"
    r"|^[ \t]*(?:[%!?$]|>>>|(?:In ?)?\[[\d *]*\]:|get_ipython\(\)|(?:pip3?|conda|mamba|apt|apt-get|brew) )"
    r"|\?[ \t]*;?[ \t]*\r?$|=[ \t]+[%!][A-Za-z]",
    re.MULTILINE,
)
"""Only what holds one of these, or one of the next, is looked at closely."""
_ODD: Final = re.compile(f"[{ODD}]")
_HINTS: Final = tuple("% ! ? $ >>> ]: ``` ~~~ get_ipython pip conda mamba apt brew".split())  # noqa: SIM905
"""Where none of these stands, nothing above can match."""
_PLAIN_STRINGS: Final = re.compile(
    r'#[^\r\n]*|"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\r\n]|\\.)*+"'
    r"|'''(?:[^\\]|\\.)*?'''|'(?:[^'\\\r\n]|\\.)*+'",
    re.DOTALL,
)
_SHORT: Final = 8 * 2**10
"""So long a text is searched without its strings, which is not linear in the worst case."""


def _suspicious(text: str) -> bool:
    """Whether there may be something to mend: most files say no at once, those with Chinese comments soon."""
    hinted = any(hint in text for hint in _HINTS)
    if not hinted and _ODD.search(text) is None:
        return False
    if len(text) <= _SHORT:
        text = _PLAIN_STRINGS.sub("0", text)
    return _ODD.search(text) is not None or (hinted and _SUSPICIOUS.search(text) is not None)


@dataclass
class Mended:
    """A text, and what was done to it: for each kind the numbers of the lines, from 1.

    :ivar what: for some kinds the first thing of it, as it stood there.
    """

    text: str
    lines: dict[Kind, list[int]] = field(default_factory=dict)
    what: dict[Kind, str] = field(default_factory=dict)

    def note(self, kind: Kind, line: int, what: str = "") -> None:
        noted = self.lines.setdefault(kind, [])
        if not noted or noted[-1] != line:
            noted.append(line)
        if what:
            self.what.setdefault(kind, what)


def mend(text: str) -> Mended:
    """``text`` as Python can read it; unchanged where Python could read it before."""
    mended = Mended(text)
    if not re.search(r"[\r\n]", text):
        # A slide or a chat may bring along no other line ends than these.
        mended.text = re.sub("[\v\u2028\u2029\u0085]", "\n", text)
    _numbers(mended)
    if _suspicious(mended.text):
        _Mender(mended).run()
    mended.text, tabbed = mend_tabs(mended.text)
    for line in tabbed:
        mended.note("tabs", line)
    return mended


class _Mender:
    """The pass itself. A statement's first line decides what it is; the scanner reads what is code."""

    def __init__(self, mended: Mended) -> None:
        self._mended = mended
        self._lines = split(mended.text)
        self._roles = _fenced([line for line, _ in self._lines])
        self._ipython = "get_ipython" in mended.text and not _IPYTHON_MADE.search(mended.text)
        self._in_names = _IN_NAMED.search(mended.text) is not None
        self._scanner = Scanner()
        self._session: Literal["", "code", "output", "gap", "cell", "cell-output"] = ""
        self._other_cell = self._dropping = False
        self._out: list[str] = []
        self._dropped: list[int] = []
        self._begun = 0
        """The indentation of the statement that is being read."""
        self._header: int | None = None
        """The indentation of the last statement, if it ended with a colon."""
        self._number = ""

    def run(self) -> None:
        for n, (line, end) in enumerate(self._lines):
            self._out.append(self._line(n, line) + end)
        self._close_block(0)
        self._mended.text = "".join(self._out)

    def _line(self, n: int, line: str) -> str:
        role = self._roles.get(n)
        if role is not None:
            self._scanner.reset()
            self._session = ""
            if line.strip():
                self._mended.note(role, n + 1)
            return self._drop(n, line)
        if not self._scanner.quote:
            session = self._in_session(n, line)
            if session is not None:
                return session
        elif self._session == "code" and (more := _MORE.match(line)) is not None:
            line = line[more.end() :]  # a string over several lines, typed at a prompt
        if self._scanner.at_start and line.strip():
            command = self._command(n, line)
            if command is not None:
                return command
        return self._code(n, line)

    def _code(self, n: int, line: str) -> str:
        begins = self._scanner.at_start
        said = self._scanner.feed(line)
        kinds: tuple[Kind, ...] = ("quotes", "signs", "spaces")
        for kind in kinds:
            if kind in self._scanner.changed:
                self._mended.note(kind, n + 1, line.strip())
        plain = said.strip()
        if plain and not plain.startswith("#"):
            if begins:
                self._close_block(_indent(said))
                self._begun = _indent(said)
            opens = self._scanner.at_start and self._scanner.last == ":"
            self._header = self._begun if opens else None
            self._dropped = []
        return said

    def _close_block(self, indent: int) -> None:
        """Where all that a block held was left out, put a ``pass`` there."""
        if self._header is not None and self._dropped and indent <= self._header:
            inside = [n for n in self._dropped if _indent(self._out[n]) > self._header]
            if inside:
                self._out[inside[0]] = self._out[inside[0]].replace("# ", "pass  # ", 1)

    def _drop(self, n: int, line: str) -> str:
        """The line as a comment of the same indentation."""
        self._dropped.append(n)
        plain = line.lstrip(" \t")
        return f"{line[: len(line) - len(plain)]}# {plain}" if plain else line

    # Sessions: what stands at a prompt is code, what stands below it is what was printed.

    def _in_session(self, n: int, line: str) -> str | None:
        prompt = _PROMPT.match(line)
        if prompt is not None and self._is_prompt(prompt.group(1)):
            rest = line[prompt.end() :]
            self._scanner.reset()
            number = prompt.group(1)
            if number and number[0] == "[" and number == self._number and self._session:
                # Some pages number what came out like what went in.
                self._session = "cell-output"
                self._mended.note("output", n + 1)
                return self._drop(n, line)
            self._mended.note("prompt", n + 1)
            self._number = number or ""
            if not rest.strip() and number:
                self._session = "cell"  # copied from a page: the prompt has a line of its own
                return self._drop(n, line)
            self._session = "code"
            return self._statement(n, rest)
        if not self._session:
            return None
        if _OUT.match(line):
            self._session = "cell-output" if self._session in ("cell", "cell-output") else "output"
            self._mended.note("output", n + 1)
            return self._drop(n, line)
        if self._session == "cell":
            return None
        more = _MORE.match(line) if self._session == "code" else None
        if more is not None:
            self._mended.note("prompt", n + 1)
            return self._statement(n, line[more.end() :])
        if not line.strip():
            if self._session != "cell-output" and self._scanner.at_start:
                self._session = "gap"
            return None
        if self._session == "code" and not self._scanner.at_start:
            return None
        if _DEFINES.match(line) or (self._session == "gap" and _RESUMES.match(line)):
            self._session = ""
            return None
        self._session = "cell-output" if self._session == "cell-output" else "output"
        self._mended.note("output", n + 1)
        return self._drop(n, line)

    def _is_prompt(self, number: str | None) -> bool:
        """Whether what looks like a prompt is one; ``number`` is None for ``>>>``, which is never Python."""
        if number is None or self._session:
            return True
        return self._scanner.at_start and not (number[0] == "I" and self._in_names)

    def _statement(self, n: int, line: str) -> str:
        """What stands behind a prompt; it may be a command."""
        command = self._command(n, line) if self._scanner.at_start and line.strip() else None
        return command if command is not None else self._code(n, line)

    # Commands: what a notebook, a shell or an interactive Python understands.

    def _command(self, n: int, line: str) -> str | None:
        if self._dropping:
            self._dropping = line.rstrip().endswith("\\")
            return self._left_out("command", n, line)
        if self._other_cell:
            after_blank = n > 0 and not self._lines[n - 1][0].strip()
            if (
                not _MARKER.match(line)
                and not _CELL.match(line)
                and not (after_blank and _DEFINES.match(line))
            ):
                self._mended.note("language", n + 1)
                return self._drop(n, line)
            self._other_cell = False
        plain = line.lstrip(" \t")
        cell = _CELL.match(line)
        if cell is not None:
            name, rest = cell.group(1).lower(), cell.group(2).strip()
            written = name in ("writefile", "file") and rest.endswith(".py")
            self._other_cell = name in _OTHER_CELLS and not written
            return self._left_out("language" if self._other_cell else "command", n, line)
        timed = _TIMED.match(line)
        if timed is not None:
            self._mended.note("command", n + 1, plain)
            return self._code(n, timed.group(1) + timed.group(2))
        ipython = _IPYTHON.match(line) if self._ipython else None
        if ipython is not None:
            in_cell = ipython.group(1) == "run_cell_magic"
            return self._left_out("cell-text" if in_cell else "command", n, line)
        if plain[0] in "%!?" or any(p.match(line) for p in (_HELP, _SHELL, _ASSIGNED)):
            self._dropping = plain.rstrip().endswith("\\")
            return self._left_out("command", n, line)
        return None

    def _left_out(self, kind: Kind, n: int, line: str) -> str:
        self._mended.note(kind, n + 1, line.strip())
        return self._drop(n, line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _fenced(lines: Sequence[str]) -> dict[int, Kind]:
    """Which lines are Markdown's: its fences, and the prose around them."""
    if not any(_FENCE.match(line) for line in lines):
        return {}
    marks: list[tuple[int, str, str]] = []
    scanner = Scanner()
    for n, line in enumerate(lines):
        found = _FENCE.match(line) if not scanner.quote else None
        if found is not None and (found.group(1)[0] == "`" or scanner.at_start):
            marks.append((n, found.group(1)[0], found.group(2).strip()))
            scanner.reset()
        else:
            scanner.feed(line)
    # ~~~python and the like are odd Python, ~~~ alone is none.
    if not any(mark == "`" or not info for _, mark, info in marks):
        marks = []
    if not marks:
        return {}
    roles: dict[int, Kind] = {}
    start, inside, keeps = 0, False, True
    for n, _, info in [*marks, (len(lines), "", "")]:
        if not inside:
            roles |= _prose(lines, range(start, n))
        elif not keeps:
            roles |= dict.fromkeys(range(start, n), "prose")
        if n < len(lines):
            roles[n] = "fence"
        # A fence that names a language opens, whatever came before.
        inside = bool(info) or not inside
        if len(marks) == 1 and not info:
            inside = False  # half of a pair: only its own line is Markdown for certain
        keeps = info.split(maxsplit=1)[0].lower() not in _OTHER_TEXT if info else True
        start = n + 1
    return roles


def _prose(lines: Sequence[str], where: Iterable[int]) -> dict[int, Kind]:
    """Of the lines outside of all fences those before the first that is Python beyond doubt."""
    roles: dict[int, Kind] = {}
    for n in where:
        if _CODELIKE.match(lines[n]):
            break
        roles[n] = "prose"
    return roles


_NUMBERED: Final = re.compile(r"[ \t]*(\d{1,5})[.:|]?(?:[ \t]|$)")


def _numbers(mended: Mended) -> None:
    """Take off line numbers, where every line has brought its own along from a page or a book."""
    if not re.match(r"[ \t]*\d", mended.text):
        return
    lines = split(mended.text)
    first = _NUMBERED.match(lines[0][0])
    if first is None:
        return
    start, rests = int(first.group(1)), []
    for n, (line, end) in enumerate(lines):
        found = _NUMBERED.match(line)
        if not line.strip():
            rests.append(line + end)
            continue
        if found is None or int(found.group(1)) != start + n:
            return
        rests.append(line[found.end() :] + end)
    if len(lines) >= 3 and any(_CODELIKE.match(rest) for rest in rests):
        mended.text = "".join(rests)
        mended.note("numbers", 1)
