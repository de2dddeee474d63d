"""``own-prediction``: a prediction about a function that the student designed.

Right is what autograd says of the student's own function. Because a function can cut its graph or
bring its own ``backward``, that is held against finite differences of its bare values, taken in
another child, wherever the function is smooth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from grader.checks import judge, outcomes, sentences
from grader.checks.arrays import Numbers, from_numpy, numbers_of, to_numpy
from grader.checks.evidence import Asked, Concrete, Right
from grader.checks.kinds.base import Given, Reference, judges, observed
from grader.checks.kinds.predictions import Derivatives
from grader.checks.remarks import none_returned
from grader.checks.results import unjudged
from grader.checks.tasks import arguments, differentiation, wrt_of
from grader.model import kinds
from grader.model.exercise import Exercise
from grader.model.job import Call, Task
from grader.model.observation import Differentiated, Outcome, Returned, Skipped
from grader.model.report import CheckResult
from grader.model.text import Text
from grader.model.values import Array, Nothing

_STEP: Final = 1e-6
"""The narrowest step, relative to the entry. Rounding and truncation of a central difference in float64 weigh
the same near the cube root of its epsilon, 6e-6 (Press et al., Numerical Recipes, 5.7); at 1e-6 and at eight
times that both stay far below :data:`_RTOL` for a tame function."""
_WIDER: Final = 8.0
_WIDEST: Final = 1000.0
_STEPS: Final = (-_WIDEST, -_WIDER, -1.0, 0.0, 1.0, _WIDER, _WIDEST)
"""Where a function is looked at around each entry, in steps."""
_RTOL: Final = 1e-4
_BENT: Final = 0.1
"""By so much of itself a central difference may change from one width to the other where that is only because
of how the function bends."""
_NOISE: Final = 1e-14
"""What a function's rounding may be, relatively: some fifty units in the last place."""
MAX_ENTRIES: Final = 8
"""So many entries of each input are moved."""
_BYTES: Final = 4 * 2**20


@judges(kinds.OwnPrediction)
class OwnFunction(Derivatives[kinds.OwnPrediction]):
    """The function ``check.of`` is the student's: it is differentiated beside the prediction, and its values
    are asked for around every case in a second run."""

    runs_twice = True

    def asks(
        self, exercise: Exercise, check: kinds.OwnPrediction, cases: list[Concrete], seed: int
    ) -> Iterator[Asked]:
        yield from super().asks(exercise, check, cases, seed)
        for case in cases:
            yield Asked("own", case, differentiation(exercise, check, check.of, case, seed), "autograd")

    def later(self, exercise: Exercise, check: kinds.OwnPrediction, cases: list[Concrete]) -> Iterator[Task]:
        for case in cases:
            yield from _values(exercise, check, case, len(cases))

    def reference(
        self, exercise: Exercise, check: kinds.OwnPrediction, case: Concrete, seed: int
    ) -> Task | None:
        return None

    def right(self, check: kinds.OwnPrediction, read: Reference) -> Right:
        return Right(None, misconceptions=read.wrongs)

    def expected(self, check: kinds.OwnPrediction, given: Given, case: str) -> Numbers | None:
        mine = given.seen.raw.get(given.plan.ids(check, "own").get(case, ""))
        return numbers_of(mine.grads[0]) if isinstance(mine, Differentiated) and mine.grads else None

    def compare(self, check: kinds.OwnPrediction, given: Given) -> CheckResult:
        exercise, seen = given.exercise, given.seen
        function = exercise.function(check.of)
        here, own = given.plan.ids(check), given.plan.ids(check, "own")
        points = []
        for case in given.plan.cases:
            mine = seen.outcomes.get(own[case.name], Skipped())
            trouble = outcomes.trouble(mine, function, exercise.limits)
            if trouble is not None:
                trouble = _before(check, given) if trouble.verdict == "skipped" else trouble
                return unjudged(check, trouble.verdict, trouble.message, trouble.line)
            if isinstance(mine, Differentiated) and isinstance(mine.value, Nothing):
                return unjudged(check, "failed", none_returned(function.name, mine))
            if not _has_gradient(mine):
                constant = isinstance(mine, Differentiated) and mine.problem not in ("not-floating", "raised")
                somewhere = constant and any(_has_gradient(seen.outcomes.get(id_)) for id_ in own.values())
                why = (
                    sentences.OWN_WITHOUT_GRADIENT_SOMEWHERE if somewhere else sentences.OWN_WITHOUT_GRADIENT
                )
                return unjudged(check, "failed", why)
            assert isinstance(mine, Differentiated)
            expected = numbers_of(mine.grads[0])
            if expected is None or not (np.isfinite(expected).all() or check.nonfinite):
                return unjudged(check, "failed", sentences.OWN_NOT_FINITE)
            right = given.truth.rights[check.id, case.name]
            right = replace(right, expected=expected, value=numbers_of(mine.value), size=expected.size)
            points.append(observed(case, right, seen.outcomes.get(here[case.name], Skipped())))
        judged = judge.judge_function(exercise, check, points, given.again(check))
        said = _no_slope(check, given) if judged.verdict in ("passed", "failed") else None
        if said is not None and judged.verdict == "passed":
            return unjudged(check, "failed", said)
        if said == sentences.NOT_THE_SLOPE:  # then what autograd says is not "right"
            return unjudged(check, "failed", sentences.F_NOT_ITS_GRADIENT)
        return judged


