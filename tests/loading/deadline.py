"""A class at its deadline: a rush, one student's flood, loops, slow clients, and all who sign in at once."""

from __future__ import annotations

import http.client
import re
import socket
import statistics
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import func, select

from grader.store.database import Store
from grader.store.tables import Submission
from tests.loading.classroom import EXERCISES, LOOPING, PASSWORD, sources
from tests.loading.printing import hold, say, use, verdicts
from tests.loading.services import Service
from tests.loading.students import Client, Seen, Work, own, rush, turns

SLOW = 200
REST = 45.0
"""Seconds for work ahead: a class does not meet its exercises at the deadline for the first time. What the
pool is measured with is known before, too."""
LIMIT = 10.0
"""Seconds that a submission may compute: the time limit of the exercises' defaults."""


@contextmanager
def watched(port: int) -> Iterator[list[float]]:
    """How long ``/healthz`` takes, four times a second."""
    took: list[float] = []
    stop = threading.Event()
    client = Client(port)

    def watch() -> None:
        while not stop.wait(0.25):
            began = time.monotonic()
            client.call("GET", "/healthz", "none")
            took.append(time.monotonic() - began)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def throughput(service: Service, alone: Callable[[], float], many: int) -> float:
    """As fast as it goes, over the pool's own capacity; verdicts a second.

    :param alone: measures the latter. Before and after, as the machine's speed drifts within a minute.
    """
    tokens = service.people.tokens
    rush(service.port, turns(tokens, min(many, 200)), None)  # compiled statements, warm pages
    time.sleep(REST)
    before = alone()
    with service.meter() as meter:
        best = rush(service.port, turns(tokens, many), None)
    after = alone()
    verdicts("as fast as it goes", best)
    say("    the pool alone, before and after", f"{before:6.1f} /s, {after:6.1f} /s on {service.slots} slots")
    use(meter.used)
    done = max(1, len(best.seconds))
    cores = meter.used.cores
    own_use = sum(cores.get(name, 0.0) for name in ("pages", "workers"))
    each = 1e3 * own_use * meter.used.seconds / done
    share = 2 * best.rate() / (before + after)
    hold(
        "    of the pool's own capacity", f"{share:4.2f}", share >= 0.8,
        "at least 0.8; both in this run",
    )  # fmt: skip
    hold(
        "    processor time of pages and workers", f"{each:4.1f} ms a submission",
        each <= 8, "at most 8",
    )  # fmt: skip
    say("    requests", f"{best.requests / done:4.2f} a submission")
    for group in ("children", "database", "broker"):
        if group in cores:
            cost = 1e3 * cores[group] * meter.used.seconds / done
            say(f"    processor time of the {group}", f"{cost:4.1f} ms a submission")
    return best.rate()


def deadline_rush(service: Service, students: int, each: int, seconds: float) -> None:
    """All students hand in ``each`` times within ``seconds``; none may be lost, none refused unclearly."""
    many = students * each
    before = _stored(service)
    with watched(service.port) as healthy, service.meter() as meter:
        seen = rush(service.port, turns(service.people.tokens[:students], many), many / seconds)
    after = _stored(service)
    verdicts(f"{students} students × {each} in {seconds:.0f} s", seen)
    use(meter.used)
    new = {state: after.get(state, 0) - before.get(state, 0) for state in {*after, *before}}
    graded = new.pop("graded", 0)
    lost = many - len(seen.ids)
    hold(
        "    lost", f"{lost} (in the database {graded} more with a verdict, {sum(new.values())} without)",
        lost == 0 and graded == many and not any(new.values()), "0",
    )  # fmt: skip
    hold("    refused without a time to try again", str(seen.unclear), seen.unclear == 0, "0")
    hold(
        "    /healthz meanwhile", _slowest(healthy),
        max(healthy) <= 0.5, "at most 0.5 s",
    )  # fmt: skip


def _slowest(healthy: list[float]) -> str:
    return f"slowest {max(healthy):.2f} s, median {1e3 * statistics.median(healthy):.0f} ms"


def _stored(service: Service) -> dict[str, int]:
    store = Store.open(service.url, migrate=False)
    try:
        with store.read() as session:
            rows = session.execute(select(Submission.state, func.count()).group_by(Submission.state))
            return {row[0]: row[1] for row in rows}
    finally:
        store.close()


