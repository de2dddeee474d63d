"""Truth about an exercise at one seed: an observation of its reference.

The reference runs in its own child, through the same code path as a submission, and its
gradients come from ``torch.autograd.grad`` in float64. The author's misconceptions run in
the same child. Kept by :mod:`grader.grading.truths`.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as Sequence_
from dataclasses import replace
from typing import Final

import msgspec
import numpy as np

from grader.checks.answers import choices
from grader.checks.arrays import Numbers, from_numpy, numbers_of
from grader.checks.evidence import Concrete, Plan, Right, Truth
from grader.checks.kinds.base import Reference
from grader.checks.published_names import published_names
from grader.checks.registry import kind_of
from grader.checks.said_of_reference import said_of
from grader.checks.tasks import asked_with, judged_by_cases
from grader.checks.typed import NotAnAnswer
from grader.errors import TruthFailed, TruthLate
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.model.check import Check
from grader.model.exercise import Exercise, Generator, Limits, Misconception, Solution
from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import (
    Died,
    Observation,
    Raised,
    Returned,
)
from grader.model.values import Array, Mapping, Nothing, Sequence, Value, Words
from grader.model.wrong_gradients import Mistake

LIMITS: Final = Limits(case_seconds=20.0, total_seconds=60.0)
"""Of a reference: an author's, so generous."""


def observe_truth(plan: Plan, sandbox: Sandbox, limits: Limits = LIMITS, *, whole: bool = True) -> Truth:
    """Run the reference of ``plan``'s exercise, and read off what is right.

    :param whole: also run the misconceptions, and read wrong answers off the reference's graph.
    :raises TruthFailed: the reference does not do what its exercise says; :class:`TruthLate` where it, or
        one of its misconceptions, ran into a limit of time.
    """
    exercise = plan.exercise
    solution = exercise.solution
    if solution is None:
        raise TruthFailed(f"{exercise.slug}: there is no solutions/{exercise.slug} here to judge by")
    wrongs = solution.misconceptions if whole else ()
    tasks = _tasks(plan, wrongs)
    if not whole:
        tasks = {name: _bare(task) for name, task in tasks.items()}
    seen = _run(exercise.slug, solution, tasks.values(), sandbox, limits, plan.seed, wrongs=bool(wrongs))
    try:
        return _Reader(plan, seen, wrongs, whole=whole).read()
    except TruthFailed as error:
        if any(_out_of_time(outcome) for outcome in seen.outcomes.values()):
            raise TruthLate(str(error)) from error
        raise


def typed_truths(variants: Sequence_[Exercise], sandbox: Sandbox) -> list[Truth]:
    """The truths of the typed answers alone, of several variants of one exercise, from one child.

    :raises TruthFailed: naming the variant.
    """
    solution = variants[0].solution
    assert solution is not None
    wrongs = solution.misconceptions
    tasks = [
        msgspec.structs.replace(task, id=f"{variant.number}#{task.id}")
        for variant in variants
        for task in _answer_tasks(variant, wrongs)
    ]
    seen = _run(variants[0].slug, solution, tasks, sandbox, LIMITS, 0, wrongs=True)
    found = []
    for variant in variants:
        mark = f"{variant.number}#"
        own = {
            name.removeprefix(mark): outcome
            for name, outcome in seen.outcomes.items()
            if name.startswith(mark)
        }
        part = msgspec.structs.replace(seen, outcomes=own)
        plan = make_plan(typed_alone(variant), 0)
        try:
            found.append(_Reader(plan, part, wrongs, whole=True).read())
        except TruthFailed as error:
            raise TruthFailed(f"{error}, in variant {variant.number}") from error
    return found


def typed_alone(exercise: Exercise) -> Exercise:
    """The exercise with what is asked once and typed, and nothing else."""
    assert exercise.solution is not None
    checks = tuple(check for check in exercise.checks if not judged_by_cases(exercise, check))
    answers = tuple(answer for answer in exercise.answers if not answer.at_every_case)
    solution = msgspec.structs.replace(exercise.solution, cases=(), generator=Generator(), branches=())
    return msgspec.structs.replace(exercise, checks=checks, answers=answers, cases=(), solution=solution)


