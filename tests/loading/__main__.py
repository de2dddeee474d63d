"""``make load``: print every figure. ``--only PART`` for one of them; ``--help`` lists them."""

from __future__ import annotations

import argparse
import sys
import time

from tests.loading import deadline, growth, ladder, record
from tests.loading.printing import say, short
from tests.loading.record import cores
from tests.loading.services import embedded, with_workers
from tests.loading.students import capacity

PARTS = ("ladder", "sign-in", "rush", "fairness", "slow", "workers", "slots", "growth")


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
    parts = given.only or PARTS
    began = time.monotonic()
    for line in record.lines():
        say("", line)
    alone = 0.0
    if {"rush", "workers"} & set(parts):
        alone = capacity(200, cores() + 1)
        say("the pool alone", f"{alone:6.1f} /s on {cores() + 1} slots")
    if set(parts) - {"workers", "slots", "growth"}:
        say("", "embedded: one process on SQLite")
        with embedded(max(given.students, given.sign_ins, 61)) as service:
            if "ladder" in parts:
                try:
                    ladder.climb(service, given.steps, given.step)
                except LookupError as lacking:
                    say("the ladder: not measured", str(lacking))
            if "rush" in parts:
                deadline.throughput(service, alone, given.best)
                deadline.deadline_rush(service, given.students, given.each, given.seconds)
            if "fairness" in parts:
                deadline.fairness(service)
            if "slow" in parts:
                deadline.slow_clients(service)
            if "sign-in" in parts:
                deadline.sign_in_burst(service, given.sign_ins)
    if "workers" in parts:
        say("", "workers: pages and one worker, on PostgreSQL and Redis")
        try:
            with with_workers(max(given.students, 61)) as service:
                deadline.throughput(service, alone, given.best)
                deadline.deadline_rush(service, given.students, given.each, given.seconds)
        except LookupError as lacking:
            say("    not measured", str(lacking))
    if "slots" in parts:
        growth.slots(lambda number: capacity(100, number), given.best // 4)
    if "growth" in parts:
        growth.table(given.largest)
    say("", f"took {time.monotonic() - began:.0f} s; short: {', '.join(dict.fromkeys(short)) or 'nothing'}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
