"""What has to be run to judge an exercise: the checks, turned into tasks.

One plan serves both sides. The submission's tasks and the reference's are built from the
same cases, so truth and answer are two observations of the same thing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from grader.grading.cases import Concrete, cases_of
from grader.model.exercise import PREDICTIONS, THROUGH_AUTOGRAD, Check, Exercise
from grader.model.job import Call, Differentiate, How, Job, Task, Trace
from grader.model.values import Array

MAX_TRACES: Final = 4
"""At so many cases a graph is looked at."""
COMPARED: Final = 2
"""At so many cases a function is called in the other child, too."""


@dataclass(frozen=True)
class Plan:
    """The cases and tasks of one exercise at one seed.

    A submission runs in two children: one with autograd, and one in which autograd does not exist, for
    predictions. In each the tasks of visible cases come first.

    :ivar tasks: what is asked where autograd exists. :ivar shown: so many of them are of visible cases.
    :ivar plain: what is asked where it does not. :ivar plain_shown: so many of them are of visible cases.
    :ivar task_of: (check id, case) → id of the task that answers it.
    :ivar other_of: (check id, case) → id of the task that asks the same in the other child: does the answer
        come from autograd? At the first cases only.
    :ivar again_of: check id → id of the task that asks its first case once more.
    :ivar own_of: (check id, case) → id of the task that differentiates the student's own function.
    """

    exercise: Exercise
    seed: int
    cases: list[Concrete]
    tasks: tuple[Task, ...]
    shown: int
    plain: tuple[Task, ...]
    plain_shown: int
    extra: tuple[int, int]
    """How many of either are only asked to compare."""
    task_of: dict[tuple[str, str], str]
    other_of: dict[tuple[str, str], str]
    again_of: dict[str, str]
    own_of: dict[tuple[str, str], str]

    def jobs(self, source: bytes) -> tuple[Job, Job | None]:
        """What is run of a submission: with autograd, and without, unless nothing is predicted."""
        limits, seed = self.exercise.limits, self.seed
        job = Job(source, self.tasks, limits, seed, shown=self.shown, extra=self.extra[0])
        if not self.plain and not self.exercise.answers:
            return job, None
        shown, extra = self.plain_shown, self.extra[1]
        return job, Job(source, self.plain, limits, seed, autograd=False, shown=shown, extra=extra)


class _Tasks:
    """The tasks of one child, in the order in which they are asked: shown, hidden, and once more."""

    def __init__(self) -> None:
        self.shown: dict[str, Task] = {}
        self.hidden: dict[str, Task] = {}
        self.last: dict[str, Task] = {}

    def add(self, task: Task, *, shown: bool) -> str:
        (self.shown if shown else self.hidden).setdefault(task.id, task)
        return task.id

    def all(self) -> tuple[Task, ...]:
        return (*self.shown.values(), *self.hidden.values(), *self.last.values())


def make_plan(exercise: Exercise, seed: int) -> Plan:
    """The plan for ``exercise`` at ``seed``."""
    cases = cases_of(exercise, seed)
    autograd, plain = _Tasks(), _Tasks()
    task_of: dict[tuple[str, str], str] = {}
    other_of: dict[tuple[str, str], str] = {}
    own_of: dict[tuple[str, str], str] = {}
    again_of: dict[str, str] = {}
    programmed = [check for check in exercise.checks if check.function is not None]
    for check in programmed:
        here, there = (plain, autograd) if check.without_autograd else (autograd, plain)
        for case in cases[: MAX_TRACES if check.kind == "graph" else None]:
            task = _task(exercise, check, case, seed)
            task_of[check.id, case.name] = here.add(task, shown=case.visible)
        for case in cases[:COMPARED] if check.predicts or check.requires_autograd else ():
            call = Call(
                f"{check.function}|other@{case.name}", str(check.function), _args(exercise, check, case)
            )
            other_of[check.id, case.name] = call.id
            there.last.setdefault(call.id, call)
        if check.kind == "own-prediction":
            assert check.of is not None
            for case in cases:
                own = differentiation(exercise, check, check.of, case, seed)
                own_of[check.id, case.name] = autograd.add(own, shown=case.visible)
    # The first case of each function once more: does chance have a part in it? Last of all, so that
    # whatever these runs print, take or break costs nothing.
    for check in programmed:
        if cases and check.kind not in ("graph", "raises"):
            tasks = plain if check.without_autograd else autograd
            first = task_of[check.id, cases[0].name]
            once_more = msgspec.structs.replace(
                tasks.shown.get(first) or tasks.hidden[first], id=f"{first}#again"
            )
            again_of[check.id] = once_more.id
            tasks.last.setdefault(once_more.id, once_more)
    return Plan(
        exercise,
        seed,
        cases,
        autograd.all(),
        len(autograd.shown),
        plain.all(),
        len(plain.shown),
        (len(autograd.last), len(plain.last)),
        task_of,
        other_of,
        again_of,
        own_of,
    )


def _watched(exercise: Exercise, check: Check) -> str | None:
    """The student's function that a difference quotient would call: the predicted one, or the first other
    one.
    """
    names = [function.name for function in exercise.functions if function.name != check.function]
    return check.of if check.of in names else next(iter(names), None)


def _args(exercise: Exercise, check: Check, case: Concrete) -> tuple[Array, ...]:
    assert check.function is not None
    return tuple(case.inputs[name] for name in exercise.function(check.function).args)


def _task(exercise: Exercise, check: Check, case: Concrete, seed: int) -> Task:
    assert check.function is not None
    args = _args(exercise, check, case)
    if check.kind in PREDICTIONS:
        watched = _watched(exercise, check) if check.predicts else None
        kind = "" if check.predicts else "+"
        return Call(f"{check.function}{kind}@{case.name}", check.function, args, watched)
    if check.kind == "raises":
        return Call(id=f"{check.function}!raises@{case.name}", function=check.function, args=args)
    if check.kind == "graph":
        return tracing(exercise, check, check.function, case)
    # A value is observed on the way to a gradient: one run of f serves both checks.
    partner = next(
        (
            c
            for c in exercise.checks
            if c.kind == "gradient" and (c.function, c.output) == (check.function, check.output)
        ),
        None,
    )
    if check.kind in THROUGH_AUTOGRAD:
        partner = check
    if partner is None:
        return Call(id=f"{check.function}@{case.name}", function=check.function, args=args)
    return differentiation(exercise, partner, check.function, case, seed)


def differentiation(
    exercise: Exercise, check: Check, function: str, case: Concrete, seed: int, *, reference: bool = False
) -> Differentiate:
    """The task that differentiates ``function`` as ``check`` asks.

    :param reference: also ask for the wrong answers that can be read off the graph.
    """
    names = arguments(exercise, check, function)
    wrt = wrt_of(exercise, check, names)
    # Visible cases are summed, which a reader can follow; hidden ones get a cotangent that is
    # never all ones, so that an f that adds up is found out, and a backward that does not listen: also where
    # the exercise speaks of the sum. A prediction is not told what is drawn.
    contraction = check.cotangent
    if check.kind in THROUGH_AUTOGRAD | {"value"}:
        contraction = "random" if contraction == "sum" else contraction
    elif contraction == "random":
        contraction = "sum"
    random = contraction == "random" and not case.visible
    named = check.cotangent if check.cotangent in case.inputs else None
    how: How = "vjp"
    if check.kind in ("jvp", "jacobian", "hvp", "higher-order"):
        how = check.kind
    sides = reference and check.kinks == "any-subgradient"
    plain = (how, check.order, check.output, check.tangent, sides) == ("vjp", 1, None, None, False)
    special = "" if plain else f"/{how}{check.order}.{check.output}.{check.tangent}.{sides}"
    return Differentiate(
        id=f"{function}'{wrt}:{contraction}{special}@{case.name}",
        function=f"reference.{function}" if reference else function,
        args=tuple(case.inputs[name] for name in names),
        wrt=(names.index(wrt),),
        how=how,
        order=check.order,
        output=check.output,
        cotangent=case.inputs[named] if named else None,
        vector=case.inputs[check.tangent] if check.tangent is not None else None,
        random=random,
        seed=_cotangent_seed(seed, case),
        relatives=reference,
        sides=sides,
        custom=check.kind == "backward" and not reference,
    )


def tracing(
    exercise: Exercise, check: Check, function: str, case: Concrete, *, reference: bool = False
) -> Trace:
    """The task that writes down what ``function`` does."""
    names = arguments(exercise, check, function)
    differentiable = {i.name for i in exercise.inputs if i.differentiable}
    return Trace(
        id=f"{function}~{check.output}@{case.name}",
        function=f"reference.{function}" if reference else function,
        args=tuple(case.inputs[name] for name in names),
        names=tuple(names),
        wrt=tuple(i for i, name in enumerate(names) if name in differentiable),
        output=check.output,
    )


def arguments(exercise: Exercise, check: Check, function: str) -> list[str]:
    """Names of the inputs ``function`` takes: as declared, or the differentiable ones of the check's own.

    What a class computes takes what the class is applied to.
    """
    if check.kind == "backward":
        return asked_with(exercise, check)
    for declared in exercise.functions:
        if declared.name == function:
            return list(declared.args)
    differentiable = {i.name for i in exercise.inputs if i.differentiable}
    return [name for name in asked_with(exercise, check) if name in differentiable]


def asked_with(exercise: Exercise, check: Check) -> list[str]:
    """Names of the inputs that the check's answer is a function of: all of them for a typed formula."""
    if check.function is not None:
        return list(exercise.function(check.function).args)
    return [i.name for i in exercise.inputs]


def wrt_of(exercise: Exercise, check: Check, names: list[str]) -> str:
    """The input by which ``check`` differentiates: the named one, or the first differentiable."""
    return check.wrt if check.wrt is not None else differentiable(exercise, names)[0]


def differentiable(exercise: Exercise, names: list[str]) -> list[str]:
    """Those of ``names`` that are inputs by which a gradient can be taken."""
    leaves = {i.name for i in exercise.inputs if i.differentiable}
    return [name for name in names if name in leaves]


def is_formula(exercise: Exercise, check: Check) -> bool:
    """Whether ``check`` judges a typed formula, at every case."""
    return check.answer is not None and exercise.answer(check.answer).type == "formula"


def _cotangent_seed(seed: int, case: Concrete) -> int:
    digest = hashlib.sha256(f"cotangent:{seed}:{case.index}".encode()).digest()
    return int.from_bytes(digest[:6], "little")
