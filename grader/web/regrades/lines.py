"""Lines of a proposal's page: who moves, from what to what, and in which causes it is grouped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.model.policy import Counted
from grader.store.regrade_effects import Effect, Move
from grader.store.tables import User
from grader.web.ui.languages import _
from grader.web.ui.numbers import points

MOST_LINES = 200
"""Students on a page; a file has all."""


@dataclass(frozen=True)
class Standing:
    """What a student has, before or after."""

    score: float
    most: float
    late: bool = False
    attempt: int | None = None


@dataclass(frozen=True)
class Line:
    """One student who moves."""

    user: User | None
    before: Standing | None
    after: Standing | None
    why: str
    held: float | None = None

    @property
    def gain(self) -> float:
        """Points; of different maxima, what the share of the new one is."""
        if self.before is None or self.after is None:
            return 0.0
        if self.before.most == self.after.most or not self.before.most:
            return self.after.score - self.before.score
        return self.after.score - self.before.score / self.before.most * self.after.most


def of_effect(found: Effect, people: Mapping[int, User], *, most: int | None = MOST_LINES) -> list[Line]:
    """Whoever loses most first; whose total was set by hand at the end."""
    moves = [*found.moves, *found.held][:most]
    return [
        Line(people.get(move.user_id), _side(move.before), _side(move.after), cause(move), move.held)
        for move in moves
    ]


def of_record(moves: Iterable[Sequence[Any]], people: Mapping[int, User]) -> list[Line]:
    """Of what was written down when a proposal was accepted."""
    return [
        Line(people.get(user_id), _pair(was, of), _pair(now, of_now), "")
        for user_id, was, of, now, of_now in moves
    ]


def cause(move: Move) -> str:
    """Why a student's attempts come to something else under other rules, in a few words."""
    before, after = move.before, move.after
    if before is None or after is None:
        return ""
    if before.id != after.id:
        return _("another attempt counts")
    if before.factor != after.factor:
        return _("late: %(was)s → %(now)s", was=_percent(before.factor), now=_percent(after.factor))
    if before.maximum != after.maximum:
        return _("full marks: %(was)s → %(now)s", was=points(before.maximum), now=points(after.maximum))
    if before.late != after.late:
        return _("counts as late") if after.late else _("is not late any more")
    return _("the attempt itself is judged otherwise")


def grouped(found: Effect) -> list[tuple[str, int, Move]]:
    """The causes of an effect, with how many students, and one of them; the most widespread first."""
    first: dict[str, Move] = {}
    for move in found.moves:
        first.setdefault(cause(move), move)
    counts = Counter(cause(move) for move in found.moves)
    return [(name, count, first[name]) for name, count in counts.most_common()]


def _side(counted: Counted | None) -> Standing | None:
    return None if counted is None else Standing(counted.score, counted.maximum, counted.late, counted.number)


def _pair(score: float | None, most: float | None) -> Standing | None:
    return None if score is None else Standing(score, most or 0.0)


def _percent(factor: float) -> str:
    return f"{factor * 100:.4g} %"
