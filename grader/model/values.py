"""What a student's code can hand back, reduced to plain data.

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


class Array:
    """Numbers in C order: a dtype, a shape and little-endian bytes. Immutable.

    :param dtype: one of :data:`DTYPES`.
    :param shape: sizes of the dimensions; ``()`` is a scalar.
    :param data: exactly ``prod(shape) * itemsize`` bytes.
    :raises ValueError: when the three do not fit together.
    """

    __slots__ = ("data", "dtype", "shape")

    def __init__(self, dtype: str, shape: tuple[int, ...], data: bytes) -> None:
        if dtype not in DTYPES:
            raise ValueError(f"unknown dtype {dtype[:40]!r}")
        if len(shape) > MAX_DIMENSIONS or any(n < 0 for n in shape):
            raise ValueError("not a shape")
        if math.prod(shape) * ITEM_SIZE[dtype] != len(data):
            raise ValueError("the bytes do not fill the shape")
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "data", data)

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Array is immutable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Array) and (self.dtype, self.shape, self.data) == (
            other.dtype,
            other.shape,
            other.data,
        )

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape, self.data))

    def __repr__(self) -> str:
        return f"Array({self.dtype}, {self.shape}, {len(self.data)} bytes)"


class _Value(msgspec.Struct, frozen=True, tag_field="is"):
    """The common root: which kind a value is travels in the field ``is``."""


class Tensor(_Value, frozen=True, tag="tensor"):
    """A ``torch.Tensor`` (or a numpy array, which counts as one)."""

    array: Array


class Number(_Value, frozen=True, tag="number"):
    """A Python number. ``array`` is 0-d, so that NaN and infinities survive the way."""

    type: Literal["int", "float", "bool", "complex"]
    array: Array


class Nothing(_Value, frozen=True, tag="none"):
    """``None``: for a gradient it is not the same as zero."""


class Sequence(_Value, frozen=True, tag="sequence"):
    """A list or a tuple."""

    type: Literal["list", "tuple"]
    items: tuple[Value, ...]


class Mapping(_Value, frozen=True, tag="mapping"):
    """A dict with text keys."""

    items: dict[str, Value]


class Words(_Value, frozen=True, tag="text"):
    """A ``str``, cut to a bounded length."""

    text: str


class Foreign(_Value, frozen=True, tag="foreign"):
    """Anything else: only the name of its type crosses the boundary."""

    type: str


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
