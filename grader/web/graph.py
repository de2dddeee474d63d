"""The graph that autograd recorded, as SVG in a figure, and as a list for who does not see it.

From left to right, as the function ran. A gradient comes back along the strong lines; a dashed line
with scissors is where one could and does not. A loop's rounds, which say the same again and again,
are one box with ``×n``, as long as nothing but questions hangs on those between.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from grader.model.picture import MAX_EDGES, MAX_NODES, GraphNode, GraphPicture
from grader.web.figures import shown
from grader.web.languages import _, language
from grader.web.layers import Edge, Layout, Stroke, laid_out

_CHARACTER: Final = 7.9
"""So wide is a letter of a label; those of half the world's writing are twice as wide."""
_LONGEST: Final = 16
_INPUTS: Final = 90
_MOST_LEFT: Final = 3
_PAD: Final = 14.0
_SCISSORS: Final = "✂\N{VARIATION SELECTOR-15}"
"""As text: some fonts would paint them."""
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
    kind: str


@dataclass(frozen=True)
class Sketch:
    """What is drawn."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def graph_figure(graph: GraphPicture) -> Markup:
    """The figure: title, graph, legend, what has to be said, and every edge in words."""
    sketch = sketched(graph)
    title = _title(graph)
    region = Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
        title, graph_svg(graph)
    )
    return Markup('<figure class="picture graph"><figcaption>{}</figcaption>{}{}{}{}</figure>').format(
        title,
        region if sketch.boxes else "",
        Markup('<ul class="key">{}</ul>').format(Markup("").join(_key(sketch))),
        Markup("").join(Markup('<p class="quiet">{}</p>').format(note) for note in _notes(graph)),
        _listed(sketch),
    )


def graph_svg(graph: GraphPicture) -> Markup:
    """The graph alone, at its own size."""
    sketch = sketched(graph)
    labels = [_Label(box) for box in sketch.boxes]
    edges = [Edge(a.source, a.target, a.kind, 4.0 if a.kind == "flow" else 1.0) for a in sketch.arrows]
    layout = laid_out([(label.width, label.height) for label in labels], edges)
    # Below the last box there is room for the word that says which is the result.
    width, height = layout.width + 2 * _PAD, layout.height + 2 * _PAD
    return Markup(
        '<svg class="sketch" width="{w:.0f}" height="{h:.0f}" viewBox="0 0 {w:.0f} {h:.0f}" role="img">'
        '<title>{title}</title><desc>{about}</desc><g transform="translate({p} {p})">{lines}{boxes}</g></svg>'
    ).format(
        w=width,
        h=height,
        title=_title(graph),
        about=_("Every edge is in the list below."),
        p=_PAD,
        lines=Markup("").join(_lines(layout)),
        boxes=Markup("").join(
            label.drawn(x, y) for label, (x, y) in zip(labels, layout.centres, strict=True)
        ),
    )


def _title(graph: GraphPicture) -> str:
    at = ", ".join(f"{name} = {' '.join(shown(value).split())}" for name, value in graph.inputs.items())
    at = at if len(at) <= _INPUTS else at[: _INPUTS - 1] + "…"
    if not at:
        return _("What autograd recorded of %(f)s", f=graph.function)
    return _("What autograd recorded of %(f)s at %(inputs)s", f=graph.function, inputs=at)


# What is drawn: boxes and arrows.


def sketched(graph: GraphPicture) -> Sketch:
    """``graph`` with its loops' rounds folded."""
    nodes = graph.nodes[:MAX_NODES]
    edges = [(a, b) for a, b in dict.fromkeys(graph.edges) if 0 <= a < b < len(nodes)][:MAX_EDGES]
    cut = set(graph.cut)
    flowing = _flowing(nodes, edges, cut, graph.output)
    group = _folded(nodes, edges, cut, graph.output)
    firsts = sorted(set(group))
    place = {first: i for i, first in enumerate(firsts)}
    counts = Counter(group)
    names = Counter(nodes[first].name for first in firsts)
    numbered: Counter[str] = Counter()
    boxes = []
    for first in firsts:
        node = nodes[first]
        numbered[node.name] += 1
        name = _sign(node) + (f" ({numbered[node.name]})" if names[node.name] > 1 else "")
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
        if group[a] != group[b]:
            live = b in flowing and a in flowing and (a, b) not in cut
            kind = "cut" if (a, b) in cut else "flow" if live else "still"
            arrows[Arrow(place[group[a]], place[group[b]], kind)] = None
    return Sketch(tuple(boxes), tuple(arrows))


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
) -> list[int]:
    """For each node the first of those that it is drawn with."""
    sources: list[list[int]] = [[] for _ in nodes]
    for a, b in edges:
        sources[b].append(a)
    behind = _behind(sources, output)
    uses = Counter(a for b in behind for a in sources[b])

    def looks(n: int) -> tuple[object, ...]:
        return nodes[n].does, nodes[n].name, nodes[n].shape, nodes[n].grad

    group = list(range(len(nodes)))
    runs = set()
    for b in sorted(behind):
        if nodes[b].does != "op" or len(sources[b]) != 1:
            continue
        (a,) = sources[b]
        if looks(a) == looks(b) and len(sources[a]) == 1 and uses[a] == 1 and (a, b) not in cut:
            group[b] = group[a]
            runs.add(group[a])
    # What hangs on a round and does not lead to the result, like a loop's question, is folded with its like.
    alike: dict[tuple[object, ...], int] = {}
    for n in range(len(nodes)):
        theirs = {(group[a], (a, n) in cut) for a in sources[n]}
        if n in behind or not any(g in runs for g, _c in theirs):
            continue
        group[n] = alike.setdefault((*looks(n), frozenset(theirs)), n)
        runs.add(group[n])
    return group


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


