"""Accounts, passwords, enrolments, sign-in sessions and tokens."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grader.errors import UsageError
from grader.store import people
from grader.store.database import Store
from grader.store.tables import ApiToken, SignIn

from .world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_login_is_one_account_in_any_case(store: Store) -> None:
    """Also where lower case is not ASCII's, and where spaces came along."""
    with store.write() as session:
        ada = people.add_user(session, " Ada@Example.org ", "Ada")
        assert ada.login == "Ada@Example.org"
        assert people.find_user(session, "aDA@example.ORG") is ada
        people.add_user(session, "Straße", "S")
        with pytest.raises(UsageError, match="taken"):
            people.add_user(session, "STRASSE", "S")
        with pytest.raises(UsageError, match="taken"):
            people.add_user(session, "ADA@EXAMPLE.ORG", "Ada again")


@pytest.mark.parametrize("login", ["", "   ", "x" * 255, "\0"])
def test_a_login_has_a_bounded_length(store: Store, login: str) -> None:
    """Empty ones are refused, too."""
    with store.write() as session, pytest.raises(UsageError, match="between 1 and 254"):
        people.add_user(session, login, "x")


@pytest.mark.parametrize("login", ["\ud800", "a\0b", "' OR 1=1 --", "\ufdfa" * 100])
def test_a_login_may_hold_anything(store: Store, login: str) -> None:
    """Whoever signs in is a stranger: what is no login is simply not found."""
    assert people.authenticate(store, login, "\ud800\0") is None


def test_the_right_password_signs_in(store: Store) -> None:
    """In any case of the login; composed or decomposed accents are the same password."""
    stored = people.hash_password("pässwort")
    assert stored.startswith("$argon2id$")
    with store.write() as session:
        people.add_user(session, "ada", "Ada", password_hash=stored)
    ada = people.authenticate(store, "ADA", "pa\u0308sswort")
    assert ada is not None and ada.login == "ada"
    assert people.authenticate(store, "ada", "passwort") is None


def test_a_password_has_a_bounded_length() -> None:
    """A megabyte to hash is an attack; none at all is a mistake."""
    for password in ("", "x" * 1025):
        with pytest.raises(UsageError, match="between 1 and 1024"):
            people.hash_password(password)


def test_disabled_and_passwordless_accounts_do_not_sign_in(store: Store) -> None:
    """Not with any password, not with an empty one either."""
    with store.write() as session:
        people.add_user(session, "lti", "Came from elsewhere")
        gone = people.add_user(session, "gone", "Gone", password_hash=people.hash_password("right"))
        people.set_disabled(session, gone.id, True)
    assert people.authenticate(store, "lti", "") is None
    assert people.authenticate(store, "gone", "wrong") is None
    with pytest.raises(people.AccountDisabled):
        people.authenticate(store, "gone", "right")


def test_cant_tell_by_the_time_which_logins_exist(store: Store) -> None:
    """No account, one without a password and a wrong password take one verification each."""
    with store.write() as session:
        people.add_user(session, "ada", "Ada", password_hash=people.hash_password("right"))
        people.add_user(session, "lti", "Lti")

    def fastest(login: str) -> float:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            assert people.authenticate(store, login, "wrong") is None
            times.append(time.perf_counter() - began)
        return min(times)

    real = fastest("ada")
    assert fastest("nobody") > real / 3
    assert fastest("lti") > real / 3


def test_the_first_unknown_login_costs_what_any_does(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    """It is compared with a hash of today's parameters, for which nothing has to be hashed first."""
    stored = []
    monkeypatch.setattr(people, "_verify", lambda hashed, _password: bool(stored.append(hashed)))
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_: pytest.fail("a second hash"))
    assert people.authenticate(store, "nobody", "guess") is None
    assert not people.HASHER.check_needs_rehash(stored[0])
    monkeypatch.undo()
    assert not people._verify(stored[0], "guess")  # a hash that can be read, and the password is wrong
    with pytest.raises(VerifyMismatchError):
        people.HASHER.verify(stored[0], "guess")


