"""``grade user``: accounts, for who runs the server; a person's data given out, or removed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any, cast

import click
from rich.table import Table
from rich.text import Text as Line
from sqlalchemy.orm import Session

from grader.cli.console import console
from grader.cli.lookup import account_called, open_store
from grader.cli.options import debug_option, echo, json_option, options, print_json
from grader.errors import UsageError
from grader.model.inert import inert
from grader.store import audit, enrolments, person_export, person_removal, users
from grader.store.tables import Role, User

login_argument = click.argument("login", metavar="LOGIN")
role_argument = click.argument("role", metavar="ROLE", type=click.Choice(["student", "instructor", "admin"]))


@click.group()
def user() -> None:
    """Look after accounts: who there is, what one may do, a person's data out or removed."""


@user.command("list")
@click.option("--course", "slug", metavar="COURSE", help="Only who is in this course.")
@click.option("--disabled", "only_disabled", is_flag=True, help="Only disabled accounts.")
@options(json_option, debug_option)
def list_users(slug: str | None, only_disabled: bool, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """List the accounts: login, name, role, courses."""
    with open_store() as store, store.read() as session:
        courses = enrolments.by_user(session)
        found = [
            _as_json(each, courses.get(each.id, []))
            for each in users.everyone(session)
            if (slug is None or any(slug == one["course"] for one in courses.get(each.id, [])))
            and (not only_disabled or each.disabled)
        ]
    if as_json:
        print_json({"users": found})
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("login", "name", "role", "courses", ""):
        table.add_column(title, overflow="fold")
    for one in found:
        places = " ".join(each["course"] for each in one["courses"] if each["active"])
        cells = (one["login"], one["name"], one["role"], places, "disabled" if one["disabled"] else "")
        table.add_row(*(Line(inert(str(cell), lines=False)) for cell in cells))
    console().print(table)
    echo(f"{len(found):,} account{'' if len(found) == 1 else 's'}")


@user.command("show")
@options(login_argument, json_option, debug_option)
def show(login: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Show an account: its courses, and the last that happened to it."""
    with open_store() as store, store.read() as session:
        found = account_called(session, login)
        said = _as_json(found, enrolments.by_user(session, found.id).get(found.id, []))
        events = audit.search(session, audit.Wanted(person=found.login), 10)
    said["events"] = [
        {"at": each.at.isoformat(), "actor": each.actor, "action": each.action, "subject": each.subject}
        for each in events
    ]
    if as_json:
        print_json(said)
        return
    for name in ("login", "name", "email", "role", "created"):
        echo(f"{name:<9}{said[name] or '–'}")
    state = "disabled" if said["disabled"] else "enabled"
    echo(f"state    {state}{'' if said['password'] else ', no password yet'}")
    for each in said["courses"]:
        echo(f"course   {each['course']} ({each['role']}{'' if each['active'] else ', inactive'})")
    for event in said["events"]:
        echo(f"event    {event['at'][:16]} {event['actor']}: {event['action']} {event['subject']}")


@user.command("disable")
@options(login_argument, json_option, debug_option)
def disable(login: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Shut LOGIN out: its sessions end, its tokens stop working, its work stays."""
    _disable(login, as_json, disabled=True)


@user.command("enable")
@options(login_argument, json_option, debug_option)
def enable(login: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Let LOGIN in again."""
    _disable(login, as_json, disabled=False)


def _disable(login: str, as_json: bool, *, disabled: bool) -> None:
    with open_store() as store, store.write() as session:
        found = account_called(session, login)
        if not disabled and found.login.startswith(person_removal.ANONYMOUS) and found.password_hash is None:
            raise UsageError(f"the data of {found.login} is deleted: nobody can sign in to it any more")
        users.set_disabled(session, found.id, disabled)
        audit.record(session, "system", "account.disable" if disabled else "account.enable", found.login)
    if as_json:
        print_json({"login": found.login, "disabled": disabled})
    else:
        echo(f"{found.login} is shut out" if disabled else f"{found.login} can sign in again")


@user.command("role")
@options(login_argument, role_argument, json_option, debug_option)
def set_role(login: str, role: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Make LOGIN a student, instructor or admin of the whole server. What it is in courses stays.

    \b
    grade user role tess admin
    """
    with open_store() as store, store.write() as session:
        found = account_called(session, login)
        was, found.role = found.role, cast(Role, role)
        audit.record(session, "system", "user.role", found.login, {"was": was, "role": role})
    if as_json:
        print_json({"login": found.login, "was": was, "role": role})
    else:
        echo(f"{found.login} is {role} now" + (f", and was {was}" if was != role else " as before"))


@user.command("export")
@click.option("--out", metavar="FILE", required=True, help="A zip file, which must not be there yet.")
@options(login_argument, json_option, debug_option)
def export(login: str, out: str, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Write all that is kept of LOGIN into FILE: the account, courses, what was handed in with every verdict,
    comments, notes on the watchlist, and the audit log's lines."""
    target = Path(out)
    with open_store() as store:
        with store.read() as session:
            found = account_called(session, login)
            try:
                with _only_mine(target) as file:
                    count = person_export.write_zip(session, found, file, everything=True)
            except FileExistsError:
                raise UsageError(f"{out} is there already: name another file") from None
            except OSError as error:
                raise UsageError(f"{out} cannot be written: {error.strerror}") from error
        with store.write() as session:
            audit.record(session, "system", "account.export", found.login)
    if as_json:
        print_json({"login": found.login, "file": out, "submissions": count})
    else:
        echo(f"{out}: all that is kept of {found.login}, with {_many(count, 'submission')}")


def _only_mine(target: Path) -> IO[bytes]:
    """A new file that nobody else can read."""
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@user.command("delete")
@click.option("--yes", is_flag=True, help="Do it; without, say what would be deleted.")
@options(login_argument, json_option, debug_option)
def delete(login: str, yes: bool, as_json: bool, debug: bool) -> None:  # noqa: ARG001
    """Delete the data of LOGIN. It cannot be undone; backups made before still have it.

    Name, login, address, passwords, drafts, the text of what was handed in and what was said of it
    go. Scores, verdicts and codes stay under a made-up login, so that the class's figures stand.
    """
    with open_store() as store, store.write() as session:
        found = account_called(session, login)
        was, counts = found.login, _counts(session, found)
        now = person_removal.remove(session, found) if yes else None
        if now is not None:
            audit.record(session, "system", "account.delete", now)
    if as_json:
        print_json({"login": was, "deleted": yes, "now": now, **counts})
        return
    said = f"{_many(counts['submissions'], 'submission')} in {_many(counts['courses'], 'course')}"
    if yes:
        echo(f"the data of {was} is deleted; the scores of {said} are {now}'s")
    else:
        echo(f"{was} ({found.name}) has {said}. Nothing was deleted: add --yes to do it")


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _counts(session: Session, found: User) -> dict[str, int]:
    return {
        "submissions": person_export.submissions_of(session, found.id),
        "courses": len(enrolments.by_user(session, found.id).get(found.id, [])),
    }


def _as_json(found: User, courses: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "login": found.login, "name": found.name, "email": found.email, "role": found.role,
        "disabled": found.disabled, "password": found.password_hash is not None,
        "created": found.created_at.isoformat(), "courses": courses,
    }  # fmt: skip
