"""Channels between children that run at the same time, and what one could leave for the next.

Two children of one submission run side by side, one with autograd and one without; children of two students
do. Each channel is tried with a sender that sends all the time and a receiver that looks again and again:
what it sees must be the same as with nobody there.
"""

# ruff: noqa: E501 - attacks are one-liners, as they are handed in

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from grader.model.job import Job
from grader.model.observation import Returned
from grader.sandbox import syscalls
from grader.sandbox.forker import Child
from grader.sandbox.pair import Pair
from grader.sandbox.pool import Pool
from tests.sandbox.jobs import calls, job, returned

from .bench import number_of

TOOLS = f"""
import ctypes, fcntl, os, signal, struct, sys, time, torch
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
NUMBERS = {{name: number for name, number in {[(n, number_of(n)) for n in ("futex", "flock", "mincore", "fadvise64", "sysinfo", "inotify_init1", "shmget", "semget", "msgget", "mq_open", "socket", "cachestat")]}}}
def call(name, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *arguments)
    return result, ctypes.get_errno()
def tried(action, *arguments):
    try: return repr(action(*arguments))
    except OSError as error: return f"refused {{error.errno}}"
FILE = open(torch.__file__, "rb")
ROOT = os.open("/", 0)
ZERO = os.open("/dev/zero", 0)
LOCK = lambda kind: struct.pack("hhqqi", kind, 0, 4000, 1, 0)
PAGE = ctypes.c_void_p(libc.mmap(None, 4096, 1, 2, FILE.fileno(), 0))
"""

CHANNELS = {
    # On the file, which all children share. What is sent → what is looked at.
    "record locks": (
        "tried(fcntl.fcntl, FILE, fcntl.F_SETLK, LOCK(fcntl.F_RDLCK))",
        "tried(fcntl.fcntl, FILE, fcntl.F_GETLK, LOCK(fcntl.F_WRLCK))",
    ),
    "locks of an open file": (
        "tried(fcntl.fcntl, FILE, 37, LOCK(fcntl.F_RDLCK))",
        "tried(fcntl.fcntl, FILE, 36, LOCK(fcntl.F_WRLCK))",
    ),
    "whole locks": ("call('flock', FILE.fileno(), 5)", "call('flock', FILE.fileno(), 6)"),
    "leases": ("tried(fcntl.fcntl, FILE, 1024, fcntl.F_RDLCK)", "tried(fcntl.fcntl, FILE, 1025)"),
    "notes of a folder": (
        "tried(fcntl.fcntl, ROOT, 1026, 0xFF)",
        "tried(fcntl.fcntl, ROOT, 1026, 0xFF)",
    ),
    "hints of writing": (
        "tried(fcntl.fcntl, FILE, 1036, struct.pack('Q', 3))",
        "tried(fcntl.fcntl, FILE, 1035, struct.pack('Q', 0))",
    ),
    "hints of an open file": (
        "tried(fcntl.fcntl, FILE, 1038, struct.pack('Q', 3))",
        "tried(fcntl.fcntl, FILE, 1037, struct.pack('Q', 0))",
    ),
    "seals": ("tried(fcntl.fcntl, FILE, 1033, 1)", "tried(fcntl.fcntl, FILE, 1034)"),
    "who is told": ("tried(fcntl.fcntl, FILE, 8, 1)", "tried(fcntl.fcntl, FILE, 9)"),
    "flags of the standard input": (
        "tried(fcntl.fcntl, 0, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK)",
        "tried(fcntl.fcntl, 0, fcntl.F_GETFL)",
    ),
    "who waits where a file is mapped": (
        "call('futex', PAGE, 0, 0, 0, 0, 0), call('futex', PAGE, 0, ctypes.c_uint.from_address(PAGE.value).value, ctypes.byref((ctypes.c_long * 2)(0, 10**7)), 0, 0)",
        "call('futex', PAGE, 1, 99, 0, 0, 0)[0] > 0",
    ),
    "what a file's pages are held for": (
        "call('fadvise64', FILE.fileno(), 0, 0, 4), FILE.seek(0), FILE.read(1)",
        "call('mincore', PAGE, 4096, ctypes.create_string_buffer(1)), call('cachestat', FILE.fileno(), 0, 0, 0)",
    ),
    "when it was read": (
        "open(torch.__file__).read(), os.listdir('/'), os.listdir('/dev')",
        "[os.stat(p).st_atime_ns for p in (torch.__file__, '/', '/dev', '/tmp/..', '/dev/null', '/dev/urandom')]",
    ),
    "what is written to a device": (
        "[os.close(f) for f in [os.open(p, 1) for p in ('/dev/null', '/dev/zero')] if os.write(f, b'x')]",
        "[(os.stat(p).st_mtime_ns, os.stat(p).st_size, os.read(ZERO, 1)) for p in ('/dev/null', '/dev/zero')]",
    ),
    # Of the kernel, which all children share.
    "numbers of new inodes": ("[tried(os.pipe) for _ in range(50)]", "tried(os.pipe)"),
    "the machine's memory": (
        "keep.append(bytearray(1 << 22)) if len(keep) < 20 else keep.clear()",
        "call('sysinfo', ctypes.create_string_buffer(200)), tried(os.getloadavg)",
    ),
    "signals to all": ("tried(os.kill, -1, signal.SIGCONT)", "signal.sigpending()"),
    "how many signals may wait": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(34, 60)), [os.kill(1, 40) for _ in range(10**4)]",
        "__import__('resource').getrlimit(11)",
    ),
    "what others do in a folder": ("open('/tmp/x', 'w').close(), time.sleep(0.005), os.unlink('/tmp/x')", "os.listdir('/tmp'), call('inotify_init1', 0)"),
    "segments": ("call('shmget', 77, 4096, 0o1666)", "call('shmget', 77, 4096, 0)"),
    "semaphores": ("call('semget', 77, 1, 0o1666)", "call('semget', 77, 1, 0)"),
    "messages": ("call('msgget', 77, 0o1666)", "call('msgget', 77, 0)"),
    "queues": ("call('mq_open', b'q', 0o102, 0o666, 0)", "call('mq_open', b'q', 0, 0, 0)"),
    "names of sockets": ("call('socket', 1, 2, 0)", "call('socket', 1, 2, 0)"),
    "who there is": ("os.getpid(), os.getppid()", "os.getpid(), os.getppid(), os.getpgrp(), tried(os.kill, 2, 0)"),
}  # fmt: skip

