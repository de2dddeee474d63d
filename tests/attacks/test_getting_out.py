"""Getting out: to the network, to other programs, to other processes, to the kernel, to the disk.

Each refused call has an error number that says what was tried, and so does the verdict.
What is no call but a path leads nowhere: the attack goes on and its answer is wrong.
"""

# ruff: noqa: E501 - attacks are one-liners, as they are handed in

from __future__ import annotations

import pytest

from grader.sandbox import syscalls

from .bench import HONEST, X86_64, Range, number_of

SENTENCE = {
    "network": "open a network connection",
    "process": "start another process or thread",
    "trace": "look into another process",
    "mount": "change the file system",
    "kernel": "use a kernel facility",
    "privilege": "change its privileges",
}


def _call(name: str, *arguments: object) -> str:
    return f"call({', '.join([str(number_of(name)), *map(repr, arguments)])})"


FAMILIES = {
    "unix": 1, "inet": 2, "ax25": 3, "inet6": 10, "netlink": 16, "packet": 17, "can": 29, "tipc": 30,
    "bluetooth": 31, "alg": 38, "vsock": 40, "kcm": 41, "qipcrtr": 42, "smc": 43, "xdp": 44,
}  # fmt: skip


@pytest.mark.parametrize("family", list(FAMILIES.values()), ids=list(FAMILIES))
def test_cant_open_a_socket(range_: Range, family: int) -> None:
    """Of any family, of any type."""
    seen = range_.attempt(
        f"for kind in (2, 3, 5):\n    if libc.socket({family}, kind, 0) >= 0: found(kind)\n"
        f"import socket\nsocket.socket({family}, 1)"
    )
    assert seen.verdict == "forbidden" and SENTENCE["network"] in seen.message.en, seen


