"""Wrong answers read off a reference's own autograd graph, by the code that names them.

Asked of references only. A key is a code, or ``code:n:label``: one wrong answer of several, with
what a message needs to name it (``u|mul``: the variable, if it has a name, and the operation).

How: a hook on one node of the backward graph that zeroes what flows along one of its edges, or
passes on unchanged what comes in, and one backward pass each, 0.1 ms. Each ``detach`` (and each
``no_grad`` block) is undone by running the function under a mode that leaves it out.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, ItemsView, Iterator
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from grader.model.job import Differentiate
from grader.model.values import Value
from grader.sandbox.inside.differentiation import (
    Backward,
    cotangent,
    jacobian,
    jvp,
    pick,
    vector_of,
    vjp,
)
from grader.sandbox.inside.portable import portable

MAX_EDGES: Final = 64
MAX_DETACHES: Final = 8
_MAX_NODES: Final = 512
_STEP: Final = 1e-6
"""How far to either side of a kink, relative to the entry."""
_MAX_SIDES: Final = 64


def relatives_of(
    function: Callable[..., Any],
    leaves: list[torch.Tensor],
    output: torch.Tensor,
    task: Differentiate,
    grads: tuple[torch.Tensor | None, ...],
    room: int,
    backward: Backward,
) -> dict[str, Value]:
    """What a student may hand in instead of ``grads[0]``, by key."""
    found: dict[str, torch.Tensor] = {}
    leaf = leaves[task.wrt[0]]
    if task.sides:
        found |= _sides(function, leaves, task, backward)
    if task.relatives and grads[0] is not None:
        right = grads[0]

        def add(read: Callable[[], dict[str, torch.Tensor]]) -> None:
            # A function that cannot be differentiated twice, or has complex numbers on its way, has fewer.
            with contextlib.suppress(Exception):
                found.update(read())

        add(lambda: _of_shape(output, leaf, task, right, backward))
        if task.how == "vjp" and task.cotangent is not None and output.dim() > 0:
            add(lambda: _of_cotangent(output, leaf, task, backward))
        if task.how in ("higher-order", "hvp") or task.order > 1:
            add(lambda: _of_order(output, leaf, task, backward))
        if task.how == "vjp" and task.order == 1:
            add(lambda: _second(leaf, right, backward))
            names = _Names(function)
            fresh = _fresh(leaves, task)
            with names.listening():
                again = pick(function(*fresh), task.output)
            source = fresh[task.wrt[0]]
            if isinstance(again, torch.Tensor) and again.requires_grad:
                add(lambda: _without_edges(again, source, task, names, backward))
            add(lambda: _undetached(function, leaves, task, names, backward))
            add(lambda: _of_parts(function, leaves, task, backward))
    return {key: portable(value, room) for key, value in found.items()}


def _fresh(leaves: list[torch.Tensor], task: Differentiate) -> list[torch.Tensor]:
    return [a.detach().clone().requires_grad_(i in task.wrt) for i, a in enumerate(leaves)]


def _second(leaf: torch.Tensor, first: torch.Tensor, backward: Backward) -> dict[str, torch.Tensor]:
    second = None
    if first.requires_grad:
        (second,) = vjp(first, torch.ones_like(first).detach(), (leaf,), backward, keep=True)
    return {"second-derivative": torch.zeros_like(leaf) if second is None else second}


def _of_shape(
    output: torch.Tensor,
    leaf: torch.Tensor,
    task: Differentiate,
    right: torch.Tensor,
    backward: Backward,
) -> dict[str, torch.Tensor]:
    """The whole matrix reduced to its diagonal, or applied from the other side."""
    found: dict[str, torch.Tensor] = {}
    square = output.shape == leaf.shape and 1 < output.numel() <= 64
    if task.how == "jacobian" and square:
        whole = right.reshape(output.numel(), leaf.numel())
        found["diagonal-only"] = torch.diag(torch.diag(whole)).reshape(right.shape)
    elif task.how == "vjp" and task.order == 1 and square and output.dim() > 0:
        matrix = jacobian(output, leaf, backward).reshape(output.numel(), -1)
        pulled = cotangent(output, task).reshape(-1).to(matrix.dtype)
        found["diagonal-only"] = (torch.diag(matrix) * pulled).reshape(leaf.shape)
        found["transpose"] = (matrix @ pulled).reshape(leaf.shape)
    elif task.how == "jvp":
        vector = vector_of(task, leaf)
        found["missing-factor:v:v|cotangent"] = jvp(output, leaf, torch.ones_like(vector), backward)
        if not square:
            return found
        matrix = jacobian(output, leaf, backward).reshape(output.numel(), -1)
        found["diagonal-only"] = (torch.diag(matrix) * vector.reshape(-1)).reshape(leaf.shape)
        found["transpose"] = (matrix.T @ vector.reshape(-1)).reshape(leaf.shape)
    elif task.how == "hvp" and 1 < leaf.numel() <= 64:
        vector = vector_of(task, leaf)
        (first,) = vjp(output, cotangent(output, task), (leaf,), backward, create_graph=True)
        if first is not None and first.requires_grad:
            hessian = jacobian(first, leaf, backward).reshape(leaf.numel(), -1)
            found["diagonal-only"] = (torch.diag(hessian) * vector.reshape(-1)).reshape(leaf.shape)
    return found


def _of_cotangent(
    output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """A vjp without its cotangent, and with the cotangent's sum in the place of each entry."""
    found: dict[str, torch.Tensor] = {}
    ones = torch.ones_like(output.detach())
    (without,) = vjp(output, ones, (leaf,), backward, keep=True)
    (summed,) = vjp(output, ones * cotangent(output, task).sum(), (leaf,), backward, keep=True)
    if without is not None:
        found["missing-factor:v:v|cotangent"] = without
    if summed is not None:
        found["reduced:v"] = summed
    return found


