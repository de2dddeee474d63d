"""Pages of a regrade: what if, propose, look, accept; the student is told; undo."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import select

from grader.model.report import CheckResult, Counterexample, Diagnosis
from grader.model.text import Text
from grader.store import claims, queue
from grader.store.tables import AuditEvent, Regrade, Submission
from tests.web.world import HOSTILE, World, make_report

NEW = "/courses/calc/regrades/new/detach"


def judged_again(world: World, score: float = 10.0, **changes: object) -> None:
    """What a server does meanwhile."""
    with world.store.write() as session:
        while (claimed := claims.claim(session, "again", 60)) is not None:
            queue.finish(
                session, claimed.id, "again", make_report(score, exercise_digest="e" * 64, **changes)
            )


def proposed(world: World, **form: str) -> str:
    """Propose; the address of the proposal."""
    answer = world.client("tess").post(NEW, data={"action": "rerun", "reason": "a fixed reference", **form})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def decide(world: World, address: str, action: str) -> int:
    """Press a button of the page as it is now."""
    client = world.client("tess")
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)
    form = {"action": action} | ({"seen": seen[1]} if seen else {})
    return client.post(address, data=form).status_code


def score_of(world: World, login: str) -> str:
    """What the student's home page says of the exercise."""
    found = re.search(r"<strong>([\d.]+)</strong> / ([\d.]+)", world.client(login).get("/").text)
    assert found is not None
    return f"{found[1]}/{found[2]}"


def test_a_rerun_from_proposing_to_undoing(world: World) -> None:
    """Nothing changes until it is accepted; the student is told why, and once more when it is undone."""
    world.submit("ada")
    address = proposed(world)
    client = world.client("tess")
    assert "0 of 1 are judged" in client.get(address).text
    assert client.get(f"{address}/progress").json == {
        "waiting": 1, "judged": 0, "failed": 0, "total": 1, "state": "open",
    }  # fmt: skip
    assert decide(world, address, "accept") == 409
    judged_again(world)
    page = client.get(address).text
    assert "1 student moves" in page and "1 gain, 0 lose" in page and "Ada" in page
    assert "Accept, and tell 1 student" in page and "/attempts/" in page
    assert score_of(world, "ada") == "4/10"
    assert decide(world, address, "accept") == 303
    assert score_of(world, "ada") == "10/10"
    home = world.client("ada").get("/").text
    assert "Your score was changed by a regrade: 4 / 10 → 10 / 10." in home and "a fixed reference" in home
    assert "changed by a regrade" in world.client("ada").get("/courses/calc/detach").text
    assert "changed by a regrade" not in world.client("ada").get("/courses/calc/control-flow").text
    assert "Who moved" in client.get(address).text
    assert decide(world, address, "undo") == 303
    assert score_of(world, "ada") == "4/10"
    told = world.client("ada").get("/").text
    assert "A regrade was taken back, and your score with it: 10 / 10 → 4 / 10." in told
    assert "Your score was changed" not in told
    with world.store.read() as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("regrade.%"))).all()
    assert list(actions) == ["regrade.propose", "regrade.accept", "regrade.undo"]


def test_what_is_read_is_not_shown_again(world: World) -> None:
    """At home by a form of its own; at the exercise by the answer's form, which keeps what is typed."""
    world.submit("ada")
    address = proposed(world)
    judged_again(world)
    decide(world, address, "accept")
    client = world.client("ada")
    number = re.search(r"/notices/(\d+)/read", client.get("/").text)
    assert number is not None
    assert world.client("bob").post(f"/notices/{number[1]}/read").status_code == 404
    assert f'name="notice_read" value="{number[1]}"' in client.get("/courses/calc/detach").text
    form = {"source": "typed = 1\n", "notice_read": number[1]}
    assert client.post("/courses/calc/detach/draft", data=form).status_code == 303
    page = client.get("/courses/calc/detach").text
    assert "typed = 1" in page and "regrade" not in page
    assert "regrade" not in client.get("/").text


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("points=20", "4</strong> <span class=\"quiet\">/ 10"),
        ("points=-1", "points are a number"),
        ("late=nonsense", "not understood"),
        ("student=nobody&points=3", "Nobody in this course is called “nobody”."),
        ("grace=x", "grace period"),
        ("due=never", "moment"),
        ("", "Change a rule above"),
    ],
)  # fmt: skip
def test_what_if_says_who_would_move_before_anything_is_saved(world: World, rules: str, said: str) -> None:
    """Or what cannot be, in a sentence; to a script as a part of the page."""
    world.submit("ada")
    client = world.client("tess")
    assert said in client.get(f"{NEW}?{rules}").text
    part = client.get(f"{NEW}?{rules}&some=1", headers={"HX-Request": "true"}).text
    assert said in part and "<html" not in part
    with world.store.read() as session:
        assert session.scalar(select(Regrade.id)) is None


