"""One too many or too few: of derivatives, of gradients added up, of rounds, of entries, in an exponent."""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.compare import same
from grader.checks.diagnoses.counts import counts, sizes_of, times_entries
from grader.checks.diagnoses.places import at_a_place, at_one_place, single
from grader.checks.diagnoses.reason import (
    Instead,
    Reason,
    Rule,
    Said,
    of_gradients,
    of_telling_gradients,
    of_values,
)
from grader.checks.diagnoses.samples import Relation, Sample, everywhere
from grader.model.text import Text
from grader.model.wrong_gradients import Label


def value_itself(samples: list[Sample]) -> Relation | None:
    return Relation("value-not-gradient") if everywhere(samples, lambda s: s.value) else None


def accumulated(samples: list[Sample]) -> Relation | None:
    """The right gradient plus one that was there before: of an earlier question, or of the cases before."""
    if not _before(samples):
        return None
    if everywhere(samples, lambda s: s.wrong_gradients.single("accumulated")):
        return Relation("accumulated")
    # Four cases at least, and not one gradient everywhere: 1, 2, 3 may be x itself.
    if len(samples) < 4 or len({s.right.shape for s in samples}) > 1:
        return None
    if all(same(s.right, samples[0].right) for s in samples):
        return None
    total = np.zeros_like(samples[0].right, dtype=np.float64)
    for sample in samples:
        total = total + sample.right
        if not same(sample.given, total):
            return None
    wrong = [s for s in samples if not same(s.given, s.right)]
    return Relation("accumulated") if len(wrong) >= 3 else None


def on_top(samples: list[Sample]) -> Relation | None:
    """The right gradient plus that of another question about the same input."""
    there = _before(samples) and at_one_place("accumulated", samples) is not None
    return Relation("accumulated") if there else None


def _before(samples: list[Sample]) -> bool:
    """Whether there is a right gradient to which an earlier one could have been added."""
    return any(s.right.any() for s in samples if not s.correct)


def one_less(samples: list[Sample]) -> Relation | None:
    """A mean over n entries where n − 1 is meant, or over n − 1 where n is."""
    for sizes in sizes_of(samples):
        if any(n < 2 and not s.correct for s, n in zip(samples, sizes, strict=True)):
            continue
        if not all(
            s.correct or any(counts(s, ("sums", "means"), m) for m in (n, n - 1))
            for s, n in zip(samples, sizes, strict=True)
        ):
            continue
        for power in (1.0, -1.0):
            if times_entries(samples, [(max(1, n) / max(1, n - 1)) ** power for n in sizes], sizes):
                return Relation("off-by-one", labels=(Label(operation="count"),))
    return None


def _off_by_one_said(relation: Relation) -> Said:
    return _OFF_BY_ONE[relation.label.operation]


_ROUNDS_HINT: Final = Text(
    "How often does the body of the loop run, and with which number does it begin?",
    "循环体一共执行几次？从哪个数开始？",
)
_OFF_BY_ONE: Final = {
    "fewer": (
        Text("Your answer is what a loop with one round fewer gives.", "你的答案是循环少走一轮的结果。"),
        _ROUNDS_HINT,
    ),
    "more": (
        Text("Your answer is what a loop with one more round gives.", "你的答案是循环多走一轮的结果。"),
        _ROUNDS_HINT,
    ),
    "exponent": (
        Text(
            "Your answer has an exponent that is one too high: it is the right one times the input.",
            "你的答案的指数高了 1：它等于正确结果再乘以输入。",
        ),
        Text(
            "When the exponent comes to the front as a factor, what stays behind in its place?",
            "指数移到前面成为系数之后，原来的位置上还剩多少？",
        ),
    ),
    "count": (
        Text(
            "Your answer divides by a number of entries that is off by one: n − 1 where n belongs, or n where n − 1 does.",
            "你的答案除以的元素个数差了 1：该用 n 的地方用了 n − 1，或者反过来。",
        ),
        Text(
            "Over how many entries is the mean taken, and by what is their sum divided?",
            "均值取自多少个元素？它们的和又除以了多少？",
        ),
    ),
}
_ORDER_HINT: Final = Text(
    "How often is f differentiated on the way to your answer, and how often is it asked for?",
    "得到你的答案之前，对 f 求了几次导？题目要求几次？",
)

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "value-not-gradient",
        said=(
            Text(
                "Your answer is the value of the function, not its gradient.",
                "你的答案是函数的值，不是它的梯度。",
            ),
            Text(
                "By how much does this value change when the input moves by a little?",
                "输入变动一点点时，这个值会变化多少？",
            ),
        ),
        rules=(
            Rule(20, value_itself, of_gradients),
            Rule(20, single("value-not-gradient"), of_gradients),
        ),
        of_order=Instead(
            message=Text(
                "Your answer is of too low an order: f has to be differentiated more often.",
                "你的答案阶数太低：对 f 求导的次数还不够。",
            ),
            hint=_ORDER_HINT,
        ),
    ),
    Reason(
        "second-derivative",
        said=(
            Text(
                "Your answer is the second derivative; one too many was taken.",
                "你的答案是二阶导数：多求了一次导。",
            ),
            Text(
                "How often is the function differentiated on the way to your answer?",
                "得到你的答案之前，一共对函数求了几次导？",
            ),
        ),
        rules=(Rule(20, single("second-derivative"), of_gradients),),
        of_gradient=Instead(
            message=Text(
                "The gradient through your function is the second derivative: your function is f differentiated already.",
                "autograd 对你的函数求出的梯度是二阶导数：你的函数已经是 f 的导数了。",
            ),
            hint=Text(
                "Does your function return the value of f, or already its derivative?",
                "你的函数返回的是 f 的值，还是已经求过导的结果？",
            ),
        ),
        of_order=Instead(
            message=Text(
                "Your answer is of too high an order: f was differentiated once too often.",
                "你的答案阶数太高：对 f 多求了一次导。",
            ),
            hint=_ORDER_HINT,
        ),
    ),
    Reason(
        "once-differentiable",
        said=(
            Text(
                "The gradient through your function cannot be differentiated once more: to autograd it is a constant.",
                "autograd 对你的函数求出的梯度不能再求导了：在 autograd 看来，它是常数。",
            ),
            Text(
                "Is your backward made of operations that autograd can follow, or is there once_differentiable, detach() or numpy in it?",
                "你的 backward 里每一步都是 autograd 能追踪的运算吗？有没有用到 once_differentiable、detach() 或 numpy？",
            ),
        ),
    ),
    Reason(
        "accumulated",
        said=(
            Text(
                "Your answer is the right gradient plus an earlier one: gradients add up in .grad until they are zeroed.",
                "你的答案等于正确的梯度加上先前的梯度：.grad 会不断累加，直到被清零。",
            ),
            Text(
                "What was in .grad just before this backward()?", "在这次 backward() 之前，.grad 里是什么？"
            ),
        ),
        rules=(
            Rule(20, accumulated, of_gradients, over_numbers=True),
            Rule(55, on_top, of_gradients),
        ),
        of_gradient=Instead(
            hint=Text(
                "Does your function remember anything from one call to the next?",
                "你的函数是不是在两次调用之间记住了什么？",
            )
        ),
    ),
    Reason(
        "off-by-one",
        said=_off_by_one_said,
        rules=(
            Rule(12, one_less),
            Rule(30, at_a_place("off-by-one"), of_values),
            Rule(40, at_a_place("off-by-one"), of_telling_gradients),
        ),
    ),
)
