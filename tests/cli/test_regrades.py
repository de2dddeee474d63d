"""``grade regrade`` and ``grade verify``: proposals for scripts, and grades derived again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from grader import __version__
from grader.exercises import Library
from grader.grading import Truths
from grader.grading import grade as judge
from grader.model.submission import Submission as HandedIn
from grader.sandbox.pool import Pool
from grader.store import claims, courses, enrolments, overrides, queue, sources, submissions, users
from grader.store.database import Store
from grader.store.judgings import Made
from grader.store.tables import Judging, Standing, Submission
from tests.cli.calling import ACCEPTED, REJECTED, Grade, one_line
from tests.dispatch import fakes
from tests.golden import ROOT


@pytest.fixture
def store(data: Path) -> Store:
    """Course ``c`` with an exercise, and two students who have handed in numbers: their scores, of ten."""
    store = Store.open(f"sqlite:///{data}/grader.db")
    with store.write() as session:
        course = courses.add_course(session, "c", "Course")
        courses.assign(session, course.id, "control-flow")
        for login in ("ada", "bob"):
            enrolments.enrol(session, users.add_user(session, login, login.title()).id, course.id)
    for login, source in (("ada", b"4"), ("bob", b"10")):
        hand_in(store, login, source)
    settle(store)
    return store


def hand_in(store: Store, login: str, source: bytes, seed: int = 7) -> str:
    with store.write() as session:
        user, course = users.find_user(session, login), courses.find_course(session, "c")
        assert user is not None and course is not None
        placed = courses.find_assignment(session, course.id, "control-flow")
        assert placed is not None
        return submissions.receive(
            session, assignment_id=placed.id, user_id=user.id, source=source, predictions={}, seed=seed,
            exercise_digest="0" * 64,
        ).id  # fmt: skip


def settle(store: Store, more: float = 0.0) -> None:
    """Judge what waits, as a server does: so many points more than was handed in."""
    with store.write() as session:
        while (claimed := claims.claim(session, "tester", 60)) is not None:
            source = b"%g" % min(10.0, float(claimed.work.submission.source) + more)
            report = fakes.grade(fakes.exercise("control-flow"), HandedIn(source, {}, 7))
            queue.finish(session, claimed.id, "tester", report)


def test_a_rerun_from_the_terminal(bare: Grade, store: Store) -> None:
    """Propose, show, accept with the mark that was shown, undo; the numbers are the page's."""
    made = bare("regrade", "rerun", "c", "control-flow", "--reason", "a fix", "--json")
    assert made.code == 1 and made.json["progress"] == {"waiting": 2, "judged": 0, "failed": 0}
    number = str(made.json["id"])
    refused = bare("regrade", "rerun", "c", "control-flow", "--reason", "again")
    assert refused.code == 2 and one_line(refused.err) and f"Proposal {number} " in refused.err
    assert bare("regrade", "accept", number).code == 2
    settle(store, 2.0)
    shown = bare("regrade", "show", number, "--wait", "--json")
    assert shown.code == 0 and shown.json["hindrance"] is None
    assert shown.json["moves"] == [
        {
            "login": "ada",
            "before": {"score": 4.0, "of": 10.0, "late": False, "attempt": 1},
            "after": {"score": 6.0, "of": 10.0, "late": False, "attempt": 1},
        }
    ]
    assert [cause["check"] for cause in shown.json["causes"]] == ["value"]
    said = bare("regrade", "show", number).out
    assert "1 gain, 0 lose, 1 stay as they are" in said and "ada" in said
    assert bare("regrade", "accept", number, "--seen", "0" * 16).code == 2
    accepted = bare("regrade", "accept", number, "--seen", shown.json["mark"], "--json")
    assert accepted.json == {"id": int(number), "state": "accepted", "moved": 1}
    assert bare("regrade", "show", number, "--json").json["moves"][0]["after"] == {"score": 6.0, "of": 10.0}
    assert "accepted" in bare("regrade", "list", "c").out
    assert bare("regrade", "undo", number).code == 0
    assert bare("regrade", "undo", number).code == 2
    (row,) = bare("regrade", "list", "c", "--json").json["regrades"]
    assert (row["state"], row["kind"], row["reason"]) == ("undone", "rerun", "a fix")


