"""Environment variables, parsed strictly one at a time; a secret also from a file.

A secret ``NAME`` (:data:`SECRETS`) may stand in a file instead, which ``NAME_FILE`` names: whoever may look
at a process's environment or a container's configuration then does not see it.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast, get_args
from urllib.parse import quote, urlsplit, urlunsplit

from grader.errors import SettingsError
from grader.model.mail import SMTP_PORTS, Mail, SmtpSecurity

SHORTEST_KEY = 32
SECRETS: Final = frozenset({
    "DATABASE_URL", "DATABASE_PASSWORD", "BROKER_URL", "BROKER_PASSWORD", "SECRET_KEY", "TOKEN",
    "METRICS_TOKEN", "SMTP_PASSWORD",
})  # fmt: skip
"""Variables, without ``GRADER_``, whose value may stand in a file that ``…_FILE`` names."""
LONGEST_SECRET: Final = 4096
"""Bytes of such a file."""
_LIMIT = re.compile(r"[1-9][0-9]{0,5} per (second|minute|hour|day)")
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")


class Reader:
    """Parses one variable at a time. A value is shown in an error only where it is no secret."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def _get(self, name: str) -> str:
        value = self._bare(name)
        if name in SECRETS and (file := self._bare(f"{name}_FILE")):
            if value:
                raise SettingsError(f"GRADER_{name} and GRADER_{name}_FILE are both set; unset one of them")
            return _secret(f"GRADER_{name}_FILE", Path(file))
        return value

    def _bare(self, name: str) -> str:
        value = self._environment.get(f"GRADER_{name}", "").strip()
        if "\0" in value:
            raise SettingsError(f"GRADER_{name} holds a NUL character; remove it")
        return value

    def text(self, name: str) -> str | None:
        return self._get(name) or None

    def path(self, name: str, default: str) -> Path:
        return Path(self._get(name) or default).expanduser()

    def folder(self, name: str, default: str) -> Path:
        """A folder of the course: as set, or here, or in the checkout this package runs from.

        The solutions are looked for where the exercises are, so that a student's own copy
        of the exercises is never judged by another course's solutions.
        """
        if self._get(name):
            return self.path(name, default)
        home = Path(__file__).resolve().parent.parent
        here = Path("exercises").is_dir() or bool(self._get("EXERCISES"))
        return Path(default) if here or not (home / "exercises").is_dir() else home / default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self._get(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise SettingsError(
                f"GRADER_{name} is {value!r}; write a whole number from {low} to {high}, e.g. {default}"
            )
        return int(value)

    def percent(self, name: str, default: str) -> float:
        value = self._get(name) or default
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", value) or float(value) > 100:
            raise SettingsError(f"GRADER_{name} is {value!r}; write a number from 0 to 100, e.g. {default}")
        return float(value)

    def switch(self, name: str, default: bool) -> bool:
        value = self._get(name).lower()
        if not value:
            return default
        if value in {"on", "true", "yes", "1"}:
            return True
        if value in {"off", "false", "no", "0"}:
            return False
        raise SettingsError(f"GRADER_{name} is {value!r}; write on or off")

    def limit(self, name: str, default: str) -> str | None:
        value = self._get(name).lower() or default
        if value == "off":
            return None
        if not _LIMIT.fullmatch(value):
            raise SettingsError(f"GRADER_{name} is {value!r}; write e.g. '{default}', or off")
        return value

    def key(self) -> str:
        value = self._get("SECRET_KEY")
        if value and len(value) < SHORTEST_KEY:
            raise SettingsError(
                f"GRADER_SECRET_KEY has {len(value)} characters and needs {SHORTEST_KEY}; "
                "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return value

    def host(self) -> str:
        value = self._get("HOST") or "127.0.0.1"
        if "/" in value or any(character.isspace() for character in value):
            raise SettingsError(f"GRADER_HOST is {value!r}; write a name or an address alone, e.g. 127.0.0.1")
        return value

    def database(self) -> str:
        value = self._get("DATABASE_URL")
        if value.startswith(("postgres://", "postgresql://", "postgresql+")) and not value.startswith(
            "postgresql+psycopg://"
        ):
            raise SettingsError("GRADER_DATABASE_URL must begin with postgresql+psycopg:// for PostgreSQL")
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingsError(
                "GRADER_DATABASE_URL must begin with sqlite:/// (and then a file) or postgresql+psycopg://"
            )
        return self._with_password(value, "DATABASE", "postgresql+psycopg://grader@db.example.org/grader")

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self._get(name).lower() or default
        if value not in choices:
            raise SettingsError(f"GRADER_{name} is {value[:20]!r}; write one of {', '.join(choices)}")
        return value

    def broker(self) -> str | None:
        value = self._get("BROKER_URL")
        socket = re.match(r"redis\+socket://([^/]*@)?/", value)
        if value and not socket and not value.startswith(("redis://", "rediss://")):
            raise SettingsError(
                "GRADER_BROKER_URL must begin with redis://, rediss:// or redis+socket:/// (and then a path)"
            )
        return self._with_password(value, "BROKER", "redis://redis.example.org:6379/0") or None

    def _with_password(self, url: str, of: str, example: str) -> str:
        """``url`` with the password of ``GRADER_{of}_PASSWORD``, which is no part of what a URL may show."""
        password = self._get(f"{of}_PASSWORD")
        if not password:
            return url
        parts = urlsplit(url) if "://" in url else None
        if parts is None or not (parts.netloc or parts.scheme == "redis+socket"):
            raise SettingsError(
                f"GRADER_{of}_PASSWORD is set without a server in GRADER_{of}_URL; "
                f"set that to e.g. {example}, or unset this"
            )
        user, _at, host = parts.netloc.rpartition("@")
        if ":" in user:
            raise SettingsError(
                f"GRADER_{of}_URL holds a password and GRADER_{of}_PASSWORD is set; take one of them out"
            )
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))

    def token(self, name: str) -> str | None:
        value = self._get(name)
        if not all("!" <= character <= "~" for character in value):
            raise SettingsError(
                f"GRADER_{name} holds a space or a character outside ASCII; paste the token alone"
            )
        return value or None

    def timezone(self) -> str:
        """As set; else what the machine is set to (most call theirs ``Etc/UTC``); else UTC."""
        value = self._get("TIMEZONE")
        if value:
            if not _is_zone(value):
                raise SettingsError(
                    f"GRADER_TIMEZONE is {value[:64]!r}; write a name of the tz database, e.g. Europe/Zurich"
                )
            return value
        try:
            link = str(Path("/etc/localtime").resolve())
        except OSError:
            link = ""
        for machines in (self._environment.get("TZ", ""), link.partition("/zoneinfo/")[2]):
            if machines and _is_zone(machines):
                return "UTC" if machines == "Etc/UTC" else machines
        return "UTC"

    def mail(self) -> Mail | None:
        """How mail is sent, or None; half of it is a mistake."""
        host, sender, url = self._get("SMTP_HOST"), self._get("MAIL_FROM"), self._get("PUBLIC_URL")
        if not host:
            for name in ("SMTP_SECURITY", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "MAIL_FROM"):
                if self._get(name):
                    raise SettingsError(
                        f"GRADER_{name} is set without GRADER_SMTP_HOST; set that, too, or unset this"
                    )
            return None
        if not re.fullmatch(r"[A-Za-z0-9._:-]+", host):
            raise SettingsError("GRADER_SMTP_HOST must be a name or an address alone, e.g. mail.example.org")
        if not _ADDRESS.fullmatch(sender):
            raise SettingsError(
                "GRADER_MAIL_FROM must be the address mails come from, e.g. grader@example.org, "
                "because GRADER_SMTP_HOST is set"
            )
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            raise SettingsError(
                "GRADER_PUBLIC_URL must be the address of the pages, e.g. https://grader.example.org, "
                "because GRADER_SMTP_HOST is set"
            )
        security = cast(SmtpSecurity, self.choice("SMTP_SECURITY", get_args(SmtpSecurity), "starttls"))
        user, password = self._get("SMTP_USER") or None, self._get("SMTP_PASSWORD") or None
        if (user is None) != (password is None):
            raise SettingsError("GRADER_SMTP_USER and GRADER_SMTP_PASSWORD go together; set both or neither")
        port = self.number("SMTP_PORT", SMTP_PORTS[security], 1, 65535)
        return Mail(host, sender, url.rstrip("/"), security, port, user, password)


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _secret(name: str, path: Path) -> str:
    """What the file holds, without the line's end.

    :raises SettingsError: naming the variable and the file, never what the file holds.
    """
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            read = file.read(LONGEST_SECRET + 1)
    except OSError as error:
        raise SettingsError(
            f"{name}: cannot read {path} ({error.strerror}); name a file that this account "
            f"(uid {os.geteuid()}) may read and that holds the secret alone"
        ) from error
    try:
        value = read.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{name}: {path} is not text; it must hold the secret alone, on one line"
        ) from error
    if not value:
        raise SettingsError(f"{name}: {path} is empty; write the secret into it, or unset the variable")
    if len(read) > LONGEST_SECRET or not value.isprintable():
        raise SettingsError(
            f"{name}: {path} holds more than one line, or more than {LONGEST_SECRET} bytes; "
            "it must hold the secret alone, on one line"
        )
    return value
