"""``make load-independence``: verdicts do not depend on what else the machine does.

The accepted and rejected files of the catalogue are judged twice: one after the other on an idle pool, and
then all at once, by four times as many threads as the pool has slots, in another order, with references that
have to be run, too. What must be equal is the outcome (:mod:`grader.model.outcome`): scores, reasons,
sentences.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Exercise
from grader.model.outcome import differing, digest_of
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

ROOT = Path(__file__).resolve().parent.parent
TIMES = 4


@dataclass(frozen=True)
class Answer:
    """A file of the catalogue."""

    name: str
    exercise: Exercise
    submission: Submission


def answers(library: Library, most: int) -> list[Answer]:
    """So many files, the same ones each time, spread over all exercises."""
    found = []
    for path in ROOT.glob("solutions/*/*/*.py"):
        if path.parent.name in ("accepted", "rejected"):
            name = str(path.relative_to(ROOT / "solutions"))
            # The name draws the hidden cases, and the place in the order.
            seed = zlib.crc32(name.encode())
            exercise = library.get(path.parent.parent.name)
            found.append((seed, Answer(name, exercise, Submission(path.read_bytes(), seed=seed))))
    return [answer for _seed, answer in sorted(found, key=lambda pair: pair[0])[:most]]


def judge(given: Sequence[Answer], sandbox: Pool, threads: int) -> dict[str, Report]:
    """Their reports, with truths that nobody has worked out before."""
    truths = Truths()
    one: Callable[[Answer], Report] = lambda each: grade(each.exercise, each.submission, sandbox, truths)  # noqa: E731
    with ThreadPoolExecutor(threads) as workers:
        return dict(zip((each.name for each in given), workers.map(one, given), strict=True))


def compare(idle: dict[str, Report], loaded: dict[str, Report]) -> dict[str, list[str]]:
    """What came out otherwise, by file."""
    return {
        name: differing(report, loaded[name])
        for name, report in idle.items()
        if digest_of(report) != digest_of(loaded[name])
    }


def main() -> int:
    """Print what was judged, how long it took, and what differs; 1 where anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--slots", type=int, default=3)
    given = parser.parse_args()
    chosen = answers(Library(ROOT / "exercises", ROOT / "solutions"), given.answers)
    shuffled = random.Random(7).sample(chosen, len(chosen))
    with Pool(slots=given.slots, spares=given.slots, collapse=True) as pool:
        pool.hello()
        reports, seconds = [], []
        for order, threads in ((chosen, 1), (shuffled, TIMES * given.slots)):
            began = time.monotonic()
            reports.append(judge(order, pool, threads))
            seconds.append(time.monotonic() - began)
    differ = compare(*reports)
    slower = statistics.median(
        reports[1][name].duration_ms / max(0.1, report.duration_ms) for name, report in reports[0].items()
    )
    full = sum(report.passed for report in reports[0].values())
    limited = sum(report.limited for report in reports[0].values())
    print(
        f"load-independence: {len(chosen)} answers ({full} with full marks, {limited} that meet a limit); "
        f"one at a time {seconds[0]:.1f} s, {TIMES * given.slots} at once {seconds[1]:.1f} s (each takes "
        f"{slower:.1f} × as long); different outcomes: {len(differ)}"
    )
    for name, what in sorted(differ.items()):
        print(f"load-independence:   {name}: {', '.join(what)}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
