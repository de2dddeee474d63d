"""Observation of a child: values, gradients, text, or how it died. Never a judgement."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from grader.model.tape import Shown, Tape
from grader.model.values import Array, Value
from grader.model.wrong_gradients import GraphReading

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
TimeLimit = Literal["processor", "asleep", "elapsed"]
"""Of a case or of a whole submission: processor time; time in which it ran or slept. Of a submission alone:
time by the wall.
"""
OF_ALL: Final = " of all"
"""Stands behind a :data:`TimeLimit` that was the whole submission's."""


class _Outcome(msgspec.Struct, frozen=True, tag_field="is"):
    """What came of one task."""


class Evidence(msgspec.Struct, frozen=True):
    """Where the predicted function was called while a prediction ran.

    :param nearby: at how many different points near, but not at, the input. :param at: also at the input.
    :param quotients: derivatives by finite differences of the values there, float64: each in the shape of
        the input, with NaN at entries for which there is none; and along other arguments, in the shape of the
        value. None of an input with many entries.
    """

    nearby: int = 0
    at: bool = False
    quotients: tuple[Array, ...] = ()

    @property
    def quotient(self) -> bool:
        """Whether a difference quotient can have been made of it: two points, not both the input."""
        return self.nearby + self.at >= 2


NO_GRAPH: Final = re.compile(r"does not require grad|does not have a grad_fn")
"""How torch's errors read where autograd is asked and has no graph."""


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
    culprit: int | None = None
    """For a change in place of what the way back needs: the line that made it (``line``: that noticed it)."""
    kinds: tuple[str, ...] = ()
    """Names of the classes its type derives from, nearest first, ``Exception`` left out."""
    absent: bool = False
    """Whether autograd was asked in a child in which it does not exist; added by the grader."""
    asked: int = 0
    """In such a child: the line of the file that asked it before this was raised; 0 where none did."""
    later: bool = False
    """Whether the same call returned where other functions of the file had been called before, and nothing
    says that this is for want of autograd; added by the grader."""
    stand_in: str = ""
    """What its message names of a module that is not here, in whose place an inert object stands."""
    unkept: int = 0
    """The line that read ``.grad`` of a tensor that is not a leaf, where it is None; 0 where none did."""


class Returned(_Outcome, frozen=True, tag="returned"):
    """The call returned."""

    value: Value
    mutated: tuple[int, ...] = ()
    """Positions of the arguments that the call changed in place."""
    evidence: Evidence | None = None
    roots: tuple[Value, ...] = ()
    """The values that the call differentiated, if the task asked for them."""
    asked: int = 0
    """Where autograd does not exist: the line of the file that asked it first; 0 where none did."""
    own_function: bool = False
    """Likewise: an ``autograd.Function`` of the student's own was applied to what requires a gradient."""
    unkept: int = 0
    """Of a call that returned None, as in :class:`Raised`."""


class Differentiated(_Outcome, frozen=True, tag="differentiated"):
    """The call returned and autograd was asked.

    :param grads: one per position of ``wrt``: a tensor or Nothing. Empty when ``problem`` is set.
    :param problem: why there is no gradient: ``not-a-tensor``, ``no-graph`` (the output does not
        require a gradient), ``not-floating``, or ``raised`` (then ``error`` says what).
    :param reading: what the graph tells beside the gradient, where a reference was asked for it.
    """

    value: Value
    grads: tuple[Value, ...] = ()
    problem: Literal["", "not-a-tensor", "no-graph", "not-floating", "raised"] = ""
    error: Raised | None = None
    reading: GraphReading | None = None
    mutated: tuple[int, ...] = ()
    own_function: bool = False
    """An ``autograd.Function`` of the student's own lies between the output and the input."""
    leads: bool = False
    """The graph leads to the first of ``wrt``, also where no gradient came; looked at only where one of the
    student's own is on the way."""
    unkept: int = 0
    """Of a call that returned None, as in :class:`Raised`."""


