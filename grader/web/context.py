"""Context of the application: what the entry point hands to the web, in one place. No module keeps state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Protocol, TypeVar, cast

from flask import current_app, request
from limits.strategies import RateLimiter

from grader.dispatch.base import Ahead, Dispatcher, Tried, Written
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.model.text import Language, Text
from grader.model.typeset import Typeset
from grader.settings import Settings
from grader.store.database import Store
from grader.web.hashing import PasswordTurns
from grader.web.http_threads import aside

EXTENSION = "grader"
MOST_WAITING = 48
"""Requests that may wait for a verdict at once. Each holds a thread of the server, and when a whole class
submits in one minute there must be threads left that answer."""
BUSY_SECONDS = 5
"""When a guest is to try again while all of them wait."""
STALLED_SECONDS = 5
"""When to ask again for a verdict while nothing can be graded."""


@dataclass(frozen=True)
class Asked:
    """What somebody typed who forgot a password, and in which language."""

    typed: str
    language: Language


@dataclass(frozen=True)
class Welcome:
    """Who is to be sent a link to a first password, for which course, and in which language."""

    user_ids: tuple[int, ...]
    course_id: int
    title: str
    language: Language


class Mailer(Protocol):
    """What sends mails; :mod:`grader.web.accounts.mail` has the real one."""

    def ask(self, asked: Asked | Welcome) -> bool:
        """See to it later. False when too much waits already, and nothing will come of it."""


class Exercises(Protocol):
    """Where exercises come from; :mod:`grader.exercises` has the real one."""

    def all(self) -> Sequence[Exercise]:
        """Every exercise, in order."""

    def get(self, slug: str) -> Exercise:
        """The exercise with this slug. Raises ``UnknownExercise``."""


Typesetter = Callable[[Exercise, str, str], Typeset]
"""An exercise, the name of one of its formulas, what was typed: how it is understood."""

Reader = Callable[[Exercise, str, str, bool], Text | None]
"""An exercise, the name of one of its answers, what was typed, whether it is one number of several: why it
cannot be read."""


Probe = Callable[[], str | None]
"""Asks whether something that is needed is well: why not, in words that name no file and no address; else
None. Answers within some seconds and never raises."""

T = TypeVar("T")


@dataclass(frozen=True)
class Services:
    """One per application. ``limiter`` counts in this process's memory.

    ``typeset`` is None where formulas are not shown back, ``unreadable`` where answers are not read
    beforehand, ``mailer`` where no mail is sent. ``demo_logins`` is empty but in a demo: role → login.
    ``probes`` are what ``/readyz`` asks besides the database and the dispatcher.
    """

    settings: Settings
    store: Store
    exercises: Exercises
    dispatcher: Dispatcher
    limiter: RateLimiter
    waiting: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_WAITING))
    hashing: PasswordTurns = field(default_factory=lambda: PasswordTurns(aside=aside))
    typeset: Typesetter | None = None
    unreadable: Reader | None = None
    mailer: Mailer | None = None
    demo_logins: Mapping[str, str] = field(default_factory=dict)
    probes: Mapping[str, Probe] = field(default_factory=dict)

    def judge(self, exercise: str, submission: Submission, seconds: float, *, draw: bool) -> Tried:
        """Have a guest's try judged and wait for it, unless too many requests wait already."""
        if not self.waiting.acquire(blocking=False):
            return Tried(again=BUSY_SECONDS)
        try:
            with aside():
                return self.dispatcher.judge(exercise, submission, seconds, draw=draw)
        finally:
            self.waiting.release()

    def wait(self, submission_id: str, seconds: float) -> bool:
        """Wait for a verdict, unless too many requests do so already. Whether there was room to."""
        return self._waiting(self.dispatcher.wait, submission_id, seconds) is not None

    def wait_if_soon(self, submission_id: str, seconds: float) -> Ahead | Written | None:
        """The same, unless it is expected much later: then a thread would be held for nothing, and what is
        before it is returned. Else the verdict, where it is at hand; None: look at the row."""
        ahead = self.dispatcher.far_off(submission_id, 2 * seconds)
        return ahead or self._waiting(self.dispatcher.verdict, submission_id, seconds)

    def _waiting(self, wait: Callable[[str, float], T], submission_id: str, seconds: float) -> T | None:
        if not self.waiting.acquire(blocking=False):
            return None
        try:
            with aside():
                return wait(submission_id, seconds)
        finally:
            self.waiting.release()


def services() -> Services:
    """The current application's services."""
    return cast(Services, current_app.extensions[EXTENSION])


def by_script() -> bool:
    """Whether the page's own script asks: it wants the part of the page that changes, not all of it."""
    return request.headers.get("HX-Request") == "true"
