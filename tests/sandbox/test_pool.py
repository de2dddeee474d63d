"""Jobs in, observations out, whatever dies on the way."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from grader.errors import SandboxFailed
from grader.model.job import Job
from grader.model.observation import Died, Loaded, Raised, Returned, Skipped
from grader.sandbox import jail, wire
from grader.sandbox.pool import Pool
from grader.sandbox.wire import BELL
from grader.sandbox.zygote import Zygote

from .jobs import array, calls, death, gradient, job, plain, returned
from .watching import PATIENCE, alive, descendants, wait_until

ECHO = "def g(x):\n    return x + 1\n"


@pytest.fixture
def own() -> Iterator[Pool]:
    """A pool that a test may break."""
    with Pool(slots=2, spares=1) as pool:
        pool.hello()
        yield pool


def test_a_job_runs(pool: Pool) -> None:
    """Values, gradients, text and time come back; nothing else."""
    seen = pool.run(
        job(
            "print('loaded')\ndef f(x):\n    print('f')\n    return x * x\n" + ECHO,
            *calls("g", 2),
            gradient(),
        )
    )
    assert (
        seen.loaded.failure is None
        and not seen.loaded.notes
        and seen.isolation == "namespaces"
        and seen.seconds > 0
    )
    assert seen.text == "loaded\nf\n"
    assert [returned(seen.outcomes[f"g@{n}"]) for n in range(2)] == [1.0, 2.0]
    assert plain(seen.outcomes["f'"].grads[0]) == [2.0, 4.0]  # type: ignore[union-attr]


def test_a_job_runs_in_huge_pages() -> None:
    """Memory and programs are moved under a running process; it goes on, and no code can be written."""
    zygote = Zygote.start()
    try:
        zygote.wait_until_warm()
        programs = Path(f"/proc/{zygote.autograd.pid}/maps")
        moved = zygote.collapse()
        if not moved.pages:
            pytest.skip("this machine gives no huge pages")
        rows = [line.split() for line in programs.read_text().splitlines()]
    finally:
        zygote.close()
    assert not any("w" in mode and "x" in mode for _, mode, *_ in rows)
    assert any(mode == "r-xp" and inode == "0" and len(name) == 0 for _, mode, _, _, inode, *name in rows)
    with Pool(slots=1, collapse=True) as pool:
        seen = pool.run(job("def f(x):\n    return x * x\n" + ECHO, *calls("g", 2), gradient()))
    assert [returned(seen.outcomes[f"g@{n}"]) for n in range(2)] == [1.0, 2.0]
    assert plain(seen.outcomes["f'"].grads[0]) == [2.0, 4.0]  # type: ignore[union-attr]


def test_a_job_without_tasks_and_one_with_many(pool: Pool) -> None:
    """Also when tasks or answers are larger than a socket's buffer."""
    assert pool.run(job("x = 1")).loaded == Loaded()
    big = array([float(n) for n in range(1 << 16)])
    from grader.model.job import Call

    tasks = [Call(id=f"g{n}", function="g", args=(big,)) for n in range(6)]
    seen = pool.run(job(ECHO, *tasks))
    assert all(isinstance(o, Returned) for o in seen.outcomes.values()) and len(seen.outcomes) == 6
    assert returned(seen.outcomes["g5"])[-1] == 65536.0


def test_a_child_says_when_a_batch_is_answered() -> None:
    """It rings before it waits for the next batch: whoever listens need not look again and again."""
    zygote = Zygote.start()
    try:
        zygote.wait_until_warm()
        child = zygote.fork(autograd=True)
        child.channel.settimeout(PATIENCE)
        words: wire.Decoder[wire.Word] = wire.Decoder(wire.Word, 1 << 20)

        def next_word(kind: type) -> None:
            while not any(isinstance(word, kind) for word in words.feed(child.channel.recv(1 << 16))):
                pass

        child.channel.sendall(wire.encode(wire.Run(job(ECHO), 0)))
        next_word(wire.Loading)
        child.channel.sendall(wire.encode(wire.Tasks(tuple(calls("g", 1)), more=True)))
        next_word(wire.Finished)
        heard, _, _ = select.select([child.text], [], [], PATIENCE)
        assert heard
        assert os.read(child.text, 16) == BELL
        child.kill()
        child.bury()
        child.close()
    finally:
        zygote.close()


