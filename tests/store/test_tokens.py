"""Sign-in sessions and API tokens: kept as hashes, ended, noted once a minute."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from grader.store import passwords, tokens, users
from grader.store.tables import ApiToken, SignIn

from .world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_session_is_found_by_its_token_only_while_open(world: World) -> None:
    """Not by another token, not after its end, not after signing out."""
    with world.store.write() as session:
        token = tokens.open_sign_in(session, world.ada, lifetime=timedelta(hours=1), now=NOW)
        found = tokens.find_sign_in(session, token, now=NOW)
        assert found is not None and found[1].login == "ada"
        assert tokens.find_sign_in(session, token + "x", now=NOW) is None
        assert tokens.find_sign_in(session, "\ud800", now=NOW) is None
        assert tokens.find_sign_in(session, token, now=NOW + timedelta(hours=1)) is None
        assert tokens.close_sign_in(session, token)
        assert not tokens.close_sign_in(session, token)
        assert tokens.find_sign_in(session, token, now=NOW) is None


def test_every_session_of_a_user_can_be_ended(world: World) -> None:
    """By asking for it, by a new password, by disabling the account; others' stay."""
    with world.store.write() as session:
        other = tokens.open_sign_in(session, world.bob)
        one, two = (tokens.open_sign_in(session, world.ada) for _ in range(2))
        assert tokens.close_all_sign_ins(session, world.ada) == 2
        three = tokens.open_sign_in(session, world.ada)
        passwords.set_password(session, world.ada, None)
        four = tokens.open_sign_in(session, world.ada)
        users.set_disabled(session, world.ada, True)
        users.set_disabled(session, world.ada, False)
        assert [tokens.find_sign_in(session, t) for t in (one, two, three, four)] == [None] * 4
        assert tokens.find_sign_in(session, other) is not None


def test_use_is_noted_once_a_minute(world: World) -> None:
    """So that reading a page is a read."""
    with world.store.write() as session:
        token = tokens.open_sign_in(session, world.ada, now=NOW)
        found = tokens.find_sign_in(session, token, now=NOW)
        assert found is not None
        row = found[0]
        assert not tokens.use_is_stale(row, now=NOW + timedelta(seconds=59))
        assert tokens.use_is_stale(row, now=NOW + timedelta(seconds=60))
        tokens.note_seen(session, row.id, now=NOW + timedelta(seconds=60))
        session.refresh(row)
        assert not tokens.use_is_stale(row, now=NOW + timedelta(seconds=61))
        _, api = tokens.issue_token(session, world.ada, "laptop")
        assert tokens.use_is_stale(api)
        tokens.note_token_use(session, api.id)
        session.refresh(api)
        assert not tokens.use_is_stale(api)


def test_a_token_is_stored_as_its_hash_only(world: World) -> None:
    """Who reads the database, or a backup of it, cannot act as anybody."""
    with world.store.write() as session:
        plaintext, row = tokens.issue_token(session, world.ada, "laptop")
        cookie = tokens.open_sign_in(session, world.ada)
        assert plaintext.startswith("grt_") and len(plaintext) >= 4 + 43
        assert row.hash == hashlib.sha256(plaintext.encode()).hexdigest()
        stored = [*session.scalars(select(ApiToken.hash)), *session.scalars(select(SignIn.hash))]
        assert plaintext not in stored and cookie not in stored
        assert tokens.issue_token(session, world.ada, "again")[0] != plaintext


def test_a_token_works_until_it_expires_or_is_revoked(world: World) -> None:
    """Or its account is disabled. Only its own user can revoke it."""
    with world.store.write() as session:
        plaintext, row = tokens.issue_token(session, world.ada, "laptop", lifetime=timedelta(days=1), now=NOW)
        found = tokens.find_token(session, plaintext, now=NOW)
        assert found is not None and found[1].id == world.ada
        assert tokens.find_token(session, plaintext, now=NOW + timedelta(days=1)) is None
        users.set_disabled(session, world.ada, True)
        assert tokens.find_token(session, plaintext, now=NOW) is None
        users.set_disabled(session, world.ada, False)
        assert not tokens.revoke_token(session, world.bob, row.id)
        assert tokens.of_user(session, world.ada) == [row]
        assert tokens.revoke_token(session, world.ada, row.id)
        assert tokens.find_token(session, plaintext, now=NOW) is None
        assert tokens.of_user(session, world.ada) == []


def test_a_sign_in_token_is_no_api_token(world: World) -> None:
    """Nor the other way round."""
    with world.store.write() as session:
        plaintext, _ = tokens.issue_token(session, world.ada, "laptop")
        cookie = tokens.open_sign_in(session, world.ada)
        assert tokens.find_token(session, cookie) is None
        assert tokens.find_sign_in(session, plaintext) is None
