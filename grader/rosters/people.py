"""People of a list: one each, with all their sections, and what is wrong with it, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from grader.model.inert import inert
from grader.rosters import headers, plain
from grader.rosters.decoding import decode
from grader.rosters.dialect import separator_of
from grader.rosters.headers import Field, Format, Headings, folded
from grader.rosters.not_a_list import EMPTY, NotAList
from grader.rosters.rows import Person, is_nobody, quoted, read_row
from grader.rosters.scanner import Record, records
from grader.rosters.sections import split_sections

MOST_PEOPLE: Final = 50_000
MOST_PROBLEMS: Final = 1_000
MOST_ROWS: Final = 250_000
_FIRST_LINES: Final = 500
_EXPONENT: Final = re.compile(r"\d([.,]\d+)?[eE]\+\d+")


ZH: Final = {"login": "登录名", "number": "编号", "e-mail address": "邮箱地址"}
"""What a person is known by."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line, and how to mend it."""

    line: int
    message: str
    zh: str = ""
    """The same in Chinese."""


@dataclass(frozen=True)
class Roster:
    """A list that was read."""

    format: Format
    encoding: str
    separator: str
    people: tuple[Person, ...]
    problems: tuple[Problem, ...]
    columns: Mapping[Field, tuple[int, ...]]
    """Which are read as what."""
    top: tuple[str, ...]
    """The heading; where there is none, the first row."""
    has_heading: bool
    sample: tuple[str, ...]
    """The first row below the heading."""


@dataclass(frozen=True)
class Choice:
    """What somebody says that the columns are, in place of what is guessed."""

    has_heading: bool
    columns: Mapping[Field, tuple[int, ...]]


def read_roster(data: bytes, choice: Choice | None = None) -> Roster:
    """The people of a file, whatever wrote it.

    :raises NotAList: it is no list of people; the message says what it is.
    """
    found = decode(data)
    separator, start = separator_of(found.text)
    unclosed: list[int] = []
    rows = _rows(found.text[start:], separator, unclosed, 2 if start else 1)
    first = list(islice(rows, _FIRST_LINES))
    if not first:
        raise NotAList(*EMPTY)
    heading, body = _heading(first) if choice is None else _chosen(first, choice)
    people = _People(heading, first[body - 1].values if body else [])
    if heading.format == "plain" and len(first) == 1:
        first = _one_line(first[0])
    for row in chain(first[body:], rows):
        people.add(row)
    if not people.people and not people.problems:
        raise NotAList(
            "the list has a heading and nobody below it: export it again, with the people in it",
            "名单只有表头，没有人员：请重新导出，并包含人员",
        )
    for line in unclosed:
        people.say(
            line,
            "a quotation mark is opened here and never closed: close it, or delete it",
            "此处的引号没有闭合：请补上或删去",
        )
    top = first[max(body - 1, 0)].values
    sample = first[body].values if len(first) > body else []
    return Roster(
        heading.format,
        found.called,
        separator,
        people.done(),
        people.told(),
        heading.columns,
        tuple(top),
        body > 0,
        tuple(sample),
    )


def first_rows(data: bytes) -> tuple[tuple[str, ...], ...]:
    """The first two rows of a table, whose columns are not understood.

    :raises NotAList: it is none.
    """
    found = decode(data)
    separator, start = separator_of(found.text)
    rows = islice(_rows(found.text[start:], separator, [], 1), 2)
    return tuple(tuple(row.values) for row in rows)


def _rows(text: str, separator: str, unclosed: list[int], line: int) -> Iterable[Record]:
    """The rows that are not blank."""
    count = 0
    for record in records(text, separator):
        record.line += line - 1
        if record.unclosed:
            unclosed.append(record.line)
        if record.blank:
            continue
        count += 1
        if count > MOST_ROWS:
            raise NotAList(
                f"the file has more than {MOST_ROWS:,} lines: send the list of people alone",
                f"文件超过 {MOST_ROWS:,} 行：请只上传人员名单",
            )
        yield record


def _heading(first: Sequence[Record]) -> tuple[Headings, int]:
    """What the columns are, and the first row below the heading (0: there is none)."""
    for i, row in enumerate(first[:10]):
        enough = 1 if i == 0 else 2
        if headers.known(row.values) >= enough and not any(plain.is_email(v.strip()) for v in row.values):
            read = headers.read_headings(row.values)
            if read is not None:
                return read, i + 1
    return plain.columns_of([row.values for row in first]), 0


