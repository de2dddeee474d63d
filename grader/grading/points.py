"""The points of a check: each case with what is right there and what was seen there."""

from __future__ import annotations

import math

from grader.checks.points import Point
from grader.grading.cases import Concrete
from grader.grading.observe import Seen
from grader.grading.plan import Plan
from grader.grading.truth import Right, Truth
from grader.model.exercise import Check
from grader.model.observation import Outcome, Skipped


def points_of(plan: Plan, check: Check, seen: Seen, truth: Truth) -> list[Point]:
    """One for each case, visible ones first."""
    return [
        point(
            case,
            truth.rights[check.id, case.name],
            seen.outcomes.get(plan.task_of[check.id, case.name], Skipped()),
            truth.branches.get(case.name, ""),
        )
        for case in plan.cases
    ]


def point(case: Concrete, right: Right, outcome: Outcome, branch: str = "") -> Point:
    """One case of one check."""
    return Point(
        case=case.name,
        visible=case.visible,
        inputs=case.plain() if case.visible else {},
        expected=right.expected,
        outcome=outcome,
        branch=branch,
        value=right.value,
        size=right.size,
        sizes=_sizes(case),
        relatives=right.relatives,
        misconceptions=right.misconceptions,
    )


def _sizes(case: Concrete) -> tuple[int, ...]:
    found: list[int] = []
    for _, array in sorted(case.inputs.items()):
        found += [*array.shape, math.prod(array.shape)]
    return tuple(found)
