"""``choice`` and ``edges``: one or several of given options, or the edges of a graph.

Like :mod:`grader.checks.typed`, a small reader of our own: what is typed is hostile, and the
grammar is a list of names. Chinese punctuation and any kind of arrow are forgiven.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from grader.checks import sentences
from grader.checks.answers.base import AnswerKind, no_answer
from grader.checks.answers.told import Compared
from grader.checks.arrays import to_numpy
from grader.checks.diagnoses.samples import Relation
from grader.checks.kinds.base import Given, judges
from grader.checks.results import diagnose, result
from grader.checks.typed import MAX_TEXT, NotAnAnswer
from grader.model.answer_types import Answer, ChoiceAnswer, EdgesAnswer
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.report import CheckResult
from grader.model.text import EMPTY
from grader.model.values import Nothing, Number, Plain, Sequence, Value, Words, type_name

MAX_ITEMS: Final = 256
_ARROW: Final = re.compile(r"(?:[-−‐‑–—―─━]+|=+)>|[→⟶⇒⟹⇨➔➙➜➝➞➡↦]\ufe0f?|\\(?:long)?(?:right)?arrow\b|\\to\b")
_BETWEEN: Final = re.compile(r"[,;，、；\n\[\]()（）【】{}\"'`|]+")
_NAME: Final = re.compile(r"[^\W\d][\w.-]{0,63}$")

Edge = tuple[str, str]


@judges(ChoiceAnswer, EdgesAnswer)
class WordsAnswer(AnswerKind[Answer]):
    """Words, from the reference's ``answers()``."""

    def read(self, exercise: Exercise, answer: Answer, text: str, *, one: bool = False) -> Said:
        return parse(text, answer)

    def compare(
        self, check: Check, answer: Answer, text: str, value: Value | None, given: Given
    ) -> CheckResult:
        truth = given.truth
        wrong = {name: read(v, answer) for name, v in truth.wrong_words.get(check.id, {}).items()}
        right = read(truth.words[answer.name], answer)
        said: Said | NotAnAnswer | None = None
        try:
            if text or value is not None:
                said = self.understood(given, answer, text, value)
        except NotAnAnswer as error:
            said = error
        return judge_words(given.exercise, check, said, right, wrong)

    def understood(self, given: Given, answer: Answer, text: str, value: Value | None) -> Said:
        if text:
            return parse(text, answer)
        assert value is not None
        return read(value, answer)

    def plain(self, mine: Said) -> Plain:
        if mine.edges:
            return [f"{a} -> {b}" for a, b in sorted(mine.edges)]
        return list(mine.items) if len(mine.items) > 1 else mine.items[0]

    def beside(self, mine: Said, answer: Answer, given: Given) -> Compared | None:
        right = read(given.truth.words[answer.name], answer)
        entries: Plain = None
        if right.items and len(right.items) == len(mine.items):
            marks = [a == b for a, b in zip(mine.items, right.items, strict=True)]
            entries = marks if len(marks) > 1 else marks[0]
        return Compared(self.plain(right), self.plain(mine), entries)


@dataclass(frozen=True)
class Said:
    """An answer in words.

    :ivar items: for a choice, the ids in order, with their shape; for edges, no order at all.
    """

    items: tuple[str, ...] = ()
    edges: frozenset[Edge] = frozenset()


def read(value: Value, answer: Answer) -> Said:
    """What a file's ``PREDICTIONS`` (or a reference's ``answers()``) says.

    :raises NotAnAnswer: it is neither text nor a list of texts.
    """
    return parse(_text_of(value, answer), answer)


def _text_of(value: Value, answer: Answer) -> str:
    match value:
        case Words(text=text):
            return text
        case Sequence(items=items) if len(items) <= MAX_ITEMS:
            pairs = [_pair(item) for item in items]
            if answer.arrows and all(pairs):
                return ", ".join(" -> ".join(pair) for pair in pairs)
            return ", ".join(_text_of(item, answer) for item in items)
        case Nothing() | Number() if (word := _word_of(value)) and _option_called(word, answer):
            return word
        case _:
            raise NotAnAnswer("", sentences.no_words(type_name(value)))


def _word_of(value: Value) -> str:
    """None, True, False or a whole number as one writes it; empty for anything else."""
    match value:
        case Nothing():
            return "None"
        case Number(type="bool" | "int", array=array):
            return str(to_numpy(array).item())
        case _:
            return ""


