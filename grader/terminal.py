"""Reports, lists and tables as a terminal shows them.

Whatever a student's code returned or printed passes through :func:`~grader.model.inert.inert` first: an
escape sequence in it must not move the instructor's cursor. :func:`console` sees to what was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text as Line

from grader.mathematics import readable_mathematics
from grader.model.exercise import Exercise
from grader.model.inert import inert
from grader.model.report import CheckResult, Report, Verdict
from grader.model.text import Language, Text

if TYPE_CHECKING:
    from grader.remote import Standing
    from grader.sandbox.probe import Layer

_WORDS = {
    "error": Text("raised an error", "运行出错"),
    "missing": Text("missing", "缺少"),
    "timeout": Text("took too long", "超时"),
    "memory": Text("too much memory", "内存超限"),
    "output": Text("too much output", "输出超限"),
    "crashed": Text("crashed", "进程崩溃"),
    "forbidden": Text("not allowed", "不允许的操作"),
    "malformed": Text("cannot be read", "无法读取"),
    "skipped": Text("not run", "没有运行"),
}
"""A verdict in words, where the sentence below it does not say right or wrong."""
_PRINTED_LINES = 30
"""So many lines of what the code printed are shown; a loop's thousand would bury the verdict."""
_MARKS = {"passed": ("✓", "green"), "skipped": ("–", "dim"), "missing": ("○", "yellow")}


