"""SVG of the graph that autograd recorded, in an HTML figure with the same as a list for who does not see it.

From left to right, as the function ran. A gradient comes back along the strong lines; a dashed line
with scissors is where one could and does not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from markupsafe import Markup

from grader.model.picture import GraphPicture
from grader.model.text import Language, Text
from grader.pictures.graph_view import Box, GraphView, sign, view
from grader.pictures.layered_layout import Edge, Layout, Stroke, laid_out

_CHARACTER: Final = 7.9
"""So wide is a letter of a label; those of half the world's writing are twice as wide."""
_LONGEST: Final = 16
_PAD: Final = 14.0
_SCISSORS: Final = "✂\N{VARIATION SELECTOR-15}"
"""As text: some fonts would paint them."""
_RESULT: Final = Text("result", "结果")
_LISTED_BELOW: Final = Text("Every edge is in the list below.", "每条边都列在后面的清单里。")
_EVERY_ROUND: Final = Text("Every round by itself", "逐轮展开")
_AS_A_LIST: Final = Text("The graph as a list", "计算图的边")
_KINDS: Final = {
    "flow": Text("the gradient comes back along it", "梯度沿这条边返回"),
    "cut": Text("cut: the gradient does not pass", "切断：梯度过不去"),
    "still": Text("no gradient", "没有梯度"),
}
_ARRIVES: Final = Text("a gradient arrives here", "梯度到达这里")
_ARRIVES_NOT: Final = Text("no gradient arrives here", "梯度到不了这里")
_LINE: Final = Text("line {}", "第 {} 行")
_TIMES: Final = Text("×n: n times, one after the other", "×n：依次做 n 次")


def graph_figure(graph: GraphPicture, language: Language, code: str | None = None) -> Markup:
    """The figure: title, graph, legend, what has to be said, and every edge in words.

    :param code: the address of a page on which line 5 of the code is ``#L5``: a node leads to its line.
    """
    said = view(graph)
    title = said.title.in_(language)
    region = Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
        title, _svg(said, language, code)
    )
    notes = Markup("").join(
        Markup('<p class="quiet">{}</p>').format(note.text.in_(language)) for note in said.notes
    )
    return Markup('<figure class="picture graph"><figcaption>{}</figcaption>{}{}{}{}{}</figure>').format(
        title,
        region if said.boxes else "",
        Markup('<ul class="key">{}</ul>').format(Markup("").join(_key(said, language))),
        notes,
        _unfolded(graph, said, language, code),
        _listed(said, language, code),
    )


def _unfolded(graph: GraphPicture, said: GraphView, language: Language, code: str | None) -> Markup:
    """The same graph with nothing folded, where something was."""
    if not any(box.count > 1 for box in said.boxes):
        return Markup("")
    words = _EVERY_ROUND.in_(language)
    return Markup(
        "<details><summary>{}</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div></details>'
    ).format(words, words, _svg(view(graph, fold=False), language, code))


def _svg(said: GraphView, language: Language, code: str | None) -> Markup:
    """The graph alone, at its own size. Who takes it as one image has the list for what leads to a line."""
    labels = [_Label(box, language) for box in said.boxes]
    edges = [Edge(a.source, a.target, a.kind, 4.0 if a.kind == "flow" else 1.0) for a in said.arrows]
    layout = laid_out([(label.width, label.height) for label in labels], edges)
    # Below the last box there is room for the word that says which is the result.
    width, height = layout.width + 2 * _PAD, layout.height + 2 * _PAD
    return Markup(
        '<svg class="sketch" width="{w:.0f}" height="{h:.0f}" viewBox="0 0 {w:.0f} {h:.0f}" role="{role}">'
        '<title>{title}</title><desc>{about}</desc><g transform="translate({p} {p})">{lines}{boxes}</g></svg>'
    ).format(
        w=width,
        h=height,
        role="img" if code is None else "group",
        title=said.title.in_(language),
        about=_LISTED_BELOW.in_(language),
        p=_PAD,
        lines=Markup("").join(_lines(layout)),
        boxes=Markup("").join(
            _to_line(box, label.drawn(x, y), language, code)
            for box, label, (x, y) in zip(said.boxes, labels, layout.centres, strict=True)
        ),
    )


def _to_line(box: Box, drawn: Markup, language: Language, code: str | None) -> Markup:
    """What is drawn of ``box``, as a link to its line where there is one."""
    line = box.node.line
    if code is None or line is None:
        return drawn
    return Markup('<a class="node" href="{}#L{}" data-at="{}" aria-label="{}">{}</a>').format(
        code, line, line, f"{box.name}, {_LINE.in_(language).format(line)}", drawn
    )


class _Label:
    """A box with its lines of text, and the room that it takes."""

    def __init__(self, box: Box, language: Language) -> None:
        self._box = box
        node = box.node
        mark = {None: "", True: " ✓", False: " ✗"}[box.reached]
        times = f" ×{box.count}" if box.count > 1 else ""
        self._text = _short(sign(node)) + times + mark
        self._shape = _short(str(list(node.shape))) if node.shape else ""
        self._word = _RESULT.in_(language) if box.result else ""
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


def _key(said: GraphView, language: Language) -> Iterable[Markup]:
    """Of what occurs, what it means."""
    kinds = {arrow.kind for arrow in said.arrows}
    for kind, words in _KINDS.items():
        if kind in kinds:
            over = _text("scissors", 17, 11.5, _SCISSORS) if kind == "cut" else Markup()
            yield Markup(
                '<li><svg class="sketch swatch" width="34" height="14" viewBox="0 0 34 14" '
                'aria-hidden="true" focusable="false"><path class="{}" d="M1 7H33"/>{}</svg> {}</li>'
            ).format(kind, over, words.in_(language))
    states = {box.reached for box in said.boxes}
    for reached, mark, words in ((True, "✓", _ARRIVES), (False, "✗", _ARRIVES_NOT)):
        if reached in states:
            yield Markup('<li><span aria-hidden="true">{}</span> {}</li>').format(mark, words.in_(language))
    if any(box.count > 1 for box in said.boxes):
        yield Markup("<li>{}</li>").format(_TIMES.in_(language))


def _listed(said: GraphView, language: Language, code: str | None) -> Markup:
    """Every edge in words, and of what it leads to the line."""
    if not said.arrows:
        return Markup()
    items = []
    for arrow in said.arrows:
        source, target = said.boxes[arrow.source].name, said.boxes[arrow.target].name
        line = said.boxes[arrow.target].node.line
        at = _LINE.in_(language).format(line) if line is not None else ""
        if at and code is not None:
            at = Markup('<a href="{}#L{}" data-at="{}">{}</a>').format(code, line, line, at)
        words = "" if arrow.kind == "flow" else f" {_KINDS[arrow.kind].in_(language)}"
        mark = _SCISSORS if arrow.kind == "cut" else "→"
        items.append(
            Markup('<li class="{}"><code>{} {} {}</code>{}{}{}</li>').format(
                arrow.kind, source, mark, target, words, " " if at else "", at
            )
        )
    return Markup("<details><summary>{}</summary><ul>{}</ul></details>").format(
        _AS_A_LIST.in_(language), Markup("").join(items)
    )
