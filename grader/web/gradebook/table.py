"""Table: the body of a gradebook as HTML. 40,000 cells are written here and not by a template's loop.

A cell is ``<td class="h l">7.5 (3) late``: one element without an end tag (HTML lets it be left out), whose
classes a style sheet turns into a small square, and whose text is read out, searched for and shown beside
the pointer. There is no link in it: the row and the column say where it leads. Where no script runs, the
plain page has the links.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup, escape

from grader.store.matrix import NOTHING, Line, Mark
from grader.web.ui.languages import _
from grader.web.ui.numbers import points

_FILLS: Final = "abcdefghijk"
"""Classes: a tenth of the points each, ``a`` none of them, ``k`` all."""


@dataclass(frozen=True)
class Words:
    """What stands in cells, in the reader's language, asked for once and not once a cell."""

    late: str
    by_hand: str
    running: str

    @classmethod
    def now(cls) -> Words:
        """Of the current request."""
        return cls(_("late"), _("set by hand"), _("being graded"))


def fill(mark: Mark) -> int:
    """How full a square is, in tenths: 0 and 10 mean exactly that, whatever is between is between."""
    if mark.score is None or not mark.most:
        return 10 if mark.solved else 0
    part = mark.score / mark.most
    if part <= 0:
        return 0
    return 10 if part >= 1 else min(max(int(part * 10), 1), 9)


def classes(mark: Mark) -> str:
    """The classes of a cell; empty where nothing was ever handed in."""
    found = [] if mark.score is None else [_FILLS[fill(mark)]]
    found += [
        name
        for name, holds in (
            ("p", mark.solved),
            ("l", mark.late),
            ("o", mark.by_hand),
            ("r", mark.running),
        )
        if holds
    ]
    return " ".join(found)


def text(mark: Mark, words: Words) -> str:
    """What a cell says: ``7.5 (3) late``, points and in brackets the attempts; nothing without an attempt."""
    said = []
    if mark.score is not None:
        said.append(points(mark.score))
    if mark.attempts:
        said.append(f"({mark.attempts})")
    if mark.solved:
        said.append("✓")
    if mark.late:
        said.append(words.late)
    if mark.by_hand:
        said.append(words.by_hand)
    if mark.running:
        said.append(words.running)
    return " ".join(said)


def body(
    lines: Sequence[Line],
    slugs: Sequence[str],
    name: Callable[[Line], str],
    ranks: Mapping[int, int],
    address: dict[str, str],
    *,
    links: bool = False,
) -> Markup:
    """The rows of the table.

    :param name: what stands in a row's head, inside its link; HTML.
    :param ranks: of each student by name, for the script that sorts.
    :param address: of this arrangement; links take it along, so that *next student* means the next one here.
    :param links: whether each cell is a link, for who has no script.
    """
    words, query = Words.now(), f"?{escape(urlencode(address))}" if address else ""
    cells: dict[Mark, tuple[str, str]] = {NOTHING: ("<td>", "")}
    parts: list[str] = []
    for line in lines:
        user_id = line.student.id
        parts.append(
            f'<tr data-u={user_id} data-k="{line.need} {line.total:.6f} {ranks[user_id]}"><th scope=row>'
            f"<a href=students/{user_id}{query}>{name(line)}</a><td class=t>{points(line.total)}"
        )
        for place, mark in enumerate(line.marks):
            known = cells.get(mark)
            if known is None:
                found = classes(mark)
                quoted = f'"{found}"' if " " in found else found
                start = f"<td class={quoted}>" if found else "<td>"
                known = cells[mark] = start, str(escape(text(mark, words)))
            if links and mark is not NOTHING:
                parts.append(
                    f'{known[0]}<a href="students/{user_id}/{escape(slugs[place])}{query}">{known[1]}</a>'
                )
            else:
                parts.extend(known)
        parts.append("\n")
    return Markup("".join(parts))  # noqa: S704 – everything that somebody typed was escaped above
