"""Where autograd does not exist: asking it does nothing, and is remembered.

A prediction often checks itself (``f(x).backward(); print(x.grad)``) and then returns a formula. The check
has nothing to check here, and the formula counts: so ``backward`` does nothing, ``torch.autograd.grad`` gives
NaN, and the line is kept, in case the answer turns out to have come from there.
"""

from __future__ import annotations

import sys
from typing import Any

import torch

from grader.sandbox.inside.portable import FILENAME

_lines: list[int] = []


def forget() -> None:
    """A new task begins."""
    _lines.clear()


def first_line() -> int:
    """The line of the student's file that asked autograd first in this task; 0 where none did."""
    return _lines[0] if _lines else 0


def pretend() -> None:
    """Put what does nothing in the place of the two ways to ask."""
    torch.Tensor.backward = torch.autograd.backward = _backward  # type: ignore[method-assign]
    torch.autograd.grad = _grad  # type: ignore[assignment]


def _backward(*_: object, **__: object) -> None:
    _remember()


def _grad(_outputs: object, inputs: Any, *_: object, **__: object) -> tuple[torch.Tensor, ...]:
    _remember()
    given = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
    return tuple(torch.full_like(each, float("nan")) for each in given)


def _remember() -> None:
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename != FILENAME:
        frame = frame.f_back
    if frame.f_code.co_filename == FILENAME:
        _lines.append(frame.f_lineno)
