"""The queue in memory beside the table: what is claimed is nobody else's, what is lost is found."""

from __future__ import annotations

from typing import Any

import pytest

from grader.dispatch import rows as module
from grader.dispatch.rows import RowsInMemory
from grader.store import submissions
from grader.store.submissions import Claimed

from .conftest import Desk


@pytest.fixture
def rows(desk: Desk) -> RowsInMemory:
    """A queue that looks at the table at each claim."""
    return RowsInMemory(desk.store, 3600.0, 0.0, 2, lambda: None)


def test_a_claim_made_during_a_look_is_not_taken_for_a_lost_one(
    desk: Desk, rows: RowsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what the memory says and what the table says, another thread may have claimed."""
    first, second = desk.hand_in(0), desk.hand_in(1)
    assert rows.claim("first") is not None
    found: list[Claimed | None] = []
    looks = submissions.any_lost

    def any_lost(*arguments: Any, **more: Any) -> bool:
        monkeypatch.setattr(submissions, "any_lost", looks)
        found.append(rows.claim("meanwhile"))
        return looks(*arguments, **more)

    monkeypatch.setattr(module.submissions, "any_lost", any_lost)
    assert rows.claim("third") is None
    assert [each and each.id for each in found] == [second]
    assert [(desk.row(each).state, desk.row(each).owner) for each in (first, second)] == [
        ("running", "first"),
        ("running", "meanwhile"),
    ]


def test_a_row_that_nobody_holds_is_found(desk: Desk, rows: RowsInMemory) -> None:
    """Its verdict could not be written, nor that it was given back: it is no interruption."""
    mine = desk.hand_in(0)
    assert rows.claim("first") is not None
    rows.ended("first")
    again = rows.claim("second")
    assert again is not None
    assert again.id == mine
    assert desk.row(mine).interruptions == 0