def test_a_library_is_for_references_only(pool: Pool) -> None:
    """Modules of the job's library are importable and callable; the next job has none."""
    seen = pool.run(
        job("import reference", *calls("reference.f", 1)), {"reference": b"def f(x): return x + 5\n"}
    )
    assert returned(seen.outcomes["reference.f@0"]) == 5.0
    (note,) = pool.run(job("import reference")).loaded.notes
    assert (note.what, note.name) == ("raised", "ModuleNotFoundError")


def test_a_case_that_dies_costs_that_case(pool: Pool) -> None:
    """Finished cases count, the rest resume in a fresh child; what was printed comes once."""
    source = """
    import os
    print("loaded")
    count = 0
    def g(x):
        global count
        count += 1
        if x.item() == 2:
            os._exit(3)
        return count
    """
    seen = pool.run(job(source, *calls("g", 5)))
    assert death(seen, "g@2") == Died("crashed", "exit 3")
    # The counter began again: module state does not survive a death.
    assert [returned(seen.outcomes[f"g@{n}"]) for n in (0, 1, 3, 4)] == [1, 2, 1, 2]
    assert seen.text.count("loaded") <= 1


def test_a_function_that_keeps_dying_is_given_up(pool: Pool) -> None:
    """After two deaths its other cases are skipped; another function is still asked."""
    seen = pool.run(
        job("import os\ndef g(x): os._exit(0)\ndef h(x): return x\n", *calls("g", 5), *calls("h", 2))
    )
    kinds = [type(seen.outcomes[f"g@{n}"]) for n in range(5)]
    assert kinds == [Died, Died, Skipped, Skipped, Skipped]
    assert returned(seen.outcomes["h@1"]) == 1.0


@pytest.mark.parametrize(
    ("body", "cause", "detail"),
    [
        ("while True: pass", "timeout", None),
        ("import time; time.sleep(1000)", "timeout", None),
        ("10 ** 10 ** 9", "timeout", None),
        (
            "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); signal.pause()",
            "timeout",
            None,
        ),
        ("import os; os.dup2(0, 3); return 1", "crashed", None),
        ("import os; os._exit(0)", "crashed", "exit 0"),
        ("import os; os._exit(7)", "crashed", "exit 7"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
        ("import os; os.abort()", "crashed", None),
        ("import ctypes; ctypes.CDLL(None).exit(0)", "crashed", "exit 0"),
        ("import sys; sys.setrecursionlimit(10**8); f = lambda n: f(n + 1); f(0)", None, None),
        ("print('x' * (1 << 20))", "output", "text"),
        ("while True: print('x')", "output", "text"),
        ("import os\n    while True: os.write(2, b'x' * 4096)", "output", "text"),
        ("import os; os.close(3); import time; time.sleep(1000)", "malformed", None),
        ("import os; os.write(3, b'hello, grader!')", "malformed", None),
        ("import os; os.write(3, b'grw2'); os._exit(0)", "malformed", None),
    ],
)
def test_a_death_says_why(pool: Pool, body: str, cause: str | None, detail: str | None) -> None:
    """Each with its own cause, within the time of one case, and the next job runs."""
    source = f"def g(x):\n    {body}\n" + "def h(x):\n    return x\n"
    started = time.monotonic()
    # What waits for the end of its time has little of it; the C library takes torch down in 0.4 s.
    waits = cause == "timeout" or "sleep" in body
    seen = pool.run(job(source, *calls("g", 1), *calls("h", 1), case_seconds=0.5 if waits else 2.0))
    assert time.monotonic() - started < PATIENCE
    if cause is None:
        assert isinstance(seen.outcomes["g@0"], Died | Raised)
    else:
        died = death(seen, "g@0")
        assert died.cause == cause and detail in (None, died.detail), died
    assert returned(seen.outcomes["h@0"]) == 0.0


@pytest.mark.parametrize(
    "grab",
    [
        "bytearray(2 << 30)",
        "torch.zeros(1 << 28)",
        "[bytearray(1 << 24) for _ in range(100)]",
        "[torch.ones(1 << 22) for _ in range(100)]",
        "mmap.mmap(-1, 2 << 30, flags=mmap.MAP_PRIVATE)",
    ],
)
def test_memory_has_an_end(pool: Pool, grab: str) -> None:
    """The refusal reaches the student as an error that is told from others."""
    from grader.checks import outcomes
    from grader.model.exercise import Limits

    seen = pool.run(
        job(f"import mmap, torch\ndef g():\n    return len({grab})\ndef h(): return 1\n", "g", "h")
    )
    outcome = seen.outcomes["g"]
    assert isinstance(outcome, Raised), outcome
    assert outcome.errno == 12 or outcomes.of_error(outcome, Limits()).verdict == "memory"
    assert returned(seen.outcomes["h"]) == 1


def test_a_module_that_dies_is_a_failure_to_load(pool: Pool) -> None:
    """Where it dies in what defines something, that is said of the whole file; every task is skipped."""
    for source, cause in (
        ("class C:\n    while True: pass", "timeout"),
        ("class C:\n    import os; os._exit(0)", "crashed"),
        ("import os; os.write(3, b'nonsense' * 9)", "malformed"),
    ):
        seen = pool.run(job(source, *calls("g", 2), case_seconds=0.3))
        assert isinstance(seen.loaded.failure, Died) and seen.loaded.failure.cause == cause
        assert set(seen.outcomes.values()) == {Skipped()} and len(seen.outcomes) == 2


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("while True: pass", "slow"),
        ("signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); signal.pause()", "timeout"),
        ("os._exit(0)", "crashed"),
        ("os.kill(os.getpid(), 9) or os.abort()", "crashed"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "any"),
    ],
)
def test_a_line_outside_of_the_functions_that_ends_the_process_is_left_out(
    pool: Pool, line: str, cause: str
) -> None:
    """What was defined before and after it is asked all the same, and the note says which line it was."""
    source = f"import os, signal\ndef g(x):\n    return x + n\n{line}\nn = 1\n"
    # One is stopped when its time is over, the others by the loader, which gives all lines 1.5 s.
    seconds = 0.5 if cause == "timeout" else 3.0
    seen = pool.run(job(source, *calls("g", 2), case_seconds=seconds))
    assert seen.loaded.failure is None
    assert [returned(seen.outcomes[f"g@{n}"]) for n in range(2)] == [1.0, 2.0]
    (note,) = seen.loaded.notes
    assert cause in (note.what, "any") or (note.what, note.name) == ("died", cause)
    assert note.line in (4, 5, 6)


