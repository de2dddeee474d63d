"""A class in a database: accounts with API tokens and open sessions, a course, and files to hand in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from grader.store import courses, enrolments, passwords, tokens, users
from grader.store.database import Store
from tests.served import COURSE, ROOT

EXERCISES = ("simple-example", "non-scalar", "detach", "control-flow")
PASSWORD = "correct horse battery staple"
TEACHER = "teacher"
LOOPING = "import torch\n\n\ndef f(x):\n    while True:\n        pass\n\n\ngrad_f = f\n"


@dataclass(frozen=True)
class Class:
    """Who is in the course, and how each asks the service."""

    tokens: list[str]
    """Of students, for the JSON API."""
    cookies: list[str]
    """Of the same students, signed in; as a ``Cookie`` header."""
    teacher: str
    """The teacher's cookie."""


def sources() -> dict[str, str]:
    """An accepted file of each exercise."""
    return {
        slug: sorted((ROOT / "solutions" / slug / "accepted").glob("*.py"))[0].read_text(encoding="utf-8")
        for slug in EXERCISES
    }


def populate(url: str, students: int, key: str = "") -> Class:
    """A course of so many students in a new database.

    :param key: the service's secret key, which signs cookies; empty: nobody is signed in.
    """
    store = Store.open(url)
    hashed = passwords.hash_password(PASSWORD)
    issued, sessions = [], []
    with store.write() as session:
        course = courses.add_course(session, COURSE, "A class", "")
        session.flush()
        for slug in EXERCISES:
            courses.assign(session, course.id, slug)
        for n in range(students):
            user = users.add_user(session, f"s{n:04}", f"Student {n}", password_hash=hashed)
            session.flush()
            enrolments.enrol(session, user.id, course.id)
            issued.append(tokens.issue_token(session, user.id, "load")[0])
            if key:
                sessions.append(cookie(key, tokens.open_sign_in(session, user.id)))
        teacher = users.add_user(session, TEACHER, "Teacher", password_hash=hashed, role="instructor")
        session.flush()
        enrolments.enrol(session, teacher.id, course.id, "instructor")
        taught = cookie(key, tokens.open_sign_in(session, teacher.id)) if key else ""
    store.close()
    return Class(issued, sessions, taught)


def cookie(key: str, token: str) -> str:
    """The ``Cookie`` header of who is signed in by ``token``, as the service with this key signs it."""
    app = Flask(__name__)
    app.secret_key = key
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return f"grader={signer.dumps({'_user_id': token, '_fresh': True})}"


def sqlite_url(folder: Path) -> str:
    """Where ``grade serve`` keeps its database in this folder."""
    return f"sqlite:///{folder}/grader.db"
