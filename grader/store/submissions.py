"""Submissions: received, claimed, graded exactly once.

::

    receive ──► queued ──claim──► running ──finish──► graded
                  ▲                  │
                  │                  ├─ give_back (we failed; tries + 1) ──► queued, after 3: failed
                  └──────────────────┴─ requeue_running, requeue_expired (the grader died)

The row is the truth, whoever dispatches. A row is graded exactly once because ``finish``
changes it only while it is running and owned by the caller, in the same transaction that
writes the check results: a worker that lost its lease writes nothing. ``owner`` must
therefore be new at every claim.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store.tables import Assignment, CheckResult, State, Submission, User, utcnow

MAX_TRIES = 3
"""After so many failures of ours a submission is set aside as ``failed``."""
MAX_INTERRUPTIONS = 10
"""A submission beneath which the grader died so often is set aside, too: it may be what kills it."""


@dataclass(frozen=True)
class Claimed:
    """A submission to grade now, with everything grading needs."""

    id: str
    owner: str
    exercise: str
    submission: HandedIn
    tries: int
    """How often grading it has failed on our side before."""


@dataclass(frozen=True)
class Queue:
    """How many submissions wait and how many are being graded."""

    queued: int
    running: int


def receive(
    session: Session,
    *,
    assignment_id: int,
    user_id: int,
    source: bytes,
    predictions: dict[str, str],
    seed: int,
    exercise_digest: str,
    request_key: str | None = None,
    now: datetime | None = None,
) -> Submission:
    """Store what was handed in as ``queued``, before anything is judged.

    With a ``request_key`` that this user has sent before, the row of the first time is returned
    and nothing is stored. Whether the assignment is open is the caller's to decide.

    :raises UsageError: when there is no such user, or the request key is longer than 64.
    """
    raise NotImplementedError


def claim(
    session: Session, owner: str, lease_seconds: float, *, now: datetime | None = None
) -> Claimed | None:
    """Take one queued submission, or None when there is none.

    Fair between students: first the student with the fewest running, then the one served
    longest ago; of that student the oldest. One student's hundred submissions delay another's
    one by at most one.

    :param owner: unique to this claim, at most 128 characters.
    """
    raise NotImplementedError


def finish(
    session: Session, submission_id: str, owner: str, report: Report, *, now: datetime | None = None
) -> bool:
    """Write the verdict. False, and nothing is written, when ``owner`` no longer holds the row.

    :raises ValueError: for a report that is not ``graded``: that is for :func:`give_back`.
    """
    raise NotImplementedError


def give_back(
    session: Session,
    submission_id: str,
    owner: str,
    problem: str,
    retry: bool,
    *,
    delay_seconds: float = 0.0,
    now: datetime | None = None,
) -> State | None:
    """We failed to grade it: queue it again, not before ``delay_seconds`` have passed.

    After :data:`MAX_TRIES` failures, or at once when ``retry`` is false, it becomes ``failed``.
    Returns the new state; None, and nothing is written, when ``owner`` no longer holds the row.
    """
    raise NotImplementedError


def requeue_running(session: Session, *, now: datetime | None = None) -> int:
    """Queue everything that is ``running`` again; how many. Only for who knows that no other grader lives."""
    raise NotImplementedError


def requeue_expired(session: Session, now: datetime | None = None) -> int:
    """Queue again what is running on a lease that has run out; how many."""
    raise NotImplementedError


def regrade(
    session: Session, *, assignment_id: int | None = None, submission_ids: Iterable[str] | None = None
) -> Sequence[str]:
    """Queue graded and failed submissions again: an assignment's, or those named. Their ids.

    The scores and reports they have stay until the new ones arrive.
    """
    raise NotImplementedError


def get(session: Session, submission_id: str) -> Submission | None:
    """The submission with this public id."""
    raise NotImplementedError


def state_of(session: Session, submission_id: str) -> State | None:
    """Its state alone, without its source and report."""
    raise NotImplementedError


def attempts(session: Session, user_id: int, assignment_id: int) -> Sequence[Submission]:
    """A student's submissions to an assignment, newest first."""
    raise NotImplementedError


def check_results(session: Session, submission_id: str) -> Sequence[CheckResult]:
    """The verdicts on its checks, in the exercise's order."""
    raise NotImplementedError


def report_of(row: Submission) -> Report | None:
    """The stored report, or None before the first grading."""
    raise NotImplementedError


def queue(session: Session) -> Queue:
    """How long the queue is."""
    raise NotImplementedError
