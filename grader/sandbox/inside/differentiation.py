"""Differentiation of a student's function by autograd: what comes of one question, or why nothing does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.model.job import Differentiate
from grader.model.observation import Differentiated, Outcome, Raised
from grader.model.values import Array, Tensor
from grader.model.wrong_gradients import GraphReading
from grader.sandbox.inside import own_functions
from grader.sandbox.inside.autograd import Backward, derivative, pick
from grader.sandbox.inside.calling import called
from grader.sandbox.inside.inplace import explained
from grader.sandbox.inside.serialize import raised, serialize, tensor_of


def differentiate(
    function: Callable[..., Any],
    arguments: list[torch.Tensor],
    task: Differentiate,
    room: int,
    backward: Backward,
) -> Outcome:
    """Do one :class:`Differentiate` task.

    :param arguments: fresh tensors of the task's arguments; those of ``wrt`` become leaves.
    :param room: bytes that the answer may hold.
    :param backward: the engine, fetched before the student's first line ran.
    """
    if task.how in ("forward", "gradcheck"):
        from grader.sandbox.inside import proving  # only an author's references are proved

        return proving.prove(function, arguments, task, room)

    def again() -> object:
        anew = [tensor_of(a).requires_grad_(i in task.wrt) for i, a in enumerate(task.args)]
        return derivative(
            pick(called(function, anew), task.output), [anew[i] for i in task.wrt], task, backward
        )

    leaves = [a.requires_grad_(True) if i in task.wrt else a for i, a in enumerate(arguments)]
    try:
        output = pick(called(function, leaves), task.output)
    except BaseException as error:  # noqa: BLE001
        return _value_only(function, task, room, explained(raised(error), again))
    value = serialize(output, room)
    mutated = mutations(task.args, leaves)
    if not issubclass(type(output), torch.Tensor):
        return Differentiated(value, problem="not-a-tensor", mutated=mutated)
    if type(output) is not torch.Tensor:
        # A subclass may answer for itself; the same tensor as a plain one cannot.
        try:
            with torch._C.DisableTorchFunction():
                output = torch.Tensor.as_subclass(output, torch.Tensor)
        except BaseException as error:  # noqa: BLE001
            return Differentiated(value, problem="raised", error=raised(error), mutated=mutated)
    if not (output.dtype.is_floating_point or output.dtype.is_complex):
        return Differentiated(value, problem="not-floating", mutated=mutated)
    if not output.requires_grad:
        return Differentiated(value, problem="no-graph", mutated=mutated)
    reading: GraphReading | None = None
    try:
        grads = derivative(output, [leaves[i] for i in task.wrt], task, backward)
        if task.wrong_gradients or task.sides:
            from grader.sandbox.inside.wrong_gradients import reading_of  # never needed by a student's job

            reading = reading_of(function, leaves, output, task, grads, room, backward)
        plain = tuple(serialize(g, room) for g in grads)
    except BaseException as error:  # noqa: BLE001
        said = explained(raised(error), again)
        return Differentiated(value, problem="raised", error=said, mutated=mutated)
    own, leads = own_functions.on_the_way(output, leaves[task.wrt[0]])
    return Differentiated(value, plain, reading=reading, mutated=mutated, own_function=own, leads=leads)


def _value_only(function: Callable[..., Any], task: Differentiate, room: int, error: Raised) -> Outcome:
    """The value of a function that fails on leaves only (it changes its input in place, say)."""
    try:
        output = pick(function(*[tensor_of(array) for array in task.args]), task.output)
        value = serialize(output, room)
    except BaseException:  # noqa: BLE001
        return error
    return Differentiated(value, problem="raised", error=error)


def mutations(given: tuple[Array, ...], now: list[torch.Tensor]) -> tuple[int, ...]:
    """Positions of the arguments that no longer hold the bytes they were made of."""
    return tuple(i for i, array in enumerate(given) if not _holds(now[i], array))


def _holds(tensor: torch.Tensor, array: Array) -> bool:
    if type(tensor) is torch.Tensor and tensor.shape == array.shape and tensor.layout is torch.strided:
        return tensor.detach().numpy().tobytes() == array.data
    return serialize(tensor, 1 << 62) == Tensor(array)