REFUSED = {
    # Through the channel that is there.
    "write with a descriptor": ("network", "import socket; socket.send_fds(socket.socket(fileno=os.dup(3)), [b'x'], [0])"),
    "connect the channel": ("network", "import socket; socket.socket(2, 1, 0, fileno=os.dup(3)).connect(('127.0.0.1', 80))"),
    "accept on the channel": ("network", _call("accept4", 3, 0, 0, 0)),
    "a page": ("network", "import urllib.request; urllib.request.urlopen('http://127.0.0.1/', timeout=1)"),
    "a connection": ("network", "import socket; socket.create_connection(('::1', 22), 1)"),
    # Other programs, processes, threads.
    "the shell": ("process", "import subprocess; subprocess.run('id', shell=True)"),
    "exec": ("process", "os.execve(sys.executable, ['python'], {})"),
    "exec of a descriptor": ("process", _call("execveat", 3, b"", 0, 0, 0x1000)),
    "fork": ("process", "os.fork()"),
    "vfork": ("process", "os.posix_spawn('/bin/sh', ['sh'], {})"),
    "fork of a library's": ("process", "if libc.fork() < 0: refused()"),
    "clone": ("process", _call("clone", 0x10000011, 0, 0, 0, 0)),
    "a pool": ("process", "import multiprocessing as m\nm.get_context('fork').Process(target=print).start()"),
    "a thread": ("process", "import threading; threading.Thread(target=print).start()"),
    "new namespaces": ("process", _call("unshare", 0x7E020000)),
    "a new user namespace": ("process", _call("unshare", 0x10000000)),
    "another's namespaces": ("process", _call("setns", 3, 0)),
    # Other processes.
    "stop the parent": ("trace", _call("pidfd_send_signal", 3, 19, 0, 0)),
    "seize the parent": ("trace", _call("ptrace", 0x4206, 0, 0, 0)),
    "another's pages": ("trace", _call("move_pages", 2, 0, 0, 0, 0, 0)),
    "advise another's memory": ("trace", _call("process_madvise", 3, 0, 0, 0, 0)),
    "reap another's memory": ("trace", _call("process_mrelease", 3, 0)),
    # Mounts and files.
    "mount": ("mount", _call("mount", b"proc", b"/proc", b"proc", 0, 0)),
    "mount anew, writable": ("mount", _call("mount", 0, b"/", 0, 0x20 | 0x1000, 0)),
    "unmount": ("mount", _call("umount2", b"/proc", 2)),
    "another root": ("mount", "os.mkdir('/tmp/r'); os.chroot('/tmp/r')"),
    "pivot": ("mount", _call("pivot_root", b"/tmp", b"/tmp")),
    "the new mount calls": ("mount", _call("fsopen", b"tmpfs", 0)),
    "configure a mount": ("mount", _call("fsconfig", 3, 6, 0, 0, 0)),
    "a mount of nothing": ("mount", _call("fsmount", 3, 0, 0)),
    "a tree": ("mount", _call("open_tree", -100, b"/", 1)),
    "move a mount": ("mount", _call("move_mount", -100, b"/tmp", -100, b"/proc", 0)),
    "a mount's flags": ("mount", _call("mount_setattr", -100, b"/", 0, bytes(32), 32)),
    "a device": ("mount", "os.mknod('/tmp/sda', 0o60600, os.makedev(8, 0))"),
    "a link": ("mount", "os.symlink('/', '/tmp/root')"),
    "a hard link": ("mount", "os.link('/usr/lib/os-release', '/tmp/x')"),
    "an open by handle": ("mount", _call("open_by_handle_at", -100, bytes(64), 0)),
    "quotas": ("mount", _call("quotactl", 0, 0, 0, 0)),
    "fanotify": ("mount", _call("fanotify_init", 0, 0)),
    # Privileges.
    "be root": ("privilege", "os.setuid(0)"),
    "be root in every way": ("privilege", "os.setresuid(0, 0, 0)"),
    "root's group": ("privilege", "os.setgroups([0])"),
    "capabilities": ("privilege", _call("capset", bytes([0x22, 5, 8, 0x20, 0, 0, 0, 0]), b"\xff" * 24)),
    "another's file": ("privilege", "open('/tmp/x', 'w').close(); os.chown('/tmp/x', 0, 0)"),
    "files as another": ("privilege", _call("setfsuid", 0)),
    # The kernel.
    "io_uring": ("kernel", _call("io_uring_setup", 8, bytes(120))),
    "bpf": ("kernel", _call("bpf", 5, bytes(128), 128)),
    "userfaultfd": ("kernel", _call("userfaultfd", 1)),
    "add a key": ("kernel", _call("add_key", b"user", b"x", b"y", 1, -3)),
    "join a keyring": ("kernel", _call("keyctl", 1, 0)),
    "landlock": ("kernel", _call("landlock_create_ruleset", 0, 0, 1)),
    "a filter of its own": ("kernel", _call("seccomp", 1, 0, bytes(16))),
    "prctl": ("kernel", "if libc.prctl(4, 1, 0, 0, 0) < 0: refused()"),
    "not to die with the parent": ("kernel", "if libc.prctl(1, 0, 0, 0, 0) < 0: refused()"),
    "personality": ("kernel", _call("personality", 0x0040000)),
    "a module": ("kernel", _call("init_module", b"", 0, b"")),
    "a module's file": ("kernel", _call("finit_module", 3, b"", 0)),
    "another kernel": ("kernel", _call("kexec_load", 0, 0, 0, 0)),
    "a reboot": ("kernel", _call("reboot", 0xFEE1DEAD - 2**32, 672274793, 0x1234567, 0)),
    "swap": ("kernel", _call("swapon", b"/tmp/x", 0)),
    "accounting": ("kernel", _call("acct", b"/tmp/x")),
    "the clock": ("kernel", "time.clock_settime(0, 0)"),
    "the host's name": ("kernel", "import socket; socket.sethostname('x')"),
    "ports": ("kernel", _call("iopl", 3) if X86_64 else _call("personality", 0)),
    "segments of the processor": ("kernel", _call("modify_ldt", 1, bytes(16), 16) if X86_64 else _call("acct", 0)),
    "messages": ("kernel", _call("msgget", 1, 0o1600)),
    "semaphores": ("kernel", _call("semget", 1, 1, 0o1600)),
    "a memory file": ("kernel", "os.memfd_create('x')"),
    "a secret memory file": ("kernel", _call("memfd_secret", 0)),
    "asynchronous reading": ("kernel", _call("io_setup", 1, bytes(8))),
    "splice": ("kernel", _call("splice", 0, 0, 1, 0, 10, 0)),
    "tee": ("kernel", _call("tee", 0, 1, 10, 0)),
    "a timer": ("kernel", _call("timer_create", 0, 0, bytes(8))),
    "the scheduler": ("kernel", "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))"),
    "other processors": ("kernel", "os.sched_setaffinity(0, {0})"),
    "priority": ("kernel", "os.nice(-5)"),
    "locked memory": ("kernel", "if libc.mlockall(3) < 0: refused()"),
    "type for the terminal": ("kernel", "import fcntl; fcntl.ioctl(1, 0x5412, b'x')"),
    "shared memory": ("kernel", "import mmap; mmap.mmap(-1, 4096)"),
    "a mode": ("kernel", "open('/tmp/x', 'w').close(); os.chmod('/tmp/x', 0o4777)"),
}  # fmt: skip


