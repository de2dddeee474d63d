"""A course of one exercise, the template as ``grade new`` writes it, to be broken in one place or another."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.authoring.findings import Proof
from grader.authoring.new import begin
from grader.authoring.proof import prove
from grader.exercises import Library
from grader.grading import Truths
from grader.grading.plan import make_plan
from grader.grading.published import publish
from grader.sandbox.pool import Pool

SLUG = "x-cubed"


class Course:
    """The folders ``exercises`` and ``solutions`` under ``root``, with the exercise ``x-cubed``."""

    def __init__(self, root: Path, pool: Pool, like: Course | None = None) -> None:
        self.root, self._pool = root, pool
        self.exercises, self.solutions = root / "exercises", root / "solutions"
        self.exercise, self.solution = self.exercises / SLUG, self.solutions / SLUG
        if like is None:
            begin(SLUG, self.exercises, self.solutions, "The cube", "立方")
            self.publish()
        else:
            shutil.copytree(like.exercises, self.exercises)
            shutil.copytree(like.solutions, self.solutions)

    def file(self, name: str) -> Path:
        """A file of either folder (``exercise.toml``, ``accepted/01_formula.py``); new ones of a solution."""
        return next(
            (f / name for f in (self.exercise, self.solution) if (f / name).exists()), self.solution / name
        )

    def change(self, name: str, old: str, new: str) -> None:
        """Put ``new`` for ``old``, which must be there."""
        text = self.file(name).read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        self.file(name).write_text(text.replace(old, new), encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a whole file."""
        self.file(name).write_text(text, encoding="utf-8")

    def line(self, name: str, piece: str) -> int:
        """The line (from 1) where ``piece``, which must be there, begins in a file; 1 for an empty one."""
        text = self.file(name).read_text(encoding="utf-8") if piece else ""
        return text[: text.index(piece)].count("\n") + 1

    def library(self) -> Library:
        """The course as it is now on disk."""
        return Library(self.exercises, self.solutions)

    def publish(self) -> None:
        """As ``grade publish``."""
        plan = make_plan(self.library().get(SLUG), 0)
        text = publish(plan, Truths().of(plan, self._pool))
        (self.exercise / "visible.json").write_text(text, encoding="utf-8")

    def prove(self, draws: int = 0) -> Proof:
        """As ``grade check --draws``."""
        return prove(self.library(), SLUG, self._pool, Truths(), draws=draws)

    def found(self) -> list[str]:
        """What a proof finds, as it is printed, with the paths inside their folders."""
        return [
            str(finding).replace(f"{self.exercise}/", "").replace(f"{self.solution}/", "")
            for finding in self.prove().findings
        ]
