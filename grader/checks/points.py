"""The points of one check: an input, what is right there, and what was seen there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.model.observation import Outcome
from grader.model.values import Array, Number, Plain, Sequence, Tensor, Value, json_number

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Point:
    """One case of one check.

    :ivar inputs: the case's inputs as plain data, for a counterexample.
    :ivar expected: the right answer; None where autograd itself answers None.
    :ivar outcome: what the student's code did there.
    :ivar position: which gradient of a :class:`Differentiated` is meant.
    :ivar value: the reference's ``f(x)``.
    :ivar size: how many entries the differentiated input has.
    :ivar sizes: lengths of the inputs' axes and numbers of their entries.
    :ivar relatives: wrong answers read off the reference's graph, by the code that names them.
    :ivar misconceptions: the author's wrong answers, by id.
    """

    case: str
    visible: bool
    inputs: dict[str, Plain]
    expected: Numbers | None
    outcome: Outcome
    position: int = 0
    branch: str = ""
    value: Numbers | None = None
    size: int = 1
    sizes: tuple[int, ...] = ()
    relatives: dict[str, Numbers] = field(default_factory=dict)
    misconceptions: dict[str, Numbers] = field(default_factory=dict)


def to_numpy(array: Array) -> Numbers:
    """A read-only numpy view of the bytes that came over the wire."""
    return np.frombuffer(array.data, dtype=array.dtype).reshape(array.shape)


def from_numpy(values: Any, dtype: str = "float64") -> Array:
    """An :class:`Array` of ``values``."""
    plain = np.ascontiguousarray(values, dtype=dtype)
    return Array(dtype, np.shape(values), plain.tobytes())


def numbers_of(value: Value) -> Numbers | None:
    """The numbers in a tensor, a Python number or a regular list of numbers; None for anything else."""
    match value:
        case Tensor(array=array) | Number(array=array):
            return to_numpy(array)
        case Sequence(items=items):
            parts = [numbers_of(item) for item in items]
            if any(part is None for part in parts):
                return None
            try:
                return np.stack([part for part in parts if part is not None]) if parts else np.zeros(0)
            except ValueError:  # ragged
                return None
        case _:
            return None


def snapped(values: Numbers | None) -> Numbers | None:
    """The same for a reader: entries that are only rounding (7.8e-17 beside 1) are shown as zero."""
    if values is None or values.dtype != np.float64:
        return values
    size = float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))
    return np.where(np.abs(values) <= 1e-15 * max(1.0, size), 0.0, values)


def plain(values: Numbers | None) -> Plain:
    """Nested lists that any JSON encoder writes validly (``"nan"`` for NaN)."""
    if values is None:
        return None
    if values.dtype.kind == "c":
        return _map(values.tolist(), lambda z: str(z).strip("()"))
    return _map(values.tolist(), json_number)


def _map(nested: Any, change: Any) -> Any:
    return [_map(item, change) for item in nested] if isinstance(nested, list) else change(nested)
