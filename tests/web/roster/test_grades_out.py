"""Grades out: a gradebook of Canvas or Moodle filled in, every other byte as it was; read back by others."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from grader.store import enrolments, users
from grader.store.tables import Enrolment
from tests.web.world import HOSTILE, World

OUT = "/courses/calc/grades-out"
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,"
    "Title of detach (101),control-flow (102),Midterm (103)\r\n"
    '"    Points Possible",,,,,10,4,\r\n'
    '"Nord, Ada",11,=0042,ada,S1,"",, \r\n"Li, Bo",12,,who,S1,, ,\r\n"Twin",13,,,S1,,,\r\n'
)


@pytest.fixture
def graded(world: World) -> World:
    """Ada has handed in; two accounts are called Twin."""
    world.submit("ada")
    with world.store.write() as session:
        for login in ("bo", "twin1", "twin2"):
            user = users.add_user(session, login, "Twin" if login.startswith("twin") else "B. Li")
            enrolments.enrol(session, user.id, 1)
            if login == "bo":
                row = session.get(Enrolment, (user.id, 1))
                assert row is not None
                row.sis_id = "77"
    for login in ("bo", "twin2"):
        world.submit(login)
    return world


def send(world: World, text: str, name: str = "canvas.csv") -> TestResponse:
    return world.client("tess").post(OUT, data={"file": (io.BytesIO(text.encode()), name)})


def test_each_match_is_shown_and_the_ambiguous_is_asked(graded: World) -> None:
    """What is answered goes into the file; an account is not given twice; nothing else moves."""
    tess = graded.client("tess")
    where = send(graded, CANVAS).location
    page = tess.get(where).text
    assert "by login" in page and "2 accounts have this name" in page and "nobody in the course has" in page
    assert "by its title" in page and "by its slug" in page and "stays as it is" in page
    first = tess.post(f"{where}/file")
    assert first.data.decode() == CANVAS.replace('S1,"",, ', 'S1,"4",, ')
    answers = {"p4": "BO", "p5": "twin2", "c7": "detach", "c5": "-"}
    page = tess.post(where, data=answers).text
    assert page.count("by your choice") >= 3
    filled = tess.post(f"{where}/file", data=answers)
    assert filled.headers["Content-Disposition"] == 'attachment; filename="canvas-filled.csv"'
    rows = list(csv.reader(io.StringIO(filled.data.decode("utf-8-sig"))))
    assert [row[7] for row in rows[2:]] == ["4", "4", "4"] and [row[5] for row in rows[2:]] == ["", "", ""]
    assert rows[2][2] == "=0042", "their numbers are theirs"
    twice = tess.post(where, data={"p4": "bo", "p5": "bo"}).text
    assert twice.count("was chosen for other lines, too") == 2
    nobody = tess.post(f"{where}/file", data={"p4": "tess", "p9999999": "x", "c99": "detach", "p5": HOSTILE})
    assert nobody.data == first.data


def test_a_number_that_only_the_institution_knows_finds_the_person(graded: World) -> None:
    """It is no login: the enrolment has it, by a list."""
    where = send(graded, CANVAS.replace("12,,who", "12,77,who")).location
    page = graded.client("tess").get(where).text
    assert "by number" in page


def test_what_is_no_gradebook_is_named(graded: World) -> None:
    """And a stranger's file does not exist."""
    page = send(graded, "name,login\nAda,ada\n")
    assert page.status_code == 400 and "neither a Canvas nor a Moodle gradebook" in page.text
    where = send(graded, CANVAS).location
    with graded.store.write() as session:
        ivy = users.add_user(session, "ivy", "Ivy")
        enrolments.enrol(session, ivy.id, 1, "instructor")
    assert graded.client("ivy").get(where).status_code == 404
    assert graded.client("ivy").post(f"{where}/file").status_code == 404


def test_a_file_that_is_too_large_gets_its_own_sentence(graded: World) -> None:
    """Not the one about Python files."""
    page = send(graded, "x" * (3 * 2**20))
    page.request.environ["wsgi.input"].close()  # what the test client wrote to a file on its way
    assert page.status_code == 413 and "2 MiB" in page.text and "Python" not in page.text


def test_a_hostile_gradebook_is_text(graded: World) -> None:
    """Names and columns of theirs."""
    text = io.StringIO()
    csv.writer(text).writerows([
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{HOSTILE} (101)"],
        [HOSTILE, "1", HOSTILE, HOSTILE, "S", ""],
    ])  # fmt: skip
    where = send(graded, text.getvalue(), HOSTILE).location
    page = graded.client("tess").get(where).text
    assert "<img" not in page and "<script>" not in page
    named = graded.client("tess").post(f"{where}/file").headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="[\w.-]+"', named)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_the_filled_file_as_python_does(graded: World, tmp_path: Path) -> None:
    """Cell by cell."""
    where = send(graded, CANVAS).location
    filled = graded.client("tess").post(f"{where}/file").data
    (tmp_path / "filled.csv").write_bytes(filled)
    kind = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    profile, into = f"-env:UserInstallation=file://{tmp_path}/profile", str(tmp_path / "out")
    command = ["soffice", "--headless", profile, "--convert-to", kind, "--outdir", into]
    subprocess.run([*command, str(tmp_path / "filled.csv")], check=True, timeout=120, capture_output=True)
    theirs = list(csv.reader((tmp_path / "out" / "filled.csv").open(encoding="utf-8-sig", newline="")))
    ours = list(csv.reader(io.StringIO(filled.decode("utf-8-sig"))))
    assert [row[5] for row in theirs] == [row[5] for row in ours]
