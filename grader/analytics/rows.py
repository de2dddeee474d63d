"""Rows: what everything in this room is computed from, one for each attempt that was graded.

What we could not grade is no row: it is never a zero, and it costs no attempt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from grader.model.exercise import Exercise
from grader.model.kinds import CHECKS
from grader.model.report import Verdict

Role = Literal["code", "prediction", "other"]
"""What a check is about: what the student's code does; what the student says of a derivative; neither."""
NOT_JUDGED: Final = frozenset({"skipped"})
"""Verdicts that say nothing about the answer."""


class CheckOutcome(msgspec.Struct, frozen=True, gc=False):
    """The verdict on one check of an attempt.

    ``code`` is the diagnosis', None where there was none. (A struct of msgspec's, as a term has some hundred
    thousand of these: they are made ten times as fast as those of a dataclass.)
    """

    check_id: str
    kind: str
    verdict: Verdict
    code: str | None
    points: float
    max_points: float

    @property
    def unexplained(self) -> bool:
        """Whether it is wrong and nothing says why: an answer came, and no diagnosis fits it."""
        return self.verdict == "failed" and self.code is None


class Attempt(msgspec.Struct, frozen=True):
    """One graded attempt of a student at an assignment.

    :ivar number: 1, 2, 3 … in the order received; what we could not grade may leave gaps.
    :ivar at: when it was received; aware.
    """

    user_id: int
    assignment_id: int
    number: int
    at: datetime
    score: float
    max_score: float
    passed: bool
    checks: tuple[CheckOutcome, ...]
    submission_id: str


Series = list[Attempt]
"""One student's attempts at one assignment, in their order."""
Place = tuple[int, str]
"""A check of an assignment: the assignment's id, the check's."""


def series(attempts: Iterable[Attempt]) -> dict[tuple[int, int], Series]:
    """The attempts of each student at each assignment, by ``(user_id, assignment_id)``."""
    found: dict[tuple[int, int], Series] = {}
    for attempt in attempts:
        found.setdefault((attempt.user_id, attempt.assignment_id), []).append(attempt)
    for each in found.values():
        each.sort(key=lambda attempt: attempt.number)
    return found


def best_of(attempts: Sequence[Attempt]) -> Attempt:
    """The earliest attempt with the best score, of a series that is not empty."""
    return max(attempts, key=lambda attempt: (attempt.score, -attempt.number))


def role_of_kind(kind: str) -> Role:
    """What a check of this kind is usually about. :func:`roles_of` knows it better."""
    found = CHECKS.get(kind)
    if found is None:
        return "other"
    if found.of_values or found.through_autograd:
        return "code"
    return "prediction" if found.returns_derivative and kind != "from-autograd" else "other"


def roles_of(assignment_id: int, exercise: Exercise) -> dict[Place, Role]:
    """What each check of an exercise is about: of a typed value, no code is judged."""
    found: dict[Place, Role] = {}
    for check in exercise.checks:
        role: Role = "other"
        if check.predicts or (check.answer is not None and not check.requires_autograd):
            role = "prediction"
        elif check.function is not None and (check.of_values or check.through_autograd):
            role = "code"
        found[assignment_id, check.id] = role
    return found


def role(place: Place, kind: str, roles: Mapping[Place, Role]) -> Role:
    """What a check is about, as its exercise says; by its kind where that is not known any more."""
    return roles.get(place) or role_of_kind(kind)
