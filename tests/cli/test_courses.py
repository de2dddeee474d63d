"""``grade course`` and ``grade account``: the first things an operator does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.errors import UnknownExercise, UsageError
from grader.store import (
    audit,
    claims,
    courses,
    enrolments,
    passwords,
    requeue,
    submissions,
    tokens,
    users,
    waiting,
)
from grader.store.database import Store
from tests.cli.calling import call, opened


@pytest.mark.usefixtures("data")
def test_a_course_and_its_people_are_made_from_nothing(data: Path) -> None:
    """Afterwards the account signs in with the printed password, and its token is known."""
    call("course", "add", "c", "Course", "--title-zh", "课程", "detach", "control-flow")
    printed = call("account", "add", "ada", "--name", "Ada Nord", "--course", "c").output
    password = printed.rsplit(" ", 1)[1].strip()
    token = call("account", "token", "ada").output.strip()
    store = Store.open(f"sqlite:///{data}/grader.db")
    try:
        user = passwords.authenticate(store, "ADA", password)
        assert user is not None
        with store.read() as session:
            assert [course.slug for course, _ in enrolments.of_user(session, user.id)] == ["c"]
            course = courses.find_course(session, "c")
            assert course is not None
            placed = [a.exercise for a in courses.assignments(session, course.id)]
            assert placed == ["detach", "control-flow"]
            assert tokens.find_token(session, token) is not None
    finally:
        store.close()


def test_a_course_is_opened_to_guests_and_closed_again(data: Path) -> None:
    """Each change is in the audit log, once."""
    call("course", "add", "c", "Course", "detach")
    assert "/courses/c" in call("course", "guests", "c").output
    call("course", "guests", "c")
    assert '"guests": true' in call("course", "show", "c", "--json").output
    assert "closed" in call("course", "guests", "c", "--off").output
    store = opened(data)
    with store.read() as session:
        told = [event.action for event in audit.recent(session, subject="c")]
    store.close()
    assert told == ["course.no-guests", "course.guests", "course.add"]


@pytest.mark.usefixtures("data")
def test_what_does_not_fit_is_said_and_changes_nothing() -> None:
    """An unknown exercise, a course that is there, a course or account that is not, a short password."""
    with pytest.raises(UnknownExercise, match="did you mean 'detach'"):
        call("course", "add", "c", "Course", "detatch")
    call("course", "add", "c", "Course", "detach")
    with pytest.raises(UsageError, match="already"):
        call("course", "add", "c", "Course", "detach")
    with pytest.raises(UsageError, match="no course 'd'"):
        call("account", "add", "ada", "--course", "d")
    with pytest.raises(UsageError, match="no account 'ada'"):
        call("account", "token", "ada")
    with pytest.raises(UsageError, match="8 characters"):
        call("account", "add", "ada", "--course", "c", "--password-stdin", stdin="short\n")


@pytest.mark.usefixtures("data")
def test_a_course_invites_by_a_path(data: Path) -> None:
    """The same one when asked again; --new replaces it, --off withdraws it."""
    call("course", "add", "c", "Course", "detach")
    first = call("course", "invite", "c").output.strip()
    assert re.fullmatch(r"/join/[A-Z2-9]{10}", first)
    assert call("course", "invite", "c").output.strip() == first
    second = call("course", "invite", "c", "--new").output.strip()
    assert re.fullmatch(r"/join/[A-Z2-9]{10}", second) and second != first
    store = Store.open(f"sqlite:///{data}/grader.db")
    try:
        with store.read() as session:
            found = courses.find_invitation(session, second.removeprefix("/join/"))
            assert found is not None and found.slug == "c"
            assert courses.find_invitation(session, first.removeprefix("/join/")) is None
        assert "nobody can join" in call("course", "invite", "c", "--off").output
        with store.read() as session:
            assert courses.find_invitation(session, second.removeprefix("/join/")) is None
            done = [event.action for event in audit.recent(session, subject="c")]
            assert done == ["course.withdraw", "course.invite", "course.invite", "course.add"]
    finally:
        store.close()


@pytest.mark.usefixtures("data")
def test_an_invitation_that_makes_no_sense_is_refused() -> None:
    """A course that is not there; two options that contradict each other."""
    with pytest.raises(UsageError, match="no course 'd'"):
        call("course", "invite", "d")
    call("course", "add", "c", "Course", "detach")
    with pytest.raises(UsageError, match="contradict"):
        call("course", "invite", "c", "--new", "--off")


@pytest.mark.usefixtures("data")
def test_times_are_meant_and_printed_in_the_servers_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of GRADER_TIMEZONE, which pages use, too, where a reader's is not known."""
    monkeypatch.setenv("GRADER_TIMEZONE", "Asia/Shanghai")
    call("course", "add", "c", "Course", "detach")
    call("course", "assign", "c", "detach", "--due", "2027-03-08T23:59")
    assert call("course", "show", "c").output.splitlines()[1] == "  detach  due 2027-03-08 23:59 CST"
    monkeypatch.setenv("GRADER_TIMEZONE", "UTC")
    assert call("course", "show", "c").output.splitlines()[1] == "  detach  due 2027-03-08 15:59 UTC"


