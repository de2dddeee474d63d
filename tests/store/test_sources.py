"""Each source is stored once; old reports are thinned; a database from before is brought along."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest
from sqlalchemy import Engine, NullPool, create_engine, func, insert, select, text, update

from grader.model.report import Report
from grader.model.report_size import size_of
from grader.model.text import Text
from grader.store import (
    attempts,
    claims,
    courses,
    migrations,
    pictures,
    queue,
    regrades,
    sources,
    submissions,
    thinning,
)
from grader.store.database import Store
from grader.store.tables import Judging, Source, Submission, utcnow

from .world import World, a_report


def texts(world: World) -> int:
    with world.store.read() as session:
        return session.scalar(select(func.count()).select_from(Source)) or 0


def test_the_same_text_is_stored_once(world: World) -> None:
    """By one student or by two; who asks for a row has the text."""
    mine, again, other = world.hand_in(world.ada), world.hand_in(world.ada), world.hand_in(world.bob)
    assert texts(world) == 1
    with world.store.read() as session:
        rows = [submissions.get(session, name) for name in (mine, again, other)]
    assert {row.source for row in rows if row is not None} == {b"def f(x): return x"}


def test_what_no_submission_holds_is_deleted(world: World) -> None:
    """When an exercise is taken out of a course, and no sooner."""
    world.hand_in(world.ada)
    world.hand_in(world.ada, world.second)
    for assignment, left in ((world.first, 1), (world.second, 0)):
        with world.store.write() as session:
            courses.withdraw(session, assignment)
        assert texts(world) == left


def long_report(score: float, size: int = 1000) -> Report:
    """One with something to lose."""
    report = a_report(score, code="scale")
    said = Text("m" * size, "m")
    return msgspec.structs.replace(
        report, checks=(msgspec.structs.replace(report.checks[0], message=said),), notes=(said,)
    )


def attempts_graded(world: World, reports: list[Report]) -> None:
    """Rows as they are after grading, without the queue's way; the last one takes it."""
    with world.store.write() as session:
        digest = sources.keep(session, b"def f(x): return x")
        session.execute(
            insert(Submission),
            [
                {
                    "id": f"{n:036}", "assignment_id": world.first, "user_id": world.ada,
                    "source_digest": digest, "predictions": {}, "seed": n, "exercise_digest": "0" * 64,
                    "state": "graded", "attempt": n, "created_at": utcnow(),
                    "score": report.score, "max_score": 10.0, "passed": False,
                }
                for n, report in enumerate(reports, 1)
            ],
        )  # fmt: skip
        session.execute(
            insert(Judging),
            [
                {
                    "id": n, "submission_id": f"{n:036}", "exercise_digest": "0" * 64, "seed": n,
                    "phases": {}, "finished_at": utcnow(), "score": report.score, "max_score": 10.0,
                    "passed": False, "report": msgspec.json.encode(report).decode(),
                }
                for n, report in enumerate(reports, 1)
            ],
        )  # fmt: skip
        session.execute(update(Submission).values(judging_id=Submission.attempt))
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT setval('judgings_id_seq', 1000)"))


def kept(world: World) -> list[int]:
    """The attempts whose reports are whole, by number; the others have score, verdicts and nothing else."""
    whole = []
    with world.store.read() as session:
        for row in attempts.attempts(session, world.ada, world.first):
            report = submissions.report_of(row)
            assert report is not None and report.score == row.score and report.checks[0].verdict == "failed"
            assert report.thinned is row.thinned
            if not report.thinned:
                whole.append(row.attempt)
            else:
                assert size_of(report) < 1000
                assert report.checks[0].message.en == "" and report.checks[0].diagnosis is None
                assert not report.notes and not report.stdout
    return sorted(whole)


def test_the_best_and_the_newest_stay_whole(world: World) -> None:
    """The first of the best, the newest fifty; at an attempt of another student's nothing happens."""
    attempts_graded(world, [long_report(6.0 if n in (7, 9) else 4.0) for n in range(1, 81)])
    with world.store.write() as session:
        pictures.save(session, f"{1:036}", msgspec.convert({}, pictures.Pictures))
        assert thinning.thin(session, world.bob, world.first) == 0
        assert thinning.thin(session, world.ada, world.first) == 29
        assert thinning.thin(session, world.ada, world.first) == 0
        assert pictures.find(session, f"{1:036}") is None
    assert kept(world) == [7, *range(31, 81)]


def test_large_reports_are_kept_in_smaller_numbers(world: World) -> None:
    """Together they are bounded."""
    attempts_graded(world, [long_report(4.0, 100_000) for n in range(1, 31)])
    with world.store.write() as session:
        thinning.thin(session, world.ada, world.first)
    assert kept(world) == [1, *range(11, 31)]


def test_a_new_verdict_thins_the_oldest_and_a_regrade_makes_nothing_grow(world: World) -> None:
    """As it happens: by grading, one after the other, and old ones again."""
    attempts_graded(world, [long_report(4.0) for n in range(1, 71)])
    for _ in range(2):
        name = world.hand_in(world.ada)
        with world.store.write() as session:
            claimed = claims.claim(session, "tester", 60)
            assert claimed is not None and claimed.id == name
            assert queue.finish(session, name, "tester", long_report(4.0))
    assert kept(world) == [1, *range(23, 73)]
    with world.store.write() as session:
        names = [f"{n:036}" for n in (5, 20)]
        regrade = regrades.propose_rerun(session, world.first, names, reason="again", by=None)
        for _ in names:
            again = claims.claim(session, "again", 60)
            assert again is not None
            assert queue.finish(session, again.id, "again", long_report(4.0))
        regrades.accept(session, regrade, by=None)
    assert kept(world) == [1, *range(23, 73)]


@pytest.fixture
def engine(url: str, store: Store) -> Engine:
    """A way into the store's database that does not lead through the store."""
    return create_engine(url, poolclass=NullPool)


def test_a_database_from_before_is_brought_along_and_back(engine: Engine, url: str, world: World) -> None:
    """Every source byte for byte; a report that would be refused today keeps its verdicts alone."""
    done = world.grade(world.cyd, 4.0, code="scale")
    for login in (world.ada, world.ada, world.bob):
        world.hand_in(login)
    with world.store.write() as session:
        session.execute(
            update(Judging)
            .where(Judging.submission_id == done)
            .values(report=msgspec.json.encode(long_report(4.0, 10**6)).decode())
        )
        other = sources.keep(session, b"\x00\xff other")
        session.execute(
            update(Submission)
            .where(Submission.user_id == world.bob)
            .values(source_digest=other, request_key="k")
        )
    with engine.begin() as connection:
        migrations.downgrade(connection, "0003")
        old = dict(list(connection.execute(text("SELECT id, source FROM submissions"))))
    assert sorted(map(bytes, old.values())) == [b"\x00\xff other", *[b"def f(x): return x"] * 3]
    again = Store.open(url)
    with again.read() as session:
        rows = session.scalars(select(Submission)).all()
        assert {row.id: row.source for row in rows} == {name: bytes(data) for name, data in old.items()}
        assert all(row.source_digest == hashlib.sha256(row.source).hexdigest() for row in rows)
        assert {row.id for row in rows if row.thinned} == {done}
        assert session.scalar(select(func.count()).select_from(Source)) == 2
        report = submissions.report_of(next(row for row in rows if row.id == done))
        assert report is not None and report.thinned and report.checks[0].verdict == "failed"
        assert len(json.dumps(report.to_json())) < 1000
    again.close()
    engine.dispose()
