"""Filling in: the matched cells change, and no other byte; every match is told, and what is none."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.rosters.columns import Named
from grader.rosters.fill import fill, number
from grader.rosters.matching import Account
from grader.rosters.not_a_list import NotAList

EXERCISES = [
    Named("control-flow", ("Control flow", "控制流"), 4),
    Named("detach", ("Detaching a factor", "分离")),
    Named("ties", ("Ties", "平局")),
]
ADA = Account("1001", "Ada Nord", "ada@example.org", {"control-flow": 3.5, "detach": 2.0})
BO = Account("bo", "Bo Li", "", {"control-flow": 0.0})
XM = Account("xm", "王小明", "xm@example.org", {"detach": 1 / 3})
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,"
    "Control flow (101),HW 2: detach (102),Midterm (103),Final Score\r\n"
    ",,,,,Manual Posting,,,\r\n"
    '"    Points Possible",,,,,10.0,2.0,5,(read only)\r\n'
    '"Nord, Ada" ,11,1001,ada, S1 ,,"", 5 ,90\r\n'
    '"Li, Bo",12,,bo,S1,\'=1+1,1.0,,\r\n'
    '"王, 小明",13,,,S1,,EX,,\r\n'
    '"Eve, Mal",14,9,eve,S1,,,,\r\n'
    '"Student, Test",15,,t,S1,,,,\r\n'
)


def test_a_canvas_gradebook_is_filled() -> None:
    """Only matched cells; who is excused stays so; what has other maxima is told."""
    done = fill(CANVAS.encode("utf-8-sig"), [ADA, BO, XM], EXERCISES)
    expected = CANVAS.replace(',,"", 5 ,', ',3.5,"2", 5 ,').replace(",'=1+1,", ",0,")
    assert done.data == expected.encode("utf-8-sig")
    assert [(m.how, m.account and m.account.login) for m in done.people] == [
        ("sis_id", "1001"), ("login", "bo"), ("name", "xm"), ("missing", None),
    ]  # fmt: skip
    assert [(c.title, c.how, c.exercise) for c in done.columns] == [
        ("Control flow (101)", "slug", "control-flow"), ("HW 2: detach (102)", "slug", "detach"),
        ("Midterm (103)", "missing", None),
    ]  # fmt: skip
    assert done.cells == 3 and done.without_column == ("ties",) and done.without_row == ()
    assert [problem.line for problem in done.problems] == [1, 7]
    assert ["out of 10.0" in done.notes[0].message, "excused" in done.notes[1].message] == [True, True]


@pytest.mark.parametrize(
    ("text", "encoding", "hows"),
    [
        ("First name,Last name,ID number,Email address,Assignment: Control flow (Real),"
         "Assignment: Control flow (Percentage),Course total (Real),Last downloaded from this course\n"
         "Ada,Nord,1001,x@y.org,-,-,-,1\nBo,Li,,,-,-,-,1\n", "utf-8", ["sis_id", "name"]),
        ("Vorname;Nachname;ID-Nummer;E-Mail-Adresse;Aufgabe: Control flow (Punkte);Kurs gesamt (Punkte)\r\n"
         "Ada;Größe;;ada@example.org;-;1,5\r\nBo;Li;bo;;\"-\";\r\n", "cp1252", ["email", "sis_id"]),
        ("名\t姓\t学号\t电子邮件地址\t作业：控制流 (实数)\r小明\t王\t\txm@example.org\t\r", "utf-16",
         ["email"]),
        ("名,姓,学号,电子邮件地址,作业：控制流（实数）\n小明,王,xm,,\n", "gb18030", ["sis_id"]),
    ],
)  # fmt: skip
def test_a_moodle_gradebook_is_filled(text: str, encoding: str, hows: list[str]) -> None:
    """Only the column of points, in three languages and encodings."""
    xm = Account("xm", "王小明", "xm@example.org", {"control-flow": 4.0})
    data = text.encode(encoding)
    done = fill(data, [ADA, BO, xm], EXERCISES)
    assert [match.how for match in done.people] == hows and done.problems == ()
    assert [(c.how, c.exercise) for c in done.columns] in (
        [("slug", "control-flow")],
        [("title", "control-flow")],
    )
    assert done.cells == len(hows)


def test_ambiguous_people_and_columns_are_left() -> None:
    """Two of one name, two lines of one number, two accounts in one line, two columns of one title."""
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section,Ties (1),Ties (2),detach (3)\n"
        "Ann Lee,1,,,S,,,\nX,2,bo,,S,,,\nY,3,bo,,S,,,\nZ,4,xm,1001,S,,,\n"
    )
    twins = [Account(f"ann{i}", "Ann Lee", "", {"detach": 1.0, "ties": 1.0}) for i in (1, 2)]
    done = fill(text.encode(), [ADA, BO, XM, *twins], EXERCISES)
    assert done.data == text.encode() and done.cells == 0
    assert [match.how for match in done.people] == ["ambiguous"] * 4
    assert [column.how for column in done.columns] == ["ambiguous", "ambiguous", "slug"]
    assert len(done.problems) == 6


def test_a_stronger_match_leaves_nothing_for_a_name() -> None:
    """Of two Adas, the one whose login is known has the account; the other is missing."""
    text = "Student,ID,SIS Login ID,Section,detach (3)\nAda Nord,1,ada2,S,\nAda Nord,2,1001,S,\n"
    done = fill(text.encode(), [ADA], EXERCISES)
    assert [match.how for match in done.people] == ["missing", "login"]
    assert done.data.endswith(b"2,1001,S,2\n") and b"ada2,S,\n" in done.data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name,login,detach\nAda,ada,\n", "neither a Canvas nor a Moodle"),
        (b"ada\nbo\n", "neither a Canvas nor a Moodle"),
        (b"PK\x03\x04xl/workbook", "Excel"),
        (b'Student,ID,SIS Login ID,Section,detach (3)\nAda,1,"ada,S,\n', "line 2: a quotation mark"),
    ],
)
def test_what_is_neither_is_refused(data: bytes, said: str) -> None:
    """In one sentence."""
    with pytest.raises(NotAList, match=said):
        fill(data, [ADA], EXERCISES)


def test_a_line_that_ends_early_is_told() -> None:
    """A cell that is not there cannot be filled without changing others."""
    text = "Student,ID,SIS Login ID,Section,detach (3)\nAda,1,1001"
    done = fill(text.encode(), [ADA], EXERCISES)
    assert done.data == text.encode() and [p.line for p in done.problems] == [2]


@pytest.mark.parametrize(
    ("score", "text"),
    [(3.0, "3"), (0.1 + 0.2, "0.3"), (1e-7, "0"), (1e21, "1" + "0" * 21), (-0.0, "0"), (10.0, "10")],
)
def test_a_score_is_a_plain_number(score: float, text: str) -> None:
    """Without an exponent, without zeros that say nothing."""
    assert number(score) == text


TEXT = st.text('ab ,;\t"\n\r=+é王', max_size=6)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(TEXT, TEXT, st.sampled_from(["ada", "bo", "zz", "XM "])), min_size=1, max_size=5),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.booleans(),
)
def test_fill_changes_the_matched_cells_and_no_other_byte(
    rows: list[tuple[str, str, str]], encoding: str, separator: str, end: str, quoting: int, last_end: bool
) -> None:
    """Whatever else stands in the table: the same rows, and the pieces between are the same bytes."""
    heading = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "detach (3)", "Note"]
    marker = "OLD"
    if quoting == csv.QUOTE_MINIMAL:  # Python 3.11 leaves a CR without quotes where lines end with LF
        rows = [
            (a.replace("\r", " ").replace("\n", ""), b.replace("\r", " ").replace("\n", ""), c)
            for a, b, c in rows
        ]
    table = [[f"n{i}{a}", str(i), "", login, a, marker, b] for i, (a, b, login) in enumerate(rows)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([heading, *table])
    text = out.getvalue() if last_end else out.getvalue().removesuffix(end)
    accounts = [Account(login, f"x{login}", "", {"detach": 1.25}) for login in ("ada", "bo", "xm")]
    done = fill(text.encode(encoding), accounts, EXERCISES)
    known = [login.strip().lower() for _, _, login in rows]
    hit = [known.count(login) == 1 and login != "zz" for login in known]
    pieces = text.split(marker)
    expected = pieces[0] + "".join(
        ("1.25" if h else marker) + p for h, p in zip(hit, pieces[1:], strict=True)
    )
    assert done.data == expected.encode(encoding)
    read = list(csv.reader(io.StringIO(done.data.decode(encoding), newline=""), delimiter=separator))
    assert read == [
        heading,
        *([*r[:5], "1.25" if h else marker, r[6]] for r, h in zip(table, hit, strict=True)),
    ]
