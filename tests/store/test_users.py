"""Accounts: logins in every spelling, language and zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grader.errors import UsageError
from grader.store import passwords, users
from grader.store.database import Store

from .world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_login_is_one_account_in_any_case(store: Store) -> None:
    """Also where lower case is not ASCII's, and where spaces came along."""
    with store.write() as session:
        ada = users.add_user(session, " Ada@Example.org ", "Ada")
        assert ada.login == "Ada@Example.org"
        assert users.find_user(session, "aDA@example.ORG") is ada
        users.add_user(session, "Straße", "S")
        with pytest.raises(UsageError, match="taken"):
            users.add_user(session, "STRASSE", "S")
        with pytest.raises(UsageError, match="taken"):
            users.add_user(session, "ADA@EXAMPLE.ORG", "Ada again")


@pytest.mark.parametrize("login", ["", "   ", "x" * 255, "\0"])
def test_a_login_has_a_bounded_length(store: Store, login: str) -> None:
    """Empty ones are refused, too."""
    with store.write() as session, pytest.raises(UsageError, match="between 1 and 254"):
        users.add_user(session, login, "x")


@pytest.mark.parametrize("login", ["\ud800", "a\0b", "' OR 1=1 --", "\ufdfa" * 100])
def test_a_login_may_hold_anything(store: Store, login: str) -> None:
    """Whoever signs in is a stranger: what is no login is simply not found."""
    assert passwords.authenticate(store, login, "\ud800\0") is None


def test_a_login_taken_by_another_transaction_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL two may look for it at once; the constraint tells the second one."""
    monkeypatch.setattr(users, "find_user", lambda session, login: None)
    with world.store.write() as session:
        with pytest.raises(users.LoginTaken, match="taken"):
            users.add_user(session, "ADA", "Second")
        assert len(users.everyone(session)) == 4


def test_language_and_time_zone_are_kept(world: World) -> None:
    """No zone is the browser's; another account keeps its own."""
    with world.store.write() as session:
        assert users.get_user(session, world.ada).timezone is None  # type: ignore[union-attr]
        users.set_timezone(session, world.ada, "Asia/Tokyo")
        users.set_language(session, world.ada, "zh")
    with world.store.read() as session:
        ada, bob = users.get_user(session, world.ada), users.get_user(session, world.bob)
        assert ada is not None and bob is not None
        assert (ada.timezone, ada.language, bob.timezone, bob.language) == ("Asia/Tokyo", "zh", None, "en")
    with world.store.write() as session:
        users.set_timezone(session, world.ada, None)
    with world.store.read() as session:
        assert users.get_user(session, world.ada).timezone is None  # type: ignore[union-attr]
