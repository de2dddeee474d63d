"""Pages of a class: what is misunderstood, by whom; statistics; the watchlist; improbable agreement."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from grader.model.report import CheckResult, Counterexample, Diagnosis
from grader.model.text import EMPTY, Text
from grader.store import courses, enrolments, users
from grader.store.tables import Assignment, AuditEvent, Section, SectionMember, Submission, User, utcnow
from tests.web.world import HOSTILE, World, make_report

CLASS = "/courses/calc/class"
PAGES = (
    CLASS, f"{CLASS}/detach", f"{CLASS}/detach/statistics", f"{CLASS}/detach/agreement",
    f"{CLASS}/detach/held/prediction/sign", "/courses/calc/lecture-card", "/courses/calc/watchlist",
    f"{CLASS}/detach/statistics/scores.csv",
)  # fmt: skip


def told(code: str | None, passed: bool = False) -> tuple[CheckResult, ...]:
    """Right code, and a prediction that is right, or wrong with a code, or without."""
    wrong = CheckResult(
        "prediction", "prediction", Text("prediction", "预测"), "failed", 0.0, 6.0, Text("Wrong.", "不对。"),
        Diagnosis(code, EMPTY) if code else None, Counterexample({"x": [7.0]}, [49.0], [-49.0]),
    )  # fmt: skip
    right = CheckResult("prediction", "prediction", Text("prediction", "预测"), "passed", 6.0, 6.0)
    return (
        CheckResult("value", "value", Text("values", "取值"), "passed", 4.0, 4.0),
        right if passed else wrong,
    )


def hand_in(world: World, login: str, code: str | None, *, passed: bool = False, source: str = "") -> str:
    """One judged attempt."""
    world.dispatcher.report = make_report(10.0 if passed else 4.0, checks=told(code, passed))
    return world.submit(login, source or f"def f(x):\n    return x * {len(login)}\n")


@pytest.fixture
def school(world: World) -> World:
    """Ada is rid of a misconception, two hold it, one answer has no reason; sections Monday and Friday."""
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        monday, friday = (Section(course_id=course.id, name=name) for name in ("Monday", "<i>Friday"))
        session.add_all([monday, friday])
        session.flush()
        for login in ("ben", "cy", "dot"):
            user = users.add_user(session, login, login.title())
            enrolments.enrol(session, user.id, course.id)
            section = monday if login == "ben" else friday
            session.add(SectionMember(section_id=section.id, user_id=user.id))
    hand_in(world, "ada", "sign")
    hand_in(world, "ada", None, passed=True)
    hand_in(world, "ben", "sign")
    hand_in(world, "cy", "sign")
    hand_in(world, "dot", None)
    return world


def text_of(page: str) -> str:
    """What is read, without the elements."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_class_page_says_how_many_hold_what(school: World) -> None:
    """By the course and by a section; each leads to who holds it."""
    client = school.client("tess")
    page = client.get(CLASS).text
    assert "2 of 4 3 has the wrong sign sign prediction Title of detach" in text_of(page)
    assert f'href="{CLASS}/detach/held/prediction/sign"' in page
    friday = re.search(r'<option value="(\d+)">&lt;i&gt;Friday', page)
    assert friday is not None
    assert "1 of 2" in text_of(client.get(f"{CLASS}?section={friday[1]}").text)
    assert "2 of 4" in text_of(client.get(f"{CLASS}?section=99999").text)


def test_an_assignments_page_has_flow_contrasts_and_failures_unnamed(school: World) -> None:
    page = text_of(school.client("tess").get(f"{CLASS}/detach").text)
    assert "5 attempts of 4 students." in page
    assert "2 of 4 3 has the wrong sign" in page and "1 of 1" in page  # of ben's section
    assert "1 n = 1" in page  # one attempt until it is gone
    assert "begins has the wrong sign 3" in page and "has the wrong sign ✓ passed 1" in page
    assert "4 students of 4 wrote code that is right and predicted its derivative wrongly" in page
    assert "no named reason: 1, by 1 students, in 1 groups" in page and "return x * 3" in page


def test_who_holds_a_misconception_is_listed_with_counterexamples(school: World) -> None:
    client = school.client("tess")
    page = client.get(f"{CLASS}/detach/held/prediction/sign").text
    assert "2 of 4: has the wrong sign" in text_of(page)
    assert re.findall(r"<bdi>(Ada|Ben|Cy|Dot)</bdi>", page) == ["Cy", "Ben", "Ada"]
    assert "-49" in page and "3 of 4" in text_of(page)
    assert page.count("/attempts/") == 6
    assert client.get(f"{CLASS}/detach/held/prediction/scale").status_code == 404


