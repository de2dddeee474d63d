"""People of a list: whatever wrote it, the same people; and each problem in its line, in one sentence."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.rosters.not_a_list import MOST_BYTES, NotAList
from grader.rosters.people import MOST_PEOPLE, read_roster
from grader.rosters.rows import Person

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Control flow (101),Final Score
,,,,,Manual Posting,
"    Points Possible",,,,,4,(read only)
"Nord, Ada",11,1001,ada,"Section 1 and Section 2",,
"王, 小明",12,1002,xm,Section 1,,
"Student, Test",13,,3f2a,Section 1,,
"""
MOODLE = """First name,Last name,ID number,Email address,Groups
Ada,Nord,1001,ada@example.org,"A, B"
小明,王,1002,xm@example.org,
"""
MOODLE_DE = """Vorname;Nachname;ID-Nummer;E-Mail-Adresse;Gruppen
Ada;Größer;1001;ada@example.org;A
"""
MOODLE_ZH = """名,姓,学号,电子邮件地址,小组
小明,王,1002,xm@example.org,一组
"""
BLACKBOARD = """"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"
"Nord"\t"Ada"\t"ada"\t"1001"\t""\t"Yes"
"""


def people(text: str, encoding: str = "utf-8") -> list[Person]:
    found = read_roster(text.encode(encoding))
    assert found.problems == ()
    return list(found.people)


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in read_roster(text.encode()).problems]


@pytest.mark.parametrize(
    ("text", "format_", "expected"),
    [
        (CANVAS, "canvas", [("Ada Nord", "ada", "", "1001", ("Section 1", "Section 2")),
                            ("王小明", "xm", "", "1002", ("Section 1",))]),
        ("学生,ID,SIS 用户 ID,SIS 登录 ID,班级\n王小明,1,1002,xm,一班\n", "canvas",
         [("王小明", "xm", "", "1002", ("一班",))]),
        ("Studierende,ID,SIS-Benutzer-ID,SIS-Anmelde-ID,Abschnitt\n\"Nord, Ada\",1,1001,ada,A und B\n",
         "canvas",
         [("Ada Nord", "ada", "", "1001", ("A", "B"))]),
        (MOODLE, "moodle", [("Ada Nord", "", "ada@example.org", "1001", ("A", "B")),
                            ("王小明", "", "xm@example.org", "1002", ())]),
        (MOODLE_DE, "moodle", [("Ada Größer", "", "ada@example.org", "1001", ("A",))]),
        (MOODLE_ZH, "moodle", [("王小明", "", "xm@example.org", "1002", ("一组",))]),
        (BLACKBOARD, "blackboard", [("Ada Nord", "ada", "", "1001", ())]),
        ("Name;Login;E-Mail\nNord, Ada;ada;ada@x.org\n", "table", [("Ada Nord", "ada", "ada@x.org", "", ())]),
        ("姓名,学号,班级\n王小明,2023001,一班\n", "table", [("王小明", "2023001", "", "2023001", ("一班",))]),
        ("Name,Vorname,Kennung\nNord,Ada,ada\n", "table", [("Ada Nord", "ada", "", "", ())]),
        ("sep=;\nLogin;Name\nada;Ada\n", "table", [("Ada", "ada", "", "", ())]),
        ("Class of 2027\n\nlogin,name\nada,Ada\n", "table", [("Ada", "ada", "", "", ())]),
        ("ada,Ada Nord\nbo,Bo Li\n", "plain", [("Ada Nord", "ada", "", "", ()), ("Bo Li", "bo", "", "", ())]),
        ("ada@x.org\n\nbo@x.org", "plain", [("", "", "ada@x.org", "", ()), ("", "", "bo@x.org", "", ())]),
        ("ada\r\rbo\r", "plain", [("", "ada", "", "", ()), ("", "bo", "", "", ())]),
        ("Ada Nord <a@x.org>, bo@x.org\n", "plain",
         [("Ada Nord", "", "a@x.org", "", ()), ("", "", "bo@x.org", "", ())]),
        ("login,name\n=\"007\",Bo,,,\n,,,\n", "table", [("Bo", "007", "", "", ())]),
    ],
)  # fmt: skip
def test_people_are_found_in_every_kind_of_list(
    text: str, format_: str, expected: list[tuple[object, ...]]
) -> None:
    """Canvas, Moodle, Blackboard, a heading of one's own, none; three languages."""
    found = read_roster(text.encode())
    assert (found.format, found.problems) == (format_, ())
    assert [(p.name, p.login, p.email, p.sis_id, p.sections) for p in found.people] == expected


def test_rows_of_one_person_in_several_sections_are_one() -> None:
    """In one field, or in a row each."""
    text = 'login,name,section\nada,Ada,A;B\nbo,Bo,A\nada,"Ada",C\n'
    assert [(p.login, p.sections) for p in people(text)] == [("ada", ("A", "B", "C")), ("bo", ("A",))]


