"""Evaluation of a formula: from a spelled line to a tree, and from the tree to numbers.

Python's ``ast`` gives the spelled line its structure, and no more: it is never compiled or run. What is on a
whitelist becomes a tree of our own, evaluated here.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from grader.checks.arrays import Numbers
from grader.checks.formula import names
from grader.checks.formula.spelling import MAX_DEPTH, Meaning, Spelling, Vocabulary
from grader.checks.formula.text import NotAFormula, formula_in
from grader.checks.formula.tree import Formula, Node, text_of
from grader.checks.sentences import OfFormula

MAX_NODES: Final = 200
MAX_EXPONENT: Final = 64
MAX_ENTRIES: Final = 1_000_000
"""Of a result on the way; ten times as many multiplications may go into a matrix product."""
_NOTHING: Final[Mapping[str, Numbers]] = MappingProxyType({})


def parse(
    text: str,
    inputs: Sequence[str],
    functions: Mapping[str, Sequence[str]] = MappingProxyType({}),
    subject: str | None = None,
    others: Sequence[str] = (),
) -> Formula:
    """Read a typed formula.

    A product without a sign binds like ``*``: ``1/2x`` is ``(1/2)·x``, ``e^2x`` is ``(e^2)·x``.
    An optional left-hand side (``∂f/∂x = …``, ``x.grad = …``, ``y = …``) is forgiven.

    :param inputs: the names it may use.
    :param functions: functions of the exercise and their arguments: ``f(a)`` is known, ``f(2a)`` is not.
    :param subject: the input by which is differentiated, where the left-hand side names one.
    :param others: names that it may not use, though the exercise has them.
    :raises NotAFormula: it cannot be read.
    """
    spelling = Spelling(formula_in(text, inputs, subject), Vocabulary(inputs, functions, others))
    line = spelling.spell()
    try:
        spelled = ast.parse(line, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError):  # it is balanced, so it can only be nested too deeply
        raise NotAFormula("", OfFormula.TOO_DEEP) from None
    reading = _Reading(spelling.meanings, functions)
    tree = reading.node(spelled, 1)
    return Formula(text.strip(), frozenset(reading.used), tree)


# From Python's tree to ours.

_BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.MatMult: "@",
    ast.FloorDiv: " ",
}  # fmt: skip
_COMPARE: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


@dataclass
class _Reading:
    """The whitelist. Whatever is on none of its lines is refused."""

    meanings: Mapping[str, Meaning]
    functions: Mapping[str, Sequence[str]]
    used: set[str] = field(default_factory=set)
    count: int = 0

    def node(self, tree: ast.expr, depth: int) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise NotAFormula("", OfFormula.TOO_MANY)
        if depth > MAX_DEPTH:
            raise NotAFormula("", OfFormula.TOO_DEEP)
        match tree:
            case ast.Name(id=name):
                meaning = self.meanings[name]
                known = self.functions[meaning.name] if meaning.kind == "known" else ()
                self.used.update([meaning.name] if meaning.kind == "input" else known)
                return Node(meaning.kind, meaning.name, tuple(Node("input", argument) for argument in known))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Node("negative", "", (self.node(operand, depth + 1),))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _binary(_BINARY[type(op)], self.node(left, depth + 1), self.node(right, depth + 1))
            case ast.Compare(left=left, ops=ops, comparators=others):
                signs = " ".join(_COMPARE[type(op)] for op in ops)
                return Node("compare", signs, tuple(self.node(part, depth + 1) for part in (left, *others)))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(self.meanings[name], [self.node(a, depth + 1) for a in arguments])
            case ast.Call(func=ast.Attribute(value=first, attr=name), args=rest, keywords=[]):
                parts = [self.node(part, depth + 1) for part in (first, *rest)]
                return self.call(self.meanings[name], parts)
            case ast.Attribute(value=value):
                return Node("T", "", (self.node(value, depth + 1),))
        raise NotAFormula("", OfFormula.PYTHON)

    def call(self, meaning: Meaning, parts: list[Node]) -> Node:
        """A function with its arguments; what is a sign in disguise becomes one."""
        name = meaning.name
        least, most = names.ARITY.get(name, (2, 2))
        if not least <= len(parts) <= most:
            raise NotAFormula(name, OfFormula.arity(name, len(parts), least, most))
        if name in _DISGUISED:
            return _binary(_DISGUISED[name], *parts)
        if name == "transpose":
            return Node("T", "", tuple(parts))
        call = Node("call", name, tuple(parts))
        return _binary("^", call, Node("number", meaning.power)) if meaning.power else call


_DISGUISED: Final = {"frac": "/", "pow": "^", "matmul": "@"}


def _binary(sign: str, left: Node, right: Node) -> Node:
    if sign == "^":
        if right.kind == "T":  # x²ᵀ, which binds the other way round than it is meant
            raise NotAFormula("ᵀ", OfFormula.TRANSPOSED_EXPONENT)
        # 9**9**7 is no danger to float64, but a slip of the keyboard for certain.
        if _constant(right) and not np.all(np.abs(_quietly(right, _NOTHING, _NOTHING)) <= MAX_EXPONENT):
            raise NotAFormula(text_of(right), OfFormula.exponent(MAX_EXPONENT))
    return Node(sign, "", (left, right))


def _constant(node: Node) -> bool:
    return node.kind not in ("input", "known") and all(map(_constant, node.parts))


# Its numbers.


def evaluate(
    formula: Formula, at: Mapping[str, Numbers], values: Mapping[str, Numbers] = _NOTHING
) -> Numbers:
    """The formula's numbers at one point, float64; NaN and infinity where it has no value.

    ``+ - * / ^`` and comparisons go entry by entry, on equal shapes or with a scalar; nothing else is
    stretched, and a scalar result stays one, shape ``()``. ``@`` is the matrix product of vectors (n,) and
    matrices (m, n). ``sum``, ``mean``, ``max``, ``norm`` and the like take all entries together, ``softmax``
    those along the last axis.

    A product without a sign is the matrix product if at least one of the two is a matrix and neither is a
    scalar. Of two vectors it is the dot product if the left one is transposed (``x^T y``), the outer product
    if the right one is (``x y^T``), and else it goes entry by entry.

    :param at: the inputs, by name.
    :param values: ``f(a)`` there, by the function's name.
    :raises NotAFormula: shapes do not fit, or a result on the way is too large.
    :raises KeyError: the point lacks an input, or ``values`` a function, that the formula uses.
    """
    return np.array(_quietly(formula.tree, at, values))


def _quietly(tree: Node, at: Mapping[str, Numbers], values: Mapping[str, Numbers]) -> Numbers:
    with np.errstate(all="ignore"):
        return _Evaluation(at, values).of(tree)[0]


@dataclass(frozen=True)
class _Evaluation:
    at: Mapping[str, Numbers]
    values: Mapping[str, Numbers]

    def of(self, node: Node) -> tuple[Numbers, bool]:
        """The numbers of one part, and whether they are a vector that has been transposed: a row."""
        match node.kind:
            case "number":
                return np.asarray(float(node.name)), False
            case "constant":
                return np.asarray(names.CONSTANTS[node.name]), False
            case "input" | "known":
                given = self.at if node.kind == "input" else self.values
                return np.asarray(given[node.name], dtype=np.float64), False
        parts, rows = zip(*map(self.of, node.parts), strict=True)
        first: Numbers = parts[0]
        match node.kind:
            case "negative":
                return np.asarray(-first), rows[0]
            case "T":
                if first.ndim > 2:
                    raise NotAFormula("ᵀ", OfFormula.wrong_rank("ᵀ", _shapes(first)))
                return first.T, first.ndim == 1 and not rows[0]
            case "call":
                return np.asarray(_call(node.name, parts), dtype=np.float64), False
            case "compare":
                _fit(node.name, *parts)
                pairs = zip(node.name.split(), parts, parts[1:], strict=False)
                holds = [np.asarray(_HOLDS[sign](a, b), dtype=np.float64) for sign, a, b in pairs]
                return np.asarray(math.prod(holds[1:], start=holds[0])), False
            case " " | "@" if node.kind == "@" or _is_product(parts, rows):
                return _product(node, parts, rows)
        _fit(node.kind.strip() or "·", *parts)
        # A row times a number is a row; of a row and a column, entry by entry, nobody can say.
        row = all(row or part.ndim == 0 for part, row in zip(parts, rows, strict=True)) and any(rows)
        return np.asarray(_ENTRIES[node.kind](*parts), dtype=np.float64), row


_ENTRIES: Final[dict[str, Callable[[Numbers, Numbers], Numbers]]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, " ": np.multiply, "/": np.divide, "^": np.power,
}  # fmt: skip
_HOLDS: Final[dict[str, Callable[[Numbers, Numbers], Numbers]]] = {
    "<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def _is_product(parts: Sequence[Numbers], rows: Sequence[bool]) -> bool:
    """Whether two operands side by side are meant as a matrix product."""
    ranks = [part.ndim for part in parts]
    return 0 not in ranks and (2 in ranks or (ranks == [1, 1] and rows[0] != rows[1]))


def _product(node: Node, parts: Sequence[Numbers], rows: Sequence[bool]) -> tuple[Numbers, bool]:
    """The matrix product; of a row and a column their dot product, of a column and a row the outer one."""
    a, b = parts
    if (a.ndim, b.ndim) == (1, 1) and rows[1] and not rows[0]:
        if node.kind == "@":  # Python's reader sees a dot product here, and a mathematician the outer one
            raise NotAFormula("@", OfFormula.TWO_VECTORS)
        return _outer(a, b), False
    if not (1 <= a.ndim <= 2 and 1 <= b.ndim <= 2 and a.shape[-1] == b.shape[0]):
        raise NotAFormula(node.kind.strip(), OfFormula.not_a_product(_shapes(a, b)))
    if math.prod(a.shape) * math.prod(b.shape[1:]) > 10 * MAX_ENTRIES:
        raise NotAFormula(node.kind.strip(), OfFormula.TOO_LARGE)
    _bound(math.prod(a.shape[:-1]) * math.prod(b.shape[1:]))
    return np.asarray(a @ b), a.ndim == 1 and b.ndim == 2


def _outer(a: Numbers, b: Numbers) -> Numbers:
    _bound(a.size * b.size)
    return np.outer(a, b)


def _bound(entries: int) -> None:
    if entries > MAX_ENTRIES:
        raise NotAFormula("", OfFormula.TOO_LARGE)


def _fit(what: str, *parts: Numbers) -> None:
    """Scalars go with everything, other shapes only with themselves."""
    if len({part.shape for part in parts if part.ndim}) > 1:
        raise NotAFormula(what, OfFormula.shapes(what, _shapes(*parts)))


def _shapes(*parts: Numbers) -> str:
    return ", ".join(str(part.shape) for part in parts)


def _call(name: str, parts: Sequence[Numbers]) -> object:
    """A function of :data:`grader.checks.formula.names.ARITY`. Vectors are (n,), matrices (m, n)."""
    a = parts[0]
    if name in names.ENTRYWISE:
        return names.ENTRYWISE[name](a)
    if len(parts) == 1 and name in names.REDUCING:
        return names.REDUCING[name](a)
    ranks = [part.ndim for part in parts]
    if name in ("max", "min", "where"):
        _fit(name, *parts)
        # A lone scalar is all that numpy can stretch now.
        if name == "where":
            return np.where(a != 0, parts[1], parts[2])
        return np.maximum(*parts) if name == "max" else np.minimum(*parts)
    if name == "len" and a.ndim:
        return len(a)
    if name == "softmax" and a.ndim:
        raised = np.exp(a - np.max(a, axis=-1, keepdims=True, initial=-np.inf))
        return raised / np.sum(raised, axis=-1, keepdims=True)
    if name == "diag" and ranks in ([1], [2]):
        _bound(a.size * a.size if a.ndim == 1 else a.size)
        return np.diag(a)
    if name in ("dot", "outer") and ranks == [1, 1]:
        if name == "outer":
            return _outer(*parts)
        _fit(name, *parts)
        return np.dot(*parts)
    raise NotAFormula(name, OfFormula.wrong_rank(name, _shapes(*parts)))
