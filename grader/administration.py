"""``grade course`` and ``grade account``: what an operator does before anyone can sign in."""

from __future__ import annotations

import difflib
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError
from grader.options import echo

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from grader.store.database import Store
    from grader.store.tables import Assignment, Course, Role, User


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
    from grader.store import audit, courses

    _check_exercises(exercises)
    with _store() as store, store.write() as session:
        if courses.find_course(session, slug) is not None:
            raise UsageError(f"there is a course '{slug}' already; choose another name")
        made = courses.add_course(session, slug, title, title_zh)
        session.flush()
        for exercise in exercises:
            courses.assign(session, made.id, exercise)
        audit.record(session, "system", "course.add", slug)
    echo(f"course '{slug}' with {len(exercises)} exercises")


@course.command("show")
@click.argument("slug")
def show_course(slug: str) -> None:
    """Print what SLUG consists of: its titles, and each exercise with the times it opens and is due."""
    from grader.store import courses

    with _store() as store, store.read() as session:
        where = _course(session, slug)
        echo(f"{where.slug}  {where.title_en}" + (f"  {where.title_zh}" if where.title_zh else ""))
        zone = _zone()
        for each in courses.assignments(session, where.id):
            opens = "" if each.opens is None else f"  opens {each.opens.astimezone(zone):%Y-%m-%d %H:%M %Z}"
            due = "" if each.due is None else f"  due {each.due.astimezone(zone):%Y-%m-%d %H:%M %Z}"
            echo(f"  {each.exercise}{opens}{due}")


@course.command("change")
@click.argument("slug")
@click.option("--title", help="The new title in English.")
@click.option("--title-zh", help="The new title in Chinese.")
def change_course(slug: str, title: str | None, title_zh: str | None) -> None:
    """Change the titles of SLUG."""
    from grader.store import audit, courses

    if title is None and title_zh is None:
        raise UsageError("give --title, --title-zh or both")
    with _store() as store, store.write() as session:
        where = _course(session, slug)
        courses.entitle(session, where.id, title_en=title, title_zh=title_zh)
        audit.record(session, "system", "course.change", slug, {"title": title, "title_zh": title_zh})
    echo(f"course '{slug}' has its new title")


@course.command("assign")
@click.argument("slug")
@click.argument("exercises", metavar="EXERCISE...", nargs=-1, required=True)
@click.option("--opens", help="When they open, as 2027-03-01T08:00+01:00; 'now' for at once.")
@click.option("--due", help="When they are due, likewise; 'never' for no deadline.")
def assign(slug: str, exercises: tuple[str, ...], opens: str | None, due: str | None) -> None:
    """Set exercises in SLUG, last; or change the times of those that are set already."""
    from grader.store import audit, courses

    _check_exercises(exercises)
    with _store() as store, store.write() as session:
        where = _course(session, slug)
        for exercise in exercises:
            before = courses.find_assignment(session, where.id, exercise)
            start = _moment("--opens", opens, "now", before.opens if before else None)
            end = _moment("--due", due, "never", before.due if before else None)
            if start is not None and end is not None and end <= start:
                raise UsageError(f"'{exercise}' would be due before it opens; nothing was changed")
            courses.assign(session, where.id, exercise, opens=start, due=end)
            audit.record(
                session, "system", "course.assign", slug, {"exercise": exercise, "opens": opens, "due": due}
            )
    echo(f"course '{slug}': {', '.join(exercises)} set")


@course.command("withdraw")
@click.argument("slug")
@click.argument("exercise")
@click.option("--with-submissions", is_flag=True, help="Also when students have handed in: that is deleted.")
def withdraw(slug: str, exercise: str, with_submissions: bool) -> None:
    """Take EXERCISE out of SLUG."""
    from grader.store import audit, courses

    with _store() as store, store.write() as session:
        placed = _assignment(session, slug, exercise)
        count = courses.submissions_to(session, placed.id)
        if count and not with_submissions:
            raise UsageError(
                f"{count} submissions to '{exercise}' would be deleted; set a deadline instead "
                f"('grade course assign {slug} {exercise} --due …'), or give --with-submissions"
            )
        courses.withdraw(session, placed.id)
        audit.record(session, "system", "course.unassign", slug, {"exercise": exercise, "submissions": count})
    echo(f"'{exercise}' is no longer in '{slug}'" + (f"; {count} submissions were deleted" if count else ""))


