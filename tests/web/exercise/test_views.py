"""What a student sees and does."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from grader.grading.typesetting import unreadable
from grader.model.report import StudentError
from grader.model.text import Text
from grader.store import courses, overrides, submissions, users
from grader.web.context import MOST_WAITING
from tests.web.world import (
    HOSTILE,
    SECRET,
    SOURCE,
    World,
    hostile_report,
    make_exercise,
    make_report,
    without_our_script,
)

URL = "/courses/calc/detach"
FUTURE = datetime.now(UTC) + timedelta(days=1)
PAST = datetime.now(UTC) - timedelta(days=1)


def test_home_lists_the_exercises_in_order_with_what_one_has(world: World) -> None:
    """The course's order, the best score and the number of attempts."""
    world.submit("ada")
    page = world.client("ada").get("/").text
    assert page.index("Title of detach") < page.index("Title of control-flow")
    assert "<strong>4</strong> / 10" in page
    assert "1 attempt<" in page
    assert "Course other" not in page


def test_home_without_a_course_says_what_to_do(world: World) -> None:
    """An empty state is a sentence, not an empty page."""
    world.user("new")
    assert "You are in no course yet" in world.client("new").get("/").text


def test_home_begins_with_how_it_goes_and_where(world: World) -> None:
    """Before anything is handed in; a teacher needs neither."""
    page = world.client("ada").get("/").text
    assert "predict what autograd will say" in page
    assert "Begin: 2.5.1 Title of detach" in page
    assert "0 of 2 solved" in page
    taught = world.client("tess").get("/").text
    assert "predict what autograd will say" not in taught
    assert "Begin:" not in taught
    assert "solved" not in taught


def test_home_leads_to_the_first_open_exercise_that_is_not_solved(world: World) -> None:
    """One link, and how many are done in words and as a bar."""
    world.dispatcher.report = make_report(10.0)
    world.submit("ada")
    page = world.client("ada").get("/").text
    assert re.search(
        r'class="go" href="/courses/calc/control-flow">Go on: 2.5.2 Title of control-flow<', page
    )
    assert "1 of 2 solved" in page
    assert '<rect class="part" width="50.0"' in page
    assert "predict what autograd will say" not in page
    world.submit("ada", exercise="control-flow")
    page = world.client("ada").get("/").text
    assert "Every exercise here is solved." in page
    assert 'class="go"' not in page


def test_full_marks_by_hand_are_solved(world: World) -> None:
    """An oral exam counts like a submission."""
    with world.store.write() as transaction:
        ada, tess = users.find_user(transaction, "ada"), users.find_user(transaction, "tess")
        course = courses.find_course(transaction, "calc")
        assert ada is not None and tess is not None and course is not None
        assignment = courses.find_assignment(transaction, course.id, "detach")
        assert assignment is not None
        overrides.set_total(
            transaction, assignment_id=assignment.id, user_id=ada.id, score=10.0, reason="oral", by=tess.id
        )
    assert "Go on: 2.5.2" in world.client("ada").get("/").text


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (-1, "closed since 2"),
        (0.5, "due within the hour"),
        (1.5, "due in 1 hour<"),
        (30.5, "due in 30 hours"),
        (73, "due in 3 days"),
        (24 * 30, "due 2"),
    ],
)
def test_home_says_in_words_how_long_there_is(world: World, hours: float, words: str) -> None:
    """The nearer the deadline, the finer; the moment itself stands beside it."""
    set_times(world, due=datetime.now(UTC) + timedelta(hours=hours))
    page = world.client("ada").get("/").text
    assert words in page
    assert ('class="soon"' in page) == (0 < hours < 24 * 7)
    assert ("Begin: 2.5.1" in page) == (hours > 0)


