"""What a child is asked to do: code and inputs, never an expected value."""

from __future__ import annotations

import msgspec

from grader.model.exercise import Limits
from grader.model.values import Array


class _Task(msgspec.Struct, frozen=True, tag_field="op"):
    """One step of a job. ``id`` is unique in the job; ``function`` is looked up in the module."""

    id: str
    function: str


class Call(_Task, frozen=True, tag="call"):
    """Call ``function(*args)`` and send back what it returns.

    ``watch`` also sends the evidence of :class:`grader.model.observation.Evidence`, and
    records where ``watched`` (the function being predicted) is called meanwhile.
    """

    args: tuple[Array, ...] = ()
    watch: bool = False
    watched: str | None = None


class Differentiate(_Task, frozen=True, tag="differentiate"):
    """Call ``function`` on leaves that require a gradient, then ``torch.autograd.grad``.

    :param args: the arguments, in order.
    :param wrt: positions of the arguments that become leaves.
    :param cotangent: what the output is contracted with, in the output's shape; None means ones.
    :param seed: where ``cotangent`` is None and ``random`` is set, the cotangent is drawn in the
        child from this seed once the output's shape is known, so that it never is all ones.
    :param relatives: also take the wrong answers that can be read off the same graph
        (second derivative, with every ``detach`` undone). Only asked of references.
    """

    args: tuple[Array, ...] = ()
    wrt: tuple[int, ...] = ()
    cotangent: Array | None = None
    random: bool = False
    seed: int = 0
    relatives: bool = False


Task = Call | Differentiate


class Job(msgspec.Struct, frozen=True):
    """A source and what to do with it, in order. Tasks of predictions come first."""

    source: bytes
    tasks: tuple[Task, ...]
    limits: Limits = Limits()
    seed: int = 0
