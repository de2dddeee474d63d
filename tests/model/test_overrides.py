"""Overrides are inherited field by field; of several sections the most generous holds."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model.late import LateStep
from grader.model.overrides import changes_of, for_student, inherit, of_sections, to_store
from grader.model.policy import Policy, closing, validate
from tests.model.policies import DUE, FIELDS, changes, policies

DAY = timedelta(days=1)


@given(policies, changes, changes)
def test_laws_of_inheritance(base: Policy, section: dict[str, Any], student: dict[str, Any]) -> None:
    """Nothing changes nothing; what is named holds, with None, too; what is not stays; the later one wins."""
    assert inherit(base) == inherit(base, {}) == inherit(base, {}, {}) == base
    found = inherit(base, section, student)
    for field in Policy.__struct_fields__:
        named = [change[field] for change in (student, section) if field in change]
        assert getattr(found, field) == (named or [getattr(base, field)])[0]
    assert found == inherit(inherit(base, section), student) == inherit(base, section | student)
    assert found == inherit(found, section | student)


@given(policies, changes)
def test_as_json_and_back(base: Policy, change: dict[str, Any]) -> None:
    stored = json.loads(json.dumps(to_store(change)))
    assert changes_of(stored) == change
    assert inherit(base, stored) == inherit(base, change)
    assert to_store(stored) == stored


def test_a_change_as_it_is_stored() -> None:
    base = Policy(due=DUE, attempts=3, late=(LateStep(60, 50.0),))
    change = {
        "due": "2027-04-01T10:00:00+08:00",
        "attempts": None,
        "late": [{"within_seconds": 9, "percent": 5}],
    }
    found = inherit(base, change)
    assert found.due is not None and found.due.isoformat() == "2027-04-01T02:00:00+00:00"
    assert found.attempts is None and found.late == (LateStep(9, 5.0),)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ([], "JSON object"), (None, "JSON object"), ("due", "JSON object"),
        ({"dew": 1}, "'dew' is nothing that a policy has"), ({1: 2}, "'1' is nothing"),
        ({"due": "2027-03-01"}, "time zone"),
        ({"due": "2027-03-01T08:00:00"}, "time zone"), ({"due": 5}, "time zone"),
        ({"due": "0001-01-01T00:00:00+14:00"}, "between 1970 and 8999"),
        ({"points": "5"}, "points are a number"), ({"points": True}, "points are a number"),
        ({"points": 10**400}, "points are a number"), ({"grace_minutes": None}, "grace period"),
        ({"grace_minutes": 1.5}, "grace period"),
        ({"attempts": 10**30}, "attempts"), ({"pause": 1}, "true or false"),
        ({"counts": "worst"}, "'best' or 'last'"), ({"feedback": None}, "feedback is"),
        ({"late": None}, "list of steps"), ({"late": [{"within_seconds": 5}]}, "list of steps"),
        ({"late": [{"within_seconds": 5, "percent": 5, "x": 1}]}, "list of steps"),
        ({"late": [{"within_seconds": 10**30, "percent": 5}]}, "within a year"),
        ({"late": [{"within_seconds": 5, "percent": -5}]}, "from 0 % to 100 %"),
        ({"\x1b[2J" * 50: 1}, "nothing that a policy has"),
    ],
)  # fmt: skip
def test_what_is_no_change(change: Any, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        changes_of(change)
    assert says in str(caught.value) and str(caught.value).isprintable() and len(str(caught.value)) < 250


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), values, max_size=4) | values)
def test_any_json_is_a_change_or_a_sentence(change: Any) -> None:
    try:
        found = changes_of(change)
    except UsageError:
        return
    inherit(Policy(), found)
    json.dumps(to_store(found), allow_nan=False)


# Several sections.


@given(policies, st.lists(changes, max_size=4), changes)
def test_sections_count_and_the_student_wins(
    base: Policy, sections: list[dict[str, Any]], own: dict[str, Any]
) -> None:
    found = for_student(base, sections, own)
    for field in Policy.__struct_fields__:
        named = [change[field] for change in sections if field in change]
        allowed = [own[field]] if field in own else named or [getattr(base, field)]
        assert getattr(found, field) in allowed
    if len(sections) == 1:
        assert found == inherit(base, sections[0], own)


@given(policies, st.lists(changes, min_size=2, max_size=4), st.randoms())
def test_the_most_generous_section_holds(base: Policy, sections: list[dict[str, Any]], random: Any) -> None:
    found = of_sections(base, sections)
    never, ever = DUE - 100 * DAY, DUE + 100 * DAY
    for change in sections:
        if "due" in change:
            assert (found["due"] or ever) >= (change["due"] or ever)
        if "opens" in change:
            assert (found["opens"] or never) <= (change["opens"] or never)
        assert found.get("grace_minutes", 0) >= change.get("grace_minutes", 0)
        if "attempts" in change:
            assert (found["attempts"] or 99) >= (change["attempts"] or 99)
        assert found.get("pause", False) <= change.get("pause", True)
        assert change.get("counts") != "best" or found["counts"] == "best"
        assert change.get("feedback") != "full" or found["feedback"] == "full"
    random.shuffle(sections)
    again = of_sections(base, sections)
    assert {**again, "points": 0} == {**found, "points": 0} or _as_lenient(base, again, found)


def _as_lenient(base: Policy, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Two late rules may be worth the same in all: the first of them holds, and all else is the same."""
    alike = closing(inherit(base, one)) == closing(inherit(base, other))
    return alike and all(
        one[field] == other[field] for field in one if field not in ("points", "late", "closes")
    )


def test_late_rule_and_closing_are_weighed_together() -> None:
    """What is open for ever for nothing is no more generous than two days at 90 %."""
    base = Policy(due=DUE)
    practice = {"late": [{"within_seconds": 3_600, "percent": 10}], "closes": None}
    two_days = {"late": (LateStep(172_800, 90.0),), "closes": DUE + 2 * DAY}
    found = for_student(base, [practice, two_days])
    assert found.late == (LateStep(172_800, 90.0),) and found.closes is None, "of equal credit the longer one"
    assert for_student(base, [{"points": 5}, {"points": 7}]).points == 5.0, "the first in the order given"


def test_an_extension_behind_the_closing_is_told_and_holds() -> None:
    base = Policy(due=DUE, closes=DUE + DAY)
    found = inherit(base, to_store({"due": DUE + 2 * DAY}))
    with pytest.raises(UsageError, match="close before it is due"):
        validate(found)
    assert closing(found) == DUE + 2 * DAY
    validate(msgspec.structs.replace(found, closes=None))
