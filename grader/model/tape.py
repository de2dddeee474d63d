"""Tape of a backward pass: what came into each operation's node, its local derivative, and what went on.

Two forms. :class:`Tape` is what the child observes of a reference, in arrays; :class:`TapePicture` is what is
shown of it, in plain numbers, beside the number of a student whose answer is wrong.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from grader.model.text import EMPTY, Text
from grader.model.values import Array, Plain

MOST_STEPS: Final = 48
MOST_ENTRIES: Final = 36
"""Of an array on a tape; of a larger one only the shape is known."""

Rule = Literal["same", "reshaped", "transposed", "times", "left", "right", "jacobian", "other"]
"""How a local derivative acts on what comes in, g: g itself; its entries in another shape; gᵀ; g times d
entry by entry (added up over entries that shared one number); d @ g; g @ d; g, flattened, times the Jacobian
d; or by a rule that is not written down here."""


class Onward(msgspec.Struct, frozen=True, array_like=True):
    """What goes on from a step.

    :param to: position of the step that it goes to.
    :param view: the shape in which what comes in is multiplied by ``local``.
    :param local: the local derivative; None where the rule has none.
    :param out: what goes on, in the shape of what stands there; None where it is too large.
    :param shape: its shape.
    """

    to: int
    rule: Rule
    view: tuple[int, ...] = ()
    local: Array | None = None
    out: Array | None = None
    shape: tuple[int, ...] = ()


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One node of the backward graph, in the order in which the pass reaches them.

    :param operation: ``mul``, what it is the backward of; ``leaf`` for where a gradient is gathered.
    :param line: of the reference's file; None where none is known.
    :param into: what comes in, added up over all edges; None where it is too large.
    :param shape: its shape.
    :param name: of the variable whose gradient comes in, where the code that made it was watched.
    """

    operation: str
    line: int | None = None
    into: Array | None = None
    shape: tuple[int, ...] = ()
    onward: tuple[Onward, ...] = ()
    name: str = ""


class Tape(msgspec.Struct, frozen=True, array_like=True):
    """One backward pass to one leaf, which is the last step. ``truncated``: there were more steps."""

    steps: tuple[Step, ...] = ()
    truncated: bool = False


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """What a line of given code shows after a backward pass.

    :param value: what it shows, a gradient or an entry of one.
    :param at: the index of that entry; empty for all of it.
    :param held: what the gradient was before the pass; None for none.
    :param leaf: the variable whose gradient it is; empty where it has no name there.
    :param output: what was differentiated, as it is written in the code.
    :param inputs: the leaves, by name.
    """

    value: Array
    at: tuple[int, ...] = ()
    held: Array | None = None
    leaf: str = ""
    output: str = ""
    inputs: dict[str, Array] = {}


class Move(msgspec.Struct, frozen=True):
    """What goes on from a step, to be shown: ``out`` and ``local`` as nested lists, None where unknown."""

    to: int
    rule: Rule
    local: Plain = None
    out: Plain = None
    shape: tuple[int, ...] = ()


class TapeStep(msgspec.Struct, frozen=True):
    """A step, to be shown.

    :param code: the line of the given code that does it; empty where none shows it.
    :param name: of the variable whose gradient comes in; empty where the exercise does not ask for it.
    :param yours: what the student says comes in, where the exercise asks for it; ``right``: whether it is so.
    """

    operation: str
    code: str = ""
    into: Plain = None
    shape: tuple[int, ...] = ()
    moves: tuple[Move, ...] = ()
    name: str = ""
    yours: Plain = None
    right: bool | None = None


class TapePicture(msgspec.Struct, frozen=True):
    """The backward pass that gives the right answer at the case that a verdict shows.

    :param check: the id of the check that did not pass. :param title: what it is called.
    :param call: what is differentiated, ``f(x)``. :param by: the input by which.
    :param yours: the student's answer at this case; ``right`` is what arrives.
    :param differs: the one step whose local derivative, left out, gives the student's answer exactly.
    :param dropped: of that step the edge (a position in its moves) along which nothing went; None where the
        step passed on what came in.
    :param asked: what a line of the given code shows, ``x.grad[0]``; empty where what arrives is the answer.
    :param held: what was in ``x.grad`` before; what arrives is added to it. None for nothing.
    :param stopped: whether more steps follow than are shown, because a number of the student's is wrong here.
    """

    check: str
    title: Text = EMPTY
    call: str = ""
    by: str = ""
    inputs: dict[str, Plain] = {}
    steps: tuple[TapeStep, ...] = ()
    yours: Plain = None
    right: Plain = None
    differs: int | None = None
    dropped: int | None = None
    asked: str = ""
    held: Plain = None
    stopped: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data that any JSON encoder writes validly."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain
