"""Grading worker: a process of ``grade worker``, which claims rows and grades them in Celery's threads.

::

    main thread: Celery's consumer ◄── Redis
    N threads (Celery's pool): drain the table of due rows; answer guests; draw
    sweeper: looks at the table every few seconds, and has it drained when something is due; works ahead
    liveness: heartbeat; rows of silent workers
    publisher: tells servers which submissions have a verdict

A wake-up makes one thread drain the table: claim, settle, the next, until nothing is due. The sweeper does
the same without any wake-up, so that with Redis away all is graded, some seconds later. One thread of several
is left to whoever hands in: guests' tries and pictures never hold all of them.

Who ends whom: SIGTERM ends the consumer; threads finish what they grade and claim nothing more. A second one
ends the process at once. A grading that hangs is ended by the sandbox, from outside.
"""

from __future__ import annotations

import itertools
import logging
import queue as queues
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import msgspec
import structlog
from celery.app import trace
from celery.exceptions import Reject
from celery.worker import WorkController, state

from grader.dispatch.base import Exercises, Grade, Illustrate, Prepare, Written
from grader.dispatch.broker import DRAW, GUEST, QUEUES, WAKE, Broker, BrokerFailed, ToStructlog, Try, Verdict
from grader.dispatch.idle import IdleWork
from grader.dispatch.judging import Judging
from grader.dispatch.liveness import Liveness, announced
from grader.dispatch.preemption import Preemption
from grader.dispatch.rows_in_table import RowsInTable
from grader.dispatch.settling import Settling
from grader.errors import TruthBusy
from grader.model.submission import Submission
from grader.store import waiting
from grader.store.database import Store
from grader.store.queue import Claimed
from grader.store.workers import Seen

log = structlog.get_logger(__name__)

DRAIN_SECONDS: Final = 30.0
"""A thread returns its wake-up after so long, with another one sent in its place: one that is held for
longer than the queue's visibility timeout is given to somebody else, too."""
BUSY_SECONDS: Final = 0.2
"""So long a guest's try waits whose exercise's reference is being run for another."""
NO_ROOM_SECONDS: Final = 0.05
"""So long a thread waits before it puts back what there is no room for."""
REST: Final = 4.0
"""So many times as long as a piece of work ahead took, the worker rests after it."""
UNCALLED_SECONDS: Final = 0.5
"""So often the table is looked at while the broker is away."""
GUEST_SECONDS: Final = 60.0
"""A guest's try is worked on for no longer, however busy its reference is."""


class _Controller(WorkController):  # type: ignore[misc]  # celery ships no types
    """Celery's worker without its command line: signals and logs are ours."""

    def on_init_blueprint(self) -> None:
        trace.setup_worker_optimizations(self.app, self.hostname)


