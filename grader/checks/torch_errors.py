"""Error messages of torch, put so that they lead to the mend: its advice sometimes makes things worse.

What is said of which message is a table of its own (:mod:`grader.checks.torch_error_sentences`).
"""

from __future__ import annotations

from grader.checks import sentences
from grader.checks.torch_error_sentences import RECORDS
from grader.model.observation import Raised
from grader.model.text import Text


def translated(error: Raised) -> Text | None:
    """A sentence in place of ``error``'s message; None where that needs none, or is the student's own."""
    if error.stand_in:
        return sentences.uses_absent(error.stand_in, error.line)
    if error.own:
        return None
    if error.culprit is not None:
        return changed_in_place(error.culprit)
    if error.unkept and "NoneType" in error.message:
        return _none_of_no_leaf(error.line, error.unkept)
    for record in RECORDS:
        found = record.pattern.search(error.message)
        if found is not None:
            said = record.say(found)
            if record.whole:
                return said
            subject = _subject(error.line)
            gap = "" if error.line is None else " "
            return Text(
                f"{subject.en} {said.en}", f"{subject.zh}{gap if said.zh[:1].isascii() else ''}{said.zh}"
            )
    return None


def used_up(error: Raised) -> bool:
    """Whether autograd met a part of the graph that an earlier backward pass had freed."""
    return not error.own and error.message.startswith("Trying to backward through the graph a second time")


def _none_of_no_leaf(line: int | None, read: int) -> Text:
    """For an error about None, where torch warned that ``.grad`` was read where there is none."""
    subject, said = _subject(line), sentences.grad_of_no_leaf(read)
    return Text(
        f"{subject.en} uses None where a value is needed. {said.en}",
        f"{subject.zh}在需要数值的地方用到了 None。{said.zh}",
    )


def changed_in_place(line: int) -> Text:
    """For the line of an operation in place after which autograd finds no longer what it saved."""
    return Text(
        f"Line {line} changes a tensor in place, but the backward pass still needs its old numbers. "
        "Make a new tensor there, as in s = s / t for s /= t.",
        f"第 {line} 行原地修改了一个张量，而反向传播还要用到它原来的值。请在那里新建张量，例如把 s /= t 写成 s = s / t。",
    )


def _subject(line: int | None) -> Text:
    return Text("It", "它") if line is None else Text(f"Line {line}", f"第 {line} 行")
