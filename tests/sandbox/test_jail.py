"""What a child can see and do: next to nothing, and it is told so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from grader.checks import outcomes
from grader.model.exercise import Limits
from grader.model.observation import REFUSED, Raised
from grader.sandbox import jail, packages
from grader.sandbox.pool import Pool

from .jobs import ask, calls, job, returned

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_child_sees_no_files_of_ours(pool: Pool) -> None:
    """Neither exercises nor solutions, neither the judging side nor any home; only what it runs."""
    seen = ask(
        pool,
        f"""
        import os
        def names(path):
            try:
                return sorted(os.listdir(path))
            except OSError:
                return None
        def g():
            return {{
                "repository": names({str(ROOT)!r}),
                "grader": names({jail.INSIDE!r} + "/grader"),
                "solutions": names({str(ROOT / "solutions")!r}),
                "home": names({str(Path.home())!r}),
                "homes": names("/home"),
                "etc": names("/etc"),
                "tmp": names("/tmp"),
                "shm": names("/dev/shm"),
                "dev": names("/dev"),
                "proc": names("/proc"),
                "cwd": os.getcwd(),
            }}
        """,
    )
    allowed = [Path(sys.base_prefix)]
    assert seen["repository"] is None, "a checkout's own packages stand elsewhere in the jail"
    leading = {p.relative_to(Path.home()).parts[0] for p in allowed if p.is_relative_to(Path.home())}
    assert set(seen["home"] or ()) <= leading
    assert seen["grader"] == ["__init__.py", "errors.py", "model", "sandbox"]
    assert seen["solutions"] is None and seen["shm"] is None
    assert seen["etc"] == ["ld.so.cache"]
    assert seen["dev"] == ["null", "urandom", "zero"]
    assert seen["proc"] in ([], ["cpuinfo"])
    assert seen["tmp"] == [] and seen["cwd"] == "/tmp"
    assert set(seen["homes"] or ()) <= {p.parts[2] for p in allowed if p.is_relative_to("/home")}


def test_a_child_sees_torch_and_no_other_packages(pool: Pool) -> None:
    """Neither the web server's libraries nor what tells where our own package came from."""
    seen = ask(
        pool,
        f"""
        import importlib.metadata, os, sys
        def g():
            seen = []
            for path in [*sys.path, *{[str(folder) for folder in packages.of_the_interpreter()]!r}]:
                seen += os.listdir(path) if "packages" in path and os.path.isdir(path) else []
            records = [d.name for d in importlib.metadata.distributions()]
            folders = [{jail.PACKAGES!r} + "/0/" + name for name in seen if name.endswith(".dist-info")]
            inside = [name for folder in folders for name in os.listdir(folder)]
            return {{"path": sys.path, "seen": seen, "records": records, "inside": sorted(set(inside))}}
        """,
    )
    assert not {"", ".", "/tmp", "/"} & set(seen["path"])
    assert {"torch", "numpy", "sympy", "msgspec"} <= set(seen["seen"])
    assert not {"flask", "sqlalchemy", "pip", "click", "rich", "grader"} & set(seen["seen"])
    odd = ("__editable__", "grader", "direct_url")
    assert [name for name in seen["seen"] if name.startswith(odd) or name.endswith(".pth")] == []
    assert "torch" in seen["records"] and "grader" not in seen["records"]
    assert seen["inside"] == ["METADATA"]


def test_nothing_is_imported_from_where_a_child_may_write(pool: Pool) -> None:
    """Modules in /tmp, which is the folder it stands in: not for an import of its own, nor for a late one of
    ours or torch's."""
    seen = ask(
        pool,
        """
        import os, sys, torch
        def g():
            for name in ("left_here", "sympy", "mpmath", "grader", "torch", "cProfile"):
                open(f"/tmp/{name}.py", "w").write("raise SystemExit('from /tmp')")
            import cProfile, sympy, torch._dynamo, torch.func
            from grader.sandbox.inside import inplace, proving
            try:
                import left_here
            except ModuleNotFoundError:
                files = [str(getattr(module, "__file__", "")) for module in list(sys.modules.values())]
                return [file for file in files if file.startswith("/tmp")]
        """,
    )
    assert seen == []


