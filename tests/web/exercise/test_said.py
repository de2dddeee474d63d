"""Boxes in the given code, and what stands beside them after a run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from grader.model.answer_types import ChoiceAnswer, NumberAnswer, Option
from grader.model.check import Check
from grader.model.kinds import State
from grader.model.report import CheckResult, Counterexample, TypedAnswer
from grader.model.text import EMPTY, Text
from grader.store import courses
from tests.web.world import HOSTILE, World, make_exercise, make_report

URL = "/courses/calc/detach"
GIVEN = "x.grad     # x_grad: ?\n\ny = 1\n    # modes[0]: ?\n    # modes[1]: which one?\n"
OPTIONS = (Option("up", Text("it grows", "变大")), Option("down", Text("it shrinks", "变小")))
ANSWERS = (
    NumberAnswer("x_grad", Text("the gradient?", "梯度？"), shape=(4,), maybe_none=True),
    ChoiceAnswer("modes", Text("which?", "哪个？"), option=OPTIONS, shape=(2,)),
    NumberAnswer("paths", Text("how many?", "几条？")),
)
CHECKS: tuple[Check, ...] = tuple(
    State(name, 1.0, EMPTY, answer=name) for name in ("x_grad", "modes", "paths")
)


def result(
    name: str, right: bool, typed: TypedAnswer | None, example: Counterexample | None = None
) -> CheckResult:
    verdict = "passed" if right else "failed" if typed else "missing"
    return CheckResult(name, "state", EMPTY, verdict, float(right), 1.0, counterexample=example, typed=typed)  # type: ignore[arg-type]


X_WRONG = result(
    "x_grad", False, TypedAnswer("x_grad", "[0, 2, 8, 12]", entries=[True, False, True, True]),
    Counterexample({}, [0.0, 4.0, 8.0, 12.0], [0.0, 2.0, 8.0, 12.0]),
)  # fmt: skip
MODES_WRONG = result(
    "modes", False, TypedAnswer("modes", "up, up", entries=[True, False]),
    Counterexample({}, ["up", "down"], ["up", "up"]),
)  # fmt: skip


@pytest.fixture
def asking(world: World) -> World:
    """An exercise whose given code asks for two of its three answers."""
    world.library.exercises[0] = replace(make_exercise(), given=GIVEN, answers=ANSWERS, checks=CHECKS)
    return world


class Within(HTMLParser):
    """The text in the element with this id."""

    def __init__(self, identity: str, page: str) -> None:
        super().__init__()
        self.identity, self.depth, self.text, self.found = identity, 0, "", 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += ("id", self.identity) in attrs
        if self.depth or ("id", self.identity) in attrs:
            self.depth += tag == "span"

    def handle_endtag(self, tag: str) -> None:
        if self.depth:
            self.depth -= tag == "span"

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text += data


def words(page: str, identity: str) -> str:
    """What stands beside a box, as a reader has it."""
    within = Within(f"said-{identity}", page)
    assert within.found == 1
    return " ".join(within.text.split())


def test_each_box_stands_once_and_the_code_is_one_text(asking: World) -> None:
    page = asking.client("ada").get(URL).text
    code = re.search(r'<pre class="code given">\n(.*?)</pre>', page, re.DOTALL)
    assert code is not None
    names = re.findall(r'<(?:input|select)[^>]* name="(predict-[^"]*)"', page)
    boxes = [*(f"predict-x_grad.{n}" for n in range(4)), "predict-x_grad.none"]
    assert sorted(names) == sorted([*boxes, "predict-modes.0", "predict-modes.1", "predict-paths"])
    assert all(
        'form="work"' in each for each in re.findall(r'<(?:input|select)[^>]* name="predict-[^>]*>', page)
    )
    assert 'name="predict-modes.1"' in code[1] and 'name="predict-paths"' not in code[1]
    assert code[1].startswith('x.grad     # x_grad: ?\n<span class="asked')
    assert "</span>\ny = 1\n    # modes[0]: ?\n<span" in code[1]
    chinese = asking.client("ada").get(f"{URL}?lang=zh").text
    assert "梯度？" in chinese and "x_grad，共 4 个分量，第 2 个" in chinese


def test_after_a_run_each_box_says_what_it_was(asking: World) -> None:
    """And what was said first; nothing of an answer that nobody gave."""
    asking.dispatcher.report = make_report(checks=(X_WRONG, MODES_WRONG, result("paths", False, None)))
    first = asking.submit("ada", **{"predict-x_grad": "[0, 2, 8, 12]"})
    client = asking.client("ada")
    page = client.get(f"{URL}?attempt={first}").text
    told = words(page, "x_grad")
    assert "✗ not right your first prediction" in told and "it was [0, 4, 8, 12]" in told
    assert "[0✓ right, 2✗ not right, 8✓ right, 12✓ right]" in told
    assert words(page, "modes-0") == "✓ right"
    assert words(page, "modes-1") == "✗ not right you said it grows it was it shrinks"
    assert words(page, "paths") == ""

    right = TypedAnswer(
        "x_grad", "[0, 4, 8, 12]", entries=[True] * 4, note=Text("the file says 1", "文件是 1")
    )
    asking.dispatcher.report = make_report(checks=(result("x_grad", True, right), MODES_WRONG))
    second = asking.submit("ada", "f = 2", **{"predict-x_grad": "[0, 4, 8, 12]"})
    told = words(client.get(f"{URL}?attempt={second}").text, "x_grad")
    assert told == "✓ right you said [0, 4, 8, 12] first said [0, 2, 8, 12] ✗ not right the file says 1"
    # A script is sent the same, to put beside the boxes.
    part = client.get(f"/attempts/{second}/verdict", headers={"HX-Request": "true"}).text
    assert '<span class="said" id="said-modes-1" hx-swap-oob="true">' in part
    # Of what is not answered any more, nothing is left beside the box.
    asking.dispatcher.report = make_report(checks=(result("modes", False, None),))
    third = asking.submit("ada", "f = 3")
    part = client.get(f"/attempts/{third}/verdict", headers={"HX-Request": "true"}).text
    assert words(part, "modes-1") == ""
    # Without an attempt on the page only what was said first is left.
    assert words(client.get(URL).text, "x_grad") == "first said [0, 2, 8, 12] ✗ not right"


def test_what_is_kept_back_is_not_beside_the_box(asking: World) -> None:
    with asking.store.write() as transaction:
        course = courses.find_course(transaction, "calc")
        assert course is not None
        assignment = courses.find_assignment(transaction, course.id, "detach")
        assert assignment is not None
        assignment.feedback = "verdict"
    asking.dispatcher.report = make_report(checks=(X_WRONG, MODES_WRONG))
    attempt = asking.submit("ada", **{"predict-x_grad": "[0, 2, 8, 12]"})
    page = asking.client("ada").get(f"{URL}?attempt={attempt}").text
    assert words(page, "x_grad") == "✗ not right your first prediction you said [0, 2, 8, 12]"
    assert "it was" not in page and words(page, "modes-1") == ""


def test_what_a_file_predicts_is_text(asking: World) -> None:
    evil = TypedAnswer("x_grad", HOSTILE, in_file=True, note=Text(HOSTILE, HOSTILE))
    asking.dispatcher.report = make_report(checks=(result("x_grad", False, evil),))
    attempt = asking.submit("ada")
    page = asking.client("ada").get(f"{URL}?attempt={attempt}").text
    assert HOSTILE not in page and HOSTILE in words(page, "x_grad")


def test_home_counts_first_predictions_by_course(asking: World) -> None:
    client = asking.client("ada")
    assert "right before running" not in client.get("/").text
    asking.dispatcher.report = make_report(checks=())
    asking.submit("ada")
    assert (
        "None of the answers that you predicted before running has been judged yet." in client.get("/").text
    )
    right = TypedAnswer("x_grad", "1")
    for report in ((result("x_grad", True, right), MODES_WRONG), (X_WRONG,)):
        asking.dispatcher.report = make_report(checks=report)
        asking.submit("ada", f"f = {report!r}"[:40])
    assert "You predicted 1 of 2 answers right before running." in client.get("/").text
    assert "运行之前，你预测的 2 个答案中有 1 个正确。" in client.get("/?lang=zh").text
    assert "right before running" not in asking.client("tess").get("/").text
