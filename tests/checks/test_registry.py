"""The registry of kinds: each is found by its class, and nobody asks for its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.checks import registry
from grader.checks.kinds.base import REGISTRY, FunctionKind
from grader.model.answer_types import ANSWERS
from grader.model.check import Check
from grader.model.kinds import CHECKS

ROOT = Path(registry.__file__).parents[1]
ALLOWED = ("model/kinds.py", "model/check.py", "model/answer_types.py", "exercises/", "authoring/kinds.py")
COMPARED = re.compile(
    r"\b(?:check|answer)\.(?:kind|type)\b\s*(?:==|!=|in\b|not in\b)|match (?:check|answer)\.(?:kind|type):"
)
STRUCT = re.compile(r"isinstance\(\w+, \(?(?:kinds\.|(?:Number|Bool|Choice|Edges|Formula)Answer)")


@pytest.mark.parametrize("kind", CHECKS)
def test_a_check_about_a_function_has_its_kind(kind: str) -> None:
    struct = CHECKS[kind]
    if "function" in struct.__struct_fields__:
        assert isinstance(REGISTRY[struct], FunctionKind)
    else:
        assert "answer" in struct.__struct_fields__ and struct not in REGISTRY


@pytest.mark.parametrize("type_", ANSWERS)
def test_an_answer_has_its_type(type_: str) -> None:
    assert not isinstance(REGISTRY[ANSWERS[type_]], FunctionKind)


def test_every_kind_says_how_it_differs() -> None:
    """A class of its own for each: none is left at what all checks share."""
    assert len(set(CHECKS.values())) == len(CHECKS) and Check not in CHECKS.values()


def sources() -> list[Path]:
    found = [*ROOT.rglob("*.py"), *ROOT.rglob("*.html")]
    return [path for path in found if not path.relative_to(ROOT).as_posix().startswith(ALLOWED)]


def test_no_code_compares_the_name_of_a_kind() -> None:
    """What differs between kinds is an attribute of their classes."""
    found = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()}"
        for path in sources()
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if COMPARED.search(line)
        or (STRUCT.search(line) and not path.relative_to(ROOT).as_posix().startswith("checks/"))
    ]
    assert found == []
