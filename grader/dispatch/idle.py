"""Idle work of grading threads: when no row is due, they draw what somebody looks at, and work ahead.

Pictures come last, and only where somebody looks. What is asked for is put into a short list in memory,
and a thread whose claim found nothing due draws the newest of it. Of several threads one is left to whoever
hands in meanwhile: nothing is drawn while all the others are busy, whatever with. What the list cannot hold,
and what a stopping server leaves in it, is drawn when it is asked for again.

After the pictures, verdicts that were sampled are judged again, to compare (:mod:`grader.dispatch.shadow`);
then the truths of later attempts at the same assignments are worked out ahead, one at a
time, the assignment first that was handed in for last: what is right for all of them, which each submission
needs, and after that why other answers are wrong. That does not take the last thread either.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from grader.dispatch.base import Exercises, Illustrate, Prepare
from grader.model.exercise import Exercise
from grader.model.submission import Submission as HandedIn
from grader.store import pictures, submissions
from grader.store.database import Store

log = structlog.get_logger(__name__)

MOST_UNDRAWN: Final = 1024
"""So many submissions wait to be drawn. Beyond that the oldest goes without."""


class IdleWork:
    """Safe for threads.

    :param illustrate: draws a submission; None: there are no pictures.
    :param prepare: works ahead for later attempts at an assignment; None: nothing is prepared.
    :param most: so many threads may be busy before nothing is begun here.
    :param compare: judges something again that was sampled; False when there is nothing.
    """

    def __init__(
        self,
        store: Store,
        exercises: Exercises,
        illustrate: Illustrate | None,
        prepare: Prepare | None,
        most: int,
        compare: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store, self._exercises = store, exercises
        self._illustrate, self._prepare, self._most = illustrate, prepare, most
        self._compare = compare
        self._lock = threading.Lock()
        """Guards the three below."""
        self._busy = 0
        """Threads that grade, draw or prepare."""
        self._undrawn: deque[tuple[str, str]] = deque(maxlen=MOST_UNDRAWN)
        self._unprepared: dict[bool, dict[int, str]] = {False: {}, True: {}}
        """Assignments with work ahead, the one handed in for last at the end, and their exercises: for what
        is right, and for why others are wrong."""

    @contextmanager
    def grading(self) -> Iterator[None]:
        """Meanwhile this thread is busy with something else."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def ask_to_draw(self, submission_id: str, exercise: str) -> bool:
        """Have a submission drawn; False when nothing comes of it, or it has been asked for already."""
        wanted = (submission_id, exercise)
        with self._lock:
            new = self._illustrate is not None and wanted not in self._undrawn
            if new:
                self._undrawn.append(wanted)
        return new

    def handed_in(self, assignment_id: int, exercise: str) -> None:
        """Somebody has handed in: others will, to the same assignment."""
        if self._prepare is not None:
            with self._lock:
                for waiting in self._unprepared.values():
                    waiting.pop(assignment_id, None)
                    waiting[assignment_id] = exercise

    def draw(self) -> bool:
        """Draw what was asked for last; False when there is nothing, or enough threads are busy."""
        with self._lock:
            if not self._undrawn or self._busy >= self._most:
                return False
            submission_id, slug = self._undrawn.pop()
            self._busy += 1
        self._draw_begun(submission_id, slug)
        return True

    def draw_this(self, submission_id: str, exercise: str) -> bool:
        """Draw a submission to ``exercise`` now; False when enough threads are busy."""
        with self._lock:
            if self._busy >= self._most:
                return False
            self._busy += 1
        self._draw_begun(submission_id, exercise)
        return True

    def _draw_begun(self, submission_id: str, slug: str) -> None:
        try:
            self._draw(submission_id, self._exercises(slug))
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; a picture is worth no more
            log.warning("could not draw", submission=submission_id, problem=f"{type(e).__name__}: {e}"[:500])
        finally:
            with self._lock:
                self._busy -= 1

    def compare(self) -> bool:
        """Judge something again that was sampled; False when there is nothing, or enough threads are busy."""
        with self._lock:
            if self._busy >= self._most:
                return False
            self._busy += 1
        try:
            return self._compare()
        except Exception:
            log.exception("what was sampled could not be judged again")
            return False
        finally:
            with self._lock:
                self._busy -= 1

    def prepare(self) -> float:
        """Do one piece of work ahead. How many seconds it took; 0 when there is none, or enough threads are
        busy.
        """
        with self._lock:
            whole = not self._unprepared[False]
            waiting = self._unprepared[whole]
            if self._prepare is None or not waiting or self._busy >= self._most:
                return 0.0
            assignment, slug = next(reversed(waiting.items()))
            self._busy += 1
        more, began = False, time.monotonic()
        try:
            more = self._prepare(self._exercises(slug), assignment, whole)
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; who hands in will hear of it
            log.warning("could not prepare", exercise=slug, problem=f"{type(e).__name__}: {e}"[:500])
        finally:
            with self._lock:
                self._busy -= 1
                if not more and waiting.get(assignment) == slug:
                    del waiting[assignment]
        return max(0.001, time.monotonic() - began)

    def _draw(self, submission_id: str, exercise: Exercise) -> None:
        if self._illustrate is None:
            return
        began = time.monotonic()
        with self._store.read() as session:
            row = submissions.get(session, submission_id)
            # Asked for twice, or graded again while the exercise is what it was: so are the pictures.
            if row is None or row.report is None or pictures.find(session, submission_id) is not None:
                return
        exercise = exercise.variant(row.variant)
        handed_in = HandedIn(row.source, row.predictions, row.seed, row.variant)
        drawn = self._illustrate(exercise, handed_in, submissions.report_of(row))
        with self._store.write() as session:
            # Or the exercise has changed meanwhile, and this is no picture of what was judged.
            digest = submissions.digest_of(session, submission_id)
            if digest is None or not exercise.judges_as(digest):
                return
            kept = pictures.save(session, submission_id, drawn)
        ms = round((time.monotonic() - began) * 1000, 1)
        log.info("drawn" if kept else "drawn too large", submission=submission_id, ms=ms)
