"""Opening, migrating, and transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, NullPool, create_engine, event, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from grader.errors import GraderError, SettingsError, StoreFailed, UsageError
from grader.model.lane import Lane
from grader.store import (
    audit,
    claims,
    courses,
    enrolments,
    guests,
    migrations,
    regrades,
    requeue,
    transfer,
    users,
)
from grader.store.database import Store
from grader.store.tables import Assignment, AuditEvent, Base, Course, Enrolment, Judging, Source, Submission

from .world import World


@pytest.fixture
def engine(url: str, store: Store) -> Engine:
    """A way into the store's database that does not lead through the store."""
    return create_engine(url, poolclass=NullPool)


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


def connections(url: str) -> int:
    """How many of this process lead to the database."""
    if url.startswith("postgresql"):
        return transfer.in_use(url)
    name = url.removeprefix("sqlite:///")
    return sum(str(each.resolve()) == name for each in Path("/proc/self/fd").iterdir())


def test_a_connection_that_is_in_use_when_its_store_closes_is_closed_afterwards(url: str) -> None:
    """By the thread that uses it, which may be the last to know of the end; and so are later ones."""
    store = Store.open(url)
    with store.read() as session:
        session.execute(text("SELECT 1"))
        store.close()
        assert connections(url) == 1
    assert connections(url) == 0
    with store.write() as session:
        session.execute(text("SELECT 1"))
        assert connections(url) == 1
    assert connections(url) == 0


def test_accounts_survive_the_third_revision(url: str, store: Store, engine: Engine) -> None:
    """Up from the second with rows in it, and down again: SQLite rebuilds the table that others refer to."""
    with store.write() as session:
        ada = users.add_user(session, "ada", "Ada", password_hash="x")
        course = courses.add_course(session, "c", "Course")
        session.flush()
        enrolments.enrol(session, ada.id, course.id)
        users.set_timezone(session, ada.id, "Europe/Paris")
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
        user = users.find_user(session, "ada")
        assert user is not None
        assert (user.timezone, user.email, user.browser_timezone) == ("Europe/Paris", None, None)
        assert enrolments.enrolment(session, user.id, course.id) is not None
    again.close()


def test_courses_survive_the_seventh_revision(url: str, store: Store, engine: Engine) -> None:
    """Down, and up again with rows in it: no course is open to guests by that."""
    with store.write() as session:
        course = courses.add_course(session, "c", "Course")
        courses.assign(session, course.id, "detach")
        assert course.guests is False and guests.open_courses(session) == []
        courses.open_to_guests(session, course.id, guests=True)
        assert guests.course(session, "c") is not None
    store.close()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        migrations.downgrade(connection, "0006")
        assert "guests" not in {each["name"] for each in inspect(connection).get_columns("courses")}
    engine.dispose()
    again = Store.open(url)
    with again.read() as session:
        assert guests.course(session, "c") is None
        assert [row.exercise for row in courses.assignments(session, course.id)] == ["detach"]
    again.close()


def test_what_is_handed_in_survives_the_revision_of_variants(url: str, world: World, engine: Engine) -> None:
    """Up with rows in it: they are about the authored numbers; and down again."""
    world.grade(world.ada, 7.5)
    world.store.close()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        migrations.downgrade(connection, "0007")
        assert "variant" not in {each["name"] for each in inspect(connection).get_columns("submissions")}
        connection.execute(text("SELECT predictions FROM submissions")).one()
    engine.dispose()
    again = Store.open(url)
    with again.read() as session:
        (row,) = session.scalars(select(Submission))
        assert (row.variant, row.score) == (0, 7.5)
        assert not any(session.scalars(select(Assignment.variants)))
    again.close()


def test_the_queue_survives_the_revision_of_lanes(url: str, world: World, engine: Engine) -> None:
    """Down and up with rows in it: what is judged anew is behind what was handed in."""
    judged, waits = world.grade(world.ada, 7.5), world.hand_in(world.bob)
    with world.store.write() as session:
        regrades.propose_rerun(session, world.first, [judged], reason="again", by=None)
    world.store.close()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        migrations.downgrade(connection, "0009")
        columns = {each["name"] for each in inspect(connection).get_columns("submissions")}
        assert "regrading" in columns and not {"lane", "queued_at"} & columns
        found = connection.execute(text("SELECT id, regrading FROM submissions")).all()
        assert {name: bool(anew) for name, anew in found} == {judged: True, waits: False}
    engine.dispose()
    again = Store.open(url)
    with again.read() as session:
        rows = {row.id: row for row in session.scalars(select(Submission))}
        assert {name: row.lane for name, row in rows.items()} == {
            judged: Lane.REGRADE,
            waits: Lane.INTERACTIVE,
        }
        assert all(row.queued_at == row.created_at for row in rows.values())
        assert session.scalars(select(Judging.claimed_at)).all() == [None]
    with again.write() as session:
        first, second = (claims.claim(session, owner, 60) for owner in "ab")
        assert first is not None and second is not None and (first.id, second.id) == (waits, judged)
    again.close()


