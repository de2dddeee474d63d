"""Submissions: received, claimed, graded exactly once.

::

    receive ──► queued ──claim──► running ──finish──► graded
                  ▲                  │
                  │                  ├─ give_back (it made us fail; tries + 1) ──► queued, after 3: failed
                  │                  ├─ put_off (nothing could be graded) ──► queued, however often
                  └──────────────────┴─ requeue_running, requeue_expired (the grader died)

The row is the truth, whoever dispatches. A row is graded exactly once because ``finish``
changes it only while it is running and owned by the caller, in the same transaction that
writes the check results: a worker that lost its lease writes nothing. ``owner`` must
therefore be new at every claim.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session, aliased, load_only

from grader.errors import UsageError
from grader.model.report import Report
from grader.model.submission import Submission as HandedIn
from grader.store.tables import Assignment, CheckResult, State, Submission, User, utcnow

MAX_TRIES = 3
"""After so many failures of ours a submission is set aside as ``failed``."""
MAX_INTERRUPTIONS = 10
"""A submission beneath which the grader died so often is set aside, too: it may be what kills it."""
_MAX_PROBLEM = 2000
_CANDIDATES = 32
"""Students looked at by one claim, should others be claiming theirs at the same moment."""


@dataclass(frozen=True)
class Claimed:
    """A submission to grade now, with everything grading needs."""

    id: str
    owner: str
    exercise: str
    assignment_id: int
    submission: HandedIn
    tries: int
    """How often grading it has failed on our side before."""


@dataclass(frozen=True)
class Waiting:
    """A queued row, without what was handed in."""

    id: str
    user_id: int
    created_at: datetime
    regrading: bool = False
    tries: int = 0
    not_before: datetime | None = None


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
    seed: int | Callable[[Collection[int]], int],
    exercise_digest: str,
    request_key: str | None = None,
    now: datetime | None = None,
) -> Submission:
    """Store what was handed in as ``queued``, before anything is judged.

    :param seed: draws its hidden cases; or what draws the seed, given those of this student's earlier
        attempts.

    With a ``request_key`` that this user has sent before, the row of the first time is returned
    and nothing is stored. Whether the assignment is open is the caller's to decide.

    :raises UsageError: when there is no such user, or the request key is longer than 64.
    """
    if request_key is not None and len(request_key) > 64:
        raise UsageError("a request key has at most 64 characters.")
    # The student's row is locked until the end, so that two POSTs of one student are stored one
    # after the other: the second sees the first's request key and attempt number.
    if session.scalar(select(User.id).where(User.id == user_id).with_for_update()) is None:
        raise UsageError(f"there is no user {user_id}.")
    if request_key is not None:
        earlier = session.scalar(
            select(Submission).where(Submission.user_id == user_id, Submission.request_key == request_key)
        )
        if earlier is not None:
            return earlier
    last = session.scalar(
        select(func.max(Submission.attempt)).where(
            Submission.user_id == user_id, Submission.assignment_id == assignment_id
        )
    )
    if callable(seed):
        mine = Submission.user_id == user_id, Submission.assignment_id == assignment_id
        seed = seed(session.scalars(select(Submission.seed).where(*mine)).all())
    row = Submission(
        id=str(uuid.uuid4()),
        assignment_id=assignment_id,
        user_id=user_id,
        source=source,
        predictions=predictions,
        seed=seed,
        exercise_digest=exercise_digest,
        state="queued",
        attempt=(last or 0) + 1,
        request_key=request_key,
        created_at=now or utcnow(),
        tries=0,
        interruptions=0,
    )
    session.add(row)
    session.flush()
    return row


def claim(
    session: Session, owner: str, lease_seconds: float, *, now: datetime | None = None
) -> Claimed | None:
    """Take one queued submission, or None when there is none.

    Fair between students: first the student with the fewest running, then the one served
    longest ago; of that student the oldest. One student's hundred submissions delay another's
    one by at most one. What has a report and is graded anew waits for everything that has none:
    behind that nobody sits and waits.

    :param owner: unique to this claim, at most 128 characters.
    """
    now = now or utcnow()
    for regrading in (False, True):
        due = (
            Submission.state == "queued",
            Submission.regrading.is_(regrading),
            or_(Submission.not_before.is_(None), Submission.not_before <= now),
        )
        for user_id in session.scalars(_students_in_turn(due)).all():
            found = session.execute(
                select(Submission, Assignment.exercise)
                .join(Assignment, Assignment.id == Submission.assignment_id)
                .where(Submission.user_id == user_id, *due)
                .order_by(Submission.created_at, Submission.attempt)
                .limit(1)
                # Where writers do not exclude each other, a row that another one is claiming at
                # this moment is passed over.
                .with_for_update(of=Submission, skip_locked=True)
            ).first()
            if found is None:
                continue
            row, exercise = found
            row.state, row.owner, row.started_at = "running", owner, now
            row.lease_until, row.not_before = now + timedelta(seconds=lease_seconds), None
            session.flush()
            handed_in = HandedIn(source=row.source, predictions=row.predictions, seed=row.seed)
            return Claimed(row.id, owner, exercise, row.assignment_id, handed_in, row.tries)
    return None


def waiting(session: Session) -> list[Waiting]:
    """All that is queued, for who keeps the queue in memory."""
    rows = session.execute(
        select(
            Submission.id,
            Submission.user_id,
            Submission.created_at,
            Submission.regrading,
            Submission.tries,
            Submission.not_before,
        )
        .where(Submission.state == "queued")
        .order_by(Submission.created_at, Submission.attempt)
    )
    return [Waiting(*row) for row in rows]


def claim_row(
    session: Session, submission_id: str, owner: str, lease_seconds: float, *, now: datetime | None = None
) -> Claimed | None:
    """Take this queued submission; None when it is not queued any more.

    :param owner: unique to this claim, at most 128 characters.
    """
    now = now or utcnow()
    taken = session.execute(
        update(Submission)
        .where(Submission.id == submission_id, Submission.state == "queued")
        .values(
            state="running",
            owner=owner,
            started_at=now,
            lease_until=now + timedelta(seconds=lease_seconds),
            not_before=None,
        )
        .returning(
            Submission.assignment_id,
            Submission.source,
            Submission.predictions,
            Submission.seed,
            Submission.tries,
        )
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return None
    assignment_id, source, predictions, seed, tries = taken
    exercise = session.scalar(select(Assignment.exercise).where(Assignment.id == assignment_id))
    assert exercise is not None
    return Claimed(submission_id, owner, exercise, assignment_id, HandedIn(source, predictions, seed), tries)


def finish(
    session: Session, submission_id: str, owner: str, report: Report, *, now: datetime | None = None
) -> bool:
    """Write the verdict. False, and nothing is written, when ``owner`` no longer holds the row.

    :raises ValueError: for a report that is not ``graded``: that is for :func:`give_back`.
    """
    if report.status != "graded":
        raise ValueError("only a graded report finishes a submission; give it back instead")
    held = session.scalar(
        _if_held(submission_id, owner)
        .values(
            state="graded",
            owner=None,
            lease_until=None,
            finished_at=now or utcnow(),
            exercise_digest=report.exercise_digest,
            score=report.score,
            max_score=report.max_score,
            passed=report.passed,
            report=msgspec.json.encode(report).decode(),
            problem=None,
        )
        .returning(Submission.id)
    )
    if held is None:
        return False
    session.execute(delete(CheckResult).where(CheckResult.submission_id == submission_id))
    rows = [
        {
            "submission_id": submission_id,
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
        session.execute(insert(CheckResult), rows)
    return True


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
    now = now or utcnow()
    failed = (Submission.tries + 1 >= MAX_TRIES) if retry else true()
    return session.scalar(
        _if_held(submission_id, owner)
        .values(
            state=case((failed, "failed"), else_="queued"),
            finished_at=case((failed, now), else_=null()),
            not_before=now + timedelta(seconds=delay_seconds),
            tries=Submission.tries + 1,
            owner=None,
            lease_until=None,
            problem=_text(problem),
        )
        .returning(Submission.state)
    )


def put_off(
    session: Session,
    submission_id: str,
    owner: str,
    problem: str,
    *,
    delay_seconds: float,
    now: datetime | None = None,
) -> bool:
    """We could not grade anything at this moment: queue it again, as if it had not been tried.

    False, and nothing is written, when ``owner`` no longer holds the row. See :func:`resume`.
    """
    held = session.scalar(
        _if_held(submission_id, owner)
        .values(
            state="queued",
            not_before=(now or utcnow()) + timedelta(seconds=delay_seconds),
            owner=None,
            lease_until=None,
            problem=_text(problem),
        )
        .returning(Submission.id)
    )
    return held is not None


def resume(session: Session) -> int:
    """What was put off is due now: grading works again. How many."""
    changed = session.scalars(
        update(Submission)
        .where(Submission.state == "queued", Submission.not_before.is_not(None), Submission.tries == 0)
        .values(not_before=None)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(changed)


def requeue_running(session: Session, *, now: datetime | None = None) -> int:
    """Queue everything that is ``running`` again; how many. Only for who knows that no other grader lives."""
    return _interrupted(session, now or utcnow(), Submission.state == "running")


def requeue_expired(session: Session, now: datetime | None = None) -> int:
    """Queue again what is running on a lease that has run out; how many."""
    now = now or utcnow()
    return _interrupted(session, now, Submission.state == "running", Submission.lease_until < now)


def overdue(session: Session, *, now: datetime | None = None) -> set[str]:
    """The owners whose lease has run out."""
    wanted = select(Submission.owner).where(
        Submission.state == "running", Submission.lease_until < (now or utcnow())
    )
    return {owner for owner in session.scalars(wanted) if owner is not None}


def any_lost(session: Session, owners: Collection[str], *, now: datetime | None = None) -> bool:
    """Whether a row is running on a lease that has run out, or owned by none of ``owners``."""
    amiss = or_(Submission.lease_until < (now or utcnow()), Submission.owner.not_in(list(owners)))
    return (
        session.scalar(select(Submission.id).where(Submission.state == "running", amiss).limit(1)) is not None
    )


def requeue_lost(session: Session, owners: Collection[str]) -> int:
    """Queue again what is running by its row and owned by none of ``owners``; how many.

    Only for who knows that no other grader lives. That the store failed us is nobody's interruption.
    """
    changed = session.scalars(
        update(Submission)
        .where(Submission.state == "running", Submission.owner.not_in(list(owners)))
        .values(state="queued", owner=None, lease_until=None)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(changed)


def regrade(
    session: Session, *, assignment_id: int | None = None, submission_ids: Iterable[str] | None = None
) -> Sequence[str]:
    """Queue graded and failed submissions again: an assignment's, or those named. Their ids.

    The scores and reports they have stay until the new ones arrive.
    """
    if (assignment_id is None) == (submission_ids is None):
        raise ValueError("name either an assignment or submissions")
    which = (
        Submission.id.in_(list(submission_ids))
        if submission_ids is not None
        else Submission.assignment_id == assignment_id
    )
    return session.scalars(
        update(Submission)
        .where(which, Submission.state.in_(("graded", "failed")))
        .values(
            state="queued",
            # A student whose submission we failed to grade has been waiting all along.
            regrading=Submission.report.is_not(None),
            tries=0,
            interruptions=0,
            not_before=None,
            finished_at=None,
            problem=None,
        )
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    ).all()


def graded_ids(
    session: Session, assignment_id: int, *, user_id: int | None = None, failed_only: bool = False
) -> Sequence[str]:
    """What can be graded again of an assignment: all, one student's, or what could not be graded."""
    states = ("failed",) if failed_only else ("graded", "failed")
    wanted = select(Submission.id).where(
        Submission.assignment_id == assignment_id, Submission.state.in_(states)
    )
    return session.scalars(wanted if user_id is None else wanted.where(Submission.user_id == user_id)).all()


