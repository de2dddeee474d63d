"""``make soak``: one pool through thousands of submissions, and what it leaves behind.

Submissions are right, wrong, broken, crashing, printing, greedy, and now and then endless; the
zygote is replaced on the way. Every so often everything comes to rest and a row is printed:
what a grader that lives for months must not collect. What grew is named at the end.

``SOAK`` is how many submissions, ``SOAK_SECONDS`` the longest that this may take.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from grader.errors import GraderError
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from grader.sandbox.zygote import Lifetime

ROOT = Path(__file__).resolve().parent.parent
COURSE: Final = ("simple-example", "non-scalar", "detach", "control-flow")
MIB: Final = 2**20
SEEDS: Final = 4
ONE_IN: Final = 400
"""So many submissions to one that takes all the time or memory it is given."""
SETTLE_SECONDS: Final = 60.0
SPARES: Final = 2
"""Of each kind, with autograd and without."""

_DYING: Final = {
    "exit": "import os\ndef f(x): os._exit(0)\n",
    "exit while read": "import os; os._exit(1)\n",
    "segmentation fault": "import ctypes\ndef f(x): ctypes.string_at(0)\n",
    "abort": "import os\ndef f(x): os.abort()\n",
    "no frame": "import os\ndef f(x): os.write(3, b'x' * 100)\n",
    "hangs up": "import os\nos.close(3)\n",
    "prints": "def f(x): print('x' * 10**6)\n",
    "prints a little": "def f(x):\n    print('hello')\n    return x\n",
    "deep": "def f(x): return f(x)\n",
    "scratch": "open('/tmp/x', 'wb').write(b'x' * (8 << 20))\ndef f(x): return x\n",
    "descriptors": "import os\nall = [os.dup(1) for _ in range(50)]\ndef f(x): return x\n",
    "not Python": "def f(x:\n",
    "empty": "",
}
_SLOW: Final = {
    "endless": "def f(x):\n    while True: pass\n",
    "memory": "import torch\nkept = []\ndef f(x):\n    while True: kept.append(torch.ones(1 << 20))\n",
}


@dataclass(frozen=True)
class Row:
    """One look at a grader at rest. Memory in MiB."""

    done: int
    a_second: float
    descriptors: int
    zombies: int
    children: int
    rss: float
    zygote: float
    tmpfs: int
    namespaces: int
    spares: int
    zygotes: int
    """How many there have been."""


MAY_GROW: Final = {"rss": 6.0, "zygote": 6.0}
"""MiB. Everything else that is watched must not grow at all."""
PER_SUBMISSION: Final = 500 / MIB
"""MiB that a zygote may keep of a submission."""
WATCHED: Final = ("descriptors", "zombies", "children", "rss", "zygote", "tmpfs", "namespaces")


def soak(
    count: int,
    every: int,
    *,
    forks: int,
    seconds: float = 3600.0,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Row], list[str]]:
    """Run ``count`` submissions; a row for each ``every`` of them, and what went wrong, in words."""
    library, truths, wrong = Library(ROOT / "exercises", ROOT / "solutions"), Truths(), []
    until = time.monotonic() + seconds
    rows: list[Row] = []
    with (
        Pool(slots=2, spares=SPARES, collapse=True, lifetime=Lifetime(forks=forks)) as pool,
        ThreadPoolExecutor(2) as threads,
    ):
        pool.hello()
        known, slow = _known(library), _slow(library)
        dying = [(name, library.get("detach"), source, False) for name, source in _DYING.items()]

        def one(n: int) -> None:
            # Of three submissions two are from solutions/ and one dies, or tries to.
            usual = dying[n // 3 % len(dying)] if n % 3 == 2 else known[n % len(known)]
            name, exercise, source, right = usual if n % ONE_IN else slow[n // ONE_IN % len(slow)]
            report = grade(exercise, Submission(source.encode(), {}, n % SEEDS), pool, truths)
            if report.status != "graded" or report.passed != right:
                wrong.append(f"{name} was judged {'right' if report.passed else 'wrong'}")

        for _ in threads.map(one, range(1, 101)):
            pass  # caches fill, threads and their arenas come to be
        say("  ".join(f"{field.name:>{_width(field.name)}}" for field in fields(Row)))
        for done in range(every, count + 1, every):
            began = time.monotonic()
            for _ in threads.map(one, range(done - every, done)):
                pass
            rate = every / (time.monotonic() - began)
            if not _rest(pool):
                wrong.append(f"after {done} submissions the pool did not come to rest: {pool.status()}")
            rows.append(_look(pool, done, rate))
            say(
                "  ".join(
                    f"{_short(v):>{_width(f.name)}}"
                    for f, v in zip(fields(Row), astuple(rows[-1]), strict=True)
                )
            )
            if time.monotonic() > until:
                say(f"stopped after {seconds:g} s")
                break
    return rows, [*grown(rows), *sorted(set(wrong))]


def grown(rows: list[Row]) -> list[str]:
    """What was always more in the last third than ever in the first."""
    third = max(1, len(rows) // 3)
    found = []
    for name in WATCHED:
        before = max(getattr(row, name) for row in rows[:third])
        after = min(getattr(row, name) for row in rows[-third:])
        if after - before > MAY_GROW.get(name, 0):
            found.append(f"{name} grew from {_short(before)} to {_short(after)}")
    found += _within_a_zygote(rows)
    if rows[-1].zombies:
        found.append(f"{rows[-1].zombies} zombies")
    return found


def _within_a_zygote(rows: list[Row]) -> list[str]:
    """A new zygote begins light, which would hide that each of them grows."""
    steps = [(b.zygote - a.zygote, b.done - a.done) for a, b in pairwise(rows) if a.zygotes == b.zygotes]
    grew, done = sum(step for step, _ in steps), sum(n for _, n in steps)
    if done and grew > MAY_GROW["zygote"] and grew / done > PER_SUBMISSION:
        return [f"a zygote grows by {grew / done * MIB:.0f} bytes a submission"]
    return []


Known = tuple[str, Exercise, str, bool]


def _known(library: Library) -> list[Known]:
    """What ``solutions/`` says must pass, and must not, of the section's own exercises.

    Of all exercises the truths at every seed would go on filling their cache for thousands of submissions.
    """
    return [
        (f"{slug}/{path.parent.name}/{path.name}", library.get(slug), path.read_text("utf-8"), right)
        for folder, right in (("accepted", True), ("rejected", False))
        for slug in COURSE
        for path in sorted((ROOT / "solutions" / slug / folder).glob("*.py"))
        if path.name != "never_ends.py"
    ]


def _slow(library: Library) -> list[Known]:
    exercise = library.get("detach")
    limits = msgspec.structs.replace(exercise.limits, case_seconds=0.3, total_seconds=1.0, memory=64 * MIB)
    short = msgspec.structs.replace(exercise, limits=limits)
    return [(name, short, source, False) for name, source in _SLOW.items()]


def _look(pool: Pool, done: int, rate: float) -> Row:
    processes = _below(os.getpid())
    status = pool.status()
    namespaces, tmpfs = _worlds([pid for pid, state in processes.items() if state != "Z"])
    return Row(
        done=done,
        a_second=rate,
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        zombies=sum(state == "Z" for state in processes.values()),
        children=len(processes),
        rss=int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / MIB,
        zygote=status.memory / MIB,
        tmpfs=tmpfs,
        namespaces=namespaces,
        spares=status.spares,
        zygotes=status.started,
    )


def _rest(pool: Pool) -> bool:
    """Wait until all is buried, the spares are back, and one zygote serves. Whether it came to that."""
    deadline = time.monotonic() + SETTLE_SECONDS
    quiet = 0
    while quiet < 5:  # a retired zygote ends, and another is not yet due
        status = pool.status()
        spares = status.spares == 2 * SPARES
        at_rest = spares and not (status.dead or status.running) and status.zygotes == 1
        quiet = quiet + 1 if at_rest else 0
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _below(root: int) -> dict[int, str]:
    """Every process below ``root``, and its state."""
    parents: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        parents[int(folder.name)] = int(parent), state
    found: dict[int, str] = {}
    generation = {root}
    while generation:
        generation = {pid for pid, (parent, _) in parents.items() if parent in generation}
        found |= {pid: parents[pid][1] for pid in generation}
    return found


def _worlds(pids: list[int]) -> tuple[int, int]:
    """Distinct namespaces of these processes that are not our own, and the tmpfs mounted in them."""
    ours = {link.readlink() for link in Path("/proc/self/ns").iterdir()}
    namespaces: set[Path] = set()
    tmpfs = 0
    for pid in pids:
        try:
            mine = {link.readlink() for link in Path(f"/proc/{pid}/ns").iterdir()}
            new = {ns for ns in mine - ours - namespaces if ns.name.startswith("mnt:")}
            if new:
                tmpfs += Path(f"/proc/{pid}/mountinfo").read_text().count(" - tmpfs ")
            namespaces |= mine - ours
        except OSError:
            continue  # not ours to look at, as an ordinary user
    return len(namespaces), tmpfs


def _short(value: float) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _width(name: str) -> int:
    return max(len(name), 6)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table; exit 1 when something grew or was misjudged."""
    count = int(sys.argv[1])
    _say(f"{count} submissions, memory in MiB, everything at rest when it is counted")
    try:
        rows, wrong = soak(
            count, max(1, min(1000, count // 3)), forks=max(200, count // 6), seconds=float(sys.argv[2]),
            say=_say,
        )  # fmt: skip
    except GraderError as error:
        sys.exit(f"soak: {error}")
    _say(f"{rows[-1].done} submissions, {rows[-1].zygotes} zygotes")
    _say("leaks: " + ("; ".join(wrong) if wrong else "none"))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
