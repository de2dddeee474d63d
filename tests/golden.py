"""The submissions of all exercises under ``solutions/``, and what each must get."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.golden import Golden, of_exercise, read

ROOT = Path(__file__).resolve().parent.parent


def everything() -> list[Golden]:
    """Every accepted and rejected submission of every exercise."""
    return [golden for folder in sorted(ROOT.glob("solutions/*/")) for golden in of_exercise(folder)]


__all__ = ["ROOT", "Golden", "everything", "read"]
