"""Settings: the environment, read once and strictly. No other module looks at it.

======================== ============================ ==========================================
variable                 default                      what it is
======================== ============================ ==========================================
GRADER_DATA              ``var``                      folder for the database and the secret key
GRADER_DATABASE_URL      SQLite in GRADER_DATA        ``sqlite:///…`` or ``postgresql+psycopg://…``
GRADER_SECRET_KEY        a file made in GRADER_DATA   signs cookies; 32 characters or more
GRADER_HOST              ``127.0.0.1``                where the server listens
GRADER_PORT              ``8000``
GRADER_SLOTS             one more than the cores      submissions graded at the same time
GRADER_EXERCISES         ``exercises`` (*)            what students may see
GRADER_SOLUTIONS         ``solutions`` (*)            what only the grader may see
GRADER_SECURE_COOKIES    ``off``                      ``on``: cookies never travel without TLS
GRADER_TRUSTED_PROXIES   ``0``                        how many proxies in front of us are ours
GRADER_SIGN_IN_LIMIT     ``10 per minute``            for one name from one address; or ``off``
GRADER_SUBMIT_LIMIT      ``30 per minute``            for one account; or ``off``
GRADER_READ_LIMIT        ``600 per minute``           pages for one account; or ``off``
GRADER_CLIENT_TIMEOUT    ``10``                       seconds for a request's header, and for a silence
GRADER_LOG_LEVEL         ``info``                     on a terminal ``info`` shows warnings only
GRADER_BROKER_URL        none                         ``redis://…``: ``grade worker`` grades, not the server
GRADER_TOKEN             none                         the bearer token of ``grade submit``
GRADER_SERVER            the one of ``grade login``   where ``grade submit`` hands in
GRADER_METRICS_TOKEN     none                         a bearer token that opens ``/metrics`` from elsewhere
GRADER_TIMEZONE          ``TZ``, the machine's, UTC   zone of times where the reader's is not known
GRADER_PASSWORD_LINK     ``24``                       hours for which a link to a new password works
GRADER_PUBLIC_URL        none                         address of the pages, as links in mails begin
GRADER_SMTP_HOST         none: no mail is sent        the mail server
GRADER_SMTP_SECURITY     ``starttls``                 or ``ssl``, or ``off``
GRADER_SMTP_PORT         587, 465, 25                 by GRADER_SMTP_SECURITY
GRADER_SMTP_USER         none                         where the mail server wants a name …
GRADER_SMTP_PASSWORD     none                         … and a password
GRADER_MAIL_FROM         none                         the address that mails come from
======================== ============================ ==========================================

(*) here, or else in the checkout that the package runs from.

An empty variable counts as absent, because compose files write ``NAME=`` for "not set".
A ``GRADER_…`` variable that is none of these is refused: a typing mistake in
``GRADER_SECURE_COOKIES`` must not pass silently. ``GRADER_TEST_…`` belongs to test suites.
With GRADER_SMTP_HOST, GRADER_MAIL_FROM and GRADER_PUBLIC_URL are needed, too: a link that is mailed must not
begin with whatever address a request claims to be for.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from grader.errors import SettingsError

LogLevel = Literal["debug", "info", "warning", "error"]
SmtpSecurity = Literal["starttls", "ssl", "off"]
SMTP_PORTS: dict[SmtpSecurity, int] = {"starttls": 587, "ssl": 465, "off": 25}
KEY_FILE = "secret.key"
SHORTEST_KEY = 32
NAMES = frozenset(
    f"GRADER_{name}"
    for name in (
        "DATA", "DATABASE_URL", "SECRET_KEY", "HOST", "PORT", "SLOTS", "EXERCISES", "SOLUTIONS",
        "SECURE_COOKIES", "TRUSTED_PROXIES", "SIGN_IN_LIMIT", "SUBMIT_LIMIT", "READ_LIMIT", "LOG_LEVEL",
        "BROKER_URL", "TOKEN", "CLIENT_TIMEOUT", "SERVER", "METRICS_TOKEN", "TIMEZONE", "PASSWORD_LINK",
        "PUBLIC_URL", "SMTP_HOST", "SMTP_SECURITY", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "MAIL_FROM",
    )
)  # fmt: skip
_LIMIT = re.compile(r"[1-9][0-9]{0,5} per (second|minute|hour|day)")
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")


@dataclass(frozen=True)
class Mail:
    """How mail is sent, and the address that links in it begin with."""

    host: str
    sender: str
    public_url: str
    security: SmtpSecurity = "starttls"
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between two installations. Secrets stay out of ``repr``."""

    data: Path = Path("var")
    database_url: str = field(default="", repr=False)
    """Filled in from ``data`` when empty."""
    secret_key: str = field(default="", repr=False)
    """Empty: :meth:`signing_key` keeps one in a file."""
    host: str = "127.0.0.1"
    port: int = 8000
    slots: int = 1
    exercises: Path = Path("exercises")
    solutions: Path = Path("solutions")
    secure_cookies: bool = False
    trusted_proxies: int = 0
    sign_in_limit: str | None = "10 per minute"
    submit_limit: str | None = "30 per minute"
    read_limit: str | None = "600 per minute"
    log_level: LogLevel = "info"
    broker_url: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    client_timeout: int = 10
    server: str | None = None
    metrics_token: str | None = field(default=None, repr=False)
    timezone: str = "UTC"
    password_link_hours: int = 24
    mail: Mail | None = None
    """None: no mail is sent."""

    def __post_init__(self) -> None:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data.absolute() / 'grader.db'}")

    def prepare(self) -> None:
        """Make the data folder, readable by its owner only.

        :raises SettingsError: when it cannot be made.
        """
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"GRADER_DATA: cannot make the folder {self.data} ({error.strerror}); name another"
            ) from error

    def signing_key(self) -> str:
        """The key that signs cookies: the one in the environment, else one kept in the data folder.

        The file is made with mode 0600 and put in place by a link, which fails when the name is
        taken: two servers that start together agree on one key.

        :raises SettingsError: when the file can be neither read nor made, or holds no key.
        """
        if self.secret_key:
            return self.secret_key
        self.prepare()
        path = self.data / KEY_FILE
        try:
            if not path.exists():
                self._make_key(path)
            key = path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"GRADER_SECRET_KEY is not set and {path} cannot be used ({error}); "
                "set the variable, or make the folder of GRADER_DATA writable"
            ) from error
        if len(key) < SHORTEST_KEY:
            raise SettingsError(
                f"{path} holds no key of {SHORTEST_KEY} characters; delete it to have one made"
            )
        return key

    def known_key(self) -> str | None:
        """The key that signs cookies, where it is known here; none is made."""
        if self.secret_key or (self.data / KEY_FILE).exists():
            return self.signing_key()
        return None

    def needs_broker(self) -> None:
        """Whether workers can share what is to be graded.

        :raises SettingsError: there is no broker, or a database that only one process serves.
        """
        if self.broker_url is None:
            raise SettingsError(
                "GRADER_BROKER_URL is not set: name the Redis of the servers, e.g. redis://redis.example.org "
                "(without one, 'grade serve' grades by itself and needs no worker)"
            )
        if self.database_url.startswith("sqlite:"):
            raise SettingsError(
                "GRADER_BROKER_URL is set and the database is an SQLite file, which one process serves: "
                "set GRADER_DATABASE_URL to postgresql+psycopg://…, or unset GRADER_BROKER_URL"
            )

    @staticmethod
    def _make_key(path: Path) -> None:
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
            # Where another server was first, its key is the one that both use.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()


