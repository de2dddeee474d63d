"""``formula``: a typed formula, read once, computed at every case, and judged like code."""

from __future__ import annotations

from grader.checks import formula, judge, results, sentences
from grader.checks.answers.base import AnswerKind
from grader.checks.arrays import Numbers, from_numpy, to_numpy
from grader.checks.evidence import Concrete, Right
from grader.checks.formula import NotAFormula
from grader.checks.kinds.base import REGISTRY, Given, Reference, judges, observed
from grader.checks.tasks import arguments, wrt_of
from grader.checks.typed import NotAnAnswer
from grader.model.answer_types import FormulaAnswer
from grader.model.check import Check
from grader.model.exercise import Exercise, Function
from grader.model.job import Task
from grader.model.observation import Returned
from grader.model.report import CheckResult
from grader.model.values import Number, Plain, Tensor, Value, Words


@judges(FormulaAnswer)
class Formulas(AnswerKind[FormulaAnswer]):
    """A formula in the function's arguments, held against the derivative of the reference's function."""

    published = True

    def reference(self, exercise: Exercise, check: Check, case: Concrete, seed: int) -> Task | None:
        return REGISTRY[type(check)].reference(exercise, check, case, seed)

    def right(self, check: Check, read: Reference) -> Right:
        return REGISTRY[type(check)].right(check, read)

    def read(
        self, exercise: Exercise, answer: FormulaAnswer, text: str, *, one: bool = False
    ) -> formula.Formula:
        check = next((check for check in exercise.checks if check.answer == answer.name), None)
        if check is None:
            raise KeyError(answer.name)
        try:
            return read_formula(exercise, check, text)
        except NotAFormula as error:
            raise NotAnAnswer(error.what, error.why) from error

    def compare(
        self, check: Check, answer: FormulaAnswer, text: str, value: Value | None, given: Given
    ) -> CheckResult:
        exercise, truth = given.exercise, given.truth
        assert check.of is not None
        typed = text or _text_of(value)
        if typed is None:
            if value is None:
                return results.unjudged(check, "missing", sentences.missing_answer(answer.name))
            return results.unjudged(check, "malformed", sentences.formula_as_text(answer.name))
        names = arguments(exercise, check, check.of)
        points = []
        try:
            read = read_formula(exercise, check, typed)
            for case in given.plan.cases:
                right = truth.rights[check.id, case.name]
                at = {name: to_numpy(array) for name, array in case.inputs.items()}
                values: dict[str, Numbers] = {} if right.value is None else {check.of: right.value}
                outcome = Returned(Tensor(from_numpy(formula.evaluate(read, at, values))))
                points.append(observed(case, right, outcome, truth.branches.get(case.name, "")))
        except NotAFormula as error:
            said = sentences.unreadable_answer(answer.name, error.what[:60], error.why)
            return results.unjudged(check, "malformed", said)
        return judge.judge_points(exercise, check, Function(answer.name, tuple(names)), points)

    def understood(self, given: Given, answer: FormulaAnswer, text: str, value: Value | None) -> str:
        typed = text or _text_of(value)
        if typed is None:
            raise NotAnAnswer("", sentences.formula_as_text(answer.name))
        return formula.to_text(self.read(given.exercise, answer, typed))

    def plain(self, mine: str) -> Plain:
        return mine


def read_formula(exercise: Exercise, check: Check, text: str) -> formula.Formula:
    """What was typed, as it is understood.

    :raises NotAFormula: it cannot be.
    """
    assert check.of is not None
    names = arguments(exercise, check, check.of)
    subject = wrt_of(exercise, check, names)
    inputs = [i.name for i in exercise.inputs]
    used = [name for name in inputs if name in (*names, check.cotangent, check.tangent)]
    others = [name for name in inputs if name not in used]
    return formula.parse(text, used, {check.of: names}, subject, others)


def _text_of(value: Value | None) -> str | None:
    match value:
        case Words(text=text):
            return text
        case Number(array=array) if array.dtype in ("int64", "float64"):
            return repr(to_numpy(array).item())
        case _:
            return None
