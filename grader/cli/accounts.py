"""``grade account``: accounts, passwords, enrolments and API tokens, by who runs the server."""

from __future__ import annotations

import secrets
import sys

import click

from grader.cli.lookup import account_called, course_called, open_store
from grader.cli.options import echo
from grader.errors import UsageError
from grader.store import audit, enrolments, passwords, recovery, tokens, users
from grader.store.tables import Role


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
    address = recovery.checked_email(email or "")
    password = _password(password_stdin)
    hashed = passwords.hash_password(password)
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        user = users.find_user(session, login)
        known = user is not None
        if user is None:
            kind: Role = "instructor" if role == "instructor" else "student"
            user = users.add_user(session, login, name or login, password_hash=hashed, role=kind)
            session.flush()
            recovery.set_email(session, user.id, address)
        enrolments.enrol(session, user.id, where.id, "instructor" if role == "instructor" else "student")
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
    with open_store() as store, store.write() as session:
        user = account_called(session, login)
        token, _ = tokens.issue_token(session, user.id, name)
        audit.record(session, "system", "token.issue", login, {"name": name})
    echo(token)


@account.command("list")
@click.option("--course", "slug", help="Only who is enrolled in this course.")
def list_accounts(slug: str | None) -> None:
    """Print each account: login, name, role, courses, and whether it is disabled."""
    with open_store() as store, store.read() as session:
        members = (
            None
            if slug is None
            else {user.id for user in enrolments.members(session, course_called(session, slug).id)}
        )
        for user in users.everyone(session):
            if members is not None and user.id not in members:
                continue
            where = " ".join(found.slug for found, _ in enrolments.of_user(session, user.id))
            off = "  (disabled)" if user.disabled else ""
            echo(f"{user.login}  {user.name}  {user.role}  [{where}]{off}")


@account.command("reset")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the new password from standard input.")
def reset_password(login: str, password_stdin: bool) -> None:
    """Give LOGIN a new password and end its sessions. Without --password-stdin it is made and printed."""
    password = _password(password_stdin)
    hashed = passwords.hash_password(password)
    with open_store() as store, store.write() as session:
        user = account_called(session, login)
        passwords.set_password(session, user.id, hashed)
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
    with open_store() as store, store.write() as session:
        user = account_called(session, login)
        users.set_disabled(session, user.id, disabled)
        audit.record(session, "system", "account.disable" if disabled else "account.enable", user.login)
    echo(f"{login} is shut out" if disabled else f"{login} can sign in again")


@account.command("rename")
@click.argument("login")
@click.option("--name", help="The person's new name.")
@click.option("--login", "new_login", help="The new login.")
@click.option("--email", help="Where a link to a new password may be mailed; '' for nowhere.")
def rename(login: str, name: str | None, new_login: str | None, email: str | None) -> None:
    """Change the name, the login or the e-mail address of an account. Its work, sessions and tokens stay."""
    if name is None and new_login is None and email is None:
        raise UsageError("give --name, --login or --email")
    address = recovery.checked_email(email or "")
    with open_store() as store, store.write() as session:
        user = account_called(session, login)
        users.rename(session, user.id, name=name, login=new_login)
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
    with open_store() as store, store.write() as session:
        user, where = account_called(session, login), course_called(session, slug)
        if enrolments.enrolment(session, user.id, where.id) is None:
            raise UsageError(f"{login} is not in the course '{slug}'")
        enrolments.unenrol(session, user.id, where.id)
        audit.record(session, "system", "account.unenrol", user.login, {"course": slug})
    echo(f"{login} is no longer in '{slug}'")


def _password(from_stdin: bool) -> str:
    """A password that was typed, or a new one."""
    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(9)
    if len(password) < 8:
        raise UsageError("the password has fewer than 8 characters; choose a longer one")
    return password
