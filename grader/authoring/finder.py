"""Finder, measured: how often the reason of a wrong answer is found, without the author's word and with it.

Every declared misconception and every failing check of a rejected submission for which a reason is
stated is one wrong answer, where it is judged at many cases. (A single typed answer tells the finder too
little.) It is judged twice: as it is, and with all misconceptions taken away. A code that is found alone is
right when the submission's first lines state it, or the misconception lists it under ``codes``; any other
is wrong: a wrong reason is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from grader.authoring import golden
from grader.checks import judge
from grader.checks.arrays import from_numpy
from grader.checks.evidence import Plan, Truth
from grader.checks.kinds.base import observed
from grader.checks.observed import Observed
from grader.checks.tasks import judged_by_cases
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.model.check import Check
from grader.model.exercise import Exercise, Function, Misconception
from grader.model.observation import Differentiated, Outcome, Returned
from grader.model.report import CheckResult
from grader.model.submission import Submission
from grader.model.values import Tensor


@dataclass(frozen=True)
class Named:
    """One wrong answer and what was said of it.

    :ivar alone: the finder's code without any misconception; None for none.
    :ivar with_author: the code with them.
    :ivar right: the codes that are true of it, ``author:…`` included.
    """

    exercise: str
    check: str
    answer: str
    alone: str | None
    with_author: str | None
    right: frozenset[str]

    @property
    def wrong(self) -> bool:
        """Whether a reason was given that is not true of it."""
        return bool({self.alone, self.with_author} - {None} - self.right)


def table(library: Library, slugs: list[str], sandbox: Sandbox, truths: Truths) -> Iterator[Named]:
    """Every wrong answer of these exercises."""
    for slug in slugs:
        exercise = library.get(slug)
        assert exercise.solution is not None
        plan = make_plan(exercise, 0)
        truth = truths.of(plan, sandbox)
        yield from of_misconceptions(plan, truth)
        folder = library.solution_folder(slug)
        assert folder is not None
        yield from _of_submissions(exercise, golden.of_exercise(folder), sandbox, truths)


def of_misconceptions(plan: Plan, truth: Truth) -> Iterator[Named]:
    """The declared misconceptions of one exercise, at each check that is judged at many cases."""
    assert plan.exercise.solution is not None
    for check in plan.exercise.checks:
        for wrong in plan.exercise.solution.misconceptions:
            if check.id in wrong.checks:
                yield from _of_misconception(plan, check, wrong, truth)


def _without(exercise: Exercise) -> Exercise:
    """The exercise as if its author had declared no misconception."""
    assert exercise.solution is not None
    bare = msgspec.structs.replace(exercise.solution, misconceptions=())
    return msgspec.structs.replace(exercise, solution=bare, digest=f"{exercise.digest}-bare")


def _code(result: CheckResult) -> str | None:
    return result.diagnosis.code if result.diagnosis is not None else None


def _of_misconception(plan: Plan, check: Check, wrong: Misconception, truth: Truth) -> Iterator[Named]:
    """The misconception itself, as if a student had handed it in."""
    exercise = plan.exercise
    right = frozenset({f"author:{wrong.id}", *wrong.codes})
    if not judged_by_cases(exercise, check):
        return  # one typed answer tells too little: there the author's word is all there is
    if not (check.of_values or check.differentiates_reference):
        return
    found = [
        judge.judge_points(
            exercise, check, _called(exercise, check), list(_points(plan, check, wrong, truth, known))
        )
        for known in (False, True)
    ]
    yield Named(exercise.slug, check.id, wrong.id, _code(found[0]), _code(found[1]), right)


def _called(exercise: Exercise, check: Check) -> Function:
    if check.function is not None:
        return exercise.function(check.function)
    return Function(check.answer or "", tuple(i.name for i in exercise.inputs))


def _points(plan: Plan, check: Check, wrong: Misconception, truth: Truth, known: bool) -> Iterator[Observed]:
    for case in plan.cases:
        right = truth.rights[check.id, case.name]
        value = Tensor(from_numpy(right.misconceptions[wrong.id], right.misconceptions[wrong.id].dtype.name))
        outcome: Outcome = Returned(value)
        if check.through_autograd:
            assert right.value is not None
            outcome = Differentiated(Tensor(from_numpy(right.value, right.value.dtype.name)), (value,))
        shown = right if known else replace(right, misconceptions={})
        yield observed(case, shown, outcome, truth.branches.get(case.name, ""))


def _of_submissions(
    exercise: Exercise, files: list[golden.Golden], sandbox: Sandbox, truths: Truths
) -> Iterator[Named]:
    assert exercise.solution is not None
    declared = {wrong.id: wrong for wrong in exercise.solution.misconceptions}
    for due in files:
        if due.accepted:
            continue
        submission = Submission(due.path.read_bytes())
        alone = {r.id: r for r in grade(_without(exercise), submission, sandbox, truths).checks}
        for result in grade(exercise, submission, sandbox, truths).checks:
            if result.verdict != "failed" or due.failing.get(result.id, "").split()[:1] != ["failed"]:
                continue
            stated = due.failing[result.id].partition(" ")[2]
            check = next(c for c in exercise.checks if c.id == result.id)
            if not stated or not judged_by_cases(exercise, check):
                continue  # nothing is to be said beyond that it is wrong, and where
            right = {stated} - {""}
            if stated.startswith("author:"):
                right |= set(declared[stated.removeprefix("author:")].codes)
            yield Named(
                exercise.slug,
                result.id,
                due.path.name,
                _code(alone[result.id]),
                _code(result),
                frozenset(right),
            )


def figures(rows: list[Named]) -> tuple[float, float, int]:
    """The share named by the finder alone, the share named with the author's word, and the wrong reasons."""
    total = max(1, len(rows))
    alone = sum(row.alone is not None and not row.wrong for row in rows)
    both = sum(row.with_author is not None and not row.wrong for row in rows)
    return alone / total, both / total, sum(row.wrong for row in rows)


__all__ = ["Named", "figures", "table"]
