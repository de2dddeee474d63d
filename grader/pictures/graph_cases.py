"""Graphs of one function at several cases: the first is open, the others are in a list to choose from."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from grader.model.picture import GraphPicture, Pictures
from grader.model.text import EMPTY, Language, Text
from grader.pictures.graph_view import view
from grader.pictures.svg_graph import graph_figure

_ELSEWHERE: Final = Text("The graph at another visible case:", "其他可见用例上的计算图：")


def graph_figures(pictures: Pictures, language: Language, code: str | None = None) -> Markup:
    """What is shown of the graphs; nothing where there is none. See :func:`graph_figure`."""
    if pictures.graph is None:
        return Markup("")
    first = graph_figure(pictures.graph, language, code)
    if not pictures.others:
        return first
    items = Markup("").join(
        Markup("<li><details><summary>{}</summary>{}</details></li>").format(
            _called(other, language), graph_figure(other, language, code)
        )
        for other in pictures.others
    )
    return Markup('<div class="cases-drawn">{}<p class="quiet">{}</p><ul class="plain">{}</ul></div>').format(
        first, _ELSEWHERE.in_(language), items
    )


def _called(graph: GraphPicture, language: Language) -> str:
    at = view(graph).short
    return at if graph.case == EMPTY else f"{graph.case.in_(language)}: {at}"
