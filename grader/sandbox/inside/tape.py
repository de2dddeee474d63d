"""Tape of a backward pass: what comes into each node, the local derivative, and what goes on. Of references.

One pass with a hook on every node, then a few calls of each node by itself: its derivative is linear, so what
it does to ones and to random numbers tells how it can be written (:data:`grader.model.tape.Rule`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from grader.model.job import Play
from grader.model.observation import Outcome, Taped
from grader.model.tape import MOST_ENTRIES, MOST_STEPS, Onward, Rule, Step, Tape
from grader.model.values import Array, Tensor
from grader.sandbox import bounds
from grader.sandbox.inside.autograd import Backward, pick, vjp
from grader.sandbox.inside.lines import line_in
from grader.sandbox.inside.nodes import nodes_behind, operation_of
from grader.sandbox.inside.serialize import printable_name, raised, serialize, tensor_of

_SAVED: Final = ("_saved_self", "_saved_mat2", "_saved_vec", "_saved_other")


def play(
    function: Callable[..., Any], arguments: list[torch.Tensor], task: Play, backward: Backward
) -> Outcome:
    """Do one :class:`Play` task: differentiate ``function`` by one argument, and write each step down."""
    leaf = arguments[task.wrt].requires_grad_(True)
    try:
        with Lines(f"{task.function.split('.')[0]}.py") as lines:
            output = pick(function(*arguments), task.output)
        return Taped(tape_of(output, leaf, contraction_of(output, task), lines.known, backward))
    except BaseException as error:  # noqa: BLE001 - an author's, too, may raise
        return raised(error)


def contraction_of(output: torch.Tensor, task: Play) -> torch.Tensor:
    """What the output is contracted with, in its shape."""
    if task.cotangent is None:
        return torch.ones_like(output.detach())
    return tensor_of(task.cotangent).to(output.dtype)


class Lines(TorchFunctionMode):
    """Notes at which line of a file each node is made.

    :param file: as its code names it, ``reference.py``.
    """

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file
        self.known: dict[Any, int] = {}
        self._alive: list[Any] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for made in result if isinstance(result, tuple | list) else (result,):
            node = made.grad_fn if isinstance(made, torch.Tensor) else None
            line = line_in(self._file) if node is not None and node not in self.known else None
            if node is not None and line is not None:
                self.known[node] = line
                self._alive.append(made)
        return result


def tape_of(
    output: torch.Tensor,
    leaf: torch.Tensor,
    contraction: torch.Tensor,
    lines: dict[Any, int],
    backward: Backward,
    names: dict[Any, str] | None = None,
) -> Tape:
    """The backward pass from ``output`` to ``leaf``; without steps where nothing leads there.

    :param lines: of the nodes. :param names: of the variables that the nodes have made, and of the leaf.
    """
    names = names or {}
    if output.is_complex() or leaf.is_complex() or output.grad_fn is None:
        return Tape()
    order: list[Any] = []
    came: dict[Any, tuple[Any, ...]] = {}
    went: dict[Any, tuple[Any, ...]] = {}

    def enter(node: Any) -> Callable[[Any], None]:
        def note(inward: Any) -> None:
            order.append(node)
            came[node] = inward

        return note

    def leave(node: Any) -> Callable[[Any, Any], None]:
        def note(outward: Any, _: Any) -> None:
            went[node] = outward

        return note

    handles = []
    for node in nodes_behind(output):
        handles += [node.register_prehook(enter(node)), node.register_hook(leave(node))]
    try:
        (gradient,) = vjp(output, contraction, (leaf,), backward, keep=True)
    finally:
        for handle in handles:
            handle.remove()
    if gradient is None:
        return Tape()
    order = [node for node in order if getattr(node, "variable", None) is not leaf]
    shown = order[: MOST_STEPS - 1]
    place = {node: n for n, node in enumerate(shown)}
    for node in shown:
        # A node without a line of its own is a part of what was asked for at the line of the one before it.
        for following, _ in node.next_functions:
            if node in lines and following is not None:
                lines.setdefault(following, lines[node])
    steps = [_step(node, came[node], went[node], place, len(shown), leaf, lines, names) for node in shown]
    steps.append(Step("leaf", None, array_of(gradient), tuple(gradient.shape), (), names.get(leaf, "")))
    return Tape(tuple(steps), truncated=len(shown) < len(order))


def _step(
    node: Any,
    came: tuple[Any, ...],
    went: tuple[Any, ...],
    place: dict[Any, int],
    end: int,
    leaf: torch.Tensor,
    lines: dict[Any, int],
    names: dict[Any, str],
) -> Step:
    incoming = [g for g in came if g is not None]
    single = incoming[0] if len(came) == 1 and len(incoming) == 1 else None
    onward = []
    for k, (following, _) in enumerate(node.next_functions):
        out = went[k] if k < len(went) else None
        to = end if getattr(following, "variable", None) is leaf else place.get(following)
        if out is None or to is None:
            continue
        onward.append(_onward(node, k, single, out.detach(), to))
    into = None if single is None else array_of(single)
    name = printable_name(operation_of(node), bounds.MAX_NAME)
    shape = () if single is None else tuple(single.shape)
    return Step(name, lines.get(node), into, shape, tuple(onward), names.get(node, ""))


def _onward(node: Any, k: int, came: torch.Tensor | None, out: torch.Tensor, to: int) -> Onward:
    shape = tuple(out.shape)
    small = array_of(out)
    if came is None or small is None or array_of(came) is None:
        return Onward(to, "other", (), None, small, shape)
    try:
        rule, view, local = _written(node, k, came.detach(), out)
    except Exception:  # noqa: BLE001 - a node that cannot be called by itself
        rule, view, local = "other", (), None
    kept = None if local is None else array_of(local)
    if local is not None and kept is None:
        rule, view = "other", ()
    return Onward(to, rule, view, kept, small, shape)


def _written(
    node: Any, k: int, came: torch.Tensor, out: torch.Tensor
) -> tuple[Rule, tuple[int, ...], torch.Tensor | None]:
    """The simplest rule that gives what the node gives: of what came, and of random numbers."""
    shape = tuple(out.shape)

    def full(g: torch.Tensor) -> torch.Tensor:
        """What the node makes of ``g``, before entries that share one number are added up."""
        made = node(g)
        one: torch.Tensor = made[k] if isinstance(made, tuple) else made
        return one.detach()

    drawn = torch.linspace(-1.7, 2.3, max(came.numel(), 1), dtype=came.dtype).sin()[: came.numel()] + 0.3
    drawn = drawn.reshape(came.shape)
    tried = [(came, out), (drawn, full(drawn).sum_to_size(shape))]

    def holds(rule: Callable[[torch.Tensor], torch.Tensor]) -> bool:
        try:
            return all(_same(rule(g), expected) for g, expected in tried)
        except RuntimeError:  # the shapes do not fit
            return False

    if came.shape == out.shape and holds(lambda g: g):
        return "same", (), None
    if came.numel() == out.numel() and holds(lambda g: g.reshape(shape)):
        return "reshaped", (), None
    if came.dim() == 2 and holds(lambda g: g.mT):
        return "transposed", (), None
    factor = full(torch.ones_like(came))
    for view in _views(tuple(came.shape), factor.dim()):
        if holds(lambda g, view=view: (g.reshape(view) * factor).sum_to_size(shape)):  # type: ignore[misc]
            return "times", view, factor
    for saved in (getattr(node, name, None) for name in _SAVED):
        if not isinstance(saved, torch.Tensor) or saved.dim() < 2:
            continue
        for other in (saved.detach(), saved.detach().mT):
            if holds(lambda g, d=other: d @ g):  # type: ignore[misc]
                return "left", (), other
            if holds(lambda g, d=other: g @ d):  # type: ignore[misc]
                return "right", (), other
    if came.numel() * out.numel() <= MOST_ENTRIES:
        units = torch.eye(came.numel(), dtype=came.dtype).reshape(came.numel(), *came.shape)
        rows = torch.stack([full(unit).sum_to_size(shape).reshape(-1) for unit in units])
        if holds(lambda g: (g.reshape(-1) @ rows).reshape(shape)):
            return "jacobian", (), rows
    return "other", (), None


def _views(shape: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    """``shape``, and the same with an axis of length one in each place."""
    yield shape
    if len(shape) < most:
        for n in range(len(shape), -1, -1):
            yield (*shape[:n], 1, *shape[n:])


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)


def array_of(tensor: torch.Tensor) -> Array | None:
    """A small tensor; None for a large one."""
    if tensor.numel() > MOST_ENTRIES:
        return None
    value = serialize(tensor.detach(), 1 << 16)
    return value.array if isinstance(value, Tensor) else None
