"""Layered layout (Sugiyama's method) of a directed graph, from left to right: boxes, and where lines run.

::

    longest path ──► layers ──► long edges get lanes ──► order in a layer ──► heights ──► lines
                                                         (barycentres)       (few bends)

After K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of Hierarchical System
Structures", IEEE Transactions on Systems, Man, and Cybernetics 11 (1981). Everything here is arithmetic on
small integers and floats; what the boxes say is nobody's business here.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

GAP: Final = 44.0
"""Between two layers: room for a bend, an arrow's head and a pair of scissors."""
SPACE: Final = 18.0
"""Between two boxes of a layer."""
_LANE: Final = 2.0
_ROUNDS: Final = 8

Size = tuple[float, float]
"""Width and height."""


@dataclass(frozen=True)
class Edge:
    """From box to box. Edges of one source and ``kind`` run together until they part.

    :ivar weight: how much it is worth to draw it straight.
    """

    source: int
    target: int
    kind: str
    weight: float = 1.0


@dataclass(frozen=True)
class Stroke:
    """A line: level at both ends, with a bend between them; ``start`` and ``end`` are (x, y)."""

    kind: str
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Where everything goes.

    :ivar centres: of the boxes, (x, y).
    :ivar strokes: the lines, each once although several edges may share it.
    :ivar last: of each edge the stroke that arrives at its target.
    """

    width: float
    height: float
    centres: tuple[tuple[float, float], ...]
    strokes: tuple[Stroke, ...]
    last: dict[Edge, Stroke]


def laid_out(sizes: Sequence[Size], edges: Iterable[Edge]) -> Layout:
    """Boxes of ``sizes`` and the ``edges`` between them; an edge that does not lead forwards is left out."""
    return _Sheet(sizes, [e for e in dict.fromkeys(edges) if 0 <= e.source < e.target < len(sizes)]).layout()


class _Sheet:
    """Boxes, and lanes: places of no width through which an edge passes a layer that it skips."""

    def __init__(self, sizes: Sequence[Size], edges: list[Edge]) -> None:
        self._boxes = len(sizes)
        self._sizes = list(sizes)
        self._layer = [0] * len(sizes)
        for edge in sorted(edges, key=lambda e: e.target):
            self._layer[edge.target] = max(self._layer[edge.target], self._layer[edge.source] + 1)
        self._links: dict[tuple[int, int, str], float] = {}
        """Between places of neighbouring layers, with their weights."""
        self._arrivals: dict[Edge, tuple[int, int, str]] = {}
        lanes: dict[tuple[int, str, int], int] = {}
        for edge in edges:
            here = edge.source
            for layer in range(self._layer[edge.source] + 1, self._layer[edge.target]):
                lane = lanes.setdefault((edge.source, edge.kind, layer), len(self._sizes))
                if lane == len(self._sizes):
                    self._sizes.append((0.0, _LANE))
                    self._layer.append(layer)
                self._link(here, lane, edge)
                here = lane
            self._link(here, edge.target, edge)
            self._arrivals[edge] = (here, edge.target, edge.kind)
        self._order: list[list[int]] = [[] for _ in range(max(self._layer, default=-1) + 1)]
        for place, layer in enumerate(self._layer):
            self._order[layer].append(place)
        self._before: list[list[tuple[int, float]]] = [[] for _ in self._sizes]
        self._after: list[list[tuple[int, float]]] = [[] for _ in self._sizes]
        for (a, b, _), weight in self._links.items():
            self._before[b].append((a, weight))
            self._after[a].append((b, weight))

    def _link(self, a: int, b: int, edge: Edge) -> None:
        key = (a, b, edge.kind)
        self._links[key] = max(edge.weight, self._links.get(key, 0.0))

    def layout(self) -> Layout:
        self._untangle()
        ys = self._heights()
        widths = [max(self._sizes[place][0] for place in layer) for layer in self._order]
        lefts = [sum(widths[:i]) + GAP * i for i in range(len(widths))]

        def right(place: int) -> tuple[float, float]:
            layer = self._layer[place]
            reach = self._sizes[place][0] if place < self._boxes else widths[layer]
            return lefts[layer] + (widths[layer] + reach) / 2, ys[place]

        def left(place: int) -> tuple[float, float]:
            layer = self._layer[place]
            reach = self._sizes[place][0] if place < self._boxes else widths[layer]
            return lefts[layer] + (widths[layer] - reach) / 2, ys[place]

        strokes = {(a, b, kind): Stroke(kind, right(a), left(b)) for a, b, kind in self._links}
        through = {
            Stroke(kind, left(a), right(a)): None for a, _, kind in self._links if a >= self._boxes
        }  # fmt: skip
        return Layout(
            width=lefts[-1] + widths[-1] if widths else 0.0,
            height=max((ys[p] + self._sizes[p][1] / 2 for p in range(len(ys))), default=0.0),
            centres=tuple(
                (lefts[self._layer[box]] + widths[self._layer[box]] / 2, ys[box])
                for box in range(self._boxes)
            ),
            strokes=(*strokes.values(), *through),
            last={edge: strokes[arrival] for edge, arrival in self._arrivals.items()},
        )

    # Order: each place goes to the mean of its neighbours, layer by layer, to and fro.

    def _untangle(self) -> None:
        best, fewest = [list(layer) for layer in self._order], self._crossings()
        for turn in range(_ROUNDS):
            if not fewest:
                break
            forwards = turn % 2 == 0
            beside = self._before if forwards else self._after
            for layer in self._order if forwards else reversed(self._order):
                at = self._ranks()
                layer.sort(key=lambda place, at=at, beside=beside: _mean(beside[place], at, at[place]))  # type: ignore[misc]
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self._order], crossings
        self._order = best

    def _ranks(self) -> list[float]:
        """Of each place, from 0 to 1, how far down its layer it is."""
        at = [0.0] * len(self._sizes)
        for layer in self._order:
            for i, place in enumerate(layer):
                at[place] = (i + 0.5) / len(layer)
        return at

    def _crossings(self) -> int:
        """How many lines cross: the inversions of their ends, sorted by where they begin.

        After W. Barth, P. Mutzel and M. Jünger, "Simple and Efficient Bilayer Cross Counting", Journal of
        Graph Algorithms and Applications 8 (2004).
        """
        at = self._ranks()
        found = 0
        for layer in self._order:
            ends: list[float] = []
            for _, b in sorted((at[a], at[b]) for a in layer for b, _ in self._after[a]):
                found += len(ends) - bisect_right(ends, b)
                insort(ends, b)
        return found

    # Heights: each place as near to its neighbours as those above and below it allow.

    def _heights(self) -> list[float]:
        ys = [0.0] * len(self._sizes)
        for layer in self._order:
            for place, y in zip(layer, self._apart(layer, [0.0] * len(layer)), strict=True):
                ys[place] = y
        for turn in range(_ROUNDS + 1):
            forwards = turn % 2 == 0
            beside = self._before if forwards else self._after
            for layer in self._order if forwards else reversed(self._order):
                wishes = [_mean(beside[place], ys, ys[place]) for place in layer]
                for place, y in zip(layer, self._apart(layer, wishes), strict=True):
                    ys[place] = y
        top = min((ys[p] - self._sizes[p][1] / 2 for p in range(len(ys))), default=0.0)
        return [y - top for y in ys]

    def _apart(self, layer: list[int], wishes: list[float]) -> list[float]:
        """Heights nearest to ``wishes``, by least squares, at which nothing touches its neighbour.

        This is isotonic regression: less the room that they need, heights may only rise, and who wants it
        otherwise shares the mean. By pooling adjacent violators (M. Ayer et al., "An Empirical Distribution
        Function for Sampling with Incomplete Information", Annals of Mathematical Statistics 26, 1955).
        """
        room = [0.0]
        for a, b in pairwise(layer):
            room.append(room[-1] + (self._sizes[a][1] + self._sizes[b][1]) / 2 + SPACE)
        shared: list[tuple[float, int]] = []
        for wish, offset in zip(wishes, room, strict=True):
            total, count = wish - offset, 1
            while shared and shared[-1][0] / shared[-1][1] > total / count:
                more, others = shared.pop()
                total, count = total + more, count + others
            shared.append((total, count))
        flat = [total / count for total, count in shared for _ in range(count)]
        return [y + offset for y, offset in zip(flat, room, strict=True)]


def _mean(neighbours: list[tuple[int, float]], at: list[float], otherwise: float) -> float:
    if not neighbours:
        return otherwise
    return sum(at[n] * weight for n, weight in neighbours) / sum(weight for _, weight in neighbours)
