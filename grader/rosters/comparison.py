"""Comparison of a list with a course: who is new, who changed, who is the same and who is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.rosters.headers import folded
from grader.rosters.people import Problem
from grader.rosters.rows import Person, quoted

State = Literal["new", "changed", "gone", "same"]


@dataclass(frozen=True)
class Member:
    """Somebody who is enrolled."""

    login: str
    name: str
    email: str = ""
    student: bool = True
    """Who teaches is never gone."""


@dataclass(frozen=True)
class Compared:
    """One person and what the list does to them."""

    person: Person
    state: State
    was: tuple[tuple[str, str], ...] = ()
    """What is in the course now, of each thing that would change: ``("name", "Ada N.")``."""


def compare(people: Sequence[Person], members: Sequence[Member]) -> tuple[list[Compared], list[Problem]]:
    """Each person of the list in its order, then who is gone; and lines that mean one account twice.

    An account is found by its login, by the number, which may be its login, then by its address.
    """
    logins = {folded(member.login): member for member in members}
    mails: dict[str, list[Member]] = {}
    for member in members:
        if member.email:
            mails.setdefault(folded(member.email), []).append(member)
    met: dict[str, Person] = {}
    found: list[Compared] = []
    problems: list[Problem] = []
    for person in people:
        who = _member(person, logins, mails)
        if who is None:
            found.append(Compared(person, "new"))
            continue
        before = met.setdefault(who.login, person)
        if before is not person:
            problems.append(
                Problem(
                    person.line,
                    f"{quoted(person.called)} is the account {quoted(who.login)}, as is line {before.line}: delete one of the two lines",
                )
            )
        was = _differences(person, who)
        found.append(Compared(person, "changed" if was else "same", was))
    gone = [member for member in members if member.student and member.login not in met]
    found += [Compared(Person(0, member.name, member.login, member.email, ""), "gone") for member in gone]
    return found, problems


def _member(person: Person, logins: dict[str, Member], mails: dict[str, list[Member]]) -> Member | None:
    for key in (person.login, person.sis_id):
        if key and folded(key) in logins:
            return logins[folded(key)]
    if person.email:
        if not person.login and folded(person.email) in logins:
            return logins[folded(person.email)]
        shared = mails.get(folded(person.email), [])
        if len(shared) == 1:
            return shared[0]
    return None


def _differences(person: Person, who: Member) -> tuple[tuple[str, str], ...]:
    """What the list says otherwise. What it does not say changes nothing; nor does an address that is the login."""
    address = who.email or (who.login if "@" in who.login else "")
    pairs = (
        ("name", person.name, who.name),
        ("login", person.login, who.login),
        ("email", person.email, address),
    )
    return tuple((what, now) for what, says, now in pairs if says and folded(says) != folded(now))
