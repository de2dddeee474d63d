"""The warm pool: jobs in, observations out.

Threads: any number of threads call :meth:`Pool.run`; at most ``slots`` of them run a
child at once. One *keeper* thread starts zygotes (it lives as long as the pool, which
``--die-with-parent`` needs), refills the spares and reaps the dead, always after a
verdict and never before it. :meth:`Pool.close` ends everything.

A child that dies is the student's outcome. A zygote that dies is ours: it is replaced
and the job is run again, at no cost to the student.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from typing import Final

from grader.errors import SandboxFailed
from grader.model.job import Job
from grader.model.observation import Died, Loaded, Observation, Outcome, Skipped
from grader.model.report import Isolation
from grader.sandbox import wire
from grader.sandbox.conversation import Transcript, converse
from grader.sandbox.process import Child, Zygote, ZygoteLost

DEATHS: Final = 2
"""After so many deaths in one function, its remaining cases are skipped: they would die, too."""
RETRIES: Final = 3
_KILLED: Final = Died("crashed", "SIGKILL")
_UNKNOWN_ADDRESS_SPACE: Final = 8 * 2**30


class Pool:
    """Warm, jailed children.

    :param slots: how many jobs run at once.
    :param spares: how many forked, jailed, waiting children are kept ready.
    :param weak: plain processes instead of namespaces; observations then say ``process``.
    :param collapse: move the zygote into huge pages once warm: worth 0.4 s for more than some 30 jobs.
    """

    def __init__(
        self, slots: int = 2, spares: int = 0, *, weak: bool = False, collapse: bool = False
    ) -> None:
        self.isolation: Isolation = "process" if weak else "namespaces"
        self.slots = slots
        self._spares_wanted = spares
        self._weak = weak
        self._collapse = collapse
        self._gate = threading.BoundedSemaphore(slots)
        self._changed = threading.Condition()
        self._zygote: Zygote | None = None
        self._failure: SandboxFailed | None = None
        self._space = 0
        self._spares: deque[Child] = deque()
        self._dead: deque[Child] = deque()
        self._closing = False
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
        return self._warm_zygote().wait_until_warm()

    def ready(self) -> bool:
        """Whether a job would be taken at once."""
        with self._changed:
            return self._zygote is not None and not self._zygote.lost and not self._closing

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        """Run one job to its end; blocks, for at most the job's limits plus our own overhead.

        :param library: further modules the source may import (for references only).
        :raises SandboxFailed: we could not run it (after retries).
        """
        with self._gate:
            return _Course(self, job, library or {}).run()

    def close(self) -> None:
        """End the zygote and all children, and wait for the keeper."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._keeper.join()

    def take(self) -> tuple[Child, int]:
        """A spare, or a child forked now; and the address space it starts from, in bytes.

        :raises SandboxFailed: there is none to be had.
        """
        with self._changed:
            if self._closing:
                raise SandboxFailed("the pool is closing")
            while self._spares:
                child = self._spares.popleft()
                if child.alive():
                    return child, self._space
                # It died with its zygote, or was killed while it waited: no job's failure.
                self._dead.append(child)
        return self._warm_zygote().fork(rehearse=False), self._space

    def give_back(self, child: Child) -> None:
        """The child is dead or dying; the keeper buries it."""
        with self._changed:
            kept = not self._closing  # else the keeper may have buried its last
            if kept:
                self._dead.append(child)
                self._changed.notify_all()
        if not kept:
            child.close()

    def _warm_zygote(self) -> Zygote:
        with self._changed:
            while self._zygote is None or self._zygote.lost:
                if self._closing:
                    raise SandboxFailed("the pool is closing")
                if self._failure is not None:
                    failure, self._failure = self._failure, None
                    self._changed.notify_all()
                    raise failure
                self._changed.notify_all()
                self._changed.wait(0.5)
            return self._zygote

    # The keeper's thread.

    def _keep(self) -> None:
        while True:
            with self._changed:
                if self._closing:
                    break
                zygote = self._zygote
            if zygote is None or zygote.lost:
                self._renew(zygote)
                continue
            if self._bury() or self._refill(zygote):
                continue
            if not zygote.alive():
                continue
            with self._changed:
                if not (self._closing or self._dead or zygote.lost or self._wanting()):
                    self._changed.wait(1.0)
        for child in self._drop_all():
            child.close()
        if self._zygote is not None:
            self._zygote.close()

    def _renew(self, old: Zygote | None) -> None:
        """Replace a zygote that is not there or lost. Its spares died with it."""
        for child in self._drop_all():
            child.close()
        if old is not None:
            old.close()
        fresh: Zygote | None = None
        try:
            fresh = Zygote.start(weak=self._weak)
            fresh.wait_until_warm()
            if self._collapse:
                fresh.collapse()
        except SandboxFailed as error:
            if fresh is not None:
                fresh.close()
            with self._changed:
                self._failure, self._zygote = error, None
                self._changed.notify_all()
                # Somebody must hear of it before we try again; nobody asking is no reason to spin.
                while self._failure is not None and not self._closing:
                    self._changed.wait(1.0)
            return
        with self._changed:
            self._space = fresh.address_space() or _UNKNOWN_ADDRESS_SPACE
            self._zygote, self._failure = fresh, None
            self._changed.notify_all()

    def _drop_all(self) -> list[Child]:
        """Spares and dead, which nobody can take any more."""
        with self._changed:
            gone = [*self._spares, *self._dead]
            self._spares.clear()
            self._dead.clear()
        return gone

    def _wanting(self) -> bool:
        return len(self._spares) < self._spares_wanted

    def _refill(self, zygote: Zygote) -> bool:
        if not self._wanting():
            return False
        try:
            child = zygote.fork()
        except ZygoteLost:
            return True
        except SandboxFailed:
            time.sleep(0.1)
            return True
        with self._changed:
            self._spares.append(child)
        return True

    def _bury(self) -> bool:
        with self._changed:
            if not self._dead:
                return False
            child = self._dead.popleft()
        child.kill()
        child.bury()
        child.close()
        return True


