"""Pool of warm children: jobs in, observations out.

Threads: any number of threads call :meth:`Pool.run`; at most ``slots`` of them run a
child at once, the others wait (:mod:`grader.sandbox.slots`). One *keeper*
thread starts zygotes (it lives as long as the pool, which ``--die-with-parent`` needs) and
replaces those that are lost, old or heavy (:mod:`grader.sandbox.zygotes`), refills the
spares and buries the dead, after a verdict and not before it. :meth:`Pool.close` ends
everything.

A child that dies is the student's outcome. A zygote that dies is ours: it is replaced
and the job is run again, at no cost to the student.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from grader.errors import SandboxFailed
from grader.model.job import Job
from grader.model.observation import Observation
from grader.model.report import Isolation
from grader.sandbox import wire
from grader.sandbox.forker import Child, ZygoteLost
from grader.sandbox.pair import Pair
from grader.sandbox.runner import Runner
from grader.sandbox.share import BEHIND, WHOLE, Share
from grader.sandbox.slots import Slots
from grader.sandbox.zygote import QUIET_SECONDS, START_SECONDS, Lifetime, Zygote
from grader.sandbox.zygotes import Zygotes

QUEUE: Final = 1024
"""How many jobs may wait for a slot."""
LIFETIME: Final = Lifetime()
PATIENCE_SECONDS: Final = 30.0
"""How long a job waits for a warm zygote: shorter than the lease a dispatcher holds on its row."""
JUDGING_SECONDS: Final = 0.002
"""The keeper leaves the processors alone for so long after a job: its verdict comes first."""
PING_SECONDS: Final = 5.0
_DISCARD_SECONDS: Final = 0.1
"""The spares are looked through no more often: each look at one is a system call that lets go of the
interpreter's lock."""
_DYING_SECONDS: Final = 5.0
"""A killed child is reaped once it has ended, so that the zygote never waits; or after this long."""


@dataclass(frozen=True)
class Status:
    """How a pool is, for tests and tables."""

    running: int
    waiting: int
    """For a slot."""
    spares: int
    dead: int
    """Children not yet buried."""
    zygotes: int
    """Warm or getting warm."""
    started: int
    """Zygotes that have become warm, ever."""
    forks: int
    """Children of these zygotes, ever."""
    memory: int
    """Bytes of anonymous memory of the zygotes."""


