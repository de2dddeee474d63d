"""Looking around: for answers, for others' work, for secrets, for the grader's own memory.

What an attack finds it raises as a ``SystemError``; having looked everywhere and found
nothing it predicts zero, which is wrong: the verdict is ``failed``. Where even looking is
refused, it is ``forbidden``, and the sentence says what was tried.
"""

# ruff: noqa: E501 - attacks are one-liners, as they are handed in

from __future__ import annotations

import os
import socket
from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader.grading.cases import cases_of
from grader.sandbox import jail

from .bench import QUICK, F, Range, number_of

ROOT = Path(__file__).resolve().parent.parent.parent

NOTHING_THERE = {
    "the files": f"""
        names = ("solutions", "exercises", "visible.json", "reference.py", "secret.key", "grader.db", "settings.py",
                 "id_rsa", ".ssh", ".git", "passwd", "shadow", "hostname", "machine-id", "resolv.conf", "hosts")
        for top in os.listdir("/"):
            for folder, folders, files in os.walk("/" + top):
                if os.path.realpath(folder).startswith(({jail.PACKAGES!r}, "/usr", sys.base_prefix)):
                    folders.clear()
                    continue
                for name in (*folders, *files):
                    if name in names: found(folder + "/" + name)
        return a * 0""",
    "the judging side's modules": """
        import importlib, pkgutil, grader
        for name in ("checks", "grading", "library", "store", "web", "settings", "dispatch", "service", "administration"):
            try: importlib.import_module("grader." + name)
            except ImportError: continue
            found(name)
        for name in sys.modules:
            if name.startswith("grader.") and name.split(".")[1] not in ("errors", "model", "sandbox"): found(name)
        return a * 0""",
    "the reference": """
        import gc, linecache, types
        for name in ("reference", "reference.py", "misconceptions", "solution"):
            if name in sys.modules or linecache.getlines(name): found(name)
        mine = sys.modules["submission"]
        for thing in gc.get_objects():
            if type(thing) is types.FunctionType and thing.__code__.co_filename in ("reference.py", "misconceptions.py"): found(thing)
            if type(thing) is types.ModuleType and thing.__name__ == "submission" and thing is not mine: found(thing)
        return a * 0""",
    "the environment": """
        import os
        allowed = {"LANG", "TZ", "HOME", "PATH", "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX",
                   "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PWD", "LC_CTYPE"}
        for name in os.environ:
            if name not in allowed: found(name)
        start = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
        i = 0
        while start[i]:
            if start[i].split(b"=")[0].decode() not in allowed: found(start[i])
            i += 1
        return a * 0""",
    "the processes": """
        for path in ("/proc/1/environ", "/proc/self/environ", "/proc/self/mem", "/proc/self/maps", "/proc/self/fd", "/proc/1/root",
                     "/proc/self/cgroup", "/proc/mounts", "/proc/kcore", "/proc/kallsyms", "/proc/net/tcp", "/proc/thread-self",
                     f"/proc/{os.getppid()}/mem", f"/proc/{os.getpid()}/status", "/dev/fd", "/dev/stdin"):
            try: os.stat(path)
            except OSError: continue
            found(path)
        if not set(os.listdir("/proc")) <= {"cpuinfo"}: found(os.listdir("/proc"))
        return a * 0""",
    "the kernel's files": """
        for path in ("/sys/kernel", "/sys/fs", "/sys/class", "/sys/module", "/sys/firmware", "/dev/mem", "/dev/kmsg", "/dev/kvm",
                     "/dev/fuse", "/dev/tty", "/dev/pts", "/dev/ptmx", "/dev/shm", "/dev/mqueue", "/dev/vda", "/dev/net/tun"):
            try: os.stat(path)
            except OSError: continue
            found(path)
        return a * 0""",
    "descriptors": """
        import fcntl
        for n in range(4, 4096):
            try: os.fstat(n)
            except OSError: continue
            found(n)
        for n in (1, 2):
            try: found(os.read(n, 1))
            except OSError: pass
        if os.read(0, 1): found("input")
        return a * 0""",
    "other users": """
        import pwd
        try: found(pwd.getpwuid(os.getuid()))
        except KeyError: pass
        try: found(pwd.getpwall()[0])
        except IndexError: pass
        if os.uname().nodename != "jail": found(os.uname())
        return a * 0""",
    "who started it": """
        if os.getppid() != 0 or os.getpid() != 1: found((os.getppid(), os.getpid()))
        for pid in [*range(2, 400), *range(1 << 15, (1 << 15) + 100), -1]:
            try: os.kill(pid, 0)
            except ProcessLookupError: continue
            if pid > 0: found(pid)
        try: found(os.getpgid(2))
        except ProcessLookupError: pass
        return a * 0""",
    "a terminal": """
        try: found(open("/dev/tty"))
        except OSError: pass
        for n in range(4):
            if os.isatty(n): found(n)
        return a * 0""",
    "gc and closures": """
        import gc, types
        seen = set()
        for thing in gc.get_objects():
            kind = type(thing).__name__
            if kind in ("Exercise", "Solution", "Truth", "Truths", "Point", "Check", "CheckResult", "Report", "Observation", "Pool",
                        "Submission", "Secret", "Misconception"): found(kind)
            if type(thing) is types.FunctionType:
                for cell in thing.__closure__ or ():
                    try: kind = type(cell.cell_contents).__name__
                    except ValueError: continue
                    if kind in ("Truth", "Exercise", "Observation"): found(kind)
        return a * 0""",
    "frames": """
        frame = sys._getframe()
        while frame is not None:
            for name, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
                if name.lower() in ("expected", "truth", "answer", "answers", "solution", "reference", "misconceptions", "secret", "token"):
                    found(name)
            frame = frame.f_back
        return a * 0""",
    "the last error": """
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            if getattr(sys, name, None) is not None: found(name)
        trace = sys.exc_info()[2]
        if trace is not None: found(trace)
        return a * 0""",
}


