"""Typed answers, parsed: ``[0, 4, 8, 12]``, ``None``, ``True``, ``0 4 8 12``, ``1/4``.

A small parser of our own, because what is typed is hostile and the grammar is five
symbols: no ``eval``, no ``ast``. Chinese punctuation is forgiven.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import pi, prod
from typing import Any, Final

import numpy as np

from grader.checks import sentences
from grader.checks.arrays import Numbers, numbers_of
from grader.checks.compare import FLOAT32_BUDGET, absolute
from grader.checks.typed_text import plainly, rows
from grader.model.text import Text
from grader.model.values import Nothing, Number, Sequence, Tensor, Value, Words, type_name

MAX_TEXT: Final = 4096
MAX_DEPTH: Final = 6
COMPUTED: Final = 7
"""A number with a fraction and so many digits was computed or printed: single precision is sure of six."""
_RESIDUE: Final = 1e-2 * FLOAT32_BUDGET
"""What may be left of a zero that was computed so."""
_BRACKETS: Final = " \t\r\n[]()（）［］【】"
_TOKEN: Final = re.compile(r"\s*(?:([\[\],])|([^\s\[\],]+))")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$")
_DECIMAL_COMMA: Final = re.compile(r"\s*([+-]?\d+)[,，﹐](\d+)\s*$")
_COMPLEX: Final = re.compile(
    r"(?P<real>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?(?=[+-]))?"
    r"(?P<imaginary>[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)?)[ijIJ]$"
)
_MULTIPLE_OF_PI: Final = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<times>[\d.]+(?:/[\d.]+)?)\*|(?P<beside>[\d.]+))?π(?:\*(?P<more>[\d.]+))?(?:/(?P<by>[\d.]+))?$"
)
"""``π/2``, ``-2π``, ``3*π/4``, ``1/2*π``; not ``1/2π``, which can mean two."""
_SPECIAL: Final = {"nan": float("nan")} | {
    f"{sign}{word}": float(f"{sign}inf")
    for sign in ("", "+", "-")
    for word in ("inf", "infinity", "∞", "无穷", "无穷大")
}
_TRUTH: Final = {
    "true": True, "false": False, "yes": True, "no": False, "是": True, "否": False, "对": True, "错": False,
}  # fmt: skip


class NotAnAnswer(ValueError):
    """The text is no answer: ``what`` is the piece that cannot be read, ``why`` what is wrong otherwise."""

    def __init__(self, what: str, why: Text | None = None) -> None:
        super().__init__(what or (why.en if why else ""))
        self.what, self.why = what, why


@dataclass(frozen=True)
class Typed:
    """An answer that was typed.

    :ivar values: its numbers (float64, complex128 where one is complex, or bool); None for a typed ``None``.
    :ivar slack: for each number (of a complex one, for either part), half a unit of its last typed digit, at
        least three digits counted; of more digits than anyone types, what a float32 may be off by.
    """

    values: Numbers | None
    slack: Numbers | None = None


def parse(text: str, shape: tuple[int, ...] | None = None) -> Typed:
    """Read a typed answer.

    :param shape: of the answer that is asked for: where one number is, ``8,5`` may be meant as that.
    :raises NotAnAnswer: it cannot be read, or can be read in two ways.
    """
    tokens = _tokens(rows(text) if shape is not None and len(shape) > 1 else text)
    _ask_about_commas(text, shape)
    if tokens[0] != "[" and len([t for t in tokens if t != ","]) > 1:
        tokens = ["[", *tokens, "]"]  # "0 4 8 12" and "0, 4, 8, 12" are vectors
    elif shape is not None and len(shape) > 1 and _ends(tokens) < len(tokens):
        tokens = ["[", *tokens, "]"]  # rows
    nested, rest = _item(tokens, 0, 0)
    if rest != len(tokens):
        raise NotAnAnswer(tokens[rest])
    return _fitted(_typed(nested), shape)


def _ask_about_commas(text: str, shape: tuple[int, ...] | None) -> None:
    """``8,5`` for one number, ``1,5; 2,5`` for two: it is not ours to guess what the comma means."""
    if shape is None or len(shape) > 1:
        return
    pieces = [text] if shape == () else re.split(r"[;；\s]+", text.strip(_BRACKETS))
    commas = [_DECIMAL_COMMA.match(piece) for piece in pieces]
    if len(pieces) == (shape or (1,))[0] and all(commas):
        assert commas[0] is not None
        raise NotAnAnswer("", sentences.decimal_comma(*commas[0].groups()))


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_TEXT:
        raise NotAnAnswer("", sentences.too_long(len(text)))
    tokens: list[str] = []
    plain = plainly(text)
    position = 0
    while position < len(plain):
        found = _TOKEN.match(plain, position)
        if found is None:
            break
        tokens.append(found.group(1) or found.group(2))
        position = found.end()
    if not tokens:
        raise NotAnAnswer("", sentences.NOTHING_TYPED)
    return tokens


def _ends(tokens: list[str]) -> int:
    """Where the bracket closes that the first token opens."""
    depth = 0
    for at, piece in enumerate(tokens, 1):
        depth += (piece == "[") - (piece == "]")
        if depth == 0:
            return at
    return len(tokens)


def _fitted(typed: Typed, shape: tuple[int, ...] | None) -> Typed:
    """In the shape that is asked for, where only axes of length one differ: ``[28]`` for 28, a column.

    So many numbers in a row as a matrix has are its numbers, row by row.
    """
    values = typed.values
    if values is None or shape is None or values.shape == shape or not values.size:
        return typed
    long = [n for n in values.shape if n != 1]
    in_a_row = len(shape) > 1 and len(long) == 1 and values.size == prod(shape)
    if long != [n for n in shape if n != 1] and not in_a_row:
        return typed
    return Typed(values.reshape(shape), None if typed.slack is None else typed.slack.reshape(shape))


def from_value(value: Value, shape: tuple[int, ...] | None = None) -> Typed:
    """The same for an entry of the file's ``PREDICTIONS``.

    :raises NotAnAnswer: it is no number, truth value, None, or regular list of these.
    """
    if isinstance(value, Words):
        return parse(value.text, shape)
    return _fitted(_typed(_nested(value, 0)), shape)


def _item(tokens: list[str], at: int, depth: int) -> tuple[Any, int]:
    """One number, word or list, and where it ends."""
    if at >= len(tokens):
        raise NotAnAnswer("", sentences.UNCLOSED)
    piece = tokens[at]
    if piece == "[":
        if depth >= MAX_DEPTH:
            raise NotAnAnswer("", sentences.TOO_DEEP)
        items: list[Any] = []
        at += 1
        while at < len(tokens) and tokens[at] != "]":
            if tokens[at] == ",":
                at += 1
                continue
            item, at = _item(tokens, at, depth + 1)
            items.append(item)
        if at >= len(tokens):
            raise NotAnAnswer("", sentences.UNCLOSED)
        return items, at + 1
    if piece in ("]", ","):
        raise NotAnAnswer(piece)
    return _word(piece), at + 1


def _word(token: str) -> Any:
    lower = token.lower().rstrip(".!！") if token[-1] in ".!！" and token[:1].isalpha() else token.lower()
    if lower in ("none", "无"):
        return None
    if lower in _TRUTH:
        return _TRUTH[lower]
    if (multiple := _MULTIPLE_OF_PI.match(token)) is not None:
        return _multiple_of_pi(token, multiple)
    if lower in _SPECIAL:
        return (_SPECIAL[lower], 0.0)
    if "/" in token:
        return _fraction(token)
    if (parts := _COMPLEX.match(token)) is not None:
        return _complex(parts["real"] or "0", parts["imaginary"])
    if not _NUMBER.match(token):
        raise NotAnAnswer(token[:40])
    number = float(token)
    if not np.isfinite(number):
        raise NotAnAnswer(token[:40])  # 9e999 is no way to write infinity
    return (number, _slack(token))


def _fraction(token: str) -> tuple[float, float]:
    """``1/4``, ``-3/2``, ``0.5/3``: of whole numbers it is meant exactly, else as closely as its parts."""
    parts = token.split("/")
    if len(parts) != 2 or not all(map(_NUMBER.match, parts)):
        raise NotAnAnswer(token[:40])
    above, below = map(float, parts)
    if below == 0:
        raise NotAnAnswer(token[:40], sentences.DIVIDED_BY_ZERO)
    number = above / below
    if not np.isfinite(number):
        raise NotAnAnswer(token[:40])
    if all(part.lstrip("+-").isdigit() for part in parts):
        return (number, 0.0)
    slack = _slack(parts[0]) / abs(below) + abs(number / below) * _slack(parts[1])
    return (number, slack)


def _multiple_of_pi(token: str, multiple: re.Match[str]) -> tuple[float, float]:
    """``2π``: what stands beside π is meant as it is when it stands alone, whole numbers exactly."""
    number, slack = pi, 0.0
    for part, over in (
        (multiple["times"] or multiple["beside"], False),
        (multiple["more"], False),
        (multiple["by"], True),
    ):
        if part is None:
            continue
        factor, off = _word(part)
        if over and factor == 0:
            raise NotAnAnswer(token[:40], sentences.DIVIDED_BY_ZERO)
        off /= abs(factor) if factor else 1.0
        number = number / factor if over else number * factor
        slack += off
    if not np.isfinite(number):
        raise NotAnAnswer(token[:40])
    return (-number if multiple["sign"] == "-" else number), abs(number) * slack


def _complex(real: str, imaginary: str) -> tuple[complex, complex]:
    """``1+2j`` or ``-i``: the number, and what either part may be off by."""
    times = imaginary if imaginary.strip("+-") else f"{imaginary}1"
    number = complex(float(real), float(times))
    if not np.isfinite(number):
        raise NotAnAnswer(f"{real}{times}j"[:40])
    return number, complex(_slack(real), _slack(times))


def _slack(text: str) -> float:
    """Half a unit of the last digit typed; three significant digits at least; 0 for an integer.

    What was computed, in the file or by a calculator, is no claim about its every digit: it has the budget
    of a float32.
    """
    mantissa, _, exponent = text.lower().partition("e")
    whole, dot, fraction = mantissa.lstrip("+-").partition(".")
    value = abs(float(text))
    # An integer is meant exactly, but 1200 may stand for a 1200.3 that was rounded to four digits.
    decimals = len(fraction) - int(exponent or 0)
    half = 0.5 * 10.0 ** min(-decimals, 300)
    if value > 0:
        magnitude = int(np.floor(np.log10(value)))
        half = min(half, 0.5 * 10.0 ** (magnitude - 2))
    elif not dot:
        half = 0.0
    else:
        half = min(half, 0.0005)
    if decimals > 0 and len((whole + fraction).lstrip("0")) >= COMPUTED:
        half = max(half, FLOAT32_BUDGET * value, _RESIDUE)
    return half


def _nested(value: Value, depth: int) -> Any:
    match value:
        case Nothing():
            return None
        case Words(text=text):
            # "nan" and "inf" have no other spelling in a list; "1/4" is read alike.
            item, rest = _item(tokens := _tokens(text), 0, depth)
            if rest != len(tokens):
                raise NotAnAnswer(tokens[rest][:40])
            return item
        case Number(type="bool", array=array):
            return array.data != b"\x00"
        case Number() | Tensor():
            numbers = numbers_of(value)
            assert numbers is not None
            if numbers.dtype in (np.float32, np.float16):
                # As long as it prints: its 0.1 is not a 0.10000000149 that was typed out.
                return _leaves(numbers.astype(str).tolist(), FLOAT32_BUDGET)
            return _leaves(numbers.tolist())
        case Sequence(items=items) if depth < MAX_DEPTH:
            return [_nested(item, depth + 1) for item in items]
        case _:
            raise NotAnAnswer("", sentences.no_numbers(type_name(value)))


def _leaves(nested: Any, budget: float = 0.0) -> Any:
    if isinstance(nested, list):
        return [_leaves(item, budget) for item in nested]
    if isinstance(nested, bool):
        return nested
    residue = 1e-2 * budget
    if isinstance(nested, complex):
        slack = [
            max(_slack(repr(part)), budget * abs(nested), residue) for part in (nested.real, nested.imag)
        ]
        return (nested, complex(*slack))
    number = float(nested)
    if not np.isfinite(number):
        return (number, 0.0)
    text = (nested if isinstance(nested, str) else repr(number)).removesuffix(".0")
    return (number, max(_slack(text), budget * abs(number), residue))


def _typed(nested: Any) -> Typed:
    if nested is None:
        return Typed(None)
    flat: list[Any] = []

    def shape(item: Any) -> tuple[int, ...]:
        if isinstance(item, list):
            shapes = {shape(part) for part in item}
            if len(shapes) > 1:
                raise NotAnAnswer("", sentences.RAGGED)
            return (len(item), *(shapes.pop() if shapes else ()))
        flat.append(item)
        return ()

    form = shape(nested)
    if any(item is None for item in flat):
        raise NotAnAnswer("", sentences.NONE_INSIDE)
    truths = [isinstance(item, bool) for item in flat]
    if all(truths) and flat:
        return Typed(np.array(flat, dtype=bool).reshape(form))
    # Beside numbers, True is 1, as it is in Python.
    flat = [(float(item), 0.0) if isinstance(item, bool) else item for item in flat]
    wide = np.complex128 if any(isinstance(number, complex) for number, _ in flat) else np.float64
    values = np.array([number for number, _ in flat], dtype=wide).reshape(form)
    return Typed(values, np.array([slack for _, slack in flat], dtype=wide).reshape(form))


def digits_right(expected: Numbers, typed: Typed) -> int:
    """Of an answer that is wrong: to how many significant digits every number would be right.

    2 where it was typed with two; else at least 3, if rounded to so many it is right; 0 if it is not, and
    where whole numbers are wrong: they are not rounded.
    """
    values = typed.values
    if (
        values is None
        or values.shape != expected.shape
        or expected.dtype.kind != "f"
        or values.dtype.kind != "f"
    ):
        return 0
    right = agrees(expected, typed).ravel().tolist()
    off = [
        (due, came)
        for due, came, fine in zip(expected.ravel().tolist(), values.ravel().tolist(), right, strict=True)
        if not fine
    ]
    whole = any(due.is_integer() and came.is_integer() for due, came in off)
    for digits in range(15, 2, -1):
        if not whole and all(f"{due:.{digits - 1}e}" == f"{came:.{digits - 1}e}" for due, came in off):
            return digits
    two = [(float(f"{due:.1e}"), came) for due, came in off]
    return 2 if all(abs(came - due) <= 1e-12 * abs(due) for due, came in two) else 0


def agrees(expected: Numbers, typed: Typed) -> Numbers:
    """Entry by entry, whether a typed number is ``expected`` to the digits typed. Shapes must be equal."""
    assert typed.values is not None
    if expected.dtype.kind == "b" or typed.values.dtype.kind == "b":
        equal: Numbers = expected == typed.values
        return equal
    g = expected.astype(np.complex128 if expected.dtype.kind == "c" else np.float64)
    size = float(np.max(np.abs(g), initial=0.0, where=np.isfinite(g)))
    slack = typed.slack if typed.slack is not None else np.zeros_like(g)
    tolerance = absolute(size)
    with np.errstate(invalid="ignore"):
        gap = typed.values - g
        near = np.abs(gap.real) <= slack.real * (1 + 1e-9) + tolerance
        near &= np.abs(gap.imag) <= slack.imag * (1 + 1e-9) + tolerance
    both = (typed.values == g) | (np.isnan(typed.values) & np.isnan(g))
    result: Numbers = both | near
    return result
