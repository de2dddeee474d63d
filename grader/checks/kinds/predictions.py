"""Predictions: a derivative that a function of the student's returns.

``prediction``, ``vjp``, ``jvp``, ``jacobian``, ``hvp``, ``higher-order`` and ``from-autograd`` differ in what
the reference is asked (:attr:`grader.model.check.Check.how`), and in nothing else.
"""

from __future__ import annotations

from typing import TypeVar

from grader.checks.evidence import Concrete
from grader.checks.kinds.base import judges
from grader.checks.kinds.compared import ComparedKind
from grader.checks.tasks import called_with, watched
from grader.model import kinds
from grader.model.exercise import Exercise
from grader.model.job import Call, Task

P = TypeVar("P", bound=kinds.Derivative)


class Derivatives(ComparedKind[P]):
    """The student's function is called, where autograd does not exist if it has to be worked out."""

    def task(self, exercise: Exercise, check: P, case: Concrete, seed: int) -> Task:
        function, args = str(check.function), called_with(exercise, check, case)
        if check.predicts:
            return Call(f"{function}@{case.name}", function, args, watched(exercise, check))
        return Call(f"{function}+@{case.name}", function, args)


@judges(
    kinds.Prediction, kinds.Vjp, kinds.Jvp, kinds.Jacobian, kinds.Hvp, kinds.HigherOrder, kinds.FromAutograd
)
class Predictions(Derivatives[kinds.Derivative]):
    """Right is what ``torch.autograd.grad`` says of the reference."""
