"""Using everything up: time, memory, processes, descriptors, space, patience.

Each ends in its own time, with a verdict that names what ran out, and costs nobody else
anything.
"""

# ruff: noqa: E501 - attacks are one-liners, as they are handed in

from __future__ import annotations

import time

import pytest

from grader.model.exercise import Limits

from .bench import PATIENT, QUICK, SLACK, TOOLS, X86_64, F, Range

pytestmark = pytest.mark.slow

SMALL = Limits(case_seconds=10.0, total_seconds=20.0, memory=48 * 2**20)
"""Little memory, so that it is used up before the time is."""


ENDLESS = {
    "in Python": "while True: pass",
    "in C": "sum(range(10 ** 12))",
    "in an iterator": "import collections, itertools; collections.deque(itertools.repeat(0), 0)",
    "in a regular expression": "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
    "in a big integer": "10 ** 10 ** 9",
    "in a big integer's digits": "sys.set_int_max_str_digits(0); str(1 << 10 ** 8)",
    "in equal hashes": "class H:\n    __hash__ = lambda s: 1\n    __eq__ = lambda s, o: False\nd = {H(): 1 for _ in range(10 ** 6)}",
    "in one torch call": "x = torch.rand(4000, 4000); x @ x @ x @ x",
    "in many torch calls": "x = torch.rand(500, 500)\nwhile True: x @ x",
    "with torch threads": "torch.set_num_threads(64); x = torch.rand(4000, 4000); x @ x @ x @ x",
    "asleep": "time.sleep(1000)",
    "on a lock": "import _thread; lock = _thread.allocate_lock(); lock.acquire(); lock.acquire()",
    "reading its channel": "while True: os.read(3, 1)",
    "reading an empty counter": "os.read(os.eventfd(0), 8)",
    "in poll": "import select; select.poll().poll()",
    "in epoll": "import select; select.epoll().poll()",
    "waiting for a signal": "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); signal.pause()",
    "ignoring every signal": "import signal\nfor n in signal.valid_signals():\n    try: signal.signal(n, signal.SIG_IGN)\n    except OSError: pass\nwhile True: pass",
    "ignoring every error": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "in a storm of alarms": "import signal; signal.signal(signal.SIGALRM, lambda *a: None); signal.setitimer(0, 1e-5, 1e-5)\nwhile True: pass",
    "in a finaliser": "class D:\n    def __del__(self):\n        while True: pass\nD()\nreturn a * 0",
    "stopping itself": "os.kill(os.getpid(), 19); os.kill(0, 19); os.kill(os.getpid(), 20)\nwhile True: pass",
    "in an answer": "class E(list):\n    def __iter__(self):\n        while True: pass\n    __len__ = lambda self: next(iter(self))\nreturn list(E([1]))",
}


@pytest.mark.parametrize("body", list(ENDLESS.values()), ids=list(ENDLESS))
def test_cant_take_for_ever(range_: Range, body: str) -> None:
    """Deadlines are kept outside: nothing in the child can move or miss them."""
    started = time.monotonic()
    seen = range_.attempt(body, limits=QUICK)
    assert seen.verdict == "timeout", seen.message.en
    assert time.monotonic() - started < QUICK.total_seconds + SLACK


@pytest.mark.parametrize(
    "hook",
    [
        "import atexit; atexit.register(lambda: time.sleep(100))",
        "sys.stdout.flush = lambda: time.sleep(100)",
        "class D:\n    def __del__(self): time.sleep(100)\nkeep = D()\nsys.stdout = keep",
        "class G:\n    @property\n    def __signature__(self): time.sleep(100)\n    __call__ = lambda self, a: a * 0\ngrad_f = G()",
        "class M(type):\n    @property\n    def __name__(cls): time.sleep(100)\nclass T(metaclass=M): pass\ngrad_f = lambda a: T()",
        "grad_f = lambda a: torch.zeros(1).expand(1 << 40)",
    ],
    ids=["exit", "flush", "delete", "signature", "name", "huge view"],
)
def test_cant_hold_up_the_harness(range_: Range, hook: str) -> None:
    """Methods of the student's that the harness may run are the student's time."""
    limits = Limits(case_seconds=0.3, total_seconds=1.5)
    started = time.monotonic()
    report = range_.judge(f"{F}{TOOLS}grad_f = lambda a: a * 0\n{hook}\n", limits=limits, free=True)
    assert time.monotonic() - started < limits.total_seconds + SLACK
    verdict = {c.id: c.verdict for c in report.checks}["prediction"]
    assert verdict in ("timeout", "failed", "skipped", "output") and report.score <= 4, verdict
    range_.assert_unharmed()


