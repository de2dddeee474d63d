"""Embedded dispatcher: threads in the server's own process that claim rows and grade them.

The submissions table is the truth: nothing is kept in memory that a killed process would lose. Each of N
threads claims a row, grades it, writes the verdict, and asks for the next. In what order,
:mod:`grader.dispatch.rows` knows; it also looks at the table every few seconds, so that a missed call costs
a moment and never a submission.

One server per SQLite file: an exclusive lock on ``FILE.lock`` is held while serving, which the
system drops when the process dies, however it dies. Who holds it knows that what was being graded
belonged to a process that is dead, and queues it again. On a database server there
is no such file; there a row of a dead process comes back when its lease has run out.

A row's tries are for failures that belong to it: a reference that does not run, a bug of ours that
it meets, a sandbox that dies under it and under no other. While nothing can be graded or written – no
sandbox, a full disk, a locked database, no descriptor left – that is no row's failure: it is put off, for
as long again as it has been so (exponential back-off from ``backoff_seconds`` to ``longest_seconds``),
however often. The first verdict that is written again brings back all that were put off.

A thread whose claim found nothing due does what :mod:`grader.dispatch.idle` has for it.

Who ends whom: ``close`` asks the threads to stop and waits for what they are grading, up to a
bound. Nobody kills a thread; a grading that hangs is ended by the sandbox, from outside. The
threads are daemons, so that one that does hang cannot keep the process alive.
"""

from __future__ import annotations

import errno
import itertools
import math
import os
import secrets
import socket
import threading
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Self

import structlog
from sqlalchemy.orm import Session

from grader import __version__
from grader.analytics.alike import tree_key
from grader.dispatch import server_lock
from grader.dispatch.base import Ahead, Exercises, Grade, Illustrate, Prepare, Status, Tried
from grader.dispatch.guests import Guests
from grader.dispatch.idle import IdleWork
from grader.dispatch.pace import Pace
from grader.dispatch.rows import Rows, RowsInMemory, RowsInTable
from grader.dispatch.tolerances import Tolerances
from grader.dispatch.versions import installed
from grader.dispatch.waiters import Waiters
from grader.errors import GraderError, SandboxFailed, StoreFailed, TruthBusy
from grader.model.report import Report
from grader.model.submission import Submission
from grader.store import engines, queue, requeue, submissions
from grader.store.database import Store
from grader.store.judgings import Made
from grader.store.queue import Claimed, Waiting
from grader.store.tables import State, utcnow

log = structlog.get_logger(__name__)

WRITE_SECONDS: Final = 1.0
"""The longest that a row is put off because a verdict could not be written: the database is asked again."""
BUSY_SECONDS: Final = 1.0
"""So long a submission is put off whose exercise's reference is being run for another."""
SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC})
"""What the machine lacks at this moment: descriptors, memory, processes, room."""
REST: Final = 4.0
"""So many times as long as a piece of work ahead took, the thread rests after it."""


