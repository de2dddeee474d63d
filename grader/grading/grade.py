"""``grade(exercise, submission, sandbox) → Report``: the whole way of one submission.

::

    source ── readable? ──► plan ──► sandbox (two children: with autograd, without) ──► Seen ─┐
                              │                                                               ├─► checks ─►
                              Report └────► truths (the reference's child, cached) ─► Truth ─────────┘
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec

from grader.checks import outcomes, results, sentences
from grader.checks.evidence import Plan, Seen, Truth
from grader.checks.kinds.base import Given
from grader.checks.notes import notes_of
from grader.checks.registry import kind_of
from grader.grading.observe import Sandbox, observe
from grader.grading.published import published
from grader.grading.truths import Truths
from grader.model.exercise import Exercise
from grader.model.observation import Skipped
from grader.model.report import CheckResult, Isolation, Report, StudentError, Verdict, telling
from grader.model.report_size import fitted
from grader.model.source import Refusal, Source, read_source
from grader.model.submission import Submission
from grader.model.text import EMPTY, Text


def grade(exercise: Exercise, submission: Submission, sandbox: Sandbox, truths: Truths) -> Report:
    """Judge one submission: plan, observe, truth, judge, report.

    :raises GradingFailed: we could not; nothing is the student's fault and nothing is scored.
    """
    started = time.monotonic()
    read = read_source(submission.source, exercise.limits.source)
    if isinstance(read, Refusal):
        return _refused(exercise, submission, read, started, sandbox.isolation)
    plan = truths.plan(exercise, submission.seed)
    phases = Phases()
    # From here on the source is the text that was read, in UTF-8: every line is one that Python counts, too.
    with phases("run"):
        seen, truth = _seen_and_right(plan, read.data, sandbox, truths)
    with phases("judge"):
        judged = _judge(plan, submission, seen, truth)
    if exercise.solution is not None and any(one.verdict == "failed" for one in judged):
        with phases("explain"):
            known, truth = truth, truths.of(plan, sandbox)  # something is wrong, and wrong answers have names
            judged = judged if truth is known else _judge(plan, submission, seen, truth, judged)
    error, notes = _what_else(plan, seen, read, judged)
    report = _report(exercise, submission, judged, started, seen.isolation, seen.text, error, notes)
    return msgspec.structs.replace(report, phases=phases.milliseconds, limited=limited(seen))


class Phases:
    """How long each part took."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Time a part."""
        started = time.monotonic()
        yield
        self.milliseconds[name] = round((time.monotonic() - started) * 1e3, 3)


def _seen_and_right(plan: Plan, source: bytes, sandbox: Sandbox, truths: Truths) -> tuple[Seen, Truth]:
    """What the submission did, and what is right; side by side where the reference has to be run, too."""
    if plan.exercise.solution is None:
        truth = published(plan)
        return observe(plan, source, sandbox), truth
    if truths.known(plan, whole=False):
        return observe(plan, source, sandbox), truths.right(plan, sandbox)
    truths.ask(plan)  # a reference that is known not to run is no reason to run anything
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(truths.right, plan, sandbox)
        return observe(plan, source, sandbox), coming.result()


def _judge(
    plan: Plan, submission: Submission, seen: Seen, truth: Truth, known: Sequence[CheckResult] = ()
) -> list[CheckResult]:
    """All checks in their order.

    :param known: what was judged with less of the truth: what passed has passed.
    """
    passed = {one.id: one for one in known if one.verdict == "passed"}
    judged: list[CheckResult] = []
    given = Given(plan, seen, truth, submission.predictions, judged)
    for check in plan.exercise.checks:
        judged.append(passed.get(check.id) or kind_of(plan.exercise, check).judge(check, given))
    return judged


def _what_else(
    plan: Plan, seen: Seen, read: Source, judged: list[CheckResult]
) -> tuple[StudentError | None, tuple[Text, ...]]:
    """The first error of the student's code that cost something, and what is to be noted besides."""
    failed = {result.id for result in judged if result.verdict != "passed"}
    # An error that had to be raised is no error of the student's.
    blamed = [check for check in plan.exercise.checks if check.id in failed and not check.raises]
    asked = dict.fromkeys(task for check in blamed for task in plan.ids(check).values())
    error = outcomes.student_error(
        seen.loaded, [seen.outcomes[t] for t in asked if t in seen.outcomes], read, plan.exercise.limits
    )
    predicting = [check for check in plan.exercise.checks if check.predicts]
    predicted = [seen.raw.get(task, Skipped()) for check in predicting for task in plan.ids(check).values()]
    return error, read.notes + notes_of(seen.loaded, predicted)


def limited(seen: Seen) -> bool:
    """Whether a limit of time or memory ended a part of the run: chance decides how far it came before."""
    for loaded in (seen.loaded, seen.plain):
        if loaded.failure is not None and outcomes.limited(loaded.failure):
            return True
        if any(note.what in ("slow", "died") for note in loaded.notes):
            return True
    if seen.loaded.failure is not None:  # it cannot be parsed, and everything is skipped
        return False
    return any(map(outcomes.limited, (*seen.raw.values(), *seen.values.values())))


def _refused(
    exercise: Exercise, submission: Submission, read: Refusal, started: float, isolation: Isolation
) -> Report:
    """The report on a source of which nothing can be run."""
    verdict: Verdict = "missing" if read.empty else "malformed"
    judged = [results.unjudged(check, verdict, read.message) for check in exercise.checks]
    error = StudentError(read.kind, read.message, read.line)
    return _report(exercise, submission, judged, started, isolation, "", error)


def not_gradable(
    exercise: Exercise,
    submission: Submission,
    problem: str,
    isolation: Isolation,
    kind: str = "NotGradable",
) -> Report:
    """The report that says that *we* could not grade: never a zero, never the student's fault.

    :param isolation: what code is run in here.
    """
    message = Text(problem, problem)
    report = Report(
        exercise=exercise.slug,
        exercise_digest=exercise.digest,
        seed=submission.seed,
        status="not-gradable",
        score=0.0,
        max_score=float(exercise.max_score),
        isolation=isolation,
        duration_ms=0.0,
        checks=tuple(results.unjudged(check, "skipped", EMPTY) for check in exercise.checks),
        error=StudentError(kind, message),
        summary=sentences.NOT_GRADABLE,
        variant=exercise.number,
    )
    return fitted(report)


def _report(
    exercise: Exercise,
    submission: Submission,
    judged: list[CheckResult],
    started: float,
    isolation: Isolation,
    text: str,
    error: StudentError | None,
    notes: tuple[Text, ...] = (),
) -> Report:
    passed = [r for r in judged if r.verdict == "passed"]
    score = sum(r.points for r in judged)
    counted = [r for r in judged if r.max_points > 0]
    failing = telling(counted)
    worst = failing.message if failing is not None else None
    summary = sentences.summary(len(passed), len(counted), worst or EMPTY)
    if error is not None and error.whole and not passed and worst is not None:
        summary = sentences.nothing_run(worst)
    report = Report(
        exercise=exercise.slug,
        exercise_digest=exercise.digest,
        seed=submission.seed,
        status="graded",
        score=float(score),
        max_score=float(sum(r.max_points for r in judged)),
        isolation=isolation,
        duration_ms=(time.monotonic() - started) * 1e3,
        checks=tuple(judged),
        stdout=text,
        error=error,
        notes=notes,
        summary=summary,
        visible_only=exercise.solution is None,
        variant=exercise.number,
    )
    return fitted(report)