def test_home_says_when_nothing_is_open(world: World) -> None:
    """What opens next, or that reading goes on."""
    world.course("late", "detach", eve="student")
    set_times(world, "late", opens=FUTURE)
    page = world.client("eve").get("/").text
    assert "The next exercise opens 2" in page
    assert 'class="upcoming"' in page
    set_times(world, "late", due=PAST)
    page = world.client("eve").get("/").text
    assert "You can still read the exercises" in page
    assert 'class="closed"' in page


def test_a_long_course_is_divided_small_and_asks_little(world: World) -> None:
    """48 exercises: by section, less than 60 KiB, and not one query more than for two."""
    queries: list[str] = []
    event.listen(world.store._reader, "before_cursor_execute", lambda *said: queries.append(said[2]))
    client = world.client("ada")
    client.get("/")
    queries.clear()
    client.get("/")
    few = len(queries)
    for n in range(46):
        exercise = make_exercise(f"more-{n}", n + 3)
        world.library.exercises.append(replace(exercise, section=f"3.{n // 6}.{n}"))
    with world.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        for n in range(46):
            courses.assign(transaction, course.id, f"more-{n}", due=FUTURE)
    world.submit("ada", exercise="more-7")
    queries.clear()
    page = client.get("/")
    assert len(queries) == few
    assert len(page.data) < 60 * 1024
    assert re.findall(r"<h3>(.*?)</h3>", page.text) == ["Section 2.5", *(f"Section 3.{n}" for n in range(8))]
    assert "0 of 48 solved" in page.text
    assert page.text.count('<p class="standing">') == 48
    tiles = re.findall(r'aria-label="(3\.[^"]+)" title', page.text)
    assert len(tiles) == 46 and sum(": 4 of 10, due in " in each for each in tiles) == 1


def test_an_exercise_whose_folder_is_gone_does_not_break_home(world: World) -> None:
    """It is named and greyed."""
    world.library.exercises.pop()
    page = world.client("ada").get("/")
    assert page.status_code == 200
    assert "control-flow: not available" in page.text
    assert world.client("ada").get("/courses/calc/control-flow").status_code == 404


def test_the_exercise_page_shows_everything_and_no_secret(world: World) -> None:
    """Prompt as MathML, given code, visible cases, hint, starter code, typed predictions; nothing hidden."""
    page = world.client("ada").get(URL).text
    assert "<mo>≠</mo>" in page
    assert '<code class="latex">\\nosuchcommand{x}</code>' in page
    assert "return x &lt; 3" in page
    assert "x = [0, 1, 2.5]" in page
    assert "<details" in page
    # The first line break after <textarea> is swallowed by browsers; the second is the starter's own.
    assert "\n\ndef f(x):\n    ...\n</textarea>" in page
    assert 'name="predict-x_grad' in page
    assert 'name="predict-ratio"' in page
    assert "there is no gradient" in page
    assert "987654" not in page
    assert SECRET not in page
    assert "<script" not in without_our_script(page)


def test_a_submit_answers_with_the_verdict_and_keeps_the_form(world: World) -> None:
    """Stored, graded, shown under an address of its own; code and predictions stay in the form."""
    client = world.client("ada")
    answer = client.post(URL, data={"source": "a = '</textarea>'\r\nb", "predict-x_grad": "[0, 3]"})
    assert answer.status_code == 303
    assert answer.location == f"{URL}?attempt={world.dispatcher.submitted[0]}#verdict"
    text = client.get(answer.location).text
    assert "4 of 10" in text
    assert "One gradient flows where you cut it." in text
    assert "What does u.requires_grad say?" in text
    assert "[0, <mark>3</mark>]" in text
    assert "hello from the code" in text
    assert "a = &#39;&lt;/textarea&gt;&#39;\nb</textarea>" in text
    assert 'value="[0, 3]"' in text


