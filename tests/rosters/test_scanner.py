"""Fields with their places: the rows of Python's csv, and the text they were read from."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.rosters.scanner import records


@settings(deadline=None, max_examples=60)
@given(st.text('a",;\t\r\n =é王', max_size=60), st.sampled_from(",;\t"))
@example('a,"b""c"d,\r\n"x\ny"z', ",")
def test_rows_are_those_of_python(text: str, separator: str) -> None:
    """As long as every quotation mark is closed; and between the places are only separators and ends."""
    found = list(records(text, separator))
    if any(record.unclosed for record in found):
        return
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert [record.values for record in found] == [row for row in expected if row]
    between = text
    for record in reversed(found):
        for start, end in reversed(record.places):
            between = between[:start] + between[end:]
    assert set(between) <= {separator, "\r", "\n"}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=5))
def test_a_line_is_counted_from_one(cells: list[str]) -> None:
    """A line break within quotes counts, too."""
    text = "\n".join(f'"{cell}\n"' for cell in cells)
    assert [record.line for record in records(text, ",")] == [1 + 2 * i for i in range(len(cells))]
