"""The line of a file that is being run, seen from a call that it makes."""

from __future__ import annotations

import sys
from typing import Final

from grader.sandbox import bounds

_DEEPEST: Final = 32
"""So many frames of torch's and ours may lie between an operation and the line that asks for it."""


def line_in(file: str) -> int | None:
    """The line of the innermost frame whose code is of ``file``; None for none, and for an absurd one."""
    frame = sys._getframe(1)
    for _ in range(_DEEPEST):
        if frame.f_code.co_filename == file:
            line = frame.f_lineno
            return line if type(line) is int and 1 <= line <= bounds.MAX_LINES else None
        if frame.f_back is None:
            break
        frame = frame.f_back
    return None
