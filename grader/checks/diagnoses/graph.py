"""The graph as a whole: where it is cut and should not be, or should be and is not; and which input is asked about."""

from __future__ import annotations

from typing import Final

from grader.checks.compare import within
from grader.checks.diagnoses.places import at_a_place, single
from grader.checks.diagnoses.reason import (
    Instead,
    Reason,
    Rule,
    Said,
    of_autograd,
    of_gradients,
    of_predictions,
    of_telling_gradients,
)
from grader.checks.diagnoses.samples import SCALE_ENTRIES, Relation, Sample
from grader.model.text import Text


def all_zero(samples: list[Sample]) -> Relation | None:
    """Zeros came everywhere, where most of the right entries are none."""
    if any(s.given.shape != s.right.shape or s.given.any() for s in samples):
        return None
    wrong = sum(int((~within(s.given, s.right)).sum()) for s in samples)
    most = max(SCALE_ENTRIES, sum(s.right.size for s in samples) // 2)
    return Relation("cut-graph", variant="zero") if wrong > most else None


def _cut_said(relation: Relation) -> Said:
    return {"zero": _ALL_ZERO, "none": _NONE_ON_THE_WAY}.get(relation.variant, _CUT)


def _undetached_said(relation: Relation) -> Said:
    """Message and hint for a gradient that flows where it was cut; the variable is what was cut off."""
    via = relation.label.variable
    message, hint = _UNDETACHED
    if via:
        message = Text(
            f"Your gradient is the one you get when {via} is not cut off: the path through it still carries gradient.",
            f"你的梯度恰好是没有切断 {via} 时的结果：经过它的路径仍在传播梯度。",
        )
        hint = Text(
            f"In the graph, {via} is a constant. What is the derivative of a constant?",
            f"在计算图里，{via} 是常数。常数的导数是什么？",
        )
    return message, hint


def _other_input_said(relation: Relation) -> Said:
    """Message and hint for the derivative by another input: its variable names it."""
    name = relation.label.variable
    if name:
        return Text(
            f"Your answer is the derivative with respect to {name}; another input is asked about.",
            f"你的答案是关于 {name} 的导数；题目问的是另一个输入。",
        ), _OTHER_INPUT_HINT
    return Text(
        "Your answer is the derivative with respect to another input, not to the one that is asked about.",
        "你的答案是关于另一个输入的导数，不是题目所问的那个。",
    ), _OTHER_INPUT_HINT


_CUT: Final = (
    Text(
        "The output is not connected to the input: autograd finds no path back through your function.",
        "输出与输入没有连通：autograd 在你的函数里找不到返回的路径。",
    ),
    Text(
        "Is there a detach(), .item(), .data, numpy or no_grad() on the way, or a new leaf made of the input (torch.tensor(x), Variable)? "
        "Or is the input not used at all?",
        "途中是否用了 detach()、.item()、.data、numpy 或 no_grad()，或者由输入另建了新的叶子张量（torch.tensor(x)、Variable）？"
        "还是根本没有用到输入？",
    ),
)
_NONE_ON_THE_WAY: Final = (
    Text(
        "The output is connected to the input, but no gradient arrives there: a backward of your own returns None on the way.",
        "输出与输入是连通的，但梯度没有传到输入：途中你自己写的某个 backward 返回了 None。",
    ),
    Text(
        "For each argument of forward, what does your backward return, and in which order?",
        "对 forward 的每个参数，你的 backward 各返回什么？顺序对吗？",
    ),
)
_ALL_ZERO: Final = (
    Text(
        "Your answer is zero everywhere, as if the output did not depend on the input at all.",
        "你的答案处处为零，好像输出与输入完全无关。",
    ),
    Text(
        "Does the output change when you change one entry of the input? Along which path?",
        "改动输入的一个分量，输出会变吗？是沿哪条路径变的？",
    ),
)
_UNDETACHED: Final = (
    Text(
        "Your gradient is the one you get when nothing is detached: a path that should be cut still carries gradient.",
        "你的梯度恰好是没有 detach 时的结果：本该切断的路径仍在传播梯度。",
    ),
    Text(
        "Which tensor is meant to be a constant? What does its requires_grad say?",
        "哪个张量应当被当作常数？它的 requires_grad 是什么？",
    ),
)
_OTHER_INPUT_HINT: Final = Text(
    "Which input moves here, and which of them stand still meanwhile?",
    "这里变动的是哪个输入？哪些输入保持不变？",
)

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "cut-graph",
        said=_cut_said,
        rules=(Rule(70, all_zero, of_predictions),),
    ),
    Reason(
        "undetached",
        said=_undetached_said,
        rules=(Rule(20, at_a_place("undetached"), of_gradients, over_numbers=True),),
        of_gradient=Instead(
            hint=Text(
                "Which tensor does the definition treat as a constant? What does its requires_grad say in your function?",
                "定义里哪个张量被当作常数？在你的函数里，它的 requires_grad 是什么？",
            )
        ),
    ),
    Reason(
        "incoming-ignored",
        said=(
            Text(
                "Your answer is what you get with ones in place of the incoming gradient: backward does not multiply by it.",
                "你的答案相当于把传进来的梯度全当成了 1：backward 没有乘上它。",
            ),
            Text(
                "What does grad_output hold in your backward, and where do you use it?",
                "在你的 backward 里，grad_output 装的是什么？你在哪里用到了它？",
            ),
        ),
        rules=(Rule(35, single("incoming-ignored"), of_autograd),),
    ),
    Reason(
        "by-another-input",
        said=_other_input_said,
        rules=(Rule(40, at_a_place("by-another-input"), of_telling_gradients),),
    ),
    Reason(
        "none-for-zero",
        said=(
            Text(
                "You give None where the gradient is zero: None means that there is no gradient yet, while zeros are one.",
                "梯度为零的地方你给了 None：None 表示还没有梯度，而零也是一种梯度。",
            ),
            Text(
                "Is there a tensor that holds the gradient by then, and what is in it?",
                "到那时，保存梯度的张量存在吗？里面是什么数？",
            ),
        ),
    ),
    Reason(
        "zero-for-none",
        said=(
            Text(
                "You give zeros where there is no gradient at all: zeros say that one came, and that it was zero.",
                "那里根本没有梯度，你却给了零：零表示梯度传到了，只是值为零。",
            ),
            Text(
                "Does a gradient arrive there at all? Along which path of the graph?",
                "梯度到底有没有传到那里？是沿计算图的哪条路径？",
            ),
        ),
    ),
)