@pytest.mark.parametrize(("what", "attempt"), list(REFUSED.values()), ids=list(REFUSED))
def test_cant_get_out(range_: Range, what: str, attempt: str) -> None:
    """Refused at the call, and the sentence says what was tried."""
    seen = range_.attempt(attempt)
    assert seen.verdict == "forbidden" and SENTENCE[what] in seen.message.en, seen


def test_cant_get_out_while_the_file_is_loaded(range_: Range) -> None:
    """The line that tried it is passed over and named; what is defined around it is judged by itself."""
    report = range_.judge(f"import socket\nsocket.socket()\n{HONEST}")
    assert report.score == 10 and [
        note.en for note in report.notes if SENTENCE["network"] in note.en and "Line 2" in note.en
    ], report.notes
    range_.assert_unharmed()


def test_cant_make_any_call_that_is_not_on_the_list(range_: Range) -> None:
    """Every number up to 1023, known to us or not: refused with a number that no kernel uses."""
    allowed = {
        number_of(name)
        for name in (
            *syscalls.ALLOWED,
            "mmap",
            "ioctl",
            "fcntl",
            "futex",
            "tgkill",
            "clone3",
            "madvise",
            "fsync",
            "fdatasync",
        )
    }
    # x86's uretprobe and uprobe, which newer kernels let pass any filter, and which end whoever calls them
    # by hand with SIGILL.
    allowed |= {335, 336} if X86_64 else set()
    seen = range_.attempt(
        f"""
        allowed, names = {sorted(allowed)}, {{2001, 2002, 2003, 2004, 2005, 2006}}
        for number in range(1024):
            if number in allowed: continue
            ctypes.set_errno(0)
            result = libc.syscall(ctypes.c_long(number), -1, -1, -1, -1, -1, -1)
            if result != -1 or ctypes.get_errno() not in names: found((number, result, ctypes.get_errno()))
        return a * 0"""
    )
    assert seen.verdict == "failed", seen.message.en


def test_cant_make_a_thread_with_the_newest_clone(range_: Range) -> None:
    """``clone3`` does not exist here, so that the C library asks ``clone``, whose refusal has a name."""
    seen = range_.attempt(
        f"""
        if libc.syscall(ctypes.c_long({number_of("clone3")}), bytes(88), 88) != -1 or ctypes.get_errno() != 38: found("clone3")
        libc.fork.restype = ctypes.c_int
        if libc.fork() == -1: refused()"""
    )
    assert seen.verdict == "forbidden" and SENTENCE["process"] in seen.message.en, seen


@pytest.mark.skipif(not X86_64, reason="the other ways into the kernel are this processor's")
@pytest.mark.parametrize(
    "code",
    [
        # mov eax, 20 (getpid); int 0x80; ret: the calls of 32-bit programs have other numbers.
        "b8 14 00 00 00 cd 80 c3",
        # mov eax, 11 (execve); int 0x80; ret
        "b8 0b 00 00 00 cd 80 c3",
        # mov eax, 0x40000000 | 39 (getpid); syscall; ret: x32.
        "b8 27 00 00 40 0f 05 c3",
        # mov eax, 0x40000000 | 520 (execve of x32); syscall; ret
        "b8 08 02 00 40 0f 05 c3",
    ],
    ids=["int 0x80", "int 0x80 execve", "x32", "x32 execve"],
)
def test_cant_use_the_calls_of_another_architecture(range_: Range, code: str) -> None:
    """Their numbers mean other things, so all of them are refused."""
    seen = range_.attempt(
        f"""
        result = machine(bytes.fromhex({code!r}))
        if result >= 0: found(result)
        ctypes.set_errno(-ctypes.c_int(result).value)
        refused()"""
    )
    # A container's own filter may kill what calls so before ours can answer: SIGSYS, as abort ends.
    refused = seen.verdict == "forbidden" and SENTENCE["kernel"] in seen.message.en
    assert refused or (seen.verdict == "crashed" and "SIGABRT" in seen.message.en), seen


