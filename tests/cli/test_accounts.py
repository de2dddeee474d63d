"""``grade account``: people, passwords and tokens, by who runs the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.store import passwords, tokens, users
from tests.cli.calling import call, opened


@pytest.mark.usefixtures("data")
def test_enrolling_a_known_account_keeps_its_password() -> None:
    """A second course does not lock anybody out of the first."""
    for slug in ("one", "two"):
        call("course", "add", slug, "Course", "detach")
    call("account", "add", "bo", "--course", "one", "--password-stdin", stdin="long enough\n")
    said = call("account", "add", "bo", "--course", "two", "--role", "instructor").output
    assert "had an account already" in said
    assert "password" not in said


def test_a_forgotten_password_is_replaced_and_an_account_shut_out_and_let_in(data: Path) -> None:
    """Sessions and tokens end with it; enabling brings the tokens back."""
    call("course", "add", "c", "Course", "detach")
    call("account", "add", "ada", "--course", "c", "--password-stdin", stdin="long enough\n")
    token = call("account", "token", "ada").output.strip()
    printed = call("account", "reset", "Ada").output
    password = printed.rpartition(" ")[2].strip()
    store = opened(data)
    try:
        assert passwords.authenticate(store, "ada", "long enough") is None
        assert passwords.authenticate(store, "ada", password) is not None
        call("account", "disable", "ada")
        with pytest.raises(passwords.AccountDisabled):
            passwords.authenticate(store, "ada", password)
        with store.read() as session:
            assert tokens.find_token(session, token) is None
        assert "(disabled)" in call("account", "list").output
        call("account", "enable", "ada")
        with store.read() as session:
            assert tokens.find_token(session, token) is not None
    finally:
        store.close()
    with pytest.raises(UsageError, match="fewer than 8"):
        call("account", "reset", "ada", "--password-stdin", stdin="short\n")
    with pytest.raises(UsageError, match="no account 'adda': did you mean 'ada'"):
        call("account", "reset", "adda")


@pytest.mark.usefixtures("data")
def test_an_account_is_renamed_and_removed_from_a_course() -> None:
    """What it is called changes, and nothing else."""
    call("course", "add", "c", "Course", "detach")
    for login in ("ada", "bo"):
        call("account", "add", login, "--course", "c", "--password-stdin", stdin="long enough\n")
    call("account", "rename", "ada", "--login", "ada.nord", "--name", "Ada Nord")
    assert call("account", "list", "--course", "c").output.splitlines() == [
        "ada.nord  Ada Nord  student  [c]",
        "bo  bo  student  [c]",
    ]
    with pytest.raises(UsageError, match="taken"):
        call("account", "rename", "bo", "--login", "ADA.NORD")
    call("account", "rename", "bo", "--login", "Bo")
    with pytest.raises(UsageError, match="--name, --login"):
        call("account", "rename", "bo")
    call("account", "remove", "bo", "--course", "c")
    assert call("account", "list", "--course", "c").output.splitlines() == [
        "ada.nord  Ada Nord  student  [c]"
    ]
    assert "Bo  bo  student  []" in call("account", "list").output
    with pytest.raises(UsageError, match="not in the course"):
        call("account", "remove", "bo", "--course", "c")


def test_an_account_has_an_address(data: Path) -> None:
    """From the start or later; what is none is refused, and changes nothing."""
    call("course", "add", "c", "Course", "detach")
    with pytest.raises(UsageError, match="no e-mail address"):
        call("account", "add", "ada", "--course", "c", "--email", "nowhere")
    call("account", "add", "ada", "--course", "c", "--email", "Ada@X.example")

    def email() -> str | None:
        store = opened(data)
        with store.read() as session:
            user = users.find_user(session, "ada")
        store.close()
        assert user is not None
        return user.email

    assert email() == "ada@x.example"
    call("account", "rename", "ada", "--name", "Ada Nord")
    assert email() == "ada@x.example"
    assert (
        call("account", "rename", "ada", "--email", "b@x.example").output == "ada is now ada, b@x.example\n"
    )
    assert email() == "b@x.example"
    call("account", "rename", "ada", "--email", "")
    assert email() is None
