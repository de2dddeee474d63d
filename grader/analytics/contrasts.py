"""Right code, wrong prediction: who can write a function, and cannot say what its derivative is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.analytics.rows import Attempt, CheckOutcome, Place, Role, role, series


@dataclass(frozen=True)
class Contrast:
    """A student whose code was right at an assignment while a prediction was wrong.

    :ivar attempts: of the student's at the assignment.
    :ivar submissions: those whose code was all right and at least one prediction wrong, in their order.
    :ivar checks: the predictions that were wrong in one of them, in the exercise's order.
    :ivar now: the latest attempt is one of them.
    """

    user_id: int
    assignment_id: int
    attempts: int
    submissions: tuple[str, ...]
    checks: tuple[str, ...]
    now: bool


@dataclass(frozen=True)
class Contrasts:
    """Of ``tried`` students who tried an assignment that has both sorts of checks, those of ``found``."""

    assignment_id: int
    tried: int
    found: tuple[Contrast, ...]
    """Who is so now first, then the most often."""


def contrasts(attempts: Iterable[Attempt], roles: Mapping[Place, Role]) -> list[Contrasts]:
    """Right code and wrong prediction in one attempt, by assignment.

    An answer that is missing, or whose code raised, is no wrong prediction.

    :param roles: what each check is about (:func:`grader.analytics.rows.roles_of`).
    """
    tried: dict[int, int] = {}
    found: dict[int, list[Contrast]] = {}
    for (user_id, assignment_id), mine in series(attempts).items():
        if not any(_has_both(attempt, roles) for attempt in mine):
            continue
        tried[assignment_id] = tried.get(assignment_id, 0) + 1
        wrong = [(attempt, _wrong_predictions(attempt, roles)) for attempt in mine]
        hits = [(attempt, checks) for attempt, checks in wrong if checks]
        if hits:
            found.setdefault(assignment_id, []).append(
                Contrast(
                    user_id,
                    assignment_id,
                    len(mine),
                    tuple(attempt.submission_id for attempt, _ in hits),
                    tuple(dict.fromkeys(check for _, checks in hits for check in checks)),
                    hits[-1][0] is mine[-1],
                )
            )
    return [
        Contrasts(
            assignment_id,
            n,
            tuple(
                sorted(
                    found.get(assignment_id, ()), key=lambda c: (not c.now, -len(c.submissions), c.user_id)
                )
            ),
        )
        for assignment_id, n in sorted(tried.items())
    ]


def _of_role(attempt: Attempt, wanted: Role, roles: Mapping[Place, Role]) -> list[CheckOutcome]:
    place = attempt.assignment_id
    return [check for check in attempt.checks if role((place, check.check_id), check.kind, roles) == wanted]


def _has_both(attempt: Attempt, roles: Mapping[Place, Role]) -> bool:
    return bool(_of_role(attempt, "code", roles) and _of_role(attempt, "prediction", roles))


def _wrong_predictions(attempt: Attempt, roles: Mapping[Place, Role]) -> list[str]:
    """The wrong predictions of an attempt whose code is all right; none of any other."""
    code = _of_role(attempt, "code", roles)
    if not code or any(check.verdict != "passed" for check in code):
        return []
    return [check.check_id for check in _of_role(attempt, "prediction", roles) if check.verdict == "failed"]
