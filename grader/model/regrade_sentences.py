"""Sentences about regrades: why a proposal cannot be made or decided, and what to do instead."""

from __future__ import annotations

from typing import Final

from grader.errors import UsageError
from grader.model.text import Text


class RegradeError(UsageError):
    """A proposal cannot be made or decided so. ``str`` of it is the English sentence.

    :param text: the sentence in both languages, for a page.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class MovedOn(RegradeError):
    """What a proposal comes to is not what was looked at."""


NO_REASON: Final = Text(
    "A regrade needs a reason: those whose score moves are told it.",
    "重新评分需要说明理由：分数有变化的学生会看到这条理由。",
)
LONG_REASON: Final = Text(
    "A reason has at most 1,000 characters: those whose score moves read it.",
    "理由最多 1000 个字符：分数有变化的学生会读到它。",
)
NOTHING_JUDGED: Final = Text(
    "There is no judged submission to run again.", "没有可以重新运行的、已评分的提交。"
)
TOLERANCE: Final = Text(
    "A relative tolerance lies between 0 and 1: 1e-6 is usual, 1e-4 is generous.",
    "相对误差应在 0 与 1 之间：通常为 1e-6，1e-4 已很宽松。",
)
NO_SAMPLE: Final = Text(
    "This proposal is no open sample: all of it is being judged, or it is decided.",
    "这个提案不是尚未决定的抽样：它要么已全部在评分，要么已有决定。",
)
CHANGES_NOTHING: Final = Text(
    "This changes nothing: the rules are so already.", "没有任何变化：现行规则已经如此。"
)
NOBODY: Final = Text(
    "There is nobody to rescore: name a student, or leave it out for everybody.",
    "没有指定任何学生：请写出学生，或留空表示所有人。",
)
ONLY_TRIED: Final = Text(
    "This shows what another tolerance would do, and is never accepted: write the tolerance into the exercise's folder, so that it holds for later attempts, too, and propose a rerun.",
    "这里只展示换一个误差限会怎样，不能采纳：请把误差限写进练习的文件夹，使它对以后的提交同样有效，然后再提议重新运行。",
)
ONLY_A_SAMPLE: Final = Text(
    "This is a sample: have the rest judged first, so that all are treated alike.",
    "这只是抽样：请先让其余的提交也重新评分，对所有人一视同仁。",
)
STILL_JUDGED: Final = Text(
    "Some submissions are still being judged: wait for them, or cancel the proposal.",
    "还有提交正在重新评分：请等待，或取消提案。",
)
MOVED_ON: Final = Text(
    "Something has changed since you looked (an attempt came, a score was set by hand, or the rules were changed): look again at who moves.",
    "在你查看之后情况有变（有新的提交、有人手动改分，或规则被修改）：请重新查看谁的分数会变。",
)
CHANGED_AGAIN: Final = Text(
    "These rules were changed again after this was accepted: undoing it would take that back, too. Change them in the assignment's settings instead.",
    "采纳之后这些规则又被修改过：撤销会连同那次修改一起撤掉。请改在作业设置中修改。",
)

_STATES: Final = {
    "open": Text("open", "待定"),
    "accepted": Text("accepted", "已采纳"),
    "cancelled": Text("cancelled", "已取消"),
    "undone": Text("undone", "已撤销"),
}


def state(name: str) -> Text:
    """The word for a proposal's state."""
    return _STATES[name]


def other_open(number: int) -> Text:
    return Text(
        f"Proposal {number} over some of these submissions is open: accept or cancel it first.",
        f"提案 {number} 涉及其中一些提交，尚未决定：请先采纳或取消它。",
    )


def came_later(number: int) -> Text:
    return Text(
        f"Proposal {number} came later over the same submissions: undo or cancel it first.",
        f"提案 {number} 在此之后涉及同样的提交：请先撤销或取消它。",
    )


def wrong_state(now: str, needed: str) -> Text:
    return Text(
        f"This proposal is {_STATES[now].en}: that can be done only with one that is {_STATES[needed].en}.",
        f"这个提案{_STATES[now].zh}：只有{_STATES[needed].zh}的提案才能这样做。",
    )


def not_counting(field: str, known: str) -> Text:
    return Text(
        f"'{field}' does not change what stored results count: a rescore has {known}.",
        f"“{field}”不影响已有结果的计分：重新计分可改 {known}。",
    )


def nobody_called(login: str) -> Text:
    return Text(f"Nobody in this course is called “{login}”.", f"这门课程里没有账号“{login}”。")
