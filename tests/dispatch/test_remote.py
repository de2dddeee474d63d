"""Workers on Redis and PostgreSQL, real processes all: whatever dies, each submission is judged once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from grader.dispatch import remote
from grader.dispatch.broker import Broker
from grader.dispatch.remote import RemoteDispatcher
from grader.model.submission import Submission as HandedIn
from grader.store import pictures, submissions, workers
from grader.store.database import Store
from grader.store.tables import Judging, Submission
from tests.many_machines import ManyMachines, Worker, many_machines
from tests.served import ROOT

pytestmark = pytest.mark.slow

EXERCISE = "control-flow"
RIGHT = (ROOT / "solutions" / EXERCISE / "accepted" / "01_from_the_value.py").read_text(encoding="utf-8")
SLOW = RIGHT + "\nimport time\ntime.sleep(5)\n"
"""Four seconds of a worker's time, in which nothing is computed."""


class Scene:
    """A server, one worker, two students, and a look at the database."""

    def __init__(self, machines: ManyMachines, store: Store, tokens: list[str]) -> None:
        self.machines, self.store, self.tokens = machines, store, tokens
        self.worker: Worker
        self.name: str
        self.others: list[tuple[Worker, str]] = []

    def hand_in(self, source: str = RIGHT, *, student: int = 0, wait: int = 0) -> str:
        """The submission's id."""
        return str(self.machines.hand_in(self.tokens[student], EXERCISE, source, wait=wait)["id"])

    def row(self, submission_id: str) -> Submission:
        """As it is now."""
        with self.store.read() as session:
            row = submissions.get(session, submission_id)
        assert row is not None
        return row

    def until(self, condition: Callable[[], object], what: str, seconds: float = 240) -> float:
        """Wait for it; how many seconds that took."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, f"{what} takes more than {seconds} s"
            time.sleep(0.05)
        return time.monotonic() - began

    def graded(self, *ids: str, seconds: float = 240) -> float:
        """Wait until all are."""
        return self.until(lambda: all(self.row(each).state == "graded" for each in ids), "grading", seconds)

    def judgings(self, submission_id: str) -> list[str | None]:
        """By whom it was judged, each time."""
        with self.store.read() as session:
            return list(
                session.scalars(select(Judging.worker).where(Judging.submission_id == submission_id)).all()
            )

    def held(self) -> list[str]:
        """What the worker is grading, by the table."""
        mine = Submission.state == "running", Submission.owner.startswith(f"{self.name}:", autoescape=True)
        with self.store.read() as session:
            return list(session.scalars(select(Submission.id).where(*mine)).all())

    def stopped_holding(self) -> list[str]:
        """Stop the worker (SIGSTOP) in the middle of its work: what it holds."""
        for n in range(50):
            mine = self.hand_in(SLOW, student=n % 2)
            self.until(lambda one=mine: self.held() or self.row(one).state != "queued", "claiming")
            if not self.held():
                continue  # another worker has it
            self.worker.process.send_signal(signal.SIGSTOP)
            time.sleep(0.2)  # what it had said to the database before is done
            held = self.held()
            if held:
                return held
            self.worker.process.send_signal(signal.SIGCONT)  # it was just done
        raise AssertionError("it is always done before it can be stopped")

    def another_worker(self) -> None:
        """In the place of the one that has ended."""
        self.worker = self.machines.worker()
        self.name = self.worker.ready()


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    """One for all tests: processes take seconds to start."""
    with many_machines() as machines:
        tokens = machines.course(EXERCISE, students=2)
        store = Store.open(machines.url, migrate=False)
        scene = Scene(machines, store, tokens)
        scene.worker = machines.worker()
        machines.server.start()
        scene.name = scene.worker.ready()
        yield scene
        store.close()


@pytest.fixture
def dispatcher(scene: Scene) -> Iterator[RemoteDispatcher]:
    """As a web process has one."""
    dispatcher = RemoteDispatcher(scene.store, Broker(scene.machines.redis.url)).start()
    yield dispatcher
    dispatcher.close()


def test_what_is_handed_in_is_graded_by_the_worker(scene: Scene, dispatcher: RemoteDispatcher) -> None:
    """By HTTP, with the verdict in the answer; the judging names the worker."""
    answer = scene.machines.hand_in(scene.tokens[0], EXERCISE, RIGHT, wait=10)
    scene.graded(answer["id"])
    assert scene.judgings(answer["id"]) == [scene.name]
    assert scene.row(answer["id"]).score == 10
    scene.until(lambda: dispatcher.status().broker, "reaching Redis")
    status = dispatcher.status()
    assert (status.alive, status.expected, status.ready) == (2, 2, True)
    (seen,) = status.workers
    assert (seen.name, seen.isolation) == (scene.name, "namespaces") and seen.torch and seen.numpy
    assert dispatcher.ahead(answer["id"]) is None and dispatcher.wait(answer["id"], 0.0)


def test_a_wake_up_that_is_lost_only_delays(scene: Scene, dispatcher: RemoteDispatcher) -> None:
    """Stored by a server that is killed before it says so to anybody."""
    with scene.store.write() as session:
        like = session.scalars(select(Submission).limit(1)).one()
        row = submissions.receive(
            session, assignment_id=like.assignment_id, user_id=like.user_id, source=RIGHT.encode(),
            predictions={}, seed=7, exercise_digest=like.exercise_digest,
        )  # fmt: skip
        lost = row.id
    assert dispatcher.wait(lost, 240)
    assert scene.row(lost).state == "graded"


def test_a_guest_is_answered_and_nothing_is_stored(
    scene: Scene, dispatcher: RemoteDispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict and its pictures; none for what does not exist."""
    monkeypatch.setattr(remote, "PICTURE_SECONDS", 60.0)  # what else runs here must not decide
    scene.until(lambda: dispatcher.status().ready, "seeing the worker")
    with scene.store.read() as session:
        before = session.scalar(select(func.count()).select_from(Submission))
    tried = dispatcher.judge(EXERCISE, HandedIn(RIGHT.encode(), {}, 1), 60.0, draw=False)
    assert tried.report is not None and tried.report.passed and tried.pictures is None
    drawn = dispatcher.judge(EXERCISE, HandedIn(RIGHT.encode(), {}, 1), 60.0, draw=True)
    assert drawn.report is not None and drawn.report.passed
    assert drawn.pictures is not None
    failed = dispatcher.judge("no-such-exercise", HandedIn(b"", {}, 1), 60.0, draw=False)
    assert (failed.report, failed.again) == (None, 0)
    with scene.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == before


