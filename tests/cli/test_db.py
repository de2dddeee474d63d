"""``grade db upgrade``, before any process of a new version starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url

from grader.cli import databases as databases_command
from grader.store import migrations
from grader.store.database import Store
from tests import databases
from tests.cli.calling import Grade, one_line


@pytest.fixture
def server(tmp_path: Path) -> Iterator[URL]:
    """The URL of a new, empty database on PostgreSQL."""
    with databases.empty("postgresql", tmp_path) as url:
        yield make_url(url)


def test_an_older_schema_is_migrated_and_a_second_time_nothing_happens(
    bare: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade may be started again, however far it came."""
    url = f"sqlite:///{tmp_path}/grader.db"
    store = Store.open(url)
    store.close()
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.downgrade(connection, "0005")
    engine.dispose()
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    for _ in range(2):
        ran = bare("db", "upgrade")
        assert ran.code == 0 and f"revision {migrations.head()}" in ran.out and ran.err == ""


def test_a_server_that_starts_later_is_waited_for(
    bare: Grade, server: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a group of containers that start together; not for longer than told, and said in one sentence."""
    folder = server.query.get("host")
    if not isinstance(folder, str) or not folder.startswith("/"):
        pytest.skip("the server's socket must be in a folder, so that it can seem to come later")
    late = tmp_path / "sockets"
    late.mkdir()
    url = server.update_query_dict({"host": str(late)})
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    monkeypatch.setenv("GRADER_DATABASE_URL", url.render_as_string(hide_password=False))
    ran = bare("db", "upgrade")
    assert ran.code == 3 and one_line(ran.err) and "cannot be reached" in ran.err
    name = f".s.PGSQL.{server.query.get('port', server.port or 5432)}"

    def told(text: str, *, err: bool = False) -> None:
        """The server comes once it was said that it is waited for, however long that took."""
        click.echo(text, err=err)
        if err:
            (late / name).symlink_to(Path(folder) / name)

    monkeypatch.setattr(databases_command, "echo", told)
    ran = bare("db", "upgrade", "--wait", "60")
    assert ran.code == 0 and "waiting up to 60 s" in ran.err and migrations.head() in ran.out


def test_what_waiting_does_not_mend_is_not_waited_for(
    bare: Grade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged file, or a database of a newer version, is said at once."""
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    (tmp_path / "grader.db").write_bytes(b"no database " * 100)
    ran = bare("db", "upgrade", "--wait", "3600")
    assert ran.code == 3 and one_line(ran.err) and "is damaged" in ran.err
