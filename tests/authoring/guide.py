"""``docs/writing-exercises.md`` as a reader follows it: files to write, tables to replace, commands to type.

A fenced block says what it is after its language: a path for a whole file, a path and ``tables`` for
tables that take the place of those of the same name. Behind a command, ``# exit status 2: …`` says how it
ends and what it prints, ``# …`` what it prints; ``…`` stands for anything.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = ROOT / "docs" / "writing-exercises.md"
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"\s+# (?:exit status (\d+)(?::|$))?\s*(.*)$")
_HEADER = re.compile(r"^\[+([\w.]+)\]+", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block.

    :ivar before: the paragraph that it follows.
    """

    language: str
    about: str
    text: str
    before: str


def blocks(text: str) -> list[Block]:
    """All fenced blocks, in order; a block right after another follows the same paragraph."""
    found: list[Block] = []
    end, before = 0, ""
    for match in _BLOCK.finditer(text):
        paragraph = text[end : match.start()].strip().rpartition("\n\n")[2]
        before = paragraph or before
        found.append(Block(match[1], match[2].strip(), match[3], before))
        end = match.end()
    return found


@dataclass(frozen=True)
class Command:
    """One line for the shell, how it ends, and the pieces of what it prints, in order."""

    line: str
    status: int
    prints: tuple[str, ...]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a ``sh`` block; one may go over several lines between quotes."""
    waiting = ""
    for line in block.text.splitlines():
        waiting = f"{waiting}\n{line}" if waiting else line
        bare, comment = waiting, None
        if "\n" not in waiting and (comment := _COMMENT.search(waiting)):
            bare = waiting[: comment.start()]
        try:
            shlex.split(bare)
        except ValueError:
            continue  # the quotes are still open
        status = int(comment[1] or 0) if comment else 0
        pieces = [piece.strip() for piece in comment[2].split("…")] if comment else []
        yield Command(bare, status, tuple(piece for piece in pieces if piece))
        waiting = ""
    assert not waiting, f"this command has no end: {waiting}"


def put(path: Path, block: Block) -> None:
    """Do what a block about a file says."""
    if not block.about.endswith(" tables"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        return
    new = _tables(block.text)
    assert set(new) <= set(_tables(path.read_text(encoding="utf-8"))), f"{path} has no such tables"
    text = path.read_text(encoding="utf-8")
    starts = [match.start() for match in _HEADER.finditer(text)] + [len(text)]
    kept, written = [text[: starts[0]]], set[str]()
    for start, end in itertools.pairwise(starts):
        match = _HEADER.match(text, start)
        assert match is not None
        name = next((n for n in new if match[1] == n or match[1].startswith(f"{n}.")), None)
        if name is None:
            kept.append(text[start:end])
        elif name not in written:
            kept.append(new[name])
            written.add(name)
    path.write_text("".join(kept), encoding="utf-8")


def _tables(text: str) -> dict[str, str]:
    """Name → the text of all tables of that name."""
    starts = [match.start() for match in _HEADER.finditer(text)] + [len(text)]
    found: dict[str, str] = {}
    for start, end in itertools.pairwise(starts):
        match = _HEADER.match(text, start)
        assert match is not None
        found[match[1]] = found.get(match[1], "") + text[start:end].rstrip("\n") + "\n\n"
    return found
