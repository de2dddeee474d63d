"""Rules and extensions as who teaches a course sees them: saved, told back, and whose scores move."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from grader.store import audit, courses, notices
from grader.store.policies import policy_for, policy_of
from grader.store.standings import refresh
from grader.store.tables import Assignment, Course, Section, SectionMember, Standing, Submission, utcnow
from tests.web.world import HOSTILE, World, make_report

from .berlin import LIST, RULES, USUAL, extension, in_berlin, placed, problems, user_id


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return in_berlin(make_world)


# Rules


def test_every_rule_is_saved_and_told_back(world: World) -> None:
    """Dates in the course's zone, summer time and all; the late rule in one way of writing."""
    form = USUAL | {
        "points": "12,5", "opens": "2027-03-01T08:00", "due": "2027-03-29T18:00",
        "closes": "2027-04-05 18:00", "grace_minutes": "15", "late": "1 day 90, 3 days 50 %, then practice",
        "attempts": "3", "pause": "yes", "counts": "last", "feedback": "after-due",
    }  # fmt: skip
    client = world.client("tess")
    checked = client.post(RULES, data=form | {"check": "1"}).text
    assert "Nothing is saved yet." in checked and "90 %, until" in checked and placed(world)[0].due is None
    assert client.post(RULES, data=form).status_code == 303
    row = placed(world)[0]
    assert row.opens == datetime(2027, 3, 1, 7, tzinfo=UTC)
    assert row.due == datetime(2027, 3, 29, 16, tzinfo=UTC)  # the clocks were put forward on the 28th
    assert row.late == [[86400, 90.0], [259200, 50.0]] and row.points == 12.5
    assert (row.attempts, row.pause, row.counts, row.feedback) == (3, True, "last", "after-due")
    page = client.get(RULES).text
    assert 'value="until +1 day: 90 %; until +3 days: 50 %; after: practice, 0 %"' in page
    assert 'value="2027-03-29T18:00"' in page
    glance = client.get(LIST).text
    for words in ("due 2027-03-29 18:00", "3 attempts", "a pause after quick failures", "Europe/Berlin"):
        assert words in glance
    with world.store.read() as session:
        event = audit.recent(session)[0]
    assert (event.action, event.subject, event.actor) == ("assignment.rules", "calc/detach", "tess")
    assert event.details["changes"]["attempts"] == [None, 3]


def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(world: World) -> None:
    """Every field wrong at once."""
    wrong = {
        "points": "many", "opens": "2027-03-28T02:30", "due": "soon", "closes": "31.12.2027",
        "grace_minutes": "-1", "late": "-10 %", "attempts": "0", "counts": "worst", "feedback": "none",
        "pause": "perhaps",
    }  # fmt: skip
    page = world.client("tess").post(RULES, data=wrong)
    assert page.status_code == 422
    said = problems(page.text)
    assert set(said) == {
        "points",
        "opens",
        "due",
        "closes",
        "grace_minutes",
        "late",
        "attempts",
        "counts",
        "feedback",
    }
    assert "clocks are put forward" in said["opens"] and "Europe/Berlin" in said["opens"]
    for typed in ("many", "2027-03-28T02:30", "soon", "31.12.2027"):
        assert f'value="{typed}"' in page.text
    assert policy_of(placed(world)[0]).due is None


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"opens": "2027-03-05", "due": "2027-03-01"}, "due"),
        ({"due": "2027-03-05", "closes": "2027-03-01"}, "closes"),
        ({"feedback": "after-due"}, "feedback"),
    ],
)
def test_rules_that_do_not_fit_together_are_not_saved(world: World, fields: dict[str, str], at: str) -> None:
    page = world.client("tess").post(RULES, data=USUAL | fields)
    assert page.status_code == 422 and set(problems(page.text)) == {at}


def test_hostile_text_is_text(world: World) -> None:
    """In every field of the form, and in a section's name."""
    page = world.client("tess").post(RULES, data=dict.fromkeys(USUAL, HOSTILE))
    assert page.status_code == 422 and "<script>alert" not in page.text and "<img" not in page.text


# Scores that would move


def hand_in(world: World, login: str, at: datetime, score: float = 8.0) -> str:
    world.dispatcher.report = make_report(score)
    identity = world.submit(login)
    with world.store.write() as session:
        session.execute(update(Submission).where(Submission.id == identity).values(created_at=at))
        refresh(session, placed(world)[0].id)
    return identity


def standing(world: World, login: str = "ada") -> tuple[float | None, float | None]:
    with world.store.read() as session:
        row = session.scalar(select(Standing).where(Standing.user_id == user_id(world, login)))
        return (None, None) if row is None else (row.score, row.max_score)


def test_who_moves_is_said_before_it_is_saved(world: World) -> None:
    """By name and number; a reason is needed, the student is told it, and the audit log has it."""
    hand_in(world, "ada", utcnow())
    client = world.client("tess")
    form = USUAL | {"points": "20"}
    page = client.post(RULES, data=form)
    assert (
        page.status_code == 200 and "1 score would move" in page.text and "Nothing is saved yet" in page.text
    )
    assert "8 / 10" in page.text and "16 / 20" in page.text and ">Ada<" in page.text
    assert placed(world)[0].points is None and standing(world) == (8.0, 10.0)
    confirmed = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert client.post(RULES, data=confirmed).status_code == 422
    assert client.post(RULES, data=confirmed | {"reason": "It was harder."}).status_code == 303
    assert standing(world) == (16.0, 20.0) and placed(world)[0].points == 20.0
    with world.store.read() as session:
        (notice,) = notices.unread(session, user_id(world, "ada"))
        assert (notice.about["before"], notice.about["after"], notice.about["reason"]) == (
            8,
            16,
            "It was harder.",
        )
        event = audit.recent(session)[0]
    assert event.details["moved"] == 1 and event.details["reason"] == "It was harder."


def test_what_was_confirmed_is_what_was_shown(world: World) -> None:
    """A verdict that comes in between is shown first."""
    hand_in(world, "ada", utcnow())
    client = world.client("tess")
    page = client.post(RULES, data=USUAL | {"points": "20"}).text
    confirmed = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)) | {"reason": "why"}
    world.dispatcher.report = make_report(9.0)
    world.submit("ada", "better = 1\n")
    page = client.post(RULES, data=confirmed).text
    assert "9 / 10" in page and placed(world)[0].points is None


def test_rules_that_move_nobody_are_saved_at_once(world: World) -> None:
    hand_in(world, "ada", utcnow())
    assert world.client("tess").post(RULES, data=USUAL | {"attempts": "5"}).status_code == 303


# Extensions


def test_one_click_puts_a_due_date_off(world: World) -> None:
    """A week at the same time of day, over a change of the clocks, and the closing with it."""
    client = world.client("tess")
    client.post(RULES, data=USUAL | {"due": "2027-03-25T18:00", "closes": "2027-03-26T18:00"})
    page = client.get(extension(world)).text
    assert "2027-04-01 18:00" in page
    answer = client.post(extension(world), data={"quick": "7"})
    assert answer.status_code == 303
    with world.store.read() as session:
        policy = policy_for(session, courses.assignments(session, 1)[0], user_id(world, "ada"))
    assert policy.due == datetime(2027, 4, 1, 16, tzinfo=UTC) and policy.closes == datetime(
        2027, 4, 2, 16, tzinfo=UTC
    )
    assert "due 2027-04-01 18:00 · closes 2027-04-02 18:00" in client.get(RULES).text
    assert "1 extension" in client.get(LIST).text
    assert client.post(extension(world), data={"withdraw": "1"}).status_code == 303
    assert "These rules hold for everybody." in client.get(RULES).text


def test_a_click_says_what_it_does_to_a_score_and_does_it(world: World) -> None:
    """Late by an hour, at half of the points."""
    due = utcnow() - timedelta(days=2)
    local = due.astimezone().strftime("%Y-%m-%dT%H:%M")
    with world.store.write() as session:
        session.execute(update(Course).values(timezone="UTC"))
    local = due.strftime("%Y-%m-%dT%H:%M")
    client = world.client("tess")
    client.post(RULES, data=USUAL | {"due": local, "late": "until +3 days: 50 %"})
    hand_in(world, "ada", due + timedelta(hours=1))
    assert standing(world) == (4.0, 10.0)
    assert "score 4 → 8" in client.get(extension(world)).text
    assert client.post(extension(world), data={"quick": "1"}).status_code == 303
    assert standing(world) == (8.0, 10.0)
    with world.store.read() as session:
        assert len(notices.unread(session, user_id(world, "ada"))) == 1


