"""Garbage collection (reference cycles) in a process that serves for long."""

from __future__ import annotations

import gc
from typing import Final

THRESHOLDS: Final = (20_000, 20, 20)
"""New containers that make the collector look at the youngest; collections of these that make it look at the
next generation; and so on. Python's own first is 700, which requests and verdicts reach a few times each."""


def look_less_often() -> None:
    """Leave out what has been imported and made so far, which lives as long as the process; look at the
    rest less often. To be called once, before the first request or submission."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
