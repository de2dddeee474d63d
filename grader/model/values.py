"""Values that a student's code can hand back, reduced to plain data.

A child turns every object into one of these before it crosses the boundary; none of
them has a method that the student wrote.
"""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import msgspec

DTYPES: Final = frozenset(
    {
        "float64", "float32", "float16", "int64", "int32", "int16", "int8",
        "uint8", "bool", "complex64", "complex128",
    }
)  # fmt: skip
"""The dtypes that cross the boundary, under numpy's names. bfloat16 travels as float32."""

ITEM_SIZE: Final = {
    "float64": 8, "float32": 4, "float16": 2, "int64": 8, "int32": 4, "int16": 2, "int8": 1,
    "uint8": 1, "bool": 1, "complex64": 8, "complex128": 16,
}  # fmt: skip
MAX_DIMENSIONS: Final = 16
_COUNTABLE: Final = 2**63 - 1


class Array(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Numbers in C order: a dtype, a shape and little-endian bytes. Immutable.

    :param dtype: one of :data:`DTYPES`.
    :param shape: sizes of the dimensions; ``()`` is a scalar.
    :param data: exactly ``prod(shape) * itemsize`` bytes.
    :raises ValueError: when the three do not fit together.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    def __post_init__(self) -> None:
        size = ITEM_SIZE.get(self.dtype)
        if size is None:
            raise ValueError(f"unknown dtype {self.dtype[:40]!r}")
        if self.shape:
            # An empty array can be as wide as it likes, but not wider than numpy can count.
            widest = size
            for n in self.shape[:MAX_DIMENSIONS]:
                if n < 0:
                    raise ValueError("not a shape")
                widest *= n or 1
            if len(self.shape) > MAX_DIMENSIONS or widest > _COUNTABLE:
                raise ValueError("not a shape")
            size *= math.prod(self.shape)
        if size != len(self.data):
            raise ValueError("the bytes do not fill the shape")

    def __repr__(self) -> str:
        return f"Array({self.dtype}, {self.shape}, {len(self.data)} bytes)"


class _Value(msgspec.Struct, frozen=True, tag_field="is"):
    """The common root: which kind a value is travels in the field ``is``."""


class Tensor(_Value, frozen=True, tag="tensor"):
    """A ``torch.Tensor`` (or a numpy array, which counts as one)."""

    array: Array


class Number(_Value, frozen=True, tag="number"):
    """A Python number. ``array`` is 0-d, so that NaN and infinities survive the way."""

    type: Literal["int", "float", "bool", "complex", "Fraction", "Decimal"]
    array: Array


class Nothing(_Value, frozen=True, tag="none"):
    """``None``: for a gradient it is not the same as zero."""


class Sequence(_Value, frozen=True, tag="sequence"):
    """A list, a tuple or a range."""

    type: Literal["list", "tuple", "range"]
    items: tuple[Value, ...]


class Mapping(_Value, frozen=True, tag="mapping"):
    """A dict with text keys."""

    items: dict[str, Value]


class Words(_Value, frozen=True, tag="text"):
    """A ``str``, cut to a bounded length."""

    text: str


class Foreign(_Value, frozen=True, tag="foreign"):
    """Anything else: only the name of its type crosses the boundary.

    :param absent: it came from this module, which is not here and in whose place an inert object stands.
    :param unapplied: it is an instance of an own ``autograd.Function``, which was called and not applied.
    :param parts: it is what one of torch's functions returns that return several tensors under names: the
        names, such as ``values`` and ``indices`` of a maximum along a dimension.
    """

    type: str
    absent: str = ""
    unapplied: bool = False
    parts: tuple[str, ...] = ()


Value = Tensor | Number | Nothing | Sequence | Mapping | Words | Foreign


def type_name(value: Value) -> str:
    """How a student would call the type of ``value``: ``list``, ``float``, ``torch.Tensor`` …"""
    match value:
        case Tensor():
            return "torch.Tensor"
        case Number(type=name) | Sequence(type=name) | Foreign(type=name):
            return name
        case Nothing():
            return "None"
        case Mapping():
            return "dict"
        case Words():
            return "str"


def json_number(x: float | int | bool) -> float | int | bool | str:
    """``x`` for JSON: numbers that are not finite become ``"nan"``, ``"inf"``, ``"-inf"``."""
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else ("inf" if x > 0 else "-inf")
    return x


Plain = Any
"""JSON-able data: numbers, strings, None, lists and dicts of these."""
