"""Credentials: where a student hands in, and the token that says who they are, in a file only they can read.

``$XDG_CONFIG_HOME/grader/servers.json`` holds a token for each server, and which one is meant when none is
named.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from grader.errors import UsageError
from grader.settings import Settings, user_folder

FILE = "servers.json"
LONGEST_TOKEN = 500


class Login(msgspec.Struct, frozen=True):
    """A token at a server, and whether it may travel without TLS."""

    token: str
    insecure: bool = False


class Logins(msgspec.Struct, frozen=True):
    """What the file holds."""

    default: str | None = None
    servers: dict[str, Login] = {}


def checked_address(typed: str, *, insecure: bool) -> str:
    """A server's address as it is kept: no slash at the end.

    :raises UsageError: it is none, or a token would travel to it readable by everybody on the way.
    """
    typed = typed.strip()
    # Somebody who writes a bare name means what a browser would make of it.
    written = typed if "://" in typed else f"https://{typed}"
    try:
        parts = urlsplit(written)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if (
        not host
        or parts.scheme not in ("http", "https")
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise UsageError(f"'{typed[:80]}' is no address of a server; write e.g. https://grader.example.org")
    if parts.scheme == "http" and not insecure and not is_loopback(host):
        raise UsageError(
            f"over http:// anybody on the way can read your token; write https://{parts.netloc[:80]}, "
            "or add --insecure where you trust the whole network"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def checked_token(typed: str, where: str) -> str:
    """A token as it is sent.

    :raises UsageError: it is none.
    """
    token = typed.strip()
    if not token:
        raise UsageError(f"there is no token {where}; your account page on the server makes one")
    if len(token) > LONGEST_TOKEN or not all("!" <= character <= "~" for character in token):
        raise UsageError(
            f"what stands {where} is no token; copy it whole, and nothing else, from the account page"
        )
    return token


def load() -> Logins:
    """What is kept.

    :raises UsageError: the file cannot be used.
    """
    path = user_folder() / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Logins)
    except FileNotFoundError:
        return Logins()
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"'{path}' is damaged; delete it and use 'grade login' again") from error


def save(logins: Logins) -> Path:
    """Keep ``logins``, in place of what was kept. Nobody else can read the file at any moment.

    :returns: where.
    :raises UsageError: it cannot be written.
    """
    path = user_folder() / FILE
    draft = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(logins)))
            draft.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
    except OSError as error:
        raise UsageError(f"'{path}' cannot be written: {error.strerror}") from error
    return path


def chosen(settings: Settings, server: str | None, *, insecure: bool = False) -> tuple[str, str]:
    """The address of the server that is meant, and the token for it.

    :param server: as named in the call; else the settings' one, else that of the last ``grade login``.
    :raises UsageError: there is none, or no token for it.
    """
    logins = load()
    named = server or settings.server or logins.default
    if named is None:
        raise UsageError("no server is known here; 'grade login URL' signs you in to one")
    address = checked_address(named, insecure=True)
    kept = logins.servers.get(address)
    checked_address(named, insecure=insecure or (kept is not None and kept.insecure))
    if settings.token is not None:
        return address, settings.token
    if kept is None:
        raise UsageError(f"you are not signed in to {address}; 'grade login {address}' does it")
    return address, kept.token
