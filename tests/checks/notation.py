"""Short notation for wrong gradients and their places in tests: ``missing-path:3.1:u|mul``.

A code, a place, and a label ``variable|operation``, with a ``*`` before the operation for all places at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.checks.arrays import Numbers, to_numpy
from grader.checks.wrong_gradients import WrongGradients
from grader.model.observation import Differentiated
from grader.model.wrong_gradients import NO_LABEL, Label, Mistake


def label(text: str) -> Label:
    """``u|mul``, ``|*exp``, ``|``."""
    variable, _, operation = text.partition("|")
    return Label(variable, operation.removeprefix("*"), operation.startswith("*"))


def labels(*texts: str) -> tuple[Label, ...]:
    return tuple(label(text) for text in texts)


def mistake(text: str) -> Mistake:
    """``second-derivative``, or ``missing-path:3.1:u|mul``."""
    code, _, rest = text.partition(":")
    place, _, said = rest.rpartition(":") if ":" in rest else (rest, "", "")
    return Mistake(code, place, label(said) if said else NO_LABEL)


def known(wrong: Mapping[str, Any]) -> WrongGradients:
    """Wrong gradients by their notation."""
    return WrongGradients({mistake(text): np.asarray(numbers) for text, numbers in wrong.items()})


def said(one: Label) -> str:
    """The label's notation."""
    return f"{one.variable}|{'*' * one.everywhere}{one.operation}"


def written(one: Mistake) -> str:
    """The mistake's notation."""
    at = "" if one.label == NO_LABEL and one.code in ("reduced", "accumulated") else f":{said(one.label)}"
    return f"{one.code}:{one.place}{at}" if one.place else one.code


def by_notation(wrong: WrongGradients) -> dict[str, Numbers]:
    """The reverse of :func:`known`."""
    return {written(one): numbers for one, numbers in wrong.by_mistake.items()}


def read_off(outcome: Differentiated) -> dict[str, Numbers]:
    """The wrong gradients of an observation, by their notation; ``value/…`` is a wrong value."""
    assert outcome.reading is not None
    return {
        f"{'value/' * one.mistake.of_value}{written(one.mistake)}": to_numpy(one.array)
        for one in outcome.reading.wrong
    }
