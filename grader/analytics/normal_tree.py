"""Normal trees: syntax trees without what makes two answers look different that are the same, as digests.

Taken out: formatting and comments, docstrings, type hints, the names of local variables and parameters (the
first that is met becomes 0, the next 1 …), how a module was imported, ``pass``, and what only runs when the
file is a program (``if __name__ == "__main__"``). Kept: constants, operators, the names of module-level
functions, of attributes and of keywords, the order of all things.

A tree's digest is made of its children's (a Merkle tree), so that each sub-tree has one. Clones are found by
such digests in Baxter et al., "Clone detection using abstract syntax trees" (ICSM 1998). A fragment means the
same wherever it stands, so in *its* digest all local names are the same (``blind``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Final

from grader.analytics.scopes import Comprehension, Function, imports_of, locals_of, targets_of

SMALLEST_FRAGMENT: Final = 8
"""Nodes. ``2 * x.detach() * torch.exp(y)`` has eight."""
_SIZE: Final = 10
_NO_PART: Final = frozenset({"ctx", "annotation", "returns", "type_comment", "type_params", "kind", "simple"})
"""Fields that say nothing about what is computed."""
_BODIES: Final = frozenset({"body", "orelse", "finalbody"})
_DROPPED: Final = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)
_NAME_TESTED: Final = "__name__"


@dataclass(frozen=True)
class Fragment:
    """A piece of a tree that is worth being compared.

    :ivar key: what alike fragments have in common.
    :ivar size: its nodes.
    :ivar line: the first line of it where it was met last, from 1.
    :ivar last: the last one.
    :ivar within: the key of the smallest fragment around it; None for an outermost one.
    """

    key: str
    size: int
    line: int
    last: int
    within: str | None


def digest(body: Iterable[ast.AST], imports: Mapping[str, str]) -> str:
    """What alike pieces of a module have in common."""
    walk = _Walk(imports, blind=False)
    return walk.of_list([walk.visit(node)[0] for node in _kept(body)]).hex()


def fragments(tree: ast.Module) -> dict[str, Fragment]:
    """The fragments of a module with at least :data:`SMALLEST_FRAGMENT` nodes, by their keys."""
    walk = _Walk(imports_of(tree.body), blind=True)
    for node in _kept(tree.body):
        walk.visit(node)
    return walk.fragments


def _kept(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a body that say what is computed."""
    for node in body:
        if isinstance(node, ast.Expr):
            kept = not isinstance(node.value, ast.Constant)  # a text
        elif isinstance(node, ast.AnnAssign):
            kept = node.value is not None  # else a hint
        elif isinstance(node, ast.If):
            kept = not _is_main(node.test)
        else:
            kept = not isinstance(node, _DROPPED)
        if kept:
            yield node


def _is_main(test: ast.expr) -> bool:
    left = test.left if isinstance(test, ast.Compare) else None
    return isinstance(left, ast.Name) and left.id == _NAME_TESTED


