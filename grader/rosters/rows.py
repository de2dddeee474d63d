"""Rows of a list, one by one: whom a row speaks of, as far as it says so, and which speak of nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from grader.model.inert import inert
from grader.rosters import names, plain
from grader.rosters.headers import Field, Headings, folded
from grader.rosters.scanner import Record

_NO_PEOPLE: Final = re.compile(
    r"(points possible|possible points|mögliche punkte|punkte möglich|erreichbare punkte|满分|可得分数|可能的得分|总分)\b.*"
)
_TEST_STUDENTS: Final = {"student, test", "test student", "teststudent", "测试学生", "学生, 测试"}
_WRAPPED: Final = re.compile(r'="?([^"]*)"?')


@dataclass(frozen=True)
class Person:
    """One person, as the list says; what it does not say is empty."""

    line: int
    name: str
    login: str
    email: str
    sis_id: str
    sections: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """For a sentence: the name, or what else there is."""
        return self.name or self.login or self.email or self.sis_id


def read_row(row: Record, heading: Headings) -> Person:
    """What a row says of a person; its sections as they stand there."""
    have = heading.columns
    name = names.called(_cell(row, heading, "name"))
    if not name:
        name = names.joined(_cell(row, heading, "first"), _cell(row, heading, "last"))
    email, login, number = (_id(row, heading, kind) for kind in ("email", "login", "sis_id"))
    named = plain.NAMED_EMAIL.fullmatch(email)
    if named is not None:
        name, email = name or names.called(named[1].strip("\"'")), named[2]
    if "sis_id" in have and "login" not in have and "email" not in have:
        login = number
    sections = [row.values[i].strip() for i in have.get("section", ()) if i < len(row.values)]
    return Person(
        row.line, name, login, email.removeprefix("mailto:"), number, tuple(one for one in sections if one)
    )


def is_nobody(row: Record, heading: Headings) -> bool:
    """Canvas' row of points, its row of posting policies, its student for tests."""
    name = _cell(row, heading, "name")
    who = folded(name or row.values[0])
    if is_points(row, heading):
        return True
    if heading.format != "canvas":
        return False
    ids = "".join(_cell(row, heading, kind) for kind in ("login", "email", "sis_id"))
    return who in _TEST_STUDENTS or (not ids and not name)


def is_points(row: Record, heading: Headings) -> bool:
    """Whether this is the row that says how many points there are."""
    return _NO_PEOPLE.fullmatch(folded(_cell(row, heading, "name") or row.values[0])) is not None


def _cell(row: Record, heading: Headings, kind: Field) -> str:
    place = heading.column(kind)
    if place is None or place >= len(row.values):
        return ""
    return row.values[place].strip().strip("\u200b\ufeff\u2060")


def _id(row: Record, heading: Headings, kind: Field) -> str:
    """A login, address or number: without the ``="…"`` by which a spreadsheet is told to keep zeros."""
    value = _cell(row, heading, kind)
    wrapped = _WRAPPED.fullmatch(value)
    return wrapped[1].strip() if wrapped else value


def quoted(text: str) -> str:
    """A value for a sentence: short, and nothing in it steers a terminal."""
    short = text if len(text) <= 60 else text[:59] + "…"
    return f"'{inert(names.tidy(short), lines=False)}'"
