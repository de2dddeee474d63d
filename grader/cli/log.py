"""Log of a server: structlog on standard error, as JSON or for people."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import Processor

from grader.model.inert import as_json
from grader.settings import Settings


class _Unfailing(io.TextIOBase):
    """A log that cannot be written, because its disk is full, must not fail who had something to say."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()


def configure(settings: Settings) -> None:
    """On standard error: one line of JSON an event; where that is a terminal, a short line for people.

    Who sits in front of a terminal is not told of each verdict: only warnings, unless GRADER_LOG_LEVEL is
    ``debug``.
    """
    people_read = sys.stderr.isatty()
    level = "warning" if people_read and settings.log_level == "info" else settings.log_level
    last: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(as_json),
    ]
    if people_read:
        last = [
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            # Without local variables, which may hold passwords.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *last],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
