"""The demo course: invented students, and submissions that are really graded.

Nothing in the gradebook is made up. The accepted and rejected submissions under
``solutions/`` are stored as queued, in the names of ``student01`` …, and the server that
starts next judges them like any other, but after whatever a visitor hands in.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from grader.library import Library
from grader.model import seeds
from grader.model.text import Language
from grader.settings import Settings
from grader.store import courses, people, submissions
from grader.store.database import Store
from grader.store.tables import Assignment

COURSE: Final = "autograd"
STUDENTS: Final = 12
_NAMES: Final = (
    "Ada Nord", "陈思远", "Bruno Keller", "林若溪", "Chidi Okafor", "王一鸣",
    "Dora Lindqvist", "赵雨桐", "Emil Haddad", "周子墨", "Fatima Rossi",
    "Gus Maximilian von und zu Hohenfels-Stein",
)  # fmt: skip
_FILE: Final = "demo-accounts.json"


@dataclass(frozen=True)
class Account:
    """How to sign in to the demo."""

    role: str
    login: str
    password: str


def fill(store: Store, library: Library, settings: Settings) -> list[Account]:
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
    student_hash, instructor_hash = (people.hash_password(a.password) for a in accounts)
    _remember(remembered, accounts)
    with store.write() as session:
        course = courses.add_course(session, COURSE, "Automatic differentiation", "自动求导")
        session.flush()
        placed = [courses.assign(session, course.id, exercise.slug) for exercise in library.all()]
        teacher = people.add_user(
            session, "instructor", "Robin Ito", password_hash=instructor_hash, role="instructor"
        )
        session.flush()
        people.enrol(session, teacher.id, course.id, "instructor")
        students = []
        for n, name in enumerate(_NAMES[:STUDENTS], 1):
            language: Language = "zh" if ord(name[0]) > 0x2E80 else "en"
            user = people.add_user(
                session, f"student{n:02}", name, password_hash=student_hash, language=language
            )
            session.flush()
            people.enrol(session, user.id, course.id)
            students.append(user.id)
        for assignment in placed:
            _hand_in(session, library, settings, assignment, students)
    return accounts


def _hand_in(
    session: Session, library: Library, settings: Settings, assignment: Assignment, students: Sequence[int]
) -> None:
    """Deal the exercise's rejected submissions out, and let most students end with an accepted one."""
    folder = settings.solutions / assignment.exercise
    rejected = [file.read_bytes() for file in sorted((folder / "rejected").glob("*.py"))]
    accepted = [file.read_bytes() for file in sorted((folder / "accepted").glob("*.py"))]
    # The last student has not begun; every fourth has not got there yet.
    turns = [(students[n % (len(students) - 1)], source) for n, source in enumerate(rejected)]
    turns += [
        (student, accepted[n % len(accepted)])
        for n, student in enumerate(students[:-1])
        if accepted and (n + assignment.position) % 4 != 3
    ]
    # All first attempts have the same hidden cases, and all second ones: nobody sits an examination here, and
    # the page of a demo should not wait for fifty truths of each exercise.
    key = settings.signing_key().encode()
    drawn: list[int] = []
    attempts: dict[int, int] = {}
    work = []
    for student, source in turns:
        attempt = attempts[student] = attempts.get(student, 0) + 1
        if attempt > len(drawn):
            drawn.append(seeds.draw(key, assignment.id, 0, drawn))
        work.append(submissions.Unattended(student, source, drawn[attempt - 1]))
    digest = library.get(assignment.exercise).digest
    submissions.receive_behind(session, assignment.id, work, exercise_digest=digest)


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