def test_cant_outlive_its_verdict(range_: Range) -> None:
    """Nothing of a child goes on: what it would have written later never comes."""
    range_.attempt("while True: os.write(1, b'x'); time.sleep(0.01)", limits=QUICK)
    for _ in range(3):
        assert range_.judge(F + "def grad_f(a):\n    return f(a) / a\n").stdout == ""


MEMORY = {
    "one object": "bytearray(1 << 30)",
    "many objects": "k = []\nwhile True: k.append(bytearray(1 << 18))",
    "many small objects": "k = []\nwhile True: k.append([0] * 200)",
    "a dictionary": "d = {}\nfor i in range(10 ** 9): d[i] = str(i)",
    "a string": "x = 'x'\nwhile True: x += x",
    "a range": "list(range(10 ** 9))",
    "one tensor": "torch.zeros(1 << 28)",
    "many tensors": "k = []\nwhile True: k.append(torch.ones(1 << 16))",
    "a view made real": "torch.ones(1).expand(1 << 16, 1 << 16).contiguous()",
    "an outer product": "x = torch.ones(1 << 16); x[:, None] * x",
    "a numpy array": "import numpy; numpy.ones(1 << 28)",
    "the break": "libc.sbrk.restype = ctypes.c_void_p\nwhile libc.sbrk(1 << 20) != 2 ** 64 - 1: pass\nk = [str(i) * 50 for i in range(10 ** 6)]",
    "an exception of C++": "ctypes.CDLL('libstdc++.so.6')._ZSt17__throw_bad_allocv()",
    "a result that is too wide": "return [0] * 10 ** 8",
    "text before it is printed": "print('x' * (1 << 30))",
    "a message": "raise ValueError('x' * (1 << 30))",
}


@pytest.mark.parametrize("body", list(MEMORY.values()), ids=list(MEMORY))
def test_cant_have_more_memory(range_: Range, body: str) -> None:
    """However it is asked for: the verdict is ``memory``."""
    seen = range_.attempt(body, limits=SMALL)
    assert seen.verdict == "memory", seen


def test_cant_have_more_memory_by_mapping_it(range_: Range) -> None:
    """The kernel's own refusal, in its own words."""
    many = "import mmap; k = []\nwhile True: k.append(mmap.mmap(-1, 1 << 22, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))"
    seen = range_.attempt(many, limits=SMALL)
    assert seen.verdict == "memory" or "Cannot allocate memory" in seen.message.en, seen


def test_cant_have_more_memory_unsaid(range_: Range) -> None:
    """Swallowing the error, and filling up what is left, gains nothing and ends in time."""
    seen = range_.attempt(
        """
        k = globals().setdefault("k", [])
        for n in (1 << 20, 1 << 16, 4096, 512, 64):
            try:
                while True: k.append(bytearray(n))
            except MemoryError: pass
        return a * 0""",
        limits=SMALL,
        alone=False,  # what it fills up is its own f's, too
    )
    assert seen.verdict in ("memory", "failed", "crashed"), seen


SHARED = {
    "a shared mapping": "import mmap; mmap.mmap(-1, 1 << 30)",
    "a shared file": "import mmap; file = open('/tmp/x', 'w+b'); file.truncate(4096); mmap.mmap(file.fileno(), 4096)",
    "torch's shared file": "import numpy; numpy.memmap('/tmp/x', mode='w+', shape=(1024,))",
    "a memory file": "os.memfd_create('x')",
    "a segment": "if libc.shmget(1, 1 << 30, 0o1600) < 0: refused()",
    "shared memory of Python's": "import mmap; from multiprocessing import shared_memory as s; mmap.mmap(-1, 1 << 20)",
    "a queue": "if libc.msgget(1, 0o1600) < 0: refused()",
}


@pytest.mark.parametrize("body", list(SHARED.values()), ids=list(SHARED))
def test_cant_have_memory_that_nobody_counts(range_: Range, body: str) -> None:
    """Memory that limits do not see is refused altogether."""
    seen = range_.attempt(body)
    assert seen.verdict == "forbidden" and "kernel" in seen.message.en, seen


IN_PIPES = {
    "pipes": "os.pipe()",
    "pipes of another kind": "os.pipe2(0)",
    "pairs of sockets": "import socket; socket.socketpair()",
    "pipes with a name": "os.mkfifo('/tmp/x')",
    "a larger pipe": "import fcntl; fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 1 << 20)",
    "messages on their way": "import socket; socket.socket(fileno=3).send(b'x')",
}


