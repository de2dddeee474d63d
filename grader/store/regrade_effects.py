"""Effects of a regrade: who would move, from what to what, if it were accepted now.

Counted over *all* attempts of each student, those that came after the proposal was made, too, by the rules
that hold for this student. A total that was set by hand stays, whatever the attempts come to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.model.policy import Attempt, Counted, Policy, count
from grader.store import judgings, rescoring, standings
from grader.store.standings import Judged
from grader.store.tables import (
    Assignment,
    CheckResult,
    Judging,
    Override,
    Regrade,
    RegradeItem,
    Standing,
    Submission,
)

_AT_ONCE: Final = 500
"""Students whose attempts are read together."""
_EQUAL: Final = 1e-9
"""Points that nobody sees: what dividing and multiplying leaves."""

Replaced = Mapping[str, tuple[float, float]]
"""Score and maximum that take the place of a submission's."""


class Move(NamedTuple):
    """One student whose attempts come to something else."""

    user_id: int
    before: Counted | None
    after: Counted | None
    held: float | None
    """The total that was set by hand, which counts instead."""

    @property
    def gain(self) -> float:
        """Points; a share of the maximum where that is another one."""
        before, after = self.before, self.after
        if before is None or after is None:
            return 0.0
        if before.maximum == after.maximum:
            return after.score - before.score
        return _share(after) - _share(before)


@dataclass(frozen=True)
class Effect:
    """What a proposal comes to."""

    moves: tuple[Move, ...]
    """The greatest loss first."""
    held: tuple[Move, ...]
    """Whose attempts come to something else, and whose total was set by hand: nothing moves."""
    same: int
    """Students for whom nothing changes."""

    @property
    def mark(self) -> str:
        """A short name of this effect: another effect has another."""
        said = [_plain(move) for move in sorted((*self.moves, *self.held))]
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:16]

    @property
    def up(self) -> int:
        """How many gain."""
        return sum(move.gain > _EQUAL for move in self.moves)

    @property
    def even(self) -> int:
        """How many neither gain nor lose: the same share of another maximum, or late and worth as much."""
        return len(self.moves) - self.up - self.down

    @property
    def down(self) -> int:
        """How many lose."""
        return sum(move.gain < -_EQUAL for move in self.moves)


def effect(session: Session, regrade: Regrade, assignment: Assignment) -> Effect:
    """What an open proposal comes to; of a rerun, by what has been judged so far."""
    if regrade.kind == "rescore":
        return of_change(session, assignment, regrade.changes)
    users = session.scalars(
        select(Submission.user_id)
        .join(RegradeItem, RegradeItem.submission_id == Submission.id)
        .where(RegradeItem.regrade_id == regrade.id, RegradeItem.after_id.is_not(None))
        .distinct()
    ).all()

    def replaced(some: Sequence[int]) -> Replaced:
        return _replaced(session, regrade.id, some)

    return _effect(session, assignment, sorted(users), None, replaced)


def of_change(
    session: Session, assignment: Assignment, changes: Mapping[str, Any], *, most: int | None = None
) -> Effect:
    """What other rules would come to.

    :param changes: as :func:`grader.store.rescoring.proposed` makes them.
    :param most: of so many students, a sample; None: of all.
    """
    users: Iterable[int] | None = rescoring.users_of(changes)
    everybody = sorted(standings.students(session, assignment.id) if users is None else users)
    return _effect(session, assignment, _spread(everybody, most), changes, lambda _: {})


