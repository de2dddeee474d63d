"""How a sentence calls an operation of torch: ``mv`` is the matrix product, ``softmax.div`` the quotient in softmax."""

from __future__ import annotations

from typing import Final

from grader.model.text import Text

_OPERATIONS: Final = {
    "mul": Text("the product", "乘积"),
    "div": Text("the quotient", "商"),
    "add": Text("the sum", "加法"),
    "sub": Text("the difference", "减法"),
    "rsub": Text("the difference", "减法"),
    "pow": Text("the power", "幂"),
    "dot": Text("the dot product", "点积"),
    "mv": Text("the matrix product", "矩阵乘积"),
    "mm": Text("the matrix product", "矩阵乘积"),
    "neg": Text("the minus sign", "负号"),
    "exp": Text("exp", "exp"),
    "log": Text("log", "log"),
    "sqrt": Text("the square root", "平方根"),
    "where": Text("where", "where"),
    "linalgvectornorm": Text("the norm", "范数"),
    "mean": Text("the mean", "均值"),
    "sum": Text("the sum over entries", "求和"),
    "bmm": Text("the matrix product", "矩阵乘积"),
    "addmm": Text("the matrix product", "矩阵乘积"),
    "addmv": Text("the matrix product", "矩阵乘积"),
    "prod": Text("the product over entries", "连乘"),
    "reciprocal": Text("the reciprocal", "倒数"),
    "norm": Text("the norm", "范数"),
    "abs": Text("the absolute value", "绝对值"),
    "max": Text("the maximum", "最大值"),
    "maximum": Text("the maximum", "最大值"),
    "min": Text("the minimum", "最小值"),
    "minimum": Text("the minimum", "最小值"),
    "select": Text("the indexing", "取下标"),
    "slice": Text("the indexing", "取下标"),
    "index": Text("the indexing", "取下标"),
    "stack": Text("the stacking", "堆叠"),
    "cat": Text("the concatenation", "拼接"),
    "logsoftmax": Text("the logarithm of softmax", "log_softmax"),
}
"""By the name of autograd's node, without its ending; others are called as torch calls them."""


def operation_name(name: str) -> Text:
    """How a sentence calls an operation of torch; ``softmax.div`` is a step inside of softmax."""
    whole, _, step = name.rpartition(".")
    at = _OPERATIONS.get(step, Text(step, step))
    return Text(f"{at.en} in {whole}", f"{whole} 里的{spaced(at.zh).rstrip()}") if whole else at


def spaced(word: str) -> str:
    """A word between Chinese ones: Latin letters have a space on either side that they touch."""
    return f"{' ' * word[:1].isascii()}{word}{' ' * word[-1:].isascii()}"
