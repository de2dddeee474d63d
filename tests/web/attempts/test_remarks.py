"""Comments on attempts, points set by hand, and what else those who teach see of an attempt."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from grader.model.report import Report
from grader.store import audit, claims, enrolments, queue, shadows, submissions, users
from grader.store.courses import find_course
from grader.store.judgings import Made
from grader.store.tables import Comment
from tests.web.world import HOSTILE, SOURCE, World, make_report, without_our_script


def classmates(world: World, *logins: str) -> None:
    """More students of ``calc``."""
    with world.store.write() as transaction:
        course = find_course(transaction, "calc")
        assert course is not None
        for login in logins:
            enrolments.enrol(transaction, users.add_user(transaction, login, login.title()).id, course.id)


def hand_in(world: World, login: str, tree: str | None = "t1", report: Report | None = None) -> str:
    """Hand in and have it judged, with this syntax tree."""
    world.dispatcher.mode = "never"
    identity = world.submit(login)
    with world.store.write() as transaction:
        assert claims.claim(transaction, f"w-{identity}", 60) is not None
        made = Made(grader="1.2.3", torch="2.13.0", worker="<host>:7", tree=tree)
        assert queue.finish(transaction, identity, f"w-{identity}", report or make_report(), made=made)
    return identity


def show(world: World, login: str, identity: str) -> str:
    """The attempt's page."""
    page = world.client(login).get(f"/attempts/{identity}")
    assert page.status_code == 200
    return page.text


def events(world: World) -> list[tuple[str, str, str]]:
    """The audit log's newest events, oldest first: who, what, whom."""
    with world.store.read() as transaction:
        found = audit.recent(transaction, 20)
    return [(each.actor, each.action, each.subject) for each in reversed(found)]


def test_a_student_reads_the_comment_and_nothing_else_of_the_desk(world: World) -> None:
    """Markdown, with who wrote it; forms and judgings are for who teaches."""
    identity = hand_in(world, "ada")
    assert "comments-title" not in show(world, "ada", identity)
    text = "**Look** at `u`: $x^2$ <script>alert(1)</script>"
    answer = world.client("tess").post(f"/attempts/{identity}/comments", data={"text": text, "to": "one"})
    assert (answer.status_code, answer.location) == (303, f"/attempts/{identity}#comments")
    page = show(world, "ada", identity)
    assert "<strong>Look</strong> at <code>u</code>" in page and "<math" in page and "<bdi>Tess</bdi>" in page
    assert "<script" not in without_our_script(page)
    assert "<form" not in page.partition("</header>")[2]
    for hidden in ("How it was judged", "Set points by hand", "2.13.0"):
        assert hidden not in page
        assert hidden in show(world, "tess", identity)
    for path in ("/", "/courses/calc/detach"):
        told = world.client("ada").get(path).text
        assert "Your attempt 1 has a comment." in told and f"/attempts/{identity}#comments" in told
    listing = world.client("ada").get("/courses/calc/detach/attempts").text
    assert "commented" in listing
    assert events(world)[-1] == ("tess", "comment.write", "ada")


def test_one_comment_for_all_answers_alike_shows_its_number_first(world: World) -> None:
    """The number that was shown must still be so; later ones are offered the comment; all lose it at once."""
    classmates(world, "bea", "cyd")
    mine, _again, beas = hand_in(world, "ada"), hand_in(world, "ada"), hand_in(world, "bea")
    other = hand_in(world, "cyd", tree="t2")
    page = show(world, "tess", mine)
    assert "all 3 answers that are alike, by 2 students" in page
    client, form = world.client("tess"), {"text": "Look at u.", "to": "alike", "number": "2"}
    refused = client.post(f"/attempts/{mine}/comments", data=form)
    assert refused.status_code == 422 and "Meanwhile 3 answers are alike" in refused.text
    assert ">\nLook at u.</textarea>" in refused.text and 'value="alike" checked' in refused.text
    form["number"] = re.findall(r'name="number" value="(\d+)"', refused.text)[0]
    assert client.post(f"/attempts/{mine}/comments", data=form).status_code == 303
    assert "Look at u." in show(world, "ada", mine) and "Look at u." in show(world, "bea", beas)
    assert "Look at u." not in show(world, "cyd", other)
    later = hand_in(world, "cyd")
    assert "Look at u." not in show(world, "cyd", later)
    offered = show(world, "tess", later)
    assert "This was written under 3 answers like this one" in offered
    number = re.findall(r'name="comment" value="(\d+)"', offered)[0]
    for _twice in range(2):
        form = {"action": "repeat", "comment": number}
        assert client.post(f"/attempts/{later}/comments", data=form).status_code == 303
    assert show(world, "cyd", later).count("Look at u.") == 1
    assert "Withdraw this comment from all 4 answers" in show(world, "tess", beas)
    client.post(f"/attempts/{beas}/comments", data={"action": "withdraw", "comment": number})
    for login, identity in (("ada", mine), ("bea", beas), ("cyd", later), ("tess", later)):
        assert "Look at u." not in show(world, login, identity)
    assert [what for _who, what, _whom in events(world)] == [
        "comment.write", "comment.repeat", "comment.withdraw",
    ]  # fmt: skip


