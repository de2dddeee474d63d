"""``value``: the values of a function of the student's equal the reference's."""

from __future__ import annotations

from dataclasses import replace

from grader.checks.evidence import Concrete, Right
from grader.checks.items import item_of
from grader.checks.kinds.base import Reference, judges
from grader.checks.kinds.compared import ComparedKind
from grader.checks.tasks import arguments, called_with, differentiable, differentiation
from grader.model import kinds
from grader.model.exercise import Exercise
from grader.model.job import Call, Task
from grader.model.observation import Differentiated, Returned


@judges(kinds.Value)
class Values(ComparedKind[kinds.Value]):
    """Nothing is differentiated; but wrong values are read off the reference's graph."""

    def task(self, exercise: Exercise, check: kinds.Value, case: Concrete, seed: int) -> Task:
        function = str(check.function)
        # A value is observed on the way to a gradient: one run of f serves both checks.
        for partner in exercise.checks:
            if partner.through_function and (partner.function, partner.output) == (function, check.output):
                return differentiation(exercise, partner, function, case, seed)
        return Call(id=f"{function}@{case.name}", function=function, args=called_with(exercise, check, case))

    def reference(self, exercise: Exercise, check: kinds.Value, case: Concrete, seed: int) -> Task | None:
        function = check.of or check.function or ""
        names = arguments(exercise, check, function)
        if differentiable(exercise, names):
            return super().reference(exercise, check, case, seed)
        args = tuple(case.inputs[name] for name in names)
        return Call(id=f"{function}@{case.name}", function=f"reference.{function}", args=args)

    def right(self, check: kinds.Value, read: Reference) -> Right:
        if isinstance(read.outcome, Returned):
            value = item_of(read.outcome.value, check.output)
            read = replace(read, outcome=Differentiated(value, problem="no-graph"))
        return super().right(check, read)
