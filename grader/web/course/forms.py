"""Form of an assignment's rules: what is typed, read field by field, with the problem of each beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from grader.model.course_dates import read as read_date
from grader.model.course_dates import shown as date_shown
from grader.model.course_dates import typed
from grader.model.late import late_words
from grader.model.late_parser import parse_late
from grader.model.overrides import changes_of
from grader.model.policy import Policy, checked, problems
from grader.model.policy_sentences import PolicyError
from grader.model.text import Text
from grader.store.tables import Course
from grader.web.context import services
from grader.web.ui import timezones
from grader.web.ui.languages import _, language, ngettext, say

FIELDS: Final = Policy.__struct_fields__
DATES: Final = ("opens", "due", "closes")
LONGEST: Final = 2000
"""Characters of one field that are looked at and given back."""


@dataclass(frozen=True)
class Typed:
    """A form of rules as somebody filled it in.

    :ivar values: field → what was typed.
    :ivar problems: field → why it cannot be used, in the reader's language; under "" what is about none.
    :ivar read: field → the value, of those that could be read.
    """

    values: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)


def zone_of(course: Course) -> ZoneInfo:
    """The zone in which a course's dates are typed."""
    name = timezones.known(course.timezone or "") or timezones.known(services().settings.timezone)
    return ZoneInfo(name or "UTC")


def texts_of(policy: Policy, zone: ZoneInfo) -> dict[str, str]:
    """What a form holds that shows these rules."""
    late = late_words(policy.late)
    return {
        "points": "" if policy.points is None else f"{policy.points:g}",
        **{name: date_shown(getattr(policy, name), zone) for name in DATES},
        "grace_minutes": str(policy.grace_minutes),
        "late": late.in_(language()),
        "attempts": "" if policy.attempts is None else str(policy.attempts),
        "pause": "yes" if policy.pause else "no",
        "counts": policy.counts,
        "feedback": policy.feedback,
        "variants": "yes" if policy.variants else "no",
    }


def read_form(form: Mapping[str, str], zone: ZoneInfo, shown: Policy) -> Typed:
    """Every field of a form by itself; whether they fit together is asked with :func:`misfits`.

    :param shown: the rules that the form showed. What was not touched stays to the microsecond as it is.
    """
    untouched = texts_of(shown, zone)
    found = Typed({name: form.get(name, "")[:LONGEST].replace("\r\n", "\n") for name in FIELDS})
    for name, text in found.values.items():
        if text == untouched[name]:
            found.read[name] = getattr(shown, name)
            continue
        try:
            found.read[name] = checked(name, _READ[name](name, text.strip(), zone))
        except PolicyError as problem:
            found.problems[name] = sentence(problem.text)
    return found


def misfits(typed: Typed, policy: Policy) -> dict[str, str]:
    """What is wrong with the rules as a whole, by field."""
    return typed.problems or {each.field: sentence(each.text) for each in problems(policy)}


def sentence(text: Text) -> str:
    """A problem as a sentence of its own."""
    said = say(text)
    return said + "。" if language() == "zh" else said[:1].upper() + said[1:] + "."


def _number(name: str, text: str, zone: ZoneInfo) -> float | int | None:  # noqa: ARG001
    if not text and name != "grace_minutes":
        return None
    pattern = r"\d{1,9}([.,]\d{1,9})?" if name == "points" else r"\d{1,9}"
    if not re.fullmatch(pattern, text or "0", re.ASCII):
        raise PolicyError(name, _NUMBERS[name])
    value = float(text.replace(",", ".")) if name == "points" else int(text or "0")
    try:
        checked(name, value)
    except PolicyError:
        raise PolicyError(name, _NUMBERS[name]) from None
    return value


_NUMBERS: Final = {
    "points": Text(
        "points are a number from 0 to 100,000; left empty, they are the exercise's own",
        "满分应是 0 到 100000 的数；留空则采用练习自身的满分",
    ),
    "attempts": Text(
        "attempts are a whole number from 1 to 10,000; left empty, any number is taken",
        "提交次数应是 1 到 10000 的整数；留空则不限次数",
    ),
    "grace_minutes": Text(
        "the grace period is a whole number of minutes, from 0 to 525,600 (a year)",
        "宽限期应是 0 到 525600（一年）之间的整数，单位为分钟",
    ),
}
_READ: Final[dict[str, Callable[[str, str, ZoneInfo], Any]]] = {
    "points": _number,
    **dict.fromkeys(DATES, typed),
    "grace_minutes": _number,
    "late": lambda _name, text, _zone: parse_late(text),
    "attempts": _number,
    "pause": lambda _name, text, _zone: text == "yes",
    "counts": lambda _name, text, _zone: text,
    "feedback": lambda _name, text, _zone: text,
    "variants": lambda _name, text, _zone: text == "yes",
}


def glance(policy: Policy, zone: ZoneInfo) -> list[str]:
    """Rules in a few words each, in the course's zone: only those that are not as usual."""
    return [
        said(name, getattr(policy, name), zone)
        for name in FIELDS
        if getattr(policy, name) != getattr(Policy(), name)
    ]


def differences(changes: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    """What an extension says, field by field."""
    return [said(name, value, zone) for name, value in changes_of(changes).items()]


def said(name: str, value: Any, zone: ZoneInfo) -> str:
    """One rule in a few words."""
    if name in DATES:
        return _date(name, "" if value is None else read_date(value, zone))
    if name == "late":
        rule = say(late_words(value))
        return _("late: %(rule)s", rule=rule) if rule else _("no late rule")
    if name == "points":
        return (
            _("points as in the exercise") if value is None else _("%(points)s points", points=f"{value:g}")
        )
    if name == "grace_minutes":
        return ngettext("%(num)d minute of grace", "%(num)d minutes of grace", value)
    if name == "attempts":
        return (
            _("any number of attempts")
            if value is None
            else ngettext("%(num)d attempt", "%(num)d attempts", value)
        )
    return {
        ("pause", True): _("a pause after quick failures"),
        ("pause", False): _("no pauses"),
        ("counts", "best"): _("the best attempt counts"),
        ("counts", "last"): _("the last attempt counts"),
        ("feedback", "full"): _("full feedback"),
        ("feedback", "verdict"): _("feedback: verdicts only"),
        ("feedback", "after-due"): _("full feedback after the due date"),
        ("variants", True): _("numbers of one's own"),
        ("variants", False): _("the same numbers for all"),
    }[name, value]


def _date(name: str, when: str) -> str:
    if name == "opens":
        return _("opens %(when)s", when=when) if when else _("open at once")
    if name == "due":
        return _("due %(when)s", when=when) if when else _("no due date")
    return _("closes %(when)s", when=when) if when else _("no closing of its own")


def own_changes(
    typed: Typed, form: Mapping[str, str], inherited: Policy, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Which fields of an extension's form differ: those that are ticked, and those that were changed.

    :param before: what differed until now; what was ticked then and is not any more is inherited again.
    """
    chosen = {}
    usual = msgspec.structs.asdict(inherited)
    for name, value in typed.read.items():
        ticked = f"own-{name}" in form
        if ticked or (name not in before and value != usual[name]):
            chosen[name] = value
    return chosen
