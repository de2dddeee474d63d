"""Alike: a key that two answers share which differ in nothing but their looks.

::

    file ── encoding, notebook, mending ──► text ── bounded parse ──► tree ── normalised ──► key "tree …"
                                              └── no tree: too long, too deep, no Python ──► key "text …"

A key says that two answers were *written* alike. It is no measure of who wrote them: a short right answer has
the key of many.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

from grader.analytics import normal_tree
from grader.analytics.normal_tree import Fragment
from grader.analytics.scopes import imports_of
from grader.analytics.syntax import NoTree, parse
from grader.model.source import Source, read_source

LONGEST_SOURCE: Final = 256 * 2**10
_DIGITS: Final = 4
"""Significant digits to which two wrong numbers are alike: float32 keeps seven, typed answers three."""


def tree_key(source: bytes) -> str:
    """What files have in common that are alike but for names of locals, comments, hints and formatting.

    Never raises. What has no syntax tree is alike if its text is, blanks at the ends of lines aside.
    """
    text = _text(source)
    try:
        tree = parse(text)
    except NoTree:
        return _text_key(text)
    return f"tree {normal_tree.digest(tree.body, imports_of(tree.body))}"


def answer_key(source: bytes, function: str) -> str:
    """The same of one function of a file along with what it uses of the file, whatever else stands there.

    So the key of an answer to a check of that function. The whole file's where it does not define it.
    """
    try:
        tree = parse(_text(source))
    except NoTree:
        return tree_key(source)
    made = _definitions(tree.body)
    if function not in made:
        return tree_key(source)
    wanted: set[str] = {function}
    queue = [function]
    kept: set[ast.stmt] = set()
    while queue:
        for statement in made[queue.pop()]:
            if statement not in kept:
                kept.add(statement)
                used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
                new = (used & made.keys()) - wanted
                wanted |= new
                queue += new
    body = [statement for statement in tree.body if statement in kept]
    return f"tree {normal_tree.digest(body, imports_of(tree.body))}"


def fragments(source: bytes) -> Mapping[str, Fragment]:
    """The fragments of a file, by their keys; none where it has no syntax tree."""
    try:
        return normal_tree.fragments(parse(_text(source)))
    except NoTree:
        return {}


def typed_key(answer: str) -> str:
    """What typed answers have in common that differ in blanks and capitals alone."""
    return "typed " + _hash("".join(answer[:LONGEST_SOURCE].split()).casefold())


def _text(source: bytes) -> str:
    """A file as Python reads it; what cannot be read, as well as it can be."""
    read = read_source(source, LONGEST_SOURCE)
    return read.text if isinstance(read, Source) else source.decode("utf-8", "replace")


def _text_key(text: str) -> str:
    lines = (line.rstrip() for line in text.strip().splitlines())
    return "text " + _hash("\n".join(line for line in lines if line))


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def _definitions(body: Iterable[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """The statements of a module that make each of its names."""
    made: dict[str, list[ast.stmt]] = {}
    for statement in body:
        for name in _defined(statement):
            made.setdefault(name, []).append(statement)
    return made


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
