"""``grade roster``: a list of people as a school sends it, looked at before anything is changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text as Line

from grader.cli import roster_imports
from grader.cli.console import console
from grader.cli.lookup import course_called, open_store
from grader.cli.options import FULL, PARTIAL, debug_option, echo, json_option, options, print_json
from grader.cli.problems import MOST_SHOWN, STYLES, print_problems, problems_as_json
from grader.errors import UsageError
from grader.model.inert import inert
from grader.rosters.comparison import Compared, Member, compare
from grader.rosters.not_a_list import MOST_BYTES, NotAList
from grader.rosters.people import Problem, Roster, read_roster
from grader.rosters.rows import quoted
from grader.store import enrolments

CALLED = {
    "canvas": "a Canvas export", "moodle": "a Moodle export", "blackboard": "a Blackboard export",
    "table": "a table with a heading", "plain": "a list without a heading",
}  # fmt: skip
SEPARATED = {",": "commas", ";": "semicolons", "\t": "tabs"}


@click.group()
def roster() -> None:
    """Look at lists of people and import them: from Canvas, Moodle, Blackboard or a spreadsheet."""


@roster.command("preview")
@click.argument("file", metavar="FILE")
@click.option(
    "--course", "slug", metavar="COURSE", help="Say also who is new, changed, gone or the same there."
)
@options(json_option, debug_option)
def preview(file: str, slug: str | None, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Say who is in FILE, and what is wrong with it, line by line. Nothing is changed.

    \b
    grade roster preview people.csv
    grade roster preview people.csv --course autograd
    grade roster preview people.csv --json | jq -r '.people[].login'

    FILE is CSV in any usual encoding, with commas, semicolons or tabs; or e-mail addresses
    or logins alone, one a line.

    Exit status: 0 nothing is wrong, 1 there are problems, 2 FILE is no list of people.
    """
    data = read_list(file)
    try:
        found = read_roster(data)
    except NotAList as error:
        raise UsageError(f"{quoted(file)}: {error}") from error
    people, problems = [Compared(person, "new") for person in found.people], list(found.problems)
    if slug is not None:
        people, more = compare(found.people, _members(slug))
        problems = sorted(problems + more, key=lambda problem: problem.line)
    if as_json:
        print_json({
            "format": found.format,
            "people": [_as_json(one, slug is not None) for one in people],
            "problems": problems_as_json(problems),
        })  # fmt: skip
    else:
        _print(found, people, problems, slug)
    return PARTIAL if problems else FULL


@roster.command("import")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--course", "slug", metavar="COURSE", required=True, help="The course whose list it is.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--undo", is_flag=True, help="Undo the last import into COURSE; without FILE.")
@click.option("--keep-absent", is_flag=True, help="Who is not in FILE stays, instead of becoming inactive.")
@click.option(
    "--existing",
    is_flag=True,
    help="Enrol accounts that are there already and were never in COURSE: you have looked at them.",
)
@options(json_option, debug_option)
def import_(
    file: str | None,
    slug: str,
    dry_run: bool,
    undo: bool,
    keep_absent: bool,
    existing: bool,
    as_json: bool,
    debug: bool,  # noqa: ARG001
) -> int:
    """Make COURSE have the people of FILE: new ones get an account, who is gone becomes inactive.

    \b
    grade roster import people.csv --course autograd --dry-run
    grade roster import people.csv --course autograd
    grade roster import --course autograd --undo

    All of FILE is imported or nothing. New accounts have no password: they get a one-time link
    on the course's page, or by mail from the sign-in page.

    Exit status: 0 done, 1 there are problems and nothing was changed, 2 the call is wrong.
    """
    if undo:
        if file is not None or dry_run:
            raise UsageError("--undo takes neither a FILE nor --dry-run")
        return roster_imports.undo(slug, as_json)
    if file is None:
        raise UsageError("name the FILE to import, or give --undo")
    data = read_list(file)
    try:
        found = read_roster(data)
    except NotAList as error:
        raise UsageError(f"{quoted(file)}: {error}") from error
    return roster_imports.run(
        found, slug, dry_run=dry_run, keep_absent=keep_absent, existing=existing, as_json=as_json
    )


def read_list(file: str) -> bytes:
    """The bytes of a list, one more than are read where it is too large.

    :raises UsageError: it cannot be read.
    """
    path = Path(file)
    try:
        if file == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        if path.is_dir():
            raise UsageError(f"{quoted(file)} is a folder: name the list in it")
        with path.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(
            f"there is no file {quoted(file)}: check the name and the folder you are in"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{quoted(file)} cannot be read: {error}") from error


def _members(slug: str) -> list[Member]:
    """Who takes the course, and who teaches it."""
    with open_store() as store, store.read() as session:
        where = course_called(session, slug)
        return [
            Member(user.login, user.name, user.email or "", role == "student")
            for role in ("student", "instructor")
            for user in enrolments.members(session, where.id, role)
        ]


def _as_json(one: Compared, with_state: bool) -> dict[str, Any]:
    person = one.person
    said: dict[str, Any] = {
        "name": person.name, "login": person.login, "email": person.email, "sis_id": person.sis_id,
        "sections": list(person.sections),
    }  # fmt: skip
    return said | {"state": one.state} if with_state else said


def _print(found: Roster, people: list[Compared], problems: list[Problem], slug: str | None) -> None:
    noun = "person" if len(found.people) == 1 else "people"
    echo(
        f"{len(found.people):,} {noun} in {CALLED[found.format]} ({found.encoding}, "
        f"separated by {SEPARATED[found.separator]})"
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    titles = ["name", "login", "e-mail", "number", "sections"]
    for title in [*titles, f"in '{slug}'"] if slug is not None else titles:
        table.add_column(title, overflow="fold")
    # Whoever is the same is shown last where not all are.
    shown = people if len(people) <= MOST_SHOWN else sorted(people, key=lambda one: one.state == "same")
    for one in shown[:MOST_SHOWN]:
        person = one.person
        cells = [person.name, person.login, person.email, person.sis_id, ", ".join(person.sections)]
        lines = [Line(inert(cell, lines=False)) for cell in cells]  # before its width is measured
        if slug is not None:
            was = "; ".join(f"{what} was {quoted(now)}" if now else f"{what} is new" for what, now in one.was)
            lines.append(Line(one.state + (f": {was}" if was else ""), style=STYLES[one.state]))
        table.add_row(*lines)
    if people:
        console().print(table)
    if len(people) > MOST_SHOWN:
        echo(f"… and {len(people) - MOST_SHOWN:,} more: --json prints all")
    if slug is not None:
        count = {state: sum(one.state == state for one in people) for state in STYLES}
        echo(", ".join(f"{number:,} {state}" for state, number in count.items()) + ". Nothing was changed.")
    if problems:
        if slug is not None and any(one.state == "gone" for one in people):
            echo("Who is gone may stand in a line with a problem: mend those first.")
        echo(f"{len(problems):,} problem{'s' if len(problems) != 1 else ''}:")
        print_problems(problems)
