"""What became better and what became worse between two verdicts."""

from __future__ import annotations

import msgspec
import pytest

from grader.model.report import CheckResult, Diagnosis, Report, StudentError, Verdict
from grader.model.text import Text
from grader.web.attempts.comparison import Change, Progress, gain, named, since
from tests.web.world import HOSTILE, World, make_report, without_our_script


def check(id: str, verdict: Verdict, code: str = "") -> CheckResult:
    """A check with its id as its title."""
    diagnosis = Diagnosis(code, Text("hint", "提示")) if code else None
    points = 1.0 if verdict == "passed" else 0.0
    return CheckResult(id, "value", Text(id, id), verdict, points, 1.0, diagnosis=diagnosis)


def report(*checks: CheckResult, error: str = "", most: float = 10.0) -> Report:
    """A report whose score is the number of passed checks."""
    return make_report(
        float(sum(each.points for each in checks)),
        max_score=most,
        checks=checks,
        error=StudentError(error, Text("e", "e")) if error else None,
    )


def ids(changes: tuple[Change, ...]) -> list[str]:
    """The titles of some changes."""
    return [change.title.en for change in changes]


def test_each_check_is_mended_broken_or_wrong_for_another_reason() -> None:
    """What stayed passed, or wrong for the same reason, is not named."""
    before = report(
        check("a", "failed"), check("b", "passed"), check("c", "failed", "sign"), check("d", "passed"),
        check("e", "failed", "scale"), check("f", "skipped"),
    )  # fmt: skip
    now = report(
        check("a", "passed"), check("b", "error"), check("c", "failed", "scale"), check("d", "passed"),
        check("e", "failed", "scale"), check("f", "failed"),
    )  # fmt: skip
    change = since(before, now)
    assert ids(change.mended) == ["a"]
    assert ids(change.broken) == ["b"]
    assert ids(change.otherwise) == ["c", "f"]
    assert change.points == 0
    assert not change.same
    assert change.broken[0].before == "passed"
    assert change.broken[0].now == "error"


def test_what_was_not_run_is_neither_right_nor_wrong() -> None:
    """Python could not read the file: nobody knows what became of its checks."""
    run = report(check("a", "passed"), check("b", "failed", "sign"))
    unread = msgspec.structs.replace(
        report(check("a", "error"), check("b", "error")),
        error=StudentError("SyntaxError", Text("e", "e"), 1, whole=True),
    )
    change = since(run, unread)
    assert (ids(change.not_run), change.broken, change.otherwise) == (["a", "b"], (), ())
    back = since(unread, run)
    assert (ids(back.mended), ids(back.wrong), back.otherwise) == (["a"], ["b"], ())
    assert since(unread, unread).same


def test_the_same_verdicts_are_the_same_result() -> None:
    """Whatever the code printed or how long it took."""
    first = report(check("a", "passed"), check("b", "failed", "sign"))
    assert since(first, first).same


def test_another_error_is_another_reason() -> None:
    """NameError mended, TypeError met: that is a step forward, and it is said."""
    first = report(check("a", "error"), error="NameError")
    assert since(first, report(check("a", "error"), error="NameError")).same
    assert ids(since(first, report(check("a", "error"), error="TypeError")).otherwise) == ["a"]


def test_checks_of_only_one_report_and_other_maxima_are_not_compared() -> None:
    """The exercise was changed in between."""
    change = since(report(check("old", "failed")), report(check("new", "passed"), most=12.0))
    assert change == Progress(None, (), (), ())


def test_a_difference_that_would_be_shown_as_nothing_is_nothing() -> None:
    """Sums of thirds are not exact."""
    assert since(make_report(0.1 + 0.2), make_report(0.3)).points == 0


def test_points_and_names_are_written_for_readers(world: World) -> None:
    """A sign, one point in the singular, and no endless list."""
    many = tuple(Change(Text(f"check {n}", f"检查 {n}"), "failed", "passed") for n in range(6))
    with world.app.test_request_context("/"):
        assert gain(1.0) == "+ 1 point"
        assert gain(-2.5) == "− 2.5 points"
        assert named(many[:2]) == "check 0; check 1"
        assert named(many).endswith("check 3 and 2 more")
    with world.app.test_request_context("/?lang=zh"):
        assert named(many[:2]) == "检查 0、检查 1"


@pytest.mark.parametrize(
    ("score", "sentences"),
    [
        (4.0, ["Same result as attempt 1."]),
        (10.0, ["Since attempt 1: + 6 points.", "Now right: prediction."]),
    ],
)
def test_an_attempt_says_what_changed_since_the_one_before(
    world: World, score: float, sentences: list[str]
) -> None:
    """An attempt that we could not grade is passed over: it is no result."""
    first = world.submit("ada", "x = 1")
    world.dispatcher.mode = "fail"
    world.submit("ada", "x = 2")
    world.dispatcher.mode, world.dispatcher.report = "grade", make_report(score)
    third = world.submit("ada", "x = 3")
    page = world.client("ada").get(f"/attempts/{third}").text
    for sentence in sentences:
        assert sentence in page
    assert "attempt 1" not in world.client("ada").get(f"/attempts/{first}").text


def test_hostile_titles_stay_text(world: World) -> None:
    """Titles come from exercises, and they are escaped all the same."""
    bad = CheckResult("value", "value", Text(HOSTILE, HOSTILE), "passed", 4.0, 4.0)
    world.submit("ada", "x = 1")
    world.dispatcher.report = make_report(10.0, checks=(bad,))
    world.submit("ada", "x = 2")
    world.dispatcher.report = make_report(
        0.0, checks=(CheckResult("value", "value", Text(HOSTILE, HOSTILE), "failed", 0.0, 4.0),)
    )
    page = without_our_script(world.client("ada").get(f"/attempts/{world.submit('ada', 'x = 3')}").text)
    assert "No longer right: &lt;script&gt;" in page
    assert "<img" not in page
