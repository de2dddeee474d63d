"""Judgings: each verdict on a submission is kept beside the earlier ones; the submission points to one.

:mod:`grader.store.queue` writes them, and the first one of a submission is current at once. A judging that
was made for a proposal becomes current when that is accepted: :func:`make_current`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

import msgspec
from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased, defer
from sqlalchemy.sql.dml import ReturningInsert

from grader.model.report import Report
from grader.model.report_size import verdicts_only
from grader.store import first_predictions
from grader.store.tables import CheckResult, Judging, Override, Picture, Submission

_ROWS: Final = cast(Table, Submission.__table__)
_JUDGINGS: Final = cast(Table, Judging.__table__)
_INSERT_RESULTS: Final = insert(cast(Table, CheckResult.__table__))
_GIVEN: Final = (
    "exercise_digest", "grader", "torch", "worker", "isolation", "phases",
    "claimed_at", "started_at", "ran_at", "judged_at", "finished_at",
    "score", "max_score", "passed", "alike", "report", "numpy", "python", "cpu", "cached_from",
)  # fmt: skip


class Times(NamedTuple):
    """When a judging came to which phase. When it was queued, and written, the store knows."""

    claimed: datetime | None = None
    ran: datetime | None = None
    judged: datetime | None = None


class Made(NamedTuple):
    """By whom, on what and when a judging was made."""

    grader: str | None = None
    torch: str | None = None
    worker: str | None = None
    tree: str | None = None
    """A hash of the source's normalised syntax tree."""
    numpy: str | None = None
    python: str | None = None
    cpu: str | None = None
    cached_from: str | None = None
    """The worker that judged an equal submission; None: it was run."""
    phases: dict[str, float] | None = None
    """Milliseconds by phase, where these are not those in the report."""
    key: str | None = None
    """Under which equal submissions find this verdict; None: it is no other's."""
    shadow: bool = False
    """Whether it is to be judged again by another worker, and compared."""
    times: Times = Times()


class Kept(NamedTuple):
    """What was kept of a judging: its number, and the proposal it was made for."""

    id: int
    regrade_id: int | None


def keeping(*held: ColumnElement[bool]) -> ReturningInsert[int, int | None]:
    """The statement that keeps a judging of the submission ``row_id`` if it is still ``held``. Made once."""
    given = [bindparam(name, type_=_JUDGINGS.c[name].type) for name in _GIVEN]
    of_row = select(_ROWS.c.id, _ROWS.c.regrade_id, _ROWS.c.seed, _ROWS.c.queued_at, *given)
    return (
        insert(_JUDGINGS)
        .from_select(
            ["submission_id", "regrade_id", "seed", "queued_at", *_GIVEN],
            of_row.where(_ROWS.c.id == bindparam("row_id"), *held),
        )
        .returning(_JUDGINGS.c.id, _JUDGINGS.c.regrade_id)
    )


def values_of(report: Report, made: Made, started: datetime | None, finished: datetime) -> dict[str, object]:
    """What :func:`keeping` is given."""
    return {
        "exercise_digest": report.exercise_digest,
        "grader": made.grader,
        "torch": made.torch,
        "worker": made.worker,
        "isolation": report.isolation,
        "phases": made.phases or {**report.phases, "all": report.duration_ms},
        "claimed_at": made.times.claimed,
        "started_at": started,
        "ran_at": made.times.ran,
        "judged_at": made.times.judged,
        "finished_at": finished,
        "score": report.score,
        "max_score": report.max_score,
        "passed": report.passed,
        "alike": None if made.tree is None else alike(report, made.tree),
        "report": msgspec.json.encode(report).decode(),
        "numpy": made.numpy,
        "python": made.python,
        "cpu": made.cpu,
        "cached_from": made.cached_from,
    }


def keep_results(session: Session, judging_id: int, report: Report) -> None:
    """Keep the verdict on each check."""
    rows = [
        {
            "judging_id": judging_id,
            "check_id": check.id,
            "position": position,
            "kind": check.kind,
            "verdict": check.verdict,
            "points": check.points,
            "max_points": check.max_points,
            "code": check.diagnosis.code if check.diagnosis is not None else None,
        }
        for position, check in enumerate(report.checks)
    ]
    if rows:
        session.connection().execute(_INSERT_RESULTS, rows)