def test_pictures_are_drawn_by_the_worker(scene: Scene, dispatcher: RemoteDispatcher) -> None:
    """Asked for as a page does, again and again, until they are in the store."""
    wanted = scene.hand_in(wait=10)
    scene.graded(wanted)

    def drawn() -> object:
        dispatcher.draw(wanted, EXERCISE)
        with scene.store.read() as session:
            return pictures.find(session, wanted)

    scene.until(drawn, "drawing")


def test_without_redis_all_is_graded_and_with_an_empty_one_again(scene: Scene) -> None:
    """Redis is killed with all that it held, twice what waits is judged, and it is used once it is back."""
    scene.machines.redis.kill()
    without = [scene.hand_in(student=n % 2) for n in range(4)]
    scene.graded(*without)
    scene.machines.redis.start()
    broker = Broker(scene.machines.redis.url)
    try:
        # Whoever comes back says so by taking what is sent.
        broker.send("wake")
        scene.until(lambda: broker.waiting("wake") == 0, "taking a wake-up after Redis was away")
    finally:
        broker.close()
    after = scene.hand_in()
    scene.graded(after)
    assert [len(scene.judgings(each)) for each in (*without, after)] == [1] * 5


def test_sigterm_finishes_what_is_graded_and_gives_the_rest_to_others(scene: Scene) -> None:
    """Exit status 0; nothing is left running; what it had not begun the next one judges; all of them once."""
    ids = [scene.hand_in(SLOW, student=n) for n in (0, 1)] + [scene.hand_in(student=n % 2) for n in range(4)]
    scene.until(scene.held, "claiming")
    assert scene.worker.stop() == 0, scene.worker.log.read_text()
    old = scene.name
    states = {each: scene.row(each).state for each in ids}
    problems = [scene.row(each).problem for each in ids]
    assert set(states.values()) <= {"graded", "queued"}, problems
    assert all(scene.judgings(each) == [old] for each, state in states.items() if state == "graded")
    with scene.store.read() as session:
        assert not workers.seen(session), "it took itself off the table"
    scene.another_worker()
    scene.graded(*ids)
    assert all(scene.judgings(each) == [scene.name] for each, state in states.items() if state == "queued")
    assert all(len(scene.judgings(each)) == 1 and not scene.row(each).interruptions for each in ids)


def test_a_worker_that_stood_still_for_a_while_writes_nothing(scene: Scene) -> None:
    """Stopped in the middle of a job, as a virtual machine that is moved: another has judged it meanwhile."""
    stopped, held = scene.name, scene.stopped_holding()
    other = scene.machines.worker()
    name = other.ready()
    scene.graded(*held)
    assert all(scene.judgings(each) == [name] for each in held)
    assert all((scene.row(each).interruptions, scene.row(each).tries) == (1, 0) for each in held)
    scene.worker.process.send_signal(signal.SIGCONT)
    scene.until(lambda: "graded too late" in scene.worker.log.read_text(), "coming to an end")
    assert all(scene.judgings(each) == [name] for each in held)
    after = scene.hand_in()
    scene.graded(after)

    def alive() -> set[str]:
        with scene.store.read() as session:
            return {each.name for each in workers.seen(session) if each.alive}

    scene.until(lambda: alive() == {stopped, name}, "being seen again")
    scene.others.append((other, name))


def test_a_killed_worker_has_lost_its_rows(scene: Scene) -> None:
    """SIGKILL in the middle of its jobs: others judge them within seconds, not after the lease; all once."""
    if not scene.others:
        scene.others.append((other := scene.machines.worker(), other.ready()))
    lost = scene.stopped_holding()
    scene.worker.kill()
    waiting = [scene.hand_in(student=n % 2) for n in range(3)]
    took = scene.until(lambda: not scene.held(), "queueing again")
    print(f"queued again {took:.1f} s after the kill")  # noqa: T201 – shown where the test fails
    scene.graded(*lost, *waiting)
    assert all(len(scene.judgings(each)) == 1 for each in (*lost, *waiting))
    for each in lost:
        assert scene.judgings(each) != [scene.name]
        assert (scene.row(each).interruptions, scene.row(each).tries) == (1, 0)
    scene.worker, scene.name = scene.others.pop()
