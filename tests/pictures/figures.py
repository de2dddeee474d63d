"""Pictures to draw, and what a test sees of a drawn one."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup

from grader.model.picture import Curve, GraphNode, GraphPicture, Pictures, Series
from grader.model.tape import Move, TapePicture, TapeStep
from grader.model.text import Text

XS = tuple(i / 10 for i in range(-20, 21))
PARABOLA = tuple((x, x * x) for x in XS)
LINE = tuple((x, 2 * x) for x in XS)
CURVE = Curve("x", "f", "grad_f", XS, Series((PARABOLA,), (LINE,), (LINE,)))


def op(i: int, name: str, grad: bool = True, does: Any = "op") -> GraphNode:
    """A node without a shape."""
    return GraphNode(i, does, name, (), grad)


DETACHED = GraphPicture(
    "f",
    {"x": [1.0, 2.0]},
    (op(0, "x", does="input"), op(1, "mul"), op(2, "detach", grad=False), op(3, "mul")),
    edges=((0, 1), (1, 2), (2, 3), (0, 3)),
    cut=((1, 2),),
    output=3,
    reached=("x",),
)
DOUBLED = TapePicture(
    check="prediction",
    title=Text("your grad_f(a)", "你的 grad_f(a)"),
    call="f(a)",
    by="a",
    inputs={"a": [1.5, 2.0]},
    steps=(
        *(
            TapeStep("mul", "b = b * 2", [2.0**n, 2.0**n], (2,),
                     (Move(n + 1, "times", [2.0, 2.0], [2.0 ** (n + 1)] * 2, (2,)),))
            for n in range(3)
        ),
        TapeStep("leaf", "", [8.0, 8.0], (2,)),
    ),
    yours=[8.0, 4.0],
    right=[8.0, 8.0],
)  # fmt: skip
DRAWN = Pictures(CURVE, DETACHED)
VOID = {"path", "rect", "circle", "input", "br", "meta", "link"}


class Outline(HTMLParser):
    """Elements with their attributes and, by element, its text; fails where tags do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1] if self._open else "", data.strip()))

    def of(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        """The attributes of every element of that tag whose classes hold ``kind``."""
        return [
            a for t, a in self.elements if t == tag and (not kind or kind in (a.get("class") or "").split())
        ]

    def said(self, tag: str) -> list[str]:
        """The texts directly in elements of that tag."""
        return [text for each, text in self.texts if each == tag]


def inert(figure: Markup) -> Outline:
    """The figure, which holds nothing that acts, and leads nowhere but to a line of the code."""
    page = Outline(figure)
    assert not {"script", "img", "style"} & {tag for tag, _ in page.elements}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {n for n in names if n.startswith("on") or n in ("style", "src")}
    links = [str(attributes["href"]) for _, attributes in page.elements if "href" in attributes]
    assert all(re.fullmatch(r"(/attempts/\w+)?#L\d+", link) for link in links)
    return page
