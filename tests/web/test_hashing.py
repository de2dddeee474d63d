"""Passwords take turns: who finds no room is told when to come back, each another time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from werkzeug.exceptions import ServiceUnavailable

from grader.model.submission import Submission as HandedIn
from grader.web.context import EXTENSION
from grader.web.hashing import PasswordTurns
from tests.web.world import PASSWORD, World


def test_so_many_at_once_and_so_many_that_wait() -> None:
    """The third of two waits for one of them; the fourth is sent away."""
    turns = PasswordTurns(at_once=2, waiting=1)
    entered = threading.Event()

    def third() -> None:
        with turns:
            entered.set()

    with ExitStack() as inside:
        inside.enter_context(turns)
        with turns:
            waiting = threading.Thread(target=third)
            waiting.start()
            while turns._room.acquire(blocking=False):  # until the thread has taken its place
                turns._room.release()
            assert not entered.is_set()
            with pytest.raises(ServiceUnavailable) as sent_away, turns:
                pass
            assert sent_away.value.retry_after >= 1
        waiting.join(30)
        assert entered.is_set()


def test_who_waits_for_a_turn_steps_aside_and_who_has_one_at_once_does_not() -> None:
    stepped = threading.Event()

    @contextmanager
    def aside() -> Iterator[None]:
        stepped.set()
        yield

    turns = PasswordTurns(at_once=1, waiting=1, aside=aside)

    def second() -> None:
        with turns:
            pass

    with turns:
        assert not stepped.is_set()
        waits = threading.Thread(target=second)
        waits.start()
        assert stepped.wait(60)
    waits.join(60)


def test_an_application_knows_who_waits(world: World) -> None:
    """For a verdict, for that of a guest's try, for a turn to hash; and a look at what all of it needs."""
    stepped: list[None] = []

    @contextmanager
    def aside() -> Iterator[None]:
        stepped.append(None)
        yield

    its = world.app.extensions[EXTENSION]
    with world.app.test_request_context(environ_overrides={"grader.aside": aside}):
        its.wait("no such row", 0.0)
        its.judge("detach", HandedIn(b"", {}, 0), 0.0, draw=False)
        assert len(stepped) == 2
        assert its.hashing._aside().__class__ is aside().__class__
    assert (
        world.app.test_client().get("/readyz", environ_overrides={"grader.aside": aside}).status_code == 200
    )
    assert len(stepped) == 3


def test_a_turn_ends_with_an_error_too() -> None:
    turns = PasswordTurns(at_once=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"), turns:
            raise ValueError("wrong")


def test_those_who_are_sent_away_do_not_all_come_back_at_once() -> None:
    """At 0.1 s each, the hundredth is told at least nine seconds more than the first."""
    turns = PasswordTurns(at_once=1, waiting=0)
    told = []
    with turns:
        for _ in range(100):
            with pytest.raises(ServiceUnavailable) as sent_away, turns:
                pass
            told.append(sent_away.value.retry_after)
    assert told == sorted(told)
    assert told[-1] - told[0] >= 9


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Many people are signing in"), ("zh", "此刻登录的人很多")]
)
def test_signing_in_when_there_is_no_room(world: World, language: str, words: str) -> None:
    """503, when to try again, and the name is still in the form; afterwards the same form signs in."""
    client = world.client()
    form = {"login": "ada", "password": PASSWORD}
    services = world.app.extensions[EXTENSION]
    with ExitStack() as taken:
        while services.hashing._room.acquire(blocking=False):
            taken.callback(services.hashing._room.release)
        answer = client.post(f"/sign-in?lang={language}", data=form)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert words in answer.text
    assert f"{answer.headers['Retry-After']} " in answer.text
    assert 'value="ada"' in answer.text
    assert PASSWORD not in answer.text
    assert client.post("/sign-in", data=form).status_code == 303


def test_a_new_password_when_there_is_no_room(world: World) -> None:
    """Every other form with a password is answered by a page that says so, too."""
    client = world.client("ada")
    services = world.app.extensions[EXTENSION]
    form = {"current": PASSWORD, "new": "another long password", "again": "another long password"}
    with ExitStack() as taken:
        while services.hashing._room.acquire(blocking=False):
            taken.callback(services.hashing._room.release)
        answer = client.post("/account/password", data=form)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Many people are signing in" in answer.text