def test_a_quoted_field_may_hold_separators_and_line_breaks() -> None:
    """And a problem behind it has the line of the file."""
    text = 'name,login\n"Ada\nMaria ""M."" Nord, Dr",ada\nBo,\n'
    found = read_roster(text.encode())
    assert [p.login for p in found.people] == ["ada"] and found.problems[0].line == 4
    assert found.people[0].name == 'Dr Ada Maria "M." Nord'


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Ada,ada,ada@x.org", "in line 2 already"),
        ("Eve,ada,", "the login 'ada' is used for 'Eve' here and for 'Ada' in line 2"),
        ("Eve,eve,ada@x.org", "e-mail address 'ada@x.org' is used for"),
        ("Eve,,", "neither a login nor an e-mail"),
        ("Eve,eve,eve at x.org", "'eve at x.org' of 'Eve' is not valid"),
        ("Eve,eve,eve@x..org", "is not valid"),
        ("Eve,2.02E+09,", "shortened by a spreadsheet"),
        ("Nord, Eve,eve,e@x.org", "4 columns where the heading has 3"),
        ('"Eve,eve,', "never closed"),
        ("Eve,e\u202eve,", "invisible"),
    ],
)
def test_a_problem_is_one_sentence_with_its_line(row: str, said: str) -> None:
    """What, where, and how to mend it."""
    found = problems(f"name,login,email\nAda,ada,ada@x.org\n{row}\n")
    assert [line for line, _ in found][:1] == [3] and said in found[0][1]
    assert all("\n" not in message and "\u202e" not in message for _, message in found)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"), (b"\xef\xbb\xbf\r\n \r\n", "empty"), (b"\xff\xfe", "empty"),
        (b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml", "Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old Excel workbook (.xls"),
        (b"%PDF-1.7\n", "PDF"), (b"\x89PNG\r\n\x1a\n....", "PNG"), (b"\xff\xd8\xff\xe0....", "JPEG"),
        (b"\n<!DOCTYPE html><html><body><form><input type=\"password\">", "asks to sign in"),
        (b"<html><body><table><tr><td>ada", "web page"), (b"<?xml version='1.0'?><a></a>", "XML"),
        (b'{"people": [{"login": "ada"}]}', "JSON"), (b'["ada", "bo"]', "JSON"),
        (b"name,login\n", "nobody below it"), (b"ada\0\0\0bo\0\1\2\3", "no text"),
        (b"Dear all,\nthis is a letter.\nIt says nothing.\n", "no list of people"),
        (b"name,login\nM\xc3\xbcller\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3,a\n",
         "damaged"),
        (b"," * 3000, "no list of people"), (b"a" * (MOST_BYTES + 1), "16 MiB"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_named(data: bytes, said: str) -> None:
    """In one sentence."""
    with pytest.raises(NotAList) as refused:
        read_roster(data)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_list_has_an_end() -> None:
    """So many people are read, and no more."""
    lines = "\n".join(f"u{i}@x.org" for i in range(MOST_PEOPLE + 1))
    with pytest.raises(NotAList, match="more than 50,000 people"):
        read_roster(lines.encode())


@pytest.mark.parametrize(
    "name", ["Müller", "Größe", "André", "Zoë Öz", "Núñez Ñandú", "Weiß Ölä", "Ærø Åse", "Ó Sé"]
)
def test_accents_are_not_taken_for_chinese(name: str) -> None:
    """Windows-1252, where GB18030 could be read, too."""
    data = f"name;login\n{name};ada\nBo;bo\n".encode("cp1252")
    assert read_roster(data).people[0].name == name


@pytest.mark.parametrize("row", ["张三,a,一班", "Ada,a,A班", "李喆,a,2班", "王镕基,a,", "欧阳娜娜 Nana,a,三"])
def test_chinese_is_not_taken_for_accents(row: str) -> None:
    """GBK, with one line only, with rare characters, beside Latin letters."""
    found = read_roster(f"name,login,section\n{row}\n".encode("gbk"))
    assert [found.people[0].name, found.people[0].login, *found.people[0].sections] == [
        c for c in row.split(",") if c
    ]


NAMES = st.text("abcdefgxyz ABZ", min_size=1, max_size=12).map(lambda s: " ".join(s.split())).filter(bool)
CHINESE = st.text("王李张刘陈杨黄赵吴周小明华丽强芳喆", min_size=2, max_size=3)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "gb18030"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(NAMES | CHINESE, st.sampled_from(["", "A", "B,C", "A;B"])), min_size=1, max_size=8),
    st.sampled_from(ENCODINGS),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.permutations(["name", "login", "e-mail", "section"]),
    st.booleans(),
)
def test_whatever_the_encoding_and_dialect_the_people_are_the_same(
    rows: list[tuple[str, str]],
    encoding: str,
    separator: str,
    end: str,
    quoting: int,
    order: list[str],
    empty: bool,
) -> None:
    """Six encodings, three separators, three ends of line, quotes or not, any order of columns."""
    table = [
        {"name": name, "login": f"u{i}", "e-mail": f"u{i}@x.org", "section": section}
        for i, (name, section) in enumerate(rows)
    ]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(order)
    for row in table:
        writer.writerow([row[column] for column in order])
        if empty:
            writer.writerow([])
    found = read_roster(text.getvalue().encode(encoding))
    assert found.problems == ()
    assert [(p.name, p.login, p.email) for p in found.people] == [
        (row["name"], row["login"], row["e-mail"]) for row in table
    ]
    assert [",".join(p.sections) for p in found.people] == [row["section"].replace(";", ",") for row in table]


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=80), st.integers(0, 120), st.integers(0, 12), st.sampled_from(ENCODINGS))
def test_damaged_files_are_read_or_refused(junk: bytes, at: int, cut: int, encoding: str) -> None:
    """Whatever the bytes: people and problems, or one sentence."""
    data = CANVAS.encode(encoding)
    try:
        found = read_roster(data[:at] + junk + data[at + cut :])
    except NotAList as refused:
        assert "\n" not in str(refused)
    else:
        assert found.people or found.problems
