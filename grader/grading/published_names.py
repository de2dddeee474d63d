"""Which names a sentence may quote: those that the exercise itself shows to a student.

The reference's own variables are nobody's business: a sentence that says "through total" tells a student of a
tensor that is in no text and in no code of theirs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from grader.grading.plan import arguments
from grader.model.exercise import Check, Exercise

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


def quotable(exercise: Exercise, check: Check, function: str, label: str, names: frozenset[str]) -> str:
    """A label of the reference's graph, ``variable|operation``, without a name that is not published.

    ``@1|`` stands for the function's second argument; ``v|cotangent`` for what the output is contracted with.
    """
    name, bar, operation = label.partition("|")
    if not bar:
        return label
    if name.startswith("@"):
        asked, position = arguments(exercise, check, function), int(name[1:])
        name = asked[position] if position < len(asked) else ""
    if operation == "cotangent":
        name = check.tangent or check.cotangent
    return f"{name if name in names else ''}|{operation}"
