"""Pictures as a terminal shows them: a curve with its gradients, and the graph behind a result.

Everything is told apart by its mark, so that it can be read without colour; in a terminal that
cannot show more than ASCII, or says that it is dumb, the marks are ASCII. Nothing is wider than
:data:`WIDTH` columns, nor a curve higher than 16 rows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text as Line

from grader.model.picture import Curve, GraphNode, GraphPicture, Pictures, Stretch
from grader.model.text import Language, Text
from grader.model.values import Plain
from grader.terminal import inert

WIDTH: Final = 72
NARROWEST: Final = 32
ROWS: Final = 11
"""Of the curve itself; axis, numbers, legend and notes take five more at most."""
_GRAPH_ROWS: Final = 20
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots, by row and column."""
_SIGNS: Final = {"lt": "<", "gt": ">", "le": "<=", "ge": ">=", "eq": "==", "ne": "!="}


@dataclass(frozen=True)
class _Marks:
    """What is drawn with."""

    curve: str
    zero: str
    side: str
    tick: str
    corner: str
    bottom: str
    notch: str
    fork: str
    last: str
    rail: str
    made_of: str
    cut: str
    scissors: str
    arrives: str


_FINE: Final = _Marks("⠤⠤", "┄", "│", "┤", "└", "─", "┬", "├─ ", "└─ ", "│  ", " ← ", " ←✂ ", "✂", " ✓")
_PLAIN: Final = _Marks(
    "::", ".", "|", "+", "+", "-", "+", "|- ", "`- ", "|  ", " <- ", " <-8<- ", "8<", " [ok]"
)
_TRUTH, _GUESS, _BOTH = "o", "+", "*"
_STYLES: Final = {_TRUTH: "green", _GUESS: "red", _BOTH: "yellow"}