def _sign(node: GraphNode) -> str:
    return _SIGNS.get(node.name, node.name) if node.does == "op" else node.name


# How it looks.


class _Label:
    """A box with its lines of text, and the room that it takes."""

    def __init__(self, box: Box) -> None:
        self._box = box
        node = box.node
        mark = {None: "", True: " ✓", False: " ✗"}[box.reached]
        times = f" ×{box.count}" if box.count > 1 else ""
        self._text = _short(_sign(node)) + times + mark
        self._shape = _short(str(list(node.shape))) if node.shape else ""
        self._word = _("result") if box.result else ""
        across = max(_cells(self._text), _cells(self._shape) * 0.85)
        self._inner = max(34.0, across * _CHARACTER + (22.0 if node.does == "input" else 18.0))
        self._tall = 42.0 if self._shape else 28.0
        if node.does == "decision":
            self._inner, self._tall = across * _CHARACTER + 34.0, 36.0
        self.width = max(self._inner, _cells(self._word) * _CHARACTER)
        # The word stands below and the box in the middle, so that lines meet the box.
        self.height = self._tall + (2 * 15.0 if self._word else 0.0)

    def drawn(self, x: float, y: float) -> Markup:
        """With its centre at (x, y)."""
        node, box = self._box.node, self._box
        w, h = self._inner, self._tall
        state = {None: "", True: " good", False: " bad"}[box.reached]
        kind = f"{node.does}{state}{' result' if box.result else ''}"
        if node.does == "decision":
            outline = Markup('<path class="{}" d="M{:.1f} {:.1f}l{p} {q}l-{p} {q}l-{p} -{q}z"/>').format(
                kind, x, y - h / 2, p=f"{w / 2:.1f}", q=f"{h / 2:.1f}"
            )
        else:
            radius = h / 2 if node.does == "input" else 5.0
            outline = Markup(
                '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{:.1f}"/>'
            ).format(kind, x - w / 2, y - h / 2, w, h, radius)
        parts = [outline, _text("label", x, y + (-2.5 if self._shape else 4.5), self._text)]
        if self._shape:
            parts.append(_text("shape", x, y + 13, self._shape))
        if self._word:
            parts.append(_text("word", x, y + h / 2 + 14, self._word))
        return Markup("").join(parts)


def _text(kind: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
        kind, x, y, text
    )


def _lines(layout: Layout) -> Iterator[Markup]:
    """One path for each kind of line; then heads and scissors, which lie over them."""
    arriving = set(layout.last.values())
    for kind in ("still", "flow", "cut"):
        strokes = [stroke for stroke in layout.strokes if stroke.kind == kind]
        if strokes:
            path = "".join(_bent(stroke, 6.0 if stroke in arriving else 0.0) for stroke in strokes)
            yield Markup('<path class="{}" d="{}"/>').format(kind, path)
    for stroke in dict.fromkeys(layout.last.values()):
        x, y = stroke.end
        yield Markup('<path class="{} head" d="M{:.1f} {:.1f}l-8 -4v8z"/>').format(stroke.kind, x - 1, y)
    for stroke in dict.fromkeys(s for edge, s in layout.last.items() if edge.kind == "cut"):
        x, y = (stroke.start[0] + stroke.end[0]) / 2 - 2, (stroke.start[1] + stroke.end[1]) / 2
        yield Markup('<circle class="behind" cx="{:.1f}" cy="{:.1f}" r="10"/>').format(x, y)
        yield _text("scissors", x, y + 5.5, _SCISSORS)


