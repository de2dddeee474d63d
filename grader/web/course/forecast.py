"""Deadline forecast on the page of assignments: what the due dates of the next week will ask of the graders.

It is there only where something is known: due dates of the last two weeks to which enough was handed in, what
it cost, and a due date ahead. What it rests on is said below it. A due date is the assignment's own, since
extensions move few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import exc
from sqlalchemy.orm import Session

from grader.analytics import forecast
from grader.analytics.capacity import Load, verdicts_a_second, workers_needed
from grader.analytics.forecast import Due, Peak
from grader.dispatch.base import Status
from grader.errors import GraderError
from grader.store import hand_in_times
from grader.store.policies import policy_of
from grader.store.tables import Assignment, utcnow
from grader.web.context import services
from grader.web.ui.languages import _, language, ngettext

AHEAD: Final = timedelta(days=6)
"""A weekday names each moment within it once."""
BEHIND: Final = timedelta(days=14)
NOTICED: Final = 5.0
"""Seconds: what comes less late than that is no news."""


@dataclass(frozen=True)
class Line:
    """One busy time in words. ``short``: there are too few graders for it."""

    sentence: str
    short: bool


@dataclass(frozen=True)
class Forecast:
    """What is shown. ``basis``: what it rests on."""

    lines: tuple[Line, ...]
    basis: str


def forecast_of(
    transaction: Session, course_id: int, placed: Sequence[Assignment], zone: ZoneInfo
) -> Forecast | None:
    """The forecast of a course; None where there is nothing to say, or nothing to say it by."""
    now = utcnow()
    dues = {each.id: due for each in placed if (due := policy_of(each).due) is not None}
    coming = {key: due for key, due in dues.items() if now < due <= now + AHEAD}
    past = {key: due for key, due in dues.items() if now - BEHIND <= due <= now}
    students = hand_in_times.students(transaction, course_id) if coming and past else 0
    if not students:
        return None
    before = hand_in_times.before_due(transaction, past)
    curve = forecast.curve(before)
    own, usual = hand_in_times.grading_seconds(transaction, [*coming, *past])
    status = _status()
    if curve is None or not usual or status is None:
        return None
    each = curve.count / len(past) / students
    expected = [Due(due, each * students, own.get(key, usual)) for key, due in coming.items()]
    graders = status.expected if status.processes is None else status.alive
    lines = [_line(peak, status, graders, zone) for peak in forecast.peaks(now, expected, curve, graders)]
    basis = _(
        "Based on %(count)s submissions to what was due in the last two weeks (exercises: %(past)s), "
        "%(each)s a student and exercise; on how they spread over the two days before; on who is enrolled "
        "(students: %(students)s); and on %(seconds)s s that a grader is busy with each.",
        count=curve.count, past=len(past), each=_figures(each), students=students, seconds=_figures(usual),
    )  # fmt: skip
    return Forecast(tuple(lines), basis) if lines else None


def _status() -> Status | None:
    try:
        return services().dispatcher.status()
    except (exc.SQLAlchemyError, GraderError):
        return None


def _line(peak: Peak, status: Status, graders: int, zone: ZoneInfo) -> Line:
    there = verdicts_a_second(graders, peak.seconds)
    # Slow rates by the minute: "0.02 a second" says nothing to anybody.
    slow = peak.rate < 1
    told = {
        "when": _when(peak.at, zone),
        "needed": _figures(peak.rate * (60 if slow else 1), up=True),
        "there": _figures(there * (60 if slow else 1)),
    }
    if forecast.enough(peak, graders):
        if slow:
            return Line(_("%(when)s: %(needed)s a minute expected, %(there)s can be graded.", **told), False)
        return Line(_("%(when)s: %(needed)s a second expected, %(there)s can be graded.", **told), False)
    if slow:
        said = _("%(when)s: %(needed)s a minute needed, %(there)s there", **told)
    else:
        said = _("%(when)s: %(needed)s a second needed, %(there)s there", **told)
    return Line(said + _todo(peak, status, graders), True)


def _todo(peak: Peak, status: Status, graders: int) -> str:
    if status.processes is not None:
        each = max(1, graders // max(1, status.processes)) if graders else max(1, services().settings.slots)
        missing = workers_needed(Load(peak.rate, peak.seconds, 0), each) - status.processes
        return ngettext(": start %(num)d worker.", ": start %(num)d workers.", max(1, missing))
    if peak.late < NOTICED:
        return _(": that is what this machine can do with GRADER_SLOTS=%(slots)s. Verdicts will take longer "
                 "than usual.", slots=graders)  # fmt: skip
    return _(
        ": that is what this machine can do with GRADER_SLOTS=%(slots)s. Verdicts will come up to %(late)s "
        "late; nothing is lost.",
        slots=graders, late=_duration(peak.late),
    )  # fmt: skip


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return format_datetime(moment.astimezone(zone), "EEEE HH:mm", locale=language())


def _duration(seconds: float) -> str:
    if seconds < 90:
        return ngettext("%(num)d second", "%(num)d seconds", math.ceil(seconds))
    return ngettext("%(num)d minute", "%(num)d minutes", math.ceil(seconds / 60))


def _figures(value: float, *, up: bool = False) -> str:
    """Two figures at least; what is needed is rounded up, and what is there down."""
    if value <= 0:
        return "0"
    digits = max(0, 1 - math.floor(math.log10(value)))
    scale = 10**digits
    whole = math.ceil(round(value * scale, 9)) if up else math.floor(round(value * scale, 9))
    return f"{whole / scale:.{digits}f}" if digits else f"{whole:,}"
