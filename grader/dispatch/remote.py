"""Remote dispatcher: grading leaves the server; workers on any machine claim the rows.

::

    web process                          Redis                 worker processes (``grade worker``)
    ├── submit ─► sender thread ── wake-ups, tries ──► queues ──► threads: drain the table
    ├── subscriber thread  ◄── ids with a verdict ─── channel ◄───┘   │
    └── liveness thread ────► PostgreSQL: submissions, workers ◄──────┘ claim, finish, heartbeat

The row in the store is the truth and a message is only a wake-up. Whatever Redis does, a submission is stored
and found by a worker that looks at the table by itself, and whoever waits here looks at the table once a
second: without Redis all of this is slower, and nothing is lost.
"""

from __future__ import annotations

import itertools
import math
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, Self

import msgspec
import structlog
from sqlalchemy.orm import Session

from grader.dispatch.base import Ahead, Status, Tried, Written, is_soon
from grader.dispatch.broker import (
    DRAW,
    FIRST_PAUSE,
    GUEST,
    LONGEST_PAUSE,
    WAKE,
    Broker,
    BrokerFailed,
    Try,
    Verdict,
)
from grader.dispatch.guests import MOST_WAITING, PICTURE_SECONDS
from grader.dispatch.idle import MOST_UNDRAWN
from grader.dispatch.liveness import Liveness
from grader.dispatch.pace import Paces
from grader.dispatch.waiters import Waiters
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.submission import Submission
from grader.store import submissions, waiting
from grader.store.database import Store
from grader.store.queue import Waiting
from grader.store.workers import Seen

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
"""So often the table is looked at for who waits, in case that nothing is heard of a verdict."""
STALE_SECONDS: Final = 3.0
"""A row that has been due for so long is called again: its wake-up was lost."""
CALLED_SECONDS: Final = 0.05
"""So long no thread is called where all have been and none has come yet: they all work."""
ASKED_SECONDS: Final = 15.0
"""Pictures that were asked for are not asked for again before this."""


