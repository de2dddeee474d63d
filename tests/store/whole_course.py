"""A small course with rows in every table, as a term leaves them: for moving and migrating databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Boolean, LargeBinary, Numeric, String, Table, func, insert, select, update
from sqlalchemy.orm import Session

from grader.model.picture import Pictures
from grader.store import (
    audit,
    comments,
    drafts,
    enrolments,
    notices,
    overrides,
    pictures,
    recovery,
    regrades,
    rule_changes,
    sections,
    tokens,
    uploads,
    users,
    watchlist,
)
from grader.store.rule_changes import Whose
from grader.store.tables import (
    Assignment,
    Base,
    Course,
    FirstPrediction,
    Judging,
    Regrade,
    RosterImport,
    Shadow,
    Submission,
    User,
    utcnow,
)
from grader.store.tables.base import UtcDateTime

from .world import World

DUE = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)
ODD = "梯度 \"quoted\" 'single' \\ back\r\n\ttab 🙂 é"
"""What a column of text must hand back as it was."""


def fill(world: World) -> None:
    """Put rows into every table of an otherwise empty store with the small world in it."""
    _rules(world)
    world.grade(world.ada, 0.1 + 0.2, code="scale", source=b"\x00\xff not utf-8 \r\n")
    mine = world.grade(world.ada, 6.0)
    world.grade(world.bob, 10.0)
    world.grade(world.bob, 10.0, world.second)
    world.hand_in(world.cyd, request_key="k" * 32, variant=3, seed=2**62)
    with world.store.write() as session:
        _around(session, world, mine)
        session.flush()
        _rest(session)


def _rules(world: World) -> None:
    with world.store.write() as session:
        course = session.get_one(Course, world.course.id)
        course.guests, course.timezone, course.join_code, course.title_en = True, "Asia/Shanghai", "JOIN", ODD
        session.execute(
            update(Assignment)
            .where(Assignment.id == world.first)
            .values(
                due=DUE, late=[[86400, 50.0], [172800, 12.5]], grace_minutes=5, points=20.0, attempts=9,
                variants=True, counts="last", feedback="after-due", closes=DUE + timedelta(days=9),
            )
        )  # fmt: skip
        group = sections.make(session, course.id, "A · 甲")
        sections.enter(session, group, [world.ada, world.bob])
        placed = session.get_one(Assignment, world.first)
        rule_changes.extend(
            session, placed, Whose(section_id=group.id), {"attempts": 20}, reason=ODD, by=world.teacher
        )
        rule_changes.extend(
            session, placed, Whose(user_id=world.ada), {"attempts": 3}, reason="", by=world.teacher
        )


def _around(session: Session, world: World, mine: str) -> None:
    """What is kept beside the attempts."""
    course, ada, tess = world.course.id, world.ada, world.teacher
    person = session.get_one(User, ada)
    person.email, person.timezone, person.password_hash = "ada@example.org", "Europe/Paris", "$argon2id$x"
    users.set_disabled(session, world.cyd, True)
    enrolment = enrolments.enrolment(session, ada, course)
    assert enrolment is not None
    enrolment.sis_id, enrolment.helped = "0042", False
    enrolments.unenrol(session, world.cyd, course)
    tokens.open_sign_in(session, ada)
    tokens.issue_token(session, ada, ODD, lifetime=timedelta(days=1))
    recovery.make_link(session, ada, lifetime=timedelta(days=1), course_id=course)
    drafts.save(session, ada, world.second, b"draft \x00", {"x_grad": ODD}, known=())
    drafts.start_over(session, ada, world.second, b"thrown away", {}, known=(), starter=b"def f(x): ...")
    pictures.save(session, mine, Pictures())
    submission = session.get_one(Submission, mine)
    overrides.set_total(session, assignment_id=world.first, user_id=ada, score=7.25, reason=ODD, by=tess)
    overrides.set_check(session, submission, "prediction", score=5.5, reason="by hand", by=tess)
    comments.write(session, submission, f"*Look* at u. {ODD}", by=tess)
    watchlist.note(session, course, ada, "contacted", ODD, by=tess, seen=None)
    notices.tell(session, "comment", [(ada, {"course": "autodiff", "text": ODD, "of": 0.1})])
    audit.record(session, "teacher", "course.entitle", "autodiff", {"before": ODD, "list": [1, None, 2.5]})
    uploads.keep(session, course, tess, "roster", "Größe.csv", b"name;login\r\n\xff")
    session.add(
        RosterImport(course_id=course, by=tess, made_at=utcnow(), changes=[{"user": ada, "made": True}])
    )
    rerun = regrades.propose_rerun(session, world.first, [mine], reason=ODD, by=tess)
    rescore = regrades.propose_rescore(session, world.second, {"points": 5.0}, reason="r", by=tess)
    regrades.cancel(session, session.get_one(Regrade, rescore.id), by=tess)
    judging = session.scalars(select(Judging).where(Judging.submission_id == mine)).first()
    assert rerun.id and judging is not None
    judging.grader, judging.torch, judging.worker, judging.phases = "0.1.0", "2.13", "host:1:a", {"all": 1.5}
    session.add(Shadow(judging_id=judging.id, state="different", wanted_at=DUE, differs=[ODD]))
    if session.scalar(select(func.count()).select_from(FirstPrediction)) == 0:
        session.add(
            FirstPrediction(
                user_id=ada, assignment_id=world.first, name="x_grad", submission_id=mine, attempt=1,
                check_id="x-grad", text=ODD, said_at=DUE, right=None,
            )
        )  # fmt: skip


def _rest(session: Session) -> None:
    """A row for each table that is still empty: one that was added later, say."""
    for table in Base.metadata.sorted_tables:
        if session.execute(select(1).select_from(table).limit(1)).first() is None:
            session.execute(insert(table), [_some_row(session, table)])


def _some_row(session: Session, table: Table) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            row[column.name] = session.scalar(select(key.column).limit(1))
        elif column is not table.autoincrement_column and column.default is None:
            row[column.name] = _some_value(column.type)
    return row


def _some_value(kind: Any) -> Any:
    if isinstance(kind, String):
        return uuid4().hex[: kind.length]
    if isinstance(kind, LargeBinary):
        return b"\x00\xff"
    for types, value in (((JSON,), {"a": [1, 2.5, None]}), ((Boolean,), True), ((Numeric,), 0.1)):
        if isinstance(kind, types):
            return value
    if isinstance(kind, UtcDateTime):
        return DUE
    return {datetime: DUE, date: DUE.date()}.get(kind.python_type, 7)
