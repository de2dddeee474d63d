"""Local time: in which zone a reader is told when something happens.

The zone, first match wins: the account's own, the cookie ``tz`` that the exercise page's script
sets from what the browser knows, UTC. A time is always shown with its zone. That is written as an
offset, ``UTC+8``, because letters mislead: CST is Shanghai's time and Chicago's.
"""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, datetime, tzinfo
from typing import cast
from urllib.parse import unquote

from flask import Flask, g, has_request_context, request
from flask_login import current_user

COOKIE = "tz"
LONGEST = 64
"""Characters of a zone's name; what the column holds."""
COMMON = (
    "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi",
    "America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver",
    "America/Halifax", "America/Los_Angeles", "America/Mexico_City", "America/New_York",
    "America/Santiago", "America/Sao_Paulo", "America/Toronto", "America/Vancouver",
    "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem",
    "Asia/Karachi", "Asia/Kolkata", "Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore",
    "Asia/Taipei", "Asia/Tehran", "Asia/Tokyo", "Australia/Perth", "Australia/Sydney",
    "Europe/Berlin", "Europe/Istanbul", "Europe/Lisbon", "Europe/London", "Europe/Moscow",
    "Europe/Paris", "Europe/Rome", "Pacific/Auckland", "Pacific/Honolulu", "UTC",
)  # fmt: skip
"""What the account page proposes. Every other zone of the tz database is taken, too."""


@functools.cache
def _names() -> dict[str, str]:
    """Every zone, by its name in small letters."""
    return {name.casefold(): name for name in zoneinfo.available_timezones() if len(name) <= LONGEST}


def known(name: str) -> str | None:
    """The zone that somebody means by ``name``, in any case and with spaces for ``_``; None: no such zone.

    Only names from the database's list are ever opened: a zone's name is the name of a file.
    """
    return _names().get(name.strip().replace(" ", "_").casefold())


def zone() -> tzinfo:
    """The reader's zone, decided once a request."""
    if not has_request_context():
        return UTC
    if "zone" not in g:
        g.zone = _choose()
    return cast(tzinfo, g.zone)


def _choose() -> tzinfo:
    own = current_user.user.timezone if current_user.is_authenticated else None
    for wish in (own, unquote(request.cookies.get(COOKIE, ""))):
        name = known(wish or "")
        if name is not None:
            return zoneinfo.ZoneInfo(name)
    return UTC


def zone_name(value: datetime) -> str:
    """What the reader's zone is called at ``value``: ``UTC``, ``UTC+8``, ``UTC−3:30``."""
    offset = _local(value).utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset is not None else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def moment(value: datetime) -> str:
    """The reader's local time to the minute and its zone, the same in both languages."""
    return f"{_local(value):%Y-%m-%d %H:%M} {zone_name(value)}"


def _local(value: datetime) -> datetime:
    try:
        return value.astimezone(zone())
    except OverflowError:
        # "Due at the end of the year 9999" is how some say never; east of Greenwich there is no such time.
        return value.astimezone(UTC)


def install(app: Flask) -> None:
    """Give both to the templates."""
    app.jinja_env.filters.update(moment=moment, zone_name=zone_name)