MOMENTARY = ["who waits where a file is mapped", "what others do in a folder", "signals to all"]
"""What is there only while it is being sent: a sender does nothing else."""
_LASTING = [name for name in CHANNELS if name not in MOMENTARY]
_OF_FILES = _LASTING.index("numbers of new inodes")
GROUPS = [_LASTING[:_OF_FILES], _LASTING[_OF_FILES:], *([name] for name in MOMENTARY)]
LOOKS = 40


def _sending(sends: list[str]) -> Job:
    """All of them in turn, again and again."""
    lines = "".join(f"        {send}\n" for send in sends)
    source = f"{TOOLS}\nkeep = []\ndef g():\n    end = time.monotonic() + 1.5\n    while time.monotonic() < end:\n{lines}"
    return job(source, "g", case_seconds=30.0, total_seconds=60.0)


def _receiving(looks: list[str]) -> Job:
    """What each of them saw, every time that it looked."""
    lines = "".join(f"        seen[{n}].add(repr(({look},)))\n" for n, look in enumerate(looks))
    source = f"{TOOLS}\ndef g():\n    seen = [set() for _ in range({len(looks)})]\n    for _ in range({LOOKS}):\n{lines}        time.sleep(0.02)\n    return [sorted(each) for each in seen]\n"
    return job(source, "g", case_seconds=30.0, total_seconds=60.0)


@pytest.mark.parametrize("names", GROUPS, ids=["files", "the kernel", *MOMENTARY])
def test_nothing_crosses_by(pool: Pool, names: list[str]) -> None:
    """One with autograd sends, one without looks: with or without the other, it sees the same."""
    sends, looks = map(list, zip(*(CHANNELS[name] for name in names), strict=True))
    receiving = msgspec.structs.replace(_receiving(looks), autograd=False)

    def received() -> dict[str, object]:
        outcome = pool.run(receiving).outcomes["g"]
        assert isinstance(outcome, Returned), outcome
        seen = returned(outcome)
        assert isinstance(seen, list)
        return dict(zip(names, seen, strict=True))

    alone = received()
    with ThreadPoolExecutor(1) as other:
        sent = other.submit(pool.run, _sending(sends))
        beside, after = received(), received()
        assert isinstance(sent.result().outcomes["g"], Returned), sent.result()
    for name, seen in alone.items():
        assert isinstance(seen, list) and len(seen) == 1, (
            f"{name}: it is not the same twice: this shows nothing"
        )
    assert beside == alone == after