def test_predictions_and_bytes_arrive_as_typed(world: World) -> None:
    """Line ends of the textarea are undone, empty boxes are absent, unknown fields are ignored."""
    identity = world.submit(
        "ada",
        "x = 1\r\ny = '梯度'\r\n",
        **{"predict-x_grad": " None ", "predict-ratio": " ", "predict-zz": "1"},
    )
    with world.store.read() as transaction:
        row = submissions.get(transaction, identity)
    assert row is not None
    assert row.source == "x = 1\ny = '梯度'\n".encode()
    assert row.predictions == {"x_grad": "None"}


def test_shown_code_and_the_names_of_cases_are_in_the_readers_language(world: World) -> None:
    """Comments in Chinese where the author wrote some; the name of a case without a title is its id."""
    exercise = world.library.exercises[0]
    titled = replace(exercise.cases[0], title=Text("three numbers", "三个数"))
    world.library.exercises[0] = replace(
        exercise, given_zh="# 给出的函数", starter_zh="# 从这里开始", cases=(titled, *exercise.cases[1:])
    )
    zh, en = (
        world.client("ada").get(f"{URL}?from=starter&lang={language}").text for language in ("zh", "en")
    )
    for chinese, english in (
        ("# 给出的函数", "def given(x)"),
        ("# 从这里开始", "..."),
        ("三个数", "three numbers"),
    ):
        assert chinese in zh and chinese not in en and english in en


def test_a_file_wins_over_the_text(world: World) -> None:
    """An upload is graded and is what the form then holds."""
    data = {"source": "old", "file": (io.BytesIO(SOURCE.encode()), "mine.py")}
    assert "return x * x" in world.client("ada").post(URL, data=data, follow_redirects=True).text


def test_the_form_next_time_holds_the_last_submitted_code(world: World) -> None:
    """Unless an earlier attempt is asked for."""
    first = world.submit("ada", "first = 1", **{"predict-x_grad": "[7]"})
    world.submit("ada", "second = 2")
    client = world.client("ada")
    assert "second = 2" in client.get(URL).text
    restored = client.get(f"{URL}?from={first}").text
    assert "first = 1" in restored
    assert 'value="[7]"' in restored


def test_restoring_somebody_elses_attempt_gives_ones_own(world: World) -> None:
    """The parameter chooses among one's own attempts only."""
    foreign = world.submit("bob", "bobs_code", course="other")
    assert "bobs_code" not in world.client("ada").get(f"{URL}?from={foreign}").text


def test_the_same_form_sent_twice_is_one_attempt(world: World) -> None:
    """A reload of the answer, or a double click, costs nothing."""
    client = world.client("ada")
    form = {"source": SOURCE, "request_key": "one"}
    assert "4 of 10" in client.post(URL, data=form, follow_redirects=True).text
    assert "4 of 10" in client.post(URL, data=form, follow_redirects=True).text
    assert len(world.dispatcher.submitted) == 1


def test_another_thread_may_write_what_is_handed_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load writes are gathered, and who writes them may be a thread that grades: it has no request."""
    together = world.store.together

    def by_another(work: Callable[[Any], Any]) -> Any:
        with ThreadPoolExecutor(1) as other:
            return other.submit(together, work).result()

    monkeypatch.setattr(world.store, "together", by_another)
    client = world.client("ada")
    for form in ({"draft_seen": "a b"}, {"chosen": "file", "file": (io.BytesIO(b"b = 2"), "b.py")}):
        data = {"source": SOURCE, "request_key": str(form), **form}
        assert "4 of 10" in client.post(URL, data=data, follow_redirects=True).text
    body = {"exercise": "detach", "source": SOURCE}
    assert client.post("/api/v1/submissions", json=body, headers=world.token("ada")).status_code == 202


def test_a_form_changed_after_the_back_button_is_a_new_attempt(world: World) -> None:
    """Its hidden key is old, its content is not."""
    client = world.client("ada")
    for source in ("a = 1", "a = 2"):
        client.post(URL, data={"source": source, "request_key": "one"})
    assert len(set(world.dispatcher.submitted)) == 2


def test_one_key_in_two_accounts_is_two_attempts(world: World) -> None:
    """Nobody can occupy another person's key."""
    a = world.submit("ada", request_key="one")
    assert a != world.submit("bob", course="other", request_key="one")


