"""Roots: the values that a reference's ``answers()`` differentiates, beside what it returns.

A typed 32 may be the gradient that somebody believes in, or the value of the output itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from grader.model.observation import Outcome, Returned
from grader.sandbox.inside.serialize import serialize

MAX_ROOTS: Final = 16


def with_roots(function: Callable[..., Any], arguments: list[torch.Tensor], room: int) -> Outcome:
    """Call ``function``; the outputs whose ``backward`` it calls, or of which it asks ``grad``, are kept."""
    mode = _Roots()
    with mode:
        result = function(*arguments)
    roots = tuple(serialize(root, room) for root in mode.kept[:MAX_ROOTS])
    return Returned(serialize(result, room), roots=roots)


class _Roots(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in ("backward", "grad") and args:
            outputs = args[0] if isinstance(args[0], tuple | list) else (args[0],)
            self.kept += [root.detach().clone() for root in outputs if isinstance(root, torch.Tensor)]
        return func(*args, **(kwargs or {}))
