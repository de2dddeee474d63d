"""Values that are wrong in form or in number, and what is said of right ones."""

from __future__ import annotations

from typing import Final

from grader.checks.sentences.phrases import a_noun, subject_zh
from grader.model.text import Text, listed


def returned_unkept(name: str, line: int) -> Text:
    """For None, where torch warned that ``.grad`` was read where there is none."""
    said = grad_of_no_leaf(line)
    return Text(f"{name} returned None. {said.en}", f"{name} 返回了 None。{said.zh}")


def grad_of_no_leaf(line: int) -> Text:
    return Text(
        f"Line {line} reads .grad of a tensor that is not a leaf, and there it is None: backward keeps gradients in leaves only, unless retain_grad() was called. From which leaf was that tensor made?",
        f"第 {line} 行读取了一个非叶子张量的 .grad，而它是 None：除非调用过 retain_grad()，backward 只把梯度留在叶子张量里。那个张量是由哪个叶子张量得到的？",
    )


def returned_none(name: str) -> Text:
    return Text(f"{name} returned None. Does a path through it end without a return, or is what it returns None?",
                f"{name} 返回了 None。它的每条路径最后都有 return 吗？返回的会不会本来就是 None？")  # fmt: skip


def not_none(who: Text) -> Text:
    """For a gradient by an input that the output does not depend on."""
    return Text(
        f"{who.en} should be None here: in the right code no path leads from the output to this input. None is not zero.",
        f"{subject_zh(who)}在这里应当是 None：在正确的代码里没有路径从输出通向这个输入。None 不等于零。",
    )


def no_item(name: str, kind: str, which: int | str) -> Text:
    """For one of several results that is not there."""
    if isinstance(which, int):
        return Text(f"{name} returned {a_noun(kind)} that has no item {which} (counted from 0).",
                    f"{name} 返回的 {kind} 里没有第 {which} 项（从 0 数起）。")  # fmt: skip
    return Text(
        f"{name} returned {a_noun(kind)} that has no item {which}.",
        f"{name} 返回的 {kind} 里没有 {which} 这一项。",
    )


def item_not_none(name: str, which: int | str) -> Text:
    """For one of several results that holds numbers, where the output does not depend on the input."""
    if isinstance(which, int):
        return Text(
            f"Item {which} of what {name} returned (counted from 0) should be None here: in the right code no path leads from the output to this input. None is not zero.",
            f"{name} 返回的第 {which} 项（从 0 数起）在这里应当是 None：在正确的代码里没有路径从输出通向这个输入。None 不等于零。",
        )
    return Text(
        f"What {name} returned should hold None for {which} here: in the right code no path leads from the output to this input. None is not zero.",
        f"{name} 返回的 {which} 在这里应当是 None：在正确的代码里没有路径从输出通向这个输入。None 不等于零。",
    )


def item_is_none(name: str, which: int | str) -> Text:
    """For one of several results that is None, where numbers are due."""
    if isinstance(which, int):
        return Text(f"Item {which} of what {name} returned (counted from 0) is None; numbers are due there.",
                    f"{name} 返回的第 {which} 项（从 0 数起）是 None；那里应当是数值。")  # fmt: skip
    return Text(f"What {name} returned holds None for {which}; numbers are due there.",
                f"{name} 返回的 {which} 是 None；那里应当是数值。")  # fmt: skip


def no_tuple(name: str, kind: str, which: int | str | None, items: int) -> Text:
    """For one thing where several are due, each in its place."""
    if isinstance(which, str):
        return Text(f"{name} returned {a_noun(kind)}; return a dict that holds {which}, too.",
                    f"{name} 返回了 {kind}；请返回字典，其中包含 {which}。")  # fmt: skip
    due = f"({', '.join('…' * max(2, items))})"
    return Text(f"{name} returned {a_noun(kind)} alone; return a tuple {due}, one gradient for each input.",
                f"{name} 只返回了一个 {kind}；请返回元组 {due}，每个输入各一个梯度。")  # fmt: skip


def wrong_type(name: str, kind: str) -> Text:
    return Text(f"{name} returned {a_noun(kind)}; return a tensor.", f"{name} 返回了 {kind}；请返回张量。")


def one_in_a_tuple(name: str) -> Text:
    """For a tensor in a tuple of its own, where a tensor is due."""
    return Text(
        f"{name} returned a tuple with one tensor in it; return the tensor itself, which [0] takes out. For one input, torch.autograd.grad returns such a tuple; a comma at the end of the return line makes one, too.",
        f"{name} 返回的是只含一个张量的元组；请返回其中的张量本身，用 [0] 取出。对一个输入求导时，torch.autograd.grad 返回的就是这样的元组；return 那一行末尾多一个逗号，也会变成元组。",
    )


def one_in_a_list(name: str) -> Text:
    """The same of a list."""
    return Text(f"{name} returned a list with one tensor in it; return the tensor itself, which [0] takes out.",
                f"{name} 返回的是只含一个张量的列表；请返回其中的张量本身，用 [0] 取出。")  # fmt: skip


def values_and_indices(name: str, function: str) -> Text:
    """For what torch.max and its like return along a dimension."""
    return Text(
        f"{name} returned the pair (values, indices) that torch.{function} gives along a dimension; return a tensor. .values takes the numbers out of it, .indices says where they stand.",
        f"{name} 返回的是 torch.{function} 沿一个维度给出的二元组 (values, indices)；请返回张量。用 .values 取出其中的数值，.indices 则是它们所在的位置。",
    )