def _of_order(
    output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """One derivative too few and one too many; and the last one without an edge of the graph before it."""
    found: dict[str, torch.Tensor] = {}
    (lower,) = vjp(output, cotangent(output, task), (leaf,), backward, create_graph=True)
    for _ in range(task.order - 2):
        if lower is None or not lower.requires_grad:
            return found
        (lower,) = vjp(lower, torch.ones_like(lower).detach(), (leaf,), backward, create_graph=True)
    if lower is None:
        return found
    if task.how == "hvp":
        contraction = vector_of(task, leaf)
        if lower.requires_grad:
            ones = torch.ones_like(lower).detach()
            (without,) = vjp(lower, ones, (leaf,), backward, keep=True)
            if without is not None:
                found["missing-factor:v:v|cotangent"] = without
    else:
        contraction = torch.ones_like(lower).detach()
        found["value-not-gradient"] = lower.detach()
    if not lower.requires_grad:
        return found
    (right,) = vjp(lower, contraction, (leaf,), backward, create_graph=True)
    if right is not None and right.requires_grad and task.how != "hvp":
        (more,) = vjp(right, torch.ones_like(right).detach(), (leaf,), backward, keep=True)
        if more is not None:
            found["second-derivative"] = more
    elif task.how != "hvp":
        found["second-derivative"] = torch.zeros_like(leaf)
    return found | _edges(lower, leaf, contraction, None, backward)


def _of_parts(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """The derivative of each named intermediate by itself: all that comes after it is left out."""
    found: dict[str, torch.Tensor] = {}
    fresh = _fresh(leaves, task)
    leaf = fresh[task.wrt[0]]
    names = _Names(function)
    with names.listening(), _WithoutCut(None):
        output = pick(function(*fresh), task.output)
    for name, tensor in names.held():
        if not tensor.requires_grad or tensor is leaf or tensor is output or len(found) >= MAX_DETACHES:
            continue
        (part,) = vjp(tensor, torch.ones_like(tensor).detach(), (leaf,), backward, keep=True)
        if part is not None:
            found[f"missing-factor:after-{name}:{name}|after"] = part
    return found


def _sides(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """The least and the greatest derivative a little to either side, entry by entry."""
    position = task.wrt[0]
    start = leaves[position].detach()
    if start.numel() > _MAX_SIDES:
        return {}
    low = high = torch.zeros_like(start)
    first = True
    for i in range(start.numel()):
        for sign in (-1.0, 1.0):
            moved = start.clone().reshape(-1)
            moved[i] += sign * _STEP * max(1.0, abs(float(moved[i])))
            inputs = _fresh(leaves, task)
            inputs[position] = moved.reshape(start.shape).requires_grad_(True)
            output = pick(function(*inputs), task.output)
            there = None
            if output.requires_grad:
                (there,) = vjp(output, cotangent(output, task), (inputs[position],), backward)
            there = torch.zeros_like(start) if there is None else there
            low, high = (there, there) if first else (torch.minimum(low, there), torch.maximum(high, there))
            first = False
    return {} if first else {"subgradient-low": low, "subgradient-high": high}


class _Names:
    """What a reference calls its tensors: local variables, looked at when one of its functions returns."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._file = getattr(getattr(function, "__code__", None), "co_filename", "")
        self._seen: list[tuple[str, torch.Tensor]] = []
        self.detached: list[torch.Tensor] = []

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the function runs. Only references are listened to: nobody hides from us here."""
        mode = _Listen(self.detached)
        sys.setprofile(self._note)
        try:
            with mode:
                yield
        finally:
            sys.setprofile(None)

    def _note(self, frame: types.FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code.co_filename == self._file:
            self._seen += [(k, v) for k, v in frame.f_locals.items() if type(v) is torch.Tensor]

    def held(self) -> ItemsView[str, torch.Tensor]:
        """What each name held last."""
        return dict(self._seen).items()

    def of_node(self, node: Any) -> str:
        """The variable that holds what ``node`` made, or the leaf it stands for; empty if it has no name."""
        leaf = getattr(node, "variable", None)
        for name, tensor in self._seen:
            if (leaf is not None and tensor is leaf) or (leaf is None and tensor.grad_fn is node):
                return name
        return ""

    def of_tensor(self, tensor: torch.Tensor) -> str:
        """The variable that holds ``tensor``."""
        return next((name for name, held in self._seen if held is tensor), "")


def _cuts(func: Any, args: Any) -> bool:
    """Whether a call takes its result out of the graph, or switches recording off."""
    name = getattr(func, "__name__", "")
    if name == "_set_grad_enabled":
        return bool(args) and args[0] is False
    if name == "__get__":
        return getattr(getattr(func, "__self__", None), "__name__", "") == "data"
    return name == "detach"


class _Listen(TorchFunctionMode):
    """Keeps what came of each cut, in order (None for a block without recording)."""

    def __init__(self, kept: list[Any]) -> None:
        super().__init__()
        self._kept = kept

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if _cuts(func, args):
            self._kept.append(result)
        return result


class _WithoutCut(TorchFunctionMode):
    """Runs a function as if its n-th cut were not there (all of them for None)."""

    def __init__(self, n: int | None) -> None:
        super().__init__()
        self._n = n
        self._count = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if _cuts(func, args):
            self._count += 1
            if self._n is None or self._count - 1 == self._n:
                return None if getattr(func, "__name__", "") == "_set_grad_enabled" else args[0]
        return func(*args, **(kwargs or {}))


def _undetached(
    function: Callable[..., Any],
    leaves: list[torch.Tensor],
    task: Differentiate,
    names: _Names,
    backward: Backward,
) -> dict[str, torch.Tensor]:
    """The gradient with each cut undone, and with all of them."""
    found: dict[str, torch.Tensor] = {}
    cuts = names.detached[:MAX_DETACHES]
    which: list[int | None] = [*range(len(cuts))] if len(cuts) != 1 else []
    for n in (*which, *([None] if cuts else [])):
        fresh = _fresh(leaves, task)
        with _WithoutCut(n):
            output = pick(function(*fresh), task.output)
        if not output.requires_grad:
            continue
        (undone,) = vjp(output, cotangent(output, task), (fresh[task.wrt[0]],), backward)
        if undone is not None:
            held = cuts[n if n is not None else 0] if len(cuts) == 1 or n is not None else None
            label = names.of_tensor(held) if isinstance(held, torch.Tensor) else ""
            found[f"undetached:{'all' if n is None else n}:{label}|"] = undone
    return found


def _without_edges(
    output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, names: _Names, backward: Backward
) -> dict[str, torch.Tensor]:
    return _edges(output, leaf, cotangent(output, task), names, backward)


def _edges(
    output: torch.Tensor,
    leaf: torch.Tensor,
    contraction: torch.Tensor,
    names: _Names | None,
    backward: Backward,
) -> dict[str, torch.Tensor]:
    """The gradient with each edge of the graph cut, and with each local derivative left out."""
    found: dict[str, torch.Tensor] = {}

    def through(node: Any, change: Callable[[Any, Any], Any]) -> torch.Tensor | None:
        handle = node.register_hook(change)
        try:
            (gradient,) = vjp(output, contraction, (leaf,), backward, keep=True)
        finally:
            handle.remove()
        return gradient

    def dropping(k: int) -> Callable[[Any, Any], Any]:
        return lambda inward, _: tuple(
            torch.zeros_like(g) if i == k and g is not None else g for i, g in enumerate(inward)
        )

    def passing(k: int) -> Callable[[Any, Any], Any]:
        def change(inward: Any, outward: Any) -> Any:
            into, out = inward[k], outward[0]
            if into is None or out is None or (into.shape, into.dtype) != (out.shape, out.dtype):
                return None
            return tuple(outward[0] if i == k else g for i, g in enumerate(inward))

        return change

    for number, node in enumerate(_nodes(output)):
        if len(found) >= 2 * MAX_EDGES:
            break
        live = [k for k, (following, _) in enumerate(node.next_functions) if following is not None]
        operation = node.name().rstrip("0123456789").removesuffix("Backward").lower()
        for k in live:
            following = node.next_functions[k][0]
            via = names.of_node(following) if names is not None else ""
            if len(live) > 1:
                gradient = through(node, dropping(k))
                if gradient is not None:
                    found[f"missing-path:{number}.{k}:{via}|{operation}"] = gradient
        if len(live) == 1 and not operation.endswith("accumulategrad"):
            gradient = through(node, passing(live[0]))
            if gradient is not None:
                made = names.of_node(node) if names is not None else ""
                found[f"missing-factor:{number}:{made}|{operation}"] = gradient
    return found


def _nodes(output: torch.Tensor) -> list[Any]:
    """The nodes of the graph behind ``output``, nearest first."""
    seen: list[Any] = []
    queue = [output.grad_fn]
    known = set()
    while queue and len(seen) < _MAX_NODES:
        node = queue.pop(0)
        if node is None or node in known:
            continue
        known.add(node)
        seen.append(node)
        queue += [following for following, _ in node.next_functions]
    return seen