def fairness(service: Service) -> None:
    """What one student's flood, and one student's loops, cost forty others."""
    tokens, files, port = service.people.tokens, sources(), service.port
    slug = EXERCISES[1]

    def others(count: int = 40) -> Work:
        return [(token, slug, own(files[slug])) for token in tokens[1 : count + 1]]

    quiet = rush(port, others(), 4.0)
    verdicts("forty of others, alone", quiet)
    one = statistics.median(quiet.seconds)
    flood = [(tokens[0], EXERCISES[0], own(files[EXERCISES[0]])) for _ in range(400)]
    seen = _beside(service, flood, others())
    verdicts("  during one student's 400", seen)
    late = statistics.median(seen.seconds) - one
    hold(
        "    later than alone, median",
        f"{late:5.2f} s",
        late <= 2 * one + 0.05,
        f"two verdicts: {2 * one:.2f} s",
    )
    seen = _beside(service, [(tokens[0], EXERCISES[0], LOOPING + f"# {n}\n") for n in range(20)], others())
    verdicts("  during one student's 20 loops", seen)
    worst = max(seen.seconds) - one
    hold("    later than alone, slowest", f"{worst:5.2f} s", worst <= LIMIT, f"one time limit: {LIMIT:.0f} s")
    loops = [(token, EXERCISES[0], LOOPING + f"# {n}\n") for n, token in enumerate(tokens[41:61])]
    seen = _beside(service, loops, others(8))
    verdicts("  during 20 students' loops", seen)
    worst = max(seen.seconds) - one
    hold(
        "    later than alone, slowest",
        f"{worst:5.2f} s (20 loops on {service.slots} slots)",
        worst <= LIMIT,
        f"one time limit: {LIMIT:.0f} s",
    )


def _beside(service: Service, flood: Work, honest: Work) -> Seen:
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(rush, service.port, flood, None)
        time.sleep(1.0)
        seen = rush(service.port, honest, 4.0)
        coming.result()
    return seen


def slow_connections(port: int, many: int) -> list[socket.socket]:
    """Connections that send a part of a header, a part of a body, or nothing, and then wait."""
    parts = (
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n",
        b"POST /api/v1/submissions HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{",
    )
    opened = []
    for n in range(many):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(parts[n % len(parts)])
        opened.append(connection)
    return opened


@contextmanager
def dribbling(port: int, many: int) -> Iterator[list[socket.socket]]:
    """The same, and each of them sends one more byte a second; who is closed comes again."""
    opened = slow_connections(port, many)
    stop = threading.Event()

    def dribble() -> None:
        while not stop.wait(1.0):
            for n, connection in enumerate(opened):
                try:
                    connection.sendall(b"x")
                except OSError:
                    connection.close()
                    try:
                        opened[n] = slow_connections(port, 1)[0]
                    except OSError:
                        continue

    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        yield opened
    finally:
        stop.set()
        thread.join()
        for connection in opened:
            connection.close()


def slow_clients(service: Service, port: int | None = None, where: str = "") -> None:
    """What slow connections cost others: requests that read, and forty submissions."""
    port = port or service.port
    tokens, files = service.people.tokens, sources()
    slug = EXERCISES[1]

    def honest() -> Work:
        return [(token, slug, own(files[slug])) for token in tokens[1:41]]

    def reads() -> float:
        client = Client(port)
        took = []
        for n in range(150):
            began = time.monotonic()
            client.call("GET", "/api/v1/exercises", tokens[n % 50])
            took.append(time.monotonic() - began)
        return statistics.median(took)

    quiet, before = rush(port, honest(), 4.0), reads()
    with dribbling(port, SLOW):
        seen, meanwhile = rush(port, honest(), 4.0), reads()
    say(
        f"{SLOW} slow connections{where}: a read",
        f"{1e3 * before:.1f} ms without, {1e3 * meanwhile:.1f} ms with",
    )
    verdicts("    forty of others, without", quiet)
    verdicts("    forty of others, with them", seen)
    late = seen.at(0.95) - quiet.at(0.95)
    hold(
        "    later than without, p95",
        f"{late:5.2f} s",
        late <= max(0.25, quiet.at(0.95)),
        "at most as much again",
    )


def sign_in_burst(service: Service, many: int) -> None:
    """So many sign in at once, each with the form; what that costs who asks for a page meanwhile."""
    seconds: list[float] = []
    told, failed = 0, list[str]()
    lock = threading.Lock()
    began = time.monotonic()

    def one(number: int) -> None:
        nonlocal told
        started = time.monotonic()
        while True:
            status, wait = _sign_in(service.port, f"s{number:04}")
            with lock:
                if status == 303:
                    seconds.append(time.monotonic() - started)
                    return
                if status not in (429, 503) or wait is None:
                    failed.append(f"{status}, no time to try again")
                    return
                told += 1
            time.sleep(wait)

    with watched(service.port) as healthy, service.meter() as meter, ThreadPoolExecutor(many) as threads:
        list(threads.map(one, range(many)))
    took = time.monotonic() - began
    seconds.sort()
    say(
        f"{many} sign in at once",
        f"{len(seconds) / took:6.1f} /s   p50 {seconds[len(seconds) // 2]:6.2f} s   "
        f"p95 {seconds[int(0.95 * len(seconds))]:6.2f} s   {told} told when to try again",
    )
    use(meter.used)
    hold("    refused without a time to try again", str(len(failed)), not failed, "0")
    hold(
        "    /healthz meanwhile", _slowest(healthy),
        max(healthy) <= 1.0, "at most 1 s",
    )  # fmt: skip


def _sign_in(port: int, login: str) -> tuple[int, float | None]:
    """The status of the answer to the form, and when it says to try again."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        page = answer.read().decode()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        body = urllib.parse.urlencode({**hidden, "login": login, "password": PASSWORD})
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", body, headers)
        answer = connection.getresponse()
        answer.read()
        wait = answer.getheader("Retry-After")
        return answer.status, None if wait is None else float(wait)
    finally:
        connection.close()