def test_many_lines_that_end_the_process_are_left_out_and_of_too_many_nothing_is_said_that_is_not_so(
    pool: Pool,
) -> None:
    """Each costs a child. Beyond that the file cannot be run, and no note says that the rest was judged."""
    line = "os._exit(0)\n"
    several = pool.run(job(f"import os\n{line}{ECHO}{3 * line}", *calls("g", 1)))
    assert returned(several.outcomes["g@0"]) == 1.0 and len(several.loaded.notes) == 4
    many = pool.run(job(f"import os\n{50 * line}{ECHO}", *calls("g", 1)))
    assert isinstance(many.loaded.failure, Died) and many.loaded.notes == ()


def test_a_line_that_prints_without_end_is_left_out_and_little_of_it_is_kept(pool: Pool) -> None:
    """A log costs nothing: what is beyond the limit is dropped, and the functions are asked."""
    seen = pool.run(job(f"while True: print('x' * 1000)\n{ECHO}", *calls("g", 1), case_seconds=5.0))
    assert returned(seen.outcomes["g@0"]) == 1.0 and len(seen.text) <= 1 << 16
    assert [note.what for note in seen.loaded.notes] in (["slow"], ["died"])


def test_the_whole_time_is_bounded(pool: Pool) -> None:
    """However many cases are slow, however many functions, the submission's own time ends it."""
    source = "import time\ndef a(x): time.sleep(0.25)\nb = c = d = a\n"
    tasks = [t for name in "abcd" for t in calls(name, 10)]
    started = time.monotonic()
    seen = pool.run(job(source, *tasks, case_seconds=0.5, total_seconds=1.0))
    took = time.monotonic() - started
    assert 1.0 <= took < PATIENCE
    kinds = [type(o) for o in seen.outcomes.values()]
    # They sleep, for which there is twice the time.
    assert len(kinds) == 40 and kinds.count(Died) == 1 and kinds.count(Returned) <= 8
    assert kinds.count(Skipped) == 40 - 1 - kinds.count(Returned)


def test_cant_stop_the_clock_by_not_reading(pool: Pool) -> None:
    """A child that claims to be loaded and never takes its tasks is late, not waited for."""
    source = """
    import os, signal, time
    from grader.sandbox import wire
    from grader.model.observation import Loaded
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))  # the harness' own timer would end the sleep
    os.write(3, wire.encode(wire.Loading(Loaded()))), time.sleep(1000)  # one statement, so one frame
    """
    from grader.model.job import Call

    big = array([0.0] * (1 << 20))
    seen = pool.run(job(source, Call(id="g", function="g", args=(big,)), case_seconds=0.4, total_seconds=1.0))
    assert death(seen, "g").cause == "timeout" and seen.seconds < PATIENCE / 2