def several_tensors(name: str, parts: str) -> Text:
    """For what another function of torch returns that returns several tensors under names."""
    return Text(f"{name} returned several tensors together, ({parts}); return a tensor, one of them or what is made of them.",
                f"{name} 返回的是合在一起的几个张量 ({parts})；请返回一个张量：其中之一，或由它们算出的结果。")  # fmt: skip


def wrong_shape(who: Text, got: str, want: str) -> Text:
    return Text(
        f"{who.en} has shape {got}, but should have shape {want}; shapes are never stretched to fit.",
        f"{subject_zh(who)}的形状是 {got}，而应为 {want}；形状不会被自动扩展。",
    )


def wrong_dtype(who: Text, got: str, *, is_value: bool = False) -> Text:
    if is_value:
        return Text(
            f"{who.en} is {got}; the right value has floating-point numbers.",
            f"{subject_zh(who)}的类型是 {got}；正确的值是浮点数。",
        )
    return Text(
        f"{who.en} is {got}; a gradient is a floating-point tensor.",
        f"{subject_zh(who)}的类型是 {got}；梯度是浮点张量。",
    )


def not_finite(who: Text, got: str) -> Text:
    return Text(
        f"{who.en} has {got} at an entry where the right answer is finite.",
        f"{subject_zh(who)}有一个分量是 {got}，而那里的正确值是有限的。",
    )


def not_finite_expected(who: Text) -> Text:
    return Text(f"{who.en} is finite at an entry where the right answer is not.",
                f"{subject_zh(who)}有一个分量是有限的，而那里的正确值不是。")  # fmt: skip


def wrong_value(who: Text, where: str, right: str, given: str) -> Text:
    """For a visible case."""
    return Text(
        f"{who.en} is {given}{where and f' at {where}'}; {right} is right.",
        f"{subject_zh(who)}{where and f'在位置 {where} '}是 {given}，应为 {right}。",
    )


def wrong_elsewhere(who: Text) -> Text:
    return Text(f"{who.en} is wrong.", f"{subject_zh(who)}不对。")


def wrong_hidden(who: Text) -> Text:
    """Only where the numbers are not shown."""
    return _right_where_shown(
        who, Text(" What is special about the visible ones?", "可见用例有什么特殊之处？")
    )


def wrong_hidden_contracted(who: Text) -> Text:
    """The same of a gradient: at hidden cases the incoming gradient is another than at visible ones."""
    return _right_where_shown(
        who, Text(" There, the incoming gradient is not all ones.", "在那些用例上，传入的梯度不全为 1。")
    )


def wrong_hidden_with_value(who: Text, function: str) -> Text:
    """The same of a gradient, where the function's value is another one, too."""
    return _right_where_shown(
        who,
        Text(
            f" There, {function} itself returns another value than expected, too.",
            f"在那些用例上，{function} 本身返回的值也与预期不同。",
        ),
    )


def _right_where_shown(who: Text, further: Text) -> Text:
    return Text(
        f"{who.en} is right at the cases you can see, but wrong at others.{further.en}",
        f"{subject_zh(who)}在可见用例上正确，在其他用例上却不对。{further.zh}",
    )


FLOAT32: Final = Text(
    "Right. It came in single precision, so it was compared with a tolerance of 1e-4.",
    "正确。结果是单精度的，因此按 1e-4 的容差比较。",
)
FLOAT16: Final = Text(
    "Right. It came in half precision, so it was compared with a tolerance of 1e-2.",
    "正确。结果是半精度的，因此按 1e-2 的容差比较。",
)
WHOLE: Final = Text(
    "Right. It came as whole numbers; the gradient of a float tensor is a float tensor.",
    "正确。结果是整数张量；浮点张量的梯度也是浮点张量。",
)
WHOLE_VALUE: Final = Text(
    "Right. It came as whole numbers; what is computed from a float tensor is a float tensor.",
    "正确。结果是整数张量；由浮点张量算出的也是浮点张量。",
)


def mutated(name: str) -> Text:
    return Text(
        f"Note: {name} changes its input in place; whoever calls it will find other numbers there.",
        f"注意：{name} 原地修改了它的输入；调用者会发现其中的数变了。",
    )


RANDOM: Final = Text(
    "Your function returns different numbers for the same input when it is run again.",
    "对同一输入再次运行时，你的函数返回了不同的数。",
)
ONLY_SHAPES: Final = Text(
    "There are too many numbers to show, so only the shapes stand here.",
    "数值太多，无法一一列出，这里只写出形状。",
)
EXPECTED_CUT: Final = Text(
    "Only the beginning of what is expected is shown.", "应得的结果太长，这里只显示开头部分。"
)
ACTUAL_CUT: Final = Text(
    "Only the beginning of what you returned is shown.", "你返回的内容太长，这里只显示开头部分。"
)


def only_a_part(shape: str, part: str, *, around: bool) -> Text:
    """Of two large tensors of one shape, the same part is shown."""
    if around:
        return Text(
            f"Of the entries of shape {shape} only {part} are shown, around one that is wrong.",
            f"形状为 {shape}，这里只显示其中一个错误元素附近的 {part} 部分。",
        )
    return Text(
        f"Of the entries of shape {shape} only {part} are shown.",
        f"形状为 {shape}，这里只显示 {part} 部分。",
    )


def inputs_cut(names: list[str]) -> Text:
    """Large inputs are not shown whole.

    :param names: of these inputs; at least one.
    """
    said = listed(names)
    return Text(f"Only the beginning of {said.en} is shown.", f"{said.zh} 太长，只显示开头部分。")
