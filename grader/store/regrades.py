"""Regrades: proposals to change scores, which somebody looks at before they hold, and which can be undone.

A *rerun* has submissions judged anew, behind everything that somebody waits for. Each gets another judging;
which one is current changes when the proposal is accepted, and back when it is undone. A *rescore* changes
the rules by which stored results count (:mod:`grader.store.rescoring`); nothing is run.

::

    propose ──► open ──accept──► accepted ──undo──► undone
                  └──cancel──► cancelled

What a proposal comes to is worked out whenever somebody looks (:mod:`grader.store.regrade_effects`): attempts
and overrides that came since are in it. Who accepts can say what was looked at (``seen``); another state of
things is then refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from grader.model import regrade_sentences as sentences
from grader.model.lane import Lane
from grader.model.regrade_sentences import MovedOn, RegradeError
from grader.model.text import Text
from grader.store import judgings, locks, notices, rescoring, sources, standings
from grader.store.regrade_effects import counting, effect, moved
from grader.store.tables import Assignment, Regrade, RegradeItem, RegradeKind, Submission, utcnow

SAMPLE: Final = 200
"""Submissions that a rerun begins with, where a sample is asked for. Their ids are random, so that the first
of them by id are a random sample."""
LONGEST_REASON: Final = 1000


@dataclass(frozen=True)
class Progress:
    """How far a rerun is, in submissions."""

    waiting: int
    judged: int
    failed: int
    """Could not be judged: they keep what they have."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.judged + self.failed


def get(session: Session, regrade_id: int) -> Regrade | None:
    """The proposal with this number."""
    return session.get(Regrade, regrade_id)


def of_course(session: Session, course_id: int, most: int = 200) -> Sequence[tuple[Regrade, str]]:
    """The proposals of a course, newest first, each with its exercise's slug."""
    wanted = (
        select(Regrade, Assignment.exercise)
        .join(Assignment, Assignment.id == Regrade.assignment_id)
        .where(Assignment.course_id == course_id)
        .order_by(Regrade.id.desc())
        .limit(most)
        .options(defer(Regrade.before))
    )
    return [(row, exercise) for row, exercise in session.execute(wanted)]


def find(session: Session, course_id: int, regrade_id: int) -> tuple[Regrade, Assignment] | None:
    """A proposal of this course, with its assignment."""
    row = session.execute(
        select(Regrade, Assignment)
        .join(Assignment, Assignment.id == Regrade.assignment_id)
        .where(Regrade.id == regrade_id, Assignment.course_id == course_id)
    ).first()
    return None if row is None else (row[0], row[1])


# Proposing


def propose_rerun(
    session: Session,
    assignment_id: int,
    submission_ids: Iterable[str] | None,
    *,
    reason: str,
    by: int | None,
    rtol: float | None = None,
    sample: bool = False,
) -> Regrade:
    """Have judged submissions judged anew: these, or all of an assignment.

    :param rtol: judge with this relative tolerance, to see what it would do. Such a proposal is never
        accepted: the exercise's folder says how it is judged.
    :param sample: begin with :data:`SAMPLE` of them; :func:`go_on` has the rest judged.
    :raises RegradeError: one of them is in another open proposal, there is none, or no reason is given.
    """
    changes: dict[str, Any] = {} if submission_ids is None else {"some": True}
    which: list[ColumnElement[bool]] = [Submission.assignment_id == assignment_id]
    if submission_ids is not None:
        which.append(Submission.id.in_(list(submission_ids)))
    if rtol is not None:
        if not 0 < rtol < 1:
            raise RegradeError(sentences.TOLERANCE)
        changes["rtol"] = rtol
    regrade = _opened(session, assignment_id, "rerun", which, reason=reason, by=by, changes=changes)
    which += _JUDGED
    if sample:
        first = select(Submission.id).where(*which).order_by(Submission.id).limit(SAMPLE + 1)
        ids = session.scalars(first).all()
        if len(ids) > SAMPLE:
            regrade.changes = changes | {"sample": SAMPLE}
            which.append(Submission.id < ids[-1])
    if not _queue(session, regrade.id, which):
        raise RegradeError(sentences.NOTHING_JUDGED)
    return regrade


_JUDGED: Final = (
    Submission.judging_id.is_not(None),
    Submission.state == "graded",
    # The text is gone where a person's data was deleted; the verdict on it stays.
    Submission.source_digest != sources.digest_of(b""),
)


def _queue(session: Session, regrade_id: int, which: Sequence[ColumnElement[bool]]) -> int:
    """Make these items of a proposal, and have them judged; how many."""
    of_row = select(literal(regrade_id), Submission.id, Submission.judging_id).where(*which)
    session.execute(insert(RegradeItem).from_select(["regrade_id", "submission_id", "before_id"], of_row))
    return _have_judged(session, regrade_id)


