"""``make chaos``: every fault in every mode, and the table, which is kept in ``docs/chaos.md``."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import traceback
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tests.chaos.experiment import Fault, Outcome, run
from tests.chaos.faults import FAULTS
from tests.chaos.services import Postgres
from tests.chaos.site import MODES, Mode
from tests.redis_server import redis_server

HEAD = f"{'fault':<30} {'mode':<20} submissions  lost  doubled  seconds  sent again"


def machine() -> str:
    """When and on what this runs. No names."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "sqlalchemy", "celery"))
    load = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {len(os.sched_getaffinity(0))} cores (load {load:.0f} at the start), "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, {packages}"
    )


def line(outcome: Outcome) -> str:
    """A line of the table."""
    return (
        f"{outcome.fault:<30} {outcome.mode:<20} {outcome.submissions:>11} {outcome.lost:>5} "
        f"{outcome.doubled:>8} {outcome.recovered_after:>8.1f} {outcome.again:>11}"
    )


def one(fault: Fault, mode: Mode, postgres: Postgres) -> Outcome | str:
    """What came of it, or why nothing did, in a sentence."""
    why = fault.lacking()
    if why is not None:
        return f"not run: {why}"
    try:
        with redis_server() if mode == "Celery" else nullcontext() as redis:
            return run(fault, mode, postgres=postgres, redis=redis)
    except Exception as error:  # noqa: BLE001 - the other experiments are done all the same
        traceback.print_exc()
        return f"FAILED: {type(error).__name__}: {error}"


def main() -> None:
    """Print a line as soon as it is known; exit 1 when something was lost, was doubled or failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", default="", help="only those with this in their names")
    parser.add_argument("--mode", default="", help="only those with this in their names")
    given = parser.parse_args()
    began, wrong = time.monotonic(), 0
    print(machine())
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's user has to come in
        postgres = Postgres(folder / "postgres")
        postgres.start()
        try:
            for fault in FAULTS:
                for mode in MODES:
                    if mode not in fault.modes or given.fault not in fault.name or given.mode not in mode:
                        continue
                    outcome = one(fault, mode, postgres)
                    if isinstance(outcome, str):
                        wrong += outcome.startswith("FAILED")
                        print(f"{fault.name:<30} {mode:<20} {outcome}", flush=True)
                    else:
                        wrong += bool(outcome.lost or outcome.doubled)
                        print(line(outcome) + (f"   {outcome.said}" if outcome.said else ""), flush=True)
        finally:
            postgres.stop()
    print(f"{time.monotonic() - began:.0f} s in all")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
