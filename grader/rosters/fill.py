"""Filling in: a gradebook that Canvas or Moodle exported gets our scores, and every other byte stays.

The file is read twice: once for who and what is meant, and, when it is filled, once more to see that
nothing but the filled cells reads otherwise than before.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from grader.errors import GraderError
from grader.rosters import headers
from grader.rosters.columns import Column, Named, match_columns
from grader.rosters.decoding import decode
from grader.rosters.dialect import separator_of
from grader.rosters.headers import Format, Headings
from grader.rosters.matching import Account, Match, match_people
from grader.rosters.not_a_list import NotAList
from grader.rosters.people import MOST_PEOPLE, MOST_ROWS, Problem
from grader.rosters.rows import is_nobody, is_points, quoted, read_row
from grader.rosters.scanner import Record, records

MOST_FIELDS: Final = 2_000_000
"""Of the whole file: 50,000 people with forty columns. All are kept while it is filled."""


@dataclass(frozen=True)
class Filled:
    """The file with our scores, and how everything was matched."""

    data: bytes
    format: Format
    people: tuple[Match, ...]
    columns: tuple[Column, ...]
    cells: int
    """How many got a score."""
    problems: tuple[Problem, ...]
    """What was left untouched, by line (columns: that of the heading)."""
    notes: tuple[Problem, ...]
    """What was matched and is worth a look, by line: who is excused, other maxima."""
    without_row: tuple[str, ...]
    """Logins of students of the course who are not in the file."""
    without_column: tuple[str, ...]
    """Exercises of the course that have no column in the file."""


@dataclass(frozen=True)
class Chosen:
    """What somebody said where a file is ambiguous."""

    people: Mapping[int, str]
    """Of lines the logins."""
    columns: Mapping[int, str]
    """Of columns the exercises; '' for none."""


def fill(
    data: bytes, accounts: Sequence[Account], exercises: Sequence[Named], chosen: Chosen | None = None
) -> Filled:
    """Fill scores into a gradebook of Canvas or Moodle.

    :param accounts: the course's students, with their scores.
    :param exercises: the course's, in order.
    :param chosen: goes before what is matched.
    :raises NotAList: the file is neither; the message says what it is.
    """
    decoded = decode(data)
    separator, start = separator_of(decoded.text)
    rows = _rows(decoded.text, separator, start)
    top, heading = _heading(rows)
    titles = rows[top].values
    canvas = heading.format == "canvas"
    body = [row for row in rows[top + 1 :] if not row.blank and row.values != titles]
    candidates = _candidates(titles, heading, body)
    said = chosen or Chosen({}, {})
    columns = match_columns(titles, candidates, exercises, canvas=canvas, chosen=said.columns)
    students = [(row, read_row(row, heading)) for row in body if not is_nobody(row, heading)]
    if len(students) > MOST_PEOPLE:
        raise NotAList(
            f"the file has more than {MOST_PEOPLE:,} people: export one course at a time",
            f"文件超过 {MOST_PEOPLE:,} 人：请每次只导出一门课程",
        )
    people = match_people([person for _, person in students], accounts, said.people)
    problems = [_unmatched_column(rows[top].line, column) for column in columns if column.exercise is None]
    notes = [
        note for row in body[:3] if is_points(row, heading) for note in _other_maxima(row, columns, exercises)
    ]
    cells: list[tuple[int, int, str]] = []
    for (row, person), match in zip(students, people, strict=True):
        if match.account is None:
            who = quoted(person.called or "nobody named")
            problems.append(Problem(row.line, f"{who} was left as it is: {match.why}"))
            continue
        cells += _filled_cells(decoded.text, row, match.account, columns, canvas, problems, notes)
    text = _with(decoded.text, cells)
    _check(decoded.text, text, separator, start, cells)
    matched = {match.account.login for match in people if match.account is not None}
    used = {column.exercise for column in columns}
    return Filled(
        data=decoded.encode(text),
        format=heading.format,
        people=tuple(people),
        columns=tuple(columns),
        cells=len(cells),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        notes=tuple(notes),
        without_row=tuple(account.login for account in accounts if account.login not in matched),
        without_column=tuple(each.slug for each in exercises if each.slug not in used),
    )


def number(score: float) -> str:
    """A plain decimal number, without an exponent, with six digits after the point at most."""
    assert math.isfinite(score)
    text = f"{Decimal(repr(score)):.6f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _rows(text: str, separator: str, start: int) -> list[Record]:
    """All rows, with their places in ``text``."""
    found: list[Record] = []
    fields = 0
    for row in records(text[start:], separator):
        fields += len(row.values)
        if len(found) >= MOST_ROWS or fields > MOST_FIELDS:
            raise NotAList(
                "the file is larger than any gradebook: export one course at a time",
                "文件大得不像成绩册：请每次只导出一门课程",
            )
        if row.unclosed:
            raise NotAList(
                f"line {row.line}: a quotation mark is opened and never closed, so that the columns behind it cannot be told: export the file again",
                f"第 {row.line} 行：引号没有闭合，其后的列无法识别：请重新导出",
            )
        row.line += 1 if start else 0
        row.places = [(first + start, last + start) for first, last in row.places]
        found.append(row)
    return found


def _heading(rows: Sequence[Record]) -> tuple[int, Headings]:
    """Where the heading is, and what it says.

    :raises NotAList: the file is neither Canvas' nor Moodle's.
    """
    for i, row in enumerate(rows[:10]):
        if headers.known(row.values) >= 2:
            read = headers.read_headings(row.values)
            if read is not None and read.format in ("canvas", "moodle"):
                return i, read
            if read is not None and _is_moodle(row.values, read):
                return i, Headings("moodle", read.columns)
    raise NotAList(
        "this is neither a Canvas nor a Moodle gradebook: export the gradebook there as CSV, and give that file, unchanged",
        "这不是 Canvas 或 Moodle 的成绩册：请在那边把成绩册导出为 CSV，并原样上传",
    )


def _is_moodle(titles: Sequence[str], heading: Headings) -> bool:
    """Moodle lets teachers leave out the number and the address; items are called 'Kind: Title (Real)'."""
    return {"first", "last"} <= set(heading.columns) and any(
        ":" in title or "：" in title for title in titles if title.rstrip().endswith((")", "）"))
    )


def _candidates(titles: Sequence[str], heading: Headings, body: Sequence[Record]) -> list[int]:
    """Columns that are neither a person's data nor computed: Canvas says '(read only)' of those."""
    taken = {i for places in heading.columns.values() for i in places}
    computed: set[int] = set()
    if heading.format == "canvas":
        for row in body[:3]:
            computed |= {i for i, value in enumerate(row.values) if value.strip() == "(read only)"}
    known = {i for i, title in enumerate(titles) if headers.known([title])}
    return [i for i, title in enumerate(titles) if title.strip() and i not in taken | computed | known]


