"""Registry of kinds: what judges a check, found by the class of its struct, or of its answer's.

Structs of checks are in ``grader/model/kinds.py``, of typed answers in ``grader/model/answer_types.py``.
Every module of ``kinds/`` and ``answers/`` is imported here, and registers what it holds.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from grader.checks import answers, kinds
from grader.checks.kinds.base import REGISTRY, Kind
from grader.model.check import Check
from grader.model.exercise import Exercise

for _package in (kinds, answers):
    for _module in pkgutil.iter_modules(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)


def kind_of(exercise: Exercise, check: Check) -> Kind[Any]:
    """What knows how ``check`` is judged: by its kind, or by the type of the answer that is typed."""
    judged = check if check.answer is None else exercise.answer(check.answer)
    return REGISTRY[type(judged)]


def read_answer(exercise: Exercise, name: str, text: str, *, one: bool = False) -> object:
    """What is typed for the answer ``name``, as the judge will understand it.

    :param one: ``text`` is one of its numbers, from a box of its own.
    :raises NotAnAnswer: it cannot be read.
    :raises KeyError: there is no answer of that name.
    """
    answer = exercise.answer(name)
    return REGISTRY[type(answer)].read(exercise, answer, text, one=one)
