"""Monitoring: ``/healthz``, ``/readyz``, ``/metrics``. None names a person or a course.

``/healthz`` says that the process answers; ``/readyz`` that a submission would be stored and
graded; ``/metrics`` counts requests and shows the queue, to who asks from this machine or has its token.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

import msgspec
import structlog
from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from grader.dispatch.base import Dispatcher, Status
from grader.errors import GraderError
from grader.web.context import services

blueprint = Blueprint("monitoring", __name__)
EXTENSION = "grader.metrics"
log = structlog.get_logger(__name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def ready() -> Response:
    """Whether a submission would be stored, and something would grade. 503 and why, when not."""
    trouble = _database_trouble()
    status = _status()
    body: dict[str, object] = {
        "database": trouble is None,
        "dispatcher": status is not None and status.ready,
    }
    if status is not None and status.broker is not None:
        body["broker"] = status.broker
    body = {"ready": all(body.values()), **body}
    if trouble is not None:
        body["problem"] = trouble
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


def install(app: Flask, dispatcher: Dispatcher) -> None:
    """Count every request. The registry belongs to the application: two of them do not mix."""
    registry = CollectorRegistry()
    registry.register(QueueCollector(dispatcher))
    requests = Counter(
        "grader_requests", "Requests answered.", ("endpoint", "method", "status"), registry=registry
    )
    seconds = Histogram(
        "grader_request_seconds", "Time to an answer.", ("endpoint",), registry=registry,
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
    )  # fmt: skip

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        # The endpoint and not the path: paths are without number, and they name courses.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        requests.labels(endpoint, method, response.status_code).inc()
        seconds.labels(endpoint).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return response

    app.extensions[EXTENSION] = registry
    app.register_blueprint(blueprint)
