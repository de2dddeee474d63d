"""The environment is read strictly, and a mistake in it is named together with its mend."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.settings import NAMES, Mail, Settings, load


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
