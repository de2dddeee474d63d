"""Tasks: what a child is asked about one function at one case, and by which input is differentiated."""

from __future__ import annotations

import hashlib

from grader.checks.evidence import Concrete
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.job import Differentiate, Trace
from grader.model.values import Array


def called_with(exercise: Exercise, check: Check, case: Concrete) -> tuple[Array, ...]:
    """The arguments of the student's function at one case."""
    assert check.function is not None
    return tuple(case.inputs[name] for name in exercise.function(check.function).args)


def watched(exercise: Exercise, check: Check) -> str | None:
    """The student's function that a difference quotient would call: the predicted one, or the first other
    one.
    """
    names = [function.name for function in exercise.functions if function.name != check.function]
    return check.of if check.of in names else next(iter(names), None)


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
    if check.through_autograd or check.of_values:
        contraction = "random" if contraction == "sum" else contraction
    elif contraction == "random":
        contraction = "sum"
    random = contraction == "random" and not case.visible
    named = check.cotangent if check.cotangent in case.inputs else None
    how = check.how
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
        wrong_gradients=reference,
        sides=sides,
        custom=check.own_backward and not reference,
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
    if check.own_backward:
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


def _cotangent_seed(seed: int, case: Concrete) -> int:
    digest = hashlib.sha256(f"cotangent:{seed}:{case.index}".encode()).digest()
    return int.from_bytes(digest[:6], "little")


def judged_by_cases(exercise: Exercise, check: Check) -> bool:
    """Whether ``check`` is judged at every case, against something that is right there."""
    return check.answer is None or exercise.answer(check.answer).at_every_case
