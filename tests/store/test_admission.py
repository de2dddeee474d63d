"""Attempts are counted in the transaction that stores them, on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import func, select

from grader.model.admission import NotTaken
from grader.model.policy import Policy
from grader.store import claims, requeue, submissions
from grader.store.tables import Submission, utcnow

from .world import World


def admit(world: World, policy: Policy | None, key: str | None = None) -> Submission | NotTaken:
    """Hand in as the web does: in a transaction that may be shared."""
    return world.store.together(
        lambda session: submissions.admit(
            session,
            assignment_id=world.first,
            user_id=world.ada,
            source=b"def f(x): return x",
            predictions={},
            seed=7,
            exercise_digest="0" * 64,
            policy=policy,
            request_key=key,
        )
    )


def stored(world: World) -> int:
    with world.store.read() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def test_of_many_posts_at_once_no_more_are_taken_than_there_are_attempts(world: World) -> None:
    """Eight at the same moment, three attempts."""
    gate = Barrier(8)

    def post(_number: int) -> Submission | NotTaken:
        gate.wait()
        return admit(world, Policy(attempts=3))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(post, range(8)))
    taken = [each for each in answers if isinstance(each, Submission)]
    assert sorted(each.attempt for each in taken) == [1, 2, 3] and stored(world) == 3
    assert [each.why for each in answers if isinstance(each, NotTaken)] == ["attempts"] * 5


def test_what_is_sent_again_is_found_also_when_nothing_is_taken_any_more(world: World) -> None:
    """The answer to the first one was lost on its way; by now the last attempt is used and it is closed."""
    first = admit(world, Policy(attempts=1), "key")
    closed = Policy(attempts=1, closes=utcnow() - timedelta(seconds=1))
    again = admit(world, closed, "key")
    assert isinstance(first, Submission) and isinstance(again, Submission) and first.id == again.id
    other = admit(world, closed, "other")
    assert isinstance(other, NotTaken) and other.why == "closed"


def test_what_failed_on_our_side_costs_no_attempt(world: World) -> None:
    """And what waits for its verdict does, or one could hand in any number at once."""
    row = admit(world, Policy(attempts=1))
    assert isinstance(row, Submission)
    assert isinstance(admit(world, Policy(attempts=1)), NotTaken)
    with world.store.write() as session:
        claimed = claims.claim(session, "t", 60)
        assert claimed is not None
        requeue.give_back(session, claimed.id, "t", "our disk is full", retry=False)
    assert isinstance(admit(world, Policy(attempts=1)), Submission)


def test_who_teaches_tries_without_rules(world: World) -> None:
    assert [isinstance(admit(world, None), Submission) for _ in range(3)] == [True] * 3


def test_a_refusal_undoes_nothing_of_what_others_write_at_the_same_time(world: World) -> None:
    """Refused and taken ones share transactions."""
    gate = Barrier(6)

    def post(number: int) -> Submission | NotTaken:
        gate.wait()
        shut = Policy(closes=utcnow() - timedelta(days=1))
        return admit(world, shut if number % 2 else None)

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(post, range(6)))
    assert [isinstance(each, NotTaken) for each in answers] == [False, True] * 3 and stored(world) == 3
