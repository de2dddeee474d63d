"""Job: what a child is asked to do, code and inputs, never an expected value."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model.exercise import Limits
from grader.model.values import Array


class _Task(msgspec.Struct, frozen=True, tag_field="op"):
    """One step of a job. ``id`` is unique in the job; ``function`` is looked up in the module."""

    id: str
    function: str


class Call(_Task, frozen=True, tag="call"):
    """Call ``function(*args)`` and send back what it returns.

    :param watched: name of a function of the module; it is noted at which points near the first argument
        it is called meanwhile (:class:`grader.model.observation.Evidence`).
    :param roots: also send the values that are differentiated meanwhile. Only asked of references.
    :param bare: where autograd does not exist, an ``autograd.Function`` of one's own has no graph either.
    """

    args: tuple[Array, ...] = ()
    watched: str | None = None
    roots: bool = False
    bare: bool = False


How = Literal["vjp", "jvp", "jacobian", "hvp", "higher-order", "forward", "gradcheck"]


class Differentiate(_Task, frozen=True, tag="differentiate"):
    """Call ``function`` on leaves that require a gradient, then ask autograd.

    :param args: the arguments, in order.
    :param wrt: positions of the arguments that become leaves.
    :param how: what is asked for, by the first of ``wrt``: a vjp (``torch.autograd.grad``); a jvp along
        ``vector``; the whole jacobian (shape of the output, then of the input); the hessian of the
        contracted output times ``vector``; or the derivative of order ``order``, each time of the sum.
        To prove an exercise: a jvp by ``forward`` mode, or whether ``gradcheck`` is content (1 or 0).
    :param output: which output, where the function returns a tuple or a dict.
    :param cotangent: what the output is contracted with, in the output's shape; None means ones.
    :param vector: in the shape of the first of ``wrt``.
    :param seed: where ``cotangent`` is None and ``random`` is set, the cotangent is drawn in the
        child from this seed once the output's shape is known, so that it never is all ones.
    :param wrong_gradients: also take the wrong answers that can be read off the same graph (second
        derivative, each ``detach`` undone, each edge cut, each local derivative left out). Only asked
        of references.
    :param sides: also differentiate a little to either side, entry by entry. Only asked of references.
    :param custom: ``function`` has to be a class derived from ``torch.autograd.Function``; its ``apply`` is
        called, and the backward is the student's own.
    """

    args: tuple[Array, ...] = ()
    wrt: tuple[int, ...] = ()
    how: How = "vjp"
    order: int = 1
    output: int | str | None = None
    cotangent: Array | None = None
    vector: Array | None = None
    random: bool = False
    seed: int = 0
    wrong_gradients: bool = False
    sides: bool = False
    custom: bool = False


class Trace(_Task, frozen=True, tag="trace"):
    """Call ``function`` on leaves and write down the operations: the graph, and where it is cut."""

    args: tuple[Array, ...] = ()
    names: tuple[str, ...] = ()
    """What the arguments are called, one for each."""
    wrt: tuple[int, ...] = ()
    output: int | str | None = None


class Play(_Task, frozen=True, tag="play"):
    """Differentiate ``function`` by one argument and write down every step of the way back. Only asked of
    references.

    :param wrt: the position of that argument.
    :param cotangent: what the output is contracted with; None means ones.
    :param code: given code in which ``function`` is defined, instead of the reference; then each step says
        the gradient of which variable comes in.
    """

    args: tuple[Array, ...] = ()
    wrt: int = 0
    output: int | str | None = None
    cotangent: Array | None = None
    code: str = ""


class PlayLine(_Task, frozen=True, tag="play-line"):
    """Run given code up to a line that shows a gradient, and write down the last backward pass before it that
    led there. Never asked of a student's code. ``function`` is empty.

    :param line: from 1; ``x.grad`` stands there, an entry of it, or a call that returns a gradient.
    """

    code: str = ""
    line: int = 1


Task = Call | Differentiate | Trace | Play | PlayLine


PATIENCE = 4.0
ASLEEP = 2.0
"""So many times its limit of processor time may code take that sleeps or is blocked: enough for what reads a
file from a slow disk, and little for a slot that others wait for."""
BUSY = 5.0
"""So many times the whole submission's limit may it take by the wall, also where other programs had the
processors."""
SCRATCH_BYTES = 16 * 2**20
"""Size of a child's own ``/tmp``, which counts as memory."""


class Job(msgspec.Struct, frozen=True):
    """A source and what to do with it, in order.

    :param autograd: False: in a child in which autograd does not exist (predictions are made there).
    :param shown: so many of the first tasks may be seen by who wrote the source: what is printed while they
        run is kept. The others reach the child when these are answered, and what it prints from then on is
        not kept. None: all.
    :param extra: so many of the last tasks are asked for our own sake, to compare: each has
        :data:`PATIENCE` times the time of a case.
    :param skip: lines of statements outside of functions that are not run, because a child died there.
    """

    source: bytes
    tasks: tuple[Task, ...]
    limits: Limits = Limits()
    seed: int = 0
    autograd: bool = True
    shown: int | None = None
    extra: int = 0
    skip: tuple[int, ...] = ()
