"""Regrades: proposed, looked at, accepted, undone; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grader.errors import UsageError
from grader.model.regrade_sentences import MovedOn
from grader.model.report import CheckResult, Counterexample, Diagnosis, Report
from grader.model.text import EMPTY, Text
from grader.store import (
    claims,
    gradebook,
    notices,
    overrides,
    queue,
    regrade_causes,
    regrades,
    requeue,
    standings,
)
from grader.store.regrade_effects import effect, of_change, since
from grader.store.tables import Assignment, Extension, Judging, Regrade, Standing, Submission

from .world import World

DAY = timedelta(days=1)
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def report(score: float, code: str | None = None, digest: str = "e" * 64) -> Report:
    """One check worth ten points, wrong for a reason, with a counterexample."""
    check = CheckResult(
        "prediction", "prediction", Text("The gradient", "梯度"), "passed" if score == 10 else "failed",
        score, 10.0,
        diagnosis=Diagnosis(code, EMPTY) if code else None,
        counterexample=None if score == 10 else Counterexample({"x": [1.0]}, [2.0], [score]),
    )  # fmt: skip
    return Report("control-flow", digest, 7, "graded", score, 10.0, "namespaces", 1.0, (check,))


def judge_all(world: World, scores: dict[str, tuple[float, str | None]], digest: str = "e" * 64) -> None:
    """Judge what waits, each submission with its score and reason."""
    with world.store.write() as session:
        while (claimed := claims.claim(session, "again", 60)) is not None:
            assert not claimed.awaited
            queue.finish(session, claimed.id, "again", report(*scores[claimed.id], digest))


def state(world: World) -> tuple[Any, ...]:
    """All that a regrade may move: pointers, scores and standings."""
    with world.store.read() as session:
        rows = session.execute(
            select(
                Submission.id,
                Submission.judging_id,
                Submission.score,
                Submission.passed,
                Submission.state,
                Submission.finished_at,
            ).order_by(Submission.id)
        ).all()
        kept = session.execute(
            select(*Standing.__table__.columns).order_by(Standing.assignment_id, Standing.user_id)
        ).all()
        rules = session.execute(
            select(Assignment.points, Assignment.late, Assignment.counts, Assignment.due).order_by(
                Assignment.id
            )
        ).all()
        extensions = session.execute(select(Extension.user_id, Extension.changes)).all()
    return tuple(map(tuple, rows)), tuple(map(tuple, kept)), tuple(map(tuple, rules)), tuple(extensions)


def propose(world: World, ids: list[str] | None = None, **more: Any) -> int:
    with world.store.write() as session:
        made = regrades.propose_rerun(
            session, world.first, ids, reason="a fixed reference", by=world.teacher, **more
        )
        return made.id


def look(world: World, number: int) -> Any:
    """What a proposal comes to."""
    with world.store.read() as session:
        row = session.get_one(Regrade, number)
        return effect(session, row, session.get_one(Assignment, row.assignment_id))


def decide(world: World, number: int, how: Any, **more: Any) -> Any:
    with world.store.write() as session:
        return how(session, session.get_one(Regrade, number), by=world.teacher, **more)


def test_a_rerun_says_who_moves_for_which_cause_and_changes_nothing_until_accepted(world: World) -> None:
    """Grouped by check, verdict and reason, with an example; best of all attempts, late ones too."""
    worse = world.grade(world.ada, 10.0)
    better, other = world.grade(world.bob, 4.0, code="mean-for-sum"), world.grade(world.bob, 6.0)
    same = world.grade(world.cyd, 4.0, code="mean-for-sum")
    before = state(world)
    number = propose(world)
    assert look(world, number).moves == ()
    judge_all(world, {
        worse: (4.0, "float32-rounding"), better: (10.0, None), other: (6.0, None),
        same: (4.0, "mean-for-sum"),
    })  # fmt: skip
    assert state(world) == before
    found = look(world, number)
    assert [(move.user_id, move.before.score, move.after.score) for move in found.moves] == [
        (world.ada, 10.0, 4.0), (world.bob, 6.0, 10.0),
    ]  # fmt: skip
    assert (found.up, found.down, found.same) == (1, 1, 1)
    with world.store.read() as session:
        causes = regrade_causes.causes(session, number)
        examples = regrade_causes.examples(session, number, causes)
        compared = regrade_causes.compared(session, number)
    assert {(each.loses, each.gains, each.submissions, each.gain) for each in causes} == {
        ("mean-for-sum", None, 1, 6.0), (None, "float32-rounding", 1, -6.0),
    }  # fmt: skip
    lost = next(each for each in causes if each.gains)
    example = examples[lost.sample, "prediction"]
    assert example.after is not None and example.after.counterexample is not None
    assert example.student == world.ada and compared == (0, 4, 0)
    assert decide(world, number, regrades.accept, seen=found.mark) == 2
    with world.store.read() as session:
        for user, score in ((world.ada, 4.0), (world.bob, 10.0), (world.cyd, 4.0)):
            assert gradebook.cell(session, user, world.first).score == score
        told = notices.unread(session, world.ada)
    assert [
        (each.kind, each.about["before"], each.about["after"], each.about["reason"]) for each in told
    ] == [("regrade", 10.0, 4.0, "a fixed reference")]
    assert decide(world, number, regrades.undo) == 2
    assert state(world) == before
    with world.store.write() as session:
        assert not notices.unread(session, world.cyd)
        (back,) = notices.unread(session, world.ada, course="autodiff", exercise="control-flow")
        assert (back.kind, back.about["after"]) == ("regrade-undone", 10.0)
        assert not notices.read(session, world.bob, back.id)
        assert notices.read(session, world.ada, back.id)
        assert not notices.unread(session, world.ada)


def test_overrides_survive_and_keep_a_student_where_they_are(world: World) -> None:
    """A total set by hand counts; a check set by hand is worth what it was set to, until it is withdrawn."""
    mine, theirs = world.grade(world.ada, 4.0), world.grade(world.bob, 4.0)
    with world.store.write() as session:
        overrides.set_total(
            session, assignment_id=world.first, user_id=world.ada, score=9.0, reason="oral", by=world.teacher
        )
    number = propose(world)
    judge_all(world, {mine: (2.0, None), theirs: (2.0, None)})
    found = look(world, number)
    assert [move.user_id for move in found.moves] == [world.bob]
    assert [(move.user_id, move.held) for move in found.held] == [(world.ada, 9.0)]
    assert decide(world, number, regrades.accept) == 1
    with world.store.write() as session:
        assert gradebook.cell(session, world.ada, world.first).score == 9.0
        overrides.set_total(
            session, assignment_id=world.first, user_id=world.ada, score=None, reason="no", by=world.teacher
        )
        assert gradebook.cell(session, world.ada, world.first).score == 2.0


def test_what_has_changed_since_somebody_looked_is_refused_aloud(world: World) -> None:
    """A new attempt changes what it comes to; then it has to be looked at again."""
    mine = world.grade(world.ada, 4.0)
    number = propose(world)
    judge_all(world, {mine: (6.0, None)})
    seen = look(world, number).mark
    world.grade(world.ada, 10.0)
    with pytest.raises(MovedOn):
        decide(world, number, regrades.accept, seen=seen)
    found = look(world, number)
    assert found.moves == () and found.mark != seen
    with world.store.read() as session:
        assert since(session, session.get_one(Regrade, number)) == (1, 0)
    assert decide(world, number, regrades.accept, seen=found.mark) == 0


def test_two_open_proposals_over_the_same_submission_are_refused(world: World) -> None:
    """Also one of each kind over one assignment; not over different submissions, or when one is decided."""
    mine, other = world.grade(world.ada, 4.0), world.grade(world.bob, 4.0)
    first = propose(world, [mine])
    with pytest.raises(UsageError, match=f"Proposal {first} "):
        propose(world)
    second = propose(world, [other])
    with pytest.raises(UsageError, match="is open"), world.store.write() as session:
        regrades.propose_rescore(session, world.first, {"points": 5}, reason="r", by=None)
    for number in (first, second):
        decide(world, number, regrades.cancel)
    with world.store.write() as session:
        third = regrades.propose_rescore(session, world.first, {"points": 5}, reason="r", by=None).id
    with pytest.raises(UsageError, match=f"Proposal {third} "):
        propose(world, [mine])
    with pytest.raises(UsageError, match="open"):
        decide(world, first, regrades.accept)


def test_a_cancelled_rerun_leaves_everything_as_it_was(world: World) -> None:
    """Half of it judged, one of these being judged at this moment: it writes nothing any more."""
    ids = [world.grade(user, 4.0) for user in (world.ada, world.bob, world.cyd)]
    before = state(world)
    number = propose(world)
    with world.store.write() as session:
        done = claims.claim(session, "one", 60)
        assert done is not None and queue.finish(session, done.id, "one", report(10.0))
        late = claims.claim(session, "two", 60)
        assert late is not None
        assert regrades.progress(session, number) == regrades.Progress(2, 1, 0)
    decide(world, number, regrades.cancel)
    with world.store.write() as session:
        assert not queue.finish(session, late.id, "two", report(10.0))
        assert claims.claim(session, "three", 60) is None
    assert state(world) == before
    with world.store.read() as session:
        assert len(session.scalars(select(Judging)).all()) == len(ids) + 1


def test_what_cannot_be_judged_keeps_what_it_has_and_can_be_tried_again(world: World) -> None:
    """It is counted apart, with the reason."""
    mine = world.grade(world.ada, 4.0)
    number = propose(world)
    with pytest.raises(UsageError, match="still being judged"):
        decide(world, number, regrades.accept)
    with world.store.write() as session:
        claimed = claims.claim(session, "one", 60)
        assert claimed is not None
        requeue.give_back(session, mine, "one", "the reference does not run", retry=False)
        assert regrades.progress(session, number) == regrades.Progress(0, 0, 1)
        assert regrade_causes.not_judged(session, number) == [(mine, "the reference does not run")]
        assert regrades.again(session, session.get_one(Regrade, number)) == 1
    judge_all(world, {mine: (10.0, None)})
    with world.store.read() as session:
        assert regrades.progress(session, number) == regrades.Progress(0, 1, 0)


def test_a_sample_comes_first_then_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample alone cannot be accepted."""
    monkeypatch.setattr(regrades, "SAMPLE", 2)
    ids = [world.grade(world.ada, 4.0) for _ in range(5)]
    number = propose(world, sample=True)
    with world.store.read() as session:
        assert regrades.progress(session, number).total == 2
    judge_all(world, dict.fromkeys(ids, (6.0, None)))
    with pytest.raises(UsageError, match="sample"):
        decide(world, number, regrades.accept)
    with world.store.write() as session:
        assert regrades.go_on(session, session.get_one(Regrade, number)) == 3
    with pytest.raises(UsageError, match="sample"), world.store.write() as session:
        regrades.go_on(session, session.get_one(Regrade, number))
    judge_all(world, dict.fromkeys(ids, (6.0, None)))
    assert decide(world, number, regrades.accept) == 1


