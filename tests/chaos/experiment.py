"""One experiment: a class hands in, a fault strikes, and then every submission is accounted for."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import text

from tests.chaos.crowd import Crowd, call
from tests.chaos.services import Postgres
from tests.chaos.site import EXERCISE, PASSWORD, Mode, Site, wait_for
from tests.redis_server import RedisServer
from tests.served import COURSE, Visitor

STUDENTS: Final = 6
BEFORE: Final = 8
"""So many have their verdict when the fault strikes: everything is warm."""
AFTER: Final = 6
"""So many are still handed in when it is over."""
VERDICTS_WITHIN: Final = 240.0
"""Seconds. After them whatever has no verdict is lost."""


@dataclass
class Run:
    """What a fault is given to strike: the installation and the class in front of it.

    :ivar said: what the experiment found out beside the numbers.
    """

    site: Site
    crowd: Crowd
    settled: Mapping[str, float]
    said: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    """Submissions that must end without a verdict, because of the fault's own doing."""

    def waiting(self) -> int:
        """How many submissions that were taken have no verdict."""
        return len(self.crowd.accepted) - len(self.settled)


def _as_it_is(_site: Site) -> None:
    pass


@dataclass(frozen=True)
class Fault:
    """A fault.

    :ivar inject: strikes, and returns when it is over: when the killed process is dead, or what was taken
        away is there again.
    :ivar prepare: what must be so before anything is started.
    :ivar lacking: why it cannot be injected on this machine; None: it can be.
    :ivar check: what must hold at the end beside that nothing is lost and nothing doubled.
    """

    name: str
    modes: tuple[Mode, ...]
    inject: Callable[[Run], None]
    meaning: str
    prepare: Callable[[Site], None] = _as_it_is
    lacking: Callable[[], str | None] = lambda: None
    check: Callable[[Run], None] = lambda _: None
    clean: Callable[[Site], None] = _as_it_is


@dataclass(frozen=True)
class Outcome:
    """A line of the table."""

    fault: str
    mode: Mode
    submissions: int
    lost: int
    doubled: int
    recovered_after: float
    """Seconds from the end of the fault until all that was handed in before that had its verdict."""
    again: int
    """How often something was not taken or not answered, and was sent again."""
    said: str = ""


class _Watch(threading.Thread):
    """Notes when each submission has its verdict, or is set aside, by the database."""

    def __init__(self, site: Site) -> None:
        super().__init__(daemon=True)
        self.settled: dict[str, float] = {}
        self._site, self._over = site, threading.Event()
        self.start()

    def run(self) -> None:
        query = text("SELECT id FROM submissions WHERE judging_id IS NOT NULL OR state = 'failed'")
        while not self._over.is_set():
            # The database is away, or may not be opened: that is the fault.
            with contextlib.suppress(Exception), self._site.connection() as connection:
                while not self._over.wait(0.05):
                    ids = connection.scalars(query).all()
                    now = time.monotonic()
                    for each in ids:
                        self.settled.setdefault(each, now)
            self._over.wait(0.1)

    def end(self) -> None:
        self._over.set()
        self.join()


def run(fault: Fault, mode: Mode, *, postgres: Postgres | None, redis: RedisServer | None) -> Outcome:
    """Strike once, and account for every submission.

    :raises AssertionError: something else is wrong than what the outcome counts.
    """
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        site = Site(Path(name), mode, postgres=postgres, redis=redis, students=STUDENTS)
        try:
            fault.prepare(site)
            site.start()
            return _strike(fault, site)
        except BaseException:
            tail = "\n".join(site.log().splitlines()[-25:])
            print(f"--- {fault.name}, {mode}: the end of the log\n{tail}\n---", flush=True)  # noqa: T201
            raise
        finally:
            site.stop()
            fault.clean(site)


def _strike(fault: Fault, site: Site) -> Outcome:
    watch = _Watch(site)
    crowd = Crowd(site.server.port, site.tokens, lambda: len(watch.settled))
    try:
        ran = Run(site, crowd, watch.settled)
        wait_for(lambda: len(watch.settled) >= BEFORE, what=f"nothing is judged: {crowd.refused[-3:]}")
        fault.inject(ran)
        over, taken = time.monotonic(), len(crowd.accepted)
        wait_for(
            lambda: len(crowd.accepted) >= taken + AFTER,
            VERDICTS_WITHIN,
            f"nothing is taken: {crowd.refused[-3:]}",
        )
        crowd.stop(60)
        ids = {each.id for each in crowd.accepted}
        with contextlib.suppress(AssertionError):  # then they are lost, and counted as that
            wait_for(lambda: ids <= watch.settled.keys(), VERDICTS_WITHIN)
    finally:
        watch.end()
    fault.check(ran)
    at_the_time = [
        watch.settled.get(each.id, over + VERDICTS_WITHIN) for each in crowd.accepted if each.at <= over
    ]
    lost, doubled = _accounts(ran)
    return Outcome(
        fault.name, site.mode, len(crowd.accepted), lost, doubled,
        max(0.0, max(at_the_time, default=over) - over), len(crowd.refused), "; ".join(ran.said),
    )  # fmt: skip


def _accounts(ran: Run) -> tuple[int, int]:
    """How many accepted submissions have not their one verdict, and how many things are there twice."""
    site, crowd = ran.site, ran.crowd
    lost = 0
    for each in crowd.accepted:
        # As its student sees it.
        status, row = call(
            site.server.port, "GET", f"/api/v1/submissions/{each.id}", site.tokens[each.student]
        )
        if status != 200 or row["state"] != "graded" or row["report"]["score"] != each.score:
            lost += 1
            ran.said.append(f"{each.id}: {status} {row if status != 200 else (row['state'], row['score'])}")
    with site.connection() as connection:
        judgings = Counter(connection.scalars(text("SELECT submission_id FROM judgings")).all())
        rows = connection.execute(text("SELECT id, user_id, attempt, request_key FROM submissions")).all()
    keys = Counter((row.user_id, row.request_key) for row in rows)
    doubled = sum(n - 1 for n in judgings.values()) + sum(n - 1 for n in keys.values())
    mine = {each.id for each in crowd.accepted}
    assert len(mine) == crowd.sent, "a submission that was sent twice is two"
    strangers = {row.id for row in rows} - mine - set(ran.set_aside)
    assert not strangers, f"{len(strangers)} submissions that nobody sent"
    for student in {row.user_id for row in rows}:
        attempts = sorted(row.attempt for row in rows if row.user_id == student)
        assert attempts == list(range(1, len(attempts) + 1)), "attempts are numbered one by one"
    _gradebook(ran)
    return lost, doubled


def _gradebook(ran: Run) -> None:
    """The instructor's gradebook has every student once, with each attempt once."""
    teacher = Visitor(ran.site.server.url)
    teacher.sign_in("teacher", PASSWORD)
    page = teacher.get(f"/courses/{COURSE}/gradebook.csv?columns=all").lstrip("\ufeff")
    lines = list(csv.DictReader(io.StringIO(page)))
    assert len({line["login"] for line in lines}) == len(lines) == STUDENTS
    for line in lines:
        number = int(re.sub(r"\D", "", line["login"]))
        scores = [each.score for each in ran.crowd.accepted if each.student == number]
        assert int(line[f"{EXERCISE} attempts"]) == len(scores), f"{line} has not each attempt once"
        assert float(line[EXERCISE]) == max(scores)
