"""``grade course`` and ``grade account``: what an operator does before anyone can sign in."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.store.database import Store
    from grader.store.tables import Course, Role


@contextmanager
def _store() -> Iterator[Store]:
    from grader import settings
    from grader.store.database import Store

    known = settings.load()
    known.prepare()
    store = Store.open(known.database_url)
    try:
        yield store
    finally:
        store.close()


@click.group()
def course() -> None:
    """Make courses and put exercises into them."""


@course.command("add")
@click.argument("slug")
@click.argument("title")
@click.option("--title-zh", default="", help="The title in Chinese.")
@click.argument("exercises", metavar="EXERCISE...", nargs=-1, required=True)
def add_course(slug: str, title: str, title_zh: str, exercises: tuple[str, ...]) -> None:
    """Make a course called SLUG with these exercises, in this order."""
    from grader import settings
    from grader.library import Library
    from grader.store import audit, courses

    known = settings.load()
    library = Library(known.exercises, known.solutions)
    for exercise in exercises:
        library.get(exercise)
    with _store() as store, store.write() as session:
        if courses.find_course(session, slug) is not None:
            raise UsageError(f"there is a course '{slug}' already; choose another name")
        made = courses.add_course(session, slug, title, title_zh)
        session.flush()
        for exercise in exercises:
            courses.assign(session, made.id, exercise)
        audit.record(session, "system", "course.add", slug)
    click.echo(f"course '{slug}' with {len(exercises)} exercises")


@course.command("invite")
@click.argument("slug")
@click.option("--new", "anew", is_flag=True, help="Replace the link: the old one stops working.")
@click.option("--off", is_flag=True, help="Withdraw the link: nobody can join by it any more.")
def invite(slug: str, anew: bool, off: bool) -> None:
    """Print the path of the link by which anybody who has it joins SLUG as a student."""
    from grader.store import audit, courses

    if anew and off:
        raise UsageError("--new and --off contradict each other; give one of them")
    with _store() as store, store.write() as session:
        where = _course(session, slug)
        before = where.join_code
        if off:
            courses.withdraw_invitation(session, where.id)
            said = f"course '{slug}': nobody can join by a link now"
        else:
            said = f"/join/{courses.invite(session, where.id, anew=anew)}"
        if off or said != f"/join/{before}":
            audit.record(session, "system", "course.withdraw" if off else "course.invite", slug)
    click.echo(said)


@click.group()
def account() -> None:
    """Make accounts, enrol them, give out API tokens."""


@account.command("add")
@click.argument("login")
@click.option("--name", help="The person's name (default: the login).")
@click.option("--role", type=click.Choice(["student", "instructor"]), default="student", show_default=True)
@click.option("--course", "slug", required=True, help="The course to enrol in.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_account(login: str, name: str | None, role: str, slug: str, password_stdin: bool) -> None:
    """Make the account LOGIN and enrol it. Without --password-stdin a password is made and printed."""
    from grader.store import audit, people

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else secrets.token_urlsafe(9)
    if len(password) < 8:
        raise UsageError("the password has fewer than 8 characters; choose a longer one")
    hashed = people.hash_password(password)
    with _store() as store, store.write() as session:
        where = _course(session, slug)
        user = people.find_user(session, login)
        known = user is not None
        if user is None:
            kind: Role = "instructor" if role == "instructor" else "student"
            user = people.add_user(session, login, name or login, password_hash=hashed, role=kind)
            session.flush()
        people.enrol(session, user.id, where.id, "instructor" if role == "instructor" else "student")
        audit.record(session, "system", "account.enrol", login, {"course": slug, "role": role})
    if known:
        click.echo(f"{login} had an account already; enrolled in '{slug}' as {role}")
    elif password_stdin:
        click.echo(f"{login}, {role} of '{slug}'")
    else:
        click.echo(f"{login}, {role} of '{slug}', password {password}")


@account.command("token")
@click.argument("login")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
def add_token(login: str, name: str) -> None:
    """Print a new API token of LOGIN. It is shown this once."""
    from grader.store import audit, people

    with _store() as store, store.write() as session:
        user = people.find_user(session, login)
        if user is None:
            raise UsageError(f"there is no account '{login}'; make it with 'grade account add'")
        token, _ = people.issue_token(session, user.id, name)
        audit.record(session, "system", "token.issue", login, {"name": name})
    click.echo(token)


def _course(session: object, slug: str) -> Course:
    from sqlalchemy.orm import Session

    from grader.store import courses

    assert isinstance(session, Session)
    found = courses.find_course(session, slug)
    if found is None:
        known = (
            ", ".join(c.slug for c in courses.courses(session)) or "none yet: 'grade course add' makes one"
        )
        raise UsageError(f"there is no course '{slug}' (there is: {known})")
    return found
