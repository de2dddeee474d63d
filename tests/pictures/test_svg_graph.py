"""The drawn graph: cuts, folded loops, bounds, and the list beside it."""

from __future__ import annotations

import msgspec

from grader.model.picture import GraphPicture
from grader.pictures.graph_view import view
from grader.pictures.svg_graph import graph_figure
from tests.web.world import HOSTILE

from .figures import DETACHED, Outline, inert, op


def test_a_cut_edge_is_dashed_has_scissors_and_is_said() -> None:
    """One of four edges; the gradient's own way is another line."""
    page = Outline(graph_figure(DETACHED, "en"))
    assert [text for text in page.said("text") if "✂" in text] == ["✂\ufe0e", "✂\ufe0e"], (
        "drawn, and in the key"
    )
    assert "cut: the gradient does not pass" in page.said("li")
    assert page.said("code") == ["x → mul (1)", "mul (1) ✂\ufe0e detach", "detach → mul (2)", "x → mul (2)"]
    assert [a["class"] for a in page.of("path", "head")] == [
        "still head",
        "cut head",
        "still head",
        "flow head",
    ]
    assert page.said("figcaption") == ["What autograd recorded of f at x = [1, 2]"]
    assert page.of("rect", "input")[0]["class"] == "input good"
    assert [a["class"] for a in page.of("rect", "result")] == ["op result"]


def test_an_input_that_no_gradient_reaches_is_marked_and_said() -> None:
    """By a mark, a class and a sentence."""
    graph = msgspec.structs.replace(DETACHED, cut=((0, 1), (0, 3)), reached=(), unreached=("x",))
    figure = graph_figure(graph, "en")
    page = Outline(figure)
    assert page.of("rect", "input")[0]["class"] == "input bad"
    assert "x ✗" in page.said("text")
    assert "Not reached by any gradient: x." in figure


def test_a_loop_is_folded_with_its_questions() -> None:
    """Three rounds are one box with ×3; nothing else is folded with them."""
    nodes, edges = [op(0, "a", does="input")], []
    last = 0
    for _round in range(3):
        n = len(nodes)
        nodes += [op(n, "mul"), op(n + 1, "lt", grad=False), op(n + 2, "bool", grad=False, does="decision")]
        edges += [(last, n), (n, n + 1), (n + 1, n + 2)]
        last = n
    nodes.append(op(10, "sum"))
    graph = GraphPicture("f", {}, tuple(nodes), (*edges, (last, 10)), output=10, reached=("a",))
    said = view(graph)
    assert [box.name for box in said.boxes] == ["a", "mul ×3", "< ×3", "bool ×3", "sum"]
    assert [(a.source, a.target, a.kind) for a in said.arrows] == [
        (0, 1, "flow"), (1, 2, "still"), (2, 3, "still"), (1, 4, "flow"),
    ]  # fmt: skip
    figure = graph_figure(graph, "en")
    assert "A loop or branch looked at the numbers (&lt; ×3)" in figure
    assert Outline(figure).of("path", "decision")


def test_the_largest_graph_is_bounded() -> None:
    """Sixty-four nodes in a row and every edge that fits between them: a page and no more, and soon."""
    nodes = tuple(op(i, f"{'w' * 38}{i:02}") for i in range(64))
    edges = [(i, i + 1) for i in range(63)] + [(a, b) for a in range(64) for b in range(a + 2, 64)][:193]
    figure = graph_figure(GraphPicture("f", {}, nodes, tuple(edges), cut=tuple(edges[::3]), output=63), "en")
    assert len(figure) < 300_000
    page = Outline(figure)
    assert len(page.of("rect")) == 64
    assert len(page.said("code")) == 256
    assert "w" * 15 + "…" in page.said("text")


def test_a_graph_of_a_damaged_row_is_drawn_without_what_makes_no_sense() -> None:
    """Edges backwards, to itself, to nowhere; a result that is none of the nodes."""
    graph = msgspec.structs.replace(DETACHED, edges=((0, 1), (1, 1), (3, 0), (0, 99), (-1, 2)), output=77)
    assert Outline(graph_figure(graph, "en")).said("code") == ["x → mul (1)"]


