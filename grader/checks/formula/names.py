"""Names in a typed formula: functions and their numpy, constants, and words that are refused.

Every function here takes float64 arrays and gives one. None of them broadcasts: a function of
several arguments is in :data:`ARITY` only, and :mod:`grader.checks.formula` fits its shapes.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from grader.checks.arrays import Numbers

Entrywise = Callable[[Numbers], Any]

ENTRYWISE: Final[dict[str, Entrywise]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "exp": np.exp, "expm1": np.expm1,
    "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p,
    "sqrt": np.sqrt, "square": np.square, "abs": np.abs, "sign": np.sign, "floor": np.floor, "ceil": np.ceil,
    "sec": lambda a: 1 / np.cos(a), "csc": lambda a: 1 / np.sin(a), "cot": lambda a: 1 / np.tan(a),
    "relu": lambda a: np.maximum(a, 0.0),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "step": lambda a: np.heaviside(a, 0.0),  # as autograd takes the slope of relu at zero
    "ones_like": np.ones_like, "zeros_like": np.zeros_like,
}  # fmt: skip
"""One entry in, one entry out, so every shape will do."""

REDUCING: Final[dict[str, Entrywise]] = {
    "sum": np.sum,
    "prod": np.prod,
    "norm": lambda a: np.sqrt(np.sum(a * a)),
    # Of no entries numpy would warn (mean) or raise (max, min); it is as little a number as 0/0.
    "mean": lambda a: np.sum(a) / np.float64(a.size),
    "max": lambda a: np.max(a) if a.size else np.nan,
    "min": lambda a: np.min(a) if a.size else np.nan,
    "numel": lambda a: a.size,
}
"""All entries in, one number out."""

ARITY: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys([*ENTRYWISE, *REDUCING, "softmax", "transpose", "diag", "len"], (1, 1)),
    **dict.fromkeys(["pow", "dot", "outer", "matmul"], (2, 2)),
    **dict.fromkeys(["max", "min"], (1, 2)),  # max(x, 0) is how many write relu
    "where": (3, 3),
}
"""Each function with the least and the greatest number of its arguments."""

_ALIASES: Final = {
    "ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "tg": "tan", "absolute": "abs",
    "fabs": "abs", "sgn": "sign", "σ": "sigmoid", "sigma": "sigmoid", "heaviside": "step", "power": "pow",
    "mm": "matmul", "mv": "matmul", "t": "transpose", "size": "numel", "maximum": "max", "minimum": "min",
    "Σ": "sum", "Π": "prod", "Sin": "sin", "Cos": "cos", "Exp": "exp", "ReLU": "relu", "amax": "max",
    "amin": "min",
}  # fmt: skip

CONSTANTS: Final = {"pi": math.pi, "e": math.e}
MODULES: Final = frozenset({"torch", "np", "numpy", "math", "nn", "functional", "linalg", "special", "F"})
"""``torch.sin`` and ``np.linalg.norm`` are written from habit; what they name is found without them."""

PYTHON: Final = frozenset(
    """
    lambda import from for while def class return and or not in is None True False with yield await async try
    except raise assert del global nonlocal pass break continue eval exec compile open print input getattr
    setattr globals locals vars dir type object range list dict tuple set int float str
    """.split()  # noqa: SIM905 - a list of words reads best as a paragraph
)
AUTOGRAD: Final = frozenset(
    {"autograd", "backward", "jacobian", "hessian", "vjp", "jvp", "jacrev", "jacfwd", "requires_grad",
     "requires_grad_", "derivative"}
)  # fmt: skip


def function(word: str) -> str | None:
    """The function that ``word`` stands for, under the name it has here; None when there is none."""
    name = _ALIASES.get(word, word)
    return name if name in ARITY else None


# Of LaTeX: what a command stands for. Names of functions and letters stand for themselves.
COMMANDS: Final = {
    **dict.fromkeys(["cdot", "times", "odot", "ast"], "*"),
    **dict.fromkeys(["frac", "dfrac", "tfrac"], "⁄"),
    **dict.fromkeys(["top", "intercal"], "⊤"),
    **dict.fromkeys(["vert", "lvert", "rvert"], "|"),
    **dict.fromkeys(["Vert", "lVert", "rVert"], "‖"),
    **dict.fromkeys(["le", "leq"], "<="),
    **dict.fromkeys(["ge", "geq"], ">="),
    **dict.fromkeys(["ne", "neq"], "!="),
    **dict.fromkeys(["left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr"], " "),
    **dict.fromkeys(["displaystyle", "limits", "quad", "qquad"], " "),
    "div": "/", "lt": "<", "gt": ">", "partial": "∂", "nabla": "∇", "prime": "'", "sqrt": "√",
}  # fmt: skip

FONT: Final = re.compile(
    r"\\(?:math(?:bf|rm|it|sf)|boldsymbol|bm|text|vec|operatorname)(?![A-Za-z])(?:\s*\{([^{}]*)\})?"
)
"""``\\mathbf{x}``, which is x."""

SIGNS: Final = str.maketrans({
    **dict.fromkeys("−–—‒―‐‑", "-"), **dict.fromkeys("×∗⋅·∙•・‧⊙⨀✕✖", "*"), **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("′’‘", "'"), **dict.fromkeys("≤⩽≦", "<="), **dict.fromkeys("≥⩾≧", ">="), "≠": "!=",
    "∑": " sum ", "∏": " prod ", "∣": "|", "。": ".", "、": ",", "【": "[", "】": "]",
    **dict.fromkeys("\u200b\u200c\u200d\u2060\u2061\ufeff\u00ad\u200e\u200f", ""), "\u2062": " ",
})  # fmt: skip
"""Other ways to write a sign; applied after NFKC, which has made full-width characters plain."""

HALVES: Final = str.maketrans({half: f" {unicodedata.numeric(half)!r} " for half in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"})
"""Applied before NFKC, which makes ``1/2`` of ``½`` and so ``x^1/2`` of ``x^½``."""

_GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip


def input_named(inputs: Sequence[str], word: str) -> str | None:
    """The input that ``word`` is a way to write: itself, or ``x_1`` for ``x1``, ``theta`` for ``θ``."""
    if word in inputs:
        return word
    return next((known for known in inputs if plain_name(known) == plain_name(word)), None)


def plain_name(word: str) -> str:
    """One spelling for all of these."""
    return "".join(_GREEK.get(letter, letter) for letter in re.sub(r"(?<=[^\W_])_(?=[^\W_])", "", word))