def test_a_course_is_changed_after_it_was_made(data: Path) -> None:
    """Titles, exercises, times; what would lose work asks first."""
    call("course", "add", "c", "Course", "detach")
    call("course", "change", "c", "--title", "Autograd", "--title-zh", "自动求导")
    call(
        "course",
        "assign",
        "c",
        "control-flow",
        "--opens",
        "2027-03-01T08:00+01:00",
        "--due",
        "2027-03-08T08:00Z",
    )
    assert call("course", "show", "c").output.splitlines() == [
        "c  Autograd  自动求导",
        "  detach",
        "  control-flow  opens 2027-03-01 07:00 UTC  due 2027-03-08 08:00 UTC",
    ]
    call("course", "assign", "c", "control-flow", "--opens", "now")
    assert call("course", "show", "c").output.splitlines()[2] == "  control-flow  due 2027-03-08 08:00 UTC"
    with pytest.raises(UsageError, match="due before it opens"):
        call("course", "assign", "c", "control-flow", "--opens", "2028-01-01T00:00Z")
    with pytest.raises(UsageError, match="is no date"):
        call("course", "assign", "c", "detach", "--due", "tomorrow")
    with pytest.raises(UnknownExercise):
        call("course", "assign", "c", "detatch")
    with pytest.raises(UsageError, match="--title, --title-zh"):
        call("course", "change", "c")
    call("account", "add", "ada", "--course", "c", "--password-stdin", stdin="long enough\n")
    store = opened(data)
    try:
        with store.write() as session:
            course = courses.find_course(session, "c")
            user = users.find_user(session, "ada")
            assert course is not None and user is not None
            placed = courses.find_assignment(session, course.id, "detach")
            assert placed is not None
            submissions.receive(
                session, assignment_id=placed.id, user_id=user.id, source=b"x = 1", predictions={}, seed=1,
                exercise_digest="0" * 64,
            )  # fmt: skip
    finally:
        store.close()
    with pytest.raises(UsageError, match="1 submissions to 'detach' would be deleted"):
        call("course", "withdraw", "c", "detach")
    call("course", "withdraw", "c", "detach", "--with-submissions")
    call("course", "withdraw", "c", "control-flow")
    assert call("course", "show", "c").output.splitlines() == ["c  Autograd  自动求导"]
    with pytest.raises(UsageError, match="is not set"):
        call("course", "withdraw", "c", "detach")


def test_submissions_are_graded_again(data: Path) -> None:
    """All of an exercise, one student's, or those that could not be graded: queued for the server."""
    call("course", "add", "c", "Course", "detach")
    for login in ("ada", "bo"):
        call("account", "add", login, "--course", "c", "--password-stdin", stdin="long enough\n")
    store = opened(data)
    try:
        with store.write() as session:
            course = courses.find_course(session, "c")
            assert course is not None
            placed = courses.find_assignment(session, course.id, "detach")
            assert placed is not None
            for login in ("ada", "bo"):
                user = users.find_user(session, login)
                assert user is not None
                submissions.receive(
                    session, assignment_id=placed.id, user_id=user.id, source=b"x = 1", predictions={},
                    seed=1, exercise_digest="0" * 64,
                )  # fmt: skip
                claimed = claims.claim(session, login, 60)
                assert claimed is not None
                requeue.give_back(session, claimed.id, login, "broken", retry=False)
        assert call("regrade", "retry", "c", "detach", "--student", "bo").output.startswith("1 submissions")
        assert call("regrade", "retry", "c", "detach").output.startswith("1 submissions")
        assert call("regrade", "retry", "c", "detach").output.startswith("0 submissions")
        with store.read() as session:
            assert waiting.lengths(session).queued == 2
    finally:
        store.close()
