"""Mutation testing: small changes of a reference (mutants), as a student errs, that a check must notice.

Dropped detach and ``no_grad``, a factor, a sign, a transpose, a lost path (one operand of a sum or a
product), a mean for a sum, ``create_graph``, a comparison moved. Made on the syntax tree; only what the
checks differentiate or run is changed, not what ``answers``, ``branch`` or ``closed_form`` use alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from grader.authoring.reached import reached

MOST: Final = 60
"""Mutants of one reference."""


@dataclass(frozen=True)
class Mutant:
    """One changed reference.

    :ivar what: what was changed to what, as an author may list it under ``equivalent``.
    :ivar line: where, in ``reference.py``.
    """

    what: str
    line: int
    source: str


def mutants(source: str, names: Iterable[str]) -> list[Mutant]:
    """The mutants of ``source``, in the order of its lines, each different from it and from the others.

    :param names: the functions that are asked for; these and what they call are changed.
    """
    tree = ast.parse(source)
    found: list[Mutant] = []
    seen = {ast.unparse(tree)}
    for function in reached(tree, names):
        for node in ast.walk(function):
            for changed in _changes(node):
                text = _with(tree, node, changed)
                if text not in seen and len(found) < MOST:
                    seen.add(text)
                    what = f"{function.name}: {_short(node)} → {_short(changed)}"
                    found.append(Mutant(what, getattr(node, "lineno", function.lineno), text))
    return sorted(found, key=lambda m: m.line)


def _short(node: ast.AST) -> str:
    if isinstance(node, ast.With):
        return f"with {', '.join(ast.unparse(item) for item in node.items)}"
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:59] + "…"


def _with(tree: ast.Module, node: ast.AST, changed: ast.AST) -> str:
    """The whole source with ``changed`` in the place of ``node``."""

    class Swap(ast.NodeTransformer):
        def visit(self, here: ast.AST) -> ast.AST:
            return changed if here is node else super().visit(here)

    memo: dict[int, object] = {id(node): node}
    return ast.unparse(ast.fix_missing_locations(Swap().visit(copy.deepcopy(tree, memo))))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="detach"), args=[]):
            yield inner
        case ast.Call(func=ast.Attribute(attr=("sum" | "mean") as name) as func):
            other = "mean" if name == "sum" else "sum"
            yield _like(node, func=ast.Attribute(func.value, other, ast.Load()))
        case ast.Call(keywords=keywords) if any(k.arg == "create_graph" for k in keywords):
            yield _like(node, keywords=[k for k in keywords if k.arg != "create_graph"])
        case ast.With(items=[ast.withitem(context_expr=context)], body=body) if "no_grad" in ast.unparse(
            context
        ):
            yield ast.If(ast.Constant(True), body, [])
        case ast.Attribute(value=inner, attr=("T" | "mT")):
            yield inner
        case ast.BinOp(left=left, op=op, right=right):
            yield from _operands(left, op, right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=int() | float() as value) if value and not isinstance(value, bool):
            yield ast.Constant(2 * value)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for comparison in _COMPARISONS.get(type(op), ()):
                yield ast.Compare(left, [comparison()], [right])
        case _:
            return


_COMPARISONS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
}


def _operands(left: ast.expr, op: ast.operator, right: ast.expr) -> Iterator[ast.AST]:
    match op:
        case ast.Add():
            yield ast.BinOp(left, ast.Sub(), right)
            yield from (left, right)
        case ast.Sub():
            yield ast.BinOp(left, ast.Add(), right)
            yield from (left, right)
        case ast.Mult():
            yield from (left, right)
        case ast.Div():
            yield ast.BinOp(left, ast.Mult(), right)
            yield left
        case ast.Pow():
            yield left
        case ast.MatMult() if isinstance(left, ast.Name):
            yield ast.BinOp(ast.Attribute(left, "T", ast.Load()), ast.MatMult(), right)
        case _:
            return


def _like(node: ast.Call, **changes: object) -> ast.Call:
    fields = {"func": node.func, "args": node.args, "keywords": node.keywords} | changes
    return ast.Call(**fields)  # type: ignore[arg-type]
