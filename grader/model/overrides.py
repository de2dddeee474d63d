"""Overrides of a policy, for a section or for one student, inherited field by field.

A change is a JSON object with the fields that differ; a key that is there overrides, with null, too. The
assignment's own policy is the base, the student's sections come next, the student's own change last.

A student in several sections gets the most generous, field by field: the earliest opening, the latest due
date, most grace and attempts, no pause, the best attempt, most feedback, the numbers that all have. Closing
and late rule say only together how long late work counts: of all pairs of them the one is taken that gives
most credit after the due date and then stays open longest. What an assignment is worth is no favour: for
``points`` the first section of those given decides. A section's field wins over the base's even where it is
stricter; only sections that name a field are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any, Final

import msgspec

from grader.model import policy_sentences as sentences
from grader.model.late import credit
from grader.model.policy import Policy, checked, closing
from grader.model.policy_sentences import PolicyError


def changes_of(change: object) -> dict[str, Any]:
    """A change as values that a policy holds, from JSON or from such values.

    :raises PolicyError: it is no change; with one sentence about the first field that cannot be.
    """
    if not isinstance(change, Mapping):
        raise PolicyError("", sentences.NO_OBJECT)
    return {str(field): checked(str(field), value) for field, value in change.items()}


def to_store(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change as JSON has it; :func:`changes_of` reads it back.

    :raises PolicyError: it is no change.
    """
    stored: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(changes_of(change)))
    return stored


def inherit(base: Policy, *changes: Mapping[str, Any]) -> Policy:
    """The policy with each change laid over those before it.

    What comes out of sound parts need not be sound as a whole (a section's due date behind the base's
    closing): ask :func:`~grader.model.policy.validate` before a change is saved.

    :raises PolicyError: one of them is no change.
    """
    for change in changes:
        if change:
            base = msgspec.structs.replace(base, **changes_of(change))
    return base


def for_student(
    base: Policy, sections: Sequence[Mapping[str, Any]] = (), own: Mapping[str, Any] | None = None
) -> Policy:
    """The policy that holds for one student.

    :param sections: the changes for the sections that the student is in, in a fixed order (by name, say).
    :param own: the change for this student alone.
    :raises PolicyError: one of them is no change.
    """
    return inherit(base, of_sections(base, sections), own or {})


def of_sections(base: Policy, sections: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One change out of those of several sections: the most generous, field by field.

    :raises PolicyError: one of them is no change.
    """
    if len(sections) < 2:
        return changes_of(sections[0]) if sections else {}
    named: dict[str, list[Any]] = {}
    for section in sections:
        for field, value in changes_of(section).items():
            named.setdefault(field, []).append(value)
    chosen = {
        field: max(values, key=_GENEROUS.get(field, lambda _: 0))
        for field, values in named.items()
        if field not in ("closes", "late")
    }
    settled = msgspec.structs.replace(base, **chosen)
    pairs = product(named.get("closes", [base.closes]), named.get("late", [base.late]))
    ends = [{"closes": closes, "late": late} for closes, late in pairs]
    best = max(ends, key=lambda end: _lenience(msgspec.structs.replace(settled, **end)))
    return chosen | {field: value for field, value in best.items() if field in named}


def _moment(value: datetime | None) -> float:
    """For comparison; no date is later than all."""
    return float("inf") if value is None else value.timestamp()


_GENEROUS: Final[dict[str, Callable[[Any], float]]] = {
    "opens": lambda opens: float("inf") if opens is None else -opens.timestamp(),
    "due": _moment,
    "grace_minutes": float,
    "attempts": lambda attempts: float("inf") if attempts is None else attempts,
    "pause": lambda pause: not pause,
    "variants": lambda variants: not variants,
    "counts": ("last", "best").index,
    "feedback": ("after-due", "verdict", "full").index,
}


def _lenience(policy: Policy) -> tuple[float, float]:
    """How much late work is worth in all, and until when there can be any."""
    end = _moment(closing(policy))
    if policy.due is None:
        return 0.0, end
    return credit(policy.late, 60 * policy.grace_minutes, end - policy.due.timestamp()), end
