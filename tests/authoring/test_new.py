"""``grade new``: names, titles, what is there already, and nothing left behind when it fails."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grader.authoring.new import begin
from grader.errors import UsageError
from grader.exercises import Library
from tests.authoring.conftest import Grade, Ran

GOOD = ["x", "x2", "x-cubed", "two-3-four", "a" * 64]
BAD = [
    "", "X", "2x", "-x", "x-", "x--y", "x_y", "x y", "x/y", "../x", ".", "x.toml",
    "名字", "x\n", "é", "a" * 65, "@TITLE@",
]  # fmt: skip


def everything(root: Path) -> list[Path]:
    """All files and folders below ``root``."""
    return sorted(root.rglob("*"))


class TestBegin:
    @pytest.mark.parametrize("slug", GOOD)
    def test_a_name_makes_two_folders_that_load(self, tmp_path: Path, slug: str) -> None:
        """The files that are returned are those that are there."""
        written = begin(slug, tmp_path / "exercises", tmp_path / "solutions")
        assert sorted(written) == [path for path in everything(tmp_path) if path.is_file()]
        exercise = Library(tmp_path / "exercises", tmp_path / "solutions").get(slug)
        assert exercise.slug == slug and exercise.solution is not None and exercise.max_score == 10
        assert not [path for path in written if path.suffix == ".txt"]

    @pytest.mark.parametrize("slug", BAD)
    def test_what_is_no_name_makes_nothing(self, tmp_path: Path, slug: str) -> None:
        """Small letters, digits and single hyphens."""
        with pytest.raises(UsageError, match="is no name for an exercise"):
            begin(slug, tmp_path / "exercises", tmp_path / "solutions")
        assert everything(tmp_path) == []

    @pytest.mark.parametrize("taken", ["exercises", "solutions"])
    def test_what_is_there_already_stays_as_it_is(self, tmp_path: Path, taken: str) -> None:
        """Either folder is enough to refuse, even an empty one."""
        (tmp_path / taken / "x").mkdir(parents=True)
        (tmp_path / taken / "x" / "mine.py").write_text("mine")
        before = everything(tmp_path)
        with pytest.raises(UsageError, match="is there already"):
            begin("x", tmp_path / "exercises", tmp_path / "solutions")
        assert everything(tmp_path) == before

    def test_a_file_in_the_way(self, tmp_path: Path) -> None:
        """Where a folder of folders should be, there is a file: what was made before goes again."""
        (tmp_path / "solutions").write_text("a file")
        with pytest.raises(UsageError, match=r"solutions.*cannot be written: (Not a directory|File exists)"):
            begin("x", tmp_path / "exercises", tmp_path / "solutions")
        assert everything(tmp_path) == [tmp_path / "solutions"]

    def test_a_full_disk_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither the files so far nor the folders that were made for them; what others have stays."""
        (tmp_path / "solutions" / "other").mkdir(parents=True)
        before, write = everything(tmp_path), Path.write_text

        def full(path: Path, text: str, encoding: str | None = None) -> int:
            if path.name == "solution.toml":
                raise OSError(28, "No space left on device", str(path))
            return write(path, text, encoding=encoding)

        monkeypatch.setattr(Path, "write_text", full)
        with pytest.raises(UsageError, match=r"solution\.toml cannot be written: No space left on device"):
            begin("x", tmp_path / "exercises", tmp_path / "solutions")
        assert everything(tmp_path) == before

    def test_an_interrupt_leaves_nothing_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever ends it."""

        def interrupted(*_: object, **__: object) -> int:
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "write_text", interrupted)
        with pytest.raises(KeyboardInterrupt):
            begin("x", tmp_path / "exercises", tmp_path / "solutions")
        assert everything(tmp_path) == []

    def test_who_comes_second_takes_nothing_away(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another call with the same name may make its folders just after this one looked."""
        begin("x", tmp_path / "exercises", tmp_path / "solutions")
        before = everything(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "exists", lambda path: path.name != "x")
            with pytest.raises(UsageError, match="cannot be written: File exists"):
                begin("x", tmp_path / "exercises", tmp_path / "solutions")
        assert everything(tmp_path) == before


