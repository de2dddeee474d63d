"""Rescoring: other rules by which the stored results of an assignment count. No student's code is run.

A change for everybody is written into the assignment's columns; one for some students becomes theirs alone,
as an extension does. What these were is kept with the proposal, so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.model import regrade_sentences as sentences
from grader.model.overrides import changes_of, inherit, to_store
from grader.model.policy import Policy, validate
from grader.model.regrade_sentences import RegradeError
from grader.store import policies
from grader.store.tables import Assignment, Extension, Regrade, utcnow

COUNTING: Final = ("points", "due", "grace_minutes", "late", "counts")
"""Fields of a policy that say what stored results come to. The others say who may hand in, and when."""


def proposed(
    session: Session, assignment: Assignment, change: Mapping[str, Any], user_ids: Iterable[int] | None
) -> dict[str, Any]:
    """What a proposal holds: the fields that differ from what is, and for whom.

    :raises RegradeError: nothing differs.
    :raises PolicyError: there can be no such rules.
    """
    found = changes_of(change)
    strange = [field for field in found if field not in COUNTING]
    if strange:
        raise RegradeError(sentences.not_counting(strange[0], ", ".join(COUNTING)))
    users = None if user_ids is None else sorted(set(user_ids))
    if users is not None and not users:
        raise RegradeError(sentences.NOBODY)
    usual = policies.policy_of(assignment)
    own = policies.policies_for(session, [assignment], users) if users is not None else {}
    concerned = [usual] if users is None else [own.get((assignment.id, user), usual) for user in users]
    differing = {
        field: value
        for field, value in found.items()
        if any(getattr(policy, field) != value for policy in concerned)
    }
    if not differing:
        raise RegradeError(sentences.CHANGES_NOTHING)
    for policy in concerned:
        validate(inherit(policy, differing))
    changes: dict[str, Any] = {"policy": to_store(differing)}
    return changes if users is None else changes | {"users": users}


def users_of(changes: Mapping[str, Any]) -> Sequence[int] | None:
    """For whom alone; None: for everybody."""
    return changes.get("users")


def policies_under(
    session: Session, assignment: Assignment, changes: Mapping[str, Any] | None, user_ids: Iterable[int]
) -> Callable[[int], Policy]:
    """The rules for each of these students, as they would be; with None for the change, as they are."""
    users = None if changes is None else users_of(changes)
    row = assignment
    if changes is not None and users is None:
        columns = [column.key for column in Assignment.__table__.columns]
        row = Assignment(**{name: getattr(assignment, name) for name in columns})
        _write(row, changes["policy"])
    usual, own = policies.policy_of(row), policies.policies_for(session, [row], user_ids)
    chosen = frozenset(users or ())

    def of(user_id: int) -> Policy:
        policy = own.get((row.id, user_id), usual)
        return inherit(policy, changes["policy"]) if changes is not None and user_id in chosen else policy

    return of


def current(session: Session, assignment: Assignment, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is there in place of what a proposal would write."""
    users = users_of(changes)
    if users is None:
        policy = policies.policy_of(assignment)
        return {"policy": to_store({field: getattr(policy, field) for field in changes["policy"]})}
    kept = {row.user_id: row.changes for row in _extensions(session, assignment, users)}
    return {"extensions": {str(user): kept.get(user) for user in users}}


def changed_since(session: Session, assignment: Assignment, regrade: Regrade) -> bool:
    """Whether the rules that an open proposal would change are others than when it was made."""
    was = {key: value for key, value in regrade.before.items() if key != "moves"}
    return was != current(session, assignment, regrade.changes)


def apply(session: Session, assignment: Assignment, regrade: Regrade) -> dict[str, Any]:
    """Write the proposed rules; what was there before."""
    was, change = current(session, assignment, regrade.changes), regrade.changes["policy"]
    users = users_of(regrade.changes)
    if users is None:
        validate(inherit(policies.policy_of(assignment), change))
        _write(assignment, change)
    else:
        kept = {row.user_id: row for row in _extensions(session, assignment, users)}
        for user in users:
            row = kept.get(user)
            if row is None:
                row = Extension(
                    assignment_id=assignment.id, user_id=user, changes={}, by=regrade.decided_by,
                    reason=regrade.reason, made_at=utcnow(),
                )  # fmt: skip
                session.add(row)
            row.changes = {**row.changes, **change}
    session.flush()
    return was


def revert(session: Session, assignment: Assignment, regrade: Regrade) -> None:
    """Write back what was there before.

    :raises RegradeError: somebody has changed it again since.
    """
    change, was = regrade.changes["policy"], regrade.before
    users = users_of(regrade.changes)
    again = RegradeError(sentences.CHANGED_AGAIN)
    if users is None:
        if current(session, assignment, regrade.changes)["policy"] != change:
            raise again
        _write(assignment, was["policy"])
        session.flush()
        return
    kept = {row.user_id: row for row in _extensions(session, assignment, users)}
    for user in users:
        row, before = kept.get(user), was["extensions"][str(user)]
        if row is None or row.changes != {**(before or {}), **change}:
            raise again
        if before is None:
            session.delete(row)
        else:
            row.changes = before
    session.flush()


def _extensions(session: Session, assignment: Assignment, users: Sequence[int]) -> Sequence[Extension]:
    return session.scalars(
        select(Extension).where(Extension.assignment_id == assignment.id, Extension.user_id.in_(users))
    ).all()


def _write(row: Assignment, change: Mapping[str, Any]) -> None:
    """Into the columns of an assignment."""
    for field, value in changes_of(change).items():
        if field == "late":
            value = [[step.within_seconds, step.percent] for step in value]
        setattr(row, field, value)
