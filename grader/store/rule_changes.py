"""Changes of the rules of an assignment, and which stored scores they move.

What is changed is written and the standings are derived anew at once; who moves is read off them. A page
that asks first lets its transaction be undone: what it shows is then just what would have been written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from grader.model.overrides import inherit, to_store
from grader.model.policy import Policy, problems
from grader.model.policy_sentences import PolicyError
from grader.store import notices, standings
from grader.store.policies import policy_of
from grader.store.rescoring import COUNTING
from grader.store.tables import (
    Assignment,
    Course,
    Extension,
    SectionMember,
    Standing,
    User,
    utcnow,
)


@dataclass(frozen=True)
class Move:
    """A stored score that a change moves.

    :ivar maximum: what full marks count, before and after.
    """

    user_id: int
    name: str
    login: str
    before: float
    after: float
    maximum: tuple[float, float]


@dataclass(frozen=True)
class Whose:
    """Whom an extension is for: one student, or one section."""

    user_id: int | None = None
    section_id: int | None = None


def differing(before: Policy, after: Policy) -> dict[str, Any]:
    """The fields in which two policies differ, as they are stored; for the audit log."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return {field: [old[field], value] for field, value in new.items() if old[field] != value}


def set_policy(session: Session, assignment: Assignment, policy: Policy) -> list[Move]:
    """Give an assignment other rules; whose scores move by that."""
    before = policy_of(assignment)
    values = {field: getattr(policy, field) for field in Policy.__struct_fields__}
    values["late"] = [[step.within_seconds, step.percent] for step in policy.late]
    row = session.get_one(Assignment, assignment.id)
    for field, value in values.items():
        setattr(row, field, value)
    session.flush()
    if differing(before, policy).keys().isdisjoint(COUNTING):
        return []
    return _refreshed(session, assignment.id, None)


def extension(session: Session, assignment_id: int, whose: Whose) -> Extension | None:
    """What differs for this student or section, if anything does."""
    return session.scalar(select(Extension).where(Extension.assignment_id == assignment_id, *_is(whose)))


def extensions(session: Session, assignment_ids: Iterable[int]) -> Sequence[Extension]:
    """Everything that differs for students and sections in these assignments."""
    wanted = select(Extension).where(Extension.assignment_id.in_(list(assignment_ids)))
    return session.scalars(wanted.order_by(Extension.section_id, Extension.id)).all()


def extend(
    session: Session,
    assignment: Assignment,
    whose: Whose,
    changes: Mapping[str, Any],
    *,
    reason: str,
    by: int | None,
) -> list[Move]:
    """Give a student or a section other rules; no changes withdraw them. Whose scores move by that.

    :raises PolicyError: one of the changes cannot be.
    """
    stored = to_store(changes)
    session.execute(delete(Extension).where(Extension.assignment_id == assignment.id, *_is(whose)))
    if stored:
        session.execute(
            insert(Extension).values(
                assignment_id=assignment.id, user_id=whose.user_id, section_id=whose.section_id,
                changes=stored, reason=reason.strip(), by=by, made_at=utcnow(),
            )
        )  # fmt: skip
    if whose.user_id is not None:
        return _refreshed(session, assignment.id, [whose.user_id])
    members = select(SectionMember.user_id).where(SectionMember.section_id == whose.section_id)
    return _refreshed(session, assignment.id, session.scalars(members).all())


def unsound(session: Session, assignment: Assignment, policy: Policy) -> list[tuple[Extension, PolicyError]]:
    """Extensions that would not fit to an assignment's new rules, each with its first problem."""
    found = []
    for each in extensions(session, [assignment.id]):
        trouble = problems(inherit(policy, each.changes))
        if trouble:
            found.append((each, trouble[0]))
    return found


def tell(
    session: Session, course: Course, assignment: Assignment, moves: Iterable[Move], reason: str
) -> None:
    """Tell the students whose scores moved, and why: as after a regrade, without a proposal."""
    about = {"course": course.slug, "exercise": assignment.exercise, "regrade": None, "reason": reason}
    notices.tell(
        session,
        "regrade",
        [
            (
                move.user_id,
                about
                | {
                    "before": move.before, "of": move.maximum[0],
                    "after": move.after, "of_now": move.maximum[1],
                },
            )
            for move in moves
        ],
    )  # fmt: skip


def _is(whose: Whose) -> tuple[Any, ...]:
    return Extension.user_id.is_not_distinct_from(whose.user_id), Extension.section_id.is_not_distinct_from(
        whose.section_id
    )


def _refreshed(session: Session, assignment_id: int, user_ids: Sequence[int] | None) -> list[Move]:
    before = _scores(session, assignment_id, user_ids)
    handed_in = None if user_ids is None else [each for each in user_ids if each in before]
    standings.refresh(session, assignment_id, handed_in)
    after = _scores(session, assignment_id, user_ids)
    moved = [
        user_id for user_id, was in before.items() if user_id in after and not _same(was, after[user_id])
    ]
    names: dict[int, tuple[str, str]] = {}
    for first in range(0, len(moved), 500):
        some = select(User.id, User.name, User.login).where(User.id.in_(moved[first : first + 500]))
        names |= {row.id: (row.name, row.login) for row in session.execute(some)}
    return sorted(
        (
            Move(each, *names[each], before[each][0], after[each][0], (before[each][1], after[each][1]))
            for each in moved
        ),
        key=lambda move: (move.name, move.login),
    )


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) < 1e-9 for a, b in zip(one, other, strict=True))


def _scores(
    session: Session, assignment_id: int, user_ids: Sequence[int] | None
) -> dict[int, tuple[float, float]]:
    """What counts and of how much, by student. A total that was set by hand moves by nothing."""
    wanted = select(Standing.user_id, Standing.score, Standing.max_score).where(
        Standing.assignment_id == assignment_id, Standing.score.is_not(None), Standing.override.is_(None)
    )
    if user_ids is not None:
        wanted = wanted.where(Standing.user_id.in_(list(user_ids)))
    return {row.user_id: (row.score, row.max_score or 0.0) for row in session.execute(wanted)}
