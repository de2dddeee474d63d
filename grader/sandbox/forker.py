"""Fork server: one warm process that forks, and its children, as the grader holds them.

Threads: orders to one process are serialised by a lock; each order has one reply. A :class:`Child` belongs
to the thread that took it. Who kills whom: :meth:`Child.kill` ends a child's whole pid namespace through
its pidfd; the jail's end (:mod:`grader.sandbox.zygote`) ends every child with it.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Final

from grader.errors import ProtocolError, SandboxFailed
from grader.sandbox import wire
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.hugepages import HUGE, hot_pieces, mappings, private_bytes, programs_of

ORDER_SECONDS: Final = 10.0
LOWEST_PRIORITY: Final = 19
"""A nice value. It still gets its share: with ``SCHED_IDLE`` a busy hour could starve what has begun."""
_CREDENTIALS: Final = struct.Struct("3i")


class ZygoteLost(SandboxFailed):
    """The zygote died or does not answer. Its children are gone with it."""


class Forker:
    """The grader's end of the line to one warm process.

    :param control: a socket whose other end that process inherited.
    :param weak: it forks plain processes, without namespaces.
    :ivar group: the control group around its jail, where one can be had.
    :ivar pid: of the process, as this machine sees it; 0 before it has said anything.
    :ivar lost: it is dead, or has not answered: nothing more is asked of it.
    """

    def __init__(self, control: socket.socket, *, weak: bool) -> None:
        self._control = control
        self._lock = threading.Lock()
        self._replies: wire.Decoder[wire.Reply] = wire.Decoder(wire.Reply, wire.CONTROL_BYTES)
        self.weak = weak
        self.group = Cgroup()
        self.pid = 0
        self.lost = False
        self._ended: list[int] = []
        if hasattr(socket, "SO_PASSCRED"):
            control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def set_up(self, setup: wire.Setup) -> None:
        """The first word. A process that died at once is met by :meth:`hello`."""
        with contextlib.suppress(OSError):
            self._control.send(wire.encode(setup))

    def hello(self, seconds: float) -> wire.Hello:
        """Its first word, when it is warm.

        :raises ZygoteLost: it does not come in time.
        :raises SandboxFailed: it is another one.
        """
        reply, _ = self._receive(seconds)
        if not isinstance(reply, wire.Hello):
            raise SandboxFailed("the zygote answers out of turn")
        return reply

    def address_space(self) -> int:
        """Bytes of address space the warm process maps; 0 when this cannot be read."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def memory(self) -> int:
        """Bytes of anonymous memory it holds; 0 when this cannot be read.

        Not what it holds alone: that falls with every child that shares its pages.
        """
        try:
            resident, shared = Path(f"/proc/{self.pid}/statm").read_text().split()[1:3]
        except (OSError, ValueError):
            return 0
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")

    def private_bytes(self) -> int:
        """Memory that only it holds, in bytes. :raises OSError: it cannot be looked at."""
        return private_bytes(self.pid)

    def fork(self, *, rehearse: bool = True) -> Child:
        """A new child: jailed, warming itself, about to wait for a job.

        :param rehearse: run a tiny job of its own first; False when somebody waits for it.

        :raises ZygoteLost: the zygote is gone.
        :raises SandboxFailed: the kernel refuses the fork.
        """
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        try:
            with self._lock:
                ended, self._ended = self._ended, []
                self._send(wire.Fork(rehearse, tuple(ended)), [theirs.fileno(), writing])
                reply, descriptors = self._receive(ORDER_SECONDS)
        except BaseException:
            ours.close()
            os.close(reading)
            raise
        finally:
            theirs.close()
            os.close(writing)
        if not isinstance(reply, wire.Forked) or reply.error:
            ours.close()
            os.close(reading)
            detail = reply.error if isinstance(reply, wire.Forked) else "it answers out of turn"
            raise SandboxFailed(f"the zygote cannot fork: {detail}")
        os.set_blocking(reading, False)
        ours.setblocking(False)
        return Child(self, reply.number, ours, reading, descriptors[0] if descriptors else -1)

    def reap(self, number: int) -> int | None:
        """Wait for a dead or killed child; its exit code as :func:`os.waitstatus_to_exitcode` gives it."""
        with self._lock:
            self._send(wire.Reap(number), [])
            reply, _ = self._receive(ORDER_SECONDS)
        return reply.code if isinstance(reply, wire.Reaped) else None

    def let_reap(self, number: int) -> None:
        """Have a child that has ended waited for, with the next fork or :meth:`reap_ended`."""
        with self._lock:
            self._ended.append(number)

    def reap_ended(self) -> None:
        """Have all those waited for now. :raises ZygoteLost: the zygote is gone."""
        while True:
            with self._lock:
                if not self._ended:
                    return
                number = self._ended.pop()
            self.reap(number)

    @property
    def has_ended(self) -> bool:
        """Whether children that have ended are still to be waited for."""
        return bool(self._ended)

    def collapse(self) -> wire.Collapsed:
        """Move the warm process' memory and the hot parts of its programs into huge pages (best effort).

        Without ``/proc`` in the jail all this is read out here. What a job needs of the programs is seen by
        letting go of them and running one.
        """
        try:
            mapped = mappings(self.pid)
        except (OSError, ValueError):
            return wire.Collapsed(0, 0)
        heap = tuple((m.start, m.end) for m in mapped if m.anonymous and m.end - m.start >= HUGE)
        programs = programs_of(mapped)
        clean = tuple((m.start, m.end) for program in programs for m in program)
        data = self._collapsed(wire.Collapse(heap, clean))
        try:
            hot = hot_pieces(self.pid, programs)
        except OSError:
            return data
        text = self._collapsed(wire.Embed(hot))
        return wire.Collapsed(data.pages + text.pages, data.refused + text.refused)

    def _collapsed(self, order: wire.Order) -> wire.Collapsed:
        with self._lock:
            self._send(order, [])
            reply, _ = self._receive(ORDER_SECONDS)
        return reply if isinstance(reply, wire.Collapsed) else wire.Collapsed(0, 0)

    def close(self) -> None:
        """Hang up."""
        self.lost = True
        self._control.close()

    def _send(self, order: wire.Order, descriptors: list[int]) -> None:
        if self.lost:
            # Another thread has waited for it in vain: nobody waits a second time, and an answer that
            # comes after all would be taken for the next order's.
            raise ZygoteLost("the zygote is gone")
        try:
            socket.send_fds(self._control, [wire.encode(order)], descriptors)
        except OSError as error:
            self.lost = True
            raise ZygoteLost("the zygote is gone") from error

    def _receive(self, seconds: float) -> tuple[wire.Reply, list[int]]:
        deadline = time.monotonic() + seconds
        try:
            self._control.settimeout(max(0.01, deadline - time.monotonic()))
            space = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(4)
            data, ancillary, _, _ = self._control.recvmsg(wire.CONTROL_BYTES, space)
        except OSError as error:
            self.lost = True
            raise ZygoteLost("the zygote does not answer") from error
        descriptors: list[int] = []
        for level, kind, payload in ancillary:
            if level != socket.SOL_SOCKET:
                continue
            if kind == socket.SCM_RIGHTS:
                descriptors.append(int.from_bytes(payload[:4], "little"))
            elif kind == getattr(socket, "SCM_CREDENTIALS", -1):
                self.pid = _CREDENTIALS.unpack(payload)[0]
        try:
            replies = self._replies.feed(data)
        except ProtocolError as error:
            self.lost = True
            raise ZygoteLost("the zygote speaks nonsense") from error
        if len(replies) != 1:
            self.lost = True
            raise ZygoteLost("the zygote is gone")
        return replies[0], descriptors


