"""What a terminal shows: readable at any width, and inert whatever a student's code returned."""

from __future__ import annotations

import io
import locale
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.text import Text as Line

from grader.cli import options
from grader.cli.batch import batch_table
from grader.cli.console import console
from grader.cli.latex import readable_mathematics
from grader.cli.list import exercises_table
from grader.cli.report import report_page
from grader.cli.show import exercise_page
from grader.exercises import Library
from grader.model.report import VERDICTS, CheckResult, Counterexample, Diagnosis, Report, StudentError
from grader.model.text import LANGUAGES, Language, Text

TITLE = Text("your grad_f(x) predicts", "你的 grad_f(x) 预测")
EVIL = "\x1b[2J\x1b]8;;http://x\x07link\r\x00\x9b31m\u202e\u200b\ufeff\U000e0041"


def check(verdict: Any = "passed", **more: Any) -> CheckResult:
    return CheckResult("prediction", more.pop("kind", "prediction"), TITLE, verdict, 0, 4, **more)


def report(*checks: CheckResult, **more: Any) -> Report:
    more = {
        "status": "graded",
        "score": 6.0,
        "isolation": "namespaces",
        "summary": Text("So.", "如此。"),
    } | more
    return Report("control-flow", "d", 7, max_score=10.0, duration_ms=12.3, checks=checks, **more)


def shown(thing: RenderableType, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, color_system=None).print(thing)
    return out.getvalue()


def page(one: Report, language: Language = "en", width: int = 80) -> str:
    return shown(report_page(one, language), width)


class TestInert:
    def test_wherever_it_comes_from(self) -> None:
        evil = Text(EVIL, EVIL)
        example = Counterexample({"x": [1.0]}, [2.0], f"<{EVIL}>")
        one = report(
            check("failed", message=evil, diagnosis=Diagnosis("sign", evil), counterexample=example),
            check("error", message=evil),
            stdout=EVIL,
            summary=evil,
            error=StudentError(EVIL, evil, 3, EVIL),
        )
        said = page(one) + shown(batch_table([(EVIL, one, EVIL), (EVIL, None, EVIL)], "en"))
        assert not any(c in said for c in "\x1b\x07\r\0\x9b\u202e\u200b\ufeff")

    def test_what_was_forgotten_too(self) -> None:
        """The console itself lets nothing through but its styles."""
        terminal = console()
        with terminal.capture() as captured:
            terminal.print(Line(EVIL), Panel(EVIL, title=EVIL), EVIL)
        assert not any(c in captured.get() for c in "\x07\r\0\x9b\u202e\u200b\ufeff")
        assert "\\x9b" in captured.get()

    def test_brackets_are_no_markup(self) -> None:
        assert "[bold]x[/]" in page(report(check("error", message=Text("[bold]x[/]", ""))))
        assert "[red]" in page(report(check(), stdout="[red]\n"))
        assert "[/nothing]" in shown(batch_table([("[/nothing].py", None, "[/x]")], "en"))


