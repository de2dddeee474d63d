"""Pictures as a terminal shows them: a curve with its gradients, the graph behind a result, a tape.

Everything is told apart by its mark, so that it can be read without colour; in a terminal that
cannot show more than ASCII, or says that it is dumb, the marks are ASCII. Nothing is wider than
:data:`WIDTH` columns, nor the panels of a curve higher than 18 rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text as Line

from grader.cli.pictures.curve import curve_drawing
from grader.cli.pictures.graph import graph_drawing
from grader.cli.pictures.marks import WIDTH
from grader.cli.pictures.tape import tape_drawing
from grader.model.picture import Pictures
from grader.model.text import Language, Text
from grader.pictures.failing import Failing

__all__ = ["WIDTH", "curve_drawing", "drawings", "graph_drawing", "tape_drawing"]


def drawings(
    pictures: Pictures,
    language: Language,
    failing: Sequence[Failing] = (),
    *,
    plot: bool,
    graph: bool,
    tape: bool = False,
) -> Iterator[RenderableType]:
    """What was asked for, or one sentence in the place of each that there is not.

    :param failing: cases to be marked in the curve.
    """
    if plot:
        yield Line()
        yield (
            curve_drawing(pictures.curve, language, failing)
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
    if tape:
        for each in pictures.tapes:
            yield Line()
            yield tape_drawing(each, language)
        if not pictures.tapes:
            yield Line()
            yield Line(NO_TAPE.in_(language))


NO_CURVE: Final = Text(
    "No curve here: to be drawn, f must run, and turn each number into one number.",
    "这里没有曲线：f 要能运行，并且把每个数变成一个数，才画得出来。",
)
NO_GRAPH: Final = Text(
    "No graph: your function runs at no visible case.",
    "没有计算图：你的函数在可见用例上都没能运行。",
)
NO_TAPE: Final = Text(
    "No tape: there is one of a prediction that is wrong at a visible case, once the function is right, "
    "and of a wrong number about the backward of the given code.",
    "没有反向传播的逐步展示：函数本身写对、而预测在可见用例上不对时才有；关于给出代码的反向传播、填错的数也有。",
)
