"""Dispatcher: what it is to those who are handed one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from grader.model.exercise import Exercise
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.submission import Submission
from grader.store.queue import Waiting
from grader.store.waiting import InPhase
from grader.store.workers import Seen

Grade = Callable[[Exercise, Submission], Report]
"""Judges one submission. A ``not-gradable`` report or any exception is our failure."""
Illustrate = Callable[[Exercise, Submission, Report | None], Pictures]
"""Draws one submission. Whatever goes wrong costs the picture and nothing else."""
Prepare = Callable[[Exercise, int, bool], bool]
"""Does a small piece of work ahead for an assignment's later attempts: works out what is right, or where the
last is True why other answers are wrong; False when nothing is left to do."""
Exercises = Callable[[str], Exercise]
"""The exercise with a slug. Raises ``UnknownExercise``."""


@dataclass(frozen=True)
class Status:
    """How a dispatcher is. ``ready`` is what a load balancer wants to know."""

    alive: int
    """Submissions that may be graded at once, by threads or workers that are alive."""
    expected: int
    queued: int
    running: int
    broker: bool | None = None
    """Whether the broker answers; None: there is none."""
    workers: Sequence[Seen] = ()
    """Processes that grade, where there are any beside the server."""
    parts: tuple[InPhase, ...] = field(default=(), compare=False)
    """What waits and runs, by phase and lane, where the table does not tell it."""

    @property
    def processes(self) -> int | None:
        """Worker processes that are alive; None: the server's own threads grade, on this one machine."""
        return None if self.broker is None else sum(each.alive for each in self.workers)

    @property
    def ready(self) -> bool:
        """Whether anything would be graded."""
        return self.alive > 0


@dataclass(frozen=True)
class Ahead:
    """What a submission without a verdict still has before it."""

    before: int
    """So many submissions are graded before it."""
    seconds: float
    """About so long until its verdict, by how long others took lately."""
    running: bool
    """It is being graded."""
    stalled: bool = False
    """Nothing can be graded at this moment – no grader is alive, or none can do anything – and nobody knows
    how long that lasts; ``seconds`` says nothing then."""
    overdue: bool = False
    """It has been graded for longer than others took, and nobody knows how long that lasts; ``seconds`` only
    says when to ask again."""


def is_soon(ahead: Ahead | None, seconds: float) -> bool:
    """Whether a verdict is expected within so many seconds; where nobody knows, it may be."""
    return ahead is None or ahead.stalled or ahead.overdue or ahead.seconds <= seconds


@dataclass(frozen=True)
class Written:
    """A verdict as it was written."""

    report: Report
    finished_at: datetime


@dataclass(frozen=True)
class Tried:
    """What came of a guest's try.

    :ivar report: None: none came in time, or it could not be judged.
    :ivar pictures: None: none are drawn, or not in time.
    :ivar again: where there is no report for now: in so many seconds there may be room; 0: it failed.
    """

    report: Report | None = None
    pictures: Pictures | None = None
    again: int = 0


class Dispatcher(Protocol):
    """Sees to it that every queued submission is graded. The row in the store is the truth:
    a call that is lost only delays, because queued rows are looked for anyway.

    One that was given an :data:`Illustrate` also draws what is asked for, when nothing waits for a verdict,
    and leaves the pictures in the store: who shows them looks there, and waits for nothing."""

    def submit(self, row: Waiting | None = None) -> None:
        """Say that a submission has been stored (committed). Returns at once and never fails.

        :param row: all about it, where the caller has it at hand; None: it is looked for.
        """

    def ahead(self, submission_id: str, session: Session | None = None) -> Ahead | None:
        """What it still has before it; None when it has its verdict, failed, or does not exist.

        :param session: the caller's own transaction, where the table is to be asked in it.
        """

    def far_off(self, submission_id: str, seconds: float) -> Ahead | None:
        """What it has before it, where its verdict is expected later than within so many seconds; None: it is
        not, or nobody knows. The database is not asked where that is clear."""

    def wait(self, submission_id: str, seconds: float) -> bool:
        """Block until the submission is graded or failed, at most ``seconds``. Whether it is."""

    def verdict(self, submission_id: str, seconds: float) -> Written | None:
        """Block likewise. The verdict, where this process wrote it meanwhile; None: look at the row."""

    def draw(self, submission_id: str, exercise: str) -> None:
        """Have the pictures of a graded submission to ``exercise`` drawn. Returns at once and never fails."""

    def judge(self, exercise: str, submission: Submission, seconds: float, *, draw: bool) -> Tried:
        """Judge what a guest tries, behind all that students wait for, and wait for it; nothing is stored.

        :param seconds: the longest to wait for the verdict.
        :param draw: whether pictures are wanted, too.
        """

    def status(self) -> Status:
        """How it is, for ``/readyz`` and the metrics."""

    def close(self) -> None:
        """Stop taking work, let what is running finish up to a bound, and return. May be called twice."""
