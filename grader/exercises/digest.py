"""Digest of an exercise: over everything that can change a score, and nothing that only says it in words.

The parsed exercise is hashed, not its files: neither layout and comments of the TOML are in it, nor any
sentence in two languages (:class:`grader.model.text.Text`): titles, hints, what a misconception says. Of a
choice's options the ids are in it. Python files of the author's are hashed as they are: what a comment there
changes is nobody's to decide.
"""

from __future__ import annotations

import functools
import hashlib
import math
from typing import Any, Final

import msgspec

from grader.model.exercise import Exercise
from grader.model.text import EMPTY, Text

_SHOWN: Final = {
    "section": "", "order": 0, "chapter": None, "insight": EMPTY, "prompt": EMPTY, "starter": "",
    "starter_zh": "", "given": "", "given_zh": "",
    "published": {}, "digest": "", "file_digest": "",
    "vary": (), "variants": 0, "number": 0, "values": {}, "family": None,
}  # fmt: skip
"""What students read of an exercise beside the sentences; ``visible.json``, which follows from it; and which
variants there are beside the authored one: each has a digest of its own."""


def digest_of(exercise: Exercise) -> str:
    """SHA-256 (hex) of what judges."""
    answers = tuple(
        msgspec.structs.replace(answer, adjoints=None) if answer.adjoints is not None else answer
        for answer in exercise.answers
    )
    judging = msgspec.structs.replace(exercise, answers=answers, **_SHOWN)
    return hashlib.sha256(msgspec.json.encode(_wordless(judging), order="deterministic")).hexdigest()


def _wordless(value: Any) -> Any:
    """The value with every sentence left out, as plain data. What is as usual is not named, so that a field
    that a later version adds changes no digest."""
    if isinstance(value, Text):
        return None
    if isinstance(value, msgspec.Struct):
        plain = {
            name: _wordless(given)
            for name, usual in _fields(type(value))
            if (given := getattr(value, name)) != usual
        }
        kind = value.__struct_config__.tag
        return plain if kind is None else {"": kind, **plain}
    if isinstance(value, dict):
        return {str(key): _wordless(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_wordless(each) for each in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """Each field, and what it usually is."""
    return tuple(
        (
            field.name,
            field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory(),
        )
        for field in msgspec.structs.fields(kind)
    )
