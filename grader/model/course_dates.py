"""Dates of a course: moments as they are typed and read in its time zone.

A moment that the clocks skip in spring does not exist and is refused; one that they go through twice in
autumn is taken in favour of the student.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from grader.model.inert import inert
from grader.model.policy_sentences import PolicyError
from grader.model.text import Text

_FORMS: Final = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
OPENING: Final = frozenset({"opens"})
"""Fields in which the earlier of two readings is the more generous one."""


def typed(field: str, text: str, zone: ZoneInfo) -> datetime | None:
    """What was typed as a moment, in UTC; None where nothing was.

    :param field: of the policy. A date without a time is the beginning of that day for ``opens``, else its
        last minute. An offset that is typed along holds.
    :raises PolicyError: it is no date, or no moment of that zone.
    """
    plain = text.strip().replace(" ", "T", 1).replace("/", "-").replace("：", ":")
    if not plain:
        return None
    aware = _aware(plain)
    if aware is not None:
        return aware
    for form in _FORMS:
        try:
            local = datetime.strptime(plain, form)
        except ValueError:
            continue
        if form == "%Y-%m-%d" and field not in OPENING:
            local = local.replace(hour=23, minute=59)
        return _in_zone(field, local, zone)
    said = inert(text.strip()[:40], lines=False)
    raise PolicyError(
        field,
        Text(
            f"'{said}' is no date: write it as 2027-03-05 18:00",
            f"“{said}”不是日期：请写成 2027-03-05 18:00",
        ),
    )


def _aware(plain: str) -> datetime | None:
    """A moment with its offset, such as ``2027-03-05T18:00+01:00``."""
    try:
        found = datetime.fromisoformat(plain)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _in_zone(field: str, local: datetime, zone: ZoneInfo) -> datetime:
    try:
        found = local.replace(tzinfo=zone, fold=0 if field in OPENING else 1).astimezone(UTC)
        exists = found.astimezone(zone).replace(tzinfo=None) == local
    except OverflowError:
        exists = False
    if not exists:
        at = f"{local:%Y-%m-%d %H:%M}"
        raise PolicyError(
            field,
            Text(
                f"there is no {at} in {zone.key}: the clocks are put forward then; take another time",
                f"{zone.key} 没有 {at} 这个时刻：当时正在拨快时钟，请换一个时间",
            ),
        )
    return found


def shown(value: datetime | None, zone: ZoneInfo) -> str:
    """A moment as it is typed in the course's zone; :func:`typed` reads it back. Empty for None."""
    if value is None:
        return ""
    try:
        local = value.astimezone(zone)
    except OverflowError:
        local = value
    seconds = f":{local:%S}" if local.second else ""
    fine = f"{local:%Y-%m-%dT%H:%M}{seconds}"
    # The hour that the clocks go through twice is told apart by its offset.
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{fine}{local:%z}" if twice else fine


def read(value: datetime, zone: ZoneInfo) -> str:
    """The same for reading: ``2027-03-05 18:00``."""
    return shown(value, zone).replace("T", " ")


def shifted(value: datetime | None, days: int, zone: ZoneInfo) -> datetime | None:
    """So many days later at the same time of day in the course's zone, across changes of the clocks.

    A time that the clocks skip on that day is the first one after it.
    """
    if value is None:
        return None
    local = value.astimezone(zone)
    later = (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone, fold=local.fold)
    return later.astimezone(UTC)
