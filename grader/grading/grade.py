"""``grade(exercise, submission, sandbox) → Report``: the whole way of one submission.

::

    source ── readable? ──► plan ──► sandbox (two children: with autograd, without) ──► Seen ─┐
                              │                                                               ├─► checks ─►
                              Report └────► truths (the reference's child, cached) ─► Truth ─────────┘
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec

from grader.checks import (
    answers,
    behaviour,
    judge,
    names,
    outcomes,
    provenance,
    quick,
    results,
    sentences,
    typed,
    words,
)
from grader.checks.notes import notes_of
from grader.checks.points import numbers_of
from grader.checks.relations import Relation
from grader.checks.typed import NotAnAnswer, Typed
from grader.grading import formulas, own
from grader.grading.observe import Sandbox, Seen, observe
from grader.grading.plan import Plan
from grader.grading.points import points_of
from grader.grading.published import published
from grader.grading.truth import Truth
from grader.grading.truths import Truths
from grader.model.exercise import Answer, Check, Exercise
from grader.model.observation import Differentiated, Skipped
from grader.model.report import CheckResult, Isolation, Report, StudentError, Verdict
from grader.model.report_size import fitted
from grader.model.source import Refusal, read_source
from grader.model.submission import Submission
from grader.model.text import EMPTY, Text
from grader.model.values import Mapping, Nothing, Value, type_name


def grade(exercise: Exercise, submission: Submission, sandbox: Sandbox, truths: Truths) -> Report:
    """Judge one submission.

    :raises GradingFailed: we could not; nothing is the student's fault and nothing is scored.
    """
    started = time.monotonic()
    read = read_source(submission.source, exercise.limits.source)
    if isinstance(read, Refusal):
        verdict: Verdict = "missing" if read.empty else "malformed"
        judged = [results.unjudged(check, verdict, read.message) for check in exercise.checks]
        error = StudentError(read.kind, read.message, read.line)
        return _report(exercise, submission, judged, started, sandbox.isolation, None, error)
    plan = truths.plan(exercise, submission.seed)
    # From here on the source is the text that was read, in UTF-8: every line is one that Python counts, too.
    source = read.data
    submission = msgspec.structs.replace(submission, source=source)
    if exercise.solution is None:
        truth = published(plan)
        seen = observe(plan, source, sandbox)
    elif truths.known(plan, whole=False):
        seen = observe(plan, source, sandbox)
        truth = truths.right(plan, sandbox)
    else:
        truths.ask(plan)  # a reference that is known not to run is no reason to run anything
        # The first submission at this seed: the reference's child runs beside the submission's.
        with ThreadPoolExecutor(1) as other:
            coming = other.submit(truths.right, plan, sandbox)
            seen = observe(plan, source, sandbox)
            truth = coming.result()
    judged = _judge_all(plan, submission, seen, truth, sandbox)
    if exercise.solution is not None and any(one.verdict == "failed" for one in judged):
        known = truth
        truth = truths.of(plan, sandbox)  # something is wrong, and wrong answers have names
        judged = judged if truth is known else _judge_all(plan, submission, seen, truth, sandbox, judged)
    # An error that had to be raised is no error of the student's.
    raising = {check.id for check in exercise.checks if check.kind == "raises"}
    failed = {result.id for result in judged if result.verdict != "passed"}
    asked = dict.fromkeys(
        task for (check, _), task in plan.task_of.items() if check in failed and check not in raising
    )
    error_seen = outcomes.student_error(
        seen.loaded,
        [seen.outcomes[t] for t in asked if t in seen.outcomes],
        read,
        exercise.limits,
    )
    predicting = {check.id for check in exercise.checks if check.predicts}
    predicted = [
        seen.raw.get(task, Skipped()) for (id_, _), task in plan.task_of.items() if id_ in predicting
    ]
    notes = read.notes + notes_of(seen.loaded, predicted)
    return _report(exercise, submission, judged, started, seen.isolation, seen, error_seen, notes)


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
    )
    return fitted(report)


def _judge_all(
    plan: Plan,
    submission: Submission,
    seen: Seen,
    truth: Truth,
    sandbox: Sandbox,
    known: Sequence[CheckResult] = (),
) -> list[CheckResult]:
    """All checks in their order.

    :param known: what was judged with less of the truth: what passed has passed.
    """
    passed = {one.id: one for one in known if one.verdict == "passed"}
    judged: list[CheckResult] = []
    for check in plan.exercise.checks:
        one = passed.get(check.id) or _judge(plan, check, submission, seen, truth, sandbox, judged)
        if one.diagnosis is not None and one.diagnosis.code == "once-differentiable":
            one = behaviour.only_the_second(plan.exercise, check, one, judged)
        judged.append(one)
    return judged


def _judge(
    plan: Plan,
    check: Check,
    submission: Submission,
    seen: Seen,
    truth: Truth,
    sandbox: Sandbox,
    before: list[CheckResult],
) -> CheckResult:
    exercise = plan.exercise
    loaded = seen.plain if check.without_autograd or check.answer is not None else seen.loaded
    stopped = outcomes.of_load(loaded, exercise.limits)
    if check.answer is not None:
        takes_values = any(r.diagnosis and r.diagnosis.code == "value-not-gradient" for r in before)
        known = truth if takes_values else replace(truth, values=())
        return _judge_typed(plan, check, submission, seen, known, stopped)
    if stopped is not None:
        return results.unjudged(check, stopped.verdict, stopped.message)
    if check.kind == "graph" and exercise.solution is None:
        return _not_here(check)
    if check.kind == "raises":
        judged = behaviour.judge_raises(exercise, check, _behaviour(plan, check, seen, truth))
    elif check.kind == "graph":
        judged = behaviour.judge_graph(exercise, check, _behaviour(plan, check, seen, truth))
    elif check.kind == "own-prediction":
        judged = own.judge_own(plan, check, submission, seen, truth, sandbox)
    elif _plainly_passes(plan, check, seen, truth):
        judged = results.passed(check)
    else:
        again = seen.outcomes.get(plan.again_of.get(check.id, ""))
        judged = judge.judge_function(exercise, check, points_of(plan, check, seen, truth), again)
    if check.predicts or check.requires_autograd:
        compared = _compared(plan, check, seen, truth)
        judged = provenance.judge(check, judged, compared, seen.loaded.defined, _fails_without(seen))
    if judged.verdict != "passed" and check.function is not None:
        function = exercise.function(check.function)
        other = names.exchanged(function, seen.loaded.defined)
        if other is not None:
            return results.unjudged(check, "error", sentences.exchanged(function, other))
    return judged


def _fails_without(seen: Seen) -> int | None:
    """The first line outside of the functions that raises where autograd does not exist, and only there."""
    elsewhere = {note.line for note in seen.loaded.notes}
    raised = (note.line for note in seen.plain.notes if note.what == "raised")
    return next((line for line in raised if line not in elsewhere), None)


def _compared(plan: Plan, check: Check, seen: Seen, truth: Truth) -> list[provenance.Compared]:
    """The first cases of a check, as they came from both children."""
    found = []
    for case in plan.cases:
        other = plan.other_of.get((check.id, case.name))
        if other is not None:
            right = truth.rights.get((check.id, case.name))
            expected = None if right is None else right.expected
            mine = seen.raw.get(plan.own_of.get((check.id, case.name), ""))
            if isinstance(mine, Differentiated) and mine.grads:
                expected = numbers_of(mine.grads[0])  # of a function that the student designed
            here = seen.raw.get(plan.task_of[check.id, case.name], Skipped())
            found.append(provenance.Compared(expected, here, seen.raw.get(other, Skipped())))
    return found


def _not_here(check: Check) -> CheckResult:
    # It is worth nothing here, so that full marks can be had on what is judged.
    free = msgspec.structs.replace(check, points=0.0)
    return results.unjudged(free, "skipped", sentences.NOT_JUDGED_HERE)


def _behaviour(plan: Plan, check: Check, seen: Seen, truth: Truth) -> list[behaviour.Seen]:
    return [
        behaviour.Seen(
            seen.outcomes.get(plan.task_of[check.id, case.name], Skipped()),
            seen.raw.get(plan.task_of[check.id, case.name], Skipped()),
            truth.rights[check.id, case.name].graph,
            truth.rights[check.id, case.name].raised,
        )
        for case in plan.cases
        if (check.id, case.name) in plan.task_of
    ]


def _judge_typed(
    plan: Plan,
    check: Check,
    submission: Submission,
    seen: Seen,
    truth: Truth,
    stopped: outcomes.Trouble | None,
) -> CheckResult:
    """A check about something typed: numbers, words or a formula."""
    exercise = plan.exercise
    assert check.answer is not None
    answer = exercise.answer(check.answer)
    formula = answer.type == "formula"
    if exercise.solution is None and not formula:
        return _not_here(check)
    typed_in = submission.predictions.get(answer.name, "").strip()
    in_file = seen.plain.predictions
    if not typed_in:
        if stopped is not None:
            return results.unjudged(check, stopped.verdict, stopped.message)
        bad = _not_a_dict(in_file)
        if bad is not None:
            return results.unjudged(check, "malformed", bad)
    value = _entry(in_file, answer.name)
    with_autograd = _entry(seen.loaded.predictions, answer.name)
    if not typed_in and value is None and with_autograd is not None:
        why = sentences.not_given_without_autograd(answer.name, _fails_without(seen))
        return results.unjudged(check, "missing", why)
    if not typed_in and value != with_autograd:
        _, diagnosis = results.diagnose(Relation("autograd-in-prediction"))
        return results.result(check, "failed", sentences.computed_by_autograd(answer.name), diagnosis)
    if not typed_in and value is None and isinstance(in_file, Mapping):
        near = names.near_key(answer.name, in_file, {a.name for a in exercise.answers})
        if near is not None:
            return results.unjudged(check, "missing", sentences.misspelt_answer(answer.name, near))
    if not typed_in and in_file is None and seen.plain.misspelt:
        return results.unjudged(
            check, "missing", sentences.misspelt_predictions(answer.name, seen.plain.misspelt)
        )
    if formula:
        return formulas.judge_formula(plan, check, typed_in, value, truth)
    if answer.type in ("choice", "edges"):
        wrong = {name: words.read(v, answer) for name, v in truth.wrong_words.get(check.id, {}).items()}
        right = words.read(truth.words[answer.name], answer)
        said = _in_words(answer, typed_in, value)
        return words.judge_words(exercise, check, said, right, wrong)
    return judge_typed_numbers(exercise, check, _typed_answer(typed_in, value, answer.shape), truth)


def _entry(predictions: Value | None, name: str) -> Value | None:
    return predictions.items.get(name) if isinstance(predictions, Mapping) else None


def _in_words(answer: Answer, typed_in: str, value: Value | None) -> words.Said | NotAnAnswer | None:
    try:
        if typed_in:
            return words.parse(typed_in, answer)
        return words.read(value, answer) if value is not None else None
    except NotAnAnswer as error:
        return error


def judge_typed_numbers(
    exercise: Exercise, check: Check, given: Typed | NotAnAnswer | None, truth: Truth
) -> CheckResult:
    """A check about typed numbers, with all that is known of wrong ones."""
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
    return answers.judge_answer(exercise, check, given, expected, relatives, wrongs, truth.values)


def _plainly_passes(plan: Plan, check: Check, seen: Seen, truth: Truth) -> bool:
    get, rights, task_of = seen.outcomes.get, truth.rights, plan.task_of
    keys = [(check.id, case.name) for case in plan.cases]
    return quick.passes(check, ((rights[key].sure, rights[key].shape, get(task_of[key])) for key in keys))


def _typed_answer(typed_in: str, value: Value | None, shape: tuple[int, ...]) -> Typed | NotAnAnswer | None:
    """What was answered: typed beside the file first, then in the file's ``PREDICTIONS``."""
    try:
        if typed_in:
            return typed.parse(typed_in, shape)
        return typed.from_value(value, shape) if value is not None else None
    except NotAnAnswer as error:
        return error


def _not_a_dict(predictions: Value | None) -> Text | None:
    if predictions is None or isinstance(predictions, Mapping | Nothing):
        return None
    return sentences.predictions_not_a_dict(type_name(predictions))


def _report(
    exercise: Exercise,
    submission: Submission,
    judged: list[CheckResult],
    started: float,
    isolation: Isolation,
    seen: Seen | None,
    error: StudentError | None,
    notes: tuple[Text, ...] = (),
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
        stdout=seen.text if seen is not None else "",
        error=error,
        notes=notes,
        summary=summary,
        visible_only=exercise.solution is None,
    )
    return fitted(report)
