"""Graph behind a result, in characters: a tree whose root is the result, as a backward pass goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text as Line

from grader.cli.console import say
from grader.cli.pictures.marks import FINE, PLAIN, Drawing, Marks, fitted
from grader.model.inert import inert
from grader.model.picture import GraphNode, GraphPicture
from grader.model.text import Language
from grader.pictures.graph_view import view

_GRAPH_ROWS: Final = 20


def graph_drawing(graph: GraphPicture, language: Language) -> RenderableType:
    """``grade run --graph``: from the result back to the inputs, as a backward pass goes."""
    return Drawing(lambda width, plain: _graph_lines(graph, language, width, plain))


def _graph_lines(graph: GraphPicture, language: Language, width: int, plain: bool) -> Iterator[Line]:
    marks = PLAIN if plain else FINE
    said = view(graph)
    title = say(
        language,
        f"The graph of {graph.function}, read backwards from its result, at {said.at}",
        f"{graph.function} 的计算图（从结果往回看），取 {said.at}",
    )
    yield Line(inert(title), style="dim", no_wrap=True, overflow="ellipsis")
    tree = _Tree(graph, marks, width)
    rows = list(tree.rows()) if graph.output is not None else []
    for row in rows[:_GRAPH_ROWS]:
        row.truncate(width, overflow="ellipsis")
        yield row
    if len(rows) > _GRAPH_ROWS:
        more = len(rows) - _GRAPH_ROWS
        yield Line(say(language, f"… {more} rows more", f"…… 还有 {more} 行"), style="dim")
    legend = []
    if tree.arrived:
        legend.append(marks.arrives.strip() + say(language, " the gradient arrives", " 梯度到达"))
    if tree.crossed:
        legend.append(marks.scissors + say(language, " cut: no gradient passes", " 切断：梯度过不去"))
    if tree.again:
        legend.append(say(language, "#1 = the same result again", "#1 表示同一个结果再次出现"))
    yield from fitted([Line(item, style="dim") for item in legend], width)
    for note in said.notes:
        text = inert(note.text.in_(language))
        yield Line(f"{marks.scissors} {text}" if note.cut else text)


class _Tree:
    """The ancestors of the result, a row each, a chain of single ones in one row.

    :ivar arrived: whether a gradient arrives at some input; known once the rows are made.
    :ivar crossed: whether a cut edge was drawn; likewise.
    :ivar again: whether a result was met again; likewise.
    """

    def __init__(self, graph: GraphPicture, marks: Marks, width: int) -> None:
        self.arrived = self.crossed = self.again = False
        self._marks, self._width = marks, width
        self._output = graph.output
        self._nodes = graph.nodes
        self._sources: dict[int, list[int]] = {node.id: [] for node in graph.nodes}
        for a, b in graph.edges:
            self._sources[b].append(a)
        self._cut = set(graph.cut)
        self._uses = Counter(a for b in self._behind() for a in self._sources[b])
        self._numbers: dict[int, int] = {}
        self._drawn: set[int] = set()

    def rows(self) -> Iterator[Line]:
        assert self._output is not None
        yield from self._branch(self._output, Line(), Line(), live=self._nodes[self._output].grad)

    def _behind(self) -> set[int]:
        """The result and everything that it is made of."""
        found: set[int] = set()
        queue = [self._output] if self._output is not None else []
        while queue:
            node = queue.pop()
            if node not in found:
                found.add(node)
                queue += self._sources[node]
        return found

    def _branch(self, node: int, lead: Line, under: Line, *, live: bool) -> Iterator[Line]:
        """The rows of ``node`` and of what it is made of.

        :param lead: what stands before the first row; ``under``: before the following ones.
        :param live: whether a gradient comes as far as this.
        """
        row = lead.copy()
        while True:
            node, label = self._labelled(node, live)
            row.append_text(label)
            sources = [] if node in self._drawn else self._sources[node]
            if self._nodes[node].does != "input":
                self._drawn.add(node)
            if len(sources) != 1:
                break
            joint = self._joint(sources[0], node)
            if cell_len(row.plain + joint.plain) + self._room_for(sources[0]) > self._width:
                break
            row.append_text(joint)
            live = self._passes(sources[0], node, live)
            node = sources[0]
        yield row
        for i, source in enumerate(sources):
            last = i == len(sources) - 1
            fork = self._marks.last if last else self._marks.fork
            before = Line.assemble(under, (fork, "dim"))
            if (source, node) in self._cut:
                before.append(f"{self._marks.scissors} ", style="bold")
                self.crossed = True
            below = Line.assemble(under, ("   " if last else self._marks.rail, "dim"))
            yield from self._branch(source, before, below, live=self._passes(source, node, live))

    def _joint(self, source: int, node: int) -> Line:
        if (source, node) in self._cut:
            self.crossed = True
            return Line(self._marks.cut, style="bold")
        return Line(self._marks.made_of, style="dim")

    def _room_for(self, node: int) -> int:
        """Columns that its label takes at most."""
        longest = self._marks.arrives if self._nodes[node].does == "input" else " ×99 #99"
        return cell_len(inert(self._nodes[node].name) + _shape(self._nodes[node]) + longest)

    def _passes(self, source: int, node: int, live: bool) -> bool:
        return live and (source, node) not in self._cut and self._nodes[source].grad

    def _labelled(self, start: int, live: bool) -> tuple[int, Line]:
        """A node's name and shape; equal ones in a row are told once, and the last of them is returned."""
        node, times = self._nodes[start], 1
        here = start
        while self._repeats(here):
            here = self._sources[here][0]
            times += 1
        text = inert(node.name) + (f" ×{times}" if times > 1 else "") + _shape(node)
        label = Line(text, style="" if live else "dim")
        if node.does == "input":
            if live:
                self.arrived = True
                label.append(self._marks.arrives, style="green")
        elif self._uses[here] > 1:
            self.again = self.again or here in self._numbers
            label.append(f" #{self._numbers.setdefault(here, len(self._numbers) + 1)}")
        return here, label

    def _repeats(self, node: int) -> bool:
        """Whether what ``node`` is made of is the same operation once more, and nothing else needs it."""
        if len(self._sources[node]) != 1 or node in self._drawn or self._uses[node] > 1:
            return False
        (source,) = self._sources[node]
        a, b = self._nodes[node], self._nodes[source]
        alike = (a.does, a.name, a.shape, a.grad) == (b.does, b.name, b.shape, b.grad)
        single = len(self._sources[source]) == 1 and self._uses[source] == 1
        return a.does == "op" and alike and single and (source, node) not in self._cut


def _shape(node: GraphNode) -> str:
    return f" {list(node.shape)}" if node.shape else ""
