"""Wrong gradients, read off a reference's own autograd graph: what a student may hand in, by which mistake.

Asked of references only. :mod:`grader.sandbox.inside.edges` changes one thing in the graph and goes
backward once more. Each ``detach`` (and each ``no_grad`` block) is undone by running the function under a
mode that leaves it out. The right answers to other questions are in
:mod:`grader.sandbox.inside.other_questions`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final

import torch

from grader.model.job import Differentiate
from grader.model.values import Array, Tensor
from grader.model.wrong_gradients import GraphReading, Label, Mistake, WrongGradient
from grader.sandbox import bounds
from grader.sandbox.inside.autograd import Backward, cotangent, pick, vjp
from grader.sandbox.inside.edges import Edges, Gradients, Wrong
from grader.sandbox.inside.naming import Names, WithoutCut
from grader.sandbox.inside.other_questions import (
    by_other_inputs,
    exponent_stays,
    fresh_leaves,
    incoming_ignored,
    of_cotangent,
    of_order,
    of_shape,
    other_rounds,
    second_derivative,
)
from grader.sandbox.inside.serialize import printable_name, serialize
from grader.sandbox.inside.steps import written_out

MAX_DETACHES: Final = 8
_STEP: Final = 1e-6
"""How far to either side of a kink, relative to the entry."""
_MAX_SIDES: Final = 64


def reading_of(
    function: Callable[..., Any],
    leaves: list[torch.Tensor],
    output: torch.Tensor,
    task: Differentiate,
    grads: tuple[torch.Tensor | None, ...],
    room: int,
    backward: Backward,
) -> GraphReading:
    """What a student may hand in instead of ``grads[0]``, and what else the graph tells.

    :param output: what ``function`` made of ``leaves``, in any shape.
    :param grads: its gradients, as ``task`` asks.
    :param room: bytes that each array may hold.
    :raises ResultTooLarge: one holds more.
    """
    sides: tuple[torch.Tensor, torch.Tensor] | None = None
    wrong = Wrong()
    if not output.is_complex() and not any(leaf.is_complex() for leaf in leaves):
        if task.sides:
            sides = _sides(function, leaves, task, backward)
        if task.wrong_gradients and grads[0] is not None:
            _read(function, leaves, output, task, grads[0], backward, wrong)
    low, high = sides or (None, None)
    return GraphReading(
        wrong=tuple(
            WrongGradient(_bounded(mistake), array)
            for mistake, gradient in wrong.gradients.items()
            if (array := _array(gradient, room)) is not None
        ),
        sums=_sorted(wrong.sums),
        means=_sorted(wrong.means),
        independent=None if wrong.independent is None else tuple(wrong.independent),
        low=_array(low, room),
        high=_array(high, room),
        cotangent=_array(cotangent(output, task), room) if task.random else None,
    )


def _array(tensor: torch.Tensor | None, room: int) -> Array | None:
    value = serialize(tensor, room)
    return value.array if isinstance(value, Tensor) else None


def _sorted(counts: set[int] | None) -> tuple[int, ...] | None:
    return None if counts is None else tuple(sorted(counts))


def _bounded(mistake: Mistake) -> Mistake:
    """The same, with no name that is longer than what may be said."""
    at = mistake.label
    names = (mistake.place, at.variable, at.operation)
    if max(map(len, names)) <= bounds.MAX_NAME:
        return mistake
    place, variable, operation = (printable_name(name, bounds.MAX_NAME) for name in names)
    return Mistake(
        mistake.code, place, Label(variable, operation, at.everywhere, at.argument), mistake.of_value
    )


def _read(
    function: Callable[..., Any],
    leaves: list[torch.Tensor],
    output: torch.Tensor,
    task: Differentiate,
    right: torch.Tensor,
    backward: Backward,
    wrong: Wrong,
) -> None:
    """Gather in ``wrong`` all that can be read beside the gradient ``right``."""
    leaf = leaves[task.wrt[0]]

    def add(read: Callable[[], Gradients | Wrong]) -> None:
        # A function that cannot be differentiated twice, or has complex numbers on its way, has fewer.
        with contextlib.suppress(Exception):
            wrong.add(read())

    add(lambda: of_shape(output, leaf, task, right, backward))
    add(lambda: by_other_inputs(function, leaves, task, backward))
    add(lambda: other_rounds(function, leaves, task, backward))
    if task.how == "vjp" and task.cotangent is not None and output.dim() > 0:
        add(lambda: of_cotangent(output, leaf, task, backward))
    if task.how == "vjp" and task.order == 1 and task.random:
        add(lambda: incoming_ignored(output, leaf, task, backward))
    if task.how in ("higher-order", "hvp") or task.order > 1:
        add(lambda: of_order(output, leaf, task, backward))
    if task.how == "vjp" and task.order == 1:
        add(lambda: second_derivative(leaf, right, backward))
        add(lambda: exponent_stays(leaf, right, backward))
        names = Names(function)
        # What reads off the graph needs one that nobody has differentiated.
        fresh = fresh_leaves(leaves, task)
        with names.listening():
            again = pick(function(*fresh), task.output)
        source = fresh[task.wrt[0]]
        if isinstance(again, torch.Tensor) and again.requires_grad:
            edges = Edges(again, source, cotangent(again, task), names, backward)
            add(edges.wrong)
            add(edges.more)
            add(lambda: _counts(edges))
        add(lambda: _in_steps(function, leaves, task, backward))
        add(lambda: _undetached(function, leaves, task, names, backward))
        add(lambda: _of_parts(function, leaves, task, backward))


def _counts(edges: Edges) -> Wrong:
    sums, means = edges.counts()
    return Wrong(sums=sums, means=means)


def _in_steps(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> Wrong:
    """What can be left out inside of calls that do many steps at once, such as softmax."""
    names = Names(function)
    fresh = fresh_leaves(leaves, task)
    with names.listening(), written_out() as inside:
        output = pick(function(*fresh), task.output)
    if not inside or not isinstance(output, torch.Tensor) or not output.requires_grad:
        return Wrong()
    edges = Edges(output, fresh[task.wrt[0]], cotangent(output, task), names, backward, inside)
    found = edges.wrong()
    found.add(edges.more())
    return found


def _of_parts(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> Gradients:
    """The derivative of each named intermediate by itself: all that comes after it is left out."""
    found: Gradients = {}
    fresh = fresh_leaves(leaves, task)
    leaf = fresh[task.wrt[0]]
    names = Names(function)
    with names.listening(), WithoutCut(None):
        output = pick(function(*fresh), task.output)
    for name, tensor in names.held():
        if not tensor.requires_grad or tensor is leaf or tensor is output or len(found) >= MAX_DETACHES:
            continue
        drawn = cotangent(output, task)
        if drawn.dim() == 0 or drawn.shape == tensor.shape:  # as f would be asked, if it ended here
            contraction = drawn.expand(tensor.shape)
        else:
            contraction = torch.ones_like(tensor).detach()
        (part,) = vjp(tensor, contraction, (leaf,), backward, keep=True)
        if part is not None:
            found[Mistake("missing-factor", f"after-{name}", Label(name, "after"))] = part
    return found


def _sides(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """The least and the greatest derivative a little to either side, entry by entry."""
    position = task.wrt[0]
    start = leaves[position].detach()
    if start.numel() > _MAX_SIDES:
        return None
    low = high = torch.zeros_like(start)
    first = True
    for i in range(start.numel()):
        for sign in (-1.0, 1.0):
            moved = start.clone().reshape(-1)
            moved[i] += sign * _STEP * max(1.0, abs(float(moved[i])))
            inputs = fresh_leaves(leaves, task)
            inputs[position] = moved.reshape(start.shape).requires_grad_(True)
            output = pick(function(*inputs), task.output)
            there = None
            if output.requires_grad:
                (there,) = vjp(output, cotangent(output, task), (inputs[position],), backward)
            there = torch.zeros_like(start) if there is None else there
            low, high = (there, there) if first else (torch.minimum(low, there), torch.maximum(high, there))
            first = False
    return None if first else (low, high)


def _undetached(
    function: Callable[..., Any],
    leaves: list[torch.Tensor],
    task: Differentiate,
    names: Names,
    backward: Backward,
) -> Gradients:
    """The gradient with each cut undone, and with all of them."""
    found: Gradients = {}
    cuts = names.detached[:MAX_DETACHES]
    which: list[int | None] = [*range(len(cuts))] if len(cuts) != 1 else []
    for n in (*which, *([None] if cuts else [])):
        fresh = fresh_leaves(leaves, task)
        with WithoutCut(n):
            output = pick(function(*fresh), task.output)
        if not output.requires_grad:
            continue
        (undone,) = vjp(output, cotangent(output, task), (fresh[task.wrt[0]],), backward)
        if undone is not None:
            held = cuts[n if n is not None else 0] if len(cuts) == 1 or n is not None else None
            name = names.of_tensor(held) if isinstance(held, torch.Tensor) else ""
            place = "all" if n is None else str(n)
            found[Mistake("undetached", place, Label(name))] = undone
    return found
