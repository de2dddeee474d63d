"""Trail of one submission through a grader: what the log and the judging's row say of when it came where."""

from __future__ import annotations

from datetime import timedelta

import structlog
from structlog.typing import FilteringBoundLogger

from grader.model.report import Report
from grader.store.judgings import Made, Times
from grader.store.queue import Claimed
from grader.store.tables import utcnow

log: FilteringBoundLogger = structlog.get_logger(__name__)


def begun(claimed: Claimed) -> FilteringBoundLogger:
    """Log that a grader has a submission; the result logs what comes of it."""
    known = log.bind(submission=claimed.id, exercise=claimed.work.exercise, tries=claimed.tries)
    known.info("claimed", lane=claimed.lane.word, waited_ms=round(claimed.waited * 1000, 1))
    return known


def judged(made: Made, claimed: Claimed, report: Report) -> Made:
    """With the times of a report that stands since this moment."""
    now = utcnow()
    after = sum(report.phases.get(phase, 0.0) for phase in ("judge", "explain"))
    return made._replace(times=Times(claimed.claimed_at, now - timedelta(milliseconds=after), now))
