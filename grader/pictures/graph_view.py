"""Graph that autograd recorded: what a picture of it says, however it is drawn.

A gradient comes back along some edges; a cut one is where it could and does not. A loop's rounds, which
say the same again and again, are drawn once, each box with ``×n``, as long as nothing but questions hangs on
those between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from grader.model.picture import MAX_EDGES, MAX_NODES, GraphNode, GraphPicture
from grader.model.text import Text
from grader.pictures.folding import runs

_INPUTS: Final = 90
"""Characters of the inputs that a title has room for."""
_MOST_LEFT: Final = 3
_SIGNS: Final = {"lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!="}


@dataclass(frozen=True)
class Box:
    """One node, or several that say the same.

    :ivar node: the first of them.
    :ivar name: what it is called in a sentence, unlike any other box.
    :ivar reached: of an input that could get a gradient, whether it does.
    """

    node: GraphNode
    name: str
    count: int
    result: bool
    reached: bool | None


@dataclass(frozen=True)
class Arrow:
    """From box to box (positions). ``kind``: ``flow`` (a gradient comes back), ``still`` or ``cut``."""

    source: int
    target: int
    kind: Literal["flow", "still", "cut"]


@dataclass(frozen=True)
class Note:
    """A sentence about what cannot be seen. ``cut``: it is about an edge along which no gradient passes."""

    text: Text
    cut: bool = False


@dataclass(frozen=True)
class GraphView:
    """What is said.

    :ivar at: the case's inputs, ``x = [1, 2], y = 3``. :ivar short: as much of it as a title has room for.
    :ivar boxes: operations and inputs, rounds of a loop folded, in the order in which they ran.
    :ivar arrows: between positions of boxes.
    """

    title: Text
    at: str
    short: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    notes: tuple[Note, ...]


def view(graph: GraphPicture, *, fold: bool = True) -> GraphView:
    """What a picture of ``graph`` says. :param fold: whether the rounds of a loop are drawn once."""
    boxes, arrows = _folded_graph(graph, fold=fold)
    at = ", ".join(f"{name} = {plain(value)}" for name, value in graph.inputs.items())
    short = at if len(at) <= _INPUTS else at[: _INPUTS - 1] + "…"
    title = Text(
        f"What autograd recorded of {graph.function}" + (f" at {short}" if short else ""),
        f"autograd 记录的 {graph.function} 的计算图" + (f"，取 {short}" if short else ""),
    )
    return GraphView(title, at, short, boxes, arrows, tuple(_notes(graph)))


def sign(node: GraphNode) -> str:
    """What an operation is written as: a comparison by its sign."""
    return _SIGNS.get(node.name, node.name) if node.does == "op" else node.name


def plain(value: Any) -> str:
    """Numbers with six significant digits, nested lists in brackets, all in one line."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(plain, value)) + "]"
    return " ".join((f"{value:.6g}" if isinstance(value, float) else str(value)).split())


# Folding.


def _folded_graph(graph: GraphPicture, *, fold: bool) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
    nodes = graph.nodes[:MAX_NODES]
    edges = [(a, b) for a, b in dict.fromkeys(graph.edges) if 0 <= a < b < len(nodes)][:MAX_EDGES]
    cut = set(graph.cut)
    flowing = _flowing(nodes, edges, cut, graph.output)
    group = list(range(len(nodes)))
    between: set[tuple[int, int]] = set()
    if fold:
        group, between = _folded(nodes, edges, cut, graph.output)
    firsts = sorted(set(group))
    place = {first: i for i, first in enumerate(firsts)}
    counts = Counter(group)
    names = Counter(nodes[first].name for first in firsts)
    numbered: Counter[str] = Counter()
    boxes = []
    for first in firsts:
        node = nodes[first]
        numbered[node.name] += 1
        name = sign(node) + (f" ({numbered[node.name]})" if names[node.name] > 1 else "")
        leaf = node.does == "input" and node.grad
        boxes.append(
            Box(
                node,
                name + (f" ×{counts[first]}" if counts[first] > 1 else ""),
                counts[first],
                graph.output is not None and graph.output < len(nodes) and group[graph.output] == first,
                first in flowing if leaf else None,
            )
        )
    arrows: dict[Arrow, None] = {}
    for a, b in edges:
        if group[a] != group[b] and (a, b) not in between:
            live = b in flowing and a in flowing and (a, b) not in cut
            kind: Literal["flow", "still", "cut"] = "cut" if (a, b) in cut else "flow" if live else "still"
            arrows[Arrow(place[group[a]], place[group[b]], kind)] = None
    return tuple(boxes), tuple(arrows)


