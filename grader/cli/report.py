"""Report as a terminal shows it: what ``run``, ``watch``, ``submit`` and ``status`` print of a verdict."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Line

from grader.cli.console import beside, grid, numbers, say
from grader.model.check import Check
from grader.model.inert import inert
from grader.model.kinds import CHECKS
from grader.model.report import CheckResult, Report, Verdict
from grader.model.text import EMPTY, Language, Text

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
        details = [_indented(Line(say(language, "as above", "同上"), style="dim"))] if again else None
        title = Line(check.title.in_(language))
        if verdict in _WORDS:
            title.append(f"   {_WORDS[verdict].in_(language)}", style="yellow")
        shown = title if unrun else Group(title, *(details or _details(check, language)))
        before = check
        worth = "" if report.status == "not-gradable" else f"{check.points:g} / {check.max_points:g}"
        table.add_row(Line(mark, style=style), shown, worth)
    parts: list[RenderableType] = [top, Line(), table]
    if report.error is not None and report.error.excerpt:
        where = say(language, f"line {report.error.line}", f"第 {report.error.line} 行")
        parts += [
            Line(),
            Panel(Line(inert(report.error.excerpt)), title=where, title_align="left", border_style="red"),
        ]
    if report.stdout:
        printed = say(language, "printed", "打印内容")
        text = Line(inert(_head_and_tail(report.stdout.rstrip("\n"), language)))
        parts += [Line(), Panel(text, title=printed, title_align="left", border_style="dim")]
    notes = [inert(note.in_(language)) for note in report.notes]
    if report.withheld:
        notes.append(
            say(language, "In this exercise you are told the score and whether each check passes, not why.",
                 "这道练习只告诉你得分以及每项检查是否通过，不说明原因。")
        )  # fmt: skip
    if report.variant:
        notes.append(
            say(language, f"About the numbers of variant {report.variant}.",
                 f"按第 {report.variant} 组数字评判。")
        )  # fmt: skip
    if report.visible_only:
        notes.append(
            say(language, "Only the visible cases were used: there is no solutions folder here.",
                 "只使用了可见用例：这里没有 solutions 文件夹。")
        )  # fmt: skip
    if report.isolation == "process":
        notes.append(
            say(language, "Code runs here without full isolation: grade doctor says what is missing.",
                 "这里运行代码时没有完整的隔离：grade doctor 会说明缺少什么。")
        )  # fmt: skip
    if notes:
        parts += [Line(), *[Line(note, style="dim") for note in notes]]
    return Group(*parts)


def _duration(ms: float, language: Language) -> str:
    """``12 ms``; from a second on ``4.1 s``."""
    if ms < 1000:
        return say(language, f"{ms:.0f} ms", f"{ms:.0f} 毫秒")
    return say(language, f"{ms / 1000:.1f} s", f"{ms / 1000:.1f} 秒")


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
    gap = say(language, f"… {left} lines more …", f"…… 省略 {left} 行 ……")
    return "\n".join([*lines[: _PRINTED_LINES - end], gap, *lines[-end:]])


def _indented(line: RenderableType) -> Padding:
    return Padding(line, (0, 0, 0, 2))


def _details(check: CheckResult, language: Language) -> list[RenderableType]:
    lines: list[RenderableType] = []
    example = check.counterexample
    if example is not None:
        table = grid(3)
        at = ", ".join(f"{name} = {numbers(value)}" for name, value in example.inputs.items())
        of_values = check.typed is not None or CHECKS.get(check.kind, Check).of_values
        source = say(language, "right", "正确") if of_values else "torch.autograd.grad"
        due, came = beside(example.expected, example.actual)
        table.add_row(Line(at), Line(source, style="dim"), Line(due, style="green"))
        table.add_row("", Line(say(language, "yours", "你的"), style="dim"), Line(inert(came), style="red"))
        lines.append(_indented(table))
        note = inert(example.note.in_(language))
        if note:
            lines.append(_indented(Line(note, style="dim")))
    message = inert(check.message.in_(language))
    if message:
        lines.append(_indented(Line(message)))
    if check.typed is not None and check.typed.note != EMPTY:
        lines.append(_indented(Line(inert(check.typed.note.in_(language)), style="dim")))
    if check.diagnosis is not None:
        hint = inert(check.diagnosis.hint.in_(language))
        lines.append(_indented(Line(hint, style="italic")))
    return lines