def test_zygote_killed_in_the_middle_of_a_job(own: Pool) -> None:
    """Ours, not the student's: another zygote, the job once more, and the observation is complete."""
    source = "import time\ndef g(x):\n    time.sleep(0.3)\n    return x\n"
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(own.run, job(source, *calls("g", 3), case_seconds=30, total_seconds=60))
        wait_until(lambda: own.status().running)
        time.sleep(0.4)  # after the first case, most likely; the outcome does not hang on it
        first = own.serving().autograd.pid
        os.kill(first, signal.SIGKILL)
        seen = coming.result(PATIENCE)
    assert [returned(seen.outcomes[f"g@{n}"]) for n in range(3)] == [0.0, 1.0, 2.0]
    assert own.serving().autograd.pid != first


def test_zygote_killed_while_idle(own: Pool) -> None:
    """The next job finds a new one, and so do the spares."""
    wait_until(lambda: own.status().spares == 2)
    first = own.serving().autograd.pid
    os.kill(first, signal.SIGKILL)
    assert returned(own.run(job(ECHO, *calls("g", 1))).outcomes["g@0"]) == 1.0
    wait_until(lambda: own.serving().autograd.pid != first)
    wait_until(lambda: own.status().spares == 2 and own.ready())
    assert not alive(first)


@pytest.mark.parametrize("which", ["plain", "autograd"])
def test_one_of_the_zygotes_killed_alone(own: Pool, which: str) -> None:
    """Both are replaced, whoever asks next is answered by either, and nothing of them is left."""
    wait_until(lambda: own.status().spares == 2)
    before = own.serving()
    pids = before.autograd.pid, before.plain.pid
    os.kill(getattr(before, which).pid, signal.SIGKILL)
    for autograd in (False, True, False):
        work = msgspec.structs.replace(job(ECHO, *calls("g", 1)), autograd=autograd)
        assert returned(own.run(work).outcomes["g@0"]) == 1.0
    wait_until(lambda: own.serving() is not before and not any(map(alive, pids)))
    wait_until(lambda: own.status().spares == 2 and own.ready())


@pytest.mark.parametrize("which", ["plain", "autograd"])
def test_one_of_the_zygotes_killed_under_both_jobs_of_a_submission(own: Pool, which: str) -> None:
    """Ours, not the student's: both observations are complete."""
    source = "import time\ndef g(x):\n    time.sleep(0.3)\n    return x\n"
    work = msgspec.structs.replace(job(source, *calls("g", 4), case_seconds=30, total_seconds=60), shown=2)
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(own.run_both, work, msgspec.structs.replace(work, autograd=False))
        wait_until(lambda: own.status().running)
        time.sleep(0.5)
        os.kill(getattr(own.serving(), which).pid, signal.SIGKILL)
        for seen in coming.result(PATIENCE):
            assert [returned(seen.outcomes[f"g@{n}"]) for n in range(4)] == [0.0, 1.0, 2.0, 3.0]


def test_spares_are_refilled(pool: Pool) -> None:
    """After every job, by the keeper, and never more than were asked for."""
    for _ in range(5):
        pool.run(job(ECHO, *calls("g", 1)))
        wait_until(lambda: pool.status().spares == 4)


def test_a_spare_that_died_costs_nobody_anything(pool: Pool) -> None:
    """The job is given to another child."""
    wait_until(lambda: pool.status().spares == 4)
    for spare in pool.spares():
        spare.kill()
    assert returned(pool.run(job(ECHO, *calls("g", 1))).outcomes["g@0"]) == 1.0


def test_close_leaves_no_process() -> None:
    """Neither the jail, nor spares, nor a child that is running."""
    pool = Pool(slots=1, spares=2)
    pool.hello()
    jail_process = pool.serving()._process.pid
    errors: list[BaseException] = []

    def run() -> None:
        try:
            pool.run(job("while True: pass", case_seconds=60, total_seconds=60))
        except SandboxFailed as error:
            errors.append(error)

    busy = threading.Thread(target=run)
    busy.start()
    wait_until(lambda: pool.status().running)
    started = descendants(jail_process)
    assert len(started) >= 2
    pool.close()
    busy.join(PATIENCE)
    assert not busy.is_alive() and len(errors) == 1
    wait_until(lambda: not any(map(alive, started)))
    assert not pool.ready()
    with pytest.raises(SandboxFailed, match="closing"):
        pool.run(job(ECHO))
    pool.close()


