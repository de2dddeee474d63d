"""What a picture of a graph says: folded rounds, notes in both languages."""

from __future__ import annotations

import msgspec

from grader.model.picture import GraphPicture
from grader.pictures.graph_view import plain, view

from .figures import DETACHED, op


def test_what_is_used_in_between_is_not_folded() -> None:
    """Two doublings of which the first is also added are two boxes; nor is a cut folded away."""
    nodes = (op(0, "a", does="input"), op(1, "mul"), op(2, "mul"), op(3, "add"))
    used = GraphPicture("f", {}, nodes, ((0, 1), (1, 2), (1, 3), (2, 3)), output=3)
    assert [box.count for box in view(used).boxes] == [1, 1, 1, 1]
    cut = GraphPicture("f", {}, nodes, ((0, 1), (1, 2), (2, 3)), cut=((1, 2),), output=3)
    assert [arrow.kind for arrow in view(cut).arrows] == ["still", "cut", "flow"]


def test_what_leaves_autograd_is_told_once_and_counted() -> None:
    """Three calls of ``item`` on one tensor are one sentence; that the edge is cut is known."""
    nodes = (op(0, "x", does="input"), *(op(n, "item", grad=False, does="leaves") for n in (1, 2, 3)))
    graph = GraphPicture("f", {}, nodes, ((0, 1), (0, 2), (0, 3)), cut=((0, 1), (0, 2), (0, 3)))
    first, second = view(graph).notes
    assert first.text.en.startswith("The result was not made of the inputs")
    assert second.cut
    assert second.text.en == "item() ×3 turns x into plain numbers: autograd does not follow them."
    assert second.text.zh == "item() ×3 把 x 变成了普通数字，autograd 不再跟踪。"


def test_a_title_has_room_for_some_of_the_inputs() -> None:
    """The rest is left out; a terminal has all of it."""
    graph = msgspec.structs.replace(DETACHED, inputs={"x": [float(n) for n in range(100)]})
    said = view(graph)
    assert said.title.en.endswith("…") and len(said.title.en) < 130
    assert said.at.endswith("98, 99]")


def test_values_are_written_in_one_line() -> None:
    """Six digits, whatever the nesting."""
    assert plain([[1 / 3, -0.0], [True, "nan"]]) == "[[0.333333, -0], [True, nan]]"
