"""Golden files: the accepted and rejected submissions of an exercise, and what each must get.

What a file must get stands in its first lines: ``#: score = 6``, and for every check that
does not pass ``#: CHECK = "VERDICT CODE"``. Checks that are not named must pass.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grader.errors import ExerciseError
from grader.model.report import Report


@dataclass(frozen=True)
class Golden:
    """One submission and its due: score, and check → ``"verdict code"`` of what does not pass."""

    exercise: str
    path: Path
    score: float
    failing: dict[str, str]

    @property
    def id(self) -> str:
        """``exercise/kind/name``, for tables and tests."""
        return f"{self.exercise}/{self.path.parent.name}/{self.path.stem}"

    @property
    def accepted(self) -> bool:
        """Whether it must get full marks."""
        return self.path.parent.name == "accepted"


def read(path: Path) -> Golden:
    """The due of one file.

    :raises ExerciseError: its first lines do not say it.
    """
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    try:
        due = tomllib.loads("\n".join(line[2:] for line in lines if line.startswith("#:")))
        score = float(due.pop("score"))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        what = (
            "its first lines must say '#: score = N', and '#: CHECK = \"VERDICT CODE\"' for what fails; "
            "'grade check --write' fills them in"
        )
        raise ExerciseError(str(path), 1, what) from error
    return Golden(path.parent.parent.name, path, score, {str(k): str(v) for k, v in due.items()})


def line_of(path: Path, key: str) -> int:
    """The line of a file's head that begins with ``key``; 1 where none does."""
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.startswith("#:") and key in line), 1)


def files(folder: Path) -> list[Path]:
    """Every accepted and rejected submission under a solution's folder."""
    return [path for kind in ("accepted", "rejected") for path in sorted((folder / kind).glob("*.py"))]


def of_exercise(folder: Path) -> list[Golden]:
    """The due of each of these.

    :raises ExerciseError: the first lines of one do not say it.
    """
    return [read(path) for path in files(folder)]


def got(report: Report) -> dict[str, str]:
    """What did not pass, in the same words."""
    return {
        check.id: f"{check.verdict} {check.diagnosis.code}" if check.diagnosis else check.verdict
        for check in report.checks
        if check.verdict != "passed"
    }
