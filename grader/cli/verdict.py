"""Verdict on a file at a terminal: graded, drawn, and printed, once or each time the file is saved.

What ``run`` and ``watch`` import while their jail is warming up.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from grader.checks.registry import read_answer
from grader.checks.typed import NotAnAnswer
from grader.cli.console import console
from grader.cli.inputs import example, read_source
from grader.cli.jail import Jail
from grader.cli.options import FULL, OURS, PARTIAL, complain, echo, print_json
from grader.cli.pictures import drawings
from grader.cli.report import report_page
from grader.errors import GradingFailed, UsageError
from grader.grading import Truths, grade, not_gradable
from grader.grading.illustrate import draw
from grader.model.exercise import Exercise
from grader.model.report import Report
from grader.model.submission import Submission
from grader.model.text import EMPTY, Language
from grader.pictures.failing import failing_of
from grader.sandbox.pool import Pool

LOOK = 0.2
"""Seconds between two looks at the file. To ask the kernel instead would take a library, and gain nothing."""


def print_json_verdict(
    exercise: Exercise,
    submission: Submission,
    jail: Jail,
    language: Language,
    *,
    plot: bool,
    graph: bool,
    tape: bool,
    debug: bool,
) -> int:
    """Print the one JSON object of ``grade run --json``, also where nothing could be graded.

    :returns: the exit code.
    """
    check_predictions(exercise, submission.predictions)
    truths = Truths()
    try:
        pool = jail.warm()
        report = grade(exercise, submission, pool, truths)
    except GradingFailed as error:
        print_json(not_gradable(exercise, submission, str(error), jail.isolation).to_json(language))
        return complain(str(error), OURS, debug)
    if plot or graph or tape:
        report = _with_pictures(report, exercise, submission, pool, truths, plot=plot, graph=graph, tape=tape)
    print_json(report.to_json(language))
    return FULL if report.passed else PARTIAL


def print_verdict(
    exercise: Exercise,
    submission: Submission,
    jail: Jail,
    language: Language,
    *,
    plot: bool,
    graph: bool,
    tape: bool,
) -> int:
    """Print the verdict for people, and below it the pictures that were asked for.

    :returns: the exit code.
    :raises GradingFailed: it could not be graded.
    """
    check_predictions(exercise, submission.predictions)
    pool, truths = jail.warm(), Truths()
    report = grade(exercise, submission, pool, truths)
    console().print(report_page(report, language))
    if report.passed and not report.visible_only and exercise.insight != EMPTY:
        console().print(exercise.insight.in_(language), style="dim")
    if plot or graph or tape:
        report = _with_pictures(report, exercise, submission, pool, truths, plot=plot, graph=graph, tape=tape)
    if report.pictures is not None:
        curve = report.pictures.curve
        failing = failing_of(curve, exercise, report) if curve is not None else ()
        console().print(
            *drawings(report.pictures, language, failing, plot=plot, graph=graph, tape=tape), sep="\n"
        )
    return FULL if report.passed else PARTIAL


def print_each_verdict(
    exercise: Exercise, file: str, predictions: dict[str, str], seed: int, jail: Jail, language: Language
) -> int:
    """Print the verdict whenever the file is saved, until Ctrl-C.

    :returns: the exit code of the last verdict.
    """
    check_predictions(exercise, predictions)
    code, path = OURS, Path(file)
    try:
        pool, truths = jail.warm(), Truths()
        while True:
            state = _state(path)
            try:
                report = grade(exercise, Submission(read_source(file), predictions, seed), pool, truths)
            except GradingFailed as error:
                echo(f"grade: {error}", err=True)
                code = OURS
            except UsageError:
                # An editor that replaces a file removes it first: the next look finds it.
                if path.is_dir():
                    raise
            else:
                code = FULL if report.passed else PARTIAL
                out = console()
                out.rule(time.strftime("%H:%M:%S"), style="dim")
                out.print(report_page(report, language))
            _wait_for_a_change(path, state)
    except KeyboardInterrupt:
        return code


def check_predictions(exercise: Exercise, predictions: dict[str, str]) -> None:
    """Complain about a typed prediction that cannot be read, before anything is run.

    :raises UsageError: one cannot.
    """
    for name, value in predictions.items():
        try:
            read_answer(exercise, name, value)
        except NotAnAnswer as error:
            said = error.why.en if error.why is not None else f"it cannot be read at '{error.what[:40]}'"
            where = f" at '{error.what[:40]}'" if error.why is not None and error.what else ""
            like = example(msgspec.structs.replace(exercise, answers=(exercise.answer(name),)))
            raise UsageError(f"--predict {name}: {said}{where}; write e.g. {like}") from None


def _with_pictures(
    report: Report,
    exercise: Exercise,
    submission: Submission,
    pool: Pool,
    truths: Truths,
    *,
    plot: bool,
    graph: bool,
    tape: bool,
) -> Report:
    """``report`` with its pictures; as it is where they fail, because a verdict stands without them."""
    try:
        pictures = draw(exercise, submission, pool, truths, report, curve=plot, graph=graph, tape=tape)
    except GradingFailed as error:
        echo(f"grade: the pictures could not be drawn: {error}", err=True)
        return report
    return msgspec.structs.replace(report, pictures=pictures)


def _state(path: Path) -> tuple[int, ...] | None:
    """What is different once a file has been saved; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _wait_for_a_change(path: Path, state: tuple[int, ...] | None) -> None:
    """Return when the file is another than ``state``, and rests: saving takes several steps."""
    while (now := _state(path)) == state or now is None:
        time.sleep(LOOK)
    while True:
        time.sleep(LOOK / 2)
        if (then := _state(path)) == now:
            return
        now = then
