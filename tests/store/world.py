"""A small course to test with, and short ways to hand in and to report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.model.report import CheckResult, Diagnosis, Report
from grader.model.text import Text
from grader.store import claims, courses, enrolments, queue, submissions, users
from grader.store.database import Store
from grader.store.tables import Course, Submission


@dataclass(frozen=True)
class World:
    """Ids of what is in the store."""

    store: Store
    course: Course
    first: int
    second: int
    ada: int
    bob: int
    cyd: int
    teacher: int

    def hand_in(self, user: int, assignment: int | None = None, **more: Any) -> str:
        """Hand something in and return its id."""
        with self.store.write() as session:
            row = submissions.receive(
                session,
                assignment_id=assignment or self.first,
                user_id=user,
                **{"source": b"def f(x): return x", "predictions": {"x_grad": "1"}}
                | {"seed": 7, "exercise_digest": "0" * 64}
                | more,
            )
            return row.id

    def grade(
        self,
        user: int,
        score: float,
        assignment: int | None = None,
        *,
        source: bytes = b"def f(x): return x",
        **more: Any,
    ) -> str:
        """Hand something in and have it graded with this score (of 10)."""
        mine = self.hand_in(user, assignment, source=source)
        with self.store.write() as session:
            claimed = claims.claim(session, "tester", 60)
            assert claimed is not None and claimed.id == mine
            assert queue.finish(session, mine, "tester", a_report(score, **more))
        return mine

    def grade_at(self, user: int, score: float, at: datetime) -> str:
        """The same, handed in at this moment."""
        mine = self.grade(user, score)
        with self.store.write() as session:
            session.get_one(Submission, mine).created_at = at
        return mine


def make_world(store: Store) -> World:
    """Fill an empty store."""
    with store.write() as session:
        course = courses.add_course(session, "autodiff", "Automatic differentiation", "自动微分")
        first = courses.assign(session, course.id, "control-flow")
        second = courses.assign(session, course.id, "backward-twice")
        ids = {}
        for login in ("ada", "bob", "cyd"):
            user = users.add_user(session, login, login.title())
            enrolments.enrol(session, user.id, course.id)
            ids[login] = user.id
        teacher = users.add_user(session, "teacher", "The Teacher", role="instructor")
        enrolments.enrol(session, teacher.id, course.id, "instructor")
        return World(store, course, first.id, second.id, teacher=teacher.id, **ids)


def a_report(score: float, *, code: str | None = None, status: Any = "graded") -> Report:
    """A report with one check worth ten points."""
    return Report(
        exercise="control-flow",
        exercise_digest="f" * 64,
        seed=7,
        status=status,
        score=score,
        max_score=10.0,
        isolation="namespaces",
        duration_ms=1.5,
        checks=(
            CheckResult(
                id="prediction",
                kind="prediction",
                title=Text("The gradient", "梯度"),
                verdict="passed" if score == 10 else "failed",
                points=score,
                max_points=10.0,
                diagnosis=Diagnosis(code, Text("Why?", "为什么？")) if code else None,
            ),
        ),
        stdout="nan \x00 ü 梯",
    )
