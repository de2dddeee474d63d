"""A store on a real file, with students, and short ways to hand in and to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.store import courses, submissions, users
from grader.store.database import Store
from grader.store.tables import Submission


@dataclass(frozen=True)
class Desk:
    """Where students hand in."""

    store: Store
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
def desk(tmp_path: Path) -> Iterator[Desk]:
    """One assignment and ten students."""
    store = Store.open(f"sqlite:///{tmp_path}/grader.db")
    with store.write() as session:
        course = courses.add_course(session, "autodiff", "AD")
        assignment = courses.assign(session, course.id, "control-flow")
        students = [users.add_user(session, f"s{n}", f"S {n}") for n in range(10)]
        made = Desk(store, assignment.id, tuple(s.id for s in students))
    yield made
    store.close()
