"""Pictures of a submission, as data: a curve with its gradients, and the graph that autograd recorded.

Every number in them is finite, every list is bounded, and every name, which may be what hostile
code called itself, is short and printable. Whoever draws them (a page, a terminal) still writes
names as text and never as markup.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from grader.model.observation import Graph, Node
from grader.model.tape import TapePicture
from grader.model.text import EMPTY, Text
from grader.model.values import Plain, json_number

MAX_POINTS: Final = 121
"""At so many points is a function asked. Stretches have some more where it is steep."""
MAX_NODES: Final = 64
MAX_EDGES: Final = 256
MAX_NAME: Final = 40
_MAX_DIMENSIONS: Final = 16
_REFLECTED: Final = {f"r{name}": name for name in ("add", "sub", "mul", "div", "truediv", "pow", "matmul")}
"""``1 / x`` is a division, whichever of the two was asked to do it."""

Stretch = tuple[tuple[float, float], ...]
"""Points (x, y) that may be joined by a line, by x; a single one is a dot."""


class Series(msgspec.Struct, frozen=True):
    """Three curves over one axis, each in stretches: where one ends and the next begins there is a
    jump, a kink (of a gradient), or no finite number.

    :param f: values of the student's own function.
    :param truth: what ``torch.autograd.grad`` says; empty where there is nothing to say it by, or
        nothing yet that it could be compared with.
    :param predicted: what the student's prediction says.
    """

    f: tuple[Stretch, ...] = ()
    truth: tuple[Stretch, ...] = ()
    predicted: tuple[Stretch, ...] = ()


class Break(msgspec.Struct, frozen=True):
    """A place at which a series jumps, between two floating-point numbers next to one another.

    :param x: the place.
    :param left: what the series comes to from the left; likewise ``right``.
    :param at: what it is at the place itself, where that was asked.
    :param kink: of a gradient: the function is continuous here and bends, and ``left`` and ``right`` are its
        one-sided slopes (difference quotients agree).
    """

    x: float
    left: float
    right: float
    at: float | None = None
    kink: bool = False


class Breaks(msgspec.Struct, frozen=True):
    """The jumps of each series, by x. Not every gap between two stretches is one: where it could not be
    told whether a function jumps or is only steep, there is a gap and no jump.
    """

    f: tuple[Break, ...] = ()
    truth: tuple[Break, ...] = ()
    predicted: tuple[Break, ...] = ()


class Curve(msgspec.Struct, frozen=True):
    """A function of one number, and its gradient.

    :param input: what the number is called.
    :param function: what the student's function is called.
    :param prediction: what the student's function that predicts its gradient is called, if one is asked for.
    :param xs: the points at which it was asked, rising; at most :data:`MAX_POINTS`.
    :param breaks: where the series jump.
    :param withheld: the true gradient is known and not shown, because no prediction stands beside it.
    """

    input: str
    function: str
    prediction: str | None
    xs: tuple[float, ...]
    series: Series
    breaks: Breaks = Breaks()
    withheld: bool = False


class GraphNode(msgspec.Struct, frozen=True):
    """One operation or input; see :class:`grader.model.observation.Node`. ``id`` is its position.

    :param line: of the student's code, from 1; None where none is known.
    """

    id: int
    does: Literal["input", "op", "decision", "leaves"]
    name: str
    shape: tuple[int, ...] = ()
    grad: bool = False
    line: int | None = None


class GraphPicture(msgspec.Struct, frozen=True):
    """What the student's function did with its inputs at one visible case.

    :param function: what the function is called.
    :param inputs: the case's inputs, as plain data. :param case: what the case is called.
    :param failed: the verdict shows this case as one at which a check does not pass.
    :param edges: (from, to) ids, forwards; at most :data:`MAX_EDGES` between at most :data:`MAX_NODES`.
    :param cut: those edges along which no gradient flows back although one could.
    :param output: id of the node that made the result; None when it is none of them.
    :param reached: names of the inputs that autograd still reaches from the result.
    :param unreached: names of those that it could reach and does not.
    :param truncated: there was more than is shown.
    :param cut_off: lines at which every way to an input ends that the reference's gradient reaches.
    :param severed: else, lines at which one way ends, while the reference cuts none.
    """

    function: str
    inputs: dict[str, Plain] = {}
    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    cut: tuple[tuple[int, int], ...] = ()
    output: int | None = None
    reached: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    truncated: bool = False
    case: Text = EMPTY
    failed: bool = False
    cut_off: tuple[int, ...] = ()
    severed: tuple[int, ...] = ()


class Pictures(msgspec.Struct, frozen=True):
    """What can be drawn of one submission; None for what cannot.

    :param others: the graph at other visible cases.
    :param tapes: of each wrong prediction the backward pass that gives the right one.
    """

    curve: Curve | None = None
    graph: GraphPicture | None = None
    others: tuple[GraphPicture, ...] = ()
    tapes: tuple[TapePicture, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data that any JSON encoder writes validly."""
        return {
            "curve": _curve_json(self.curve),
            "graph": _graph_json(self.graph),
            "others": [_graph_json(graph) for graph in self.others],
            "tapes": [tape.to_json() for tape in self.tapes],
        }