def test_what_runs_for_long_is_in_the_first_lane_for_an_older_grader(
    url: str, world: World, engine: Engine
) -> None:
    """It could not read the number of a lane that it does not know."""
    waits, other = world.hand_in(world.bob), world.hand_in(world.ada)
    with world.store.write() as session:
        assert requeue.preempt(session, waits, None)
        session.execute(update(Submission).where(Submission.id == other).values(lane=Lane.REGRADE))
    world.store.close()
    with engine.begin() as connection:
        found = text("SELECT id, lane FROM submissions")
        assert dict(connection.execute(found).all()) == {waits: 3, other: 2}
        migrations.downgrade(connection, "0012")
        assert dict(connection.execute(found).all()) == {waits: 0, other: 2}


def test_an_error_quotes_nothing_of_what_somebody_handed_in(store: Store) -> None:
    """It is logged; SQLAlchemy would add the values of a statement that failed."""
    with store.write() as session:
        session.execute(insert(Source), [{"digest": "d", "data": b"somebody's code"}])
    with pytest.raises(IntegrityError) as caught, store.write() as session:
        session.execute(insert(Source), [{"digest": "d", "data": b"somebody's code"}])
    assert "somebody" not in str(caught.value)


def test_a_newer_schema_is_refused(url: str, store: Store, engine: Engine) -> None:
    """An old grader does not touch the database of a new one; it says what to do."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(GraderError, match=r"newer grader \(schema '9999'\): upgrade this one"):
        Store.open(url)


def test_an_older_schema_is_refused_where_nobody_may_migrate(empty_url: str) -> None:
    """A worker does not migrate under the server's feet."""
    with pytest.raises(GraderError, match="older schema"):
        Store.open(empty_url, migrate=False)


def test_many_processes_may_open_a_new_database_at_once(empty_url: str) -> None:
    """One migrates, the others wait for it."""
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(Store.open, [empty_url] * 4):
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


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file of its own."""
    store = Store.open(f"sqlite:///{tmp_path}/grader.db")
    yield store
    store.close()


@pytest.mark.parametrize("some_fail", [False, True])
def test_writes_of_many_threads_share_transactions_and_errors_do_not(
    file_store: Store, some_fail: bool
) -> None:
    """What one of them raises undoes its own part and nobody else's."""
    commits = []
    event.listen(file_store._writer, "commit", lambda _connection: commits.append(1))
    gate = threading.Event()

    def write(n: int) -> None:
        def work(session: Session) -> None:
            if n == 0:
                gate.wait(10)  # so that the others gather
            courses.add_course(session, f"course{n}", "C")
            session.flush()
            if some_fail and n % 5 == 4:
                raise ValueError(n)
            if some_fail and n % 5 == 3:
                courses.add_course(session, "course0", "twice")
                session.flush()

        file_store.together(work)

    with ThreadPoolExecutor(20) as threads:
        first = threads.submit(write, 0)
        others = {n: threads.submit(write, n) for n in range(1, 20)}
        while len(file_store._gathered) < 19:
            pass
        gate.set()
        first.result()
        for n, each in others.items():
            expected = {4: ValueError, 3: UsageError}.get(n % 5) if some_fail else None
            assert (each.exception() is None) == (expected is None), (n, each.exception())
            assert expected is None or isinstance(each.exception(), expected)
    assert len(commits) == 2
    with file_store.read() as session:
        stored = {course.slug for course in session.scalars(select(Course))}
    assert stored == {f"course{n}" for n in range(20) if not (some_fail and n % 5 in (3, 4))}


def test_what_is_added_while_another_takes_the_list_is_written(file_store: Store) -> None:
    """Between looking at the list and adding to it, another thread may begin the next transaction."""
    other: list[threading.Thread] = []

    class Slow(list[Any]):
        """Lets another thread have its go before it adds."""

        def append(self, write: Any) -> None:
            if not other:
                other.append(threading.Thread(target=add, args=("other",)))
                other[0].start()
                other[0].join(0.2)
            super().append(write)

    def add(slug: str) -> None:
        file_store.together(lambda session: courses.add_course(session, slug, "C"))

    file_store._gathered = Slow()
    add("mine")
    other[0].join()
    with file_store.read() as session:
        assert {course.slug for course in session.scalars(select(Course))} == {"mine", "other"}


