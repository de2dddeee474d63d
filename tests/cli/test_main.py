"""``grade``: exit codes, one line for every bad call, help and completion."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

from grader.cli import main as cli
from grader.errors import SandboxFailed, TruthFailed
from grader.sandbox.pool import Pool
from tests.cli.calling import ACCEPTED, REJECTED, Grade, Shared, one_line
from tests.golden import ROOT


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

        monkeypatch.setattr("grader.cli.jail.Pool", Weak)
        ran = bare("run", "control-flow", ACCEPTED)
        assert ran.code == 0 and one_line(ran.err)
        assert "no isolation here (no user namespaces)" in ran.err and "grade doctor" in ran.err


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


class TestHelp:
    def test_help_and_version(self, bare: Grade) -> None:
        for arguments in (["--help"], ["-h"], ["run", "--help"], ["--version"]):
            ran = bare(*arguments)
            assert ran.code == 0 and ran.out and ran.err == ""
        assert "0 full marks" in bare("--help").out

    def test_every_command_explains_itself(self, bare: Grade) -> None:
        for name, command in ((name, cli.load(name)) for name in cli.COMMANDS):
            assert command.help, name
            assert "\n" in bare(name, "--help").out


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


def test_help_says_of_each_command_what_the_command_says_of_itself() -> None:
    for name, (_, said) in cli.COMMANDS.items():
        command = cli.load(name)
        listed = click.Command(name, help=said)
        assert listed.get_short_help_str(70) == command.get_short_help_str(70)
        assert command.name == name


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], ["list", "--json"], ["show", "detach"], ["run", "--help"], ["status", "--help"]],
)
def test_help_and_list_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom grader.cli.main import main\n"
        f"sys.argv = ['grade', *{arguments!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0, end.code\n"
        "heavy = {'torch', 'numpy', 'flask', 'sqlalchemy', 'gunicorn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
