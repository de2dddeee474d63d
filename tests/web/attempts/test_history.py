"""Why each attempt was not right, and which reasons came and went: told where it is known and may be told."""

from __future__ import annotations

import re

import pytest

from grader.model.report import CheckResult, Diagnosis, Report, telling
from grader.model.report_size import verdicts_only
from grader.model.text import Text
from grader.store import courses
from grader.web.attempts.comparison import Turn, turned
from tests.web.world import World, make_report

from .test_comparison import check, report

URL = "/courses/calc/detach/attempts"
FACTOR = "an answer is the right one times a constant"


def attempts_of(world: World, *reports: Report, login: str = "ada", path: str = URL) -> list[str]:
    """Hand these in as ada; the lines of the list, oldest first, as that reader sees them."""
    for n, each in enumerate(reports):
        world.dispatcher.report = each
        world.submit("ada", f"x = {n}\n")
    page = world.client(login).get(path).text
    return re.findall(r'<tr role="row">\s*<th scope="row".*?</tr>', page, re.DOTALL)[::-1]


def wrong(code: str, said: str = "It is three times too large.") -> Report:
    """One check that is right, and one that is wrong for this reason."""
    hint = Text("Which constant?", "哪个常数？")
    return make_report(
        4.0,
        checks=(
            CheckResult("value", "value", Text("values", "取值"), "passed", 4.0, 4.0),
            CheckResult(
                "prediction", "prediction", Text("prediction", "预测"), "failed", 0.0, 6.0,
                Text(said, "大了三倍。"), Diagnosis(code, hint),
            ),
        ),
    )  # fmt: skip


RIGHT = report(check("value", "passed"), check("prediction", "passed"))
CRASHED = report(check("value", "error"), check("prediction", "error"))


def test_a_reason_came_or_is_gone_only_where_that_is_known() -> None:
    """Not after an error, nor after a wrong answer that nobody has a name for."""
    sign, scale = report(check("a", "failed", "sign")), report(check("a", "failed", "scale"))
    passed, unnamed = report(check("a", "passed")), report(check("a", "failed"))
    crashed = report(check("a", "error"))
    assert turned(sign, scale) == Turn(("scale",), ("sign",))
    assert turned(sign, passed) == Turn((), ("sign",))
    assert turned(passed, sign) == Turn(("sign",), ())
    assert turned(sign, sign) == Turn()
    for unknown in (unnamed, crashed, report(check("b", "passed"))):
        assert turned(sign, unknown) == turned(unknown, sign) == Turn()
    # Of two checks that showed it, one passes, and of the other nothing is known.
    both = report(check("a", "failed", "sign"), check("b", "failed", "sign"))
    assert turned(both, report(check("a", "passed"), check("b", "error"))) == Turn()
    # Another check has it now, so it is not gone.
    assert turned(sign, report(check("a", "passed"), check("b", "failed", "sign"))) == Turn()


def test_the_check_that_tells_most() -> None:
    """A named reason first; what was not run tells least."""
    one, other = check("a", "skipped"), check("b", "timeout")
    named = check("c", "failed", "sign")
    assert telling((one, other, named)) is named
    assert telling((one, other)) is other
    assert telling((one, check("d", "passed"))) is one
    assert telling((check("d", "passed"),)) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_attempt_has_its_reason_and_what_changed(world: World, language: str) -> None:
    """The verdict's sentence, and from one attempt to the next the named reasons, in both languages."""
    lines = attempts_of(
        world, wrong("sign", "It is three times too large."), wrong("scale"), CRASHED, RIGHT,
        path=f"{URL}?lang={language}",
    )  # fmt: skip
    zh = language == "zh"
    factor, sign = ("与正确答案差一个常数倍", "符号相反") if zh else (FACTOR, "an answer has the wrong sign")
    came, gone = ("新出现：", "已消失：") if zh else ("came:", "gone:")
    assert ("大了三倍。" if zh else "It is three times too large.") in lines[0]
    assert came not in lines[0] + lines[2] + lines[3] and gone not in lines[0] + lines[2] + lines[3]
    assert factor in lines[1].split(came)[1].split(gone)[0]
    assert sign in lines[1].split(gone)[1]
    assert not [line for line in lines if "scale" in line], "codes are internal"


def test_withheld_and_thinned_reasons_are_not_told(world: World) -> None:
    """The verdict and the title alone; who teaches reads what is withheld, nobody what is not kept."""
    with world.store.write() as session:
        course = courses.find_course(session, "calc")
        assert course is not None
        row = courses.find_assignment(session, course.id, "detach")
        assert row is not None
        row.feedback = "verdict"
    lines = attempts_of(world, RIGHT, wrong("scale"), verdicts_only(wrong("scale")))
    assert all("not right" in line and "prediction" in line for line in lines[1:])
    assert not [line for line in lines if "three times" in line or FACTOR in line or "came:" in line]
    taught = attempts_of(world, login="tess", path="/courses/calc/students/1/detach")
    assert "three times" in taught[1] and FACTOR in taught[1]
    assert "three times" not in taught[2] and "gone:" not in taught[2]
