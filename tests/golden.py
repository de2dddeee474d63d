"""The accepted and rejected submissions under ``solutions/``, and what each must get.

What a file must get stands in its first lines: ``#: score = 6``, and for every check that
does not pass ``#: CHECK = "VERDICT CODE"``. Checks that are not named must pass.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Golden:
    """One submission and its due: score, and check → ``"verdict code"`` of what does not pass."""

    exercise: str
    path: Path
    score: float
    failing: dict[str, str]

    @property
    def id(self) -> str:
        """For pytest."""
        return f"{self.exercise}/{self.path.parent.name}/{self.path.stem}"


def read(path: Path) -> Golden:
    """The due of one file."""
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    due = tomllib.loads("\n".join(line[2:] for line in lines if line.startswith("#:")))
    score = float(due.pop("score"))
    return Golden(path.parent.parent.name, path, score, due)


def everything() -> list[Golden]:
    """Every accepted and rejected submission of every exercise."""
    return [
        read(path)
        for kind in ("accepted", "rejected")
        for path in sorted(ROOT.glob(f"solutions/*/{kind}/*.py"))
    ]
