"""Background jobs (low priority): a pool as it is for submissions of the queue's lower lanes.

What is judged anew, or runs for long, shall not be felt by who hands in meanwhile. So its children have the
lowest priority, leave the spares to others, and run one after the other: the second of a pair would hold a
slot that another pair needs. No verdict may depend on how long they were kept waiting for a processor: time
by the wall has no limit. Before a job and after it, it waits for a while as long as somebody is waited for:
what follows a job is judging, in the interpreter that everybody shares.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.model.job import Job
from grader.model.observation import Observation
from grader.model.report import Isolation
from grader.sandbox.pool import Pool


class Behind:
    """A :class:`grader.grading.observe.Sandbox`.

    :param give_way: blocks for a bounded time while others are waited for.
    """

    def __init__(self, pool: Pool, give_way: Callable[[], None]) -> None:
        self._pool, self._give_way = pool, give_way

    @property
    def isolation(self) -> Isolation:
        """The pool's."""
        return self._pool.isolation

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        """See :meth:`Pool.run`. A reference has no time to lose: others may be waiting for the same one."""
        if library:
            return self._pool.run(job, library)
        self._give_way()
        seen = self._pool.run(job, library, behind=True)
        self._give_way()
        return seen

    def run_both(self, first: Job, second: Job) -> tuple[Observation, Observation]:
        """See :meth:`Pool.run_both`; one after the other."""
        seen = self.run(second)
        return self.run(first), seen
