"""Shapes, and how the right entries are laid out in them: transposed, reversed, added up, only the diagonal."""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.checks.compare import ATOL, same, within
from grader.checks.diagnoses.operations import operation_name, spaced
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


def transposed(samples: list[Sample]) -> Relation | None:
    def turned(s: Sample) -> Numbers | None:
        return s.right.T if s.right.ndim == 2 else None

    return Relation("transpose") if everywhere(samples, turned) else None


def reversed_entries(samples: list[Sample]) -> Relation | None:
    """The right entries in reversed order: along one axis, or along all."""
    most = max(s.right.ndim for s in samples)
    for axes in (None, *range(most if most > 1 else 0)):

        def flipped(s: Sample, axes: int | None = axes) -> Numbers | None:
            return np.flip(s.right, axes) if s.right.ndim and s.right.ndim > (axes or 0) else None

        if everywhere(samples, flipped, entries=3):
            return Relation("reversed")
    return None


def reduced(samples: list[Sample]) -> Relation | None:
    """The entries were added up: one number came (or the same number everywhere) where each has its own."""
    if at_one_place("reduced", samples) is not None:
        return Relation("reduced")
    telling = 0
    for s in samples:
        if s.right.ndim == 0 or s.right.size < 2:
            if s.given.size != s.right.size or not same(s.given.reshape(-1), s.right.reshape(-1)):
                return None
            continue
        total = np.full(s.given.shape, s.right.sum())
        if s.given.shape not in ((), (1,), s.right.shape) or not same(s.given, total):
            return None
        # 4 for [0, 4] may be its last entry, 0 for zeros stands for each of them, and [8, 8] for [4, 4] is twice it.
        if s.given.shape == s.right.shape and np.ptp(s.right) == 0.0:
            continue
        alone = np.full(s.right.shape, s.right.sum())
        telling += bool((np.abs(alone) > ATOL).any()) and not bool(within(alone, s.right).any())
    return Relation("reduced") if telling else None


def not_reduced(samples: list[Sample]) -> Relation | None:
    """The entries should have been added up: the sum (over all, or one axis) of what came is right."""
    for s in samples:
        if s.given.ndim <= s.right.ndim or s.given.size < s.right.size:
            return None
    if not any(s.given.size > s.right.size and s.right.any() for s in samples):
        return None  # an axis of length one is not a sum, and zeros add up to zero however many there are
    axes = (None, *range(min(s.given.ndim for s in samples)))
    for axis in axes:
        if all(same(np.asarray(s.given.sum(axis=axis)), s.right) for s in samples):
            return Relation("not-reduced", variant="" if axis is None else "axis")
    return None


def _not_reduced_said(relation: Relation) -> Said:
    if relation.variant != "axis":
        return _NOT_REDUCED
    return Text(
        "Added up along one axis, your entries are right: a sum is missing.",
        "沿某一个轴求和之后，你的结果是正确的：少了一次求和。",
    ), Text("Which axis of yours does the answer not have?", "你的结果里，哪个轴是答案所没有的？")


def other_shape(samples: list[Sample]) -> Relation | None:
    wrong = [s for s in samples if not s.correct]
    return Relation("shape") if all(s.given.shape != s.right.shape for s in wrong) else None


def derivative_of_other_shape(samples: list[Sample]) -> Relation | None:
    """The same, with what the right shape is made of where it is not the input's."""
    found = other_shape(samples)
    if found is None:
        return None
    variants = {_made_of(s) for s in samples}
    return Relation("shape", variant=variants.pop()) if len(variants) == 1 else found


def _made_of(s: Sample) -> str:
    """``jacobian``: of the output's shape and the input's; ``output``: of the output's alone; else empty."""
    if s.value is None or s.right.size == s.size:
        return ""  # a gradient has as many entries as its input
    if s.right.shape == s.value.shape:
        return "output"
    begins = s.right.shape[: s.value.ndim] == s.value.shape
    return "jacobian" if begins and s.right.size == s.value.size * s.size else ""


def _shape_said(relation: Relation) -> Said:
    return _SHAPES[relation.variant]


def diagonal(samples: list[Sample]) -> Relation | None:
    """The rest of a matrix is zero, which tells something where its diagonal is not."""

    def telling(candidate: Numbers, right: Numbers) -> int:
        there = np.abs(candidate) > ATOL  # rounding is no number
        return int((~within(candidate, right)).sum()) if there.any() else 0

    found = everywhere(samples, lambda s: s.wrong_gradients.single("diagonal-only"), telling_of=telling)
    return Relation("diagonal-only") if found else None


def _diagonal_said(relation: Relation) -> Said:
    """Of the whole function, or of one step's Jacobian."""
    if not relation.labels:
        return _DIAGONAL
    operation = relation.label.operation
    at = operation_name(operation) if operation else Text("one step", "某一步")
    return Text(
        f"Your answer keeps only the diagonal of the Jacobian of {at.en}: each of its outputs depends on several inputs.",
        f"你的答案只保留了{spaced(at.zh)}的雅可比矩阵的对角线，而它的每个输出都依赖多个输入。",
    ), Text(
        "When one input of that step changes, which of its outputs change besides the one in the same place?",
        "这一步的某个输入变化时，除了同一位置的输出，还有哪些输出会变？",
    )