class Node(msgspec.Struct, frozen=True):
    """One operation, input or output of a traced function.

    :param does: ``input``; ``op``; ``decision`` (its truth value was asked for: a branch or a loop hangs
        on it); or ``leaves`` (it became a Python or numpy number, which autograd does not follow).
    :param name: the operation's name in torch, or the input's.
    :param grad: whether its result is connected to a leaf.
    :param line: of the student's file, from 1, that was being run: the innermost one. None for an input, and
        in a reference.
    """

    does: Literal["input", "op", "decision", "leaves"]
    name: str
    shape: tuple[int, ...] = ()
    grad: bool = False
    line: int | None = None


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


class Taped(_Outcome, frozen=True, tag="taped"):
    """The call returned, and its backward pass was written down.

    :param shown: of a line of given code: what it shows. None for anything else.
    """

    tape: Tape
    shown: Shown | None = None


class Defined(msgspec.Struct, frozen=True):
    """A function that the file defines, wherever.

    :param params: names of its parameters; None where they cannot be read off its head.
    :param place: where it stands: at the ``top`` of the file, in a ``class``, within another ``function``, or
        in a block that is only run where the file is the ``main`` program.
    :param inside: the name of that class or function.
    """

    name: str
    line: int
    params: tuple[str, ...] | None = None
    place: Literal["top", "class", "function", "main"] = "top"
    inside: str = ""


class Missing(_Outcome, frozen=True, tag="missing"):
    """The module defines no such function.

    :param found: the type of what has the name instead.
    :param near: what may have been meant, which the grader adds from :attr:`Loaded.defined`.
    """

    found: str | None = None
    near: Defined | None = None


class Misfit(_Outcome, frozen=True, tag="misfit"):
    """The function cannot be called with the arguments; ``signature`` is its own, e.g. ``f(x, y)``."""

    signature: str
    wanted: int


class Died(_Outcome, frozen=True, tag="died"):
    """The child died, or was killed, during this task.

    ``detail`` names the signal, or the thing that was tried; of a timeout, the limit that was met (a
    :data:`TimeLimit`, with :data:`OF_ALL` where it was the whole submission's).
    """

    cause: Cause
    detail: str = ""


class Skipped(_Outcome, frozen=True, tag="skipped"):
    """Not run: the submission's total time was spent, or the function had died too often already."""


Outcome = Raised | Returned | Differentiated | Traced | Taped | Missing | Misfit | Died | Skipped


class Note(msgspec.Struct, frozen=True):
    """Something outside of the functions that did not work while the file was run, and was passed over.

    :param what: the statement ``raised``; took too long and was stopped (``slow``); imports a module that
        is not here, in whose place an inert object stands (``absent``: ``name`` says which); waits for
        somebody to type (``breakpoint``); is in a cell that cannot be parsed (``unreadable``); or
        ended the process (``died``), so that it was left out at a
        second try.
    :param name: the error's type, the module, or how it died.
    """

    what: Literal["raised", "slow", "absent", "breakpoint", "died", "unreadable"]
    line: int | None
    name: str = ""
    message: str = ""
    stand_in: str = ""
    """Of an error, as in :class:`Raised`."""


class Loaded(msgspec.Struct, frozen=True):
    """The module was executed, statement by statement.

    :param failure: why nothing of it could be: it cannot be parsed, or how the child died.
    :param predictions: what the file assigned to ``PREDICTIONS``, if anything.
    :param misspelt: the name that it assigned instead: ``predictions``, say.
    :param notes: statements that failed while the others went on.
    :param defined: the functions of the file.
    """

    failure: Raised | Died | None = None
    predictions: Value | None = None
    misspelt: str = ""
    notes: tuple[Note, ...] = ()
    defined: tuple[Defined, ...] = ()


class Observation(msgspec.Struct, frozen=True):
    """Everything that was seen of one job."""

    loaded: Loaded
    outcomes: dict[str, Outcome]
    text: str = ""
    """What the code printed (standard output and error together) outside of hidden cases, capped."""
    loading_text: str = ""
    """The part of it that was printed while the file was loaded."""
    seconds: float = 0.0
    isolation: Literal["namespaces", "process"] = "namespaces"
