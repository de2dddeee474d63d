"""Queue: rows of submissions that are claimed and graded exactly once.

::

    receive ──► queued ──claim──► running ──finish──► graded
                  ▲                  │
                  │                  ├─ give_back (it made us fail; tries + 1) ──► queued, after 3: failed
                  │                  ├─ put_off (nothing could be graded) ──► queued, however often
                  │                  ├─ preempt (others wait, and it takes long) ──► queued, in a lane below
                  └──────────────────┴─ requeue_running, requeue_expired (the grader died; the third time
                                        alone, then: failed)

The row is the truth, whoever dispatches. A row is graded exactly once because ``finish``
changes it only while it is running and owned by the caller, in the same transaction that
writes the check results: a worker that lost its lease writes nothing. ``owner`` must
therefore be new at every claim.

The one process that serves an SQLite file keeps claims in its memory and says None for the owner: to the
table such a row is ``queued`` until it is finished, which is its second and last write. What goes back to
the queue does so in :mod:`grader.store.requeue`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    Table,
    bindparam,
    case,
    delete,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from grader.model.lane import Lane
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store import first_predictions, judgings, shadows, sources, standings, thinning, verdicts
from grader.store.judgings import Made
from grader.store.standings import Judged
from grader.store.tables import Assignment, Judging, Regrade, RegradeItem, Submission, utcnow

_ROWS: Final = cast(Table, Submission.__table__)
_UNSAID: Final = Made()


@dataclass(frozen=True)
class Work:
    """What grading needs to know of a submission."""

    exercise: str
    assignment_id: int
    submission: HandedIn
    rtol: float | None = None
    """The relative tolerance that a proposal asks for; None: the exercise's own."""
    rerun: bool = False
    """It is judged for a proposal: it is run, whatever an equal submission was told, and by any versions."""


@dataclass(frozen=True)
class Claimed:
    """A submission to grade now, with everything grading needs."""

    id: str
    owner: str
    """New at every claim."""
    user_id: int
    work: Work
    tries: int
    """How often grading it has failed on our side before."""
    lane: Lane = Lane.INTERACTIVE
    in_memory: bool = False
    """The table does not know of this claim."""
    queued_at: datetime | None = None
    claimed_at: datetime | None = None

    @property
    def awaited(self) -> bool:
        """Somebody sits and waits for it, and as far as is known it takes a moment."""
        return self.lane is Lane.INTERACTIVE

    @property
    def of_student(self) -> bool:
        """A student has handed it in and has no verdict, however long it takes."""
        return self.lane in Lane.INTERACTIVE.shared

    @property
    def waited(self) -> float:
        """Seconds from when it was queued until it was claimed; 0 where that is not known."""
        if self.queued_at is None or self.claimed_at is None:
            return 0.0
        return max(0.0, (self.claimed_at - self.queued_at).total_seconds())

    @property
    def holder(self) -> str | None:
        """Who holds the row, as :func:`finish` and the like ask."""
        return None if self.in_memory else self.owner


@dataclass(frozen=True)
class Waiting:
    """A queued row, without what was handed in."""

    id: str
    user_id: int
    created_at: datetime
    lane: Lane = Lane.INTERACTIVE
    tries: int = 0
    not_before: datetime | None = None
    interruptions: int = 0
    """How often the grader died while it graded this."""
    queued_at: datetime | None = None
    """Since when it waits; None: since ``created_at``."""
    work: Work | None = field(default=None, compare=False)
    """What was handed in, where it is at hand."""


_ROW: Final = _ROWS.c.id == bindparam("row_id")
_CURRENT: Final = _ROWS.c.regrade_id.is_(None)
"""What is judged for a proposal stays as it is until that is accepted."""
_FINISHED: Final = (
    update(_ROWS)
    .where(_ROW)
    .values(
        state="graded",
        regrade_id=null(),
        owner=null(),
        lease_until=null(),
        not_before=null(),
        problem=null(),
        started_at=func.coalesce(
            case((_CURRENT, bindparam("started", type_=_ROWS.c.started_at.type))), _ROWS.c.started_at
        ),
        finished_at=case(
            (_CURRENT, bindparam("finished", type_=_ROWS.c.finished_at.type)), else_=_ROWS.c.finished_at
        ),
        judging_id=case((_CURRENT, bindparam("judging")), else_=_ROWS.c.judging_id),
        score=case((_CURRENT, bindparam("points")), else_=_ROWS.c.score),
        max_score=case((_CURRENT, bindparam("points_at_most")), else_=_ROWS.c.max_score),
        passed=case((_CURRENT, bindparam("full")), else_=_ROWS.c.passed),
        thinned=or_(_ROWS.c.thinned, bindparam("is_thinned")),
    )
    .returning(_ROWS.c.user_id, _ROWS.c.assignment_id, _ROWS.c.attempt, _ROWS.c.created_at, _ROWS.c.thinned)
)
_HELD: Final = (_ROWS.c.state == "running", _ROWS.c.owner == bindparam("holder"))
_HELD_IN_MEMORY: Final = (_ROWS.c.state == "queued",)
_KEEP, _FINISH = judgings.keeping(*_HELD), _FINISHED.where(*_HELD)
_KEEP_FROM_MEMORY, _FINISH_FROM_MEMORY = (
    judgings.keeping(*_HELD_IN_MEMORY),
    _FINISHED.where(*_HELD_IN_MEMORY),
)
"""Compiled once: a class that hands in at its deadline runs little else."""


