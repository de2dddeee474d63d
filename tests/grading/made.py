"""Exercises made up for a test: written to disk, loaded, and handed something in."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.exercise import Exercise
from grader.model.report import CheckResult, Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

Tables = list[dict[str, Any]]
NAMED = {"en": "It has a name.", "zh": "它有名字。"}


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def tables(name: str, rows: Tables) -> str:
    """Rows as ``[[name]]`` tables."""
    return "".join(
        f"[[{name}]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in row.items()) + "\n" for row in rows
    )


class Made:
    """An exercise that was made up, and a way to hand something in."""

    def __init__(self, exercise: Exercise, pool: Pool) -> None:
        self.exercise = exercise
        self.pool = pool
        self.truths = Truths()

    def grade(self, source: str, **predictions: str) -> Report:
        """Hand in a file, and answers typed beside it."""
        text = "import torch\n" + textwrap.dedent(source)
        return grade(self.exercise, Submission(text.encode(), predictions, 3), self.pool, self.truths)

    def ask(self, source: str, check: str = "", **predictions: str) -> CheckResult:
        """What came of one check (the only one, if it is not named)."""
        report = self.grade(source, **predictions)
        assert check or len(report.checks) == 1
        return next(c for c in report.checks if check in ("", c.id))


Make = Callable[..., Made]


@pytest.fixture
def make(tmp_path: Path, pool: Pool) -> Make:
    """Make up an exercise.

    ``inputs`` and ``functions`` are written as signatures (``x v``, ``f(x) grad_f(x)``), an input that is
    no leaf in parentheses; ``checks``, ``answers`` and ``wrong`` as tables; ``at`` lists the visible cases,
    ``hidden`` the others: one value for each input.
    """

    def made(
        reference: str,
        checks: dict[str, Any] | Tables,
        *,
        inputs: str = "x",
        functions: str = "f(x) grad_f(x)",
        at: list[Any] | None = None,
        hidden: list[Any] | None = None,
        answers: Tables | None = None,
        wrong: Tables | None = None,
        misconceptions: str = "",
        dtypes: dict[str, str] | None = None,
        case_seconds: float = 2.0,
        starter: str = "",
    ) -> Made:
        names = inputs.replace("(", "").replace(")", "").split()
        at = [[1.5, -2.5, 0.5], [-0.75, 4.0]] if at is None else at
        hidden = [[3.0, -1.25, 0.625, 2.0]] if hidden is None else hidden

        def cases(prefix: str, rows: list[Any]) -> Tables:
            return [
                {
                    "name": f"{prefix}-{n}",
                    "inputs": dict(zip(names, row if len(names) > 1 else [row], strict=True)),
                }
                for n, row in enumerate(rows)
            ]

        sheet = [
            f"section = '1'\norder = 1\ntitle = {toml(NAMED)}\nsummary = {toml(NAMED)}\n\n",
            f"[limits]\ncase_seconds = {case_seconds}\n\n",
            tables("input", [
                {
                    "name": name,
                    "differentiable": f"({name})" not in inputs,
                    "dtype": (dtypes or {}).get(name, "float64"),
                }
                for name in names
            ]),
            tables("function", [
                {"name": head, "args": args.rstrip(")").split(",") if args != ")" else []}
                for head, _, args in (signature.partition("(") for signature in functions.split())
            ]),
            tables("answer", [{"ask": NAMED} | row for row in answers or []]),
            tables("case", cases("seen", at)),
            tables("check", [
                {"points": 1, "title": NAMED, "id": row.get("kind", "one")} | row
                for row in ([checks] if isinstance(checks, dict) else checks)
            ]),
        ]  # fmt: skip
        solution = [
            tables("case", cases("hidden", hidden)),
            tables("misconception", [{"message": NAMED, "hint": NAMED} | row for row in wrong or []]),
        ]  # fmt: skip
        seen, kept = tmp_path / "exercises" / "made-up", tmp_path / "solutions" / "made-up"
        files = {
            seen / "exercise.toml": "".join(sheet),
            seen / "prompt.en.md": "",
            seen / "prompt.zh.md": "",
            seen / "starter.py": starter,
            kept / "solution.toml": "".join(solution),
            kept / "reference.py": "import torch\n" + textwrap.dedent(reference),
            kept / "misconceptions.py": "import torch\n" + textwrap.dedent(misconceptions),
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Made(Library(seen.parent, kept.parent).get(seen.name), pool)

    return made
