"""Wrong gradients that a reference's own autograd graph tells of, as they cross the boundary of the jail.

Each is what a student hands in who makes one mistake: which one (:class:`Mistake`), and the numbers. Read off
references only (:mod:`grader.sandbox.inside.wrong_gradients`).
"""

from __future__ import annotations

import msgspec

from grader.model.values import Array


class Label(msgspec.Struct, frozen=True, array_like=True):
    """How a sentence may call a place in a graph.

    :param variable: the variable that holds what is made there; empty where it has no name.
    :param operation: of torch, ``mul``; a step inside of a call is ``softmax.div``. Or what else was done:
        ``cotangent`` (the vector was left out), ``after`` (all that follows was), ``fewer`` and ``more``
        rounds of a loop, ``exponent``, ``count``, ``transposed``, ``exchanged``, ``both``.
    :param everywhere: all places of the kind are meant at once.
    :param argument: the function's argument in this place, counted from 0, in the place of ``variable``.
    """

    variable: str = ""
    operation: str = ""
    everywhere: bool = False
    argument: int | None = None


NO_LABEL = Label()


class Mistake(msgspec.Struct, frozen=True, array_like=True):
    """One mistake at one place.

    :param code: one of :data:`grader.model.report.CODES`.
    :param place: tells several of one code apart: a node of the graph, ``3``, or an edge, ``3.1``. Empty
        where there is only one.
    :param of_value: it makes a wrong value of f, not a wrong gradient.
    """

    code: str
    place: str = ""
    label: Label = NO_LABEL
    of_value: bool = False


class WrongGradient(msgspec.Struct, frozen=True, array_like=True):
    """What comes of one mistake, in the shape of the right answer or in another."""

    mistake: Mistake
    array: Array


class GraphReading(msgspec.Struct, frozen=True):
    """What the graph of a reference tells beside its gradient.

    :param sums: over how many entries the function adds up somewhere; None where that is not known.
    :param means: over how many it takes a mean; None where that is not known.
    :param independent: pairs of edges, as places, neither of which lies behind the other; None where that is
        not known.
    :param low: the least derivative a little to either side, entry by entry. :param high: the greatest.
    :param cotangent: what the output was contracted with, where it was drawn in the child.
    """

    wrong: tuple[WrongGradient, ...] = ()
    sums: tuple[int, ...] | None = None
    means: tuple[int, ...] | None = None
    independent: tuple[tuple[str, str], ...] | None = None
    low: Array | None = None
    high: Array | None = None
    cotangent: Array | None = None
