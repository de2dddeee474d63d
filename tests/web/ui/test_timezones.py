"""Local time: which zone a reader gets, and how a moment is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from grader.store import courses, users
from grader.web.ui import timezones
from tests.web.world import PASSWORD, World

SUMMER = datetime(2026, 7, 1, 22, 30, 59, tzinfo=UTC)
WINTER = datetime(2026, 1, 1, 22, 30, tzinfo=UTC)


def set_due(world: World, due: datetime) -> None:
    """The first exercise of calc is due then."""
    with world.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        courses.assign(transaction, course.id, "detach", due=due)


def set_zone(world: World, login: str, name: str | None) -> None:
    """The account's own zone, as the store has it."""
    with world.store.write() as transaction:
        user = users.find_user(transaction, login)
        assert user is not None
        users.set_timezone(transaction, user.id, name)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        (" asia/shanghai ", "Asia/Shanghai"),
        ("america/new york", "America/New_York"),
        ("utc", "UTC"),
        ("", None),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
        ("/etc/localtime", None),
        ("Asia", None),
        ("a" * 10_000, None),
        ("UTC\0", None),
        ("\ud800", None),
    ],
)
def test_only_zones_of_the_database_are_known(typed: str, name: str | None) -> None:
    """In any case, with spaces; nothing else, whatever it may look like as a file's name."""
    assert timezones.known(typed) == name


def test_what_is_proposed_is_known() -> None:
    """Each proposal is spelled as the database spells it, and no name is longer than the column."""
    assert [timezones.known(name) for name in timezones.COMMON] == list(timezones.COMMON)
    assert len(set(timezones.COMMON)) == len(timezones.COMMON)


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        ("UTC", "2026-07-01 22:30 UTC", "2026-01-01 22:30 UTC"),
        ("Asia/Shanghai", "2026-07-02 06:30 UTC+8", "2026-01-02 06:30 UTC+8"),
        ("Europe/Berlin", "2026-07-02 00:30 UTC+2", "2026-01-01 23:30 UTC+1"),
        ("America/St_Johns", "2026-07-01 20:00 UTC−2:30", "2026-01-01 19:00 UTC−3:30"),
    ],
)
def test_a_moment_is_written_with_its_own_offset(world: World, zone: str, summer: str, winter: str) -> None:
    """That of the day it names, not of today: summer time is in it."""
    with world.app.test_request_context(headers={"Cookie": f"tz={zone}"}):
        assert timezones.zone() == ZoneInfo(zone)
        assert timezones.moment(SUMMER) == summer
        assert timezones.moment(WINTER) == winter


def test_the_end_of_time_is_a_moment(world: World) -> None:
    """It cannot be moved east, and a page shows it anyway."""
    set_due(world, datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    client = world.client("ada")
    client.set_cookie("tz", "Asia/Tokyo")
    assert "9999-12-31 23:59 UTC<" in client.get("/").text


def test_outside_of_a_request_it_is_utc() -> None:
    """A log line or a message has no reader."""
    assert timezones.moment(SUMMER) == "2026-07-01 22:30 UTC"


def test_the_account_beats_the_browser(world: World) -> None:
    """Account, then cookie (escaped or not), then UTC; a zone that no longer exists is passed over."""
    set_due(world, WINTER)

    def due(cookie: str = "") -> str:
        client = world.client("ada")
        if cookie:
            client.set_cookie("tz", cookie)
        found = re.search(r"2026-01-\d\d \d\d:\d\d UTC[^<]*", client.get("/").text)
        assert found is not None
        return found.group()

    assert due() == "2026-01-01 22:30 UTC"
    assert due("Asia/Tokyo") == "2026-01-02 07:30 UTC+9"
    assert due("Asia%2FTokyo") == "2026-01-02 07:30 UTC+9"
    assert due("../../../etc/passwd") == "2026-01-01 22:30 UTC"
    set_zone(world, "ada", "Europe/Paris")
    assert due("Asia/Tokyo") == "2026-01-01 23:30 UTC+1"
    set_zone(world, "ada", "Gone/Nowhere")
    assert due("Asia/Tokyo") == "2026-01-02 07:30 UTC+9"


def test_the_zone_is_known_from_the_sign_in_on(world: World) -> None:
    """The form sends what the browser named: this browser's next page is in it, and so is one without a
    cookie. The owner's choice stays; nonsense changes nothing."""
    set_due(world, WINTER)
    client = world.client()
    form = {"login": "ada", "password": PASSWORD, "zone": "asia/tokyo"}
    answer = client.post("/sign-in", data=form)
    assert "tz=Asia%2FTokyo;" in "".join(answer.headers.getlist("Set-Cookie"))
    assert "2026-01-02 07:30 UTC+9" in client.get("/").text
    without = world.client("ada")
    assert "2026-01-02 07:30 UTC+9" in without.get("/").text
    assert "Your browser named this zone (Asia/Tokyo)." in without.get("/account").text
    assert 'value="" list="zones"' in without.get("/account").text, "it is no choice of the owner's"
    for zone in ("Mars/Olympus", "../../etc/passwd", "", "x" * 10_000):
        answer = world.client().post("/sign-in", data={**form, "zone": zone})
        assert answer.status_code == 303 and "tz=" not in "".join(answer.headers.getlist("Set-Cookie"))
    world.client().post("/sign-in", data={**form, "zone": "Europe/Paris"})
    assert "2026-01-01 23:30 UTC+1" in world.client("ada").get("/").text
    set_zone(world, "ada", "America/New_York")
    world.client().post("/sign-in", data={**form, "zone": "Europe/Paris"})
    assert "2026-01-01 17:30 UTC−5" in world.client("ada").get("/").text


def test_who_joins_brings_the_zone_along(world: World) -> None:
    """The first page of a new account is in it."""
    set_due(world, WINTER)
    with world.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        code = courses.invite(transaction, course.id)
    client = world.client()
    form = {"login": "new", "name": "New", "password": PASSWORD, "zone": "Asia/Tokyo"}
    assert client.post(f"/join/{code}", data=form).status_code == 303
    assert "2026-01-02 07:30 UTC+9" in client.get("/").text


def test_without_a_browsers_word_it_is_the_servers_zone_and_named(
    make_world: Callable[..., World],
) -> None:
    """Also on the page; where no time is shown, nothing is said of zones."""
    world = make_world(timezone="Europe/Berlin")
    world.course("calc", "detach", ada="student")
    client = world.client("ada")
    assert "Europe/Berlin" not in client.get("/").text
    set_due(world, WINTER)
    page = client.get("/").text
    assert "2026-01-01 23:30 UTC+1" in page
    assert "Times here are in Europe/Berlin, this server&#39;s zone." in page.replace("'", "&#39;")
    assert "server" in client.get("/account").text and "(Europe/Berlin)" in client.get("/account").text
    client.set_cookie("tz", "Asia/Tokyo")
    assert "this server" not in client.get("/").text


def test_machines_read_utc(world: World) -> None:
    """The attribute of the element keeps the moment with its offset, whatever the text says."""
    world.submit("ada")
    client = world.client("ada")
    client.set_cookie("tz", "Asia/Tokyo")
    page = client.get(f"/attempts/{world.dispatcher.submitted[-1]}").text
    shown = page.partition('<time datetime="')[2]
    assert shown.partition('"')[0].endswith("+00:00")
    assert shown.partition(">")[2].partition("<")[0].endswith(" UTC+9")
