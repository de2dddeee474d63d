"""What the kinds share whose numbers are compared with the reference's: values and derivatives."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from grader.checks import judge, quick, results
from grader.checks.arrays import Numbers, numbers_of, to_numpy
from grader.checks.evidence import Concrete, Right
from grader.checks.kinds.base import FunctionKind, Given, Reference
from grader.checks.published_names import quotable
from grader.checks.said_of_reference import said_of
from grader.checks.tasks import arguments, differentiable, differentiation, wrt_of
from grader.model.exercise import Exercise
from grader.model.job import Task
from grader.model.kinds import Compared
from grader.model.observation import Differentiated
from grader.model.report import CheckResult

D = TypeVar("D", bound=Compared)


class ComparedKind(FunctionKind[D]):
    """Numbers at every case, held against those of the reference, or of its derivative."""

    def reference(self, exercise: Exercise, check: D, case: Concrete, seed: int) -> Task | None:
        return differentiation(exercise, check, _name(check), case, seed, reference=True)

    def right(self, check: D, read: Reference) -> Right:
        return right_of(check, read)

    def compare(self, check: D, given: Given) -> CheckResult:
        get, rights, ids = given.seen.outcomes.get, given.truth.rights, given.plan.ids(check)
        known = ((rights[check.id, case], id_) for case, id_ in ids.items())
        if quick.passes(check, ((right.sure, right.shape, get(id_)) for right, id_ in known)):
            return results.passed(check)
        return judge.judge_function(given.exercise, check, self.observed(check, given), given.again(check))


def _name(check: Compared) -> str:
    """The reference's function that is meant."""
    return check.of or check.function or ""


def right_of(check: Compared, read: Reference) -> Right:
    """What is right at one case, and the wrong answers that are known there.

    :raises TruthFailed: the reference does not do what its exercise says.
    """
    exercise, case, outcome, name = read.exercise, read.case, read.outcome, _name(check)
    if not isinstance(outcome, Differentiated):
        raise read.fail(f"the reference's {name} fails at case '{case.name}': {said_of(outcome)}")
    names = arguments(exercise, check, name)
    leaves = differentiable(exercise, names)
    # Where another input could have led to the output, this one is unused: autograd's answer is None.
    unused = outcome.problem == "no-graph" and len(leaves) > 1
    if outcome.problem and not check.of_values and not unused:
        why = said_of(outcome.error) if outcome.error is not None else outcome.problem
        raise read.fail(f"the reference's {name} has no gradient at case '{case.name}': {why}")
    value = numbers_of(outcome.value)
    if value is None:
        raise read.fail(f"the reference's {name} returns no numbers at case '{case.name}'")
    graph, wrongs = outcome.reading, read.wrongs
    known = quotable(exercise, check, name, graph, read.names)
    if graph is not None and graph.cotangent is not None and check.through_autograd:
        drawn = to_numpy(graph.cotangent)
        wrongs = {id_: _contracted(wrong, drawn) for id_, wrong in wrongs.items()}
    expected: Numbers | None = value
    if not check.of_values:
        expected = numbers_of(outcome.grads[0]) if outcome.grads else None
    finite = expected is None or expected.dtype.kind not in "fc" or bool(np.isfinite(expected).all())
    if not finite and not check.nonfinite:
        raise read.fail(
            f"check '{check.id}' is not finite at case '{case.name}'; move the case, or say nonfinite = true"
        )
    size = math.prod(case.inputs[wrt_of(exercise, check, names)].shape) if leaves else 1
    return Right(expected, value, size, known, wrongs)


def _contracted(wrong: Numbers, cotangent: Numbers) -> Numbers:
    """What a misconception about the gradient of the sum gives for another cotangent.

    Of one number, or where each output hangs on its own input; elsewhere a sum does not tell.
    """
    if cotangent.size == 1:
        return wrong * cotangent.reshape(())
    return wrong * cotangent if cotangent.shape == wrong.shape else wrong
