"""``draw(exercise, submission, sandbox, truths) → Pictures``: a job of its own, after the verdict.

::

    exercise ──► subject, grid ──► sandbox (the reference's child, kept) ──► truth ──┐
                        │                                                            ├─► Curve
                        └────────► sandbox (the submission's child) ──► f, prediction ┘
                                                          └──────────► Graph ──► GraphPicture

A picture must not lie. A curve is drawn only of a function of one number: of one whose visible cases
are single numbers, or of one that acts entry by entry. The latter is tried and not believed: the whole
grid at once must give what each of its points gives alone (of the reference), or in two smaller
vectors (of the student's functions); a point where they differ is left out.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from grader.checks.points import Numbers, from_numpy, numbers_of, to_numpy
from grader.grading.cases import Concrete, cases_of
from grader.grading.observe import Sandbox
from grader.grading.stretches import robust_range, short, stretches
from grader.grading.truth import LIMITS
from grader.grading.truths import Truths
from grader.model.exercise import Check, Exercise, Input
from grader.model.job import Call, Differentiate, Job, Task, Trace
from grader.model.observation import Differentiated, Observation, Outcome, Returned, Traced
from grader.model.picture import MAX_POINTS, Curve, Pictures, Series, picture_of
from grader.model.source import Refusal, read_source
from grader.model.submission import Submission
from grader.model.values import Array, Mapping, Plain, Sequence, Value

POINTS: Final = 97
MARGIN: Final = 0.15
"""By so much of the visible range, to either side, is it widened."""
CASE_SECONDS: Final = 1.0
TOTAL_SECONDS: Final = 4.0
"""Less than an exercise may allow its cases: a picture is not worth a long wait."""
TEXT: Final = 2**20
"""A student who prints in f prints it at every point, and none of it is shown."""
_ALIKE: Final = 1e-6


def draw(
    exercise: Exercise,
    submission: Submission,
    sandbox: Sandbox,
    truths: Truths,
    *,
    curve: bool = True,
    graph: bool = True,
) -> Pictures:
    """The pictures of one submission; whatever its code does, it only costs itself the picture.

    :param curve: whether a curve is wanted; likewise ``graph``.
    :raises GradingFailed: the sandbox could not be had.
    """
    read = read_source(submission.source, exercise.limits.source)
    if not exercise.functions or isinstance(read, Refusal):
        return Pictures()
    subject = _subject_of(exercise)
    visible = [case for case in cases_of(exercise, submission.seed) if case.visible]
    grid = _grid_of(subject, visible) if curve else None
    right: _Right | None = None
    if grid is not None and exercise.solution is not None and not subject.own:
        right = _right(exercise, subject, grid, sandbox, truths)
        if not right.of_one_number:
            grid = None
    tasks: list[Task] = []
    if grid is not None:
        tasks += _asked(subject, grid)
    if graph and visible:
        tasks.append(_tracing(exercise, subject, visible[0]))
    if not tasks:
        return Pictures()
    limits = msgspec.structs.replace(
        exercise.limits,
        case_seconds=min(exercise.limits.case_seconds, CASE_SECONDS),
        total_seconds=min(exercise.limits.total_seconds, TOTAL_SECONDS),
        text=max(exercise.limits.text, TEXT),
    )
    seen = sandbox.run(Job(read.data, tuple(tasks), limits, submission.seed))
    traced = seen.outcomes.get(_TRACE)
    return Pictures(
        curve=_curve(subject, grid, seen, right) if grid is not None else None,
        graph=picture_of(traced.graph, subject.function, subject.args, _shown(visible[0], subject))
        if isinstance(traced, Traced)
        else None,
    )


@dataclass(frozen=True)
class _Subject:
    """What the pictures are of.

    :ivar function: the first function of the student's whose gradient is judged, or else the first.
    :ivar judged: whether a gradient of it is.
    :ivar prediction: the check of a programmed prediction of its gradient, and the function that predicts.
    :ivar one: its only input, where that is a number of floating point that it is differentiated by.
    :ivar own: the student designed it: right is what autograd says of it.
    """

    function: str
    args: tuple[str, ...]
    output: int | str | None
    judged: bool
    prediction: Check | None
    one: Input | None
    own: bool


def _subject_of(exercise: Exercise) -> _Subject:
    through = {check.function: check for check in reversed(exercise.checks) if check.kind == "gradient"}
    main = next((f for f in exercise.functions if f.name in through), exercise.functions[0])
    check = through.get(main.name)
    inputs = {i.name: i for i in exercise.inputs}
    first = inputs[main.args[0]] if len(main.args) == 1 else None
    one = first if first is not None and first.differentiable and first.dtype.startswith("float") else None
    predicting = [
        c
        for c in exercise.checks
        if c.kind in ("prediction", "own-prediction")
        and c.function is not None
        and c.of == main.name
        and exercise.function(c.function).args == main.args
    ]
    own = any(c.kind == "own-prediction" for c in predicting)
    return _Subject(
        function=main.name,
        args=main.args,
        output=check.output if check is not None else None,
        judged=check is not None or bool(predicting),
        prediction=predicting[0] if predicting else None,
        one=one,
        own=own,
    )


# The grid.


@dataclass(frozen=True)
class _Grid:
    """Where the functions are asked.

    :ivar xs: rising, float64, shape (n,) with n ≤ :data:`MAX_POINTS`.
    :ivar alone: the shape of one point where each is asked by itself; None for vectors of many.
    """

    xs: Numbers
    dtype: str
    alone: tuple[int, ...] | None

    def point(self, i: int) -> Array:
        """One point by itself; a vector of one entry where the cases are vectors."""
        return from_numpy(np.full(self.alone if self.alone is not None else (1,), self.xs[i]), self.dtype)

    def vector(self, part: slice) -> Array:
        """Several at once, shape (m,)."""
        return from_numpy(self.xs[part], self.dtype)


def _grid_of(subject: _Subject, visible: list[Concrete]) -> _Grid | None:
    if subject.one is None or not subject.judged or not visible:
        return None
    arrays = [to_numpy(case.inputs[subject.one.name]) for case in visible]
    at = np.unique(np.concatenate([array.reshape(-1).astype(np.float64) for array in arrays]))
    at = at[np.isfinite(at)]
    if not at.size:
        return None
    single = all(array.size == 1 for array in arrays)
    xs = grid_over(at).astype(subject.one.dtype).astype(np.float64)
    return _Grid(np.unique(xs), subject.one.dtype, arrays[0].shape if single else None)


def grid_over(at: Numbers) -> Numbers:
    """Some hundred points over the range of ``at`` and a little more, these among them.

    Zero is one of them only if it is one of ``at``, and on no side of it lie points unless some of
    ``at`` do: an exercise that leaves zero out has a loop there that never ends, or a pole, and one
    that is only asked about positive numbers may be a logarithm.

    :param at: finite numbers, rising, shape (n,).
    """
    low, high = float(at[0]), float(at[-1])
    margin = MARGIN * (high - low) or max(1.0, abs(low)) / 2
    start, stop = low - margin, high + margin
    if low > 0 >= start:
        start = low / 2
    if high < 0 <= stop:
        stop = high / 2
    xs = np.linspace(start, stop, POINTS)
    for x in at[: POINTS // 3]:
        xs[np.abs(xs - x).argmin()] = x
    if 0.0 not in at:
        xs = xs[np.abs(xs) > 1e-9 * (stop - start)]
    return np.unique(xs)[:MAX_POINTS]


# What is asked.

_TRACE: Final = "graph"
_HALVES: Final = {"whole": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}


def _asked(subject: _Subject, grid: _Grid) -> Iterable[Task]:
    """The student's functions over the grid."""
    asked = {"f": subject.function}
    if subject.prediction is not None and subject.prediction.function is not None:
        asked["predicted"] = subject.prediction.function
    for series, function in asked.items():
        if grid.alone is not None:
            for i in range(len(grid.xs)):
                yield Call(id=f"{series}/{i}", function=function, args=(grid.point(i),))
        else:
            for name, part in _HALVES.items():
                yield Call(id=f"{series}/{name}", function=function, args=(grid.vector(part),))
    if subject.own:
        yield from _differentiations(subject, grid, subject.function)