class TestReport:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("verdict", VERDICTS)
    def test_every_verdict_has_a_mark_and_a_word(self, verdict: Any, language: Language) -> None:
        said = page(report(check(verdict, message=Text("Because.", "因为。"))), language)
        assert any(mark in said for mark in "✓✗○–")
        if language == "zh":
            assert verdict not in said, "no English word in a Chinese page"

    def test_the_counterexample_shows_six_digits_and_no_negative_zero(self) -> None:
        example = Counterexample({"x": [1.5, -0.0]}, [1 / 3, "nan"], [-0.0, 1e-20])
        said = page(report(check("failed", counterexample=example)))
        assert "x = [1.5, 0]" in said and "[0.333333, nan]" in said and "[0, 1e-20]" in said
        assert "torch.autograd.grad" in said and "yours" in said
        assert "torch.autograd.grad" not in page(
            report(check("failed", kind="value", counterexample=example))
        )

    def test_what_differs_is_shown_with_as_many_digits_as_it_takes(self) -> None:
        example = Counterexample({"x": [1.5]}, [2.18665, 1.3235], [2.1866511, 1.3235])
        said = page(report(check("failed", counterexample=example)))
        assert "[2.18665, 1.3235]" in said and "[2.1866511, 1.3235]" in said
        same = Counterexample({}, 1 / 3, 1 / 3)
        assert "0.3333333" not in page(report(check("failed", counterexample=same)))

    def test_one_reason_for_all_checks_is_said_once(self) -> None:
        said = Text("Python cannot read line 3.", "Python 无法解析第 3 行。")
        text = page(report(*[check("error", message=said)] * 4))
        assert text.count("Python cannot read line 3.") == 1 and text.count("as above") == 3
        text = page(report(check("error", message=said), check("failed", message=said)), "zh")
        assert "同上" not in text, "two wrong answers are two things to mend"

    def test_of_a_file_that_cannot_be_read_no_check_was_run(self) -> None:
        said = Text("Python cannot read line 3.", "Python 无法解析第 3 行。")
        error = StudentError("SyntaxError", said, 3, whole=True)
        text = page(report(*[check("error", message=said)] * 4, error=error))
        assert text.count("not run") == 4 and "raised" not in text and "as above" not in text

    def test_no_code_is_shown_and_a_second_is_a_second(self) -> None:
        known = Diagnosis("author:no-two", Text("Where?", "在哪里？"))
        text = page(msgspec.structs.replace(report(check("failed", diagnosis=known)), duration_ms=4087.0))
        assert "Where?" in text and "no-two" not in text and "4.1 s" in text and "4087" not in text

    def test_a_thousand_printed_lines_do_not_bury_the_verdict(self) -> None:
        text = page(report(check(), stdout="".join(f"step {n}\n" for n in range(1000))))
        assert "step 0 " in text and "step 999 " in text and "970 lines more" in text
        assert len(text.splitlines()) < 50
        assert "more" not in page(report(check(), stdout="x\n" * 30))

    def test_the_students_line_stands_in_a_frame_with_its_caret(self) -> None:
        error = StudentError("SyntaxError", TITLE, 12, "x = 3 +* 4\n       ^")
        text = page(report(check("error"), error=error))
        above, below = (next(row for row in text.splitlines() if mark in row) for mark in ("+*", "^"))
        assert above.index("*") == below.index("^") and "line 12" in text
        assert "第 12 行" in page(report(check("error"), error=error), "zh")

    def test_notes_on_how_it_was_graded(self) -> None:
        text = page(report(check(), isolation="process", visible_only=True))
        assert "Only the visible cases were used" in text and "without full isolation" in text
        assert "isolation" not in page(report(check()))

    def test_what_could_not_be_graded_has_no_score(self) -> None:
        text = page(report(check("skipped"), status="not-gradable", score=0.0))
        assert "0 / " not in text and "So." in text

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("width", [20, 40, 80, 200])
    def test_no_row_is_wider_than_the_terminal_and_no_word_is_lost(
        self, width: int, language: Language
    ) -> None:
        long = Text("word " * 40 + "x" * 300 + " end.", "很长的一句话" * 30 + "。")
        example = Counterexample({"x": [float(n) for n in range(60)]}, [0.1] * 60, [0.2] * 60)
        one = report(
            check("failed", message=long, counterexample=example, diagnosis=Diagnosis("scale", long, 0.5)),
            stdout="y" * 500,
            summary=long,
        )
        text = page(one, language, width)
        assert max(cell_len(row) for row in text.splitlines()) <= width
        table = shown(batch_table([("n" * 300 + ".py", one, "")], language), width)
        assert max(cell_len(row) for row in table.splitlines()) <= width
        assert "…" not in text + table
        if width >= 40:
            assert "".join(text.split()).count("y") >= 500


