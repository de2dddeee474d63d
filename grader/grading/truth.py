"""The truth about an exercise at one seed: an observation of its reference.

The reference runs in its own child, through the same code path as a submission, and its
gradients come from ``torch.autograd.grad`` in float64. The author's misconceptions run in
the same child. Kept by :mod:`grader.grading.truths`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping as Mapping_
from collections.abc import Sequence as Sequence_
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import msgspec
import numpy as np

from grader.checks import words
from grader.checks.behaviour import raises_otherwise
from grader.checks.judge import item_of
from grader.checks.points import Numbers, numbers_of
from grader.checks.quick import Sure, sure
from grader.checks.typed import NotAnAnswer
from grader.errors import TruthFailed
from grader.grading.cases import Concrete
from grader.grading.observe import Sandbox
from grader.grading.plan import (
    Plan,
    arguments,
    asked_with,
    differentiable,
    differentiation,
    is_formula,
    tracing,
    wrt_of,
)
from grader.grading.published_names import published_names, quotable
from grader.model.exercise import THROUGH_AUTOGRAD, Check, Exercise, Limits, Misconception
from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import (
    Died,
    Differentiated,
    Graph,
    Misfit,
    Missing,
    Observation,
    Outcome,
    Raised,
    Returned,
    Skipped,
    Traced,
)
from grader.model.values import Mapping, Nothing, Sequence, Value, Words, type_name

LIMITS: Final = Limits(case_seconds=20.0, total_seconds=60.0)
"""Of a reference: an author's, so generous."""


@dataclass(frozen=True)
class Right:
    """What is right for one check at one case, and the wrong answers that are known there."""

    expected: Numbers | None
    value: Numbers | None = None
    size: int = 1
    relatives: dict[str, Numbers] = field(default_factory=dict)
    misconceptions: dict[str, Numbers] = field(default_factory=dict)
    graph: Graph | None = None
    raised: Raised | None = None
    """The error that is right, of a check of kind ``raises``."""

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """Of the function's value."""
        return None if self.value is None else self.value.shape

    @cached_property
    def sure(self) -> Sure | None:
        """``expected``, ready to be compared."""
        return sure(self.expected)


@dataclass(frozen=True)
class Truth:
    """Everything judging needs to know.

    :ivar rights: by (check id, case).
    :ivar answers: typed answers by name; None where the answer is None.
    :ivar words: typed answers that are words: a choice, or edges.
    :ivar wrong_answers: by answer's check id, then by misconception.
    """

    rights: dict[tuple[str, str], Right]
    branches: dict[str, str]
    answers: dict[str, Numbers | None]
    wrong_answers: dict[str, dict[str, Numbers | None]]
    words: dict[str, Value] = field(default_factory=dict)
    wrong_words: dict[str, dict[str, Value]] = field(default_factory=dict)
    values: tuple[Numbers, ...] = ()
    """What the reference differentiates for the typed answers: values that are no gradients."""


def observe_truth(plan: Plan, sandbox: Sandbox, limits: Limits = LIMITS, *, whole: bool = True) -> Truth:
    """Run the reference of ``plan``'s exercise, and read off what is right.

    :param whole: also run the misconceptions, and read wrong answers off the reference's graph.
    """
    exercise = plan.exercise
    solution = exercise.solution
    if solution is None:
        raise TruthFailed(f"{exercise.slug}: there is no solutions/{exercise.slug} here to judge by")
    wrongs = solution.misconceptions if whole else ()
    tasks = _tasks(plan, wrongs)
    if not whole:
        tasks = {name: _bare(task) for name, task in tasks.items()}
    job = Job(source=b"", tasks=tuple(tasks.values()), limits=limits, seed=plan.seed)
    library = {"reference": solution.reference.encode()}
    if wrongs:
        library["misconceptions"] = solution.misconceptions_source.encode()
    seen = sandbox.run(job, library)
    failure = seen.loaded.failure
    if failure is not None:
        said = f"{failure.type}: {failure.message}" if isinstance(failure, Raised) else failure.cause
        raise TruthFailed(f"{exercise.slug}: reference.py or misconceptions.py cannot be run: {said}")
    return _Reader(plan, seen, wrongs, whole=whole).read()


