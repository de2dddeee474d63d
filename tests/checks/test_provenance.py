"""Whether an answer comes from autograd, read off what came of it with autograd and without."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from grader.checks import provenance
from grader.checks.arrays import from_numpy
from grader.checks.outcomes import said_of
from grader.checks.provenance import Compared
from grader.checks.results import passed, unjudged
from grader.model.check import Check
from grader.model.kinds import FromAutograd, Prediction, Raises
from grader.model.observation import Defined, Died, Missing, Outcome, Raised, Returned
from grader.model.report import CheckResult
from grader.model.text import Text
from grader.model.values import Nothing, Tensor

T = Text("title", "标题")
PREDICTION = Prediction("p", 1, T, function="grad_f", of="f")
ASKED = FromAutograd("a", 1, T, function="grad_f", of="f")
RAISES = Raises("r", 1, T, function="fails", autograd="required")
RIGHT = np.array([1.0, -2.0])
NO_GRAPH = "element 0 of tensors does not require grad and does not have a grad_fn"
SECOND = "Trying to backward through the graph a second time"
NOT_HERE = Raised("RuntimeError", NO_GRAPH, 6, absent=True)
"""What autograd says where there is none, in line 6 of a helper."""
DEFINED = (Defined("f", 1, ("x",)), Defined("ask", 5, ("x",)), Defined("grad_f", 9, ("x",)))


def returned(values: Any) -> Outcome:
    return Returned(Tensor(from_numpy(values)))


def told(
    check: Check, judged: CheckResult, *cases: tuple[Outcome, Outcome], right: Any = RIGHT
) -> CheckResult:
    return provenance.judge(check, judged, [Compared(right, *case) for case in cases], DEFINED)


def failed(check: Check) -> CheckResult:
    return unjudged(check, "failed", Text("wrong", "不对"))


def code(result: CheckResult) -> str | None:
    return result.diagnosis.code if result.diagnosis else None


class TestPredictions:
    @pytest.mark.parametrize("without", [Returned(Nothing()), returned(0 * RIGHT), returned(np.nan * RIGHT)])
    def test_right_with_autograd_and_not_without_is_asked_of_autograd(self, without: Outcome) -> None:
        result = told(PREDICTION, failed(PREDICTION), (without, returned(RIGHT)))
        assert code(result) == "autograd-in-prediction" and result.verdict == "failed"

    def test_what_fails_without_autograd_gives_no_other_answer(self) -> None:
        """It may only check itself, and return a formula."""
        error = unjudged(PREDICTION, "error", said_of(NOT_HERE))
        assert told(PREDICTION, error, (NOT_HERE, returned(RIGHT))) is error

    def test_what_is_not_defined_without_autograd_is_said_to_be(self) -> None:
        missing = unjudged(PREDICTION, "missing", Text("no grad_f", "没有"))
        result = told(PREDICTION, missing, (Missing(), returned(RIGHT)))
        assert (result.verdict, code(result)) == ("missing", None)
        assert "your file defines no grad_f" in result.message.en

    def test_wrong_with_both_is_only_wrong(self) -> None:
        wrong = failed(PREDICTION)
        assert told(PREDICTION, wrong, (returned(2 * RIGHT), returned(2 * RIGHT))) is wrong

    def test_what_passes_is_asked_nothing(self) -> None:
        right = passed(PREDICTION)
        assert told(PREDICTION, right, (returned(RIGHT), returned(RIGHT))) is right

    def test_a_case_at_which_zero_is_right_does_not_tell_against_the_others(self) -> None:
        zero = Compared(0 * RIGHT, returned(0 * RIGHT), returned(0 * RIGHT))
        other = Compared(RIGHT, returned(0 * RIGHT), returned(RIGHT))
        result = provenance.judge(PREDICTION, failed(PREDICTION), [zero, other], DEFINED)
        assert code(result) == "autograd-in-prediction"

    def test_a_death_in_the_other_child_proves_nothing(self) -> None:
        wrong = failed(PREDICTION)
        assert told(PREDICTION, wrong, (returned(0 * RIGHT), Died("timeout"))) is wrong

    def test_an_f_that_needs_autograd_itself_is_told_so_and_nobody_is_accused(self) -> None:
        inside_f = msgspec.structs.replace(NOT_HERE, line=3)
        result = told(PREDICTION, failed(PREDICTION), (inside_f, returned(RIGHT)))
        assert (result.verdict, code(result)) == ("error", None)
        assert "line 3 of f needs autograd" in result.message.en

    def test_autograd_that_gives_a_wrong_answer_is_told_that_there_is_none(self) -> None:
        told_already = unjudged(PREDICTION, "error", said_of(NOT_HERE))
        assert told(PREDICTION, told_already, (NOT_HERE, returned(RIGHT * 2))) is told_already
        assert told_already.message.en.startswith("Line 6 needs autograd.")


class TestAskedOfAutograd:
    def test_a_formula_is_right_without_it(self) -> None:
        result = told(ASKED, passed(ASKED), (returned(RIGHT), returned(RIGHT)))
        assert result.verdict == "failed" and "where autograd does not exist" in result.message.en

    @pytest.mark.parametrize("without", [NOT_HERE, returned(0 * RIGHT), Died("timeout")])
    def test_what_fails_without_it_comes_from_it(self, without: Outcome) -> None:
        right = passed(ASKED)
        assert told(ASKED, right, (returned(RIGHT), without)) is right

    def test_zero_at_one_case_is_no_proof_of_a_formula(self) -> None:
        cases = [Compared(0 * RIGHT, returned(0 * RIGHT), returned(0 * RIGHT)),
                 Compared(RIGHT, returned(RIGHT), returned(0 * RIGHT))]  # fmt: skip
        right = passed(ASKED)
        assert provenance.judge(ASKED, right, cases, DEFINED) is right

    def test_an_error_that_is_raised_without_it_was_not_raised_by_a_backward(self) -> None:
        forged = Raised("RuntimeError", SECOND, 4)
        result = told(RAISES, passed(RAISES), (forged, forged), right=None)
        assert result.verdict == "failed" and "no backward() raised it" in result.message.en
        right = passed(RAISES)
        assert told(RAISES, right, (forged, Raised("RuntimeError", NO_GRAPH, 4)), right=None) is right
