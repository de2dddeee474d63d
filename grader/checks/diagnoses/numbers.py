"""Relations of plain numbers: the opposite, a multiple, a mean in the place of a sum.

They say what an answer is, whatever the reason: nothing of the graph is needed, but for a factor of one term.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.arrays import median
from grader.checks.compare import FLOAT32_BUDGET, RTOL, absolute, near
from grader.checks.diagnoses.counts import counts, known_counts, sizes_of, times_entries
from grader.checks.diagnoses.paths import scaled_term, term_said
from grader.checks.diagnoses.reason import (
    Instead,
    Reason,
    Rule,
    Said,
    of_telling_gradients,
)
from grader.checks.diagnoses.samples import SCALE_ENTRIES, Relation, Sample, everywhere
from grader.checks.sentences import number
from grader.model.text import Text


def sign(samples: list[Sample]) -> Relation | None:
    return Relation("sign") if everywhere(samples, lambda s: -s.right, entries=1) else None


def mean(samples: list[Sample]) -> Relation | None:
    """Divided by the number of entries or rows, or multiplied by it where a mean is meant.

    Only cases of different sizes tell this from a plain factor. And only where the function adds up so many
    entries: the length of an axis that nothing is added up along is a number like any other.
    """
    for power, counted, variant in ((-1.0, ("sums", "means"), ""), (1.0, ("means",), "sum")):
        for sizes in [*sizes_of(samples), *known_counts(samples, power)]:
            if all(
                s.correct or counts(s, counted, n) for s, n in zip(samples, sizes, strict=True)
            ) and times_entries(samples, [float(max(1, n)) ** power for n in sizes], sizes):
                return Relation("mean-for-sum", variant=variant)
    return None


def scale(samples: list[Sample]) -> Relation | None:
    ratios: list[float] = []
    budget = RTOL
    for s in samples:
        if s.given.shape != s.right.shape:
            return None
        g, p = s.right.astype(np.float64).ravel(), s.given.astype(np.float64).ravel()
        if not (np.isfinite(g).all() and np.isfinite(p).all()):
            return None
        atol = absolute(float(np.max(np.abs(g), initial=0.0)))
        zero = np.abs(g) <= atol
        if (np.abs(p[zero]) > atol).any():
            return None
        with np.errstate(over="ignore"):
            ratios += list(p[~zero] / g[~zero])
        if s.given.dtype in (np.float32, np.float16):
            budget = FLOAT32_BUDGET
    if len(ratios) < SCALE_ENTRIES:
        return None
    c = median(np.array(ratios))
    # So near to 1 it is a matter of precision, not of a factor.
    if not np.isfinite(c) or c == 0.0 or abs(c - 1.0) < FLOAT32_BUDGET:
        return None
    if not near(np.array(ratios), c, 0.0, budget).all():
        return None
    nice = round(c, 6)
    return Relation("scale", factor=nice if nice and near(nice, c, 0.0, budget) else c)


def _sign_said(relation: Relation) -> Said:
    return term_said(relation.label, -1.0) if relation.labels else _SIGN


def _scale_said(relation: Relation) -> Said:
    """``given = factor × right``."""
    assert relation.factor is not None
    if relation.labels:
        return term_said(relation.label, relation.factor)
    shown = number(relation.factor)
    return (
        Text(
            f"Your answer is {shown} times the right one, everywhere.",
            f"你的答案处处是正确结果的 {shown} 倍。",
        ),
        Text(
            "Which constant factor does differentiating bring in, or take away?",
            "求导时会多出或少掉哪个常数因子？",
        ),
    )


def _mean_said(relation: Relation) -> Said:
    return _SUM_FOR_MEAN if relation.variant else _MEAN_FOR_SUM


_SIGN: Final = (
    Text("Every entry has the right size and the wrong sign.", "每个分量大小都对，符号都反了。"),
    Text(
        "Follow the signs step by step: where does a minus come in, and where does one get lost?",
        "逐步检查符号：哪里多出一个负号？哪里又丢了一个？",
    ),
)
_SIGN_HINT: Final = Text(
    "Which term of the definition comes in with the other sign?", "定义里哪一项的符号与你的相反？"
)
_MEAN_FOR_SUM: Final = (
    Text(
        "Your answer is the right one divided by the number of entries that are added up: one mean too many.",
        "你的答案等于正确结果再除以被求和的元素个数：多求了一次均值。",
    ),
    Text(
        "How is the output reduced before it is differentiated: sum() or mean()?",
        "求导之前，输出是用 sum() 还是 mean() 归约的？",
    ),
)
_SUM_FOR_MEAN: Final = (
    Text(
        "Your answer is the right one times the number of entries: the gradient of a sum, not of a mean.",
        "你的答案等于正确结果乘以元素个数：那是求和的梯度，不是均值的梯度。",
    ),
    Text(
        "How is the output reduced before it is differentiated, and by what is it divided?",
        "求导之前，输出是怎样归约的？又除以了什么？",
    ),
)
_MEAN_HINT: Final = Text("Does the definition say sum or mean?", "定义里写的是求和还是求均值？")

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "sign",
        said=_sign_said,
        rules=(Rule(10, sign),),
        of_value=Instead(hint=_SIGN_HINT),
        of_gradient=Instead(
            message=Text(
                "The gradient through your function has the right size and the wrong sign, in every entry.",
                "autograd 对你的函数求出的梯度，每个分量大小都对，符号都反了。",
            ),
            hint=_SIGN_HINT,
        ),
    ),
    Reason(
        "scale",
        said=_scale_said,
        rules=(
            Rule(13, scale),
            Rule(60, scaled_term, of_telling_gradients),
        ),
        of_value=Instead(
            hint=Text(
                "Which constant of the definition is missing, or there twice?",
                "定义里哪个常数漏掉了，或者乘了两次？",
            )
        ),
        of_gradient=Instead(
            hint=Text(
                "Does your function multiply by a constant that the definition does not have, or leave out one that it has? Or does a gradient flow along a path that it should not take?",
                "你的函数是不是多乘或少乘了某个常数？或者，梯度走了不该走的路径？",
            )
        ),
        of_asked=Instead(
            hint=Text(
                "What was differentiated, and how often was a gradient added to .grad? Is the result multiplied by anything afterwards?",
                "求导的究竟是什么？.grad 里累加了几次梯度？之后又乘过什么数吗？",
            )
        ),
    ),
    Reason(
        "mean-for-sum",
        said=_mean_said,
        rules=(Rule(11, mean),),
        of_value=Instead(
            message=Text(
                "Your value is the right one divided by the number of entries.",
                "你的值等于正确值除以元素个数。",
            ),
            hint=_MEAN_HINT,
            variants={
                "sum": Text(
                    "Your value is the right one times the number of entries.",
                    "你的值等于正确值乘以元素个数。",
                )
            },
        ),
        of_gradient=Instead(
            message=Text(
                "The gradient through your function is the right one divided by the number of entries.",
                "autograd 对你的函数求出的梯度等于正确结果除以元素个数。",
            ),
            hint=_MEAN_HINT,
            own_backward=Text(
                "Where on the way, your backward included, are entries added up, and where are they averaged?",
                "途中（包括你的 backward 里）哪里在求和，哪里在取平均？",
            ),
            variants={
                "sum": Text(
                    "The gradient through your function is the right one times the number of entries.",
                    "autograd 对你的函数求出的梯度等于正确结果乘以元素个数。",
                )
            },
        ),
    ),
)
