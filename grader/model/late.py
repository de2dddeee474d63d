"""Late rule: until when after the due date an answer is worth how much, as deadline steps.

People type it as ``until +1 day: 90 %; until +3 days: 50 %; after: practice, 0 %``. After the last step an
answer is practice: it is judged and counts 0 %, so that the last clause is always true and may be left out.
No steps at all is no late rule, which is another thing than :data:`PRACTICE`, where everything late is
practice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from grader.model import policy_sentences as sentences
from grader.model.policy_sentences import PolicyError
from grader.model.text import Text

MOST_STEPS: Final = 20
MOST_SECONDS: Final = 366 * 86_400


class LateStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until ``within_seconds`` (inclusive) after the due date an answer keeps ``percent`` of its points."""

    within_seconds: int
    percent: float


PRACTICE: Final = (LateStep(0, 0.0),)
"""Nothing late counts, and one may go on: the one rule whose step has no length."""


def check_steps(steps: Sequence[LateStep]) -> None:
    """Whether these are a late rule: increasing in time, not increasing in what an answer is worth.

    :raises PolicyError: they are not.
    """
    if len(steps) > MOST_STEPS:
        raise PolicyError("late", sentences.TOO_MANY)
    if tuple(steps) == PRACTICE:
        return
    before = LateStep(0, 100.0)
    for step in steps:
        if not 0 < step.within_seconds <= MOST_SECONDS:
            raise PolicyError("late", sentences.TIME_RANGE)
        if not 0 <= step.percent <= 100 or round(step.percent, 2) != step.percent:
            raise PolicyError("late", sentences.PERCENT)
        if step.within_seconds <= before.within_seconds:
            said = sentences.out_of_order(duration(step.within_seconds), duration(before.within_seconds))
            raise PolicyError("late", said)
        if step.percent > before.percent:
            raise PolicyError("late", sentences.worth_more(duration(step.within_seconds)))
        before = step


def worth(steps: Sequence[LateStep], lateness: timedelta) -> float:
    """What part of its points, 0 to 1, an answer keeps that is so late.

    Without a late rule it keeps all: that it came late is said, and until when one may hand in is another
    field.
    """
    if not steps or lateness <= timedelta(0):
        return 1.0
    for step in steps:
        if lateness <= timedelta(seconds=step.within_seconds):
            return step.percent / 100
    return 0.0


_UNITS: Final = ((86_400, "day", "天"), (3_600, "hour", "小时"), (60, "minute", "分钟"), (1, "second", "秒"))


def duration(seconds: int) -> Text:
    """A time after the due date: ``+1 day 12 hours``, ``1 天 12 小时``."""
    en, zh = [], []
    for length, unit, unit_zh in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            en.append(f"{count} {unit}{'' if count == 1 else 's'}")
            zh.append(f"{count} {unit_zh}")
    return Text(f"+{' '.join(en) or '0 seconds'}", " ".join(zh) or "0 秒")


def percent(value: float) -> str:
    """``90 %``, ``33.33 %``: the shortest that reads back as the same number."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + " %"


def late_words(steps: Sequence[LateStep]) -> Text:
    """The canonical text of a late rule, which :func:`~grader.model.late_parser.parse_late` reads back.

    Empty where there is no late rule.
    """
    if not steps:
        return Text("", "")
    shown = [] if tuple(steps) == PRACTICE else steps
    times = [(duration(step.within_seconds), percent(step.percent)) for step in shown]
    en = [f"until {time.en}: {part}" for time, part in times]
    zh = [f"{time.zh}内：{part}" for time, part in times]
    return Text("; ".join([*en, "after: practice, 0 %"]), "；".join([*zh, "之后：练习，0 %"]))


def credit(steps: Sequence[LateStep], grace: float, end: float) -> float:
    """How generous a late rule is: the seconds after the due date, each by what an answer is worth then.

    :param grace: seconds after the due date that are not late.
    :param end: seconds after the due date until which one may hand in at all; may be infinite.
    :returns: infinite only where there are no steps and no end.
    """
    if not steps:
        return max(0.0, end)
    total = since = 0.0
    for until, part in [(grace, 100.0), *((s.within_seconds, s.percent) for s in steps)]:
        until = min(until, end)
        if until > since:
            total, since = total + (until - since) * part / 100, until
    return total
