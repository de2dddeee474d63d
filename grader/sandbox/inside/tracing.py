"""Tracing what a function does with its inputs, operation by operation: its graph, and where it is cut.

Autograd's own graph has no nodes for what was cut off. So the operations themselves are written down as
they happen, each with the earlier ones whose results it takes, and whether its result is still connected
to a leaf. An edge is *cut* when a connected tensor goes in and an unconnected one comes out.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final, Literal

import torch
from torch.overrides import TorchFunctionMode

from grader.model.job import Trace
from grader.model.observation import Graph, Node, Outcome, Traced
from grader.sandbox import bounds
from grader.sandbox.inside.autograd import pick
from grader.sandbox.inside.lines import line_in
from grader.sandbox.inside.serialize import FILENAME, printable_name, raised

_LEAVES: Final = frozenset(
    {"item", "tolist", "numpy", "__float__", "__int__", "__array__", "__index__", "__complex__"}
)
_DECISIONS: Final = frozenset({"__bool__", "__contains__", "is_nonzero", "equal", "allclose"})
"""They answer with a truth value of Python's."""
_CASTS: Final = frozenset({"to", "type", "type_as", "long", "int", "short", "char", "byte"})
_SILENT: Final = frozenset(
    {"size", "dim", "numel", "shape", "requires_grad", "grad_fn", "is_leaf", "dtype", "device", "__len__"}
)
"""They say something of a tensor and make none."""
_WALKED: Final = 4096
"""So many nodes of autograd's graph are looked at in Python. One that was is freed by recursion, not by
torch's list of what is to be freed (2.13): fifty thousand of a loop's overflow the stack."""
_ROOM: Final = bounds.MAX_NODES - 2
"""So many nodes are kept as they come; the last two are for a cut and a decision after them."""
_FOLLOWED: Final = 2048
"""So many operations are looked at in all."""


def trace(function: Callable[..., Any], arguments: list[torch.Tensor], task: Trace) -> Outcome:
    """Do one :class:`Trace` task; never more than :data:`bounds.MAX_NODES` operations are kept."""
    leaves = [a.requires_grad_(True) if i in task.wrt else a for i, a in enumerate(arguments)]
    mode = _Trace(leaves, task.names)
    try:
        with mode:
            output = pick(function(*leaves), task.output)
        return Traced(mode.graph(output, task.wrt))
    except BaseException as error:  # noqa: BLE001
        return raised(error)


