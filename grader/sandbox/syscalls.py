"""System calls (seccomp) a child may make: an allow-list, compiled once, outside the jail.

libseccomp knows every call's number on every architecture, so the list is names. The
compiled program is plain bytes: the grader's process compiles it while the zygote
imports torch, and each child hands it to the kernel as its last act before it waits.
So libseccomp itself never enters the jail.

There are two programs, because a long one costs each child 0.2 ms: the kernel checks it, compiles
it and runs it once for every call there is. The zygote takes the allow-list upon itself, with the
few calls besides that it needs to fork and wall in a child; its children inherit that. A child only adds a
short program that takes these few away.

A refused call returns an error number of its own (outside the kernel's range): the
``OSError`` that reaches Python then says *which* thing was tried, and the verdict can
name it.

One call ends the child: ``abort`` raising SIGABRT. The first process of a pid namespace
ignores that signal, whatever it does, and ``abort`` then stumbles on into a SIGSEGV; so the
filter ends it at once, with the only SIGSYS there is, and :mod:`grader.sandbox.session`
calls it by its name.
"""

from __future__ import annotations

import io
import os
import signal
import tempfile
from dataclasses import dataclass
from typing import Final

from grader.model.observation import REFUSED

# Left out on purpose, because they show or leave something that children share: sysinfo (the machine's
# memory and load), mincore, fadvise64 and readahead (which pages of a file are held), flock, inotify and the
# attributes and times of files; and pipe (the numbers of new inodes, and memory that no limit counts), which
# only who starts a program wants.
# fmt: off
ALLOWED: Final = """
read write readv writev pread64 pwrite64 close close_range fstat stat lstat newfstatat statx lseek
access faccessat faccessat2 readlink readlinkat getcwd chdir open openat getdents64 dup dup2 dup3
unlink unlinkat mkdir mkdirat rmdir rename renameat renameat2 ftruncate umask
poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2
mprotect munmap brk mremap
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
getpid getppid gettid getuid geteuid getgid getegid getgroups getpgrp getpgid getsid getresuid getresgid
getrandom getrusage getrlimit setrlimit prlimit64 uname sched_yield sched_getaffinity getcpu
set_robust_list rseq restart_syscall setitimer getitimer alarm pause
kill exit exit_group arch_prctl set_tid_address
""".split()  # noqa: SIM905 - a list of names reads best as a paragraph
# fmt: on

FORBIDDEN: Final[dict[str, tuple[str, ...]]] = {
    "network": (
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg",
        "recvfrom", "recvmsg", "sendmmsg", "recvmmsg", "setsockopt", "getsockopt", "shutdown",
        "getsockname", "getpeername",
    ),
    "process": ("clone", "fork", "vfork", "execve", "execveat", "unshare", "setns", "pipe", "pipe2"),
    "trace": (
        "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
        "pidfd_getfd", "pidfd_open", "pidfd_send_signal", "perf_event_open", "move_pages", "migrate_pages",
    ),
    "mount": (
        "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig",
        "fsmount", "fspick", "mount_setattr", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat",
        "name_to_handle_at", "open_by_handle_at", "fanotify_init", "fanotify_mark", "quotactl", "quotactl_fd",
    ),
    "privilege": (
        "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "capset", "chown",
        "fchown", "fchownat", "lchown", "setfsuid", "setfsgid",
    ),
}  # fmt: skip
"""What was tried → the calls that try it. Each group is refused with its error number of ``REFUSED``.

Whatever is on neither list, calls that are not invented yet among them, is refused as ``kernel``.
"""

FCNTL: Final = (0, 1030, 1, 2, 3, 4)
"""``F_DUPFD``, ``F_DUPFD_CLOEXEC``, ``F_GETFD``, ``F_SETFD``, ``F_GETFL``, ``F_SETFL``: what Python asks of a
descriptor of its own. Locks, leases, notifications and write hints are about the *file*, which all children
share: one could tell another something by them.
"""
MADVISE: Final = (4, 8, 14, 15)
"""``MADV_DONTNEED``, ``MADV_FREE``, ``MADV_HUGEPAGE``, ``MADV_NOHUGEPAGE``: what allocators ask for their own
memory. Other advice is about pages that children share: to fetch a file's, to drop or merge them.
"""
_MADV_COLLAPSE: Final = 25
"""The zygote's alone: a child inherits its filter, and refuses this in its own."""
_PRIVATE_FUTEX: Final = 128
"""A futex that is not private is known by the file that is mapped where it stands; so is who waits on it."""
PROGRAM_BYTES: Final = 16 * 2**20
"""No larger piece of a file can be mapped as a program: a child cannot load torch a second time, which would
have autograd. Extension modules are smaller.
"""
_MAP_SHARED: Final = 0x01
_PROT_EXEC: Final = 4
_ENOSYS: Final = 38


