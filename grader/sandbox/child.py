"""A forked child: puts up the inner walls, warms itself, waits for one job, runs it, ends.

The order of the walls matters. The mount and the new user namespace need capabilities,
so they come first; then everything is given up for good, and the system-call filter
closes the door last. Nothing here may import from the judging side.
"""

from __future__ import annotations

import ctypes
import os
import random
import resource
import signal
import sys
from typing import Final

from grader.sandbox import harness, wire

_PR_SET_PDEATHSIG: Final = 1
_PR_CAPBSET_DROP: Final = 24
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_CLONE_NEWUSER: Final = 0x10000000
_MS_NOSUID_NODEV_NOEXEC: Final = 2 | 4 | 8
_CAPABILITY_VERSION_3: Final = 0x20080522
_SOCKET: Final = 3
SCRATCH_BYTES: Final = 16 * 2**20
"""Size of a child's own /tmp."""


class _Capabilities(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("version", "pid", *(f"word{i}" for i in range(6))))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def prepare() -> None:
    """Do once in the zygote what every child would otherwise do for itself."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def warm() -> None:
    """Do once in the zygote what every job does, so that no child pays for the first time."""
    import torch

    torch.set_num_threads(1)
    torch.default_generator.manual_seed(0)
    harness.rehearse()


def live(channel: int, printing: int, program: bytes, weak: bool, rehearse: bool) -> None:
    """A child's whole life. Never returns."""
    _descriptors(channel, printing)
    layers = _walls(program, weak)
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
    """Keep three: nothing on 0, what is printed on 1 and 2, the grader on 3. Close all others."""
    while channel <= _SOCKET:
        channel = os.dup(channel)
    # 0 is /dev/null already: the zygote was started with it. The streams of :func:`prepare` write to 1 and 2.
    os.dup2(printing, 1, inheritable=True)
    os.dup2(printing, 2, inheritable=True)
    os.dup2(channel, _SOCKET, inheritable=True)
    os.closerange(_SOCKET + 1, 4096)


def _walls(program: bytes, weak: bool) -> list[str]:
    """Put up every inner wall this machine gives; the names of those that hold.

    In full isolation a wall that does not hold is a reason to die: the pool then says so.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    layers: list[str] = []

    def must(name: str, result: int) -> None:
        if result == 0:
            layers.append(name)
        elif not weak:
            os.write(2, f"{name}: {os.strerror(ctypes.get_errno())}\n".encode())
            os._exit(72)

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_FSIZE, (SCRATCH_BYTES, SCRATCH_BYTES))
    if not weak:
        # The count is per user and per user namespace; in a weak jail it would count the whole machine's.
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        layers.append("namespaces")
        os.setsid()
        options = f"size={SCRATCH_BYTES},nr_inodes=512,mode=0700".encode()
        must("scratch", libc.mount(b"tmpfs", b"/tmp", b"tmpfs", _MS_NOSUID_NODEV_NOEXEC, options))
        must("user", libc.unshare(_CLONE_NEWUSER))
        os.chdir("/tmp")  # noqa: S108
    layers.append("rlimits")
    if hasattr(libc, "prctl"):
        must("die-with-parent", libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0))
        if not weak:
            for capability in range(64):
                if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                    break
            nothing = _Capabilities(version=_CAPABILITY_VERSION_3)
            words = ctypes.addressof(nothing) + 8
            must("capabilities", libc.capset(ctypes.byref(nothing), ctypes.c_void_p(words)))
        must("no-new-privileges", libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        if program:
            code = ctypes.create_string_buffer(program, len(program))
            fprog = _Program(len(program) // 8, ctypes.addressof(code))
            must("seccomp", libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(fprog), 0, 0))
    return layers


def _limits(run: wire.Run) -> None:
    """What depends on the exercise. Deadlines are kept outside; the CPU limit is only a last resort."""
    seconds = int(run.job.limits.total_seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if run.address_space:
        resource.setrlimit(resource.RLIMIT_AS, (run.address_space, run.address_space))
