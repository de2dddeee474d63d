"""Closed forms: an author's own formula proves every derivative that is asked for, at random cotangents.

``closed_form(…)`` takes what the first function that is differentiated takes, and returns the gradient of
its sum; ``closed_form_CHECK(…)`` does so for what that check differentiates. The sum alone proves little:
the entries of a softmax add up to 1, so zeros are the gradient of their sum. So what a formula says is also
held against the gradient of ``(v * f(…)).sum()`` for a random v. Where each entry of f depends on its own
entry of the input alone, that is v times the formula; everywhere else the formula takes v as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.authoring.derivatives import gradient_of
from grader.authoring.findings import Finding, Folder
from grader.authoring.sources import REFERENCE
from grader.checks.arrays import Numbers, from_numpy, numbers_of, to_numpy
from grader.checks.compare import same
from grader.checks.evidence import Concrete, Plan, Truth
from grader.checks.tasks import arguments, wrt_of
from grader.grading.observe import Sandbox
from grader.grading.truth import LIMITS
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import Observation, Outcome, Raised, Returned
from grader.model.values import Array

PLAIN: Final = "closed_form"


@dataclass(frozen=True)
class Subject:
    """One derivative: of a function of the reference's, by one input, through one of its outputs.

    :ivar checks: those that ask for it. :ivar names: the function's arguments.
    """

    function: str
    wrt: str
    output: int | str | None
    names: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def said(self) -> str:
        """For a sentence: ``f by x``."""
        part = "" if self.output is None else f"'s output {self.output!r}"
        return f"{self.function}{part} by {self.wrt}"


def subjects(exercise: Exercise) -> list[Subject]:
    """Every derivative that some check asks for, in the order of the checks."""
    found: dict[tuple[str, str, object], Subject] = {}
    for check in exercise.checks:
        function = check.of or check.function
        if not check.differentiates_reference or function is None:
            continue
        names = arguments(exercise, check, function)
        wrt = wrt_of(exercise, check, names)
        key = (function, wrt, check.output)
        earlier = found[key].checks if key in found else ()
        found[key] = Subject(function, wrt, check.output, tuple(names), (*earlier, check))
    return list(found.values())


@dataclass(frozen=True)
class _Formula:
    """A closed form. :ivar pulls: whether it takes the cotangent as its last argument."""

    name: str
    pulls: bool


def prove_closed_forms(plan: Plan, truth: Truth, folder: Folder, sandbox: Sandbox) -> list[Finding]:
    """Each derivative against the author's formula for it, at every case."""
    exercise, solution = plan.exercise, plan.exercise.solution
    assert solution is not None
    asked = subjects(exercise)
    if not asked:
        return []
    found: list[Finding] = []
    formulas: dict[int, _Formula] = {}
    defined = {
        node.name: node for node in ast.parse(solution.reference).body if isinstance(node, ast.FunctionDef)
    }
    for n, subject in enumerate(asked):
        own = [f"{PLAIN}_{check.id.replace('-', '_')}" for check in subject.checks]
        name = next((name for name in [*own, *([PLAIN] if n == 0 else [])] if name in defined), None)
        if name is None:
            found.append(folder.in_solution(_lacking(n, subject, own), name=REFERENCE))
            continue
        takes = len(defined[name].args.posonlyargs) + len(defined[name].args.args)
        if takes not in (len(subject.names), len(subject.names) + 1):
            given = ", ".join(subject.names)
            what = f"{name} takes {takes} arguments: write {name}({given}), or with a cotangent "
            what += f"{name}({given}, v)"
            found.append(folder.in_solution(what, f"def {name}(", REFERENCE))
            continue
        formulas[n] = _Formula(name, takes > len(subject.names))
    if formulas:
        found += _Proof(plan, truth, folder, sandbox, asked, formulas).findings()
    return found


