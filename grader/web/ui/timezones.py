"""Time zones: in which one a reader is told when something happens.

The zone, first match wins: the one that the account's owner chose; what this browser named (the cookie
``tz``: a script sets it, and the forms by which one signs in or joins send it along); what a browser named
when the account signed in last; the server's (GRADER_TIMEZONE). A time is always shown with its zone. That is
written as an offset, ``UTC+8``, because letters mislead: CST is Shanghai's time and Chicago's.
"""

from __future__ import annotations

import functools
import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal, cast
from urllib.parse import quote, unquote

from flask import Flask, Response, g, has_request_context, request
from flask_login import current_user
from sqlalchemy.orm import Session

from grader.store import users
from grader.store.tables import User
from grader.web.context import services
from grader.web.ui.languages import COOKIE_SECONDS

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


Source = Literal["own", "browser", "server"]
"""Who says in which zone the reader is: the reader, a browser of the reader's, or nobody."""


def zone() -> tzinfo:
    """The reader's zone, decided once a request."""
    return _chosen()[0] if has_request_context() else UTC


def source() -> Source:
    """Who says so."""
    return _chosen()[1]


def _chosen() -> tuple[tzinfo, Source]:
    if "zone" not in g:
        g.zone = _choose()
    return cast(tuple[tzinfo, Source], g.zone)


def _choose() -> tuple[tzinfo, Source]:
    own = current_user.user if current_user.is_authenticated else None
    wishes: tuple[tuple[Source, str | None], ...] = (
        ("own", own.timezone if own is not None else None),
        ("browser", unquote(request.cookies.get(COOKIE, ""))),
        ("browser", own.browser_timezone if own is not None else None),
        ("server", services().settings.timezone),
    )
    for source, wish in wishes:
        name = known(wish or "")
        if name is not None:
            return zoneinfo.ZoneInfo(name), source
    return UTC, "server"


def remember(transaction: Session, user: User) -> None:
    """Keep the zone that the form of a sign-in names: for this browser, and for where none names one.

    To be called in the transaction that opens the session.
    """
    name = known(request.form.get("zone", ""))
    if name is None:
        return
    g.named_zone = name
    if name != user.browser_timezone:
        users.note_browser_timezone(transaction, user.id, name)


def _set_cookie(response: Response) -> Response:
    name = g.get("named_zone")
    if name is not None:
        # Not HttpOnly: the exercise page's script keeps it up to date while somebody travels.
        response.set_cookie(COOKIE, quote(name, safe=""), max_age=COOKIE_SECONDS, samesite="Lax")
    return response


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


def moment_to_the_second(value: datetime) -> str:
    """The same with seconds, rounded up: for what one waits for."""
    value += timedelta(seconds=1, microseconds=-1)
    return f"{_local(value):%H:%M:%S} {zone_name(value)}"


def _local(value: datetime) -> datetime:
    try:
        return value.astimezone(zone())
    except OverflowError:
        # "Due at the end of the year 9999" is how some say never; east of Greenwich there is no such time.
        return value.astimezone(UTC)


def install(app: Flask) -> None:
    """Give these to the templates, and the cookie to browsers."""
    app.jinja_env.filters.update(
        moment=moment, moment_to_the_second=moment_to_the_second, zone_name=zone_name
    )
    app.jinja_env.globals.update(reader_zone=zone, zone_source=source)
    app.after_request(_set_cookie)
