"""Curve of a submission: its f and its prediction over the grid, beside autograd's word on the reference.

The reference's answer is kept as long as the truths that judge: it is the same for every submission.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from grader.checks.arrays import Numbers
from grader.grading.kept import Kept
from grader.grading.observe import Sandbox
from grader.grading.sampling import HALVES, Grid, alike, gradient_of, number, numbers, series_of, value_of
from grader.grading.stretches import short
from grader.grading.subject import Subject
from grader.grading.tearing import Question, Run, Torn, torn
from grader.grading.truth import LIMITS
from grader.grading.truths import Truths
from grader.model.exercise import Exercise
from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import Died, Observation, Skipped
from grader.model.picture import Breaks, Curve, Series

TOTAL_SECONDS: Final = 4.0
"""Less than an exercise may allow its cases: a picture is not worth a long wait."""
_PATIENCE_ONCE: Final = 40.0
"""Likewise of a reference, whose answer is kept."""
_PATIENCE: Final = 20.0
"""Seconds after which no gap of a submission is narrowed any more."""


@dataclass(frozen=True)
class Right:
    """What autograd says of the reference over the grid.

    :ivar of_one_number: False for a function whose entries depend on one another: it has no curve.
    :ivar gradient: shape of the grid; NaN where there is none.
    :ivar value: likewise, of the function.
    :ivar torn: the gradient as it is drawn.
    :ivar jumps: both sides of each jump of the function and of the gradient.
    """

    of_one_number: bool
    gradient: Numbers
    value: Numbers
    torn: Torn = field(default_factory=Torn)
    jumps: tuple[float, ...] = ()


def patient(
    run: Callable[[tuple[Task, ...]], Observation], seen: Observation, seconds: float = _PATIENCE
) -> Run:
    """``run`` for a while; not at all where ``seen``, the first run, did not come to its end."""
    until = time.monotonic() + seconds
    if any(isinstance(outcome, Died | Skipped) for outcome in seen.outcomes.values()):
        return lambda _: None
    return lambda tasks: run(tasks) if time.monotonic() < until else None


# What is asked.


def asked(subject: Subject, grid: Grid) -> Iterable[Task]:
    """The student's functions over the grid."""
    functions = {"f": subject.function}
    if subject.prediction is not None and subject.prediction.function is not None:
        functions["predicted"] = subject.prediction.function
    for series, function in functions.items():
        if grid.alone is not None:
            for i in range(len(grid.xs)):
                yield Call(id=f"{series}/{i}", function=function, args=(grid.point(i),))
        else:
            for name, part in HALVES.items():
                yield Call(id=f"{series}/{name}", function=function, args=(grid.vector(part),))
    if subject.own:
        yield from _differentiations(subject, grid, subject.function)


def _differentiations(subject: Subject, grid: Grid, function: str) -> Iterable[Task]:
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


def _value(function: str, item: int | str | None) -> Question:
    """How a function is asked at one more point."""
    return Question(
        lambda id, at: Call(id=id, function=function, args=(at,)),
        lambda outcome: number(value_of(outcome, item)),
    )


def _gradient(subject: Subject, function: str) -> Question:
    """How autograd is."""
    return Question(
        lambda id, at: Differentiate(id=id, function=function, args=(at,), wrt=(0,), output=subject.output),
        lambda outcome: number(gradient_of(outcome)),
        _value(function, subject.output),
    )


# The truth, kept as long as the truths that judge.

_rights: Final[Kept[Right]] = Kept()


def right_over(exercise: Exercise, subject: Subject, grid: Grid, sandbox: Sandbox, truths: Truths) -> Right:
    """What autograd says of the reference over the grid, asked once."""
    solution = exercise.solution
    assert solution is not None
    library = {"reference": solution.reference.encode()}
    limits = msgspec.structs.replace(LIMITS, case_seconds=TOTAL_SECONDS, total_seconds=2 * TOTAL_SECONDS)
    function = f"reference.{subject.function}"

    def run(tasks: tuple[Task, ...]) -> Observation:
        return sandbox.run(Job(b"", tasks, limits), library)

    def observe() -> Right:
        seen = run(tuple(_differentiations(subject, grid, function)))
        right = _read_right(grid, seen, subject.output)
        if not right.of_one_number:
            return right
        return _with_jumps(grid, right, _gradient(subject, function), patient(run, seen, _PATIENCE_ONCE))

    # The visible cases do not depend on a seed, so the grid does not, and one answer serves all seeds.
    return _rights.get(truths, exercise.digest, observe)


