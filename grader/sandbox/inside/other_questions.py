"""Other questions: wrong gradients that are the right answers to something else that was not asked.

By another input, of another order, for another vector, with one round of a loop less, or only the diagonal.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable
from typing import Any, Final

import torch

from grader.model.job import Differentiate
from grader.model.wrong_gradients import Label, Mistake
from grader.sandbox.inside.autograd import (
    Backward,
    cotangent,
    derivative,
    jacobian,
    jvp,
    pick,
    vector_of,
    vjp,
)
from grader.sandbox.inside.edges import Edges, Gradients, Wrong

SECOND: Final = Mistake("second-derivative")
DIAGONAL: Final = Mistake("diagonal-only")
TRANSPOSE: Final = Mistake("transpose")
WITHOUT_VECTOR: Final = Mistake("missing-factor", "v", Label("v", "cotangent"))


def fresh_leaves(leaves: list[torch.Tensor], task: Differentiate) -> list[torch.Tensor]:
    """The same arguments with graphs of their own."""
    return [a.detach().clone().requires_grad_(i in task.wrt) for i, a in enumerate(leaves)]


def by_other_inputs(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> Gradients:
    """The same question about each of the other inputs."""
    found: Gradients = {}
    for position, other in enumerate(leaves):
        if position in task.wrt or not other.is_floating_point():
            continue
        fresh = [a.detach().clone().requires_grad_(i == position) for i, a in enumerate(leaves)]
        with contextlib.suppress(Exception):  # a vector that goes with the first input need not fit
            output = pick(function(*fresh), task.output)
            (gradient,) = derivative(output, [fresh[position]], _plain(task), backward)
            if gradient is not None:
                mistake = Mistake("by-another-input", str(position), Label(argument=position))
                found[mistake] = gradient
    return found


def _plain(task: Differentiate) -> Differentiate:
    """The task without the graph of the gradient, which only wrong gradients need."""
    return Differentiate(
        **{name: getattr(task, name) for name in task.__struct_fields__} | {"wrong_gradients": False}
    )


def other_rounds(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> Gradients:
    """Value and gradient with one round less, and one more, of every loop over a ``range``."""
    found: Gradients = {}
    scope = getattr(function, "__globals__", {})
    for name, shift in (("fewer", -1), ("more", 1)):
        asked = False

        def shifted(*args: int, shift: int = shift) -> range:
            nonlocal asked
            asked = True
            plain = builtins.range(*args)
            return builtins.range(plain.start, plain.stop + shift * plain.step, plain.step)

        before = scope.get("range", shifted)
        scope["range"] = shifted
        try:
            with contextlib.suppress(Exception):  # one more round may lead beyond the end
                fresh = fresh_leaves(leaves, task)
                output = pick(function(*fresh), task.output)
                if not asked:
                    return {}
                at = Label(operation=name)
                found[Mistake("off-by-one", name, at, of_value=True)] = output.detach()
                (gradient,) = derivative(output, [fresh[i] for i in task.wrt], _plain(task), backward)
                if gradient is not None:
                    found[Mistake("off-by-one", name, at)] = gradient
        finally:
            if before is shifted:
                del scope["range"]
            else:
                scope["range"] = before
    return found


def exponent_stays(leaf: torch.Tensor, right: torch.Tensor, backward: Backward) -> Gradients:
    """n xⁿ for n xⁿ⁻¹, where the function is a power: x f″ = (n − 1) f′ with one whole n at every entry."""
    second, right, leaf = second_derivative(leaf, right, backward)[SECOND], right.detach(), leaf.detach()
    there = (right != 0) & (leaf != 0)
    if not bool(there.any()):
        return {}
    n = (leaf * second)[there] / right[there] + 1
    whole = round(float(n.reshape(-1)[0]))
    if whole < 2 or not torch.allclose(n, torch.full_like(n, float(whole)), rtol=1e-9):
        return {}
    return {Mistake("off-by-one", "exponent", Label(operation="exponent")): right * leaf}


def incoming_ignored(
    output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward
) -> Gradients:
    """What comes of a backward that does not multiply by the gradient that comes in."""
    drawn = cotangent(output, task)
    if bool((drawn == 1).all()):
        return {}
    (without,) = vjp(output, torch.ones_like(drawn), (leaf,), backward, keep=True)
    return {} if without is None else {Mistake("incoming-ignored"): without}


def second_derivative(leaf: torch.Tensor, first: torch.Tensor, backward: Backward) -> Gradients:
    second = None
    if first.requires_grad:
        (second,) = vjp(first, torch.ones_like(first).detach(), (leaf,), backward, keep=True)
    return {SECOND: torch.zeros_like(leaf) if second is None else second}


def of_shape(
    output: torch.Tensor,
    leaf: torch.Tensor,
    task: Differentiate,
    right: torch.Tensor,
    backward: Backward,
) -> Gradients:
    """The whole matrix reduced to its diagonal, or applied from the other side."""
    found: Gradients = {}
    square = output.shape == leaf.shape and 1 < output.numel() <= 64
    if task.how == "jacobian" and square:
        whole = right.reshape(output.numel(), leaf.numel())
        found[DIAGONAL] = torch.diag(torch.diag(whole)).reshape(right.shape)
    elif task.how == "vjp" and task.order == 1 and square and output.dim() > 0:
        matrix = jacobian(output, leaf, backward).reshape(output.numel(), -1)
        pulled = cotangent(output, task).reshape(-1).to(matrix.dtype)
        found[DIAGONAL] = (torch.diag(matrix) * pulled).reshape(leaf.shape)
        found[TRANSPOSE] = (matrix @ pulled).reshape(leaf.shape)
    elif task.how == "jvp":
        vector = vector_of(task, leaf)
        found[WITHOUT_VECTOR] = jvp(output, leaf, torch.ones_like(vector), backward)
        if not square:
            return found
        matrix = jacobian(output, leaf, backward).reshape(output.numel(), -1)
        found[DIAGONAL] = (torch.diag(matrix) * vector.reshape(-1)).reshape(leaf.shape)
        found[TRANSPOSE] = (matrix.T @ vector.reshape(-1)).reshape(leaf.shape)
    elif task.how == "hvp" and 1 < leaf.numel() <= 64:
        vector = vector_of(task, leaf)
        (first,) = vjp(output, cotangent(output, task), (leaf,), backward, create_graph=True)
        if first is not None and first.requires_grad:
            hessian = jacobian(first, leaf, backward).reshape(leaf.numel(), -1)
            found[DIAGONAL] = (torch.diag(hessian) * vector.reshape(-1)).reshape(leaf.shape)
    return found


def of_cotangent(
    output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward
) -> Gradients:
    """A vjp without its cotangent, and with the cotangent's sum in the place of each entry."""
    found: Gradients = {}
    ones = torch.ones_like(output.detach())
    (without,) = vjp(output, ones, (leaf,), backward, keep=True)
    (summed,) = vjp(output, ones * cotangent(output, task).sum(), (leaf,), backward, keep=True)
    if without is not None:
        found[WITHOUT_VECTOR] = without
    if summed is not None:
        found[Mistake("reduced", "v")] = summed
    return found


