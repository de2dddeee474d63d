"""Zygote: the process that imports torch once and then only forks.

There are two of it in a jail: the first forks the second, which then takes autograd out of itself
(:mod:`grader.sandbox.inside.no_autograd`) and forks the children in which predictions are made. Each runs
inside :mod:`grader.sandbox.jail`, single-threaded, and speaks :mod:`grader.sandbox.wire` with the grader
over an inherited socket of its own: one order, one reply, in turn. It holds no exercise, no answer, no
secret. It dies with the grader's thread that started it (bubblewrap's ``--die-with-parent``) and when the
socket closes; its children die with it (``PR_SET_PDEATHSIG``). Children are killed from outside, through the
pidfd that travels with each ``Forked``.
"""

from __future__ import annotations

import array
import ctypes
import gc
import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Final

from grader.errors import ProtocolError
from grader.sandbox import wire
from grader.sandbox.inside import heap

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.inside.child import Walls

_NEW_NAMESPACES: Final = 0x00020000 | 0x08000000 | 0x20000000 | 0x04000000  # mount, ipc, pid, uts
_PR_SET_PDEATHSIG: Final = 1
_CLONE_PIDFD: Final = 0x00001000
_SYS_CLONE3: Final = 435  # the same on every architecture
_MADV_COLLAPSE: Final = 25
_MADV_DONTNEED: Final = 4
_PROT_READ, _PROT_WRITE, _PROT_EXEC = 1, 2, 4
_MAP_PRIVATE_ANONYMOUS: Final = 0x02 | 0x20
_MAP_FAILED: Final = 2 ** (8 * ctypes.sizeof(ctypes.c_void_p)) - 1
_MREMAP_MAYMOVE_FIXED: Final = 1 | 2
_HUGE: Final = 2 * 2**20
_LIBC: Final = ctypes.PyDLL(None, use_errno=True)
"""Opened once: each opening makes a class, which is a cycle, and nothing collects cycles here."""


class _CloneArgs(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in (
            "flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls",
            "set_tid", "set_tid_size", "cgroup",
        )
    )  # fmt: skip


def main(channel: int, other: int, weak: bool, lasting: bool) -> None:
    """Warm up, fork the zygote without autograd, say hello, serve orders until the grader goes away.

    :param channel: the inherited socket's descriptor.
    :param other: the same for the zygote without autograd.
    :param weak: fork plain processes, without namespaces (``isolation: "process"``).
    :param lasting: much will be forked: spend 0.3 s on what makes it cheaper.
    """
    started = time.monotonic()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the grader's business
    if lasting:
        heap.reserve()
    # torch takes a second: by now Ctrl-C is ignored and time is counted. What stands above needs no torch.
    import torch

    from grader.sandbox.inside import child

    child.prepare()
    child.warm()
    # Forked once and kept: it has everything that this one has, but for autograd, and shares its memory.
    second = os.fork() == 0
    if second:
        # Only in the second: it replaces kernels.
        from grader.sandbox.inside import no_autograd

        if not weak:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        no_autograd.remove()
        child.rehearse()
    if lasting:
        heap.fill_holes()
    os.close(channel if second else other)
    control = socket.socket(fileno=other if second else channel)
    gc.collect()
    gc.freeze()
    # Long-lived objects are frozen; a collection in a child would only copy pages.
    gc.disable()
    decoder: wire.Decoder[wire.Order] = wire.Decoder(wire.Order, wire.CONTROL_BYTES)
    data, _, _, _ = socket.recv_fds(control, wire.CONTROL_BYTES, 0)
    if not data:
        os._exit(0)
    (setup,) = decoder.feed(data)
    assert isinstance(setup, wire.Setup)
    hello = wire.Hello(sys.version.split()[0], str(torch.__version__), time.monotonic() - started)
    walls = child.Walls(setup, weak)
    if setup.zygote and not weak:
        child.restrict(setup.zygote)
    control.sendall(wire.encode(hello))
    _serve(control, decoder, Children(control, walls, weak, child.live))


def _serve(control: socket.socket, decoder: wire.Decoder[wire.Order], children: Children) -> None:
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, wire.CONTROL_BYTES, 2)
        if not data:
            os._exit(0)
        try:
            orders = decoder.feed(data)
        except ProtocolError:
            os._exit(70)
        for order in orders:
            match order:
                case wire.Fork(rehearse=rehearse, ended=ended):
                    for number in ended:
                        children.reap(number)
                    children.fork(descriptors, rehearse)
                case wire.Reap(number=number):
                    control.sendall(wire.encode(wire.Reaped(children.reap(number))))
                case wire.Collapse(ranges=ranges, clean=clean):
                    control.sendall(wire.encode(_collapse(ranges, clean)))
                case wire.Embed(pieces=pieces):
                    control.sendall(wire.encode(_embed(pieces)))
                case wire.Setup():
                    os._exit(70)


