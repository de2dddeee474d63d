"""Comparison of two verdicts on one exercise: what became better and what became worse."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.report import CheckResult, Report, Verdict
from grader.model.text import Text
from grader.web.ui.languages import _, language, say
from grader.web.ui.numbers import points

MOST_NAMED = 4
"""Checks named in one sentence; the others are counted."""


@dataclass(frozen=True)
class Change:
    """A check about which something else is said now."""

    title: Text
    before: Verdict
    now: Verdict


@dataclass(frozen=True)
class Progress:
    """What changed from one report to a later one. Checks that only one of them has are left out."""

    points: float | None
    """How many more points there are now; None when the most one could get is not the same."""
    mended: tuple[Change, ...]
    broken: tuple[Change, ...]
    otherwise: tuple[Change, ...]
    """Not passed before, not passed now, but for another reason."""
    wrong: tuple[Change, ...] = ()
    """Not run before; run now, and not passed."""
    not_run: tuple[Change, ...] = ()
    """Run before; not now, so that nobody knows what became of them."""

    @property
    def same(self) -> bool:
        """Nothing changed."""
        return not (self.points or self.changes)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them."""
        return self.mended + self.broken + self.wrong + self.otherwise + self.not_run


def since(previous: Report, now: Report) -> Progress:
    """Compare two reports check by check."""
    mended, broken, otherwise, wrong, not_run = [], [], [], [], []
    before = {check.id: check for check in previous.checks}
    for check in now.checks:
        earlier = before.get(check.id)
        if earlier is None:
            continue
        change = Change(check.title, _verdict(earlier, previous), _verdict(check, now))
        if check.verdict == earlier.verdict == "passed":
            continue
        if check.verdict == "passed":
            mended.append(change)
        elif now.not_run(check):
            if not previous.not_run(earlier):
                not_run.append(change)
        elif previous.not_run(earlier):
            wrong.append(change)
        elif earlier.verdict == "passed":
            broken.append(change)
        elif _reason(check, now) != _reason(earlier, previous):
            otherwise.append(change)
    gained = None
    if abs(now.max_score - previous.max_score) < 1e-9:
        # What the page would round to nothing is nothing.
        gained = round(now.score - previous.score, 2) or 0.0
    return Progress(gained, tuple(mended), tuple(broken), tuple(otherwise), tuple(wrong), tuple(not_run))


def _verdict(check: CheckResult, report: Report) -> Verdict:
    """As the verdict's own page says it: nothing was run of a file that could not be read."""
    return "skipped" if report.not_run(check) else check.verdict


def _reason(check: CheckResult, report: Report) -> tuple[str, str, str]:
    """Why a check did not pass, as far as it can be compared: messages quote numbers, so they cannot."""
    code = check.diagnosis.code if check.diagnosis is not None else ""
    error = report.error.type if check.verdict == "error" and report.error is not None else ""
    return check.verdict, code, error


def gain(difference: float) -> str:
    """``+ 4 points``, ``− 1 point``."""
    sign = "+" if difference > 0 else "−"
    signed = f"{sign} {points(abs(difference))}"
    if abs(difference) == 1:
        return _("%(signed)s point", signed=signed)
    return _("%(signed)s points", signed=signed)


def named(changes: tuple[Change, ...]) -> str:
    """The titles of the checks, the first few of them."""
    listed = ("、" if language() == "zh" else "; ").join(say(change.title) for change in changes[:MOST_NAMED])
    if len(changes) > MOST_NAMED:
        return _("%(listed)s and %(more)s more", listed=listed, more=len(changes) - MOST_NAMED)
    return listed
