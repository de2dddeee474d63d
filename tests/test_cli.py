"""The command line: exit codes, the JSON contract, one line for every bad call."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from grader import cli
from grader.errors import SandboxFailed, TruthFailed
from grader.model.report import VERDICTS
from grader.sandbox.pool import Pool
from grader.sandbox.probe import Layer

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = "solutions/control-flow/accepted/01_from_the_value.py"
REJECTED = "solutions/control-flow/rejected/first_step.py"
WRONG_BRANCH = "solutions/control-flow/rejected/negative_slope.py"
UNREADABLE = "solutions/detach/rejected/bad_indent.py"
F = """def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b

"""


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
            cli.main()
        out, err = capfd.readouterr()
        assert isinstance(end.value.code, int)
        return Ran(end.value.code, out, err)

    return grade


@pytest.fixture
def grade(bare: Grade, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Grade:
    """The same with the session's pool."""
    monkeypatch.setattr("grader.sandbox.pool.Pool", lambda **_: Shared(pool))
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

        monkeypatch.setattr("grader.sandbox.pool.Pool", Broken)
        return bare

    return fail


def one_line(text: str) -> bool:
    return (
        text.startswith("grade: ")
        and text.count("\n") == 1
        and text.endswith("\n")
        and "Traceback" not in text
    )