def test_a_comment_that_cannot_be_sent_stays_in_its_box(world: World) -> None:
    """With one sentence; a preview is not sent either."""
    identity, client = hand_in(world, "ada", tree=None), world.client("tess")
    forms = (
        ({"text": " \n"}, "The comment is empty", 422),
        ({"text": "x" * 10_001}, "has 10001 characters", 422),
        ({"text": "for all", "to": "alike", "number": "1"}, "is not known", 422),
        ({"text": f"a *look* {HOSTILE}", "action": "preview"}, "Preview, not sent:", 200),
    )
    for form, said, status in forms:
        page = client.post(f"/attempts/{identity}/comments", data=form)
        assert page.status_code == status and said in page.text
        assert form["text"].strip()[:6] in page.text and "<script" not in without_our_script(page.text)
    assert "<em>look</em>" in page.text
    for number in ("1", "x", "99999999999999999999"):
        for action in ("repeat", "withdraw"):
            form = {"action": action, "comment": number}
            assert client.post(f"/attempts/{identity}/comments", data=form).status_code == 303
    with world.store.read() as transaction:
        assert transaction.scalar(select(func.count()).select_from(Comment)) == 0
    assert events(world) == []


def test_points_of_a_check_are_set_shown_and_withdrawn(world: World) -> None:
    """The student reads the reason; everything stays on record and in the audit log."""
    identity, client = hand_in(world, "ada"), world.client("tess")
    form = {"check": "prediction", "points": "2,5", "reason": f"oral {HOSTILE}"}
    assert client.post(f"/attempts/{identity}/points", data=form).status_code == 303
    page = show(world, "ada", identity)
    assert "prediction: 2.5" in page and "oral &lt;script&gt;" in page
    assert "<script" not in without_our_script(page) and "Withdraw" not in page
    with world.store.read() as transaction:
        row = submissions.get(transaction, identity)
        assert row is not None and row.score == 6.5
    assert "6.5 (1) " in world.client("tess").get("/courses/calc/gradebook").text.replace("<", " <")
    form = {"check": "prediction", "action": "withdraw", "reason": "a mistake"}
    for _twice in range(2):
        assert client.post(f"/attempts/{identity}/points", data=form).status_code == 303
    assert "prediction: 2.5" not in show(world, "ada", identity)
    page = show(world, "tess", identity)
    assert "Everything that was set by hand here (2)" in page and "a mistake" in page
    assert [what for _who, what, _whom in events(world)] == ["override.set", "override.withdraw"]