def terminal_languages(environment: Mapping[str, str] | None = None) -> list[str]:
    """The languages that a terminal asks for, best first: ``zh_cn`` of ``LANG=zh_CN.UTF-8``.

    As with GNU gettext, the list in ``LANGUAGE`` goes first, unless the locale is plainly ``C``.
    """
    if environment is None:
        environment = os.environ  # noqa: TID251 - this is the one place that reads it
    named = next((v for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(name))), "")
    wishes = [named] if named in ("C", "POSIX") else [*environment.get("LANGUAGE", "").split(":"), named]
    return [re.split(r"[.@]", wish)[0].lower() for wish in wishes if wish]


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    :param environment: read instead of the process's own environment.
    :raises SettingsError: naming the variable, what is wrong with it and how to mend it.
    """
    if environment is None:
        environment = os.environ  # noqa: TID251 - this is the one place that reads it
    for name in environment:
        if name.startswith("GRADER_") and name not in NAMES and not name.startswith("GRADER_TEST_"):
            near = difflib.get_close_matches(name, NAMES, 1)
            hint = f"did you mean {near[0]}?" if near else "unset it; grader/settings.py lists what there is"
            raise SettingsError(f"{name} is not a setting: {hint}")
    read = _Reader(environment)
    return Settings(
        data=read.path("DATA", "var"),
        database_url=read.database(),
        secret_key=read.key(),
        host=read.host(),
        port=read.number("PORT", 8000, 1, 65535),
        slots=read.number("SLOTS", _cores() + 1, 1, 1024),
        exercises=read.folder("EXERCISES", "exercises"),
        solutions=read.folder("SOLUTIONS", "solutions"),
        secure_cookies=read.switch("SECURE_COOKIES", False),
        trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
        sign_in_limit=read.limit("SIGN_IN_LIMIT", "10 per minute"),
        submit_limit=read.limit("SUBMIT_LIMIT", "30 per minute"),
        read_limit=read.limit("READ_LIMIT", "600 per minute"),
        log_level=cast(LogLevel, read.choice("LOG_LEVEL", get_args(LogLevel), "info")),
        broker_url=read.broker(),
        token=read.token("TOKEN"),
        client_timeout=read.number("CLIENT_TIMEOUT", 10, 1, 600),
        server=read.text("SERVER"),
        metrics_token=read.token("METRICS_TOKEN"),
        timezone=read.timezone(),
        password_link_hours=read.number("PASSWORD_LINK", 24, 1, 24 * 30),
        mail=read.mail(),
    )


def user_folder() -> Path:
    """The folder of the person at the terminal, by the XDG base directory specification."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))  # noqa: TID251 - this is the one place that reads it
    return (named if named.is_absolute() else Path.home() / ".config") / "grader"


def _cores() -> int:
    """Cores this process may use; a container is often given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Reader:
    """Parses one variable at a time. A value is shown in an error only where it is no secret."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def _get(self, name: str) -> str:
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
        if not value or value.startswith(("sqlite:///", "postgresql+psycopg://")):
            return value
        if value.startswith(("postgres://", "postgresql://", "postgresql+")):
            raise SettingsError("GRADER_DATABASE_URL must begin with postgresql+psycopg:// for PostgreSQL")
        raise SettingsError(
            "GRADER_DATABASE_URL must begin with sqlite:/// (and then a file) or postgresql+psycopg://"
        )

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
        return value or None

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
