"""Gradients through the student's own function or by a backward of their own."""

from __future__ import annotations

from typing import Final

from grader.model.text import Text


def through(function: str, order: int = 1) -> Text:
    """What a gradient check judges, as the subject of a sentence.

    :param order: how often f is differentiated.
    """
    if order == 2:
        return Text(
            f"The second derivative through your {function}", f"autograd 对你的 {function} 求出的二阶导数"
        )
    return Text(f"The gradient through your {function}", f"autograd 对你的 {function} 求出的梯度")


def backward_of(name: str) -> Text:
    """What a backward check judges, as the subject of a sentence."""
    return Text(f"What the backward of {name} returns", f"{name} 的 backward")


def other_forward(name: str) -> Text:
    """A class whose forward is wrong: its backward is not looked at."""
    return Text(
        f"The forward of {name} returns other values than it should, so its backward is not judged yet.",
        f"{name} 的 forward 返回的值不对，所以还没有评判它的 backward。",
    )


def backward_returned_none(name: str, wrt: str | None) -> Text:
    """None in the place of a gradient that is asked for."""
    which = Text(f" for {wrt}", f"对 {wrt} ") if wrt else Text("", "")
    return Text(
        f"The backward of {name} returns None{which.en}, where a gradient is due: it returns one thing for each "
        "argument of forward, in their order.",
        f"{name} 的 backward {which.zh}返回了 None，而这里应当是梯度：backward 要按顺序为 forward 的每个参数各返回一项。",
    )


def backward_count(name: str, wanted: int, given: int) -> Text:
    """A backward that returns too few or too many things."""
    return Text(
        f"The backward of {name} returns {given} of {wanted} gradients: one is due for each argument of forward, in "
        "their order, and None for those that have none.",
        f"{name} 的 backward 返回了 {given} 项，应当返回 {wanted} 项：按顺序为 forward 的每个参数各返回一项，没有梯度的返回 None。",
    )


def backward_asks_autograd(name: str, line: int | None) -> Text:
    """A backward that differentiates instead of computing."""
    at = Text("It", "它") if line is None else Text(f"Line {line}", f"第 {line} 行")
    return Text(
        f"{at.en} asks autograd, and the backward of {name} is run where there is none: compute what it returns from "
        "the incoming gradient and what forward saved.",
        f"{at.zh}调用了 autograd，而 {name} 的 backward 是在没有 autograd 的环境里运行的：请用传入的梯度和 forward 保存的量把结果算出来。",
    )


NOT_THE_SLOPE: Final = Text(
    "Your prediction is what autograd says of your f, but not how f really changes: somewhere the graph is cut, or a derivative is replaced.",
    "你的预测与 autograd 对你的 f 给出的结果一致，但 f 的实际变化并非如此：计算图在某处被切断，或某个导数被替换了。",
)
F_NOT_ITS_GRADIENT: Final = Text(
    "What autograd says of your f is not how f really changes: somewhere the graph is cut (by .item() or detach(), say), or a derivative is replaced. "
    "Mend f first: your prediction cannot be judged by such a gradient.",
    "autograd 对你的 f 给出的结果与 f 的实际变化不符：计算图在某处被切断（例如用了 .item() 或 detach()），或某个导数被替换了。"
    "请先修正 f：这样的梯度无法用来评判你的预测。",
)
NO_VALUES_NEARBY: Final = Text(
    "Around most inputs your f gives no finite number when it is only called, so it cannot be seen how it changes there. Let it give numbers there, too.",
    "在大多数输入附近，只调用你的 f 时得不到有限的数值，因此看不出它在那里如何变化。请让它在那里也返回数值。",
)
JUMPS_EVERYWHERE: Final = Text(
    "Around most inputs the values of your f do not show its slope: it jumps there, changes very fast, or gives no finite number. So autograd's gradient cannot be held against them. Choose a function that is smooth near most inputs.",
    "在大多数输入附近，从 f 的函数值看不出斜率：它有跳跃、变化太快，或没有有限的数值，因此无法用它们来核对 autograd 的梯度。请换一个在大多数输入附近光滑的函数。",
)
OWN_NOT_FINITE: Final = Text(
    "The gradient of your own f holds NaN or infinity at some input, so no prediction of it can be judged.",
    "你自己的 f 在某个输入处的梯度含有 NaN 或无穷，因此无法评判对它的预测。",
)
OWN_WITHOUT_GRADIENT_SOMEWHERE: Final = Text(
    "For some inputs no graph leads from what your f returns back to them (it is a constant, say, or was detached), so autograd finds no gradient there. A constant c can be written c + 0 * the input.",
    "对某些输入，没有计算图从 f 的返回值通向输入（例如返回的是常数，或经过了 detach），因此 autograd 在那里求不出梯度。常数 c 可以写成 c + 0 * 输入。",
)
OWN_WITHOUT_GRADIENT: Final = Text(
    "autograd finds no gradient through your own f, so there is nothing to compare your prediction with.",
    "autograd 无法对你自己的 f 求出梯度，因此没有可与你的预测比较的结果。",
)


