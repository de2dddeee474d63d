"""``gradient`` and ``backward``: what autograd gives back through the student's own code."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec

from grader.checks import sentences
from grader.checks.evidence import Concrete
from grader.checks.kinds.base import Given, judges
from grader.checks.kinds.compared import ComparedKind
from grader.checks.results import result
from grader.checks.tasks import differentiation
from grader.model import kinds
from grader.model.exercise import Exercise
from grader.model.job import Task
from grader.model.report import CheckResult, Diagnosis

T = TypeVar("T", kinds.Gradient, kinds.Backward)


_ASKS: Final = re.compile(rb"\bautograd\.grad\(|\.backward\(")
_MAKES: Final = re.compile(rb"\bcreate_graph\s*=\s*True")


class _Through(ComparedKind[T]):
    """The student's function, or class, is differentiated as the reference is."""

    def task(self, exercise: Exercise, check: T, case: Concrete, seed: int) -> Task:
        return differentiation(exercise, check, check.function, case, seed)


@judges(kinds.Backward)
class Backwards(_Through[kinds.Backward]):
    """A class derived from ``torch.autograd.Function``."""


@judges(kinds.Gradient)
class Gradients(_Through[kinds.Gradient]):
    """A function: this is what sees a missing or an extra ``detach``, an ``.item()``, a ``no_grad``."""

    def judge(self, check: kinds.Gradient, given: Given) -> CheckResult:
        judged = super().judge(check, given)
        cut = judged.diagnosis is not None and judged.diagnosis.code == "cut-graph"
        if cut and _ASKS.search(given.seen.source) and not _MAKES.search(given.seen.source):
            hinted = Diagnosis("cut-graph", sentences.CUT_BY_FIRST_DERIVATIVE)
            return msgspec.structs.replace(judged, diagnosis=hinted)
        if judged.diagnosis is None or judged.diagnosis.code != "once-differentiable":
            return judged
        return _only_the_second(check, judged, given)


def _only_the_second(check: kinds.Gradient, judged: CheckResult, given: Given) -> CheckResult:
    """``once-differentiable`` only where the first derivative is right: what is cut in f loses both."""
    first = {
        c.id
        for c in given.exercise.checks
        if c.through_function and (c.function, c.output, c.order) == (check.function, check.output, 1)
    }
    verdicts = [r.verdict for r in given.before if r.id in first]
    if judged.verdict == "error" or (verdicts and all(v == "passed" for v in verdicts)):
        return judged
    there = {r.id for r in given.before if r.verdict != "missing"}
    classes = (c for c in given.exercise.checks if c.own_backward and c.of == check.function)
    behind = next((c.function for c in classes if c.id in there), None)
    message = sentences.second_is_zero(check.function)
    if behind is not None:
        message = sentences.second_is_zero_behind(check.function, behind)
    return result(check, judged.verdict, message, None, judged.counterexample)