def _with_jumps(grid: Grid, right: Right, question: Question, run: Run) -> Right:
    assert question.value is not None
    series = {"value": right.value, "gradient": right.gradient}
    done = torn(grid, series, {"value": question.value, "gradient": question}, run)
    jumps = sorted({*done["value"].sides, *done["gradient"].sides})
    return Right(right.of_one_number, right.gradient, right.value, done["gradient"], tuple(jumps))


def _read_right(grid: Grid, seen: Observation, output: int | str | None) -> Right:
    count = len(grid.xs)
    alone = [seen.outcomes.get(f"truth/{i}") for i in range(count)]
    gradient = np.array([number(gradient_of(outcome)) for outcome in alone])
    if grid.alone is not None:
        # A function of one number may still return many: that has no curve, either.
        single = any(math.isfinite(number(value_of(outcome, None))) for outcome in alone)
        return Right(single, gradient, np.array([number(value_of(outcome, output)) for outcome in alone]))
    whole = seen.outcomes.get("truth/whole")
    together, at_once = numbers(value_of(whole, None), count), numbers(gradient_of(whole), count)
    values = np.array([number(value_of(outcome, None)) for outcome in alone])
    # At a kink or a pole both may say NaN, which is a gap, and no sign of another entry's part in it.
    neither = ~np.isfinite(at_once) & ~np.isfinite(gradient)
    same = alike(together, values) & (alike(at_once, gradient) | neither)
    known = np.isfinite(values)
    return Right(bool(known.any() and same[known].all()), np.where(same, gradient, np.nan), values)


# What came back.


def curve_of(subject: Subject, grid: Grid, seen: Observation, right: Right | None, run: Run) -> Curve | None:
    """The curve, or None where neither function gave a number.

    :param seen: the outcomes of :func:`asked`.
    :param right: of the reference, where there is one.
    :param run: runs more tasks on the same submission.
    """
    item = subject.prediction.item if subject.prediction is not None else None
    guess = subject.prediction.function if subject.prediction is not None else None
    samples = {
        "f": series_of(grid, seen, "f", subject.output),
        "predicted": series_of(grid, seen, "predicted", item),
    }
    questions = {"f": _value(subject.function, subject.output), "predicted": _value(guess or "", item)}
    answered = bool(np.isfinite(samples["predicted"]).any())
    if not answered and not np.isfinite(samples["f"]).any():
        return None
    if subject.own:
        own = _read_right(grid, seen, subject.output)
        right = own if own.of_one_number else None
        if right is not None:
            samples["truth"], questions["truth"] = right.gradient, _gradient(subject, subject.function)
    done = torn(grid, samples, questions, run, right.jumps if right is not None else ())
    # Predict first, look after: the true gradient stands beside an answer, not in its place.
    withheld = right is not None and subject.prediction is not None and not answered
    truth = Torn() if right is None or withheld else done["truth"] if subject.own else right.torn
    assert subject.one is not None
    return _curve(subject, grid, done | {"truth": truth}, withheld)


def _curve(subject: Subject, grid: Grid, done: Mapping[str, Torn], withheld: bool) -> Curve:
    assert subject.one is not None
    return Curve(
        input=subject.one.name,
        function=subject.function,
        prediction=subject.prediction.function if subject.prediction is not None else None,
        xs=tuple(short(x) for x in grid.xs),
        series=Series(**{name: one.stretches for name, one in done.items()}),
        breaks=Breaks(**{name: one.breaks for name, one in done.items()}),
        withheld=withheld,
    )