def test_a_verdict_that_takes_long_is_waited_for_on_its_own_page(world: World) -> None:
    """The answer says "being graded" and leads to the attempt, where the code is."""
    world.dispatcher.mode = "never"
    client = world.client("ada")
    answer = client.post(URL, data={"source": "kept = 1"})
    assert answer.status_code == 303
    assert world.dispatcher.waited == [2.0]
    page = client.get(answer.location)
    assert "Being graded" in page.text
    assert f'http-equiv="refresh" content="2; url=/attempts/{world.dispatcher.submitted[0]}"' in page.text
    assert "kept = 1" in page.text
    assert "✗" not in page.text
    assert "kept = 1" in world.client("ada").get(URL).text


def test_what_we_could_not_grade_is_grey_and_not_wrong(world: World) -> None:
    """It says whose fault it is, shows no path of ours, and counts no attempt."""
    world.dispatcher.mode = "fail"
    page = world.client("ada").post(URL, data={"source": SOURCE}, follow_redirects=True).text
    assert "could not be graded" in page
    assert "our fault, not yours" in page
    assert "/secret/path" not in page
    assert "✗" not in page
    assert "0 attempts" in page
    attempt = f"/attempts/{world.dispatcher.submitted[0]}"
    assert "/secret/path" not in world.client("ada").get(attempt).text
    assert "/secret/path" in world.client("tess").get(attempt).text


@pytest.mark.parametrize(
    ("source", "status", "said"),
    [
        (b"", 422, "It is empty."),
        (b" \n\t ", 422, "It is empty."),
        (b"x = 1\ny = '\xff'", 422, "byte 11, line 2"),
        (b"\xef\xbb\xbfx\n\n\xe4\xb8", 422, "byte 6, line 3"),
        (b"a\n\0b", 422, "Line 2 holds a NUL"),
        (b"#" * (256 * 1024 + 1), 413, "257 KiB; at most 256 KiB"),
    ],
)
def test_what_cannot_be_graded_costs_no_attempt(world: World, source: bytes, status: int, said: str) -> None:
    """One sentence at the file; what was typed stays; nothing is stored."""
    data = {"source": "typed = 1", "file": (io.BytesIO(source), "mine.py"), "predict-x_grad": "[7]"}
    page = world.client("ada").post(URL, data=data)
    assert page.status_code == status
    alert = re.search(r'<div class="why" id="file-problem" role="alert">(.*?)</div>', page.text)
    assert alert is not None and "“mine.py” was not taken" in alert[1] and said in alert[1]
    assert re.search(r'<input id="file"[^>]*aria-describedby="file-problem" aria-invalid="true"', page.text)
    assert "typed = 1</textarea>" in page.text
    assert 'value="[7]"' in page.text
    assert not world.dispatcher.submitted
    assert world.client("ada").get(f"{URL}/attempts").text.count("/attempts/") == 0


def test_a_file_that_cannot_be_shown_leaves_what_was_typed(world: World) -> None:
    """The box keeps its text when the file beside it is refused."""
    for bad in (b"\xff\xfe\0", b"a\0", b"#" * 300_000):
        data = {"source": "typed = 1", "file": (io.BytesIO(bad), "mine.py")}
        assert "typed = 1" in world.client("ada").post(URL, data=data).text


