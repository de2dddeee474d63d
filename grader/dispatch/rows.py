"""Rows for a dispatcher: by an order kept in memory, or by looking for one at each claim.

One process serves an SQLite file, so it keeps the queue itself (:mod:`grader.dispatch.rows_in_memory`): what
is handed in comes with its row, a claim writes nothing. A database server's rows others may serve as well,
and each claim looks for the one whose turn it is (:mod:`grader.dispatch.rows_in_table`).
"""

from __future__ import annotations

from typing import Protocol

from grader.model.lane import Lane
from grader.store import waiting
from grader.store.queue import Claimed, Waiting
from grader.store.waiting import Place


class Rows(Protocol):
    """Queued rows, and those that are claimed. Safe for threads.

    :ivar look_seconds: once in so many it may be asked whether somebody waits.
    """

    look_seconds: float

    def start(self) -> int:
        """Queue what a stopped process left running; how many. Call it once, before all others.

        :raises GraderError: the table cannot be used.
        """

    def arrived(self, row: Waiting | None) -> None:
        """A row was stored; None: one of which no more is known."""

    def claim(self, owner: str) -> Claimed | None:
        """Take the row whose turn it is. ``owner`` is unique to this claim."""

    def ended(self, claimed: Claimed) -> None:
        """What was claimed is not being graded any more, whatever came of it."""

    def again(self, claimed: Claimed, delay: float, *, tries: int, lane: Lane | None = None) -> None:
        """It is queued again, in ``lane`` unless that is None, and due after ``delay`` seconds."""

    def abandon(self) -> None:
        """Who grades them ends while some are claimed: another may take those at once."""

    def lost(self, claimed: Claimed) -> None:
        """It could not be written that it is queued again. It is so within some seconds."""

    def resume(self) -> None:
        """What was put off because nothing could be graded is due now."""

    def somebody_waits(self) -> bool:
        """Whether anything of the first lane waits for want of a thread."""

    def seconds(self) -> float:
        """After so many it is worth claiming again, unasked."""

    def place(self, submission_id: str) -> Place | None:
        """Where it stands; None when it neither waits nor runs."""

    def waits(self, submission_id: str) -> bool:
        """Whether it waits or runs, as far as is known without asking the database."""

    def counts(self) -> waiting.Lengths:
        """How many wait, and how many run."""
