"""A student's own copy, without ``solutions/``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader.errors import TruthFailed
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.plan import make_plan
from grader.grading.published import publish, says_the_same
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.golden import ROOT, everything
from tests.served import EXERCISES


@pytest.mark.parametrize("slug", EXERCISES)
def test_what_is_published_is_current(slug: str, library: Library, truths: Truths, pool: Pool) -> None:
    """``visible.json`` is what ``grade publish`` writes today."""
    plan = make_plan(library.get(slug), 0)
    kept = (ROOT / "exercises" / slug / "visible.json").read_text()
    fresh = publish(plan, truths.of(plan, pool))
    assert says_the_same(kept, fresh), f"run: grade publish {slug}"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ('{"a": [0.7071067811865475, null, "(1+2.0000000000000004j)"]}', True),
        ('{"a": [0.7071067811, null, "(1+2j)"]}', False),
        ('{"a": [0.7071067811865476, 0.0, "(1+2j)"]}', False),
        ('{"a": [0.7071067811865476, null, "nan"]}', False),
        ('{"a": [0.7071067811865476, null]}', False),
        ('{"a"', False),
    ],
)
def test_only_a_last_digit_may_be_another(other: str, same: bool) -> None:
    """It depends on the processor."""
    assert says_the_same('{"a": [0.7071067811865476, null, "(1+2j)"]}', other) is same


@pytest.mark.parametrize("slug", EXERCISES)
def test_nothing_hidden_is_published(slug: str, library: Library) -> None:
    """Only visible cases, and no typed answer; a formula is judged at cases, of which some are visible."""
    exercise = library.get(slug)
    sheet = json.loads((ROOT / "exercises" / slug / "visible.json").read_text())
    typed = {
        check.id
        for check in exercise.checks
        if check.answer is not None and exercise.answer(check.answer).type != "formula"
    }
    assert not typed & set(sheet)
    visible = {case.name for case in exercise.cases}
    assert all(set(cases) == visible for cases in sheet.values())


def test_a_copy_without_solutions_judges_the_visible_cases_and_says_so(pool: Pool) -> None:
    """Right answers get full marks on what is judged; typed answers wait for the solutions."""
    own = Library(ROOT / "exercises", None)
    for golden in everything():
        if golden.path.parent.name != "accepted":
            continue
        report = grade(own.get(golden.exercise), Submission(golden.path.read_bytes()), pool, Truths())
        assert report.passed, golden.id
        assert report.visible_only
        skipped = [check for check in report.checks if check.verdict == "skipped"]
        assert all(check.max_points == 0 and "solutions" in check.message.en for check in skipped)
        assert report.max_score == sum(check.max_points for check in report.checks) > 0


def test_a_wrong_gradient_is_still_explained_there(pool: Pool) -> None:
    """The finder needs no solution for a constant factor."""
    source = (ROOT / "solutions/detach/rejected/no_detach.py").read_bytes()
    report = grade(Library(ROOT / "exercises", None).get("detach"), Submission(source), pool, Truths())
    codes = {check.id: check.diagnosis.code for check in report.checks if check.diagnosis}
    assert codes["gradient"] == "scale"


def test_a_copy_without_anything_to_judge_by_is_our_failure(tmp_path: Path, pool: Pool) -> None:
    """It says what is missing, and gives no score."""
    shutil.copytree(ROOT / "exercises/detach", tmp_path / "detach")
    (tmp_path / "detach/visible.json").unlink()
    with pytest.raises(TruthFailed, match=r"visible\.json"):
        grade(Library(tmp_path, None).get("detach"), Submission(b"x = 1"), pool, Truths())