def test_a_child_has_no_environment(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the jail sets; nothing of the grader's passes, whatever its name."""
    monkeypatch.setenv("GRADER_SECRET", "s3cret")
    with Pool(slots=1) as own:
        seen = ask(own, "import os\ndef g(): return dict(os.environ)\n")
    assert set(seen) <= {*jail.ENVIRONMENT, "PWD", "LC_CTYPE"}
    assert "s3cret" not in str(seen)


def test_a_child_is_nobody(pool: Pool) -> None:
    """No user of the machine's, process number one of its own world, no capability, no other process."""
    seen = ask(
        pool,
        """
        import ctypes, os
        def kill(pid):
            try:
                os.kill(pid, 0)
            except OSError as error:
                return error.errno
            return 0
        def g():
            return {
                "ids": [*os.getresuid(), *os.getresgid()], "pid": os.getpid(), "parent": os.getppid(),
                "others": [kill(pid) for pid in (2, 3, 1000)], "host": os.uname().nodename,
            }
        """,
    )
    assert 0 not in seen["ids"]
    assert (seen["pid"], seen["parent"], seen["host"]) == (1, 0, "jail")
    assert seen["others"] == [3, 3, 3]  # ESRCH


def test_a_child_holds_four_descriptors(pool: Pool) -> None:
    """Nothing on 0, what is printed on 1 and 2, the grader on 3; none of the zygote's or another child's."""
    seen = ask(
        pool,
        """
        import os, stat
        def g():
            found = {}
            for fd in range(4096):
                try:
                    mode = os.fstat(fd).st_mode
                except OSError:
                    continue
                found[str(fd)] = [stat.S_ISCHR(mode), stat.S_ISFIFO(mode), stat.S_ISSOCK(mode)]
            return found
        """,
    )
    null, pipe, socket = [True, False, False], [False, True, False], [False, False, True]
    assert seen == {"0": null, "1": pipe, "2": pipe, "3": socket}


def test_cant_write_outside_tmp(pool: Pool) -> None:
    """Everything else is read-only; /tmp is small, and files in it are smaller."""
    seen = ask(
        pool,
        f"""
        import os
        def write(path, size=1):
            try:
                with open(path, "wb") as file:
                    while size > 0:
                        size -= file.write(b"x" * min(size, 1 << 20))
            except OSError as error:
                return error.errno
            except BaseException as error:
                return type(error).__name__
            return 0
        def g():
            places = ["/x", "/etc/x", "/usr/lib/x", "/dev/x", "/dev/shm/x", "/proc/x", "/sys/x",
                      {jail.PACKAGES + "/0/x.py"!r}, {jail.INSIDE + "/grader/sandbox/inside/harness.py"!r},
                      {str(ROOT / "x")!r}]
            refused = [write(path) for path in places]
            small = write("/tmp/small")
            os.mkdir("/tmp/d")
            many = [write(f"/tmp/d/{{i}}", 1 << 22) for i in range(6)]
            return {{"refused": refused, "small": small, "many": many}}
        """,
    )
    assert all(errno in (2, 30, 13, 1) for errno in seen["refused"])
    assert seen["small"] == 0 and seen["many"][0] == 0 and seen["many"][-1] == 28  # ENOSPC


ATTEMPTS = {
    "network": [
        "import socket; socket.socket()",
        "import socket; socket.socketpair()",
        "import socket; socket.create_connection(('127.0.0.1', 80))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1/')",
        "import socket; socket.socket(fileno=3).send(b'x')",
    ],
    "process": [
        "import os; os.fork()",
        "import os; os.execv('/bin/sh', ['sh'])",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import os; raw(os, 'unshare', 0x10000000)",
        "import os; raw(os, 'setns', 3, 0)",
        "import multiprocessing; multiprocessing.Process(target=print).start()",
    ],
    "trace": [
        "import os; raw(os, 'ptrace', 16, 1, 0, 0)",
        "import os; raw(os, 'process_vm_readv', 1, 0, 0, 0, 0, 0)",
        "import os; os.pidfd_open(1)",
    ],
    "mount": [
        "import os; raw(os, 'mount', b'tmpfs', b'/tmp', b'tmpfs', 0, 0)",
        "import os; raw(os, 'umount2', b'/tmp', 0)",
        "import os; os.chroot('/tmp')",
    ],
    "kernel": [
        "import os; os.memfd_create('x')",
        "import os; raw(os, 'prctl', 1, 0, 0, 0, 0)",
        "import os; raw(os, 'shmget', 1, 4096, 0o1600)",
    ],
    "privilege": [
        "import os; os.setuid(0)",
        "import os; os.setgroups([0])",
        "import os; open('/tmp/x', 'w').close(); os.chown('/tmp/x', 0, 0)",
    ],
}
RAW = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def raw(os, name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "refused")
"""


@pytest.mark.parametrize(
    ("what", "attempt"),
    [(what, attempt) for what, attempts in ATTEMPTS.items() for attempt in attempts],
)
def test_cant_leave(pool: Pool, what: str, attempt: str) -> None:
    """The refusal reaches Python as an ``OSError`` that says what was tried, and the verdict names it."""
    seen = pool.run(job(f"{RAW}\ndef g():\n    {attempt}\n", "g"))
    outcome = seen.outcomes["g"]
    assert isinstance(outcome, Raised), outcome
    assert outcome.errno is not None and REFUSED.get(outcome.errno) == what, outcome
    assert outcomes.of_error(outcome, Limits()).verdict == "forbidden"


def test_cant_leave_by_any_other_call(pool: Pool) -> None:
    """What is on no list at all is refused as the kernel's; so is mapping memory that could be shared."""
    seen = ask(
        pool,
        """
        import ctypes, mmap, os
        libc = ctypes.CDLL(None, use_errno=True)
        def errno(function, *arguments):
            ctypes.set_errno(0)
            return ctypes.get_errno() if function(*arguments) == -1 else 0
        def g():
            try:
                mmap.mmap(-1, 4096)
                shared = 0
            except OSError as error:
                shared = error.errno
            return {
                "sethostname": errno(libc.sethostname, b"x", 1),
                "personality": errno(libc.personality, 8),
                "inotify": errno(libc.inotify_init),
                "shared": shared,
                "tiocsti": errno(libc.ioctl, 1, 0x5412, b"x"),
                "clone3": errno(libc.syscall, ctypes.c_long(435), 0, 0),
                "shmat": errno(libc.shmat, 0, 0, 0) % 1000,
                "flushing": errno(libc.fsync, 1),
            }
        """,
    )
    assert seen == {
        "sethostname": 2005, "personality": 2005, "inotify": 2005, "shared": 2005, "tiocsti": 2005,
        "clone3": 38, "shmat": 5, "flushing": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "start",
    [
        "import threading; threading.Thread(target=print).start()",
        "import _thread; _thread.start_new_thread(print, ())",
        "from concurrent.futures import ThreadPoolExecutor as T; T(1).submit(print).result()",
    ],
)
def test_cant_start_a_thread(pool: Pool, start: str) -> None:
    """No exercise needs a second, and every limit is one process' and thread's."""
    outcome = pool.run(job(f"def g():\n    {start}\n", "g")).outcomes["g"]
    assert isinstance(outcome, Raised) and outcomes.of_error(outcome, Limits()).verdict == "forbidden"


def test_cant_raise_a_limit(pool: Pool) -> None:
    """Lower is allowed, higher is not."""
    seen = ask(
        pool,
        """
        import resource as r
        def g():
            refused = []
            for name in ("AS", "CPU", "NOFILE", "FSIZE", "NPROC", "CORE"):
                limit = getattr(r, "RLIMIT_" + name)
                soft, hard = r.getrlimit(limit)
                if hard == r.RLIM_INFINITY:
                    continue
                try:
                    r.setrlimit(limit, (hard + 1, hard + 1))
                except (ValueError, OSError):
                    refused.append(name)
            return refused
        """,
    )
    assert seen == ["AS", "CPU", "NOFILE", "FSIZE", "NPROC", "CORE"]


def test_nothing_is_left_for_the_next(pool: Pool) -> None:
    """Files, modules, names and settings of one submission are not there for the next, on any child."""
    leave = """
    import builtins, json, os, sys, tempfile, torch
    def g():
        open("/tmp/left", "w").write("answer")
        for place in ("/dev/shm", "/var/tmp", "/run"):
            try:
                open(place + "/left", "w").write("answer")
            except OSError:
                pass
        builtins.left = torch.left = sys.left = 1
        torch.allclose = None
        os.write = None
        sys.modules["json"] = None
        torch.set_default_dtype(torch.float16)
        return True
    """
    look = """
    import builtins, json, os, sys, torch
    def g():
        files = [p for p in ("/tmp", "/dev/shm", "/var/tmp", "/run") if os.path.exists(p + "/left")]
        left = [hasattr(o, "left") for o in (builtins, torch, sys)]
        return [files, left, torch.allclose is None, os.write is None, str(torch.get_default_dtype())]
    """
    for _ in range(4):  # more than there are spares
        assert ask(pool, leave) is True
        assert ask(pool, look) == [[], [False] * 3, False, False, "torch.float64"]


def test_nothing_crosses_between_two_at_once(pool: Pool) -> None:
    """Neither zygote holds memory that its children would share."""
    serving = pool.serving()
    for forker in (serving.autograd, serving.plain):
        maps = Path(f"/proc/{forker.pid}/maps").read_text().splitlines()
        assert len(maps) > 100
        assert [line for line in maps if line.split()[1].startswith("rw-s")] == []


def test_randomness_begins_at_the_same_place(pool: Pool) -> None:
    """Twice the same job, twice the same numbers."""
    source = """
    import random, torch
    def g(x):
        return [random.random(), torch.rand(1).item()]
    """

    def run() -> list[Any]:
        return [returned(o) for o in pool.run(job(source, *calls("g", 2), seed=3)).outcomes.values()]

    assert run() == run()
