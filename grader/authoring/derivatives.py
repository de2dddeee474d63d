"""Derivatives of a reference, proved: reverse mode held against forward mode and finite differences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

import numpy as np

from grader.authoring.findings import Finding, Folder
from grader.authoring.reached import reached
from grader.checks.arrays import Numbers, from_numpy, numbers_of, to_numpy
from grader.checks.evidence import Concrete, Plan
from grader.checks.tasks import arguments, wrt_of
from grader.grading.observe import Sandbox
from grader.grading.truth import LIMITS
from grader.model.check import Check
from grader.model.job import Differentiate, How, Job, Task
from grader.model.observation import Differentiated, Observation, Outcome

_AGREE: Final = 1e-6


def prove_derivatives(plan: Plan, folder: Folder, sandbox: Sandbox) -> list[Finding]:
    """Every function that a check differentiates, by the input it is differentiated by."""
    exercise, solution = plan.exercise, plan.exercise.solution
    assert solution is not None
    subjects: dict[tuple[str, str, object], Check] = {}
    for check in exercise.checks:
        function = check.of or check.function
        if check.differentiates_reference and function is not None:
            names = arguments(exercise, check, function)
            key = (function, wrt_of(exercise, check, names), check.output)
            if check.kinks == "avoid" or key not in subjects:
                subjects[key] = check
    if not subjects:
        return []
    tasks: list[Task] = []
    for (function, wrt, _), check in subjects.items():
        names = arguments(exercise, check, function)
        for case in plan.cases:
            tasks.append(_task(check, function, names, wrt, case, "vjp"))
            real = case.inputs[wrt].dtype != "complex128"
            if real and not _stops_recording(solution.reference, function):
                tasks.append(_task(check, function, names, wrt, case, "forward"))
            if solution.smooth and check.kinks != "any-subgradient":
                tasks.append(_task(check, function, names, wrt, case, "gradcheck"))
    job = Job(source=b"", tasks=tuple(tasks), limits=LIMITS, seed=plan.seed)
    seen = sandbox.run(job, {"reference": solution.reference.encode()})
    found: list[Finding] = []
    for function, wrt, output in subjects:
        found += _ways(plan, (function, wrt, output), seen, folder)
        found += _kinks(plan, (function, wrt, output), seen, folder)
    return found


def _kinks(
    plan: Plan, subject: tuple[str, str, object], seen: Observation, folder: Folder
) -> Iterator[Finding]:
    """Cases at a kink, where the derivatives to both sides differ, of a check that wants none (``avoid``)."""
    for case in plan.cases:
        outcome = seen.outcomes.get(_id(*subject, "vjp", case))
        if not isinstance(outcome, Differentiated):
            continue
        read = outcome.reading
        if read is None or read.low is None or read.high is None:
            continue
        low, high = to_numpy(read.low), to_numpy(read.high)
        # A millionth to either side a smooth gradient has hardly changed.
        apart = np.abs(high - low) > 1e-3 * (1.0 + np.maximum(np.abs(low), np.abs(high)))
        if apart.any():
            named = next((n for n, c in enumerate(plan.exercise.cases) if c.name == case.name), None)
            what = (
                f"case '{case.name}' lies at a kink of {subject[0]}, and kinks = \"avoid\" wants none there"
            )
            if named is not None:
                yield folder.in_exercise(what, f"$.case[{named}]")
            else:
                yield folder.in_solution(what, case.name)


def _stops_recording(reference: str, function: str) -> bool:
    """Whether ``function`` switches reverse mode off for a while, which forward mode does not heed."""
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for definition in reached(ast.parse(reference), [function])
        for node in ast.walk(definition)
        if isinstance(node, ast.Attribute | ast.Name)
    }
    return bool(used & {"no_grad", "set_grad_enabled", "inference_mode", "data"})


def _id(function: str, wrt: str, output: object, how: How, case: Concrete) -> str:
    return f"{how}:{function}'{wrt}/{output}@{case.name}"


def _task(check: Check, function: str, names: list[str], wrt: str, case: Concrete, how: How) -> Differentiate:
    position = names.index(wrt)
    shape = case.inputs[wrt].shape
    return Differentiate(
        id=_id(function, wrt, check.output, how, case),
        function=f"reference.{function}",
        args=tuple(case.inputs[name] for name in names),
        wrt=(position,),
        how=how,
        output=check.output,
        sides=how == "vjp" and check.kinks == "avoid",
        vector=from_numpy(_direction(shape)) if how == "forward" else None,
    )


def _direction(shape: tuple[int, ...]) -> Numbers:
    size = int(np.prod(shape)) if shape else 1
    return (1.0 + 0.37 * np.arange(size) * (-1.0) ** np.arange(size)).reshape(shape)


def gradient_of(outcome: Outcome | None) -> Numbers | None:
    """The first gradient of a differentiation; None where there is none."""
    if isinstance(outcome, Differentiated) and outcome.grads:
        return numbers_of(outcome.grads[0])
    return None


def _ways(plan: Plan, subject: tuple[str, str, object], seen: Observation, folder: Folder) -> list[Finding]:
    function, wrt, _ = subject
    found: list[Finding] = []
    for case in plan.cases:
        autograd = gradient_of(seen.outcomes.get(_id(*subject, "vjp", case)))
        pushed = gradient_of(seen.outcomes.get(_id(*subject, "forward", case)))
        if autograd is not None and pushed is not None and np.isfinite(autograd).all():
            # The sum pushed forward along v is its gradient times v.
            one, other = float(pushed.sum()), float((autograd * _direction(autograd.shape)).sum())
            if abs(one - other) > _AGREE * max(1.0, abs(one), abs(other)):
                what = (
                    f"forward mode says {one:.6g} where reverse mode says {other:.6g}, "
                    f"at case '{case.name}' ({function} by {wrt})"
                )
                found.append(folder.in_solution(what, f"def {function}", "reference.py"))
                break
    for case in plan.cases:
        content = gradient_of(seen.outcomes.get(_id(*subject, "gradcheck", case)))
        if content is not None and not content.any():
            what = (
                f"finite differences contradict autograd at case '{case.name}' ({function} by {wrt}); "
                "where that is meant (detach, a jump, a kink), say smooth = false in solution.toml"
            )
            found.append(folder.in_solution(what, f"def {function}", "reference.py"))
            break
    return found
