"""Threads in the server's own process.

The submissions table is the truth: nothing is kept in memory that a killed process would lose. Each of N
threads claims a row, grades it, writes the verdict, and asks for the next. In what order,
:mod:`grader.dispatch.rows` knows; it also looks at the table every few seconds, so that a missed call, or a
verdict that could not be written, costs a moment and never a submission.

One server per SQLite file: an exclusive lock on ``FILE.lock`` is held while serving, which the
system drops when the process dies, however it dies. Who holds it knows that every row still
``running`` belonged to a process that is dead, and queues it again. On a database server there
is no such file; there a row of a dead process comes back when its lease has run out.

A row's tries are for failures that belong to it: a reference that does not run, a bug of ours that
it meets, a sandbox that dies under it and under no other. While the sandbox as such is broken
nothing can be graded, and that is no row's failure: it is put off, for as long again as the
sandbox has been broken (from ``backoff_seconds`` to ``longest_seconds``), however often. The
first row that can be graded again brings back all that were put off.

Pictures come last, and only where somebody looks. What is asked for is put into a short list in memory,
and a thread whose claim found nothing due draws the newest of it. One thread never draws, if there are
several, so that whoever hands in meanwhile does not wait for a picture. What the list cannot hold, and what
a stopping server leaves in it, is drawn when it is asked for again.

After the pictures, the truths of later attempts at the same assignment are worked out ahead, one at a
time, for the assignment that was handed in for last. That never takes the last thread either.

Who ends whom: ``close`` asks the threads to stop and waits for what they are grading, up to a
bound. Nobody kills a thread; a grading that hangs is ended by the sandbox, from outside. The
threads are daemons, so that one that does hang cannot keep the process alive.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import secrets
import socket
import threading
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import Final, Self

import structlog

from grader.dispatch.base import Exercises, Grade, Illustrate, Prepare, Status
from grader.dispatch.rows import Rows, RowsInMemory, RowsInTable
from grader.errors import GraderError, SandboxFailed
from grader.model.exercise import Exercise
from grader.model.submission import Submission as HandedIn
from grader.store import pictures, submissions
from grader.store.database import Store
from grader.store.submissions import Claimed
from grader.store.tables import State

log = structlog.get_logger(__name__)

REST: Final = 4.0
"""So many times as long as a piece of work ahead took, the thread rests after it."""
MOST_UNDRAWN: Final = 1024
"""So many submissions wait to be drawn. Beyond that the oldest goes without."""


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
        self._store, self._grade, self._exercises = store, grade, exercises
        self._illustrate, self._prepare = illustrate, prepare
        self._warm = warm
        self._lock_file = lock_file
        if lock_file is None and store.path is not None:
            self._lock_file = store.path.with_name(store.path.name + ".lock")
        self._lock: int | None = None
        self._backoff, self._longest = backoff_seconds, longest_seconds
        self._close_seconds = close_seconds
        # The name is new at every start and the number at every claim, so that no claim can be
        # finished by anybody but the one who made it.
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._claims = itertools.count(1)
        self._threads = [
            threading.Thread(target=self._work, name=f"grading-{n}", daemon=True) for n in range(threads)
        ]
        self._rows: Rows = RowsInTable(store, lease_seconds, sweep_seconds)
        if store.path is not None:
            share = max(1, threads - 1)
            self._rows = RowsInMemory(store, lease_seconds, sweep_seconds, share, self._call)
        self._wake = threading.Condition()
        """Guards the eight below; notified when there may be work, and on closing."""
        self._calls = 0
        self._started = False
        self._closing = False
        self._broken_since: float | None = None
        self._waiters: dict[str, set[threading.Event]] = {}
        self._undrawn: deque[tuple[str, str]] = deque(maxlen=MOST_UNDRAWN)
        self._drawing = 0
        """Threads that draw or prepare."""
        self._unprepared: dict[int, str] = {}
        """Assignments with work ahead, the one handed in for last at the end, and their exercises."""

    def start(self) -> Self:
        """Take the lock, queue again what a dead server left running, and serve.

        :raises GraderError: when another server holds the same database.
        """
        assert not self._started, "a dispatcher is started once"
        if self._lock_file is not None:
            self._lock = _take(self._lock_file)
        try:
            with self._store.write() as session:
                if self._store.path is not None:
                    found = submissions.requeue_running(session)
                else:
                    found = submissions.requeue_expired(session)
        except BaseException:
            self._release()
            raise
        if found:
            log.warning("queued again what a stopped server left", submissions=found)
        self._started = True
        for thread in self._threads:
            thread.start()
        return self

    def submit(self, submission_id: str, user_id: int | None = None) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        self._rows.arrived(submission_id, user_id)
        with self._wake:
            self._calls += 1
            self._wake.notify()

    def draw(self, submission_id: str, exercise: str) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        wanted = (submission_id, exercise)
        with self._wake:
            if self._illustrate is None or wanted in self._undrawn:
                return
            self._undrawn.append(wanted)
            self._calls += 1
            self._wake.notify()

    def wait(self, submission_id: str, seconds: float) -> bool:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        done = threading.Event()
        # Registered before the row is looked at: what finishes in between sets the event.
        with self._wake:
            self._waiters.setdefault(submission_id, set()).add(done)
        try:
            state = self._state(submission_id)
            if state not in ("queued", "running"):
                return state is not None
            done.wait(max(0.0, seconds))
        finally:
            with self._wake:
                waiting = self._waiters.get(submission_id, set())
                waiting.discard(done)
                if not waiting:
                    self._waiters.pop(submission_id, None)
        return self._state(submission_id) in ("graded", "failed")

    def status(self) -> Status:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        with self._store.read() as session:
            queue = submissions.queue(session)
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
            # Their rows are queued again by the next start; should they still come to an end, the
            # row is no longer theirs and they write nothing.
            log.warning("closed while submissions were being graded", submissions=late)
        with self._wake:
            for event in itertools.chain.from_iterable(self._waiters.values()):
                event.set()
        self._release()

    # The threads

    def _work(self) -> None:
        while self._warm is not None and not self._warm.wait(0.2):
            if self._closing:
                return
        while True:
            with self._wake:
                if self._closing:
                    return
                # Read before the table is: a call that comes after the look at the table is then
                # seen as a change, and the thread does not fall asleep over it.
                calls = self._calls
            claimed = self._rows.claim(f"{self._name}:{next(self._claims)}")
            if claimed is not None:
                try:
                    self._settle(claimed)
                finally:
                    self._rows.ended(claimed.owner)
                continue
            if self._draw_next():
                continue
            worked = self._prepare_next()
            if worked:
                # One part work, four parts rest: whoever hands in meanwhile finds an idle machine.
                with self._wake:
                    self._wake.wait_for(partial(self._called_since, calls), REST * worked)
                continue
            seconds = self._rows.seconds()
            with self._wake:
                self._wake.wait_for(partial(self._called_since, calls), seconds)

    def _call(self) -> None:
        """There may be work for all."""
        with self._wake:
            self._calls += 1
            self._wake.notify_all()

    def _called_since(self, calls: int) -> bool:
        return self._closing or self._calls != calls

    def _settle(self, claimed: Claimed) -> None:
        """Grade a claimed row and write what came of it. Raises nothing."""
        began = time.monotonic()
        known = log.bind(submission=claimed.id, exercise=claimed.exercise, tries=claimed.tries)
        try:
            report = self._grade(self._exercises(claimed.exercise), claimed.submission)
        except SandboxFailed as e:
            return self._put_off(claimed, str(e))
        except GraderError as e:
            return self._give_back(claimed, str(e), e.retry)
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; the thread lives on
            known.exception("grading raised")
            return self._give_back(claimed, f"{type(e).__name__}: {e}", True)
        if report.status != "graded":
            return self._give_back(claimed, report.summary.en or "the grader could not grade this", True)
        try:
            with self._store.write() as session:
                row = submissions.get(session, claimed.id)
                changed = row is not None and row.exercise_digest != report.exercise_digest
                held = submissions.finish(session, claimed.id, claimed.owner, report)
                if held and changed:
                    pictures.forget(session, claimed.id)
        except Exception as e:  # noqa: BLE001 – logged; the thread lives on
            # Whatever the database says, the student's work is not to blame: it is tried again.
            known.exception("a verdict could not be written")
            return self._give_back(claimed, f"the verdict could not be written: {e}", True)
        if self._broken_since is not None:
            self._resume()
        if self._prepare is not None:
            with self._wake:
                self._unprepared.pop(claimed.assignment_id, None)
                self._unprepared[claimed.assignment_id] = claimed.exercise
        if held:
            known.info("graded", score=report.score, ms=round((time.monotonic() - began) * 1000, 1))
            self._tell(claimed.id)
        else:
            known.warning("graded too late: the row had been given to another")
        return None

    def _draw_next(self) -> bool:
        """Draw what was asked for last; False when there is nothing, or enough threads draw already."""
        with self._wake:
            if self._closing or not self._undrawn or self._drawing >= max(1, len(self._threads) - 1):
                return False
            submission_id, slug = self._undrawn.pop()
            self._drawing += 1
        try:
            self._draw(submission_id, self._exercises(slug))
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; a picture is worth no more
            log.warning("could not draw", submission=submission_id, problem=f"{type(e).__name__}: {e}"[:500])
        finally:
            with self._wake:
                self._drawing -= 1
        return True

    def _prepare_next(self) -> float:
        """Do one piece of work ahead; how many seconds it took, 0 where there is none, or enough threads are
        busy with such things.
        """
        with self._wake:
            busy = self._drawing >= max(1, len(self._threads) - 1)
            if self._prepare is None or self._closing or not self._unprepared or busy:
                return 0.0
            assignment, slug = next(reversed(self._unprepared.items()))
            self._drawing += 1
        more, began = False, time.monotonic()
        try:
            more = self._prepare(self._exercises(slug), assignment)
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; who hands in will hear of it
            log.warning("could not prepare", exercise=slug, problem=f"{type(e).__name__}: {e}"[:500])
        finally:
            with self._wake:
                self._drawing -= 1
                if not more and self._unprepared.get(assignment) == slug:
                    del self._unprepared[assignment]
        return max(0.001, time.monotonic() - began)

    def _draw(self, submission_id: str, exercise: Exercise) -> None:
        assert self._illustrate is not None
        began = time.monotonic()
        with self._store.read() as session:
            row = submissions.get(session, submission_id)
            # Asked for twice, or graded again while the exercise is what it was: so are the pictures.
            if row is None or row.report is None or pictures.find(session, submission_id) is not None:
                return
        drawn = self._illustrate(exercise, HandedIn(row.source, row.predictions, row.seed))
        with self._store.write() as session:
            row = submissions.get(session, submission_id)
            # Or the exercise has changed meanwhile, and this is no picture of what was judged.
            if row is None or row.exercise_digest != exercise.digest:
                return
            kept = pictures.save(session, submission_id, drawn)
        ms = round((time.monotonic() - began) * 1000, 1)
        log.info("drawn" if kept else "drawn too large", submission=submission_id, ms=ms)

    def _give_back(self, claimed: Claimed, problem: str, retry: bool) -> None:
        delay = self._backoff * 4**claimed.tries
        try:
            with self._store.write() as session:
                state = submissions.give_back(
                    session, claimed.id, claimed.owner, problem, retry, delay_seconds=delay
                )
        except Exception:
            # It stays ours until the lease has run out; then it is queued again.
            log.exception("a submission could not be given back", submission=claimed.id)
            return
        if state == "queued":
            self._rows.again(claimed, delay, tries=claimed.tries + 1)
        log.error("could not grade", submission=claimed.id, problem=problem, state=state)
        if state == "failed":
            self._tell(claimed.id)

    def _put_off(self, claimed: Claimed, problem: str) -> None:
        with self._wake:
            now = time.monotonic()
            if self._broken_since is None:
                self._broken_since = now
            delay = min(max(self._backoff, now - self._broken_since), self._longest)
        try:
            with self._store.write() as session:
                held = submissions.put_off(session, claimed.id, claimed.owner, problem, delay_seconds=delay)
        except Exception:
            log.exception("a submission could not be put off", submission=claimed.id)
            return
        if held:
            self._rows.again(claimed, delay, tries=claimed.tries)
        log.error("the sandbox is broken", submission=claimed.id, problem=problem, again_in=round(delay, 1))

    def _resume(self) -> None:
        """Something was graded again: what was put off is due."""
        with self._wake:
            self._broken_since = None
        try:
            with self._store.write() as session:
                found = submissions.resume(session)
        except Exception:
            log.exception("submissions that were put off wait until their time")  # which is minutes at most
            return
        log.warning("the sandbox works again", submissions=found)
        self._rows.resume()
        self._call()

    def _tell(self, submission_id: str) -> None:
        with self._wake:
            for event in self._waiters.get(submission_id, ()):
                event.set()

    def _state(self, submission_id: str) -> State | None:
        with self._store.read() as session:
            return submissions.state_of(session, submission_id)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _take(path: Path) -> int:
    """Lock ``path`` for as long as the returned descriptor is open. The file itself may stay."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as e:
        raise GraderError(f"the lock file {path} cannot be made: {e.strerror}.") from e
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise GraderError(
            f"another server (process {holder}) is using the database beside {path}: "
            "stop it first, or give this one a database of its own."
        ) from e
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor
