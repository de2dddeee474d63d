"""Findings of a proof: complaints, each ``file:line: what``, and the tables beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.authoring.finder import Named
from grader.exercises.toml_files import find_line


@dataclass(frozen=True)
class Finding:
    """One thing that is not sound."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Row:
    """How far two answers of one check lie apart at the cases a student cannot see.

    :ivar tolerances: the widest gap over all hidden entries, in tolerances of comparison.
    :ivar case: where it is widest.
    """

    check: str
    one: str
    other: str
    tolerances: float
    case: str


@dataclass
class Proof:
    """The proof of one exercise.

    :ivar separation: the closest pairs stand first.
    :ivar survivors: mutants that no check notices.
    :ivar equivalent: mutants that the author says cannot be noticed.
    :ivar named: what the finder says of each misconception, with and without the author's word.
    :ivar caught: mutants that some check notices. :ivar seconds: how long it took.
    """

    slug: str
    findings: list[Finding] = field(default_factory=list)
    separation: list[Row] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    equivalent: list[str] = field(default_factory=list)
    caught: int = 0
    submissions: int = 0
    variants: int = 0
    seconds: float = 0.0
    named: list[Named] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def mutation_score(self) -> float:
        """Caught mutants in all that could be; 1 where there are none."""
        total = self.caught + len(self.survivors)
        return self.caught / total if total else 1.0


class Folder:
    """An exercise's two folders, for complaints with a line."""

    def __init__(self, exercise: Path, solution: Path | None) -> None:
        self.exercise, self.solution = exercise, solution

    def in_exercise(self, what: str, where: str = "", name: str = "exercise.toml") -> Finding:
        """A complaint about a file that students see; ``where`` is a path such as ``$.check[2].points``."""
        return _finding(self.exercise / name, where, what)

    def in_solution(self, what: str, where: str = "", name: str = "solution.toml") -> Finding:
        """A complaint about a file that only the grader sees."""
        assert self.solution is not None
        return _finding(self.solution / name, where, what)

    def at(self, path: Path, line: int, what: str) -> Finding:
        """A complaint about a known line."""
        return Finding(str(path), line, what)


def _finding(path: Path, where: str, what: str) -> Finding:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    line = find_line(text, where) if where.startswith("$") else _line_of(text, where)
    return Finding(str(path), line, what)


def _line_of(text: str, piece: str) -> int:
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if piece and piece in line), 1)
