"""The template as an exercise, proved in this process with the session's pool."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.cli import main as cli
from grader.sandbox.pool import Pool
from tests.authoring.course import Course


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str


Grade = Callable[..., Ran]


class Shared:
    """The session's pool in the place of a new one: closing it is not this command's business."""

    def __init__(self, pool: Pool) -> None:
        self.run, self.run_both, self.hello = pool.run, pool.run_both, pool.hello

    def __enter__(self) -> Shared:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, pool: Pool) -> Course:
    """The template as it is; tests that change it take ``course``."""
    return Course(tmp_path_factory.mktemp("template"), pool)


@pytest.fixture
def course(tmp_path: Path, template: Course, pool: Pool) -> Course:
    """A copy of the template of one's own."""
    return Course(tmp_path / "course", pool, like=template)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Grade:
    """Runs ``grade`` in this process and in ``tmp_path``, where there is an empty ``exercises`` folder."""
    (tmp_path / "exercises").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path)

    def grade(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["grade", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capfd.readouterr()
        assert isinstance(end.value.code, int)
        return Ran(end.value.code, out, err)

    return grade


@pytest.fixture
def grade(bare: Grade, course: Course, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """The same in the folder of ``course``, with the session's pool."""
    monkeypatch.chdir(course.root)

    def shared(**_: Any) -> Shared:
        return Shared(pool)

    monkeypatch.setattr("grader.cli.authoring.Pool", shared)
    return bare