def test_the_total_is_set_by_hand(world: World) -> None:
    """Also above what can be reached; it counts in the gradebook whatever is graded."""
    identity, client = hand_in(world, "ada"), world.client("tess")
    form = {"check": "", "points": "12", "reason": "a talk in class"}
    assert client.post(f"/attempts/{identity}/points", data=form).status_code == 303
    page = show(world, "ada", identity)
    assert "the total of this exercise: 12" in page and "whatever was graded" in page
    assert "12 (1) ✓ set by hand" in client.get("/courses/calc/gradebook").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": "a lot"}, "Points must be a number from 0 to 6"),
        ({"points": "nan"}, "Points must be a number from 0 to 6"),
        ({"points": "inf"}, "Points must be a number from 0 to 6"),
        ({"points": "-1"}, "Points must be a number from 0 to 6"),
        ({"points": "6.5"}, "Points must be a number from 0 to 6"),
        ({"points": "1e9", "check": ""}, "Points must be a number from 0 to 100000"),
        ({"reason": " "}, "Give a reason"),
        ({"reason": "x" * 1001}, "more than 1000 characters"),
        ({"check": "nosuch"}, "no check of that name"),
    ],
)
def test_points_that_cannot_be_set_are_told_why(world: World, change: dict[str, str], said: str) -> None:
    """One sentence, and what was typed is in the form."""
    identity = hand_in(world, "ada")
    form = {"check": "prediction", "points": "3.25", "reason": "because-so"} | change
    page = world.client("tess").post(f"/attempts/{identity}/points", data=form)
    assert page.status_code == 422 and said in page.text
    assert f'value="{form["points"]}"' in page.text
    assert "Points set by hand" not in page.text and events(world) == []


def test_every_judging_is_shown_with_what_made_it(world: World) -> None:
    """The current one is marked, and so is what was made under an older exercise."""
    old = make_report(exercise_digest="e" * 64, phases={"run": 5.25, "judge": 1.0})
    identity = hand_in(world, "ada", report=old)
    page = show(world, "tess", identity)
    assert "made under an older exercise" in page and "✓ current" in page
    for said in ("grader 1.2.3 torch 2.13.0", "&lt;host&gt;:7", "running 5.2 ms", "in all 12.3 ms", "4 / 10"):
        assert said in page, said
    assert "made under an older exercise" not in show(world, "tess", hand_in(world, "ada"))


def test_the_source_has_colours_for_who_teaches(world: World) -> None:
    """And is the same text for both."""
    identity = hand_in(world, "ada")

    def code(login: str) -> str:
        return show(world, login, identity).partition('<pre class="code numbered"')[2].partition("</pre>")[0]

    assert '<span class="tok-keyword">def</span>' in code("tess") and "tok-" not in code("ada")
    bare = [re.sub("<[^>]*>", "", code(login).partition(">")[2]) for login in ("ada", "tess")]
    assert bare[0].strip() == bare[1].strip() == SOURCE.strip()


def test_a_teachers_own_try_and_a_waiting_attempt_have_a_page(world: World) -> None:
    """Nothing is judged yet: there are no judgings and no checks, and a comment can be written."""
    world.dispatcher.mode = "never"
    identity = world.submit("tess")
    page = show(world, "tess", identity)
    assert "How it was judged" not in page and "Write a comment" in page


def test_who_teaches_sees_that_a_verdict_was_shared_and_what_judging_it_again_said(world: World) -> None:
    """By whom, on which processor; an outcome that differs is named. Students are told nothing of it."""
    identity = hand_in(world, "ada")
    world.dispatcher.mode = "never"
    second = world.submit("ada")
    made = Made("1.2.3", "2.13.0", "two:8", numpy="2.4.6", python="3.11", cpu="<cpu>", cached_from="<host>:7")
    with world.store.write() as transaction:
        assert claims.claim(transaction, "again", 60) is not None
        assert queue.finish(transaction, second, "again", make_report(), made=made)
        for number, state, differs in ((1, "same", []), (2, "different", ["score", "<check>"])):
            shadows.want(transaction, number)
            taken = shadows.take(
                transaction,
                "<three>:9",
                cpu="c",
                alike=("1.2.3", "2.13.0", (None, "2.4.6")[number - 1]),
                alone=True,
            )
            assert taken is not None and taken.judging_id == number
            assert shadows.settle(transaction, number, "<three>:9", state, differs)
    page = show(world, "tess", second)
    assert "numpy 2.4.6 Python 3.11" in page and "&lt;cpu&gt;" in page
    assert "The verdict is that of an equal submission, judged by &lt;host&gt;:7." in page
    assert "another outcome: score, &lt;check&gt;. The verdict stays" in page
    assert "Judged again by &lt;three&gt;:9, with the same outcome." in show(world, "tess", identity)
    for mine in (identity, second):
        assert "Judged again" not in show(world, "ada", mine) and "equal submission" not in show(
            world, "ada", mine
        )