class Child:
    """One forked child, from the grader's side.

    :ivar channel: where frames go and come; it does not block.
    :ivar text: a non-blocking descriptor with what it prints.
    :ivar pid: its number as this process sees it, its own until it is buried; 0 where that cannot be told.
    :ivar fresh: True until it has been given a job.
    """

    def __init__(self, forker: Forker, number: int, channel: socket.socket, text: int, pidfd: int) -> None:
        self.forker = forker
        self.number = number
        self.channel = channel
        self.text = text
        self._pidfd = pidfd
        self.pid = number if forker.weak else _pid_of(pidfd)
        self._killed = False

    def private_bytes(self) -> int:
        """Memory that only this child holds, in bytes. :raises OSError: it cannot be looked at."""
        if self.pid:
            return private_bytes(self.pid)
        raise ProcessLookupError("the child is gone")

    def kill(self) -> None:
        """End the child and everything it may have started. Safe to call twice."""
        if self._killed:
            return
        self._killed = True
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Have none of its code run until :meth:`go_on`: no loop, timer or handler of its own."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After :meth:`stop`."""
        self._signal(signal.SIGCONT)

    def lower_priority(self) -> None:
        """Have it run where nobody else wants the processor (the highest nice value), for good."""
        if self.pid:
            with contextlib.suppress(OSError):  # it is gone, or the system does not let us
                os.setpriority(os.PRIO_PROCESS, self.pid, LOWEST_PRIORITY)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, number)
            elif self.forker.weak:
                os.kill(self.number, number)

    def alive(self) -> bool:
        """Whether it still runs, as far as can be seen at once."""
        if self.forker.lost or self._pidfd < 0:
            return not self.forker.lost
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return not poll.poll(0)

    def post_mortem(self) -> int | None:
        """The exit code of a child that hung up by itself; None when it still ran and was killed for it."""
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            ended = bool(poll.poll(2000))  # its memory is taken down first, on a busy machine slowly
        else:
            ended = True
        self.kill()
        code = self.forker.reap(self.number)
        return code if ended else None

    def bury(self) -> None:
        """Reap a killed child. Slow (its memory is torn down): do it off the verdict's path.

        It is waited for here and not in the zygote, which could not fork meanwhile.
        """
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(1000)
        self.forker.let_reap(self.number)

    def close(self) -> None:
        """Kill, and give back every descriptor."""
        self.kill()
        self.channel.close()
        for descriptor in (self.text, self._pidfd):
            if descriptor >= 0:
                os.close(descriptor)
        self.text = self._pidfd = -1


def _pid_of(pidfd: int) -> int:
    """The number of the process that ``pidfd`` is of; 0 where it cannot be told, or there is none."""
    try:
        file = os.open(f"/proc/self/fdinfo/{pidfd}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = re.search(rb"^Pid:\s*(\d+)", os.read(file, 4096), re.MULTILINE)
        finally:
            os.close(file)
    except OSError:
        return 0
    return int(found[1]) if found else 0
