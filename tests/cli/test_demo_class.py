"""The demo's class: invented people, real submissions, moments that make sense."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from grader.cli import demo_class

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 29, 12, 34, 56, tzinfo=UTC)


def test_a_class_is_the_same_every_time_and_nobody_has_the_same_login() -> None:
    who = demo_class.people()
    assert who == demo_class.people()
    assert len({person.login for person in who}) == len(who) == demo_class.STUDENTS
    names = Counter(person.name for person in who)
    assert sorted(names.values())[-2:] == [1, 2], "two share a name, as happens"
    assert {person.section for person in who} == set(demo_class.SECTIONS)


def test_weeks_end_one_after_the_other_and_the_last_one_is_going_on() -> None:
    weeks = [demo_class.times(week, NOW) for week in range(demo_class.WEEKS)]
    assert all(later[1] - earlier[1] == timedelta(weeks=1) for earlier, later in pairwise(weeks))
    assert weeks[-1][0] < NOW < weeks[-1][1]
    places = [demo_class.week_of(place, 48) for place in range(48)]
    assert places == sorted(places) and set(places) == set(range(demo_class.WEEKS))


def test_what_is_handed_in_lies_in_the_folder_and_says_nothing_of_its_verdict() -> None:
    work = demo_class.material(ROOT / "solutions" / "detach")
    assert frozenset({"undetached"}) in work.rejected.values()
    who = demo_class.people()
    for week in (1, demo_class.WEEKS - 1):
        opens, due = demo_class.times(week, NOW)
        handed_in = demo_class.attempts(who, work, opens, due, NOW, "detach")
        assert handed_in == demo_class.attempts(who, work, opens, due, NOW, "detach")
        assert len(handed_in) > 10
        assert all(opens < one.at < NOW for one in handed_in)
        known = {*work.rejected, *work.accepted}
        assert all(one.source.split(b"\n# once more\n")[0] in known for one in handed_in)
        assert not any(line.startswith(b"#:") for one in handed_in for line in one.source.splitlines())
        assert max(Counter(one.login for one in handed_in).values()) <= demo_class.MOST_ATTEMPTS
        assert who[-1].login not in {one.login for one in handed_in}
    opens, due = demo_class.times(1, NOW)
    late = [one for one in demo_class.attempts(who, work, opens, due, NOW, "detach") if one.at > due]
    assert late, "somebody is late"
