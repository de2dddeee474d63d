"""Impostors: submissions that know nothing, a table of what is shown or a ``backward`` that does not listen.

They are made of the exercise itself and handed in. One that passes shows what the cases do not ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from grader.authoring.findings import Finding, Folder
from grader.checks.arrays import plain, to_numpy
from grader.checks.evidence import Plan, Truth
from grader.checks.tasks import arguments, wrt_of
from grader.grading import Truths, grade
from grader.grading.observe import Sandbox
from grader.model.check import Check
from grader.model.exercise import Exercise, Function
from grader.model.submission import Submission
from grader.model.values import Array


def _in_a_table(check: Check) -> bool:
    """Whether its answers at the visible cases are shown, and can be looked up by a function."""
    return check.of_values or (check.differentiates_reference and not check.own_backward)


def prove_hidden(plan: Plan, folder: Folder) -> Iterator[Finding]:
    """Hidden cases that are shown all the same, because a visible one has their numbers."""
    solution = plan.exercise.solution
    assert solution is not None
    shown = {tuple(sorted(case.inputs.items(), key=_first)): case.name for case in plan.cases if case.visible}
    named = [case.name for case in solution.cases]
    for case in plan.cases:
        twin = shown.get(tuple(sorted(case.inputs.items(), key=_first)))
        if not case.visible and twin is not None:
            where = f"$.case[{named.index(case.name)}]" if case.name in named else "$.generator"
            what = f"hidden case '{case.name}' is the visible case '{twin}': what can be seen can be typed"
            yield folder.in_solution(what, where)


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


# A table of what is shown.


def prove_no_table(
    plan: Plan, truth: Truth, folder: Folder, sandbox: Sandbox, truths: Truths
) -> Iterator[Finding]:
    """Checks that a table of the visible answers passes, as ``visible.json`` holds them."""
    exercise = plan.exercise
    asked = {check.id for check in exercise.checks if _in_a_table(check) and check.function is not None}
    if not asked or all(case.visible for case in plan.cases):
        return
    report = grade(exercise, Submission(table(plan, truth).encode()), sandbox, truths)
    passed = [check.id for check in report.checks if check.id in asked and check.verdict == "passed"]
    if passed:
        listed = " and ".join(f"'{check}'" for check in passed)
        what = (
            f"a table of the visible answers passes {listed}: at the hidden cases nothing else is right. "
            "Add a [[case]] of another shape, or one with another answer"
        )
        yield folder.in_solution(what, "$.case[0]")


_LOOK_UP: Final = """\
import torch

nan, inf = float("nan"), float("inf")


def near(rows, given):
    for seen, answer in rows:
        if all(g.shape == s.shape and torch.equal(g.detach().to(s.dtype), s) for g, s in zip(given, seen)):
            return answer
    for seen, answer in rows:
        if all(g.shape == s.shape for g, s in zip(given, seen)):
            return answer
    return rows[0][1]


def put(value, gradient, x):
    if gradient is None:
        return value
    # Its numbers are in the table, and so is its slope.
    return value + ((x - x.detach()) * gradient).sum() / max(1, value.numel())