def _lacking(n: int, subject: Subject, own: list[str]) -> str:
    names = ", ".join(subject.names)
    by = "" if len(subject.names) == 1 else f" by {subject.wrt}"
    asked = subject.checks[0].id
    if n == 0:
        what = f"the gradient of {subject.function}({names}).sum(){by}"
        return f"there is no closed_form(…): write {what} as a formula of your own"
    return (
        f"check '{asked}' differentiates {subject.said}, and closed_form is about another derivative: write "
        f"{own[0]}({names}), the gradient of {subject.function}({names}).sum(){by} as a formula"
    )


class _Proof:
    """One exercise's closed forms, run in a child without autograd, and what autograd says, in another."""

    def __init__(
        self,
        plan: Plan,
        truth: Truth,
        folder: Folder,
        sandbox: Sandbox,
        asked: list[Subject],
        formulas: dict[int, _Formula],
    ) -> None:
        self._plan, self._truth, self._folder, self._sandbox = plan, truth, folder, sandbox
        self._asked, self._formulas = asked, formulas
        self._drawn = np.random.default_rng(0)
        self._cotangents = {
            (n, case.name): self._draw(asked[n], case) for n in formulas for case in plan.cases
        }

    def findings(self) -> Iterator[Finding]:
        """What does not agree, one line for each formula."""
        by_hand = self._run([task for n in self._formulas for task in self._calls(n)], autograd=False)
        asked = self._run([task for n in self._formulas for task in self._differentiations(n)], autograd=True)
        for n, formula in self._formulas.items():
            what = self._first_order(n, by_hand, asked) or self._second_order(n, asked)
            if what is not None:
                yield self._folder.in_solution(what, f"def {formula.name}(", REFERENCE)

    def _run(self, tasks: list[Task], *, autograd: bool) -> Observation:
        solution = self._plan.exercise.solution
        assert solution is not None
        job = Job(b"", tuple(tasks), LIMITS, self._plan.seed, autograd=autograd)
        return self._sandbox.run(job, {"reference": solution.reference.encode()})

    def _draw(self, subject: Subject, case: Concrete) -> Array:
        """A cotangent of either sign, most of whose entries are beyond 1, in the shape of the output."""
        value = self._truth.rights[subject.checks[0].id, case.name].value
        shape = () if value is None else value.shape
        drawn = self._drawn.uniform(0.5, 3.0, shape) * self._drawn.choice([-1.0, 1.0], shape)
        if value is not None and value.dtype.kind == "c":
            drawn = drawn + 1j * self._drawn.uniform(0.5, 3.0, shape)
            return from_numpy(drawn, "complex128")
        return from_numpy(drawn)

    def _args(self, n: int, case: Concrete) -> tuple[Array, ...]:
        return tuple(case.inputs[name] for name in self._asked[n].names)

    def _given(self, n: int, case: Concrete, cotangent: Array) -> tuple[Array, ...]:
        """What the formula is called with."""
        return (*self._args(n, case), *((cotangent,) if self._formulas[n].pulls else ()))

    def _calls(self, n: int) -> Iterator[Task]:
        for case in self._plan.cases:
            args = self._given(n, case, self._cotangents[n, case.name])
            yield Call(id=f"{n}@{case.name}", function=f"reference.{self._formulas[n].name}", args=args)

    def _differentiations(self, n: int) -> Iterator[Task]:
        subject, formula = self._asked[n], self._formulas[n]
        position = (subject.names.index(subject.wrt),)
        for case in self._plan.cases:
            args, cotangent = self._args(n, case), self._cotangents[n, case.name]
            for how, v in (("sum", None), ("v", cotangent)):
                yield Differentiate(
                    id=f"{n}:{how}@{case.name}",
                    function=f"reference.{subject.function}",
                    args=args,
                    wrt=position,
                    output=subject.output,
                    cotangent=v,
                )
            # The same formula as a second witness: can autograd have been asked by it?
            given = self._given(n, case, cotangent)
            yield Call(id=f"{n}@{case.name}", function=f"reference.{formula.name}", args=given)
            for check in subject.checks:
                if _is_second(check):
                    yield from self._twice(n, check, case)

    def _twice(self, n: int, check: Check, case: Concrete) -> Iterator[Task]:
        """A derivative of higher order: of the function, and one less of the formula."""
        subject, formula = self._asked[n], self._formulas[n]
        args, position = self._args(n, case), (subject.names.index(subject.wrt),)
        vector = case.inputs[check.tangent] if check.tangent is not None else None
        how = "hvp" if vector is not None else "higher-order"
        value = to_numpy(self._cotangents[n, case.name])
        ones = from_numpy(np.ones_like(value), value.dtype.name)
        yield Differentiate(
            id=f"{n}:{check.id}@{case.name}",
            function=f"reference.{subject.function}",
            args=args,
            wrt=position,
            how="hvp" if how == "hvp" else "higher-order",
            order=check.order,
            output=subject.output,
            vector=vector,
        )
        yield Differentiate(
            id=f"{n}:{check.id}'@{case.name}",
            function=f"reference.{formula.name}",
            args=self._given(n, case, ones),
            wrt=position,
            how="vjp" if how == "hvp" or check.order == 2 else "higher-order",
            order=1 if how == "hvp" else check.order - 1,
            cotangent=vector,
        )

    def _first_order(self, n: int, by_hand: Observation, asked: Observation) -> str | None:
        subject, formula = self._asked[n], self._formulas[n]
        mixes = ""
        for case in self._plan.cases:
            at = f"at case '{case.name}'"
            outcome = by_hand.outcomes.get(f"{n}@{case.name}")
            own, with_autograd = _numbers(outcome), _numbers(asked.outcomes.get(f"{n}@{case.name}"))
            if with_autograd is not None and (own is None or not same(own, with_autograd)):
                return f"{formula.name} asks autograd, and where there is none it fails: write a formula"
            if isinstance(outcome, Raised):
                return f"{formula.name} fails {at}: {outcome.type}: {outcome.message}"
            total = gradient_of(asked.outcomes.get(f"{n}:sum@{case.name}"))
            pulled = gradient_of(asked.outcomes.get(f"{n}:v@{case.name}"))
            if total is None or pulled is None:
                continue  # autograd's answer is None: nothing leads there
            right = pulled if formula.pulls else total
            if own is None or not same(own, right):
                of = f"(v * {subject.function}(…))" if formula.pulls else f"{subject.function}(…)"
                return f"{formula.name} and autograd disagree {at} (gradient of {of}.sum())"
            v = to_numpy(self._cotangents[n, case.name])
            if not formula.pulls and v.shape and not (v.shape == own.shape and same(v * own, pulled)):
                mixes = mixes or at
        if mixes:
            given = ", ".join(subject.names)
            return (
                f"{formula.name} proves the sum only, and an entry of {subject.function}(…) depends on more "
                f"than one of {subject.wrt} ({mixes}): write {formula.name}({given}, v), the gradient of "
                f"(v * {subject.function}(…)).sum()"
            )
        return None

    def _second_order(self, n: int, asked: Observation) -> str | None:
        """The formula differentiated once more, against the function differentiated once more than it."""
        subject, formula = self._asked[n], self._formulas[n]
        for check in subject.checks:
            for case in self._plan.cases:
                if not _is_second(check):
                    continue
                whole = gradient_of(asked.outcomes.get(f"{n}:{check.id}@{case.name}"))
                rest = asked.outcomes.get(f"{n}:{check.id}'@{case.name}")
                own = gradient_of(rest)
                if whole is None or (own is None and not whole.any()):
                    continue  # the formula is a constant there, and so is the gradient
                if own is None or not same(own, whole):
                    return (
                        f"{formula.name}, differentiated, and autograd disagree at case '{case.name}' "
                        f"(check '{check.id}'): is it written with operations of torch?"
                    )
        return None


def _is_second(check: Check) -> bool:
    return check.order > 1 or check.second_derivative


def _numbers(outcome: Outcome | None) -> Numbers | None:
    return numbers_of(outcome.value) if isinstance(outcome, Returned) else None