class TestExercises:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("width", [40, 100])
    def test_every_exercise_can_be_read(self, library: Library, language: Language, width: int) -> None:
        for exercise in library.all():
            text = shown(exercise_page(exercise, language), width)
            assert exercise.title.in_(language)[:8] in text
            assert f"grade run {exercise.slug}" in " ".join(text.split())
            assert "$" not in text and "mathbf" not in text
        assert shown(exercises_table(library.all(), language), width)

    def test_given_code_is_shown(self, library: Library) -> None:
        exercise = library.get("detach")
        assert "Given" in shown(exercise_page(exercise, "en"))
        assert "Given" not in shown(exercise_page(msgspec.structs.replace(exercise, given=""), "en"))


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("$x$", "x"),
        (r"$2\,\mathbf{x}^\top \mathbf{x}$", "2 xᵀ x"),
        (r"$f(\mathbf{x}) = 2x_1^2 + 2x_2^2 + \dots$", "f(x) = 2x₁² + 2x₂² + …"),
        (r"$J_{ij} = \partial y_i / \partial x_j$", "Jᵢⱼ = ∂yᵢ / ∂xⱼ"),
        (r"$$\nabla_{\mathbf{x}} \sum_i v_i\, y_i .$$", "∇ₓ ∑ᵢ vᵢ yᵢ ."),
        (r"$\lVert b \rVert < 1000$", r"‖b ‖ \< 1000"),
        (r"$\frac{a}{b}$ and $e^{x+y}$", "a/b and e^(x+y)"),
        (r"$\frac{e^{x_i}}{\sum_j e^{x_j}}$", "(e^(xᵢ))/(∑ⱼ e^(xⱼ))"),
        (r"$\sqrt{x^2} + \tfrac12$", "√x² + 1/2"),
        (r"$f(x) = \begin{cases} x & x \le 1 \\ 5 & \text{else} \end{cases}$", "f(x) = { x x ≤ 1 ; 5 else }"),
        (r"$\unknown{x} } {$", "unknownx "),
        ("costs 5 dollars, `x_1` and *this*", "costs 5 dollars, `x_1` and *this*"),
        (r"$x_{max} * y$", r"x\_(max) \* y"),
    ],
)
def test_latex_becomes_what_a_terminal_can_show(markdown: str, text: str) -> None:
    assert readable_mathematics(markdown) == text


LOCALES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def unnamed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A terminal that asks for no language."""
    for name in LOCALES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ({"LANG": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh-Hans"}, "zh"),
        ({"LC_ALL": "zh_CN.GBK", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANGUAGE": "zh"}, "zh"),
        ({"LANGUAGE": "de:zh_CN:en", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANGUAGE": "zh", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
    ],
)  # fmt: skip
def test_the_wish_of_a_terminal_counts_where_that_locale_is_not_installed(
    unnamed: pytest.MonkeyPatch, wishes: dict[str, str], language: Language
) -> None:
    unnamed.setattr(locale, "getlocale", lambda: ("de_DE", "UTF-8"))
    for name, value in wishes.items():
        unnamed.setenv(name, value)
    assert options.reader_language() == language


@pytest.mark.parametrize(
    ("name", "language"),
    [("zh_CN", "zh"), ("Chinese (Simplified)_China", "zh"), ("en_GB", "en"), (None, "en"), ("de_DE", "en")],
)
def test_the_language_is_the_terminals(
    unnamed: pytest.MonkeyPatch, name: str | None, language: Language
) -> None:
    unnamed.setattr(locale, "getlocale", lambda: (name, "UTF-8"))
    assert options.reader_language() == language


def test_a_locale_that_cannot_be_read_is_english(unnamed: pytest.MonkeyPatch) -> None:
    def fail() -> Any:
        raise ValueError("unknown locale: UTF-8")

    unnamed.setattr(locale, "getlocale", fail)
    assert options.reader_language() == "en"