def test_a_weak_hash_is_replaced_at_the_next_sign_in(store: Store) -> None:
    """Stronger parameters reach old accounts without anybody's help."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("right")
    with store.write() as session:
        ada = people.add_user(session, "ada", "Ada", password_hash=weak)
    assert people.authenticate(store, "ada", "wrong") is None
    assert people.authenticate(store, "ada", "right") is not None
    with store.read() as session:
        row = people.get_user(session, ada.id)
    assert row is not None and row.password_hash is not None
    assert row.password_hash != weak
    assert not people.HASHER.check_needs_rehash(row.password_hash)
    assert people.authenticate(store, "ada", "right") is not None


def test_a_hash_that_is_none_is_a_wrong_password(store: Store) -> None:
    """A damaged column does not take the sign-in page down."""
    with store.write() as session:
        people.add_user(session, "ada", "Ada", password_hash="plaintext")
    assert people.authenticate(store, "ada", "plaintext") is None


def test_enrolling_twice_changes_the_role(world: World) -> None:
    """And unenrolling ends it."""
    with world.store.write() as session:
        people.enrol(session, world.ada, world.course.id, "instructor")
        assert [u.login for u in people.members(session, world.course.id, "instructor")] == ["ada", "teacher"]
        assert [u.login for u in people.members(session, world.course.id, "student")] == ["bob", "cyd"]
        people.unenrol(session, world.bob, world.course.id)
        assert people.enrolment(session, world.bob, world.course.id) is None
        ((course, row),) = people.enrolments(session, world.ada)
        assert (course.slug, row.role) == ("autodiff", "instructor")


def test_a_session_is_found_by_its_token_only_while_open(world: World) -> None:
    """Not by another token, not after its end, not after signing out."""
    with world.store.write() as session:
        token = people.open_sign_in(session, world.ada, lifetime=timedelta(hours=1), now=NOW)
        found = people.find_sign_in(session, token, now=NOW)
        assert found is not None and found[1].login == "ada"
        assert people.find_sign_in(session, token + "x", now=NOW) is None
        assert people.find_sign_in(session, "\ud800", now=NOW) is None
        assert people.find_sign_in(session, token, now=NOW + timedelta(hours=1)) is None
        assert people.close_sign_in(session, token)
        assert not people.close_sign_in(session, token)
        assert people.find_sign_in(session, token, now=NOW) is None


def test_every_session_of_a_user_can_be_ended(world: World) -> None:
    """By asking for it, by a new password, by disabling the account; others' stay."""
    with world.store.write() as session:
        other = people.open_sign_in(session, world.bob)
        one, two = (people.open_sign_in(session, world.ada) for _ in range(2))
        assert people.close_all_sign_ins(session, world.ada) == 2
        three = people.open_sign_in(session, world.ada)
        people.set_password(session, world.ada, None)
        four = people.open_sign_in(session, world.ada)
        people.set_disabled(session, world.ada, True)
        people.set_disabled(session, world.ada, False)
        assert [people.find_sign_in(session, t) for t in (one, two, three, four)] == [None] * 4
        assert people.find_sign_in(session, other) is not None


def test_use_is_noted_once_a_minute(world: World) -> None:
    """So that reading a page is a read."""
    with world.store.write() as session:
        token = people.open_sign_in(session, world.ada, now=NOW)
        found = people.find_sign_in(session, token, now=NOW)
        assert found is not None
        row = found[0]
        assert not people.use_is_stale(row, now=NOW + timedelta(seconds=59))
        assert people.use_is_stale(row, now=NOW + timedelta(seconds=60))
        people.note_seen(session, row.id, now=NOW + timedelta(seconds=60))
        session.refresh(row)
        assert not people.use_is_stale(row, now=NOW + timedelta(seconds=61))
        _, api = people.issue_token(session, world.ada, "laptop")
        assert people.use_is_stale(api)
        people.note_token_use(session, api.id)
        session.refresh(api)
        assert not people.use_is_stale(api)