class TestExitCodes:
    def test_full_marks_is_0(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", ACCEPTED)
        assert ran.code == 0 and ran.err == "" and ran.out.startswith("10 / 10   All checks pass.")

    def test_less_is_1(self, grade: Grade) -> None:
        ran = grade("run", "control-flow", REJECTED)
        assert ran.code == 1 and ran.err == "" and ran.out.startswith("4 / 10")

    def test_a_failure_of_ours_is_3_and_one_line(self, broken: Callable[[Exception], Grade]) -> None:
        ran = broken(TruthFailed("control-flow: the reference is broken"))("run", "control-flow", ACCEPTED)
        assert (ran.code, ran.out) == (3, "") and ran.err == "grade: control-flow: the reference is broken\n"

    def test_with_json_it_is_a_report_that_is_no_zero(self, broken: Callable[[Exception], Grade]) -> None:
        ran = broken(SandboxFailed("no zygote"))("run", "control-flow", ACCEPTED, "--json")
        assert ran.code == 3 and ran.json["status"] == "not-gradable" and one_line(ran.err)
        assert {check["verdict"] for check in ran.json["checks"]} == {"skipped"}

    def test_a_defect_is_3_one_line_and_a_traceback_only_if_asked(
        self, broken: Callable[[Exception], Grade]
    ) -> None:
        grade = broken(RuntimeError("half\nof it"))
        ran = grade("run", "control-flow", ACCEPTED)
        assert (
            ran.code == 3 and one_line(ran.err) and "RuntimeError: half" in ran.err and "--debug" in ran.err
        )
        ran = grade("run", "control-flow", ACCEPTED, "--debug")
        assert ran.code == 3 and "Traceback" in ran.err

    def test_no_isolation_is_announced_and_grading_goes_on(
        self, bare: Grade, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Weak(Shared):
            def __init__(self, weak: bool = False, **_: Any) -> None:
                super().__init__(pool)
                if not weak:
                    self.hello = self.refuse

            def refuse(self) -> Any:
                raise SandboxFailed("no user namespaces")

        monkeypatch.setattr("grader.sandbox.pool.Pool", Weak)
        ran = bare("run", "control-flow", ACCEPTED)
        assert ran.code == 0 and one_line(ran.err)
        assert "no isolation here (no user namespaces)" in ran.err and "grade doctor" in ran.err


STEERS = {chr(n) for n in (*range(9), *range(11, 32), *range(0x7F, 0xA0))} | set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
RUN = ["run", "control-flow", ACCEPTED]
PREDICT = [*RUN, "--predict"]

# Calls that are wrong: (arguments, words of the one line).
WRONG_CALLS: list[tuple[list[str], str]] = [
    (["run"], "Missing argument 'EXERCISE': 'grade run --help' shows"),
    (["run", "control-flow"], "Missing argument 'FILE'"),
    (["run", "controlflow", ACCEPTED], "there is no exercise 'controlflow': did you mean 'control-flow'?"),
    (["run", "zzz", ACCEPTED], "'grade list' shows what there is"),
    (["show", "simple-exampel"], "did you mean 'simple-example'?"),
    (["batch", "detatch", ACCEPTED], "did you mean 'detach'?"),
    (["run", "control-flow", ACCEPTED.replace("01_", "O1_")], f"did you mean '{ACCEPTED}'?"),
    (["run", "control-flow", "no/such/folder/at_all.py"], "check the name and the folder you are in"),
    (["run", "control-flow", "solutions"], "'solutions' is a folder; name the Python file (or"),
    (["run", "control-flow", "a\0b"], "is no file name"),
    (["run", "control-flow", "x" * 5000], "cannot be read"),
    ([*PREDICT, "ratio"], "not NAME=VALUE; write e.g. --predict 'ratio=True' or"),
    ([*PREDICT, "=True"], "not NAME=VALUE"),
    ([*PREDICT, "ratio= "], "not NAME=VALUE"),
    ([*PREDICT, "rati=True"], "no prediction 'rati': did you mean 'ratio'?"),
    ([*PREDICT, "zzz=True"], "it asks for ratio."),
    (["run", "simple-example", ACCEPTED, "--predict", "y"], "'sum_grad_without_zero=[0.5, -2, 0.5, -2]'"),
    ([*PREDICT, "ratio=perhaps"], "ratio: it cannot be read at 'perhaps'"),
    ([*PREDICT, "ratio=[1, 2"], "ratio: a closing bracket ] is missing"),
    ([*RUN, "--seed", "-1"], "--seed"),
    ([*RUN, "--seed", "x"], "--seed"),
    ([*RUN, "--lang", "fr"], "'fr' is not one of 'en', 'zh'"),
    ([*RUN, "--bogus"], "No such option '--bogus'"),
    ([*RUN, REJECTED], "unexpected extra argument"),
    (["watch", "control-flow", "-"], "standard input cannot be watched"),
    (["watch", "control-flow", "no_such.py"], "there is no file 'no_such.py'"),
    (["batch", "control-flow"], "Missing argument 'FILE...'"),
    (["batch", "control-flow", ACCEPTED, "--csv", "no/such/x.csv"], "there is no folder 'no/such'"),
    (["batch", "control-flow", ACCEPTED, "--json", "solutions"], "'solutions' is a folder"),
    (["batch", "control-flow", ACCEPTED, "--csv", "-", "--json", "-"], "both go to standard output"),
    (["batch", "control-flow", ACCEPTED, "--jobs", "0"], "--jobs"),
    (["rnu"], "there is no command 'rnu': did you mean 'grade run'?"),
    (["frobnicate"], "No such command 'frobnicate'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG_CALLS, ids=[words[:40] for _, words in WRONG_CALLS])
def test_a_wrong_call_is_2_and_one_line_that_says_how_to_mend_it(
    grade: Grade, arguments: list[str], words: str
) -> None:
    ran = grade(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert one_line(ran.err) and words in ran.err
    assert len(ran.err) < 6000


def test_a_broken_exercise_is_2_with_its_line(
    bare: Grade, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "squares").mkdir()
    (tmp_path / "squares" / "exercise.toml").write_text("section = 2\n")
    monkeypatch.setenv("GRADER_EXERCISES", str(tmp_path))
    ran = bare("show", "squares")
    assert ran.code == 2 and one_line(ran.err) and "exercise.toml:1: section: Expected `str`" in ran.err


REPORT = {
    "schema", "exercise", "exercise_digest", "seed", "status", "score", "max_score", "passed", "isolation",
    "duration_ms", "checks", "stdout", "error",
}  # fmt: skip
CHECK = {
    "id", "kind", "title", "verdict", "points", "max_points", "message", "diagnosis", "counterexample",
}  # fmt: skip


def holds_the_contract(report: dict[str, Any]) -> None:
    """Exactly the keys of the contract at every level, and their types."""
    assert set(report) == REPORT and report["schema"] == 1
    assert report["status"] in ("graded", "not-gradable") and report["isolation"] in ("namespaces", "process")
    assert all(type(report[key]) is float for key in ("score", "max_score", "duration_ms"))
    assert type(report["seed"]) is int and type(report["passed"]) is bool and type(report["stdout"]) is str
    assert report["error"] is None or set(report["error"]) == {"type", "message", "line"}
    for check in report["checks"]:
        assert set(check) == CHECK and check["verdict"] in VERDICTS
        assert all(type(check[key]) is float for key in ("points", "max_points"))
        if check["diagnosis"] is not None:
            assert set(check["diagnosis"]) - {"factor"} == {"code", "hint"}
            assert ("factor" in check["diagnosis"]) == (check["diagnosis"]["code"] == "scale")
        if check["counterexample"] is not None:
            assert set(check["counterexample"]) == {"inputs", "expected", "actual"}


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

        monkeypatch.setattr("grader.grading.pictures.draw", fail)
        ran = grade("run", "control-flow", ACCEPTED, "--plot")
        assert ran.code == 0 and ran.out.startswith("10 / 10") and one_line(ran.err)
        ran = grade("run", "control-flow", ACCEPTED, "--plot", "--json")
        assert ran.code == 0 and set(ran.json) == REPORT and one_line(ran.err)


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


class TestListAndShow:
    def test_list(self, bare: Grade) -> None:
        out = bare("list").out
        assert out.index("simple-example") < out.index("non-scalar") < out.index("control-flow")
        listed = bare("list", "--json").json
        assert set(listed[0]) == {"slug", "section", "title", "max_score", "digest"}
        assert bare("list", "--json", "--lang", "zh").json[2]["title"] == "分离计算"

    def test_show_has_text_code_and_questions_and_no_latex(self, bare: Grade) -> None:
        for slug in ("simple-example", "non-scalar", "detach", "control-flow"):
            for language in ("en", "zh"):
                ran = bare("show", slug, "--lang", language)
                assert ran.code == 0 and "def f(" in ran.out and "--predict" in ran.out
                assert "$" not in ran.out and "\\" not in ran.out and "mathbf" not in ran.out
        assert "100 b otherwise" in bare("show", "control-flow").out

    def test_the_starter_alone_begins_a_file(self, bare: Grade) -> None:
        for language, file in (("en", "starter.py"), ("zh", "starter.zh.py")):
            ran = bare("show", "detach", "--starter", "--lang", language)
            assert (ran.code, ran.err) == (0, "")
            assert ran.out == Path("exercises/detach", file).read_text(encoding="utf-8")

    def test_help_and_version(self, bare: Grade) -> None:
        for arguments in (["--help"], ["-h"], ["run", "--help"], ["--version"]):
            ran = bare(*arguments)
            assert ran.code == 0 and ran.out and ran.err == ""
        assert "0 full marks" in bare("--help").out

    def test_every_command_explains_itself(self, bare: Grade) -> None:
        for name, command in cli.cli.commands.items():
            assert command.help, name
            assert "\n" in bare(name, "--help").out


class TestDoctor:
    @pytest.mark.parametrize(("state", "code", "words"), [
        ("ok", 0, "Full isolation"), ("weak", 0, "Full isolation"), ("missing", 3, "Not enough"),
    ])  # fmt: skip
    def test_it_says_layer_by_layer_what_is_there_and_how_to_mend_it(
        self, bare: Grade, monkeypatch: pytest.MonkeyPatch, state: Any, code: int, words: str
    ) -> None:
        layers = [Layer("kernel", "ok", "6.1"), Layer("namespaces", state, "refused", "enable them")]
        monkeypatch.setattr("grader.sandbox.probe.probe", lambda: layers)
        ran = bare("doctor")
        assert ran.code == code and words in ran.out and "namespaces" in ran.out
        assert ("→ enable them" in ran.out) == (state != "ok")


class TestCompletion:
    def complete(self, *arguments: str, incomplete: str) -> list[str]:
        shell = ShellComplete(cli.cli, {}, "grade", "_GRADE_COMPLETE")
        return [item.value for item in shell.get_completions(list(arguments), incomplete)]

    def test_exercises_are_completed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        assert self.complete("run", incomplete="co") == ["control-flow"]
        assert {"detach", "non-scalar"} <= set(self.complete("show", incomplete=""))
        assert "run" in self.complete(incomplete="r")

    def test_a_broken_folder_completes_to_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GRADER_EXERCISES", str(tmp_path / "none"))
        assert self.complete("run", incomplete="") == []


# A process of its own.


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "--json"], ["run", "--help"]])
def test_help_and_list_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom grader.cli import main\n"
        f"sys.argv = ['grade', *{arguments!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = {'torch', 'numpy', 'flask', 'sqlalchemy', 'grader.sandbox.pool'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


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
    )  # fmt: skip
    assert watching.stdout is not None and watching.stderr is not None

    def read_until(words: str) -> None:
        while words not in (line := watching.stdout.readline()):  # type: ignore[union-attr]
            assert line, watching.stderr.read()  # type: ignore[union-attr]

    read_until(" / 10 ")
    other = file.with_name("my.py~")
    other.write_bytes((ROOT / ACCEPTED).read_bytes())
    other.replace(file)
    read_until("10 / 10")
    watching.send_signal(signal.SIGINT)
    assert watching.communicate(timeout=60) and watching.returncode == 0
