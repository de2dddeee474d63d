"""Counterexample: a visible case at which an answer is wrong, small enough to be kept and read.

A submission may return a million numbers, or a tensor without any entry whose shape has a million
rows. Of a large tensor only the part around a wrong entry is taken, of one of another shape nothing but the
shape; what is left out is said. The numbers are cut before they become Python objects.
"""

from __future__ import annotations

from math import prod
from typing import Final

from grader.checks import sentences
from grader.checks.arrays import Numbers, plain, snapped, to_numpy
from grader.checks.results import shape_of
from grader.model.report import Counterexample
from grader.model.text import EMPTY, Text
from grader.model.values import (
    Foreign,
    Mapping,
    Nothing,
    Number,
    Plain,
    Sequence,
    Tensor,
    Value,
    Words,
    type_name,
)

MOST_ENTRIES: Final = 512
"""Of the expected answer, of the given one, and of all inputs together."""
MOST_ITEMS: Final = 100
"""Of one list or tuple."""


def counterexample(
    inputs: dict[str, Plain], expected: Numbers | None, value: Value, worst: tuple[int, ...] = ()
) -> Counterexample:
    """What is shown of a case.

    :param inputs: what the student's function was called with, as nested lists.
    :param expected: the right answer; None where there is no gradient.
    :param value: the answer that came.
    :param worst: the index of a wrong entry, where one is known.
    """
    shown, notes = _inputs(inputs)
    given = to_numpy(value.array) if isinstance(value, Tensor | Number) else None
    right = snapped(expected)
    if right is not None and given is not None and _too_large(right, given):
        if right.shape != given.shape:
            left, actual = f"<shape {shape_of(right)}>", f"<shape {shape_of(given)}>"
            return Counterexample(shown, left, actual, _joined([*notes, sentences.ONLY_SHAPES]))
        part = _part(right.shape, worst)
        notes.append(sentences.only_a_part(shape_of(right), _written(part), around=bool(worst)))
        return Counterexample(shown, plain(right[part]), plain(given[part]), _joined(notes))
    due, came = _Taken(right), _Taken(value)
    notes += [sentences.EXPECTED_CUT] * due.cut + [sentences.ACTUAL_CUT] * came.cut
    return Counterexample(shown, due.plain, came.plain, _joined(notes))


def _too_large(*arrays: Numbers) -> bool:
    return any(_lists(array.shape) > MOST_ENTRIES for array in arrays)


def _lists(shape: tuple[int, ...]) -> int:
    """How many entries or empty lists a tensor of this shape is written with: (10 ** 9, 0) has no entry."""
    return prod(max(n, 1) for n in shape)


def _part(shape: tuple[int, ...], around: tuple[int, ...], most: int = MOST_ENTRIES) -> tuple[slice, ...]:
    """At most ``most`` entries: as much of the last axis as fits, then of the one before it …"""
    centre = around or (0,) * len(shape)
    part: list[slice] = []
    for size, at in zip(reversed(shape), reversed(centre), strict=True):
        width = min(size, max(most, 1))
        most //= max(width, 1)
        start = min(max(at - width // 2, 0), size - width)
        part.append(slice(start, start + width))
    return tuple(reversed(part))


def _written(part: tuple[slice, ...]) -> str:
    return f"[{', '.join(f'{one.start}:{one.stop}' for one in part)}]"


class _Taken:
    """An answer as plain data, from its beginning, as far as the entries reach."""

    def __init__(self, value: Value | Numbers | None) -> None:
        self.left = MOST_ENTRIES
        self.cut = False
        self.plain = self._take(value)

    def _take(self, value: Value | Numbers | None) -> Plain:
        match value:
            case None | Nothing():
                self.left -= 1
                return None
            case Tensor(array=array) | Number(array=array):
                return self._take(to_numpy(array))
            case Sequence(items=items):
                self.left -= not items
                taken = []
                for item in items[:MOST_ITEMS]:
                    if self.left <= 0:
                        break
                    taken.append(self._take(item))
                self.cut = self.cut or len(taken) < len(items)
                return taken
            case Words() | Mapping() | Foreign():
                self.left -= 1
                return f"<{type_name(value)}>"
        part = _part(value.shape, (), self.left)
        self.cut = self.cut or _lists(value.shape) > self.left
        taken_part = value[part]
        self.left -= _lists(taken_part.shape)
        return plain(taken_part)


def _inputs(inputs: dict[str, Plain]) -> tuple[dict[str, Plain], list[Text]]:
    left, shown, cut = MOST_ENTRIES, {}, []

    def head(value: Plain) -> Plain:
        nonlocal left
        if not isinstance(value, list):
            left -= 1
            return value
        taken = []
        for item in value:
            if left <= 0:
                break
            taken.append(head(item))
        return taken

    for name, value in inputs.items():
        shown[name] = head(value)
        if shown[name] != value:
            cut.append(name)
    return shown, [sentences.inputs_cut(cut)] if cut else []


def _joined(notes: list[Text]) -> Text:
    return Text(" ".join(n.en for n in notes), "".join(n.zh for n in notes)) if notes else EMPTY
