"""``python -m tests.fuzz --seconds 60``: atheris on every target, each for its share of the time."""

# ruff: noqa: T201 - it is there to print

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """One process for each target: atheris never returns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    parser.add_argument("--target", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.target is not None:
        return _fuzz(chosen.target, chosen.corpus, chosen.seconds)
    from .targets import TARGETS

    share = max(2, chosen.seconds // len(TARGETS))
    failed = 0
    for number, target in enumerate(TARGETS):
        with tempfile.TemporaryDirectory() as corpus:
            for n, seed in enumerate(target.seeds):
                (Path(corpus) / f"seed-{n}").write_bytes(seed)
            again = [sys.executable, "-m", "tests.fuzz", "--seconds", str(share)]
            run = subprocess.run(
                [*again, "--target", str(number), "--corpus", corpus],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=share + 120,
                check=False,
            )
        runs = [line for line in run.stderr.splitlines() if line.startswith("Done ")]
        print(f"{target.name:28} {runs[-1] if runs else f'FAILED with status {run.returncode}'}", flush=True)
        if run.returncode != 0 or not runs:
            failed += 1
            print(run.stdout[-2000:], run.stderr[-4000:], sep="\n")
    return 1 if failed else 0


def _fuzz(number: int, corpus: str, seconds: int) -> int:
    import atheris

    # What is to be instrumented must not have been imported before.
    watched = ["grader.sandbox.wire", "grader.sandbox.bounds", "grader.checks.typed"]
    with atheris.instrument_imports(include=watched):
        from .targets import TARGETS as instrumented

    feed = instrumented[number].feed
    options = [
        f"-max_total_time={seconds}",
        "-max_len=8192",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=0",
    ]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", corpus], feed)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
