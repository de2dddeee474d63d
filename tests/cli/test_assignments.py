"""``grade assignment`` and what ``grade course`` does with dates, archives and duplicates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from grader.dispatch.versions import Versions
from grader.errors import UsageError
from grader.store import (
    audit,
    claims,
    courses,
    enrolments,
    judging_versions,
    notices,
    queue,
    submissions,
    users,
)
from grader.store.tables import Section, SectionMember, utcnow
from tests.cli.calling import call, opened
from tests.store.world import a_report


@contextmanager
def writing(data: Path) -> Iterator[Session]:
    """A transaction in the store that the commands use."""
    store = opened(data)
    try:
        with store.write() as session:
            yield session
    finally:
        store.close()


@pytest.fixture
def course(data: Path) -> None:
    """Course c in Berlin with two exercises, and ada in the section Tuesday."""
    call("course", "add", "c", "Course", "detach", "control-flow")
    call("course", "change", "c", "--timezone", "Europe/Berlin")
    call("account", "add", "ada", "--course", "c")
    with writing(data) as session:
        where, ada = courses.find_course(session, "c"), users.find_user(session, "ada")
        assert where is not None and ada is not None
        section = Section(course_id=where.id, name="Tuesday")
        session.add(section)
        session.flush()
        session.add(SectionMember(section_id=section.id, user_id=ada.id))


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call("assignment", "list", "c", "--json").output)["assignments"]
    return found


def hand_in(data: Path, at: datetime) -> None:
    """Ada hands in to detach, and gets 8 of 10."""
    with writing(data) as session:
        where, ada = courses.find_course(session, "c"), users.find_user(session, "ada")
        assert where is not None and ada is not None
        placed = courses.find_assignment(session, where.id, "detach")
        assert placed is not None
        submissions.receive(
            session, assignment_id=placed.id, user_id=ada.id, source=b"x = 1", predictions={}, seed=1,
            exercise_digest="0" * 64, now=at,
        )  # fmt: skip
        claimed = claims.claim(session, "t", 60)
        assert claimed is not None
        queue.finish(session, claimed.id, "t", a_report(8.0))


@pytest.mark.usefixtures("course")
def test_rules_are_set_and_listed_in_the_courses_zone(data: Path) -> None:
    """Dates without an offset are Berlin's; what is not named stays; an empty field has a word."""
    call(
        "assignment", "set", "c", "detach", "--due", "2027-03-05 18:00", "--late", "1 day 90; 3 days 50",
        "--attempts", "3", "--points", "12.5", "--pause", "yes", "--counts", "last", "--grace", "10",
    )  # fmt: skip
    said = call("assignment", "set", "c", "detach", "--attempts", "any").output
    assert "due 2027-03-05 18:00" in said and "attempts" not in said
    first = listed()[0]
    assert first["due"] == "2027-03-05T18:00:00+01:00" and first["points"] == 12.5
    assert first["late_rule"] == "until +1 day: 90 %; until +3 days: 50 %; after: practice, 0 %"
    assert (first["attempts"], first["pause"]) == (None, True)
    assert (first["counts"], first["grace_minutes"]) == ("last", 10)
    assert "Europe/Berlin" in call("assignment", "list", "c").output
    shown = json.loads(call("course", "show", "c", "--json").output)
    assert shown["timezone"] == "Europe/Berlin" and shown["assignments"][0]["due"] == first["due"]
    assert "due 2027-03-05 18:00 CET" in call("course", "show", "c").output
    with writing(data) as session:
        event = audit.recent(session)[0]
        assert (event.action, event.subject) == ("assignment.rules", "c/detach")