def _has_gradient(mine: Outcome | None) -> bool:
    return isinstance(mine, Differentiated) and not mine.problem and not isinstance(mine.grads[0], Nothing)


def _before(check: kinds.OwnPrediction, given: Given) -> outcomes.Trouble:
    """Why there was no time left for the student's own function: what came of asking for predictions."""
    exercise = given.exercise
    function = exercise.function(check.function)
    for id_ in given.plan.ids(check).values():
        outcome = given.seen.outcomes.get(id_, Skipped())
        trouble = outcomes.trouble(outcome, function, exercise.limits)
        if trouble is not None and trouble.verdict != "skipped":
            return trouble
    return outcomes.Trouble("skipped", sentences.SKIPPED)


def _values(exercise: Exercise, check: kinds.OwnPrediction, case: Concrete, cases: int) -> Iterator[Call]:
    """The function around each entry of the input of one case, of so many."""
    names = arguments(exercise, check, check.of)
    position = names.index(wrt_of(exercise, check, names))
    # In double precision whatever the exercise's is: a float32 has no millionth to move by.
    arrays = [_double(case.inputs[name]) for name in names]
    start = to_numpy(arrays[position])
    for entry in range(_looked_at(cases, start)):
        for k, step in enumerate(_STEPS):
            moved = start.copy().reshape(-1)
            moved[entry] += step * _STEP * max(1.0, abs(float(moved[entry])))
            shifted = [*arrays]
            shifted[position] = from_numpy(moved.reshape(start.shape))
            yield Call(id=_id(check, case, entry, k), function=check.of, args=tuple(shifted))


def _id(check: kinds.OwnPrediction, case: Concrete, entry: int, k: int) -> str:
    return f"{check.id}:{check.of}@{case.name}/{entry}/{k}"