def _chosen(first: Sequence[Record], choice: Choice) -> tuple[Headings, int]:
    """The columns as they were chosen, below the heading that is found, or the first row."""
    if "login" not in choice.columns and "email" not in choice.columns:
        raise NotAList(
            "no column is chosen for the logins or the e-mail addresses: choose one",
            "没有为登录名或邮箱地址指定列：请指定一列",
        )
    width = max(len(row.values) for row in first)
    columns = {
        field: tuple(place for place in places if place < width) for field, places in choice.columns.items()
    }
    format_: Format = "table" if choice.has_heading else "plain"
    body = 1 if choice.has_heading else 0
    try:
        guessed, place = _heading(first)
    except NotAList:
        pass
    else:
        if choice.has_heading and place:
            format_, body = guessed.format, place
    return Headings(format_, {field: places for field, places in columns.items() if places}), body


def _one_line(row: Record) -> list[Record]:
    """Addresses of a mail programme, all in one line, as rows; any other row as it is."""
    if len(row.values) > 1 and all(plain.share_of("email", [v]) == 1.0 for v in row.values if v.strip()):
        return [Record(row.line, [value], []) for value in row.values if value.strip()]
    return [row]


@dataclass
class _Entry:
    """A person while more rows may speak of the same one."""

    line: int
    name: str
    login: str
    email: str
    sis_id: str
    sections: list[str]

    @classmethod
    def of(cls, row: Record, heading: Headings) -> _Entry:
        """What one row says."""
        said = read_row(row, heading)
        return cls(said.line, said.name, said.login, said.email, said.sis_id, list(said.sections))


