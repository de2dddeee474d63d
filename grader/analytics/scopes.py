"""Scopes: which names are local to a function of Python, and what the names mean that a module imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache

from grader.analytics.syntax import children

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_BLOCKS = ("cases", "finalbody", "orelse", "handlers", "body")
"""Fields that hold statements, the last to be run first."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def locals_of(function: Function) -> set[str]:
    """Names that a function binds: its parameters, and what its body assigns, defines, catches or matches.

    What it declares ``global`` or ``nonlocal``, and what it imports, is none of them.
    """
    spec = function.args
    parameters = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    parameters += [extra for extra in (spec.vararg, spec.kwarg) if extra is not None]
    names = {each.arg for each in parameters}
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    elsewhere: set[str] = set()
    for node in _within(body):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            elsewhere.update(node.names)
        else:
            names.update(_bound(node))
    return names - elsewhere


@cache
def _blocks(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Those of a statement's fields that hold statements."""
    return tuple(name for name in _BLOCKS if name in fields)


def targets_of(comprehension: Comprehension) -> set[str]:
    """Names that the ``for`` of a comprehension bind."""
    targets = [each.target for each in comprehension.generators]
    return {name for node in _within(targets) for name in _bound(node)}


def imports_of(body: Iterable[ast.stmt]) -> dict[str, str]:
    """What the names that a body imports mean: ``{"nn": "torch.nn", "exp": "torch.exp"}``."""
    found: dict[str, str] = {}
    stack: list[ast.AST] = list[ast.AST](body)[::-1]
    while stack:
        node = stack.pop()
        if not isinstance(node, _INNER):
            for name in _blocks(node._fields):
                stack += reversed(getattr(node, name))
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names if a.name != "*"}
    return found


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that one node binds."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        if node.name is not None:
            yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest is not None:
        yield node.rest


def _within(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a scope. Of an inner function, class or comprehension only the node itself.

    A walrus in a comprehension binds outside of it, so of these the targets of walruses are nodes, too.
    """
    stack: list[ast.AST] = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _COMPREHENSIONS):
            stack += _targets_of_walruses(node)
        elif not isinstance(node, _INNER):
            stack += children(node)[::-1]


def _targets_of_walruses(comprehension: ast.AST) -> list[ast.AST]:
    inside: list[ast.AST] = [comprehension]
    found: list[ast.AST] = []
    while inside:
        for child in children(inside.pop()):
            if isinstance(child, ast.NamedExpr):
                found.append(child.target)
                inside.append(child.value)
            elif not isinstance(child, _INNER):
                inside.append(child)
    return found