def _pair(value: Value) -> tuple[str, ...]:
    """Two names in a list or a tuple; empty for anything else."""
    if isinstance(value, Sequence) and len(value.items) == 2:
        names = tuple(item.text for item in value.items if isinstance(item, Words))
        return names if len(names) == 2 else ()
    return ()


def parse(text: str, answer: Answer) -> Said:
    """Read what was typed.

    :raises NotAnAnswer: it names no option, or is no arrow.
    """
    if len(text) > MAX_TEXT:
        raise NotAnAnswer("", sentences.too_long(len(text)))
    if answer.arrows:
        # Full-width letters and signs are plain ones, and a line that begins or ends with an arrow goes on.
        text = unicodedata.normalize("NFKC", text).replace("。", ",")
        text = re.sub(r"\s+", lambda blank: "\n" if "\n" in blank[0] else " ", text)
        text = re.sub(rf"\s?({_ARROW.pattern})\s?", r" \1 ", text)
    pieces = [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()]
    if not pieces:
        raise NotAnAnswer("", sentences.NOTHING_TYPED)
    if len(pieces) > MAX_ITEMS:
        raise NotAnAnswer("", sentences.TOO_MANY)
    if not answer.arrows:
        return Said(items=tuple(_option(piece, answer) for piece in _spaced(pieces, answer)))
    edges: set[Edge] = set()
    for piece in pieces:
        for chain in _chains(piece):
            if len(chain) < 2 or not all(map(_NAME.match, chain)):
                raise NotAnAnswer(piece[:40], sentences.NO_ARROW)
            edges |= set(itertools.pairwise(chain))  # a -> b -> c is two edges
    return Said(edges=frozenset(edges))


def _chains(piece: str) -> list[list[str]]:
    """Names that arrows join: of ``x -> a -> b c->d`` two lists, since none leads from b to c."""
    chains: list[list[str]] = [[]]
    for end in _ARROW.split(piece):
        for n, name in enumerate(end.split()):
            if n:
                chains.append([])
            chains[-1].append(name)
    return chains


def _spaced(pieces: list[str], answer: Answer) -> list[str]:
    """``forward reverse`` is two ids when it is not one option's own words."""
    known = {
        name.casefold() for option in answer.option for name in (option.id, option.text.en, option.text.zh)
    }
    return [part for piece in pieces for part in ([piece] if piece.casefold() in known else piece.split())]


def _option_called(piece: str, answer: Answer) -> str | None:
    wanted = piece.casefold()
    for option in answer.option:
        if wanted in (option.id.casefold(), option.text.en.casefold(), option.text.zh.casefold()):
            return option.id
    return None


def _option(piece: str, answer: Answer) -> str:
    if (found := _option_called(piece, answer)) is not None:
        return found
    raise NotAnAnswer(piece[:40], sentences.no_option([option.id for option in answer.option]))


def judge_words(
    exercise: Exercise,
    check: Check,
    given: Said | NotAnAnswer | None,
    expected: Said,
    misconceptions: dict[str, Said],
) -> CheckResult:
    """Judge a check about an answer in words."""
    assert check.answer is not None
    answer = exercise.answer(check.answer)
    if given is None or isinstance(given, NotAnAnswer):
        return no_answer(check, answer, given)
    if given == expected:
        return result(check, "passed", EMPTY)
    matches = [name for name, wrong in sorted(misconceptions.items()) if wrong == given]
    if len(matches) == 1:
        message, diagnosis = diagnose(Relation(f"author:{matches[0]}"), exercise)
        return result(check, "failed", message, diagnosis)
    if answer.arrows:
        extra = sorted(given.edges - expected.edges)
        backwards = sum((b, a) in expected.edges for a, b in extra)
        missing = len(expected.edges - given.edges)
        message = sentences.wrong_edges(
            missing,
            len(extra),
            " → ".join(extra[0]) if extra else "",
            backwards == len(extra) == len(given.edges),
        )
        return result(check, "failed", message)
    if len(given.items) != len(expected.items):
        return result(check, "failed", sentences.wrong_count(len(given.items), len(expected.items)))
    wrong = sum(a != b for a, b in zip(given.items, expected.items, strict=True))
    return result(check, "failed", sentences.wrong_choices(answer.name, wrong, len(expected.items)))
