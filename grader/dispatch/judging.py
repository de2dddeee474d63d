"""Judging of one claimed submission, whichever engine claimed it: shared, pinned, sampled, written down.

::

    claim (blocked) ──► judge ──► cache ── miss ──► grade
                          │         └ hit: an equal submission's verdict
                          ▼
                        write: may these versions? ── store.queue.finish ── sampled to be judged again?
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from grader.analytics.alike import tree_key
from grader.dispatch import trail
from grader.dispatch.base import Exercises, Grade
from grader.dispatch.cache import Judged, Tally, VerdictCache
from grader.dispatch.pins import Pins
from grader.dispatch.shadow import Shadows
from grader.dispatch.versions import Versions
from grader.model.exercise import Exercise
from grader.model.report import Isolation, Report
from grader.model.submission import Submission
from grader.store import queue
from grader.store.database import Store
from grader.store.judgings import Made
from grader.store.queue import Claimed, Work

MOST_VERDICTS: Final = 50_000
"""Verdicts that equal submissions are told, where nothing else is set: 6 MB of the database."""


def named() -> str:
    """Host, process and start: new at every start, so that nobody finishes a claim of an earlier process."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True)
class Rules:
    """What an installation may set.

    :ivar cache: how many verdicts are kept for equal submissions; 0: each is judged.
    :ivar mix_versions: judge an assignment by whatever versions are here.
    :ivar shadow: how many of a hundred verdicts are judged again, to compare.
    """

    cache: int = MOST_VERDICTS
    mix_versions: bool = False
    shadow: float = 1.0


PLAIN: Final = Rules(cache=0, mix_versions=True, shadow=0.0)


class Judging:
    """Safe for threads.

    :param grade: judges one submission; what is here stands in front of it.
    :param regrade: the same for what is in the lower lanes; None: ``grade``.
    :param preemptible: the same for what is in the first one, and may raise ``Preempted``; None: ``grade``.
    :param isolation: how code is run here, at this moment.
    :param worker: the name of this process; None: :func:`named` makes one.
    """

    def __init__(
        self,
        store: Store,
        grade: Grade,
        rules: Rules = PLAIN,
        *,
        regrade: Grade | None = None,
        preemptible: Grade | None = None,
        isolation: Callable[[], Isolation] = lambda: "namespaces",
        worker: str | None = None,
        versions: Versions | None = None,
    ) -> None:
        self.worker = worker or named()
        self.versions = versions or Versions.here()
        self._grade, self._regrade, self._preemptible = grade, regrade or grade, preemptible or grade
        self._cache: VerdictCache | None = None
        if rules.cache:
            self._cache = VerdictCache(
                store, grade, self.versions, isolation, most=rules.cache, worker=self.worker
            )
        self._pins = Pins(store, self.versions.family, mix=rules.mix_versions)
        self._shadows: Shadows | None = None
        if rules.shadow:
            self._shadows = Shadows(
                store, self._regrade, self.versions, percent=rules.shadow, worker=self.worker
            )
        v = self.versions
        self._made = Made(v.grader, v.torch, self.worker, numpy=v.numpy, python=v.python, cpu=v.cpu)

    @classmethod
    def of(cls, store: Store, grade: Grade | Judging) -> Judging:
        """``grade`` itself; or around a mere function one without cache, pins and samples."""
        return grade if isinstance(grade, Judging) else cls(store, grade)

    def blocked(self) -> frozenset[int]:
        """The assignments whose submissions this process leaves waiting."""
        return self._pins.blocked()

    def judge(self, exercise: Exercise, work: Work, *, behind: bool = False) -> Judged:
        """The verdict on a claimed submission. Raises what judging raises.

        :param behind: it is in one of the lower lanes: it runs behind all others, and to its end.
        """
        grade = self._regrade if behind else self._preemptible
        if self._cache is None:
            return Judged(grade(exercise, work.submission))
        return self._cache.judge(exercise, work.submission, grade, rerun=work.rerun, preemptible=not behind)

    def for_guest(self, exercise: Exercise, submission: Submission) -> Report:
        """The verdict on a guest's try. Raises what judging raises."""
        if self._cache is None:
            return self._grade(exercise, submission)
        return self._cache.judge_for_guest(exercise, submission)

    def made(self, claimed: Claimed, judged: Judged, began: float) -> Made:
        """What is written down beside a verdict.

        :param began: on the monotonic clock, when it was claimed.
        """
        made = self._made._replace(tree=tree_key(claimed.work.submission.source), key=judged.key)
        made = trail.judged(made, claimed, judged.report)
        if judged.worker is not None:
            ms = round((time.monotonic() - began) * 1e3, 3)
            phases = {"cache": judged.milliseconds, "all": ms}
            made = made._replace(cached_from=judged.worker, phases=phases)
        if self._shadows is not None and claimed.work.rtol is None:
            made = made._replace(shadow=self._shadows.drawn(judged.report))
        return made

    def write(
        self, claimed: Claimed, report: Report, started: datetime, made: Made, session: Session
    ) -> datetime | None:
        """Write a verdict; as when it was written. None: the row is no longer ours.

        :raises VersionsRefused: its assignment is judged by other versions.
        """
        if not claimed.work.rerun:
            self._pins.check(session, claimed.work.assignment_id)
        return queue.finish(session, claimed.id, claimed.holder, report, started=started, made=made)

    def written(self, made: Made) -> None:
        """A verdict's transaction is committed."""
        if self._cache is not None and made.key is not None and made.cached_from is None:
            self._cache.written(made.key)

    def compare(self, exercises: Exercises) -> bool:
        """Judge one of the sampled verdicts again, when nothing waits; False when there is none."""
        return self._shadows is not None and self._shadows.compare(exercises)

    def tally(self) -> Tally:
        """How often the cache was asked in this process."""
        return Tally(0, 0, 0) if self._cache is None else self._cache.tally()

    def figures(self) -> Iterable[tuple[str, float, str]]:
        """Name, value and meaning of what this process counts, for ``/metrics``."""
        tally = self.tally()
        yield "grader_cache_hits", tally.hits, "Verdicts that an equal submission had, in this process."
        yield "grader_cache_misses", tally.misses, "Verdicts that had to be worked out, in this process."
        yield "grader_cache_waited", tally.waited, "Of the hits: those that waited for an equal one."
