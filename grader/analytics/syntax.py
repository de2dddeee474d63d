"""Syntax trees of hostile text: parsed with bounds, never compiled, or not at all.

``ast.parse`` makes no code and runs none. What it can be made to cost was tried with CPython 3.11, 3.12 and
3.13 on 64 KiB of operators, calls, attributes, brackets, lambdas, ``elif`` and blocks without end: it raises
one of the errors below (its parser and its conversion into objects have limits of their own), or takes at
most 0.6 s and 25 MB. So a text is bounded before, and a tree afterwards.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from functools import cache
from typing import Any, Final

MOST_TEXT: Final = 32 * 2**10
"""Characters. Answers to an exercise have one to five thousand."""
MOST_DEPTH: Final = 100
"""Levels of a tree that are walked. Answers have about 20; and a walk may begin deep in a stack already."""
_MAY_WARN: Final = re.compile(r"\\|[0-9a-fA-FjJlL_.](?:and|else|for|if|in|is|or|not)")
"""What the tokenizer may warn about: an escape that is none, a keyword right behind a number."""
_NO_NODES: Final = frozenset(
    {"id", "attr", "ctx", "op", "ops", "kind", "type_comment", "module", "level", "conversion", "simple"}
)
"""Fields, of whatever sort of node, that hold none but operators and contexts."""
_warnings = threading.Lock()


class NoTree(Exception):
    """A text has no syntax tree, or one that is too large or too deep to be walked."""


def parse(text: str) -> ast.Module:
    """The syntax tree of a text, at most :data:`MOST_DEPTH` deep.

    :raises NoTree: it has none, or no such one.
    """
    if len(text) > MOST_TEXT:
        raise NoTree("too long")
    try:
        if _MAY_WARN.search(text) is None:
            tree = ast.parse(text)
        else:
            # Filters of warnings belong to the whole process; so they are touched only where it is needed.
            with _warnings, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NoTree(type(error).__name__) from error
    level: list[ast.AST] = [tree]
    for _ in range(MOST_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return tree
    raise NoTree("too deep")


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below one that have something below them or a name or value, in their order.

    So no operators and contexts. ``ast.iter_child_nodes`` without its two generators, by the fields that may
    hold any: each verdict walks a tree several times.
    """
    found: list[ast.AST] = []
    for name in _holding(node._fields):
        value: Any = getattr(node, name, None)
        if value.__class__ is list:
            found += [each for each in value if getattr(each, "_fields", None)]
        elif getattr(value, "_fields", None):
            found.append(value)
    return found


@cache
def _holding(fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in fields if name not in _NO_NODES)
