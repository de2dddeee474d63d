"""Child, forked: puts up the inner walls, warms itself, waits for one job, runs it, ends.

The order of the walls matters. The mount and the new user namespace need capabilities,
so they come first; then everything is given up for good, and the system-call filter
closes the door last. Nothing here may import from the judging side.
"""

from __future__ import annotations

import builtins
import ctypes
import os
import random
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Final

import torch

from grader.model.job import PATIENCE, SCRATCH_BYTES
from grader.model.observation import REFUSED
from grader.sandbox import wire
from grader.sandbox.inside import harness, late_imports, non_leaves

_PR_SET_PDEATHSIG: Final = 1
_PR_CAPBSET_DROP: Final = 24
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_CLONE_NEWUSER: Final = 0x10000000
_MS_NOSUID_NODEV_NOEXEC: Final = 2 | 4 | 8
_CAPABILITY_VERSION_3: Final = 0x20080522
_SOCKET: Final = 3


class _Capabilities(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("version", "pid", *(f"word{i}" for i in range(6))))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def prepare() -> None:
    """Do once in the zygote what every child would otherwise do for itself."""
    late_imports.put_off()
    late_imports.compile_nothing()
    non_leaves.notice()
    # Without site there are none, and a file may end in exit().
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def warm() -> None:
    """Do once in the zygote what every job does, so that no child pays for the first time."""
    torch.set_num_threads(1)
    # So that torch.ones(n) meets the float64 inputs as it meets the float32 ones of the examples in a text.
    torch.set_default_dtype(torch.float64)
    torch.default_generator.manual_seed(0)
    rehearse()


def rehearse() -> None:
    """Run a small job of ours."""
    harness.rehearse()


def live(channel: int, printing: int, walls: Walls, rehearse: bool) -> None:
    """A child's whole life. Never returns."""
    _descriptors(channel, printing)
    layers = walls.put_up()
    if rehearse:
        harness.rehearse()
    decoder: wire.Decoder[wire.Run] = wire.Decoder(wire.Run, wire.RUN_BYTES)
    _say(wire.Waiting(tuple(layers)))
    runs: list[wire.Run] = []
    while not runs:
        data = os.read(_SOCKET, 1 << 16)
        if not data:
            os._exit(0)
        runs = decoder.feed(data)
    run = runs[0]
    _limits(run)
    random.seed(run.job.seed)
    harness.observe(run.job, run.library, _SOCKET)
    os._exit(0)


def _say(message: wire.Waiting) -> None:
    os.write(_SOCKET, wire.encode(message))


def _descriptors(channel: int, printing: int) -> None:
    """Keep four: nothing on 0, what is printed on 1 and 2, the grader on 3. Close all others."""
    while channel <= _SOCKET:
        channel = os.dup(channel)
    # The streams of :func:`prepare` write to 1 and 2.
    os.dup2(printing, 1, inheritable=True)
    os.dup2(printing, 2, inheritable=True)
    os.dup2(channel, _SOCKET, inheritable=True)
    os.closerange(_SOCKET + 1, 4096)
    # The one inherited is the same open file in every child: a flag set upon it by one is seen by the other.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0, inheritable=True)
    os.close(null)


