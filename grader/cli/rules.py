"""Rules of assignments on the command line: options for each field, and who moves before it is written.

Dates are typed and printed in the course's time zone, which is named beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import click
import msgspec
from sqlalchemy.orm import Session

from grader.cli.options import echo, options, settings_now
from grader.errors import UsageError
from grader.model.course_dates import read, typed
from grader.model.late import late_words
from grader.model.late_parser import parse_late
from grader.model.policy import Policy, checked, validate
from grader.model.policy_sentences import PolicyError
from grader.store import audit, extension_names, rule_changes
from grader.store.rule_changes import Move
from grader.store.tables import Assignment, Course

DATES: Final = ("opens", "due", "closes")
NONE: Final = frozenset({"none", "now", "never", "any", "unlimited", "exercise"})
"""Words for a field that is empty, whichever sounds right for it."""
INHERIT: Final = "inherit"
MOST_NAMED: Final = 20

field_options = options(
    click.option("--points", metavar="N", help="What full marks are worth; 'exercise' for its own."),
    click.option("--opens", metavar="WHEN", help="As 2027-03-01 08:00, in the course's zone; 'now'."),
    click.option("--due", metavar="WHEN", help="Likewise; 'never'."),
    click.option("--closes", metavar="WHEN", help="After this nothing is taken; 'none'."),
    click.option("--grace", "grace_minutes", metavar="MINUTES", help="Still in time after the due date."),
    click.option("--late", metavar="RULE", help="As 'until +1 day: 90 %; until +3 days: 50 %'; 'none'."),
    click.option("--attempts", metavar="N", help="How many are taken; 'any'."),
    click.option("--pause", metavar="yes|no", help="Whether quick failures are followed by a pause."),
    click.option("--counts", metavar="best|last", help="Which attempt counts."),
    click.option("--variants", metavar="yes|no", help="Whether each student gets numbers of their own."),
    click.option("--feedback", metavar="full|verdict|after-due", help="What students are told."),
)
moving_options = options(
    click.option("--yes", is_flag=True, help="Also when scores of students move by it."),
    click.option("--reason", default="", help="Why; students whose score moves are told it."),
)


def zone_of(course: Course) -> ZoneInfo:
    """The zone of a course's dates."""
    return ZoneInfo(course.timezone or settings_now().timezone)


def given(values: Mapping[str, str | None], zone: ZoneInfo) -> dict[str, Any]:
    """The fields that were given, as a policy holds them; :data:`INHERIT` stays that word.

    :raises PolicyError: one of them cannot be.
    """
    found: dict[str, Any] = {}
    for field, text in values.items():
        if text is not None:
            found[field] = INHERIT if text.strip() == INHERIT else _value(field, text.strip(), zone)
    return found


def _value(field: str, text: str, zone: ZoneInfo) -> Any:
    empty = text.casefold() in NONE
    if field in DATES:
        return checked(field, None if empty else typed(field, text, zone))
    if field == "late":
        return () if empty else parse_late(text)
    if field in ("pause", "variants"):
        if text not in ("yes", "no"):
            raise UsageError(f"--{field} '{text[:40]}' is neither yes nor no")
        return text == "yes"
    if field in ("points", "attempts", "grace_minutes"):
        return checked(field, None if empty and field != "grace_minutes" else _number(field, text))
    return checked(field, text)


def _number(field: str, text: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9 or (field != "points" and value != int(value)):
        raise UsageError(f"--{field.removesuffix('_minutes')} '{text[:40]}' is no such number")
    return value if field == "points" else int(value)


def plain(policy: Policy, zone: ZoneInfo) -> dict[str, Any]:
    """Rules as JSON: dates with the offset of the course's zone, the late rule in words, too."""
    found: dict[str, Any] = msgspec.to_builtins(policy)
    for field in DATES:
        value = getattr(policy, field)
        found[field] = None if value is None else value.astimezone(zone).isoformat()
    found["late_rule"] = late_words(policy.late).en
    return found


def words(policy: Policy, zone: ZoneInfo) -> str:
    """What of the rules is not as usual, on one line."""
    return "  ".join(
        said(field, getattr(policy, field), zone)
        for field in Policy.__struct_fields__
        if getattr(policy, field) != getattr(Policy(), field)
    )


def said(field: str, value: Any, zone: ZoneInfo) -> str:
    """One field, as its option is given."""
    if field in DATES:
        return f"{field} {read(value, zone) if value is not None else 'none'}"
    if field == "late":
        return f"late '{late_words(value).en}'"
    name = field.removesuffix("_minutes")
    if isinstance(value, bool):
        return name if value else f"no {name}"
    return f"{name} {value:g}" if isinstance(value, float | int) else f"{name} {value or 'none'}"


@dataclass(frozen=True)
class Change:
    """What was changed, for the audit log."""

    course: Course
    assignment: Assignment
    action: str
    details: Mapping[str, Any]


def settled(session: Session, change: Change, moves: Sequence[Move], *, yes: bool, reason: str) -> None:
    """Write down a change of rules that has been made, and tell those who move by it.

    :raises UsageError: scores move, and it was not said that they may. The transaction is to be undone.
    """
    reason = reason.strip()
    if moves and not (yes and reason):
        for move in moves[:MOST_NAMED]:
            (was, now), most = (move.before, move.after), move.maximum
            echo(f"{move.login}: {was:g} of {most[0]:g} -> {now:g} of {most[1]:g}", err=True)
        first = f" (the first {MOST_NAMED} above)" if len(moves) > MOST_NAMED else ""
        raise UsageError(
            f"{_scores(len(moves))} would move{first}; nothing was changed. "
            "Give --yes and --reason, which these students are told"
        )
    course, assignment = change.course, change.assignment
    rule_changes.tell(session, course, assignment, moves, reason)
    known = {"course": course.slug, "exercise": assignment.exercise, **change.details, "moved": len(moves)}
    if reason:
        known["reason"] = reason
    audit.record(session, "system", change.action, f"{course.slug}/{assignment.exercise}", known)


def moved(moves: Sequence[Move]) -> str:
    """What is added to a sentence about a change by which scores moved."""
    return f"; {_scores(len(moves))} moved" if moves else ""


def _scores(count: int) -> str:
    return f"{count} score{'' if count == 1 else 's'}"


def fitting(session: Session, assignment: Assignment, policy: Policy) -> None:
    """Whether rules can be used, and the assignment's extensions with them.

    :raises UsageError: they cannot.
    """
    sound(policy)
    for each, problem in rule_changes.unsound(session, assignment, policy):
        who = extension_names.whose(session, [each])[each.id]
        raise UsageError(f"the extension for {who} would not fit to these rules: {problem}")


def not_over(course: Course) -> None:
    """:raises UsageError: the course is archived, so that nothing of it changes."""
    if course.archived_at is not None:
        raise UsageError(
            f"the course '{course.slug}' is archived; 'grade course archive {course.slug} --undo' first"
        )


def sound(policy: Policy) -> None:
    """Whether rules can be used. A field that cannot be is named as its option is.

    :raises UsageError: they cannot.
    """
    try:
        validate(policy)
    except PolicyError as problem:
        raise UsageError(f"--{problem.field.removesuffix('_minutes')}: {problem}") from problem
