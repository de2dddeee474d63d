"""The truth about an exercise at one seed: an observation of its reference.

The reference runs in its own child, through the same code path as a submission, and its
gradients come from ``torch.autograd.grad`` in float64. The author's misconceptions run in
the same child. Cached by (exercise digest, seed), computed once however many ask.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from grader.checks.points import Numbers, numbers_of
from grader.checks.quick import Sure, sure
from grader.errors import TruthFailed
from grader.grading.plan import Plan, arguments, differentiation, make_plan, wrt_of
from grader.model.exercise import Check, Exercise, Limits, Misconception
from grader.model.job import Call, Job, Task
from grader.model.observation import (
    Died,
    Differentiated,
    Misfit,
    Missing,
    Observation,
    Outcome,
    Raised,
    Returned,
    Skipped,
    Traced,
)
from grader.model.values import Mapping, Nothing, Value, Words, type_name

LIMITS: Final = Limits(case_seconds=20.0, total_seconds=60.0)
"""Of a reference: an author's, so generous."""


class Sandbox(Protocol):
    """What runs jobs: :class:`grader.sandbox.pool.Pool`."""

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        """Run one job to its end."""
        ...


@dataclass(frozen=True)
class Right:
    """What is right for one check at one case, and the wrong answers that are known there."""

    expected: Numbers | None
    value: Numbers | None = None
    size: int = 1
    relatives: dict[str, Numbers] = field(default_factory=dict)
    misconceptions: dict[str, Numbers] = field(default_factory=dict)

    @cached_property
    def sure(self) -> Sure | None:
        """``expected``, ready to be compared."""
        return sure(self.expected)


@dataclass(frozen=True)
class Truth:
    """Everything judging needs to know.

    :ivar rights: by (check id, case).
    :ivar answers: typed answers by name; None where the answer is None.
    :ivar wrong_answers: by answer's check id, then by misconception.
    """

    rights: dict[tuple[str, str], Right]
    branches: dict[str, str]
    answers: dict[str, Numbers | None]
    wrong_answers: dict[str, dict[str, Numbers | None]]


class Truths:
    """A cache of truths, safe for threads: each is computed once, whoever asks first."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, int], Truth] = OrderedDict()
        self._plans: OrderedDict[tuple[str, int], Plan] = OrderedDict()
        self._busy: dict[tuple[str, int], threading.Lock] = {}

    def plan(self, exercise: Exercise, seed: int) -> Plan:
        """The plan of ``exercise`` at ``seed``; it is as lasting as the truth, and kept with it."""
        key = (exercise.digest, seed)
        with self._lock:
            plan = self._plans.get(key)
        if plan is None or plan.exercise is not exercise:
            plan = make_plan(exercise, seed)
            with self._lock:
                self._plans[key] = plan
                while len(self._plans) > self._most:
                    self._plans.popitem(last=False)
        return plan

    def known(self, plan: Plan) -> bool:
        """Whether the truth of ``plan`` is at hand."""
        with self._lock:
            return (plan.exercise.digest, plan.seed) in self._known

    def of(self, plan: Plan, sandbox: Sandbox) -> Truth:
        """The truth of ``plan``.

        :raises TruthFailed: the reference does not do what its exercise says.
        :raises SandboxFailed: it could not be run.
        """
        key = (plan.exercise.digest, plan.seed)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
            gate = self._busy.setdefault(key, threading.Lock())
        with gate:
            with self._lock:
                if key in self._known:
                    return self._known[key]
            truth = observe_truth(plan, sandbox)
            with self._lock:
                self._known[key] = truth
                self._busy.pop(key, None)
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
            return truth


def observe_truth(plan: Plan, sandbox: Sandbox) -> Truth:
    """Run the reference and the misconceptions of ``plan``'s exercise, and read off what is right."""
    exercise = plan.exercise
    solution = exercise.solution
    if solution is None:
        raise TruthFailed(f"{exercise.slug}: there is no solutions/{exercise.slug} here to judge by")
    tasks = _tasks(plan)
    job = Job(source=b"", tasks=tuple(tasks.values()), limits=LIMITS, seed=plan.seed)
    library = {
        "reference": solution.reference.encode(),
        "misconceptions": solution.misconceptions_source.encode(),
    }
    seen = sandbox.run(job, library)
    failure = seen.loaded.failure
    if failure is not None:
        said = f"{failure.type}: {failure.message}" if isinstance(failure, Raised) else failure.cause
        raise TruthFailed(f"{exercise.slug}: reference.py or misconceptions.py cannot be run: {said}")
    return _Reader(plan, seen).read()


