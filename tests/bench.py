"""``make bench``: speed, as ratios taken in one run, one line each.

"Plain" is a bare ``os.fork`` of a process that has imported torch (one thread) and nothing more,
doing the same work – run the file, do the same tasks in the same harness, encode the same frames – and
``os._exit`` after: no jail, no huge pages, no judging. "Warm plain" has also run our
rehearsal and frozen its garbage collector, so that only the fork itself, huge pages and spares are left
to tell it from ours. All are measured in turn, each after a rest, so that neither a machine
whose speed drifts nor caches that another has filled favour any.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.authoring.finder import figures, table
from grader.errors import GraderError
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.plan import make_plan
from grader.model.exercise import Exercise
from grader.model.job import Job
from grader.model.submission import Submission
from grader.sandbox import wire
from grader.sandbox.hugepages import private_bytes
from grader.sandbox.jail import ENVIRONMENT
from grader.sandbox.pool import Pool
from grader.sandbox.zygote import Zygote

ROOT = Path(__file__).resolve().parent.parent
COURSE = ("simple-example", "non-scalar", "detach", "control-flow")
"""The section's own exercises, on which the ratios are taken."""

_PLAIN = """
import gc, os, struct, sys, time
import torch
from grader.sandbox import wire
from grader.sandbox.inside import child, harness
torch.set_num_threads(1)
if sys.argv[1:] == ["warm"]:
    child.warm()
    gc.collect(); gc.freeze(); gc.disable()
decoder = wire.Decoder(wire.Run, 1 << 26)
source, sink = sys.stdin.buffer, sys.stdout.buffer
while True:
    head = source.read(4)
    if not head:
        break
    (run,) = decoder.feed(source.read(struct.unpack("<I", head)[0]))
    started = time.perf_counter()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        harness.observe(run.job, {}, writing)
        os._exit(0)
    os.close(writing)
    while os.read(reading, 1 << 16):
        pass
    os.waitpid(pid, 0)
    took = time.perf_counter() - started
    os.close(reading)
    sink.write(struct.pack("<d", took))
    sink.flush()
"""


class Plain:
    """The bare fork, in a process of its own (this one never imports torch)."""

    def __init__(self, *how: str) -> None:
        environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PLAIN, *how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def __call__(self, job: Job) -> float:
        """Seconds from before the fork to after the wait."""
        assert self._process.stdin is not None and self._process.stdout is not None
        frame = wire.encode(wire.Run(job))
        self._process.stdin.write(len(frame).to_bytes(4, "little") + frame)
        self._process.stdin.flush()
        return float(struct.unpack("<d", self._process.stdout.read(8))[0])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _rested(measure: Callable[[], float]) -> float:
    """Measure after a pause, as between two students: spares are refilled, and nobody's caches are warm."""
    time.sleep(0.03)
    return measure()


def _say(name: str, ours: list[float], other: list[float], at_most: float | None) -> None:
    """One line: both medians in milliseconds, the median of the pairwise ratios, and what was asked for."""
    ratio = statistics.median(a / b for a, b in zip(ours, other, strict=True))
    bound = "" if at_most is None else f"   (at most {at_most:g})"
    print(
        f"{name:<44} {1e3 * statistics.median(ours):8.2f} ms / {1e3 * statistics.median(other):8.2f} ms"
        f"   ratio {ratio:5.2f}{bound}"
    )


def cold(rounds: int) -> None:
    """``grade run`` from a cold start against ``python -c "import torch"``."""
    grade_run = [
        str(Path(sys.executable).with_name("grade")), "run", "control-flow",
        str(ROOT / "solutions/control-flow/accepted/01_from_the_value.py"), "--json",
    ]  # fmt: skip
    importing = [sys.executable, "-c", "import torch"]
    quiet = {"stdout": subprocess.DEVNULL, "cwd": ROOT}
    for command in (grade_run, importing):
        subprocess.run(command, check=True, **quiet)  # type: ignore[call-overload]
    ours, other = [], []
    for _ in range(rounds):
        ours.append(_timed(lambda: subprocess.run(grade_run, check=True, **quiet)))  # type: ignore[call-overload]
        other.append(_timed(lambda: subprocess.run(importing, check=True, **quiet)))  # type: ignore[call-overload]
    _say("cold: grade run / import torch", ours, other, 1.4)


