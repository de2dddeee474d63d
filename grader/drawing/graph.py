"""The graph behind a result, in characters: a tree whose root is the result, as a backward pass goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text as Line

from grader.drawing.paper import FINE, PLAIN, Drawing, Marks, fitted, say
from grader.model.inert import inert
from grader.model.picture import GraphNode, GraphPicture
from grader.model.text import Language
from grader.model.values import Plain

_GRAPH_ROWS: Final = 20
_SIGNS: Final = {"lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!="}


def graph_drawing(graph: GraphPicture, language: Language) -> RenderableType:
    """``grade run --graph``: from the result back to the inputs, as a backward pass goes."""
    return Drawing(lambda width, plain: _graph_lines(graph, language, width, plain))


def _graph_lines(graph: GraphPicture, language: Language, width: int, plain: bool) -> Iterator[Line]:
    marks = PLAIN if plain else FINE
    at = ", ".join(f"{inert(name)} = {_plain(value)}" for name, value in graph.inputs.items())
    title = say(
        language,
        f"The graph of {graph.function}, read backwards from its result, at {at}",
        f"{graph.function} 的计算图（从结果往回看），取 {at}",
    )
    yield Line(inert(title), style="dim", no_wrap=True, overflow="ellipsis")
    tree = _Tree(graph, marks, width)
    if graph.output is None:
        yield Line(
            say(
                language,
                "The result was not made of the inputs by operations that autograd can follow.",
                "结果不是由输入经 autograd 能跟踪的运算得到的。",
            )
        )
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
    for note in _graph_notes(graph, language, marks):
        yield Line(note)


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


def _of(node: GraphNode, language: Language) -> str:
    """What the node's result is called in a sentence."""
    name = inert(node.name)
    if node.does == "input":
        return say(language, name, f"{name} ")
    return say(language, f"the result of {name}", f"{name} 的结果")


def _shape(node: GraphNode) -> str:
    return f" {list(node.shape)}" if node.shape else ""


def _graph_notes(graph: GraphPicture, language: Language, marks: Marks) -> Iterator[str]:
    sources = {node.id: [a for a, b in graph.edges if b == node.id] for node in graph.nodes}
    if graph.unreached:
        joined = say(language, ", ", "、").join(map(inert, graph.unreached))
        yield say(language, f"Not reached by any gradient: {joined}.", f"梯度没有到达：{joined}。")
    said = Counter(
        (
            f"{marks.scissors} " if (source, node.id) in graph.cut else "",
            inert(node.name),
            _of(graph.nodes[source], language),
        )
        for node in graph.nodes
        if node.does == "leaves"
        for source in sources[node.id]
    )
    for (scissors, name, source), times in list(said.items())[:3]:
        what = f"{scissors}{name}()" + (f" ×{times}" if times > 1 else "")
        yield say(
            language,
            f"{what} turns {source} into plain numbers: autograd does not follow them.",
            f"{what} 把 {source}变成了普通数字，autograd 不再跟踪。",
        )
    asked = Counter(
        _SIGNS.get(graph.nodes[source].name, inert(graph.nodes[source].name))
        for node in graph.nodes
        if node.does == "decision"
        for source in sources[node.id]
    )
    if asked:
        signs = ", ".join(f"{sign} ×{times}" if times > 1 else sign for sign, times in asked.items())
        yield say(
            language,
            f"A loop or branch looked at the numbers ({signs}); no gradient flows through that.",
            f"循环或分支查看了数值（{signs}），梯度不经过这些判断。",
        )
    if graph.truncated:
        yield say(language, "There is more than is shown here.", "还有更多运算没有显示。")


def _plain(value: Plain) -> str:
    """Numbers with six significant digits, nested lists in brackets."""
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    return f"{value + 0.0:.6g}" if isinstance(value, float) else str(value)
