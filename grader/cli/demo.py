"""Demo course: invented students, and submissions that are really graded.

Nothing in the gradebook is made up. What the class of :mod:`grader.cli.demo_class` handed in is stored as
queued, and the server that starts next judges it like any other, but after whatever a visitor hands in.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from grader.cli import demo_class
from grader.cli.demo_class import Person
from grader.exercises import Library
from grader.model import seeds
from grader.model.text import Language
from grader.settings import Settings
from grader.store import courses, enrolments, overrides, passwords, regrades, submissions, users, watchlist
from grader.store.database import Store
from grader.store.tables import Assignment, Section, SectionMember, WatchState, utcnow

COURSE: Final = "autograd"
_FILE: Final = "demo-accounts.json"
_LATE: Final = [[86_400, 90.0], [3 * 86_400, 50.0]]
"""A day late is 90 %, three days 50 %, then it is practice."""


@dataclass(frozen=True)
class Account:
    """How to sign in to the demo."""

    role: str
    login: str
    password: str


def fill(
    store: Store, library: Library, settings: Settings, *, students: int = demo_class.STUDENTS
) -> list[Account]:
    """Fill an empty database; a database that holds a course is left alone.

    :return: how to sign in, also when the demo was there already; empty when there is any other course:
        then the work of real students may be there, and nobody is let in without a password.
    """
    remembered = settings.data / _FILE
    with store.read() as session:
        there = [course.slug for course in courses.courses(session)]
    if there:
        return _remembered(remembered) if there == [COURSE] else []
    accounts = [
        Account("student", "student01", secrets.token_urlsafe(6)),
        Account("instructor", "instructor", secrets.token_urlsafe(6)),
    ]
    hashes = [passwords.hash_password(a.password) for a in accounts]
    _remember(remembered, accounts)
    with store.write() as session:
        _fill(session, library, settings, demo_class.people(students), *hashes)
    return accounts


def _fill(
    session: Session,
    library: Library,
    settings: Settings,
    people: Sequence[Person],
    student_hash: str,
    instructor_hash: str,
) -> None:
    course = courses.add_course(session, COURSE, "Automatic differentiation", "自动求导")
    courses.open_to_guests(session, course.id, guests=True)
    teacher = users.add_user(
        session, "instructor", "Robin Ito", password_hash=instructor_hash, role="instructor"
    )
    assistant = users.add_user(session, "assistant", "Noor Haas", password_hash=instructor_hash)
    enrolments.enrol(session, teacher.id, course.id, "instructor")
    enrolments.enrol(session, assistant.id, course.id, "assistant")
    groups = {name: Section(course_id=course.id, name=name) for name in demo_class.SECTIONS}
    session.add_all(groups.values())
    session.flush()
    ids = {}
    for person in people:
        language: Language = "zh" if ord(person.name[0]) > 0x2E80 else "en"
        user = users.add_user(
            session, person.login, person.name, password_hash=student_hash, language=language
        )
        enrolments.enrol(session, user.id, course.id)
        session.add(SectionMember(section_id=groups[person.section].id, user_id=user.id))
        ids[person.login] = user.id
    now = utcnow()
    exercises = library.all()
    placed = {}
    for place, exercise in enumerate(exercises):
        opens, due = demo_class.times(demo_class.week_of(place, len(exercises)), now)
        assignment = courses.assign(session, course.id, exercise.slug, opens=opens, due=due)
        assignment.late = _LATE
        session.flush()
        placed[exercise.slug] = assignment.id
        work = demo_class.attempts(
            people, demo_class.material(settings.solutions / exercise.slug), opens, due, now, exercise.slug
        )
        _hand_in(session, settings, assignment, exercise.digest, [(ids[one.login], one) for one in work])
    _teach(session, course.id, placed, ids, teacher=teacher.id, assistant=assistant.id)


def _teach(
    session: Session,
    course_id: int,
    placed: Mapping[str, int],
    ids: Mapping[str, int],
    *,
    teacher: int,
    assistant: int,
) -> None:
    """What was done by those who teach: a score set by hand, notes, a proposal that waits for a look."""
    if "detach" in placed and "student04" in ids:
        overrides.set_total(
            session, assignment_id=placed["detach"], user_id=ids["student04"], score=10.0,
            reason="Explained it at the blackboard.", by=teacher,
        )  # fmt: skip
    if "control-flow" in placed:
        regrades.propose_rescore(
            session, placed["control-flow"], {"grace_minutes": 24 * 60},
            reason="The network of the halls was down on the evening of the due date.", by=teacher,
        )  # fmt: skip
    entries: Sequence[tuple[str, WatchState, str]] = (
        ("student10", "contacted", "Wrote on Monday; comes to the office hour."),
        (max(ids), "resolved", "Takes the course next term."),
    )
    for login, state, text in entries:
        if login in ids:
            watchlist.note(session, course_id, ids[login], state, text, by=assistant, seen=None)


def _hand_in(
    session: Session,
    settings: Settings,
    assignment: Assignment,
    digest: str,
    work: Sequence[tuple[int, demo_class.Attempt]],
) -> None:
    """Store what was handed in to an exercise, to be graded behind everything that somebody waits for."""
    # All first attempts have the same hidden cases, and all second ones: nobody sits an examination here, and
    # the page of a demo should not wait for fifty truths of each exercise.
    key = settings.signing_key().encode()
    drawn: list[int] = []
    attempts: dict[int, int] = {}
    rows = []
    for student, one in work:
        attempt = attempts[student] = attempts.get(student, 0) + 1
        if attempt > len(drawn):
            drawn.append(seeds.draw(key, assignment.id, 0, drawn))
        rows.append(submissions.Unattended(student, one.source, drawn[attempt - 1], one.at))
    submissions.receive_behind(session, assignment.id, rows, exercise_digest=digest)


def _remember(path: Path, accounts: Sequence[Account]) -> None:
    """Write the passwords down in a file that is its owner's alone from the first byte on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([[each.role, each.login, each.password] for each in accounts], file)


def _remembered(path: Path) -> list[Account]:
    try:
        return [Account(*entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