def _flowing(
    nodes: tuple[GraphNode, ...], edges: list[tuple[int, int]], cut: set[tuple[int, int]], output: int | None
) -> set[int]:
    """Where a gradient arrives that starts at the result."""
    if output is None or not 0 <= output < len(nodes) or not nodes[output].grad:
        return set()
    found = {output}
    for a, b in sorted(edges, key=lambda edge: -edge[1]):
        if b in found and nodes[a].grad and (a, b) not in cut:
            found.add(a)
    return found


def _folded(
    nodes: tuple[GraphNode, ...], edges: list[tuple[int, int]], cut: set[tuple[int, int]], output: int | None
) -> tuple[list[int], set[tuple[int, int]]]:
    """For each node the first of those that it is drawn with; and the edges from one round into the next."""
    sources: list[list[int]] = [[] for _ in nodes]
    for a, b in edges:
        sources[b].append(a)
    behind = _behind(sources, output)
    uses = Counter(a for b in behind for a in sources[b])

    chains: set[int] = set()

    def looks(n: int) -> tuple[object, ...]:
        return nodes[n].does, nodes[n].name, nodes[n].shape, nodes[n].grad, nodes[n].line

    group = list(range(len(nodes)))
    between = _rounds(nodes, edges, cut, behind, group)
    folded = {group[a] for a in range(len(nodes)) if group[a] != a}
    for b in sorted(behind):
        if nodes[b].does != "op" or len(sources[b]) != 1 or group[b] in folded:
            continue
        (a,) = sources[b]
        if looks(a) == looks(b) and len(sources[a]) == 1 and uses[a] == 1 and (a, b) not in cut:
            group[b] = group[a]
            chains.add(group[a])
    folded |= chains
    # What hangs on a round and does not lead to the result, like a loop's question, is folded with its like.
    alike: dict[tuple[object, ...], int] = {}
    for n in range(len(nodes)):
        theirs = {(group[a], (a, n) in cut) for a in sources[n]}
        if n in behind or not any(g in folded for g, _c in theirs):
            continue
        group[n] = alike.setdefault((*looks(n), frozenset(theirs)), n)
        folded.add(group[n])
    return group, between


def _rounds(
    nodes: tuple[GraphNode, ...],
    edges: list[tuple[int, int]],
    cut: set[tuple[int, int]],
    behind: set[int],
    group: list[int],
) -> set[tuple[int, int]]:
    """Put the nodes of a loop's rounds into the groups of those of its first round, where each round has
    several and no line between two rounds says more than that one follows the other.

    :returns: the edges from one round into the next.
    """
    between: set[tuple[int, int]] = set()
    ops = [n for n in sorted(behind) if nodes[n].does == "op"]
    ways = [(a, b) for a, b in edges if b in behind]
    for run in runs([(nodes[n].name, nodes[n].shape, nodes[n].grad, nodes[n].line) for n in ops]):
        if run.count == 1 or run.period == 1:
            continue
        at = {n: divmod(i, run.period) for i, n in enumerate(ops[run.start : run.end])}
        into: list[set[object]] = [set() for _ in range(run.count)]
        ok = all(nodes[n].line is not None for n in at)
        for a, b in ways:
            if b in at:
                round_, place = at[b]
                came: object = (at[a][0] - round_, at[a][1]) if a in at else a
                into[round_].add((place, came, (a, b) in cut))
                ok = ok and not (a in at and at[a][0] != round_ and (a, b) in cut)
            elif a in at:
                ok = ok and at[a][0] == run.count - 1
        # The first round takes up what was there before the loop.
        if ok and all(later == into[1] for later in into[2:]):
            first = {place: n for n, (round_, place) in at.items() if round_ == 0}
            between |= {(a, b) for a, b in ways if a in at and b in at and at[a][0] != at[b][0]}
            for n, (_, place) in at.items():
                group[n] = first[place]
    return between