def test_an_authors_reason_is_said_in_the_authors_words(school: World) -> None:
    hand_in(school, "dot", "author:wrong")
    hand_in(school, "cy", "author:gone-since")
    page = text_of(school.client("tess").get(CLASS).text)
    assert "SECRET-REFERENCE author:wrong" in page and "author:gone-since author:gone-since" in page


def test_the_lecture_card_has_what_several_hold(school: World) -> None:
    page = text_of(school.client("tess").get("/courses/calc/lecture-card").text)
    assert "2 of 4: has the wrong sign" in page and "2 of them were first told this week." in page
    assert "4 students handed something in" in page and "-49" in page


def test_statistics_say_n_and_the_same_as_csv(school: World) -> None:
    client = school.client("tess")
    page = client.get(f"{CLASS}/detach/statistics").text
    text = text_of(page)
    assert "5 attempts of 4 students; full marks: 1." in text and "Median 2, n = 1." in text
    assert page.count('<figure class="columns-plot"') == 4 and page.count("<caption>") == 4
    tables = {}
    for name in ("scores", "attempts", "success", "checks"):
        answer = client.get(f"{CLASS}/detach/statistics/{name}.csv")
        assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
        tables[name] = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert tables["success"] == [
        ["attempt", "made", "passed", "passed_by_then", "tried"], ["1", "4", "0", "0", "4"],
        ["2", "1", "1", "1", "4"],
    ]  # fmt: skip
    assert sum(int(row[2]) for row in tables["scores"][1:]) == 4
    assert tables["checks"][2][:7] == ["prediction", "prediction", "6.0", "4", "0", "1", "1"]
    assert client.get(f"{CLASS}/detach/statistics/users.csv").status_code == 404


def test_pages_of_nothing_say_so(world: World) -> None:
    """No attempt, no exercise."""
    world.course("bare", tess="instructor")
    client = world.client("tess")
    assert "No exercise is set" in client.get("/courses/bare/class").text
    assert "Nobody was told of a misconception" in client.get(CLASS).text
    assert "Nothing has been judged here yet" in client.get(f"{CLASS}/detach").text
    assert "Nothing has been judged here yet" in client.get(f"{CLASS}/detach/statistics").text
    assert "nobody is compared" in client.get(f"{CLASS}/detach/agreement").text
    assert "held by several students" in client.get("/courses/calc/lecture-card").text
    assert "Nobody is on this list" in client.get("/courses/calc/watchlist").text


def test_they_are_for_who_teaches_or_assists(school: World) -> None:
    school.user("asa")
    with school.store.write() as session:
        course, asa = courses.find_course(session, "calc"), users.find_user(session, "asa")
        assert course is not None and asa is not None
        enrolments.enrol(session, asa.id, course.id, "assistant")
    for path in PAGES:
        assert school.client("ada").get(path).status_code == 403, path
        assert school.client("tom").get(path).status_code == 404, path
        assert school.client().get(path).status_code == 302, path
        assert school.client("asa").get(path).status_code == 200, path


def test_hostile_names_codes_and_texts_are_inert(school: World) -> None:
    with school.store.write() as session:
        session.execute(update(User).where(User.login == "cy").values(name=HOSTILE))
    hand_in(school, "cy", "author:<script>x</script>", source="<script>alert(1)</script>")
    hand_in(school, "cy", None, source="'''</pre><script>'''")
    hand_in(school, "cy", "sign")
    for path in PAGES[:-1]:
        page = school.client("tess").get(path).text
        assert "<script" not in page and "<img" not in page and "<i>Friday" not in page, path


def test_in_chinese(school: World) -> None:
    for path in PAGES[:-1]:
        page = school.client("tess").get(f"{path}?lang=zh")
        assert page.status_code == 200 and 'lang="zh-Hans"' in page.text
    assert "符号相反" in school.client("tess").get(f"{CLASS}?lang=zh").text


# The watchlist


def stuck(world: World, login: str = "ben") -> None:
    """Seven attempts without gain."""
    for _ in range(7):
        hand_in(world, login, "sign")


def test_many_attempts_without_gain_are_on_the_list(school: World) -> None:
    stuck(school)
    page = text_of(school.client("tess").get("/courses/calc/watchlist").text)
    assert "Ben ben Title of detach : the last 7 of 8 attempts did not raise the score of 4 of 10" in page


def test_what_is_due_soon_is_on_the_list_unless_it_was_begun(school: World) -> None:
    """What waits for its verdict was begun."""
    with school.store.write() as session:
        session.execute(
            update(Assignment)
            .where(Assignment.exercise == "detach")
            .values(due=utcnow() + timedelta(hours=30))
        )
    school.user("eve")
    school.user("fay")
    with school.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        for login in ("eve", "fay"):
            user = users.find_user(session, login)
            assert user is not None
            enrolments.enrol(session, user.id, course.id)
    school.dispatcher.mode = "never"
    school.submit("fay")
    page = school.client("tess").get("/courses/calc/watchlist").text
    assert re.findall(r"<h2><bdi>(\w+)</bdi>", page) == ["Eve"]
    assert "5 of 6 students have begun" in text_of(page)


