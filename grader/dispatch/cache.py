"""Cache of verdicts: equal submissions cost one judging.

Equal are two submissions of which all is equal that a verdict depends on: the exercise (what judges, and what
it says), the source byte for byte as it was handed in, what was typed beside it, seed, variant, how isolated
the code is run, and the versions of what judges. The key is a SHA-256 over all of it, each part with its
length, so that nothing that a student writes can be taken for another part.

A verdict is looked for in memory, then in the table (:mod:`grader.store.verdicts`), where it is written in
the verdict's own transaction. While one is being worked out, equal ones wait for it (single flight), up to
:data:`PATIENCE_SECONDS`; each process by itself. Where it gives up its slot to others, so do they.

Never shared is what we failed to judge, a report in which a limit of time or memory was met
(:attr:`grader.model.report.Report.limited`), and one of which something was cut. What is judged anew for a
proposal, or by ``grade verify``, is run.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec
import structlog

from grader.dispatch.base import Grade
from grader.dispatch.versions import Versions
from grader.errors import Preempted
from grader.model.exercise import Exercise
from grader.model.report import Isolation, Report
from grader.model.submission import Submission
from grader.store import verdicts
from grader.store.database import Store

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 1.0
"""The longest that a submission waits for an equal one that is being judged: then it is judged itself."""
MOST_BYTES: Final = 16 * 2**20
"""Of reports that are kept in memory."""
MOST_UNFIT: Final = 4096
"""Keys of which it is remembered that their verdict is not shared, so that nobody waits for it."""
BOUND_EVERY: Final = 1000
"""So many new verdicts from one look at how many are kept to the next."""


class Judged(NamedTuple):
    """A report, and where it comes from."""

    report: Report
    key: str | None = None
    """Under which equal submissions find it; None: it is no other's."""
    worker: str | None = None
    """Who judged an equal submission before; None: this one was run."""
    milliseconds: float = 0.0
    """What it took to find that."""


@dataclass
class _Flight:
    """A judging that equal submissions wait for."""

    done: threading.Event = field(default_factory=threading.Event)
    found: verdicts.Found | None = None
    preempted: bool = False
    """It gave up its slot: equal ones would run for as long."""


class Tally(NamedTuple):
    """How often the cache was asked since the process started."""

    hits: int
    misses: int
    waited: int
    """Of the hits: those that waited for an equal one that was being judged."""


