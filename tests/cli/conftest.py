"""The commands without a process of their own."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.cli.main import main
from grader.sandbox.pool import Pool
from tests.cli.calling import Grade, Ran, Shared
from tests.golden import ROOT


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Grade:
    """Runs ``grade`` in this process, as its entry point does. Nothing here needs a jail."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")

    def grade(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["grade", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfd.readouterr()
        assert isinstance(end.value.code, int)
        return Ran(end.value.code, out, err)

    return grade


@pytest.fixture
def grade(bare: Grade, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """The same with the session's pool."""
    monkeypatch.setattr("grader.cli.jail.Pool", lambda **_: Shared(pool))
    return bare


@pytest.fixture
def broken(bare: Grade, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Grade]:
    """``grade`` on a machine whose grading fails."""

    def fail(error: Exception) -> Grade:
        class Broken:
            isolation = "namespaces"

            def __init__(self, **_: Any) -> None: ...

            def hello(self) -> None: ...

            def close(self) -> None: ...

            def run(self, *_: Any) -> Any:
                raise error

            run_both = run

        monkeypatch.setattr("grader.cli.jail.Pool", Broken)
        return bare

    return fail


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, called from the checkout."""
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    monkeypatch.setenv("GRADER_TIMEZONE", "UTC")
    monkeypatch.chdir(ROOT)
    return tmp_path