@pytest.mark.parametrize(
    "data",
    [
        "# 作业\ndef f(x): ...\n".encode("gbk"),
        "# coding: gbk\n# 作业\ndef f(x): ...\n".encode("gbk"),
        "# 作业\ndef f(x): ...\n".encode("utf-16"),
        b'{"cells": [{"cell_type": "code", "source": ["# \xe4\xbd\x9c\xe4\xb8\x9a\\n", "def f(x): ..."]}]}',
    ],
    ids=["GBK", "GBK, named", "UTF-16", "notebook"],
)
def test_a_file_is_read_as_it_was_meant(world: World, data: bytes) -> None:
    """What is stored are its own bytes; what the form and the attempt's page show is text."""
    page = world.client("ada").post(URL, data={"file": (io.BytesIO(data), "mine.py")}, follow_redirects=True)
    assert page.status_code == 200 and "# 作业\ndef f(x): ..." in page.text
    (identity,) = world.dispatcher.submitted
    with world.store.read() as transaction:
        row = submissions.get(transaction, identity)
    assert row is not None and row.source == data
    shown = world.client("ada").get(f"/attempts/{identity}").text
    assert "# 作业" in shown and "def f(x): ..." in shown
    assert world.client("ada").get(f"/attempts/{identity}/source.py").data == data


def test_the_script_has_a_file_read(world: World) -> None:
    """For the editor, with what was done; nothing is stored."""
    client = world.client("ada")
    found = client.post(f"{URL}/read", data={"file": (io.BytesIO("x = 1 # 作业".encode("gbk")), "mine.py")})
    assert found.status_code == 200 and found.json == {
        "text": "x = 1 # 作业",
        "said": "Your file is not UTF-8; it was read as GB18030 (GBK). UTF-8 is what Python expects.",
    }
    found = client.post(f"{URL}/read", data={"file": (io.BytesIO(b"%PDF-1.4"), "mine.py")})
    assert "a PDF, not Python" in found.json["said"] and "text" not in found.json
    assert "text" not in client.post(f"{URL}/read", data={}).json
    assert not world.dispatcher.submitted


def test_a_box_that_cannot_be_read_says_why_and_costs_no_attempt(world: World) -> None:
    """At the box itself; by script, too."""
    services = world.app.extensions["grader"]
    world.app.extensions["grader"] = dataclasses.replace(services, unreadable=unreadable)
    client = world.client("ada")
    form = {
        "source": SOURCE,
        **{f"predict-x_grad.{n}": text for n, text in enumerate(("1", "two", "3", "4"))},
    }
    page = client.post(URL, data=form)
    assert page.status_code == 422 and not world.dispatcher.submitted
    assert re.search(r'<span class="why" id="why-x_grad">[^<]*cannot be read at “two”', page.text)
    marked = re.findall(r'<input form="work" name="([^"]*)"[^>]*aria-invalid="true"', page.text)
    assert marked == ["predict-x_grad.1"]
    part = client.post(URL, data=form, headers={"HX-Request": "true"})
    assert part.status_code == 422 and 'data-why="x_grad" data-box="predict-x_grad.1"' in part.text
    assert client.post(URL, data={**form, "predict-x_grad.1": "1/4"}).status_code == 303
    assert len(world.dispatcher.submitted) == 1