def test_a_rescore_is_proposed_and_accepted(world: World) -> None:
    """For everybody, and for one student."""
    world.submit("ada")
    rules = {"action": "rescore", "points": "20", "late": "", "due": "", "grace": "0", "counts": "best"}
    address = proposed(world, **rules)
    assert "is open" in world.client("tess").post(NEW, data={"action": "rerun", "reason": "r"}).text
    assert decide(world, address, "accept") == 303
    assert score_of(world, "ada") == "8/20"
    assert decide(world, address, "undo") == 303
    address = proposed(world, **rules, student="ADA")
    assert "Only for" in world.client("tess").get(address).text
    assert decide(world, address, "accept") == 303
    assert score_of(world, "ada") == "8/20"


def test_what_changed_since_is_said_and_looked_at_again(world: World) -> None:
    """The button of a page that is out of date does nothing."""
    world.submit("ada")
    address = proposed(world)
    judged_again(world)
    client = world.client("tess")
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)
    assert seen is not None
    world.dispatcher.report = make_report(10.0)
    world.submit("ada", "x = 2")
    answer = client.post(address, data={"action": "accept", "seen": seen[1]})
    assert answer.status_code == 409 and "Something has changed since you looked" in answer.text
    assert "1 attempt came since this was proposed" in answer.text
    assert decide(world, address, "accept") == 303


def test_causes_are_grouped_with_an_example_and_hostile_reports_are_inert(world: World) -> None:
    """Codes, messages and counterexamples may hold what a student wrote."""
    world.submit("ada")
    address = proposed(world)
    bad = Text(HOSTILE, HOSTILE)
    check = CheckResult(
        "value", "value", bad, "failed", 0.0, 4.0, bad, Diagnosis("mean-for-sum", bad),
        Counterexample({HOSTILE: HOSTILE}, HOSTILE, [HOSTILE]),
    )  # fmt: skip
    judged_again(world, 0.0, checks=(check,))
    page = world.client("tess").get(address).text
    assert re.search(r"1 gains <code>mean-for-sum</code>", page)
    assert "<img" not in page and "&lt;script&gt;" in page
    assert "no such check" in page  # the prediction is not judged any more
    assert decide(world, address, "cancel") == 303
    assert "cancelled: no score has changed" in world.client("tess").get(address).text


def test_everybody_who_moves_is_in_a_file(world: World) -> None:
    """Read back by csv, with names that are no formulas."""
    world.user("=cmd()", name="=1+1")
    world.course("wide", "detach", **{"=cmd()": "student"}, tess="instructor")
    world.submit("=cmd()", course="wide")
    answer = world.client("tess").post(
        "/courses/wide/regrades/new/detach", data={"action": "rerun", "reason": "r"}
    )
    judged_again(world)
    address = answer.headers["Location"]
    for _ in range(2):
        sent = world.client("tess").get(f"{address}/moves.csv")
        rows = list(csv.reader(io.StringIO(sent.data.decode("utf-8-sig"))))
        assert rows[1][:6] == ["'=cmd()", "'=1+1", "4", "10", "10", "10"]
        decide(world, address, "accept")


def test_results_of_an_earlier_version_carry_a_badge(world: World) -> None:
    """In the list of exercises, and at the attempt; none where the exercise is the same."""
    world.submit("ada")
    client = world.client("tess")
    assert "earlier version" not in client.get("/courses/calc/regrades").text
    proposed(world)
    judged_again(world)
    decide(world, "/courses/calc/regrades/1", "accept")
    assert "1 of 1 results are from an earlier version" in client.get("/courses/calc/regrades").text
    (mine,) = world.dispatcher.submitted
    assert "judged by an earlier version of the exercise" in world.client("ada").get(f"/attempts/{mine}").text


def test_only_who_teaches_a_course_regrades_in_it(world: World) -> None:
    """Neither an assistant nor a student; a proposal of another course is none of this one."""
    world.course("third", "detach", ada="student", amy="assistant", tess="instructor")
    world.submit("ada", course="third")
    new = "/courses/third/regrades/new/detach"
    address = world.client("tess").post(new, data={"action": "rerun", "reason": "r"}).headers["Location"]
    for login, status in (("amy", 403), ("ada", 403), ("tom", 404), (None, 302)):
        client = world.client(login)
        for path in ("/courses/third/regrades", new, address, f"{address}/progress", f"{address}/moves.csv"):
            assert client.get(path).status_code == status, (login, path)
        for path in (new, address):
            assert client.post(path, data={"action": "cancel", "reason": "r"}).status_code == status
    assert world.client("tess").get(address.replace("third", "calc")).status_code == 404
    with world.store.read() as session:
        assert session.scalar(select(Regrade.state)) == "open"
        assert session.scalar(select(Submission.regrade_id)) is not None


@pytest.mark.parametrize("form", [{"action": "explode"}, {}])
def test_a_button_that_there_is_not_is_refused(world: World, form: dict[str, str]) -> None:
    """400, and nothing changes."""
    world.submit("ada")
    address = proposed(world)
    assert world.client("tess").post(address, data=form).status_code == 400
