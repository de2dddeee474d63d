"""``raises``: torch raises the stated error, and no ``raise`` of the student's does."""

from __future__ import annotations

from grader.checks import outcomes, sentences
from grader.checks.evidence import Concrete, Right
from grader.checks.kinds.base import FunctionKind, Given, Reference, judges
from grader.checks.provenance import same_message
from grader.checks.results import result
from grader.checks.said_of_reference import said_of
from grader.checks.tasks import arguments, called_with
from grader.model import kinds
from grader.model.exercise import Exercise
from grader.model.job import Call, Task
from grader.model.observation import Raised
from grader.model.report import CheckResult
from grader.model.text import EMPTY, Text


@judges(kinds.Raises)
class Raises(FunctionKind[kinds.Raises]):
    """An error of the reference's, at every case."""

    repeated = False

    def task(self, exercise: Exercise, check: kinds.Raises, case: Concrete, seed: int) -> Task:
        args = called_with(exercise, check, case)
        return Call(id=f"{check.function}!raises@{case.name}", function=check.function, args=args)

    def reference(self, exercise: Exercise, check: kinds.Raises, case: Concrete, seed: int) -> Task | None:
        function = check.of or check.function
        args = tuple(case.inputs[name] for name in arguments(exercise, check, function))
        return Call(id=f"{function}!raises@{case.name}", function=f"reference.{function}", args=args)

    def right(self, check: kinds.Raises, read: Reference) -> Right:
        name, outcome = check.of or check.function, read.outcome
        if not isinstance(outcome, Raised):
            said = said_of(outcome)
            raise read.fail(f"the reference's {name} raises nothing at '{read.case.name}': {said}")
        if (other := otherwise(check, outcome, None)) is not None:
            raise read.fail(f"the reference's {name} at '{read.case.name}': {other.en}")
        return Right(None, raised=outcome)

    def compare(self, check: kinds.Raises, given: Given) -> CheckResult:
        exercise, function = given.exercise, given.exercise.function(check.function)
        for one in self.observed(check, given):
            outcome, raw = one.outcome, one.raw
            if not isinstance(outcome, Raised) or not isinstance(raw, Raised):
                trouble = outcomes.trouble(outcome, function, exercise.limits)
                if trouble is not None:
                    return result(check, trouble.verdict, trouble.message, line=trouble.line)
                return result(check, "failed", sentences.nothing_raised(function.name, check.error))
            if outcome.own:
                return result(check, "failed", sentences.raised_by_hand(outcome.line), line=outcome.line)
            if outcome.stand_in:
                said = sentences.uses_absent(outcome.stand_in, outcome.line)
                return result(check, "error", said, line=outcome.line)
            if otherwise(check, raw, one.raised) is not None:
                said = sentences.other_error(outcome.type, outcome.message, outcome.line)
                return result(check, "failed", said, line=outcome.line)
        return result(check, "passed", EMPTY)


def otherwise(check: kinds.Raises, error: Raised, right: Raised | None) -> Text | None:
    """Why ``error`` is not the one that the check is about; None when it is.

    :param right: the reference's, whose whole message it must have; None for the reference's own.
    """
    other = check.error not in (error.type, *error.kinds) or check.match.lower() not in error.message.lower()
    if other or (right is not None and not same_message(error.message, right.message)):
        return sentences.other_error(error.type, error.message, error.line)
    return None
