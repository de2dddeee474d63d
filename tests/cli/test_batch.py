"""``grade batch``: a row a file, as a table, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import SandboxFailed
from grader.exercises import Library
from tests.cli.calling import ACCEPTED, REJECTED, WRONG_BRANCH, Grade, holds_the_contract, one_line
from tests.golden import ROOT

STEERS = {chr(n) for n in (*range(9), *range(11, 32), *range(0x7F, 0xA0))} | set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


class TestBatch:
    FILES = (ACCEPTED, "no_such_file.py", WRONG_BRANCH, "solutions", REJECTED)

    def test_json_is_one_list_in_the_order_given(self, grade: Grade, tmp_path: Path) -> None:
        out = tmp_path / "out.json"
        ran = grade("batch", "control-flow", *self.FILES, "--json", str(out), "--jobs", "2")
        assert ran.code == 2 and "there is no file" in ran.out
        reports = json.loads(out.read_text(encoding="utf-8"))
        assert [report["file"] for report in reports] == list(self.FILES)
        for report in reports:
            holds_the_contract({key: value for key, value in report.items() if key != "file"})
        assert [report["status"] for report in reports] == [
            "graded", "not-gradable", "graded", "not-gradable", "graded",
        ]  # fmt: skip
        assert reports[1]["error"]["type"] == "UnreadableFile"
        assert "no_such_file.py" in reports[1]["error"]["message"]

    def test_csv_is_one_row_a_file(self, grade: Grade) -> None:
        ran = grade("batch", "control-flow", *self.FILES, "--csv", "-")
        rows = list(csv.reader(io.StringIO(ran.out)))
        assert rows[0] == [
            "file",
            "score",
            "max_score",
            "passed",
            "status",
            "value",
            "gradient",
            "prediction",
            "ratio",
        ]
        assert [row[0] for row in rows[1:]] == list(self.FILES)
        assert rows[1][1:5] == ["10", "10", "true", "graded"]
        assert rows[2][1:] == ["", "10", "", "not-gradable", *["skipped"] * 4]
        assert rows[3][1:] == ["6", "10", "false", "graded", "passed", "passed", "failed", "passed"]

    def test_a_name_that_a_spreadsheet_would_compute_is_quoted(self, grade: Grade, tmp_path: Path) -> None:
        file = tmp_path / "=1+1.py"
        file.write_text("x")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GRADER_EXERCISES", str(ROOT / "exercises"))
            patch.setenv("GRADER_SOLUTIONS", str(ROOT / "solutions"))
            patch.chdir(tmp_path)
            ran = grade("batch", "control-flow", "=1+1.py", "--csv", "-")
        assert ran.out.splitlines()[1].startswith("'=1+1.py,")

    def test_a_name_does_not_steer_the_terminal(self, grade: Grade, tmp_path: Path) -> None:
        """In the table, in the sentence about a file that is not there, and in what a program reads."""
        file = tmp_path / "a\x9b2J\u202eb\x1b[2J\u2066.py"
        file.write_text("x")
        for arguments in ([str(file), ACCEPTED], [str(file), "--json", "-"]):
            ran = grade("batch", "control-flow", *arguments)
            assert not STEERS & set(ran.out + ran.err)
        assert [report["file"] for report in ran.json] == [str(file)]
        ran = grade("run", "control-flow", str(file) + "x")
        assert ran.code == 2 and one_line(ran.err) and "\\u202eb" in ran.err and not STEERS & set(ran.err)

    def test_exit_is_the_worst_of_the_files(self, grade: Grade) -> None:
        assert grade("batch", "control-flow", ACCEPTED, ACCEPTED).code == 0
        assert grade("batch", "control-flow", ACCEPTED, REJECTED).code == 1

    def test_a_failure_of_ours_gets_a_row(self, broken: Callable[[Exception], Grade]) -> None:
        ran = broken(SandboxFailed("no zygote"))("batch", "control-flow", ACCEPTED, "--json", "-")
        assert ran.code == 3 and [report["status"] for report in ran.json] == ["not-gradable"]

    def test_the_table_says_what_each_file_got(self, grade: Grade) -> None:
        ran = grade("batch", "control-flow", ACCEPTED, REJECTED, "--lang", "zh")
        assert "10 / 10" in ran.out and "4 / 10" in ran.out and "得分" in ran.out

    def test_a_variant_is_judged_by_its_own_numbers(self, grade: Grade, tmp_path: Path) -> None:
        x = Library(ROOT / "exercises", None).get("non-scalar").variant(3).values["x"]
        file = tmp_path / "mine.py"
        file.write_text(f"PREDICTIONS = {{'x_grad': {[2 * each for each in x]}}}\n")
        verdicts = []
        for options in (("--variant", "3"), ()):
            ran = grade("batch", "non-scalar", str(file), *options, "--csv", "-")
            rows = list(csv.DictReader(io.StringIO(ran.out)))
            verdicts.append(rows[0]["x-grad"])
        assert verdicts == ["passed", "failed"]
        refused = grade("batch", "non-scalar", str(file), "--variant", "60")
        assert refused.code == 2 and "has no variant 60" in refused.err