@pytest.mark.usefixtures("course")
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--due", "tomorrow", "is no date"),
        ("--due", "2027-03-28 02:30", "clocks are put forward"),
        ("--late", "1 day: -10 %", "still worth"),
        ("--attempts", "0", "from 1 to 10,000"),
        ("--attempts", "1.5", "no such number"),
        ("--points", "nan", "no such number"),
        ("--pause", "maybe", "neither yes nor no"),
        ("--counts", "worst", "'best' or 'last'"),
        ("--feedback", "after-due", "needs a due date"),
        ("--opens", "inherit", "inherit nothing"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(option: str, value: str, said: str) -> None:
    before = listed()
    with pytest.raises(UsageError, match=said):
        call("assignment", "set", "c", "detach", option, value)
    assert listed() == before


@pytest.mark.usefixtures("course")
def test_scores_move_only_when_that_is_said(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By name first; with --yes and a reason, which the student is told."""
    hand_in(data, utcnow())
    with pytest.raises(UsageError, match="1 score would move; nothing was changed"):
        call("assignment", "set", "c", "detach", "--points", "20")
    with pytest.raises(UsageError, match="would move"):
        call("assignment", "set", "c", "detach", "--points", "20", "--yes")
    assert listed()[0]["points"] is None
    said = call("assignment", "set", "c", "detach", "--points", "20", "--yes", "--reason", "harder").output
    assert "1 score moved" in said and listed()[0]["points"] == 20
    with writing(data) as session:
        ada = users.find_user(session, "ada")
        assert ada is not None
        (notice,) = notices.unread(session, ada.id)
        assert (notice.about["after"], notice.about["reason"]) == (16.0, "harder")


@pytest.mark.usefixtures("course")
def test_a_due_date_moves_scores_too(data: Path) -> None:
    """``grade course assign --due`` derives what counts anew."""
    call("assignment", "set", "c", "detach", "--late", "1 day 50", "--due", "2030-01-01")
    hand_in(data, datetime(2029, 12, 31, 12, tzinfo=UTC))
    with pytest.raises(UsageError, match="1 score would move"):
        call("course", "assign", "c", "detach", "--due", "2029-12-31 08:00")
    call("course", "assign", "c", "detach", "--due", "2029-12-31 08:00", "--yes", "--reason", "earlier")


@pytest.mark.usefixtures("course")
def test_extensions_are_given_listed_and_taken_back(data: Path) -> None:
    """For a student by days or by any field, for a section; field by field."""
    call("assignment", "set", "c", "detach", "--due", "2027-03-25 18:00", "--attempts", "3")
    mine = "assignment", "extend", "c", "detach", "--student", "ada"
    said = call(*mine, "--days", "7", "--reason", "ill").output
    assert "due 2027-04-01 18:00" in said  # the same time of day, over a change of the clocks
    call(*mine, "--attempts", "9")
    call("assignment", "extend", "c", "detach", "--section", "Tuesday", "--grace", "30")
    extensions = listed()[0]["extensions"]
    ada = next(each for each in extensions if "student" in each)
    assert set(ada["changes"]) == {"due", "attempts"}
    assert {"section": "Tuesday", "changes": {"grace_minutes": 30}, "reason": ""} in extensions
    call(*mine, "--due", "inherit")
    said = call("assignment", "list", "c").output
    assert "attempts 9" in said and "section Tuesday: grace 30" in said
    call("assignment", "unextend", "c", "detach", "--student", "ada")
    assert [each.get("section") for each in listed()[0]["extensions"]] == ["Tuesday"]
    with pytest.raises(UsageError, match="has no extension"):
        call("assignment", "unextend", "c", "detach", "--student", "ada")


@pytest.mark.usefixtures("course")
def test_for_whom_has_to_be_said() -> None:
    for arguments, said in (
        ([], "--student LOGIN or --section NAME"),
        (["--student", "bob"], "no account 'bob'"),
        (["--section", "Monday"], "there is: Tuesday"),
        (["--student", "ada"], "say what differs"),
        (["--student", "ada", "--days", "2"], "no due date that could be put off"),
    ):
        with pytest.raises(UsageError, match=said):
            call("assignment", "extend", "c", "detach", *arguments)


@pytest.mark.usefixtures("course")
def test_a_duplicate_begins_on_another_day_and_an_archive_can_be_undone(data: Path) -> None:
    call("assignment", "set", "c", "detach", "--due", "2027-03-26 18:00", "--attempts", "3")
    call("course", "duplicate", "c", "c2", "--start", "2028-03-31", "--title", "Again")
    shown = json.loads(call("course", "show", "c2", "--json").output)
    assert shown["assignments"][0]["due"] == "2028-03-31T18:00:00+02:00" and shown["title_en"] == "Again"
    with writing(data) as session:
        made = courses.find_course(session, "c2")
        assert made is not None and enrolments.members(session, made.id) == []
    with pytest.raises(UsageError, match="already"):
        call("course", "duplicate", "c", "c2")
    call("course", "archive", "c")
    for wrong in (["course", "archive", "c"], ["assignment", "set", "c", "detach", "--attempts", "2"]):
        with pytest.raises(UsageError, match="archived"):
            call(*wrong)
    call("course", "archive", "c", "--undo")
    call("assignment", "set", "c", "detach", "--attempts", "2")
    with pytest.raises(UsageError, match="did you mean 'Europe/Berlin'"):
        call("course", "change", "c", "--timezone", "Europe/Berlni")


def test_a_week_is_a_week(data: Path) -> None:
    """Where no zone was chosen, dates are the server's."""
    call("course", "add", "c", "Course", "detach")
    due = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d %H:%M")
    call("assignment", "set", "c", "detach", "--due", due)
    assert data.is_dir() and listed()[0]["due"].endswith("+00:00")


def test_versions_are_printed_and_allowed(course: None, data: Path) -> None:
    """Of one exercise or of all; those that were refused, else those that are here. It is written down."""
    here = Versions.here().family

    def found(*more: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(call("assignment", "versions", "c", *more, "--json").output)
        return {each["exercise"]: (each["versions"], each["refused"]) for each in said["assignments"]}

    assert found("--allow-versions") == {"detach": ([], None), "control-flow": ([], None)}
    assert "detach  not judged yet" in call("assignment", "versions", "c").output
    with writing(data) as session:
        where = courses.find_course(session, "c")
        assert where is not None
        ids = [row.id for row in courses.assignments(session, where.id)]
        for each in ids:
            judging_versions.pin(session, each, "torch 1.0, numpy 1.0")
    hand_in(data, utcnow())
    with writing(data) as session:
        judging_versions.pin(session, ids[0], "torch 1.0, numpy 1.0")
    assert found() == {slug: (["torch 1.0, numpy 1.0"], None) for slug in ("detach", "control-flow")}
    assert found("detach", "--allow-versions") == {"detach": (["torch 1.0, numpy 1.0", here], None)}
    said = call("assignment", "versions", "c").output
    assert f"c: here are {here}" in said and f"detach  torch 1.0, numpy 1.0 or {here}" in said
    with writing(data) as session:
        event = audit.recent(session, 1)[0]
        assert (event.action, event.course) == ("course.versions", "c")
        assert event.details == {"versions": here, "exercises": ["detach"]}
    with pytest.raises(UsageError, match="no-such"):
        call("assignment", "versions", "c", "no-such")
