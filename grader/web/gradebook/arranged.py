"""Arranged: in which order a gradebook names its students, and which of them; as its address says it.

The page's script sorts by the same keys (``scripts/gradebook.js``), so that both agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from grader.store.matrix import Line

State = Literal["unsolved", "nothing", "late", "running", "by-hand", "solved"]
STATES: Final[tuple[State, ...]] = get_args(State)
COLUMN: Final = "exercise."
"""Before the slug of the exercise by which is sorted."""
_LARGEST: Final = 2**31 - 1

_CHOSEN: Final[Mapping[State, Callable[[Line], bool]]] = {
    "unsolved": lambda line: any(not mark.solved for mark in line.marks),
    "nothing": lambda line: (
        not any(mark.attempts or mark.running or mark.score is not None for mark in line.marks)
    ),
    "late": lambda line: any(mark.late for mark in line.marks),
    "running": lambda line: any(mark.running for mark in line.marks),
    "by-hand": lambda line: any(mark.by_hand for mark in line.marks),
    "solved": lambda line: bool(line.marks) and all(mark.solved for mark in line.marks),
}


@dataclass(frozen=True)
class Arrangement:
    """What an address asks for."""

    sort: str = "need"
    """``need``, ``name``, ``total``, or a column: ``exercise.detach``."""
    reverse: bool = False
    section: int | None = None
    state: State | None = None

    @classmethod
    def asked(cls, args: Mapping[str, str]) -> Arrangement:
        """From an address; what it says wrongly is as if it were not there."""
        sort = args.get("sort", "")
        bare = sort.removeprefix("-")
        if bare not in ("need", "name", "total") and not bare.startswith(COLUMN):
            sort = bare = "need"
        section = args.get("section", "")
        number = int(section) if section.isascii() and section.isdigit() and len(section) < 11 else None
        state = next((each for each in STATES if each == args.get("state")), None)
        return cls(bare, sort != bare, number if number is not None and number <= _LARGEST else None, state)

    @property
    def address(self) -> dict[str, Any]:
        """For a link that asks for the same. What is usual is left out."""
        wanted: dict[str, Any] = {}
        if self.sort != "need" or self.reverse:
            wanted["sort"] = ("-" if self.reverse else "") + self.sort
        if self.section is not None:
            wanted["section"] = str(self.section)
        if self.state is not None:
            wanted["state"] = self.state
        return wanted

    def by(self, sort: str) -> Arrangement:
        """The same by another key; by the same key the other way round."""
        return replace(self, sort=sort, reverse=sort == self.sort and not self.reverse)

    def apply(self, lines: Sequence[Line], slugs: Sequence[str]) -> list[Line]:
        """The lines that are asked for, in that order; equals stay in the order that they come in.

        :param lines: by name.
        :param slugs: of the columns.
        """
        by_name = [each for each in lines if self.state is None or _CHOSEN[self.state](each)]
        if self.sort == "name":
            return by_name[::-1] if self.reverse else by_name
        sign = -1.0 if self.reverse else 1.0
        if self.sort == "need":
            return sorted(by_name, key=lambda line: (-sign * line.need, sign * line.total))
        if self.sort == "total":
            return sorted(by_name, key=lambda line: -sign * line.total)
        column = self.sort.removeprefix(COLUMN)
        if column not in slugs:
            return by_name
        place = slugs.index(column)

        def score(line: Line) -> tuple[bool, float]:
            # Who has nothing there is last, whichever way.
            found = line.marks[place].score
            return found is None, sign * (found or 0.0)

        return sorted(by_name, key=score)
