"""Tape of a backward pass: what is said of each step, however it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from grader.model.tape import Move, TapePicture, TapeStep
from grader.model.text import EMPTY, Text
from grader.model.values import Plain
from grader.pictures.folding import Run, runs
from grader.pictures.graph_view import plain

_SIGNS: Final = {
    "add": "a + b", "sub": "a − b", "rsub": "b − a", "mul": "a · b", "div": "a / b", "neg": "−a",
    "pow": "aⁿ", "sqrt": "√a", "reciprocal": "1 / a", "exp": "exp a", "log": "ln a", "sin": "sin a",
    "cos": "cos a", "tanh": "tanh a", "abs": "|a|", "sum": "Σ a", "mean": "mean a", "prod": "Π a",
    "dot": "a · b", "mv": "A b", "mm": "A B", "bmm": "A B", "t": "Aᵀ", "transpose": "Aᵀ",
}  # fmt: skip
_INPUTS: Final = 90
_ARRIVES: Final = Text("arrives: autograd's answer", "到达：autograd 的答案")
_YOURS: Final = Text("yours", "你的答案")


def title(tape: TapePicture) -> Text:
    """What is played, and where."""
    at = ", ".join(f"{name} = {plain(value)}" for name, value in tape.inputs.items())
    at = at if len(at) <= _INPUTS else at[: _INPUTS - 1] + "…"
    by = f" to {tape.by}" if tape.by else ""
    by_zh = f"传到 {tape.by} 的" if tape.by else "的"
    return Text(
        f"The backward pass of {tape.call}{by}, step by step" + (f", at {at}" if at else ""),
        f"{tape.call} {by_zh}反向传播，逐步展开" + (f"，取 {at}" if at else ""),
    )


def name(step: TapeStep, by: str) -> Text:
    """What a step undoes, or where it ends."""
    if step.operation == "leaf":
        return Text(f"{by} is reached" if by else "the input is reached", f"到达 {by}" if by else "到达输入")
    if not step.operation:
        return Text("a step of autograd's own", "autograd 内部的一步")
    return Text(step.operation, step.operation)


def arrival(tape: TapePicture, step: TapeStep) -> list[tuple[Text, str, bool]]:
    """What is said where the pass ends: what it is, the number, and whether it is the student's.

    What arrives is autograd's answer, unless a line of code shows more than that, or an entry of it.
    """
    came = value(step.into, step.shape)
    rows = [(Text("arrives", "到达") if tape.asked else _ARRIVES, came, False)]
    if tape.held is not None:
        gradient = tape.asked.partition("[")[0]
        rows.append((Text(f"{gradient} held before", f"{gradient} 里原有"), plain(tape.held), False))
    if tape.asked:
        added = Text(f"{tape.asked} is then", f"之后 {tape.asked} 是")
        rows.append((added, plain(tape.right), False))
    rows.append((_YOURS, plain(tape.yours), True))
    return rows


def yours(step: TapeStep) -> Text:
    """That a number of the student's is about what comes in at a step."""
    if step.right is None:
        return EMPTY
    return Text(f"yours, for {step.name}", f"你的答案（{step.name}）")


def end(tape: TapePicture) -> Text:
    """What is said below the last step."""
    if not tape.stopped:
        return EMPTY
    return Text(
        "This is the first of your numbers that differs. From here on the way back is yours again.",
        "这是你的数里第一个不同的。从这里往回的路，请你自己接着走。",
    )


def sign(step: TapeStep) -> str:
    """What the operation is written as on paper; empty where torch's name is as good."""
    return _SIGNS.get(step.operation, "")


def local(move: Move) -> tuple[Text, str]:
    """How a step makes what goes on of what comes in: in words, and its numbers if it has some."""
    numbers = "" if move.local is None else plain(move.local)
    match move.rule:
        case "same":
            return Text("1: it goes on as it came", "1：原样传下去"), ""
        case "reshaped":
            return Text("1: the same numbers in another shape", "1：数值不变，只是换了形状"), ""
        case "transposed":
            return Text("1: the same numbers, transposed", "1：数值不变，只是转置"), ""
        case "times":
            return Text("times", "乘以"), numbers
        case "left":
            return Text("multiplied from the left by the matrix", "左乘矩阵"), numbers
        case "right":
            return Text("multiplied from the right by the matrix", "右乘矩阵"), numbers
        case "jacobian":
            return Text(
                "times the Jacobian (a row for each number that comes in)",
                "乘以雅可比矩阵（每个传入的数对应一行）",
            ), numbers
    return Text("(not written out here)", "（这里没有写出）"), ""


def value(numbers: Plain, shape: tuple[int, ...]) -> str:
    """Numbers, or of too many the shape."""
    return f"<{' × '.join(map(str, shape))}>" if numbers is None else plain(numbers)


def difference(tape: TapePicture) -> Text:
    """What is known of the step at which the student's answer leaves the tape."""
    if tape.differs is None:
        return EMPTY
    if tape.dropped is None:
        return Text(
            "If this step passed on what comes in as it is, the answer would be yours.",
            "假如这一步把传入的梯度原样传下去，得到的就正是你的答案。",
        )
    to = tape.steps[tape.differs].moves[tape.dropped].to + 1
    return Text(
        f"If nothing went on to step {to} from here, the answer would be yours.",
        f"假如这里没有梯度传到第 {to} 步，得到的就正是你的答案。",
    )


def rounds(tape: TapePicture) -> Iterator[tuple[Run, Text]]:
    """The steps in stretches, and what is said of one that holds a loop's rounds; nothing of one step."""
    for run in runs([(step.operation, step.code) for step in tape.steps]):
        names = ", ".join(step.operation for step in tape.steps[run.start : run.start + run.period])
        said = Text(
            f"Steps {run.start + 1} to {run.end}: {names} × {run.count} rounds",
            f"第 {run.start + 1} 到 {run.end} 步：{names}，共 {run.count} 轮",
        )
        yield run, said if run.count > 1 else EMPTY


def code(step: TapeStep) -> str:
    """The line of the given code that does it, in one line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in step.code)