def test_no_box_lies_on_another() -> None:
    """In a tangle with long edges, too."""
    nodes = tuple(op(i, f"n{i}", does="input" if i < 4 else "op") for i in range(24))
    edges = tuple((a, b) for b in range(4, 24) for a in {b - 1, b * 7 % b, b // 2} if a < b)
    page = Outline(graph_figure(GraphPicture("f", {}, nodes, edges, output=23), "en"))
    boxes = [tuple(float(a[k] or 0) for k in ("x", "y", "width", "height")) for a in page.of("rect")]
    assert len(boxes) == 24
    for i, (x, y, w, h) in enumerate(boxes):
        for X, Y, W, H in boxes[:i]:
            assert x + w <= X or x >= X + W or y + h <= Y or y >= Y + H


def test_hostile_names_are_inert() -> None:
    """Text wherever a name can stand: no element, no attribute, nothing that is a style."""
    nodes = tuple(msgspec.structs.replace(node, name=HOSTILE) for node in DETACHED.nodes)
    graph = msgspec.structs.replace(
        DETACHED, function=HOSTILE, inputs={HOSTILE: HOSTILE}, nodes=nodes, unreached=(HOSTILE,)
    )
    page = inert(graph_figure(graph, "en"))
    assert "alert(1)" in " ".join(page.said("p"))


def test_a_graph_is_in_chinese_too() -> None:
    """Key, list, and a sentence with a name in its middle."""
    left = msgspec.structs.replace(DETACHED.nodes[2], does="leaves", name="item")
    nodes = (*DETACHED.nodes[:2], left, DETACHED.nodes[3])
    figure = graph_figure(msgspec.structs.replace(DETACHED, nodes=nodes), "zh")
    page = Outline(figure)
    assert "切断：梯度过不去" in page.said("li")
    assert page.said("summary") == ["计算图的边"]
    assert page.said("p") == ["item() 把 mul 的结果变成了普通数字，autograd 不再跟踪。"]


def test_a_node_leads_to_its_line() -> None:
    """And so does the list: to the same one, from who takes the drawing as one image."""
    nodes = (DETACHED.nodes[0], *(msgspec.structs.replace(n, line=n.id + 2) for n in DETACHED.nodes[1:]))
    graph = msgspec.structs.replace(DETACHED, nodes=nodes, severed=(4,))
    page = inert(graph_figure(graph, "en", "/attempts/7"))
    drawn = page.of("a", "node")
    assert [(a["href"], a["aria-label"]) for a in drawn] == [
        ("/attempts/7#L3", "mul (1), line 3"),
        ("/attempts/7#L4", "detach, line 4"),
        ("/attempts/7#L5", "mul (2), line 5"),
    ]
    assert {a["href"] for a in page.of("a")} == {a["href"] for a in drawn}
    assert "Line 4 cuts it: along that path no gradient comes back." in page.said("p")
    assert not Outline(graph_figure(graph, "en")).of("a")


def test_a_loop_s_rounds_are_drawn_once_and_unfolded_below() -> None:
    """Two operations a round, at the same lines; the way from one round into the next is left out."""
    at = dict(zip(("mul", "add"), (3, 4), strict=True))
    rounds = [msgspec.structs.replace(op(1 + i, ("mul", "add")[i % 2]), line=3 + i % 2) for i in range(6)]
    nodes = (op(0, "x", does="input"), *rounds, op(7, "sum"))
    edges = (*((i, i + 1) for i in range(7)), (0, 4), (0, 6), (0, 2))
    graph = GraphPicture("f", {}, nodes, edges, output=7)
    said = view(graph)
    assert [(box.name, box.node.line) for box in said.boxes[1:3]] == [(f"{n} ×3", at[n]) for n in at]
    assert [(a.source, a.target) for a in said.arrows] == [(0, 1), (1, 2), (2, 3), (0, 2)]
    assert len(view(graph, fold=False).boxes) == len(nodes)
    assert "Every round by itself" in graph_figure(graph, "en")
    cut = msgspec.structs.replace(graph, cut=((2, 3),))
    assert len(view(cut).boxes) == len(nodes), "a cut between two rounds is not folded away"
    used = msgspec.structs.replace(graph, edges=(*edges, (1, 7)))
    assert len(view(used).boxes) == len(nodes), "nor is what a round gives to what comes later"
