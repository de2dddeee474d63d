"""What a dispatcher is handed that runs code: functions over one pool of jails and one cache of truths."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final

from grader.cli.options import echo
from grader.dispatch.canary import Canary
from grader.dispatch.judging import Judging, Rules
from grader.dispatch.precedence import Precedence
from grader.dispatch.preemption import Preemption
from grader.errors import GraderError, SandboxSlow, TruthBusy
from grader.grading import Truths, grade
from grader.grading.canary import sings
from grader.grading.illustrate import draw
from grader.grading.observe import Sandbox
from grader.model import seeds
from grader.model.exercise import Exercise
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.behind import Behind
from grader.sandbox.pool import Pool
from grader.sandbox.preemptible import Preemptible
from grader.settings import Settings
from grader.store.database import Store

MOST_POOLS: Final = 64
"""Assignments whose seeds are remembered."""
TRUTH_PATIENCE: Final = 1.0
"""Seconds that a grading thread waits while another runs the same exercise's reference."""


class Jailed:
    """A pool that warms up, and what is done with it. Safe for threads.

    :param slots: how many submissions are graded at once.
    :param key: by which seeds are drawn; None: it is not known here, and nothing is prepared.
    """

    def __init__(self, slots: int, key: bytes | None) -> None:
        self._slots = slots
        self._seeds = lru_cache(MOST_POOLS)(
            partial(seeds.pool_of, key) if key is not None else lambda _id: []
        )
        self._pool = pool_for(slots)
        self._truths = Truths(patience=TRUTH_PATIENCE)
        self._precedence = Precedence()
        self.preemption = Preemption()
        """For the dispatcher, which says to it whether somebody waits."""
        known = Truths()
        self.canary = Canary(lambda: sings(self._pool, known))
        self.isolation = "namespaces"

    def warm_up(self, weak_allowed: bool) -> None:
        """Return once the jail is warm.

        :param weak_allowed: go on without namespaces where the machine gives none.
        :raises GraderError: it gives none, and that is not allowed; or the jail is too slow to get warm.
        """
        try:
            self._pool.hello()
        except SandboxSlow as error:
            raise GraderError(f"{error}: start again when the machine has less to do") from error
        except GraderError as error:
            if not weak_allowed:
                raise GraderError(
                    f"{error}. Student code would run unguarded: see 'grade doctor', "
                    "or pass --allow-weak-isolation if every student is trusted"
                ) from error
            self._pool.close()
            echo("grade: serving without namespaces, as told", err=True)
            self._pool = pool_for(self._slots, weak=True)
            self.isolation = "process"

    def judging(self, store: Store, settings: Settings) -> Judging:
        """What a dispatcher judges with: this, and what stands in front of it."""
        rules = Rules(settings.verdict_cache, settings.mix_versions, settings.shadow_percent)
        return Judging(
            store,
            self.judge,
            rules,
            regrade=self.judge_behind,
            preemptible=self.judge_preemptibly,
            isolation=lambda: self._pool.isolation,
        )

    def judge(self, exercise: Exercise, submission: Submission) -> Report:
        """See :data:`grader.dispatch.base.Grade`."""
        return self._judge(exercise, submission, self._pool)

    def judge_preemptibly(self, exercise: Exercise, submission: Submission) -> Report:
        """The same for what may have to give up its slot.

        :raises Preempted: it has had its share, and somebody waits.
        """
        return self._judge(exercise, submission, Preemptible(self._pool, self.preemption.wanted))

    def _judge(self, exercise: Exercise, submission: Submission, sandbox: Sandbox) -> Report:
        with self._precedence.first():
            report = grade(exercise, submission, sandbox, self._truths)
        if report.status == "graded":
            self.canary.judged()
        return report

    def judge_behind(self, exercise: Exercise, submission: Submission) -> Report:
        """The same for what is in the queue's lower lanes: who is in the first one is let pass."""
        return grade(exercise, submission, Behind(self._pool, self._precedence.give_way), self._truths)

    def illustrate(self, exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        """See :data:`grader.dispatch.base.Illustrate`."""
        return draw(exercise, submission, self._pool, self._truths, report)

    def prepare(self, exercise: Exercise, assignment_id: int, whole: bool) -> bool:
        """See :data:`grader.dispatch.base.Prepare`."""
        seed = self._truths.missing(exercise, self._seeds(assignment_id), whole=whole)
        if seed is None:
            return False
        get = self._truths.of if whole else self._truths.right
        try:
            get(self._truths.plan(exercise, seed), self._pool)
        except TruthBusy:
            return False  # its reference is slow: others come first, until somebody hands in to it again
        return True

    def close(self) -> None:
        """End the jail."""
        self._pool.close()


def pool_for(threads: int, *, weak: bool = False) -> Pool:
    """The pool of so many grading threads.

    A submission runs in two children, in a slot each. All threads but one may be held by one student's
    loops: there is then a slot left for what the last thread grades.
    """
    return Pool(slots=2 * threads - 1, spares=threads, weak=weak, collapse=True)
