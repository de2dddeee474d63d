"""Reports: the score in one sentence, and why there is none."""

from __future__ import annotations

from typing import Final

from grader.model.text import Text

NOT_GRADABLE: Final = Text(
    "This could not be graded. It is not your fault, and it costs no attempt.",
    "这次没能评分。原因不在你，也不计入提交次数。",
)


def nothing_run(why: Text) -> Text:
    """In place of a summary, where the file could not be run at all. ``why`` is a sentence."""
    return Text(f"Nothing was run. {why.en}", f"没有运行。{why.zh}")


def summary(passed: int, total: int, worst: Text | None) -> Text:
    """The score in one true and complete sentence."""
    if passed == total:
        return Text("All checks pass.", "所有检查都通过了。")
    if passed == 0:
        head = Text("No check passes yet.", "还没有检查通过。")
    else:
        head = Text(
            f"{passed} of {total} checks {'pass' if passed != 1 else 'passes'}.",
            f"{total} 项检查中有 {passed} 项通过。",
        )
    if worst is None:
        return head
    return Text(f"{head.en} {worst.en}", f"{head.zh}{worst.zh}")
