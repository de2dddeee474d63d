"""Settings: the environment, read once and strictly. No other module looks at it.

======================== ============================ ==========================================
variable                 default                      what it is
======================== ============================ ==========================================
GRADER_DATA              ``var``                      folder for the database and the secret key
GRADER_DATABASE_URL      SQLite in GRADER_DATA        (file) ``sqlite:///…`` or ``postgresql+psycopg://…``
GRADER_DATABASE_PASSWORD none                         (file) where the URL of a server holds none
GRADER_SECRET_KEY        a file made in GRADER_DATA   (file) signs cookies; 32 characters or more
GRADER_HOST              ``127.0.0.1``                where the server listens
GRADER_PORT              ``8000``
GRADER_SLOTS             one more than the cores      graders: submissions at once (**)
GRADER_EXERCISES         ``exercises`` (*)            what students may see
GRADER_SOLUTIONS         ``solutions`` (*)            what only the grader may see
GRADER_SECURE_COOKIES    ``off``                      ``on``: cookies never travel without TLS
GRADER_TRUSTED_PROXIES   ``0``                        how many proxies in front of us are ours
GRADER_SIGN_IN_LIMIT     ``10 per minute``            for one name from one address; or ``off``
GRADER_SUBMIT_LIMIT      ``30 per minute``            for one account; or ``off``
GRADER_READ_LIMIT        ``600 per minute``           pages for one account; or ``off``
GRADER_CLIENT_TIMEOUT    ``10``                       seconds for a request's header, and for a silence
GRADER_LOG_LEVEL         ``info``                     on a terminal ``info`` shows warnings only
GRADER_BROKER_URL        none                         (file) ``redis://…``: ``grade worker`` grades
GRADER_BROKER_PASSWORD   none                         (file) where that URL holds none
GRADER_TOKEN             none                         (file) the bearer token of ``grade submit``
GRADER_SERVER            the one of ``grade login``   where ``grade submit`` hands in
GRADER_METRICS_TOKEN     none                         (file) bearer token that opens ``/metrics`` elsewhere
GRADER_TIMEZONE          ``TZ``, the machine's, UTC   zone of times where the reader's is not known
GRADER_PASSWORD_LINK     ``24``                       hours for which a link to a new password works
GRADER_PUBLIC_URL        none                         address of the pages, as links in mails begin
GRADER_SMTP_HOST         none: no mail is sent        the mail server
GRADER_SMTP_SECURITY     ``starttls``                 or ``ssl``, or ``off``
GRADER_SMTP_PORT         587, 465, 25                 by GRADER_SMTP_SECURITY
GRADER_SMTP_USER         none                         where the mail server wants a name …
GRADER_SMTP_PASSWORD     none                         (file) … and a password
GRADER_MAIL_FROM         none                         the address that mails come from
GRADER_VERDICT_CACHE     ``50000``                    verdicts kept for equal submissions; ``0``: none
GRADER_SHADOW            ``1``                        percent of verdicts judged again, to compare
GRADER_MIX_VERSIONS      ``off``                      ``on``: judge by whatever torch and numpy are here
======================== ============================ ==========================================

(*) here, or else in the checkout that the package runs from.
(**) A server has a thread more, mostly for what is judged anew.
(file): a secret, which may stand in a file instead. ``GRADER_TOKEN_FILE`` names the one of ``GRADER_TOKEN``,
and so on; it holds the secret alone, on one line. Setting both is refused.

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from grader.environment import SECRETS, SHORTEST_KEY, Reader
from grader.errors import SettingsError
from grader.model.mail import Mail

LogLevel = Literal["debug", "info", "warning", "error"]
KEY_FILE = "secret.key"
NAMES = frozenset(
    f"GRADER_{name}"
    for name in (
        "DATA", "DATABASE_URL", "SECRET_KEY", "HOST", "PORT", "SLOTS", "EXERCISES", "SOLUTIONS",
        "SECURE_COOKIES", "TRUSTED_PROXIES", "SIGN_IN_LIMIT", "SUBMIT_LIMIT", "READ_LIMIT", "LOG_LEVEL",
        "BROKER_URL", "TOKEN", "CLIENT_TIMEOUT", "SERVER", "METRICS_TOKEN", "TIMEZONE", "PASSWORD_LINK",
        "PUBLIC_URL", "SMTP_HOST", "SMTP_SECURITY", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "MAIL_FROM",
        "VERDICT_CACHE", "SHADOW", "MIX_VERSIONS", "DATABASE_PASSWORD", "BROKER_PASSWORD",
    )
) | {f"GRADER_{name}_FILE" for name in SECRETS}  # fmt: skip


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
    verdict_cache: int = 50_000
    shadow_percent: float = 1.0
    mix_versions: bool = False

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
    read = Reader(environment)
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
        verdict_cache=read.number("VERDICT_CACHE", 50_000, 0, 10_000_000),
        shadow_percent=read.percent("SHADOW", "1"),
        mix_versions=read.switch("MIX_VERSIONS", False),
    )


def user_folder() -> Path:
    """The folder of the person at the terminal, by the XDG base directory specification."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))  # noqa: TID251 - this is the one place that reads it
    return (named if named.is_absolute() else Path.home() / ".config") / "grader"


def _cores() -> int:
    """Cores this process may use; a container is often given fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
