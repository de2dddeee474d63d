"""What happened in a child: values, gradients, text, or how it died. Never a judgement."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from grader.model.values import Value

REFUSED: Final[dict[int, str]] = {
    2001: "network",
    2002: "process",
    2003: "trace",
    2004: "mount",
    2005: "kernel",
    2006: "privilege",
}
"""Error numbers outside the kernel's range with which the jail refuses a call: what was tried."""

Cause = Literal["timeout", "memory", "output", "crashed", "forbidden", "malformed"]


class _Outcome(msgspec.Struct, frozen=True, tag_field="is"):
    """What came of one task."""


class Evidence(msgspec.Struct, frozen=True):
    """What else happened while a prediction ran.

    :param sequence: by how much autograd's C++ sequence counter moved; a formula moves it by 0.
    :param forward: whether a dual level was entered or a dual number made.
    :param complex: whether a complex tensor was made (the complex-step trick).
    :param nearby: how often the predicted function was called at a point that is near, but not at, the input.
    """

    sequence: int = 0
    forward: bool = False
    complex: bool = False
    nearby: int = 0


class Raised(_Outcome, frozen=True, tag="raised"):
    """The code raised. ``line`` is the last line of the student's own file in the traceback."""

    type: str
    message: str
    line: int | None = None
    column: int | None = None
    text: str = ""
    """That line of the source, for errors that carry one (syntax errors)."""
    errno: int | None = None
    own: bool = False
    """Whether a ``raise`` (or an ``assert``) of the student's own file made it."""
    kinds: tuple[str, ...] = ()
    """Names of the classes its type derives from, nearest first, ``Exception`` left out."""


class Returned(_Outcome, frozen=True, tag="returned"):
    """The call returned."""

    value: Value
    mutated: tuple[int, ...] = ()
    """Positions of the arguments that the call changed in place."""
    evidence: Evidence | None = None


class Differentiated(_Outcome, frozen=True, tag="differentiated"):
    """The call returned and autograd was asked.

    :param grads: one per position of ``wrt``: a tensor or Nothing. Empty when ``problem`` is set.
    :param problem: why there is no gradient: ``not-a-tensor``, ``no-graph`` (the output does not
        require a gradient), ``not-floating``, or ``raised`` (then ``error`` says what).
    """

    value: Value
    grads: tuple[Value, ...] = ()
    problem: Literal["", "not-a-tensor", "no-graph", "not-floating", "raised"] = ""
    error: Raised | None = None
    relatives: dict[str, Value] = {}
    mutated: tuple[int, ...] = ()


class Node(msgspec.Struct, frozen=True):
    """One operation, input or output of a traced function.

    :param does: ``input``; ``op``; ``decision`` (its truth value was asked for: a branch or a loop hangs
        on it); or ``leaves`` (it became a Python or numpy number, which autograd does not follow).
    :param name: the operation's name in torch, or the input's.
    :param grad: whether its result is connected to a leaf.
    """

    does: Literal["input", "op", "decision", "leaves"]
    name: str
    shape: tuple[int, ...] = ()
    grad: bool = False


class Graph(msgspec.Struct, frozen=True):
    """What a function did with its inputs, in the order in which it did it.

    :param edges: (from, to) positions in ``nodes``.
    :param cut: those edges along which no gradient flows back although one could.
    :param output: position of the node that made the result; None when it is none of them.
    :param reached: the arguments that autograd still reaches from the output.
    :param truncated: there was more than is shown.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    cut: tuple[tuple[int, int], ...] = ()
    output: int | None = None
    reached: tuple[int, ...] = ()
    truncated: bool = False


class Traced(_Outcome, frozen=True, tag="traced"):
    """The call returned and its operations were written down."""

    graph: Graph


class Missing(_Outcome, frozen=True, tag="missing"):
    """The module defines no such function. ``found`` names the type of what it is instead."""

    found: str | None = None


class Misfit(_Outcome, frozen=True, tag="misfit"):
    """The function cannot be called with the arguments; ``signature`` is its own, e.g. ``f(x, y)``."""

    signature: str
    wanted: int


class Died(_Outcome, frozen=True, tag="died"):
    """The child died, or was killed, during this task.

    ``detail`` names the signal, or the thing that was tried.
    """

    cause: Cause
    detail: str = ""


class Skipped(_Outcome, frozen=True, tag="skipped"):
    """Not run: the submission's total time was spent, or the function had died too often already."""


Outcome = Raised | Returned | Differentiated | Traced | Missing | Misfit | Died | Skipped


class Loaded(msgspec.Struct, frozen=True):
    """The module was executed.

    :param failure: what stopped it: an error it raised, or how the child died.
    :param predictions: what the file assigned to ``PREDICTIONS``, if anything.
    """

    failure: Raised | Died | None = None
    predictions: Value | None = None


class Observation(msgspec.Struct, frozen=True):
    """Everything that was seen of one job."""

    loaded: Loaded
    outcomes: dict[str, Outcome]
    text: str = ""
    """What the code printed (standard output and error together), capped."""
    seconds: float = 0.0
    isolation: Literal["namespaces", "process"] = "namespaces"
