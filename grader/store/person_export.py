"""A person's data, given out: all that is kept of somebody, as a zip file of JSON and of sources."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.model.policy import withholds
from grader.model.report import Report
from grader.model.report_size import withheld
from grader.store import audit, policies
from grader.store.tables import (
    ApiToken,
    Assignment,
    AuditEvent,
    Comment,
    CommentedSubmission,
    Course,
    Draft,
    Enrolment,
    Extension,
    FirstPrediction,
    Judging,
    Notice,
    Override,
    Section,
    SectionMember,
    SignIn,
    Standing,
    Submission,
    User,
    WatchEntry,
    utcnow,
)

_AT_ONCE: Final = 200
_ACCOUNT: Final = ("login", "name", "email", "role", "language", "timezone", "created_at", "disabled")
_OVERRIDE: Final = ("submission_id", "check_id", "score", "reason", "created_at")
_TOKEN: Final = ("name", "created_at", "last_used", "expires", "revoked")


def write_zip(session: Session, user: User, file: IO[bytes], *, everything: bool) -> int:
    """Write all of it into ``file``; how many submissions there were.

    ``person.json`` has what is kept of the person, ``submissions/…`` a JSON file with the verdict and a text
    file with the source for each. For ``everything`` see :func:`about` and :func:`handed_in`.
    """
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", _json(about(session, user, everything=everything)))
        for said, source in handed_in(session, user, everything=everything):
            count += 1
            name = f"submissions/{said['course']}/{said['exercise']}/{said['attempt']:04}"
            archive.writestr(f"{name}.json", _json(said))
            archive.writestr(f"{name}.py", source)
    return count


def submissions_of(session: Session, user_id: int) -> int:
    """How many submissions there are of somebody."""
    return session.scalar(select(func.count()).where(Submission.user_id == user_id)) or 0


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def about(session: Session, user: User, *, everything: bool) -> dict[str, Any]:
    """All that is kept of a person but for what was handed in, as values that JSON can hold.

    :param everything: for who runs the server: notes of teachers about the person, too, and who wrote what.
    """
    data: dict[str, Any] = {
        "account": _row(user, *_ACCOUNT),
        "enrolments": _enrolments(session, user.id),
        "scores": _scores(session, user.id),
        "overrides": _of_assignments(session, Override, user.id, *_OVERRIDE),
        "extensions": _of_assignments(session, Extension, user.id, "changes", "reason", "made_at"),
        "comments": _comments(session, user.id),
        "notices": _all(session, Notice, user.id, "kind", "about", "made_at", "read_at"),
        "tokens": _all(session, ApiToken, user.id, *_TOKEN),
        "sessions": _all(session, SignIn, user.id, "created_at", "last_seen", "expires", "revoked"),
        "first_predictions": _first_predictions(session, user.id),
        "drafts": _drafts(session, user.id),
        "audit": [_event(event, user.login, everything) for event in audit.about(session, user.login)],
    }
    if everything:
        data["watchlist"] = _all(session, WatchEntry, user.id, "state", "note", "at")
    return data


def handed_in(session: Session, user: User, *, everything: bool) -> Iterator[tuple[dict[str, Any], bytes]]:
    """What a person handed in, oldest first, with the verdict; and its text.

    :param everything: each judging whole. Without, the current one, and of it what the person may be told at
        this moment: where an assignment keeps its feedback back, so does this.
    """
    placed = {row.id: (slug, row) for row, slug in session.execute(
        select(Assignment, Course.slug)
        .join(Course, Course.id == Assignment.course_id)
        .where(Assignment.id.in_(select(Submission.assignment_id).where(Submission.user_id == user.id)))
    )}  # fmt: skip
    own = policies.policies_for(session, [row for _, row in placed.values()], [user.id])
    now = utcnow()
    told_all = {
        id_: not withholds(own.get((id_, user.id), policies.policy_of(row)), now)
        for id_, (_, row) in placed.items()
    }
    ids = session.scalars(
        select(Submission.id)
        .where(Submission.user_id == user.id)
        .order_by(Submission.created_at, Submission.id)
    ).all()
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        rows = session.scalars(select(Submission).where(Submission.id.in_(some))).all()
        reports = _judgings(session, some, everything)
        for row in sorted(rows, key=lambda row: (row.created_at, row.id)):
            slug, assignment = placed[row.assignment_id]
            said = _row(
                row,
                "id",
                "attempt",
                "created_at",
                "state",
                "score",
                "max_score",
                "passed",
                "predictions",
                "variant",
            )
            said |= {"course": slug, "exercise": assignment.exercise}
            said["verdicts"] = [
                {
                    "at": at,
                    "current": number == row.judging_id,
                    "report": _told(report, everything or told_all[row.assignment_id]),
                }
                for number, at, report in reports.get(row.id, ())
                if everything or number == row.judging_id
            ]
            yield said, row.source
        session.expunge_all()


def _judgings(
    session: Session, ids: Sequence[str], everything: bool
) -> dict[str, list[tuple[int, str, str]]]:
    """Of each submission its judgings: number, moment, report."""
    wanted = select(Judging.submission_id, Judging.id, Judging.finished_at, Judging.report)
    if not everything:
        wanted = wanted.join(Submission, Submission.judging_id == Judging.id)
    found: dict[str, list[tuple[int, str, str]]] = {}
    for submission_id, number, at, report in session.execute(
        wanted.where(Judging.submission_id.in_(ids)).order_by(Judging.id)
    ):
        found.setdefault(submission_id, []).append((number, at.isoformat(), report))
    return found


def _told(report: str, whole: bool) -> Any:
    if whole:
        return msgspec.json.decode(report)
    return msgspec.to_builtins(withheld(msgspec.json.decode(report, type=Report)))


def _row(row: Any, *names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()
    }


def _all(session: Session, table: Any, user_id: int, *names: str) -> list[dict[str, Any]]:
    return [_row(row, *names) for row in session.scalars(select(table).where(table.user_id == user_id))]


def _drafts(session: Session, user_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Draft, Course.slug, Assignment.exercise)
        .join(Assignment, Assignment.id == Draft.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .where(Draft.user_id == user_id)
    )
    return [
        {
            "course": slug,
            "exercise": exercise,
            "source": row.source.decode("utf-8", "replace"),
            "predictions": row.predictions,
        }
        for row, slug, exercise in rows
    ]


def _first_predictions(session: Session, user_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(FirstPrediction, Course.slug, Assignment.exercise)
        .join(Assignment, Assignment.id == FirstPrediction.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .where(FirstPrediction.user_id == user_id)
        .order_by(FirstPrediction.said_at, FirstPrediction.name)
    )
    names = ("name", "text", "right", "said_at", "submission_id")
    return [{"course": slug, "exercise": exercise} | _row(row, *names) for row, slug, exercise in rows]


def _of_assignments(session: Session, table: Any, user_id: int, *names: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(table, Course.slug, Assignment.exercise)
        .join(Assignment, Assignment.id == table.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .where(table.user_id == user_id)
        .order_by(table.id)
    )
    return [{"course": slug, "exercise": exercise} | _row(row, *names) for row, slug, exercise in rows]


def _scores(session: Session, user_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Standing, Course.slug, Assignment.exercise)
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .join(Course, Course.id == Assignment.course_id)
        .where(Standing.user_id == user_id)
        .order_by(Course.slug, Assignment.position)
    )
    names = ("score", "max_score", "override", "attempts", "late", "last_at", "passed_attempt", "passed_at")
    return [{"course": slug, "exercise": exercise} | _row(row, *names) for row, slug, exercise in rows]


def _enrolments(session: Session, user_id: int) -> list[dict[str, Any]]:
    named: dict[int, list[str]] = {}
    for course_id, name in session.execute(
        select(Section.course_id, Section.name)
        .join(SectionMember, SectionMember.section_id == Section.id)
        .where(SectionMember.user_id == user_id)
        .order_by(Section.name)
    ):
        named.setdefault(course_id, []).append(name)
    rows = session.execute(
        select(Enrolment, Course.slug)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.user_id == user_id)
        .order_by(Course.slug)
    )
    return [
        {"course": slug, "sections": named.get(row.course_id, [])} | _row(row, "role", "active", "sis_id")
        for row, slug in rows
    ]


def _comments(session: Session, user_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Comment, CommentedSubmission.submission_id)
        .join(CommentedSubmission, CommentedSubmission.comment_id == Comment.id)
        .join(Submission, Submission.id == CommentedSubmission.submission_id)
        .where(Submission.user_id == user_id, Comment.withdrawn_at.is_(None))
        .order_by(Comment.id)
    )
    return [{"submission": id_} | _row(row, "text", "made_at") for row, id_ in rows]


def _event(event: AuditEvent, login: str, everything: bool) -> dict[str, Any]:
    said = _row(event, "at", "action", "subject", "course")
    if everything or event.actor == login:
        said |= {"actor": event.actor, "details": event.details}
    return said
