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
from grader.model.exercise import PREDICTIONS, Check, Exercise
from grader.model.job import Call, Differentiate, How, Task, Trace

MAX_TRACES: Final = 4
"""At so many cases a graph is looked at."""


@dataclass(frozen=True)
class Plan:
    """The cases and tasks of one exercise at one seed.

    :ivar tasks: what a submission is asked, in order: predictions before anything is differentiated.
    :ivar task_of: (check id, case) → id of the submission's task that answers it.
    :ivar again_of: check id → id of the task that asks its first case once more.
    :ivar own_of: (check id, case) → id of the task that differentiates the student's own function.
    """

    exercise: Exercise
    seed: int
    cases: list[Concrete]
    tasks: tuple[Task, ...]
    task_of: dict[tuple[str, str], str]
    again_of: dict[str, str]
    own_of: dict[tuple[str, str], str]


def make_plan(exercise: Exercise, seed: int) -> Plan:
    """The plan for ``exercise`` at ``seed``."""
    cases = cases_of(exercise, seed)
    tasks: dict[str, Task] = {}
    task_of: dict[tuple[str, str], str] = {}
    own_of: dict[tuple[str, str], str] = {}
    again_of: dict[str, str] = {}
    programmed = [check for check in exercise.checks if check.function is not None]
    for predicting in (True, False):
        for check in programmed:
            if (check.kind in PREDICTIONS) is predicting:
                for case in cases[: MAX_TRACES if check.kind == "graph" else None]:
                    task = _task(exercise, check, case, seed)
                    tasks.setdefault(task.id, task)
                    task_of[check.id, case.name] = task.id
    for check in programmed:
        if check.kind == "own-prediction":
            assert check.of is not None
            for case in cases:
                own = differentiation(exercise, check, check.of, case, seed)
                tasks.setdefault(own.id, own)
                own_of[check.id, case.name] = own.id
    # The first case of each function once more: does chance have a part in it? Last of all, so that
    # whatever these runs print, take or break costs nothing.
    for check in programmed:
        if cases and check.kind not in ("graph", "raises"):
            first = tasks[task_of[check.id, cases[0].name]]
            once_more = msgspec.structs.replace(first, id=f"{first.id}#again")
            tasks.setdefault(once_more.id, once_more)
            again_of[check.id] = once_more.id
    return Plan(exercise, seed, cases, tuple(tasks.values()), task_of, again_of, own_of)


def _task(exercise: Exercise, check: Check, case: Concrete, seed: int) -> Task:
    assert check.function is not None
    args = tuple(case.inputs[name] for name in exercise.function(check.function).args)
    if check.kind in PREDICTIONS:
        return Call(
            id=f"{check.function}@{case.name}{'' if not check.autograd_allowed else '+'}",
            function=check.function,
            args=args,
            watch=not check.autograd_allowed,
            watched=check.of,
        )
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
    if check.kind == "gradient":
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
    # never all ones, so that an f that adds up is found out. A prediction is not told what is drawn.
    told = check.cotangent != "random" or check.kind in ("value", "gradient")
    contraction = check.cotangent if told else "sum"
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
    """Names of the inputs ``function`` takes: as declared, or the differentiable ones of the check's own."""
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
