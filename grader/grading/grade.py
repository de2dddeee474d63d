"""``grade(exercise, submission, sandbox) → Report``: the whole way of one submission.

::

    source ── readable? ──► plan ──► sandbox (the submission's child) ──► Observation ─┐
                              │                                                        ├─► checks ─► Report
                              └────► truths (the reference's child, cached) ─► Truth ──┘
"""

from __future__ import annotations

import time
from collections.abc import Mapping as Dict
from concurrent.futures import ThreadPoolExecutor

import msgspec

from grader.checks import answers, judge, outcomes, quick, results, sentences, typed
from grader.checks.points import Point
from grader.checks.reach import reach
from grader.checks.typed import NotAnAnswer, Typed
from grader.grading.plan import Plan
from grader.grading.published import published
from grader.grading.truth import Sandbox, Truth, Truths
from grader.model.exercise import Check, Exercise
from grader.model.job import Job
from grader.model.observation import Observation, Skipped
from grader.model.report import CheckResult, Report, StudentError, Verdict
from grader.model.submission import Submission
from grader.model.text import EMPTY, Text
from grader.model.values import Mapping, Nothing, Value, type_name


def grade(exercise: Exercise, submission: Submission, sandbox: Sandbox, truths: Truths) -> Report:
    """Judge one submission.

    :raises GradingFailed: we could not; nothing is the student's fault and nothing is scored.
    """
    started = time.monotonic()
    bad = unreadable(submission.source, exercise.limits.source)
    if bad is not None:
        verdict, error = bad
        judged = [results.unjudged(check, verdict, error.message) for check in exercise.checks]
        return _report(exercise, submission, judged, started, None, error)
    plan = truths.plan(exercise, submission.seed)
    # A byte-order mark is an editor's, not the student's; Python would take it, compile() of bytes does, too.
    job = Job(source=submission.source, tasks=plan.tasks, limits=exercise.limits, seed=submission.seed)
    if exercise.solution is None:
        truth = published(plan)
        seen = sandbox.run(job)
    elif truths.known(plan):
        seen = sandbox.run(job)
        truth = truths.of(plan, sandbox)
    else:
        # The first submission of an exercise: both children run side by side.
        with ThreadPoolExecutor(1) as other:
            coming = other.submit(truths.of, plan, sandbox)
            seen = sandbox.run(job)
            truth = coming.result()
    judged = _judge_all(plan, submission, seen, truth)
    source = submission.source.decode("utf-8-sig")
    asked = dict.fromkeys(plan.task_of.values())
    error_seen = outcomes.student_error(
        seen.loaded, [seen.outcomes[t] for t in asked if t in seen.outcomes], source, exercise.limits
    )
    return _report(exercise, submission, judged, started, seen, error_seen)


def not_gradable(
    exercise: Exercise, submission: Submission, problem: str, kind: str = "NotGradable"
) -> Report:
    """The report that says that *we* could not grade: never a zero, never the student's fault."""
    message = Text(problem, problem)
    return Report(
        exercise=exercise.slug,
        exercise_digest=exercise.digest,
        seed=submission.seed,
        status="not-gradable",
        score=0.0,
        max_score=float(exercise.max_score),
        isolation="namespaces",
        duration_ms=0.0,
        checks=tuple(results.unjudged(check, "skipped", EMPTY) for check in exercise.checks),
        error=StudentError(kind, message),
        summary=sentences.NOT_GRADABLE,
    )


def unreadable(source: bytes, limit: int) -> tuple[Verdict, StudentError] | None:
    """Why a source cannot be run at all: too large, not UTF-8, NUL bytes, or nothing in it."""
    if len(source) > limit:
        return "malformed", StudentError("SourceTooLarge", sentences.too_large(len(source), limit))
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        return "malformed", StudentError("UnicodeDecodeError", sentences.not_utf8(error.start, line), line)
    if "\0" in text:
        return "malformed", StudentError("NulBytes", sentences.NUL_BYTES)
    if not text.strip("\ufeff \t\r\n\f"):
        return "missing", StudentError("EmptySource", sentences.EMPTY_FILE)
    return None