def _bare(task: Task) -> Task:
    return msgspec.structs.replace(task, relatives=False) if isinstance(task, Differentiate) else task


def _tasks(plan: Plan, wrongs: Sequence_[Misconception]) -> dict[str, Task]:
    exercise, solution = plan.exercise, plan.exercise.solution
    assert solution is not None
    tasks: list[Task] = []
    for case in plan.cases:
        for check in exercise.checks:
            if not judged_by_cases(exercise, check):
                continue
            tasks += _reference_tasks(plan, check, case)
            own = asked_with(exercise, check)
            tasks += [
                Call(
                    id=f"{wrong.id}!{check.id}@{case.name}",
                    function=f"misconceptions.{_python_name(wrong)}",
                    args=tuple(case.inputs[name] for name in own),
                )
                for wrong in wrongs
                if check.id in wrong.checks
            ]
        if solution.branches:
            first = exercise.functions[0]
            args = tuple(case.inputs[name] for name in first.args)
            tasks.append(Call(id=f"branch@{case.name}", function="reference.branch", args=args))
    if any(answer.type != "formula" for answer in exercise.answers):
        tasks.append(Call(id="answers", function="reference.answers", roots=True))
        tasks += [
            Call(id=f"{wrong.id}!answer", function=f"misconceptions.{_python_name(wrong)}")
            for wrong in wrongs
            if wrong.value is _UNSET
            and any(c.id in wrong.checks and not judged_by_cases(exercise, c) for c in exercise.checks)
        ]
    return {task.id: task for task in tasks}


_UNSET: Final = Misconception.__struct_defaults__[-1]
"""What ``Misconception.value`` is when the author gives code instead."""


def judged_by_cases(exercise: Exercise, check: Check) -> bool:
    """Whether ``check`` is judged at every case, against something that is right there."""
    return check.function is not None or is_formula(exercise, check)


def _reference_tasks(plan: Plan, check: Check, case: Concrete) -> list[Task]:
    """What the reference is asked for one check at one case; nothing where the student's own function is."""
    exercise, function = plan.exercise, check.of or check.function
    if check.kind == "own-prediction":
        return []
    assert function is not None
    if check.kind == "graph":
        return [tracing(exercise, check, function, case, reference=True)]
    names = arguments(exercise, check, function)
    args = tuple(case.inputs[name] for name in names)
    if check.kind == "raises":
        return [Call(id=f"{function}!raises@{case.name}", function=f"reference.{function}", args=args)]
    if check.kind == "value" and not differentiable(exercise, names):
        return [Call(id=f"{function}@{case.name}", function=f"reference.{function}", args=args)]
    return [differentiation(exercise, check, function, case, plan.seed, reference=True)]


def _contracted(wrong: Numbers, cotangent: Numbers) -> Numbers:
    """What a misconception about the gradient of the sum gives for another cotangent.

    Of one number, or where each output hangs on its own input; elsewhere a sum does not tell.
    """
    if cotangent.size == 1:
        return wrong * cotangent.reshape(())
    return wrong * cotangent if cotangent.shape == wrong.shape else wrong


def _python_name(wrong: Misconception) -> str:
    return wrong.id.replace("-", "_")


def _said(outcome: Outcome | None) -> str:
    """What an author is told of an outcome that should have been another."""
    match outcome:
        case None | Skipped():
            return "it was not run"
        case Missing():
            return "there is no such function"
        case Misfit(signature=signature):
            return f"it is defined as {signature}"
        case Raised(type=kind, message=message, line=line):
            return f"{kind}: {message}" + (f" (line {line})" if line else "")
        case Died(cause=cause, detail=detail):
            return f"{cause} {detail}".strip()
        case Returned(value=value) | Differentiated(value=value):
            return f"it returned {type_name(value)}"
        case Traced():
            return "it returned"


