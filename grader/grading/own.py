"""Predictions about a function that the student designed.

Right is what autograd says of the student's own function. Because a function can cut its graph or
bring its own ``backward``, that is held against finite differences of its bare values, taken in
another child, wherever the function is smooth.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from grader.checks import judge, outcomes, results, sentences
from grader.checks.points import Numbers, from_numpy, numbers_of, to_numpy
from grader.grading.observe import Sandbox, Seen
from grader.grading.plan import Plan, arguments, wrt_of
from grader.grading.points import point
from grader.grading.truth import Right, Truth
from grader.model.exercise import Check
from grader.model.job import Call, Job
from grader.model.observation import Differentiated, Outcome, Returned, Skipped
from grader.model.report import CheckResult
from grader.model.submission import Submission
from grader.model.values import Array, Nothing

_STEP: Final = 1e-6
_WIDER: Final = 8.0
_WIDEST: Final = 1000.0
_STEPS: Final = (-_WIDEST, -_WIDER, -1.0, 0.0, 1.0, _WIDER, _WIDEST)
"""Where a function is looked at around each entry, in steps."""
_RTOL: Final = 1e-4
_NOISE: Final = 1e-14
"""What a function's rounding may be, relatively: some fifty units in the last place."""
MAX_ENTRIES: Final = 8
"""So many entries of each input are moved."""
_BYTES: Final = 4 * 2**20


def judge_own(
    plan: Plan,
    check: Check,
    submission: Submission,
    seen: Seen,
    truth: Truth,
    sandbox: Sandbox,
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
        if expected is None or not (np.isfinite(expected).all() or check.nonfinite):
            return results.unjudged(check, "failed", sentences.OWN_NOT_FINITE)
        wrongs = truth.rights[check.id, case.name].misconceptions
        right = Right(expected, value, expected.size if expected is not None else 1, {}, wrongs)
        outcome = seen.outcomes.get(plan.task_of[check.id, case.name], Skipped())
        points.append(point(case, right, outcome))
    judged = judge.judge_function(exercise, check, points, seen.outcomes.get(plan.again_of.get(check.id, "")))
    if judged.verdict == "passed" and not _is_the_slope(plan, check, submission, seen, sandbox):
        return results.unjudged(check, "failed", sentences.NOT_THE_SLOPE)
    return judged


def _before(plan: Plan, check: Check, seen: Seen) -> outcomes.Trouble:
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


def _is_the_slope(plan: Plan, check: Check, submission: Submission, seen: Seen, sandbox: Sandbox) -> bool:
    """Whether autograd's gradient is how the function's values change, wherever they change smoothly.

    A function that has a value only while it is differentiated shows nothing of how it changes: that of
    most entries, which may be at the edge of where a function is defined, there must be values nearby.
    """
    assert check.of is not None
    names = arguments(plan.exercise, check, check.of)
    position = names.index(wrt_of(plan.exercise, check, names))
    tasks: list[Call] = []
    for case in plan.cases:
        # In double precision whatever the exercise's is: a float32 has no millionth to move by.
        arrays = [_double(case.inputs[name]) for name in names]
        start = to_numpy(arrays[position])
        for entry in range(_looked_at(plan, start)):
            for k, step in enumerate(_STEPS):
                moved = start.copy().reshape(-1)
                moved[entry] += step * _STEP * max(1.0, abs(float(moved[entry])))
                shifted = [*arrays]
                shifted[position] = from_numpy(moved.reshape(start.shape))
                tasks.append(Call(id=f"{case.name}/{entry}/{k}", function=check.of, args=tuple(shifted)))
    limits = plan.exercise.limits
    values = sandbox.run(Job(submission.source, tuple(tasks), limits, submission.seed))
    if any(_is_single(outcome) for outcome in values.outcomes.values()):
        return True  # in single precision, differences over a millionth say nothing of a slope
    asked = hidden = 0
    for case in plan.cases:
        mine = seen.outcomes[plan.own_of[check.id, case.name]]
        assert isinstance(mine, Differentiated)
        gradient, start = numbers_of(mine.grads[0]), to_numpy(case.inputs[names[position]])
        assert gradient is not None
        for entry in range(_looked_at(plan, start)):
            ran = [values.outcomes.get(f"{case.name}/{entry}/{k}", Skipped()) for k in range(len(_STEPS))]
            row = [_total(outcome) for outcome in ran if not isinstance(outcome, Skipped)]
            shown = all(map(math.isfinite, row))
            if shown and len(row) < len(_STEPS):
                continue  # there was no time to ask
            size = _STEP * max(1.0, abs(float(start.reshape(-1)[entry])))
            fits = _fits(row, size, float(gradient.reshape(-1)[entry])) if shown else None
            if fits is False:
                return False
            asked += 1
            hidden += fits is None
    return 2 * hidden <= asked


def _is_single(outcome: Outcome) -> bool:
    """Whether a function that was given double precision returned less."""
    numbers = numbers_of(outcome.value) if isinstance(outcome, Returned) else None
    return numbers is not None and numbers.dtype in (np.float32, np.float16)


def _looked_at(plan: Plan, start: Numbers) -> int:
    """How many entries of an input are moved: fewer of large ones, all of which are sent each time."""
    room = _BYTES // (len(_STEPS) * len(plan.cases) * max(1, start.nbytes))
    return min(start.size, MAX_ENTRIES, max(1, room))


def _double(array: Array) -> Array:
    return from_numpy(to_numpy(array)) if array.dtype == "float32" else array


def _total(outcome: Outcome) -> float:
    """The sum of what the function returned; NaN where it returned no numbers."""
    numbers: Numbers | None = numbers_of(outcome.value) if isinstance(outcome, Returned) else None
    return math.nan if numbers is None or numbers.dtype.kind == "c" else float(np.sum(numbers))


def _fits(row: list[float], size: float, slope: float) -> bool | None:
    """Whether central differences at two widths agree with ``slope``; None where they tell nothing.

    At a kink the slope to the right is another than that to the left, however small the step (the bend of a
    smooth function shrinks with it), and any slope will do. Where the two widths do not agree with each
    other, there is a jump nearby, or noise: then a wide step has to agree, roughly.
    """
    start, far_left, left, middle, right, far_right, end = row
    narrow = (right - left) / (2 * size)
    wide = (far_right - far_left) / (2 * _WIDER * size)
    bend = abs(right - 2 * middle + left) / size
    wide_bend = abs(far_right - 2 * middle + far_left) / (_WIDER * size)
    noise = _NOISE * max(map(abs, row)) / size
    tolerance = _RTOL * max(abs(narrow), abs(wide), 1e-3) + noise
    if abs(narrow - wide) > tolerance:
        coarse = (end - start) / (2 * _WIDEST * size)
        return True if abs(slope - coarse) <= 0.05 * max(abs(slope), abs(coarse)) else None
    if bend > tolerance and wide_bend < 0.5 * _WIDER * bend:
        return True
    return abs(slope - narrow) <= 3 * tolerance
