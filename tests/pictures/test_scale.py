"""Scales of an axis that goes up: linear or symlog, and what of it is shown."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from grader.model.picture import Stretch
from grader.pictures.axis import tick_written
from grader.pictures.scale import robust_range, scale_of

XS = tuple(-3 + i / 16 for i in range(97))


def curve(f: Callable[[float], float], xs: tuple[float, ...] = XS) -> tuple[Stretch, ...]:
    return (tuple((x, f(x)) for x in xs),)


NEGATIVE, POSITIVE = XS[:48], XS[49:]
CONTROL_FLOW = (
    *curve(lambda a: -1e5 - 3e4 * (a + 3), NEGATIVE),
    *curve(lambda a: 1e3 + 300 * a, POSITIVE),
)


def test_a_piece_that_would_lie_on_zero_makes_it_symlog() -> None:
    """The two branches of ``control-flow``: both keep a height of their own, well away from zero's."""
    scale = scale_of([CONTROL_FLOW])
    assert scale.linear == 1000
    zero, small, large = scale.height(0), scale.height(1000), scale.height(-1e5)
    assert small - zero > 0.1 and zero - large > 0.3
    assert scale.height(1900) - small > 0.03, "its slope is seen"


@pytest.mark.parametrize(
    "series",
    [
        [curve(math.sin)],
        [curve(lambda x: x**3)],
        [curve(math.exp)],
        [curve(lambda x: 0.0)],
        [curve(lambda x: 2 * x), curve(lambda x: 20 * x)],
        [curve(lambda x: 0.0), curve(lambda x: 5.0)],
        [(((0.0, 1e-5),), *curve(lambda x: x + 9))],
    ],
)
def test_what_can_be_seen_on_a_linear_axis_is_drawn_on_one(series: list[tuple[Stretch, ...]]) -> None:
    """A curve that crosses zero, an exponential, a wrong factor of ten, a single small point."""
    assert scale_of(series).linear is None


@pytest.mark.parametrize(
    "series",
    [[curve(lambda x: math.exp(5 * x))], [curve(lambda x: x * x), curve(lambda x: 1000 * x * x)]],
)
def test_more_than_three_decades_are_symlog(series: list[tuple[Stretch, ...]]) -> None:
    """Of one curve, or of two in one panel; all of it is then in the picture."""
    scale = scale_of(series)
    assert scale.linear is not None
    assert all(0 <= scale.height(y) <= 1 for each in series for stretch in each for _, y in stretch)


def test_symlog_rises_without_a_bend_and_its_ticks_say_so() -> None:
    """Linear to c, logarithmic beyond; powers of ten and zero."""
    scale = scale_of([CONTROL_FLOW])
    heights = [scale.height(y) for y in (-1e5, -2000, -1000, -500, 0, 500, 1000, 2000)]
    assert heights == sorted(heights)
    below, above = scale.height(1000) - scale.height(999), scale.height(1001) - scale.height(1000)
    assert below == pytest.approx(above, rel=0.01)
    assert [tick_written(y) for y in scale.ticks(5)] == ["-10⁵", "-10⁴", "-1000", "0", "1000"]
    assert [tick_written(y) for y in (1e-6, 0.01, 2e5, -1e7)] == ["10⁻⁶", "0.01", "200000", "-10⁷"]


def test_a_pole_does_not_crush_the_rest_and_a_peak_is_not_cut_off() -> None:
    """A line that ends outside is cut; one that comes back is shown."""
    pole = (*curve(lambda x: 1 / x, NEGATIVE), *curve(lambda x: 1 / x, POSITIVE))
    scale = scale_of([pole])
    assert -8 < scale.low < -2 and 2 < scale.high < 8
    closer = tuple(0.0625 + x / 1000 for x in range(60))
    plain, dense = (
        (*curve(lambda x: -1 / abs(x) ** 1.5, NEGATIVE), *curve(lambda x: -1 / x**1.5, xs))
        for xs in (POSITIVE, (*closer, *POSITIVE[1:]))
    )
    assert scale_of([dense]) == scale_of([plain]), "more points where it is steep do not count for more"
    assert scale_of([curve(lambda x: 1 / (0.01 + x * x))]).high > 100
    assert robust_range([x**5 for x in XS]) == (-243, 243)


@pytest.mark.parametrize("y", [0.0, 1e149, -1e-300, 5.0])
def test_a_constant_has_an_axis(y: float) -> None:
    """With room above and below, whatever its size."""
    scale = scale_of([curve(lambda _: y)])
    assert scale.low < y < scale.high
    assert 0 < len(scale.ticks(5)) <= 5
