"""A whole course moved to another database: everything, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, insert, select, text

from grader.errors import UsageError
from grader.store import claims, migrations, queue, table_rows, transfer, users
from grader.store.database import Store
from grader.store.tables import AuditEvent, Base, Submission, User, utcnow
from grader.store.transfer import transfer as move
from tests import databases

from .whole_course import fill
from .world import World, a_report, make_world

Other = Callable[[str], str]


@pytest.fixture
def whole(store: Store) -> World:
    """A course with rows in every table, on each kind of database."""
    world = make_world(store)
    fill(world)
    return world


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    """The URL of another database of a kind, without rows."""
    with ExitStack() as all_of_it:

        def make(kind: str) -> str:
            folder = tmp_path / "other"
            folder.mkdir(exist_ok=True)
            there = databases.empty if kind == "sqlite" else databases.migrated
            return all_of_it.enter_context(there(kind, folder))

        yield make


def rows_of(url: str) -> int:
    """How many rows there are in all tables."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        count = sum(
            connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in Base.metadata.tables
        )
    engine.dispose()
    return count


def test_every_table_has_rows(whole: World) -> None:
    """Or what follows would prove less than it says."""
    with whole.store.read() as session:
        found = table_rows.digests(session.connection())
    assert set(found) == set(Base.metadata.tables)
    assert [name for name, digest in found.items() if not digest.rows] == []


@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_course_comes_over_whole_and_back(whole: World, url: str, other: Other, kind: str) -> None:
    """To each kind of database; counts and digests are equal, numbers go on behind what is there."""
    with whole.store.read() as session:
        before = table_rows.digests(session.connection())
    target = other(kind)
    steps: list[tuple[int, int]] = []
    moved = move(url, target, lambda _table, done, all_: steps.append((done, all_)))
    assert {each.table: each for each in moved} == before
    assert steps[-1][0] == steps[-1][1] == 2 * sum(each.rows for each in moved)
    there = Store.open(target)
    with there.write() as session:
        assert table_rows.digests(session.connection()) == before
        new = users.add_user(session, "new", "New")
        session.flush()
        assert new.id > max(session.scalars(select(User.id).where(User.login != "new")))
        session.delete(new)
        row = session.scalars(select(Submission).where(Submission.source_digest.is_not(None))).first()
        assert row is not None and row.source
    with there.write() as session:  # a judging gets the next number, too
        claimed = claims.claim(session, "tester", 60)
        assert claimed is not None and queue.finish(session, claimed.id, "tester", a_report(3.0))
    there.close()


def test_a_target_with_rows_is_refused(whole: World, url: str, other: Other) -> None:
    """And stays as it is."""
    target = other("sqlite")
    there = Store.open(target)
    with there.write() as session:
        users.add_user(session, "somebody", "S")
    there.close()
    with pytest.raises(UsageError, match=r"is not empty \(table 'users' has rows\): name a new one"):
        move(url, target)
    assert rows_of(target) == 1