def test_a_descriptor_is_asked_what_python_asks_and_nothing_more() -> None:
    """Copies and flags of its own; a new command is refused until somebody needs it."""
    assert set(syscalls.FCNTL) == {0, 1, 2, 3, 4, 1030}


UPON_A_FILE = {
    # What it does, and how it would be done upon a file or a page that all children share.
    "write a hint": "fcntl.fcntl(FILE, 1036, struct.pack('Q', 3))",
    "write a hint on an open file": "fcntl.fcntl(FILE, 1038, struct.pack('Q', 3))",
    "lock a record": "fcntl.fcntl(FILE, fcntl.F_SETLK, LOCK(fcntl.F_RDLCK))",
    "ask for locks": "fcntl.fcntl(FILE, fcntl.F_GETLK, LOCK(fcntl.F_WRLCK))",
    "lock an open file": "fcntl.fcntl(FILE, 37, LOCK(fcntl.F_RDLCK))",
    "lease": "fcntl.fcntl(FILE, 1024, fcntl.F_RDLCK)",
    "enlarge a pipe": "fcntl.fcntl(1, 1031, 1 << 20)",
    "ask for a pipe's size": "fcntl.fcntl(1, 1032)",
    "lock": "made('flock', FILE.fileno(), 5)",
    "advise on a file": "made('fadvise64', FILE.fileno(), 0, 0, 4)",
    "read ahead": "made('readahead', FILE.fileno(), 0, 4096)",
    "flush": "made('sync_file_range', FILE.fileno(), 0, 0, 7)",
    "flush all": "made('sync')",
    "reserve": "made('fallocate', FILE.fileno(), 0, 0, 4096)",
    "look which pages are held": "made('mincore', PAGE, 4096, ctypes.create_string_buffer(1))",
    "count which pages are held": "made('cachestat', FILE.fileno(), 0, 0, 0)",
    "fetch pages": "made('madvise', PAGE, 4096, 3)",
    "let go of pages": "made('madvise', PAGE, 4096, 21)",
    "make pages cold": "made('madvise', PAGE, 4096, 20)",
    "merge equal pages": "made('madvise', PAGE, 4096, 12)",
    "make one page of many": "made('madvise', PAGE, 4096, 25)",
    "watch": "made('inotify_init1', 0)",
    "set an attribute": "made('fsetxattr', FILE.fileno(), b'user.x', b'1', 1, 0)",
    "read an attribute": "made('fgetxattr', FILE.fileno(), b'user.x', b' ', 1)",
    "set its times": "made('utimensat', FILE.fileno(), 0, 0, 0)",
    "change its mode": "made('fchmod', FILE.fileno(), 0o644)",
    "read without waiting": "made('preadv2', FILE.fileno(), 0, 0, 0, 0, 8)",
    "send it": "made('sendfile', 1, FILE.fileno(), 0, 1)",
    "wait for all processors": "made('membarrier', 1, 0, 0)",
}  # fmt: skip


def test_a_file_that_all_share_is_read_and_nothing_else(pool: Pool) -> None:
    """Each is refused, by an error and not by an end; what Python itself asks of a descriptor goes on working."""
    numbers = {part.split("'")[1]: 0 for part in UPON_A_FILE.values() if part.startswith("made(")}
    tries = ", ".join(f"{name!r}: tried(lambda: {body})" for name, body in UPON_A_FILE.items())
    source = f"""{TOOLS}
NUMBERS |= {{{", ".join(f"{name!r}: {number_of(name)}" for name in numbers)}}}
def made(name, *arguments):
    result, error = call(name, *arguments)
    if result == -1: raise OSError(error, name)
    return result
def g():
    os.set_blocking(1, False); os.set_blocking(1, True)
    fcntl.fcntl(FILE, fcntl.F_SETFD, fcntl.fcntl(FILE, fcntl.F_GETFD))
    copy = fcntl.fcntl(FILE, fcntl.F_DUPFD_CLOEXEC, 20), fcntl.fcntl(FILE, fcntl.F_DUPFD, 20)
    import tempfile
    with tempfile.TemporaryFile() as scratch:
        torch.save(torch.ones(3), scratch); scratch.flush(); os.fsync(scratch.fileno()); scratch.seek(0)
        assert torch.load(scratch).sum() == 3
    return {{{tries}}}
"""
    outcome = pool.run(job(source, "g")).outcomes["g"]
    allowed = {
        name: how for name, how in returned(outcome).items() if how not in ("refused 2005", "refused 2004")
    }
    assert allowed == {}