class Pool:
    """Warm, jailed children.

    :param slots: how many jobs run at once.
    :param spares: how many forked, jailed, waiting children of each kind are kept ready.
    :param weak: plain processes instead of namespaces.
    :param collapse: lay out the zygote's memory, and move it into huge pages once warm: worth 0.7 s for more
        than some 60 jobs.
    :param queue: how many jobs may wait for a slot.
    :param lifetime: when a zygote is replaced by a new one.
    """

    def __init__(
        self,
        slots: int = 2,
        spares: int = 0,
        *,
        weak: bool = False,
        collapse: bool = False,
        queue: int = QUEUE,
        lifetime: Lifetime = LIFETIME,
    ) -> None:
        self.isolation: Isolation = "process" if weak else "namespaces"
        """What the last job's children found themselves in; before the first, what is meant."""
        self.slots = slots
        self._spares_wanted = spares
        self._weak = weak
        self._gate = Slots(slots, queue)
        self._changed = threading.Condition()
        """Guards everything below."""
        self._zygotes = Zygotes(self._changed, slots, weak=weak, collapse=collapse, lifetime=lifetime)
        self._spares: dict[bool, deque[Child]] = {True: deque(), False: deque()}
        """By kind: with autograd, and without."""
        self._helpers = ThreadPoolExecutor(slots, thread_name_prefix="pool-side")
        self._dead: deque[tuple[Child, float]] = deque()
        self._quiet_until = self._no_refill_until = self._discard_at = 0.0
        self._behind = 0
        """Jobs that nobody waits for."""
        self._keeper = threading.Thread(target=self._keep, name="pool-keeper", daemon=True)
        self._keeper.start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hello(self) -> wire.Hello:
        """Versions inside the jail; blocks until it is warm.

        :raises SandboxFailed: it cannot be built.
        """
        return self.serving().wait_until_warm()

    def serving(self) -> Zygote:
        """The zygote that children come from now; blocks until one is warm.

        :raises SandboxFailed: there is none to be had.
        """
        with self._zygotes.held(2 * START_SECONDS) as zygote:
            return zygote

    def spares(self) -> list[Child]:
        """The children that are ready and wait for a job, of both kinds."""
        with self._changed:
            return [child for waiting in self._spares.values() for child in waiting]

    def ready(self) -> bool:
        """Whether a job would be taken at once."""
        with self._changed:
            return self._zygotes.ready()

    def status(self) -> Status:
        """How it is at this moment."""
        with self._changed:
            warm = self._zygotes.all()
            return Status(
                running=self._gate.running,
                waiting=self._gate.waiting,
                spares=sum(map(len, self._spares.values())),
                dead=len(self._dead),
                zygotes=len(warm) + self._zygotes.warming,
                started=self._zygotes.started,
                forks=sum(zygote.forks for zygote in warm),
                memory=sum(zygote.memory() for zygote in warm),
            )

    def run(
        self,
        job: Job,
        library: dict[str, bytes] | None = None,
        *,
        behind: bool = False,
        share: Share = WHOLE,
    ) -> Observation:
        """Run one job to its end; blocks until there is a slot, and then for at most the job's limits and our
        own overhead.

        :param library: further modules the source may import (for references only).
        :param behind: nobody waits for it (:mod:`grader.sandbox.behind`): it runs in a child of the lowest
            priority, forked for it, so that spares and processors are left to those who are waited for.
        :param share: for how long it may hold its slot.
        :raises Preempted: for no longer, and others wait.
        :raises SandboxBusy: too many wait.
        :raises SandboxFailed: we could not run it (after retries), whatever it is.
        :raises SandboxCrashed: the sandbox dies under this job and under no other.
        """
        take, share = (self._take_behind, BEHIND) if behind else (self._take, share)
        with self._gate.held(), self._counted(behind):
            return self._run(Runner(take, self._gate.alone, job, library or {}, share=share))

    @contextlib.contextmanager
    def _counted(self, behind: bool) -> Iterator[None]:
        with self._changed:
            self._behind += behind
        try:
            yield
        finally:
            with self._changed:
                self._behind -= behind

    def run_both(self, first: Job, second: Job, *, share: Share = WHOLE) -> tuple[Observation, Observation]:
        """Run the two jobs of a submission: ``first`` with autograd, on a thread of the pool's, beside
        ``second`` without (:mod:`grader.sandbox.pair`); one after the other where no slot is free.

        :raises GradingFailed: as :meth:`run`.
        """
        if self._gate.running < self.slots - 1:
            # Where something of ours fails, they are run again, by themselves: a job that is tried for the
            # last time waits until no other runs, and these two wait for each other.
            with contextlib.suppress(SandboxFailed):
                return self._run_pair(first, second, share)
        seen = self.run(second, share=share)
        return self.run(first, share=share), seen

    def _run_pair(self, first: Job, second: Job, share: Share) -> tuple[Observation, Observation]:
        pair = Pair()

        def with_autograd() -> Observation:
            with self._gate.held(), pair.autograd() as turn:
                return self._run(Runner(self._take, self._gate.alone, first, {}, turn, 1, share))

        # The one that the other waits for has its slot before.
        with self._gate.held(), pair.plain() as turn:
            coming = self._helpers.submit(with_autograd)
            seen = self._run(Runner(self._take, self._gate.alone, second, {}, turn, 1, share))
        return coming.result(), seen

    def _run(self, runner: Runner) -> Observation:
        try:
            seen = runner.run()
            self.isolation = seen.isolation
            return seen
        finally:
            self._give_back(runner.used)

    def close(self) -> None:
        """End all zygotes and children, and wait for the keeper."""
        with self._changed:
            self._zygotes.closing = True
            self._changed.notify_all()
        self._keeper.join()
        self._helpers.shutdown(wait=False)

    def _take(self, *, autograd: bool, spare: bool = True) -> tuple[Child, int]:
        """A spare of a kind, or a child forked now; and the address space it starts from, in bytes.

        :param spare: False for one that is forked now in any case.
        :raises SandboxFailed: there is none to be had.
        """
        with self._changed:
            if self._zygotes.closing:
                raise SandboxFailed("the pool is closing")
            waiting = self._spares[autograd]
            while spare and waiting:
                child = waiting.popleft()
                zygote = self._zygotes.of(child)
                if zygote is not None and child.alive():
                    return child, zygote.space(autograd=autograd)
                # It died with its zygote, or was killed while it waited: no job's failure.
                self._lay_out(child)
                self._mourn(child)
        with self._zygotes.held(PATIENCE_SECONDS) as zygote:
            return zygote.fork(autograd=autograd, rehearse=False), zygote.space(autograd=autograd)

    def _take_behind(self, *, autograd: bool, spare: bool = True) -> tuple[Child, int]:
        """As :meth:`_take`, for a job that nobody waits for."""
        del spare  # they are for those who are waited for
        child, space = self._take(autograd=autograd, spare=False)
        child.lower_priority()
        return child, space

    def _give_back(self, used: list[Child]) -> None:
        """The children are dead or dying; the keeper buries them."""
        with self._changed:
            kept = not self._zygotes.closing  # else the keeper may have buried its last
            if kept:
                if not self._dead:  # else it is behind, and would be kept from its work for ever
                    self._quiet_until = time.monotonic() + JUDGING_SECONDS
                for child in used:
                    self._lay_out(child)
                self._changed.notify_all()
        if not kept:
            for child in used:
                child.close()

    def _mourn(self, child: Child) -> None:
        """A spare is not handed out: whatever kills spares while they wait is not raced with."""
        if not child.alive() and not child.forker.lost:
            self._no_refill_until = time.monotonic() + 0.2

    def _lay_out(self, child: Child) -> None:
        self._dead.append((child, time.monotonic() + _DYING_SECONDS))

    # The keeper's thread.

    def _keep(self) -> None:
        while not self._zygotes.closing:
            self._zygotes.succeed()
            self._discard()
            if self._refill() or self._bury():
                continue
            serving = self._zygotes.serving
            try:
                if serving is not None:
                    serving.tidy()
                    serving.ping(PING_SECONDS)
            except ZygoteLost:
                continue
            with self._changed:
                if not self._zygotes.closing:
                    self._changed.wait(self._idle())
                while not self._zygotes.closing and (quiet := self._quiet_until - time.monotonic()) > 0:
                    self._changed.wait(quiet)
        self._end_all()

    def _idle(self) -> float:
        """How long the keeper may sleep when nobody calls."""
        if self._dead:
            return 0.005
        serving = self._zygotes.serving
        if serving is not None and serving.has_ended:
            return QUIET_SECONDS
        if self._refill_wanted() is not None:
            return max(0.0, self._no_refill_until - time.monotonic())
        return self._zygotes.idle()

    def _discard(self) -> None:
        """Lay out the spares that died, hang or are old; a former zygote's when there are newer ones.

        Now and then: who takes one looks whether it lives.
        """
        if (now := time.monotonic()) < self._discard_at:
            return
        self._discard_at = now + _DISCARD_SECONDS
        with self._changed:
            for waiting, child in [(w, child) for w in self._spares.values() for child in list(w)]:
                zygote = self._zygotes.of(child)
                spent = len(waiting) > self._spares_wanted and zygote is not self._zygotes.serving
                if spent or zygote is None or not zygote.sound(child):
                    waiting.remove(child)
                    self._lay_out(child)
                    self._mourn(child)

    def _refill_wanted(self) -> bool | None:
        """Of which kind a spare is wanted (with autograd, or without); None for neither."""
        serving = self._zygotes.serving
        if serving is None or serving.lost:
            return None
        there = {kind: sum(map(serving.owns, waiting)) for kind, waiting in self._spares.items()}
        kind = min(there, key=there.__getitem__)
        return kind if there[kind] < self._spares_wanted else None

    def _refill(self) -> bool:
        with self._changed:
            now, zygote = time.monotonic(), self._zygotes.serving
            kind = self._refill_wanted()
            if now < self._no_refill_until or kind is None:
                return False
            assert zygote is not None
        try:
            # A rehearsal pays off while nobody waits; in a rush it only takes the time from those who do.
            child = zygote.fork(autograd=kind, rehearse=self._gate.running <= self._behind)
        except SandboxFailed as error:
            if not isinstance(error, ZygoteLost):
                self._no_refill_until = now + 0.1
            return False
        with self._changed:
            self._spares[kind].append(child)
        return True

    def _bury(self) -> bool:
        with self._changed:
            now = time.monotonic()
            for child, latest in self._dead:
                child.kill()
                if self._weak or now > latest or not child.alive():
                    self._dead.remove((child, latest))
                    break
            else:
                return False
            zygote = self._zygotes.of(child)
        if zygote is not None:
            zygote.bury(child)
        else:
            child.close()
        return True

    def _end_all(self) -> None:
        with self._changed:
            spares = [child for waiting in self._spares.values() for child in waiting]
            children = [*spares, *(child for child, _ in self._dead)]
            for waiting in self._spares.values():
                waiting.clear()
            self._dead.clear()
        for child in children:
            child.close()
        self._zygotes.end()