class _Course:
    """One job from its first child to its last: resumes after a death, retries after a failure of ours."""

    def __init__(self, pool: Pool, job: Job, library: dict[str, bytes]) -> None:
        self._pool = pool
        self._job = job
        self._library = library
        self._outcomes: dict[str, Outcome] = {}
        self._loaded: Loaded | None = None
        self._text: bytes | None = None
        self._deaths: dict[str, list[Died]] = {}
        self._until: float | None = None
        self._forgiven = False

    def run(self) -> Observation:
        started = time.monotonic()
        failures = 0
        while True:
            try:
                transcript = self._once()
            except SandboxFailed:
                failures += 1
                if failures >= RETRIES:
                    raise
                continue
            if not self._goes_on(transcript):
                break
        return Observation(
            loaded=self._loaded or Loaded(),
            outcomes=self._outcomes,
            text=(self._text or b"").decode("utf-8", "replace"),
            seconds=time.monotonic() - started,
            isolation=self._pool.isolation,
        )

    def _left(self) -> list[int]:
        return [i for i, task in enumerate(self._job.tasks) if task.id not in self._outcomes]

    def _once(self) -> Transcript:
        job = self._job
        tasks = tuple(job.tasks[i] for i in self._left())
        part = Job(source=job.source, tasks=tasks, limits=job.limits, seed=_child_seed(job.seed))
        child, space = self._pool.take()
        if self._until is None:
            self._until = time.monotonic() + job.limits.total_seconds
        try:
            return converse(child, part, self._library, space + job.limits.memory, self._until)
        finally:
            child.kill()
            self._pool.give_back(child)

    def _goes_on(self, transcript: Transcript) -> bool:
        """Take in what was seen; True when tasks are left that a fresh child should try."""
        if transcript.death == _KILLED and not self._forgiven:
            # Nothing inside a jail can send this signal: the machine ran out of memory, or somebody
            # tidied up. Once in a job it is ours; again, it is what this code does to a machine.
            self._forgiven = True
            self._outcomes.update(transcript.outcomes)
            if transcript.loaded is None or self._left():
                return True
        if self._text is None:
            # A resumed child runs the module again; its lines would only repeat the first one's.
            self._text = transcript.text
        if self._loaded is None:
            self._loaded = transcript.loaded
        self._outcomes.update(transcript.outcomes)
        death = transcript.death
        if transcript.loaded is None and death is not None:
            if self._loaded is None:
                self._loaded = Loaded(failure=death)
            self._skip(self._left())
            return False
        if transcript.loaded is not None and transcript.loaded.failure is not None:
            self._skip(self._left())
            return False
        left = self._left()
        if death is None or not left:
            return False
        task = self._job.tasks[left[0]]
        self._outcomes[task.id] = death
        deaths = self._deaths.setdefault(task.function, [])
        deaths.append(death)
        if len(deaths) >= DEATHS or death.cause == "malformed":
            self._skip([i for i in left[1:] if self._job.tasks[i].function == task.function])
        assert self._until is not None
        if time.monotonic() >= self._until:
            self._skip(self._left())
        return bool(self._left())

    def _skip(self, left: list[int]) -> None:
        for i in left:
            self._outcomes[self._job.tasks[i].id] = Skipped()


def _child_seed(seed: int) -> int:
    """What seeds randomness in a child. From the job's own seed the hidden inputs could be drawn again."""
    return int.from_bytes(hashlib.sha256(f"child:{seed}".encode()).digest()[:6], "little")
