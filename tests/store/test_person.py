"""A person's data: given out whole, and removed so that the class's figures stand and nobody is found."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.store import (
    audit,
    drafts,
    gradebook,
    overrides,
    person_export,
    person_removal,
    recovery,
    regrades,
    tokens,
    users,
)
from grader.store.tables import (
    Assignment,
    CheckResult,
    Comment,
    CommentedSubmission,
    Enrolment,
    FirstPrediction,
    Override,
    RegradeItem,
    RosterImport,
    User,
    WatchEntry,
    utcnow,
)

from .world import World

SECRETS = (
    "Ada Marked", "ada@marked.example", "4711-marked", "marked_source", "marked reason", "marked note",
    "marked comment", "marked draft", "marked answer",
)  # fmt: skip


def exported(world: World, user_id: int, *, everything: bool) -> dict[str, str]:
    file = io.BytesIO()
    with world.store.read() as session:
        user = users.get_user(session, user_id)
        assert user is not None
        person_export.write_zip(session, user, file, everything=everything)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def lead_a_life(world: World) -> str:
    """Ada does all that leaves something behind; her submission's id."""
    mine = world.grade(world.ada, 4.0, code="scale", source=b"marked_source = 1")
    other = world.grade(world.bob, 4.0, code="scale")
    with world.store.write() as session:
        users.rename(session, world.ada, name="Ada Marked")
        recovery.set_email(session, world.ada, "ada@marked.example")
        row = session.get(Enrolment, (world.ada, world.course.id))
        assert row is not None
        row.sis_id = "4711-marked"
        tokens.issue_token(session, world.ada, "laptop")
        tokens.open_sign_in(session, world.ada)
        overrides.set_total(
            session,
            assignment_id=world.second,
            user_id=world.ada,
            score=7.0,
            reason="marked reason",
            by=world.teacher,
        )
        session.add(
            WatchEntry(
                course_id=world.course.id,
                user_id=world.ada,
                state="contacted",
                note="marked note",
                by=world.teacher,
                at=utcnow(),
            )
        )
        for words, where in (("marked comment for Ada", (mine,)), ("for both", (mine, other))):
            comment = Comment(assignment_id=world.first, text=words, by=world.teacher, made_at=utcnow())
            session.add(comment)
            session.flush()
            session.add_all([CommentedSubmission(comment_id=comment.id, submission_id=one) for one in where])
        session.add(
            RosterImport(
                course_id=world.course.id,
                by=None,
                made_at=utcnow(),
                changes=[{"sections": []}, {"user": world.ada, "account": [["Ada Marked", None]]}],
            )
        )
        audit.record(session, "ada", "account.email", "ada", {"email": "ada@marked.example"})
        audit.record(
            session, "teacher", "account.rename", "ada", {"course": "autodiff", "name": "Ada Marked"}
        )
        drafts.save(session, world.ada, world.first, b"marked draft", {}, known=())
        session.add(
            FirstPrediction(
                user_id=world.ada,
                assignment_id=world.first,
                name="x_grad",
                submission_id=mine,
                attempt=1,
                check_id="x-grad",
                text="marked answer",
                said_at=utcnow(),
            )
        )
    return mine


def dump(world: World) -> str:
    """All that is in the database, as text."""
    found = []
    with world.store.read() as session:
        for table in User.metadata.sorted_tables:
            for row in session.execute(select(table)):
                found.append(" ".join(str(value) for value in row))
    return "\n".join(found)


