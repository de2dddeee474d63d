"""Embedded dispatcher: threads in the server's own process that claim rows and grade them.

The submissions table is the truth: nothing is kept in memory that a killed process would lose. Each of N
threads claims a row, grades it, writes the verdict, and asks for the next. In what order,
:mod:`grader.dispatch.rows` knows; it also looks at the table every few seconds, so that a missed call costs
a moment and never a submission.

One server per SQLite file: an exclusive lock on ``FILE.lock`` is held while serving, which the
system drops when the process dies, however it dies. Who holds it knows that what was being graded
belonged to a process that is dead, and queues it again. On a database server there
is no such file; there every process that serves writes each second that it is alive, and the rows of one
that has fallen silent are queued again (:mod:`grader.dispatch.liveness`).

What is done with a claimed row, and what a failure costs it: :mod:`grader.dispatch.settling`.

A thread whose claim found nothing due does what :mod:`grader.dispatch.idle` has for it.

Who ends whom: ``close`` asks the threads to stop and waits for what they are grading, up to a
bound. Nobody kills a thread; a grading that hangs is ended by the sandbox, from outside. The
threads are daemons, so that one that does hang cannot keep the process alive.
"""

from __future__ import annotations

import itertools
import math
import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import Final, Self

import structlog
from sqlalchemy.orm import Session

from grader.dispatch import server_lock
from grader.dispatch.base import Ahead, Exercises, Grade, Illustrate, Prepare, Status, Tried, Written, is_soon
from grader.dispatch.guests import Guests
from grader.dispatch.idle import IdleWork
from grader.dispatch.judging import Judging
from grader.dispatch.liveness import Liveness, announced
from grader.dispatch.pace import Paces
from grader.dispatch.preemption import Preemption
from grader.dispatch.rows import Rows
from grader.dispatch.rows_in_memory import RowsInMemory
from grader.dispatch.rows_in_table import RowsInTable
from grader.dispatch.settling import WRITE_SECONDS, Settling
from grader.dispatch.waiters import Expected, Waiters
from grader.model.submission import Submission
from grader.store import engines, submissions
from grader.store.database import Store
from grader.store.queue import Claimed, Waiting
from grader.store.tables import State

log = structlog.get_logger(__name__)

REST: Final = 4.0
"""So many times as long as a piece of work ahead took, the thread rests after it."""


