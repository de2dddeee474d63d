"""Sentences about how an assignment counts: what of a policy or a late rule cannot be, and how to mend it."""

from __future__ import annotations

from typing import Final

from grader.errors import UsageError
from grader.model.inert import inert
from grader.model.text import Text


class PolicyError(UsageError):
    """A policy, a change of one or a late rule cannot be used. ``str`` of it is the English sentence.

    :param field: the field of the policy that is to be mended.
    :param text: the sentence in both languages, for a page.
    """

    def __init__(self, field: str, text: Text) -> None:
        super().__init__(text.en)
        self.field, self.text = field, text


FIELDS: Final[dict[str, Text]] = {
    "points": Text("points are a number from 0 to 100,000, or null for the exercise's own maximum", "满分应是 0 到 100000 的数，或用 null 表示采用练习自身的满分"),
    "opens": Text("'opens' is a moment with its time zone, such as 2027-03-01T08:00:00Z, or null for at once", "开放时间应带时区，例如 2027-03-01T08:00:00Z，或用 null 表示立即开放"),
    "due": Text("'due' is a moment with its time zone, such as 2027-03-08T18:00:00Z, or null for no due date", "截止时间应带时区，例如 2027-03-08T18:00:00Z，或用 null 表示不设截止时间"),
    "closes": Text("'closes' is a moment with its time zone, such as 2027-03-15T18:00:00Z, or null", "关闭时间应带时区，例如 2027-03-15T18:00:00Z，或用 null 表示不另设"),
    "grace_minutes": Text("the grace period is a whole number of minutes, from 0 to 525,600 (a year)", "宽限期应是 0 到 525600（一年）之间的整数，单位为分钟"),
    "late": Text("'late' is a list of steps such as {\"within_seconds\": 86400, \"percent\": 90}", "late 应是由规则组成的列表，例如 {\"within_seconds\": 86400, \"percent\": 90}"),
    "attempts": Text("attempts are a whole number from 1 to 10,000, or null for as many as one likes", "提交次数应是 1 到 10000 的整数，或用 null 表示不限次数"),
    "pause": Text("'pause' is true or false", "pause 应是 true 或 false"),
    "counts": Text("what counts is 'best' or 'last'", "计分方式应是 best（最高分）或 last（最后一次）"),
    "variants": Text("'variants' is true or false", "variants 应是 true 或 false"),
    "feedback": Text("feedback is 'full', 'verdict' or 'after-due'", "反馈方式应是 full（完整）、verdict（仅对错）或 after-due（截止后）"),
}  # fmt: skip
"""What each field of a policy may hold."""

NO_OBJECT: Final = Text(
    "a change of a policy is a JSON object with the fields that differ",
    "对设置的更改应是一个 JSON 对象，只包含不同的字段",
)
YEARS: Final = Text(
    "the year of a date lies between 1970 and 8999: correct it", "日期的年份应在 1970 到 8999 之间，请改正"
)
DUE_BEFORE_OPENS: Final = Text(
    "it would be due before it opens: move one of the two", "截止时间早于开放时间，请修改其中一个"
)
CLOSES_BEFORE_OPENS: Final = Text(
    "it would close before it opens: move one of the two", "关闭时间早于开放时间，请修改其中一个"
)
CLOSES_BEFORE_DUE: Final = Text(
    "it would close before it is due: let it close later, or leave the closing empty",
    "关闭时间早于截止时间：请推迟关闭时间，或将其留空",
)
FEEDBACK_NEVER: Final = Text(
    "feedback after the due date needs a due date: set one, or give the feedback at once",
    "“截止后反馈”需要截止时间：请设置截止时间，或改为立即反馈",
)

TOO_LONG: Final = Text(
    "the late rule is longer than 1,000 characters: a few steps are enough",
    "迟交规则超过 1000 个字符：几条就够了",
)
TOO_MANY: Final = Text(
    "the late rule has more than 20 steps: a few are enough", "迟交规则超过 20 条：几条就够了"
)
PERCENT: Final = Text(
    "a late answer is worth from 0 % to 100 %, with at most two decimals",
    "迟交所得的比例应在 0 % 到 100 % 之间，最多两位小数",
)
TIME_RANGE: Final = Text(
    "a step of the late rule lasts at least a second and ends within a year after the due date",
    "迟交规则的时限最短 1 秒，最长为截止后一年",
)
TAKES_OFF: Final = Text(
    "say what a late answer is still worth, not what is taken off: 'until +1 day: 90 %'",
    "请写迟交还能得到多少，而不是扣多少：“1 天内：90 %”",
)
FROM_THEN: Final = Text(
    "say until when each step holds, not from when: 'until +1 day: 90 %; until +3 days: 50 %'",
    "请写每条规则到何时为止，而不是从何时开始：“1 天内：90 %；3 天内：50 %”",
)
BEFORE_DUE: Final = Text(
    "the steps are counted from the due date onwards: write '+1 day', not '-1 day'",
    "时限从截止时间往后算：请写“+1 天”，不要写“-1 天”",
)
AFTER_IS_ZERO: Final = Text(
    "after the last step an answer is practice and counts 0 %: give a longer step for what is to count, such as 'until +60 days: 30 %'",
    "最后一条规则之后的提交只算练习，计 0 %：如还要计分，请写更长的时限，例如“60 天内：30 %”",
)
AFTER_IS_LAST: Final = Text(
    "'after' is the end of a late rule: put the other steps before it",
    "“之后”应写在迟交规则的最后：请把其他规则放在它前面",
)


def _quoted(text: str) -> str:
    """A piece of what was typed, short and harmless."""
    return inert(text if len(text) <= 40 else f"{text[:40]}…", lines=False)


def unknown_field(name: str) -> Text:
    known = ", ".join(FIELDS)
    return Text(f"'{_quoted(name)}' is nothing that a policy has: it has {known}",
                f"设置中没有“{_quoted(name)}”这一项，可用的有：{'、'.join(FIELDS)}")  # fmt: skip


def not_understood(piece: str) -> Text:
    return Text(f"'{_quoted(piece)}' is not understood in a late rule: write it as 'until +1 day: 90 %; until +3 days: 50 %'",
                f"迟交规则中的“{_quoted(piece)}”无法理解：请写成“1 天内：90 %；3 天内：50 %”")  # fmt: skip


def no_unit(number: str) -> Text:
    return Text(f"'{_quoted(number)}' is no time: give each step a number and a unit, as in 'until +1 day: 90 %'",
                f"“{_quoted(number)}”不是时限：每条规则都要写数字和单位，例如“1 天内：90 %”")  # fmt: skip


def no_percent(time: Text) -> Text:
    return Text(f"'until {time.en}' does not say what an answer is worth then: add it, as in 'until {time.en}: 90 %'",
                f"“{time.zh}内”之后没有写能得多少：请补上，例如“{time.zh}内：90 %”")  # fmt: skip


def out_of_order(earlier: Text, later: Text) -> Text:
    return Text(f"'until {later.en}' stands before 'until {earlier.en}': put the steps in the order of time, each once",
                f"“{later.zh}内”写在了“{earlier.zh}内”之前：请按时间先后排列，每个时限只写一次")  # fmt: skip


def worth_more(time: Text) -> Text:
    return Text(f"'until {time.en}' is worth more than the step before it: a later answer cannot be worth more",
                f"“{time.zh}内”的比例高于前一条：迟交更久，所得不能更多")  # fmt: skip