# The two of one submission.


def _hidden(source: str, *, autograd: bool) -> Job:
    return msgspec.structs.replace(
        job(source, *calls("g", 4), case_seconds=30.0, total_seconds=60.0), autograd=autograd, shown=2
    )


def test_the_two_of_a_submission_are_never_awake_while_one_knows_a_hidden_input(pool: Pool) -> None:
    """By a clock that both can read: from the hidden inputs' coming to the end of the one without autograd,
    the other does not run, whatever timers and handlers it has set."""
    restless = """
    import signal, time
    ticks, spans = [], []
    def tick(*_): ticks.append(time.monotonic())
    signal.signal(signal.SIGALRM, tick)
    def g(x):
        if x.item() == 1: signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        return [time.monotonic(), list(ticks[-2000:])]
    """
    slow = """
    import time
    def g(x):
        began = time.monotonic()
        time.sleep(0.3 if x.item() > 1 else 0.0)
        return [began, time.monotonic()]
    """
    first, second = pool.run_both(_hidden(restless, autograd=True), _hidden(slow, autograd=False))
    spans = [returned(second.outcomes[f"g@{n}"]) for n in (2, 3)]
    last, ticks = returned(first.outcomes["g@3"])
    assert min(spans)[0] < max(spans)[1] < last
    # A moment to fall asleep is granted: the order to stop travels between processors.
    assert [t for t in ticks if spans[0][0] + 0.05 < t < spans[1][1] - 0.001] == []


def test_waiting_for_the_other_is_not_the_students_time(pool: Pool) -> None:
    """The one that was stopped has all its time when it goes on."""
    slow = "import time\ndef g(x):\n    time.sleep(0.7)\n    return x\n"
    tight = {"case_seconds": 3.0, "total_seconds": 4.0}
    first = msgspec.structs.replace(job("def g(x):\n    return x\n", *calls("g", 4), **tight), shown=2)
    second = msgspec.structs.replace(job(slow, *calls("g", 4), **tight), shown=2, autograd=False)
    for seen in pool.run_both(first, second):
        assert [returned(seen.outcomes[f"g@{n}"]) for n in range(4)] == [0.0, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("which", ["first", "second"])
@pytest.mark.parametrize("way", ["os._exit(3)", "os.close(3); time.sleep(60)", "while True: pass"])
def test_one_of_the_two_that_dies_does_not_hold_up_the_other(pool: Pool, which: str, way: str) -> None:
    """At a shown case or at a hidden one."""
    honest = "def g(x):\n    return x\n"
    for at in (1, 3):
        dying = f"import os, time\ndef g(x):\n    if x.item() == {at}:\n        {way}\n    return x\n"
        tight = {"case_seconds": 0.4, "total_seconds": 20.0}
        sources = (dying, honest) if which == "first" else (honest, dying)
        jobs = [
            msgspec.structs.replace(job(s, *calls("g", 4), **tight), shown=2, autograd=a)
            for s, a in zip(sources, (True, False), strict=True)
        ]
        seen = pool.run_both(jobs[0], jobs[1])
        well = seen[1 if which == "first" else 0]
        assert [returned(well.outcomes[f"g@{n}"]) for n in range(4)] == [0.0, 1.0, 2.0, 3.0]


def test_many_pairs_do_not_wait_for_each_other_for_ever(pool: Pool) -> None:
    """More submissions than slots, by more threads than slots: each ends."""
    first, second = (_hidden("def g(x):\n    return x\n", autograd=a) for a in (True, False))
    with ThreadPoolExecutor(6) as many:
        for one, other in many.map(lambda _: pool.run_both(first, second), range(24)):
            assert len(one.outcomes) == len(other.outcomes) == 4


class _Quiet(Child):
    """A child that is only told to stop and to go on."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def stop(self) -> None:
        self.orders.append("stop")

    def go_on(self) -> None:
        self.orders.append("go on")


def test_the_order_of_a_pair() -> None:
    """The one with autograd does not even begin while the other knows hidden inputs; and stops before it."""
    pair, child, log = Pair(), _Quiet(), []

    def other() -> None:
        with pair.autograd() as turn:
            log.append("with: begins")
            turn(child)
            log.append("with: hidden")

    with pair.plain() as turn:
        turn(child)
        log.append("without: hidden")
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.1)
        log.append("without: ends")
    thread.join(10)
    assert log == ["without: hidden", "without: ends", "with: begins", "with: hidden"]
    assert child.orders == []
