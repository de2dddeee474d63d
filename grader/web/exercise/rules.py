"""Rules of an assignment in a student's words: until when, what a late answer is worth, how many attempts.

The sentences here are the ones that the exercise page, the home page and the JSON API show, and those by
which an attempt is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.model.admission import Handed, NotTaken, attempts_left, next_attempt
from grader.model.late import PRACTICE, percent
from grader.model.policy import Policy, closing, details_from, factor, lateness
from grader.web.ui.languages import _, language, ngettext
from grader.web.ui.timezones import moment, moment_to_the_second


@dataclass(frozen=True)
class Outlook:
    """What a student may do next at an assignment.

    :ivar left: attempts; None: any number.
    :ivar ready: from when on the next attempt is taken, where quick failures are followed by a pause.
    :ivar wait: seconds until then, rounded up; 0: now.
    """

    left: int | None = None
    ready: datetime | None = None
    wait: int = 0


def outlook(policy: Policy, handed: Handed, now: datetime) -> Outlook:
    """What is left of the attempts, and the pause, if there is one."""
    left = attempts_left(policy, handed.used)
    ready = next_attempt(policy, handed.recent, now) if left != 0 else None
    return Outlook(left, ready, seconds_until(ready, now))


def seconds_until(ready: datetime | None, now: datetime) -> int:
    """Whole seconds, rounded up, so that who waits for so long is not too early."""
    return 0 if ready is None else max(1, math.ceil((ready - now).total_seconds()))


def limited(policy: Policy) -> bool:
    """Whether what was handed in before decides about the next attempt."""
    return policy.pause or policy.attempts is not None


def why_not(refused: NotTaken, policy: Policy) -> str:
    """Why an attempt was not taken, and what to do, in one sentence."""
    if refused.why == "pause" and refused.until is not None:
        return _(
            "Several attempts in a row were not right, so there is a pause: the next attempt is taken from "
            "%(when)s on. Nothing was submitted.",
            when=moment_to_the_second(refused.until),
        )
    if refused.why == "attempts":
        return ngettext(
            "The one attempt that there is at this exercise is used. Nothing was submitted.",
            "All %(num)d attempts at this exercise are used. Nothing was submitted.",
            policy.attempts or 0,
        )
    if refused.why == "upcoming" and refused.until is not None:
        return _("This exercise opens %(when)s. Nothing was submitted.", when=moment(refused.until))
    return _("This exercise is closed. Nothing was submitted.")


def late_rule(policy: Policy) -> str:
    """What an answer is worth by when it comes, with the dates; empty where a late one is not taken."""
    if policy.due is None:
        return ""
    end, parts = closing(policy), []
    in_time = policy.due + timedelta(minutes=policy.grace_minutes)
    if not policy.late:
        if end is None or end <= in_time:
            return ""
        return _("Late answers are taken until %(when)s and count in full.", when=moment(end))
    parts.append(_("until %(when)s 100 %%", when=moment(in_time)))
    before = in_time
    for step in () if policy.late == PRACTICE else policy.late:
        until = policy.due + timedelta(seconds=step.within_seconds)
        if end is not None:
            until = min(until, end)
        if until > before:
            parts.append(_("until %(when)s %(percent)s", when=moment(until), percent=percent(step.percent)))
            before = until
    if end is None:
        parts.append(_("then practice, which counts nothing"))
    elif end > before:
        parts.append(_("then practice until %(when)s", when=moment(end)))
    else:
        parts.append(_("then closed"))
    return _("What an answer counts: %(steps)s.", steps=("，" if language() == "zh" else ", ").join(parts))


def worth_now(policy: Policy, now: datetime) -> str:
    """What an answer counts that comes now, where that is less than all of it; else empty."""
    if lateness(policy, now) <= timedelta(0):
        return ""
    part = factor(policy, now)
    if part >= 1:
        return _("late; it still counts in full")
    return _("late: counts %(percent)s", percent=percent(part * 100)) if part else _("only practice now")


def attempts_words(policy: Policy, used: int) -> str:
    """``2 of 5 attempts left``; empty where there is no limit."""
    left = attempts_left(policy, used)
    if left is None or policy.attempts is None:
        return ""
    return ngettext(
        "%(left)s of %(num)d attempt left", "%(left)s of %(num)d attempts left", policy.attempts, left=left
    )


def told(policy: Policy, now: datetime) -> list[str]:
    """The rules of an assignment beside its due date, each in one sentence; only those that say something."""
    found = [late_rule(policy)]
    end = closing(policy)
    if end is not None and end != policy.due and not policy.late and policy.due is None:
        found.append(_("It closes %(when)s.", when=moment(end)))
    if policy.counts == "last":
        found.append(_("The last attempt counts, not the best one."))
    elif policy.late or policy.attempts is not None:
        found.append(_("The best attempt counts."))
    if policy.pause:
        found.append(_("After several quick attempts in a row that are not right there is a pause."))
    found.append(details_rule(policy, now))
    return [each for each in found if each]


def details_rule(policy: Policy, now: datetime) -> str:
    """How much of a verdict a student is told now; empty where it is all."""
    begin = details_from(policy)
    if policy.feedback == "full" or (begin is not None and begin < now):
        return ""
    if begin is None:
        return _("You are told the score and whether each check passes, not why.")
    return _(
        "Until %(when)s you are told the score and whether each check passes; from then on, also why.",
        when=moment(begin),
    )
