"""``grade batch``: many files at once, a row for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Line

from grader.cli.console import console, say
from grader.cli.inputs import read_source, writable, write
from grader.cli.jail import Jail
from grader.cli.options import (
    CALL,
    FULL,
    OURS,
    PARTIAL,
    debug_option,
    exercise_of,
    lang_option,
    language_of,
    options,
    seed_option,
    settings_now,
    slug_argument,
    variant_option,
)
from grader.errors import GradingFailed, UsageError
from grader.grading import Truths, grade, not_gradable
from grader.model.exercise import Exercise
from grader.model.inert import as_cell, as_json, inert
from grader.model.report import Report
from grader.model.submission import Submission
from grader.model.text import Language
from grader.sandbox.pool import Pool

COLLAPSE_FROM = 60
"""From so many files on, 0.7 s spent on huge pages come back."""


@click.command()
@options(
    slug_argument,
    click.argument("files", metavar="FILE...", nargs=-1, required=True),
    click.option("--csv", "csv_out", metavar="OUT", help="Write one row a file (- for standard output)."),
    click.option("--json", "json_out", metavar="OUT",
                 help="Write one list of reports (- for standard output)."),
    click.option("--jobs", metavar="N", type=click.IntRange(1, 256),
                 help="Files graded at once (default: the cores)."),
    seed_option, variant_option, lang_option, debug_option,
)  # fmt: skip
def batch(
    slug: str, files: tuple[str, ...], csv_out: str | None, json_out: str | None, jobs: int | None,
    seed: int, variant: int, lang: str | None, debug: bool,  # noqa: ARG001
) -> int:  # fmt: skip
    """Grade many FILEs as answers to EXERCISE."""
    settings = settings_now()
    exercise = exercise_of(slug, variant)
    if csv_out == json_out == "-":
        raise UsageError("--csv - and --json - would both go to standard output; name a file for one of them")
    for out in (csv_out, json_out):
        if out not in (None, "-"):
            writable(out)
    jobs = min(jobs or settings.slots, len(files))
    with Jail(jobs, spares=jobs, collapse=len(files) >= COLLAPSE_FROM) as jail:
        rows = _grade_all(exercise, files, seed, jail.warm(), jobs, quiet="-" in (csv_out, json_out))
    if json_out is not None:
        language = language_of(lang or "en")
        write(
            json_out,
            as_json([_batch_json(row, language) for row in rows], indent=1) + "\n",
        )
    if csv_out is not None:
        _write_csv(csv_out, exercise, rows)
    if "-" not in (csv_out, json_out):
        shown = [(file, report, problem) for file, report, problem, _ in rows]
        console().print(batch_table(shown, language_of(lang)))
    return max(code for _, _, _, code in rows)


_Row = tuple[str, Report, str, int]


def _grade_all(
    exercise: Exercise, files: tuple[str, ...], seed: int, pool: Pool, jobs: int, *, quiet: bool
) -> list[_Row]:
    """Grade every file; a file that cannot be read gets a row, too."""
    truths = Truths()

    def one(file: str) -> _Row:
        empty = Submission(b"", {}, seed)
        try:
            submission = Submission(read_source(file), {}, seed)
        except UsageError as error:
            return (
                file,
                not_gradable(exercise, empty, str(error), pool.isolation, "UnreadableFile"),
                str(error),
                CALL,
            )
        try:
            report = grade(exercise, submission, pool, truths)
        except GradingFailed as error:
            return file, not_gradable(exercise, submission, str(error), pool.isolation), str(error), OURS
        return file, report, "", FULL if report.passed else PARTIAL

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console(stderr=True), transient=True, disable=quiet,
    )  # fmt: skip
    with bar, ThreadPoolExecutor(jobs) as workers:
        task = bar.add_task(exercise.slug, total=len(files))
        rows = []
        for row in workers.map(one, files):
            rows.append(row)
            bar.advance(task)
    return rows


def _batch_json(row: _Row, language: Language) -> dict[str, Any]:
    file, report, _, _ = row
    return {**report.to_json(language), "file": file}


def _write_csv(out: str, exercise: Exercise, rows: list[_Row]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "score", "max_score", "passed", "status", *(c.id for c in exercise.checks)])
    for file, report, _, _ in rows:
        verdicts = [check.verdict for check in report.checks]
        graded = report.status == "graded"
        score = f"{report.score:g}" if graded else ""
        passed = str(report.passed).lower() if graded else ""
        writer.writerow([as_cell(file), score, f"{report.max_score:g}", passed, report.status, *verdicts])
    write(out, text.getvalue())


def batch_table(rows: Sequence[tuple[str, Report | None, str]], language: Language) -> Table:
    """``grade batch``: one row a file; ``(file, report, problem)``."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(say(language, "file", "文件"), overflow="fold")
    table.add_column(say(language, "score", "得分"), justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for file, report, problem in rows:
        if report is None or report.status == "not-gradable":
            table.add_row(Line(inert(file, lines=False)), "–", Line(inert(problem), style="yellow"))
        else:
            style = "green" if report.passed else ""
            table.add_row(
                Line(inert(file, lines=False)),
                Line(f"{report.score:g} / {report.max_score:g}", style=style),
                Line(inert(report.summary.in_(language)), style="dim"),
            )
    return table