def test_when_many_wait_the_next_does_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class that submits at once must not take every thread of the server."""
    world.dispatcher.mode = "never"
    services = world.app.extensions["grader"]
    for _ in range(MOST_WAITING):
        assert services.waiting.acquire(blocking=False)
    assert world.client("ada").post(URL, data={"source": SOURCE}).status_code == 303
    assert world.dispatcher.waited == []
    services.waiting.release()
    world.client("ada").post(URL, data={"source": SOURCE})
    assert world.dispatcher.waited == [2.0]


@pytest.mark.parametrize("name", ["mine.docx", "mine", "mine.py.txt", "<b>.html"])
def test_a_file_of_another_name_is_refused(world: World, name: str) -> None:
    """Whatever is in it; the code in the form is not submitted in its place."""
    data = {"source": "typed = 1", "file": (io.BytesIO(SOURCE.encode()), name)}
    page = world.client("ada").post(URL, data=data)
    assert page.status_code == 422
    assert "ends neither in .py nor in .ipynb" in page.text and "<b>" not in page.text
    assert "typed = 1</textarea>" in page.text
    assert not world.dispatcher.submitted


def test_what_was_typed_beside_a_file_is_kept(world: World) -> None:
    """The file is handed in; the other text can be brought back."""
    data = {"source": "typed = 1", "file": (io.BytesIO(SOURCE.encode()), "mine.py")}
    client = world.client("ada")
    page = client.post(URL, data=data, follow_redirects=True).text
    assert "return x * x" in page and "typed = 1" not in page
    (number,) = re.findall(r'name="bring_back" value="([^"]+)"', page)
    form = {"source": SOURCE, "bring_back": number}
    assert "typed = 1</textarea>" in client.post(f"{URL}/draft", data=form, follow_redirects=True).text


def test_a_verdict_has_an_address_on_the_exercises_page(world: World) -> None:
    """It can be reloaded and kept, in either language; nobody else's verdict is shown there."""
    first, foreign = world.submit("ada", "first = 1"), world.submit("tess", "tess = 1")
    world.dispatcher.report = make_report(10.0)
    world.submit("ada", "second = 2")
    client = world.client("ada")
    page = client.get(f"{URL}?attempt={first}").text
    assert "4 of 10" in page and "second = 2</textarea>" in page
    assert f"/attempts/{first}" in page
    assert "大了三倍。" in client.get(f"{URL}?attempt={first}&lang=zh").text
    for other in (foreign, "nonsense", "x" * 300, ""):
        page = client.get(f"{URL}?attempt={other}").text
        assert 'class="verdict' not in page and "tess = 1" not in page
    assert 'class="verdict' not in client.get(f"/courses/calc/control-flow?attempt={first}").text


def test_a_verdict_beside_other_code_says_so(world: World) -> None:
    """Which attempt it is on, and that the code is another one now; not while it is the same."""
    said = re.compile(r'id="changed"( hidden)?[^>]*>([^<]*)<')
    client = world.client("ada")
    page = client.post(URL, data={"source": "a = 1\r\n"}, follow_redirects=True).text
    assert said.findall(page) == [
        (" hidden", "This verdict is on attempt 1. The code above has changed since.")
    ]
    attempt = world.dispatcher.submitted[0]
    form = {"source": "a = 2\r\n", "attempt": attempt}
    page = client.post(f"{URL}/draft", data=form, follow_redirects=True).text
    assert "a = 2\n</textarea>" in page and "4 of 10" in page
    assert [hidden for hidden, _said in said.findall(page)] == [""]
    # A form that is refused shows it, too.
    page = client.post(URL, data={"source": " ", "attempt": attempt}).text
    assert [hidden for hidden, _said in said.findall(page)] == [""]


def test_text_that_cannot_be_graded_stays_in_the_form(world: World) -> None:
    """Nothing typed is lost, however long."""
    page = world.client("ada").post(URL, data={"source": "# kept\n" + "x" * 300_000})
    assert page.status_code == 413
    assert "# kept" in page.text


def test_a_prediction_that_is_no_text_or_endless_is_refused(world: World) -> None:
    """NUL cannot be stored everywhere; ten thousand characters are enough."""
    for text in ("1\0", "1" * 10_001):
        page = world.client("ada").post(URL, data={"source": SOURCE, "predict-x_grad": text})
        assert page.status_code == 422
        assert "The prediction “x_grad”" in page.text
    assert not world.dispatcher.submitted


def test_a_body_beyond_all_limits_is_413(world: World) -> None:
    """The error page says so in a sentence."""
    page = world.client("ada").post(URL, data={"source": "x" * (3 * 2**20)})
    assert page.status_code == 413
    assert "too large" in page.text


