"""Moments as they are typed: ``2027-03-01T08:00+01:00``; without an offset in the server's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from grader.cli.options import settings_now
from grader.errors import UsageError


def moment_of(
    option: str, text: str | None, none: str, before: datetime | None, zone: ZoneInfo | None = None
) -> datetime | None:
    """A point in time as it is typed; ``none`` for no such time; without the option, what it was.

    :param zone: of what has no offset; None: the server's.
    """
    if text is None:
        return before
    if text.strip().lower() == none:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{option} '{text[:60]}' is no date: write 2027-03-01T08:00+01:00, or {none}"
        ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone or server_zone())
    return found.astimezone(UTC)


def server_zone() -> ZoneInfo:
    """The zone that times are meant and printed in where none is said."""
    return ZoneInfo(settings_now().timezone)
