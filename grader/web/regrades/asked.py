"""What the forms of a regrade ask for: other rules, a tolerance, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from grader.model.late import late_words
from grader.model.late_parser import parse_late
from grader.model.overrides import changes_of
from grader.model.policy import Policy, checked
from grader.model.policy_sentences import FIELDS, PolicyError
from grader.model.regrade_sentences import TOLERANCE, RegradeError
from grader.store import users
from grader.store.policies import policy_of
from grader.store.tables import Assignment, Course, User
from grader.web.context import services
from grader.web.ui import timezones
from grader.web.ui.languages import _, ngettext, say
from grader.web.ui.numbers import points

Form = Mapping[str, str]
NAMES = ("points", "late", "due", "grace", "counts")


def zone_of(course: Course) -> ZoneInfo:
    """The zone in which a course's dates are typed."""
    return ZoneInfo(timezones.known(course.timezone or "") or services().settings.timezone)


def typed(policy: Policy, zone: ZoneInfo) -> dict[str, str]:
    """The rules as the form has them."""
    return {
        "points": "" if policy.points is None else f"{policy.points:g}",
        "late": say(late_words(policy.late)),
        "due": "" if policy.due is None else f"{policy.due.astimezone(zone):%Y-%m-%dT%H:%M}",
        "grace": str(policy.grace_minutes),
        "counts": policy.counts,
    }


def change_of(form: Form, assignment: Assignment, zone: ZoneInfo) -> dict[str, Any]:
    """Fields of the policy as they were typed; those alone that are not as they are.

    :raises PolicyError: one cannot be read.
    """
    usual = typed(policy_of(assignment), zone)
    given = {name: form[name].strip() for name in NAMES if name in form and form[name].strip() != usual[name]}
    change: dict[str, Any] = {}
    if "points" in given:
        change["points"] = None if not given["points"] else _number("points", given["points"])
    if "late" in given:
        change["late"] = parse_late(given["late"])
    if "due" in given:
        change["due"] = None if not given["due"] else _moment(given["due"], zone)
    if "grace" in given:
        change["grace_minutes"] = checked("grace_minutes", _whole("grace_minutes", given["grace"] or "0"))
    if "counts" in given:
        change["counts"] = checked("counts", given["counts"])
    return change


def whom(transaction: Session, form: Form, course: Course) -> tuple[User | None, str]:
    """The one student whom the form names, and what was typed; None: everybody, or nobody of the course."""
    login = form.get("student", "").strip()[:254]
    if not login:
        return None, ""
    return users.member_called(transaction, course.id, login), login


def rtol_of(form: Form) -> float | None:
    """The tolerance that is to be tried; None: the exercise's own.

    :raises RegradeError: it is no number.
    """
    text = form.get("rtol", "").strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise RegradeError(TOLERANCE) from None


def _number(field: str, text: str) -> Any:
    try:
        return checked(field, float(text))
    except ValueError:
        raise PolicyError(field, FIELDS[field]) from None


def _whole(field: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise PolicyError(field, FIELDS[field]) from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text[:32]).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PolicyError("due", FIELDS["due"]) from None


def shown(field: str, value: Any, zone: ZoneInfo) -> str:
    """One of the rules, as a proposal keeps it, for a reader."""
    if field == "points":
        return _("the exercise's own") if value is None else points(value)
    if field == "late":
        steps = changes_of({"late": value or ()})["late"]
        return say(late_words(steps)) or _("none: late counts as much")
    if field == "due":
        found = changes_of({"due": value})["due"]
        return _("never") if found is None else f"{found.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    if field == "counts":
        return {"best": _("the best attempt"), "last": _("the last attempt")}.get(value, "")
    return ngettext("%(num)d minute", "%(num)d minutes", int(value or 0))
