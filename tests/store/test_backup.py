"""Backups are whole while others write; a restore refuses what it cannot use and keeps what was there."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.store import backup, courses, users
from grader.store.database import Store

NOW = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one course in it."""
    made = Store.open(f"sqlite:///{tmp_path}/grader.db")
    with made.write() as session:
        courses.add_course(session, "c", "Course")
    made.close()
    return tmp_path / "grader.db"


def logins(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT login FROM users ORDER BY id")]


def test_a_backup_is_one_state_while_others_write(database: Path, tmp_path: Path) -> None:
    """Accounts are made in pairs, each pair in one transaction: no backup has half of one."""
    store = Store.open(f"sqlite:///{database}")
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            with store.write() as session:
                for half in ("a", "b"):
                    users.add_user(session, f"u{written}{half}", "x" * 200)
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            while written < 5 * (number + 1):
                pass
            backup.back_up(database, tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
        store.close()
    for number in range(5):
        found = logins(tmp_path / f"{number}.db")
        assert len(found) >= 10 * (number + 1) and len(found) % 2 == 0
        assert (tmp_path / f"{number}.db").stat().st_mode & 0o077 == 0
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_backup_overwrites_nothing(database: Path, tmp_path: Path) -> None:
    """Neither a file nor a link, nor what is in a folder that is not there."""
    (tmp_path / "there.db").write_text("mine")
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    for name in ("there.db", "link.db", "no/folder.db"):
        with pytest.raises(UsageError):
            backup.back_up(database, tmp_path / name)
    assert (tmp_path / "there.db").read_text() == "mine"
    with pytest.raises(UsageError, match="no database"):
        backup.back_up(tmp_path / "none.db", tmp_path / "out.db")


def test_what_is_restored_is_what_was_backed_up(database: Path, tmp_path: Path) -> None:
    """And what was there since is beside it, with what its log held."""
    backup.back_up(database, tmp_path / "b.db")
    store = Store.open(f"sqlite:///{database}")
    with store.write() as session:
        users.add_user(session, "later", "Later")
    store.close()
    aside = backup.restore(tmp_path / "b.db", database, NOW)
    assert aside is not None and logins(aside) == ["later"] and "before-restore-20270301" in aside.name
    assert logins(database) == []
    again = Store.open(f"sqlite:///{database}")
    with again.read() as session:
        assert courses.find_course(session, "c") is not None
    again.close()
    assert backup.restore(tmp_path / "b.db", tmp_path / "new" / "grader.db", NOW) is None


def test_what_cannot_be_used_is_refused_and_changes_nothing(database: Path, tmp_path: Path) -> None:
    """No database, another one, a damaged one, one of a newer grader, the database itself."""
    (tmp_path / "text.db").write_text("no database")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE t (x)")
        other.commit()
    backup.back_up(database, tmp_path / "newer.db")
    with closing(sqlite3.connect(tmp_path / "newer.db")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    backup.back_up(database, tmp_path / "damaged.db")
    data = bytearray((tmp_path / "damaged.db").read_bytes())
    data[4096 * 3 : 4096 * 20] = b"\x55" * (4096 * 17)
    (tmp_path / "damaged.db").write_bytes(data)
    before = database.read_bytes()
    for name, said in (
        ("none.db", "cannot be read"), ("text.db", "no SQLite"), ("other.db", "not one of this grader"),
        ("newer.db", "newer grader"), ("damaged.db", "damaged"), ("grader.db", "itself"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=said):
            backup.restore(tmp_path / name, database, NOW)
    assert database.read_bytes() == before
    assert not list(tmp_path.glob("*before-restore*")) and not list(tmp_path.glob(".*"))


def test_a_damaged_database_can_be_replaced(database: Path, tmp_path: Path) -> None:
    """That is what backups are for; and it is kept, too."""
    backup.back_up(database, tmp_path / "b.db")
    database.write_bytes(b"SQLite format 3\0" + b"\x55" * 5000)
    with pytest.raises(UsageError, match=r"damaged|failed"):
        backup.back_up(database, tmp_path / "c.db")
    aside = backup.restore(tmp_path / "b.db", database, NOW)
    assert aside is not None and aside.stat().st_size == 5016
    assert logins(database) == []
