"""Tolerances: exercises as a proposal tries them, with another relative tolerance than their folder says."""

from __future__ import annotations

import threading

from grader.dispatch.base import Exercises
from grader.model.exercise import Exercise
from grader.store.queue import Work


class Tolerances:
    """Safe for threads. Such an exercise is made once: its plans and truths are kept by it."""

    def __init__(self, exercises: Exercises) -> None:
        self._exercises = exercises
        self._lock = threading.Lock()
        self._last: dict[tuple[str, float], Exercise] = {}
        """The one that was asked for last."""

    def exercise_of(self, work: Work) -> Exercise:
        """The exercise by which a submission is judged."""
        exercise = self._exercises(work.exercise).variant(work.submission.variant)
        if work.rtol is None:
            return exercise
        key = (exercise.digest, work.rtol)
        with self._lock:
            if key not in self._last:
                self._last = {key: exercise.with_rtol(work.rtol)}
            return self._last[key]
