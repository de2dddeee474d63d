"""Asking autograd where it does not exist: it does nothing, and is remembered.

A prediction often checks itself (``f(x).backward(); print(x.grad)``) and then returns a formula. The check
has nothing to check here, and the formula counts: so ``backward`` does nothing, ``torch.autograd.grad`` gives
NaN, and the line is kept, in case the answer turns out to have come from there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from grader.model.observation import NO_GRAPH
from grader.sandbox.inside.serialize import FILENAME

_lines: list[int] = []


def forget() -> None:
    """A new task begins."""
    _lines.clear()


def first_line() -> int:
    """The line of the student's file that asked autograd first in this task; 0 where none did."""
    return _lines[0] if _lines else 0


def pretend() -> None:
    """Let the two ways to ask do nothing where they find no graph.

    One of the student's own ``autograd.Function`` is there, and runs: its ``backward`` is their arithmetic.
    """
    backward, tensor_backward, grad = torch.autograd.backward, torch.Tensor.backward, torch.autograd.grad

    def pretended(*arguments: Any, **options: Any) -> None:
        _unless_there_is_none(backward, arguments, options)

    def of_tensor(*arguments: Any, **options: Any) -> None:
        _unless_there_is_none(tensor_backward, arguments, options)

    def gradients(outputs: Any, inputs: Any, *arguments: Any, **options: Any) -> Any:
        found = _unless_there_is_none(grad, (outputs, inputs, *arguments), options)
        given = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
        return found or tuple(torch.full_like(each, float("nan")) for each in given)

    torch.autograd.backward, torch.autograd.grad = pretended, gradients
    torch.Tensor.backward = of_tensor  # type: ignore[method-assign]


def _unless_there_is_none(
    ask: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    try:
        return ask(*arguments, **options)
    except RuntimeError as error:
        if not NO_GRAPH.search(str(error)):
            raise
    _remember()
    return None


def _remember() -> None:
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename != FILENAME:
        frame = frame.f_back
    if frame.f_code.co_filename == FILENAME:
        _lines.append(frame.f_lineno)
