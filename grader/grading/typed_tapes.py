"""Tapes of wrong typed answers: the backward pass of the given code, up to where a student's number differs.

Two kinds of answer are about it. Where a line of the given code shows a gradient (``x.grad  # x_grad: ?``),
the verdict tells beside the box what was right, and the tape shows how it comes about. Where the numbers of
an answer are adjoints of variables (``adjoints`` in ``exercise.toml``), each stands beside its step. There
the verdict does not tell what is right: so the tape ends at the first that is wrong, and what goes on to the
steps behind it is left out.

A tape is shown only where what it arrives at is what the verdict holds the answer against.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from grader.checks.arrays import Numbers, from_numpy, to_numpy
from grader.checks.typed import NotAnAnswer, Typed, agrees, parse
from grader.grading.observe import Sandbox
from grader.grading.tapes import bare, first_difference, moves_of, numbers_in, plain_of, same
from grader.grading.truth import LIMITS
from grader.model.answer_types import Adjoints
from grader.model.exercise import Exercise
from grader.model.given import asked_in
from grader.model.job import Job, Play, PlayLine
from grader.model.observation import Taped
from grader.model.report import CheckResult, Counterexample, Report
from grader.model.tape import Step, TapePicture, TapeStep
from grader.model.values import Plain

MOST_TYPED: Final = 3


@dataclass(frozen=True)
class _Wrong:
    """A typed answer, or an entry of one, that is wrong.

    :ivar yours: the number of the student's; ``right``: what it was, where the verdict tells it.
    :ivar adjoints: the variables that its numbers are about; None for what a line shows.
    """

    result: CheckResult
    task: Play | PlayLine
    yours: Plain
    right: Plain = None
    adjoints: Adjoints | None = None


def typed_tapes_of(exercise: Exercise, report: Report | None, sandbox: Sandbox) -> tuple[TapePicture, ...]:
    """A tape for each wrong typed answer about the backward of the given code, :data:`MOST_TYPED` at most.

    :param report: as its reader may see it: of an answer on which it tells nothing there is no tape.
    """
    wrong = [] if report is None else list(_wrong(exercise, report))[: 2 * MOST_TYPED]
    if not wrong:
        return ()
    seen = sandbox.run(Job(b"", tuple(each.task for each in wrong), LIMITS)).outcomes
    found = []
    for each in wrong:
        outcome = seen.get(each.task.id)
        if isinstance(outcome, Taped) and outcome.tape.steps and not outcome.tape.truncated:
            picture = (
                _at_line(exercise, each, outcome)
                if each.adjoints is None
                else _along(exercise, each, outcome)
            )
            found += [picture] if picture is not None else []
    return tuple(found[:MOST_TYPED])


def _wrong(exercise: Exercise, report: Report) -> Iterator[_Wrong]:
    results = {result.id: result for result in report.checks}
    for check in exercise.checks:
        result = results.get(check.id)
        if check.answer is None or result is None or result.verdict != "failed" or result.typed is None:
            continue
        example, adjoints = result.counterexample, exercise.answer(check.answer).adjoints
        if adjoints is not None:
            args = tuple(from_numpy(np.asarray(value, dtype=np.float64)) for value in adjoints.at.values())
            task = Play(check.id, adjoints.of, args, code=exercise.given)
            yield _Wrong(result, task, result.typed.said, adjoints=adjoints)
        elif example is not None and not example.inputs:
            for place in asked_in(exercise.given):
                yours, right = (_entry(value, place.at) for value in (example.actual, example.expected))
                told = numbers_in(yours) is not None and numbers_in(right) is not None
                if place.name == check.answer and told and _entry(result.typed.entries, place.at) is not True:
                    line = PlayLine(f"{check.id}@{place.line}", "", exercise.given, place.line)
                    yield _Wrong(result, line, yours, right)


def _entry(nested: Any, at: tuple[int, ...]) -> Any:
    for index in at:
        nested = nested[index] if isinstance(nested, list) and index < len(nested) else None
    return nested


def _steps(exercise: Exercise, steps: tuple[Step, ...]) -> Iterator[TapeStep]:
    lines = exercise.given.splitlines()
    for step in steps:
        code = bare(lines[step.line - 1]) if step.line and step.line <= len(lines) else ""
        yield TapeStep(step.operation, code, plain_of(step.into), step.shape, moves_of(step))


# What a line shows.


def _at_line(exercise: Exercise, wrong: _Wrong, outcome: Taped) -> TapePicture | None:
    """None where the line shows something else than what this pass has brought."""
    shown, arrived = outcome.shown, outcome.tape.steps[-1].into
    yours, right = numbers_in(wrong.yours), numbers_in(wrong.right)
    if shown is None or arrived is None or yours is None or right is None:
        return None
    came, held = to_numpy(arrived), None if shown.held is None else to_numpy(shown.held)
    now = came if held is None else held + came
    if not all(same(each, right) for each in (to_numpy(shown.value), _indexed(now, shown.at))):
        return None
    adds = held is not None and bool(held.any())
    differs: tuple[int | None, int | None] = (None, None)
    if not shown.at and yours.shape == right.shape:
        less: Numbers = held if held is not None and adds else np.zeros_like(right)
        through = Counterexample({}, (right - less).tolist(), (yours - less).tolist())
        differs = first_difference(outcome.tape, through)
    whole = not shown.at and not adds
    return TapePicture(
        check=wrong.result.id,
        title=wrong.result.title,
        call=shown.output,
        by=shown.leaf,
        inputs={name: plain_of(array) for name, array in shown.inputs.items()},
        steps=tuple(_steps(exercise, outcome.tape.steps)),
        yours=wrong.yours,
        right=wrong.right,
        differs=differs[0],
        dropped=differs[1],
        asked="" if whole else f"{shown.leaf}.grad" + "".join(f"[{each}]" for each in shown.at),
        held=plain_of(shown.held) if adds else None,
    )


def _indexed(array: Numbers, at: tuple[int, ...]) -> Numbers:
    try:
        return np.asarray(array[at])
    except IndexError:
        return np.zeros(0)


# What comes in at each variable.


def _along(exercise: Exercise, wrong: _Wrong, outcome: Taped) -> TapePicture | None:
    """The tape to the first step at which the student's number is another; None where there is none such."""
    adjoints, tape = wrong.adjoints, outcome.tape
    assert adjoints is not None
    try:
        said = parse(str(wrong.yours), (len(adjoints.names),))
    except NotAnAnswer:
        return None
    if said.values is None or said.slack is None or said.values.shape != (len(adjoints.names),):
        return None
    marked: dict[int, tuple[float, bool]] = {}
    for n, step in enumerate(tape.steps):
        if step.name in adjoints.names and step.into is not None:
            at = adjoints.names.index(step.name)
            right = to_numpy(step.into)
            if right.size != 1:
                return None
            one = Typed(said.values[at : at + 1], said.slack[at : at + 1])
            marked[n] = float(said.values[at].real), bool(agrees(right.reshape(1), one)[0])
    first = next((n for n, (_, right) in marked.items() if not right), None)
    if first is None:
        return None
    steps = []
    for n, shown in enumerate(_steps(exercise, tape.steps[: first + 1])):
        number = marked.get(n)
        steps.append(
            TapeStep(
                shown.operation, shown.code, shown.into, shown.shape,
                tuple(move for move in shown.moves if move.to <= first),
                "" if number is None else tape.steps[n].name,
                None if number is None else number[0],
                None if number is None else number[1],
            )
        )  # fmt: skip
    leaf = next(iter(adjoints.at))
    return TapePicture(
        check=wrong.result.id,
        title=wrong.result.title,
        call=_call(adjoints),
        by=leaf,
        inputs=dict(adjoints.at),
        steps=tuple(steps),
        yours=steps[-1].yours,
        right=steps[-1].into,
        stopped=first + 1 < len(tape.steps),
    )


def _call(adjoints: Adjoints) -> str:
    """How the function is called: ``f(x)``."""
    return f"{adjoints.of}({', '.join(adjoints.at)})"
