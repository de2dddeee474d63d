"""Guests' tries: a short line in memory that is served when no student waits; nothing of it is stored.

A grading thread takes from it when its claim found no row that somebody waits for (what is graded anew goes
behind a guest). So a student's verdict is delayed by one guest's at most, the one that is being worked out;
one thread is left to students altogether where there are several. A verdict and its pictures are two turns.

Who asks waits for the answer, and it is given to nobody else: with several processes, each answers its own.
The line is short, and who finds it full, or waits in vain, is told when to try again.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

import structlog

from grader.dispatch.base import Exercises, Grade, Illustrate, Tried
from grader.errors import TruthBusy
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.submission import Submission

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 8
"""Guests in the line. Each holds a thread of the server."""
BUSY_SECONDS: Final = 0.2
"""So long a try is put off whose exercise's reference is being run for another."""
PICTURE_SECONDS: Final = 1.5
"""So long a verdict that is there waits for its pictures."""


@dataclass(eq=False)
class _Try:
    exercise: str
    submission: Submission
    draw: bool
    due: float = 0.0
    report: Report | None = None
    pictures: Pictures | None = None
    judged: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Guests:
    """Safe for threads.

    :param most: so many tries may be worked on at once.
    :param call: called when somebody stands in line, to wake who sleeps.
    :param busy: entered while a try is worked on.
    """

    def __init__(
        self,
        grade: Grade,
        exercises: Exercises,
        illustrate: Illustrate | None,
        most: int,
        call: Callable[[], None],
        busy: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._grade, self._exercises, self._illustrate, self._most = grade, exercises, illustrate, most
        self._call, self._busy = call, busy
        self._lock = threading.Lock()
        """Guards those below."""
        self._line: deque[_Try] = deque()
        self._running = 0
        self._seconds = 0.1
        """What a verdict took lately (an exponential average)."""

    def judge(self, exercise: str, submission: Submission, seconds: float, *, draw: bool) -> Tried:
        """Stand in line and wait for what comes of it; what has not come by then is forgotten."""
        one = _Try(exercise, submission, draw and self._illustrate is not None)
        with self._lock:
            if len(self._line) >= MOST_WAITING:
                return Tried(again=self._again())
            self._line.append(one)
        self._call()
        in_time = one.judged.wait(seconds)
        if in_time and one.report is not None:
            one.ended.wait(PICTURE_SECONDS)
        with self._lock:
            one.draw = False
            if one in self._line:
                self._line.remove(one)
            if one.report is not None:
                return Tried(one.report, one.pictures)
            return Tried(again=0 if in_time else self._again())

    def _again(self) -> int:
        """In how many seconds there may be room, rounded up."""
        return max(1, math.ceil((len(self._line) + 1) * self._seconds / self._most))

    def serve(self) -> bool:
        """Work on the try whose turn it is; False when there is none, or enough are worked on."""
        now = time.monotonic()
        with self._lock:
            one = next((each for each in self._line if each.due <= now), None)
            if one is None or self._running >= self._most:
                return False
            self._line.remove(one)
            self._running += 1
        try:
            with self._busy():
                if one.report is None:
                    self._judge(one)
                else:
                    self._draw(one)
        finally:
            with self._lock:
                self._running -= 1
        return True

    def seconds(self) -> float | None:
        """Until it is worth serving, unasked; None when nobody stands in line, or enough are worked on."""
        with self._lock:
            waiting = self._line if self._running < self._most else ()
            due = min((each.due for each in waiting), default=None)
        return None if due is None else max(0.01, due - time.monotonic())

    def close(self) -> None:
        """Nothing comes any more."""
        with self._lock:
            for one in self._line:
                one.judged.set()
                one.ended.set()
            self._line.clear()

    def _judge(self, one: _Try) -> None:
        began = time.monotonic()
        try:
            report = self._grade(self._exercises(one.exercise), one.submission)
        except TruthBusy as busy:
            one.due = began + max(busy.seconds, BUSY_SECONDS)
            with self._lock:
                self._line.append(one)
            return
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; the guest is told that it failed
            log.error("a guest's try failed", exercise=one.exercise, problem=f"{type(e).__name__}: {e}"[:500])
            one.judged.set()
            return
        with self._lock:
            self._seconds += (time.monotonic() - began - self._seconds) / 8
            one.report = report if report.status == "graded" else None
            if one.report is not None and one.draw:
                self._line.appendleft(one)
            else:
                one.ended.set()
        one.judged.set()
        log.info("a guest's try", exercise=one.exercise, score=report.score)

    def _draw(self, one: _Try) -> None:
        assert self._illustrate is not None
        try:
            one.pictures = self._illustrate(self._exercises(one.exercise), one.submission, one.report)
        except (Exception, SystemExit) as e:  # noqa: BLE001 – logged; a picture is worth no more
            log.warning("could not draw", exercise=one.exercise, problem=f"{type(e).__name__}: {e}"[:500])
        finally:
            one.ended.set()
