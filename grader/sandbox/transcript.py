"""Transcript of a session: what one child was heard to say, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.model.observation import Died, Loaded, Outcome
from grader.sandbox.clocks import NOTHING, Spent


@dataclass
class Transcript:
    """What one session brought.

    :ivar loaded: None when the child died before it said so.
    :ivar reached: the line of the last statement outside of the functions that it announced.
    :ivar death: how it died; None when it said ``Done``.
    :ivar spent: of the student's time, which begins when the walls stand: putting them up is ours.
    :ivar walls: the inner walls that the child found to hold, before it had any of the student's code.
    """

    loaded: Loaded | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    death: Died | None = None
    loading_text: bytes = b""
    text: bytes = b""
    """What was printed while tasks ran that may be seen."""
    spent: Spent = NOTHING
    walls: frozenset[str] = frozenset()
    reached: int | None = None