def _have_judged(session: Session, regrade_id: int) -> int:
    """Queue what has no judging for this proposal yet; how many."""
    left = select(RegradeItem.submission_id).where(
        RegradeItem.regrade_id == regrade_id, RegradeItem.after_id.is_(None)
    )
    changed = session.execute(
        update(Submission)
        .where(*_JUDGED, Submission.id.in_(left))
        .values(
            state="queued", lane=Lane.REGRADE, queued_at=utcnow(), regrade_id=regrade_id, tries=0,
            interruptions=0, not_before=None, problem=None,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return int(changed.rowcount)  # type: ignore[attr-defined]


def go_on(session: Session, regrade: Regrade) -> int:
    """Have all that a sample left out judged, too; how many these are.

    :raises RegradeError: it is not open, or no sample.
    """
    _lock(session, regrade)
    if regrade.state != "open" or "sample" not in regrade.changes:
        raise RegradeError(sentences.NO_SAMPLE)
    regrade.changes = {key: value for key, value in regrade.changes.items() if key != "sample"}
    mine = select(RegradeItem.submission_id).where(RegradeItem.regrade_id == regrade.id)
    return _queue(
        session,
        regrade.id,
        [
            Submission.assignment_id == regrade.assignment_id,
            *_JUDGED,
            Submission.id.not_in(mine),
            Submission.created_at <= regrade.made_at,
        ],
    )


def again(session: Session, regrade: Regrade) -> int:
    """Have what could not be judged for an open proposal tried once more; how many.

    :raises RegradeError: it is not open.
    """
    _lock(session, regrade)
    if regrade.state != "open":
        raise RegradeError(sentences.wrong_state(regrade.state, "open"))
    return _have_judged(session, regrade.id)


def propose_rescore(
    session: Session,
    assignment_id: int,
    change: Mapping[str, Any],
    *,
    reason: str,
    by: int | None,
    user_ids: Iterable[int] | None = None,
) -> Regrade:
    """Have what is stored counted by other rules: for these students, or everybody.

    :param change: fields of the policy, as :func:`grader.model.overrides.changes_of` reads them.
    :raises RegradeError: it changes nothing, another proposal for the assignment is open, or no
        reason is given.
    :raises PolicyError: there can be no such rules.
    """
    assignment = session.get_one(Assignment, assignment_id)
    changes = rescoring.proposed(session, assignment, change, user_ids)
    which = [Submission.assignment_id == assignment_id]
    regrade = _opened(session, assignment_id, "rescore", which, reason=reason, by=by, changes=changes)
    regrade.before = rescoring.current(session, assignment, changes)
    session.flush()
    return regrade


def _opened(
    session: Session,
    assignment_id: int,
    kind: RegradeKind,
    which: Sequence[ColumnElement[bool]],
    *,
    reason: str,
    by: int | None,
    changes: Mapping[str, Any],
) -> Regrade:
    if not reason.strip():
        raise RegradeError(sentences.NO_REASON)
    if len(reason) > LONGEST_REASON:
        raise RegradeError(sentences.LONG_REASON)
    # Two that propose at the same moment come here one after the other.
    session.execute(select(Assignment.id).where(Assignment.id == assignment_id).with_for_update())
    shared = (
        select(RegradeItem.regrade_id)
        .join(Submission, Submission.id == RegradeItem.submission_id)
        .where(RegradeItem.regrade_id == Regrade.id, *which)
    )
    other = session.scalar(
        select(Regrade.id)
        .where(
            Regrade.state == "open",
            Regrade.assignment_id == assignment_id,
            or_(literal(kind) == "rescore", Regrade.kind == "rescore", shared.exists()),
        )
        .limit(1)
    )
    if other is not None:
        raise RegradeError(sentences.other_open(other))
    row = Regrade(
        assignment_id=assignment_id, kind=kind, state="open", reason=reason.strip(),
        changes=dict(changes), before={}, by=by, made_at=utcnow(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


# Looking


def progress(session: Session, regrade_id: int) -> Progress:
    """How far a rerun is; a rescore has nothing to wait for."""
    waits = Submission.regrade_id == regrade_id
    judged = RegradeItem.after_id.is_not(None)
    waiting, done, total = session.execute(
        select(
            func.count(case((and_(waits, ~judged), 1))),
            func.count(case((judged, 1))),
            func.count(),
        )
        .select_from(RegradeItem)
        .join(Submission, Submission.id == RegradeItem.submission_id)
        .where(RegradeItem.regrade_id == regrade_id)
    ).one()
    return Progress(waiting, done, total - waiting - done)


# Deciding


def cancel(session: Session, regrade: Regrade, *, by: int | None) -> None:
    """Nothing changes; what has been judged stays on record, and what waits is not run any more.

    :raises RegradeError: it is not open.
    """
    _lock(session, regrade)
    _decide(regrade, "open", "cancelled", by)
    session.execute(
        update(Submission)
        .where(Submission.regrade_id == regrade.id)
        .values(state="graded", regrade_id=None, owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    session.flush()


def hindrance(session: Session, regrade: Regrade) -> Text | None:
    """Why an open proposal cannot be accepted at this moment; None when it can."""
    if "rtol" in regrade.changes:
        return sentences.ONLY_TRIED
    if "sample" in regrade.changes:
        return sentences.ONLY_A_SAMPLE
    if progress(session, regrade.id).waiting:
        return sentences.STILL_JUDGED
    return None


def accept(session: Session, regrade: Regrade, *, by: int | None, seen: str | None = None) -> int:
    """Make it so, and tell the students whose score moves; how many these are.

    :param seen: the mark of the effect that was looked at; None: nobody looked.
    :raises MovedOn: the effect is another one by now.
    :raises RegradeError: it is not open, or cannot be accepted.
    """
    _lock(session, regrade)
    _decide(regrade, "open", "accepted", by)
    problem = hindrance(session, regrade)
    if problem is not None:
        raise RegradeError(problem)
    assignment = session.get_one(Assignment, regrade.assignment_id)
    if seen is not None and effect(session, regrade, assignment).mark != seen:
        raise MovedOn(sentences.MOVED_ON)
    was = counting(session, regrade.assignment_id)
    if regrade.kind == "rescore":
        before = rescoring.apply(session, assignment, regrade)
        standings.refresh(session, assignment.id, rescoring.users_of(regrade.changes))
    else:
        before = {}
        _move(session, regrade, RegradeItem.after_id)
    moves = moved(was, counting(session, regrade.assignment_id))
    regrade.before = before | {"moves": moves}
    session.flush()
    notices.tell_moves(session, "regrade", regrade, assignment, moves)
    return len(moves)


def undo(session: Session, regrade: Regrade, *, by: int | None) -> int:
    """Make it as it was before it was accepted, and tell whose score moves back; how many these are.

    :raises RegradeError: it is not accepted, or what it changed has been changed again since.
    """
    _lock(session, regrade)
    later = session.scalar(
        select(Regrade.id)
        .join(RegradeItem, RegradeItem.regrade_id == Regrade.id)
        .where(
            Regrade.id > regrade.id,
            Regrade.state.in_(("open", "accepted")),
            RegradeItem.submission_id.in_(
                select(RegradeItem.submission_id).where(RegradeItem.regrade_id == regrade.id)
            ),
        )
        .limit(1)
    )
    if later is not None:
        raise RegradeError(sentences.came_later(later))
    _decide(regrade, "accepted", "undone", by)
    assignment = session.get_one(Assignment, regrade.assignment_id)
    was = counting(session, regrade.assignment_id)
    if regrade.kind == "rescore":
        rescoring.revert(session, assignment, regrade)
        standings.refresh(session, assignment.id, rescoring.users_of(regrade.changes))
    else:
        _move(session, regrade, RegradeItem.before_id)
    moves = moved(was, counting(session, regrade.assignment_id))
    session.flush()
    notices.withdraw(session, regrade.id)
    notices.tell_moves(session, "regrade-undone", regrade, assignment, moves)
    return len(moves)


def _lock(session: Session, regrade: Regrade) -> None:
    """Of two that decide at the same moment, the second sees what the first did."""
    # Before any submission: a verdict takes that lock and then thins older ones (no deadlock).
    locks.standings(session, regrade.assignment_id)
    session.refresh(regrade, with_for_update=True)


def _decide(regrade: Regrade, was: str, becomes: str, by: int | None) -> None:
    if regrade.state != was:
        raise RegradeError(sentences.wrong_state(regrade.state, was))
    regrade.state, regrade.decided_by, regrade.decided_at = becomes, by, utcnow()  # type: ignore[assignment]


def _move(session: Session, regrade: Regrade, to: InstrumentedAttribute[Any]) -> None:
    """Move the pointers of all that were judged anew."""
    mine = select(to).where(RegradeItem.regrade_id == regrade.id, RegradeItem.after_id.is_not(None))
    judgings.make_current(session, mine)
    users = session.scalars(
        select(Submission.user_id)
        .join(RegradeItem, RegradeItem.submission_id == Submission.id)
        .where(RegradeItem.regrade_id == regrade.id, RegradeItem.after_id.is_not(None))
        .distinct()
    ).all()
    standings.refresh(session, regrade.assignment_id, users)