class EmbeddedDispatcher:
    """A :class:`grader.dispatch.base.Dispatcher` of ``threads`` threads.

    Start it in the process that serves, after any fork: threads do not survive one.

    :param illustrate: draws a submission once it has its verdict; None: there are no pictures.
    :param prepare: works ahead for later attempts at an assignment; None: nothing is prepared.
    :param preemption: is told whether somebody waits; None: what runs for long keeps its slot.
    :param more: further threads, on which as many more run at once; for what nobody waits for, of which
        one that writes a verdict so leaves the processors to another.
    :param warm: until it is set, everything is received and nothing is graded; None: it is set.
    :param lock_file: beside the SQLite file unless given; None on a database server.
    :param sweep_seconds: how often an idle thread looks at the table unasked.
    :param lease_seconds: longer than the longest grading; a row held longer is given to another.
    :param backoff_seconds: before the second try, and four times that before the third.
    :param longest_seconds: the longest that a row is put off while the sandbox is broken.
    :param close_seconds: how long ``close`` waits for what is being graded.
    """

    def __init__(
        self,
        store: Store,
        grade: Grade | Judging,
        exercises: Exercises,
        *,
        illustrate: Illustrate | None = None,
        prepare: Prepare | None = None,
        preemption: Preemption | None = None,
        threads: int = 2,
        more: int = 0,
        warm: threading.Event | None = None,
        lock_file: Path | None = None,
        sweep_seconds: float = 2.0,
        lease_seconds: float = 120.0,
        backoff_seconds: float = 2.0,
        longest_seconds: float = 120.0,
        close_seconds: float = 15.0,
    ) -> None:
        self._store, self._judging = store, Judging.of(store, grade)
        share = max(1, threads - 1)
        unawaited = max(1, threads - 1 + more)
        self._graders, self._more, self._behind = threads, more, unawaited
        self._preemption = preemption or Preemption()
        compare = partial(self._judging.compare, exercises)
        self._idle = IdleWork(store, exercises, illustrate, prepare, share, compare)
        guest = self._judging.for_guest
        self._guests = Guests(guest, exercises, illustrate, share, self._call_one, self._idle.grading)
        self._warm = warm
        self._lock_file = lock_file
        if lock_file is None and store.path is not None:
            self._lock_file = engines.lock_beside(store.path)
        self._lock: int | None = None
        self._close_seconds = close_seconds
        # The name is new at every start and the number at every claim, so that no claim can be
        # finished by anybody but the one who made it.
        self._name = self._judging.worker
        self._claims = itertools.count(1)
        self._threads = [
            threading.Thread(target=self._work, name=f"grading-{n}", daemon=True)
            for n in range(threads + more)
        ]
        blocked = self._judging.blocked
        self._rows: Rows = RowsInTable(store, lease_seconds, sweep_seconds, share, blocked, unawaited)
        if store.path is not None:
            file = engines.running_beside(store.path)
            self._rows = RowsInMemory(
                store, lease_seconds, sweep_seconds, share, unawaited, len(self._threads), self._call, file,
                blocked,
            )  # fmt: skip
        self._settling = Settling(
            store,
            self._judging,
            exercises,
            self._rows,
            ended=self._ended,
            resumed=self._call,
            backoff_seconds=backoff_seconds,
            longest_seconds=longest_seconds,
        )
        self._liveness: Liveness | None = None
        if store.path is None:
            self._liveness = Liveness(
                store, announced(self._name, threads, None), ready=self._ready, requeued=self._requeued
            )
        self._wake = threading.Condition()
        """Guards those below; notified when there may be work, and on closing."""
        self._calls = 0
        self._started = False
        self._closing = False
        self._waiters = Waiters()
        self._pace = Paces()

    def start(self) -> Self:
        """Take the lock, queue again what a dead server left running, and serve.

        :raises GraderError: when another server holds the same database.
        """
        assert not self._started, "a dispatcher is started once"
        if self._lock_file is not None:
            self._lock = server_lock.take(self._lock_file)
        try:
            found = self._rows.start()
            if self._liveness is not None:
                self._liveness.start()
        except BaseException:
            self._release()
            raise
        if found:
            log.warning("queued again what a stopped server left", submissions=found)
        self._started = True
        self._preemption.watch(self._rows.somebody_waits, self._rows.look_seconds)
        for thread in self._threads:
            thread.start()
        return self

    def submit(self, row: Waiting | None = None) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        self._rows.arrived(row)
        if row is None:  # nobody says how many: a proposal's may be thousands
            self._call()
        else:
            self._call_one()

    def draw(self, submission_id: str, exercise: str) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        if self._idle.ask_to_draw(submission_id, exercise):
            self._call_one()

    def judge(self, exercise: str, submission: Submission, seconds: float, *, draw: bool) -> Tried:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        return self._guests.judge(exercise, submission, seconds, draw=draw)

    def wait(self, submission_id: str, seconds: float) -> bool:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._waiters.expecting(submission_id) as done:
            return self._wait(submission_id, seconds, done)

    def verdict(self, submission_id: str, seconds: float) -> Written | None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._waiters.expecting(submission_id) as done:
            self._wait(submission_id, seconds, done)
            return done.written

    def _wait(self, submission_id: str, seconds: float, done: Expected) -> bool:
        if not self._rows.waits(submission_id):
            state = self._state(submission_id)
            if state not in ("queued", "running"):
                return state is not None
        if done.wait(max(0.0, seconds)):
            return not self._closing
        return self._state(submission_id) in ("graded", "failed")

    def ahead(self, submission_id: str, session: Session | None = None) -> Ahead | None:  # noqa: ARG002 – the memory knows
        """See :class:`grader.dispatch.base.Dispatcher`."""
        place = self._rows.place(submission_id)
        if place is None:
            return None
        stalled = self._cold() or self._settling.broken
        with self._wake:
            return self._pace.ahead(place, self._graders, self._behind, stalled=stalled)

    def far_off(self, submission_id: str, seconds: float) -> Ahead | None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        ahead = self.ahead(submission_id)
        return None if is_soon(ahead, seconds) else ahead

    def status(self) -> Status:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        queue = self._rows.counts()
        alive = sum(thread.is_alive() for thread in self._threads) if self._ready() else 0
        return Status(
            max(0, alive - self._more), self._graders, queue.queued, queue.running, parts=queue.parts
        )

    def close(self) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        deadline = time.monotonic() + self._close_seconds
        for thread in self._threads if self._started else ():
            thread.join(max(0.0, deadline - time.monotonic()))
        late = sum(thread.is_alive() for thread in self._threads)
        if late:
            # Their rows are queued again, or by the next start; should they still come to an end, the
            # row is no longer theirs and they write nothing.
            log.warning("closed while submissions were being graded", submissions=late)
            self._rows.abandon()
        self._waiters.tell_all()
        self._preemption.close()
        self._guests.close()
        if self._liveness is not None and self._started:
            self._liveness.close(holding=late > 0)
        self._release()

    # The threads

    def _work(self) -> None:
        while self._warm is not None and not self._warm.wait(0.2):
            if self._closing:
                return
        while True:
            try:
                if not self._work_once():
                    return
            except Exception:
                # Whatever it is: when a thread ends, nothing is graded on it any more.
                log.exception("a grading thread met an error of ours")
                time.sleep(WRITE_SECONDS)

    def _work_once(self) -> bool:
        """Grade, draw or prepare what is there, or wait a while for more; False when it is time to end."""
        with self._wake:
            if self._closing:
                return False
            # Read before the table is: a call that comes after the look at the table is then
            # seen as a change, and the thread does not fall asleep over it.
            calls = self._calls
        claimed = self._rows.claim(f"{self._name}:{next(self._claims)}")
        served = (claimed is None or not claimed.awaited) and self._guests.serve()
        if claimed is not None:
            try:
                with self._idle.grading():
                    self._settling.settle(claimed)
            finally:
                self._rows.ended(claimed)
            return True
        if served or self._idle.draw() or self._idle.compare():
            return True
        worked = self._idle.prepare()
        if worked:
            # One part work, four parts rest: whoever hands in meanwhile finds an idle machine.
            with self._wake:
                self._wake.wait_for(partial(self._called_since, calls), REST * worked)
            return True
        seconds = min(self._rows.seconds(), self._guests.seconds() or math.inf)
        with self._wake:
            self._wake.wait_for(partial(self._called_since, calls), seconds)
        return True

    def _ready(self) -> bool:
        return not self._closing and (self._warm is None or self._warm.is_set())

    def _requeued(self, _found: int) -> None:
        self._call()

    def _call_one(self) -> None:
        """There may be work for one."""
        with self._wake:
            self._calls += 1
            self._wake.notify()

    def _call(self) -> None:
        """There may be work for all."""
        with self._wake:
            self._calls += 1
            self._wake.notify_all()

    def _called_since(self, calls: int) -> bool:
        return self._closing or self._calls != calls

    def _ended(self, claimed: Claimed, seconds: float | None, written: Written | None) -> None:
        """It has its verdict, or there will be none."""
        work = claimed.work
        if seconds is not None:
            with self._wake:
                self._pace.note(claimed.lane, claimed.user_id, seconds)
            # Of variants there are too many to keep.
            if claimed.of_student and not work.submission.variant:
                self._idle.handed_in(work.assignment_id, work.exercise)
        self._waiters.tell(claimed.id, written)

    def _cold(self) -> bool:
        return self._warm is not None and not self._warm.is_set()

    def _state(self, submission_id: str) -> State | None:
        with self._store.read() as session:
            return submissions.state_of(session, submission_id)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