@course.command("regrade")
@click.argument("slug")
@click.argument("exercise")
@click.option("--student", "login", help="Only what this account handed in.")
@click.option("--failed", is_flag=True, help="Only what could not be graded.")
def regrade(slug: str, exercise: str, login: str | None, failed: bool) -> None:
    """Have what was handed in to EXERCISE graded again. Scores stay until the new ones are there."""
    from grader.store import audit, submissions

    with _store() as store, store.write() as session:
        placed = _assignment(session, slug, exercise)
        user = None if login is None else _account(session, login).id
        ids = submissions.graded_ids(session, placed.id, user_id=user, failed_only=failed)
        submissions.regrade(session, submission_ids=ids)
        audit.record(
            session, "system", "course.regrade", slug, {"exercise": exercise, "submissions": len(ids)}
        )
    echo(f"{len(ids)} submissions to '{exercise}' are graded again" + (" by the server" if ids else ""))


def _moment(option: str, text: str | None, none: str, before: datetime | None) -> datetime | None:
    """A point in time as it is typed; ``none`` for no such time; without the option, what it was."""
    from datetime import UTC, datetime

    if text is None:
        return before
    if text.strip().lower() == none:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{option} '{text[:60]}' is no date: write 2027-03-01T08:00+01:00, or {none}"
        ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=_zone())
    return found.astimezone(UTC)


def _zone() -> ZoneInfo:
    """The zone that times are meant and printed in where none is said."""
    from zoneinfo import ZoneInfo

    from grader import settings

    return ZoneInfo(settings.load().timezone)


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
    echo(said)


@click.group()
def account() -> None:
    """Make accounts, enrol them, let in who is locked out, give out API tokens."""


@account.command("add")
@click.argument("login")
@click.option("--name", help="The person's name (default: the login).")
@click.option("--role", type=click.Choice(["student", "instructor"]), default="student", show_default=True)
@click.option("--email", help="Where a link to a new password may be mailed.")
@click.option("--course", "slug", required=True, help="The course to enrol in.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_account(
    login: str, name: str | None, role: str, email: str | None, slug: str, password_stdin: bool
) -> None:
    """Make the account LOGIN and enrol it. Without --password-stdin a password is made and printed."""
    from grader.store import audit, people, recovery

    address = recovery.checked_email(email or "")
    password = _password(password_stdin)
    hashed = people.hash_password(password)
    with _store() as store, store.write() as session:
        where = _course(session, slug)
        user = people.find_user(session, login)
        known = user is not None
        if user is None:
            kind: Role = "instructor" if role == "instructor" else "student"
            user = people.add_user(session, login, name or login, password_hash=hashed, role=kind)
            session.flush()
            recovery.set_email(session, user.id, address)
        people.enrol(session, user.id, where.id, "instructor" if role == "instructor" else "student")
        audit.record(session, "system", "account.enrol", login, {"course": slug, "role": role})
    if known:
        echo(f"{login} had an account already; enrolled in '{slug}' as {role}")
    elif password_stdin:
        echo(f"{login}, {role} of '{slug}'")
    else:
        echo(f"{login}, {role} of '{slug}', password {password}")


@account.command("token")
@click.argument("login")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
def add_token(login: str, name: str) -> None:
    """Print a new API token of LOGIN. It is shown this once."""
    from grader.store import audit, people

    with _store() as store, store.write() as session:
        user = _account(session, login)
        token, _ = people.issue_token(session, user.id, name)
        audit.record(session, "system", "token.issue", login, {"name": name})
    echo(token)


@account.command("list")
@click.option("--course", "slug", help="Only who is enrolled in this course.")
def list_accounts(slug: str | None) -> None:
    """Print each account: login, name, role, courses, and whether it is disabled."""
    from grader.store import people

    with _store() as store, store.read() as session:
        members = (
            None if slug is None else {user.id for user in people.members(session, _course(session, slug).id)}
        )
        for user in people.users(session):
            if members is not None and user.id not in members:
                continue
            where = " ".join(found.slug for found, _ in people.enrolments(session, user.id))
            off = "  (disabled)" if user.disabled else ""
            echo(f"{user.login}  {user.name}  {user.role}  [{where}]{off}")