def _spread(users: Sequence[int], most: int | None) -> Sequence[int]:
    """So many of them, evenly."""
    if most is None or len(users) <= most:
        return users
    return [users[n * len(users) // most] for n in range(most)]


def _effect(
    session: Session,
    assignment: Assignment,
    users: Sequence[int],
    changes: Mapping[str, Any] | None,
    replaced: Callable[[Sequence[int]], Replaced],
) -> Effect:
    by_hand = standings.overrides(session, assignment.id)
    moves: list[Move] = []
    same = 0
    for first in range(0, len(users), _AT_ONCE):
        some = users[first : first + _AT_ONCE]
        now = rescoring.policies_under(session, assignment, None, some)
        then = now if changes is None else rescoring.policies_under(session, assignment, changes, some)
        instead = replaced(some)
        for user_id, rows in standings.attempts_of(session, assignment.id, some).items():
            before = _counted(now(user_id), rows, {})
            after = _counted(then(user_id), rows, instead)
            if _alike(before, after):
                same += 1
            else:
                moves.append(Move(user_id, before, after, by_hand.get(user_id)))
    moves.sort(key=lambda move: (move.gain, move.user_id))
    return Effect(
        tuple(move for move in moves if move.held is None),
        tuple(move for move in moves if move.held is not None),
        same,
    )


def _counted(policy: Policy, rows: Sequence[Judged], instead: Replaced) -> Counted | None:
    return count(
        policy,
        [
            Attempt(row.id, row.attempt, row.created_at, *instead.get(row.id, (row.score, row.max_score)))
            for row in rows
        ],
    )


def _replaced(session: Session, regrade_id: int, users: Sequence[int]) -> dict[str, tuple[float, float]]:
    """What these students' submissions score by the judgings that were made for a proposal; checks that were
    set by hand as they were set."""
    rows = session.execute(
        select(RegradeItem.submission_id, Judging.id, Judging.score, Judging.max_score)
        .join(Judging, Judging.id == RegradeItem.after_id)
        .join(Submission, Submission.id == RegradeItem.submission_id)
        .where(RegradeItem.regrade_id == regrade_id, Submission.user_id.in_(users))
    ).all()
    found = {submission_id: (score, most) for submission_id, _, score, most in rows}
    judged = {submission_id: judging for submission_id, judging, _, _ in rows}
    touched = session.scalars(
        select(Override.submission_id).where(Override.user_id.in_(users)).distinct()
    ).all()
    for submission_id in touched:
        if submission_id is None or submission_id not in judged:
            continue
        by_hand = judgings.overridden(session, submission_id)
        given = select(CheckResult.check_id, CheckResult.points).where(
            CheckResult.judging_id == judged[submission_id]
        )
        more = sum(by_hand[check] - was for check, was in session.execute(given) if check in by_hand)
        score, most = found[submission_id]
        found[submission_id] = (score + more, most)
    return found


def since(session: Session, regrade: Regrade) -> tuple[int, int]:
    """What came after a proposal was made: attempts with a verdict, and scores set by hand."""
    attempts = select(func.count()).where(
        Submission.assignment_id == regrade.assignment_id,
        Submission.created_at > regrade.made_at,
        Submission.judging_id.is_not(None),
    )
    by_hand = select(func.count()).where(
        Override.assignment_id == regrade.assignment_id, Override.created_at > regrade.made_at
    )
    row = session.execute(select(attempts.scalar_subquery(), by_hand.scalar_subquery())).one()
    return row[0], row[1]


Had = dict[int, tuple[float | None, float | None]]
"""What counts, and of how much, by student."""


def counting(session: Session, assignment_id: int) -> Had:
    """What counts of each student in an assignment, what was set by hand before the attempts."""
    rows = session.execute(
        select(Standing.user_id, func.coalesce(Standing.override, Standing.score), Standing.max_score).where(
            Standing.assignment_id == assignment_id
        )
    )
    return {user_id: (score, most) for user_id, score, most in rows}


def moved(was: Had, now: Had) -> list[list[Any]]:
    """[student, score, of, score now, of now] of each whose standing is another."""
    return [
        [user_id, *was.get(user_id, (None, None)), *now.get(user_id, (None, None))]
        for user_id in sorted(was.keys() | now.keys())
        if was.get(user_id) != now.get(user_id)
    ]


def _alike(one: Counted | None, other: Counted | None) -> bool:
    if one is None or other is None:
        return one is other
    near = abs(one.score - other.score) <= _EQUAL and abs(one.maximum - other.maximum) <= _EQUAL
    return near and one.late == other.late


def _share(counted: Counted) -> float:
    return counted.score / counted.maximum if counted.maximum else 0.0


def _plain(move: Move) -> list[Any]:
    sides = [None if side is None else [side.id, side.score, side.maximum, side.late] for side in move[1:3]]
    return [move.user_id, *sides, move.held]
