"""``make chaos``: every fault in every mode, and the table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.experiment import Outcome, run
from tests.chaos.faults import FAULTS
from tests.chaos.services import Postgres, Redis
from tests.chaos.site import MODES


def main() -> None:
    """Print a line as soon as it is known; exit 1 when something was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", default="", help="only those with this in their names")
    parser.add_argument("--mode", default="", help="only those with this in their names")
    given = parser.parse_args()
    began, outcomes, broken = time.monotonic(), list[Outcome](), 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = Postgres(folder / "postgres")
        postgres.start()
        redis = Redis(folder / "redis")
        redis.start()
        print(f"{'fault':<36} {'mode':<22} {'submissions':>11} {'lost':>5} {'doubled':>7} {'seconds':>8}")
        try:
            for fault in FAULTS:
                for mode in MODES:
                    if given.fault not in fault.name or given.mode not in mode or mode not in fault.modes:
                        continue
                    why = fault.lacking()
                    if why is not None:
                        print(f"{fault.name:<36} {mode:<22} not run: {why}", flush=True)
                        continue
                    started = time.monotonic()
                    try:
                        out = run(fault, mode, postgres=postgres, redis=redis)
                    except AssertionError as error:
                        broken += 1
                        print(f"{fault.name:<36} {mode:<22} FAILED: {error}", flush=True)
                        continue
                    outcomes.append(out)
                    print(
                        f"{fault.name:<36} {mode:<22} {out.submissions:>11} {out.lost:>5} {out.doubled:>7} "
                        f"{out.recovered_after:>8.1f}   ({out.refusals} sent again; "
                        f"{time.monotonic() - started:.0f} s in all) {out.said}",
                        flush=True,
                    )
        finally:
            redis.stop()
            postgres.stop()
    print(f"{time.monotonic() - began:.0f} s in all")
    sys.exit(bool(broken or any(out.lost or out.doubled for out in outcomes)))


if __name__ == "__main__":
    main()
