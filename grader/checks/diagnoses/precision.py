"""Precision: numbers that are rounded, not finite, of another dtype, or made by something else than a formula."""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.arrays import median
from grader.checks.compare import FLOAT32_BUDGET, same, within
from grader.checks.diagnoses.reason import (
    Instead,
    Reason,
    Rule,
    of_predictions,
)
from grader.checks.diagnoses.samples import SCALE_ENTRIES, Relation, Sample
from grader.model.text import Text


def single_precision(samples: list[Sample]) -> Relation | None:
    """Right to single precision, and every number is one that single precision can hold."""
    off = 0
    for s in samples:
        if s.given.shape != s.right.shape or s.given.dtype != np.float64:
            return None
        with np.errstate(over="ignore"):
            if not np.array_equal(s.given, s.given.astype(np.float32).astype(np.float64)):
                return None
        if not same(s.given, s.right, FLOAT32_BUDGET):
            return None
        wrong = s.given[~within(s.given, s.right)]
        # 0.5 for 0.50003 fits into single precision, too, but is not its rounding: that fills all its bits.
        mantissa = np.frexp(wrong)[0] * 2.0**16
        off += int((mantissa != np.rint(mantissa)).sum())
    return Relation("float32-rounding") if off >= 2 else None


def difference_quotient(samples: list[Sample]) -> Relation | None:
    """``given = right + c·f″`` with one small ``c``: the error of a one-sided difference."""
    gaps: list[float] = []
    bends: list[float] = []
    sizes: list[float] = []
    for sample in samples:
        second = sample.wrong_gradients.single("second-derivative")
        if second is None or second.shape != sample.given.shape or sample.given.shape != sample.right.shape:
            return None
        gaps += list((sample.given - sample.right).ravel())
        bends += list(second.ravel())
        size = max(float(np.max(np.abs(n), initial=0.0)) for n in (sample.right, second))
        sizes += [size] * second.size
    gap, bend, size_of = np.array(gaps), np.array(bends), np.array(sizes)
    use = np.abs(bend) > 1e-9
    if use.sum() < SCALE_ENTRIES:
        return None
    c = median(gap[use] / bend[use])
    # Near a point of inflection the next term of the error, some c² f‴, is all there is of it.
    allowed = 0.1 * abs(c) * np.abs(bend) + 2 * c * c * size_of + 1e-9 * (1 + size_of)
    if 0 < abs(c) <= 0.06 and bool((np.abs(gap - c * bend) <= allowed).all()):
        return Relation("finite-difference")
    return None


REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "float32-rounding",
        said=(
            Text(
                "Your numbers are right to single precision only; the inputs are float64.",
                "你的结果只精确到单精度；输入是 float64。",
            ),
            Text(
                "Does some line create a tensor without a dtype, or call .float()?",
                "是不是有哪一行创建张量时没有指定 dtype，或者调用了 .float()？",
            ),
        ),
        rules=(Rule(84, single_precision),),
    ),
    Reason(
        "finite-difference",
        said=(
            Text(
                "This is a difference quotient of f, not a formula, so it is not accepted as a prediction.",
                "这是 f 的差商，不是公式，因此不能作为预测被接受。",
            ),
            Text(
                "What does the quotient tend to when the step goes to zero? Can you write that down?",
                "步长趋于零时，这个商趋于什么？你能把它写出来吗？",
            ),
        ),
        rules=(Rule(95, difference_quotient, of_predictions),),
    ),
    Reason(
        "autograd-in-prediction",
        said=(
            Text(
                "Your answer comes from autograd: with it the numbers are right, and without it they are not. A prediction is made without it, as a formula of your own.",
                "你的答案来自 autograd：有它时数值正确，没有它时就不对。预测要在没有 autograd 的环境里进行，应当是你自己的公式。",
            ),
            Text(
                "What does one small step of the input do to each line of f?",
                "输入走一小步，f 的每一行会怎样变化？",
            ),
        ),
    ),
    Reason(
        "dtype",
        said=(
            Text("The numbers came in a dtype that no gradient has.", "结果的 dtype 不可能是梯度的类型。"),
            Text(
                "Which line makes numbers of that type?",
                "是哪一行产生了这种类型的数？",
            ),
        ),
        of_value=Instead(
            message=Text("The value has the wrong dtype.", "函数值的 dtype 不对。"),
            hint=Text(
                "Which line makes numbers of that type?",
                "是哪一行产生了这种类型的数？",
            ),
        ),
    ),
    Reason(
        "nan",
        said=(
            Text(
                "NaN or infinity came where the right answer is finite.",
                "正确值有限的地方出现了 NaN 或无穷。",
            ),
            Text(
                "Is there a division, a root or a logarithm that meets a zero, or a negative number, on the way?",
                "途中是否有除法、开方或对数碰到了零或负数？",
            ),
        ),
    ),
)