class TestTitles:
    def titles(self, root: Path, title: str | None = None, title_zh: str | None = None) -> tuple[str, str]:
        begin("x-cubed", root / "exercises", root / "solutions", title, title_zh)
        text = Library(root / "exercises", root / "solutions").get("x-cubed").title
        return text.en, text.zh

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("The cube", "The cube"),
            ("\"Quoted\" and 'quoted'", "\"Quoted\" and 'quoted'"),
            ('ends with "', 'ends with "'),
            ('"""', '"""'),
            (r"back\slash \n \u0041", r"back\slash \n \u0041"),
            ("two\nlines\r\nand\ta tab", "two lines and a tab"),
            ("bell\a and escape\x1b[31m", "bell and escape[31m"),
            ("{ } = # [x] @TITLE_ZH@", "{ } = # [x] @TITLE_ZH@"),
            ("x³ · ∂f/∂x 𝒇", "x³ · ∂f/∂x 𝒇"),
            ("", "X cubed"),
            (" \n ", "X cubed"),
            (None, "X cubed"),
        ],
    )
    def test_a_title_is_kept_on_one_line(self, tmp_path: Path, given: str | None, kept: str) -> None:
        """Whatever it holds, the file stays TOML; without one it is made of the name."""
        assert self.titles(tmp_path, given) == (kept, kept)

    def test_chinese_is_kept_apart(self, tmp_path: Path) -> None:
        """Punctuation and all."""
        assert self.titles(tmp_path, "The cube", "立方：“x³”的导数\n（一）") == (
            "The cube",
            "立方：“x³”的导数 （一）",
        )

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        """What a terminal of another encoding sends is refused, not written."""
        with pytest.raises(UsageError, match="not UTF-8"):
            self.titles(tmp_path, b"\xc7\xf3".decode(errors="surrogateescape"))
        assert everything(tmp_path) == []


def one_line(ran: Ran) -> bool:
    """Refused with exit status 2, and one sentence on stderr."""
    return ran.code == 2 and ran.out == "" and ran.err.startswith("grade: ") and ran.err.count("\n") == 1


class TestCommand:
    def test_it_prints_what_it_wrote_and_what_comes_next(self, bare: Grade, tmp_path: Path) -> None:
        """Paths from where one stands."""
        ran = bare("new", "x-cubed", "--title", "The cube", "--title-zh", "立方")
        assert (ran.code, ran.err) == (0, ""), ran
        *paths, last = ran.out.splitlines()
        assert "grade check --write x-cubed" in last
        assert sorted(tmp_path / path for path in paths) == [p for p in everything(tmp_path) if p.is_file()]
        assert all(path.startswith(("exercises/x-cubed/", "solutions/x-cubed/")) for path in paths)

    def test_a_second_time_is_one_line(self, bare: Grade) -> None:
        """It says what to do."""
        bare("new", "x-cubed")
        ran = bare("new", "x-cubed")
        assert one_line(ran) and "choose another name" in ran.err

    @pytest.mark.parametrize("slug", ["X", "x y", "../x", "x\ny", "a" * 5000])
    def test_a_name_that_is_none_is_one_line(self, bare: Grade, tmp_path: Path, slug: str) -> None:
        """However long or broken it is."""
        ran = bare("new", slug)
        assert one_line(ran) and "is no name for an exercise" in ran.err and len(ran.err) < 300
        assert everything(tmp_path) == [tmp_path / "exercises"]

    @pytest.mark.parametrize("arguments", [(), ("--title",), ("x", "y"), ("x", "--titel", "X")])
    def test_a_call_that_is_wrong_is_one_line(
        self, bare: Grade, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        """It names the help."""
        ran = bare("new", *arguments)
        assert one_line(ran) and "--help" in ran.err and everything(tmp_path) == [tmp_path / "exercises"]

    def test_the_folders_of_the_settings_are_used(
        self, bare: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They need not exist."""
        monkeypatch.setenv("GRADER_EXERCISES", str(tmp_path / "a" / "b"))
        monkeypatch.setenv("GRADER_SOLUTIONS", str(tmp_path / "c"))
        assert bare("new", "x").code == 0
        assert (tmp_path / "a/b/x/exercise.toml").exists() and (tmp_path / "c/x/solution.toml").exists()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_may_not_be_written(self, bare: Grade, tmp_path: Path) -> None:
        """It is named."""
        (tmp_path / "exercises").chmod(stat.S_IRUSR | stat.S_IXUSR)
        ran = bare("new", "x")
        assert one_line(ran) and "Permission denied" in ran.err


def test_nothing_to_check_is_one_line(bare: Grade) -> None:
    """A folder without exercises is no course that is sound."""
    ran = bare("check")
    assert one_line(ran) and "there is no exercise in exercises" in ran.err


def test_the_shell_completes_names(bare: Grade) -> None:
    """Of ``grade check`` as of the other commands."""
    from click.shell_completion import ShellComplete

    from grader.cli import main as cli

    for slug in ("x-cubed", "x-squared", "y"):
        bare("new", slug)
    complete = ShellComplete(cli.cli, {}, "grade", "_GRADE_COMPLETE")
    assert [item.value for item in complete.get_completions(["check"], "x-")] == ["x-cubed", "x-squared"]
    assert [item.value for item in complete.get_completions(["check", "x-cubed"], "y")] == ["y"]
