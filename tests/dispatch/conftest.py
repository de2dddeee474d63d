"""A store on a real file, with students, and short ways to hand in and to look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from grader.store import courses, submissions, users
from grader.store.database import Store
from grader.store.tables import Submission
from tests import databases


@dataclass(frozen=True)
class Desk:
    """Where students hand in."""

    store: Store
    url: str
    assignment: int
    students: tuple[int, ...]

    def hand_in(self, student: int = 0, source: bytes = b"10") -> str:
        """Hand in and return the submission's id."""
        with self.store.write() as session:
            row = submissions.receive(
                session,
                assignment_id=self.assignment,
                user_id=self.students[student],
                source=source,
                predictions={},
                seed=1,
                exercise_digest="0" * 64,
            )
            return row.id

    def row(self, submission_id: str) -> Submission:
        """The row as it is now."""
        with self.store.read() as session:
            row = submissions.get(session, submission_id)
        assert row is not None
        return row


@pytest.fixture
def desk(database_kind: str, tmp_path: Path) -> Iterator[Desk]:
    """One assignment and ten students, on each kind of database."""
    with databases.migrated(database_kind, tmp_path) as url, furnished(url) as made:
        yield made


@pytest.fixture
def file_desk(tmp_path: Path) -> Iterator[Desk]:
    """The same for what is about SQLite files: a queue in memory, the lock, the file of what runs."""
    with databases.migrated("sqlite", tmp_path) as url, furnished(url) as made:
        yield made


@contextmanager
def furnished(url: str) -> Iterator[Desk]:
    """A desk in an empty database."""
    with closing(Store.open(url)) as store:
        with store.write() as session:
            course = courses.add_course(session, "autodiff", "AD")
            assignment = courses.assign(session, course.id, "control-flow")
            students = [users.add_user(session, f"s{n}", f"S {n}") for n in range(10)]
            made = Desk(store, url, assignment.id, tuple(s.id for s in students))
        yield made


REFUSED = {"sqlite": "SELECT RAISE(ABORT, 'not now')", "postgresql": "RAISE EXCEPTION 'not now'"}
"""What a trigger says, by kind of database."""


def add_trigger(session: Session, event: str, condition: str, then: str) -> None:
    """Let the database itself do something at each row: ``then``, where ``condition`` holds of ``NEW``."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"CREATE TRIGGER watching {event} WHEN {condition} BEGIN {then}; END"))
        return
    body = f"BEGIN IF {condition} THEN {then}; END IF; RETURN NEW; END"
    session.execute(text(f"CREATE FUNCTION watching() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
    session.execute(text(f"CREATE TRIGGER watching {event} FOR EACH ROW EXECUTE FUNCTION watching()"))
