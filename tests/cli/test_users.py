"""``grade user``, ``roster import``, ``backup`` and ``restore``, as somebody types them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from grader.dispatch import server_lock
from grader.store import courses, enrolments, users
from tests.cli.calling import Grade, one_line, opened

LIST = 'name;login;e-mail;group\n"Nord, Ada";ada;ada@example.org;A\nBo;bo;;"A,B"\n'


@pytest.fixture
def course(data: Path) -> Path:
    """Course ``c`` with a teacher and cy; zoe is of another course."""
    store = opened(data)
    with store.write() as session:
        made, other = (courses.add_course(session, slug, "Course") for slug in ("c", "d"))
        for login, where, role in (
            ("robin", made, "instructor"),
            ("cy", made, "student"),
            ("zoe", other, "student"),
        ):
            user = users.add_user(session, login, login.title())
            enrolments.enrol(session, user.id, where.id, role)  # type: ignore[arg-type]
    store.close()
    return data


def test_a_list_is_imported_as_a_whole_and_undone(bare: Grade, course: Path, tmp_path: Path) -> None:
    """First what would be done; with a problem nothing; a known account needs a look."""
    file = tmp_path / "people.csv"
    file.write_text(LIST, encoding="utf-16")
    tried = bare("roster", "import", str(file), "--course", "c", "--dry-run", "--json")
    assert tried.code == 0 and not tried.json["done"]
    assert tried.json["counts"] == {"new": 2, "changed": 0, "gone": 1, "same": 0}
    assert "ada" not in bare("user", "list").out
    done = bare("roster", "import", str(file), "--course", "c")
    assert done.code == 0 and "Imported: --undo takes it back." in done.out
    again = bare("roster", "import", str(file), "--course", "c")
    assert "2 same. Nothing was changed." in again.out
    undone = bare("roster", "import", "--course", "c", "--undo", "--json")
    assert undone.json == {"people": 3, "left": []}
    assert one_line(bare("roster", "import", "--course", "c", "--undo").err)
    assert {u["login"] for u in bare("user", "list", "--json").json["users"]} == {"robin", "cy", "zoe"}

    file.write_text(LIST + "Zoe;zoe;;\n")
    refused = bare("roster", "import", str(file), "--course", "c")
    assert refused.code == 2 and "line 4: 'zoe' (Zoe)" in refused.err and one_line(refused.err)
    file.write_text(LIST + "Mal;;;\n")
    wrong = bare("roster", "import", str(file), "--course", "c", "--json")
    assert wrong.code == 1 and not wrong.json["done"] and wrong.json["problems"][0]["line"] == 4
    assert {u["login"] for u in bare("user", "list", "--json").json["users"]} == {"robin", "cy", "zoe"}
    file.write_text(LIST + "Zoe;zoe;;\n")
    assert bare("roster", "import", str(file), "--course", "c", "--existing", "--keep-absent").code == 0
    shown = bare("user", "show", "zoe", "--json").json
    assert [(one["course"], one["active"]) for one in shown["courses"]] == [("c", True), ("d", True)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--course", "c"),
        ("F", "--course", "c", "--undo"),
        ("F", "--course", "nope"),
        ("none", "--course", "c"),
    ],
)
def test_a_wrong_import_is_one_sentence(
    bare: Grade, course: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """And changes nothing."""
    (tmp_path / "F").write_text(LIST)
    ran = bare("roster", "import", *(str(tmp_path / a) if a in ("F", "none") else a for a in arguments))
    assert ran.code == 2 and one_line(ran.err), ran


def test_an_account_is_looked_after(bare: Grade, course: Path) -> None:
    """Shown, shut out, let in, given a role; on the audit log."""
    assert bare("user", "disable", "cy", "--json").json == {"login": "cy", "disabled": True}
    assert [u["login"] for u in bare("user", "list", "--disabled", "--json").json["users"]] == ["cy"]
    assert "can sign in again" in bare("user", "enable", "cy").out
    assert bare("user", "role", "robin", "admin", "--json").json == {
        "login": "robin",
        "was": "student",
        "role": "admin",
    }
    shown = bare("user", "show", "robin")
    assert "admin" in shown.out and "user.role" in shown.out and "course   c (instructor)" in shown.out
    assert [u["login"] for u in bare("user", "list", "--course", "d", "--json").json["users"]] == ["zoe"]
    for wrong in (("show", "nobody"), ("role", "cy", "king"), ("export", "cy"), ("disable",)):
        ran = bare("user", *wrong)
        assert ran.code == 2 and one_line(ran.err)


def test_a_persons_data_goes_out_and_is_deleted(bare: Grade, course: Path, tmp_path: Path) -> None:
    """Not over another file; deleting is said first, and done with --yes."""
    out = tmp_path / "cy.zip"
    assert bare("user", "export", "cy", "--out", str(out)).code == 0
    assert out.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["person.json"]
    assert one_line(bare("user", "export", "cy", "--out", str(out)).err)
    asked = bare("user", "delete", "cy")
    assert "Nothing was deleted" in asked.out and bare("user", "show", "cy").code == 0
    done = bare("user", "delete", "cy", "--yes", "--json").json
    assert done["deleted"] and done["now"].startswith("deleted-")
    assert bare("user", "show", "cy").code == 2
    assert one_line(bare("user", "enable", done["now"]).err)
    assert "only one who teaches" in bare("user", "delete", "robin", "--yes").err


def test_a_backup_is_made_and_restored(
    bare: Grade, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while a server has the database; PostgreSQL has its own tools."""
    file = tmp_path / "b.db"
    assert bare("backup", str(file), "--json").json["bytes"] == file.stat().st_size
    assert one_line(bare("backup", str(file)).err)
    bare("user", "disable", "cy")
    lock = server_lock.take(course / "grader.db.lock")
    try:
        refused = bare("restore", str(file))
        assert refused.code == 2 and "stop it first" in refused.err
        assert bare("backup", str(tmp_path / "while.db")).code == 0
    finally:
        os.close(lock)
    kept = bare("restore", str(file), "--json").json["kept"]
    assert Path(kept).is_file() and not bare("user", "show", "cy", "--json").json["disabled"]
    monkeypatch.setenv("GRADER_DATABASE_URL", "postgresql+psycopg://grader@host/name")
    for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        ran = bare(command, str(tmp_path / "x.db"))
        assert ran.code == 2 and tool in ran.err and one_line(ran.err)


def test_scores_are_written_as_a_table(bare: Grade, course: Path, tmp_path: Path) -> None:
    """The call of old stays as it was."""
    out = tmp_path / "scores.csv"
    assert bare("export", "c", "--csv", str(out), "--json").json == {
        "out": str(out),
        "students": 1,
        "exercises": 0,
    }
    assert out.read_text(encoding="utf-8-sig").splitlines() == ["login,name,total", "cy,Cy,0"]
    assert bare("export", "c", "--csv", str(out), "--out", str(out)).code == 2
