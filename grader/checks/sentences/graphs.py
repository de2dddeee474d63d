"""Graphs and errors that a function should have: what it cuts, where it branches, what it raises."""

from __future__ import annotations

from typing import Final

from grader.checks.sentences.runs import raised
from grader.model.text import Text, listed


def nothing_raised(name: str, wanted: str) -> Text:
    return Text(
        f"{name} ran to its end without an error; here {wanted} should be raised.",
        f"{name} 正常运行到了结尾；而这里应当抛出 {wanted}。",
    )


def raised_by_hand(line: int | None) -> Text:
    where = Text(f" in line {line}", f"（第 {line} 行）") if line is not None else Text("", "")
    return Text(
        f"The error was raised by your own code{where.en}. Let torch raise it.",
        f"这个错误是你的代码自己抛出的{where.zh}。请让 torch 来抛出它。",
    )


def other_error(kind: str, message: str, line: int | None) -> Text:
    said = raised(kind, message, line)
    return Text(f"{said.en} That is not the error that is asked for.", f"{said.zh}这不是题目要的那个错误。")


def reaches_others(lost: list[str], more: list[str]) -> Text:
    """The graph of a function connects its output with other inputs than it should."""
    if lost:
        names = listed(lost, "or")
        return Text(f"In the graph of your function, the output is not connected to {names.en}.",
                    f"在你的函数的计算图里，输出没有与 {listed(lost).zh} 相连。")  # fmt: skip
    names = listed(more)
    return Text(f"In the graph of your function, the output is still connected to {names.en}.",
                f"在你的函数的计算图里，输出仍与 {names.zh} 相连。")  # fmt: skip


WHERE_CUT: Final = Text("On which line does a tensor lose its grad_fn?", "是在哪一行，张量失去了 grad_fn？")
CHOOSES_INSIDE: Final = Text(
    "With torch.where, the choice is made inside the graph, entry by entry: both branches are computed, whatever the numbers are. Here an if or a while in Python is asked for, one that looks at the numbers.",
    "torch.where 是在计算图内部逐个分量地选择：无论数值如何，两个分支都会计算。这里要的是 Python 的 if 或 while，由数值决定走哪条路。",
)
MASKED: Final = Text(
    "A mask chooses inside the graph, entry by entry: the same steps are done whatever the numbers are. Here an if or a while in Python is asked for, one that looks at the numbers.",
    "掩码是在计算图内部逐个分量地选择：无论数值如何，执行的步骤都一样。这里要的是 Python 的 if 或 while，由数值决定走哪条路。",
)
NO_BRANCH: Final = Text(
    "Nothing in your function decides by the numbers that it is given. Here an if or a while in Python is asked for, one that looks at them.",
    "你的函数里没有任何一处根据输入的数值作决定。这里要的是 Python 的 if 或 while，由数值决定走哪条路。",
)


def other_graph(name: str, wanted: bool) -> Text:
    if name == "cuts":
        if wanted:
            return Text(
                "Nothing is cut off in the graph of your function.", "你的函数的计算图里没有任何一处被切断。"
            )
        return Text(
            "Something is cut off in the graph of your function.", "你的函数的计算图里有一处被切断了。"
        )
    if wanted:
        return NO_BRANCH
    return Text("Your function has a branch or a loop that depends on the numbers; none is needed.",
                "你的函数里有依赖数值的分支或循环；这里并不需要。")  # fmt: skip