class RemoteDispatcher:
    """A :class:`grader.dispatch.base.Dispatcher` whose grading is done by workers.

    Start it in the process that serves, after any fork: threads do not survive one.
    """

    def __init__(self, store: Store, broker: Broker) -> None:
        self._store, self._broker = store, broker
        self._waiters = Waiters(remember=True)
        self._pace = Paces()
        self._ended = threading.Event()
        self._lock = threading.Condition()
        """Guards those below; notified when there is something to send, and on closing."""
        self._unsent = 0
        """Rows whose wake-up has not been sent."""
        self._queued = self._new = 0
        """How many were due in the first lane when the table was looked at last, and how many were handed in
        here since."""
        self._undrawn: list[tuple[str, str]] = []
        self._asked: OrderedDict[str, float] = OrderedDict()
        """Pictures that were asked for, and when."""
        self._seen: Sequence[Seen] = ()
        self._reachable = False
        self._liveness = Liveness(store, None, requeued=self._call, looked=self._looked)
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in (
                (self._send, "sending wake-ups"),
                (self._listen, "hearing verdicts"),
                (self._look, "looking for verdicts"),
            )
        ]

    def start(self) -> Self:
        """Serve.

        :raises StoreFailed: the database cannot be used.
        """
        self._liveness.start()
        for thread in self._threads:
            thread.start()
        self._call(self._slots())
        return self

    def submit(self, row: Waiting | None = None) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._lock:
            self._new += 1
        self._call(1 if row is not None else self._slots())

    def draw(self, submission_id: str, exercise: str) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        now = time.monotonic()
        with self._lock:
            if now - self._asked.get(submission_id, -math.inf) < ASKED_SECONDS:
                return
            if len(self._undrawn) >= MOST_UNDRAWN:
                return
            self._asked[submission_id] = now
            self._asked.move_to_end(submission_id)
            if len(self._asked) > MOST_UNDRAWN:
                self._asked.popitem(last=False)
            self._undrawn.append((submission_id, exercise))
            self._lock.notify_all()

    def judge(self, exercise: str, submission: Submission, seconds: float, *, draw: bool) -> Tried:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        again = max(1, math.ceil(self._pace.seconds * (MOST_WAITING + 1) / self._slots()))
        key, deadline = secrets.token_hex(16), time.monotonic() + seconds
        given = Try(
            exercise,
            submission.source,
            dict(submission.predictions),
            submission.seed,
            submission.variant,
            draw,
        )
        try:
            if not any(each.alive for each in self._seen) or self._broker.waiting(GUEST) >= MOST_WAITING:
                return Tried(again=again)
            self._broker.put_try(key, given, seconds)
            try:
                return self._answered(key, deadline, again, draw=draw)
            finally:
                self._broker.forget_try(key)
        except BrokerFailed as e:
            log.warning("a guest's try could not be sent", problem=str(e))
            return Tried(again=again)

    def _answered(self, key: str, deadline: float, again: int, *, draw: bool) -> Tried:
        """Wait for the verdict, and then a little longer for its pictures."""
        answer = self._answer(key, deadline)
        if answer is None:
            return Tried(again=again)
        if not answer:
            return Tried()
        report = msgspec.json.decode(answer, type=Report)
        drawn = self._answer(key, time.monotonic() + PICTURE_SECONDS) if draw else None
        return Tried(report, msgspec.json.decode(drawn, type=Pictures) if drawn else None)

    def _answer(self, key: str, deadline: float) -> bytes | None:
        while (left := deadline - time.monotonic()) > 0 and not self._ended.is_set():
            answer = self._broker.answer(key, left)
            if answer is not None:
                return answer
        return None

    def wait(self, submission_id: str, seconds: float) -> bool:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        # What was written long before this began is heard of at the next look at the table.
        with self._waiters.expecting(submission_id) as done:
            if done.is_set():
                with self._store.read() as session:
                    state = submissions.state_of(session, submission_id)
                if state not in ("queued", "running"):
                    return state is not None
                done.clear()  # it had failed, and is tried again
            if done.wait(max(0.0, seconds)):
                return not self._ended.is_set()
        with self._store.read() as session:
            return submissions.state_of(session, submission_id) in ("graded", "failed")

    def verdict(self, submission_id: str, seconds: float) -> Written | None:
        """See :class:`grader.dispatch.base.Dispatcher`. Another process wrote it."""
        self.wait(submission_id, seconds)
        return None

    def ahead(self, submission_id: str, session: Session | None = None) -> Ahead | None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with nullcontext(session) if session is not None else self._store.read() as reading:
            place = waiting.place_of(reading, submission_id)
        if place is None:
            return None
        alive = [each.slots for each in self._seen if each.alive]
        behind = sum(max(1, slots - 1) for slots in alive) or 1
        return self._pace.ahead(place, self._slots(), behind, stalled=not alive)

    def far_off(self, submission_id: str, seconds: float) -> Ahead | None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._lock:
            waiting = self._queued + self._new
        # If it comes last. Where it stands costs a statement that counts all who wait.
        if (waiting / self._slots() + 1) * self._pace.seconds <= seconds:
            return None
        ahead = self.ahead(submission_id)
        return None if is_soon(ahead, seconds) else ahead

    def status(self) -> Status:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._store.read() as session:
            lengths = waiting.lengths(session)
        seen = tuple(self._seen)
        return Status(
            alive=sum(each.slots for each in seen if each.alive),
            expected=sum(each.slots for each in seen),
            queued=lengths.queued,
            running=lengths.running,
            broker=self._reachable,
            workers=seen,
        )

    def close(self) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        if self._ended.is_set():
            return
        self._ended.set()
        with self._lock:
            self._lock.notify_all()
        self._waiters.tell_all()
        self._liveness.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(5)
        self._broker.close()

    def _slots(self) -> int:
        """How many submissions all workers grade at once, as it was seen last."""
        return max(1, sum(each.slots for each in self._seen if each.alive))

    def _call(self, rows: int) -> None:
        """So many rows may be due."""
        with self._lock:
            self._unsent += rows
            self._lock.notify_all()

    def _looked(self, seen: Sequence[Seen]) -> None:
        self._seen = seen

    # The threads

    def _send(self) -> None:
        """Send wake-ups and what is to be drawn. While Redis is away they gather here, as a number."""
        for failures in itertools.count():
            try:
                while not self._ended.is_set():
                    self._send_once()
                return
            except BrokerFailed as e:
                if self._reachable or failures == 0:
                    log.error("the broker cannot be reached; workers look at the table", problem=str(e))
                self._reachable = False
            except Exception:
                log.exception("wake-ups could not be sent")
            self._ended.wait(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10)))

    def _send_once(self) -> None:
        with self._lock:
            if not self._unsent and not self._undrawn:
                self._lock.wait(LOOK_SECONDS)
            rows, undrawn = self._unsent, self._undrawn[:16]
        if not rows and not undrawn:
            self._broker.ping()
        all_called = False
        if rows:
            # A thread that is woken drains the table: more wake-ups than threads wake nobody.
            threads = self._slots() - self._broker.waiting(WAKE)
            all_called = threads <= 0
            for _ in range(min(rows, threads)):
                self._broker.send(WAKE)
        if undrawn and self._broker.waiting(DRAW) < MOST_UNDRAWN:
            for submission_id, exercise in undrawn:
                self._broker.send(DRAW, submission_id, exercise)
        if not self._reachable:
            log.warning("the broker can be reached")
        self._reachable = True
        with self._lock:
            self._unsent -= rows
            del self._undrawn[: len(undrawn)]
        if all_called:
            self._ended.wait(CALLED_SECONDS)

    def _listen(self) -> None:
        """Hear of verdicts."""
        failures = 0
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                self._broker.listen(self._told, self._ended.is_set)
            except BrokerFailed:
                pass  # the sender says so
            except Exception:
                log.exception("verdicts cannot be heard of")
            failures = 0 if time.monotonic() - began > LONGEST_PAUSE else failures + 1
            self._ended.wait(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10)))

    def _told(self, verdicts: list[Verdict]) -> None:
        for each in verdicts:
            if each.seconds is not None:
                self._pace.note(each.lane, each.user, each.seconds)
            self._waiters.tell(each.id)

    def _look(self) -> None:
        """Look at the table for who waits, and for rows whose wake-up was lost."""
        while not self._ended.wait(LOOK_SECONDS):
            try:
                awaited = self._waiters.awaited()
                with self._lock:
                    counted = self._new
                with self._store.read() as session:
                    queued = waiting.count_due(session)
                    ended = submissions.ended_of(session, awaited) if awaited else []
                    stale = waiting.count_stale(session, STALE_SECONDS)
                with self._lock:
                    self._queued, self._new = queued, self._new - counted
                for each in ended:
                    self._waiters.tell(each)
                if stale:
                    self._call(stale)
            except Exception as e:  # noqa: BLE001 – logged; the next look may succeed
                log.warning("the queue could not be looked at", problem=f"{type(e).__name__}: {e}"[:300])
