"""Nodes of a backward graph: which there are, what they are called, which are reachable from which."""

from __future__ import annotations

from typing import Any, Final

import torch

MAX_NODES: Final = 512
_MAX_PAIRS: Final = 1024


def live_edges(node: Any) -> list[int]:
    """The edges of ``node`` along which a gradient flows on."""
    return [k for k, (following, _) in enumerate(node.next_functions) if following is not None]


def gathers(node: Any) -> bool:
    """Whether the node is where a leaf's gradient is gathered."""
    return hasattr(node, "variable")


def operation_of(node: Any) -> str:
    """What made ``node``: ``mul``, whatever its overload; empty for a step of autograd's own."""
    name = str(node.name())
    # A write into a slice is torch::autograd::CopySlices, which no reader has ever called.
    return "" if "::" in name else name.rstrip("0123456789").removesuffix("Backward").lower()


def nodes_behind(output: torch.Tensor) -> list[Any]:
    """The nodes of the graph behind ``output``, nearest first."""
    seen: list[Any] = []
    queue = [output.grad_fn]
    known = set()
    while queue and len(seen) < MAX_NODES:
        node = queue.pop(0)
        if node is None or node in known:
            continue
        known.add(node)
        seen.append(node)
        queue += [following for following, _ in node.next_functions]
    return seen


def independent_pairs(edges: list[tuple[int, Any, int]]) -> list[tuple[str, str]]:
    """Pairs of edges neither of which lies behind the other: what flows along them adds up.

    Each as its place, ``node.edge``. Of two edges on one way, the flow along the nearer is a part of
    what flows along the farther, and taking away both takes it away twice.
    """
    behind: dict[tuple[int, int], set[Any]] = {}
    for number, node, k in edges:
        reached: set[Any] = set()
        queue = [node.next_functions[k][0]]
        while queue:
            there = queue.pop()
            if there is None or there in reached:
                continue
            reached.add(there)
            queue += [following for following, _ in there.next_functions]
        behind[number, k] = reached
    found: list[tuple[str, str]] = []
    for i, (m, one, j) in enumerate(edges):
        for n, other, k in edges[i + 1 :]:
            if other not in behind[m, j] and one not in behind[n, k]:
                found.append((f"{m}.{j}", f"{n}.{k}"))
                if len(found) >= _MAX_PAIRS:
                    return found
    return found


def whole_divisor(into: torch.Tensor, out: torch.Tensor) -> int | None:
    """n where ``into`` is ``out`` / n everywhere, for a whole n above 1."""
    a, b = into.reshape(-1), out.reshape(-1)
    there = b != 0
    if not bool(there.any()):
        return None
    ratio = float((a[there] / b[there])[0])
    n = round(1 / ratio) if ratio and abs(ratio) < 1 else 0
    if n < 2 or not torch.allclose(a * n, b, rtol=1e-9, atol=0.0):
        return None
    return n