def get(session: Session, submission_id: str) -> Submission | None:
    """The submission with this public id."""
    return session.get(Submission, submission_id)


def state_of(session: Session, submission_id: str) -> State | None:
    """Its state alone, without its source and report."""
    return session.scalar(select(Submission.state).where(Submission.id == submission_id))


def attempts(session: Session, user_id: int, assignment_id: int) -> Sequence[Submission]:
    """A student's submissions to an assignment, newest first."""
    return session.scalars(
        select(Submission)
        .where(Submission.user_id == user_id, Submission.assignment_id == assignment_id)
        .order_by(Submission.attempt.desc())
    ).all()


def latest(session: Session, user_id: int, assignment_id: int) -> Submission | None:
    """A student's newest submission to an assignment."""
    return session.scalar(
        select(Submission)
        .where(Submission.user_id == user_id, Submission.assignment_id == assignment_id)
        .order_by(Submission.attempt.desc())
        .limit(1)
    )


def latest_id(session: Session, user_id: int, assignment_id: int) -> str | None:
    """The id of a student's newest submission to an assignment."""
    return session.scalar(
        select(Submission.id)
        .where(Submission.user_id == user_id, Submission.assignment_id == assignment_id)
        .order_by(Submission.attempt.desc())
        .limit(1)
    )