def _tasks(plan: Plan) -> dict[str, Task]:
    exercise, solution = plan.exercise, plan.exercise.solution
    assert solution is not None
    tasks: list[Task] = []
    for case in plan.cases:
        for check in exercise.checks:
            if check.function is None:
                continue
            tasks.append(_reference_task(plan, check, case))
            own = exercise.function(check.function).args
            tasks += [
                Call(
                    id=f"{wrong.id}!{check.id}@{case.name}",
                    function=f"misconceptions.{_python_name(wrong)}",
                    args=tuple(case.inputs[name] for name in own),
                )
                for wrong in solution.misconceptions
                if check.id in wrong.checks
            ]
        if solution.branches:
            first = exercise.functions[0]
            args = tuple(case.inputs[name] for name in first.args)
            tasks.append(Call(id=f"branch@{case.name}", function="reference.branch", args=args))
    if exercise.answers:
        tasks.append(Call(id="answers", function="reference.answers"))
        tasks += [
            Call(id=f"{wrong.id}!answer", function=f"misconceptions.{_python_name(wrong)}")
            for wrong in solution.misconceptions
            if isinstance(wrong.value, type(None).__class__) is False
            and wrong.value is _UNSET
            and any(c.answer is not None and c.id in wrong.checks for c in exercise.checks)
        ]
    return {task.id: task for task in tasks}


_UNSET: Final = Misconception.__struct_defaults__[-1]
"""What ``Misconception.value`` is when the author gives code instead."""


def _reference_task(plan: Plan, check: Check, case: object) -> Task:
    from grader.grading.cases import Concrete

    assert isinstance(case, Concrete) and check.function is not None
    function = check.of or check.function
    return differentiation(plan.exercise, check, function, case, plan.seed, reference=True)


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

    def __init__(self, plan: Plan, seen: Observation) -> None:
        self._plan = plan
        self._exercise: Exercise = plan.exercise
        self._seen = seen

    def read(self) -> Truth:
        exercise, solution = self._exercise, self._exercise.solution
        assert solution is not None
        rights = {
            (check.id, case.name): self._right(check, case)
            for check in exercise.checks
            if check.function is not None
            for case in self._plan.cases
        }
        branches: dict[str, str] = {}
        if solution.branches:
            for case in self._plan.cases:
                name = self._returned(f"branch@{case.name}")
                if not isinstance(name, Words) or name.text not in {b.id for b in solution.branches}:
                    raise self._fail("branch(…) must return the id of a [[branch]]")
                branches[case.name] = name.text
        answers = self._answers()
        wrong_answers = {
            check.id: {
                wrong.id: self._wrong_answer(wrong)
                for wrong in solution.misconceptions
                if check.id in wrong.checks
            }
            for check in exercise.checks
            if check.answer is not None
        }
        return Truth(rights, branches, answers, wrong_answers)

    def _right(self, check: Check, case: object) -> Right:
        from grader.grading.cases import Concrete

        assert isinstance(case, Concrete) and check.function is not None
        task = _reference_task(self._plan, check, case)
        outcome = self._seen.outcomes.get(task.id)
        if not isinstance(outcome, Differentiated):
            raise self._fail(
                f"the reference's {check.of or check.function} fails at case '{case.name}': {_said(outcome)}"
            )
        if outcome.problem:
            name = check.of or check.function
            raise self._fail(
                f"the reference's {name} has no gradient at case '{case.name}': {outcome.problem}"
            )
        value = numbers_of(outcome.value)
        names = arguments(self._exercise, check, check.of or check.function)
        source = case.inputs[wrt_of(self._exercise, check, names)]
        relatives = {
            code: numbers
            for code, relative in outcome.relatives.items()
            if (numbers := numbers_of(relative)) is not None
        }
        assert self._exercise.solution is not None
        wrongs = {}
        for wrong in self._exercise.solution.misconceptions:
            if check.id in wrong.checks:
                numbers = numbers_of(self._returned(f"{wrong.id}!{check.id}@{case.name}"))
                if numbers is None:
                    raise self._fail(f"misconception '{wrong.id}' returns no numbers at case '{case.name}'")
                wrongs[wrong.id] = numbers
        grad = outcome.grads[0]
        expected = value if check.kind == "value" else numbers_of(grad)
        size = int(np.prod(source.shape)) if source.shape else 1
        return Right(expected, value, size, relatives, wrongs)

    def _answers(self) -> dict[str, Numbers | None]:
        if not self._exercise.answers:
            return {}
        given = self._returned("answers")
        if not isinstance(given, Mapping):
            raise self._fail("answers() must return a dict")
        found: dict[str, Numbers | None] = {}
        for answer in self._exercise.answers:
            value = given.items.get(answer.name)
            if value is None:
                raise self._fail(f"answers() gives nothing for '{answer.name}'")
            found[answer.name] = self._numbers(value, f"answers()['{answer.name}']")
        return found

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
