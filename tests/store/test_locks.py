"""What two transactions may not both do on what they read, and that no claim reads the whole table."""

from __future__ import annotations

import re
import threading
from typing import Any

from sqlalchemy import event, text

from grader.store import claims, gradebook, queue, waiting

from .world import World, a_report

MOMENT = 0.5
"""Seconds in which another thread comes as far as it can."""


def test_two_verdicts_of_a_student_at_once_both_count(world: World) -> None:
    """On a server each would have the other's standing before it: the second one waits."""
    both = [world.hand_in(world.ada), world.hand_in(world.ada)]
    with world.store.write() as session:
        held = [claims.claim(session, f"worker {n}", 60) for n in range(2)]
    assert {each.id for each in held if each is not None} == set(both)

    def finish(n: int) -> None:
        with world.store.write() as other:
            one = held[n]
            assert one is not None and queue.finish(other, one.id, one.owner, a_report(4.0))

    second = threading.Thread(target=finish, args=(1,))
    with world.store.write() as session:
        first = held[0]
        assert first is not None and queue.finish(session, first.id, first.owner, a_report(10.0))
        second.start()
        second.join(MOMENT)
        assert second.is_alive()
    second.join()
    with world.store.read() as session:
        cell = gradebook.cell(session, world.ada, world.first)
    assert (cell.attempts, cell.score) == (2, 10.0)


def test_a_share_holds_among_claims_at_the_same_moment(world: World) -> None:
    """Who claims while another is claiming knows what that one took."""
    for _ in range(2):
        world.hand_in(world.ada)
    taken: list[object] = []

    def claim() -> None:
        with world.store.write() as other:
            taken.append(claims.claim(other, "second", 60, share=1))

    second = threading.Thread(target=claim)
    with world.store.write() as session:
        assert claims.claim(session, "first", 60, share=1) is not None
        second.start()
        second.join(MOMENT)
        assert taken == []
    second.join()
    assert taken == [None]


def test_neither_a_claim_nor_a_place_reads_the_whole_table(world: World) -> None:
    """Each way into the submissions is by an index, where the database is asked to avoid anything else."""
    mine = [world.hand_in(user) for user in (world.ada, world.bob)]
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        if "submissions" in statement:
            asked.append((statement, values))

    engines = (world.store._writer, world.store._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    with world.store.read() as session:
        assert waiting.place_of(session, mine[1]) is not None
    with world.store.write() as session:
        assert claims.claim(session, "me", 60, share=1) is not None
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) >= 3
    assert max(len(statement) for statement, _ in asked) <= 4096, "psycopg remembers none that is longer"
    with world.store.write() as session:
        server = session.get_bind().dialect.name == "postgresql"
        if server:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, values in asked:
            explain = f"{'EXPLAIN' if server else 'EXPLAIN QUERY PLAN'} {statement}"
            plan = [str(row[-1]) for row in session.connection().exec_driver_sql(explain, values)]
            whole = [
                line for line in plan if re.search(r"Seq Scan on submissions|SCAN submissions(_\d)?$", line)
            ]
            assert whole == [], "\n".join(plan)