def exercises_table(exercises: Iterable[Exercise], language: Language) -> Table:
    """``grade list``."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(_say(language, "section", "章节"), no_wrap=True)
    table.add_column(_say(language, "exercise", "练习"), overflow="fold")
    table.add_column("", overflow="fold")
    table.add_column(_say(language, "points", "分"), justify="right")
    for exercise in exercises:
        table.add_row(
            exercise.section,
            Line(exercise.slug, style="bold"),
            exercise.title.in_(language),
            f"{exercise.max_score:g}",
        )
    return table


def exercise_page(exercise: Exercise, language: Language) -> RenderableType:
    """``grade show``: what a student may see."""
    parts: list[RenderableType] = [
        Line.assemble((f"{exercise.section}  ", "dim"), (exercise.title.in_(language), "bold"),
                      f"   {exercise.max_score:g} ", _say(language, "points", "分")),
        Line(exercise.summary.in_(language), style="italic"),
        Line(),
        Markdown(readable_mathematics(exercise.prompt.in_(language))),
    ]  # fmt: skip
    if exercise.given:
        parts += [
            Line(),
            Line(_say(language, "Given", "题目给出"), style="bold"),
            Syntax(exercise.given_in(language), "python"),
        ]
    parts += [
        Line(),
        Line(_say(language, "Start from", "起始代码"), style="bold"),
        Syntax(exercise.starter_in(language), "python"),
    ]
    if exercise.answers:
        asks = _grid(2)
        for answer in exercise.answers:
            options = "".join(f"\n  {one.id}  {one.text.in_(language)}" for one in answer.option)
            asks.add_row(
                Line(f"--predict {answer.name}=…", style="bold"), Line(answer.ask.in_(language) + options)
            )
        parts += [Line(), Line(_say(language, "To predict", "需要预测"), style="bold"), asks]
    if exercise.cases:
        cases = _grid(1 + len(exercise.inputs))
        for case in exercise.cases:
            cases.add_row(
                Line(case.called.in_(language), style="dim"), *[f"{k} = {v}" for k, v in case.inputs.items()]
            )
        parts += [Line(), Line(_say(language, "Visible cases", "可见用例"), style="bold"), cases]
    hand_in = _say(
        language, f"Then: grade run {exercise.slug} FILE", f"完成后运行：grade run {exercise.slug} 文件"
    )
    parts += [Line(), Line(hand_in, style="dim")]
    return Group(*parts)


def report_page(report: Report, language: Language) -> RenderableType:
    """``grade run``: the verdict, worth reading."""
    head = Line.assemble(
        (f"{report.score:g} / {report.max_score:g}", "bold green" if report.passed else "bold"),
        "   ",
        inert(report.summary.in_(language)),
    )
    if report.status == "not-gradable":
        head = Line(inert(report.summary.in_(language)), style="dim")
    top = Table(box=None, pad_edge=False, show_header=False, expand=True)
    top.add_column(ratio=1, overflow="fold")
    top.add_column(justify="right", no_wrap=True)
    top.add_row(head, Line(_duration(report.duration_ms, language), style="dim"))
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(width=1)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    before: CheckResult | None = None
    for check in report.checks:
        # Of a file that Python cannot read, the summary says why; nothing was run for any check.
        unrun = report.not_run(check)
        verdict: Verdict = "skipped" if unrun else check.verdict
        mark, style = _MARKS.get(verdict, ("✗", "red"))
        # What stopped several checks alike is said once.
        again = before is not None and _alike(check, before)
        details = [_indented(Line(_say(language, "as above", "同上"), style="dim"))] if again else None
        title = Line(check.title.in_(language))
        if verdict in _WORDS:
            title.append(f"   {_WORDS[verdict].in_(language)}", style="yellow")
        shown = title if unrun else Group(title, *(details or _details(check, language)))
        before = check
        worth = "" if report.status == "not-gradable" else f"{check.points:g} / {check.max_points:g}"
        table.add_row(Line(mark, style=style), shown, worth)
    parts: list[RenderableType] = [top, Line(), table]
    if report.error is not None and report.error.excerpt:
        where = _say(language, f"line {report.error.line}", f"第 {report.error.line} 行")
        parts += [
            Line(),
            Panel(Line(inert(report.error.excerpt)), title=where, title_align="left", border_style="red"),
        ]
    if report.stdout:
        printed = _say(language, "printed", "打印内容")
        text = Line(inert(_head_and_tail(report.stdout.rstrip("\n"), language)))
        parts += [Line(), Panel(text, title=printed, title_align="left", border_style="dim")]
    notes = [inert(note.in_(language)) for note in report.notes]
    if report.visible_only:
        notes.append(
            _say(language, "Only the visible cases were used: there is no solutions folder here.",
                 "只使用了可见用例：这里没有 solutions 文件夹。")
        )  # fmt: skip
    if report.isolation == "process":
        notes.append(
            _say(language, "Code runs here without full isolation: grade doctor says what is missing.",
                 "这里运行代码时没有完整的隔离：grade doctor 会说明缺少什么。")
        )  # fmt: skip
    if notes:
        parts += [Line(), *[Line(note, style="dim") for note in notes]]
    return Group(*parts)


def _duration(ms: float, language: Language) -> str:
    """``12 ms``; from a second on ``4.1 s``."""
    if ms < 1000:
        return _say(language, f"{ms:.0f} ms", f"{ms:.0f} 毫秒")
    return _say(language, f"{ms / 1000:.1f} s", f"{ms / 1000:.1f} 秒")


def _alike(check: CheckResult, before: CheckResult) -> bool:
    """Whether two checks could not be judged for one reason, which was just said."""
    return check.verdict not in ("passed", "failed") and (check.verdict, check.message) == (
        before.verdict,
        before.message,
    )


def _head_and_tail(text: str, language: Language) -> str:
    """The beginning and the end of what was printed."""
    lines = text.split("\n")
    left = len(lines) - _PRINTED_LINES
    if left <= 1:
        return text
    end = _PRINTED_LINES // 3
    gap = _say(language, f"… {left} lines more …", f"…… 省略 {left} 行 ……")
    return "\n".join([*lines[: _PRINTED_LINES - end], gap, *lines[-end:]])


def _grid(columns: int) -> Table:
    """Columns without lines. Chinese has no spaces to break at: what is too long is folded, never cut off."""
    grid = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(columns):
        grid.add_column(overflow="fold")
    return grid


def _indented(line: RenderableType) -> Padding:
    return Padding(line, (0, 0, 0, 2))


def _details(check: CheckResult, language: Language) -> list[RenderableType]:
    lines: list[RenderableType] = []
    example = check.counterexample
    if example is not None:
        grid = _grid(3)
        at = ", ".join(f"{name} = {_plain(value)}" for name, value in example.inputs.items())
        source = _say(language, "right", "正确") if check.kind == "value" else "torch.autograd.grad"
        grid.add_row(Line(at), Line(source, style="dim"), Line(_plain(example.expected), style="green"))
        yours = inert(_plain(example.actual))
        grid.add_row("", Line(_say(language, "yours", "你的"), style="dim"), Line(yours, style="red"))
        lines.append(_indented(grid))
        note = inert(example.note.in_(language))
        if note:
            lines.append(_indented(Line(note, style="dim")))
    message = inert(check.message.in_(language))
    if message:
        lines.append(_indented(Line(message)))
    if check.diagnosis is not None:
        hint = inert(check.diagnosis.hint.in_(language))
        lines.append(_indented(Line(hint, style="italic")))
    return lines


def batch_table(rows: Sequence[tuple[str, Report | None, str]], language: Language) -> Table:
    """``grade batch``: one row a file; ``(file, report, problem)``."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(_say(language, "file", "文件"), overflow="fold")
    table.add_column(_say(language, "score", "得分"), justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for file, report, problem in rows:
        if report is None or report.status == "not-gradable":
            table.add_row(Line(inert(file, lines=False)), "–", Line(inert(problem), style="yellow"))
        else:
            style = "green" if report.passed else ""
            table.add_row(
                Line(inert(file, lines=False)),
                Line(f"{report.score:g} / {report.max_score:g}", style=style),
                Line(inert(report.summary.in_(language)), style="dim"),
            )
    return table


def standing_table(standing: Sequence[Standing], language: Language) -> RenderableType:
    """``grade status``: what one has in each exercise."""
    if not standing:
        return Line(
            _say(
                language,
                "You are a student in no course that has exercises.",
                "你没有作为学生参加任何有练习的课程。",
            )
        )
    table = Table(box=None, pad_edge=False, header_style="dim")
    several = len({entry.course for entry in standing}) > 1
    if several:
        table.add_column(_say(language, "course", "课程"), overflow="fold")
    table.add_column("", width=1)
    table.add_column(_say(language, "exercise", "练习"), overflow="fold")
    table.add_column(_say(language, "score", "得分"), justify="right", no_wrap=True)
    table.add_column(_say(language, "attempts", "次数"), justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for entry in standing:
        score, most = entry.score, entry.max_score
        of = "" if most is None else f" / {most:g}"
        said = [_say(language, f"waiting: {each}", f"等待评判：{each}") for each in entry.waiting]
        if not entry.open:
            said.append(_say(language, "closed", "已关闭"))
        row: list[RenderableType] = [
            Line("✓" if entry.passed else "", style="green"),
            Line(inert(entry.exercise), style="bold"),
            "–" if score is None else f"{score:g}{of}",
            str(entry.attempts),
            Line(inert("  ".join(said)), style="dim"),
        ]
        table.add_row(*([Line(inert(entry.course)), *row] if several else row))
    return table


def doctor_table(layers: Iterable[Layer]) -> RenderableType:
    """``grade doctor``: layer by layer, and what to do about each that is missing."""
    marks = {"ok": ("✓", "green"), "missing": ("✗", "red"), "weak": ("~", "yellow")}
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for layer in layers:
        mark, style = marks[layer.state]
        seen: list[RenderableType] = [Line(layer.seen)]
        if layer.state != "ok" and layer.mend:
            seen.append(Line(f"→ {layer.mend}", style="italic"))
        table.add_row(Line(mark, style=style), layer.name, Group(*seen))
    return table


def sentence(text: Text, language: Language) -> Line:
    """One sentence."""
    return Line(inert(text.in_(language)))


class _Inert(Console):
    """A console on which nothing but its own styles steers the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """The pieces of ``renderable``, with their text made inert."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(inert(segment.text), segment.style)


def console(*, stderr: bool = False) -> Console:
    """A console on standard output or error."""
    return _Inert(stderr=stderr, highlight=False, soft_wrap=False)


def _plain(value: Any) -> str:
    """Numbers with six significant digits, nested lists in brackets."""
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"  # -0.0 is a zero
    return str(value)


def _say(language: Language, en: str, zh: str) -> str:
    return zh if language == "zh" else en