_DIAGONAL: Final = (
    Text(
        "Your answer keeps only the diagonal: each output is differentiated with respect to its own input, and not with respect to the others.",
        "你的答案只保留了对角线：每个输出只对自己的那个输入求了导，没有对其余输入求导。",
    ),
    Text(
        "When x[0] changes, which outputs change besides the first?",
        "x[0] 变化时，除了第一个输出，还有哪些输出会变？",
    ),
)
_NOT_REDUCED: Final = (
    Text("The sum of your entries is right: a sum is missing.", "你的各分量之和是正确的：少了一次求和。"),
    Text("Is the answer one number, or one per entry?", "答案是一个数，还是每个分量各一个数？"),
)
_REDUCED_HINT: Final = Text(
    "Is the value one number, or one per entry?", "函数值是一个数，还是每个分量各一个数？"
)
_SHAPES: Final = {
    "": (
        Text("A gradient has the shape of what it is taken with respect to.", "梯度的形状与求导的对象相同。"),
        Text(
            "What is the shape of the input, and what of your answer?",
            "输入是什么形状？你的答案又是什么形状？",
        ),
    ),
    "jacobian": (
        Text(
            "A Jacobian has the shape of the output, followed by that of the input.",
            "雅可比矩阵的形状由输出的形状和输入的形状依次连接而成。",
        ),
        Text(
            "How many outputs has the function and how many inputs, and which of the two come first in the shape of the Jacobian?",
            "函数有几个输出、几个输入？在雅可比矩阵的形状里，哪一个在前？",
        ),
    ),
    "output": (
        Text(
            "A derivative along a direction (jvp) has the shape of the output.",
            "沿某个方向的导数（jvp）与输出形状相同。",
        ),
        Text(
            "What is the shape of the output, and what of your answer?",
            "输出是什么形状？你的答案又是什么形状？",
        ),
    ),
}
"""By variant: what is said of the shape of a derivative."""
_SHAPE_HINT: Final = Text("What shape does the definition give the value?", "按定义，函数值应当是什么形状？")

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "transpose",
        said=(
            Text("Your answer is the transpose of the right one.", "你的答案是正确结果的转置。"),
            Text(
                "Which index of the result belongs to the output, and which to the input?",
                "结果的哪个下标属于输出，哪个属于输入？",
            ),
        ),
        rules=(
            Rule(20, single("transpose"), of_gradients),
            Rule(80, transposed),
        ),
        of_value=Instead(hint=Text("Which index comes first in the definition?", "定义里哪个下标在前？")),
    ),
    Reason(
        "reversed",
        said=(
            Text(
                "Your answer has the right entries in reversed order.",
                "你的答案里各分量的值都对，次序却反了。",
            ),
            Text(
                "To which entry of the input does the first entry of your answer belong?",
                "你的答案的第一个分量，对应的是输入的哪个分量？",
            ),
        ),
        rules=(Rule(81, reversed_entries),),
    ),
    Reason(
        "reduced",
        said=(
            Text(
                "Your answer adds the entries up; each input entry has a gradient of its own.",
                "你的答案把各分量加在了一起；每个输入分量都有自己的梯度。",
            ),
            Text(
                "If only one entry of the input moves, which entries of your answer should change?",
                "如果只有一个输入分量变动，你的答案里哪些分量应当随之改变？",
            ),
        ),
        rules=(Rule(82, reduced),),
        of_value=Instead(
            message=Text(
                "Your value adds the entries up; each entry has a value of its own.",
                "你的值把各分量加在了一起；每个分量都有自己的值。",
            ),
            hint=_REDUCED_HINT,
        ),
        of_gradient=Instead(
            hint=Text(
                "Does your function add up entries that the definition keeps apart?",
                "你的函数是不是把定义里各自独立的分量加在了一起？",
            )
        ),
    ),
    Reason(
        "not-reduced",
        said=_not_reduced_said,
        rules=(Rule(83, not_reduced),),
        of_gradient=Instead(
            hint=Text(
                "Does your function keep entries apart that the definition adds up?",
                "你的函数是不是漏掉了定义里的一次求和？",
            )
        ),
    ),
    Reason(
        "diagonal-only",
        said=_diagonal_said,
        rules=(
            Rule(20, diagonal, of_gradients),
            Rule(90, at_a_place("diagonal-only"), of_telling_gradients),
        ),
    ),
    Reason(
        "shape",
        said=_shape_said,
        rules=(Rule(98, other_shape, of_values), Rule(98, derivative_of_other_shape, of_gradients)),
        of_value=Instead(
            message=Text("Your value does not have the shape of the definition.", "你的值的形状与定义不符。"),
            hint=_SHAPE_HINT,
        ),
        of_gradient=Instead(hint=_SHAPE_HINT),
    ),
)