@pytest.mark.parametrize(
    ("revision", "said"),
    [("9999", r"newer grader \(schema '9999'\): upgrade"), ("0005", r"older schema \(0005\): 'grade db")],
)
def test_another_schema_is_refused(whole: World, url: str, other: Other, revision: str, said: str) -> None:
    """Nothing is made in the target's place."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    engine.dispose()
    target = other("sqlite")
    with pytest.raises(UsageError, match=said):
        move(url, target)
    assert not Path(target.removeprefix("sqlite:///")).exists()


def test_what_is_no_course_is_refused(url: str, empty_url: str, other: Other, tmp_path: Path) -> None:
    """A file that is not there, a database without tables, the same one twice."""
    with pytest.raises(UsageError, match=r"there is no database .*none\.db"):
        move(f"sqlite:///{tmp_path}/none.db", url)
    if empty_url.startswith("postgresql"):
        with pytest.raises(UsageError, match="holds no course"):
            move(empty_url, other("sqlite"))
    with pytest.raises(UsageError, match="name the same database"):
        move(url, url)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "UPDATE users SET name = printf('%.*c', 201, 'x') WHERE id = 2",
            "id 2 .*'users'.*201 char.*200 fit",
        ),
        ("UPDATE comments SET text = 'a' || char(0) || 'b'", "'comments'.*text has a NUL character"),
        ("UPDATE audit_events SET details = '{' WHERE id = 1", "'audit_events'.*details is no JSON"),
        ("UPDATE submissions SET created_at = 'yesterday'", "'submissions'.*created_at is no time"),
        ("UPDATE judgings SET score = 'ten'", "'judgings'.*score is no number"),
        ("UPDATE standings SET attempts = 3000000000", "'standings'.*attempts is 3000000000, .* too large"),
        ("DELETE FROM users WHERE login = 'ada'", "refers to a row of 'users' that is not there"),
        ("UPDATE drafts SET source = 7", "'drafts'.*source is no bytes"),
        ("UPDATE users SET login = CAST(x'ff41' AS TEXT) WHERE id = 1", "row.*'users'.*cannot be read"),
    ],
)
def test_a_broken_row_of_a_file_is_named_and_the_target_stays_empty(
    tmp_path: Path, other: Other, damage: str, said: str
) -> None:
    """SQLite keeps what a server would refuse. One sentence: which row, what is wrong with it."""
    with databases.migrated("sqlite", tmp_path / "broken") as url:
        world = make_world(Store.open(url))
        fill(world)
        world.store.close()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute("PRAGMA ignore_check_constraints = ON")
            file.execute(damage)
            file.commit()
        target = other("sqlite" if "users" in damage else "postgresql")
        with pytest.raises(UsageError, match=said) as refused:
            move(url, target)
        assert "\n" not in str(refused.value)
        assert rows_of(target) == 0


def test_a_row_that_the_target_refuses_is_named(tmp_path: Path, other: Other) -> None:
    """What only the target's constraints know of."""
    with databases.migrated("sqlite", tmp_path / "broken") as url:
        world = make_world(Store.open(url))
        fill(world)
        world.store.close()
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.execute("PRAGMA ignore_check_constraints = ON")
            file.execute("UPDATE submissions SET state = 'lost' WHERE user_id = 2")
            file.commit()
        target = other("sqlite")
        with pytest.raises(UsageError, match=r"row with id .* of the table 'submissions' is refused: CHECK"):
            move(url, target)
        assert rows_of(target) == 0


def test_what_comes_out_different_is_not_kept(
    whole: World, url: str, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that changes what it is given: here a trigger does."""
    target = other("sqlite")
    there = Store.open(target)
    with there.write() as session:
        session.execute(
            text(
                "CREATE TRIGGER changed AFTER INSERT ON users "
                "BEGIN UPDATE users SET name = upper(name) WHERE id = NEW.id; END"
            )
        )
    there.close()
    with pytest.raises(UsageError, match=r"table 'users' came out different .* nothing was kept"):
        move(url, target)
    assert rows_of(target) == 0


def test_others_at_a_database_server_are_counted(url: str, store: Store) -> None:
    """Of a file it is the lock that tells."""
    with store.read() as session:
        session.execute(text("SELECT 1"))
        assert (transfer.in_use(url) > 0) == (store.path is None)
    store.close()
    assert transfer.in_use(url) == 0


def _event(n: int) -> dict[str, object]:
    return {"at": utcnow(), "actor": "a", "action": "b", "subject": str(n), "details": {}}


def test_memory_does_not_grow_with_the_rows(store: Store) -> None:
    """They come in batches, on each kind of database."""
    with store.write() as session:
        many = range(2 * table_rows.BATCH + 1)
        session.execute(insert(AuditEvent), [_event(n) for n in many])
    with store.read() as session:
        sizes = [len(some) for some in table_rows.batches(session.connection(), AuditEvent.__table__)]
    assert sizes == [table_rows.BATCH, table_rows.BATCH, 1]


def test_the_schema_is_at_the_newest_revision_afterwards(whole: World, url: str, other: Other) -> None:
    """So that a server takes it as it is."""
    target = other("postgresql")
    move(url, target)
    engine = create_engine(target, poolclass=NullPool)
    with engine.connect() as connection:
        assert migrations.current(connection) == migrations.head()
    engine.dispose()