class EmbeddedDispatcher:
    """A :class:`grader.dispatch.base.Dispatcher` of ``threads`` threads.

    Start it in the process that serves, after any fork: threads do not survive one.

    :param illustrate: draws a submission once it has its verdict; None: there are no pictures.
    :param prepare: works ahead for later attempts at an assignment; None: nothing is prepared.
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
        grade: Grade,
        exercises: Exercises,
        *,
        illustrate: Illustrate | None = None,
        prepare: Prepare | None = None,
        threads: int = 2,
        warm: threading.Event | None = None,
        lock_file: Path | None = None,
        sweep_seconds: float = 2.0,
        lease_seconds: float = 120.0,
        backoff_seconds: float = 2.0,
        longest_seconds: float = 120.0,
        close_seconds: float = 15.0,
    ) -> None:
        self._store, self._grade = store, grade
        self._tolerances = Tolerances(exercises)
        share = max(1, threads - 1)
        self._idle = IdleWork(store, exercises, illustrate, prepare, share)
        self._guests = Guests(grade, exercises, illustrate, share, self._call_one, self._idle.grading)
        self._warm = warm
        self._lock_file = lock_file
        if lock_file is None and store.path is not None:
            self._lock_file = engines.lock_beside(store.path)
        self._lock: int | None = None
        self._backoff, self._longest = backoff_seconds, longest_seconds
        self._close_seconds = close_seconds
        # The name is new at every start and the number at every claim, so that no claim can be
        # finished by anybody but the one who made it.
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._claims = itertools.count(1)
        self._made = Made(__version__, installed("torch"), self._name)
        self._threads = [
            threading.Thread(target=self._work, name=f"grading-{n}", daemon=True) for n in range(threads)
        ]
        self._rows: Rows = RowsInTable(store, lease_seconds, sweep_seconds, share)
        if store.path is not None:
            file = engines.running_beside(store.path)
            self._rows = RowsInMemory(store, lease_seconds, sweep_seconds, share, threads, self._call, file)
        self._wake = threading.Condition()
        """Guards those below; notified when there may be work, and on closing."""
        self._calls = 0
        self._started = False
        self._closing = False
        self._broken_since: float | None = None
        self._waiters = Waiters()
        self._pace = Pace()

    def start(self) -> Self:
        """Take the lock, queue again what a dead server left running, and serve.

        :raises GraderError: when another server holds the same database.
        """
        assert not self._started, "a dispatcher is started once"
        if self._lock_file is not None:
            self._lock = server_lock.take(self._lock_file)
        try:
            found = self._rows.start()
        except BaseException:
            self._release()
            raise
        if found:
            log.warning("queued again what a stopped server left", submissions=found)
        self._started = True
        for thread in self._threads:
            thread.start()
        return self

    def submit(self, row: Waiting | None = None) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        self._rows.arrived(row)
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
            if self._rows.place(submission_id) is None:
                state = self._state(submission_id)
                if state not in ("queued", "running"):
                    return state is not None
            if done.wait(max(0.0, seconds)):
                return not self._closing
        return self._state(submission_id) in ("graded", "failed")

    def ahead(self, submission_id: str) -> Ahead | None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        place = self._rows.place(submission_id)
        if place is None:
            return None
        turns = place.before / len(self._threads) + (0.5 if place.running else 1.0)
        seconds = place.seconds + turns * self._pace.seconds
        return Ahead(place.before, seconds, place.running)

    def status(self) -> Status:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        queue = self._rows.counts()
        idle = self._closing or (self._warm is not None and not self._warm.is_set())
        alive = 0 if idle else sum(thread.is_alive() for thread in self._threads)
        return Status(alive=alive, expected=len(self._threads), queued=queue.queued, running=queue.running)

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
        self._guests.close()
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
        served = (claimed is None or claimed.regrading) and self._guests.serve()
        if claimed is not None:
            try:
                with self._idle.grading():
                    self._settle(claimed)
            finally:
                self._rows.ended(claimed)
            return True
        if served or self._idle.draw():
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

    def _settle(self, claimed: Claimed) -> None:
        """Grade a claimed row and write what came of it. Raises nothing."""
        began, started = time.monotonic(), utcnow()
        work = claimed.work
        known = log.bind(submission=claimed.id, exercise=work.exercise, tries=claimed.tries)
        try:
            report = self._grade(self._tolerances.exercise_of(work), work.submission)
        except TruthBusy:
            return self._again_soon(claimed)
        except SandboxFailed as e:
            return self._put_off(claimed, str(e))
        except GraderError as e:
            return self._give_back(claimed, str(e), e.retry)
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; the thread lives on
            said = f"{type(e).__name__}: {e}"
            if isinstance(e, MemoryError) or (isinstance(e, OSError) and e.errno in SCARCE):
                return self._put_off(claimed, said)
            known.exception("grading raised")
            return self._give_back(claimed, said, True)
        if report.status != "graded":
            return self._give_back(claimed, report.summary.en or "the grader could not grade this", True)
        seconds = time.monotonic() - began
        made = self._made._replace(tree=tree_key(work.submission.source))
        try:
            held = self._store.together(partial(_write, claimed, report, started, made))
        except StoreFailed as e:
            return self._put_off(claimed, str(e), WRITE_SECONDS)
        except Exception as e:  # noqa: BLE001 – logged; the thread lives on
            # Whatever the database says, the student's work is not to blame: it is tried again.
            known.exception("a verdict could not be written")
            return self._give_back(claimed, f"the verdict could not be written: {e}", True)
        if self._broken_since is not None:
            self._resume()
        with self._wake:
            self._pace.note(claimed.user_id, seconds)
        if not claimed.regrading and not work.submission.variant:  # of variants there are too many to keep
            self._idle.handed_in(work.assignment_id, work.exercise)
        if held:
            known.info("graded", score=report.score, ms=round((time.monotonic() - began) * 1000, 1))
            self._rows.ended(claimed)
            self._waiters.tell(claimed.id)
        else:
            known.warning("graded too late: the row had been given to another, or is gone")
        return None

    def _give_back(self, claimed: Claimed, problem: str, retry: bool) -> None:
        delay = self._backoff * 4**claimed.tries

        def write(session: Session) -> State | None:
            return requeue.give_back(session, claimed.id, claimed.holder, problem, retry, delay_seconds=delay)

        try:
            state = self._store.together(write)
        except Exception:
            log.exception("a submission could not be given back", submission=claimed.id)
            self._rows.lost(claimed)
            return
        if state == "queued":
            self._rows.again(claimed, delay, tries=claimed.tries + 1)
        log.error("could not grade", submission=claimed.id, problem=problem, state=state)
        if state in ("failed", "graded"):
            self._rows.ended(claimed)
            self._waiters.tell(claimed.id)

    def _put_off(self, claimed: Claimed, problem: str, longest: float | None = None) -> None:
        """Nothing can be graded, or written, at this moment."""
        with self._wake:
            now = time.monotonic()
            if self._broken_since is None:
                self._broken_since = now
            longest = self._longest if longest is None else longest
            delay = min(max(self._backoff, now - self._broken_since), longest)
        self._write_put_off(claimed, problem, delay)
        log.error("nothing can be graded now", submission=claimed.id, problem=problem, again=round(delay, 1))

    def _again_soon(self, claimed: Claimed) -> None:
        """Its exercise's reference is being run for another, and others need not wait for that."""
        self._write_put_off(claimed, "", BUSY_SECONDS)

    def _write_put_off(self, claimed: Claimed, problem: str, delay: float) -> None:
        def write(session: Session) -> bool:
            return requeue.put_off(session, claimed.id, claimed.holder, problem, delay_seconds=delay)

        try:
            # In memory, why it waits is told only where somebody may want to read it.
            held = (claimed.in_memory and not problem) or self._store.together(write)
        except Exception:
            log.exception("a submission could not be put off", submission=claimed.id)
            self._rows.lost(claimed)
        else:
            if held:
                self._rows.again(claimed, delay, tries=claimed.tries)

    def _resume(self) -> None:
        """Something was graded again: what was put off is due."""
        with self._wake:
            self._broken_since = None
        try:
            found = self._store.together(requeue.resume)
        except Exception:
            log.exception("submissions that were put off wait until their time")  # which is minutes at most
            return
        log.warning("submissions can be graded again", submissions=found)
        self._rows.resume()
        self._call()

    def _state(self, submission_id: str) -> State | None:
        with self._store.read() as session:
            return submissions.state_of(session, submission_id)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _write(claimed: Claimed, report: Report, started: datetime, made: Made, session: Session) -> bool:
    """Write a verdict; whether the row was still ours."""
    since = started if claimed.in_memory else None
    return queue.finish(session, claimed.id, claimed.holder, report, started=since, made=made)