def warm(rounds: int) -> None:
    """From Job to Report in full isolation, against the bare fork doing the same work."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    truths, plain, warmed = Truths(), Plain(), Plain("warm")
    with Pool(slots=2, spares=2, collapse=True) as spared, Pool(slots=2, collapse=True) as bare:
        try:
            spared.hello(), bare.hello()
            names = ("spare", "demand", "plain", "warm")
            everything: dict[str, list[float]] = {name: [] for name in names}
            for slug in COURSE:
                exercise = library.get(slug)
                submission = Submission(_accepted(slug))
                job = _whole(exercise, submission.source)
                grade(exercise, submission, spared, truths)
                measures: dict[str, Callable[[], float]] = {
                    "spare": lambda: _timed(lambda: grade(exercise, submission, spared, truths)),
                    "demand": lambda: _timed(lambda: grade(exercise, submission, bare, truths)),
                    "plain": lambda: plain(job),
                    "warm": lambda: warmed(job),
                }
                took: dict[str, list[float]] = {name: [] for name in names}
                for n in range(rounds + 3):
                    for k in range(4):
                        name = names[(n + k) % 4]
                        seconds = _rested(measures[name])
                        if n >= 3:
                            took[name].append(seconds)
                _say(f"warm, spare ready: {slug} / plain", took["spare"], took["plain"], None)
                for name in names:
                    everything[name] += took[name]
            _say("warm, spare ready: all / plain", everything["spare"], everything["plain"], 0.6)
            _say("warm, fork on demand: all / plain", everything["demand"], everything["plain"], None)
            _say("warm, spare ready: all / warm plain", everything["spare"], everything["warm"], None)
            _say("warm, fork on demand: all / warm plain", everything["demand"], everything["warm"], None)
        finally:
            plain.close()
            warmed.close()


def _whole(exercise: Exercise, source: bytes) -> Job:
    """All that is asked of a submission in our two children, as one job of a bare fork, with autograd."""
    plan = make_plan(exercise, 0)
    return Job(source, (*plan.tasks, *plan.plain), exercise.limits, 0)


def _accepted(slug: str) -> bytes:
    """The first accepted submission of an exercise."""
    return sorted((ROOT / "solutions" / slug / "accepted").glob("*.py"))[0].read_bytes()


def judging() -> None:
    """What grading costs besides the child, on every exercise: a right answer, and wrong ones to explain."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    truths = Truths()
    right: list[float] = []
    wrong: list[float] = []
    with Pool(slots=1, spares=1, collapse=True) as pool:
        for exercise in library.all():
            grade(exercise, Submission(_accepted(exercise.slug)), pool, truths)
            for folder, took in (("accepted", right), ("rejected", wrong)):
                for path in sorted((ROOT / "solutions" / exercise.slug / folder).glob("*.py")):
                    took.append(_judging(exercise, Submission(path.read_bytes()), pool, truths))
    every = right + wrong
    for name, seconds in (("right", right), ("wrong, explained", wrong), (f"all {len(every)}", every)):
        print(
            f"{f'judging alone, {name}':<44} {1e3 * statistics.median(seconds):8.2f} ms"
            f"   (at most 1; {len(library.slugs())} exercises)"
        )


def reasons() -> None:
    """How often the reason of a wrong answer is found, over all exercises and all their wrong answers."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    with Pool(slots=2, spares=2, collapse=True) as pool:
        rows = list(table(library, library.slugs(), pool, Truths()))
    kinds = {e.slug: {c.id: c.kind for c in e.checks} for e in library.all()}
    gradients = [row for row in rows if kinds[row.exercise][row.check] != "value"]
    for name, chosen in (("wrong gradients", gradients), ("all wrong answers", rows)):
        alone, both, wrong = figures(chosen)
        print(
            f"{f'reasons, {len(chosen)} {name}':<44} alone {alone:6.1%}   with the author's {both:6.1%}"
            f"   wrong {wrong}   (at least 80 %, 97 %, 0)"
        )


def _judging(exercise: object, submission: Submission, pool: Pool, truths: Truths) -> float:
    """Seconds of one grading that were not the child's."""

    class Timed:
        seconds = 0.0

        def run(self, job: Job, library: dict[str, bytes] | None = None) -> object:
            started = time.perf_counter()
            seen = pool.run(job, library)
            Timed.seconds += time.perf_counter() - started
            return seen

        def run_both(self, first: Job, second: Job) -> object:
            started = time.perf_counter()
            seen = pool.run_both(first, second)
            Timed.seconds += time.perf_counter() - started
            return seen

    total = _timed(lambda: grade(exercise, submission, Timed(), truths))  # type: ignore[arg-type]
    return total - Timed.seconds