"""


def table(plan: Plan, truth: Truth) -> str:
    """A submission that looks the visible cases up and answers everything else as at the first like it."""
    exercise = plan.exercise
    source = [_LOOK_UP]
    for function in exercise.functions:
        checks = [c for c in exercise.checks if c.function == function.name and _in_a_table(c)]
        if not checks:
            continue
        rows = []
        for case in (case for case in plan.cases if case.visible):
            given = ", ".join(_tensor(case.inputs[name]) for name in function.args)
            rows.append(
                f"    (({given}{',' if function.args else ''}), {_answer(plan, truth, checks, case.name)}),\n"
            )
        names = ", ".join(function.args)
        source.append(
            f"{function.name}_table = [\n{''.join(rows)}]\n\n\n"
            f"def {function.name}({names}):\n"
            f"    answer = near({function.name}_table, [{names}])\n"
            f"    return answer({names}) if callable(answer) else answer\n\n\n"
        )
    return "".join(source)


def _answer(plan: Plan, truth: Truth, checks: list[Check], case: str) -> str:
    """The expression for what one function returns at one case, for all the checks about it."""
    parts: dict[int | str | None, str] = {}
    taken = plan.exercise.function(checks[0].function or "").args
    for check in checks:
        right = truth.rights[check.id, case]
        which = check.which
        if check.returns_derivative:
            parts[which] = _numbers(plain(right.expected))
            continue
        gradients = [c for c in checks if c.through_autograd and c.output == check.output]
        value = _numbers(plain(right.value))
        if not gradients:
            parts[which] = value
            continue
        wrt = wrt_of(
            plan.exercise, gradients[0], arguments(plan.exercise, gradients[0], check.function or "")
        )
        slope = _numbers(plain(truth.rights[gradients[0].id, case].expected))
        parts[which] = f"lambda {', '.join(taken)}: put({value}, {slope}, {wrt})"
    if set(parts) == {None}:
        return parts[None]
    named = {which: part for which, part in parts.items() if which is not None}
    if any(part.startswith("lambda ") for part in named.values()):
        # One output of several with a slope: all are made when it is called.
        named = {
            which: part.partition(": ")[2] if part.startswith("lambda ") else part
            for which, part in named.items()
        }
        return f"lambda {', '.join(taken)}: {_several(named)}"
    return _several(named)


def _several(parts: dict[int | str, str]) -> str:
    """A tuple or a dict of expressions."""
    if all(isinstance(which, int) for which in parts):
        most = max(int(which) for which in parts)
        return f"({', '.join(parts.get(n, 'None') for n in range(most + 1))},)"
    return f"{{{', '.join(f'{which!r}: {part}' for which, part in parts.items())}}}"


def _tensor(array: Array) -> str:
    return f"torch.tensor({_literal(to_numpy(array).tolist())}, dtype=torch.{array.dtype})"


def _numbers(nested: Any) -> str:
    if nested is None:
        return "None"
    return f"torch.tensor({_literal(nested)}, dtype=torch.{_dtype(nested)})"


def _dtype(nested: Any) -> str:
    while isinstance(nested, list) and nested:
        nested = nested[0]
    if isinstance(nested, bool):
        return "bool"
    return "complex128" if isinstance(nested, str) and "j" in nested else "float64"


def _literal(nested: Any) -> str:
    if isinstance(nested, list):
        return f"[{', '.join(map(_literal, nested))}]"
    return nested if isinstance(nested, str) else repr(nested)


# Backwards that do not listen.


BENT: Final = {
    "ignores": "torch.ones_like(v)",
    "clamps": "v.real.clamp(-1, 1).to(v.dtype)",
    "sums": "v.sum().expand_as(v)",
}
"""What a backward makes of the incoming gradient ``v``."""


def prove_cotangents(
    plan: Plan, truth: Truth, folder: Folder, sandbox: Sandbox, truths: Truths
) -> Iterator[Finding]:
    """Checks of autograd that a backward passes which ignores, clamps or sums the incoming gradient."""
    asked: list[tuple[Check, str]] = []
    for check in plan.exercise.checks:
        if check.through_autograd and check.order == 1 and check.function is not None:
            rights = [truth.rights[check.id, case.name] for case in plan.cases if not case.visible]
            if not any(right.expected is not None and right.expected.any() for right in rights):
                continue  # where the gradient is zero, it is so whatever comes in
            several = any(right.value is not None and right.value.size > 1 for right in rights)
            # The sum of one number is itself.
            asked += [(check, name) for name in BENT if several or name != "sums"]
    if not asked:
        return
    exercise = _bent_exercise(plan.exercise, asked)
    submission = Submission(bent(plan.exercise, asked).encode())
    report = grade(exercise, submission, sandbox, truths)
    passed = {result.id for result in report.checks if result.verdict == "passed"}
    for n, check in enumerate(plan.exercise.checks):
        passing = [name for one, name in asked if one is check and f"{check.id}-{name}" in passed]
        if passing:
            what = (
                f"a backward that {' or '.join(passing)} the incoming gradient passes check '{check.id}': "
                "add hidden cases, and outputs of several numbers"
            )
            yield folder.in_exercise(what, f"$.check[{n}]")


def _bent_exercise(exercise: Exercise, asked: list[tuple[Check, str]]) -> Exercise:
    """The exercise with nothing but these checks, each about a function of its own: all are run at once."""
    assert exercise.solution is not None
    functions, checks = [*exercise.functions], []
    for check, name in asked:
        own = f"{check.function}_{name}"
        functions.append(Function(own, exercise.function(check.function or "").args))
        of = check.of or check.function
        checks.append(msgspec.structs.replace(check, id=f"{check.id}-{name}", function=own, of=of))
    return msgspec.structs.replace(
        exercise,
        digest=f"{exercise.digest}-bent",
        answers=(),
        functions=tuple(functions),
        checks=tuple(checks),
        solution=msgspec.structs.replace(exercise.solution, misconceptions=(), branches=()),
    )


_LISTEN: Final = """


import torch

_ask = torch.autograd.Variable._execution_engine.run_backward


def _bend(function, change, pick):
    class Bent(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *inputs):
            ctx.inputs = inputs
            return pick(function(*inputs)).clone()

        @staticmethod
        def backward(ctx, v):
            with torch.enable_grad():
                inputs = [t.detach() for t in ctx.inputs]
                for t in inputs:
                    t.requires_grad_(t.is_floating_point() or t.is_complex())
                asked = tuple(t for t in inputs if t.requires_grad)
                made = pick(function(*inputs))
                given = iter(_ask((made,), (change(v),), False, False, asked, True, accumulate_grad=False))
            return tuple(next(given) if t.requires_grad else None for t in inputs)

    return Bent


"""


def bent(exercise: Exercise, asked: list[tuple[Check, str]]) -> str:
    """The reference as a submission, with a function for each of ``asked`` that does not listen."""
    assert exercise.solution is not None
    source = [exercise.solution.reference, _LISTEN]
    for check, name in asked:
        pick = "lambda made: made" if check.output is None else f"lambda made: made[{check.output!r}]"
        function, own = check.of or check.function, f"{check.function}_{name}"
        source.append(f"{own} = _bend({function}, lambda v: {BENT[name]}, {pick})\n")
        if not check.own_backward:
            source.append(f"{own} = (lambda bent: lambda *inputs: bent.apply(*inputs))({own})\n")
    return "".join(source)