def test_all_of_a_person_is_given_out(world: World) -> None:
    """To the person without the teachers' notes; to who runs the server with them."""
    lead_a_life(world)
    own, whole = (exported(world, world.ada, everything=one) for one in (False, True))
    said = json.loads(own["person.json"])
    assert (
        said["account"]["email"] == "ada@marked.example" and said["enrolments"][0]["sis_id"] == "4711-marked"
    )
    assert [one["text"] for one in said["comments"]] == ["marked comment for Ada", "for both"]
    assert said["first_predictions"][0]["text"] == "marked answer"
    assert said["overrides"][0]["reason"] == "marked reason" and said["tokens"][0]["name"] == "laptop"
    assert "hash" not in own["person.json"] and "watchlist" not in said
    assert [("details" in one, one["action"]) for one in said["audit"]] == [
        (True, "account.email"),
        (False, "account.rename"),
    ]
    assert json.loads(whole["person.json"])["watchlist"][0]["note"] == "marked note"
    path = "submissions/autodiff/control-flow/0001"
    assert own[f"{path}.py"] == "marked_source = 1"
    assert (
        json.loads(own[f"{path}.json"])["verdicts"][0]["report"]["checks"][0]["diagnosis"]["code"] == "scale"
    )
    assert "bob" not in "".join(own.values())


@pytest.mark.parametrize(("feedback", "told"), [("full", True), ("verdict", False), ("after-due", False)])
def test_feedback_that_is_kept_back_is_not_in_the_own_export(world: World, feedback: str, told: bool) -> None:
    """It would be a way around; who runs the server has it all."""
    world.grade(world.ada, 4.0, code="scale")
    with world.store.write() as session:
        row = session.get(Assignment, world.first)
        assert row is not None
        row.feedback, row.due = feedback, utcnow() + timedelta(days=1)  # type: ignore[assignment]
    name = "submissions/autodiff/control-flow/0001.json"
    assert ('"scale"' in exported(world, world.ada, everything=False)[name]) is told
    assert '"scale"' in exported(world, world.ada, everything=True)[name]


def told(session: Session) -> list[tuple[str, str, str | None]]:
    """What everybody was ever told, check by check."""
    rows = session.execute(select(CheckResult.check_id, CheckResult.verdict, CheckResult.code))
    return sorted((tuple(row) for row in rows), key=str)


def test_who_is_removed_cannot_be_found_and_the_class_is_counted_as_before(world: World) -> None:
    """Scores, verdicts and codes stay; not a word that names or quotes the person does. Bob's words stay."""
    mine = lead_a_life(world)
    with world.store.read() as session:
        before = told(session)
        scores = sorted(row.total for row in gradebook.gradebook(session, world.course).rows)
    with world.store.write() as session:
        ada = users.get_user(session, world.ada)
        assert ada is not None
        now = person_removal.remove(session, ada)
    with world.store.read() as session:
        assert told(session) == before
        assert sorted(row.total for row in gradebook.gradebook(session, world.course).rows) == scores
        ada = users.get_user(session, world.ada)
        assert ada is not None and (ada.login, ada.disabled, ada.password_hash) == (now, True, None)
        assert session.scalars(select(Comment.text)).all() == ["for both"]
        assert session.scalars(select(Override.reason)).all() == [""]
    everything = dump(world)
    assert [secret for secret in SECRETS if secret in everything] == []
    assert "ada" not in everything.split() and mine in everything
    assert (
        "return x" in exported(world, world.bob, everything=True)["submissions/autodiff/control-flow/0001.py"]
    )
    with world.store.write() as session:
        rerun = regrades.propose_rerun(session, world.first, None, reason="a better check", by=None)
        items = session.scalars(select(RegradeItem.submission_id).where(RegradeItem.regrade_id == rerun.id))
        assert mine not in items.all(), "without its text it would lose what it has"
    with pytest.raises(UsageError, match="deleted already"), world.store.write() as session:
        again = users.get_user(session, world.ada)
        assert again is not None
        person_removal.remove(session, again)


def test_who_is_needed_or_waited_for_is_not_removed(world: World) -> None:
    """The only teacher of a course; somebody whose work is being graded."""
    world.hand_in(world.bob)
    for user_id, said in ((world.teacher, "only one who teaches"), (world.bob, "being graded")):
        with pytest.raises(UsageError, match=said), world.store.write() as session:
            user = users.get_user(session, user_id)
            assert user is not None
            person_removal.remove(session, user)