def _behind(sources: list[list[int]], output: int | None) -> set[int]:
    """The result and everything that it is made of."""
    found: set[int] = set()
    queue = [output] if output is not None and 0 <= output < len(sources) else []
    while queue:
        node = queue.pop()
        if node not in found:
            found.add(node)
            queue += sources[node]
    return found


# Notes.


def _notes(graph: GraphPicture) -> Iterator[Note]:
    if graph.failed:
        yield Note(Text("This is a case that the verdict shows.", "这里画的是评判结果中列出的一个用例。"))
    if graph.output is None:
        yield Note(
            Text(
                "The result was not made of the inputs by operations that autograd can follow.",
                "结果不是由输入经 autograd 能跟踪的运算得到的。",
            )
        )
    yield from _cutting(graph)
    if graph.unreached:
        en, zh = ", ".join(graph.unreached), "、".join(graph.unreached)
        yield Note(Text(f"Not reached by any gradient: {en}.", f"梯度没有到达：{zh}。"))
    nodes = {node.id: node for node in graph.nodes}
    known = [(nodes[a], nodes[b], (a, b) in graph.cut) for a, b in graph.edges if a in nodes and b in nodes]
    leaving = Counter((b.name, _result_of(a), b.line, cut) for a, b, cut in known if b.does == "leaves")
    for (name, source, line, cut), times in list(leaving.items())[:_MOST_LEFT]:
        call = f"{name}()" + (f" ×{times}" if times > 1 else "")
        en, zh = (f"Line {line}: ", f"第 {line} 行：") if line is not None else ("", "")
        yield Note(
            Text(
                f"{en}{call} turns {source.en} into plain numbers: autograd does not follow them.",
                f"{zh}{call} 把{source.zh}变成了普通数字，autograd 不再跟踪。",
            ),
            cut,
        )
    asked = Counter(sign(a) for a, b, _cut in known if b.does == "decision")
    if asked:
        signs = [f"{each} ×{times}" if times > 1 else each for each, times in asked.items()]
        en, zh = ", ".join(signs), "、".join(signs)
        yield Note(
            Text(
                f"A loop or branch looked at the numbers ({en}); no gradient flows through that.",
                f"循环或分支查看了数值（{zh}），梯度不经过这些判断。",
            )
        )
    if graph.truncated:
        yield Note(Text("There is more than is shown here.", "还有更多运算没有显示。"))


def _cutting(graph: GraphPicture) -> Iterator[Note]:
    """Which line cuts, where that is certain."""
    lines = graph.cut_off or graph.severed
    if not lines:
        return
    en, zh = ", ".join(map(str, lines)), "、".join(map(str, lines))
    if len(lines) > 1:
        who = Text(f"Lines {en} cut it", f"切断发生在第 {zh} 行")
    else:
        who = Text(f"Line {en} cuts it", f"切断发生在第 {zh} 行")
    if graph.cut_off:
        reason = Text("the gradient that should come back ends there.", "本应传回来的梯度到此为止。")
    else:
        reason = Text("along that path no gradient comes back.", "沿那条路径没有梯度传回来。")
    yield Note(Text(f"{who.en}: {reason.en}", f"{who.zh}：{reason.zh}"), cut=True)


def _result_of(node: GraphNode) -> Text:
    """What the node's result is called in a sentence."""
    if node.does == "input":
        return Text(node.name, f" {node.name} ")
    return Text(f"the result of {node.name}", f" {node.name} 的结果")