def test_fields_are_inherited_one_by_one(world: World) -> None:
    """What was changed, or ticked, is the student's own; the rest follows the rules for everybody."""
    client = world.client("tess")
    client.post(RULES, data=USUAL | {"attempts": "3", "due": "2027-03-05T18:00"})
    form = USUAL | {"attempts": "9", "due": "2027-03-05T18:00", "own-due": "1", "reason": "ill"}
    assert client.post(extension(world), data=form).status_code == 303
    client.post(RULES, data=USUAL | {"attempts": "4", "due": "2027-03-06T18:00", "grace_minutes": "5"})
    with world.store.read() as session:
        policy = policy_for(session, courses.assignments(session, 1)[0], user_id(world, "ada"))
    assert (policy.attempts, policy.grace_minutes) == (9, 5)
    assert policy.due == datetime(2027, 3, 5, 17, tzinfo=UTC)
    # What was ticked and is not any more is inherited again.
    form = USUAL | {"attempts": "9", "due": "2027-03-05T18:00", "grace_minutes": "5", "own-attempts": "1"}
    client.post(extension(world), data=form)
    with world.store.read() as session:
        policy = policy_for(session, courses.assignments(session, 1)[0], user_id(world, "ada"))
    assert policy.due == datetime(2027, 3, 6, 17, tzinfo=UTC) and policy.attempts == 9
    assert "ill" in client.get(RULES).text


def test_a_section_has_rules_of_its_own(world: World) -> None:
    with world.store.write() as session:
        section = Section(course_id=1, name="Tuesday")
        session.add(section)
        session.flush()
        session.add(SectionMember(section_id=section.id, user_id=user_id(world, "ada")))
        number = section.id
    client = world.client("tess")
    client.post(RULES, data=USUAL | {"due": "2027-03-05T18:00"})
    path = f"{LIST}/detach/sections/{number}"
    assert "Tuesday" in client.get(path).text
    client.post(path, data=USUAL | {"due": "2027-03-09T18:00"})
    assert "section Tuesday" in client.get(RULES).text
    assert 'value="2027-03-09T18:00"' in client.get(extension(world)).text


def test_rules_that_an_extension_does_not_fit_are_refused_by_name(world: World) -> None:
    client = world.client("tess")
    client.post(RULES, data=USUAL | {"due": "2027-03-05T18:00"})
    client.post(extension(world), data=USUAL | {"due": "2027-03-06T18:00"})
    page = client.post(RULES, data=USUAL | {"opens": "2027-03-10T08:00", "due": "2027-03-12T18:00"})
    assert page.status_code == 422
    assert "The extension for Ada would not fit to these rules. It would be due before it opens" in page.text


def test_a_student_is_found_by_login(world: World) -> None:
    client = world.client("tess")
    answer = client.get(f"{LIST}/detach/extensions?login=ada")
    assert answer.headers["Location"] == extension(world)
    page = client.get(f"{LIST}/detach/extensions?login=nobody", follow_redirects=True).text
    assert "Nobody with the login “nobody” is in this course." in page
    world.user("zoe")
    assert client.get(extension(world, "zoe")).status_code == 404


def test_what_nobody_touched_stays_as_it_is(world: World) -> None:
    """A due date to the microsecond, which a form does not show: saving the form changes nothing."""
    due = datetime(2027, 3, 5, 17, 0, 0, 123, tzinfo=UTC)
    with world.store.write() as session:
        session.execute(update(Assignment).where(Assignment.exercise == "detach").values(due=due))
    client = world.client("tess")
    client.post(RULES, data=USUAL | {"due": "2027-03-05T18:00", "attempts": "3"})
    assert placed(world)[0].due == due
    client.post(extension(world), data=USUAL | {"due": "2027-03-05T18:00", "attempts": "4"})
    page = client.get(RULES).text
    assert "<td>4 attempts</td>" in page