class _Reader:
    """Reads an observation of the reference; complains in the exercise's name."""

    def __init__(
        self, plan: Plan, seen: Observation, wrongs: Sequence_[Misconception], *, whole: bool
    ) -> None:
        self._plan = plan
        self._wrongs, self._whole = wrongs, whole
        self._exercise: Exercise = plan.exercise
        self._seen = seen
        self._names = published_names(plan.exercise)

    def read(self) -> Truth:
        exercise, solution = self._exercise, self._exercise.solution
        assert solution is not None
        rights = {
            (check.id, case.name): self._right(check, case)
            for check in exercise.checks
            if judged_by_cases(exercise, check)
            for case in self._plan.cases
        }
        if self._whole:
            self._add_accumulated(rights)
        branches: dict[str, str] = {}
        if solution.branches:
            for case in self._plan.cases:
                name = self._returned(f"branch@{case.name}")
                if not isinstance(name, Words) or name.text not in {b.id for b in solution.branches}:
                    raise self._fail("branch(…) must return the id of a [[branch]]")
                branches[case.name] = name.text
        given = self._answers()
        in_words = {a.name for a in exercise.answers if a.type in ("choice", "edges")}
        formulas = {a.name for a in exercise.answers if a.type == "formula"}
        answers = {
            name: self._numbers(value, f"answers()['{name}']")
            for name, value in given.items()
            if name not in in_words | formulas
        }
        wrong_answers: dict[str, dict[str, Numbers | None]] = {}
        wrong_words: dict[str, dict[str, Value]] = {}
        for check in exercise.checks:
            if check.answer is None or check.answer in formulas:
                continue
            wrongs = [wrong for wrong in self._wrongs if check.id in wrong.checks]
            if check.answer in in_words:
                wrong_words[check.id] = {wrong.id: self._wrong_words(wrong) for wrong in wrongs}
            else:
                wrong_answers[check.id] = {wrong.id: self._wrong_answer(wrong) for wrong in wrongs}
        said = {name: value for name, value in given.items() if name in in_words}
        seen = self._seen.outcomes.get("answers")
        roots = seen.roots if isinstance(seen, Returned) else ()
        values = tuple(numbers for root in roots if (numbers := numbers_of(root)) is not None)
        return Truth(rights, branches, answers, wrong_answers, said, wrong_words, values)

    def _add_accumulated(self, rights: dict[tuple[str, str], Right]) -> None:
        """What is in ``.grad`` when it still holds the gradient of another question about the same input."""
        asked = [
            check
            for check in self._exercise.checks
            if check.kind in ("prediction", "vjp") and judged_by_cases(self._exercise, check)
        ]
        for check in asked:
            for other in asked:
                for case in self._plan.cases:
                    right, before = rights[check.id, case.name], rights[other.id, case.name]
                    if other is check or right.expected is None or before.expected is None:
                        continue
                    if (other.of, other.wrt) != (
                        check.of,
                        check.wrt,
                    ) and right.expected.shape == before.expected.shape:
                        right.relatives[f"accumulated:{other.id}:{other.id}|"] = (
                            right.expected + before.expected
                        )

    def _right(self, check: Check, case: Concrete) -> Right:
        wrongs = {}
        for wrong in self._wrongs:
            if check.id in wrong.checks:
                numbers = numbers_of(self._returned(f"{wrong.id}!{check.id}@{case.name}"))
                if numbers is None:
                    raise self._fail(f"misconception '{wrong.id}' returns no numbers at case '{case.name}'")
                wrongs[wrong.id] = numbers
        asked = _reference_tasks(self._plan, check, case)
        if not asked:
            return Right(None, misconceptions=wrongs)
        name = check.of or check.function
        outcome = self._seen.outcomes.get(asked[0].id)
        if check.kind == "raises":
            if not isinstance(outcome, Raised):
                raise self._fail(f"the reference's {name} raises nothing at '{case.name}': {_said(outcome)}")
            if (other := raises_otherwise(check, outcome, None)) is not None:
                raise self._fail(f"the reference's {name} at '{case.name}': {other.en}")
            return Right(None, raised=outcome)
        if check.kind == "graph":
            if not isinstance(outcome, Traced):
                raise self._fail(f"the reference's {name} fails at case '{case.name}': {_said(outcome)}")
            return Right(None, graph=outcome.graph)
        if check.kind == "value" and isinstance(outcome, Returned):
            outcome = Differentiated(item_of(outcome.value, check.output), problem="no-graph")
        if not isinstance(outcome, Differentiated):
            raise self._fail(f"the reference's {name} fails at case '{case.name}': {_said(outcome)}")
        names = arguments(self._exercise, check, name or "")
        leaves = differentiable(self._exercise, names)
        # Where another input could have led to the output, this one is unused: autograd's answer is None.
        unused = outcome.problem == "no-graph" and len(leaves) > 1
        if outcome.problem and check.kind != "value" and not unused:
            why = _said(outcome.error) if outcome.error is not None else outcome.problem
            raise self._fail(f"the reference's {name} has no gradient at case '{case.name}': {why}")
        value = numbers_of(outcome.value)
        if value is None:
            raise self._fail(f"the reference's {name} returns no numbers at case '{case.name}'")
        relatives = self._quotable(check, name or "", outcome.relatives)
        drawn = relatives.pop("cotangent", None)
        if drawn is not None and check.kind in THROUGH_AUTOGRAD:
            wrongs = {name: _contracted(wrong, drawn) for name, wrong in wrongs.items()}
        if check.kind == "value":
            expected: Numbers | None = value
        else:
            expected = numbers_of(outcome.grads[0]) if outcome.grads else None
        finite = expected is None or expected.dtype.kind not in "fc" or bool(np.isfinite(expected).all())
        if not finite and not check.nonfinite:
            raise self._fail(
                f"check '{check.id}' is not finite at case '{case.name}'; "
                "move the case, or say nonfinite = true"
            )
        size = math.prod(case.inputs[wrt_of(self._exercise, check, names)].shape) if leaves else 1
        return Right(expected, value, size, relatives, wrongs)

    def _quotable(self, check: Check, function: str, read: Mapping_[str, Value]) -> dict[str, Numbers]:
        """What was read off the graph and belongs to this check, with no name that a student has not seen."""
        found: dict[str, Numbers] = {}
        for key, relative in read.items():
            of_value, code = key.startswith("value/"), key.removeprefix("value/")
            numbers = numbers_of(relative)
            if numbers is None or of_value is not (check.kind == "value"):
                continue
            start, colon, label = code.rpartition(":")
            said = quotable(self._exercise, check, function, label, self._names) if colon else code
            found[f"{start}{colon}{said}"] = numbers
        return found

    def _answers(self) -> dict[str, Value]:
        asked = [answer for answer in self._exercise.answers if answer.type != "formula"]
        if not asked:
            return {}
        given = self._returned("answers")
        if not isinstance(given, Mapping):
            raise self._fail("answers() must return a dict")
        found: dict[str, Value] = {}
        for answer in asked:
            value = given.items.get(answer.name)
            if value is None:
                raise self._fail(f"answers() gives nothing for '{answer.name}'")
            if answer.type in ("choice", "edges"):
                try:
                    words.read(value, answer)
                except NotAnAnswer as error:
                    raise self._fail(f"answers()['{answer.name}'] is no answer: {error}") from error
            found[answer.name] = value
        return found

    def _wrong_words(self, wrong: Misconception) -> Value:
        if wrong.value is _UNSET:
            return self._returned(f"{wrong.id}!answer")
        if isinstance(wrong.value, list | tuple):
            return Sequence("list", tuple(Words(str(item)) for item in wrong.value))
        return Words(str(wrong.value))

    def _wrong_answer(self, wrong: Misconception) -> Numbers | None:
        if wrong.value is _UNSET:
            return self._numbers(self._returned(f"{wrong.id}!answer"), f"misconception '{wrong.id}'")
        if wrong.value is None or wrong.value == "None":
            return None
        return np.array(wrong.value)

    def _numbers(self, value: Value, what: str) -> Numbers | None:
        if isinstance(value, Nothing):
            return None
        numbers = numbers_of(value)
        if numbers is None:
            raise self._fail(f"{what} is neither numbers nor None")
        return numbers

    def _returned(self, task: str) -> Value:
        outcome = self._seen.outcomes.get(task)
        if not isinstance(outcome, Returned):
            raise self._fail(f"'{task}' does not return: {_said(outcome)}")
        return outcome.value

    def _fail(self, what: str) -> TruthFailed:
        return TruthFailed(f"{self._exercise.slug}: {what}")