class Children:
    """Those of a zygote: forks them, and waits for who has ended. What a fork needs is made once: each object
    that the zygote makes or lets go of is a page that it writes to, and that it and every child then copy.

    :param live: the child's life.
    """

    def __init__(
        self,
        control: socket.socket,
        walls: Walls,
        weak: bool,
        live: Callable[[int, int, Walls, bool], None],
    ) -> None:
        self._control, self._walls, self._weak, self._live = control, walls, weak, live
        self._running: set[int] = set()
        self._pidfd = ctypes.c_int(-1)
        self._arguments = _CloneArgs(
            flags=_NEW_NAMESPACES | _CLONE_PIDFD,
            pidfd=ctypes.addressof(self._pidfd),
            exit_signal=int(signal.SIGCHLD),
        )
        self._clone3 = ctypes.c_long(_SYS_CLONE3)
        self._at = ctypes.byref(self._arguments)
        self._size = ctypes.c_size_t(ctypes.sizeof(self._arguments))

    def fork(self, descriptors: list[int], rehearse: bool) -> None:
        """Fork a child that is given both ``descriptors``, and reply."""
        pidfd = -1
        try:
            if self._weak:
                number = os.fork()
            else:
                number = self._clone()
                pidfd = self._pidfd.value
        except OSError as error:
            self._control.sendall(wire.encode(wire.Forked(0, f"clone3: {error.strerror}")))
            for descriptor in descriptors:
                os.close(descriptor)
            return
        if number == 0:
            try:
                self._live(descriptors[0], descriptors[1], self._walls, rehearse)
            finally:
                os._exit(71)
        self._running.add(number)
        if self._weak and hasattr(os, "pidfd_open"):
            pidfd = os.pidfd_open(number)
        reply = wire.encode(wire.Forked(number))
        if pidfd >= 0:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pidfd]))
            self._control.sendmsg([reply], [rights])
            os.close(pidfd)
        else:
            self._control.sendall(reply)
        for descriptor in descriptors:
            os.close(descriptor)

    def _clone(self) -> int:
        """clone3 into new namespaces; the child's number, and 0 in the child.

        A raw call costs the same as a bare fork; ``fork`` + ``unshare`` + ``fork`` costs twice.
        ``PyDLL`` keeps the interpreter's lock, which the child then holds as its parent did.
        """
        number: int = _LIBC.syscall(self._clone3, self._at, self._size)
        if number < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return number

    def reap(self, number: int) -> int | None:
        """Wait for one child, which has been killed or has ended; its exit code, if it is one."""
        if number not in self._running:
            return None
        self._running.discard(number)
        try:
            return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        except ChildProcessError:
            return None


def _collapse(ranges: tuple[tuple[int, int], ...], clean: tuple[tuple[int, int], ...]) -> wire.Collapsed:
    # Imported with torch, above, by the time that anything is collapsed.
    from grader.sandbox.inside import harness

    libc = _memory_calls()
    pages = refused = 0
    for start, end in ranges:
        for piece in range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
            if libc.madvise(piece, _HUGE, _MADV_COLLAPSE) == 0:
                pages += 1
            else:
                refused += 1
    for start, end in clean:
        libc.madvise(start, end - start, _MADV_DONTNEED)
    if clean:
        harness.rehearse()
    return wire.Collapsed(pages, refused)


def _embed(pieces: tuple[int, ...]) -> wire.Collapsed:
    """Put a copy in a huge page in the place of each piece of a program: the same bytes at the same address.

    What is mapped from a file is not handed to a child, which fetches each 64 KiB that it runs by a fault of
    its own; a huge page is one entry that it finds. A piece that gets none stays as it is.
    """
    libc = _memory_calls()
    pages = 0
    for piece in pieces:
        room = libc.mmap(None, 2 * _HUGE, _PROT_READ | _PROT_WRITE, _MAP_PRIVATE_ANONYMOUS, -1, 0)
        if room in (None, _MAP_FAILED):
            break
        copy = -(-room // _HUGE) * _HUGE
        ctypes.memmove(copy, piece, _HUGE)
        if (
            libc.madvise(copy, _HUGE, _MADV_COLLAPSE) == 0
            and libc.mprotect(copy, _HUGE, _PROT_READ | _PROT_EXEC) == 0
            and libc.mremap(copy, _HUGE, _HUGE, _MREMAP_MAYMOVE_FIXED, piece) == piece
        ):
            pages += 1
        libc.munmap(room, copy - room)
        libc.munmap(copy + _HUGE, room + _HUGE - copy)
    return wire.Collapsed(pages, len(pieces) - pages)


def _memory_calls() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    address, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    libc.madvise.argtypes = libc.mprotect.argtypes = [address, size, number]
    libc.munmap.argtypes = [address, size]
    libc.mmap.argtypes = [address, size, number, number, number, ctypes.c_long]
    libc.mremap.argtypes = [address, size, size, number, address]
    libc.mmap.restype = libc.mremap.restype = address
    return libc
