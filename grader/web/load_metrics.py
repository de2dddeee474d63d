"""Metrics of the load: what waits in which lane, how long each phase takes, how many graders that needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Final, get_args

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from grader.analytics.capacity import Load, graders_needed, workers_needed
from grader.errors import GraderError
from grader.model.lane import Lane
from grader.store import load, waiting
from grader.store.load import Recent
from grader.store.waiting import InPhase, Phase
from grader.web.context import Services

FRESH_SECONDS: Final = 5.0
"""The figures of the last minutes are read off two thousand judgings: not at each scrape, if one comes each
second."""
QUANTILES: Final = (0.5, 0.95)


class LoadCollector(Collector):
    """Asks the dispatcher and the database at the moment of the scrape.

    Where either cannot answer there are no figures: none is better than a wrong one, and an alert is on that.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        """Guards the one below."""
        self._lately: tuple[float, Recent] | None = None
        """When it was read, on the monotonic clock."""

    def collect(self) -> Iterable[Metric]:
        try:
            status = self._services.dispatcher.status()
            with self._services.store.read() as session:
                parts = status.parts or waiting.lengths(session).parts
                recent, failed = self._recent(session), load.set_aside(session)
        except (SQLAlchemyError, GraderError):
            return
        yield from _in_queue(parts)
        yield GaugeMetricFamily("grader_set_aside", "Submissions that we could not grade.", value=failed)
        yield from _lately(recent)
        yield from _wanted(recent, parts, self._services.settings.slots)

    def _recent(self, session: Session) -> Recent:
        """What was going on in the last minutes, as of :data:`FRESH_SECONDS` ago at most."""
        with self._lock:
            now = time.monotonic()
            if self._lately is None or now - self._lately[0] >= FRESH_SECONDS:
                self._lately = now, load.recent(session)
            return self._lately[1]


def _in_queue(parts: Sequence[InPhase]) -> Iterable[Metric]:
    labels = ("phase", "lane")
    count = GaugeMetricFamily("grader_submissions", "Submissions without a verdict.", labels=labels)
    oldest = GaugeMetricFamily(
        "grader_oldest_seconds", "How long the oldest has been in the phase's line.", labels=labels
    )
    found = {(each.phase, each.lane): each for each in parts}
    for phase in get_args(Phase):
        for lane in Lane:
            each = found.get((phase, lane))
            count.add_metric((phase, lane.word), 0 if each is None else each.count)
            oldest.add_metric((phase, lane.word), 0.0 if each is None else each.oldest)
    return count, oldest


def _lately(recent: Recent) -> Iterable[Metric]:
    for name, value, words in (
        ("grader_arrivals_per_second", recent.arrivals, "Submissions that somebody waits for, lately."),
        ("grader_verdicts_per_second", recent.verdicts, "Verdicts, lately."),
        (
            "grader_grading_seconds",
            recent.seconds,
            "A grader was busy with a submission, on average, lately.",
        ),
    ):
        if value is not None:
            yield GaugeMetricFamily(name, words, value=value)
    phases = GaugeMetricFamily(
        "grader_phase_seconds", "How long a phase took lately.", labels=("phase", "quantile")
    )
    for phase, seconds in recent.phases.items():
        for quantile in QUANTILES if seconds else ():
            at = min(len(seconds) - 1, int(quantile * len(seconds)))
            phases.add_metric((phase, str(quantile)), seconds[at])
    yield phases


def _wanted(recent: Recent, parts: Sequence[InPhase], slots: int) -> Iterable[Metric]:
    waiting = sum(each.count for each in parts if each.phase != "running" and each.lane is not Lane.REGRADE)
    now = Load(recent.arrivals, recent.seconds, waiting)
    for name, value, words in (
        ("grader_graders_desired", graders_needed(now), "Graders that the load needs."),
        ("grader_workers_desired", workers_needed(now, slots), "Workers of GRADER_SLOTS graders for that."),
    ):
        yield GaugeMetricFamily(name, words, value=value)