def second_is_zero(name: str) -> Text:
    """For a second derivative through f that is zero everywhere, whatever the reason."""
    return Text(
        f"The second derivative through your {name} is zero everywhere, and it should not be.",
        f"autograd 对你的 {name} 求出的二阶导数处处为零，而它不应当处处为零。",
    )


def second_is_zero_behind(name: str, kind: str) -> Text:
    """The same, where a class with a backward of the student's own computes what f does."""
    zero = second_is_zero(name)
    return Text(
        f"{zero.en} Does the backward of {kind} compute with saved tensors, or with what forward worked out and kept?",
        f"{zero.zh}{kind} 的 backward 用的是存下的输入张量，还是 forward 里已经算好的结果？",
    )


CUT_HERE: Final = Text(
    "At the input shown, the output is not connected to the input: autograd finds no path back through your function there. At other inputs it does.",
    "在所示的输入处，输出与输入没有连通：autograd 在那里找不到从你的函数返回的路径；在其他输入处则找得到。",
)
CUT_AT_OTHERS: Final = Text(
    "At some other inputs, the output is not connected to the input at all.",
    "而在另一些输入处，输出与输入根本没有连通。",
)


CUT_BY_FIRST_DERIVATIVE: Final = Text(
    "Does your function take a derivative itself? Without create_graph=True what comes of it is a constant to autograd. "
    "Or is there a detach(), .item(), .data, numpy or no_grad() on the way, or a new leaf made of the input?",
    "你的函数里是否自己求了导？不加 create_graph=True，求得的结果对 autograd 来说就是常数。"
    "或者途中用了 detach()、.item()、.data、numpy 或 no_grad()，又或者由输入另建了新的叶子张量？",
)


def cut_elsewhere(name: str) -> Text:
    """For a graph that is cut at hidden cases only."""
    return Text(
        f"At the cases you can see, {name} is right; at some others, its output is not connected to the input.",
        f"在可见用例上，{name} 是对的；在另一些用例上，它的输出与输入没有连通。",
    )


def graph_used_up(name: str) -> Text:
    """Our own way back met a part of the graph that was freed: the function has gone back through it before."""
    return Text(
        f"{name} itself goes back through its graph, with backward() or torch.autograd.grad, and that uses the graph up: "
        f"nothing is left of it when the gradient of {name} is asked for. Let {name} return the value and leave that out.",
        f"{name} 自己用 backward() 或 torch.autograd.grad 沿计算图走了一遍，计算图因此被释放，轮到对 {name} 求梯度时已经没有了。"
        f"请让 {name} 只返回函数值，不要在里面求导。",
    )


def no_gradient_to_compare(name: str, got: str, want: str) -> Text:
    return Text(
        f"{name}(…) has shape {got}, but should have shape {want}, so its gradient cannot be compared. Mend the value first.",
        f"{name}(…) 的形状是 {got}，而应为 {want}，因此无法比较梯度。请先修正函数值。",
    )


def autograd_raised(kind: str, message: str) -> Text:
    message = message.rstrip(".")
    return Text(
        f"autograd could not differentiate it: {kind}: {message}.",
        f"autograd 无法对它求导：{kind}: {message}。",
    )