@pytest.mark.parametrize("look", list(NOTHING_THERE.values()), ids=list(NOTHING_THERE))
def test_cant_find(range_: Range, look: str) -> None:
    """It looks everywhere, finds nothing, and is judged by its answer."""
    seen = range_.attempt(look)
    assert seen.verdict == "failed", seen.message.en


def test_cant_find_the_grader_in_its_own_memory(range_: Range) -> None:
    """Where the kernel puts a program's arguments and environment stands nothing of the grader's.

    What is looked for is handed in backwards, or the attack would find itself.
    """
    around = dict(os.environ)  # noqa: TID251 - what must not be found
    backwards = sorted({w[::-1] for w in (str(ROOT), socket.gethostname(), *around.values()) if len(w) > 8})
    seen = range_.attempt(
        f"""
        wanted = [w[::-1].encode() for w in {backwards!r}]
        allowed = sys.base_prefix.encode()
        libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
        null = os.open("/tmp/x", os.O_RDWR | os.O_CREAT)
        strings = ctypes.cast(ctypes.c_void_p.in_dll(libc, "environ").value, ctypes.POINTER(ctypes.c_void_p))
        page, data = strings[0] & ~4095, b""
        while libc.write(null, page, 1) == 1:  # what is not mapped cannot be written from
            data += ctypes.string_at(page, 4096)
            page += 4096
        if b"OMP_NUM_THREADS" not in data: found("another place")
        for w in wanted:
            if w in data.replace(allowed, b""): found(w)
        return a * 0"""
    )
    assert seen.verdict == "failed", seen.message.en


FORBIDDEN = {
    "read the parent's memory": (
        "trace",
        f"call({number_of('process_vm_readv')}, os.getppid(), 0, 0, 0, 0, 0)",
    ),
    "write the parent's memory": ("trace", f"call({number_of('process_vm_writev')}, 2, 0, 0, 0, 0, 0)"),
    "attach to the parent": ("trace", f"call({number_of('ptrace')}, 16, os.getppid(), 0, 0)"),
    "ask to be traced": ("trace", f"call({number_of('ptrace')}, 0, 0, 0, 0)"),
    "hold a process": ("trace", "os.pidfd_open(os.getpid())"),
    "take another's descriptor": ("trace", f"call({number_of('pidfd_getfd')}, 3, 0, 0)"),
    "compare with another": ("trace", f"call({number_of('kcmp')}, 1, 2, 0, 0, 0)"),
    "count another's events": ("trace", f"call({number_of('perf_event_open')}, bytes(128), -1, 0, -1, 0)"),
    "receive a descriptor": ("network", "import socket; socket.socket(fileno=3).recvmsg(1, 100)"),
    "ask who is at the other end": ("network", "import socket; print(socket.socket(fileno=3).getpeername())"),
    "the kernel's keys": ("kernel", f"call({number_of('keyctl')}, 0, -3, 0)"),
    "the kernel's log": ("kernel", f"call({number_of('syslog')}, 3, bytes(4096), 4096)"),
    "segments of others": ("kernel", f"call({number_of('shmget')}, 1, 4096, 0)"),
    "queues of others": ("kernel", f"call({number_of('mq_open')}, b'q', 0, 0, 0)"),
    "a file by its handle": ("mount", f"call({number_of('open_by_handle_at')}, 3, bytes(128), 0)"),
    "a file's handle": (
        "mount",
        f"call({number_of('name_to_handle_at')}, -100, b'/', bytes(128), bytes(8), 0)",
    ),
    "what others open": ("mount", f"call({number_of('fanotify_init')}, 0, 0)"),
    "what changes": ("kernel", f"call({number_of('inotify_init1')}, 0)"),
    "which mounts there are": ("kernel", f"call({number_of('listmount')}, 0, 0, 0, 0)"),
}
_SENTENCE = {
    "network": "network", "process": "process or thread", "trace": "another process", "mount": "file system",
    "kernel": "kernel", "privilege": "privileges",
}  # fmt: skip