def _no_slope(check: kinds.OwnPrediction, given: Given) -> Text | None:
    """Why autograd's gradient is not how the function's values change, wherever they change smoothly; or why
    that cannot be seen. None where it is.

    A function that has a value only while it is differentiated shows nothing of how it changes: that of
    most entries, which may be at the edge of where a function is defined, there must be values nearby. Nor
    does one that jumps everywhere.
    """
    exercise, cases, values = given.exercise, given.plan.cases, given.seen.values
    names = arguments(exercise, check, check.of)
    wrt, own = wrt_of(exercise, check, names), given.plan.ids(check, "own")
    mine = {case.name: given.seen.outcomes[own[case.name]] for case in cases}
    asked = hidden = untold = 0
    rows: list[tuple[list[Outcome], float, float]] = []
    for case in cases:
        outcome = mine[case.name]
        assert isinstance(outcome, Differentiated)
        gradient, start = numbers_of(outcome.grads[0]), to_numpy(case.inputs[wrt])
        assert gradient is not None
        for entry in range(_looked_at(len(cases), to_numpy(_double(case.inputs[wrt])))):
            ran = [values.get(_id(check, case, entry, k), Skipped()) for k in range(len(_STEPS))]
            if any(map(_is_single, ran)):
                return None  # in single precision, differences over a millionth say nothing of a slope
            size = _STEP * max(1.0, abs(float(start.reshape(-1)[entry])))
            rows.append((ran, size, float(gradient.reshape(-1)[entry])))
    for ran, size, slope in rows:
        row = [_total(outcome) for outcome in ran if not isinstance(outcome, Skipped)]
        shown = all(map(math.isfinite, row))
        if shown and len(row) < len(_STEPS):
            continue  # there was no time to ask
        fits = _fits(row, size, slope) if shown else None
        if fits is False:
            return sentences.NOT_THE_SLOPE
        asked += 1
        hidden += not shown
        untold += fits is None
    if 2 * untold <= asked:
        return None
    return sentences.NO_VALUES_NEARBY if 2 * hidden > asked else sentences.JUMPS_EVERYWHERE


def _is_single(outcome: Outcome) -> bool:
    """Whether a function that was given double precision returned less."""
    numbers = numbers_of(outcome.value) if isinstance(outcome, Returned) else None
    return numbers is not None and numbers.dtype in (np.float32, np.float16)


def _looked_at(cases: int, start: Numbers) -> int:
    """How many entries of an input are moved: fewer of large ones, all of which are sent each time."""
    room = _BYTES // (len(_STEPS) * cases * max(1, start.nbytes))
    return min(start.size, MAX_ENTRIES, max(1, room))


def _double(array: Array) -> Array:
    return from_numpy(to_numpy(array)) if array.dtype == "float32" else array


def _total(outcome: Outcome) -> float:
    """The sum of what the function returned; NaN where it returned no numbers."""
    numbers: Numbers | None = numbers_of(outcome.value) if isinstance(outcome, Returned) else None
    return math.nan if numbers is None or numbers.dtype.kind == "c" else float(np.sum(numbers))


def _fits(row: list[float], size: float, slope: float) -> bool | None:
    """Whether central differences, (f(x + h) − f(x − h)) / 2h at two widths h, agree with ``slope``.

    None where they tell nothing.

    At a kink the slope to the right is another than that to the left, however small the step (the bend of a
    smooth function shrinks with it), and any slope will do. The error of a central difference grows with the
    square of its width: where the wider one is a little off, the narrower one is by a 64th of that. Where
    they are far apart, there is a jump nearby, or noise: then the values of one side have to agree, or
    a wide step, roughly.
    """
    start, far_left, left, middle, right, far_right, end = row
    narrow = (right - left) / (2 * size)
    wide = (far_right - far_left) / (2 * _WIDER * size)
    bend = abs(right - 2 * middle + left) / size
    wide_bend = abs(far_right - 2 * middle + far_left) / (_WIDER * size)
    noise = _NOISE * max(map(abs, row)) / size
    tolerance = _RTOL * max(abs(narrow), abs(wide), 1e-3) + noise
    if abs(narrow - wide) > tolerance:
        if abs(narrow - wide) <= _BENT * abs(narrow) and abs(slope - narrow) <= abs(narrow - wide) / 16:
            return True
        for side, near, far in ((1, right, far_right), (-1, left, far_left)):
            one, two = side * (near - middle) / size, side * (far - middle) / (_WIDER * size)
            allowed = _RTOL * max(abs(one), abs(two)) + noise
            if abs(one - two) <= allowed and abs(slope - one) <= 3 * allowed:
                return True
        coarse = (end - start) / (2 * _WIDEST * size)
        return True if abs(slope - coarse) <= 0.05 * max(abs(slope), abs(coarse)) else None
    if bend > tolerance and wide_bend < 0.5 * _WIDER * bend:
        return True
    return abs(slope - narrow) <= 3 * tolerance
