"""Session of one job with one child: give it, listen, keep the deadlines, say how it ended.

The child is never trusted. Frames must come in the order of the tasks, once each, in
time and within the size allowed; whatever else comes is an outcome (``malformed``,
``timeout``, ``output``, ``crashed`` …), never an exception. Limits of time are kept here,
outside the child, by its :mod:`clocks <grader.sandbox.clocks>`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import Final

import msgspec

from grader.errors import ProtocolError, SandboxFailed
from grader.model.job import PATIENCE, Job
from grader.model.observation import OF_ALL, Died, TimeLimit
from grader.sandbox import bounds, wire
from grader.sandbox.clocks import NOTHING, Clocks, Spent
from grader.sandbox.forker import Child, ZygoteLost
from grader.sandbox.pair import Turn, at_once
from grader.sandbox.share import WHOLE, Share
from grader.sandbox.transcript import Transcript

WAITING_SECONDS: Final = 30.0
"""How long a child may take to put up its walls: our time, not the student's."""
LULL_SECONDS: Final = 0.02
_BELLS: Final = 2
"""So often the harness itself rings."""
HEADERS: Final = 2 * 2**20
"""Bytes of frame headers allowed beside the results themselves."""


def converse(
    child: Child,
    job: Job,
    library: dict[str, bytes],
    address_space: int,
    before: Spent = NOTHING,
    turn: Turn = at_once,
    share: Share = WHOLE,
) -> Transcript:
    """Run ``job`` on ``child`` and return what was seen. The child is dead or dying afterwards.

    The job is sent at once, so that a child that is still putting up its walls finds it waiting.

    :param before: what earlier children have spent of the submission's time.
    :param turn: called before hidden inputs are sent; what it takes is not the student's time.
    :param share: of a slot, for how long.
    :raises Preempted: that is used up, and others wait.
    :raises SandboxFailed: the child died before the job was its own (our fault; may be retried).
    :raises ZygoteLost: the zygote died under the child (our fault; may be retried).
    """
    return _Session(child, job, before, turn, share).hold(library, address_space)


