"""Every accepted submission, written as real students write, gets the same verdict."""

from __future__ import annotations

import ast
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.golden import Golden, everything
from tests.habits import HABITS
from tests.served import EXERCISES

pytestmark = pytest.mark.slow

EACH = 4
"""So many habits are tried on each file, in turn, so that each meets every exercise sooner or later."""


def _is_python(text: str) -> bool:
    """Whether Python reads it as it stands: full-width punctuation is a habit already."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


ACCEPTED = [
    golden
    for golden in everything()
    if golden.path.parent.name == "accepted" and _is_python(golden.path.read_text(encoding="utf-8-sig"))
]


def pairs(exercise: str) -> list[tuple[Golden, str]]:
    """Files of an exercise, and what is done to them."""
    names = list(HABITS)
    mine = [golden for golden in ACCEPTED if golden.exercise == exercise]
    start = EXERCISES.index(exercise)
    return [
        (golden, names[(start + EACH * n + k) % len(names)])
        for n, golden in enumerate(mine)
        for k in range(EACH)
    ]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_habit_changes_no_verdict(exercise: str, pool: Pool, truths: Truths, library: Library) -> None:
    """Full marks before, full marks after."""
    wanted = library.get(exercise)
    predicting = tuple(dict.fromkeys(c.function for c in wanted.checks if c.predicts and c.function))

    def judged(pair: tuple[Golden, str]) -> tuple[str, str, str] | None:
        golden, habit = pair
        source = HABITS[habit](golden.path.read_text(encoding="utf-8-sig"), predicting)
        if source is None:
            return None
        report = grade(wanted, Submission(source, {}, 0), pool, truths)
        said = next((f"{c.id}: {c.message.en}" for c in report.checks if c.verdict != "passed"), "")
        return (golden.id, habit, said)

    with ThreadPoolExecutor(2) as threads:
        found = [one for one in threads.map(judged, pairs(exercise)) if one is not None]
    assert [one for one in found if one[2]] == []
    assert len(found) >= 2


def test_each_habit_is_tried_on_many_exercises() -> None:
    """The turns reach every habit, on at least five exercises each."""
    met = Counter(habit for habit, _ in {(habit, e) for e in EXERCISES for _, habit in pairs(e)})
    assert set(met) == set(HABITS) and min(met.values()) >= 5


@pytest.mark.parametrize(
    "ending",
    [
        "while True:\n    pass\n",
        "import time\ntime.sleep(600)\n",
        "import os\nos._exit(1)\n",
        "while True:\n    print(1)\n",
    ],
)
def test_a_last_line_that_never_ends_is_left_out(
    ending: str, pool: Pool, truths: Truths, library: Library
) -> None:
    golden = next(golden for golden in ACCEPTED if golden.exercise == "detach")
    source = golden.path.read_text(encoding="utf-8") + "\n" + ending
    report = grade(library.get("detach"), Submission(source.encode(), {}, 0), pool, truths)
    assert report.passed and len(report.notes) == 1
    assert "outside of your functions" in report.notes[0].en
