"""``grade roster preview`` and ``grade export --fill``: what outside programs rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.store import courses, enrolments, overrides, recovery, users
from tests.cli.calling import Grade, one_line, opened

LIST = 'name,login,email,section\n"Nord, Ada",ada,ada@example.org,A\nBo Li,bo,,A;B\n'
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Detach (101),control-flow (102)\r\n"
    '"    Points Possible",,,,,10,4\r\n"Nord, Ada",11,ada,,S1,"",\r\n"Li, Bo",12,,bo,S1,, \r\n'
)  # fmt: skip


@pytest.fixture
def course(data: Path) -> Path:
    """A course of two exercises and three students, one with scores; and who teaches it."""
    store = opened(data)
    try:
        with store.write() as session:
            made = courses.add_course(session, "c", "Course")
            placed = [courses.assign(session, made.id, each) for each in ("detach", "control-flow")]
            for login, name, role in (
                ("ada", "Ada Nord", "student"), ("bo", "Bo", "student"), ("cy", "Cy", "student"),
                ("robin", "Robin", "instructor"),
            ):  # fmt: skip
                user = users.add_user(session, login, name)
                enrolments.enrol(session, user.id, made.id, "student" if role == "student" else "instructor")
                if login == "ada":
                    recovery.set_email(session, user.id, "ada@example.org")
                    for assignment, score in zip(placed, (2.5, 3.0), strict=True):
                        overrides.set_total(
                            session, assignment_id=assignment.id, user_id=user.id, score=score, reason="",
                            by=user.id,
                        )  # fmt: skip
    finally:
        store.close()
    return data


def test_a_list_is_shown_and_nothing_is_changed(bare: Grade, tmp_path: Path) -> None:
    """The contract's keys; a table for people; no course is asked for."""
    file = tmp_path / "people.csv"
    file.write_text(LIST, encoding="utf-16")
    ran = bare("roster", "preview", str(file), "--json")
    assert ran.code == 0 and ran.err == ""
    assert ran.json == {
        "format": "table",
        "people": [
            {"name": "Ada Nord", "login": "ada", "email": "ada@example.org", "sis_id": "", "sections": ["A"]},
            {"name": "Bo Li", "login": "bo", "email": "", "sis_id": "", "sections": ["A", "B"]},
        ],
        "problems": [],
    }
    shown = bare("roster", "preview", str(file))
    assert shown.code == 0 and "2 people" in shown.out and "UTF-16" in shown.out and "Ada Nord" in shown.out


def test_problems_are_listed_and_make_one(bare: Grade, tmp_path: Path) -> None:
    """Below the table, by line; what steers a terminal is inert."""
    file = tmp_path / "people.csv"
    file.write_text(LIST + "Eve\x1b]0;x\x07[bold],ada,,\nMal,,,\n", encoding="utf-8")
    shown = bare("roster", "preview", str(file))
    assert shown.code == 1 and "\x1b" not in shown.out and "2 problems:\nline 4: the login 'ada'" in shown.out
    ran = bare("roster", "preview", str(file), "--json")
    assert ran.code == 1 and [set(p) for p in ran.json["problems"]] == [{"line", "message"}] * 2


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b"PK\x03\x04xl/workbook", "Excel"), (b"<html>", "web page"), (None, "no file")],
)
def test_what_is_no_list_is_one_sentence(bare: Grade, tmp_path: Path, data: bytes | None, said: str) -> None:
    """And two."""
    file = tmp_path / "people.csv"
    if data is not None:
        file.write_bytes(data)
    for more in ((), ("--json",)):
        ran = bare("roster", "preview", str(file), *more)
        assert ran.code == 2 and ran.out == "" and one_line(ran.err) and said in ran.err


