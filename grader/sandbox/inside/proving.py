"""Cross-checks of autograd for ``grade check``: forward mode, and finite differences (``gradcheck``).

Neither is ever the truth. Forward mode must agree wherever torch has a formula for it; differences only
where the author says that the function is smooth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
import torch.autograd.forward_ad as forward

from grader.model.job import Differentiate
from grader.model.observation import Differentiated, Outcome
from grader.model.values import Nothing
from grader.sandbox.inside.autograd import pick
from grader.sandbox.inside.serialize import raised, serialize, tensor_of

_STEP: Final = 1e-6
"""Of a central difference; gradcheck's own default."""
_RTOL: Final = 1e-5
_ATOL: Final = 1e-7
"""Of gradcheck; its own defaults accept a backward that is 0.05 % off."""


def prove(
    function: Callable[..., Any], arguments: list[torch.Tensor], task: Differentiate, room: int
) -> Outcome:
    """One :class:`Differentiate` task of these two kinds; ``grads`` holds the one result."""
    position = task.wrt[0]
    start = arguments[position]

    def of(moved: torch.Tensor) -> torch.Tensor:
        inputs = [moved if i == position else a.clone() for i, a in enumerate(arguments)]
        result: torch.Tensor = pick(function(*inputs), task.output)
        return result

    try:
        if task.how == "gradcheck":
            leaf = start.clone().requires_grad_(True)
            if not of(leaf).requires_grad:
                return Differentiated(Nothing(), problem="no-graph")
            # Rounding of f, divided by the step, is all that differences can resolve.
            noise = 10 * torch.finfo(torch.float64).eps * float(of(leaf).detach().abs().max()) / _STEP
            content = torch.autograd.gradcheck(
                of, (leaf,), eps=_STEP, rtol=_RTOL, atol=_ATOL + noise, raise_exception=False
            )
            found = torch.tensor(float(content), dtype=torch.float64)
        else:
            assert task.vector is not None
            with forward.dual_level():
                output = of(forward.make_dual(start.clone(), tensor_of(task.vector)))  # type: ignore[no-untyped-call]
                tangent = forward.unpack_dual(output).tangent  # type: ignore[no-untyped-call]
                found = torch.zeros_like(output) if tangent is None else tangent
    except BaseException as error:  # noqa: BLE001 - an author is told, whatever it is
        return Differentiated(Nothing(), problem="raised", error=raised(error))
    return Differentiated(Nothing(), (serialize(found.detach(), room),))
