"""What the class pages call a reason, a state on the way to the right answer, and a check."""

from __future__ import annotations

from grader.analytics import flow
from grader.model.exercise import Exercise
from grader.web.ui.languages import _, say
from grader.web.ui.reasons import reason

__all__ = ["reason", "state", "title"]


def state(exercise: Exercise | None, name: str) -> str:
    """What a state of the flow is called: one of those in parentheses, or a code."""
    return {
        flow.START: _("begins"),
        flow.SOLVED: _("✓ passed"),
        flow.UNNAMED: _("wrong, without a named reason"),
        flow.NO_ANSWER: _("no answer: an error, a time-out or a missing function"),
        flow.STOPPED: _("no further attempt so far"),
    }.get(name) or reason(exercise, name)


def title(exercise: Exercise | None, check_id: str) -> str:
    """What a check looks at; its id where the exercise has it no more."""
    checks = exercise.checks if exercise is not None else ()
    return next((say(check.title) for check in checks if check.id == check_id), check_id)