ZYGOTE: Final = (
    "clone3", "wait4", "waitid", "mount", "unshare", "capset", "prctl", "setpgid",
    "sendto", "sendmsg", "recvmsg",
)  # fmt: skip
"""What the zygote needs beyond the allow-list, and every child gives up before it waits for a job."""


@dataclass(frozen=True)
class Filters:
    """BPF programs (arrays of ``struct sock_filter``); empty where there are none.

    :ivar zygote: the allow-list and :data:`ZYGOTE`. :ivar child: refuses :data:`ZYGOTE`.
    """

    zygote: bytes = b""
    child: bytes = b""


def compile_filters() -> Filters:
    """Both programs.

    :raises OSError: libseccomp cannot be found or refuses.
    """
    return Filters(_compile(frozenset(ZYGOTE), alone=True), _compile(frozenset(ZYGOTE), alone=False))


def _compile(extra: frozenset[str], *, alone: bool) -> bytes:
    """The allow-list with ``extra`` allowed; or, not ``alone``, only what refuses ``extra``."""
    try:
        # It looks for the system's libseccomp when it is imported, which may be missing: that is told here.
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise OSError("libseccomp is missing: install the system's package libseccomp2") from error

    def add(action: int, name: str, *args: object) -> None:
        # Names that this architecture (or this libseccomp) does not know are not there to be called.
        try:
            number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
        except (OSError, ValueError):
            return
        if number < 0 or (not alone and name not in extra):
            return
        rules.add_rule(pyseccomp.ALLOW if alone and name in extra else action, name, *args)

    number_of = {what: errno for errno, what in REFUSED.items()}
    refused = pyseccomp.ERRNO(number_of["kernel"])
    rules = pyseccomp.SyscallFilter(refused if alone else pyseccomp.ALLOW)
    # The calls of 32-bit programs (int 0x80) and of x32: their numbers mean other things.
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, refused)
    for name in ALLOWED:
        add(pyseccomp.ALLOW, name)
    # Private mappings count against RLIMIT_AS; shared ones could be passed on, and nothing needs them.
    private = pyseccomp.Arg(3, pyseccomp.MASKED_EQ, _MAP_SHARED, 0)
    add(pyseccomp.ALLOW, "mmap", private, pyseccomp.Arg(2, pyseccomp.MASKED_EQ, _PROT_EXEC, 0))
    add(pyseccomp.ALLOW, "mmap", private, pyseccomp.Arg(1, pyseccomp.LE, PROGRAM_BYTES))
    add(pyseccomp.ALLOW, "futex", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, _PRIVATE_FUTEX, _PRIVATE_FUTEX))
    for advice in MADVISE:
        add(pyseccomp.ALLOW, "madvise", pyseccomp.Arg(2, pyseccomp.EQ, advice))
    if alone:
        add(pyseccomp.ALLOW, "madvise", pyseccomp.Arg(2, pyseccomp.EQ, _MADV_COLLAPSE))
    else:
        rules.add_rule(refused, "madvise", pyseccomp.Arg(2, pyseccomp.EQ, _MADV_COLLAPSE))
    # Nothing of a child's lasts, so there is nothing to wait for; and done upon a file of the machine's, it
    # would show how much others have written.
    for name in ("fsync", "fdatasync"):
        add(pyseccomp.ERRNO(0), name)
    for command in FCNTL:
        add(pyseccomp.ALLOW, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    # Only the terminal questions that Python asks when it opens a file; FIOCLEX and FIONBIO.
    for request in (0x5401, 0x5413, 0x5451, 0x5421, 0x541B):
        add(pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, request))
    for group, names in FORBIDDEN.items():
        for name in names:
            add(pyseccomp.ERRNO(number_of[group]), name)
    abort = int(signal.SIGABRT)
    add(pyseccomp.KILL_PROCESS, "tgkill", pyseccomp.Arg(2, pyseccomp.EQ, abort))
    add(pyseccomp.ALLOW, "tgkill", pyseccomp.Arg(2, pyseccomp.NE, abort))
    # glibc falls back to clone when there is no clone3, and clone's refusal has a name above.
    add(pyseccomp.ERRNO(_ENOSYS), "clone3")
    known = {name for names in FORBIDDEN.values() for name in names} | {"clone3"}
    for name in extra - known:
        add(refused, name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0, io.SEEK_SET)
        program = file.read()
    if not program or len(program) % 8:
        raise OSError(f"libseccomp gave no program ({os.strerror(_ENOSYS)})")
    return program
