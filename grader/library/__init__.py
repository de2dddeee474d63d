"""``exercises/`` and ``solutions/`` on disk become :class:`~grader.model.exercise.Exercise` values."""

from grader.library.shelf import Library

__all__ = ["Library"]
