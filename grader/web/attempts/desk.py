"""Desk: what stands beside an attempt besides its verdict, read in one place.

For everybody who may see the attempt: comments, and points set by hand. For who teaches the course: which
answers are alike, every judging, and the forms to comment on it and to set points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from grader.model.text import Text
from grader.store import comments, judgings, overrides, shadows
from grader.store.comments import Alike, Shown
from grader.store.overrides import Entry, Given
from grader.store.tables import Judging, Shadow
from grader.web.access import Attempt
from grader.web.ui.languages import _, say


@dataclass(frozen=True)
class Typed:
    """What was typed into one of the forms, when it was not done, and why."""

    text: str = ""
    to: str = ""
    preview: bool = False
    check: str = ""
    points: str = ""
    reason: str = ""
    comment_problem: str = ""
    points_problem: str = ""


@dataclass(frozen=True)
class Desk:
    """What who teaches a course sees of an attempt in it, and nobody else."""

    offered: Sequence[Shown]
    """Comments on answers like this one."""
    alike: Alike
    checks: Mapping[str, Given]
    history: Sequence[Entry]
    judgings: Sequence[Judging]
    """Newest first."""
    shadows: Mapping[int, Shadow]
    """By judging, what came of judging it again elsewhere."""
    digest: str | None
    """Of the exercise as it is now; None when its folder is gone."""
    may_set: bool
    """Whether this reader may set points: an instructor."""
    titles: Mapping[str | None, str]
    """What checks are called; None: the total."""
    phases: Mapping[str, str]
    """What the parts of a grading are called."""
    isolations: Mapping[str | None, str]
    typed: Typed = field(default_factory=Typed)

    def older(self, judging: Judging) -> bool:
        """Whether a judging was made on the exercise as it was before."""
        return self.digest is not None and judging.exercise_digest != self.digest


def seen(transaction: Session, attempt: Attempt, typed: Typed | None = None) -> dict[str, Any]:
    """The variables ``comments``, ``by_hand`` and ``desk`` of ``attempts/attempt.html``.

    :param typed: into a form that was refused.
    """
    row = attempt.row
    history = overrides.history(transaction, row)
    titles = titles_of(attempt)
    said: dict[str, Any] = {
        "comments": comments.shown(transaction, row.id),
        "by_hand": [
            (titles.get(check, str(check)), entry) for check, entry in overrides.holding(history).items()
        ],
        "desk": None,
    }
    if attempt.teaches:
        checks = overrides.checks_of(transaction, row.id)
        said["desk"] = Desk(
            offered=comments.offered(transaction, row),
            alike=comments.alike(transaction, row),
            checks=checks,
            history=history,
            judgings=judgings.of_submission(transaction, row.id)[::-1],
            shadows=shadows.of_submission(transaction, row.id),
            digest=None if attempt.exercise is None else attempt.exercise.digest,
            may_set=attempt.role == "instructor",
            titles={**{check: check for check in checks}, **titles},
            phases={
                "run": _("running"),
                "judge": _("judging"),
                "explain": _("explaining"),
                "all": _("in all"),
                "cache": _("looking it up"),
            },
            isolations={"namespaces": _("full (namespaces)"), "process": _("weak (a process)")},
            typed=typed or Typed(),
        )
    return said


def titles_of(attempt: Attempt) -> dict[str | None, str]:
    """What the checks of an attempt's exercise are called, and the total."""
    titles: dict[str | None, Text] = {}
    if attempt.exercise is not None:
        titles = {check.id: check.title for check in attempt.exercise.checks}
    return {None: _("the total of this exercise")} | {check: say(title) for check, title in titles.items()}
