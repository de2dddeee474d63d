"""Threads in the server's own process."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from grader.dispatch.base import Exercises, Grade, Status
from grader.store.database import Store


class EmbeddedDispatcher:
    """A :class:`grader.dispatch.base.Dispatcher` of ``threads`` threads.

    Start it in the process that serves, after any fork.
    """

    def __init__(
        self,
        store: Store,
        grade: Grade,
        exercises: Exercises,
        *,
        threads: int = 2,
        lock_file: Path | None = None,
        sweep_seconds: float = 2.0,
        lease_seconds: float = 120.0,
        backoff_seconds: float = 2.0,
        close_seconds: float = 15.0,
    ) -> None:
        raise NotImplementedError

    def start(self) -> Self:
        """Take the lock, queue again what a dead server left running, and serve.

        :raises GraderError: when another server holds the same database.
        """
        raise NotImplementedError

    def submit(self, submission_id: str) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        raise NotImplementedError

    def wait(self, submission_id: str, seconds: float) -> bool:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        raise NotImplementedError

    def status(self) -> Status:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        raise NotImplementedError

    def close(self) -> None:
        """See :class:`grader.dispatch.base.Dispatcher`."""
        raise NotImplementedError
