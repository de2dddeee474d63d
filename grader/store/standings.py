"""Standings: what each student has in each assignment, kept up to date when a verdict is written.

A gradebook reads these rows and no submission, so that it does not depend on the number of attempts.
:func:`judged` adds one verdict to what is there; :func:`refresh` derives the rows anew from all attempts,
after anything else: a policy, an extension, an override or a current judging that changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Select, Table, and_, bindparam, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.model.policy import Attempt, Policy, count
from grader.store import locks, policies
from grader.store.tables import Assignment, Extension, Override, Standing, Submission


class Judged(NamedTuple):
    """What counting needs to know of an attempt that has a verdict."""

    user_id: int
    id: str
    attempt: int
    created_at: datetime
    score: float
    max_score: float
    passed: bool


_ROWS: Final = cast(Table, Submission.__table__)
_STANDINGS: Final = cast(Table, Standing.__table__)
_DERIVED: Final = (
    "submission_id", "score", "max_score", "late", "passed", "attempts", "last_at", "passed_attempt",
    "passed_at",
)  # fmt: skip
_ATTEMPTS: Final = select(*(_ROWS.c[name] for name in Judged._fields)).where(_ROWS.c.judging_id.is_not(None))
_ASSIGNED: Final = cast(Table, Assignment.__table__)
_EXTENDED: Final = cast(Table, Extension.__table__)
_KNOWN: Final = ("attempts", "last_at", "passed_attempt", "passed_at")
_BEFORE: Final = (
    select(
        *_ASSIGNED.columns,
        exists().where(_EXTENDED.c.assignment_id == _ASSIGNED.c.id),
        *(_STANDINGS.c[name] for name in _KNOWN),
        *(_ROWS.c[name] for name in Judged._fields),
    )
    .outerjoin(
        _STANDINGS,
        and_(_STANDINGS.c.assignment_id == _ASSIGNED.c.id, _STANDINGS.c.user_id == bindparam("user_id")),
    )
    .outerjoin(_ROWS, _ROWS.c.id == _STANDINGS.c.submission_id)
    .where(_ASSIGNED.c.id == bindparam("assignment_id"))
)
"""The rules, what stood until now, and the attempt that counted. Compiled once: every verdict asks."""
_RULES: Final = len(_ASSIGNED.columns)


def _upsert(dialect: Any) -> Any:
    """All that is derived takes the place of what was; an override stays."""
    new = dialect.insert(_STANDINGS)
    return new.on_conflict_do_update(
        index_elements=["assignment_id", "user_id"], set_={name: new.excluded[name] for name in _DERIVED}
    )


_KEEP: Final = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}
_AT_ONCE: Final = 500
"""Students whose attempts are read together."""


def judged(session: Session, assignment_id: int, new: Judged) -> None:
    """A submission has its first verdict. Two of the attempts are looked at, however many there are."""
    locks.standing(session, assignment_id, new.user_id)
    before = (
        session.connection()
        .execute(_BEFORE, {"assignment_id": assignment_id, "user_id": new.user_id})
        .first()
    )
    if before is None:
        return  # withdrawn at this moment, and all of it with it
    assignment = Assignment.of_row(before[:_RULES])
    extended, attempts, last_at, passed_attempt, passed_at, *counting = before[_RULES:]
    usual = policies.policy_of(assignment)
    policy = policies.policy_for(session, assignment, new.user_id) if extended else usual
    counted = Judged(*counting)
    if not attempts:
        values = derive(policy, [new])
    else:
        values = derive(policy, [new] if counted.id is None else [counted, new])
        passed = [(passed_attempt, passed_at)] if passed_attempt is not None else []
        passed += [(new.attempt, new.created_at)] if new.passed else []
        values |= {"attempts": attempts + 1, "last_at": max(last_at, new.created_at)}
        values["passed_attempt"], values["passed_at"] = min(passed, default=(None, None))
    _keep(session, [{"assignment_id": assignment_id, "user_id": new.user_id} | values])


def refresh(session: Session, assignment_id: int, user_ids: Iterable[int] | None = None) -> None:
    """Derive the standings of an assignment from all attempts: these students', or everybody's."""
    locks.standings(session, assignment_id)
    assignment = session.get(Assignment, assignment_id)
    if assignment is None:
        return
    own = policies.policies_for(session, [assignment], user_ids)
    usual = policies.policy_of(assignment)
    by_hand = overrides(session, assignment_id)
    found = students(session, assignment_id) | set(by_hand) if user_ids is None else set(user_ids)
    everybody = sorted(found)
    for first in range(0, len(everybody), _AT_ONCE):
        some = everybody[first : first + _AT_ONCE]
        attempts = attempts_of(session, assignment_id, some)
        session.execute(
            delete(Standing)
            .where(Standing.assignment_id == assignment_id, Standing.user_id.in_(some))
            .execution_options(synchronize_session=False)
        )
        rows = [
            {"assignment_id": assignment_id, "user_id": user_id, "override": by_hand.get(user_id)}
            | derive(own.get((assignment_id, user_id), usual), attempts.get(user_id, []))
            for user_id in some
            if user_id in attempts or by_hand.get(user_id) is not None
        ]
        _keep(session, rows)


def derive(policy: Policy, rows: Sequence[Judged]) -> dict[str, Any]:
    """What a student's judged attempts come to under a policy."""
    counted = count(
        policy,
        [Attempt(row.id, row.attempt, row.created_at, row.score, row.max_score) for row in rows],
    )
    passed = [(row.attempt, row.created_at) for row in rows if row.passed]
    first: tuple[int | None, datetime | None] = min(passed, default=(None, None))
    full = {row.id for row in rows if row.passed}
    return {
        "submission_id": None if counted is None else counted.id,
        "score": None if counted is None else counted.score,
        "max_score": None if counted is None else counted.maximum,
        "late": counted is not None and counted.late,
        "passed": counted is not None and counted.id in full,
        "attempts": len(rows),
        "last_at": max((row.created_at for row in rows), default=None),
        "passed_attempt": first[0],
        "passed_at": first[1],
    }


def attempts_of(session: Session, assignment_id: int, user_ids: Sequence[int]) -> dict[int, list[Judged]]:
    """The judged attempts at an assignment of these students, by student, in order."""
    wanted: Select[*tuple[Any, ...]] = _ATTEMPTS.where(
        _ROWS.c.assignment_id == assignment_id, _ROWS.c.user_id.in_(user_ids)
    )
    found: dict[int, list[Judged]] = {}
    for row in session.execute(wanted.order_by(_ROWS.c.user_id, _ROWS.c.attempt)):
        found.setdefault(row.user_id, []).append(Judged(*row))
    return found


def students(session: Session, assignment_id: int) -> set[int]:
    """Who has handed in to an assignment."""
    return set(
        session.scalars(
            select(Submission.user_id).where(Submission.assignment_id == assignment_id).distinct()
        )
    )


def overrides(session: Session, assignment_id: int) -> dict[int, float]:
    """The totals of an assignment that were set by hand and hold, by student."""
    newest = (
        select(func.max(Override.id))
        .where(Override.assignment_id == assignment_id, Override.check_id.is_(None))
        .group_by(Override.user_id)
    )
    rows = session.execute(select(Override.user_id, Override.score).where(Override.id.in_(newest)))
    return {user_id: score for user_id, score in rows if score is not None}


def _keep(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(_KEEP[session.get_bind().dialect.name], list(rows))