def test_a_rescore_from_the_terminal(bare: Grade, store: Store) -> None:
    """Rules as they are typed; what cannot be is one line."""
    made = bare(
        "regrade", "rescore", "c", "control-flow", "--reason", "worth more", "--points", "20", "--json"
    )
    assert made.code == 0 and len(made.json["moves"]) == 2
    assert (
        bare("regrade", "cancel", str(made.json["id"])).out
        == "proposal 1 is cancelled; no score has changed\n"
    )
    for wrong in (["--late", "soon"], ["--points", "x"], ["--due", "x"], []):
        refused = bare("regrade", "rescore", "c", "control-flow", "--reason", "r", *wrong)
        assert refused.code == 2 and one_line(refused.err), wrong
    some = bare(
        "regrade", "rescore", "c", "control-flow", "--reason", "r", "--points", "5", "--student", "bob"
    )
    students = [line.split()[0] for line in some.out.splitlines()]  # the mark may hold any letters
    assert "0 gain" in some.out and "bob" in students and "ada" not in students


def test_one_submission_or_a_students(bare: Grade, store: Store) -> None:
    """A sample of a small class is all of it; what is no submission of the exercise is named."""
    with store.read() as session:
        (mine, _) = session.scalars(select(Submission.id).order_by(Submission.score)).all()
    made = bare("regrade", "rerun", "c", "control-flow", "--reason", "r", "--submission", mine, "--json")
    assert made.json["progress"]["waiting"] == 1
    refused = bare("regrade", "rerun", "c", "control-flow", "--reason", "r", "--submission", "nonsense")
    assert refused.code == 2 and "nonsense" in refused.err
    settle(store)
    args = ("--reason", "r", "--student", "bob", "--sample", "--rtol", "1e-3")
    made = bare("regrade", "rerun", "c", "control-flow", *args, "--json")
    assert made.json["changes"] == {"some": True, "rtol": 0.001} and "folder" in made.json["hindrance"]
    assert bare("regrade", "go-on", str(made.json["id"])).code == 2
    assert bare("regrade", "show", "99").code == 2


def stored(store: Store, login: str, file: str, pool: Pool, **made: str) -> str:
    """Hand a file in and keep its real verdict."""
    library = Library(ROOT / "exercises", ROOT / "solutions")
    source = (ROOT / file).read_bytes()
    mine = hand_in(store, login, source, seed=3)
    with store.write() as session:
        claimed = claims.claim(session, "tester", 60)
        assert claimed is not None and claimed.id == mine
        report = judge(library.get("control-flow"), claimed.work.submission, pool, Truths())
        queue.finish(session, mine, "tester", report, made=Made(**{"grader": __version__, **made}))
    return mine


@pytest.mark.parametrize("file", [ACCEPTED, REJECTED])
def test_a_grade_is_derived_again(grade: Grade, store: Store, pool: Pool, file: str) -> None:
    """With its seed; a score set by hand and the standing follow, too."""
    mine = stored(store, "ada", file, pool)
    ran = grade("verify", mine, "--json")
    assert ran.code == 0 and ran.json["agrees"] and ran.json["differences"] == []
    assert ran.json["why_it_may_differ"] == [
        f"it is not known by which version of torch it was judged; now {ran.json['now']['torch']}"
    ]
    with store.write() as session:
        row = session.get_one(Submission, mine)
        overrides.set_total(
            session, assignment_id=row.assignment_id, user_id=row.user_id, score=1.0, reason="r", by=1
        )
    ran = grade("verify", mine)
    assert ran.code == 0 and "derived again as it is stored" in ran.out


def test_where_a_grade_differs_and_why_it_may(grade: Grade, store: Store, pool: Pool) -> None:
    """A verdict that comes out otherwise; a row that was changed by hand; another version of anything."""
    mine = stored(store, "ada", ACCEPTED, pool, torch="1.0", grader="0.0.1")
    with store.write() as session:
        row = session.get_one(Submission, mine)
        wrong = (ROOT / REJECTED).read_bytes()
        other = sources.keep(session, wrong)
        session.execute(update(Submission).where(Submission.id == mine).values(source_digest=other))
        session.execute(update(Judging).where(Judging.id == row.judging_id).values(exercise_digest="f" * 64))
        session.execute(update(Standing).where(Standing.user_id == row.user_id).values(score=3.0))
    ran = grade("verify", mine, "--json")
    assert ran.code == 1 and not ran.json["agrees"]
    assert "prediction" in {each["what"] for each in ran.json["differences"]}
    assert {each["what"] for each in ran.json["stored_differences"]} == {"standing.score"}
    said = " ".join(ran.json["why_it_may_differ"])
    assert "the exercise has changed" in said and "0.0.1" in said and "torch is another" in said
    shown = grade("verify", mine)
    assert shown.code == 1 and "differs: " in shown.out and "may be why: torch is another" in shown.out
    assert "does not follow: standing.score" in shown.out


def test_what_is_no_grade_cannot_be_verified(bare: Grade, store: Store) -> None:
    """No such submission, or none with a verdict."""
    waiting = hand_in(store, "ada", b"4")
    for which in ("nonsense", waiting):
        ran = bare("verify", which)
        assert ran.code == 2 and one_line(ran.err)
