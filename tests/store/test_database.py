"""Opening, migrating, and transactions."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from grader.errors import GraderError, SettingsError
from grader.store import audit, courses, migrations, people
from grader.store.database import Store
from grader.store.tables import AuditEvent, Base, Course, Enrolment

from .world import World


@pytest.fixture
def engine(url: str, store: Store) -> Engine:
    """A way into the store's database that does not lead through the store."""
    return create_engine(url)


def test_what_migrations_make_is_what_the_tables_say(engine: Engine) -> None:
    """The schema after all revisions has no difference from the metadata."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        migrated = {
            table: {c["name"] for c in inspect(connection).get_check_constraints(table)}
            for table in Base.metadata.tables
        }
    engine.dispose()
    assert migrated["users"] == {"ck_users_role"}
    assert migrated["enrolments"] == {"ck_enrolments_role"}
    assert migrated["submissions"] == {"ck_submissions_state"}


def test_a_downgrade_leaves_no_table_and_can_be_undone(engine: Engine) -> None:
    """Down to base and up again."""
    with engine.begin() as connection:
        migrations.downgrade(connection, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        migrations.upgrade(connection)
        assert set(Base.metadata.tables) <= set(inspect(connection).get_table_names())
        assert migrations.current(connection) == migrations.head()
    engine.dispose()


def test_accounts_survive_the_third_revision(url: str, store: Store, engine: Engine) -> None:
    """Up from the second with rows in it, and down again: SQLite rebuilds the table that others refer to."""
    with store.write() as session:
        ada = people.add_user(session, "ada", "Ada", password_hash="x")
        course = courses.add_course(session, "c", "Course")
        session.flush()
        people.enrol(session, ada.id, course.id)
        people.set_timezone(session, ada.id, "Europe/Paris")
    store.close()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        migrations.downgrade(connection, "0002")
        assert "password_links" not in inspect(connection).get_table_names()
        connection.execute(text("SELECT login, timezone FROM users")).one()
    engine.dispose()
    again = Store.open(url)
    with again.read() as session:
        user = people.find_user(session, "ada")
        assert user is not None
        assert (user.timezone, user.email, user.browser_timezone) == ("Europe/Paris", None, None)
        assert people.enrolment(session, user.id, course.id) is not None
    again.close()


def test_a_newer_schema_is_refused(url: str, store: Store, engine: Engine) -> None:
    """An old grader does not touch the database of a new one; it says what to do."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(GraderError, match=r"newer grader \(schema '9999'\): upgrade this one"):
        Store.open(url)


def test_an_older_schema_is_refused_where_nobody_may_migrate(url: str) -> None:
    """A worker does not migrate under the server's feet."""
    with pytest.raises(GraderError, match="older schema"):
        Store.open(url, migrate=False)


def test_many_processes_may_open_a_new_database_at_once(url: str) -> None:
    """One migrates, the others wait for it."""
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(Store.open, [url] * 4):
            store.close()


def test_a_damaged_file_gets_one_sentence(tmp_path: Path) -> None:
    """It says which file, and what to do; no traceback of a driver."""
    file = tmp_path / "grader.db"
    file.write_bytes(b"This was a database once. " * 100)
    with pytest.raises(GraderError, match=r"grader\.db is damaged: .* restore it from a backup\.$"):
        Store.open(f"sqlite:///{file}")


def test_damage_that_shows_later_gets_the_same_sentence(tmp_path: Path) -> None:
    """A file whose first page is sound and whose others are not opens, and fails in a read."""
    file = tmp_path / "grader.db"
    store = Store.open(f"sqlite:///{file}")
    with store.write() as session:
        courses.add_course(session, "autodiff", "AD")
    store.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(GraderError, match="damaged"):
        store = Store.open(f"sqlite:///{file}")
        try:
            with store.read() as session:
                session.scalars(select(Course)).all()
        finally:
            store.close()


def test_a_folder_that_cannot_be_made_gets_one_sentence(tmp_path: Path) -> None:
    """For example where a file is in the way."""
    (tmp_path / "file").touch()
    with pytest.raises(GraderError, match="cannot be made: "):
        Store.open(f"sqlite:///{tmp_path}/file/grader.db")


def test_a_folder_in_the_files_place_gets_one_sentence(tmp_path: Path) -> None:
    """SQLite cannot open it."""
    with pytest.raises(GraderError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_gets_one_sentence(tmp_path: Path) -> None:
    """At opening, and not at the first submission."""
    file = tmp_path / "grader.db"
    Store.open(f"sqlite:///{file}").close()
    file.chmod(0o400)
    with pytest.raises(GraderError, match="cannot be written"):
        Store.open(f"sqlite:///{file}")
    file.chmod(0o600)
    tmp_path.chmod(0o500)
    with pytest.raises(GraderError, match="cannot be written"):
        Store.open(f"sqlite:///{file}")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "postgresql://h/d", "what"]
)
def test_an_unusable_url_is_a_setting_to_mend(url: str) -> None:
    """The sentence says how to write it."""
    with pytest.raises(SettingsError, match="write "):
        Store.open(url)