def throughput(jobs: int) -> None:
    """Submissions a second: the bare fork and ours on both cores, and ours pinned to one."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    exercise = library.get("detach")
    source = _accepted("detach")
    job = _whole(exercise, source)
    truths = Truths()

    def ours(slots: int, cores: set[int]) -> float:
        """Submissions a second of a pool of its own, confined to ``cores`` from its first process on."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores)
        try:
            with (
                Pool(slots=slots + 1, spares=slots + 1, collapse=True) as pool,
                ThreadPoolExecutor(slots + 2) as threads,
            ):
                for _ in range(4):
                    grade(exercise, Submission(source), pool, truths)
                work = lambda _: grade(exercise, Submission(source), pool, truths)  # noqa: E731
                return jobs / _timed(lambda: list(threads.map(work, range(jobs))))
        finally:
            os.sched_setaffinity(0, before)

    def plain() -> float:
        """Submissions a second of one bare-forking process a core."""
        processes = [Plain() for _ in range(2)]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda p: p(job), processes))
            share = jobs // 2
            took = _timed(lambda: list(threads.map(lambda p: [p(job) for _ in range(share)], processes)))
        for process in processes:
            process.close()
        return 2 * share / took

    cores = sorted(os.sched_getaffinity(0))
    rows = [(ours(2, set(cores)), plain(), ours(1, set(cores[:1]))) for _ in range(3)]
    both, bare, one = (statistics.median(row[k] for row in rows) for k in range(3))
    over_plain = statistics.median(row[0] / row[1] for row in rows)
    over_one = statistics.median(row[0] / row[2] for row in rows)
    print(
        f"{'throughput, both cores / plain on both':<44} {both:8.0f} /s / {bare:8.0f} /s"
        f"   ratio {over_plain:5.2f}   (at least 1.2)"
    )
    print(
        f"{'throughput, both cores / one core':<44} {both:8.0f} /s / {one:8.0f} /s"
        f"   ratio {over_one:5.2f}   (at least 1.6)"
    )


def isolation(rounds: int) -> None:
    """What the jail costs: namespaces, filter and all against plain processes of the same pool."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    exercise = library.get("detach")
    source = _accepted("detach")
    truths = Truths()
    with (
        Pool(slots=1, spares=1, collapse=True) as jailed,
        Pool(slots=1, spares=1, weak=True, collapse=True) as bare,
    ):
        on, off = [], []
        for n in range(rounds + 3):
            time.sleep(0.03)
            a = _timed(lambda: grade(exercise, Submission(source), jailed, truths))
            b = _timed(lambda: grade(exercise, Submission(source), bare, truths))
            if n >= 3:
                on.append(a)
                off.append(b)
    _say("isolation: jail on / jail off", on, off, 1.25)


def memory() -> None:
    """What a waiting spare holds for itself, and both zygotes and a spare of each beside a torch process."""
    zygote = Zygote.start(lasting=True)
    try:
        zygote.wait_until_warm()
        zygote.collapse()
        spares = []
        for autograd in (True, False):
            spare = zygote.fork(autograd=autograd)
            spare.channel.settimeout(30)
            spare.channel.recv(1 << 16)  # it is jailed and warm
            spares.append(spare.private_bytes())
            spare.kill()
            spare.bury()
            spare.close()
        mine = max(spares)
        slot = zygote.proportional_bytes() + sum(spares)
    finally:
        zygote.close()
    torch = subprocess.Popen(
        [sys.executable, "-c", "import torch, sys; torch.ones(2).sum(); print(flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert torch.stdout is not None
    torch.stdout.readline()
    plain = private_bytes(torch.pid)
    torch.communicate(b"")
    print(f"{'memory: a waiting spare, private':<44} {mine / 2**20:8.1f} MiB   (under 12)")
    print(
        f"{'memory: both zygotes, spares / torch':<44} {slot / 2**20:8.1f} MiB / {plain / 2**20:8.1f} MiB"
        f"   ratio {slot / plain:5.2f}   (two warm processes)"
    )


def ready(rounds: int) -> None:
    """From nothing to a zygote that can fork, against ``import torch``."""

    def start() -> None:
        zygote = Zygote.start()
        zygote.wait_until_warm()
        zygote.close()

    importing = [sys.executable, "-c", "import torch"]
    start()
    ours, other = [], []
    for _ in range(rounds):
        ours.append(_timed(start))
        other.append(_timed(lambda: subprocess.run(importing, check=True)))
    _say("zygote ready / import torch", ours, other, 1.4)


def main() -> None:
    """Print every line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("only", nargs="*", help="these parts alone, in their order")
    given = parser.parse_args()
    rounds = given.rounds
    parts: dict[str, Callable[[], None]] = {
        "cold": lambda: cold(max(3, rounds // 6)),
        "ready": lambda: ready(max(3, rounds // 6)),
        "warm": lambda: warm(rounds),
        "judging": judging,
        "isolation": lambda: isolation(rounds),
        "throughput": lambda: throughput(rounds * 15),
        "memory": memory,
        "reasons": reasons,
    }
    if unknown := set(given.only) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {json.dumps(os.uname().release)}")
    try:
        for name, part in parts.items():
            if not given.only or name in given.only:
                part()
    except GraderError as error:
        sys.exit(f"bench: {error}")


if __name__ == "__main__":
    main()