@pytest.mark.parametrize("body", list(IN_PIPES.values()), ids=list(IN_PIPES))
def test_cant_have_memory_in_pipes(range_: Range, body: str) -> None:
    """The kernel holds what is under way, and no limit of a process counts it: there is nothing to send through."""
    assert range_.attempt(body).verdict == "forbidden"


LIMITED = {
    "scratch": (
        "for i in range(100):\n    with open(f'/tmp/{i}', 'wb') as file: file.write(bytes(1 << 20))",
        "No space left",
    ),
    "one file": (
        "with open('/tmp/x', 'wb') as file:\n    while True: file.write(bytes(1 << 20))",
        "too large",
    ),
    "a file with holes": ("os.ftruncate(os.open('/tmp/x', os.O_CREAT | os.O_RDWR), 1 << 40)", "too large"),
    "files": ("for i in range(10 ** 5): open(f'/tmp/{i}', 'w').close()", "No space left"),
    "folders": ("for i in range(10 ** 5): os.mkdir(f'/tmp/d{i}')", "No space left"),
    "folders in folders": ("for i in range(10 ** 5): os.mkdir('d'); os.chdir('d')", "No space left"),
    "descriptors": ("k = []\nwhile True: k.append(os.open('/dev/null', 0))", "Too many open files"),
    "copies of a descriptor": ("while True: os.dup(0)", "Too many open files"),
    "counters": ("k = []\nwhile True: k.append(os.eventfd(0))", "Too many open files"),
    "events": ("import select\nk = []\nwhile True: k.append(select.epoll())", "Too many open files"),
    "depth": ("g = lambda n: g(n + 1)\ng(0)", "itself again and again"),
    "brackets": ("compile('(' * 10 ** 6, '', 'eval')", "too many nested"),
    "digits": ("str(1 << 10 ** 6)", "Exceeds the limit"),
}


@pytest.mark.parametrize(("body", "said"), list(LIMITED.values()), ids=list(LIMITED))
def test_cant_use_up(range_: Range, body: str, said: str) -> None:
    """The call fails with its own error, in the child, at a bound of the child's."""
    seen = range_.attempt(body)
    assert seen.verdict == "error" and said in seen.message.en, seen


PROCESSES = {
    "processes": "while True:\n    if os.fork() == 0: pass",
    "processes of the library": "while libc.fork() >= 0: pass\nrefused()",
    "threads": "import threading\nwhile True: threading.Thread(target=time.sleep, args=(100,)).start()",
    "workers": "import multiprocessing as m\nwhile True: m.get_context('fork').Process(target=print).start()",
}


@pytest.mark.parametrize("body", list(PROCESSES.values()), ids=list(PROCESSES))
def test_cant_multiply(range_: Range, body: str) -> None:
    """Not even once."""
    seen = range_.attempt(body)
    assert seen.verdict == "forbidden", seen


OUTPUT = {
    "lines": "while True: print('x')",
    "one line": "while True: print('x', end='')",
    "one write": "print('x' * (1 << 24))",
    "bytes": "while True: os.write(1, bytes(4096))",
    "errors": "while True: sys.stderr.write('x' * 100)",
    "warnings": "import warnings\nwarnings.simplefilter('always')\nwhile True: warnings.warn('x' * 100)",
    "from C": "while True: libc.write(2, b'x' * 4096, 4096)",
    "a large tensor, often": "return [torch.zeros(1 << 14, dtype=torch.float64)] * 90",
}


@pytest.mark.parametrize("body", list(OUTPUT.values()), ids=list(OUTPUT))
def test_cant_say_more(range_: Range, body: str) -> None:
    """What is printed and what is returned have an end."""
    seen = range_.attempt(body)
    assert seen.verdict == "output", seen


SHAPES = {
    "nested without end": "x = []\nx.append(x)\nreturn x",
    "nested twice without end": "x = []\nx += [x, x]\nreturn x",
    "nested deeply": "x = []\nfor _ in range(10 ** 5): x = [x]\nreturn x",
    "nested in dictionaries": "x = {}\nfor _ in range(10 ** 5): x = {'x': x}\nreturn x",
    "wide": "return [0] * 10 ** 6",
    "many names": "return {str(i): 0 for i in range(10 ** 5)}",
    "a long name": "return {'x' * 10 ** 7: 0}",
    "long text": "return 'x' * 10 ** 7",
    "a long type": "return type('x' * 10 ** 6, (), {})()",
    "a long number": "return 1 << 10 ** 7",
    "a sparse tensor": "return torch.sparse_coo_tensor(torch.tensor([[0]]), torch.tensor([1.0]), (1 << 28,))",
    "many dimensions": "return torch.zeros([1] * 60)",
    "no entries, but wide": "return torch.zeros(0, 1 << 62)",
}