class _Filter:
    """A system-call filter in memory, as the kernel takes it. ``at`` points to it."""

    def __init__(self, program: bytes) -> None:
        self._code = ctypes.create_string_buffer(program, len(program))
        self._program = _Program(len(program) // 8, ctypes.addressof(self._code))
        self.at = ctypes.c_void_p(ctypes.addressof(self._program))


def restrict(program: bytes) -> None:
    """Put a filter upon this process and all its children to come; it ends where the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    kept = _Filter(program)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, kept.at, 0, 0
    ):
        os.write(2, f"seccomp: {os.strerror(ctypes.get_errno())}\n".encode())
        os._exit(72)


class Walls:
    """The inner walls: all that can be made ready in the zygote is, once; a child only puts them up.

    :param setup: the system-call filters; maybe empty.
    :param weak: plain processes: what needs a namespace of its own is left out.
    """

    def __init__(self, setup: wire.Setup, weak: bool) -> None:
        # PyDLL keeps the interpreter's lock, for which there is nobody to contend here.
        libc = ctypes.PyDLL(None, use_errno=True)
        self._weak = weak
        self._prctl = getattr(libc, "prctl", None)
        self._mount = getattr(libc, "mount", None)
        self._unshare = getattr(libc, "unshare", None)
        self._capset = getattr(libc, "capset", None)
        self._options = f"size={SCRATCH_BYTES},nr_inodes=512,mode=0700".encode()
        self._nothing = _Capabilities(version=_CAPABILITY_VERSION_3)
        self._head = ctypes.addressof(self._nothing)
        # Otherwise a child has the first from its zygote.
        programs = (setup.zygote, setup.child) if weak else (setup.child,)
        self._filters = [_Filter(program) for program in programs if program]
        self._alone = not weak and _is_cut_off()
        self._words_at = ctypes.c_void_p(self._head + 8)
        self._head_at = ctypes.c_void_p(self._head)

    def put_up(self) -> list[str]:
        """Put up every inner wall this machine gives; the names of those that hold.

        In full isolation a wall that does not hold is a reason to die: the pool then says so.
        """
        layers: list[str] = []
        weak, prctl = self._weak, self._prctl

        def must(name: str, result: int) -> None:
            if result == 0:
                layers.append(name)
            elif not weak:
                os.write(2, f"{name}: {os.strerror(ctypes.get_errno())}\n".encode())
                os._exit(72)

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        resource.setrlimit(resource.RLIMIT_FSIZE, (SCRATCH_BYTES, SCRATCH_BYTES))
        # Those that wait are counted for all children together: whoever used them up would be noticed.
        resource.setrlimit(resource.RLIMIT_SIGPENDING, (64, 64))
        if not weak:
            assert self._mount is not None and self._unshare is not None
            # The count is per user and per user namespace; in a weak jail it would count the whole machine's.
            resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
            if not self._alone or os.getpid() != 1:
                os.write(2, b"namespaces: this process is not alone\n")
                os._exit(72)
            layers.append("namespaces")
            # A group of its own, so that a signal to "the group" stays here. A session would do so, too, and
            # cost 0.1 ms: the kernel gives each its own place in the scheduler. The zygote has one already.
            os.setpgid(0, 0)
            must("scratch", self._mount(b"tmpfs", b"/tmp", b"tmpfs", _MS_NOSUID_NODEV_NOEXEC, self._options))
            must("user", self._unshare(_CLONE_NEWUSER))
            os.chdir("/tmp")  # noqa: S108
        layers.append("rlimits")
        if prctl is not None:
            must("die-with-parent", prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0))
            if not weak:
                assert self._capset is not None
                for capability in range(64):
                    if prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                        break
                must("capabilities", self._capset(self._head_at, self._words_at))
            must("no-new-privileges", prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
            for program in self._filters:
                if prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program.at, 0, 0):
                    must("seccomp", -1)
            if self._filters and _is_refused():
                layers.append("seccomp")
        return layers


def _is_cut_off() -> bool:
    """Whether this process sees no network but its own loopback, and no process of the machine's."""
    return {name for _, name in socket.if_nameindex()} <= {"lo"} and not Path("/proc/self").exists()


def _is_refused() -> bool:
    """Whether a call that is on no list is refused by the filter, in its own words."""
    try:
        os.getpriority(os.PRIO_PROCESS, 0)
    except OSError as error:
        return REFUSED.get(error.errno or 0) == "kernel"
    return False


def _limits(run: wire.Run) -> None:
    """What depends on the exercise. Limits of time are kept outside; the kernel's is only a last resort."""
    limits = run.job.limits
    seconds = int(limits.total_seconds + PATIENCE * limits.case_seconds) + 3
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if run.address_space:
        resource.setrlimit(resource.RLIMIT_AS, (run.address_space, run.address_space))
