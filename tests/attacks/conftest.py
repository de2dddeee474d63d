"""Where attacks are tried: the shared pool, the real exercises."""

from __future__ import annotations

import pytest

from grader.exercises import Library
from grader.grading import Truths
from grader.sandbox.pool import Pool

from .bench import Range


@pytest.fixture
def range_(pool: Pool, library: Library, truths: Truths) -> Range:
    """The shooting range."""
    return Range(pool, library, truths)
