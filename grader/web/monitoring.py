"""Monitoring: ``/healthz``, ``/readyz``, ``/metrics``. None names a person or a course.

``/healthz`` says that the process answers; ``/readyz`` that a submission would be stored and
graded; ``/metrics`` counts requests and shows the queue, to who asks from this machine or has its token.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address
from typing import get_args

import msgspec
import structlog
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from grader.dispatch.base import Dispatcher, Status
from grader.errors import GraderError
from grader.store import judging_versions, shadows, verdicts
from grader.store.database import Store
from grader.store.tables import ShadowState
from grader.web.context import EXTENSION as SERVICES
from grader.web.context import services
from grader.web.http_threads import ALIVE, arrived, aside
from grader.web.load_metrics import LoadCollector

blueprint = Blueprint("monitoring", __name__)
EXTENSION = "grader.metrics"
log = structlog.get_logger(__name__)


@blueprint.get(ALIVE)
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def ready() -> Response:
    """Whether a submission would be stored, and something would grade. 503 and why, when not."""
    with aside():
        status = _status()
        said = {
            "database": _database_trouble(),
            "dispatcher": None if status is not None and status.ready else "",
        }
        if status is not None and status.broker is not None:
            said["broker"] = None if status.broker else "the broker does not answer"
        said |= {name: probe() for name, probe in services().probes.items()}
    body: dict[str, object] = {name: trouble is None for name, trouble in said.items()}
    body = {"ready": all(body.values()), **body}
    if problems := "; ".join(trouble for trouble in said.values() if trouble):
        body["problem"] = problems
    return Response(msgspec.json.encode(body), 200 if body["ready"] else 503, content_type="application/json")


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures in Prometheus' text format."""
    if not (_has_token() or _from_this_machine()):
        sentence = "ask from this machine, or send GRADER_METRICS_TOKEN as a bearer token\n"
        return Response(sentence, 403, content_type="text/plain; charset=utf-8")
    registry: CollectorRegistry = current_app.extensions[EXTENSION]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token() -> bool:
    token, sent = services().settings.metrics_token, request.authorization
    if token is None or sent is None or sent.type != "bearer" or sent.token is None:
        return False
    return hmac.compare_digest(sent.token.encode("utf-8", "replace"), token.encode())


def _from_this_machine() -> bool:
    """Whether the other end of the connection is this machine, and no proxy that speaks for another one."""
    if any(
        name.lower() in {"forwarded", "x-real-ip", "via"} or name.lower().startswith("x-forwarded-")
        for name in request.headers.keys()  # noqa: SIM118 – iterating headers gives pairs
    ):
        return False
    # What a trusted proxy said is in REMOTE_ADDR by now; here only the connection itself counts.
    original = request.environ.get("werkzeug.proxy_fix.orig", {})
    peer = original.get("REMOTE_ADDR", request.environ.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def _database_trouble() -> str | None:
    """Why a submission would not be stored; in words that name no file."""
    try:
        services().store.check()
    except (SQLAlchemyError, GraderError) as error:
        log.warning("database unusable", problem=str(error))
        return "the database cannot be used now: the log says why"
    return None


def _status() -> Status | None:
    """How the dispatcher is; None: that cannot be told without the database."""
    try:
        return services().dispatcher.status()
    except (SQLAlchemyError, GraderError):
        return None


class QueueCollector(Collector):
    """Asks the dispatcher at the moment of the scrape, so that no figure is older than it."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def collect(self) -> Iterable[Metric]:
        try:
            status = self._dispatcher.status()
        except (SQLAlchemyError, GraderError):
            return  # No figure is better than a wrong one; the alert is on its absence.
        for name, value, words in (
            ("grader_queued", status.queued, "Submissions that wait."),
            ("grader_running", status.running, "Submissions that are being graded."),
            ("grader_workers_alive", status.alive, "Graders that are alive."),
            ("grader_workers_expected", status.expected, "Graders that should be alive."),
        ):
            yield GaugeMetricFamily(name, words, value=value)
        if status.broker is not None:
            words = "Whether the broker answers."
            yield GaugeMetricFamily("grader_broker_up", words, value=float(status.broker))
            words = "Seconds since a worker was seen, for ten minutes after it fell silent."
            silent = GaugeMetricFamily("grader_worker_silent_seconds", words, labels=["worker"])
            for each in status.workers:
                silent.add_metric([each.name], round(each.silent, 1))
            yield silent


Figures = Callable[[], Iterable[tuple[str, float, str]]]
"""Name, value and meaning of counters."""


class VerdictCollector(Collector):
    """How verdicts are made, by the table: whichever process made them."""

    def __init__(self, store: Store, figures: Figures | None) -> None:
        self._store, self._figures = store, figures

    def collect(self) -> Iterable[Metric]:
        for name, value, words in self._figures() if self._figures is not None else ():
            yield CounterMetricFamily(name, words, value=value)
        try:
            with self._store.read() as session:
                cache = verdicts.figures(session)
                shadowed = shadows.counts(session)
                waiting = judging_versions.left_waiting(session)
        except (SQLAlchemyError, GraderError):
            return
        rate = cache.hits / max(1, cache.hits + cache.misses)
        recent = f"Share of the newest {verdicts.RECENT} verdicts that an equal submission had."
        yield GaugeMetricFamily("grader_cache_hit_ratio", recent, value=rate)
        yield GaugeMetricFamily(
            "grader_cache_verdicts", "Verdicts kept for equal submissions.", value=cache.kept
        )
        words = "Submissions that wait for a worker with the versions of their assignment."
        yield GaugeMetricFamily("grader_waiting_for_versions", words, value=waiting)
        twice = GaugeMetricFamily(
            "grader_shadow", "Verdicts judged twice, by what came of it.", labels=("state",)
        )
        for state in get_args(ShadowState):
            twice.add_metric([state], shadowed.get(state, 0))
        yield twice


def install(app: Flask, dispatcher: Dispatcher, store: Store, figures: Figures | None = None) -> None:
    """Count every request. The registry belongs to the application: two of them do not mix."""
    registry = CollectorRegistry()
    registry.register(QueueCollector(dispatcher))
    registry.register(VerdictCollector(store, figures))
    registry.register(LoadCollector(app.extensions[SERVICES]))
    requests = Counter(
        "grader_requests", "Requests answered.", ("endpoint", "method", "status"), registry=registry
    )
    seconds = Histogram(
        "grader_request_seconds", "From a request to its answer.", ("endpoint",), registry=registry,
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
    )  # fmt: skip

    @app.before_request
    def begin() -> None:
        g.began = arrived()

    @app.after_request
    def count(response: Response) -> Response:
        # The endpoint and not the path: paths are without number, and they name courses.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        requests.labels(endpoint, method, response.status_code).inc()
        seconds.labels(endpoint).observe(time.monotonic() - g.get("began", time.monotonic()))
        return response

    app.extensions[EXTENSION] = registry
    app.register_blueprint(blueprint)
