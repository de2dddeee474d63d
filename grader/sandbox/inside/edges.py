"""Wrong gradients read off the edges and nodes of one backward graph.

A hook on a node zeroes what flows along one of its edges, passes on unchanged what comes in, or puts
another product in the place of the right one; then one backward pass, 0.1 ms each.
"""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from grader.sandbox.inside.differentiation import Backward, vjp
from grader.sandbox.inside.naming import Names
from grader.sandbox.inside.steps import Nodes

MAX_EDGES: Final = 64
MAX_GROUPS: Final = 24
MAX_NODES: Final = 512
_MAX_DIAGONAL: Final = 64
_MAX_PAIRS: Final = 1024
_INSIDE: Final = 1000
"""Places inside a call that was written out are numbered from here."""
_MIXING: Final = frozenset(
    {"softmax", "logsoftmax", "cumsum", "cumprod", "logcumsumexp", "nativelayernorm", "logsumexp"}
)
"""Operations in which an output depends on other inputs than its own, though both have one shape."""

Found = dict[str, torch.Tensor]
Change = Callable[[Any, Any], Any]


@dataclass
class Edges:
    """One graph, differentiated with something changed in it.

    :ivar contraction: what the output is contracted with, in its shape.
    :ivar names: of the variables; None where the graph is no function's, but a gradient's.
    :ivar inside: the nodes made by a call that was written out in steps; only these are looked at then.
    """

    output: torch.Tensor
    leaf: torch.Tensor
    contraction: torch.Tensor
    names: Names | None
    backward: Backward
    inside: Nodes | None = None
    nodes: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nodes = nodes_behind(self.output)

    def wrong(self) -> Found:
        """The gradient with each edge cut, each local derivative left out, and all of a kind at once."""
        found: Found = {}
        edges: list[tuple[int, Any, int]] = []
        for number, node in self._chosen():
            if len(found) >= 2 * MAX_EDGES:
                break
            live = _live(node)
            for k in live if len(live) > 1 else []:
                key = f"missing-path:{number}.{k}:{self._name(node.next_functions[k][0])}|{self._said(node)}"
                if self._add(found, key, [(node, dropping(k))]):
                    edges.append((number, node, k))
            if len(live) == 1 and not _gathers(node):
                self._add(
                    found,
                    f"missing-factor:{number}:{self._name(node)}|{self._said(node)}",
                    [(node, passing(live[0]))],
                )
        if edges:
            pairs = torch.tensor(_independent(edges), dtype=torch.int64)
            found[f"independent{'' if self.inside is None else '-inside'}"] = pairs.reshape(-1, 4)
        return found | self._groups(found)

    def more(self) -> Found:
        """Gradients by what is on the way, factors in another order, and local diagonals."""
        return self._intermediates() | self._orders() | self._diagonals()

    def counts(self) -> tuple[set[int], set[int]]:
        """Over how many entries the function sums, and over how many it takes a mean."""
        sums: set[int] = set()
        means: set[int] = set()

        def looking(k: int, operation: str) -> Change:
            def look(inward: Any, outward: Any) -> None:
                into, out = inward[k], outward[0]
                if out is None or into is None or not out.numel() or not into.numel():
                    return
                many, few = max(out.numel(), into.numel()), min(out.numel(), into.numel())
                if many > few and many % few == 0:
                    target = means if operation.startswith("mean") else sums
                    target.add(many // few)
                    wide = out if out.numel() == many else into
                    if "loss" in operation or "crossentropy" in operation:
                        # A sum or a mean: nothing here tells which. Of classes, one an example counts.
                        means.add(wide.shape[0] if "nll" in operation and wide.dim() > 1 else many // few)
                if out.numel() == into.numel():
                    factor = _constant(into, out)
                    if factor is not None:
                        means.add(factor)

            return look

        handles = []
        for node in self.nodes:
            live = _live(node)
            operation = _operation(node)
            # What was stretched by broadcasting is added up on the way back, in any operand.
            for k in live:
                if not _gathers(node):
                    handles.append(node.register_hook(looking(k, operation)))
        try:
            vjp(self.output, self.contraction, (self.leaf,), self.backward, keep=True)
        finally:
            for handle in handles:
                handle.remove()
        if self.output.dim() and bool((self.contraction == 1).all()):
            sums.add(self.output.numel())
        for several in (sums, means):
            product = math.prod(several)
            if product <= 1 << 20:
                several.add(product)
        return sums - {0, 1}, means - {0, 1}

    # How one is made.

    def _chosen(self) -> Iterator[tuple[int, Any]]:
        for number, node in enumerate(self.nodes):
            if self.inside is None:
                yield number, node
            elif node in self.inside:
                yield number + _INSIDE, node

    def _number(self, node: Any) -> int:
        return self.nodes.index(node) + (0 if self.inside is None else _INSIDE)

    def _name(self, node: Any) -> str:
        return self.names.of_node(node) if self.names is not None else ""

    def _said(self, node: Any) -> str:
        operation = _operation(node)
        return f"{self.inside[node]}.{operation}" if self.inside is not None else operation

    def changed(self, changes: list[tuple[Any, Change]]) -> torch.Tensor | None:
        """The gradient with every one of ``changes`` made; None where none is left."""
        handles = [node.register_hook(change) for node, change in changes]
        try:
            (gradient,) = vjp(self.output, self.contraction, (self.leaf,), self.backward, keep=True)
        finally:
            for handle in handles:
                handle.remove()
        return gradient

    def _add(self, found: Found, key: str, changes: list[tuple[Any, Change]]) -> bool:
        gradient = self.changed(changes)
        if gradient is None:
            return False
        found[key] = gradient
        return True

    def _groups(self, single: Found) -> Found:
        """The same for all places of a kind together: every round of a loop has its own, and one mistake."""
        paths: dict[tuple[str, ...], list[tuple[Any, int]]] = defaultdict(list)
        factors: dict[str, list[tuple[Any, int]]] = defaultdict(list)
        names: dict[str, set[str]] = defaultdict(set)
        for _, node in self._chosen():
            live, said = _live(node), self._said(node)
            for k in live:
                following = node.next_functions[k][0]
                name = self.names.ever_of_node(following) if self.names is not None else ""
                if getattr(following, "variable", None) is not self.leaf:
                    if name:
                        paths["by-name", name].append((node, k))
                    if len(live) > 1:
                        paths["by-place", str(k), said].append((node, k))
            if len(live) == 1 and not _gathers(node):
                factors[said].append((node, live[0]))
                names[said].add(self.names.ever_of_node(node) if self.names is not None else "")
        found: Found = {}

        def add(code: str, place: str, label: str, several: list[tuple[Any, int]], change: Any) -> None:
            key = f"{code}:all-{place}:{label}"
            if len(several) > 1:
                self._add(found, key, [(node, change(k)) for node, k in several])
                return
            # A loop of one round has one place of the kind, and that is all of them.
            ((node, k),) = several
            start = f"{code}:{self._number(node)}{f'.{k}' if code == 'missing-path' else ''}:"
            alone = next((value for name, value in single.items() if name.startswith(start)), None)
            if alone is not None:
                found[key] = alone

        for key, several in list(paths.items())[:MAX_GROUPS]:
            label = f"{key[1]}|*" if key[0] == "by-name" else f"|*{key[2]}"
            add("missing-path", "-".join(key), label, several, dropping)
        for said, several in list(factors.items())[:MAX_GROUPS]:
            name = names[said].pop() if len(names[said]) == 1 else ""
            add("missing-factor", said, f"{name}|*{said}", several, passing)
        return found

    def _intermediates(self) -> Found:
        """The gradient by everything on the way: the incoming one of each node."""
        came: dict[Any, torch.Tensor] = {}

        def keeping(node: Any) -> Callable[[Any], None]:
            def keep(inward: Any) -> None:
                if inward and inward[0] is not None:
                    came[node] = inward[0]

            return keep

        chosen = [(n, node) for n, node in self._chosen() if not _gathers(node)][1:MAX_EDGES]
        handles = [node.register_prehook(keeping(node)) for _, node in chosen]
        try:
            vjp(self.output, self.contraction, (self.leaf,), self.backward, keep=True)
        finally:
            for handle in handles:
                handle.remove()
        return {
            f"by-an-intermediate:{n}:{self._name(node)}|{self._said(node)}": came[node].detach()
            for n, node in chosen
            if node in came
        }

    def _orders(self) -> Found:
        """Matrix products whose derivative has its factors exchanged, or one of them transposed."""
        found: Found = {}
        for number, node in self._chosen():
            for k, variants in _products(node).items():
                if k >= len(node.next_functions) or node.next_functions[k][0] is None:
                    continue
                for variant, product in variants.items():
                    with contextlib.suppress(RuntimeError):  # the shapes do not fit
                        label = f"{self._name(node)}|{variant}"
                        self._add(
                            found,
                            f"factor-order:{number}.{k}-{variant}:{label}",
                            [(node, putting(k, product))],
                        )
        return found

    def _diagonals(self) -> Found:
        """One step's matrix reduced to its diagonal: p (1 − p) for the whole derivative of softmax."""
        found: Found = {}
        for number, node in self._chosen():
            if _operation(node) not in _MIXING or len(found) >= MAX_GROUPS:
                continue

            def alone(inward: Any, outward: Any, node: Any = node) -> Any:
                into, out = inward[0], outward[0]
                if into.shape != out.shape or into.numel() > _MAX_DIAGONAL:
                    return None
                flat = out.reshape(-1)
                kept = []
                for i in range(flat.numel()):
                    unit = torch.zeros_like(flat)
                    unit[i] = flat[i]
                    kept.append(node(unit.reshape(into.shape)).reshape(-1)[i])
                return (torch.stack(kept).reshape(into.shape).detach(), *outward[1:])

            with contextlib.suppress(RuntimeError):
                self._add(
                    found,
                    f"diagonal-only:{number}:{self._name(node)}|{self._said(node)}",
                    [(node, _once(alone))],
                )
        return found


def _once(change: Change) -> Change:
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


def _products(node: Any) -> dict[int, dict[str, Callable[[torch.Tensor], torch.Tensor]]]:
    """By operand, the other products of a matrix product's derivative: A g for Aᵀ g, g A for A g …"""
    operation = _operation(node)
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


def _constant(into: torch.Tensor, out: torch.Tensor) -> int | None:
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


def _live(node: Any) -> list[int]:
    return [k for k, (following, _) in enumerate(node.next_functions) if following is not None]


def _gathers(node: Any) -> bool:
    """Whether the node is where a leaf's gradient is gathered."""
    return hasattr(node, "variable")


def _operation(node: Any) -> str:
    return str(node.name().rstrip("0123456789").removesuffix("Backward").lower())


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


def _independent(edges: list[tuple[int, Any, int]]) -> list[tuple[int, int, int, int]]:
    """Pairs of edges neither of which lies behind the other: what flows along them adds up.

    As ``(node, edge, node, edge)``. Of two edges on one way, the flow along the nearer is a part of
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
    found = []
    for i, (m, one, j) in enumerate(edges):
        for n, other, k in edges[i + 1 :]:
            if other not in behind[m, j] and one not in behind[n, k]:
                found.append((m, j, n, k))
                if len(found) >= _MAX_PAIRS:
                    return found
    return found
