"""``exercises/`` and ``solutions/`` on disk become :class:`~grader.model.exercise.Exercise` values."""

from grader.exercises.loader import Library

__all__ = ["Library"]
