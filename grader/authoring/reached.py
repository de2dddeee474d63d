"""Call graph of a reference: the functions that a check names, and those that these call."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from grader.model.exercise import Exercise


def asked(exercise: Exercise) -> set[str]:
    """Names of the reference's functions that some check holds an answer against.

    Where the student designs a function, the reference's is only an example: nothing is held against it.
    """
    return {check.of or check.function or "" for check in exercise.checks if not check.of_own} - {""}


def reached(tree: ast.Module, names: Iterable[str]) -> list[ast.FunctionDef]:
    """The functions at the top of ``tree`` called ``names``, and all that they mention, in their order.

    What only ``answers``, ``branch`` or ``closed_form`` use is not among them.
    """
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in functions and name not in found:
            found.add(name)
            todo += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return [node for name, node in functions.items() if name in found]
