"""Jail that a command grades in: started before anything else, a plain process where there is none."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from grader.cli.options import echo
from grader.errors import SandboxFailed
from grader.model.report import Isolation
from grader.sandbox.pool import Pool


class Jail:
    """A pool that warms up in the background from here on, and is closed where the ``with`` ends.

    :param spares: children that are kept ready.
    :param collapse: spend 0.7 s on huge pages, which come back where there is much to grade.
    """

    def __init__(self, slots: int, *, spares: int = 0, collapse: bool = False) -> None:
        self._slots, self._collapse = slots, collapse
        self._pool = Pool(slots=slots, spares=spares, collapse=collapse)

    def warm(self) -> Pool:
        """The pool once it is warm; a plain-process one, announced, where there are no namespaces."""
        try:
            self._pool.hello()
        except SandboxFailed as error:
            self._pool.close()
            echo(
                f"grade: no isolation here ({error}); running in a plain process. 'grade doctor' says more.",
                err=True,
            )
            self._pool = Pool(slots=self._slots, weak=True, collapse=self._collapse)
            self._pool.hello()
        return self._pool

    @property
    def isolation(self) -> Isolation:
        """What the last job's children found themselves in; before the first, what is meant."""
        return self._pool.isolation

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()