def _bent(stroke: Stroke, before: float) -> str:
    (x0, y0), (x1, y1) = stroke.start, (stroke.end[0] - before, stroke.end[1])
    if abs(y0 - y1) < 0.05:
        return f"M{x0:.1f} {y0:.1f}H{x1:.1f}"
    half = (x0 + x1) / 2
    return f"M{x0:.1f} {y0:.1f}C{half:.1f} {y0:.1f} {half:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"


def _short(text: str) -> str:
    """As much of ``text`` as a box has room for."""
    if _cells(text) <= _LONGEST:
        return text
    kept = ""
    for character in text:
        if _cells(kept + character) >= _LONGEST:
            break
        kept += character
    return kept + "…"


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# What is said beside it.


def _key(sketch: Sketch) -> Iterable[Markup]:
    """Of what occurs, what it means."""
    kinds = {arrow.kind for arrow in sketch.arrows}
    said = {
        "flow": _("the gradient comes back along it"),
        "cut": _("cut: the gradient does not pass"),
        "still": _("no gradient"),
    }
    for kind, words in said.items():
        if kind in kinds:
            over = _text("scissors", 17, 11.5, _SCISSORS) if kind == "cut" else Markup()
            yield Markup(
                '<li><svg class="sketch swatch" width="34" height="14" viewBox="0 0 34 14" '
                'aria-hidden="true" focusable="false"><path class="{}" d="M1 7H33"/>{}</svg> {}</li>'
            ).format(kind, over, words)
    states = {box.reached for box in sketch.boxes}
    if True in states:
        yield Markup('<li><span aria-hidden="true">✓</span> {}</li>').format(_("a gradient arrives here"))
    if False in states:
        yield Markup('<li><span aria-hidden="true">✗</span> {}</li>').format(_("no gradient arrives here"))
    if any(box.count > 1 for box in sketch.boxes):
        yield Markup("<li>{}</li>").format(_("×n: n times, one after the other"))


def _of(node: GraphNode) -> str:
    """What the node's result is called in a sentence."""
    return (
        (f" {node.name} " if language() == "zh" else node.name)
        if node.does == "input"
        else _("the result of %(op)s", op=node.name)
    )


def _notes(graph: GraphPicture) -> Iterator[str]:
    comma = "、" if language() == "zh" else ", "
    if graph.output is None:
        yield _("The result was not made of the inputs by operations that autograd can follow.")
    if graph.unreached:
        yield _("Not reached by any gradient: %(names)s.", names=comma.join(graph.unreached))
    nodes = {node.id: node for node in graph.nodes}
    left = [
        (nodes[b].name, _of(nodes[a]))
        for a, b in graph.edges
        if a in nodes and b in nodes and nodes[b].does == "leaves"
    ]
    for name, source in list(dict.fromkeys(left))[:_MOST_LEFT]:
        yield _(
            "%(call)s turns %(what)s into plain numbers: autograd does not follow them.",
            call=f"{name}()",
            what=source,
        )
    asked = Counter(
        _sign(nodes[a])
        for a, b in graph.edges
        if a in nodes and b in nodes and nodes[b].does == "decision"
    )  # fmt: skip
    if asked:
        signs = ", ".join(f"{sign} ×{times}" if times > 1 else sign for sign, times in asked.items())
        yield _(
            "A loop or branch looked at the numbers (%(signs)s); no gradient flows through that.", signs=signs
        )
    if graph.truncated:
        yield _("There is more than is shown here.")


def _listed(sketch: Sketch) -> Markup:
    """Every edge in words."""
    if not sketch.arrows:
        return Markup()
    words = {"flow": "", "still": _("no gradient"), "cut": _("cut: the gradient does not pass")}
    items = []
    for arrow in sketch.arrows:
        source, target = sketch.boxes[arrow.source].name, sketch.boxes[arrow.target].name
        said = words[arrow.kind]
        sign = _SCISSORS if arrow.kind == "cut" else "→"
        items.append(
            Markup('<li class="{}"><code>{} {} {}</code>{}</li>').format(
                arrow.kind, source, sign, target, f" {said}" if said else ""
            )
        )
    return Markup("<details><summary>{}</summary><ul>{}</ul></details>").format(
        _("The graph as a list"), Markup("").join(items)
    )
