"""Tapes of wrong predictions: the backward pass of the reference at the case that the verdict shows.

Nothing is told that the verdict does not tell: there is a tape only of a prediction that is wrong at a
visible case, whose right answer stands beside it, and only of a function that the student need not write, has
written rightly, or finds line by line in the given code. Its steps name lines of the given code, never of the
reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers, plain, to_numpy
from grader.checks.evidence import Concrete
from grader.checks.registry import kind_of
from grader.checks.tasks import arguments
from grader.grading.observe import Sandbox
from grader.grading.truth import LIMITS
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.job import Differentiate, Job, Play
from grader.model.observation import Taped
from grader.model.report import CheckResult, Counterexample, Report
from grader.model.tape import Move, Onward, Step, Tape, TapePicture, TapeStep
from grader.model.values import Array, Plain

MOST_TAPES: Final = 3
_CLOSE: Final = 1e-5
"""What is this near, relative to the larger, is called the same number: six digits are shown."""


def tapes_of(
    exercise: Exercise, report: Report | None, visible: Sequence[Concrete], seed: int, sandbox: Sandbox
) -> tuple[TapePicture, ...]:
    """A tape for each wrong prediction, :data:`MOST_TAPES` at most."""
    if report is None or exercise.solution is None:
        return ()
    wrong = list(_wrong(exercise, report, visible, seed))[:MOST_TAPES]
    if not wrong:
        return ()
    job = Job(b"", tuple(each.task for each in wrong), LIMITS)
    seen = sandbox.run(job, {"reference": exercise.solution.reference.encode()}).outcomes
    found = []
    for each in wrong:
        outcome = seen.get(each.task.id)
        if isinstance(outcome, Taped) and outcome.tape.steps:
            picture = _picture(exercise, each, outcome.tape)
            if each.known or all(step.code for step in picture.steps[:-1]):
                found.append(picture)
    return tuple(found)


@dataclass(frozen=True)
class _Wrong:
    """A prediction that is wrong at a visible case.

    :ivar task: what plays its tape.
    :ivar known: the student has the function that is differentiated, so that its steps are no secret.
    """

    check: Check
    result: CheckResult
    shown: Counterexample
    case: Concrete
    task: Play
    by: str
    known: bool


def _wrong(exercise: Exercise, report: Report, visible: Sequence[Concrete], seed: int) -> Iterator[_Wrong]:
    results = {result.id: result for result in report.checks}
    for check in exercise.checks:
        result = results.get(check.id)
        if result is None or result.verdict != "failed" or result.counterexample is None:
            continue
        shown = result.counterexample
        # Predict first, look after: a tape stands beside an answer, not in its place.
        if not _has_tape(check) or numbers_in(shown.actual) is None:
            continue
        case = next((c for c in visible if shown.inputs and shown.inputs.items() <= c.plain.items()), None)
        asked = None if case is None else kind_of(exercise, check).reference(exercise, check, case, seed)
        if case is None or not isinstance(asked, Differentiate) or asked.random:
            continue
        wrt = asked.wrt[0]
        names = [name for name, array in case.inputs.items() if array is asked.args[wrt]]
        task = Play(check.id, asked.function, asked.args, wrt, asked.output, asked.cotangent)
        yield _Wrong(
            check,
            result,
            shown,
            case,
            task,
            names[0] if len(names) == 1 else "",
            _known(exercise, check, results),
        )


def _has_tape(check: Check) -> bool:
    """Whether its right answer is what one backward pass brings."""
    return check.made_by_hand and check.of is not None and (check.how, check.order) == ("vjp", 1)


def _known(exercise: Exercise, check: Check, results: dict[str, CheckResult]) -> bool:
    """Whether the student need not write the function that is differentiated, or has written it rightly."""
    about = [results.get(other.id) for other in exercise.checks if other.function == check.of]
    return all(result is not None and result.verdict == "passed" for result in about)


# What is shown.


def _picture(exercise: Exercise, wrong: _Wrong, tape: Tape) -> TapePicture:
    assert exercise.solution is not None
    code = _given_lines(exercise.solution.reference, exercise.given)
    steps = tuple(
        TapeStep(
            step.operation, code.get(step.line or 0, ""), plain_of(step.into), step.shape, moves_of(step)
        )
        for step in tape.steps
    )
    differs, dropped = first_difference(tape, wrong.shown)
    return TapePicture(
        check=wrong.check.id,
        title=wrong.result.title,
        call=_call(exercise, wrong.check),
        by=wrong.by,
        inputs=wrong.shown.inputs,
        steps=steps,
        yours=wrong.shown.actual,
        right=wrong.shown.expected,
        differs=differs,
        dropped=dropped,
    )


def _call(exercise: Exercise, check: Check) -> str:
    """How what is differentiated is called: ``f(x)``; of the given code it is nowhere declared."""
    of = check.of or ""
    declared = exercise.call(of)
    return f"{of}({', '.join(arguments(exercise, check, of))})" if declared == of else declared


def moves_of(step: Step) -> tuple[Move, ...]:
    """What goes on from a step, to be shown."""
    return tuple(Move(m.to, m.rule, plain_of(m.local), plain_of(m.out), m.shape) for m in step.onward)


def plain_of(array: Array | None) -> Plain:
    """An array as nested lists; None where it is unknown."""
    return None if array is None else plain(to_numpy(array))


_ASSIGNED: Final = re.compile(r"(return\s+|[A-Za-z_]\w*\s*=\s*(?!=))")


def _given_lines(reference: str, given: str) -> dict[int, str]:
    """For lines of the reference, by number, the line of the given code that computes the same."""
    shown: dict[str, set[str]] = {}
    for line in given.splitlines():
        shown.setdefault(_computed(line), set()).add(bare(line))
    found = {}
    for number, line in enumerate(reference.splitlines(), 1):
        same = shown.get(_computed(line), set())
        if len(same) == 1 and _computed(line):
            (found[number],) = same
    return found


def bare(line: str) -> str:
    """Without what is said beside it."""
    return line.split("#")[0].strip()


def _computed(line: str) -> str:
    """What is computed, wherever it is put."""
    return _ASSIGNED.sub("", bare(line), count=1) if _ASSIGNED.match(bare(line)) else bare(line)


# Where a student's answer leaves the tape.


def first_difference(tape: Tape, shown: Counterexample) -> tuple[int | None, int | None]:
    """The one step that, done otherwise, gives the student's answer: it passes on what came in, or (then with
    the edge) nothing goes along one of its edges. None where there is no such step, or several.
    """
    right, yours = numbers_in(shown.expected), numbers_in(shown.actual)
    played = replayed(tape)
    if right is None or yours is None or played is None or not np.isfinite([*right.flat, *yours.flat]).all():
        return None, None
    if not same(played, right) or same(yours, right):
        return None, None
    found: list[tuple[int, int | None]] = []
    for n, step in enumerate(tape.steps):
        changes: list[int | None] = list(range(len(step.onward))) if len(step.onward) > 1 else [None]
        for edge in changes if step.onward else ():
            other = replayed(tape, n, edge)
            if other is not None and same(other, yours):
                found.append((n, edge))
    return found[0] if len(found) == 1 else (None, None)


def replayed(tape: Tape, changed: int | None = None, edge: int | None = None) -> Numbers | None:
    """What the local derivatives on a tape make of what came into its first step; None where one is unknown.

    :param changed: this step passes on what comes in, unchanged; with ``edge``, all but along that edge.
    """
    if tape.truncated or not tape.steps or tape.steps[0].into is None:
        return None
    came: dict[int, Numbers] = {0: to_numpy(tape.steps[0].into)}
    for n, step in enumerate(tape.steps):
        g = came.get(n)
        for k, move in enumerate(step.onward):
            if g is None:
                return None
            out = _applied(move, g)
            if n == changed and edge is None:
                out = g if g.shape == move.shape else None
            elif n == changed and k == edge:
                out = np.zeros(move.shape)
            if out is None:
                return None
            came[move.to] = came[move.to] + out if move.to in came else out
    return came.get(len(tape.steps) - 1)


def _applied(move: Onward, g: Numbers) -> Numbers | None:
    """What goes on where ``g`` comes in."""
    local = None if move.local is None else to_numpy(move.local)
    match move.rule:
        case "same":
            return g
        case "reshaped":
            return g.reshape(move.shape)
        case "transposed":
            return g.T
    if local is None:
        return None
    match move.rule:
        case "times":
            with np.errstate(all="ignore"):  # 0 · inf is NaN, as on the tape
                return _summed(g.reshape(move.view) * local, move.shape)
        case "left":
            return local @ g
        case "right":
            return g @ local
        case "jacobian":
            return (g.reshape(-1) @ local).reshape(move.shape)
    return None


def _summed(array: Numbers, shape: tuple[int, ...]) -> Numbers:
    """``array`` added up over the axes along which ``shape`` was stretched."""
    extra = array.ndim - len(shape)
    short: Numbers = np.sum(array, axis=tuple(range(extra)))
    stretched = tuple(i for i, size in enumerate(shape) if size == 1 and short.shape[i] != 1)
    summed: Numbers = np.sum(short, axis=stretched, keepdims=True)
    return summed


def numbers_in(value: Plain) -> Numbers | None:
    """Nested lists as an array; None where they hold anything but numbers."""
    try:
        found = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return found if value is not None else None


def same(one: Numbers, other: Numbers) -> bool:
    """Whether two arrays are one in the digits that are shown."""
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=_CLOSE, atol=1e-9, equal_nan=True))