def of_order(output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward) -> Wrong:
    """One derivative too few and one too many; and the last one without an edge of the graph before it."""
    wrong = Wrong()
    found = wrong.gradients
    (lower,) = vjp(output, cotangent(output, task), (leaf,), backward, create_graph=True)
    for _ in range(task.order - 2):
        if lower is None or not lower.requires_grad:
            return wrong
        (lower,) = vjp(lower, torch.ones_like(lower).detach(), (leaf,), backward, create_graph=True)
    if lower is None:
        return wrong
    if task.how == "hvp":
        contraction = vector_of(task, leaf)
        if lower.requires_grad:
            ones = torch.ones_like(lower).detach()
            (without,) = vjp(lower, ones, (leaf,), backward, keep=True)
            if without is not None:
                found[WITHOUT_VECTOR] = without
    else:
        contraction = torch.ones_like(lower).detach()
        found[Mistake("value-not-gradient")] = lower.detach()
    if not lower.requires_grad:
        return wrong
    (right,) = vjp(lower, contraction, (leaf,), backward, create_graph=True)
    if right is not None and right.requires_grad and task.how != "hvp":
        (more,) = vjp(right, torch.ones_like(right).detach(), (leaf,), backward, keep=True)
        if more is not None:
            found[SECOND] = more
    elif task.how != "hvp":
        found[SECOND] = torch.zeros_like(leaf)
    if right is not None and right.shape == lower.shape:  # in .grad, which still held the first
        found[Mistake("accumulated", "lower order")] = (lower + right).detach()
    wrong.add(Edges(lower, leaf, contraction, None, backward).wrong())
    return wrong
