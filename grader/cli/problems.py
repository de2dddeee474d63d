"""Lists of people on a terminal: what is wrong with them, line by line, and how much of them is shown."""

from __future__ import annotations

from collections.abc import Sequence

from grader.cli.options import echo
from grader.rosters.people import Problem

MOST_SHOWN = 1_000
"""In a table for people."""
STYLES = {"new": "green", "changed": "yellow", "gone": "red", "same": "dim"}


def problems_as_json(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """As they are printed with ``--json``."""
    return [{"line": problem.line, "message": problem.message} for problem in problems]


def print_problems(problems: Sequence[Problem]) -> None:
    """One a line, below what was understood."""
    for problem in problems:
        echo(f"line {problem.line}: {problem.message}" if problem.line else problem.message)