def waiting(session: Session) -> list[Waiting]:
    """All that is queued, for who keeps the queue in memory."""
    rows = session.execute(
        select(
            Submission.id,
            Submission.user_id,
            Submission.created_at,
            Submission.lane,
            Submission.tries,
            Submission.not_before,
            Submission.interruptions,
            Submission.queued_at,
        )
        .where(Submission.state == "queued")
        .order_by(Submission.created_at, Submission.attempt)
    )
    return [Waiting(*row) for row in rows]


def work_of(session: Session, submission_id: str) -> Work | None:
    """What a queued submission is; None when it is not queued any more."""
    found = session.execute(
        select(
            Assignment.exercise,
            Submission.assignment_id,
            Submission.source,
            Submission.predictions,
            Submission.seed,
            Submission.variant,
            Regrade.changes,
        )
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(Regrade, Regrade.id == Submission.regrade_id)
        .where(Submission.id == submission_id, Submission.state == "queued")
    ).first()
    if found is None:
        return None
    slug, assignment_id, *handed_in, changes = found
    return Work(slug, assignment_id, HandedIn(*handed_in), rtol_of(changes), changes is not None)


def rtol_of(changes: Mapping[str, Any] | None) -> float | None:
    """The relative tolerance that a proposal asks for."""
    return None if changes is None else changes.get("rtol")


def finish(
    session: Session,
    submission_id: str,
    owner: str | None,
    report: Report,
    *,
    started: datetime | None = None,
    made: Made = _UNSAID,
) -> datetime | None:
    """Write the verdict; as when it was written. None, and nothing is written, when ``owner`` no longer holds
    the row.

    It is current from then on, unless it was made for a proposal.

    :param owner: as it was claimed by; None: the claim is kept in memory.
    :param started: when grading began, where the table does not say.
    :raises ValueError: for a report that is not ``graded``: that is for
        :func:`grader.store.requeue.give_back`.
    """
    if report.status != "graded":
        raise ValueError("only a graded report finishes a submission; give it back instead")
    in_memory = owner is None
    holder: dict[str, object] = {"row_id": submission_id} | ({} if in_memory else {"holder": owner})
    finished = utcnow()
    values = judgings.values_of(report, made, started, finished)
    # Past the ORM, which takes as long again for a statement that has nothing to do with objects.
    connection = session.connection()
    kept = connection.execute(_KEEP_FROM_MEMORY if in_memory else _KEEP, holder | values).first()
    if kept is None:
        return None
    judging_id, regrade_id = kept
    held = connection.execute(
        _FINISH_FROM_MEMORY if in_memory else _FINISH,
        holder
        | {
            "started": started,
            "finished": finished,
            "judging": judging_id,
            "points": report.score,
            "points_at_most": report.max_score,
            "full": report.passed,
            "is_thinned": report.thinned,
        },
    ).first()
    if held is None:
        # On a database server another one may have finished it between the two statements.
        session.execute(delete(Judging).where(Judging.id == judging_id))
        return None
    judgings.keep_results(session, judging_id, report)
    if made.tree is not None:
        sources.keep_tree(session, submission_id, made.tree)
    if made.shadow:
        shadows.want(session, judging_id)
    if made.key is not None and made.cached_from is None:
        verdicts.keep(session, made.key, judging_id)
    elif made.key is not None:
        verdicts.used(session, made.key)
    if regrade_id is not None:
        session.execute(
            update(RegradeItem)
            .where(RegradeItem.regrade_id == regrade_id, RegradeItem.submission_id == submission_id)
            .values(after_id=judging_id)
            .execution_options(synchronize_session=False)
        )
        if held.thinned:
            judgings.thin(session, [submission_id])
        return finished
    new = Judged(
        held.user_id,
        submission_id,
        held.attempt,
        held.created_at,
        report.score,
        report.max_score,
        report.passed,
    )
    standings.judged(session, held.assignment_id, new)
    first_predictions.judged(
        session, held.user_id, held.assignment_id, submission_id, held.attempt, held.created_at, report
    )
    if held.attempt > thinning.FEWEST:
        thinning.thin(session, held.user_id, held.assignment_id)
    return finished