def test_a_token_is_stored_as_its_hash_only(world: World) -> None:
    """Who reads the database, or a backup of it, cannot act as anybody."""
    with world.store.write() as session:
        plaintext, row = people.issue_token(session, world.ada, "laptop")
        cookie = people.open_sign_in(session, world.ada)
        assert plaintext.startswith("grt_") and len(plaintext) >= 4 + 43
        assert row.hash == hashlib.sha256(plaintext.encode()).hexdigest()
        stored = [*session.scalars(select(ApiToken.hash)), *session.scalars(select(SignIn.hash))]
        assert plaintext not in stored and cookie not in stored
        assert people.issue_token(session, world.ada, "again")[0] != plaintext


def test_a_token_works_until_it_expires_or_is_revoked(world: World) -> None:
    """Or its account is disabled. Only its own user can revoke it."""
    with world.store.write() as session:
        plaintext, row = people.issue_token(session, world.ada, "laptop", lifetime=timedelta(days=1), now=NOW)
        found = people.find_token(session, plaintext, now=NOW)
        assert found is not None and found[1].id == world.ada
        assert people.find_token(session, plaintext, now=NOW + timedelta(days=1)) is None
        people.set_disabled(session, world.ada, True)
        assert people.find_token(session, plaintext, now=NOW) is None
        people.set_disabled(session, world.ada, False)
        assert not people.revoke_token(session, world.bob, row.id)
        assert people.tokens(session, world.ada) == [row]
        assert people.revoke_token(session, world.ada, row.id)
        assert people.find_token(session, plaintext, now=NOW) is None
        assert people.tokens(session, world.ada) == []


def test_a_sign_in_token_is_no_api_token(world: World) -> None:
    """Nor the other way round."""
    with world.store.write() as session:
        plaintext, _ = people.issue_token(session, world.ada, "laptop")
        cookie = people.open_sign_in(session, world.ada)
        assert people.find_token(session, cookie) is None
        assert people.find_sign_in(session, plaintext) is None


def test_joining_enrols_once_and_demotes_nobody(world: World) -> None:
    """A second time changes nothing; a teacher stays one."""
    with world.store.write() as session:
        new = people.add_user(session, "new", "New")
        assert people.join(session, new.id, world.course.id) is True
        assert people.join(session, new.id, world.course.id) is False
        assert people.join(session, world.teacher, world.course.id) is False
    with world.store.read() as session:
        for user, role in ((new.id, "student"), (world.teacher, "instructor")):
            found = people.enrolment(session, user, world.course.id)
            assert found is not None and found.role == role


def test_joining_what_is_gone_is_an_error(world: World) -> None:
    """It is not mistaken for a button that was pressed twice."""
    with pytest.raises(IntegrityError), world.store.write() as session:
        people.join(session, world.ada, 424242)


def test_a_login_taken_by_another_transaction_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL two may look for it at once; the constraint tells the second one."""
    monkeypatch.setattr(people, "find_user", lambda session, login: None)
    with world.store.write() as session:
        with pytest.raises(people.LoginTaken, match="taken"):
            people.add_user(session, "ADA", "Second")
        assert len(people.users(session)) == 4


def test_language_and_time_zone_are_kept(world: World) -> None:
    """No zone is the browser's; another account keeps its own."""
    with world.store.write() as session:
        assert people.get_user(session, world.ada).timezone is None  # type: ignore[union-attr]
        people.set_timezone(session, world.ada, "Asia/Tokyo")
        people.set_language(session, world.ada, "zh")
    with world.store.read() as session:
        ada, bob = people.get_user(session, world.ada), people.get_user(session, world.bob)
        assert ada is not None and bob is not None
        assert (ada.timezone, ada.language, bob.timezone, bob.language) == ("Asia/Tokyo", "zh", None, "en")
    with world.store.write() as session:
        people.set_timezone(session, world.ada, None)
    with world.store.read() as session:
        assert people.get_user(session, world.ada).timezone is None  # type: ignore[union-attr]
