"""Submission: what a student hands in."""

from __future__ import annotations

import msgspec


class Submission(msgspec.Struct, frozen=True):
    """A source file and the predictions typed beside it.

    :param source: the Python file's bytes, as they came. They are decoded by the judge, so
        that a file in the wrong encoding gets a verdict and not a traceback.
    :param predictions: NAME → what was typed, as text. They win over the file's ``PREDICTIONS``.
    :param seed: draws the generated hidden cases.
    :param variant: about which variant of the exercise it is. It is judged by ``exercise.variant(variant)``.
    """

    source: bytes
    predictions: dict[str, str] = {}
    seed: int = 0
    variant: int = 0
