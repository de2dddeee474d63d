"""Wrong gradients read off the edges and nodes of one backward graph.

A hook on a node (:mod:`grader.sandbox.inside.hooks`) zeroes what flows along one of its edges, passes on
unchanged what comes in, or puts another product in the place of the right one; then one backward pass, 0.1 ms
each.
"""

from __future__ import annotations

import contextlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from grader.model.wrong_gradients import Label, Mistake
from grader.sandbox.inside.autograd import Backward, vjp
from grader.sandbox.inside.hooks import Change, dropping, once, other_products, passing, putting
from grader.sandbox.inside.naming import Names
from grader.sandbox.inside.nodes import (
    gathers,
    independent_pairs,
    live_edges,
    nodes_behind,
    operation_of,
    whole_divisor,
)
from grader.sandbox.inside.steps import Nodes

MAX_EDGES: Final = 64
MAX_GROUPS: Final = 24
_MAX_DIAGONAL: Final = 64
_INSIDE: Final = 1000
"""Places inside a call that was written out are numbered from here."""
_MIXING: Final = frozenset(
    {"softmax", "logsoftmax", "cumsum", "cumprod", "logcumsumexp", "nativelayernorm", "logsumexp"}
)
"""Operations in which an output depends on other inputs than its own, though both have one shape."""

Gradients = dict[Mistake, torch.Tensor]


@dataclass
class Wrong:
    """What was read off a graph.

    :ivar independent: pairs of places along whose edges the gradients add up; None where none was looked at.
    :ivar sums: over how many entries the function adds up. :ivar means: over how many it takes a mean.
    """

    gradients: Gradients = field(default_factory=dict)
    independent: list[tuple[str, str]] | None = None
    sums: set[int] | None = None
    means: set[int] | None = None

    def add(self, more: Gradients | Wrong) -> None:
        """Take over all of ``more``; of two gradients for one mistake, the later."""
        if not isinstance(more, Wrong):
            self.gradients.update(more)
            return
        self.gradients.update(more.gradients)
        if more.independent is not None:
            self.independent = [*(self.independent or ()), *more.independent]
        if more.sums is not None:
            self.sums, self.means = more.sums, more.means


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

    def wrong(self) -> Wrong:
        """The gradient with each edge cut, each local derivative left out, and all of a kind at once."""
        found: Gradients = {}
        edges: list[tuple[int, Any, int]] = []
        for number, node in self._chosen():
            if len(found) >= 2 * MAX_EDGES:
                break
            live, said = live_edges(node), self._said(node)
            for k in live if len(live) > 1 else []:
                at = Label(self._name(node.next_functions[k][0]), said)
                if self._add(found, Mistake("missing-path", f"{number}.{k}", at), [(node, dropping(k))]):
                    edges.append((number, node, k))
            if len(live) == 1 and not gathers(node):
                mistake = Mistake("missing-factor", str(number), Label(self._name(node), said))
                self._add(found, mistake, [(node, passing(live[0]))])
        return Wrong(found | self._groups(found), independent_pairs(edges) if edges else None)

    def more(self) -> Gradients:
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
                    factor = whole_divisor(into, out)
                    if factor is not None:
                        means.add(factor)

            return look

        handles = []
        for node in self.nodes:
            live = live_edges(node)
            operation = operation_of(node)
            # What was stretched by broadcasting is added up on the way back, in any operand.
            for k in live:
                if not gathers(node):
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
        operation = operation_of(node)
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

    def _add(self, found: Gradients, mistake: Mistake, changes: list[tuple[Any, Change]]) -> bool:
        gradient = self.changed(changes)
        if gradient is None:
            return False
        found[mistake] = gradient
        return True

    def _groups(self, single: Gradients) -> Gradients:
        """The same for all places of a kind together: every round of a loop has its own, and one mistake."""
        paths: dict[tuple[str, ...], list[tuple[Any, int]]] = defaultdict(list)
        factors: dict[str, list[tuple[Any, int]]] = defaultdict(list)
        names: dict[str, set[str]] = defaultdict(set)
        for _, node in self._chosen():
            live, said = live_edges(node), self._said(node)
            for k in live:
                following = node.next_functions[k][0]
                name = self.names.ever_of_node(following) if self.names is not None else ""
                if getattr(following, "variable", None) is not self.leaf:
                    if name:
                        paths["by-name", name].append((node, k))
                    if len(live) > 1:
                        paths["by-place", str(k), said].append((node, k))
            if len(live) == 1 and not gathers(node):
                factors[said].append((node, live[0]))
                names[said].add(self.names.ever_of_node(node) if self.names is not None else "")
        found: Gradients = {}

        def add(code: str, place: str, label: Label, several: list[tuple[Any, int]], change: Any) -> None:
            mistake = Mistake(code, place, label)
            if len(several) > 1:
                self._add(found, mistake, [(node, change(k)) for node, k in several])
                return
            # A loop of one round has one place of the kind, and that is all of them.
            ((node, k),) = several
            there = f"{self._number(node)}{f'.{k}' if code == 'missing-path' else ''}"
            alone = next((g for one, g in single.items() if (one.code, one.place) == (code, there)), None)
            if alone is not None:
                found[mistake] = alone

        for key, several in list(paths.items())[:MAX_GROUPS]:
            by_name = key[0] == "by-name"
            label = Label(key[1] if by_name else "", "" if by_name else key[2], everywhere=True)
            add("missing-path", "-".join(key), label, several, dropping)
        for said, several in list(factors.items())[:MAX_GROUPS]:
            name = names[said].pop() if len(names[said]) == 1 else ""
            add("missing-factor", said, Label(name, said, everywhere=True), several, passing)
        return found

    def _intermediates(self) -> Gradients:
        """The gradient by everything on the way: the incoming one of each node."""
        came: dict[Any, torch.Tensor] = {}

        def keeping(node: Any) -> Callable[[Any], None]:
            def keep(inward: Any) -> None:
                if inward and inward[0] is not None:
                    came[node] = inward[0]

            return keep

        chosen = [(n, node) for n, node in self._chosen() if not gathers(node)][1:MAX_EDGES]
        handles = [node.register_prehook(keeping(node)) for _, node in chosen]
        try:
            vjp(self.output, self.contraction, (self.leaf,), self.backward, keep=True)
        finally:
            for handle in handles:
                handle.remove()
        return {
            Mistake("by-an-intermediate", str(n), Label(self._name(node), self._said(node))): came[
                node
            ].detach()
            for n, node in chosen
            if node in came
        }

    def _orders(self) -> Gradients:
        """Matrix products whose derivative has its factors exchanged, or one of them transposed."""
        found: Gradients = {}
        for number, node in self._chosen():
            for k, variants in other_products(node).items():
                if k >= len(node.next_functions) or node.next_functions[k][0] is None:
                    continue
                for variant, product in variants.items():
                    with contextlib.suppress(RuntimeError):  # the shapes do not fit
                        at = Label(self._name(node), variant)
                        mistake = Mistake("factor-order", f"{number}.{k}-{variant}", at)
                        self._add(found, mistake, [(node, putting(k, product))])
        return found

    def _diagonals(self) -> Gradients:
        """One step's matrix reduced to its diagonal: p (1 − p) for the whole derivative of softmax."""
        found: Gradients = {}
        for number, node in self._chosen():
            if operation_of(node) not in _MIXING or len(found) >= MAX_GROUPS:
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
                at = Label(self._name(node), self._said(node))
                self._add(found, Mistake("diagonal-only", str(number), at), [(node, once(alone))])
        return found