class _Trace(TorchFunctionMode):
    def __init__(self, leaves: list[torch.Tensor], names: tuple[str, ...]) -> None:
        super().__init__()
        self._nodes: list[Node] = []
        self._edges: list[tuple[int, int]] = []
        self._cut: list[tuple[int, int]] = []
        self._made: list[tuple[torch.Tensor, int, bool]] = []
        """Each tensor with the node that made it (or changed it last), or one before it (then False); kept
        alive: none is mistaken."""
        self._by_id: dict[int, int] = {}
        """Of those, the last node of each, by the tensor's id."""
        self._later: dict[int, tuple[weakref.ref[torch.Tensor], int]] = {}
        """Of what was made after them and is not kept alive: by way of which of their nodes it comes."""
        self._truncated = False
        self._late: set[str] = set()
        self._leaves = leaves
        for leaf, name in zip(leaves, names, strict=True):
            self._note("input", name, leaf, (), leaf.requires_grad)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        try:
            self._follow(func, args, kwargs or {}, result)
        except BaseException:  # noqa: BLE001 - a picture is not worth a verdict
            self._truncated = True
        return result

    def _follow(self, func: Any, args: Any, kwargs: Any, result: Any) -> None:
        name = getattr(func, "__name__", "")
        if name in ("__get__", "__set__"):
            name = getattr(getattr(func, "__self__", None), "__name__", name)
        if name in _SILENT or name.startswith(("_set_", "new_")) or name.endswith("_like"):
            return
        sources = _tensors((args, kwargs))
        if not sources:
            return
        if name in _DECISIONS:
            self._note("decision", name.strip("_"), None, sources, False)
            return
        if name in _LEAVES:
            self._note("leaves", name, None, sources, False)
            return
        for made in _tensors((result,)):
            self._note("op", name.strip("_"), made, sources, bool(made.requires_grad))
        if name == "__setitem__":
            self._note("op", "setitem", args[0], sources, bool(args[0].requires_grad))

    def _note(
        self,
        does: Literal["input", "op", "decision", "leaves"],
        name: str,
        made: torch.Tensor | None,
        sources: Any,
        grad: bool,
    ) -> None:
        makers = [n for n in map(self._maker, sources) if n is not None]
        if len(self._made) >= _FOLLOWED:
            self._truncated = True
            if made is not None and makers:
                self._pass_on(made, max(makers, key=lambda n: self._nodes[n].grad is grad))
            if does != "decision":
                return
        # What a comparison or argmax makes never had a gradient: nothing was cut there.
        differentiable = (
            made is None or made.dtype.is_floating_point or made.dtype.is_complex or name in _CASTS
        )
        cuts = not grad and does != "decision" and differentiable
        if len(self._nodes) >= _ROOM and not self._keep_late(does, cuts, makers):
            self._truncated = True
            if made is not None and makers:
                # It stands for the operation that is not shown, and is as connected as that is.
                self._keep(made, max(makers, key=lambda n: self._nodes[n].grad is grad), shown=False)
            return
        here = len(self._nodes)
        shape = tuple(made.shape) if made is not None else ()
        called = printable_name(str.__str__(name), bounds.MAX_NAME)
        line = None if does == "input" else line_in(FILENAME)
        self._nodes.append(Node(does, called, shape[:16], grad, line))
        for there in dict.fromkeys(makers):
            if len(self._edges) < bounds.MAX_EDGES:
                self._edges.append((there, here))
                if self._nodes[there].grad and cuts:
                    self._cut.append((there, here))
        if made is not None:
            self._keep(made, here, shown=True)

    def _keep(self, made: torch.Tensor, node: int, *, shown: bool) -> None:
        self._made.append((made, node, shown))
        self._by_id[id(made)] = node

    def _keep_late(self, does: str, cuts: bool, makers: list[int]) -> bool:
        """Whether an operation beyond the limit says what was not said before: there is a cut, a decision."""
        says = "decision" if does == "decision" else "cut"
        if says == "cut" and not (cuts and any(self._nodes[n].grad for n in makers)):
            return False
        if says in self._late or not makers:
            return False
        self._late.add(says)
        return True

    def _maker(self, tensor: torch.Tensor) -> int | None:
        known = self._by_id.get(id(tensor))
        if known is None:
            later, known = self._later.get(id(tensor), (None, None))
            return known if later is not None and later() is tensor else None
        return known

    def _pass_on(self, made: torch.Tensor, maker: int) -> None:
        """Remember what a tensor comes from that is not kept alive: by way of which node."""
        if len(self._later) >= _FOLLOWED:
            self._later = {key: held for key, held in self._later.items() if held[0]() is not None}
        if len(self._later) < _FOLLOWED:
            self._later[id(made)] = weakref.ref(made), maker

    def graph(self, output: Any, wrt: tuple[int, ...]) -> Graph:
        """All of it, once the function has returned ``output``."""
        reached: list[int] = []
        if issubclass(type(output), torch.Tensor) and output.requires_grad:
            behind = _leaves_behind(output)
            if behind is None:
                mine = [self._leaves[i] for i in wrt]
                grads = torch.autograd.grad(output, mine, torch.ones_like(output), allow_unused=True)
                reached = [i for i, grad in zip(wrt, grads, strict=True) if grad is not None]
            else:
                reached = [i for i in wrt if any(leaf is self._leaves[i] for leaf in behind)]
        made_by = ((n, shown) for made, n, shown in reversed(self._made) if made is output)
        position, shown = next(made_by, (None, False))
        return Graph(
            nodes=tuple(self._nodes),
            edges=tuple(self._edges),
            cut=tuple(self._cut),
            output=position if shown else None,
            reached=tuple(reached),
            truncated=self._truncated,
        )


def _tensors(things: Any, depth: int = 0) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for thing in things.values() if type(things) is dict else things:
        if issubclass(type(thing), torch.Tensor):
            found.append(thing)
        elif type(thing) in (list, tuple, dict) and depth < 3 and len(thing) <= bounds.MAX_NODES:
            found += _tensors(thing, depth + 1)
        elif issubclass(type(thing), tuple) and depth < 3:  # torch.return_types
            found += _tensors(tuple(thing), depth + 1)
    return found


def _leaves_behind(output: torch.Tensor) -> list[torch.Tensor] | None:
    """The leaves that autograd reaches from ``output``; None of a graph that is too long to be walked."""
    if output.grad_fn is None:
        return [output]
    found: list[torch.Tensor] = []
    known: set[Any] = set()
    queue: list[Any] = [output.grad_fn]
    while queue:
        node = queue.pop()
        if node is None or node in known:
            continue
        if len(known) >= _WALKED:
            return None
        known.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found.append(leaf)
        queue += [following for following, _ in node.next_functions]
    return found