def set_times(world: World, called: str = "calc", **times: datetime) -> None:
    """Change when ``detach`` is open in a course."""
    with world.store.write() as transaction:
        course = courses.find_course(transaction, called)
        assert course is not None
        courses.assign(transaction, course.id, "detach", **times)


def test_a_closed_exercise_can_be_read_and_not_submitted_to(world: World) -> None:
    """What was typed stays; teachers may still try it."""
    set_times(world, due=PAST)
    assert "This exercise is closed" in world.client("ada").get(URL).text
    page = world.client("ada").post(URL, data={"source": "kept = 1"})
    assert page.status_code == 403
    assert "kept = 1" in page.text
    assert not world.dispatcher.submitted
    assert world.client("tess").post(URL, data={"source": SOURCE}).status_code == 303


def test_an_exercise_that_opens_later_is_not_shown(world: World) -> None:
    """Its title and time are; its prompt and form are not, to a student."""
    set_times(world, opens=FUTURE)
    assert "opens 2" in world.client("ada").get("/").text
    for page in (world.client("ada").get(URL), world.client("ada").post(URL, data={"source": SOURCE})):
        assert "This exercise opens" in page.text
        assert "textarea" not in page.text
    assert "textarea" in world.client("tess").get(URL).text


def test_the_attempt_page_shows_verdict_source_and_way_back(world: World) -> None:
    """Its address can be given to the teacher."""
    world.dispatcher.report = make_report(
        0.0, error=StudentError("NameError", Text("no y", "没有 y"), 2, "    return y")
    )
    identity = world.submit("ada", "def f(x):\n    return y\n", **{"predict-ratio": "True"})
    for login in ("ada", "tess"):
        page = world.client(login).get(f"/attempts/{identity}").text
        assert 'class="line wrong" id="L2"' in page
        assert 'href="#L2"' in page
        assert "NameError" in page
        assert ("Go on with this code" in page) == (login == "ada")
    assert "http-equiv" not in page


def test_history_lists_ones_own_attempts(world: World) -> None:
    """Newest first, each with its page."""
    first, second = world.submit("ada"), world.submit("ada", "x = 2")
    page = world.client("ada").get(f"{URL}/attempts").text
    assert page.index(second) < page.index(first)


def test_a_hostile_verdict_is_inert_text(world: World) -> None:
    """Whatever a student's code prints, raises or returns stays text."""
    world.dispatcher.report = hostile_report()
    form = {"source": HOSTILE, "predict-x_grad": HOSTILE}
    page = world.client("ada").post(URL, data=form, follow_redirects=True).text
    page = without_our_script(page)
    page += world.client("ada").get(f"/attempts/{world.dispatcher.submitted[0]}").text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_a_verdict_is_read_in_the_readers_language(world: World) -> None:
    """A stored report carries both languages."""
    identity = world.submit("ada")
    page = world.client("ada").get(f"/attempts/{identity}?lang=zh").text
    assert "有一条梯度流过了你切断的地方。" in page
    assert "大了三倍。" in page
    assert "通过" in page


def test_pages_carry_no_inline_style_or_script(world: World) -> None:
    """The content policy would drop them, so they would only be broken."""
    identity = world.submit("ada")
    for url in ("/", URL, f"/attempts/{identity}", f"{URL}/attempts", "/account", "/sign-in"):
        page = without_our_script(world.client("ada").get(url).text)
        assert not re.search(r"\son\w+=|\sstyle=|<script|<style", page), url


def test_fast_submitting_is_slowed_and_loses_nothing(make_world: Callable[..., World]) -> None:
    """The limit is per account; the form keeps its text and says how long to wait."""
    world = make_world(submit_limit="2 per minute")
    world.course("calc", "detach", ada="student", eve="student")
    answers = [world.client("ada").post(URL, data={"source": f"kept = {n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "kept = 2" in answers[2].text
    assert int(answers[2].headers["Retry-After"]) <= 60
    assert world.client("eve").post(URL, data={"source": SOURCE}).status_code == 303
