"""Watch over the sandbox: something was judged lately, or a canary is (for ``/readyz``).

Threads that are alive say nothing of what they can do. What does is a verdict: any submission's, or, where
none came lately, that on a submission of our own. It is judged beside what students wait for, so it is rare.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

FRESH: Final = 30.0
"""Seconds. So long a verdict proves that there will be another."""
STALE: Final = 60.0
"""Seconds. So long a canary that is being judged is waited for: in a rush it stands in line."""
PATIENCE: Final = 2.0
"""Seconds that who asks waits for it."""


class Canary:
    """Safe for threads.

    :param judge: judges the canary: whether its verdict is what it must be. Whatever it raises means no.
    :param clock: seconds.
    """

    def __init__(self, judge: Callable[[], bool], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._judge, self._clock = judge, clock
        self._lock = threading.Lock()
        """Guards those below."""
        self._proved: float | None = None
        self._wrong = ""
        self._trying: threading.Thread | None = None

    def judged(self) -> None:
        """A verdict was made."""
        with self._lock:
            self._proved, self._wrong = self._clock(), ""

    def trouble(self) -> str | None:
        """Why nothing would be judged; None when it would."""
        with self._lock:
            if self._since() <= FRESH:
                return None
            if self._trying is None:
                self._trying = threading.Thread(target=self._try, name="canary", daemon=True)
                self._trying.start()
            trying = self._trying
        trying.join(PATIENCE)
        with self._lock:
            if self._since() <= (FRESH if self._wrong else STALE):
                return None
            return self._wrong or "no canary has been judged yet"

    def _since(self) -> float:
        return float("inf") if self._proved is None else self._clock() - self._proved

    def _try(self) -> None:
        wrong = ""
        try:
            if not self._judge():
                wrong = "a canary was judged wrongly"
                log.error("a canary was judged wrongly")
        except Exception as e:  # noqa: BLE001 – logged; whatever it is, nothing can be judged
            wrong = "a canary could not be judged: the log says why"
            log.error("a canary could not be judged", problem=f"{type(e).__name__}: {e}"[:500])
        with self._lock:
            self._trying = None
            self._wrong = wrong
            if not wrong:
                self._proved = self._clock()
