"""Settling: grade one claimed row and write what came of it. Both engines do it here.

A row's tries are for failures that belong to it: a reference that does not run, a bug of ours that
it meets, a sandbox that dies under it and under no other. While nothing can be graded or written – no
sandbox, a full disk, a locked database, no descriptor left – that is no row's failure: it is put off, for
as long again as it has been so (exponential back-off from ``backoff_seconds`` to ``longest_seconds``),
however often. The first verdict that is written again brings back all that were put off.

What gave up its slot to others (:mod:`grader.dispatch.preemption`) has not failed either: it is queued again
in the lane of what runs for long.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.orm import Session

from grader.dispatch import trail
from grader.dispatch.base import Exercises, Written
from grader.dispatch.judging import Judging
from grader.dispatch.pins import VersionsRefused
from grader.dispatch.rows import Rows
from grader.dispatch.tolerances import Tolerances
from grader.errors import GraderError, Preempted, SandboxFailed, StoreFailed, TruthBusy
from grader.model.lane import Lane
from grader.store import requeue
from grader.store.database import Store
from grader.store.queue import Claimed
from grader.store.tables import State, utcnow

log = structlog.get_logger(__name__)

WRITE_SECONDS: Final = 1.0
"""The longest that a row is put off because a verdict could not be written: the database is asked again."""
BUSY_SECONDS: Final = 1.0
"""So long a submission is put off whose exercise's reference is being run for another."""
SCARCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC})
"""What the machine lacks at this moment: descriptors, memory, processes, room."""

Ended = Callable[[Claimed, float | None, Written | None], None]
"""A row has its verdict, after so many seconds; None: there will be none (or it keeps the one it had)."""


class Settling:
    """Safe for threads.

    :param ended: called once the verdict is written, or the row has failed for good.
    :param resumed: called when something could be graded again, and what was put off is due.
    :param backoff_seconds: before the second try, and four times that before the third.
    :param longest_seconds: the longest that a row is put off while the sandbox is broken.
    """

    def __init__(
        self,
        store: Store,
        judging: Judging,
        exercises: Exercises,
        rows: Rows,
        *,
        ended: Ended,
        resumed: Callable[[], None],
        backoff_seconds: float,
        longest_seconds: float,
    ) -> None:
        self._store, self._judging, self._rows = store, judging, rows
        self._tolerances = Tolerances(exercises)
        self._ended, self._resumed = ended, resumed
        self._backoff, self._longest = backoff_seconds, longest_seconds
        self._lock = threading.Lock()
        """Guards the one below."""
        self._broken_since: float | None = None

    @property
    def broken(self) -> bool:
        """Whether what was tried last could not be graded, whatever it was."""
        return self._broken_since is not None

    def settle(self, claimed: Claimed) -> None:
        """Grade a claimed row and write what came of it. Raises nothing."""
        began, started = time.monotonic(), utcnow()
        work = claimed.work
        known = trail.begun(claimed)
        try:
            exercise = self._tolerances.exercise_of(work)
            judged = self._judging.judge(exercise, work, behind=not claimed.awaited)
        except Preempted as e:
            known.info("preempted", problem=str(e), ms=round((time.monotonic() - began) * 1000, 1))
            return self._preempt(claimed)
        except TruthBusy as e:
            return self._again_soon(claimed, e.seconds, str(e) if e.seconds else "")
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
        report = judged.report
        if report.status != "graded":
            return self._give_back(claimed, report.summary.en or "the grader could not grade this", True)
        made = self._judging.made(claimed, judged, began)
        try:
            finished = self._store.together(partial(self._judging.write, claimed, report, started, made))
        except VersionsRefused:
            return self._again_soon(claimed)
        except StoreFailed as e:
            return self._put_off(claimed, str(e), WRITE_SECONDS)
        except Exception as e:  # noqa: BLE001 – logged; the thread lives on
            # Whatever the database says, the student's work is not to blame: it is tried again.
            known.exception("a verdict could not be written")
            return self._give_back(claimed, f"the verdict could not be written: {e}", True)
        if self._broken_since is not None:
            self._resume()
        if finished is not None:
            known.info("graded", score=report.score, ms=round((time.monotonic() - began) * 1000, 1))
            self._rows.ended(claimed)
            # With what it took to write it: so long its thread took nothing else.
            self._ended(claimed, time.monotonic() - began, Written(report, finished))
            self._judging.written(made)
        else:
            known.warning("graded too late: the row had been given to another, or is gone")
        return None

    def _preempt(self, claimed: Claimed) -> None:
        """It has run for long, and others wait: it begins anew among those that run for long."""

        def write(session: Session) -> bool:
            return requeue.preempt(session, claimed.id, claimed.holder)

        try:
            held = self._store.together(write)
        except Exception:
            log.exception("a submission could not be moved to another lane", submission=claimed.id)
            self._rows.lost(claimed)
        else:
            if held:
                self._rows.again(claimed, 0.0, tries=claimed.tries, lane=Lane.LONG)

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
            self._ended(claimed, None, None)

    def _put_off(self, claimed: Claimed, problem: str, longest: float | None = None) -> None:
        """Nothing can be graded, or written, at this moment."""
        with self._lock:
            now = time.monotonic()
            if self._broken_since is None:
                self._broken_since = now
            longest = self._longest if longest is None else longest
            delay = min(max(self._backoff, now - self._broken_since), longest)
        self._write_put_off(claimed, problem, delay)
        log.error("nothing can be graded now", submission=claimed.id, problem=problem, again=round(delay, 1))

    def _again_soon(self, claimed: Claimed, seconds: float = 0.0, problem: str = "") -> None:
        """Its exercise's reference is being run for another, or others judge its assignment: nobody need wait
        for that."""
        self._write_put_off(claimed, problem, max(seconds, BUSY_SECONDS))

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
        with self._lock:
            self._broken_since = None
        try:
            found = self._store.together(requeue.resume)
        except Exception:
            log.exception("submissions that were put off wait until their time")  # which is minutes at most
            return
        log.warning("submissions can be graded again", submissions=found)
        self._rows.resume()
        self._resumed()