class _People:
    """Gathers rows into people."""

    def __init__(self, heading: Headings, titles: Sequence[str]) -> None:
        self._heading, self._titles = heading, list(titles)
        self._width = len(titles)
        self.people: list[_Entry] = []
        self.problems: list[Problem] = []
        self._untold = 0
        self._by: dict[Field, dict[str, _Entry]] = {"login": {}, "email": {}, "sis_id": {}}

    def say(self, line: int, message: str, zh: str) -> None:
        """Note a problem; of very many only the first are told."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(line, message, zh))
        else:
            self._untold += 1

    def told(self) -> tuple[Problem, ...]:
        """The problems by line."""
        found = sorted(self.problems, key=lambda problem: problem.line)
        if self._untold:
            found.append(
                Problem(
                    found[-1].line,
                    f"and {self._untold:,} more problems: mend these first",
                    f"另有 {self._untold:,} 处问题：请先改正以上各处",
                )
            )
        return tuple(found)

    def done(self) -> tuple[Person, ...]:
        """The people in the list's order, with their sections."""
        split = split_sections([e.sections for e in self.people], canvas=self._heading.format == "canvas")
        return tuple(
            Person(e.line, e.name, e.login, e.email, e.sis_id, sections)
            for e, sections in zip(self.people, split, strict=True)
        )

    def add(self, row: Record) -> None:
        """Take a row: a person, a section more of one, no person at all, or a problem."""
        if row.values == self._titles or is_nobody(row, self._heading):
            return
        width = len(row.values)
        if self._width and any(value.strip() for value in row.values[self._width :]):
            self.say(
                row.line,
                f"there are {width} columns where the heading has {self._width}: put quotation marks around a value with a separator in it",
                f"此行有 {width} 列，而表头只有 {self._width} 列：含分隔符的内容请加引号",
            )
            return
        entry = _Entry.of(row, self._heading)
        if self._is_sound(entry) and not self._is_known(entry):
            if len(self.people) >= MOST_PEOPLE:
                raise NotAList(
                    f"the list has more than {MOST_PEOPLE:,} people: send one course at a time",
                    f"名单超过 {MOST_PEOPLE:,} 人：请每次只上传一门课程",
                )
            self.people.append(entry)
            for kind, value in self._keys(entry):
                self._by[kind].setdefault(value, entry)

    def _is_sound(self, entry: _Entry) -> bool:
        """Say what is wrong with a row; whether it still says who is meant."""
        who = quoted(entry.name) if entry.name else "this line"
        sound = True
        if not entry.login and not entry.email:
            self.say(
                entry.line,
                f"{who} has neither a login nor an e-mail address: add one, or delete the line",
                f"{quoted(entry.name) if entry.name else '此行'} 既无登录名也无邮箱地址：请补上其一，或删去此行",
            )
            return False
        for kind, value in (
            ("login", entry.login),
            ("number", entry.sis_id if entry.sis_id != entry.login else ""),
        ):
            if _EXPONENT.fullmatch(value):
                self.say(
                    entry.line,
                    f"the {kind} {quoted(value)} was shortened by a spreadsheet: format the column as text and enter it again",
                    f"{ZH[kind]} {quoted(value)} 被电子表格缩写：请将该列设为文本格式后重新输入",
                )
                sound = sound and kind != "login"
            elif len(value) > 254 or not (value.isprintable() or inert(value, lines=False) == value):
                self.say(
                    entry.line,
                    f"the {kind} {quoted(value)} has invisible characters or is too long: type it anew",
                    f"{ZH[kind]} {quoted(value)} 含不可见字符或过长：请重新输入",
                )
                sound = sound and kind != "login"
        if len(entry.name) > 200:
            self.say(
                entry.line,
                f"the name {quoted(entry.name)} is longer than 200 characters: shorten it",
                f"姓名 {quoted(entry.name)} 超过 200 个字符：请缩短",
            )
            sound = False
        if entry.email and not plain.is_email(entry.email):
            self.say(
                entry.line,
                f"the e-mail address {quoted(entry.email)} of {quoted(entry.name or entry.login or entry.email)} is not valid: correct it, or leave it empty",
                f"{quoted(entry.name or entry.login or entry.email)} 的邮箱地址 {quoted(entry.email)} 无效：请更正，或留空",
            )
            sound = sound and bool(entry.login)
        return sound

    def _keys(self, entry: _Entry) -> list[tuple[Field, str]]:
        values: list[tuple[Field, str]] = [
            ("login", folded(entry.login)), ("email", folded(entry.email)), ("sis_id", folded(entry.sis_id)),
        ]  # fmt: skip
        return [(kind, value) for kind, value in values if value]

    def _is_known(self, entry: _Entry) -> bool:
        """Whether an earlier row speaks of the same person, or uses what is this one's alone."""
        keys = self._keys(entry)
        login = folded(entry.login)
        for kind, value in keys:
            other = self._by[kind].get(value)
            if other is None:
                continue
            word = {"login": "login", "email": "e-mail address"}.get(kind, "number")
            value_said = quoted({"login": entry.login, "email": entry.email}.get(kind, entry.sis_id))
            named_apart = entry.name and other.name and folded(entry.name) != folded(other.name)
            if named_apart or (login and other.login and folded(other.login) != login):
                self.say(
                    entry.line,
                    f"the {word} {value_said} is used for {quoted(entry.name or entry.login)} here and for {quoted(other.name or other.login)} in line {other.line}: give each a {word} of their own",
                    f"{ZH[word]} {value_said} 在此行用于 {quoted(entry.name or entry.login)}，在第 {other.line} 行用于 {quoted(other.name or other.login)}：请各用各的",
                )
            elif entry.email and other.email and folded(entry.email) != folded(other.email):
                self.say(
                    entry.line,
                    f"{quoted(entry.login)} has the e-mail address {quoted(entry.email)} here and {quoted(other.email)} in line {other.line}: keep the right one",
                    f"{quoted(entry.login)} 的邮箱地址在此行为 {quoted(entry.email)}，在第 {other.line} 行为 {quoted(other.email)}：请保留正确的一个",
                )
            else:
                self._merge(other, entry)
            return True
        return False

    def _merge(self, into: _Entry, entry: _Entry) -> None:
        new = [section for section in entry.sections if section not in into.sections]
        if not new:
            self.say(
                entry.line,
                f"{quoted(entry.name or entry.login or entry.email)} is in line {into.line} already: delete one of the two lines",
                f"{quoted(entry.name or entry.login or entry.email)} 已在第 {into.line} 行出现：请删去其中一行",
            )
            return
        into.sections += new
        into.name, into.login = into.name or entry.name, into.login or entry.login
        into.email, into.sis_id = into.email or entry.email, into.sis_id or entry.sis_id
        for kind, value in self._keys(into):
            self._by[kind].setdefault(value, into)
