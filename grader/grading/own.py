"""Predictions about a function that the student designed.

Right is what autograd says of the student's own function. Because a function can cut its graph or
bring its own ``backward``, that is held against finite differences of its bare values, taken in
another child, wherever the function is smooth.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks import judge, outcomes, results, sentences
from grader.checks.points import Numbers, from_numpy, numbers_of, to_numpy
from grader.checks.reach import Reach
from grader.grading.plan import Plan, arguments, wrt_of
from grader.grading.points import point
from grader.grading.truth import Right, Sandbox, Truth
from grader.model.exercise import Check
from grader.model.job import Call, Job
from grader.model.observation import Differentiated, Observation, Returned, Skipped
from grader.model.report import CheckResult
from grader.model.submission import Submission
from grader.model.values import Nothing

_STEP: Final = 1e-6
_WIDER: Final = 8.0
_RTOL: Final = 1e-4
MAX_ENTRIES: Final = 8
"""So many entries of each input are moved."""


def judge_own(
    plan: Plan,
    check: Check,
    submission: Submission,
    seen: Observation,
    truth: Truth,
    sandbox: Sandbox,
    reached: Reach | None,
) -> CheckResult:
    """Judge a prediction about the student's own function ``check.of``."""
    assert check.of is not None
    exercise = plan.exercise
    function = exercise.function(check.of)
    points = []
    for case in plan.cases:
        mine = seen.outcomes.get(plan.own_of[check.id, case.name], Skipped())
        trouble = outcomes.trouble(mine, function, exercise.limits)
        if trouble is not None:
            trouble = _before(plan, check, seen) if trouble.verdict == "skipped" else trouble
            return results.unjudged(check, trouble.verdict, trouble.message)
        if not isinstance(mine, Differentiated) or mine.problem or isinstance(mine.grads[0], Nothing):
            return results.unjudged(check, "failed", sentences.OWN_WITHOUT_GRADIENT)
        expected, value = numbers_of(mine.grads[0]), numbers_of(mine.value)
        wrongs = truth.rights[check.id, case.name].misconceptions
        right = Right(expected, value, expected.size if expected is not None else 1, {}, wrongs)
        outcome = seen.outcomes.get(plan.task_of[check.id, case.name], Skipped())
        points.append(point(case, right, outcome))
    judged = judge.judge_function(
        exercise, check, points, seen.outcomes.get(plan.again_of.get(check.id, "")), reached
    )
    if judged.verdict == "passed" and not _is_the_slope(plan, check, submission, seen, sandbox):
        return results.unjudged(check, "failed", sentences.NOT_THE_SLOPE)
    return judged


def _before(plan: Plan, check: Check, seen: Observation) -> outcomes.Trouble:
    """Why there was no time left for the student's own function: what came of asking for predictions."""
    assert check.function is not None
    exercise = plan.exercise
    function = exercise.function(check.function)
    first = outcomes.Trouble("skipped", sentences.SKIPPED)
    for case in plan.cases:
        outcome = seen.outcomes.get(plan.task_of[check.id, case.name], Skipped())
        trouble = outcomes.trouble(outcome, function, exercise.limits)
        if trouble is not None and trouble.verdict != "skipped":
            return trouble
    return first


def _is_the_slope(
    plan: Plan, check: Check, submission: Submission, seen: Observation, sandbox: Sandbox
) -> bool:
    """Whether autograd's gradient is how the function's values change, wherever they change smoothly."""
    assert check.of is not None
    names = arguments(plan.exercise, check, check.of)
    position = names.index(wrt_of(plan.exercise, check, names))
    tasks: list[Call] = []
    for case in plan.cases:
        arrays = [case.inputs[name] for name in names]
        start = to_numpy(arrays[position])
        for entry in range(min(start.size, MAX_ENTRIES)):
            for k, step in enumerate((-_WIDER, -1.0, 1.0, _WIDER)):
                moved = start.copy().reshape(-1)
                moved[entry] += step * _STEP * max(1.0, abs(float(moved[entry])))
                shifted = [*arrays]
                shifted[position] = from_numpy(moved.reshape(start.shape))
                tasks.append(Call(id=f"{case.name}/{entry}/{k}", function=check.of, args=tuple(shifted)))
    limits = plan.exercise.limits
    values = sandbox.run(Job(submission.source, tuple(tasks), limits, submission.seed))
    for case in plan.cases:
        mine = seen.outcomes[plan.own_of[check.id, case.name]]
        assert isinstance(mine, Differentiated)
        gradient, start = numbers_of(mine.grads[0]), to_numpy(case.inputs[names[position]])
        assert gradient is not None
        for entry in range(min(start.size, MAX_ENTRIES)):
            row = [_total(values, f"{case.name}/{entry}/{k}") for k in range(4)]
            size = _STEP * max(1.0, abs(float(start.reshape(-1)[entry])))
            if not _fits(row, size, float(gradient.reshape(-1)[entry])):
                return False
    return True


def _total(values: Observation, task: str) -> float | None:
    outcome = values.outcomes.get(task)
    numbers: Numbers | None = numbers_of(outcome.value) if isinstance(outcome, Returned) else None
    return None if numbers is None else float(np.sum(numbers))


def _fits(row: list[float | None], size: float, slope: float) -> bool:
    """Whether central differences at two widths agree with ``slope``; where they do not agree with each
    other, there is a kink or a jump nearby, and nothing is said."""
    far_left, left, right, far_right = row
    if far_left is None or left is None or right is None or far_right is None:
        return True
    narrow = (right - left) / (2 * size)
    wide = (far_right - far_left) / (2 * _WIDER * size)
    noise = 1e-9 * max(abs(left), abs(right)) / size * 1e-3
    tolerance = _RTOL * max(abs(narrow), abs(wide), 1e-3) + 10 * noise
    if not abs(narrow - wide) <= tolerance:
        return True
    return abs(slope - narrow) <= 3 * tolerance