def test_many_threads_share_a_pool(pool: Pool) -> None:
    """Each gets its own answer, never another's."""

    def one(n: int) -> list[float]:
        seen = pool.run(job(f"def g(x): return x + {n}\n", *calls("g", 3)))
        return [returned(o) for o in seen.outcomes.values()]

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(one, range(64)))
    assert answers == [[n + 0.0, n + 1.0, n + 2.0] for n in range(64)]


def test_no_descriptor_is_lost(pool: Pool) -> None:
    """Over two hundred jobs, among them some that die in every way."""
    sources = [
        ECHO,
        "def g(x): import os; os._exit(1)\n",
        "import os; os.close(3)\n",
        "1 / 0",
        "def g(x): print('x' * 10**6)\n",
    ]

    def rest() -> int:
        wait_until(lambda: pool.status().spares == 4 and not pool.status().dead)
        time.sleep(0.05)
        return len(list(Path("/proc/self/fd").iterdir()))

    def run(n: int) -> None:
        pool.run(job(sources[n % len(sources)] if n % 4 == 0 else ECHO, *calls("g", 1)))

    run(0)
    before, children = rest(), len(descendants(os.getpid()))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, range(200)))
    assert rest() <= before
    wait_until(lambda: len(descendants(os.getpid())) <= children)


def test_a_child_killed_from_outside_gets_one_more_chance(own: Pool) -> None:
    """Nothing in the jail can send SIGKILL; the second time, it is what the code does to a machine."""
    if os.geteuid() != 0:
        pytest.skip("what a process waits for is for root to see")
    source = "import time\ndef g(x):\n    time.sleep(3600 if x.item() == 1 else 0)\n    return x\n"
    killed: list[int] = []

    def kill_a_sleeper() -> None:
        for pid in descendants(own.serving().autograd.pid) - set(killed):
            with contextlib.suppress(OSError):
                if "sleep" in Path(f"/proc/{pid}/wchan").read_text():
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    with ThreadPoolExecutor(1) as other:
        coming = other.submit(
            own.run, job(source, *calls("g", 3), case_seconds=2 * PATIENCE, total_seconds=3 * PATIENCE)
        )
        deadline = time.monotonic() + PATIENCE
        while not coming.done() and time.monotonic() < deadline:
            kill_a_sleeper()
            time.sleep(0.02)
        seen = coming.result(PATIENCE)
    assert len(killed) == 2
    assert death(seen, "g@1") == Died("crashed", "SIGKILL")
    assert [returned(seen.outcomes[f"g@{n}"]) for n in (0, 2)] == [0.0, 2.0]


def test_a_pool_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every job is told, until it can: a jail that is not there never runs a student's code unjailed."""
    monkeypatch.setattr(jail, "find_bwrap", lambda: None)
    with Pool(slots=1) as pool:
        for _ in range(2):
            with pytest.raises(SandboxFailed, match="bubblewrap"):
                pool.run(job(ECHO))
        assert not pool.ready()
        monkeypatch.undo()
        hello = None
        for _ in range(3):
            with contextlib.suppress(SandboxFailed):
                hello = pool.hello()
        assert hello is not None


def test_a_job_holds_no_secret() -> None:
    """What is sent to a child is source, inputs, limits and how to run them: no expected value."""
    assert Job.__struct_fields__ == (
        "source", "tasks", "limits", "seed", "autograd", "shown", "extra", "skip"
    )  # fmt: skip


def test_what_is_printed_once_hidden_inputs_are_there_is_dropped(pool: Pool) -> None:
    """By the task, by a handler between tasks, at the end; what shown cases print stays."""
    source = """
    import atexit, signal, sys
    inputs = []
    def tell(*_): sys.stdout.write(f"told {inputs}\\n")
    atexit.register(tell)
    signal.signal(signal.SIGALRM, tell)
    def g(x):
        inputs.append(x.item())
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        print("at", x.item())
        return x
    """
    seen = pool.run(msgspec.structs.replace(job(source, *calls("g", 6)), shown=2))
    assert "at 1.0" in seen.text
    assert not any(f"{n}.0" in seen.text for n in range(2, 6)), seen.text


def test_a_task_that_prints_too_much_pays_alone(pool: Pool) -> None:
    """What was answered before it counts, though the grader had not looked at it yet."""
    source = "def f(x):\n    return x\ndef g(x):\n    print('x' * (1 << 20))\n    return x\n"
    seen = pool.run(job(source, *calls("f", 6), *calls("g", 1)))
    assert [returned(seen.outcomes[f"f@{n}"]) for n in range(6)] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert death(seen, "g@0").cause == "output"
