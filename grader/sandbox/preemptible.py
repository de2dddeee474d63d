"""Preemptible jobs: a pool as it is for one submission of which nobody knows yet how long it will run.

What has run for its first share is ended as soon as somebody waits for a slot: ``Preempted`` is raised, and
the submission begins anew when it is its turn among those that run for long.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.model.job import Job
from grader.model.observation import Observation
from grader.model.report import Isolation
from grader.sandbox.pool import Pool
from grader.sandbox.share import Share


class Preemptible:
    """A :class:`grader.grading.observe.Sandbox` of one submission. Use once.

    :param wanted: whether somebody waits for a slot at this moment; it must not block.
    """

    def __init__(self, pool: Pool, wanted: Callable[[], bool]) -> None:
        self._pool, self._share = pool, Share(wanted)

    @property
    def isolation(self) -> Isolation:
        """The pool's."""
        return self._pool.isolation

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        """See :meth:`Pool.run`. A reference runs to its end: others may be waiting for the same one.

        :raises Preempted: it has had its share, and somebody waits.
        """
        if library:
            return self._pool.run(job, library)
        return self._pool.run(job, share=self._share)

    def run_both(self, first: Job, second: Job) -> tuple[Observation, Observation]:
        """See :meth:`Pool.run_both`. Raises as :meth:`run`."""
        return self._pool.run_both(first, second, share=self._share)
