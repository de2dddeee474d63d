"""Branches: an answer that is right at the cases that take one of them, and wrong at all that take another."""

from __future__ import annotations

from typing import Final

from grader.checks.diagnoses.operations import spaced
from grader.checks.diagnoses.reason import (
    Reason,
    Rule,
    Said,
)
from grader.checks.diagnoses.samples import Relation, Sample
from grader.model.text import Text, listed


def one_branch(samples: list[Sample]) -> Relation | None:
    right = {s.branch for s in samples if s.correct}
    wrong = {s.branch for s in samples if not s.correct}
    if not right or not wrong or right & wrong or "" in right | wrong:
        return None
    return Relation("one-branch", branches=tuple(sorted(wrong)))


def _branch_said(relation: Relation) -> Said:
    """Message and hint for an answer that is right on some branches only."""
    names = relation.branch_names
    return (
        Text(f"Right, except on {_merged_en(names)}.", f"除了{spaced(_merged_zh(names)).rstrip()}，其余都正确。"),
        Text("Follow one such input, line by line. What happens to it that does not happen to the others?",
             "跟着这样的一个输入逐行走一遍：它经历了哪些别的输入不会经历的事？"),
    )  # fmt: skip


def _merged_en(names: tuple[Text, ...]) -> str:
    """``inputs that contain a zero or a negative number``: words that all names begin with are said once."""
    words = [name.en.split() for name in names]
    same = 0
    while len(words) > 1 and _alike(words, same):
        same += 1
    return " ".join([*words[0][:same], listed([" ".join(w[same:]) for w in words], "or").en])


def _alike(words: list[list[str]], n: int) -> bool:
    """Whether the n-th word of all is the same, and neither a symbol nor the last one."""
    first = words[0][n]
    return len(first) > 1 and first.isalpha() and all(len(w) > n + 1 and w[n] == first for w in words)


def _merged_zh(names: tuple[Text, ...]) -> str:
    """The same in Chinese, where the common words stand at the end."""
    ending = _ENDING if len(names) > 1 and all(name.zh.endswith(_ENDING) for name in names) else ""
    *first, last = [name.zh.removesuffix(ending).rstrip() for name in names]
    joined = f"{'、'.join(first)}{_or_zh(first[-1], last)}{last}" if first else last
    return f"{joined}{' ' * (ending != '' and last[-1:].isascii())}{ending}"


def _or_zh(before: str, after: str) -> str:
    return f"{' ' * before[-1:].isascii()}或{' ' * after[:1].isascii()}"


_ENDING: Final = "的输入"
"""How the name of a branch that is a kind of inputs ends."""

REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "one-branch",
        said=_branch_said,
        rules=(Rule(99, one_branch),),
    ),
)