def outlines(
    session: Session, user_id: int, assignment_id: int, *, most: int, before: int | None = None
) -> Sequence[Submission]:
    """The newest ``most`` attempts, newest first, without what was handed in and said: for lists.

    :param before: only attempts with a smaller number.
    """
    columns = ("id", "attempt", "created_at", "state", "score", "max_score", "passed")
    wanted = (
        select(Submission)
        .where(Submission.user_id == user_id, Submission.assignment_id == assignment_id)
        .order_by(Submission.attempt.desc())
        .limit(most)
        .options(load_only(*(getattr(Submission, name) for name in columns), raiseload=True))
    )
    if before is not None:
        wanted = wanted.where(Submission.attempt < before)
    return session.scalars(wanted).all()


def neighbours(session: Session, row: Submission) -> tuple[str | None, str | None]:
    """The ids of the attempts right before and right after this one."""
    theirs = select(Submission.id).where(
        Submission.user_id == row.user_id, Submission.assignment_id == row.assignment_id
    )
    before = theirs.where(Submission.attempt < row.attempt).order_by(Submission.attempt.desc()).limit(1)
    after = theirs.where(Submission.attempt > row.attempt).order_by(Submission.attempt).limit(1)
    return session.scalar(before), session.scalar(after)


def previous(session: Session, row: Submission) -> Submission | None:
    """The last attempt before this one, by the same student at the same assignment, that has a verdict."""
    return session.scalar(
        select(Submission)
        .where(
            Submission.user_id == row.user_id,
            Submission.assignment_id == row.assignment_id,
            Submission.attempt < row.attempt,
            Submission.report.is_not(None),
        )
        .order_by(Submission.attempt.desc())
        .limit(1)
    )


