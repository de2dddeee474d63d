"""``grade db``: the schema brought up to date, and a course moved, as somebody types it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from grader.dispatch import server_lock
from grader.store import migrations, users
from grader.store.database import Store
from tests import databases
from tests.cli.calling import Grade, one_line


@pytest.fixture
def course(tmp_path: Path) -> str:
    """The URL of a file with an account in it."""
    url = f"sqlite:///{tmp_path}/course/grader.db"
    store = Store.open(url)
    with store.write() as session:
        users.add_user(session, "ada", "Ada")
    store.close()
    return url


def test_the_schema_is_brought_up_to_date(
    bare: Grade, database_kind: str, tmp_path: Path, data: Path
) -> None:
    """A new database, one that is as it should be, one from before; and that of the settings."""
    head = migrations.head()
    with databases.empty(database_kind, tmp_path) as url:
        assert bare("db", "upgrade", url, "--json").json == {"revision": head, "was": None}
        assert bare("db", "upgrade", url).out == f"the schema is at revision {head}, as before\n"
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            migrations.downgrade(connection, "0008")
        engine.dispose()
        assert bare("db", "upgrade", url).out == f"the schema is at revision {head} now, and was at 0008\n"
    (data / "grader.db").unlink(missing_ok=True)
    assert bare("db", "upgrade", "--json").json == {"revision": head, "was": None}
    assert (data / "grader.db").is_file()


def test_a_course_is_moved(bare: Grade, course: str, database_kind: str, tmp_path: Path) -> None:
    """With a line for each table that has rows; as JSON for all of them."""
    with databases.empty(database_kind, tmp_path) as target:
        moved = bare("db", "move", course, target)
        assert moved.code == 0 and "1 rows of 1 tables were copied and read again" in moved.out
        assert moved.out.startswith("users  ") and "Set GRADER_DATABASE_URL" in moved.out
        again = f"sqlite:///{tmp_path}/again.db"
        found = bare("db", "move", target, again, "--json").json
        assert found["rows"] == 1 and found["tables"]["users"]["rows"] == 1
        assert found["tables"]["users"]["sha256_sum"][:16] in moved.out
        assert found["tables"]["submissions"] == {"rows": 0, "sha256_sum": "0" * 64}
        refused = bare("db", "move", course, target)
        assert refused.code == 2 and one_line(refused.err) and "is not empty" in refused.err


def test_a_database_that_is_served_is_not_moved(
    bare: Grade, course: str, database_kind: str, tmp_path: Path
) -> None:
    """Neither from nor to it: a file's lock tells, or who is connected to a server's database."""
    file = Path(course.removeprefix("sqlite:///"))
    lock = server_lock.take(file.with_name("grader.db.lock"))
    try:
        refused = bare("db", "move", course, f"sqlite:///{tmp_path}/x.db")
    finally:
        os.close(lock)
    assert refused.code == 2 and one_line(refused.err) and "stop it first" in refused.err
    if database_kind == "postgresql":
        with databases.migrated(database_kind, tmp_path) as target:
            store = Store.open(target)
            with store.read() as session:
                session.execute(text("SELECT 1"))
                refused = bare("db", "move", course, target)
            store.close()
        assert (
            refused.code == 2 and one_line(refused.err) and "stop the server and its workers" in refused.err
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ("move", "sqlite:///none.db", "sqlite:///x.db"),
        ("move", "mysql://a/b", "sqlite:///x.db"),
        ("move", "x"),
    ],
)
def test_a_wrong_call_is_one_sentence(bare: Grade, arguments: tuple[str, ...]) -> None:
    """And makes no file."""
    ran = bare("db", *arguments)
    assert ran.code == 2 and one_line(ran.err), ran
    assert not Path("x.db").exists()