def _differentiations(subject: _Subject, grid: _Grid, function: str) -> Iterable[Task]:
    if grid.alone is None:
        yield Differentiate(
            id="truth/whole",
            function=function,
            args=(grid.vector(slice(None)),),
            wrt=(0,),
            output=subject.output,
        )
    for i in range(len(grid.xs)):
        yield Differentiate(
            id=f"truth/{i}", function=function, args=(grid.point(i),), wrt=(0,), output=subject.output
        )


def _tracing(exercise: Exercise, subject: _Subject, case: Concrete) -> Trace:
    leaves = {i.name for i in exercise.inputs if i.differentiable and i.dtype.startswith("float")}
    return Trace(
        id=_TRACE,
        function=subject.function,
        args=tuple(case.inputs[name] for name in subject.args),
        names=subject.args,
        wrt=tuple(i for i, name in enumerate(subject.args) if name in leaves),
        output=subject.output,
    )


# The truth, kept as long as the truths that judge.


@dataclass(frozen=True)
class _Right:
    """What autograd says of the reference over the grid.

    :ivar of_one_number: False for a function whose entries depend on one another: it has no curve.
    :ivar gradient: shape of the grid; NaN where there is none.
    """

    of_one_number: bool
    gradient: Numbers


_kept: Final[WeakKeyDictionary[Truths, OrderedDict[str, _Right]]] = WeakKeyDictionary()
_lock: Final = threading.Lock()
_MOST: Final = 256


