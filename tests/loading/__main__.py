"""``make load``: print every figure. ``--only PART`` for one of them; ``--help`` lists them."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable

from tests.loading import deadline, growth, ladder, reading, record
from tests.loading.printing import say, short
from tests.loading.record import NotHere, cores
from tests.loading.services import Service, embedded, with_workers
from tests.loading.students import capacity

PARTS = ("ladder", "reading", "sign-in", "rush", "fairness", "slow", "workers", "slots", "growth")


def main() -> int:
    """Print every line; 1 when a figure is short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="may be given more than once")
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--each", type=int, default=3, help="submissions of each student in the rush")
    parser.add_argument("--seconds", type=float, default=60.0, help="within which all of them hand in")
    parser.add_argument("--best", type=int, default=600, help="submissions as fast as it goes")
    parser.add_argument("--step", type=float, default=8.0, help="seconds of a step of the ladder")
    parser.add_argument("--steps", type=int, default=5, help="of the ladder, at most")
    parser.add_argument("--sign-ins", type=int, default=150)
    parser.add_argument(
        "--largest", type=int, default=10**6, help="stored submissions, in the table of growth"
    )
    given = parser.parse_args()
    # Whoever ends it ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parts = given.only or PARTS
    began = time.monotonic()
    for line in record.lines():
        say("", line)
    if set(parts) - {"workers", "slots", "growth"}:
        say("", "embedded: one process on SQLite")
        with embedded(max(given.students, given.sign_ins, 61)) as service:
            acts: dict[str, Callable[[], object]] = {
                "ladder": lambda: ladder.climb(service, given.steps, given.step),
                "reading": lambda: reading.pages(service, given.step),
                "rush": lambda: _rush(service, given),
                "fairness": lambda: deadline.fairness(service),
                "slow": lambda: deadline.slow_clients(service),
                "sign-in": lambda: deadline.sign_in_burst(service, given.sign_ins),
            }
            for name, act in acts.items():
                if name in parts:
                    _try(name, act)
    if "workers" in parts:
        say("", "workers: pages and one worker, on PostgreSQL and Redis")
        _try("workers", lambda: _with_workers(given))
    if "slots" in parts:
        _try("slots", lambda: growth.slots(lambda number: capacity(100, number), given.best // 4))
    if "growth" in parts:
        _try("growth", lambda: growth.table(given.largest))
    say("", f"took {time.monotonic() - began:.0f} s; short: {', '.join(dict.fromkeys(short)) or 'nothing'}")
    return 1 if short else 0


def _rush(service: Service, given: argparse.Namespace) -> None:
    deadline.throughput(service, lambda: capacity(300, cores() + 1), given.best)
    deadline.deadline_rush(service, given.students, given.each, given.seconds)


def _with_workers(given: argparse.Namespace) -> None:
    with with_workers(max(given.students, 61)) as service:
        _rush(service, given)


def _try(name: str, act: Callable[[], object]) -> None:
    """One part; what keeps it from being measured is said, and the others are."""
    try:
        act()
    except NotHere as lacking:
        say(f"{name}: not measured", str(lacking))
    except Exception as error:  # noqa: BLE001 - said, and the exit code is 1
        say(f"{name}: not measured", f"{type(error).__name__}: {error}"[:300])
        short.append(name)


if __name__ == "__main__":
    sys.exit(main())
