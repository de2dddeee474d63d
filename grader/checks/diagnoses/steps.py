"""Steps from the input to the output: a local derivative that is missing, not the whole one, or in another order."""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.compare import same
from grader.checks.diagnoses.operations import operation_name, spaced
from grader.checks.diagnoses.places import at_a_place, at_one_place
from grader.checks.diagnoses.reason import (
    Instead,
    Reason,
    Rule,
    Said,
    of_telling_gradients,
)
from grader.checks.diagnoses.samples import Relation, Sample
from grader.model.text import Text


def cancelled(samples: list[Sample]) -> Relation | None:
    """The derivative of a step alone, where that is zero: the sum of a softmax has none.

    Rounding came, and not zeros, so something was computed that cancels.
    """
    wrong = [s for s in samples if not s.correct]
    if not all(s.right.any() for s in wrong) or sum(bool(s.given.any()) for s in wrong) < 2:
        return None
    if any(s.given.shape != s.right.shape or np.abs(s.given).max(initial=0.0) > 1e-12 for s in samples):
        return None
    places = [
        {
            mistake
            for mistake, v in s.wrong_gradients.several("missing-factor").items()
            if mistake.label.operation == "after" and same(s.given, v)
        }
        for s in wrong
    ]
    shared = set.intersection(*places)
    if len(shared) != 1:
        return None
    return Relation("missing-factor", labels=(shared.pop().label,))


def _reshaped(samples: list[Sample]) -> bool:
    """Whether the right numbers came, in another shape: the shape is what is to be said of that."""
    return all(s.given.size == s.right.size and same(s.given.ravel(), s.right.ravel()) for s in samples)


def intermediate(samples: list[Sample]) -> Relation | None:
    """The gradient by a tensor on the way; where only the shape is another one, that is what is to be said."""
    return None if _reshaped(samples) else at_one_place("by-an-intermediate", samples)


def _factor_said(relation: Relation) -> Said:
    """Message and hint for the chain rule without one local derivative: its label names it."""
    label = relation.label
    part, what, each = label.variable, label.operation, label.everywhere
    if what == "cotangent" and not part:
        return Text(
            "Your answer is the right one with ones in place of the given vector.",
            "你的答案相当于把给定的向量全换成 1。",
        ), Text("Where does the vector come in? What would your answer be for another one?",
                "给定的向量应当出现在哪里？换一个向量，你的答案会变吗？")  # fmt: skip
    if what == "cotangent":
        return Text(
            f"Your answer is the right one with ones in place of {part}: {part} itself is not used.",
            f"你的答案相当于把 {part} 全换成 1：{part} 本身没有参与计算。",
        ), Text(f"Where does {part} come in? What would your answer be for another {part}?",
                f"{part} 应当出现在哪里？换一个 {part}，你的答案会变吗？")  # fmt: skip
    if what == "after" and not part:
        return Text(
            "Your answer is the derivative of one step on the way alone: what is done afterwards is left out.",
            "你的答案只是中间某一步的导数：之后的运算没有算进去。",
        ), Text("By how much does the output change when the result of that step changes a little?",
                "那一步的结果变化一点点时，输出会变化多少？")  # fmt: skip
    if what == "after":
        return Text(
            f"Your answer is the derivative of {part} alone: what is done with {part} afterwards is left out.",
            f"你的答案只是 {part} 的导数：之后对 {part} 所做的运算没有算进去。",
        ), Text(f"By how much does the output change when {part} changes a little?",
                f"{part} 变化一点点时，输出会变化多少？")  # fmt: skip
    if not what:
        return Text(
            "Your answer leaves out the derivative of one of the steps: the chain rule multiplies by each.",
            "你的答案正好少了某一步的导数：链式法则里每一步的导数都要乘上。",
        ), _STEPS_HINT
    at = operation_name(what)
    if each:
        return Text(
            f"Your answer leaves out the derivative of one kind of step, each time: {at.en}. The chain rule multiplies by it, too.",
            f"你的答案正好少了同一种步骤的导数（{at.zh}），每次都是如此。链式法则里也要乘上它。",
        ), _STEPS_HINT
    if part:
        return Text(
            f"Your answer leaves out the derivative of the step that makes {part} ({at.en}). The chain rule multiplies by it, too.",
            f"你的答案正好少了算出 {part} 的那一步（{at.zh}）的导数。链式法则里也要乘上它。",
        ), _STEPS_HINT
    return Text(
        f"Your answer leaves out the derivative of one step: {at.en}. The chain rule multiplies by it, too.",
        f"你的答案正好少了一步的导数：{at.zh}。链式法则里也要乘上它。",
    ), _STEPS_HINT


def _intermediate_said(relation: Relation) -> Said:
    """Message and hint for a gradient that stops on the way: its label says what makes it."""
    name, operation = relation.label.variable, relation.label.operation
    hint = Text("Which steps lie between this tensor and the input? What is the derivative of each?",
                "这个张量与输入之间还隔着哪些步骤？每一步的导数是什么？")  # fmt: skip
    if name:
        return Text(
            f"Your answer is the gradient with respect to {name}, a tensor on the way: the steps from the input to {name} are left out.",
            f"你的答案是对中间量 {name} 的梯度：从输入到 {name} 的那几步没有算进去。",
        ), hint
    if operation:
        at = operation_name(operation)
        return Text(
            f"Your answer is the gradient with respect to a tensor on the way, the result of one step ({at.en}): the steps before it are left out.",
            f"你的答案是对某个中间量（{spaced(at.zh).lstrip()}的结果）的梯度：它之前的步骤没有算进去。",
        ), hint
    return Text(
        "Your answer is the gradient with respect to a tensor on the way, not to the input: the first steps are left out.",
        "你的答案是对某个中间量的梯度，而不是对输入的梯度：最前面的几步没有算进去。",
    ), hint


def _order_said(relation: Relation) -> Said:
    """Message and hint for a matrix product whose derivative has its factors in another order."""
    hint = Text("Write the product with indices. Over which index is the sum, and where does that index stand in each factor?",
                "用下标把这个乘积写出来：对哪个下标求和？它在每个因子里排在第几位？")  # fmt: skip
    if relation.label.operation == "transposed":
        return Text(
            "Your answer transposes a factor of a matrix product that should stay as it is, or does not transpose one that should be.",
            "你的答案里，矩阵乘积有一个因子不该转置却转置了，或者该转置却没有转置。",
        ), hint
    return Text(
        "Your answer has the factors of a matrix product in the wrong order.",
        "你的答案里，矩阵乘积的因子次序颠倒了。",
    ), hint


_STEPS_HINT: Final = Text(
    "Name the steps from the input to the output one by one. What is the derivative of each?",
    "把从输入到输出的步骤逐一写出来，每一步的导数是什么？",
)

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "missing-factor",
        said=_factor_said,
        rules=(
            Rule(51, at_a_place("missing-factor"), of_telling_gradients),
            Rule(65, cancelled, of_telling_gradients),
        ),
        of_gradient=Instead(
            hint=Text(
                "Does your function take that step at all? If it does, which line puts a number in its place, so that autograd does not see it?",
                "你的函数做了这一步吗？如果做了，是哪一行用数值代替了它，使 autograd 看不到它？",
            )
        ),
    ),
    Reason(
        "factor-order",
        said=_order_said,
        rules=(Rule(91, at_a_place("factor-order"), of_telling_gradients),),
    ),
    Reason(
        "by-an-intermediate",
        said=_intermediate_said,
        rules=(Rule(92, intermediate, of_telling_gradients),),
    ),
)