class VerdictCache:
    """Safe for threads.

    :param grade: judges what is not known.
    :param isolation: how code is run here, at this moment.
    :param most: how many verdicts the table keeps.
    :param worker: the name of this process.
    """

    def __init__(
        self,
        store: Store,
        grade: Grade,
        versions: Versions,
        isolation: Callable[[], Isolation],
        *,
        most: int,
        worker: str,
    ) -> None:
        self._store, self._grade, self._isolation = store, grade, isolation
        self._most, self._worker = most, worker
        self._versions = [versions.grader, versions.code, versions.torch, versions.numpy, versions.python]
        self._lock = threading.Lock()
        """Guards those below."""
        self._known: OrderedDict[str, verdicts.Found] = OrderedDict()
        self._bytes = 0
        self._unfit: OrderedDict[str, None] = OrderedDict()
        self._flights: dict[str, _Flight] = {}
        self._exercises: OrderedDict[int, tuple[Exercise, str]] = OrderedDict()
        self._stored: set[bytes] | None = None
        """What is in the table, where no other process writes there: what is not need not be looked for."""
        self._written = 0
        self._hits = self._misses = self._waited = 0

    def tally(self) -> Tally:
        """How often it was asked."""
        with self._lock:
            return Tally(self._hits, self._misses, self._waited)

    def judge(
        self,
        exercise: Exercise,
        submission: Submission,
        grade: Grade | None = None,
        *,
        rerun: bool = False,
        preemptible: bool = False,
    ) -> Judged:
        """The verdict on a submission: an equal one's, or by running it. Raises what judging raises.

        :param grade: judges it where it is not known; None: as all others are.
        :param rerun: run it in any case.
        :param preemptible: raise ``Preempted``, too, where an equal one that it waited for did.
        """
        grade = grade or self._grade
        key = self.key(exercise, submission)
        if rerun:
            report = grade(exercise, submission)
            if not self._fit(report):
                return Judged(report)
            self._keep(key, report, None)
            return Judged(report, key)
        began = time.monotonic()
        found = self._find(key, in_table=True)
        if found is not None:
            return self._hit(key, found, began)
        with self._flying(key) as (flight, mine):
            if not mine and flight.done.wait(PATIENCE_SECONDS):
                if flight.found is not None:
                    return self._hit(key, flight.found, began, waited=True)
                if flight.preempted and preemptible:
                    raise Preempted("others waited, and an equal submission had run for long")
            with self._lock:
                self._misses += 1
            try:
                report = grade(exercise, submission)
            except Preempted:
                flight.preempted = flight.preempted or mine
                self._note_unfit(key)  # equal ones do not wait for it
                raise
            if not self._fit(report):
                self._note_unfit(key)
                return Judged(report)
            self._keep(key, report, flight if mine else None)
            return Judged(report, key)

    def judge_for_guest(self, exercise: Exercise, submission: Submission) -> Report:
        """The same for who has no account: nothing of it is in the table. Raises what judging raises."""
        key = "guest " + self.key(exercise, submission)
        found, began = self._find(key, in_table=False), time.monotonic()
        if found is not None:
            return self._hit(key, found, began).report
        with self._lock:
            self._misses += 1
        report = self._grade(exercise, submission)
        if self._fit(report):
            self._keep(key, report, None)
        return report

    def key(self, exercise: Exercise, submission: Submission) -> str:
        """The SHA-256 (hex) by which equal submissions are known."""
        parts = [
            *(str(version) for version in self._versions),
            self._isolation(),
            self._digest_of(exercise),
            str(submission.seed),
            str(submission.variant),
            *(text for pair in sorted(submission.predictions.items()) for text in pair),
        ]
        whole = hashlib.sha256()
        for part in (*(part.encode("utf-8", "surrogatepass") for part in parts), submission.source):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
        return whole.hexdigest()

    def written(self, key: str) -> None:
        """A verdict has been written with this key, and its transaction is committed."""
        with self._lock:
            if self._stored is not None:
                self._stored.add(_short(key))
            self._written += 1
            if self._written % BOUND_EVERY:
                return
        try:
            with self._store.write() as session:
                gone = verdicts.bound(session, self._most)
            if gone:
                log.info("verdicts of long ago are shared no more", verdicts=gone)
        except Exception:  # a full disk, a locked file: it is tried again after as many
            log.exception("the cache of verdicts could not be bounded")

    def _digest_of(self, exercise: Exercise) -> str:
        """Over all of an exercise: its digest is over what judges, and a report also says its sentences."""
        with self._lock:
            known = self._exercises.get(id(exercise))
            if known is not None and known[0] is exercise:
                self._exercises.move_to_end(id(exercise))
                return known[1]
        whole = msgspec.json.encode(msgspec.structs.replace(exercise, family=None))
        digest = hashlib.sha256(whole).hexdigest()
        with self._lock:
            self._exercises[id(exercise)] = exercise, digest
            while len(self._exercises) > 1024:
                self._exercises.popitem(last=False)
        return digest

    def _fit(self, report: Report) -> bool:
        """Whether an equal submission would be told the same."""
        whole = report.status == "graded" and not report.limited and not report.thinned
        return whole and report.isolation == self._isolation()

    def _hit(self, key: str, found: verdicts.Found, began: float, *, waited: bool = False) -> Judged:
        report = msgspec.json.decode(found.report, type=Report)
        with self._lock:
            self._hits += 1
            self._waited += waited
        milliseconds = round((time.monotonic() - began) * 1e3, 3)
        return Judged(report, key, found.worker or "unknown", milliseconds)

    def _find(self, key: str, *, in_table: bool) -> verdicts.Found | None:
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
                return found
            stored = self._stored
        if not in_table or self._most == 0:
            return None
        try:
            if stored is None and self._store.path is not None:
                stored = self._read_keys()
            if stored is not None and _short(key) not in stored:
                return None
            with self._store.read() as session:
                found = verdicts.find(session, key)
        except Exception:
            # Without it the submission is judged, which is what it waits for.
            log.exception("the cache of verdicts could not be read")
            return None
        if found is None or msgspec.json.decode(found.report, type=Report).thinned:
            return None
        self._remember(key, found)
        return found

    def _read_keys(self) -> set[bytes]:
        """What the table holds, once; from then on this process knows what it adds."""
        with self._lock:
            if self._stored is None:
                with self._store.read() as session:
                    self._stored = {_short(key) for key in verdicts.keys(session)}
            return self._stored

    @contextmanager
    def _flying(self, key: str) -> Iterator[tuple[_Flight, bool]]:
        """The judging of this key that is under way, or one's own for others to wait for; whose it is."""
        with self._lock:
            flight = None if key in self._unfit else self._flights.get(key)
            if flight is not None:
                mine = False
            else:
                flight, mine = _Flight(), True
                if (known := self._known.get(key)) is not None:
                    # It has ended since it was looked for.
                    flight.found, mine = known, False
                    flight.done.set()
                elif key not in self._unfit:
                    self._flights[key] = flight
        try:
            yield flight, mine
        finally:
            if mine:
                with self._lock:
                    if self._flights.get(key) is flight:
                        del self._flights[key]
                flight.done.set()

    def _keep(self, key: str, report: Report, flight: _Flight | None) -> None:
        found = verdicts.Found(msgspec.json.encode(report).decode(), self._worker)
        if flight is not None:
            flight.found = found
        self._remember(key, found)

    def _remember(self, key: str, found: verdicts.Found) -> None:
        with self._lock:
            before = self._known.pop(key, None)
            self._bytes += len(found.report) - (len(before.report) if before is not None else 0)
            self._known[key] = found
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._known.popitem(last=False)[1].report)

    def _note_unfit(self, key: str) -> None:
        with self._lock:
            self._unfit[key] = None
            while len(self._unfit) > MOST_UNFIT:
                self._unfit.popitem(last=False)


def _short(key: str) -> bytes:
    """Half of a key is as good in a set, and 50,000 of them take 4 MB."""
    return bytes.fromhex(key)[:16]
