"""What a student has tried, and what changed between two attempts."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.exc import InvalidRequestError

from grader.model.report import CheckResult, StudentError
from grader.model.text import Text
from grader.store import attempts
from grader.store.tables import Submission
from grader.web.attempts import history
from grader.web.attempts.score_chart import chart
from tests.web.world import HOSTILE, World, make_report, without_our_script

URL = "/courses/calc/detach/attempts"


def tried(world: World, *scores: float | None) -> list[str]:
    """Attempts of ada's with these scores; None for one that we could not grade."""
    ids = []
    for n, score in enumerate(scores):
        world.dispatcher.mode = "fail" if score is None else "grade"
        world.dispatcher.report = make_report(score or 0.0)
        ids.append(world.submit("ada", f"x = {n}\n"))
    return ids


def rows(*scores: float | None, most: float = 10.0) -> list[Submission]:
    """Attempts 1, 2, … with these scores, newest first."""
    found = [Submission(attempt=n, score=score, max_score=most) for n, score in enumerate(scores, 1)]
    return found[::-1]


def test_the_list_says_what_each_attempt_has_and_what_it_lacks(world: World) -> None:
    """Newest first: the score, how many checks passed, and why the others did not."""
    first, second = tried(world, 4.0, 10.0)
    page = world.client("ada").get(URL).text
    newest, oldest = re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', page, re.DOTALL)
    assert second in newest
    assert "solved" in newest
    assert "2 of 2" in newest
    assert f"/attempts/{second}/changes" in newest
    assert first in oldest
    assert "<strong>4</strong> / 10" in oldest
    assert "1 of 2" in oldest
    assert re.search(
        r"not right</span></span>\s*<span class=\"reason\">It is three times too large\.</span>", oldest
    )
    assert "changes" not in oldest


def test_a_check_that_was_not_run_is_not_the_reason(world: World) -> None:
    """What kept it from being run is."""
    skipped = CheckResult("value", "value", Text("values", "取值"), "skipped", 0.0, 4.0)
    raised = CheckResult("prediction", "prediction", Text("prediction", "预测"), "error", 0.0, 6.0)
    world.dispatcher.report = make_report(0.0, checks=(skipped, raised))
    world.submit("ada")
    page = world.client("ada").get(URL).text
    assert "raised an error" in page
    assert "not run" not in page


def test_what_could_not_be_graded_is_grey_and_has_no_score(world: World) -> None:
    """It is named, and it is no zero: neither in the table nor in the drawing."""
    tried(world, 4.0, None, 8.0)
    page = world.client("ada").get(URL).text
    assert page.count('class="uncounted"') == 1
    assert "could not be graded; does not count" in page
    assert page.count("<circle") == 2
    assert page.count('class="none"') == 1
    assert "<strong>0</strong>" not in page


def test_the_drawing_has_a_text_that_says_the_same(world: World) -> None:
    """Role, title and description; none is drawn of a single point."""
    tried(world, 4.0)
    assert '<svg class="chart"' not in world.client("ada").get(URL).text
    tried(world, 10.0, 6.0)
    page = world.client("ada").get(URL).text
    assert 'role="img" aria-labelledby="chart-title chart-about"' in page
    assert "Attempts 1 to 3. Best: 10 of 10 at attempt 2. Latest: 6 of 10." in page


def test_points_are_joined_by_steps_over_what_was_graded() -> None:
    """Level to the next attempt, then up or down; the earliest of the best is marked."""
    drawn = chart(rows(0.0, None, 10.0, 5.0, 10.0))
    assert drawn is not None
    assert drawn.steps == "M10 86H180V22H265V54H350V22"
    assert drawn.best.attempt == 3
    assert [point.counts for point in drawn.points] == [True, False, True, True, True]


@pytest.mark.parametrize("scores", [(), (4.0,), (4.0, None)])
def test_fewer_than_two_scores_are_no_drawing(scores: tuple[float | None, ...]) -> None:
    """A line needs two points."""
    assert chart(rows(*scores)) is None


def test_scores_outside_their_range_stay_inside_the_drawing() -> None:
    """More points than there are, fewer than none, and an exercise without points."""
    drawn = chart(rows(-3.0, 30.0))
    assert drawn is not None
    assert [point.y for point in drawn.points] == [drawn.BOTTOM, drawn.TOP]
    flat = chart(rows(0.0, 0.0, most=0.0))
    assert flat is not None
    assert flat.steps == "M10 86H350V86"


