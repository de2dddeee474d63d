"""``grade course`` and ``grade account``: the first things an operator does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.errors import GraderError, UnknownExercise, UsageError
from grader.store import audit, claims, courses, people, queue, submissions
from grader.store.database import Store
from tests.golden import ROOT


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, called from the checkout."""
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    monkeypatch.setenv("GRADER_TIMEZONE", "UTC")
    monkeypatch.chdir(ROOT)
    return tmp_path


def call(*arguments: str, stdin: str = "") -> Result:
    """One command; errors of ours come out as exceptions."""
    result = CliRunner().invoke(cli, arguments, input=stdin, standalone_mode=False)
    if isinstance(result.exception, GraderError):
        raise result.exception
    assert result.exception is None, result.output
    return result


@pytest.mark.usefixtures("data")
def test_a_course_and_its_people_are_made_from_nothing(data: Path) -> None:
    """Afterwards the account signs in with the printed password, and its token is known."""
    call("course", "add", "c", "Course", "--title-zh", "课程", "detach", "control-flow")
    printed = call("account", "add", "ada", "--name", "Ada Nord", "--course", "c").output
    password = printed.rsplit(" ", 1)[1].strip()
    token = call("account", "token", "ada").output.strip()
    store = Store.open(f"sqlite:///{data}/grader.db")
    try:
        user = people.authenticate(store, "ADA", password)
        assert user is not None
        with store.read() as session:
            assert [course.slug for course, _ in people.enrolments(session, user.id)] == ["c"]
            course = courses.find_course(session, "c")
            assert course is not None
            placed = [a.exercise for a in courses.assignments(session, course.id)]
            assert placed == ["detach", "control-flow"]
            assert people.find_token(session, token) is not None
    finally:
        store.close()


@pytest.mark.usefixtures("data")
def test_enrolling_a_known_account_keeps_its_password() -> None:
    """A second course does not lock anybody out of the first."""
    for slug in ("one", "two"):
        call("course", "add", slug, "Course", "detach")
    call("account", "add", "bo", "--course", "one", "--password-stdin", stdin="long enough\n")
    said = call("account", "add", "bo", "--course", "two", "--role", "instructor").output
    assert "had an account already" in said
    assert "password" not in said


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


def opened(data: Path) -> Store:
    """The store as the commands left it."""
    return Store.open(f"sqlite:///{data}/grader.db")


def test_a_forgotten_password_is_replaced_and_an_account_shut_out_and_let_in(data: Path) -> None:
    """Sessions and tokens end with it; enabling brings the tokens back."""
    call("course", "add", "c", "Course", "detach")
    call("account", "add", "ada", "--course", "c", "--password-stdin", stdin="long enough\n")
    token = call("account", "token", "ada").output.strip()
    printed = call("account", "reset", "Ada").output
    password = printed.rpartition(" ")[2].strip()
    store = opened(data)
    try:
        assert people.authenticate(store, "ada", "long enough") is None
        assert people.authenticate(store, "ada", password) is not None
        call("account", "disable", "ada")
        with pytest.raises(people.AccountDisabled):
            people.authenticate(store, "ada", password)
        with store.read() as session:
            assert people.find_token(session, token) is None
        assert "(disabled)" in call("account", "list").output
        call("account", "enable", "ada")
        with store.read() as session:
            assert people.find_token(session, token) is not None
    finally:
        store.close()
    with pytest.raises(UsageError, match="fewer than 8"):
        call("account", "reset", "ada", "--password-stdin", stdin="short\n")
    with pytest.raises(UsageError, match="no account 'adda': did you mean 'ada'"):
        call("account", "reset", "adda")


@pytest.mark.usefixtures("data")
def test_an_account_is_renamed_and_removed_from_a_course() -> None:
    """What it is called changes, and nothing else."""
    call("course", "add", "c", "Course", "detach")
    for login in ("ada", "bo"):
        call("account", "add", login, "--course", "c", "--password-stdin", stdin="long enough\n")
    call("account", "rename", "ada", "--login", "ada.nord", "--name", "Ada Nord")
    assert call("account", "list", "--course", "c").output.splitlines() == [
        "ada.nord  Ada Nord  student  [c]",
        "bo  bo  student  [c]",
    ]
    with pytest.raises(UsageError, match="taken"):
        call("account", "rename", "bo", "--login", "ADA.NORD")
    call("account", "rename", "bo", "--login", "Bo")
    with pytest.raises(UsageError, match="--name, --login"):
        call("account", "rename", "bo")
    call("account", "remove", "bo", "--course", "c")
    assert call("account", "list", "--course", "c").output.splitlines() == [
        "ada.nord  Ada Nord  student  [c]"
    ]
    assert "Bo  bo  student  []" in call("account", "list").output
    with pytest.raises(UsageError, match="not in the course"):
        call("account", "remove", "bo", "--course", "c")


def test_an_account_has_an_address(data: Path) -> None:
    """From the start or later; what is none is refused, and changes nothing."""
    call("course", "add", "c", "Course", "detach")
    with pytest.raises(UsageError, match="no e-mail address"):
        call("account", "add", "ada", "--course", "c", "--email", "nowhere")
    call("account", "add", "ada", "--course", "c", "--email", "Ada@X.example")

    def email() -> str | None:
        store = opened(data)
        with store.read() as session:
            user = people.find_user(session, "ada")
        store.close()
        assert user is not None
        return user.email

    assert email() == "ada@x.example"
    call("account", "rename", "ada", "--name", "Ada Nord")
    assert email() == "ada@x.example"
    assert (
        call("account", "rename", "ada", "--email", "b@x.example").output == "ada is now ada, b@x.example\n"
    )
    assert email() == "b@x.example"
    call("account", "rename", "ada", "--email", "")
    assert email() is None


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
            user = people.find_user(session, "ada")
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
                user = people.find_user(session, login)
                assert user is not None
                submissions.receive(
                    session, assignment_id=placed.id, user_id=user.id, source=b"x = 1", predictions={},
                    seed=1, exercise_digest="0" * 64,
                )  # fmt: skip
                claimed = claims.claim(session, login, 60)
                assert claimed is not None
                queue.give_back(session, claimed.id, login, "broken", retry=False)
        assert call("course", "regrade", "c", "detach", "--student", "bo").output.startswith("1 submissions")
        assert call("course", "regrade", "c", "detach", "--failed").output.startswith("1 submissions")
        assert call("course", "regrade", "c", "detach").output.startswith("0 submissions")
        with store.read() as session:
            assert queue.lengths(session).queued == 2
    finally:
        store.close()
