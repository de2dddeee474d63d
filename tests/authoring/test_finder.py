"""The figures of the finder, on the template: alone, with the author's word, and how often it is wrong."""

from __future__ import annotations

import pytest

from grader.authoring.finder import Named, figures, table
from grader.grading import Truths
from grader.sandbox.pool import Pool
from tests.authoring.course import SLUG, Course


def rows(course: Course, pool: Pool) -> dict[tuple[str, str], Named]:
    """What was said, by check and answer."""
    found = list(table(course.library(), [SLUG], pool, Truths()))
    assert len({(row.check, row.answer) for row in found}) == len(found)
    return {(row.check, row.answer): row for row in found}


def test_the_template(template: Course, pool: Pool) -> None:
    """Two misconceptions and the four rejected submissions; what can be named without the author is."""
    found = rows(template, pool)
    assert {key: (row.alone, row.with_author) for key, row in found.items()} == {
        ("prediction", "lost-factor"): ("scale", "author:lost-factor"),
        ("prediction", "kept-exponent"): ("off-by-one", "author:kept-exponent"),
        ("prediction", "asks_autograd.py"): ("autograd-in-prediction", "autograd-in-prediction"),
        ("gradient", "cut_graph.py"): ("cut-graph", "cut-graph"),
        ("prediction", "kept_exponent.py"): ("off-by-one", "author:kept-exponent"),
        ("prediction", "lost_factor.py"): ("scale", "author:lost-factor"),
    }
    alone, both, wrong = figures(list(found.values()))
    assert (alone, both, wrong) == (1.0, 1.0, 0)


def test_a_code_that_nobody_declared_is_wrong(course: Course, pool: Pool) -> None:
    """A reason that is not known to be true of an answer counts against the finder, and not for it."""
    course.change("solution.toml", 'codes = ["scale"]\n', "")
    found = rows(course, pool)
    assert found["prediction", "lost-factor"].wrong and found["prediction", "lost_factor.py"].wrong
    assert figures(list(found.values())) == (pytest.approx(4 / 6), pytest.approx(4 / 6), 2)


def test_nothing_is_no_reason() -> None:
    """An exercise without wrong answers has figures, too; silence is not wrong."""
    assert figures([]) == (0.0, 0.0, 0)
    silent = Named(SLUG, "prediction", "odd.py", None, None, frozenset())
    assert not silent.wrong and figures([silent]) == (0.0, 0.0, 0)
