"""The environment is read strictly, and a mistake in it is named together with its mend."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from grader import settings as settings_module
from grader.environment import LONGEST_SECRET, SECRETS
from grader.errors import SettingsError
from grader.model.mail import Mail
from grader.settings import NAMES, Settings, load


def test_defaults_need_no_environment() -> None:
    """An empty environment gives a server on this machine with SQLite in the data folder."""
    settings = load({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.database_url == f"sqlite:///{Path('var').absolute()}/grader.db"
    assert settings.slots >= 1
    assert settings.token is None
    assert settings.broker_url is None


def test_every_setting_is_read() -> None:
    """Each variable ends up in its field."""
    settings = load(
        {
            "GRADER_DATA": "/data",
            "GRADER_DATABASE_URL": "postgresql+psycopg://u:p@db/grader",
            "GRADER_SECRET_KEY": "k" * 32,
            "GRADER_HOST": "::",
            "GRADER_PORT": "80",
            "GRADER_SLOTS": "3",
            "GRADER_EXERCISES": "/e",
            "GRADER_SOLUTIONS": "/s",
            "GRADER_SECURE_COOKIES": "on",
            "GRADER_TRUSTED_PROXIES": "1",
            "GRADER_SIGN_IN_LIMIT": "off",
            "GRADER_SUBMIT_LIMIT": "5 per hour",
            "GRADER_READ_LIMIT": "9 per second",
            "GRADER_LOG_LEVEL": "WARNING",
            "GRADER_BROKER_URL": "redis://broker",
            "GRADER_TOKEN": "abc",
            "GRADER_CLIENT_TIMEOUT": "20",
            "GRADER_SERVER": "https://grader.example",
            "GRADER_METRICS_TOKEN": "def",
            "GRADER_TIMEZONE": "Asia/Shanghai",
            "GRADER_PASSWORD_LINK": "48",
            "GRADER_SMTP_HOST": "mail.example.org",
            "GRADER_SMTP_SECURITY": "SSL",
            "GRADER_SMTP_PORT": "4650",
            "GRADER_SMTP_USER": "u",
            "GRADER_SMTP_PASSWORD": "p p",
            "GRADER_MAIL_FROM": "grader@example.org",
            "GRADER_PUBLIC_URL": "https://grader.example.org/here/",
            "GRADER_VERDICT_CACHE": "0",
            "GRADER_SHADOW": "2.5",
            "GRADER_MIX_VERSIONS": "on",
            "PATH": "/bin",
            "GRADER_TEST_DATABASE": "for a test suite",
        }
    )
    assert settings == Settings(
        Path("/data"), "postgresql+psycopg://u:p@db/grader", "k" * 32, "::", 80, 3, Path("/e"), Path("/s"),
        True, 1, None, "5 per hour", "9 per second", "warning", "redis://broker", "abc", 20, "https://grader.example",
        "def", "Asia/Shanghai", 48,
        Mail("mail.example.org", "grader@example.org", "https://grader.example.org/here", "ssl", 4650, "u",
             "p p"),
        0, 2.5, True,
    )  # fmt: skip


def test_mail_is_off_or_whole() -> None:
    """Half of it would be found out by who waits for a mail."""
    assert load({}).mail is None
    assert load({"GRADER_PUBLIC_URL": "https://g.example"}).mail is None
    whole = {"GRADER_SMTP_HOST": "m", "GRADER_MAIL_FROM": "g@x", "GRADER_PUBLIC_URL": "https://g.example"}
    mail = load(whole).mail
    assert mail == Mail("m", "g@x", "https://g.example", "starttls", 587)
    for security, port in (("ssl", 465), ("off", 25)):
        mail = load({**whole, "GRADER_SMTP_SECURITY": security}).mail
        assert mail is not None and mail.port == port
    for wrong in (
        {"GRADER_MAIL_FROM": ""},
        {"GRADER_MAIL_FROM": "The grader"},
        {"GRADER_PUBLIC_URL": ""},
        {"GRADER_PUBLIC_URL": "grader.example.org"},
        {"GRADER_SMTP_SECURITY": "tls"},
        {"GRADER_SMTP_PORT": "0"},
        {"GRADER_SMTP_HOST": "a b"},
        {"GRADER_SMTP_USER": "u"},
    ):
        (name,) = wrong
        with pytest.raises(SettingsError, match=f"^{name}"):
            load({**whole, **wrong})


def test_the_zone_is_the_machines_unless_set() -> None:
    """A name of the tz database, whatever the machine says."""
    assert load({"TZ": "Asia/Tokyo"}).timezone == "Asia/Tokyo"
    assert load({"TZ": "Asia/Tokyo", "GRADER_TIMEZONE": "Europe/Paris"}).timezone == "Europe/Paris"
    assert load({"TZ": "CST6CDT,M3.2.0,M11.1.0"}).timezone != ""


def test_an_empty_variable_counts_as_absent() -> None:
    """Compose files write NAME= for "not set"."""
    assert load(dict.fromkeys(NAMES, "")) == load({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRADER_PORT", "eighty"),
        ("GRADER_PORT", "0"),
        ("GRADER_PORT", "65536"),
        ("GRADER_PORT", "８０"),
        ("GRADER_PORT", "-1"),
        ("GRADER_CLIENT_TIMEOUT", "0"),
        ("GRADER_SLOTS", "0"),
        ("GRADER_SLOTS", "1.5"),
        ("GRADER_SECURE_COOKIES", "maybe"),
        ("GRADER_TRUSTED_PROXIES", "*"),
        ("GRADER_SIGN_IN_LIMIT", "ten per minute"),
        ("GRADER_SUBMIT_LIMIT", "0 per minute"),
        ("GRADER_READ_LIMIT", "600"),
        ("GRADER_LOG_LEVEL", "loud"),
        ("GRADER_DATABASE_URL", "postgres://u:hunter2@db/grader"),
        ("GRADER_DATABASE_URL", "grader.db"),
        ("GRADER_SECRET_KEY", "hunter2"),
        ("GRADER_BROKER_URL", "amqp://u:hunter2@broker"),
        ("GRADER_BROKER_URL", "redis+socket://:hunter2@broker/0"),
        ("GRADER_TOKEN", "hunter2 hunter2"),
        ("GRADER_HOST", "http://localhost/"),
        ("GRADER_METRICS_TOKEN", "hunter2 hunter2"),
        ("GRADER_TIMEZONE", "Mars/Olympus"),
        ("GRADER_TIMEZONE", "../../etc/passwd"),
        ("GRADER_PASSWORD_LINK", "0"),
        ("GRADER_SMTP_PASSWORD", "hunter2"),
        ("GRADER_MAIL_FROM", "grader@example.org"),
        ("GRADER_DATA", "a\0b"),
        ("GRADER_VERDICT_CACHE", "many"),
        ("GRADER_SHADOW", "101"),
        ("GRADER_SHADOW", "-1"),
        ("GRADER_SHADOW", "1e2"),
        ("GRADER_MIX_VERSIONS", "maybe"),
    ],
)
def test_a_bad_value_is_named_and_no_secret_is_printed(name: str, value: str) -> None:
    """The error begins with the variable; passwords and tokens do not appear in it."""
    with pytest.raises(SettingsError, match=f"^{name}") as caught:
        load({name: value})
    assert "hunter2" not in str(caught.value)


def test_a_misspelt_variable_is_refused_with_the_nearest() -> None:
    """A typing mistake in a safety switch must not pass silently."""
    with pytest.raises(
        SettingsError, match="GRADER_SECURE_COOKIE is not a setting: did you mean GRADER_SECURE_COOKIES"
    ):
        load({"GRADER_SECURE_COOKIE": "on"})
    with pytest.raises(SettingsError, match="unset it"):
        load({"GRADER_ZZZZZZZZZZZZ": "1"})


FIELDS = {
    "DATABASE_URL": ("database_url", "postgresql+psycopg://u:hunter2@db/g"),
    "BROKER_URL": ("broker_url", "rediss://:hunter2@b:6379/0"),
    "SECRET_KEY": ("secret_key", "hunter2" * 8),
    "TOKEN": ("token", "hunter2"),
    "METRICS_TOKEN": ("metrics_token", "hunter2"),
}
"""Secrets that are a setting of their own, and what one may be."""
MAIL = {"GRADER_SMTP_HOST": "m", "GRADER_MAIL_FROM": "g@x", "GRADER_PUBLIC_URL": "https://g"}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_secret_by_file_is_the_secret(name: str, tmp_path: Path) -> None:
    """Without the end of its line; and not together with the variable itself: one would win silently."""
    field, value = FIELDS[name]
    (tmp_path / "secret").write_text(f"{value}\n")
    by_file = {f"GRADER_{name}_FILE": str(tmp_path / "secret")}
    assert load(by_file) == load({f"GRADER_{name}": value})
    assert getattr(load(by_file), field) == value
    with pytest.raises(SettingsError, match=f"^GRADER_{name} and GRADER_{name}_FILE are both set") as caught:
        load({**by_file, f"GRADER_{name}": value})
    assert "hunter2" not in str(caught.value)


def test_the_password_for_mail_by_file(tmp_path: Path) -> None:
    """It is checked with the rest of what mail needs."""
    (tmp_path / "secret").write_text("hunter2 hunter2\n")
    by_file = {"GRADER_SMTP_PASSWORD_FILE": str(tmp_path / "secret")}
    mail = load({**MAIL, **by_file, "GRADER_SMTP_USER": "u"}).mail
    assert mail is not None and mail.password == "hunter2 hunter2"
    with pytest.raises(SettingsError, match=r"^GRADER_SMTP_USER and GRADER_SMTP_PASSWORD go together"):
        load({**MAIL, **by_file})
    with pytest.raises(SettingsError, match=r"^GRADER_SMTP_PASSWORD is set without GRADER_SMTP_HOST"):
        load(by_file)


@pytest.mark.parametrize(
    ("of", "url", "whole"),
    [
        ("DATABASE", "postgresql+psycopg://grader@db:5433/g?x=1", "postgresql+psycopg://grader:a%2F%40b%20c@db:5433/g?x=1"),
        ("BROKER", "redis://redis:6379/0", "redis://:a%2F%40b%20c@redis:6379/0"),
        ("BROKER", "rediss://user@redis", "rediss://user:a%2F%40b%20c@redis"),
        ("BROKER", "redis+socket:///run/r.sock", "redis+socket://:a%2F%40b%20c@/run/r.sock"),
    ],
)  # fmt: skip
def test_a_password_beside_its_url(of: str, url: str, whole: str, tmp_path: Path) -> None:
    """The file holds the password alone, which its server reads, too; no character of it is special."""
    (tmp_path / "secret").write_text("a/@b c")
    by_file = {f"GRADER_{of}_URL": url, f"GRADER_{of}_PASSWORD_FILE": str(tmp_path / "secret")}
    settings = load(by_file)
    assert whole in (settings.database_url, settings.broker_url)
    assert settings == load({f"GRADER_{of}_URL": url, f"GRADER_{of}_PASSWORD": "a/@b c"})


@pytest.mark.parametrize(
    ("of", "url"),
    [
        ("DATABASE", ""),
        ("DATABASE", "sqlite:////data/grader.db"),
        ("DATABASE", "postgresql+psycopg://u:hunter2@db/g"),
        ("BROKER", ""),
        ("BROKER", "redis://:hunter2@b"),
    ],
)
def test_a_password_that_belongs_nowhere_is_refused(of: str, url: str) -> None:
    """No URL, none of a server, or one with a password already."""
    with pytest.raises(SettingsError, match=f"^GRADER_{of}_") as caught:
        load({f"GRADER_{of}_URL": url, f"GRADER_{of}_PASSWORD": "hunter2"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (None, "cannot read"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"hunter2\nhunter2", "more than one line"),
        (b"hunter2\0", "more than one line"),
        (b"hunter2" * LONGEST_SECRET, "more than"),
        (b"hunter2\xff", "is not text"),
    ],
)
def test_a_file_that_holds_no_secret_is_named(held: bytes | None, said: str, tmp_path: Path) -> None:
    """With its path, and never with what is in it; a folder is no file, either."""
    path = tmp_path / "secret"
    if held is not None:
        path.write_bytes(held)
    for name in sorted(SECRETS):
        with pytest.raises(SettingsError, match=f"^GRADER_{name}_FILE: .*{said}") as caught:
            load({f"GRADER_{name}_FILE": str(path)})
        assert str(path) in str(caught.value) and "hunter2" not in str(caught.value)
    with pytest.raises(SettingsError, match=r"^GRADER_TOKEN_FILE: cannot read"):
        load({"GRADER_TOKEN_FILE": str(tmp_path)})


def test_what_is_no_secret_has_no_file() -> None:
    """A file is only where something is to be hidden."""
    with pytest.raises(SettingsError, match=r"^GRADER_PORT_FILE is not a setting"):
        load({"GRADER_PORT_FILE": "/port"})


def test_every_setting_is_documented() -> None:
    """In the table at the top of the module; a secret with a mark that it may stand in a file."""
    table = settings_module.__doc__ or ""
    rows = dict(re.findall(r"^GRADER_(\w+)\s+(.*)$", table, re.MULTILINE))
    assert {f"GRADER_{name}" for name in rows} == {name for name in NAMES if not name.endswith("_FILE")}
    assert {name for name, row in rows.items() if "(file)" in row} == SECRETS


def test_repr_holds_no_secret() -> None:
    """Settings may be logged."""
    settings = load(
        {
            "GRADER_SECRET_KEY": "hunter2" * 8,
            "GRADER_TOKEN": "hunter2",
            "GRADER_DATABASE_URL": "postgresql+psycopg://u:hunter2@db/g",
            "GRADER_BROKER_URL": "redis://:hunter2@b",
            "GRADER_METRICS_TOKEN": "hunter2",
            "GRADER_SMTP_HOST": "m",
            "GRADER_MAIL_FROM": "g@x",
            "GRADER_PUBLIC_URL": "https://g",
            "GRADER_SMTP_USER": "u",
            "GRADER_SMTP_PASSWORD": "hunter2",
        }
    )
    assert "hunter2" not in repr(settings)


def test_the_signing_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """Two starts use one key, nobody else may read it, and no draft stays behind."""
    first = Settings(data=tmp_path / "new").signing_key()
    assert first == Settings(data=tmp_path / "new").signing_key()
    (path,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) >= 32


def test_the_key_in_the_environment_wins(tmp_path: Path) -> None:
    """No file is made when the key is given."""
    assert Settings(data=tmp_path, secret_key="k" * 40).signing_key() == "k" * 40
    assert not list(tmp_path.iterdir())


def test_a_damaged_key_file_is_named(tmp_path: Path) -> None:
    """An empty key would sign cookies that anybody can forge."""
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(SettingsError, match=r"secret\.key"):
        Settings(data=tmp_path).signing_key()
    (tmp_path / "secret.key").write_bytes(b"\xff" * 40)
    with pytest.raises(SettingsError, match=r"secret\.key"):
        Settings(data=tmp_path).signing_key()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The error names GRADER_DATA."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"^GRADER_DATA"):
        Settings(data=tmp_path / "file" / "sub").signing_key()


def test_workers_share_a_database_server_and_a_broker(tmp_path: Path) -> None:
    """Both are needed; the sentence names the one to set."""
    broker = {"GRADER_BROKER_URL": "redis+socket:///run/redis.sock"}
    server = {"GRADER_DATABASE_URL": "postgresql+psycopg://db/grader"}
    with pytest.raises(SettingsError, match="GRADER_BROKER_URL is not set"):
        load(server).needs_broker()
    with pytest.raises(SettingsError, match="SQLite file, which one process serves"):
        load(broker).needs_broker()
    settings = load({**broker, **server, "GRADER_DATA": str(tmp_path)})
    settings.needs_broker()
    assert settings.known_key() is None and not list(tmp_path.iterdir())
    assert settings.signing_key() == settings.known_key()