@account.command("reset")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the new password from standard input.")
def reset_password(login: str, password_stdin: bool) -> None:
    """Give LOGIN a new password and end its sessions. Without --password-stdin it is made and printed."""
    from grader.store import audit, people

    password = _password(password_stdin)
    hashed = people.hash_password(password)
    with _store() as store, store.write() as session:
        user = _account(session, login)
        people.set_password(session, user.id, hashed)
        audit.record(session, "system", "account.reset", user.login)
    echo(f"{login} has a new password" + ("" if password_stdin else f": {password}"))


@account.command("disable")
@click.argument("login")
def disable(login: str) -> None:
    """Shut LOGIN out: its sessions end, its tokens stop working, its work stays."""
    _set_disabled(login, disabled=True)


@account.command("enable")
@click.argument("login")
def enable(login: str) -> None:
    """Let LOGIN in again."""
    _set_disabled(login, disabled=False)


def _set_disabled(login: str, *, disabled: bool) -> None:
    from grader.store import audit, people

    with _store() as store, store.write() as session:
        user = _account(session, login)
        people.set_disabled(session, user.id, disabled)
        audit.record(session, "system", "account.disable" if disabled else "account.enable", user.login)
    echo(f"{login} is shut out" if disabled else f"{login} can sign in again")


@account.command("rename")
@click.argument("login")
@click.option("--name", help="The person's new name.")
@click.option("--login", "new_login", help="The new login.")
@click.option("--email", help="Where a link to a new password may be mailed; '' for nowhere.")
def rename(login: str, name: str | None, new_login: str | None, email: str | None) -> None:
    """Change the name, the login or the e-mail address of an account. Its work, sessions and tokens stay."""
    from grader.store import audit, people, recovery

    if name is None and new_login is None and email is None:
        raise UsageError("give --name, --login or --email")
    address = recovery.checked_email(email or "")
    with _store() as store, store.write() as session:
        user = _account(session, login)
        people.rename(session, user.id, name=name, login=new_login)
        if email is not None:
            recovery.set_email(session, user.id, address)
        changed = {"name": name, "login": new_login, "email": email}
        audit.record(session, "system", "account.rename", login, changed)
    said = [new_login or login, *(each for each in (name, address) if each)]
    echo(f"{login} is now {', '.join(said)}" + (", without an e-mail address" if email == "" else ""))


@account.command("remove")
@click.argument("login")
@click.option("--course", "slug", required=True, help="The course to be removed from.")
def remove(login: str, slug: str) -> None:
    """Take LOGIN out of a course. The account and what was handed in stay; enrolling again brings it back."""
    from grader.store import audit, people

    with _store() as store, store.write() as session:
        user, where = _account(session, login), _course(session, slug)
        if people.enrolment(session, user.id, where.id) is None:
            raise UsageError(f"{login} is not in the course '{slug}'")
        people.unenrol(session, user.id, where.id)
        audit.record(session, "system", "account.unenrol", user.login, {"course": slug})
    echo(f"{login} is no longer in '{slug}'")


def _check_exercises(slugs: tuple[str, ...]) -> None:
    """:raises UnknownExercise: for one that there is not."""
    from grader import settings
    from grader.library import Library

    known = settings.load()
    library = Library(known.exercises, known.solutions)
    for slug in slugs:
        library.get(slug)


def _password(from_stdin: bool) -> str:
    """A password that was typed, or a new one."""
    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(9)
    if len(password) < 8:
        raise UsageError("the password has fewer than 8 characters; choose a longer one")
    return password


def _account(session: Session, login: str) -> User:
    from grader.store import people

    found = people.find_user(session, login)
    if found is None:
        near = difflib.get_close_matches(login, [user.login for user in people.users(session)], n=1)
        hint = f"did you mean '{near[0]}'?" if near else "'grade account list' shows all."
        raise UsageError(f"there is no account '{login}': {hint}")
    return found


def _assignment(session: Session, slug: str, exercise: str) -> Assignment:
    from grader.store import courses

    found = courses.find_assignment(session, _course(session, slug).id, exercise)
    if found is None:
        raise UsageError(
            f"'{exercise}' is not set in the course '{slug}'; 'grade course show {slug}' lists what is"
        )
    return found


def _course(session: Session, slug: str) -> Course:
    from grader.store import courses

    found = courses.find_course(session, slug)
    if found is None:
        known = (
            ", ".join(c.slug for c in courses.courses(session)) or "none yet: 'grade course add' makes one"
        )
        raise UsageError(f"there is no course '{slug}' (there is: {known})")
    return found
