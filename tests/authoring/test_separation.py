"""How far answers lie apart at the points that a student cannot see."""

from __future__ import annotations

import math

import pytest

from grader.authoring.findings import Folder, Row
from grader.authoring.separation import complaints, separation
from grader.grading import Truths
from grader.grading.plan import make_plan
from grader.sandbox.pool import Pool
from tests.authoring.course import SLUG, Course

PREDICTION = "prediction"


class Table:
    """The rows of a course, by the two answers."""

    def __init__(self, course: Course, pool: Pool) -> None:
        plan, truths = make_plan(course.library().get(SLUG), 0), Truths()
        self.rows = separation(plan, truths.of(plan, pool))
        folder = Folder(course.exercise, course.solution)
        self.complaints = [str(one) for one in complaints(plan, self.rows, folder, pool, truths)]

    def apart(self, one: str, other: str, check: str = PREDICTION) -> float:
        return self.row(one, other, check).tolerances

    def row(self, one: str, other: str, check: str = PREDICTION) -> Row:
        (found,) = [r for r in self.rows if r.check == check and {r.one, r.other} == {one, other}]
        return found


def table(course: Course, pool: Pool, first: str, second: str | None = None) -> Table:
    """The table where ``lost_factor`` and ``kept_exponent`` return these."""
    course.change("misconceptions.py", "return x**2", f"return {first}")
    course.change("misconceptions.py", "return 3 * x**3", f"return {second or '3 * x**3'}")
    return Table(course, pool)


def test_every_pair_of_every_check(template: Course, pool: Pool) -> None:
    """The right answer and the wrong ones, the closest first; nothing is complained of."""
    found = Table(template, pool)
    pairs = [(row.check, frozenset((row.one, row.other))) for row in found.rows]
    assert set(pairs) == {
        ("x-grad", frozenset(("right", "lost-factor"))),
        (PREDICTION, frozenset(("right", "lost-factor"))),
        (PREDICTION, frozenset(("right", "kept-exponent"))),
        (PREDICTION, frozenset(("lost-factor", "kept-exponent"))),
    }
    assert len(pairs) == 4 and found.complaints == []
    apart = [row.tolerances for row in found.rows]
    assert apart == sorted(apart)


def test_the_unit_is_the_tolerance_of_comparison(course: Course, pool: Pool) -> None:
    """A thousandth off is a thousand times 1e-6 of the number; half a millionth off is not enough."""
    found = table(course, pool, "3 * x**2 * 1.001", "3 * x**2 * (1 + 5e-7)")
    assert found.apart("right", "lost-factor") == pytest.approx(1000, rel=0.02)
    assert found.apart("right", "kept-exponent") == pytest.approx(0.5, rel=0.02)
    assert [one for one in found.complaints if "'right' and 'kept-exponent'" in one and "only 0.5" in one]


def test_the_widest_gap_counts(course: Course, pool: Pool) -> None:
    """One entry of one case is enough to tell two answers apart, and the case is named."""
    found = table(course, pool, "torch.where(x == -3.5, 1.0, 3 * x**2)")
    assert found.row("right", "lost-factor").case == "one-entry"
    assert found.apart("right", "lost-factor") > 100


def test_visible_points_do_not_count(course: Course, pool: Pool) -> None:
    """A student could fit the answer to what is shown."""
    found = table(course, pool, "torch.where((x == 1.5) | (x == -0.75), 1.0, 3 * x**2)")
    # The hidden case "with-a-zero" holds a -1.5, and no 1.5.
    assert found.apart("right", "lost-factor") == 0
    assert any("'right' and 'lost-factor' are only 0 " in one for one in found.complaints)


@pytest.mark.parametrize("wrong", ["3 * x[:1] ** 2", "(3 * x**2).sum()", "x / 0", "3 * x**2 > 0"])
def test_another_form_is_infinitely_far(course: Course, pool: Pool, wrong: str) -> None:
    """Shape, finiteness and kind of number are told apart before any number is."""
    assert table(course, pool, wrong).apart("right", "lost-factor") == math.inf


def test_typed_numbers_are_held_to_three_digits(course: Course, pool: Pool) -> None:
    """A thousandth off is not to be seen in a typed number; a tenth is."""
    course.change(
        "solution.toml", 'checks = ["prediction", "x-grad"]', 'checks = ["x-grad"]\nvalue = [3, 12, 27.02]'
    )
    close = Table(course, pool)
    assert any(one.startswith(str(course.solution)) and "check 'x-grad'" in one for one in close.complaints)
    course.change("solution.toml", "27.02", "30")
    assert Table(course, pool).complaints == []


def test_an_answer_of_another_form_is_far_from_numbers(course: Course, pool: Pool) -> None:
    """None is no number, and three numbers are not one."""
    for value in ('"None"', "12"):
        course.change(
            "solution.toml", 'checks = ["prediction", "x-grad"]', f'checks = ["x-grad"]\nvalue = {value}'
        )
        assert Table(course, pool).apart("right", "lost-factor", "x-grad") == math.inf
        course.change(
            "solution.toml", f'checks = ["x-grad"]\nvalue = {value}', 'checks = ["prediction", "x-grad"]'
        )
