"""Runner of one job, from its first child to its last: resumed after a death, retried after our failures.

Runs in the caller's thread, which holds a slot. Our failures cost the student nothing: what
had been seen is dropped, the time is given back, and the job is run again on another child,
at last with nothing else running. A job under which the sandbox died each time, and which
alone does that, is named (``SandboxCrashed``); any other failure is no job's (``SandboxFailed``).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

import msgspec

from grader.errors import SandboxCrashed, SandboxFailed
from grader.model.exercise import Limits
from grader.model.job import Job
from grader.model.observation import Died, Loaded, Note, Observation, Outcome, Skipped
from grader.sandbox import wire
from grader.sandbox.clocks import NOTHING
from grader.sandbox.forker import Child
from grader.sandbox.pair import Turn, at_once
from grader.sandbox.session import converse
from grader.sandbox.share import WHOLE, Share
from grader.sandbox.transcript import Transcript

DEATHS: Final = 2
"""After so many deaths in one function, its remaining cases are skipped: they would die, too."""
LEFT_OUT: Final = 16
"""Lines outside of the functions that are left out because a child died there; each costs another child."""
RETRIES: Final = 3
PAUSE_SECONDS: Final = 0.05
"""Before the second try, and four times that before the third."""
_KILLED: Final = Died("crashed", "SIGKILL")
_CANARY: Final = Job(source=b"", tasks=(), limits=Limits(), seed=0)


class Take(Protocol):
    """Where children come from."""

    def __call__(self, *, autograd: bool, spare: bool = True) -> tuple[Child, int]:
        """A child, and the address space it starts from, in bytes.

        :param spare: False for one that is forked now in any case.
        """
        ...


class Runner:
    """Runs one job. Use once.

    :param take: gives it children.
    :param alone: around a try during which no other job runs.
    :param turn: called before hidden inputs are sent to a child.
    :param tries: how often it is run, after failures of ours, in all.
    :param share: of a slot, for how long.
    :ivar used: the children that were used up, dead or dying; their descriptors are still open.
    """

    def __init__(
        self,
        take: Take,
        alone: Callable[[], AbstractContextManager[None]],
        job: Job,
        library: dict[str, bytes],
        turn: Turn = at_once,
        tries: int = RETRIES,
        share: Share = WHOLE,
    ) -> None:
        self._turn, self._tries, self._share = turn, tries, share
        self._take, self._alone = take, alone
        self._job = job
        self._library = library
        self._outcomes: dict[str, Outcome] = {}
        self._loaded: Loaded | None = None
        self._text = self._loading_text = b""
        self._skip_lines: list[int] = []
        self._died_loading: list[Note] = []
        self._deaths: dict[str, list[Died]] = {}
        self._spent = self._last = NOTHING
        """What the student's code has had of its time, and of that the last child."""
        self._forgiven = False
        self._walled = True
        """Whether each child so far had every wall, as it found them."""
        self.used: list[Child] = []

    def run(self) -> Observation:
        """To its end.

        :raises Preempted: it has had its share of the slot, and others wait.
        :raises SandboxFailed: no child was to be had, or none lived.
        :raises SandboxCrashed: this job, and only this, is one under which none lives.
        """
        started = time.monotonic()
        failures = 0
        while True:
            try:
                last = failures == RETRIES - 1
                transcript = self._last_try() if last else self._once(spare=not failures)
            except SandboxFailed:
                failures += 1
                if failures >= self._tries:
                    raise
                time.sleep(PAUSE_SECONDS * 4 ** (failures - 1))
                continue
            if not self._goes_on(transcript):
                break
        loaded = self._loaded or Loaded()
        if self._died_loading and loaded.failure is None:
            loaded = msgspec.structs.replace(loaded, notes=(*self._died_loading, *loaded.notes))
        loading = self._loading_text.decode("utf-8", "replace")
        return Observation(
            loaded=loaded,
            outcomes=self._outcomes,
            text=loading + self._text.decode("utf-8", "replace"),
            loading_text=loading,
            seconds=time.monotonic() - started,
            isolation="namespaces" if self._walled else "process",
        )

    def _out_of_time(self) -> bool:
        total = self._job.limits.total_seconds
        return self._spent.over(total, of_all=True, patient=self._share.patient) is not None

    def _left(self) -> list[int]:
        return [i for i, task in enumerate(self._job.tasks) if task.id not in self._outcomes]

    def _once(self, *, spare: bool) -> Transcript:
        self._share.check(self._spent.own)
        job = self._job
        left = self._left()
        shown = None if job.shown is None else sum(i < job.shown for i in left)
        part = msgspec.structs.replace(
            job,
            tasks=tuple(job.tasks[i] for i in left),
            seed=_child_seed(job.seed),
            shown=shown,
            extra=sum(i >= len(job.tasks) - job.extra for i in left),
            skip=tuple(self._skip_lines),
        )
        # Somebody killed the last child from outside, perhaps all that waited: then none of these.
        child, space = self._take(autograd=job.autograd, spare=spare and not self._forgiven)
        try:
            memory = space + job.limits.memory
            transcript = converse(child, part, self._library, memory, self._spent, self._turn, self._share)
            self._walled = self._walled and transcript.walls >= wire.WALLS
            self._last = transcript.spent
            self._spent = self._spent.plus(self._last)
            return transcript
        finally:
            child.kill()
            self.used.append(child)

    def _last_try(self) -> Transcript:
        """Alone, so that no other job's crash is taken for this one's; if it crashes again, it is its own."""
        with self._alone():
            taken = len(self.used)
            try:
                return self._once(spare=False)
            except SandboxFailed as error:
                if len(self.used) > taken and self._sandbox_is_well():
                    raise SandboxCrashed(f"the sandbox dies each time it runs this ({error})") from error
                raise

    def _sandbox_is_well(self) -> bool:
        """Whether a job that does nothing can be run."""
        try:
            child, space = self._take(autograd=self._job.autograd, spare=False)
            try:
                canary = converse(child, _CANARY, {}, space + _CANARY.limits.memory)
                return canary.death is None
            finally:
                child.kill()
                self.used.append(child)
        except SandboxFailed:
            return False

    def _goes_on(self, transcript: Transcript) -> bool:
        """Take in what was seen; True when tasks are left that a fresh child should try."""
        if transcript.death == _KILLED and not self._forgiven:
            # Nothing inside a jail can send this signal: the machine ran out of memory, or somebody
            # tidied up. Once in a job it is ours; again, it is what this code does to a machine.
            self._forgiven = True
            self._spent = self._spent.since(self._last)
            self._outcomes.update(transcript.outcomes)
            if transcript.loaded is None or self._left():
                return True
        death = transcript.death
        if transcript.loaded is None and death is not None and self._leave_out(transcript.reached, death):
            return True
        # A resumed child runs the module again; its lines would only repeat the first one's.
        self._loading_text = self._loading_text or transcript.loading_text
        self._text += transcript.text[: max(0, self._job.limits.text - len(self._text))]
        if self._loaded is None:
            self._loaded = transcript.loaded
        self._outcomes.update(transcript.outcomes)
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
        if self._out_of_time():
            self._skip(self._left())
        return bool(self._left())

    def _leave_out(self, line: int | None, death: Died) -> bool:
        """Whether to try again without the statement outside of the functions in which the child died."""
        if (
            line is None
            or death.cause == "malformed"
            or len(self._skip_lines) >= LEFT_OUT
            or self._out_of_time()
        ):
            return False
        if line in self._skip_lines:
            return False
        self._skip_lines.append(line)
        self._died_loading.append(Note("died", line, death.cause, death.detail))
        return True

    def _skip(self, left: list[int]) -> None:
        for i in left:
            self._outcomes[self._job.tasks[i].id] = Skipped()


def _child_seed(seed: int) -> int:
    """What seeds randomness in a child. From the job's own seed the hidden inputs could be drawn again."""
    return int.from_bytes(hashlib.sha256(f"child:{seed}".encode()).digest()[:6], "little")
