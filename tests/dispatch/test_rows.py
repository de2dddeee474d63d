"""The queue in memory beside the table: what is claimed is nobody else's, what others queued is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.dispatch import rows_in_memory as module
from grader.dispatch.rows_in_memory import RowsInMemory
from grader.dispatch.rows_in_table import RowsInTable
from grader.dispatch.running import RunningFile
from grader.model.submission import Submission as HandedIn
from grader.store import queue, regrades, requeue, waiting
from grader.store.queue import Waiting, Work
from grader.store.requeue import ALONE_AFTER
from grader.store.tables import utcnow

from .conftest import Desk


@pytest.fixture
def rows(file_desk: Desk, tmp_path: Path) -> RowsInMemory:
    """A queue that looks at the table at each claim."""
    made = RowsInMemory(file_desk.store, 3600.0, 0.0, 2, 2, 4, lambda: None, tmp_path / "running")
    made.start()
    return made


def test_what_is_claimed_is_nobody_elses_though_the_table_calls_it_queued(
    file_desk: Desk, rows: RowsInMemory
) -> None:
    """Neither while it is graded, nor when it is handed in twice to the queue."""
    first, second = file_desk.hand_in(0), file_desk.hand_in(1)
    one, two = rows.claim("a"), rows.claim("b")
    assert one is not None and two is not None
    assert {one.id, two.id} == {first, second}
    rows.arrived(Waiting(first, file_desk.students[0], utcnow()))
    assert rows.claim("c") is None
    assert {file_desk.row(each).state for each in (first, second)} == {"queued"}
    assert rows.counts() == waiting.Lengths(0, 2)


def test_what_others_queue_is_found(file_desk: Desk, rows: RowsInMemory) -> None:
    """Such as a regrade from the command line."""
    mine = file_desk.hand_in(0)
    claimed = rows.claim("a")
    assert claimed is not None
    with file_desk.store.write() as session:
        assert queue.finish(session, mine, claimed.holder, fakes_report())
    rows.ended(claimed)
    assert rows.claim("b") is None
    with file_desk.store.write() as session:
        regrades.propose_rerun(session, file_desk.assignment, [mine], reason="again", by=None)
    again = rows.claim("c")
    assert again is not None and again.id == mine and not again.awaited


def fakes_report():  # type: ignore[no-untyped-def]
    """A report of full marks."""
    from . import fakes

    return fakes.grade(fakes.exercise("control-flow"), HandedIn(b"10"))


def test_what_does_not_fit_into_memory_is_read_when_its_turn_comes(
    file_desk: Desk, rows: RowsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte what was handed in."""
    monkeypatch.setattr(module, "MOST_HELD", 600)
    for n, source in enumerate((b"1" * 80, b"2" * 80, b"3" * 80)):
        mine = file_desk.hand_in(n, source)
        work = Work("control-flow", file_desk.assignment, HandedIn(source))
        rows.arrived(Waiting(mine, file_desk.students[n], utcnow(), work=work))
    claims = [rows.claim(owner) for owner in "abc"]
    assert sorted(each.work.submission.source[:1] for each in claims if each) == [b"1", b"2", b"3"]


def test_a_process_that_dies_leaves_word_of_what_it_was_grading(tmp_path: Path) -> None:
    """What it had ended, and garbage in the file, is not among it."""
    file = tmp_path / "running"
    first, second = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    process = RunningFile(file, 3)
    assert process.left == []
    process.enter("a", first)
    process.enter("b", second)
    process.leave("a")
    assert RunningFile(file, 3).left == [second]
    file.write_bytes(b"\xff" * 100 + file.read_bytes())
    after = RunningFile(file, 1)
    assert after.left == [second]
    after.clear()
    assert RunningFile(file, 1).left == []


def test_what_the_grader_died_under_is_claimed_alone_from_the_table(desk: Desk) -> None:
    """Not while this process grades anything else, and nothing else while it grades that."""
    rows = RowsInTable(desk.store, 3600.0, 0.0, 4)
    suspect = desk.hand_in(0)
    for _ in range(ALONE_AFTER):
        claimed = rows.claim("dead")
        assert claimed is not None and claimed.id == suspect
        with desk.store.write() as session:
            assert requeue.requeue_running(session) == 1
        rows.ended(claimed)
    alone = rows.claim("a")
    assert alone is not None and alone.id == suspect
    other = desk.hand_in(1)
    assert rows.claim("b") is None
    assert rows.seconds() < 1
    rows.ended(alone)
    beside = rows.claim("c")
    assert beside is not None and beside.id == other
    with desk.store.write() as session:
        assert requeue.put_off(session, suspect, "a", "", delay_seconds=0.0)
    assert rows.claim("d") is None, "another one runs"
    rows.ended(beside)
    again = rows.claim("e")
    assert again is not None and again.id == suspect


def test_a_claim_that_finds_nothing_blocks_nobody(desk: Desk) -> None:
    """Neither a claim in vain nor one that fails counts as running."""
    rows = RowsInTable(desk.store, 3600.0, 0.0, 4)
    assert rows.claim("in vain") is None
    suspect = desk.hand_in(0)
    for _ in range(ALONE_AFTER):
        claimed = rows.claim("dead")
        assert claimed is not None
        with desk.store.write() as session:
            requeue.requeue_running(session)
        rows.ended(claimed)
    alone = rows.claim("a")
    assert alone is not None and alone.id == suspect


def test_the_memory_of_what_is_graded_has_its_place_on_the_disk(tmp_path: Path) -> None:
    """Where a disk is full, a hole in a mapped file would end the process that writes into it."""
    RunningFile(tmp_path / "running", 200)
    found = (tmp_path / "running").stat()
    assert found.st_size == 200 * 64
    assert found.st_blocks * 512 >= found.st_size
