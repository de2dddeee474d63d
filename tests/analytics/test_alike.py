"""Alike: what only looks different has one key, what computes otherwise has another, nothing raises."""

from __future__ import annotations

import ast
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.analytics.alike import answer_key, fragments, tree_key, typed_key

PLAIN = b"""
import torch

def f(x, y):
    u = torch.exp(x)
    return 2 * u.detach() * y
"""
FILES = sorted(Path("solutions").glob("*/*ed/*.py"))


@pytest.mark.parametrize(
    "same",
    [
        b"import torch\ndef f(a, b):\n    z = torch.exp(a)\n    return 2 * z.detach() * b\n",
        b"import torch as t\ndef f(x, y):\n    u = t.exp(x)\n    return (2 * u.detach()) * y\n",
        b"from torch import exp\ndef f(x, y):\n    u = exp(x)\n    return 2*u.detach()*y\n",
        b"def f(x, y):\n    import torch\n    u = torch.exp(x)\n    return 2 * u.detach() * y\n",
        b"import torch\ndef f(x: torch.Tensor, y: 'int' = None) -> float:\n    return 1\n".replace(
            b" = None", b""
        ).replace(b"    return 1\n", b"    u: torch.Tensor = torch.exp(x)\n    return 2 * u.detach() * y\n"),
        b"'''mine'''\nimport torch, math\ndef f(x, y):\n    '''It cuts.'''\n    # here\n    pass\n"
        b"    u = torch.exp(\n        x)\n    return 2 * u.detach() * y\n"
        b"if __name__ == '__main__':\n    print(f(1, 2))\n",
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + PLAIN,
    ],
)
def test_what_only_looks_different_is_alike(same: bytes) -> None:
    assert tree_key(same) == tree_key(PLAIN)
    assert tree_key(same).startswith("tree ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2 *", b"3 *"), (b"2 *", b"2.0 *"), (b"exp", b"log"), (b".detach()", b""), (b"* y", b"* x"),
        (b"f(x, y)", b"f(y, x)"), (b"* y", b"+ y"), (b"def f", b"def g"), (b"u.detach", b"u.data"),
        (b"f(x, y)", b"f(x, y=1)"), (b"torch.exp(x)", b"exp(x)"),
    ],
)  # fmt: skip
def test_what_computes_otherwise_is_not(old: bytes, new: bytes) -> None:
    assert old in PLAIN and tree_key(PLAIN.replace(old, new)) != tree_key(PLAIN)


def test_names_are_followed_through_scopes() -> None:
    """Closures, comprehensions, lambdas, walruses, handlers, patterns; not what is global or an attribute."""
    first = b"""
def f(x):
    global n
    n = 1
    def inner(z):
        nonlocal x
        x = z
        return [x + q for q in z if (w := q)], w
    try:
        inner(lambda v: v + x)
    except ValueError as wrong:
        print(wrong)
    match x:
        case [head, *tail]: return head, tail
        case {"a": one, **rest}: return one, rest
"""
    names = {b"x": b"aa", b"z": b"bb", b"q": b"cc", b"w": b"dd", b"v": b"ee", b"wrong": b"ff"}
    names |= {b"head": b"gg", b"tail": b"hh", b"one": b"ii", b"rest": b"jj", b"inner": b"kk"}
    other = b"\n".join(_renamed(line, names) for line in first.split(b"\n"))
    assert other != first and tree_key(other) == tree_key(first)
    assert tree_key(first.replace(b"n = 1", b"m = 1")) != tree_key(first)
    assert tree_key(first.replace(b"z if", b"x if")) != tree_key(first)


def _renamed(line: bytes, names: dict[bytes, bytes]) -> bytes:
    import re

    return re.sub(rb"\b\w+\b", lambda m: names.get(m.group(), m.group()), line)