class GradingWorker:
    """Claims rows and grades them, woken through a broker.

    :param grade: judges one submission.
    :param illustrate: draws a submission that has its verdict; None: there are no pictures.
    :param prepare: works ahead for later attempts at an assignment; None: nothing is prepared.
    :param preemption: is told whether somebody waits; None: what runs for long keeps its slot.
    :param slots: how many submissions are graded at once.
    :param isolation: how student code is kept in; told to whoever asks who grades.
    :param sweep_seconds: how often the table is looked at unasked.
    :param lease_seconds: longer than the longest grading; a row held longer is given to another.
    """

    def __init__(
        self,
        store: Store,
        broker: Broker,
        grade: Grade | Judging,
        exercises: Exercises,
        *,
        illustrate: Illustrate | None = None,
        prepare: Prepare | None = None,
        preemption: Preemption | None = None,
        slots: int = 2,
        isolation: str | None = None,
        sweep_seconds: float = 2.0,
        lease_seconds: float = 120.0,
        backoff_seconds: float = 2.0,
        longest_seconds: float = 120.0,
    ) -> None:
        judging = Judging.of(store, grade)
        self.name: Final = judging.worker
        self._store, self._broker, self._slots = store, broker, slots
        self._grade, self._exercises, self._illustrate = judging.for_guest, exercises, illustrate
        self._preemption = preemption or Preemption()
        self._sweep = sweep_seconds
        self._share = max(1, slots - 1)
        self._rows = RowsInTable(store, lease_seconds, sweep_seconds, self._share, judging.blocked)
        compare = partial(judging.compare, exercises)
        self._idle = IdleWork(store, exercises, illustrate, prepare, self._share, compare)
        self._guests = threading.BoundedSemaphore(self._share)
        self._settling = Settling(
            store,
            judging,
            exercises,
            self._rows,
            ended=self._ended,
            resumed=self._look_now,
            backoff_seconds=backoff_seconds,
            longest_seconds=longest_seconds,
        )
        self._claims = itertools.count(1)
        self._lock = threading.Lock()
        """Guards the one below."""
        self._draining = 0
        """Threads that drain, or have been told to."""
        self._stopping = threading.Event()
        self._look = threading.Event()
        """Set to have the table looked at now."""
        self._verdicts: queues.SimpleQueue[Verdict | None] = queues.SimpleQueue()
        self._liveness = Liveness(
            store,
            announced(self.name, slots, isolation),
            ready=lambda: not self._stopping.is_set(),
            requeued=lambda _found: self._look_now(),
            looked=self._looked,
        )
        for queue_name, task in ((WAKE, self._wake), (GUEST, self._try), (DRAW, self._draw)):
            broker.app.task(task, name=f"grader.{queue_name}", shared=False)
        self._controller: Any = _Controller(
            app=broker.app,
            pool_cls="threads",
            concurrency=slots,
            queues=list(QUEUES),
            optimization="fair",
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
            hostname=f"grader@{self.name}",
        )
        for library in ("celery", "kombu"):
            logging.getLogger(library).addHandler(ToStructlog())
            logging.getLogger(library).propagate = False

    def run(self) -> None:
        """Grade until SIGTERM or SIGINT. Call it in the main thread.

        :raises StoreFailed: the database cannot be used at the start.
        :raises BrokerFailed: Celery gave up, for another reason than that Redis is away.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._liveness.start()
        self._preemption.watch(self._rows.somebody_waits, self._rows.look_seconds)
        others = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in ((self._sweeping, "sweeping"), (self._publishing, "publishing"))
        ]
        for thread in others:
            thread.start()
        try:
            self._controller.start()
            if not self._stopping.is_set():
                raise BrokerFailed(
                    f"Redis at {self._broker.where} cannot be used: the log says why; start the worker again."
                )
        finally:
            self._stopping.set()
            self._look_now()
            self._verdicts.put(None)
            for thread in others:
                thread.join(5)
            self._preemption.close()
            self._liveness.close()

    def _stop(self, number: int, _frame: object) -> None:
        self._stopping.set()
        self._look_now()
        state.should_stop = 0  # Celery's own way to end its loop, from a handler
        signal.signal(number, signal.SIG_DFL)

    # In Celery's threads

    def _wake(self) -> None:
        self._count(1)
        if self._drain():
            with suppress(BrokerFailed):
                self._broker.send(WAKE)

    def _count(self, more: int) -> None:
        with self._lock:
            self._draining += more

    def _drain(self) -> bool:
        """Grade what is due, for a while; whether there may be more."""
        try:
            return self._drain_for_a_while()
        finally:
            self._count(-1)

    def _drain_for_a_while(self) -> bool:
        until = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < until:
            if self._stopping.is_set():
                return True
            claimed = self._rows.claim(f"{self.name}:{next(self._claims)}")
            if claimed is None:
                return False
            try:
                with self._idle.grading():
                    self._settling.settle(claimed)
            finally:
                self._rows.ended(claimed)
            if not claimed.awaited and self._guest_waits():
                return False  # nobody waits for this; the sweeper goes on with it
        return True

    def _guest_waits(self) -> bool:
        try:
            return self._broker.waiting(GUEST) > 0
        except BrokerFailed:
            return False

    def _ended(self, claimed: Claimed, seconds: float | None, _written: Written | None) -> None:
        work = claimed.work
        self._verdicts.put(Verdict(claimed.id, claimed.user_id, seconds, claimed.lane))
        if seconds is not None and claimed.of_student and not work.submission.variant:
            self._idle.handed_in(work.assignment_id, work.exercise)

    def _draw(self, submission_id: str, exercise: str) -> None:
        if not self._idle.draw_this(submission_id, exercise):
            self._put_back()

    def _try(self, key: str) -> None:
        if not self._guests.acquire(blocking=False):
            self._put_back()
        try:
            with self._idle.grading():
                one = self._broker.get_try(key)
                if one is not None:
                    self._answer(key, one)
        except BrokerFailed as e:
            log.warning("a guest could not be answered", problem=str(e))
        finally:
            self._guests.release()

    def _put_back(self) -> None:
        """There is no room here now; there may be at another worker."""
        time.sleep(NO_ROOM_SECONDS)
        raise Reject("no room", requeue=True)

    def _answer(self, key: str, one: Try) -> None:
        submission = Submission(one.source, one.predictions, one.seed, one.variant)
        try:
            exercise = self._exercises(one.exercise).variant(one.variant)
            report = self._patiently(exercise, submission)
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; the guest is told that it failed
            log.error("a guest's try failed", exercise=one.exercise, problem=f"{type(e).__name__}: {e}"[:500])
            return self._broker.reply(key, b"")
        if report.status != "graded":
            return self._broker.reply(key, b"")
        self._broker.reply(key, msgspec.json.encode(report))
        log.info("a guest's try", exercise=one.exercise, score=report.score)
        if one.draw:
            drawn = b""
            if self._illustrate is not None:
                try:
                    drawn = msgspec.json.encode(self._illustrate(exercise, submission, report))
                except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; a picture is worth no more
                    said = f"{type(e).__name__}: {e}"[:500]
                    log.warning("could not draw", exercise=one.exercise, problem=said)
            self._broker.reply(key, drawn)
        return None

    def _patiently(self, exercise: Any, submission: Submission) -> Any:
        until = time.monotonic() + GUEST_SECONDS
        while True:
            try:
                return self._grade(exercise, submission)
            except TruthBusy as busy:
                if time.monotonic() + busy.seconds > until or self._stopping.is_set():
                    raise
                time.sleep(BUSY_SECONDS)

    # In threads of our own

    def _look_now(self) -> None:
        self._look.set()

    def _looked(self, seen: Sequence[Seen]) -> None:
        """One student may hold all threads but one, of all workers together."""
        slots = sum(each.slots for each in seen if each.alive)
        self._rows.share = max(1, slots - 1, self._share)

    def _sweeping(self) -> None:
        """Have the table drained, without a wake-up."""
        rest = 0.0
        while not self._stopping.is_set():
            self._look.wait(rest or self._patience())
            self._look.clear()
            if self._stopping.is_set():
                # Others take it. It may run for longer than anybody waits before SIGKILL, and would seem to
                # have killed this process.
                self._rows.abandon(behind=True)
                return
            try:
                with self._store.read() as session:
                    due = waiting.count_stale(session, 0.0, most=self._slots)
                rest = 0.0
                if due:
                    for _ in range(min(due, self._slots - self._draining)):
                        self._count(1)
                        self._controller.pool.executor.submit(self._drain)
                elif not self._idle.compare():
                    rest = REST * self._idle.prepare()
            except Exception as e:  # noqa: BLE001 – logged; the next look may succeed
                if not self._stopping.is_set():
                    log.warning("the queue could not be looked at", problem=f"{type(e).__name__}: {e}"[:300])

    def _patience(self) -> float:
        """Until the next look: nobody calls while the broker is away."""
        try:
            self._broker.ping()
        except BrokerFailed:
            return min(self._sweep, UNCALLED_SECONDS)
        return self._sweep

    def _publishing(self) -> None:
        """Tell servers of verdicts. What cannot be told is found in the table."""
        ended = False
        while not ended:
            verdicts = [self._verdicts.get()]
            with suppress(queues.Empty):
                while len(verdicts) < 100:
                    verdicts.append(self._verdicts.get_nowait())
            ended = None in verdicts
            try:
                self._broker.publish([each for each in verdicts if each is not None])
            except BrokerFailed:
                self._stopping.wait(0.5)
