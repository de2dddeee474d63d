"""Published names: those that a sentence may quote, because the exercise itself shows them to a student.

The reference's own variables are nobody's business: a sentence that says "through total" tells a student of a
tensor that is in no text and in no code of theirs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import msgspec

from grader.checks.tasks import arguments
from grader.checks.wrong_gradients import NONE_KNOWN, WrongGradients, wrong_gradients
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.wrong_gradients import GraphReading, Label, Mistake, WrongGradient

_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
"""What is code or mathematics in a prompt; the words around it name nothing."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def published_names(exercise: Exercise) -> frozenset[str]:
    """Names of inputs and functions, and all that stand in given code, starter, and the prompt's code."""
    shown = [exercise.given, exercise.starter]
    for prompt in {exercise.prompt.en, exercise.prompt.zh}:
        shown += _CODE.findall(prompt)
    found = {name for text in shown for name in _identifiers(text)}
    return frozenset(found | {i.name for i in exercise.inputs} | {f.name for f in exercise.functions})


@lru_cache(maxsize=1024)
def _identifiers(text: str) -> frozenset[str]:
    return frozenset(_IDENTIFIER.findall(text))


def quotable(
    exercise: Exercise, check: Check, function: str, read: GraphReading | None, names: frozenset[str]
) -> WrongGradients:
    """What was read off the graph and belongs to this check, with no name that a student has not seen.

    :param function: the reference's function. :param names: those that a sentence may say.
    """
    if read is None:
        return NONE_KNOWN
    of_value = check.of_values
    asked = arguments(exercise, check, function)
    vector = check.tangent or check.cotangent
    found: list[WrongGradient] = []
    for wrong in read.wrong:
        mistake, at = wrong.mistake, wrong.mistake.label
        if mistake.of_value is not of_value:
            continue
        name = at.variable
        if at.argument is not None:
            name = asked[at.argument] if at.argument < len(asked) else ""
        if at.operation == "cotangent":
            name = vector
        said = Label(name if name in names else "", at.operation, at.everywhere)
        found.append(WrongGradient(Mistake(mistake.code, mistake.place, said), wrong.array))
    sides = {"low": None, "high": None} if of_value else {}
    return wrong_gradients(msgspec.structs.replace(read, wrong=tuple(found), **sides))
