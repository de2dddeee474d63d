"""What a picture of a curve says: its key and its notes, in both languages."""

from __future__ import annotations

import msgspec

from grader.model.picture import Series
from grader.pictures.curve_view import view

from .figures import CURVE, LINE, PARABOLA


def test_all_three_lines_are_in_the_key_in_the_order_of_drawing() -> None:
    """And nothing has to be said besides."""
    said = view(msgspec.structs.replace(CURVE, y_range=(-10.0, 10.0)))
    assert [line.kind for line in said.lines] == ["f", "truth", "predicted"]
    assert [line.label.en for line in said.lines] == ["your f(x)", "true gradient", "your grad_f"]
    assert (said.title.en, said.title.zh) == ("f(x) and its gradient", "f(x) 与它的梯度")
    assert said.notes == ()


def test_what_is_missing_and_why_is_said() -> None:
    """A prediction that gave no numbers, and a gradient that waits for one."""
    curve = msgspec.structs.replace(CURVE, series=Series((PARABOLA,)), withheld=True)
    said = view(curve)
    assert [line.kind for line in said.lines] == ["f"]
    assert [note.en for note in said.notes] == [
        "No curve of your grad_f: it does not give one number for each x here.",
        "The true gradient is drawn once there is a prediction to compare.",
    ]


def test_what_lies_beyond_is_named() -> None:
    """With the comma of the language."""
    curve = msgspec.structs.replace(CURVE, series=Series((PARABOLA,), (LINE,), (LINE,)), y_range=(-1.0, 1.0))
    (note,) = view(curve).notes
    assert note.en == "Partly beyond the picture: your f(x), true gradient, your grad_f."
    assert note.zh == "有一部分超出图外：你的 f(x)、真实梯度、你的 grad_f。"
