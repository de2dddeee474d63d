"""``make bench``: speed, as ratios taken in one run, one line each.

"Plain" is a bare ``os.fork`` of a process that has torch loaded and warm, doing the same
work (run the file, do the same tasks, encode the same frames) and ``os._exit`` after, with
no jail, no huge pages and no judging. Ours and plain are measured in turn, job by job, so
that a machine whose speed drifts drifts for both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from grader.errors import GraderError
from grader.grading import Truths, grade
from grader.grading.plan import make_plan
from grader.library import Library
from grader.model.job import Job
from grader.model.submission import Submission
from grader.sandbox import wire
from grader.sandbox.jail import ENVIRONMENT
from grader.sandbox.pool import Pool

ROOT = Path(__file__).resolve().parent.parent

_PLAIN = """
import gc, os, struct, sys, time
import torch
from grader.sandbox import child, harness, wire
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

    def __init__(self) -> None:
        environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PLAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )

    def __call__(self, job: Job) -> float:
        """Seconds from before the fork to after the wait."""
        assert self._process.stdin is not None and self._process.stdout is not None
        frame = wire.encode(wire.Run(job))
        self._process.stdin.write(len(frame).to_bytes(4, "little") + frame)
        self._process.stdin.flush()
        import struct

        return float(struct.unpack("<d", self._process.stdout.read(8))[0])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


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
    truths, plain = Truths(), Plain()
    judging: list[float] = []
    with Pool(slots=2, spares=2, collapse=True) as spared, Pool(slots=2, collapse=True) as bare:
        try:
            spared.hello(), bare.hello()
            everything: tuple[list[float], list[float], list[float]] = ([], [], [])
            for slug in library.slugs():
                exercise = library.get(slug)
                source = sorted((ROOT / "solutions" / slug / "accepted").glob("*.py"))[0].read_bytes()
                submission = Submission(source)
                job = Job(source, make_plan(exercise, 0).tasks, exercise.limits, 0)
                grade(exercise, submission, spared, truths)
                with_spare, on_demand, forked = [], [], []
                for n in range(rounds + 3):
                    time.sleep(0.03)  # the keeper refills its spares, as between two students
                    a = _timed(lambda: grade(exercise, submission, spared, truths))
                    b = _timed(lambda: grade(exercise, submission, bare, truths))
                    c = plain(job)
                    if n >= 3:
                        with_spare.append(a), on_demand.append(b), forked.append(c)
                _say(f"warm, spare ready: {slug} / plain", with_spare, forked, None)
                for whole, part in zip(everything, (with_spare, on_demand, forked), strict=True):
                    whole.extend(part)
                judging += [_judging(exercise, submission, spared, truths) for _ in range(5)]
            _say("warm, spare ready: all / plain", everything[0], everything[2], 1.5)
            _say("warm, fork on demand: all / plain", everything[1], everything[2], 1.5)
            print(f"{'judging alone (all but the child)':<44} {1e3 * statistics.median(judging):8.2f} ms")
        finally:
            plain.close()


def _judging(exercise: object, submission: Submission, pool: Pool, truths: Truths) -> float:
    """Seconds of one grading that were not the child's."""

    class Timed:
        seconds = 0.0

        def run(self, job: Job, library: dict[str, bytes] | None = None) -> object:
            started = time.perf_counter()
            seen = pool.run(job, library)
            Timed.seconds = time.perf_counter() - started
            return seen

    total = _timed(lambda: grade(exercise, submission, Timed(), truths))  # type: ignore[arg-type]
    return total - Timed.seconds


def throughput(jobs: int) -> None:
    """Submissions a second on one slot and on two, against the bare fork one after another."""
    from concurrent.futures import ThreadPoolExecutor

    library = Library(ROOT / "exercises", ROOT / "solutions")
    exercise = library.get("detach")
    source = sorted((ROOT / "solutions/detach/accepted").glob("*.py"))[0].read_bytes()
    truths, rates = Truths(), {}
    for slots in (1, 2):
        with Pool(slots=slots, spares=slots, collapse=True) as pool, ThreadPoolExecutor(slots) as threads:
            grade(exercise, Submission(source), pool, truths)
            took = _timed(
                lambda: list(
                    threads.map(lambda _: grade(exercise, Submission(source), pool, truths), range(jobs))
                )
            )
            rates[slots] = jobs / took
    plain = Plain()
    job = Job(source, make_plan(exercise, 0).tasks, exercise.limits, 0)
    plain(job)
    took = _timed(lambda: [plain(job) for _ in range(jobs)])
    plain.close()
    print(
        f"{'throughput: one slot, two slots, plain':<44} {rates[1]:8.0f} /s {rates[2]:8.0f} /s"
        f" {jobs / took:8.0f} /s   two over one {rates[2] / rates[1]:.2f}"
    )


def main() -> None:
    """Print every line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {json.dumps(os.uname().release)}")
    try:
        cold(max(3, rounds // 6))
        warm(rounds)
        throughput(rounds * 4)
    except GraderError as error:
        sys.exit(f"bench: {error}")


if __name__ == "__main__":
    main()
