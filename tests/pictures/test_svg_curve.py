"""The plot of a curve: what is drawn, what is said, what is in numbers."""

from __future__ import annotations

import json
import re

import msgspec
import pytest

from grader.model.picture import Break, Breaks, Curve, Series
from grader.model.text import Text
from grader.pictures.failing import Failing
from grader.pictures.svg_curve import curve_figure
from tests.web.world import HOSTILE

from .figures import CURVE, LINE, PARABOLA, XS, Outline, inert

POINTS = ("-2", "-1.6", "-1.3", "-0.9", "-0.5", "-0.2", "0.2", "0.5", "0.9", "1.3", "1.6", "2")


def test_a_plot_tells_its_lines_apart_without_colours() -> None:
    """Three lines, three words in the key, each with the class that gives it its dashes; and a name."""
    page = Outline(curve_figure(CURVE, "en"))
    drawn = [a for a in page.of("path") if len(a.get("d") or "") > 100]
    assert [a["class"] for a in drawn] == ["f", "truth", "predicted"]
    assert page.said("li") == ["your f(x)", "true gradient", "your grad_f"]
    assert page.of("svg", "sketch")[0]["role"] == "img"
    assert page.said("title") == ["f(x) and its gradient"]
    assert [text for text in page.said("text") if text in ("f", "true", "yours")] == ["f", "true", "yours"]
    assert "from -2 to 2" in page.said("desc")[0]


def test_a_plot_has_its_numbers_beside_it() -> None:
    """Twelve points from end to end, in columns that have names; a point without a number says so."""
    gap = Series((PARABOLA[:4], PARABOLA[5:]), (LINE,), ())
    page = Outline(curve_figure(msgspec.structs.replace(CURVE, series=gap, prediction=None), "en"))
    assert page.said("th") == ["x", "your f(x)", "true gradient", *POINTS]
    cells = page.said("td")
    assert len(cells) == 24
    assert cells[:2] == ["4", "-4"]
    assert cells[2:4] == ["none", "-3.2"]


def test_a_gap_is_not_bridged_and_a_lonely_point_is_a_dot() -> None:
    """A new stretch begins a new line; one point by itself is seen."""
    series = Series((PARABOLA[:5], PARABOLA[7:20], PARABOLA[30:31]))
    page = Outline(curve_figure(msgspec.structs.replace(CURVE, series=series), "en"))
    (line,) = [a["d"] or "" for a in page.of("path", "f") if len(a["d"] or "") > 20]
    assert [part.count("L") for part in line.split("M")[1:]] == [4, 12]
    assert len(page.of("circle", "f")) == 1


def test_a_withheld_gradient_is_said_in_words() -> None:
    """Not drawn, and the page says what brings it."""
    withheld = msgspec.structs.replace(CURVE, series=Series((PARABOLA,)), withheld=True)
    figure = curve_figure(withheld, "en")
    assert "The true gradient is drawn once there is a prediction to compare." in figure
    assert "No curve of your grad_f" in figure
    assert not Outline(figure).of("path", "truth")


def test_a_jump_has_open_circles_at_both_ends_and_is_listed() -> None:
    """The value at the place itself is filled."""
    series = Series((PARABOLA[:20], PARABOLA[20:]))
    breaks = Breaks((Break(-0.05, 0.0, 3.0, 3.0),))
    page = Outline(curve_figure(msgspec.structs.replace(CURVE, series=series, breaks=breaks), "en"))
    assert len(page.of("circle", "open")) == 2 and len(page.of("circle", "f")) == 3
    assert "Your f(x) jumps at x = -0.05: from 0 to 3." in page.said("li")


def test_a_failing_case_has_a_cross_and_a_label() -> None:
    """Its shape tells it, and its input stands beside it; the slider begins there."""
    wrong = Failing("gradient", Text("your grad_f(x)", "你的 grad_f(x) "), 1.0, 3.0, "2", "3")
    page = Outline(curve_figure(CURVE, "en", [wrong]))
    assert [a["class"] for a in page.of("path", "failing")] == ["failing down", "failing"]
    assert "✗ x = 1" in page.said("text")
    (slider,) = page.of("input")
    assert (slider["type"], slider["max"], slider["value"]) == ("range", "40", "30")


def test_the_slider_has_the_numbers_of_the_table() -> None:
    """Written as there, at every sample; hidden until a script shows it."""
    gap = Series((PARABOLA[:4], PARABOLA[5:]), (LINE,), (LINE,))
    page = Outline(curve_figure(msgspec.structs.replace(CURVE, series=gap), "en"))
    (slider,) = page.of("div", "slider")
    assert "hidden" in slider
    data = json.loads(slider["data-curve"] or "")
    assert data["x"][:2] == ["-2", "-1.9"] and len(data["x"]) == 41
    assert data["lines"]["f"][3:6] == ["2.89", None, "2.25"]
    assert set(data["lines"]) == {"f", "truth", "predicted"} and set(data["panels"]) == {"f", "gradient"}
    assert [a["data-of"] for a in page.of("b")] == ["x", "f", "truth", "predicted"]


def test_what_leaves_the_picture_is_said_and_stays_bounded() -> None:
    """No coordinate is larger than a few pictures, whatever the number."""
    left, right = (tuple((x, 1e147 / x**2) for x in XS if x * side > 0) for side in (-1, 1))
    figure = curve_figure(
        msgspec.structs.replace(CURVE, series=Series((left, right), (LINE,), (LINE,))), "en"
    )
    assert "Partly beyond the picture: your f(x)." in figure
    assert all(abs(float(n)) < 2000 for a in Outline(figure).of("path") for n in _numbers(a["d"]))


def _numbers(path: str | None) -> list[str]:
    return re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", path or "")


@pytest.mark.parametrize("xs", [(1.0,), (0.0, 1e-300), (-1e149, 1e149)])
@pytest.mark.parametrize("ys", [(0.0, 0.0), (-1e149, 1e149), (1.0, 1.0 + 1e-12), (1e-300, 1e149)])
def test_odd_ranges_are_drawn(xs: tuple[float, ...], ys: tuple[float, float]) -> None:
    """One point, a range of nothing, the largest there is."""
    line = tuple(zip(xs, ys, strict=False))
    page = Outline(curve_figure(Curve("x", "f", None, xs, Series((line,))), "en"))
    assert len(page.of("text")) < 20
    assert all("nan" not in (a.get("d") or "") and "inf" not in (a.get("d") or "") for a in page.of("path"))


def test_hostile_names_are_inert() -> None:
    """Text wherever a name can stand: no element, no attribute, nothing that is a style."""
    curve = msgspec.structs.replace(CURVE, input=HOSTILE, function=HOSTILE, prediction=HOSTILE)
    page = inert(curve_figure(curve, "en"))
    assert "alert(1)" in " ".join(page.said("li"))
    assert "alert(1)" in " ".join(page.said("span"))


def test_a_plot_is_in_chinese_too() -> None:
    """Title, key, table."""
    page = Outline(curve_figure(CURVE, "zh"))
    assert page.said("figcaption") == ["f(x) 与它的梯度"]
    assert page.said("li") == ["你的 f(x)", "真实梯度", "你的 grad_f"]
    assert page.said("summary") == ["曲线上的数值"]
