"""Automatic differentiation by torch's engine: vector–Jacobian products, and what is made of them.

A Jacobian–vector product is two of them, a Jacobian one for each entry of the output, a Hessian–vector
product and each higher order one more. The engine is called as ``torch.autograd.grad`` calls it, without its
wrapper in Python (which would first import sympy, 0.25 s).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch

from grader.model.job import Differentiate
from grader.sandbox.inside.serialize import tensor_of

Backward = Callable[..., Any]
"""``torch.autograd.Variable._execution_engine.run_backward``."""
MAX_ROWS: Final = 4096
"""Outputs of a function whose whole jacobian is asked for."""


def pick(output: Any, which: int | str | None) -> Any:
    """One output of several; the whole where there is no such one, which the judge then says."""
    if type(which) is int and type(output) in (tuple, list) and -len(output) <= which < len(output):
        return output[which]
    if type(which) is str and type(output) is dict and which in output:
        return output[which]
    return output


def derivative(
    output: torch.Tensor, leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> tuple[torch.Tensor | None, ...]:
    """What the task asks of the output: a gradient for each leaf (or None), or one tensor."""
    leaf = leaves[0]
    if task.how == "jacobian":
        return (jacobian(output, leaf, backward),)
    if task.how == "jvp":
        return (jvp(output, leaf, vector_of(task, leaf), backward),)
    if task.how == "hvp":
        (first,) = vjp(output, cotangent(output, task), (leaf,), backward, create_graph=True)
        return (_along(first, vector_of(task, leaf), leaf, backward),)
    if task.order > 1:
        return (higher(output, leaf, task, backward),)
    keep = task.wrong_gradients
    # The graph of the gradient itself is only built where the second derivative will be read off it.
    return vjp(output, cotangent(output, task), tuple(leaves), backward, keep=keep, create_graph=keep)


def vjp(
    output: torch.Tensor,
    contraction: torch.Tensor,
    leaves: tuple[torch.Tensor, ...],
    backward: Backward,
    *,
    keep: bool = False,
    create_graph: bool = False,
) -> tuple[torch.Tensor | None, ...]:
    """``contraction`` (in the output's shape) pulled back to each leaf; None where nothing leads there."""
    found: tuple[torch.Tensor | None, ...] = backward(
        (output,), (contraction,), keep or create_graph, create_graph, leaves, True, accumulate_grad=False
    )
    return found


def jvp(output: torch.Tensor, leaf: torch.Tensor, vector: torch.Tensor, backward: Backward) -> torch.Tensor:
    """``vector`` (in the leaf's shape) pushed forward to the output's shape.

    By reverse mode twice (double backward): the vjp is linear in its cotangent, and its own vjp is the jvp
    (J. Townsend, "A new trick for calculating Jacobian vector products", 2017).
    """
    dummy = torch.zeros_like(output, requires_grad=True)
    (pulled,) = vjp(output, dummy, (leaf,), backward, create_graph=True)
    if pulled is None or not pulled.requires_grad:
        return torch.zeros_like(output)
    (pushed,) = vjp(pulled, vector, (dummy,), backward, keep=True)
    return torch.zeros_like(output) if pushed is None else pushed


def jacobian(output: torch.Tensor, leaf: torch.Tensor, backward: Backward) -> torch.Tensor:
    """All partial derivatives, in the shape of the output followed by the leaf's."""
    size = output.numel()
    if size > MAX_ROWS:
        raise ValueError(f"a jacobian of {size} rows")
    rows = []
    for i in range(size):
        unit = torch.zeros(size, dtype=output.dtype)
        unit[i] = 1.0
        (row,) = vjp(output, unit.reshape(output.shape), (leaf,), backward, keep=True)
        rows.append(torch.zeros_like(leaf) if row is None else row.detach())
    return torch.stack(rows).reshape((*output.shape, *leaf.shape)) if rows else torch.zeros(0)


def higher(output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward) -> torch.Tensor:
    """The derivative of order ``task.order``: the output contracted once, each gradient summed after."""
    gradient: torch.Tensor | None
    (gradient,) = vjp(output, cotangent(output, task), (leaf,), backward, create_graph=True)
    for _ in range(task.order - 1):
        gradient = _along(gradient, None, leaf, backward, create_graph=True)
    return torch.zeros_like(leaf) if gradient is None else gradient.detach()


def _along(
    gradient: torch.Tensor | None,
    vector: torch.Tensor | None,
    leaf: torch.Tensor,
    backward: Backward,
    create_graph: bool = False,
) -> torch.Tensor:
    """The gradient of ``gradient`` contracted with ``vector`` (None: ones); zeros where it is constant.

    Of a scalar's gradient that is the Hessian–vector product, without the Hessian (B. A. Pearlmutter, "Fast
    Exact Multiplication by the Hessian", Neural Computation 6, 1994; here in reverse mode twice).
    """
    if gradient is None or not gradient.requires_grad:
        return torch.zeros_like(leaf)
    contraction = torch.ones_like(gradient).detach() if vector is None else vector
    (second,) = vjp(gradient, contraction, (leaf,), backward, keep=True, create_graph=create_graph)
    return torch.zeros_like(leaf) if second is None else second


def vector_of(task: Differentiate, leaf: torch.Tensor) -> torch.Tensor:
    """The task's vector in the precision of the leaf it belongs to."""
    assert task.vector is not None
    return tensor_of(task.vector).to(leaf.dtype)


def cotangent(output: torch.Tensor, task: Differentiate) -> torch.Tensor:
    """What the output (a scalar, too) is contracted with: as given, drawn and never ones, or ones."""
    if task.cotangent is not None:
        return tensor_of(task.cotangent).to(output.dtype)
    if not task.random:
        return torch.ones_like(output.detach())
    size = output.numel()
    start = task.seed % len(_COTANGENTS)
    drawn = _COTANGENTS[start : start + size] if start + size <= len(_COTANGENTS) else None
    if drawn is None:
        drawn = np.resize(np.roll(_COTANGENTS, -start), size)
    real = torch.from_numpy(drawn.reshape(output.shape).copy())
    # Of a complex output both parts are asked for: turned by 60° or so, as far as a reader is concerned.
    return (real * (0.5 + 0.75j) if output.is_complex() else real).to(output.dtype)


def _scattered(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """``count`` numbers between 1.1 and 3.1 of either sign, without a pattern.

    Integers, mixed with the constants of SplitMix64 (Steele, Lea and Flood, 2014).

    Beyond ±1, so that a backward that clamps what comes in is found out by a single number.
    """
    n = np.arange(1, count + 1, dtype=np.uint64)
    for shift, factor in ((30, 0x9E3779B97F4A7C15), (27, 0xBF58476D1CE4E5B9), (31, 0x94D049BB133111EB)):
        n = (n ^ (n >> np.uint64(shift))) * np.uint64(factor)
    size = 1.1 + (n >> np.uint64(11)).astype(np.float64) / 2**52
    return np.where((n >> np.uint64(40)) & np.uint64(1), size, -size)


_COTANGENTS: Final = _scattered(4093)
"""To draw them anew for each gradient would cost as much as the gradient."""