def entry_form(page: str) -> tuple[str, str]:
    """Where the first form of the list goes, and the entry it has seen."""
    form = re.search(r'action="(/courses/calc/watchlist/\d+)".*?name="seen" value="(\d+)"', page, re.DOTALL)
    assert form is not None
    return form[1], form[2]


def test_assistants_share_states_and_notes(school: World) -> None:
    """The newest holds; who has not seen it overwrites nothing and loses nothing."""
    stuck(school)
    client = school.client("tess")
    url, seen = entry_form(client.get("/courses/calc/watchlist").text)
    assert seen == "0"
    body = {"state": "contacted", "note": HOSTILE, "seen": seen}
    answer = client.post(url, data=body)
    assert answer.status_code == 303 and answer.headers["Location"].endswith(url.rpartition("/")[2])
    page = client.get("/courses/calc/watchlist").text
    assert "&lt;script&gt;" in page and "<script" not in page and "Tess" in page
    late = client.post(url, data={"state": "resolved", "note": "my own note", "seen": seen})
    assert late.status_code == 409 and "my own note" in late.text and "Somebody else wrote" in late.text
    assert (
        client.post(url, data={"state": "resolved", "note": "", "seen": entry_form(page)[1]}).status_code
        == 303
    )
    assert "Nobody is on this list" in client.get("/courses/calc/watchlist").text
    assert "Ben" in client.get("/courses/calc/watchlist?state=resolved").text
    assert "Ben" in client.get("/courses/calc/watchlist?state=all").text
    with school.store.read() as session:
        events = [e for e in session.query(AuditEvent) if e.action == "watchlist.note"]
    assert [e.details["state"] for e in events] == ["contacted", "resolved"] and "script" not in str(events)


@pytest.mark.parametrize(
    ("body", "status"),
    [({"state": "nonsense"}, 400), ({"state": "pending", "note": "x" * 2001, "seen": "0"}, 400)],
)
def test_a_bad_entry_is_refused(school: World, body: dict[str, str], status: int) -> None:
    stuck(school)
    client = school.client("tess")
    url, _ = entry_form(client.get("/courses/calc/watchlist").text)
    assert client.post(url, data=body).status_code == status
    assert entry_form(client.get("/courses/calc/watchlist").text)[1] == "0"


def test_nobody_is_noted_who_is_not_on_the_list(school: World) -> None:
    stuck(school)
    client = school.client("tess")
    body = {"state": "pending", "note": "", "seen": "0"}
    assert client.post("/courses/calc/watchlist/99999", data=body).status_code == 404
    with school.store.read() as session:
        bob = users.find_user(session, "bob")
        assert bob is not None
    assert client.post(f"/courses/calc/watchlist/{bob.id}", data=body).status_code == 404
    url, _ = entry_form(client.get("/courses/calc/watchlist").text)
    assert school.client("ada").post(url, data=body).status_code == 403


# Agreement

ODD = "def grad(x):\n    y = x.clone().detach() * {} - x.sum() / 3\n    return (y ** {} - x).abs().max()\n"


def test_a_pair_with_the_same_rare_code_is_told_with_base_rates(
    make_world: Callable[..., World],
) -> None:
    """And a class of individuals has none."""
    world = make_world()
    members = {f"s{n}": "student" for n in range(12)}
    world.course("calc", "detach", tess="instructor", **members)  # type: ignore[arg-type]
    for n in range(12):
        hand_in(world, f"s{n}", "sign", source=ODD.format(n, n) + ODD.format(-n, n + 20))
    with world.store.write() as session:
        for n, row in enumerate(session.query(Submission)):
            row.created_at = utcnow() - timedelta(hours=5 * n + 5)
    client = world.client("tess")
    assert "No two of 12 students" in client.get(f"{CLASS}/detach/agreement").text
    world.user("t1")
    world.user("t2")
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        for login in ("t1", "t2"):
            user = users.find_user(session, login)
            assert user is not None
            enrolments.enrol(session, user.id, course.id)
    for login in ("t1", "t2"):
        text = ODD.format(99, 98) + ODD.format(97, 96)
        hand_in(world, login, "sign", source=text.replace("y", "zeta") if login == "t2" else text)
    page = text_of(client.get(f"{CLASS}/detach/agreement").text)
    assert page.count("T1") == 1 == page.count("T2") and "A hint, never a verdict." in page
    assert "2 of 14 students wrote it." in page and "2 of 14 students handed something in within 30" in page
