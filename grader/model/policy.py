"""Policy: how an assignment counts, and when it may be handed in to.

Values and arithmetic alone. All moments are aware and in UTC, so that neither a course's time zone nor the
change to summer time enters any of it; a page turns what is typed into UTC first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec

from grader.model import policy_sentences as sentences
from grader.model.late import LateStep, check_steps, worth
from grader.model.policy_sentences import FIELDS, PolicyError

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Counts = Literal["best", "last"]
Feedback = Literal["full", "verdict", "after-due"]


class Policy(msgspec.Struct, frozen=True):
    """The defaults are those of an assignment that has no more than ``opens`` and ``due``.

    :param points: what full marks are worth; None: the exercise's own maximum.
    :param opens: from then on (inclusive) it may be handed in to; None: at once.
    :param due: until then (inclusive) an answer is in time; None: it is never late.
    :param closes: until then (inclusive) it may be handed in to, late or not; None: see :func:`closing`.
    :param grace_minutes: so long after the due date an answer still counts as in time.
    :param late: what a late answer is worth; empty: as much as one in time, until it closes.
    :param attempts: how many may be handed in; None: any number.
    :param pause: whether quick failures make one wait before the next attempt (:mod:`grader.model.pause`).
    :param counts: which attempt counts.
    :param feedback: what a student is told, and when.
    :param variants: whether each student gets numbers of their own, where the exercise has variants
        (:mod:`grader.model.variants`).
    """

    points: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    opens: Moment | None = None
    due: Moment | None = None
    closes: Moment | None = None
    grace_minutes: Annotated[int, msgspec.Meta(ge=0, le=525_600)] = 0
    late: tuple[LateStep, ...] = ()
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    pause: bool = False
    counts: Counts = "best"
    feedback: Feedback = "full"
    variants: bool = False


_TYPES: Final = {field.name: field.type for field in msgspec.structs.fields(Policy)}
_DATES: Final = ("opens", "due", "closes")


def closing(policy: Policy) -> datetime | None:
    """Until when (inclusive) it may be handed in to; None: for ever.

    ``closes`` where it is set; else, with a late rule, for ever, since what comes after the last step is
    practice; else the due date with its grace. Never before the due date: where a student's due date was
    put off behind a closing that nobody thought of, the due date holds.
    """
    if policy.closes is not None:
        return policy.closes if policy.due is None else max(policy.closes, policy.due)
    if policy.late or policy.due is None:
        return None
    return policy.due + timedelta(minutes=policy.grace_minutes)


def is_open(policy: Policy, now: datetime) -> bool:
    """Whether it may be handed in to at ``now``."""
    end = closing(policy)
    return (policy.opens is None or policy.opens <= now) and (end is None or now <= end)


def lateness(policy: Policy, at: datetime) -> timedelta:
    """How late an answer handed in ``at`` is: zero within the grace period, behind it since the due date."""
    if policy.due is None:
        return timedelta(0)
    late = at - policy.due
    return late if late > timedelta(minutes=policy.grace_minutes) else timedelta(0)


def details_from(policy: Policy) -> datetime | None:
    """From when on a student is told more of a verdict than the score and the verdict on each check.

    With feedback after the due date that is the end of the grace period: until then an answer counts as in
    time. None: from the beginning, or never; see :func:`withholds`.
    """
    if policy.feedback != "after-due" or policy.due is None:
        return None
    return policy.due + timedelta(minutes=policy.grace_minutes)


def withholds(policy: Policy, now: datetime) -> bool:
    """Whether a student is told the score and the verdict on each check alone at ``now``.

    Feedback after a due date that there is not (an extension has taken it away) is given never: it would
    be given while others, too, still work.
    """
    if policy.feedback == "full":
        return False
    begin = details_from(policy)
    return begin is None or now <= begin


def factor(policy: Policy, at: datetime) -> float:
    """What part of its points, 0 to 1, an answer is worth that was handed in ``at``; 0 is practice.

    The closing does not enter: what was accepted counts by how late it is, also if the closing is moved
    afterwards.
    """
    return worth(policy.late, lateness(policy, at))


def checked(field: str, value: Any) -> Any:
    """The value of one field, as the struct holds it: moments in UTC, steps as structs.

    :param value: as JSON has it, or as the struct does.
    :raises PolicyError: this field cannot hold it.
    """
    if field not in _TYPES:
        raise PolicyError(field, sentences.unknown_field(field))
    try:
        found = msgspec.convert(value, _TYPES[field])
    except msgspec.ValidationError:
        raise PolicyError(field, FIELDS[field]) from None
    if field in _DATES and found is not None:
        if not 1970 <= found.year <= 8999:
            raise PolicyError(field, sentences.YEARS)
        return found.astimezone(UTC)
    if field == "late":
        check_steps(found)
        return tuple(LateStep(step.within_seconds, step.percent + 0.0) for step in found)  # no -0
    return found


def problems(policy: Policy) -> list[PolicyError]:
    """What is wrong with a policy, at most one problem a field; none where it can be used."""
    found: dict[str, PolicyError] = {}
    for field in _TYPES:
        try:
            checked(field, getattr(policy, field))
        except PolicyError as problem:
            found[field] = problem
    if not found.keys() & set(_DATES):
        misplaced = _order_of_dates(policy)
        if misplaced is not None:
            found[misplaced.field] = misplaced
    if policy.feedback == "after-due" and policy.due is None:
        found.setdefault("feedback", PolicyError("feedback", sentences.FEEDBACK_NEVER))
    return list(found.values())


def _order_of_dates(policy: Policy) -> PolicyError | None:
    opens, due, closes = policy.opens, policy.due, policy.closes
    if opens is not None and due is not None and due <= opens:
        return PolicyError("due", sentences.DUE_BEFORE_OPENS)
    if opens is not None and closes is not None and closes <= opens:
        return PolicyError("closes", sentences.CLOSES_BEFORE_OPENS)
    if due is not None and closes is not None and closes < due:
        return PolicyError("closes", sentences.CLOSES_BEFORE_DUE)
    return None


def validate(policy: Policy) -> None:
    """Whether a policy can be used: one's own, or what is inherited.

    :raises PolicyError: with the first of its :func:`problems`.
    """
    for problem in problems(policy):
        raise problem


class Attempt(msgspec.Struct, frozen=True):
    """One attempt of one student, as it was graded.

    :param number: the how manieth, from 1.
    :param at: when it was handed in.
    :param score: None: it has no verdict yet, or none could be reached; it never counts then.
    """

    id: str
    number: int
    at: datetime
    score: float | None
    max_score: float | None


class Counted(msgspec.Struct, frozen=True):
    """What a student has in an assignment.

    :param id: of the attempt that counts.
    :param score: after scaling to the assignment's points and the late rule.
    :param maximum: what full marks in time are worth.
    :param late: whether it came after the due date and its grace.
    :param factor: what it kept of its points, 0 to 1.
    """

    id: str
    number: int
    score: float
    maximum: float
    late: bool
    factor: float


def counted(policy: Policy, attempt: Attempt) -> Counted | None:
    """What one attempt would count; None for one without a score.

    Scores are cut to 0 … maximum. An attempt whose maximum is 0 (or no number) measured nothing: it counts
    0 of 0, whatever the assignment's points are, and takes nothing away from anybody.
    """
    if attempt.score is None or attempt.max_score is None:
        return None
    kept = factor(policy, attempt.at)
    score, maximum = _scaled(attempt.score, attempt.max_score, policy.points)
    late = lateness(policy, attempt.at) > timedelta(0)
    return Counted(attempt.id, attempt.number, score * kept, maximum, late, kept)


def _scaled(score: float, maximum: float, points: float | None) -> tuple[float, float]:
    """A score of ``maximum`` as one of ``points``: full marks are just that, equal maxima change nothing."""
    if not (0 < maximum < float("inf")) or score != score:
        return 0.0, 0.0
    score = min(max(score, 0.0), maximum)
    if points is None or points == maximum:
        return score, maximum
    return score / maximum * points, points


def count(policy: Policy, attempts: Sequence[Attempt]) -> Counted | None:
    """What a student has in an assignment; None where nothing is graded.

    *best*: the attempt with the highest counted score, the earliest of equals. *last*: the graded one with
    the highest number. Practice (a factor of 0) and what measured nothing count only where there is nothing
    else: who goes on practising after the last step of the late rule does not lose what was reached in
    time.
    """
    found = [each for each in (counted(policy, attempt) for attempt in attempts) if each is not None]
    if policy.counts == "last":
        return max(found, key=lambda each: (*_rank(each), each.number), default=None)
    return max(found, key=lambda each: (each.score, *_rank(each), -each.number), default=None)


def _rank(each: Counted) -> tuple[bool, bool]:
    return each.maximum > 0, each.factor > 0