def test_sqlite_is_set_up_for_many_threads(tmp_path: Path) -> None:
    """Write-ahead log, foreign keys, and the folder above is made."""
    store = Store.open(f"sqlite:///{tmp_path}/deep/er/grader.db")
    with store.write() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA synchronous")) == 1
    store.close()
    assert store.path == tmp_path / "deep" / "er" / "grader.db"


def test_eight_threads_lose_no_write(store: Store) -> None:
    """400 read-then-write transactions at once: none is refused, none is lost."""

    def write(worker: int) -> None:
        for n in range(50):
            with store.write() as session:
                audit.recent(session, 1)
                audit.record(session, "tester", "count", f"{worker}-{n}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    with store.read() as session:
        assert len(set(session.scalars(select(AuditEvent.subject)))) == 400


def test_two_stores_on_one_database_lose_no_write(url: str, store: Store) -> None:
    """As two processes would be: they share no lock but the database's."""
    other = Store.open(url)

    def write(mine: Store, name: str) -> None:
        for n in range(50):
            with mine.write() as session:
                audit.recent(session, 1)
                audit.record(session, name, "count", str(n))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, (store, other), ("this", "other")))
    other.close()
    with store.read() as session:
        assert len(audit.recent(session, 1000)) == 100


def test_a_block_that_raises_changes_nothing(store: Store) -> None:
    """And the next writer is not kept waiting."""
    with pytest.raises(RuntimeError), store.write() as session:
        courses.add_course(session, "autodiff", "AD")
        raise RuntimeError
    with store.write() as session:
        assert courses.courses(session) == []


def test_a_reader_cannot_write(store: Store) -> None:
    """A page that only shows cannot change anything by mistake."""
    with pytest.raises(GraderError, match="cannot be written"), store.read() as session:
        courses.add_course(session, "autodiff", "AD")


def test_a_reader_sees_one_state(store: Store) -> None:
    """What is written meanwhile is seen by the next reader only, and keeps nobody waiting."""
    with store.read() as reading:
        assert courses.courses(reading) == []
        with store.write() as writing:
            courses.add_course(writing, "autodiff", "AD")
        assert courses.courses(reading) == []
    with store.read() as reading:
        assert len(courses.courses(reading)) == 1


def test_rows_outlive_their_transaction(world: World) -> None:
    """A template may read a row when the session is closed."""
    with world.store.read() as session:
        course = courses.find_course(session, "autodiff")
    assert course is not None
    assert course.title("zh") == "自动微分"


def test_a_row_cannot_refer_to_nothing(world: World) -> None:
    """Foreign keys hold, on SQLite too."""
    with pytest.raises(IntegrityError), world.store.write() as session:
        session.add(Enrolment(user_id=999, course_id=world.course.id, role="student"))


def test_times_come_back_aware_and_in_utc(world: World) -> None:
    """Whatever zone they were given in."""
    beijing = timezone(timedelta(hours=8))
    with world.store.write() as session:
        courses.assign(session, world.course.id, "late", due=datetime(2026, 3, 1, 7, 30, tzinfo=beijing))
    with world.store.read() as session:
        row = courses.find_assignment(session, world.course.id, "late")
    assert row is not None and row.due is not None
    assert row.due == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert row.due.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(world: World) -> None:
    """It would be off by hours, silently."""
    with pytest.raises(StatementError, match="time zone"), world.store.write() as session:
        courses.assign(session, world.course.id, "late", due=datetime(2026, 3, 1))


def test_cant_read_the_database_as_another_user(tmp_path: Path) -> None:
    """Neither the file nor the log beside it."""
    store = Store.open(f"sqlite:///{tmp_path}/grader.db")
    with store.write() as session:
        courses.add_course(session, "autodiff", "AD")
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["grader.db", "grader.db-shm", "grader.db-wal"]
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}
    store.close()


def test_the_file_is_an_ordinary_sqlite_database(tmp_path: Path) -> None:
    """It can be looked at, and backed up, with the tools everybody has."""
    store = Store.open(f"sqlite:///{tmp_path}/grader.db")
    with store.write() as session:
        courses.add_course(session, "autodiff", "AD")
    store.close()
    plain = sqlite3.connect(tmp_path / "grader.db")
    assert plain.execute("SELECT slug FROM courses").fetchall() == [("autodiff",)]
    plain.close()
