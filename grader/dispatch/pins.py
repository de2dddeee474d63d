"""Pins: this process leaves submissions waiting whose assignment is judged by other versions.

What is compared is a family of versions (:attr:`grader.dispatch.versions.Versions.family`), and that is done
twice: before a row is claimed, so that it stays queued for whom it belongs to, and in the transaction that
writes a verdict, where of two processes that judge an assignment's first submissions at the same moment only
one can pin it.
"""

from __future__ import annotations

import threading
import time
from typing import Final

import structlog
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.store import judging_versions
from grader.store.database import Store

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 2.0
"""What is allowed on a page holds after so long."""
NOTE_SECONDS: Final = 15.0
"""So often it is noted that submissions are left waiting."""
LOG_SECONDS: Final = 600.0
"""So often the log says so."""
TRUST_SECONDS: Final = 30.0
"""An assignment that this process may judge is not asked about again for so long."""


class VersionsRefused(GraderError):
    """An assignment was pinned to other versions while this process was judging its submission."""


class Pins:
    """Safe for threads.

    :param family: of this process.
    :param mix: judge whatever comes, as the operator says; the versions are written down.
    """

    def __init__(self, store: Store, family: str, *, mix: bool = False) -> None:
        self._store, self._family, self._mix = store, family, mix
        self._lock = threading.Lock()
        """Guards those below."""
        self._blocked: frozenset[int] = frozenset()
        self._looked = self._noted = self._logged = float("-inf")
        self._may: dict[int, float] = {}
        """Assignments that may be judged, and until when that is not asked again."""

    def blocked(self) -> frozenset[int]:
        """The assignments whose submissions this process leaves waiting."""
        if self._mix:
            return frozenset()
        with self._lock:
            now = time.monotonic()
            if now - self._looked < LOOK_SECONDS:
                return self._blocked
            self._looked = now
        try:
            with self._store.read() as session:
                blocked = judging_versions.blocked(session, self._family)
            with self._lock:
                self._blocked = blocked
            if blocked:
                self._note(blocked)
        except Exception:  # the verdict's own transaction asks again
            log.exception("it could not be read by which versions assignments are judged")
        return self._blocked

    def check(self, session: Session, assignment_id: int) -> None:
        """Ask, in the transaction that writes a verdict, whether it may be written.

        :raises VersionsRefused: it may not.
        """
        now = time.monotonic()
        with self._lock:
            if self._may.get(assignment_id, now) > now:
                return
        pinned = judging_versions.pin(session, assignment_id, self._family, mix=self._mix)
        with self._lock:
            if pinned == "before":  # what is written now may yet be undone
                self._may[assignment_id] = now + TRUST_SECONDS
            elif pinned == "refused":
                self._looked = float("-inf")
        if pinned == "refused":
            raise VersionsRefused(f"this assignment is judged by other versions than {self._family}")

    def _note(self, blocked: frozenset[int]) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._noted < NOTE_SECONDS:
                return
            self._noted = now
            say = now - self._logged >= LOG_SECONDS
        with self._store.write() as session:
            left = judging_versions.note_refused(session, blocked, self._family)
        if left and say:
            with self._lock:
                self._logged = now
            for each in left:
                log.warning(
                    "submissions wait for other versions",
                    course=each.course,
                    exercise=each.exercise,
                    submissions=each.waiting,
                    judged_by=" or ".join(each.versions),
                    here=self._family,
                    mend=f"grade assignment versions {each.course} {each.exercise} --allow-versions",
                )