def picture_of(
    graph: Graph, function: str, names: tuple[str, ...], inputs: dict[str, Plain], lines: int = 0
) -> GraphPicture:
    """``graph`` as a picture.

    :param names: what the traced function's arguments are called, in order.
    :param inputs: what they were.
    :param lines: so many lines has the code: a node that claims another one has none.
    """
    shown = graph.nodes[:MAX_NODES]
    inside = [(a, b) for a, b in graph.edges if a < len(shown) and b < len(shown)][:MAX_EDGES]
    reached = tuple(names[i] for i in graph.reached if i < len(names))
    # A traced function's arguments are its first nodes, in order; those that ask for a gradient are leaves.
    leaves = [name for name, node in zip(names, shown, strict=False) if node.does == "input" and node.grad]
    return GraphPicture(
        function=function,
        inputs=inputs,
        nodes=tuple(
            GraphNode(
                i,
                node.does,
                _called(node),
                node.shape[:_MAX_DIMENSIONS],
                node.grad,
                _within(node.line, lines),
            )
            for i, node in enumerate(shown)
        ),
        edges=tuple(inside),
        cut=tuple(edge for edge in inside if edge in graph.cut),
        output=graph.output if graph.output is not None and graph.output < len(shown) else None,
        reached=reached,
        unreached=tuple(name for name in leaves if name not in reached),
        truncated=graph.truncated or len(shown) < len(graph.nodes) or len(inside) < len(graph.edges),
    )


def _within(line: int | None, lines: int) -> int | None:
    return line if line is not None and 1 <= line <= lines else None


def _called(node: Node) -> str:
    return printable(_REFLECTED.get(node.name, node.name) if node.does == "op" else node.name)


def printable(name: str) -> str:
    """``name``, short, and without what moves a cursor or turns the writing round."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:MAX_NAME])


def _curve_json(curve: Curve | None) -> dict[str, Any] | None:
    if curve is None:
        return None
    series = {"f": curve.series.f, "truth": curve.series.truth, "predicted": curve.series.predicted}
    return {
        "input": curve.input,
        "function": curve.function,
        "prediction": curve.prediction,
        "x": [json_number(x) for x in curve.xs],
        "series": {
            name: [[[json_number(x), json_number(y)] for x, y in stretch] for stretch in stretches]
            for name, stretches in series.items()
        },
        "breaks": {
            name: [_break_json(each) for each in found]
            for name, found in (
                ("f", curve.breaks.f),
                ("truth", curve.breaks.truth),
                ("predicted", curve.breaks.predicted),
            )
        },
        "withheld": curve.withheld,
    }


def _break_json(each: Break) -> dict[str, Any]:
    return {
        "x": json_number(each.x),
        "left": json_number(each.left),
        "right": json_number(each.right),
        "at": None if each.at is None else json_number(each.at),
        "kink": each.kink,
    }


def _graph_json(graph: GraphPicture | None) -> dict[str, Any] | None:
    if graph is None:
        return None
    return {
        "function": graph.function,
        "inputs": graph.inputs,
        "nodes": [
            {
                "id": n.id,
                "does": n.does,
                "name": n.name,
                "shape": list(n.shape),
                "grad": n.grad,
                "line": n.line,
            }
            for n in graph.nodes
        ],
        "edges": [list(edge) for edge in graph.edges],
        "cut": [list(edge) for edge in graph.cut],
        "output": graph.output,
        "reached": list(graph.reached),
        "unreached": list(graph.unreached),
        "truncated": graph.truncated,
        "cut_off": list(graph.cut_off),
        "severed": list(graph.severed),
    }
