"""Variants, proved: in each, right answers are right, and misconceptions told from them and each other.

Only typed answers are about numbers that vary, so that nothing else has to be run again: one child computes
the truths of all variants and what each misconception answers there, and these are judged as if somebody had
typed them. What holds for the authored numbers has to hold for all.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.authoring.findings import Finding, Folder
from grader.authoring.separation import ENOUGH, separation
from grader.authoring.sources import located
from grader.checks.arrays import Numbers
from grader.checks.evidence import Plan, Seen, Truth
from grader.checks.kinds.base import Given
from grader.checks.registry import kind_of
from grader.errors import GraderError, SandboxFailed
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.grading.truth import typed_alone, typed_truths
from grader.model.exercise import Exercise
from grader.model.observation import Loaded
from grader.model.variants import typed

_NOTHING = Seen(Loaded(), Loaded(), {}, {}, "", "process")
Verdicts = dict[tuple[str, str], tuple[str, str | None]]
"""By check and whose answer (a misconception's or 'right'): verdict and code."""


def prove_variants(exercise: Exercise, folder: Folder, sandbox: Sandbox) -> Iterator[Finding]:
    """What is not sound about the variants of an exercise."""
    if not exercise.variants:
        return
    every = [exercise.variant(number) for number in range(exercise.variants + 1)]
    try:
        truths = typed_truths(every, sandbox)
    except SandboxFailed:
        raise
    except GraderError as error:
        yield located(exercise, str(error).removeprefix(f"{exercise.slug}: "), folder, sandbox)
        return
    plans = [make_plan(typed_alone(each), 0) for each in every]
    usual = _judged(plans[0], truths[0])
    apart = _far_apart(plans[0], truths[0])
    known: dict[str, int] = {}
    for variant, plan, truth in zip(every, plans, truths, strict=True):
        about = f"variant {variant.number} ({_numbers(variant)})"
        for key, verdict in _judged(plan, truth).items():
            if verdict != usual[key]:
                check, whose = key
                what = (
                    f"{about}: check '{check}': the answer of '{whose}' gets {_said(verdict)}, "
                    f"and with the authored numbers {_said(usual[key])}"
                )
                yield folder.in_exercise(what, "$.vary[0]")
        for check, one, other in sorted(apart - _far_apart(plan, truth)):
            what = f"{about}: check '{check}': '{one}' and '{other}' are not told apart"
            yield folder.in_exercise(what, "$.vary[0]")
        answers = repr([(name, _typed(value)) for name, value in sorted(truth.answers.items())])
        if answers in known:
            what = f"{about}: all that is typed is as in variant {known[answers]}: answers can be passed on"
            yield folder.in_exercise(what, "$.vary[0]")
        known.setdefault(answers, variant.number)


def _judged(plan: Plan, truth: Truth) -> Verdicts:
    """What comes of typing the right answers, and each misconception's."""
    found: Verdicts = {}
    for check in plan.exercise.checks:
        if check.answer is None or check.answer not in truth.answers:
            continue
        answers = {"right": truth.answers[check.answer]} | truth.wrong_answers[check.id]
        for whose, value in answers.items():
            given = Given(plan, _NOTHING, truth, {check.answer: _typed(value)}, [])
            result = kind_of(plan.exercise, check).judge(check, given)
            code = result.diagnosis.code if result.diagnosis is not None else None
            found[check.id, whose] = result.verdict, code
    return found


def _far_apart(plan: Plan, truth: Truth) -> set[tuple[str, str, str]]:
    """Check, and two answers to it that lie far enough apart."""
    return {(row.check, row.one, row.other) for row in separation(plan, truth) if row.tolerances >= ENOUGH}


def _typed(value: Numbers | None) -> str:
    """An answer as somebody types it, with all its digits."""
    if value is None:
        return "None"
    return repr(value.tolist())


def _numbers(variant: Exercise) -> str:
    return ", ".join(f"{name} = {typed(value)}" for name, value in variant.values.items())


def _said(verdict: tuple[str, str | None]) -> str:
    return f"'{' '.join(filter(None, verdict))}'"
