"""Points set by hand: of a check, of the total; through regrades; withdrawn; on record."""

from __future__ import annotations

import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.store import (
    claims,
    gradebook,
    judgings,
    overrides,
    queue,
    regrades,
    standings,
    submissions,
    users,
)
from grader.store.tables import Submission

from .world import World, a_report


def get(world: World, identity: str) -> Submission:
    """A submission as it is now."""
    with world.store.read() as session:
        row = submissions.get(session, identity)
    assert row is not None
    return row


def set_check(world: World, identity: str, score: float | None, reason: str = "oral") -> None:
    """The points of the one check."""
    with world.store.write() as session:
        row = submissions.get(session, identity)
        assert row is not None
        overrides.set_check(session, row, "prediction", score=score, reason=reason, by=world.teacher)


def counts(world: World, user: int) -> float | None:
    """What the student has in the first assignment."""
    with world.store.read() as session:
        return gradebook.cell(session, user, world.first).score


def rerun(world: World, identity: str, score: float) -> None:
    """Judge it anew, by a proposal that is accepted."""
    with world.store.write() as session:
        made = regrades.propose_rerun(session, world.first, [identity], reason="new", by=world.teacher)
        number = made.id
    with world.store.write() as session:
        assert claims.claim(session, "again", 60) is not None
        assert queue.finish(session, identity, "again", a_report(score))
    with world.store.write() as session:
        proposal = regrades.get(session, number)
        assert proposal is not None
        regrades.accept(session, proposal, by=world.teacher)


def test_a_check_by_hand_moves_the_score_and_the_best_attempt(world: World) -> None:
    """The attempt counts what was set; withdrawn, it counts what was graded."""
    first, second = world.grade(world.ada, 4.0), world.grade(world.ada, 6.0)
    set_check(world, first, 9.0)
    assert get(world, first).score == 9.0 and not get(world, first).passed
    assert counts(world, world.ada) == 9.0
    set_check(world, first, 10.0)
    assert get(world, first).passed and counts(world, world.ada) == 10.0
    set_check(world, first, None)
    assert get(world, first).score == 4.0 and counts(world, world.ada) == 6.0
    assert get(world, second).score == 6.0


def test_points_by_hand_survive_every_regrade(world: World) -> None:
    """A rerun that is accepted changes what was graded, and not what was set."""
    mine = world.grade(world.ada, 4.0)
    set_check(world, mine, 7.0)
    rerun(world, mine, 1.0)
    assert get(world, mine).score == 7.0 and counts(world, world.ada) == 7.0
    with world.store.write() as session:
        overrides.set_total(
            session, assignment_id=world.first, user_id=world.ada, score=2.5, reason="late", by=world.teacher
        )
    rerun(world, mine, 10.0)
    assert counts(world, world.ada) == 2.5
    with world.store.write() as session:
        standings.refresh(session, world.first)
    assert counts(world, world.ada) == 2.5
    set_check(world, mine, None)
    assert get(world, mine).score == 10.0 and counts(world, world.ada) == 2.5
    with world.store.write() as session:
        overrides.set_total(
            session, assignment_id=world.first, user_id=world.ada, score=None, reason="", by=world.teacher
        )
    assert counts(world, world.ada) == 10.0


def test_everything_that_was_set_is_on_record(world: World) -> None:
    """Newest first, with who did it; what holds is the newest of each that was not withdrawn."""
    mine, other = world.grade(world.ada, 4.0), world.grade(world.bob, 4.0)
    set_check(world, other, 1.0, "bob's")
    set_check(world, mine, 5.0, "a")
    set_check(world, mine, 6.0, "b")
    with world.store.write() as session:
        for score in (8.0, None):
            overrides.set_total(
                session,
                assignment_id=world.first,
                user_id=world.ada,
                score=score,
                reason="c",
                by=world.teacher,
            )
    with world.store.read() as session:
        row = submissions.get(session, mine)
        assert row is not None
        history = overrides.history(session, row)
        checks = overrides.checks_of(session, mine)
    assert [(e.row.check_id, e.row.score, e.row.reason) for e in history] == [
        (None, None, "c"), (None, 8.0, "c"), ("prediction", 6.0, "b"), ("prediction", 5.0, "a"),
    ]  # fmt: skip
    assert {entry.by for entry in history} == {"The Teacher"}
    assert {check: e.row.score for check, e in overrides.holding(history).items()} == {"prediction": 6.0}
    assert checks == {"prediction": (4.0, 10.0)}


step = st.tuples(
    st.sampled_from(["check", "total", "rerun", "refresh", "rescore"]),
    st.none() | st.integers(0, 10).map(float),
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(graded=st.integers(0, 10).map(float), steps=st.lists(step, max_size=6))
def test_what_holds_is_what_was_set_last(
    world: World, graded: float, steps: list[tuple[str, float | None]]
) -> None:
    """Whatever comes between: the total by hand, else the check by hand, else the newest verdict."""
    with world.store.write() as session:
        login = uuid.uuid4().hex
        user = users.add_user(session, login, login).id
    mine = world.grade(user, graded)
    check: float | None = None
    total: float | None = None
    for kind, value in steps:
        if kind == "check":
            set_check(world, mine, value)
            check = value
        elif kind == "rerun" and value is not None:
            rerun(world, mine, value)
            graded = value
        else:
            with world.store.write() as session:
                if kind == "total":
                    overrides.set_total(
                        session,
                        assignment_id=world.first,
                        user_id=user,
                        score=value,
                        reason="r",
                        by=world.teacher,
                    )
                    total = value
                elif kind == "refresh":
                    standings.refresh(session, world.first, [user])
                else:
                    judgings.rescore(session, mine)
        of_attempt = graded if check is None else check
        assert get(world, mine).score == of_attempt
        assert counts(world, user) == (of_attempt if total is None else total)