@pytest.mark.parametrize("path", FILES[:: max(1, len(FILES) // 60)], ids=lambda p: "/".join(p.parts[-3:]))
def test_answers_of_the_catalogue_keep_their_key_when_written_anew(path: Path) -> None:
    """By Python's own unparser, which changes quotes, brackets, blanks and comments."""
    source = path.read_bytes()
    try:
        anew = ast.unparse(ast.parse(source))
    except SyntaxError:
        pytest.skip("no Python, on purpose")
    assert tree_key(anew.encode()) == tree_key(source)
    assert fragments(anew.encode()).keys() == fragments(source).keys()


HOSTILE = {
    "plus": "1" + "+1" * 30_000, "attributes": "a" + ".a" * 30_000, "calls": "a" + "()" * 30_000,
    "minus": "-" * 60_000 + "1", "brackets": "[" * 60_000, "closed brackets": "(" * 190 + ")" * 190,
    "lambdas": "lambda:" * 9_000 + "1", "elifs": "if a:\n pass\n" + "elif a:\n pass\n" * 4_000,
    "names": "a," * 32_000, "statements": "a;" * 32_000, "definitions": "a=a\n" * 16_000,
    "blocks": "".join(" " * i + "if a:\n" for i in range(99)) + " " * 99 + "pass",
    "hexadecimal": "x = 0x" + "f" * 60_000, "decimal": "x = " + "9" * 60_000,
    "nul": "a\0b", "form feed": "\f\f", "long": "a = 1\n" * 43_000,
    "surrogate": r"x = '\ud800'", "escapes": r"x = '\d' + '\s'",
    "keyword": "1or 2",
    "comprehensions": "[" * 45 + "lambda: x" + " for x in y]" * 45, "unclosed": "'''" + "a" * 60_000,
    "many targets": "def f():\n " + ",".join(f"a{i}" for i in range(8_000)) + " = f",
    "sums in range": "x = " + "+".join(["a"] * 60),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_cant_hurt_the_process(what: str) -> None:
    """Nesting bombs, long numbers, broken text: a key each, the same each time, from any thread, in time."""
    source = HOSTILE[what].encode("utf-8", "surrogatepass")[: 256 * 2**10]
    begun = time.thread_time()
    key = tree_key(source)
    assert time.thread_time() - begun < 60
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(tree_key(source)))
    thread.start()
    thread.join()
    assert found == [key]
    assert isinstance(answer_key(source, "a"), str) and fragments(source) is not None


def test_a_key_does_not_depend_on_how_deep_its_caller_is() -> None:
    """Trees that are deep are all taken as text, those that are not never run into Python's limit."""
    sources = [f"x = {'-' * n}1".encode() for n in (10, 60, 90, 94, 95, 96, 97, 98, 110, 200)]
    flat = [tree_key(source) for source in sources]

    def deeper(levels: int) -> list[str]:
        return deeper(levels - 1) if levels else [tree_key(source) for source in sources]

    assert deeper(sys.getrecursionlimit() - 700) == flat
    assert {key.split()[0] for key in flat} == {"tree", "text"}


def test_no_warning_of_a_students_text_is_shown() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        assert tree_key(rb"x = '\d'").startswith("tree ") and tree_key(b"y = 1or 2").startswith("tree ")
    assert shown == []


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_anything_has_a_key(source: bytes) -> None:
    assert tree_key(source) == tree_key(source)
    assert tree_key(source).split()[0] in ("tree", "text")
    assert answer_key(source, "f").split()[0] in ("tree", "text")
    assert fragments(source) is not None


@given(st.text("ab =()\n:;+1.'\"#\\", max_size=60))
def test_blanks_at_the_ends_of_lines_never_matter(text: str) -> None:
    """Unless they are within a string, or behind a backslash."""
    if "'" not in text and '"' not in text and "\\" not in text:
        padded = "\n".join(line + "  " for line in text.split("\n"))
        assert tree_key(text.encode()) == tree_key(padded.encode())


def test_an_answer_is_one_function_with_what_it_uses() -> None:
    one = b"c = 2\ndef help(x):\n    return c * x\ndef grad_f(x):\n    return help(x)\n"
    one += b"def f(x):\n    return x\n"
    assert answer_key(one, "grad_f") == answer_key(one.replace(b"return x\n", b"return -x\n"), "grad_f")
    assert answer_key(one, "f") != answer_key(one.replace(b"return x\n", b"return -x\n"), "f")
    assert answer_key(one, "grad_f") != answer_key(one.replace(b"c = 2", b"c = 3"), "grad_f")
    assert answer_key(one, "absent") == tree_key(one)
    assert answer_key(b"def f(:", "f") == tree_key(b"def f(:")


def test_typed_answers_are_alike_without_blanks() -> None:
    assert typed_key(" 2 X ") == typed_key("2x") != typed_key("2y")


def test_fragments_say_where_they_are_and_in_what() -> None:
    found = fragments(PLAIN)
    inner = [f for f in found.values() if f.within is not None]
    whole = [f for f in found.values() if f.within is None]
    assert len(whole) == 1 and (whole[0].line, whole[0].last) == (4, 6)
    assert inner and all(found[f.within].size > f.size for f in inner if f.within is not None)
    other = fragments(b"import torch\ndef g(p):\n    q = p\n    return 2 * q.detach() * p\n")
    assert {f.line for key, f in other.items() if key in found} == {4}