@pytest.mark.parametrize("how", ["deleted", "replaced", "emptied"])
def test_a_file_that_goes_under_an_open_store_is_refused_loudly(
    tmp_path: Path, file_store: Store, how: str
) -> None:
    """Not served from what is left of it in memory, nor made anew."""
    file_store.check()
    file = tmp_path / "grader.db"
    if how == "emptied":
        os.truncate(file, 0)
    else:
        file.unlink()
    if how == "replaced":
        Store.open(f"sqlite:///{file}").close()
    for use in (file_store.read, file_store.write):
        with pytest.raises(StoreFailed, match=f"was {how} while it was open"), use():
            pass
    with pytest.raises(StoreFailed, match=how):
        file_store.check()
    assert file_store.trouble is not None
    assert file.exists() == (how != "deleted")


def test_an_empty_file_that_a_server_has_used_is_refused(tmp_path: Path) -> None:
    """It was more once: the lock file beside it says so. One that nobody has used is as good as none."""
    file = tmp_path / "grader.db"
    file.touch()
    Store.open(f"sqlite:///{file}").close()
    os.truncate(file, 0)
    (tmp_path / "grader.db.lock").touch()
    with pytest.raises(StoreFailed, match=r"is empty \(0 bytes\): restore it from a backup"):
        Store.open(f"sqlite:///{file}")


def test_a_check_finds_damage_that_no_query_has_met(tmp_path: Path, file_store: Store) -> None:
    """Also where what is read all day is still in memory; and it is not forgotten at the next check."""
    with file_store.write() as session:
        for n in range(200):
            courses.add_course(session, f"course{n}", "A title " * 20)
    with closing(sqlite3.connect(tmp_path / "grader.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file_store.check()
    file_store._examine_at = 0.0
    file_size = (tmp_path / "grader.db").stat().st_size
    with (tmp_path / "grader.db").open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xff" * (file_size - 8192))
    for _ in range(3):
        with pytest.raises(StoreFailed, match="damaged"):
            file_store.check()


def test_a_check_finds_that_another_process_holds_the_lock(tmp_path: Path, file_store: Store) -> None:
    """And that it does not any more."""
    other = sqlite3.connect(tmp_path / "grader.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailed, match="busy") as failed:
        file_store.check()
    assert failed.value.retry
    other.execute("ROLLBACK")
    other.close()
    file_store.check()
    assert file_store.trouble is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_loses_nothing_and_passes(tmp_path: Path) -> None:
    """One sentence for each who writes meanwhile; afterwards it goes on, with all that was committed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine does not let root mount")
    try:
        store = Store.open(f"sqlite:///{disk}/grader.db")
        filler = disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
            while True:
                out.write(b"x" * 4096)
        written = []
        with pytest.raises(StoreFailed, match="make room on its disk") as failed:
            for n in range(1000):
                store.together(lambda session, n=n: courses.add_course(session, f"c{n}", "x" * 190))
                written.append(f"c{n}")
        assert failed.value.retry
        with pytest.raises(StoreFailed):
            store.check()
        filler.unlink()
        store.check()
        store.together(lambda session: courses.add_course(session, "last", "C"))
        with store.read() as session:
            assert {course.slug for course in session.scalars(select(Course))} == {*written, "last"}
        store.close()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_who_reads_can_always_write(store: Store) -> None:
    """Also when as many read at once as a server answers: each holds a connection and wants another one."""
    together = threading.Barrier(40)

    def request(n: int) -> str:
        with store.read() as session:
            assert session.scalars(select(Course)).all() == []
            together.wait(60)
            made: Course = store.together(lambda writing: courses.add_course(writing, f"c{n}", "C"))
            return made.slug

    with ThreadPoolExecutor(40) as threads:
        made = list(threads.map(request, range(40)))
    with store.read() as session:
        assert {course.slug for course in session.scalars(select(Course))} == set(made)


def test_a_database_whose_connections_are_all_taken_is_busy(store: Store) -> None:
    """And says so in a sentence, after a while."""
    if store.path is not None:
        pytest.skip("one writes at a time there")
    pool = store._writer.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0.1

    def take(many: int) -> None:
        with store.write() as session:
            session.execute(text("SELECT 1"))
            if many:
                take(many - 1)

    with pytest.raises(StoreFailed, match="was busy"):
        take(100)
    with store.write() as session:
        courses.add_course(session, "free", "again")
