"""What the entry point hands to the web, in one place: no module keeps state of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from flask import current_app
from flask_limiter import Limiter

from grader.dispatch.base import Dispatcher
from grader.model.exercise import Exercise
from grader.settings import Settings
from grader.store.database import Store

EXTENSION = "grader"


class Exercises(Protocol):
    """Where exercises come from; :mod:`grader.library` has the real one."""

    def all(self) -> Sequence[Exercise]:
        """Every exercise, in order."""

    def get(self, slug: str) -> Exercise:
        """The exercise with this slug. Raises ``UnknownExercise``."""


@dataclass(frozen=True)
class Services:
    """One per application. ``limiter`` counts in this process's memory."""

    settings: Settings
    store: Store
    exercises: Exercises
    dispatcher: Dispatcher
    limiter: Limiter


def services() -> Services:
    """The current application's services."""
    return cast(Services, current_app.extensions[EXTENSION])
