"""What a picture of a curve says: its key and its notes, in both languages."""

from __future__ import annotations

import math

import msgspec

from grader.model.picture import Break, Breaks, Curve, Series
from grader.model.text import Text
from grader.pictures.curve_view import view
from grader.pictures.failing import Failing

from .figures import CURVE, LINE, PARABOLA, XS


def test_all_three_lines_are_in_the_key_in_the_order_of_drawing() -> None:
    """And nothing has to be said besides."""
    said = view(CURVE)
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
        "No curve of your grad_f: here it gives no single number that can be drawn.",
        "The true gradient is drawn once there is a prediction to compare.",
    ]


def test_f_and_its_gradients_have_a_panel_each() -> None:
    """Each with its own scale; a failing case is in that of the number that is wrong."""
    wrong = Failing("gradient", Text("your grad_f(x)", "你的 grad_f(x) "), 1.0, 5.0, "2", "5")
    said = view(CURVE, [wrong])
    assert [(panel.kind, [line.kind for line in panel.lines]) for panel in said.panels] == [
        ("f", ["f"]),
        ("gradient", ["truth", "predicted"]),
    ]
    assert [panel.failing for panel in said.panels] == [(), (wrong,)]
    assert said.notes[0].en == "✗ A visible case that failed: your grad_f(x) is 5 at x = 1 (expected 2)."
    assert [
        panel.kind for panel in view(msgspec.structs.replace(CURVE, series=Series((PARABOLA,)))).panels
    ] == ["f"]


def test_a_symlog_axis_is_named() -> None:
    """With where it is linear; once, where both are alike."""
    large = tuple((x, 1000 * y) for x, y in LINE)
    series = Series((PARABOLA,), (LINE,), (large,))
    (note,) = view(msgspec.structs.replace(CURVE, series=series)).notes
    assert note.en == "The axis of gradient is symlog: linear between -1 and 1, logarithmic beyond."
    assert note.zh == "梯度的纵轴采用 symlog 刻度：-1 到 1 之间是线性的，以外是对数的。"
    both = Series((LINE[:20], large[21:]), (LINE,), (large,))
    assert sum("symlog" in note.en for note in view(msgspec.structs.replace(CURVE, series=both)).notes) == 1


def test_jumps_and_kinks_are_said_with_both_sides() -> None:
    """Two one by one, more by their number; all of them in the list."""
    jump = Break(0.5, 1.0, 3.0, 1.0)
    for kink, sentence in (
        (
            Break(0.5, 0.0, 1.0, 0.0, kink=True),
            "Kink at x = 0.5: the true slope is 0 on the left and 1 on the right",
        ),
        (Break(0.5, 1.0, 1.0, 0.0, kink=True), "At x = 0.5 the true slope is 1 on both sides"),
        (Break(0.5, 0.0, 1.0, 0.0), "The true gradient jumps at x = 0.5: from 0 to 1"),
    ):
        said = view(msgspec.structs.replace(CURVE, breaks=Breaks((jump,), (kink,))))
        assert [note.en for note in said.notes] == [
            "Your f(x) jumps at x = 0.5: from 1 to 3.",
            sentence + "; at the point itself autograd says 0.",
        ]
        assert said.notes == said.jumps
    many = view(msgspec.structs.replace(CURVE, breaks=Breaks((jump, jump, jump))))
    assert [note.zh for note in many.notes] == ["你的 f(x) 有 3 处跳跃。"] and len(many.jumps) == 3


def test_a_gap_of_which_nothing_is_known_is_not_called_a_jump() -> None:
    """Between neighbouring samples; a jump, or a sample that is missing, is said otherwise."""
    torn = Series((PARABOLA[:10], PARABOLA[10:]), (LINE,), (LINE,))
    (note,) = view(msgspec.structs.replace(CURVE, series=torn)).notes
    assert note.en.startswith("Where a line has a gap without circles (your f(x)), it is not known")
    known = msgspec.structs.replace(CURVE, series=torn, breaks=Breaks((Break(-1.05, 1.0, 1.5),)))
    assert [note.en for note in view(known).notes] == ["Your f(x) jumps at x = -1.05: from 1 to 1.5."]
    missing = Series((PARABOLA[:10], PARABOLA[11:]), (LINE,), (LINE,))
    (note,) = view(msgspec.structs.replace(CURVE, series=missing)).notes
    assert note.en == "At 1 of 41 points there is no number to draw: your f(x)."


def test_a_gradient_that_is_not_the_slope_of_the_curve_is_said() -> None:
    """As behind a ``detach``; not where it is, nor where a curve only bends between two samples."""
    half = tuple((x, x) for x in XS)
    said = view(msgspec.structs.replace(CURVE, series=Series((PARABOLA,), (half,))))
    assert "The true gradient is not everywhere the slope of the curve of your f(x)." in [
        n.en for n in said.notes
    ]
    coarse = [i / 2 for i in range(-12, 13)]
    bent = Series((tuple((x, math.sin(x)) for x in coarse),), (tuple((x, math.cos(x)) for x in coarse),))
    assert view(Curve("x", "f", None, tuple(coarse), bent)).notes == ()


def test_what_lies_beyond_is_named() -> None:
    """With the comma of the language: a line that ends outside, as at a pole."""
    pole = tuple((x, 1 / x**2) for x in XS if x > 0)
    curve = msgspec.structs.replace(CURVE, series=Series((PARABOLA,), (pole,), (pole,)))
    (note,) = [note for note in view(curve).notes if "beyond" in note.en]
    assert note.en == "Partly beyond the picture: true gradient, your grad_f."
    assert note.zh == "有一部分超出图外：真实梯度、你的 grad_f。"