@pytest.mark.parametrize(("what", "look"), list(FORBIDDEN.values()), ids=list(FORBIDDEN))
def test_cant_even_look(range_: Range, what: str, look: str) -> None:
    """The verdict names what was tried."""
    seen = range_.attempt(look)
    assert seen.verdict == "forbidden" and _SENTENCE[what] in seen.message.en, seen


def test_cant_wait_for_what_the_grader_says(range_: Range) -> None:
    """The channel brings one job and its tasks; reading on waits in vain, and in the grader's time."""
    assert range_.attempt("found(os.read(3, 1))", limits=QUICK).verdict == "timeout"


def test_cant_find_what_another_left(range_: Range) -> None:
    """Files, modules, memory, handlers: whatever one submission leaves, the next does not find."""
    leave = """
        import atexit, builtins, gc, signal
        builtins.left = sys.left = torch.left = "left"
        sys.modules["left"] = sys
        signal.signal(signal.SIGUSR1, lambda *a: None)
        os.umask(0o777)
        for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", "/grader-code"):
            try: open(folder + "/left", "w").write("left")
            except OSError: pass
        torch.manual_seed(5)
        keep = [torch.full((1 << 20,), 12345678.25) for _ in range(8)]
        return a * 0"""
    look = """
        import builtins, signal
        for thing in (builtins, sys, torch):
            if hasattr(thing, "left"): found(thing)
        if "left" in sys.modules: found("a module")
        if signal.getsignal(signal.SIGUSR1) is not signal.SIG_DFL: found("a handler")
        if os.umask(0o022) == 0o777: found("a mask")
        for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "/", "/grader-code"):
            if os.path.exists(folder + "/left"): found(folder)
        for _ in range(4):
            if (torch.empty(1 << 20) == 12345678.25).any(): found("memory")
        return a * 0"""
    for _ in range(3):  # more than there are spares
        assert range_.attempt(leave).verdict == "failed"
        seen = range_.attempt(look)
        assert seen.verdict == "failed", seen.message.en


def test_cant_see_inputs_while_the_file_is_loaded(range_: Range) -> None:
    """The tasks come when the module has been executed; until then nothing says where it will be asked."""
    look = """
import gc, sys
for thing in gc.get_objects():
    if type(thing).__name__ in ("Tasks", "Call", "Differentiate") and type(thing).__module__.startswith("grader"):
        if getattr(thing, "args", None) and getattr(thing, "function", "") in ("f", "grad_f"): raise SystemError("found")
frame = sys._getframe()
while frame is not None:
    job = frame.f_locals.get("job")
    if job is not None and job.tasks: raise SystemError("found")
    frame = frame.f_back
"""
    report = range_.judge(F + look + "def grad_f(a):\n    return a * 0\n", free=True)
    assert {c.id: c.verdict for c in report.checks}["prediction"] == "failed", report.error
    range_.assert_unharmed()


@pytest.mark.parametrize(
    "told",
    [
        "raise ValueError(repr(a.item()))",
        "raise ValueError('it is\\n', a.item(), '\\n' * 3, a.item())",
        "raise type(f'At{a.item()!r}', (Exception,), {})(a.item())",
        "raise KeyError(a.item()) from ValueError(a.item())",
        "assert False, a.item()",
        "{}[a.item()]",
        "return {'x': a.item()}[repr(a.item())]",
        "eval(f'{a.item()!r} +')",
        "import warnings; warnings.warn(repr(a.item())); print(a.item(), file=sys.stderr); return a * 0",
    ],
)
def test_cant_tell_hidden_inputs_by_an_error(range_: Range, told: str) -> None:
    """Nor by what is printed: of an error at a hidden case the report has no number of its message."""
    exercise = range_.library.get("control-flow")
    hidden = [case for case in cases_of(exercise, 5) if not case.visible]
    numbers = [float(np.frombuffer(case.inputs["a"].data)[0]) for case in hidden]
    wanted = [repr(number).lstrip("-") for number in numbers if len(repr(number)) > 6]
    shown = [float(np.frombuffer(c.inputs["a"].data)[0]) for c in cases_of(exercise, 5) if c.visible]
    source = f"{F}import sys\ndef grad_f(a):\n    if a.item() in {shown!r}: return f(a) / a\n    {told}\n"
    report = range_.judge(source, seed=5)
    text = msgspec.json.encode(report).decode()
    assert wanted and not [number for number in wanted if number in text]
    assert next(c for c in report.checks if c.id == "prediction").points == 0