@pytest.mark.skipif(not X86_64, reason="machine code")
def test_cant_call_past_the_library(range_: Range) -> None:
    """The filter stands in the kernel: it is all the same who executes the instruction."""
    # mov eax, 41 (socket); mov edi, 2; mov esi, 1; xor edx, edx; syscall; ret
    code = "b8 29 00 00 00 bf 02 00 00 00 be 01 00 00 00 31 d2 0f 05 c3"
    seen = range_.attempt(
        f"r = machine(bytes.fromhex({code!r}))\nctypes.set_errno(-r)\nrefused() if r < 0 else found(r)"
    )
    assert seen.verdict == "forbidden" and SENTENCE["network"] in seen.message.en, seen


LEADS_NOWHERE = {
    "what the kernel would run": """
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/sys/kernel/uevent_helper",
                     "/sys/fs/cgroup/release_agent", "/proc/sysrq-trigger", "/proc/1/oom_score_adj", "/proc/self/attr/exec",
                     "/proc/self/uid_map", "/proc/self/setgroups", "/dev/mem", "/dev/kmsg", "/dev/kvm", "/dev/fuse"):
            try: os.close(os.open(path, os.O_WRONLY))
            except OSError: continue
            found(path)
        return a * 0""",
    "processors": """
        for folder, folders, files in os.walk("/sys"):
            for name in files:
                try: os.close(os.open(folder + "/" + name, os.O_WRONLY))
                except OSError: continue
                found(folder + "/" + name)
        return a * 0""",
    "every folder": """
        for top in os.listdir("/"):
            for folder, folders, files in os.walk("/" + top):
                if folder.startswith("/tmp"): continue
                if folder.count("/") > 4: folders.clear()
                try: os.close(os.open(folder + "/written", os.O_WRONLY | os.O_CREAT))
                except OSError: continue
                found(folder)
        return a * 0""",
    "our own files": """
        import grader.sandbox.inside.harness as h, json
        for module in (h, json, torch):
            for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND):
                try: os.close(os.open(module.__file__, flags))
                except OSError: continue
                found(module.__file__)
            for change in (os.unlink, lambda p: os.rename(p, "/tmp/x")):
                try: change(module.__file__)
                except OSError: continue
                found(module.__file__)
        return a * 0""",
    "up and out": """
        for path in ("/..", "/../../../../etc/passwd", "/tmp/../../etc/passwd", "/proc/../etc/passwd", "/grader-code/../../etc/passwd"):
            try: names = os.listdir(path)
            except OSError: continue
            if "etc" in names and "passwd" in os.listdir("/etc"): found(path)
        os.mkdir("/tmp/a"); os.chdir("/tmp/a"); os.rename("/tmp/a", "/tmp/b")
        for _ in range(20): os.chdir("..")
        if os.path.exists("etc/passwd"): found("a way up")
        return a * 0""",
    "signals to everybody": """
        import signal
        for n in (0, 1, 2, 9, 15, 19):
            for pid in (-1, 0, 1):
                try: os.kill(pid, n)
                except (OSError, KeyboardInterrupt): continue
        return a * 0""",
    "a limit raised": """
        import resource as r
        for n in range(16):
            soft, hard = r.getrlimit(n)
            if hard == r.RLIM_INFINITY: continue
            for wanted in (hard + 1, r.RLIM_INFINITY):
                try: r.setrlimit(n, (soft, wanted))
                except (OSError, ValueError): continue
                found(n)
        return a * 0""",
    "a program in its scratch": """
        import mmap
        with open("/tmp/code", "wb") as file: file.write(b"\\xc3" * 4096)
        with open("/tmp/code", "rb") as file:
            try: mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC)
            except OSError: return a * 0
        found("executable scratch")""",
}


@pytest.mark.parametrize("attempt", list(LEADS_NOWHERE.values()), ids=list(LEADS_NOWHERE))
def test_cant_find_a_way(range_: Range, attempt: str) -> None:
    """It tries them all, and is judged by its answer."""
    seen = range_.attempt(attempt)
    assert seen.verdict == "failed", seen.message.en
