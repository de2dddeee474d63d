"""Clocks of a child: the processor time and the wall time it has had, read in the grader's process.

A verdict must not hang on what else the machine does, so a limit of ``n`` seconds, of a case or of all, is
one of processor time. Beside it stands another for code that does not compute: it may take
:data:`~grader.model.job.ASLEEP` times ``n`` seconds in which it runs, sleeps or is blocked. That it was ready
and no processor was free does not count there; but since others wait for the slot, the whole submission may
take :data:`~grader.model.job.BUSY` times its limit by the wall, whatever the reason; but not what runs behind
all others (:mod:`grader.sandbox.behind`), which leaves the processors to them.

Processor time is that of the whole process (``clock_gettime`` of its process clock); how long it was ready
and not running stands in ``/proc/PID/schedstat``. Where the second cannot be read, who sleeps has as long as
who waits. Where neither can, only the limit by the wall holds.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import Final, NamedTuple

from grader.model.job import ASLEEP, BUSY
from grader.model.observation import TimeLimit

_PROCESS_CLOCK: Final = 2
"""``CPUCLOCK_SCHED``: what the scheduler has given the process, to the nanosecond."""
_LOOK_SECONDS: Final = 0.2
"""So long it is not looked again at what a child has waited for a processor."""
_SOON: Final = 0.005
"""No limit is looked at again sooner than so many seconds later."""


class Spent(NamedTuple):
    """Seconds that have been spent, of each kind.

    :ivar elapsed: by the wall. :ivar own: of these, without those in which it was ready and had no processor.
        Those that cannot be told are zero.
    """

    processor: float = 0.0
    own: float = 0.0
    elapsed: float = 0.0

    def plus(self, more: Spent) -> Spent:
        return Spent(self.processor + more.processor, self.own + more.own, self.elapsed + more.elapsed)

    def since(self, before: Spent) -> Spent:
        return Spent(self.processor - before.processor, self.own - before.own, self.elapsed - before.elapsed)

    def over(self, seconds: float, *, of_all: bool = False, patient: bool = False) -> TimeLimit | None:
        """Which limit is met where ``seconds`` of processor time are allowed; None while time is left.

        :param of_all: to the whole submission.
        :param patient: however long it takes by the wall, where the others can be told.
        """
        if self.processor >= seconds:
            return "processor"
        if self.own >= seconds * ASLEEP:
            return "asleep"
        by_wall = of_all and not (patient and self.processor)
        return "elapsed" if by_wall and self.elapsed >= seconds * BUSY else None

    def left(self, seconds: float) -> float:
        """For so long no limit can be met: a process of one thread gains no more than a second a second."""
        return max(_SOON, min(seconds - self.processor, seconds * ASLEEP - self.own))


NOTHING: Final = Spent()


class Clocks:
    """The clocks of one child.

    How long it was ready without a processor is looked at only now and then, so that a job of some
    milliseconds pays for one look. What it waited before the last look counts for nobody who began after it.

    :param pid: of the child as this process sees it; 0 where that is not known.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._clock = (~pid << 3) | _PROCESS_CLOCK
        self._excused = 0.0
        self._stopped = False
        self._told = pid > 0
        self._waited = 0.0
        self._delay: float | None = None
        self._looked = time.monotonic()
        self._last = NOTHING

    def read(self) -> Spent:
        """What they show now: only differences mean something."""
        if self._stopped:
            return self._last
        now = time.monotonic()
        processor = self._last.processor
        if self._pid > 0:
            with contextlib.suppress(OSError):  # it is gone
                processor = time.clock_gettime(self._clock)
        if now - self._looked > _LOOK_SECONDS and self._told:
            self._looked = now
            self._look()
        elapsed = now - self._excused
        unknown = elapsed * ASLEEP / BUSY if self._pid > 0 else 0.0
        self._last = Spent(processor, elapsed - self._waited if self._told else unknown, elapsed)
        return self._last

    def start(self) -> None:
        """The child's time begins: look what it has waited before."""
        if self._told:
            self._look()

    def _look(self) -> None:
        """Take off what it has waited for a processor since the last look."""
        try:
            # Three system calls; a file object would make nine.
            file = os.open(f"/proc/{self._pid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)
            try:
                delay = int(os.read(file, 100).split()[1]) / 1e9
            finally:
                os.close(file)
        except (OSError, ValueError, IndexError):
            # It is gone, and needs no more time; or nobody is told here.
            self._told = self._delay is not None
            return
        if self._delay is not None:
            self._waited += delay - self._delay
        self._delay = delay

    def excuse(self, seconds: float) -> None:
        """Take off what the child was made to wait."""
        self._excused += seconds

    def stop(self) -> None:
        """Read once more, and then show that for good: a child that has ended may be buried, and its number
        is another's then.
        """
        self.read()
        self._stopped = True
