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


@dataclass(frozen=True)
class Turn:
    """Named reasons (diagnoses' codes) that only one of two attempts has: the later, or the earlier."""

    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def turned(previous: Report, now: Report) -> Turn:
    """Which named reasons came and which are gone.

    Only what is known is said: a reason is gone where each check that it was the reason of passes now or has
    another one, and came where it was so before. After an error, or a wrong answer without a name, nobody
    knows whether it is still there.
    """
    return Turn(_only(now, previous), _only(previous, now))


def _only(one: Report, other: Report) -> tuple[str, ...]:
    """The reasons in ``one`` that ``other`` surely has not."""
    mine, theirs = _reasons(one), _reasons(other)
    passed = {check.id for check in other.checks if check.verdict == "passed"}
    unsure = {code for check, code in mine.items() if check not in passed and check not in theirs}
    return tuple(code for code in dict.fromkeys(mine.values()) if code not in {*theirs.values(), *unsure})


def _reasons(report: Report) -> dict[str, str]:
    """The codes by the ids of the checks that they are the reasons of."""
    return {
        check.id: check.diagnosis.code
        for check in report.checks
        if check.verdict != "passed" and check.diagnosis is not None
    }


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
