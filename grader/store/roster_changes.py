"""Imports of lists: whom their lines may mean, the changes of one as one transaction, and undoing it.

An import keeps of each person what was before it and what is after it
(:class:`~grader.store.tables.RosterImport`): undoing puts back what is still as the import left it, and
leaves alone what somebody changed since. An account that the import made goes again, unless it has been used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from grader.errors import UsageError
from grader.model.roster import Known, Step
from grader.model.text import Language
from grader.store import members, recovery, sections, users
from grader.store.tables import (
    ApiToken,
    Assignment,
    Course,
    Enrolment,
    Extension,
    Override,
    RosterImport,
    Section,
    Submission,
    User,
    WatchEntry,
    utcnow,
)

_AT_ONCE = 500


class Enrolled(TypedDict):
    """An enrolment as it is kept in a change."""

    role: str
    active: bool
    sis_id: str | None
    helped: bool


class Change(TypedDict):
    """What an import did to one person."""

    user: int
    made: bool
    """Whether the account was made."""
    before: Enrolled | None
    after: Enrolled
    account: list[list[str | None]]
    """Name and address before and after; empty where they stayed."""
    entered: list[int]
    left: list[int]
    """Sections."""


@dataclass(frozen=True)
class Done:
    """What an import did."""

    row: RosterImport | None
    """None: there was nothing to change."""
    made: int
    """Accounts."""
    sections: tuple[str, ...]
    """Names of those that were made."""


@dataclass(frozen=True)
class Undone:
    """What undoing did."""

    people: int
    left: tuple[str, ...]
    """Logins of those who were changed since, and of accounts that are used: they stay."""


def locked(session: Session, course_id: int) -> None:
    """Let no other import into the course go on at the same time. (On SQLite there is one writer anyway.)"""
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update())


def known(
    session: Session, course_id: int, logins: Iterable[str], mails: Iterable[str]
) -> tuple[list[Known], list[str]]:
    """Everybody who is or was in a course, and the accounts outside with one of these logins or addresses.

    :returns: the sections' names, too.
    """
    listed, named = members.listing(session, course_id)
    names = {section.id: section.name for section in named}
    found = [
        Known(
            each.user.id,
            each.user.login,
            each.user.name,
            each.user.email or "",
            each.enrolment.sis_id or "",
            each.enrolment.role,
            each.enrolment.active,
            each.ours,
            tuple(sorted(names[one] for one in each.section_ids)),
        )
        for each in listed
    ]
    inside = {each.id for each in found}
    outside: dict[int, User] = {}
    for keys in _batches({users.login_key(text) for text in (*logins, *mails)} - {""}):
        wanted = select(User).where(or_(User.login_key.in_(keys), User.email.in_(keys)))
        outside |= {user.id: user for user in session.scalars(wanted) if user.id not in inside}
    found += [
        Known(user.id, user.login, user.name, user.email or "", ours=False)
        for _, user in sorted(outside.items())
    ]
    return found, list(names.values())


def apply(
    session: Session, course_id: int, steps: Sequence[Step], *, by: int | None, language: Language
) -> Done:
    """Carry a plan out that was made in this transaction.

    :param language: of the accounts that are made.
    :raises UsageError: a login or address cannot be; nothing may be kept of the transaction then.
    """
    steps = [step for step in steps if step.state != "same"]
    if not steps:
        return Done(None, 0, ())
    made = _made_accounts(
        session, [step for step in steps if step.state == "new" and step.account is None], language
    )
    by_name, new_sections = _made_sections(session, course_id, steps)
    inside = sections.members_of(session, course_id)
    rows = _enrolments(session, course_id, [step.account for step in steps if step.account is not None])
    accounts = _accounts(session, [s.account for s in steps if s.account and _changes_account(s)])
    changes: list[Change] = []
    entering: set[tuple[int, int]] = set()
    leaving: set[tuple[int, int]] = set()
    for step in steps:
        user_id = made[step.login] if step.account is None else step.account
        row = rows.get(user_id)
        before = None if row is None else _as_kept(row)
        if row is None:
            row = Enrolment(
                user_id=user_id, course_id=course_id, role="student", active=True, helped=not step.enters,
                sis_id=None,
            )  # fmt: skip
            session.add(row)
        _enrol(row, step)
        now = inside.get(user_id, set())
        wanted = now if step.sections is None else {by_name[name] for name in step.sections}
        entering |= {(one, user_id) for one in wanted - now}
        leaving |= {(one, user_id) for one in now - wanted}
        changes.append({
            "user": user_id, "made": step.account is None, "before": before, "after": _as_kept(row),
            "account": _rename(accounts[user_id], step) if user_id in accounts else [],
            "entered": sorted(wanted - now), "left": sorted(now - wanted),
        })  # fmt: skip
    session.flush()
    sections.change(session, entering, leaving)
    kept = RosterImport(
        course_id=course_id, by=by, made_at=utcnow(), undone_at=None,
        changes=[{"sections": sorted(new_sections.values())}, *changes],
    )  # fmt: skip
    session.add(kept)
    session.flush()
    return Done(kept, len(made), tuple(sorted(new_sections)))


def _changes_account(step: Step) -> bool:
    return any(each.what in ("name", "email") for each in step.changes)


def _made_accounts(session: Session, steps: Sequence[Step], language: Language) -> dict[str, int]:
    """An account for each, by its login. It has no password yet."""
    rows: list[User] = []
    for step in steps:
        rows.append(
            User(
                login=step.login.strip(),
                login_key=users.checked_key(step.login),
                name=step.name.strip()[:200] or step.login.strip()[:200],
                email=recovery.checked_email(step.email),
                password_hash=None,
                role="student",
                language=language,
                created_at=utcnow(),
                disabled=False,
            )
        )
    session.add_all(rows)
    try:
        session.flush()
    except IntegrityError as error:
        raise UsageError("somebody has just taken one of these logins: look at the list again.") from error
    return {step.login: row.id for step, row in zip(steps, rows, strict=True)}


def _made_sections(
    session: Session, course_id: int, steps: Sequence[Step]
) -> tuple[dict[str, int], dict[str, int]]:
    """All sections by name, and those that the list names and there were none of."""
    there = {row.name: row.id for row in sections.of_course(session, course_id)}
    wanted = dict.fromkeys(name for step in steps for name in step.sections or () if name not in there)
    rows = [Section(course_id=course_id, name=name) for name in wanted]
    session.add_all(rows)
    session.flush()
    new = {row.name: row.id for row in rows}
    return there | new, new


def _enrol(row: Enrolment, step: Step) -> None:
    whats = {each.what for each in step.changes}
    if step.state == "gone":
        row.active = False
    if "active" in whats:
        row.active = True
    if "role" in whats:
        row.role, row.helped = "student", False
    if step.sis_id and (step.state == "new" or "sis_id" in whats):
        row.sis_id = step.sis_id


def _rename(user: User, step: Step) -> list[list[str | None]]:
    before: list[str | None] = [user.name, user.email]
    whats = {each.what for each in step.changes}
    if "name" in whats:
        user.name = step.name.strip()[:200]
    if "email" in whats:
        user.email = recovery.checked_email(step.email)
    return [before, [user.name, user.email]]


def _as_kept(row: Enrolment) -> Enrolled:
    return {"role": row.role, "active": row.active, "sis_id": row.sis_id, "helped": row.helped}


# Undoing


def latest(session: Session, course_id: int) -> RosterImport | None:
    """The newest import into a course that is in force. What it changed is read when it is asked for."""
    return session.scalar(
        select(RosterImport)
        .where(RosterImport.course_id == course_id, RosterImport.undone_at.is_(None))
        .order_by(RosterImport.id.desc())
        .limit(1)
        .options(defer(RosterImport.changes))
    )


def undo(session: Session, row: RosterImport) -> Undone:
    """Put back what was before an import, as far as nobody has changed it since.

    :raises UsageError: it is undone already, or a later one is in force.
    """
    newest = latest(session, row.course_id)
    if newest is None or newest.id != row.id:
        raise UsageError("only the last import can be undone, and only once.")
    head, *changes = row.changes
    ids = [change["user"] for change in changes]
    rows, accounts = _enrolments(session, row.course_id, ids), _accounts(session, ids)
    inside = sections.members_of(session, row.course_id)
    there = {each.id for each in sections.of_course(session, row.course_id)}
    worked = _who_worked(session, row.course_id, ids)
    left: list[str] = []
    entering: set[tuple[int, int]] = set()
    leaving: set[tuple[int, int]] = set()
    goes: list[int] = []
    for change in changes:
        user_id = change["user"]
        user, enrolment = accounts.get(user_id), rows.get(user_id)
        if user is None or enrolment is None:
            continue
        now = inside.get(user_id, set())
        whole = _restore(session, enrolment, change, worked)
        leaving |= {(one, user_id) for one in set(change["entered"]) & now}
        entering |= {(one, user_id) for one in (set(change["left"]) - now) & there}
        if change["account"] and [user.name, user.email] == change["account"][1]:
            user.name, user.email = change["account"][0]
        elif change["account"]:
            whole = False
        if change["made"] and whole:
            goes.append(user_id)
        if not whole:
            left.append(user.login)
    session.flush()
    sections.change(session, entering, leaving)
    left += [accounts[user_id].login for user_id in goes if not _forget(session, accounts[user_id])]
    _remove_empty(session, head["sections"])
    row.undone_at = utcnow()
    session.flush()
    return Undone(len(changes), tuple(sorted(set(left))))


def _restore(session: Session, enrolment: Enrolment, change: Change, worked: set[int]) -> bool:
    """Put an enrolment back; False where somebody changed it since, or has handed something in meanwhile."""
    if _as_kept(enrolment) != change["after"]:
        return False
    before = change["before"]
    if before is not None:
        for name, value in before.items():
            setattr(enrolment, name, value)
        return True
    if enrolment.user_id in worked:
        enrolment.active = False
        return False
    session.delete(enrolment)
    return True


def _who_worked(session: Session, course_id: int, user_ids: Collection[int]) -> set[int]:
    """Of these, who has something in a course beside the enrolment."""
    found: set[int] = set()
    for some in _batches(user_ids):
        for table in (Submission, Override, Extension):
            wanted = (
                select(table.user_id)
                .join(Assignment, Assignment.id == table.assignment_id)
                .where(Assignment.course_id == course_id, table.user_id.in_(some))
            )
            found |= {user_id for user_id in session.scalars(wanted.distinct()) if user_id is not None}
        noted = select(WatchEntry.user_id).where(
            WatchEntry.user_id.in_(some), WatchEntry.course_id == course_id
        )
        found |= set(session.scalars(noted))
    return found


def _forget(session: Session, user: User) -> bool:
    """Delete an account that an import made, if nobody has used it."""
    used = user.password_hash is not None or any(
        session.scalar(select(table.user_id).where(table.user_id == user.id).limit(1)) is not None
        for table in (Enrolment, Submission, ApiToken)
    )
    if not used:
        session.execute(delete(User).where(User.id == user.id).execution_options(synchronize_session=False))
    return not used


def _remove_empty(session: Session, section_ids: Iterable[int]) -> None:
    """Delete the sections that an import made, where nobody is in them and no rule is for them."""
    for section_id in section_ids:
        section = session.get(Section, section_id)
        ruled = session.scalar(select(Extension.id).where(Extension.section_id == section_id).limit(1))
        if section is not None and ruled is None:
            inside = sections.members_of(session, section.course_id).values()
            if not any(section_id in one for one in inside):
                sections.remove(session, section)


def _enrolments(session: Session, course_id: int, user_ids: Sequence[int]) -> dict[int, Enrolment]:
    found: dict[int, Enrolment] = {}
    for some in _batches(user_ids):
        wanted = select(Enrolment).where(Enrolment.course_id == course_id, Enrolment.user_id.in_(some))
        found |= {row.user_id: row for row in session.scalars(wanted)}
    return found


def _accounts(session: Session, user_ids: Iterable[int]) -> dict[int, User]:
    found: dict[int, User] = {}
    for some in _batches(user_ids):
        found |= {user.id: user for user in session.scalars(select(User).where(User.id.in_(some)))}
    return found


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Some at a time: a statement holds only so many values."""
    ordered = sorted(set(values))
    for first in range(0, len(ordered), _AT_ONCE):
        yield ordered[first : first + _AT_ONCE]