def test_a_list_is_compared_with_a_course(bare: Grade, course: Path, tmp_path: Path) -> None:
    """New, changed, the same, and who is gone; teachers are not; the course stays as it is."""
    file = tmp_path / "people.csv"
    file.write_text(LIST + "Dee,dee,,\n", encoding="utf-8")
    for _ in range(2):
        ran = bare("roster", "preview", str(file), "--course", "c", "--json")
        assert ran.code == 0
        assert [(p["login"], p["state"]) for p in ran.json["people"]] == [
            ("ada", "same"), ("bo", "changed"), ("dee", "new"), ("cy", "gone"),
        ]  # fmt: skip
    shown = bare("roster", "preview", str(file), "--course", "c")
    assert (
        "1 new, 1 changed, 1 gone, 1 same. Nothing was changed." in shown.out and "name was 'Bo'" in shown.out
    )
    assert bare("roster", "preview", str(file), "--course", "d").code == 2


def test_a_canvas_file_is_filled(bare: Grade, course: Path, tmp_path: Path) -> None:
    """The scores that count, in the matched cells, and how everything was matched."""
    file, out = tmp_path / "canvas.csv", tmp_path / "out.csv"
    file.write_bytes(CANVAS.encode("utf-8-sig"))
    ran = bare("export", "c", "--fill", str(file), "--out", str(out), "--json")
    assert ran.code == 0, ran
    assert out.read_bytes() == CANVAS.replace('S1,"",', 'S1,"2.5",3').encode("utf-8-sig")
    assert file.read_bytes() == CANVAS.encode("utf-8-sig")
    assert [(p["line"], p["login"], p["how"]) for p in ran.json["people"]] == [
        (3, "ada", "sis_id"), (4, "bo", "login"),
    ]  # fmt: skip
    assert [(c["column"], c["exercise"], c["how"]) for c in ran.json["columns"]] == [
        ("Detach (101)", "detach", "slug"), ("control-flow (102)", "control-flow", "slug"),
    ]  # fmt: skip
    assert ran.json["filled"] == 2 and ran.json["format"] == "canvas"
    assert ran.json["absent"] == {"people": ["cy"], "exercises": []}
    shown = bare("export", "c", "--fill", str(file), "--out", str(out))
    assert shown.code == 0 and "2 scores in" in shown.out and "by number" in shown.out
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["canvas.csv", "out.csv"]
    assert not list(tmp_path.glob(".out*"))


def test_what_is_not_matched_makes_one_and_the_rest_is_written(
    bare: Grade, course: Path, tmp_path: Path
) -> None:
    """A stranger's line and a strange column."""
    file, out = tmp_path / "canvas.csv", tmp_path / "out.csv"
    file.write_text(CANVAS.replace("control-flow", "Midterm") + '"Who, Eve",13,,eve,S1,,\r\n', newline="")
    ran = bare("export", "c", "--fill", str(file), "--out", str(out), "--json")
    assert ran.code == 1 and ran.json["filled"] == 1
    assert [p["line"] for p in ran.json["problems"]] == [1, 5]
    assert ran.json["absent"]["exercises"] == ["control-flow"]


def test_cant_write_over_the_file_that_is_filled(bare: Grade, course: Path, tmp_path: Path) -> None:
    """Neither by its name nor by another one, nor by a link."""
    file = tmp_path / "canvas.csv"
    file.write_text(CANVAS, newline="")
    (tmp_path / "link.csv").symlink_to(file)
    (tmp_path / "hard.csv").hardlink_to(file)
    before = file.read_bytes()
    for name in ("canvas.csv", "./canvas.csv", "link.csv", "hard.csv"):
        ran = bare("export", "c", "--fill", str(file), "--out", f"{tmp_path}/{name}")
        assert ran.code == 2 and one_line(ran.err) and "itself" in ran.err
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "c"), ("export", "c", "--fill", "F"), ("export", "d", "--fill", "F", "--out", "O"),
        ("export", "c", "--fill", "none", "--out", "O"), ("export", "c", "--fill", "L", "--out", "O"),
        ("export", "c", "--fill", "F", "--out", "."), ("export", "c", "--fill", "F", "--out", "no/O"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence_and_writes_nothing(
    bare: Grade, course: Path, tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No course, no file, no gradebook, no place to write to."""
    (tmp_path / "F").write_text(CANVAS)
    (tmp_path / "L").write_text(LIST)
    ran = bare(*(str(tmp_path / a) if a in ("F", "L", "O", ".", "no/O", "none") else a for a in arguments))
    assert ran.code == 2 and one_line(ran.err), ran
    assert not (tmp_path / "O").exists()