def _judge_all(plan: Plan, submission: Submission, seen: Observation, truth: Truth) -> list[CheckResult]:
    exercise = plan.exercise
    stopped = outcomes.of_load(seen.loaded, exercise.limits)
    # Read here, before and beside the run: in the child, the code could have a say in it.
    reached = reach(submission.source.decode("utf-8-sig"))
    judged: list[CheckResult] = []
    for check in exercise.checks:
        if check.answer is not None and exercise.solution is None:
            # It is worth nothing here, so that full marks can be had on what is judged.
            free = msgspec.structs.replace(check, points=0.0)
            judged.append(results.unjudged(free, "skipped", sentences.NOT_JUDGED_HERE))
        elif check.answer is not None:
            given = _typed_answer(check.answer, submission.predictions, seen.loaded.predictions)
            if given is None and stopped is not None:
                judged.append(results.unjudged(check, stopped.verdict, stopped.message))
                continue
            bad = _not_a_dict(seen.loaded.predictions)
            if given is None and bad is not None:
                judged.append(results.unjudged(check, "malformed", bad))
                continue
            judged.append(_judge_answer(exercise, check, given, truth))
        elif stopped is not None:
            judged.append(results.unjudged(check, stopped.verdict, stopped.message))
        elif (reached is None or not judge.predicts(check)) and _plainly_passes(plan, check, seen, truth):
            judged.append(results.passed(check))
        else:
            judged.append(
                judge.judge_function(
                    exercise,
                    check,
                    _points(plan, check, seen, truth),
                    seen.outcomes.get(plan.again_of.get(check.id, "")),
                    reached,
                )
            )
    return judged


def _judge_answer(
    exercise: Exercise, check: Check, given: Typed | NotAnAnswer | None, truth: Truth
) -> CheckResult:
    assert check.answer is not None
    answer = exercise.answer(check.answer)
    expected = truth.answers[answer.name]
    relatives = {}
    if expected is not None:
        total = expected
        for name in answer.previous:
            earlier = truth.answers[name]
            total = total + earlier if earlier is not None else total
        if answer.previous:
            relatives["accumulated"] = total
    wrongs = truth.wrong_answers.get(check.id, {})
    return answers.judge_answer(exercise, check, given, expected, relatives, wrongs)


def _plainly_passes(plan: Plan, check: Check, seen: Observation, truth: Truth) -> bool:
    get, rights, task_of = seen.outcomes.get, truth.rights, plan.task_of
    keys = [(check.id, case.name) for case in plan.cases]
    return quick.passes(check, ((rights[key].sure, get(task_of[key])) for key in keys))


def _points(plan: Plan, check: Check, seen: Observation, truth: Truth) -> list[Point]:
    points = []
    for case in plan.cases:
        right = truth.rights[check.id, case.name]
        points.append(
            Point(
                case=case.name,
                visible=case.visible,
                inputs=case.plain() if case.visible else {},
                expected=right.expected,
                outcome=seen.outcomes.get(plan.task_of[check.id, case.name], Skipped()),
                branch=truth.branches.get(case.name, ""),
                value=right.value,
                size=right.size,
                relatives=right.relatives,
                misconceptions=right.misconceptions,
            )
        )
    return points


def _typed_answer(name: str, typed_in: Dict[str, str], in_file: Value | None) -> Typed | NotAnAnswer | None:
    """What was answered: typed beside the file first, then in the file's ``PREDICTIONS``."""
    try:
        if typed_in.get(name, "").strip():
            return typed.parse(typed_in[name])
        if isinstance(in_file, Mapping) and name in in_file.items:
            return typed.from_value(in_file.items[name])
    except NotAnAnswer as error:
        return error
    return None


def _not_a_dict(predictions: Value | None) -> Text | None:
    if predictions is None or isinstance(predictions, Mapping | Nothing):
        return None
    return sentences.predictions_not_a_dict(type_name(predictions))


def _report(
    exercise: Exercise,
    submission: Submission,
    judged: list[CheckResult],
    started: float,
    seen: Observation | None,
    error: StudentError | None,
) -> Report:
    passed = [r for r in judged if r.verdict == "passed"]
    score = sum(r.points for r in judged)
    counted = [r for r in judged if r.max_points > 0]
    failing = max(
        (r for r in counted if r.verdict != "passed"),
        key=lambda r: (r.diagnosis is not None, r.max_points),
        default=None,
    )
    worst = failing.message if failing is not None else None
    return Report(
        exercise=exercise.slug,
        exercise_digest=exercise.digest,
        seed=submission.seed,
        status="graded",
        score=float(score),
        max_score=float(sum(r.max_points for r in judged)),
        isolation=seen.isolation if seen is not None else "namespaces",
        duration_ms=(time.monotonic() - started) * 1e3,
        checks=tuple(judged),
        stdout=seen.text if seen is not None else "",
        error=error,
        summary=sentences.summary(len(passed), len(counted), worst or EMPTY),
        visible_only=exercise.solution is None,
    )
