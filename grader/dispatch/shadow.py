"""Shadow judging: when nothing waits, some verdicts are worked out again and compared.

A sample of the verdicts that are written is put into a table (:mod:`grader.store.shadows`); another worker
takes it, runs it, and compares the outcome (:mod:`grader.model.outcome`): scores, reasons, sentences. Where
one process serves, it judges them itself, in other children. A verdict that was taken from the cache is
sampled like any other. Whatever comes of it changes no verdict; a difference is an alarm that names both.
"""

from __future__ import annotations

import random
import threading
import time
from functools import partial
from typing import Final

import msgspec
import structlog

from grader.dispatch.base import Exercises, Grade
from grader.dispatch.versions import Versions
from grader.errors import TruthBusy
from grader.model.outcome import differing
from grader.model.report import Report
from grader.store import shadows
from grader.store.database import Store
from grader.store.shadows import Taken
from grader.store.tables import ShadowState

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 10.0
"""So often it is looked for what others have sampled."""
FORGET_SECONDS: Final = 3600.0
_NEVER: Final = float("-inf")


class Shadows:
    """Safe for threads.

    :param grade: judges, and takes no verdict from anywhere.
    :param percent: how many of a hundred verdicts are judged again.
    :param worker: the name of this process.
    """

    def __init__(
        self, store: Store, grade: Grade, versions: Versions, *, percent: float, worker: str
    ) -> None:
        self._store, self._grade, self._versions = store, grade, versions
        self._share, self._worker = percent / 100, worker
        self._chance = random.Random()  # noqa: S311 – a sample, no secret
        self._lock = threading.Lock()
        """Guards those below."""
        self._look_at = self._forgotten = _NEVER

    def drawn(self, report: Report) -> bool:
        """Whether this verdict is one of the sample. A limit that was met says what the machine was doing."""
        if report.limited or report.thinned or self._chance.random() >= self._share:
            return False
        with self._lock:
            self._look_at = _NEVER
        return True

    def compare(self, exercises: Exercises) -> bool:
        """Judge one of the sample again; False when there is none."""
        with self._lock:
            now = time.monotonic()
            if now < self._look_at:
                return False
            self._look_at = now + LOOK_SECONDS
            forget = now - self._forgotten > FORGET_SECONDS
            self._forgotten = now if forget else self._forgotten
        versions = self._versions
        with self._store.write() as session:
            if forget:
                shadows.forget(session)
            taken = shadows.take(
                session,
                self._worker,
                cpu=versions.cpu,
                alike=(versions.grader, versions.torch, versions.numpy),
                alone=self._store.path is not None,
            )
        if taken is None:
            return False
        with self._lock:
            self._look_at = _NEVER  # where there is one, there may be more
        try:
            state, differs = self._judge_again(taken, exercises)
        except (Exception, SystemExit) as error:  # noqa: BLE001 – logged; nobody waits for it
            if not isinstance(error, TruthBusy):
                problem = f"{type(error).__name__}: {error}"[:500]
                log.warning("could not judge again", submission=taken.submission_id, problem=problem)
            state, differs = ("waiting" if isinstance(error, TruthBusy) else "dropped"), []
            with self._lock:
                self._look_at = time.monotonic() + LOOK_SECONDS
        settle = partial(
            shadows.settle, judging_id=taken.judging_id, worker=self._worker, state=state, differs=differs
        )
        held = self._store.together(settle)
        if held and state == "different":
            log.error(
                "two judgings of one submission differ",
                submission=taken.submission_id,
                judging=taken.judging_id,
                exercise=taken.exercise,
                first=taken.worker,
                first_cpu=taken.cpu,
                second=self._worker,
                second_cpu=versions.cpu,
                differs=differs,
            )
        return True

    def _judge_again(self, taken: Taken, exercises: Exercises) -> tuple[ShadowState, list[str]]:
        exercise = exercises(taken.exercise).variant(taken.submission.variant)
        first = msgspec.json.decode(taken.report, type=Report)
        if exercise.digest != taken.exercise_digest or first.thinned:
            return "dropped", []
        second = self._grade(exercise, taken.submission)
        if second.status != "graded" or second.isolation != first.isolation:
            return "dropped", []
        differs = differing(first, second)
        return ("different" if differs else "same"), differs
