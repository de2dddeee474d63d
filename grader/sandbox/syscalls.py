"""The system calls a child may make: an allow-list, compiled once, outside the jail.

libseccomp knows every call's number on every architecture, so the list is names. The
compiled program is plain bytes: the grader's process compiles it while the zygote
imports torch, and each child hands it to the kernel as its last act before it waits.
So libseccomp itself never enters the jail.

A call that a student may plausibly make by mistake, or try, is refused with an error
number of its own (outside the kernel's range): the ``OSError`` that reaches Python
then says *which* thing was tried, and the verdict can name it.
"""

from __future__ import annotations

import io
import os
import tempfile
from typing import Final

from grader.model.observation import REFUSED

# fmt: off
ALLOWED: Final = """
read write readv writev pread64 pwrite64 close close_range fstat stat lstat newfstatat statx lseek
access faccessat faccessat2 readlink readlinkat getcwd chdir open openat getdents64 fcntl dup dup2 dup3
unlink unlinkat mkdir mkdirat rmdir rename renameat renameat2 ftruncate fsync fdatasync fadvise64 umask
pipe pipe2 poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2
mprotect munmap brk madvise mremap mincore
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
getpid getppid gettid getuid geteuid getgid getegid getgroups getpgrp getpgid getsid getresuid getresgid
getrandom getrusage getrlimit setrlimit prlimit64 sysinfo uname sched_yield sched_getaffinity getcpu
futex set_robust_list rseq membarrier restart_syscall setitimer getitimer alarm pause
tgkill kill exit exit_group arch_prctl set_tid_address
""".split()  # noqa: SIM905 - a list of names reads best as a paragraph
# fmt: on

FORBIDDEN: Final[dict[str, tuple[str, ...]]] = {
    "network": (
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg",
         "recvfrom", "recvmsg", "sendmmsg", "recvmmsg", "setsockopt", "getsockopt", "shutdown",
        "getsockname", "getpeername",
    ),
    "process": ("clone", "fork", "vfork", "execve", "execveat", "unshare", "setns"),
    "trace": ("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "pidfd_open",
                     "pidfd_send_signal", "perf_event_open"),
    "mount": ("mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen"),
    "kernel": ("bpf", "io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "keyctl",
                      "add_key", "request_key", "init_module", "finit_module", "reboot", "swapon", "seccomp",
                      "prctl", "memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget"),
    "privilege": ("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
                         "capset", "chown", "fchown", "fchownat", "lchown", "setfsuid", "setfsgid"),
}  # fmt: skip
"""What was tried → the calls that try it. Each group is refused with its error number of ``REFUSED``."""

_MAP_SHARED: Final = 0x01
_ENOSYS: Final = 38
_EPERM: Final = 1


def compile_filter() -> bytes:
    """The allow-list as a BPF program (an array of ``struct sock_filter``).

    :raises OSError: libseccomp cannot be found or refuses.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise OSError("libseccomp is missing: install the system's package libseccomp2") from error

    def add(action: int, name: str, *args: object) -> None:
        # Names that this architecture (or this libseccomp) does not know are not there to be called.
        try:
            number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
        except (OSError, ValueError):
            return
        if number >= 0:
            rules.add_rule(action, name, *args)

    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(_EPERM))
    for name in ALLOWED:
        add(pyseccomp.ALLOW, name)
    # Private mappings count against RLIMIT_AS; shared ones could be passed on, and nothing needs them.
    add(pyseccomp.ALLOW, "mmap", pyseccomp.Arg(3, pyseccomp.MASKED_EQ, _MAP_SHARED, 0))
    # Only the terminal questions that Python asks when it opens a file; FIOCLEX and FIONBIO.
    for request in (0x5401, 0x5413, 0x5451, 0x5421, 0x541B):
        add(pyseccomp.ALLOW, "ioctl", pyseccomp.Arg(1, pyseccomp.EQ, request))
    for errno, group in REFUSED.items():
        for name in FORBIDDEN[group]:
            add(pyseccomp.ERRNO(errno), name)
    # glibc falls back to clone when there is no clone3, and clone's refusal has a name above.
    add(pyseccomp.ERRNO(_ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0, io.SEEK_SET)
        program = file.read()
    if not program or len(program) % 8:
        raise OSError(f"libseccomp gave no program ({os.strerror(_ENOSYS)})")
    return program
