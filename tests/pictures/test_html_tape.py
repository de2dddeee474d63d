"""The tape as a list: every step, rounds folded, the student's number beside the right one; and inert."""

from __future__ import annotations

import msgspec
import pytest

from grader.pictures.folding import Run, runs
from grader.pictures.html_tape import tape_figure
from tests.web.world import HOSTILE

from .figures import DOUBLED, Outline, inert


def test_a_tape_is_a_numbered_list() -> None:
    """What comes in, the local derivative, what goes on and where; the entry that differs is marked."""
    page = inert(tape_figure(DOUBLED, "en"))
    assert page.said("summary") == ["Steps 1 to 3: mul × 3 rounds"]
    assert [li["value"] for li in page.of("li", "step")] == ["1", "2", "3", "4"]
    assert [li["value"] for li in page.of("li", "stop")] == ["4"]
    assert page.said("mark") == ["4"]
    assert page.said("dt")[:3] == ["comes in", "local derivative", "goes on to step 2"]
    assert page.said("dd")[:3] == ["[1, 1]", "[2, 2]", "[2, 2]"]
    assert "hidden" in page.of("div", "tape-tools")[0], "its buttons are a script's"


@pytest.mark.parametrize(("dropped", "said"), [(None, "passed on"), (0, "nothing went on to step 3")])
def test_the_step_that_differs_is_where_it_stops(dropped: int | None, said: str) -> None:
    """It is in the folded rounds, which are then open."""
    figure = tape_figure(msgspec.structs.replace(DOUBLED, differs=1, dropped=dropped), "en")
    page = Outline(figure)
    assert [li["value"] for li in page.of("li", "stop")] == ["2"] and said in figure
    assert "open" in page.of("details")[0]


def test_a_tape_is_inert_in_chinese_too() -> None:
    """Whatever the student's answer or a name is."""
    evil = msgspec.structs.replace(
        DOUBLED, call=HOSTILE, by=HOSTILE, yours=[HOSTILE, None], inputs={HOSTILE: 1}
    )
    page = inert(tape_figure(evil, "zh"))
    assert "局部导数" in page.said("dt")


def test_a_typed_number_stands_beside_its_step_and_what_was_held_beside_what_arrives() -> None:
    asked = msgspec.structs.replace(DOUBLED, asked="a.grad", held=[1.0, 1.0], right=[9.0, 9.0])
    page = inert(tape_figure(asked, "en"))
    assert page.said("dt")[-4:] == ["arrives", "a.grad held before", "a.grad is then", "yours"]
    assert {"[8, 8]", "[1, 1]", "[9, 9]"} <= set(page.said("dd"))
    steps = (
        msgspec.structs.replace(DOUBLED.steps[0], name="b", yours=1.0, right=True, into=1.0),
        msgspec.structs.replace(DOUBLED.steps[1], name="c", yours=5.0, right=False, into=2.0, moves=()),
    )
    page = inert(tape_figure(msgspec.structs.replace(DOUBLED, steps=steps, stopped=True), "zh"))
    assert [text for text in page.said("dt") if text.startswith("你的答案")] == [
        "你的答案（b）",
        "你的答案（c）",
    ]
    assert page.said("mark") == ["5"] and "1 ✓" in page.said("dd")
    assert [li["value"] for li in page.of("li", "stop")] == ["2"]
    assert page.of("p", "difference")


def test_what_repeats_is_one_stretch() -> None:
    """The one that folds most away, its round the shortest; two alike are not worth it."""
    assert runs("xababab") == [Run(0), Run(1, 2, 3)]
    assert runs("aaaab") == [Run(0, 1, 4), Run(4)]
    assert runs("aab") == [Run(0), Run(1), Run(2)]
    assert runs("") == []