def _run(
    slug: str,
    solution: Solution,
    tasks: Iterable[Task],
    sandbox: Sandbox,
    limits: Limits,
    seed: int,
    *,
    wrongs: bool,
) -> Observation:
    """:raises TruthFailed: the author's files cannot even be loaded."""
    job = Job(source=b"", tasks=tuple(tasks), limits=limits, seed=seed)
    library = {"reference": solution.reference.encode()}
    if wrongs:
        library["misconceptions"] = solution.misconceptions_source.encode()
    seen = sandbox.run(job, library)
    failure = seen.loaded.failure
    if failure is not None:
        said = f"{failure.type}: {failure.message}" if isinstance(failure, Raised) else failure.cause
        failed = TruthLate if _out_of_time(failure) else TruthFailed
        raise failed(f"{slug}: reference.py or misconceptions.py cannot be run: {said}")
    return seen


def _out_of_time(outcome: object) -> bool:
    return isinstance(outcome, Died) and outcome.cause == "timeout"


def _bare(task: Task) -> Task:
    return msgspec.structs.replace(task, wrong_gradients=False) if isinstance(task, Differentiate) else task


def _tasks(plan: Plan, wrongs: Sequence_[Misconception]) -> dict[str, Task]:
    exercise, solution = plan.exercise, plan.exercise.solution
    assert solution is not None
    tasks: list[Task] = []
    for case in plan.cases:
        for check in exercise.checks:
            if not judged_by_cases(exercise, check):
                continue
            asked = kind_of(exercise, check).reference(exercise, check, case, plan.seed)
            tasks += [] if asked is None else [asked]
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
    tasks += _answer_tasks(exercise, wrongs)
    return {task.id: task for task in tasks}


def _answer_tasks(exercise: Exercise, wrongs: Sequence_[Misconception]) -> list[Task]:
    """What is asked for the typed answers."""
    if all(answer.at_every_case for answer in exercise.answers):
        return []
    varying = _varying(exercise)
    return [
        Call(id="answers", function="reference.answers", args=varying, roots=True),
        *(
            Call(id=f"{wrong.id}!answer", function=f"misconceptions.{_python_name(wrong)}", args=varying)
            for wrong in wrongs
            if wrong.value is _UNSET
            and any(c.id in wrong.checks and not judged_by_cases(exercise, c) for c in exercise.checks)
        ),
    ]


def _varying(exercise: Exercise) -> tuple[Array, ...]:
    """The numbers that vary, in the order of ``[[vary]]``: what makes typed answers is called with them."""
    numbers = (np.array(exercise.values[each.name]) for each in exercise.vary)
    return tuple(from_numpy(each, "float64" if each.dtype.kind == "f" else "int64") for each in numbers)


_UNSET: Final = Misconception.__struct_defaults__[-1]
"""What ``Misconception.value`` is when the author gives code instead."""


def _python_name(wrong: Misconception) -> str:
    return wrong.id.replace("-", "_")


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
        in_words = {a.name for a in exercise.answers if a.in_words}
        formulas = {a.name for a in exercise.answers if a.at_every_case}
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
            if check.one_gradient and judged_by_cases(self._exercise, check)
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
                        both = {Mistake("accumulated", other.id): right.expected + before.expected}
                        more = right.wrong_gradients.also(both)
                        rights[check.id, case.name] = replace(right, wrong_gradients=more)

    def _right(self, check: Check, case: Concrete) -> Right:
        wrongs = {}
        for wrong in self._wrongs:
            if check.id in wrong.checks:
                numbers = numbers_of(self._returned(f"{wrong.id}!{check.id}@{case.name}"))
                if numbers is None:
                    raise self._fail(f"misconception '{wrong.id}' returns no numbers at case '{case.name}'")
                wrongs[wrong.id] = numbers
        kind = kind_of(self._exercise, check)
        asked = kind.reference(self._exercise, check, case, self._plan.seed)
        outcome = None if asked is None else self._seen.outcomes.get(asked.id)
        return kind.right(check, Reference(self._exercise, case, outcome, wrongs, self._names))

    def _answers(self) -> dict[str, Value]:
        asked = [answer for answer in self._exercise.answers if not answer.at_every_case]
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
            if answer.in_words:
                try:
                    choices.read(value, answer)
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
            raise self._fail(f"'{task}' does not return: {said_of(outcome)}")
        return outcome.value

    def _fail(self, what: str) -> TruthFailed:
        return TruthFailed(f"{self._exercise.slug}: {what}")