class Drawing:
    """Lines that are made once the width is known and what the terminal can show."""

    def __init__(self, lines: Callable[[int, bool], Iterator[Line]]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        plain = options.ascii_only or console.is_dumb_terminal
        yield from self._lines(min(WIDTH, options.max_width), plain)


def curve_drawing(curve: Curve, language: Language) -> RenderableType:
    """``grade run --plot``: at most 72 columns and 16 rows."""
    return Drawing(lambda width, plain: _curve_lines(curve, language, width, plain))


def graph_drawing(graph: GraphPicture, language: Language) -> RenderableType:
    """``grade run --graph``: from the result back to the inputs, as a backward pass goes."""
    return Drawing(lambda width, plain: _graph_lines(graph, language, width, plain))


def drawings(pictures: Pictures, language: Language, *, plot: bool, graph: bool) -> Iterator[RenderableType]:
    """What was asked for, or one sentence in the place of each that there is not."""
    if plot:
        yield Line()
        yield (
            curve_drawing(pictures.curve, language)
            if pictures.curve is not None
            else Line(NO_CURVE.in_(language))
        )
    if graph:
        yield Line()
        yield (
            graph_drawing(pictures.graph, language)
            if pictures.graph is not None
            else Line(NO_GRAPH.in_(language))
        )


NO_CURVE: Final = Text(
    "No curve here: to be drawn, f must run, and turn each number into one number.",
    "这里没有曲线：f 要能运行，并且把每个数变成一个数，才画得出来。",
)
NO_GRAPH: Final = Text(
    "No graph: your function does not run at the first visible case.",
    "没有计算图：你的函数在第一个可见用例上没能运行。",
)


# The curve.


def _curve_lines(curve: Curve, language: Language, width: int, plain: bool) -> Iterator[Line]:
    if width < NARROWEST:
        yield Line(
            _say(language, f"No curve: it takes {NARROWEST} columns.", f"没有曲线：至少需要 {NARROWEST} 列。")
        )
        return
    marks = _PLAIN if plain else _FINE
    low, high = curve.y_range
    labels = {_row(y, low, high): _short(y) for y in _ticks(low, high, 5)}
    left = max(map(len, labels.values()), default=0)
    columns = width - left - 2
    field = _Field(curve, columns)
    cells = field.cells(marks, plain)
    for row in range(ROWS):
        line = Line(labels.get(row, "").rjust(left) + " ", no_wrap=True)
        line.append(marks.tick if row in labels else marks.side, style="dim")
        for character, style in cells[row]:
            line.append(character, style=style)
        line.rstrip()
        yield line
    yield from _x_axis(curve, columns, left, marks)
    yield from _fitted(_legend(curve, language, marks), width)
    for note in _notes(curve, language, field):
        yield Line(note, style="dim")


class _Field:
    """The cells between the axes."""

    def __init__(self, curve: Curve, columns: int) -> None:
        self._curve, self._columns = curve, columns
        self._x0, self._x1 = curve.xs[0], curve.xs[-1]
        self._low, self._high = curve.y_range

    def cells(self, marks: _Marks, plain: bool) -> list[list[tuple[str, str]]]:
        blank = [[(" ", "") for _ in range(self._columns)] for _ in range(ROWS)]
        if self._low < 0 < self._high:
            blank[_row(0.0, self._low, self._high)] = [(marks.zero, "dim")] * self._columns
        for (column, row), dots in self._dots(self._curve.series.f).items():
            blank[row][column] = (":" if plain else chr(0x2800 + dots), "cyan")
        truth = self._marked(self._curve.series.truth)
        guess = self._marked(self._curve.series.predicted)
        for place in truth | guess:
            mark = _BOTH if place in truth and place in guess else _TRUTH if place in truth else _GUESS
            blank[place[1]][place[0]] = (mark, _STYLES[mark])
        return blank

    def leaves(self, stretches: tuple[Stretch, ...]) -> bool:
        """Whether some of it lies outside."""
        return any(not self._low <= y <= self._high for stretch in stretches for _, y in stretch)

    def _across(self, x: float) -> float:
        """From 0 at the left edge of the first column to the number of columns."""
        return (x - self._x0) / ((self._x1 - self._x0) or 1.0) * (self._columns - 1) + 0.5

    def _dots(self, stretches: tuple[Stretch, ...]) -> dict[tuple[int, int], int]:
        """Braille dots of a line: by (column, row), the bits."""
        found: dict[tuple[int, int], int] = {}
        height, wide = ROWS * 4, self._columns * 2
        for stretch in stretches:
            for (xa, ya), (xb, yb) in pairwise(stretch) if len(stretch) > 1 else [(stretch[0],) * 2]:
                a, b = self._across(xa) * 2, self._across(xb) * 2
                inside = _inside(ya, yb, self._low, self._high)
                if inside is None:
                    continue
                p, q = (_height(y, self._low, self._high) * height for y in (ya, yb))
                (s, t) = inside
                steps = math.ceil(max(abs(b - a), abs(q - p) * (t - s))) * 2 + 1
                for n in range(steps + 1):
                    k = s + (t - s) * n / steps
                    x = min(wide - 1, max(0, int(a + (b - a) * k)))
                    y = min(height - 1, max(0, int(height - (p + (q - p) * k))))
                    bit = _DOTS[y % 4][x % 2]
                    found[x // 2, y // 4] = found.get((x // 2, y // 4), 0) | bit
        return found

    def _marked(self, stretches: tuple[Stretch, ...]) -> set[tuple[int, int]]:
        """(column, row) of the marks: in every other column, so that what lies below is seen between them."""
        found = set()
        for stretch in stretches:
            first, last = self._across(stretch[0][0]), self._across(stretch[-1][0])
            inside = [c for c in range(0, self._columns, 2) if first <= c + 0.5 <= last]
            points = [(c, self._at(stretch, c + 0.5)) for c in inside]
            if not inside:  # too short to reach one, yet worth a mark
                points = [(int(self._across(x)) // 2 * 2, y) for x, y in stretch]
            for column, y in points:
                if self._low <= y <= self._high:
                    found.add((min(self._columns - 1, column), _row(y, self._low, self._high)))
        return found

    def _at(self, stretch: Stretch, across: float) -> float:
        """The height of the line through ``stretch`` there."""
        for (xa, ya), (xb, yb) in pairwise(stretch):
            a, b = self._across(xa), self._across(xb)
            if across <= b:
                part = min(1.0, max(0.0, (across - a) / ((b - a) or 1.0)))
                return ya + (yb - ya) * part
        return stretch[-1][1]


def _inside(a: float, b: float, low: float, high: float) -> tuple[float, float] | None:
    """From which to which part of the way from ``a`` to ``b`` it is between ``low`` and ``high``."""
    if a == b:
        return (0.0, 1.0) if low <= a <= high else None
    s, t = sorted(((low - a) / (b - a), (high - a) / (b - a)))
    s, t = max(0.0, s), min(1.0, t)
    return (s, t) if s <= t else None


def _height(y: float, low: float, high: float) -> float:
    return (y - low) / (high - low)


def _row(y: float, low: float, high: float) -> int:
    # A hair upwards, so that two ways to work out one number do not fall into two rows.
    return min(ROWS - 1, max(0, int(ROWS - _height(y, low, high) * ROWS - 1e-6)))


def _ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round numbers between ``low`` and ``high``: steps of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power, 2 * power, 5 * power, 10 * power, 20 * power):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return [n * step for n in range(first, last + 1)]


def _short(y: float) -> str:
    return f"{y + 0.0:.6g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


def _x_axis(curve: Curve, columns: int, left: int, marks: _Marks) -> Iterator[Line]:
    x0, x1 = curve.xs[0], curve.xs[-1]
    axis, numbers = [marks.bottom] * columns, [" "] * columns
    free = 0
    for x in _ticks(x0, x1, max(3, columns // 10)):
        at = min(columns - 1, int((x - x0) / ((x1 - x0) or 1.0) * (columns - 1) + 0.5))
        text = _short(x)
        start = min(max(0, at - len(text) // 2), columns - len(text))
        if start < free or start + len(text) > columns - len(curve.input) - 2:
            continue
        axis[at] = marks.notch
        numbers[start : start + len(text)] = text
        free = start + len(text) + 1
    numbers[columns - len(curve.input) :] = curve.input
    yield Line(" " * (left + 1) + marks.corner + "".join(axis), style="dim", no_wrap=True)
    yield Line(" " * (left + 2) + "".join(numbers), no_wrap=True)


def _names(curve: Curve, language: Language) -> dict[str, str]:
    f, x = inert(curve.function), inert(curve.input)
    guess = inert(curve.prediction or "")
    return {
        "f": _say(language, f"your {f}({x})", f"你的 {f}({x})"),
        "truth": _say(language, "true gradient", "真实梯度"),
        "predicted": _say(language, f"your {guess}", f"你的 {guess}"),
    }


def _legend(curve: Curve, language: Language, marks: _Marks) -> list[Line]:
    names, series = _names(curve, language), curve.series
    items = []
    if series.f:
        items.append(Line.assemble((marks.curve, "cyan"), f" {names['f']}"))
    if series.truth:
        items.append(Line.assemble((_TRUTH, _STYLES[_TRUTH]), f" {names['truth']}"))
    if series.predicted:
        items.append(Line.assemble((_GUESS, _STYLES[_GUESS]), f" {names['predicted']}"))
    if series.truth and series.predicted:
        items.append(Line.assemble((_BOTH, _STYLES[_BOTH]), " ", _say(language, "both", "两者重合")))
    return items


def _fitted(items: list[Line], width: int) -> Iterator[Line]:
    """``items`` beside one another, in as many lines as they need."""
    line = Line()
    for item in items:
        if line and cell_len(line.plain) + 3 + cell_len(item.plain) > width:
            yield line
            line = Line()
        line = Line.assemble(line, "   ", item) if line else item
    if line:
        yield line


def _notes(curve: Curve, language: Language, field: _Field) -> Iterator[str]:
    names, series = _names(curve, language), curve.series
    outside = [
        names[name]
        for name, one in (("f", series.f), ("truth", series.truth), ("predicted", series.predicted))
        if one and field.leaves(one)
    ]
    if outside:
        joined = _say(language, ", ", "、").join(outside)
        yield _say(language, f"Partly beyond the picture: {joined}.", f"有一部分超出图外：{joined}。")
    if not series.f:
        yield _say(
            language,
            f"No curve of {names['f']}: it does not give one number for each {inert(curve.input)} here.",
            f"{names['f']} 画不出曲线：在这里它没有为每个 {inert(curve.input)} 给出一个数。",
        )
    if curve.prediction is not None and not series.predicted:
        yield _say(
            language,
            f"No curve of {names['predicted']}: it does not give one number for each "
            f"{inert(curve.input)} here.",
            f"{names['predicted']} 画不出曲线：在这里它没有为每个 {inert(curve.input)} 给出一个数。",
        )
    if curve.withheld:
        yield _say(
            language,
            "The true gradient is drawn once there is a prediction to compare.",
            "有了预测，才会画出真实梯度作对照。",
        )
    elif not series.truth:
        yield _say(
            language,
            "The true gradient is not known over this range, so it is not drawn.",
            "这段范围内的真实梯度未知，因此没有画出。",
        )


# The graph.


def _graph_lines(graph: GraphPicture, language: Language, width: int, plain: bool) -> Iterator[Line]:
    marks = _PLAIN if plain else _FINE
    at = ", ".join(f"{inert(name)} = {_plain(value)}" for name, value in graph.inputs.items())
    title = _say(
        language,
        f"The graph of {graph.function}, read backwards from its result, at {at}",
        f"{graph.function} 的计算图（从结果往回看），取 {at}",
    )
    yield Line(inert(title), style="dim", no_wrap=True, overflow="ellipsis")
    tree = _Tree(graph, marks, width)
    if graph.output is None:
        yield Line(
            _say(
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
        yield Line(_say(language, f"… {more} rows more", f"…… 还有 {more} 行"), style="dim")
    legend = []
    if tree.arrived:
        legend.append(marks.arrives.strip() + _say(language, " the gradient arrives", " 梯度到达"))
    if tree.crossed:
        legend.append(marks.scissors + _say(language, " cut: no gradient passes", " 切断：梯度过不去"))
    if tree.again:
        legend.append(_say(language, "#1 = the same result again", "#1 表示同一个结果再次出现"))
    yield from _fitted([Line(item, style="dim") for item in legend], width)
    for note in _graph_notes(graph, language, marks):
        yield Line(note)


class _Tree:
    """The ancestors of the result, a row each, a chain of single ones in one row.

    :ivar arrived: whether a gradient arrives at some input; known once the rows are made.
    :ivar crossed: whether a cut edge was drawn; likewise.
    :ivar again: whether a result was met again; likewise.
    """

    def __init__(self, graph: GraphPicture, marks: _Marks, width: int) -> None:
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
        return _say(language, name, f"{name} ")
    return _say(language, f"the result of {name}", f"{name} 的结果")


def _shape(node: GraphNode) -> str:
    return f" {list(node.shape)}" if node.shape else ""


def _graph_notes(graph: GraphPicture, language: Language, marks: _Marks) -> Iterator[str]:
    sources = {node.id: [a for a, b in graph.edges if b == node.id] for node in graph.nodes}
    if graph.unreached:
        joined = _say(language, ", ", "、").join(map(inert, graph.unreached))
        yield _say(language, f"Not reached by any gradient: {joined}.", f"梯度没有到达：{joined}。")
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
        yield _say(
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
        yield _say(
            language,
            f"A loop or branch asked the data ({signs}); no gradient flows through that.",
            f"循环或分支查看了数据（{signs}），梯度不经过这些判断。",
        )
    if graph.truncated:
        yield _say(language, "There was more than is shown.", "还有更多运算没有显示。")


def _plain(value: Plain) -> str:
    """Numbers with six significant digits, nested lists in brackets."""
    if isinstance(value, list):
        return "[" + ", ".join(_plain(item) for item in value) + "]"
    return f"{value + 0.0:.6g}" if isinstance(value, float) else str(value)


def _say(language: Language, en: str, zh: str) -> str:
    return zh if language == "zh" else en
