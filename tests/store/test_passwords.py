"""Passwords: recognised, replaced, and telling nothing by the time they take."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from grader.errors import UsageError
from grader.store import passwords, users
from grader.store.database import Store

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_the_right_password_signs_in(store: Store) -> None:
    """In any case of the login; composed or decomposed accents are the same password."""
    stored = passwords.hash_password("pässwort")
    assert stored.startswith("$argon2id$")
    costs = extract_parameters(stored)
    assert costs.memory_cost >= 64 * 2**10 and costs.time_cost >= 3, "RFC 9106, second choice: KiB and passes"
    with store.write() as session:
        users.add_user(session, "ada", "Ada", password_hash=stored)
    ada = passwords.authenticate(store, "ADA", "pa\u0308sswort")
    assert ada is not None and ada.login == "ada"
    assert passwords.authenticate(store, "ada", "passwort") is None


def test_a_password_has_a_bounded_length() -> None:
    """A megabyte to hash is an attack; none at all is a mistake."""
    for password in ("", "x" * 1025):
        with pytest.raises(UsageError, match="between 1 and 1024"):
            passwords.hash_password(password)


def test_disabled_and_passwordless_accounts_do_not_sign_in(store: Store) -> None:
    """Not with any password, not with an empty one either."""
    with store.write() as session:
        users.add_user(session, "lti", "Came from elsewhere")
        gone = users.add_user(session, "gone", "Gone", password_hash=passwords.hash_password("right"))
        users.set_disabled(session, gone.id, True)
    assert passwords.authenticate(store, "lti", "") is None
    assert passwords.authenticate(store, "gone", "wrong") is None
    with pytest.raises(passwords.AccountDisabled):
        passwords.authenticate(store, "gone", "right")


def test_cant_tell_by_the_time_which_logins_exist(store: Store) -> None:
    """No account, one without a password and a wrong password take one verification each."""
    with store.write() as session:
        users.add_user(session, "ada", "Ada", password_hash=passwords.hash_password("right"))
        users.add_user(session, "lti", "Lti")

    def fastest(login: str) -> float:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            assert passwords.authenticate(store, login, "wrong") is None
            times.append(time.perf_counter() - began)
        return min(times)

    real = fastest("ada")
    assert fastest("nobody") > real / 3
    assert fastest("lti") > real / 3


def test_the_first_unknown_login_costs_what_any_does(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    """It is compared with a hash of today's parameters, for which nothing has to be hashed first."""
    stored = []
    monkeypatch.setattr(passwords, "_verify", lambda hashed, _password: bool(stored.append(hashed)))
    monkeypatch.setattr(PasswordHasher, "hash", lambda *_: pytest.fail("a second hash"))
    assert passwords.authenticate(store, "nobody", "guess") is None
    assert not passwords.HASHER.check_needs_rehash(stored[0])
    monkeypatch.undo()
    assert not passwords._verify(stored[0], "guess")  # a hash that can be read, and the password is wrong
    with pytest.raises(VerifyMismatchError):
        passwords.HASHER.verify(stored[0], "guess")


def test_a_weak_hash_is_replaced_at_the_next_sign_in(store: Store) -> None:
    """Stronger parameters reach old accounts without anybody's help."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("right")
    with store.write() as session:
        ada = users.add_user(session, "ada", "Ada", password_hash=weak)
    assert passwords.authenticate(store, "ada", "wrong") is None
    assert passwords.authenticate(store, "ada", "right") is not None
    with store.read() as session:
        row = users.get_user(session, ada.id)
    assert row is not None and row.password_hash is not None
    assert row.password_hash != weak
    assert not passwords.HASHER.check_needs_rehash(row.password_hash)
    assert passwords.authenticate(store, "ada", "right") is not None


def test_a_hash_that_is_none_is_a_wrong_password(store: Store) -> None:
    """A damaged column does not take the sign-in page down."""
    with store.write() as session:
        users.add_user(session, "ada", "Ada", password_hash="plaintext")
    assert passwords.authenticate(store, "ada", "plaintext") is None
