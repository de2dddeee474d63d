"""Wrong answers read off a reference's own autograd graph, by the code that names them.

Asked of references only. A key is a code, or ``code:n:label``: one wrong answer of several, with
what a message needs to name it (``u|mul``: the variable, if it has a name, and the operation; ``@1|``:
the function's argument in this place). ``value/…`` is a wrong value, not a wrong gradient. ``sums`` and
``means`` hold over how many entries the function adds up or takes a mean; ``independent`` the pairs of
edges neither of which lies behind the other. A ``*`` before the operation: all places of the kind at once.

How: :mod:`grader.sandbox.inside.edges` changes one thing in the graph and goes backward once more. Each
``detach`` (and each ``no_grad`` block) is undone by running the function under a mode that leaves it out.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable
from typing import Any, Final

import torch

from grader.model.job import Differentiate
from grader.model.values import Value
from grader.sandbox.inside.differentiation import (
    Backward,
    _derivative,
    cotangent,
    jacobian,
    jvp,
    pick,
    vector_of,
    vjp,
)
from grader.sandbox.inside.edges import Edges
from grader.sandbox.inside.naming import Names, WithoutCut
from grader.sandbox.inside.portable import portable
from grader.sandbox.inside.steps import written_out

MAX_DETACHES: Final = 8
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
        add(lambda: _by_other_inputs(function, leaves, task, backward))
        add(lambda: _other_rounds(function, leaves, task, backward))
        if task.how == "vjp" and task.cotangent is not None and output.dim() > 0:
            add(lambda: _of_cotangent(output, leaf, task, backward))
        if task.how == "vjp" and task.order == 1 and task.random:
            add(lambda: _incoming_ignored(output, leaf, task, backward))
        if task.how in ("higher-order", "hvp") or task.order > 1:
            add(lambda: _of_order(output, leaf, task, backward))
        if task.how == "vjp" and task.order == 1:
            add(lambda: _second(leaf, right, backward))
            add(lambda: _exponent_stays(leaf, right, backward))
            names = Names(function)
            # What reads off the graph needs one that nobody has differentiated.
            fresh = _fresh(leaves, task)
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
    return {key: portable(value, room) for key, value in found.items()}


def _fresh(leaves: list[torch.Tensor], task: Differentiate) -> list[torch.Tensor]:
    return [a.detach().clone().requires_grad_(i in task.wrt) for i, a in enumerate(leaves)]


def _counts(edges: Edges) -> dict[str, torch.Tensor]:
    sums, means = edges.counts()
    found = {"sums": torch.tensor(sorted(sums)), "means": torch.tensor(sorted(means))}
    return found | {f"value/{key}": counts for key, counts in found.items()}


def _in_steps(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """What can be left out inside of calls that do many steps at once, such as softmax."""
    names = Names(function)
    fresh = _fresh(leaves, task)
    with names.listening(), written_out() as inside:
        output = pick(function(*fresh), task.output)
    if not inside or not isinstance(output, torch.Tensor) or not output.requires_grad:
        return {}
    edges = Edges(output, fresh[task.wrt[0]], cotangent(output, task), names, backward, inside)
    return edges.wrong() | edges.more()


def _by_other_inputs(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """The same question about each of the other inputs."""
    found: dict[str, torch.Tensor] = {}
    for position, other in enumerate(leaves):
        if position in task.wrt or not other.is_floating_point():
            continue
        fresh = [a.detach().clone().requires_grad_(i == position) for i, a in enumerate(leaves)]
        with contextlib.suppress(Exception):  # a vector that goes with the first input need not fit
            output = pick(function(*fresh), task.output)
            (gradient,) = _derivative(output, [fresh[position]], _plain(task), backward)
            if gradient is not None:
                found[f"by-another-input:{position}:@{position}|"] = gradient
    return found


def _plain(task: Differentiate) -> Differentiate:
    """The task without the graph of the gradient, which only relatives need."""
    return Differentiate(
        **{name: getattr(task, name) for name in task.__struct_fields__} | {"relatives": False}
    )


def _other_rounds(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """Value and gradient with one round less, and one more, of every loop over a ``range``."""
    found: dict[str, torch.Tensor] = {}
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
                fresh = _fresh(leaves, task)
                output = pick(function(*fresh), task.output)
                if not asked:
                    return {}
                found[f"value/off-by-one:{name}:|{name}"] = output.detach()
                (gradient,) = _derivative(output, [fresh[i] for i in task.wrt], _plain(task), backward)
                if gradient is not None:
                    found[f"off-by-one:{name}:|{name}"] = gradient
        finally:
            if before is shifted:
                del scope["range"]
            else:
                scope["range"] = before
    return found


def _exponent_stays(leaf: torch.Tensor, right: torch.Tensor, backward: Backward) -> dict[str, torch.Tensor]:
    """n xⁿ for n xⁿ⁻¹, where the function is a power: x f″ = (n − 1) f′ with one whole n at every entry."""
    second, right, leaf = _second(leaf, right, backward)["second-derivative"], right.detach(), leaf.detach()
    there = (right != 0) & (leaf != 0)
    if not bool(there.any()):
        return {}
    n = (leaf * second)[there] / right[there] + 1
    whole = round(float(n.reshape(-1)[0]))
    if whole < 2 or not torch.allclose(n, torch.full_like(n, float(whole)), rtol=1e-9):
        return {}
    return {"off-by-one:exponent:|exponent": right * leaf}


def _incoming_ignored(
    output: torch.Tensor, leaf: torch.Tensor, task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """What comes of a backward that does not multiply by the gradient that comes in."""
    drawn = cotangent(output, task)
    if bool((drawn == 1).all()):
        return {}
    (without,) = vjp(output, torch.ones_like(drawn), (leaf,), backward, keep=True)
    return {} if without is None else {"incoming-ignored": without}


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
    return found | Edges(lower, leaf, contraction, None, backward).wrong()


def _of_parts(
    function: Callable[..., Any], leaves: list[torch.Tensor], task: Differentiate, backward: Backward
) -> dict[str, torch.Tensor]:
    """The derivative of each named intermediate by itself: all that comes after it is left out."""
    found: dict[str, torch.Tensor] = {}
    fresh = _fresh(leaves, task)
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


def _undetached(
    function: Callable[..., Any],
    leaves: list[torch.Tensor],
    task: Differentiate,
    names: Names,
    backward: Backward,
) -> dict[str, torch.Tensor]:
    """The gradient with each cut undone, and with all of them."""
    found: dict[str, torch.Tensor] = {}
    cuts = names.detached[:MAX_DETACHES]
    which: list[int | None] = [*range(len(cuts))] if len(cuts) != 1 else []
    for n in (*which, *([None] if cuts else [])):
        fresh = _fresh(leaves, task)
        with WithoutCut(n):
            output = pick(function(*fresh), task.output)
        if not output.requires_grad:
            continue
        (undone,) = vjp(output, cotangent(output, task), (fresh[task.wrt[0]],), backward)
        if undone is not None:
            held = cuts[n if n is not None else 0] if len(cuts) == 1 or n is not None else None
            label = names.of_tensor(held) if isinstance(held, torch.Tensor) else ""
            found[f"undetached:{'all' if n is None else n}:{label}|"] = undone
    return found