def _right(exercise: Exercise, subject: _Subject, grid: _Grid, sandbox: Sandbox, truths: Truths) -> _Right:
    # The visible cases do not depend on a seed, so the grid does not, and one answer serves all seeds.
    with _lock:
        known = _kept.setdefault(truths, OrderedDict())
        if exercise.digest in known:
            known.move_to_end(exercise.digest)
            return known[exercise.digest]
    solution = exercise.solution
    assert solution is not None
    tasks = tuple(_differentiations(subject, grid, f"reference.{subject.function}"))
    limits = msgspec.structs.replace(LIMITS, case_seconds=TOTAL_SECONDS, total_seconds=2 * TOTAL_SECONDS)
    seen = sandbox.run(Job(b"", tasks, limits), {"reference": solution.reference.encode()})
    right = _read_right(grid, seen)
    with _lock:
        known[exercise.digest] = right
        while len(known) > _MOST:
            known.popitem(last=False)
    return right


def _read_right(grid: _Grid, seen: Observation) -> _Right:
    count = len(grid.xs)
    alone = [seen.outcomes.get(f"truth/{i}") for i in range(count)]
    gradient = np.array([_number(_gradient(outcome)) for outcome in alone])
    if grid.alone is not None:
        # A function of one number may still return many: that has no curve, either.
        single = any(math.isfinite(_number(_value(outcome, None))) for outcome in alone)
        return _Right(single, gradient)
    whole = seen.outcomes.get("truth/whole")
    together, at_once = _numbers(_value(whole, None), count), _numbers(_gradient(whole), count)
    values = np.array([_number(_value(outcome, None)) for outcome in alone])
    # At a kink or a pole both may say NaN, which is a gap, and no sign of another entry's part in it.
    neither = ~np.isfinite(at_once) & ~np.isfinite(gradient)
    same = _alike(together, values) & (_alike(at_once, gradient) | neither)
    known = np.isfinite(values)
    return _Right(bool(known.any() and same[known].all()), np.where(same, gradient, np.nan))


def _gradient(outcome: Outcome | None) -> Value | None:
    if isinstance(outcome, Differentiated) and not outcome.problem and outcome.grads:
        return outcome.grads[0]
    return None


