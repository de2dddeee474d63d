"""``grade export``: scores into the file that Canvas or Moodle exported, ready to be imported there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text as Line

from grader.cli.console import console
from grader.cli.inputs import writable
from grader.cli.lookup import course_called, open_store
from grader.cli.options import (
    FULL,
    PARTIAL,
    debug_option,
    echo,
    json_option,
    library_of,
    options,
    print_json,
    settings_now,
)
from grader.cli.problems import MOST_SHOWN, print_problems, problems_as_json
from grader.cli.rosters import read_list
from grader.errors import ExerciseError, UnknownExercise, UsageError
from grader.model.inert import inert
from grader.rosters.columns import Named
from grader.rosters.fill import Filled, fill
from grader.rosters.matching import Account
from grader.rosters.not_a_list import NotAList
from grader.rosters.rows import quoted
from grader.store import enrolments, gradebook
from grader.store.gradebook_csv import csv_lines
from grader.store.matrix import matrix

WORDS = {
    "chosen": "by choice",
    "sis_id": "by number",
    "login": "by login",
    "email": "by e-mail",
    "name": "by name",
}


@click.command("export")
@click.argument("slug", metavar="COURSE")
@click.option("--fill", "file", metavar="FILE", help="What Canvas or Moodle exported.")
@click.option("--out", metavar="OUT", help="Where the filled file goes; never FILE itself.")
@click.option("--csv", "table", metavar="CSV", help="Write the scores as a table of their own instead.")
@options(json_option, debug_option)
def export(
    slug: str,
    file: str | None,
    out: str | None,
    table: str | None,
    as_json: bool,
    debug: bool,  # noqa: ARG001
) -> int:
    """Write the scores of COURSE into a gradebook that Canvas or Moodle exported.

    \b
    grade export autograd --fill canvas.csv --out filled.csv
    grade export autograd --fill moodle.csv --out filled.csv --json
    grade export autograd --csv scores.csv

    People are matched by number, login, e-mail and name, columns by an exercise's slug or
    title. What is ambiguous or missing is listed and left as it is, as is every other byte.

    Exit status: 0 all were matched, 1 some were not, 2 FILE is neither, or the call is wrong.
    """
    if table is not None and file is None and out is None:
        return _as_table(slug, table, as_json)
    if file is None or out is None or table is not None:
        raise UsageError("give both --fill FILE and --out OUT, or --csv CSV alone")
    target = writable(out)
    if _is_same(Path(file), target):
        raise UsageError(f"--out {quoted(out)} is the file to fill itself: name another one")
    data = read_list(file)
    accounts, exercises = _course(slug)
    try:
        filled = fill(data, accounts, exercises)
    except NotAList as error:
        raise UsageError(f"{quoted(file)}: {error}") from error
    _write(target, filled.data)
    if as_json:
        print_json(_as_json(filled, out))
    else:
        _print(filled, out)
    return PARTIAL if filled.problems else FULL


def _as_table(slug: str, table: str, as_json: bool) -> int:
    target = writable(table)
    with open_store() as store, store.read() as session:
        book = matrix(session, course_called(session, slug))
    _write(target, "".join(("\ufeff", *csv_lines(book))).encode("utf-8", "replace"))
    if as_json:
        print_json({"out": table, "students": len(book.lines), "exercises": len(book.assignments)})
    else:
        echo(f"{len(book.lines):,} students, {len(book.assignments):,} exercises in {quoted(table)}")
    return FULL


def _is_same(file: Path, target: Path) -> bool:
    """Whether both names mean one file, by links, too."""
    try:
        return target.resolve() == file.resolve() or (target.exists() and target.samefile(file))
    except (OSError, ValueError, RuntimeError):
        return False  # reading it says what is wrong


def _course(slug: str) -> tuple[list[Account], list[Named]]:
    """The students of a course with the scores that count, and its exercises."""
    library = library_of(settings_now())
    with open_store() as store, store.read() as session:
        course = course_called(session, slug)
        book = gradebook.gradebook(session, course)
        numbers = enrolments.numbers(session, course.id)
        slugs = [assignment.exercise for assignment in book.assignments]
        accounts = [
            Account(
                row.user.login,
                row.user.name,
                row.user.email or "",
                {name: c.score for name, c in zip(slugs, row.cells, strict=True) if c.score is not None},
                numbers.get(row.user.id, ""),
            )
            for row in book.rows
        ]
    exercises: list[Named] = []
    for each in slugs:
        try:
            found = library.get(each)
        except (UnknownExercise, ExerciseError):
            exercises.append(Named(each, ()))  # its folder is gone; its scores are not
        else:
            exercises.append(Named(each, (found.title.en, found.title.zh), found.max_score))
    return accounts, exercises


def _write(target: Path, data: bytes) -> None:
    """All of the file or nothing: it is written beside its place and moved there.

    :raises UsageError: it cannot be written.
    """
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{quoted(str(target))} cannot be written: {error.strerror}") from error


def _as_json(filled: Filled, out: str) -> dict[str, object]:
    return {
        "format": filled.format,
        "out": out,
        "filled": filled.cells,
        "people": [
            {
                "line": match.person.line,
                "name": match.person.name,
                "login": None if match.account is None else match.account.login,
                "how": match.how,
            }
            for match in filled.people
        ],
        "columns": [
            {"column": column.title, "exercise": column.exercise, "how": column.how}
            for column in filled.columns
        ],
        "problems": problems_as_json(filled.problems),
        "notes": problems_as_json(filled.notes),
        "absent": {"people": list(filled.without_row), "exercises": list(filled.without_column)},
    }


def _print(filled: Filled, out: str) -> None:
    columns = _table("column", "exercise", "matched")
    for column in filled.columns:
        how = f"by {column.how}" if column.exercise is not None else column.how
        columns.add_row(*_lines(column.title, column.exercise or "", how))
    people = _table("line", "person", "account", "matched")
    # Who was not matched is shown first where not all are.
    found = filled.people
    if len(found) > MOST_SHOWN:
        found = tuple(sorted(found, key=lambda match: match.account is not None))
    for match in found[:MOST_SHOWN]:
        account = "" if match.account is None else f"{match.account.login} ({match.account.name})"
        people.add_row(
            *_lines(str(match.person.line), match.person.called, account, WORDS.get(match.how, match.how))
        )
    console().print(columns)
    echo("")
    console().print(people)
    if len(found) > MOST_SHOWN:
        echo(f"… and {len(found) - MOST_SHOWN:,} more: --json prints all")
    echo(f"\n{filled.cells:,} scores in {quoted(out)}; every other byte is as it was")
    absent = (
        ("students of the course are not in the file", filled.without_row),
        ("exercises of the course have no column in the file", filled.without_column),
    )
    for said, missing in absent:
        if missing:
            shown = ", ".join(missing[:20]) + (", …" if len(missing) > 20 else "")
            echo(f"{len(missing):,} {said}: {shown}")
    print_problems([*filled.notes, *filled.problems])


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _lines(*cells: str) -> list[Line]:
    """Cells whose text neither steers the terminal nor is read as markup."""
    return [Line(inert(cell, lines=False)) for cell in cells]
