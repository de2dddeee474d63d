"""Policies: the rules of an assignment for each student, with what differs for sections and for students."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from grader.model.late import LateStep
from grader.model.overrides import for_student
from grader.model.policy import Policy
from grader.store.tables import Assignment, Extension, SectionMember

_MINE: Final[Select[tuple[Any, ...]]] = (
    select(Extension.assignment_id, Extension.section_id, Extension.changes)
    .outerjoin(
        SectionMember,
        and_(SectionMember.section_id == Extension.section_id, SectionMember.user_id == bindparam("user_id")),
    )
    .where(
        Extension.assignment_id.in_(bindparam("assignments", expanding=True)),
        or_(Extension.user_id == bindparam("user_id"), SectionMember.user_id.is_not(None)),
    )
    .order_by(Extension.id)
)
"""Compiled once: every verdict asks."""


def policy_of(row: Assignment) -> Policy:
    """The rules of an assignment, for whom nothing differs."""
    return Policy(
        points=row.points,
        opens=row.opens,
        due=row.due,
        closes=row.closes,
        grace_minutes=row.grace_minutes or 0,
        late=tuple(LateStep(seconds, percent) for seconds, percent in row.late or ()),
        attempts=row.attempts,
        pause=bool(row.pause),
        counts=row.counts or "best",
        feedback=row.feedback or "full",
        variants=bool(row.variants),
    )


def policy_for(session: Session, row: Assignment, user_id: int) -> Policy:
    """The rules of an assignment for one student. One query, or none: see :func:`rules_of`."""
    return rules_of(session, [row], user_id)[row.id]


def layers_of(
    session: Session, row: Assignment, user_id: int
) -> tuple[list[Mapping[str, Any]], Mapping[str, Any] | None]:
    """What differs for a student's sections, and for this student alone. One query."""
    values = {"assignments": [row.id], "user_id": user_id}
    found = session.execute(_MINE, values).all()
    own = next((changes for _row, section_id, changes in found if section_id is None), None)
    return [changes for _row, section_id, changes in found if section_id is not None], own


def rules_of(session: Session, rows: Sequence[Assignment], user_id: int) -> dict[int, Policy]:
    """The rules of several assignments for one student, by assignment.

    One query; none where the rows say that nothing differs for anybody.
    """
    found: dict[int, list[tuple[bool, Mapping[str, Any]]]] = {}
    extended = [row.id for row in rows if row.extended is not False]
    values = {"assignments": extended, "user_id": user_id}
    for assignment_id, section_id, changes in session.execute(_MINE, values) if extended else ():
        found.setdefault(assignment_id, []).append((section_id is None, changes))
    return {row.id: _inherited(policy_of(row), found.get(row.id, ())) for row in rows}


def policies_for(
    session: Session,
    rows: Iterable[Assignment],
    user_ids: Iterable[int] | None = None,
    *,
    instead: Mapping[int, Policy] | None = None,
) -> dict[tuple[int, int], Policy]:
    """Where the rules for a student differ from the assignment's, by (assignment, student). Two queries.

    :param user_ids: of these students; None: of all.
    :param instead: rules of assignments, by id, as they would be, in place of those that are stored.
    """
    placed = {row.id: policy_of(row) for row in rows} | dict(instead or {})
    extensions = session.scalars(
        select(Extension).where(Extension.assignment_id.in_(list(placed))).order_by(Extension.id)
    ).all()
    sections = {each.section_id for each in extensions if each.section_id is not None}
    members: dict[int, list[int]] = {}
    if sections:
        for section_id, user_id in session.execute(
            select(SectionMember.section_id, SectionMember.user_id).where(
                SectionMember.section_id.in_(list(sections))
            )
        ):
            members.setdefault(section_id, []).append(user_id)
    wanted = None if user_ids is None else set(user_ids)
    found: dict[tuple[int, int], list[tuple[bool, Mapping[str, Any]]]] = {}
    for each in extensions:
        whose = members.get(each.section_id or 0, []) if each.user_id is None else [each.user_id]
        for user_id in whose:
            if wanted is None or user_id in wanted:
                found.setdefault((each.assignment_id, user_id), []).append(
                    (each.user_id is not None, each.changes)
                )
    return {key: _inherited(placed[key[0]], changes) for key, changes in found.items()}


def _inherited(base: Policy, found: Sequence[tuple[bool, Mapping[str, Any]]]) -> Policy:
    """What differs for sections, and for this student alone."""
    if not found:
        return base
    own = next((changes for its_own, changes in found if its_own), None)
    return for_student(base, [changes for its_own, changes in found if not its_own], own)