def _value(outcome: Outcome | None, item: int | str | None) -> Value | None:
    """What was returned, or the named item of it."""
    if not isinstance(outcome, Returned | Differentiated):
        return None
    match outcome.value, item:
        case Sequence(items=items), int() if not isinstance(item, bool) and 0 <= item < len(items):
            return items[item]
        case Mapping(items=entries), str():
            return entries.get(item)
    return outcome.value


def _numbers(value: Value | None, count: int) -> Numbers:
    """``count`` floats; NaN where ``value`` is not exactly that many real numbers."""
    found = numbers_of(value) if value is not None else None
    if found is None or found.shape != (count,) or found.dtype.kind not in "fiub":
        return np.full(count, np.nan)
    return found.astype(np.float64)


def _number(value: Value | None) -> float:
    """One float; NaN where ``value`` is not one real number."""
    found = numbers_of(value) if value is not None else None
    if found is None or found.size != 1 or found.dtype.kind not in "fiub":
        return math.nan
    return float(found.reshape(-1)[0])


def _alike(a: Numbers, b: Numbers) -> Numbers:
    """Where both are the same number, but for rounding in single precision."""
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(a - b) <= _ALIKE * (1e-3 + np.abs(a) + np.abs(b)))


# What came back.


def _curve(subject: _Subject, grid: _Grid, seen: Observation, right: _Right | None) -> Curve | None:
    f = _series(grid, seen, "f", subject.output)
    item = subject.prediction.item if subject.prediction is not None else None
    predicted = _series(grid, seen, "predicted", item)
    asked = subject.prediction is not None
    answered = bool(np.isfinite(predicted).any())
    if not answered and not np.isfinite(f).any():
        return None
    if subject.own:
        right = _read_right(grid, seen)
        right = right if right.of_one_number else None
    # Predict first, look after: the true gradient stands beside an answer, not in its place.
    withheld = right is not None and asked and not answered
    truth = right.gradient if right is not None and not withheld else np.full(len(grid.xs), np.nan)
    assert subject.one is not None
    return Curve(
        input=subject.one.name,
        function=subject.function,
        prediction=subject.prediction.function if subject.prediction is not None else None,
        xs=tuple(short(x) for x in grid.xs),
        series=Series(
            f=stretches(grid.xs, f), truth=stretches(grid.xs, truth), predicted=stretches(grid.xs, predicted)
        ),
        y_range=_range_of(f, truth, predicted),
        withheld=withheld,
    )


def _series(grid: _Grid, seen: Observation, series: str, item: int | str | None) -> Numbers:
    """One of the student's functions over the grid; NaN where it gave no number."""
    count = len(grid.xs)
    if grid.alone is not None:
        return np.array([_number(_value(seen.outcomes.get(f"{series}/{i}"), item)) for i in range(count)])
    whole = _numbers(_value(seen.outcomes.get(f"{series}/whole"), item), count)
    halves = np.full(count, np.nan)
    for name in ("even", "odd"):
        half = halves[_HALVES[name]]
        half[:] = _numbers(_value(seen.outcomes.get(f"{series}/{name}"), item), len(half))
    return np.where(_alike(whole, halves), whole, np.nan)


def _range_of(f: Numbers, truth: Numbers, predicted: Numbers) -> tuple[float, float]:
    """What of the y-axis is worth showing: f and the truth, and a prediction unless it would crush them."""
    main = [r for r in (robust_range(f), robust_range(truth)) if r is not None]
    guess = robust_range(predicted)
    ranges = main or [r for r in (guess,) if r is not None]
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    if guess is not None and max(high, guess[1]) - min(low, guess[0]) <= 3 * (high - low):
        low, high = min(low, guess[0]), max(high, guess[1])
    if low > 0 and low < (high - low) / 2:
        low = 0.0
    if high < 0 and -high < (high - low) / 2:
        high = 0.0
    room = 0.05 * (high - low) or max(0.5, abs(low) / 2)
    return short(low - room), short(high + room)


def _shown(case: Concrete, subject: _Subject) -> dict[str, Plain]:
    plain = case.plain()
    return {name: plain[name] for name in subject.args}