def test_another_tolerance_is_only_tried(world: World) -> None:
    """The claim carries it; the proposal cannot be accepted."""
    mine = world.grade(world.ada, 4.0)
    number = propose(world, rtol=1e-3)
    with world.store.read() as session:
        work = queue.work_of(session, mine)
        assert work is not None and work.rtol == 1e-3
    with world.store.write() as session:
        claimed = claims.claim(session, "one", 60)
        assert claimed is not None and claimed.work.rtol == 1e-3
        queue.finish(session, mine, "one", report(10.0))
    with pytest.raises(UsageError, match="folder"):
        decide(world, number, regrades.accept)
    decide(world, number, regrades.cancel)


def late_course(world: World) -> list[str]:
    """Due at noon; ada a day late, bob in time, cyd twice: 8 in time, then 10 late."""
    with world.store.write() as session:
        row = session.get_one(Assignment, world.first)
        row.due, row.late, row.points = NOON, [[2 * 86400, 50.0]], 20.0
    ids = [
        world.grade_at(world.ada, 10.0, NOON + DAY), world.grade_at(world.bob, 4.0, NOON - DAY),
        world.grade_at(world.cyd, 8.0, NOON - DAY), world.grade_at(world.cyd, 10.0, NOON + DAY),
    ]  # fmt: skip
    with world.store.write() as session:
        standings.refresh(session, world.first)
    return ids


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"late": [{"within_seconds": 172800, "percent": 90}]}, {"ada": (10, 18), "cyd": (16, 18)}),
        ({"points": 10}, {"ada": (10, 5), "bob": (8, 4), "cyd": (16, 8)}),
        ({"counts": "last"}, {"cyd": (16, 10)}),
        ({"due": (NOON + 2 * DAY).isoformat()}, {"ada": (10, 20), "cyd": (16, 20)}),
    ],
)
def test_a_rescore_counts_what_is_stored_by_other_rules(
    world: World, change: dict[str, Any], moves: dict[str, tuple[float, float]]
) -> None:
    """No submission waits; accepted, the rules are the assignment's; undone, all is as it was."""
    late_course(world)
    before = state(world)
    with world.store.write() as session:
        number = regrades.propose_rescore(session, world.first, change, reason="kinder", by=world.teacher).id
    assert state(world) == before
    found = look(world, number)
    assert {
        move.user_id: (move.before.score, move.after.score) for move in found.moves
    } == {getattr(world, who): pair for who, pair in moves.items()}  # fmt: skip
    assert decide(world, number, regrades.accept, seen=found.mark) == len(moves)
    with world.store.read() as session:
        for who, pair in moves.items():
            assert gradebook.cell(session, getattr(world, who), world.first).score == pair[1]
    assert decide(world, number, regrades.undo) == len(moves)
    assert state(world) == before


