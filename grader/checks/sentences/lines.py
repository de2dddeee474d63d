"""Lines outside of the functions that were passed over while the file was run."""

from __future__ import annotations

from grader.checks.sentences.runs import TRIED
from grader.model.text import Text, listed


def _where(line: int | None) -> Text:
    if line is None:
        return Text("A line outside of your functions", "函数之外的某一行")
    return Text(f"Line {line}, outside of your functions,", f"第 {line} 行（在函数之外）")


def note_raised(kind: str, message: str, line: int | None) -> Text:
    at = _where(line)
    first = message.strip().partition("\n")[0].partition(". ")[0][:160].rstrip(".")
    said = f"{kind}: {first}" if first else kind
    return Text(
        f"{at.en} raised {said}. That line was passed over; the rest was judged.",
        f"{at.zh}抛出了 {said}。这一行已跳过，其余照常评判。",
    )


def note_uses_absent(path: str, line: int | None) -> Text:
    at, module = _where(line), path.partition(".")[0]
    return Text(
        f"{at.en} needs a value that comes from {path}, and {module} is not installed here. That line was passed over; the rest was judged.",
        f"{at.zh}需要来自 {path} 的值，而这里没有安装 {module}。这一行已跳过，其余照常评判。",
    )


def note_refused(what: str, line: int | None) -> Text:
    at, tried = _where(line), TRIED.get(what, TRIED["kernel"])
    return Text(
        f"{at.en} tried to {tried.en}, which submissions may not do. That line was passed over; the rest was judged.",
        f"{at.zh}试图{tried.zh}，提交的代码不允许这样做。这一行已跳过，其余照常评判。",
    )


def note_unreadable(message: str, line: int | None) -> Text:
    at = Text("One cell", "有一个单元格") if line is None else Text(f"Line {line}", f"第 {line} 行")
    said = message[:160].rstrip(".")
    return Text(f"{at.en} cannot be read as Python ({said}), so its cell was left out. The other cells were run.",
                f"{at.zh}无法按 Python 解析（{said}），因此没有运行它所在的单元格，其余单元格照常运行。")  # fmt: skip


def note_slow(line: int | None) -> Text:
    at = _where(line)
    return Text(f"{at.en} took too long and was stopped. The rest was judged.",
                f"{at.zh}运行太久，被中止了。其余照常评判。")  # fmt: skip


def note_breakpoint(line: int | None) -> Text:
    at = Text("A line", "某一行") if line is None else Text(f"Line {line}", f"第 {line} 行")
    return Text(f"{at.en} calls breakpoint(); nobody can type here, so it was passed over.",
                f"{at.zh}调用了 breakpoint()；这里没有人能输入，因此跳过了它。")  # fmt: skip


def note_died(line: int | None, cause: str, detail: str) -> Text:
    at = _where(line)
    if cause == "timeout":
        return note_slow(line)
    if cause == "memory":
        return Text(f"{at.en} used more memory than a submission may, and was left out. The rest was judged.",
                    f"{at.zh}占用的内存超过了限制，因此没有运行。其余照常评判。")  # fmt: skip
    return Text(f"{at.en} ended the process ({detail or cause}), and was left out. The rest was judged.",
                f"{at.zh}使进程结束了（{detail or cause}），因此没有运行。其余照常评判。")  # fmt: skip


def note_absent(names: list[str]) -> Text:
    said = listed(names)
    one = len(names) == 1
    return Text(
        f"Your file imports {said.en}, which {'is' if one else 'are'} not installed here: nothing is drawn, loaded or computed with {'it' if one else 'them'}. The rest was judged.",
        f"你的文件导入了 {said.zh}，而这里没有安装：不会用{'它' if one else '它们'}绘图、加载数据或计算，其余照常评判。",
    )