@pytest.mark.parametrize("body", list(SHAPES.values()), ids=list(SHAPES))
def test_cant_return_what_cannot_be_held(range_: Range, body: str) -> None:
    """It is reduced in the child to something small that is no answer."""
    seen = range_.attempt(body)
    assert seen.verdict == "failed", seen


LARGE = {
    "a tensor": "return torch.zeros(1 << 22, dtype=torch.float64)",
    "a huge view": "return torch.zeros(1).expand(1 << 50)",
    "many tensors": "return [torch.zeros(1 << 15)] * 4000",
    "an array": "import numpy as np; return np.zeros(1 << 22)",
}


@pytest.mark.parametrize("body", list(LARGE.values()), ids=list(LARGE))
def test_cant_return_more_than_may_be_sent(range_: Range, body: str) -> None:
    """All that an answer holds is counted together, before any of it is copied."""
    assert range_.attempt(body).verdict == "output"


CRASHES = {
    "SIGSEGV": "ctypes.string_at(0)",
    "SIGABRT": "os.abort()",
    "SIGABRT by C++": "ctypes.CDLL('libstdc++.so.6')._ZSt9terminatev()",
    "SIGABRT by the heap": "libc.malloc.restype = ctypes.c_void_p\np = ctypes.c_void_p(libc.malloc(64))\nfor _ in range(3): libc.free(p)",
    "SIGBUS": "import mmap; file = open('/tmp/x', 'w+b'); file.write(bytes(8192)); file.flush()\nm = mmap.mmap(file.fileno(), 8192, flags=mmap.MAP_PRIVATE); file.truncate(0); m[5000]",
    "exit 0": "libc.exit(0)",
    "exit 9": "os._exit(9)",
}
if X86_64:
    CRASHES |= {
        "SIGILL": "machine(b'\\x0f\\x0b')",
        "SIGTRAP": "machine(b'\\xcc')",
        "SIGFPE": "machine(bytes.fromhex('31c0 31d2 31c9 f7f1 c3'))",
    }


@pytest.mark.parametrize(("name", "body"), list(CRASHES.items()), ids=list(CRASHES))
def test_a_crash_is_called_by_its_name(range_: Range, name: str, body: str) -> None:
    """The signal that ended it, or the status it ended with."""
    seen = range_.attempt(body)
    assert seen.verdict == "crashed" and f"({name.split(' by')[0]})" in seen.message.en, seen


def test_cant_pass_its_own_limit_off_as_an_accident(range_: Range) -> None:
    """A limit on CPU of its own brings SIGKILL, as if from outside: forgiven once, and no second time."""
    lower = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (0, 0))\nwhile True: pass"
    seen = range_.attempt(lower, limits=PATIENT)
    assert seen.verdict == "crashed" and "(SIGKILL)" in seen.message.en, seen


def test_cant_stop_or_signal_itself_to_death(range_: Range) -> None:
    """A child is the first process of its world: no signal of its own stops or ends it."""
    seen = range_.attempt(
        "for n in (1, 2, 3, 9, 10, 13, 14, 15, 19, 20, 21, 22, 24, 25, 29):\n"
        "    try: os.kill(os.getpid(), n)\n    except KeyboardInterrupt: pass\nreturn a * 0"
    )
    assert seen.verdict == "failed", seen


def test_cant_take_all_the_time_there_is(range_: Range) -> None:
    """Whatever dies, resumes and dies again: the submission's own time ends it."""
    limits = Limits(case_seconds=0.3, total_seconds=1.0)
    slow = "time.sleep(0.25)\n    os.write(1, b'x')\n"
    source = f"{F}{TOOLS}\ndef f(a):\n    {slow}    return a\ndef grad_f(a):\n    {slow}    return a * 0\n"
    started = time.monotonic()
    report = range_.judge(source, limits=limits)
    assert time.monotonic() - started < limits.total_seconds + SLACK and report.score == 0
    range_.assert_unharmed()


@pytest.mark.parametrize("many", [8])
def test_cant_starve_the_next_by_coming_often(range_: Range, many: int) -> None:
    """Endless submissions at once, more than there are slots: each ends, and an honest one is judged."""
    from concurrent.futures import ThreadPoolExecutor

    limits = Limits(case_seconds=0.2, total_seconds=0.6)
    with ThreadPoolExecutor(many + 1) as others:
        endless = [others.submit(range_.judge, "while True: pass\n", limits=limits) for _ in range(many)]
        assert range_.judge(F + "def grad_f(a):\n    return f(a) / a\n", ratio="true").score == 10
        assert all(job.result(60).score == 0 for job in endless)
    range_.assert_unharmed()
