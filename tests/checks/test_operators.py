"""Torch's own operators, hundreds of them, as references: the right gradient passes, a wrong one never does.

:mod:`tests.checks.operators` does the work, in one process of its own, because it imports torch.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LEAST = 300


@pytest.fixture(scope="module")
def report() -> Iterator[dict[str, Any]]:
    """What the sweep saw: the fields of :class:`tests.checks.operators.Report`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.checks.operators"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    yield json.loads(done.stdout.splitlines()[-1])


def summary(report: dict[str, Any]) -> str:
    """The sweep in a few lines."""
    skipped = {why: len(names) for why, names in report["skipped"].items()}
    right, wrong = sum(report["right"].values()), sum(report["wrong"].values())
    passed = right - sum("judged" not in line for line in report["refused"])
    caught = wrong - sum("judged" not in line for line in report["missed"])
    named = {kind: f"{sum(c.values()) - c.get('none', 0)}/{sum(c.values())}" for kind, c in codes(report)}
    return "\n".join(
        (
            f"operators: {report['used']} used, {sum(skipped.values())} skipped; "
            f"right passed {passed} of {right}; wrong caught {caught} of {wrong}",
            "skipped: " + ", ".join(f"{n} {why}" for why, n in sorted(skipped.items(), key=lambda s: -s[1])),
            "explained: " + ", ".join(f"{kind} {n}" for kind, n in named.items()),
            f"without anything read off the graph: {len(report['bare'])}",
        )
    )


def codes(report: dict[str, Any]) -> list[tuple[str, dict[str, int]]]:
    """By the kind of wrong answer, how often the finder said what."""
    return list(report["codes"].items())


def test_there_are_hundreds_of_them(report: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise the sweep says nothing, whatever it says."""
    with capsys.disabled():
        sys.stdout.write("\n" + summary(report) + "\n")
    assert report["used"] >= LEAST, report["skipped"]
    assert min(report["wrong"].values()) >= 100, report["wrong"]


def test_the_right_gradient_always_passes(report: dict[str, Any]) -> None:
    """By autograd, by the rows of the jacobian, scattered in memory, in single precision."""
    assert not report["refused"]


def test_a_wrong_one_never_does(report: dict[str, Any]) -> None:
    """Neither one entry off by a ten thousandth, nor a sign, a transpose, a shape, a NaN."""
    assert not report["missed"]


def test_no_wrong_reason_is_given(report: dict[str, Any]) -> None:
    """With everything that is read off each operator's graph, numbers never look like another mistake."""
    assert not report["misread"]


def test_what_can_be_explained_mostly_is(report: dict[str, Any]) -> None:
    """A finder that says nothing is never wrong; this one says something."""
    for kind, share in {"sign": 0.95, "double": 0.8, "transposed": 0.9, "flat": 1.0, "one-nan": 1.0}.items():
        said = report["codes"][kind]
        silent = said.get("none", 0) / sum(said.values())
        assert silent <= 1.0 - share + 1e-9, (kind, said)
