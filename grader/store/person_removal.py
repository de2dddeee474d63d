"""A person's data, removed on request, so that what a class did can still be counted.

What is removed: name, login, address, number, passwords, sessions, tokens, drafts, first predictions,
notices, the text of what was handed in, and every word that was kept of a verdict or written about a person.
What stays, under a login that was made up: that somebody handed in so many times, with which scores, verdicts
and diagnosis codes, and what counted. So the class's statistics do not move, and nobody can be found in them.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store import audit, judgings, pictures, sources
from grader.store.tables import (
    ApiToken,
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
    PasswordLink,
    ReplacedDraft,
    RosterImport,
    SignIn,
    Submission,
    Upload,
    User,
    WatchEntry,
)

ANONYMOUS: Final = "deleted-"
"""How the logins of removed people begin."""
_AT_ONCE: Final = 200


def remove(session: Session, user: User) -> str:
    """Remove a person's data; the login under which what is counted goes on. It cannot be undone.

    :raises UsageError: nobody else teaches a course of this person's, something is being graded, or the
        person is removed already.
    """
    if user.login.startswith(ANONYMOUS) and user.disabled and user.password_hash is None:
        raise UsageError(f"the data of {user.login} is deleted already.")
    _refuse_only_teacher(session, user)
    _refuse_waiting(session, user)
    was, now = user.login, f"{ANONYMOUS}{secrets.token_hex(4)}"
    _forget_words(session, user.id)
    for table in (
        SignIn, ApiToken, PasswordLink, Draft, ReplacedDraft, FirstPrediction, Notice, WatchEntry, Upload,
    ):  # fmt: skip
        _run(session, delete(table).where(table.user_id == user.id))
    _run(session, update(Enrolment).where(Enrolment.user_id == user.id).values(sis_id=None))
    for noted in (Override, Extension):
        _run(session, update(noted).where(noted.user_id == user.id).values(reason=""))
    _forget_in_imports(session, user.id)
    _forget_in_audit(session, [each for each in {was, user.name, user.email} if each], was, now)
    user.login = user.login_key = now
    user.name, user.email, user.password_hash = f"({now})", None, None
    user.timezone = user.browser_timezone = None
    user.disabled, user.role = True, "student"
    session.flush()
    return now


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def _refuse_waiting(session: Session, user: User) -> None:
    """Without its text nothing can be graded."""
    waits = select(Submission.id).where(
        Submission.user_id == user.id, Submission.state.in_(("queued", "running"))
    )
    if session.scalar(waits.limit(1)) is not None:
        raise UsageError(f"something of {user.login} is being graded: wait until it is done.")


def _refuse_only_teacher(session: Session, user: User) -> None:
    mine = select(Enrolment.course_id).where(
        Enrolment.user_id == user.id, Enrolment.role == "instructor", Enrolment.active
    )
    others = (
        select(Enrolment.course_id)
        .join(User, User.id == Enrolment.user_id)
        .where(
            Enrolment.role == "instructor",
            Enrolment.active,
            Enrolment.user_id != user.id,
            User.disabled.is_(False),
        )
    )
    alone = session.scalars(select(Course.slug).where(Course.id.in_(mine), Course.id.not_in(others))).all()
    if alone:
        raise UsageError(
            f"{user.login} is the only one who teaches {', '.join(sorted(alone))}: "
            "enrol somebody else there first."
        )


def _forget_words(session: Session, user_id: int) -> None:
    """Of what was handed in keep scores and verdicts: no text, no predictions, nothing that was said."""
    ids = session.scalars(select(Submission.id).where(Submission.user_id == user_id)).all()
    if not ids:
        return
    _forget_comments(session, user_id)
    nothing = sources.keep(session, b"")
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        judgings.thin(session, some)
        for submission_id in some:
            pictures.forget(session, submission_id)
        _run(
            session,
            update(Submission)
            .where(Submission.id.in_(some))
            .values(source_digest=nothing, predictions={}, request_key=None),
        )
        _run(session, update(Override).where(Override.submission_id.in_(some)).values(reason=""))
    _wipe_summaries(session, ids)
    sources.forget_unused(session)


def _wipe_summaries(session: Session, ids: Collection[str]) -> None:
    """A report without what it quotes of the answer."""
    every = sorted(ids)
    for first in range(0, len(every), _AT_ONCE):
        wanted = select(Judging.id, Judging.report).where(
            Judging.submission_id.in_(every[first : first + _AT_ONCE])
        )
        for number, text in session.execute(wanted).all():
            report = msgspec.json.decode(text)
            report["summary"] = {"en": "", "zh": ""}
            kept = msgspec.json.encode(report).decode()
            _run(session, update(Judging).where(Judging.id == number).values(report=kept, alike=None))


def _forget_comments(session: Session, user_id: int) -> None:
    """A comment that stands under this person's answers alone goes; one for others, too, stays with them."""
    mine = select(Submission.id).where(Submission.user_id == user_id)
    touched = session.scalars(
        select(CommentedSubmission.comment_id).where(CommentedSubmission.submission_id.in_(mine)).distinct()
    ).all()
    _run(session, delete(CommentedSubmission).where(CommentedSubmission.submission_id.in_(mine)))
    left = set(
        session.scalars(
            select(CommentedSubmission.comment_id)
            .where(CommentedSubmission.comment_id.in_(touched))
            .distinct()
        )
    )
    _run(session, delete(Comment).where(Comment.id.in_([one for one in touched if one not in left])))


def _forget_in_imports(session: Session, user_id: int) -> None:
    """What imports would put back is no longer this person's."""
    courses = select(Enrolment.course_id).where(Enrolment.user_id == user_id)
    for row in session.scalars(select(RosterImport).where(RosterImport.course_id.in_(courses))):
        kept = [each for each in row.changes if each.get("user") != user_id]
        if len(kept) != len(row.changes):
            row.changes = kept
    _run(session, delete(Upload).where(Upload.course_id.in_(courses)))


def _forget_in_audit(session: Session, names: Sequence[str], was: str, now: str) -> None:
    """Events stay, and speak of the new login; what was written down with them is dropped where it names the
    person."""
    for event in audit.about(session, was):
        event.actor = now if event.actor == was else event.actor
        if event.subject == was:
            event.subject = now
            event.details = {
                name: value
                for name, value in event.details.items()
                if name in ("course", "role", "was", "by")
            }
        elif any(name in str(event.details) for name in names):
            event.details = {name: value for name, value in event.details.items() if name == "course"}
