"""Fields of a CSV file with the place of each in the text, so that one can be changed and no other byte.

Fields are read as :mod:`csv` of Python reads them: a quotation mark means something only where a field
begins, two within quotes are one, and a line ends with LF, CRLF or CR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grader.rosters.not_a_list import NotAList

MOST_FIELDS: Final = 2_000
"""In one line."""
MOST_LINES: Final = 1_200_000
"""A spreadsheet saves a million lines of separators below the table, if it is asked to."""
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Record:
    """One row of the table."""

    line: int
    """In which it begins, from 1."""
    values: list[str]
    places: list[tuple[int, int]]
    """Of each field: where it begins and ends in the text, with its quotation marks."""
    unclosed: bool = False
    """A field's quotation mark is never closed; from here on marks are read as ordinary characters."""

    @property
    def blank(self) -> bool:
        """Nothing but blanks and separators."""
        return not any(value.strip() for value in self.values)


def records(text: str, separator: str) -> Iterator[Record]:
    """The rows of ``text``, one by one. An empty line is none.

    :raises NotAList: there are more lines, or a line has more fields, than any list has.
    """
    other = rf"[^{re.escape(separator)}\r\n]*+"
    ending = rf"({re.escape(separator)}|\r\n|\r|\n|\Z)"
    # Possessive: no second way to read a quotation mark is ever tried.
    quoted = re.compile(rf'"([^"]*+(?:""[^"]*+)*+)"({other}){ending}')
    plain = re.compile(rf"({other}){ending}")
    empty = re.compile(r"[\r\n]*+")
    position, line, marks, count = 0, 1, True, 0
    while True:
        skipped = empty.match(text, position)
        assert skipped is not None
        start, position = skipped.span()
        line += sum(text.count(end, start, position) for end in "\r\n") - text.count("\r\n", start, position)
        if position == len(text):
            return
        count += 1
        if count > MOST_LINES:
            raise NotAList(
                f"the file has more than {MOST_LINES:,} lines: send the list of people alone",
                f"文件超过 {MOST_LINES:,} 行：请只上传人员名单",
            )
        record = Record(line, [], [])
        while True:
            start = position
            found = None
            if marks and text.startswith('"', position):
                found = quoted.match(text, position)
                if found is None:
                    marks, record.unclosed = False, True
            if found is not None:
                value = found[1].replace('""', '"') + found[2]
                ends, stop = found[3], found.start(3)
                line += len(_LINE_END.findall(found[1]))
            else:
                bare = plain.match(text, position)
                assert bare is not None
                value, ends, stop = bare[1], bare[2], bare.start(2)
            record.values.append(value)
            record.places.append((start, stop))
            position = stop + len(ends)
            if ends != separator:
                break
            if len(record.values) >= MOST_FIELDS:
                raise NotAList(
                    f"line {record.line} has more than {MOST_FIELDS:,} columns: this is no list of people",
                    f"第 {record.line} 行超过 {MOST_FIELDS:,} 列：这不是人员名单",
                )
        line += 1
        yield record