def _filled_cells(
    text: str,
    row: Record,
    account: Account,
    columns: Sequence[Column],
    canvas: bool,
    problems: list[Problem],
    notes: list[Problem],
) -> list[tuple[int, int, str]]:
    """Of one row: where a score is written, and what."""
    found: list[tuple[int, int, str]] = []
    for column in columns:
        score = None if column.exercise is None else account.scores.get(column.exercise)
        if score is None or not math.isfinite(score):
            continue
        if column.index >= len(row.places):
            problems.append(
                Problem(
                    row.line,
                    f"the line ends before the column {quoted(column.title)}: export the file again",
                    f"此行在列 {quoted(column.title)} 之前就结束了：请重新导出",
                )
            )
            continue
        if canvas and row.values[column.index].strip().upper() == "EX":
            notes.append(
                Problem(
                    row.line,
                    f"{quoted(account.name)} is excused (EX) in {quoted(column.title)}, and stays so: clear that cell to have the score {number(score)}",
                    f"{quoted(account.name)} 在 {quoted(column.title)} 中标为免交（EX），保持不变：清空该格后可填入成绩 {number(score)}",
                )
            )
            continue
        first, last = row.places[column.index]
        written = number(score)
        found.append(
            (first, last, f'"{written}"' if text.startswith('"', first) and last > first else written)
        )
    return found


def _unmatched_column(line: int, column: Column) -> Problem:
    return Problem(line, f"the column {quoted(column.title)} was left as it is: {column.why}")


def _other_maxima(row: Record, columns: Sequence[Column], exercises: Sequence[Named]) -> list[Problem]:
    """Exercises that are worth something else in the file than here."""
    worth = {each.slug: each.points for each in exercises}
    found: list[Problem] = []
    for column in columns:
        here = worth.get(column.exercise or "")
        there = row.values[column.index].strip() if column.index < len(row.values) else ""
        if here is not None and re.fullmatch(r"\d+(\.\d+)?", there) and float(there) != here:
            said = f"the column {quoted(column.title)} is out of {there} there and of {number(here)} here: scores were written as they are here"
            zh = f"列 {quoted(column.title)} 在那边满分 {there}，在此满分 {number(here)}：成绩按此处的写入"
            found.append(Problem(row.line, said, zh))
    return found


def _with(text: str, cells: Sequence[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    position = 0
    for first, last, written in sorted(cells):
        pieces += [text[position:first], written]
        position = last
    return "".join([*pieces, text[position:]])


def _check(
    before: str, after: str, separator: str, start: int, cells: Sequence[tuple[int, int, str]]
) -> None:
    """Nothing but the filled cells reads otherwise.

    :raises GraderError: something does, which is a defect of ours; better no file than a wrong one.
    """
    written = {first: text.strip('"') for first, _, text in cells}
    old, new = _rows(before, separator, start), _rows(after, separator, start)
    same = len(old) == len(new) and all(
        [written.get(place[0], value) for value, place in zip(a.values, a.places, strict=True)] == b.values
        for a, b in zip(old, new, strict=True)
    )
    if not same:
        raise GraderError(
            "the filled file would not read back as the one that was given: nothing was written"
        )