def alike(report: Report, tree: str) -> str:
    """The name of answers that can be commented alike: the same exercise about the same numbers, the same
    codes, the same tree."""
    codes = [
        [check.id, check.verdict, check.diagnosis.code if check.diagnosis else None]
        for check in report.checks
    ]
    own = [report.variant] if report.variant else []
    return hashlib.sha256(msgspec.json.encode([report.exercise, codes, tree, *own])).hexdigest()


def of_submission(session: Session, submission_id: str) -> Sequence[Judging]:
    """Every judging of a submission, oldest first, without the reports."""
    return session.scalars(
        select(Judging)
        .where(Judging.submission_id == submission_id)
        .order_by(Judging.id)
        .options(defer(Judging.report, raiseload=True))
    ).all()


def make_current(session: Session, which: Select[Any]) -> None:
    """Make each of these judgings the current one of its submission. Standings are the caller's to refresh.

    Checks that were overridden by hand stay as they were set. Pictures of another version of the exercise go.
    Ten thousand take a few statements: meanwhile nobody else writes.

    :param which: a query of their ids, at most one of a submission.
    """
    was = aliased(Judging)
    of_another = (
        select(Submission.id)
        .join(was, was.id == Submission.judging_id)
        .join(Judging, Judging.submission_id == Submission.id)
        .where(Judging.id.in_(which), was.exercise_digest != Judging.exercise_digest)
    )
    session.execute(
        delete(Picture)
        .where(Picture.submission_id.in_(of_another))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Submission)
        .where(Judging.submission_id == Submission.id, Judging.id.in_(which))
        .values(
            judging_id=Judging.id, score=Judging.score, max_score=Judging.max_score, passed=Judging.passed
        )
        .execution_options(synchronize_session=False)
    )
    by_hand = (
        select(Override.submission_id)
        .join(Judging, Judging.submission_id == Override.submission_id)
        .where(Judging.id.in_(which))
        .distinct()
    )
    for submission_id in session.scalars(by_hand).all():
        if submission_id is not None:
            rescore(session, submission_id)
    first_predictions.follow(session, which)


def rescore(session: Session, submission_id: str) -> None:
    """A submission's score is that of its current judging, but for the checks that were set by hand."""
    judging = session.execute(
        select(Judging.id, Judging.score, Judging.max_score)
        .join(Submission, Submission.judging_id == Judging.id)
        .where(Submission.id == submission_id)
    ).one()
    by_hand = overridden(session, submission_id)
    points = judging.score
    if by_hand:
        given = select(CheckResult.check_id, CheckResult.points).where(CheckResult.judging_id == judging.id)
        points += sum(by_hand[check] - was for check, was in session.execute(given) if check in by_hand)
    session.execute(
        update(Submission)
        .where(Submission.id == submission_id)
        .values(score=points, passed=points >= judging.max_score)
        .execution_options(synchronize_session=False)
    )


def overridden(session: Session, submission_id: str) -> dict[str, float]:
    """The checks of a submission whose points were set by hand, with these points."""
    newest = (
        select(func.max(Override.id))
        .where(Override.submission_id == submission_id)
        .group_by(Override.check_id)
    )
    rows = session.execute(select(Override.check_id, Override.score).where(Override.id.in_(newest)))
    return {check: score for check, score in rows if check is not None and score is not None}


def thin(session: Session, submission_ids: Sequence[str]) -> None:
    """Of every judging of these submissions, keep the score and the verdicts alone."""
    wanted = select(Judging.id, Judging.report).where(Judging.submission_id.in_(submission_ids))
    for id_, text in session.execute(wanted).all():
        report = verdicts_only(msgspec.json.decode(text, type=Report))
        session.execute(
            update(Judging)
            .where(Judging.id == id_)
            .values(report=msgspec.json.encode(report).decode())
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(Submission)
        .where(Submission.id.in_(submission_ids))
        .values(thinned=True)
        .execution_options(synchronize_session=False)
    )
