"""What a report tells of a typed answer beside its verdict: what was said, and entry by entry what is right.

What is right is told only of an answer that was given, could be read and is wrong, and only where the given
code asks for it: whoever runs that code sees the same. An answer that nobody gave stays untold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

from grader.checks import sentences
from grader.checks.kinds.base import Given
from grader.checks.typed import NotAnAnswer
from grader.model.answer_types import Answer
from grader.model.report import CheckResult, Counterexample, TypedAnswer
from grader.model.text import EMPTY
from grader.model.values import Plain, Value

MOST_ENTRIES: Final = 512
"""Of an answer, in a report; of a larger one the verdict alone is told."""
_MOST_TEXT: Final = 500
"""Characters of an answer."""
_MOST_QUOTED: Final = 80
"""Characters of it in a sentence."""

U = TypeVar("U")


@dataclass(frozen=True)
class Compared:
    """An answer beside the right one, as plain data.

    :ivar entries: whether it is right, in nested lists as the answer is; None: as a whole.
    """

    expected: Plain
    actual: Plain
    entries: Plain = None


class Reads(Protocol, Generic[U]):
    """A type of answer, as far as telling needs it."""

    def understood(self, given: Given, answer: Any, text: str, value: Value | None) -> U:
        """What was typed beside the file, else what the file has. :raises NotAnAnswer: it cannot be read."""

    def alike(self, one: U, other: U) -> bool:
        """Whether both say the same."""

    def plain(self, mine: U) -> Plain:
        """It as plain data; None also for a typed ``None``."""

    def beside(self, mine: U, answer: Any, given: Given) -> Compared | None:
        """It beside what is right; None where too large for a report, or judged at every case."""


def told(
    kind: Reads[Any], judged: CheckResult, answer: Answer, text: str, value: Value | None, given: Given
) -> CheckResult:
    """The verdict, with what it is on."""
    if judged.verdict not in ("passed", "failed"):
        return judged
    try:
        mine = kind.understood(given, answer, text, value)
    except NotAnAnswer:
        return judged
    note = EMPTY
    if text and value is not None:
        try:
            other = kind.understood(given, answer, "", value)
            if not kind.alike(mine, other):
                pair = (_cut(written(kind.plain(other)), _MOST_QUOTED), _cut(text, _MOST_QUOTED))
                note = sentences.file_says_other(answer.name, *pair)
        except NotAnAnswer:
            pass  # what cannot be read contradicts nothing
    in_code = given.exercise.asks_in_code(answer.name)
    compared = kind.beside(mine, answer, given) if in_code else None
    typed = TypedAnswer(
        answer.name,
        _cut(text or written(kind.plain(mine)), _MOST_TEXT),
        in_file=not text,
        entries=None if compared is None else compared.entries,
        note=note,
    )
    example = judged.counterexample
    if compared is not None and example is None and judged.verdict == "failed":
        example = Counterexample({}, compared.expected, compared.actual)
    return msgspec.structs.replace(judged, typed=typed, counterexample=example)


def written(plain: Plain) -> str:
    """Plain data as one would type it: ``[0, 4, 8.5]``, ``True``, ``x -> a``."""
    if isinstance(plain, list):
        shown = plain[: MOST_ENTRIES + 1]
        return f"[{', '.join(map(written, shown))}{', …' if len(plain) > len(shown) else ''}]"
    return f"{plain:.6g}" if isinstance(plain, float) else str(plain)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
