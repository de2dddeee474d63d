"""Reference failures: what an author is told of an outcome that should have been another."""

from __future__ import annotations

from grader.model.observation import (
    Died,
    Differentiated,
    Misfit,
    Missing,
    Outcome,
    Raised,
    Returned,
    Skipped,
    Taped,
    Traced,
)
from grader.model.values import type_name


def said_of(outcome: Outcome | None) -> str:
    """The outcome as the end of a sentence."""
    match outcome:
        case None | Skipped():
            return "it was not run"
        case Missing():
            return "there is no such function"
        case Misfit(signature=signature):
            return f"it is defined as {signature}"
        case Raised(type=kind, message=message, line=line):
            return f"{kind}: {message}" + (f" (line {line})" if line else "")
        case Died(cause=cause, detail=detail):
            return f"{cause} {detail}".strip()
        case Returned(value=value) | Differentiated(value=value):
            return f"it returned {type_name(value)}"
        case Traced() | Taped():
            return "it returned"