def test_a_rescore_for_one_student_is_an_extension_of_theirs(world: World) -> None:
    """Beside what they have already; undone, that is what is left."""
    late_course(world)
    with world.store.write() as session:
        session.add(
            Extension(assignment_id=world.first, user_id=world.cyd, changes={"attempts": 9}, made_at=NOON)
        )
    before = state(world)
    change = {"due": (NOON + 2 * DAY).isoformat()}
    with world.store.write() as session:
        number = regrades.propose_rescore(
            session, world.first, change, reason="ill", by=world.teacher, user_ids=[world.ada, world.cyd]
        ).id
    assert [move.user_id for move in look(world, number).moves] == [world.cyd, world.ada]
    decide(world, number, regrades.accept)
    with world.store.read() as session:
        kept = {row.user_id: row.changes for row in session.scalars(select(Extension))}
        assert set(kept[world.cyd]) == {"attempts", "due"} and set(kept[world.ada]) == {"due"}
        assert gradebook.cell(session, world.ada, world.first).score == 20.0
    decide(world, number, regrades.undo)
    assert state(world) == before


def test_rules_that_were_changed_again_since_are_not_undone(world: World) -> None:
    """It would take back what somebody else did."""
    late_course(world)
    with world.store.write() as session:
        number = regrades.propose_rescore(session, world.first, {"points": 10}, reason="r", by=None).id
    decide(world, number, regrades.accept)
    with world.store.write() as session:
        session.get_one(Assignment, world.first).points = 12.0
    with pytest.raises(UsageError, match="changed again"):
        decide(world, number, regrades.undo)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"points": 20}, "nothing"), ({"attempts": 3}, "attempts"), ({"points": -1}, "points"), ({}, "nothing")],
)
def test_a_rescore_that_makes_no_sense_is_refused(world: World, change: dict[str, Any], said: str) -> None:
    """In a sentence."""
    late_course(world)
    with pytest.raises(UsageError, match=said), world.store.write() as session:
        regrades.propose_rescore(session, world.first, change, reason="r", by=None)
    with pytest.raises(UsageError, match="reason"), world.store.write() as session:
        regrades.propose_rescore(session, world.first, {"points": 7}, reason=" ", by=None)


def test_a_sample_of_the_class_is_what_if(world: World) -> None:
    """Of some students, before anything is saved."""
    late_course(world)
    with world.store.read() as session:
        row = session.get_one(Assignment, world.first)
        some = of_change(session, row, {"policy": {"points": 10}}, most=2)
        every = of_change(session, row, {"policy": {"points": 10}})
    assert len(some.moves) == 2 and len(every.moves) == 3
