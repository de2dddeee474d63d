"""``grade run`` and ``watch``: the verdict, the JSON contract, pictures below it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SandboxFailed
from tests.cli.calling import (
    ACCEPTED,
    REJECTED,
    REPORT,
    UNREADABLE,
    WRONG_BRANCH,
    Grade,
    holds_the_contract,
    one_line,
)
from tests.golden import ROOT

F = """def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b

"""


class TestJson:
    @pytest.mark.parametrize(
        ("exercise", "file", "code"),
        [
            ("control-flow", ACCEPTED, 0),
            ("control-flow", REJECTED, 1),
            ("control-flow", WRONG_BRANCH, 1),
            ("control-flow", "solutions/control-flow/rejected/one_doubling_short.py", 1),
            ("detach", UNREADABLE, 1),
        ],
    )
    def test_exactly_one_object_with_exactly_the_contracts_keys(
        self, grade: Grade, exercise: str, file: str, code: int
    ) -> None:
        ran = grade("run", exercise, file, "--json", "--seed", "7")
        assert ran.code == code and ran.err == ""
        holds_the_contract(ran.json)
        assert ran.json["seed"] == 7 and ran.json["passed"] == (code == 0)

    def test_a_factor_stands_beside_its_code(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", "solutions/control-flow/rejected/one_doubling_short.py", "--json")
        diagnosis = next(c["diagnosis"] for c in ran.json["checks"] if c["id"] == "prediction")
        assert (diagnosis["code"], diagnosis["factor"]) == ("scale", 0.5)

    def test_a_syntax_error_has_line_and_caret(self, grade: Grade) -> None:
        error = grade("run", "detach", UNREADABLE, "--json").json["error"]
        assert error["line"] == 13 and error["message"].splitlines()[-1].strip() == "^"

    def test_not_finite_numbers_are_words(self, grade: Grade) -> None:
        source = F + "def grad_f(a):\n    return a * float('nan')\n"
        ran = grade("run", "control-flow", "-", "--json", stdin=source.encode())
        assert ran.json["checks"][2]["counterexample"]["actual"] == "nan" and "NaN," not in ran.out

    def test_chinese_is_asked_for(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", REJECTED, "--json", "--lang", "zh")
        assert "你处处预测 2" in ran.json["checks"][2]["message"]
        assert "You predict 2" in grade("run", "control-flow", REJECTED, "--json").out


class TestRun:
    def test_standard_input(self, grade: Grade) -> None:
        assert grade("run", "control-flow", "-", stdin=(ROOT / ACCEPTED).read_bytes()).code == 0
        ran = grade("run", "control-flow", "-", stdin=b"")
        assert ran.code == 1 and "Your file is empty" in ran.out

    def test_a_prediction_beside_the_file_wins(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", ACCEPTED, "--predict", "ratio=False", "--json")
        assert ran.code == 1 and ran.json["score"] == 8
        ran = grade("run", "control-flow", REJECTED, "--predict", "ratio = 是", "--json")
        assert ran.json["score"] == 6

    def test_a_file_that_is_no_python(self, grade: Grade, tmp_path: Path) -> None:
        for data, words in (
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"x = \xff", "not UTF-8"),
            (b"a\0b", "NUL"),
            (b"#" * 300_000, "KiB"),
        ):
            (tmp_path / "x.py").write_bytes(data)
            ran = grade("run", "control-flow", str(tmp_path / "x.py"))
            assert ran.code == 1 and ran.err == "" and words in ran.out

    def test_full_marks_come_with_what_the_exercise_shows(self, grade: Grade) -> None:
        shown = grade("run", "control-flow", ACCEPTED).out
        assert "a new graph at every forward pass" in " ".join(shown.split())
        assert "new graph" not in grade("run", "control-flow", REJECTED).out

    def test_chinese(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", REJECTED, "--lang", "zh")
        assert "4 项检查中有 2 项通过" in ran.out and "你的 grad_f(a)" in ran.out
        assert "error" not in grade("run", "detach", UNREADABLE, "--lang", "zh").out

    def test_a_name_of_many_characters_in_a_narrow_terminal(
        self, grade: Grade, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        file = tmp_path / ("a very long name 梯度 " + "x" * 80 + ".py")
        file.write_bytes((ROOT / REJECTED).read_bytes())
        for command in (("run", "control-flow"), ("batch", "control-flow")):
            ran = grade(*command, str(file))
            assert ran.code == 1 and max(map(len, ran.out.splitlines())) <= 40
        assert grade("show", "control-flow").code == grade("list", "--lang", "zh").code == 0

    def test_cant_move_the_cursor_of_who_reads_it(self, grade: Grade) -> None:
        evil = r"\x1b[2J\x1b]0;owned\x07\r\x9b31m‮"
        source = f"print('{evil}')\n{F}def grad_f(a):\n    raise ValueError('{evil}')\n"
        ran = grade("run", "control-flow", "-", stdin=source.encode())
        assert ran.code == 1 and r"\x1b[2J" in ran.out
        assert not any(c in ran.out for c in "\x1b\x07\r\x9b\u202e")


class TestPictures:
    def test_they_stand_below_the_verdict(self, grade: Grade) -> None:
        plain = grade("run", "control-flow", REJECTED)
        ran = grade("run", "control-flow", REJECTED, "--plot", "--graph")
        # The first line tells the time, too.
        assert (
            ran.code == 1
            and ran.err == ""
            and plain.out.splitlines()[1:] == ran.out.splitlines()[1 : len(plain.out.splitlines())]
        )
        assert "o true gradient   + your grad_f" in ran.out and "mul ×10 ← a ✓" in ran.out
        assert "o 真实梯度" in grade("run", "control-flow", REJECTED, "--plot", "--lang", "zh").out

    def test_one_flag_one_picture(self, grade: Grade) -> None:
        assert (
            "✂ cut"
            not in grade("run", "detach", "solutions/detach/accepted/01_as_in_the_text.py", "--plot").out
        )
        ran = grade("run", "detach", "solutions/detach/accepted/01_as_in_the_text.py", "--graph")
        assert "detach [3] ←✂ mul [3] ← x [3]" in ran.out and "true gradient" not in ran.out

    def test_where_there_is_no_curve_it_is_said(self, grade: Grade) -> None:
        ran = grade("run", "quadratic-form", "-", "--plot", stdin=b"def f(x, A):\n    return x @ A @ x\n")
        assert ran.code == 1 and ran.out.splitlines()[-1].startswith("No curve here: ")

    def test_in_json_beside_the_contracts_keys(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", ACCEPTED, "--json", "--plot", "--graph")
        pictures = ran.json["pictures"]
        assert ran.code == 0 and set(ran.json) == REPORT | {"pictures"} and "NaN" not in ran.out
        assert set(pictures["curve"]["series"]) == {"f", "truth", "predicted"}
        assert len(pictures["curve"]["x"]) <= 121 and pictures["graph"]["reached"] == ["a"]
        assert grade("run", "control-flow", ACCEPTED, "--json", "--plot").json["pictures"]["graph"] is None

    def test_a_verdict_stands_without_them(self, grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise SandboxFailed("no zygote")

        monkeypatch.setattr("grader.cli.verdict.draw", fail)
        ran = grade("run", "control-flow", ACCEPTED, "--plot")
        assert ran.code == 0 and ran.out.startswith("10 / 10") and one_line(ran.err)
        ran = grade("run", "control-flow", ACCEPTED, "--plot", "--json")
        assert ran.code == 0 and set(ran.json) == REPORT and one_line(ran.err)


def test_a_real_run(tmp_path: Path) -> None:
    """The entry point, a pool of its own, a pipe for a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", "run", "control-flow", "-", "--json"],
        cwd=ROOT, input=(ROOT / ACCEPTED).read_bytes(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == b""
    holds_the_contract(json.loads(done.stdout))
    assert json.loads(done.stdout)["isolation"] == "namespaces"


@pytest.mark.slow
def test_watching_a_file(tmp_path: Path) -> None:
    """A verdict for what is there, another when it is saved, and the last one's exit code."""
    file = tmp_path / "my.py"
    file.write_bytes((ROOT / REJECTED).read_bytes())
    watching = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", "control-flow", str(file)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs the tests in the background has them ignore Ctrl-C, and their children, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert watching.stdout is not None and watching.stderr is not None

    def read_until(words: str) -> None:
        while words not in (line := watching.stdout.readline()):  # type: ignore[union-attr]
            assert line, watching.stderr.read()  # type: ignore[union-attr]

    try:
        read_until(" / 10 ")
        other = file.with_name("my.py~")
        other.write_bytes((ROOT / ACCEPTED).read_bytes())
        other.replace(file)
        read_until("10 / 10")
        watching.send_signal(signal.SIGINT)
        assert watching.communicate(timeout=60) and watching.returncode == 0
    finally:
        watching.kill()


class TestVariants:
    FILE = "solutions/non-scalar/accepted/01_as_in_the_text.py"

    def test_numbers_of_a_variant(self, grade: Grade) -> None:
        """Its own answer is right, the authored one is not."""
        given = grade("show", "non-scalar", "--variant", "2").out
        found = re.search(r"x = torch\.tensor\(\[(.*?)\]", given)
        assert found is not None
        right = str([2 * float(each) for each in found[1].split(",")])
        ran = grade("run", "non-scalar", self.FILE, "--variant", "2", "--json")
        assert (ran.code, ran.json["score"], ran.json["variant"]) == (1, 9.0, 2)
        typed = grade("run", "non-scalar", self.FILE, "--variant", "2", "--predict", f"x_grad={right}")
        assert typed.code == 0 and "About the numbers of variant 2." in typed.out
        assert "variant" not in grade("run", "non-scalar", self.FILE, "--json").json

    @pytest.mark.parametrize(
        ("slug", "why"),
        [("non-scalar", "it has variants 1 to 16"), ("control-flow", "its numbers do not vary")],
    )
    def test_no_such_variant(self, grade: Grade, slug: str, why: str) -> None:
        ran = grade("run", slug, ACCEPTED, "--variant", "17")
        assert ran.code == 2 and why in ran.err and one_line(ran.err)