def test_no_attempt_yet_is_a_sentence_and_a_way_on(world: World) -> None:
    """The teacher sees the sentence alone."""
    page = world.client("ada").get(URL).text
    assert "Nothing has been submitted yet." in page
    assert "To the exercise" in page


def test_many_attempts_are_listed_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out; odd page numbers are the first page."""
    monkeypatch.setattr(history, "MOST_LISTED", 2)
    ids = tried(world, 4.0, 4.0, 4.0)
    client = world.client("ada")
    first = client.get(URL).text
    assert [identity in first for identity in ids] == [False, True, True]
    assert 'href="?before=2"' in first
    second = client.get(f"{URL}?before=2").text
    assert [identity in second for identity in ids] == [True, False, False]
    assert "Older attempts" not in second
    for odd in ("x", "0", "-1", "9" * 30):
        assert ids[2] in client.get(f"{URL}?before={odd}").text


def test_outlines_hold_no_source_and_no_report(world: World) -> None:
    """A hundred attempts may hold megabytes of both."""
    tried(world, 4.0)
    with world.store.read() as transaction:
        row = attempts.outlines(transaction, 1, 1, most=5)[0]
        assert row.score == 4.0
        for heavy in ("source", "report", "predictions"):
            with pytest.raises(InvalidRequestError, match="raiseload"):
                getattr(row, heavy)


def test_an_attempt_leads_to_its_neighbours(world: World) -> None:
    """Before, after, what changed, and all of them."""
    ids = tried(world, 4.0, 6.0, 8.0)
    pages = [world.client("ada").get(f"/attempts/{identity}").text for identity in ids]
    assert [f'rel="prev" href="/attempts/{ids[0]}"' in page for page in pages] == [False, True, False]
    assert [f'rel="next" href="/attempts/{ids[2]}"' in page for page in pages] == [False, True, False]
    assert [f"/attempts/{ids[n]}/changes" in page for n, page in enumerate(pages)] == [False, True, True]
    assert f'href="{URL}"' in pages[1]
    assert "/courses/calc/students/1/detach" in world.client("tess").get(f"/attempts/{ids[1]}").text


def test_the_code_of_a_reason_is_for_teachers(world: World) -> None:
    """A student reads the sentence; who teaches reads what it is called as well."""
    (identity,) = tried(world, 4.0)
    pages = [world.client(who).get(f"/attempts/{identity}").text for who in ("ada", "tess")]
    assert ['<p class="quiet code">scale</p>' in page for page in pages] == [False, True]


def test_of_a_file_that_python_cannot_read_that_is_said_once(world: World) -> None:
    """No check was run, so none "raised an error"; four seconds are not 4087 ms."""
    said = Text("Python cannot read line 2: invalid syntax.", "Python 无法解析第 2 行：语法错误。")
    checks = tuple(CheckResult(n, "value", Text(n, n), "error", 0.0, 5.0, said) for n in "ab")
    error = StudentError("SyntaxError", said, 2, "f(x", whole=True)
    world.dispatcher.report = make_report(0.0, checks=checks, error=error, duration_ms=4087.0)
    page = world.client("ada").get(f"/attempts/{world.submit('ada')}").text
    assert page.count("Python cannot read line 2") == 1 and "raised an error" not in page
    assert page.count("not run") == 2 and "4.1 s" in page and "4087" not in page


def test_the_source_is_a_file_byte_for_byte(world: World) -> None:
    """As an attachment that no browser takes for a page."""
    identity = world.submit("ada", "# <script>梯度</script>\n")
    answer = world.client("ada").get(f"/attempts/{identity}/source.py")
    assert answer.data == "# <script>梯度</script>\n".encode()
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="detach-1.py"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_changes_are_those_since_the_attempt_before(world: World) -> None:
    """Code with both line numbers and signs, predictions old and new, verdicts that turned."""
    world.submit("ada", "a = 1\nb = 2\n", **{"predict-x_grad": "[1]", "predict-ratio": "True"})
    world.dispatcher.report = make_report(10.0)
    second = world.submit("ada", "a = 1\nb = 3\n", **{"predict-x_grad": "[2]", "predict-ratio": "True"})
    page = world.client("ada").get(f"/attempts/{second}/changes").text
    assert '<tr class="gone"><td>2</td><td></td><td>−</td><td>b = <mark>2</mark></td></tr>' in page
    assert '<tr class="new"><td></td><td>2</td><td>+</td><td>b = <mark>3</mark></td></tr>' in page
    assert "<del>[1]</del> → <ins>[2]</ins>" in page
    assert "True" not in page
    assert "+ 6 points" in page
    assert re.search(r"prediction · .*not right.*passed", page)


def test_any_two_attempts_can_be_compared(world: World) -> None:
    """The choice is a form; an attempt that has no verdict has none to compare."""
    ids = tried(world, 4.0, None, 4.0)
    client = world.client("ada")
    page = client.get(f"/attempts/{ids[2]}/changes?since={ids[0]}").text
    assert f'<option value="{ids[0]}" selected>' in page
    assert "Same result as attempt 1." in page
    assert "<mark>0</mark>" in page
    assert "has no verdict" in client.get(f"/attempts/{ids[2]}/changes").text
    assert "first attempt" in client.get(f"/attempts/{ids[0]}/changes").text
    assert f"since={ids[0]}" in page[: page.index("</header>")]
    same = client.get(f"/attempts/{ids[2]}/changes?since={ids[2]}")
    assert "The code is the same." in same.text


def test_only_attempts_at_the_same_exercise_by_the_same_student_are_compared(world: World) -> None:
    """Neither another's nor one's own at another exercise; not by a teacher either."""
    own = world.submit("ada")
    elsewhere = world.submit("ada", exercise="control-flow")
    foreign = world.submit("bob", "bobs_code", course="other")
    tess = world.submit("tess", "teachers_code")
    for login in ("ada", "tess"):
        for other in (elsewhere, foreign, tess, "no-such", ""):
            assert world.client(login).get(f"/attempts/{own}/changes?since={other}").status_code == 404
    for page in ("changes", "source.py"):
        assert world.client("bob").get(f"/attempts/{own}/{page}").status_code == 404
        assert world.client("tess").get(f"/attempts/{own}/{page}").status_code == 200


def test_sources_too_long_to_compare_are_offered_as_files(world: World) -> None:
    """256 KiB of short lines must not hold a thread of the server."""
    first = world.submit("ada", "x\n" * 100_000)
    second = world.submit("ada", "y\n" * 100_000)
    page = world.client("ada").get(f"/attempts/{second}/changes").text
    assert "too long to be compared" in page
    assert f"/attempts/{first}/source.py" in page
    assert len(page) < 10_000


def test_hostile_code_and_predictions_are_text(world: World) -> None:
    """On both sides of the difference."""
    world.submit("ada", HOSTILE, **{"predict-x_grad": HOSTILE})
    second = world.submit("ada", HOSTILE + "x", **{"predict-x_grad": HOSTILE + "x"})
    page = without_our_script(world.client("ada").get(f"/attempts/{second}/changes").text)
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r"\sstyle=", page)


def test_a_long_source_is_listed_in_part(world: World) -> None:
    """The first lines, how many more there are, and the whole as a file; the line of an error is there."""
    world.dispatcher.report = make_report(
        0.0, error=StudentError("NameError", Text("no y", "没有 y"), 100_000, "y")
    )
    lines = [f"line_{n}" if n in (2000, 2001, 100_000, 260_000) else "" for n in range(1, 260_001)]
    identity = world.submit("ada", "\n".join(lines))
    for login in ("ada", "tess"):
        answer = world.client(login).get(f"/attempts/{identity}")
        assert len(answer.data) < 200_000
        assert 'id="L2000">line_2000\n' in answer.text and "line_2001" not in answer.text
        assert "258000 more lines are not shown here" in answer.text
        assert f'href="/attempts/{identity}/source.py">Download all of the code' in answer.text
        assert 'class="line wrong" id="L100000">100000  line_100000' in answer.text
        assert "line_260000" not in answer.text
    file = world.client("ada").get(f"/attempts/{identity}/source.py")
    assert file.data.endswith(b"\nline_260000") and file.data.count(b"\n") == 259_999
    assert file.headers["Content-Type"].startswith("text/plain")
    assert file.headers["Content-Disposition"] == 'attachment; filename="detach-1.py"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    # The form keeps all of it.
    assert "line_260000</textarea>" in world.client("ada").get("/courses/calc/detach").text


def test_a_long_comparison_is_shown_in_part(world: World) -> None:
    """Every line is another one: as many as there is place for, and both files."""
    first = world.submit("ada", "\n".join(f"a{n}" for n in range(1500)))
    second = world.submit("ada", "\n".join(f"b{n}" for n in range(1500)))
    page = world.client("ada").get(f"/attempts/{second}/changes").text
    assert page.count("<tr class=") == 2000
    assert "1000 more lines are not shown here" in page
    assert f"/attempts/{first}/source.py" in page and f"/attempts/{second}/source.py" in page