class _Session:
    def __init__(self, child: Child, job: Job, before: Spent, turn: Turn, share: Share) -> None:
        self._child = child
        self._turn, self._share = turn, share
        self._job = job
        self._before = before
        self._clocks = Clocks(child.pid)
        self._began: Spent | None = None
        self._rested = NOTHING
        """What the clocks showed when the student's time began, and when the task of now did."""
        self._now = NOTHING
        """What they showed when something was heard last."""
        self._own = 0.0
        """So long the job has run, slept or been blocked, as it was looked at last."""
        self._case = self._total = 0.0
        """Seconds of processor time that this task may take, and all together."""
        self._transcript = Transcript()
        self._decoder: wire.Decoder[wire.Word] = wire.Decoder(wire.Word, job.limits.results + HEADERS)
        self._received = 0
        self._waiting = False
        self._silent = False
        """Its text has ended: nothing more will be printed."""
        self._done = False
        self._asked = 0
        """So many tasks have been sent."""
        self._next = 0
        self._printed = 0
        self._announced = 0
        self._last = b""
        """What was printed last, whoever may see it."""
        self._deadline = time.monotonic() + WAITING_SECONDS
        """Then it is looked at what has been spent."""

    def hold(self, library: dict[str, bytes], address_space: int) -> Transcript:
        job, child = self._job, self._child
        poll = select.poll()
        poll.register(child.channel, select.POLLIN)
        poll.register(child.text, select.POLLIN)
        child.forker.group.make_room(job.limits.memory)
        try:
            bare = msgspec.structs.replace(job, tasks=())
            if self._send(wire.encode(wire.Run(bare, address_space, library))):
                raise TimeoutError
        except OSError as error:
            self._blame_us(error)
        channel = child.channel.fileno()
        lull = 0.0
        while not self._done and self._transcript.death is None:
            now = time.monotonic()
            if self._asked and not lull:
                # Answers queue up unread for a moment: waking us for each costs more than most of them.
                # The child closes what it prints to when it has said all, and that does wake us.
                lull = now + LULL_SECONDS
                poll.unregister(channel)
            if now >= self._deadline:
                self._look()
                continue
            left = min(lull, self._deadline) - now if lull > 0 else self._deadline - now
            events = poll.poll(left * 1000 + 1) if left > 0 else []
            over = not events
            for descriptor, _ in events:
                if descriptor == channel:
                    self._hear()
                elif not self._read_text():
                    poll.unregister(descriptor)
                    over = True
                    self._hear()  # what it said before is there, if it has ended well
                elif self._asked:
                    # It rings when a batch is answered: what has been answered is read without being woken
                    # for.
                    self._catch_up()
                if self._done or self._transcript.death is not None:
                    break
            if over and lull > 0:
                lull = -1.0
                poll.register(channel, select.POLLIN)
        child.kill()
        if not self._silent:
            self._read_text()
        if self._began is not None:
            self._transcript.spent = self._clocks.read().since(self._began)
        return self._transcript

    def _look(self) -> None:
        """Whether a limit of time is met, or its share is; and when it might be."""
        if not self._late() and not self._share.over(self._own):
            return
        # What had been answered in time may still be unread.
        self._catch_up()
        if not self._done and self._transcript.death is None:
            if limit := self._late():
                self._die("timeout", limit)
            else:
                self._share.check(self._own)

    def _late(self) -> str:
        """The limit that is met; empty where there is time left, and then the deadline is a later one."""
        if self._began is None:
            if time.monotonic() >= self._deadline:
                raise SandboxFailed("a child does not get ready in time")
            return ""
        now = self._clocks.read()
        case, total = now.since(self._rested), self._before.plus(now.since(self._began))
        self._own = total.own
        limit: TimeLimit | None
        if limit := case.over(self._case):
            return limit
        if limit := total.over(self._total, of_all=True, patient=self._share.patient):
            return limit + OF_ALL
        self._look_again(case, total)
        return ""

    def _look_again(self, case: Spent, total: Spent) -> None:
        left = min(case.left(self._case), total.left(self._total), self._share.left(total.own))
        self._deadline = time.monotonic() + left

    def _catch_up(self) -> None:
        """Read what has been answered already."""
        while not self._done and self._transcript.death is None and self._hear():
            pass

    def _hear(self) -> bool:
        """Read once; False when nothing was there, or nothing more will come."""
        try:
            data = self._child.channel.recv(1 << 18)
        except BlockingIOError:
            return False  # it has been read meanwhile
        except OSError:
            data = b""
        if data:
            self._listen(data)
        else:
            self._hung_up()
        return bool(data)

    def _listen(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > self._job.limits.results + HEADERS:
            self._die("output", "results")
            return
        try:
            words = self._decoder.feed(data)
        except wire.FrameTooLong:
            self._die("output", "results")
            return
        except ProtocolError as error:
            self._die("malformed", str(error))
            return
        self._now = self._clocks.read()
        for word in words:
            self._take(word, self._now)
            if self._transcript.death is not None:
                return
        if self._began is not None:
            spent = self._before.plus(self._now.since(self._began))
            self._look_again(self._now.since(self._rested), spent)
        if self._done and self._decoder.partial:
            self._die("malformed", "bytes after the end")

    def _take(self, word: wire.Word, now: Spent) -> None:
        transcript, tasks = self._transcript, self._job.tasks
        if self._done:
            self._die("malformed", "a frame after the end")
        elif not self._waiting:
            # The first frame is the child's own, sent before it had any of the student's code.
            if not isinstance(word, wire.Waiting):
                raise SandboxFailed("a child answers out of turn")
            self._waiting = True
            transcript.walls = frozenset(word.jail)
            self._clocks.start()
            self._began = self._now = now = self._clocks.read()
            self._rest(now)
            self._look_again(NOTHING, self._before)  # in the same breath it may be asked, and not listen
        elif (
            isinstance(word, wire.Reached)
            and transcript.loaded is None
            and self._announced < bounds.MAX_REACHED
        ):
            self._announced += 1
            transcript.reached = word.line
        elif isinstance(word, wire.Loading) and transcript.loaded is None:
            if not bounds.of_loaded(word.loaded):
                self._die("malformed", "an answer that does not fit its question")
                return
            self._read_text()
            transcript.loaded = word.loaded
            self._printed = 0
            self._rest(now)
            if word.loaded.failure is None:
                self._ask()
        elif (
            isinstance(word, wire.Finished)
            and transcript.loaded is not None
            and self._next < self._asked
            and word.task == tasks[self._next].id
        ):
            if not bounds.of_outcome(tasks[self._next], word.outcome):
                self._die("malformed", "an answer that does not fit its question")
                return
            transcript.outcomes[word.task] = word.outcome
            self._next += 1
            self._rest(now)
            if self._next == self._asked < len(tasks):
                # The hidden inputs are not in the child yet: nothing that it has printed can tell of them.
                self._read_text()
                if transcript.death is None:
                    self._ask()
        elif isinstance(word, wire.Done) and transcript.loaded is not None:
            if self._next < len(tasks) and transcript.loaded.failure is None:
                self._die("malformed", "it ended before its last answer")
            self._done = True
        else:
            self._die("malformed", "a frame out of turn")

    def _ask(self) -> None:
        """Send the next batch of tasks. A child that does not take them in time is late."""
        tasks = self._job.tasks
        shown = len(tasks) if self._job.shown is None else self._job.shown
        end = shown if self._asked < shown else len(tasks)
        if end > shown:
            self._await_turn()
        batch, self._asked = tasks[self._asked : end], end
        data = memoryview(wire.encode(wire.Tasks(batch, end < len(tasks))))
        # It may hang up; the next read says how.
        with contextlib.suppress(OSError):
            while data := self._send(data):
                if limit := self._late():
                    self._die("timeout", limit)
                    return
                self._share.check(self._own)

    def _send(self, data: bytes | memoryview) -> memoryview:
        """Send until the deadline at most; what is left then. :raises OSError: the child hung up."""
        left, channel = memoryview(data), self._child.channel
        while True:
            # Most often there is room, and nothing to wait for.
            with contextlib.suppress(BlockingIOError):
                left = left[channel.send(left) :]
            if not left:
                return left
            room = select.poll()
            room.register(channel, select.POLLOUT)
            if not room.poll(max(0.01, self._deadline - time.monotonic()) * 1000):
                return left

    def _await_turn(self) -> None:
        since = time.monotonic()
        self._turn(self._child)
        self._clocks.excuse(time.monotonic() - since)
        self._now = self._clocks.read()
        self._rest(self._now)

    def _rest(self, now: Spent) -> None:
        """The next task begins."""
        limits = self._job.limits
        case, total = limits.case_seconds, limits.total_seconds
        if self._next >= len(self._job.tasks) - self._job.extra:
            case, total = case * PATIENCE, total + case * PATIENCE  # asked for our own sake
        self._rested, self._case, self._total = now, case, total

    def _hung_up(self) -> None:
        self._clocks.stop()
        code = self._child.post_mortem()  # raises ZygoteLost when it was the zygote that died
        if not self._waiting:
            self._read_text()
            words = self._transcript.loading_text.decode("utf-8", "replace").strip().splitlines()
            raise SandboxFailed(f"a child cannot be jailed: {words[-1] if words else f'status {code}'}")
        if self._decoder.partial:
            self._die("malformed", "a frame was cut short")
        elif code is None:
            self._die("malformed", "it closed its channel and went on")
        elif code >= 0:
            self._die("crashed", f"exit {code}")
        elif -code in (signal.SIGSYS, signal.SIGABRT):
            self._aborted()
        elif -code == signal.SIGXFSZ:
            self._die("output", "file")
        else:
            self._die("crashed", _signal_name(-code))

    def _aborted(self) -> None:
        """It called ``abort`` (the filter's only SIGSYS); C++ says so first where memory was the reason."""
        self._read_text()
        if b"'std::bad_alloc'" in self._last:
            self._die("memory", "")
        else:
            self._die("crashed", "SIGABRT")

    def _read_text(self) -> bool:
        """Take what was printed so far; False at its end."""
        while True:
            try:
                data = os.read(self._child.text, 1 << 16)
            except (BlockingIOError, OSError):
                return True
            if not data:
                self._silent = True
                return False
            self._keep(data)
            if self._transcript.death is not None:
                return True

    def _keep(self, data: bytes) -> None:
        """Keep what may be seen of what was printed, as much as the limit allows.

        While the file is loaded, the rest is dropped: a long log costs nothing. Once functions run, too
        much is an end. What is printed once hidden inputs are there is nobody's to see.
        """
        transcript, limit = self._transcript, self._job.limits.text
        size, data = len(data), data.replace(wire.BELL, b"")
        self._last = (self._last + data)[-500:]
        if transcript.loaded is None:
            transcript.loading_text += data[: max(0, limit - len(transcript.loading_text))]
            return
        if self._job.shown is None or self._asked <= self._job.shown:
            transcript.text += data[: max(0, limit - len(transcript.text))]
        self._printed += size  # whoever rings without end prints without end
        if self._printed > limit + _BELLS:
            # It is the task that printed which pays, not those it had answered before.
            self._catch_up()
            if transcript.death is None and not self._done:
                self._die("output", "text")

    def _die(self, cause: str, detail: str) -> None:
        self._transcript.death = msgspec.convert({"is": "died", "cause": cause, "detail": detail[:200]}, Died)

    def _blame_us(self, error: OSError) -> None:
        self._child.post_mortem()
        raise SandboxFailed("a child died before it had a job") from error


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


__all__ = ["Transcript", "ZygoteLost", "converse"]