def results_of(session: Session, submission_ids: Iterable[str]) -> dict[str, list[CheckResult]]:
    """The verdicts on the checks of several submissions, in the exercise's order, in one query."""
    found: dict[str, list[CheckResult]] = {}
    wanted = select(CheckResult).where(CheckResult.submission_id.in_(list(submission_ids)))
    for result in session.scalars(wanted.order_by(CheckResult.submission_id, CheckResult.position)):
        found.setdefault(result.submission_id, []).append(result)
    return found


def check_results(session: Session, submission_id: str) -> Sequence[CheckResult]:
    """The verdicts on its checks, in the exercise's order."""
    return session.scalars(
        select(CheckResult).where(CheckResult.submission_id == submission_id).order_by(CheckResult.position)
    ).all()


def report_of(row: Submission) -> Report | None:
    """The stored report, or None before the first grading."""
    return None if row.report is None else msgspec.json.decode(row.report, type=Report)


def queue(session: Session) -> Queue:
    """How long the queue is."""
    rows = session.execute(
        select(Submission.state, func.count())
        .where(Submission.state.in_(("queued", "running")))
        .group_by(Submission.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    return Queue(queued=counts.get("queued", 0), running=counts.get("running", 0))


def _students_in_turn(due: tuple[ColumnElement[bool], ...]) -> Select[int]:
    """Who has something that is due, fairest first. The two look-ups are made once per student
    and not once per submission of a long queue."""
    waiting = (
        select(Submission.user_id, func.min(Submission.created_at).label("since"))
        .where(*due)
        .group_by(Submission.user_id)
        .subquery()
    )
    theirs = aliased(Submission)
    running = select(func.count()).where(theirs.user_id == waiting.c.user_id, theirs.state == "running")
    served = select(func.max(theirs.started_at)).where(theirs.user_id == waiting.c.user_id)
    return (
        select(waiting.c.user_id)
        .order_by(
            running.scalar_subquery(),
            served.scalar_subquery().asc().nulls_first(),
            waiting.c.since,
            waiting.c.user_id,
        )
        .limit(_CANDIDATES)
    )


def _text(problem: str) -> str:
    """It may quote anything; what a database does not take as text must not stop us."""
    return problem[:_MAX_PROBLEM].encode("utf-8", "backslashreplace").decode().replace("\0", "")


def _if_held(submission_id: str, owner: str) -> Update:
    """An update of the row, if it is running and ``owner`` holds it. The condition is tested by
    the database in the same statement: there is no moment between looking and writing."""
    return (
        update(Submission)
        .where(Submission.id == submission_id, Submission.state == "running", Submission.owner == owner)
        .execution_options(synchronize_session=False)
    )


def _interrupted(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    too_often = Submission.interruptions + 1 >= MAX_INTERRUPTIONS
    changed = session.scalars(
        update(Submission)
        .where(*which)
        .values(
            state=case((too_often, "failed"), else_="queued"),
            finished_at=case((too_often, now), else_=null()),
            interruptions=Submission.interruptions + 1,
            owner=None,
            lease_until=None,
            problem="the grader stopped while it was grading this",
        )
        .returning(Submission.state)
        .execution_options(synchronize_session=False)
    ).all()
    return sum(state == "queued" for state in changed)
