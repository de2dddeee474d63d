"""As many digits as it takes to see a difference."""

from __future__ import annotations

import pytest

from grader.model.digits import told_apart


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (1.5, 2.5, ("1.5", "2.5")),
        (2.18665428, 2.18664907, ("2.18665428", "2.18664907")),
        (1.0, 1.0 + 2**-52, ("1", "1.0000000000000002")),
    ],
)
def test_digits_are_added_until_two_numbers_differ(one: float, other: float, said: tuple[str, str]) -> None:
    assert told_apart(lambda digits: (f"{one:.{digits}g}", f"{other:.{digits}g}")) == said
