"""Hooks on the nodes of a backward graph, each of which changes one thing in what flows back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.sandbox.inside.nodes import operation_of

Change = Callable[[Any, Any], Any]
"""Of what a node hands on and what came in: what it hands on instead, or None for the same."""


def once(change: Change) -> Change:
    """``change``, which itself calls the node, without its own hook meanwhile."""
    busy = False

    def run(inward: Any, outward: Any) -> Any:
        nonlocal busy
        if busy:
            return None
        busy = True
        try:
            return change(inward, outward)
        finally:
            busy = False

    return run


def dropping(k: int) -> Change:
    """Nothing flows along the node's ``k``-th edge."""
    return lambda inward, _: tuple(
        torch.zeros_like(g) if i == k and g is not None else g for i, g in enumerate(inward)
    )


def passing(k: int) -> Change:
    """What comes in goes on along the ``k``-th edge as it is: the local derivative is left out."""

    def change(inward: Any, outward: Any) -> Any:
        into, out = inward[k], outward[0]
        if into is None or out is None or (into.shape, into.dtype) != (out.shape, out.dtype):
            return None
        return tuple(outward[0] if i == k else g for i, g in enumerate(inward))

    return change


def putting(k: int, product: Callable[[torch.Tensor], torch.Tensor]) -> Change:
    """``product`` of what comes in goes along the ``k``-th edge.

    :raises RuntimeError: while differentiating, where it has not the right shape.
    """

    def change(inward: Any, outward: Any) -> Any:
        other = product(outward[0])
        if other.shape != inward[k].shape:
            raise RuntimeError("another shape")
        return tuple(other if i == k else g for i, g in enumerate(inward))

    return change


def other_products(node: Any) -> dict[int, dict[str, Callable[[torch.Tensor], torch.Tensor]]]:
    """By operand, the other products of a matrix product's derivative: A g for Aᵀ g, g A for A g …"""
    operation = operation_of(node)
    if operation in ("mm", "bmm"):
        a, b = _saved(node, "_saved_self"), _saved(node, "_saved_mat2")
    elif operation == "mv":
        a, b = _saved(node, "_saved_self"), _saved(node, "_saved_vec")
    else:
        return {}
    found: dict[int, dict[str, Callable[[torch.Tensor], torch.Tensor]]] = {}
    if operation == "mv":
        if a is not None:
            found[1] = {"transposed": lambda g: torch.mv(a, g)}
        return found
    if b is not None:  # by the first factor: g Bᵀ
        found[0] = {
            "transposed": lambda g: g @ b,
            "exchanged": lambda g: b.mT @ g,
            "both": lambda g: b @ g,
        }
    if a is not None:  # by the second: Aᵀ g
        found[1] = {
            "transposed": lambda g: a @ g,
            "exchanged": lambda g: g @ a.mT,
            "both": lambda g: g @ a,
        }
    return found


def _saved(node: Any, name: str) -> Any:
    try:
        value = getattr(node, name, None)
    except RuntimeError:  # it has been freed
        return None
    return value.detach() if isinstance(value, torch.Tensor) else None
