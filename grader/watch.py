"""``grade watch``: the verdict again, each time a file is saved."""

from __future__ import annotations

import time
from pathlib import Path

import click

from grader.batch import warm_pool
from grader.errors import GradingFailed, UsageError
from grader.handin import check_predictions, prediction, read_source
from grader.options import (
    FULL,
    OURS,
    PARTIAL,
    debug_option,
    lang_option,
    language_of,
    library_of,
    options,
    seed_option,
    settings_now,
    slug_argument,
)

LOOK = 0.2
"""Seconds between two looks at the file. To ask the kernel instead would take a library, and gain nothing."""


@click.command(short_help="Grade FILE again whenever it is saved.")
@options(
    slug_argument,
    click.argument("file", metavar="FILE"),
    click.option("--predict", "predict", multiple=True, metavar="NAME=VALUE",
                 help="A typed prediction, e.g. --predict 'x_grad=[0, 4, 8, 12]'. May be repeated."),
    seed_option, lang_option, debug_option,
)  # fmt: skip
def watch(
    slug: str,
    file: str,
    predict: tuple[str, ...],
    seed: int,
    lang: str | None,
    debug: bool,  # noqa: ARG001
) -> int:
    """Grade FILE as an answer to EXERCISE, and again whenever it is saved. Ctrl-C ends it.

    Exit status: that of the last verdict. The cases are the same each time.
    """
    exercise = library_of(settings_now()).get(slug)
    if file == "-":
        raise UsageError("standard input cannot be watched; name a file")
    read_source(file)  # a wrong name is said before anything is started
    predictions = dict(prediction(exercise, text) for text in predict)
    from grader.sandbox.pool import Pool

    pool, code = Pool(slots=2), OURS
    try:
        from grader import terminal
        from grader.grading import Truths, grade
        from grader.model.submission import Submission

        check_predictions(exercise, predictions)
        pool, truths, path = warm_pool(pool, 2), Truths(), Path(file)
        while True:
            state = _state(path)
            try:
                report = grade(exercise, Submission(read_source(file), predictions, seed), pool, truths)
            except GradingFailed as error:
                click.echo(f"grade: {error}", err=True)
                code = OURS
            except UsageError:
                # An editor that replaces a file removes it first: the next look finds it.
                if path.is_dir():
                    raise
            else:
                code = FULL if report.passed else PARTIAL
                out = terminal.console()
                out.rule(time.strftime("%H:%M:%S"), style="dim")
                out.print(terminal.report_page(report, language_of(lang)))
            _wait_for_a_change(path, state)
    except KeyboardInterrupt:
        return code
    finally:
        pool.close()


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