class _Walk:
    """One walk through a tree, from the leaves up.

    :ivar fragments: those met so far, when it is blind.
    """

    def __init__(self, imports: Mapping[str, str], *, blind: bool) -> None:
        self.fragments: dict[str, Fragment] = {}
        self._imports: list[Mapping[str, str]] = [imports]
        self._scopes: list[dict[str, int | None]] = []
        """Of each function around: its local names, and their numbers once they are met."""
        self._count = 0
        self._blind = blind
        self._texts: dict[str, bytes] = {}
        self._open: list[Fragment] = []
        """Fragments around which no other has been met yet."""

    def visit(self, node: ast.AST) -> tuple[bytes, int]:
        """The digest of a node, and how many nodes it has."""
        opened = len(self._open)
        if isinstance(node, ast.Name):
            found = self._text(self._name(node.id)), 1
        elif isinstance(node, ast.Constant):
            found = self._text(_constant(node.value)), 1
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found = self._scoped(node, locals_of(node), _imports_within(node))
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            found = self._scoped(node, targets_of(node), {})
        else:
            found = self._plain(node)
        if self._blind and found[1] >= SMALLEST_FRAGMENT and isinstance(node, (ast.expr, ast.stmt)):
            self._fragment(node, found, opened)
        return found

    def of_list(self, digests: list[bytes]) -> bytes:
        """The digest of a list."""
        return blake2b(b"[" + b"".join(digests), digest_size=_SIZE).digest()

    def _scoped(
        self, node: Function | Comprehension, names: set[str], imports: Mapping[str, str]
    ) -> tuple[bytes, int]:
        if not self._scopes:
            self._count = 0
        self._scopes.append(dict.fromkeys(names - imports.keys()))
        self._imports.append(imports)
        try:
            return self._plain(node)
        finally:
            self._scopes.pop()
            self._imports.pop()

    def _plain(self, node: ast.AST) -> tuple[bytes, int]:
        if isinstance(node, ast.Attribute):
            known = self._dotted(node)
            if known is not None:
                return self._text("." + known), 1
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            node = ast.Assign([node.target], node.value)
        label, size, fields = _sort(type(node).__name__, node._fields)
        parts = [label]
        for name, spelt in fields:
            value = getattr(node, name, None)
            if value.__class__ is list:
                part, more = self._list(node, name, value)
            elif value is None:
                continue
            else:
                part, more = self._value(node, name, value)
            if part:
                parts += [spelt, part]
                size += more
        return blake2b(b"\0".join(parts), digest_size=_SIZE).digest(), size

    def _list(self, node: ast.AST, name: str, values: list[Any]) -> tuple[bytes, int]:
        """The digest of a field that is a list, and its nodes; nothing for an empty one."""
        digests, size = [], 0
        for each in _kept(values) if name in _BODIES else values:
            if each is None:  # the key of ``**more`` in a dictionary, say
                digests.append(b"-")
            else:
                part, more = self._value(node, "", each)
                digests.append(part)
                size += more
        return (self.of_list(digests) if digests else b""), size

    def _value(self, node: ast.AST, name: str, value: object) -> tuple[bytes, int]:
        """The digest of a field, or of an entry of one, and its nodes."""
        if isinstance(value, ast.AST):
            if value._fields:
                return self.visit(value)
            return self._text(type(value).__name__), 0  # an operator
        binds = name in ("name", "arg", "rest") and not isinstance(node, (ast.keyword, ast.alias))
        return self._text(self._name(str(value)) if binds else f"{value!r}"), 0

    def _name(self, name: str) -> str:
        """A name as it is called here: a local one's number, an imported one's whole path."""
        for scope, imports in zip(reversed(self._scopes), reversed(self._imports[1:]), strict=True):
            if name in imports:
                return "." + imports[name]
            if name in scope:
                number = scope[name]
                if number is None:
                    number = scope[name] = self._count
                    self._count += 1
                return "*" if self._blind else f"*{number}"
        known = self._imports[0].get(name)
        return "." + known if known is not None else "=" + name

    def _dotted(self, node: ast.Attribute) -> str | None:
        """``torch.nn.functional`` of an attribute of what was imported; None of any other."""
        names: list[str] = []
        at: ast.expr = node
        while isinstance(at, ast.Attribute):
            names.append(at.attr)
            at = at.value
        if not isinstance(at, ast.Name):
            return None
        top = self._name(at.id)
        return ".".join([top[1:], *reversed(names)]) if top[0] == "." else None

    def _text(self, text: str) -> bytes:
        known = self._texts.get(text)
        if known is None:
            known = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
            self._texts[text] = known
        return known

    def _fragment(self, node: ast.expr | ast.stmt, found: tuple[bytes, int], opened: int) -> None:
        key = found[0].hex()
        for inner in self._open[opened:]:
            self.fragments[inner.key] = Fragment(inner.key, inner.size, inner.line, inner.last, key)
        del self._open[opened:]
        mine = Fragment(key, found[1], node.lineno, node.end_lineno or node.lineno, None)
        self.fragments[key] = mine
        self._open.append(mine)


@cache
def _sort(name: str, fields: tuple[str, ...]) -> tuple[bytes, int, tuple[tuple[str, bytes], ...]]:
    """Of a sort of node its name, whether it counts as one, and its fields that say something."""
    kept = tuple((field, field.encode()) for field in fields if field not in _NO_PART)
    return name.encode(), int(name not in ("arguments", "Expr", "keyword")), kept


def _constant(value: object) -> str:
    """A constant with its type; integers in hexadecimal, as Python refuses to write long ones in decimal."""
    return f"{type(value).__name__} {hex(value) if isinstance(value, int) else repr(value)}"


def _imports_within(node: Function) -> dict[str, str]:
    return {} if isinstance(node, ast.Lambda) else imports_of(node.body)
