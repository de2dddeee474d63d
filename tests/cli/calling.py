"""``grade`` called in this process, as its entry point is, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from grader.cli.main import cli
from grader.errors import GraderError
from grader.model.report import VERDICTS
from grader.sandbox.pool import Pool
from grader.store.database import Store

ACCEPTED = "solutions/control-flow/accepted/01_from_the_value.py"
REJECTED = "solutions/control-flow/rejected/first_step.py"
WRONG_BRANCH = "solutions/control-flow/rejected/negative_slope.py"
UNREADABLE = "solutions/detach/rejected/bad_indent.py"
REPORT = {
    "schema", "exercise", "exercise_digest", "seed", "status", "score", "max_score", "passed", "isolation",
    "duration_ms", "checks", "stdout", "error",
}  # fmt: skip
CHECK = {
    "id", "kind", "title", "verdict", "points", "max_points", "message", "diagnosis", "counterexample",
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Grade = Callable[..., Ran]


class Shared:
    """The session's pool in the place of a new one: closing it is not this command's business."""

    def __init__(self, pool: Pool) -> None:
        self.run, self.run_both, self.hello = pool.run, pool.run_both, pool.hello
        self.isolation = pool.isolation

    def close(self) -> None:
        pass


def one_line(text: str) -> bool:
    return (
        text.startswith("grade: ")
        and text.count("\n") == 1
        and text.endswith("\n")
        and "Traceback" not in text
    )


def holds_the_contract(report: dict[str, Any]) -> None:
    """Exactly the keys of the contract at every level, and their types."""
    assert set(report) == REPORT and report["schema"] == 1
    assert report["status"] in ("graded", "not-gradable") and report["isolation"] in ("namespaces", "process")
    assert all(type(report[key]) is float for key in ("score", "max_score", "duration_ms"))
    assert type(report["seed"]) is int and type(report["passed"]) is bool and type(report["stdout"]) is str
    assert report["error"] is None or set(report["error"]) == {"type", "message", "line"}
    for check in report["checks"]:
        assert set(check) - {"typed"} == CHECK and check["verdict"] in VERDICTS
        assert all(type(check[key]) is float for key in ("points", "max_points"))
        if check["diagnosis"] is not None:
            assert set(check["diagnosis"]) - {"factor"} == {"code", "hint"}
            assert ("factor" in check["diagnosis"]) == (check["diagnosis"]["code"] == "scale")
        if check["counterexample"] is not None:
            assert set(check["counterexample"]) == {"inputs", "expected", "actual"}


def call(*arguments: str, stdin: str = "") -> Result:
    """One command; errors of ours come out as exceptions."""
    result = CliRunner().invoke(cli, arguments, input=stdin, standalone_mode=False)
    if isinstance(result.exception, GraderError):
        raise result.exception
    assert result.exception is None, result.output
    return result


def opened(data: Path) -> Store:
    """The store as the commands left it."""
    return Store.open(f"sqlite:///{data}/grader.db")
