"""Right code, wrong prediction; and failures without a reason."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given

from grader.analytics.contrasts import contrasts
from grader.analytics.rows import Attempt, role_of_kind, roles_of
from grader.analytics.unexplained import unexplained
from grader.exercises import Library
from grader.model.kinds import CHECKS
from tests.analytics.classes import attempt, classes


def test_who_writes_it_and_cannot_say_what_its_derivative_is() -> None:
    rows = [
        attempt(1, 1, value="passed", pred="sign"), attempt(1, 2, value="passed", pred="failed"),
        attempt(2, 1, value="passed", pred="sign"), attempt(2, 2, value="passed", pred="passed"),
        attempt(3, 1, value="failed", pred="sign"), attempt(4, 1, value="passed", pred="error"),
        attempt(5, 1, pred="sign"),
    ]  # fmt: skip
    (found,) = contrasts(rows, {})
    assert (found.assignment_id, found.tried) == (1, 4)
    assert [(c.user_id, c.submissions, c.attempts, c.now) for c in found.found] == [
        (1, ("s1.1.1", "s1.1.2"), 2, True), (2, ("s2.1.1",), 2, False),
    ]  # fmt: skip
    assert found.found[0].checks == ("pred",)


def test_a_typed_value_is_no_code() -> None:
    """The exercise says so, where its kind does not."""
    rows = [attempt(1, 1, value="passed", pred="sign")]
    assert contrasts(rows, {(1, "value"): "prediction", (1, "pred"): "prediction"}) == []


def test_every_kind_and_every_check_of_the_catalogue_has_a_role() -> None:
    assert {kind: role_of_kind(kind) for kind in CHECKS} == {
        "value": "code", "gradient": "code", "backward": "code", "prediction": "prediction",
        "own-prediction": "prediction", "vjp": "prediction", "jvp": "prediction", "jacobian": "prediction",
        "hvp": "prediction", "higher-order": "prediction", "state": "other", "raises": "other",
        "graph": "other", "from-autograd": "other",
    }  # fmt: skip
    assert role_of_kind("gone-since") == "other"
    library = Library(Path("exercises"), Path("solutions"))
    for slug in library.slugs():
        exercise = library.get(slug)
        roles = roles_of(7, exercise)
        for check in exercise.checks:
            if check.answer is not None:
                assert roles[7, check.id] == "prediction"
            elif check.kind not in ("value", "gradient", "backward"):
                assert roles[7, check.id] != "code"


def test_the_most_typical_answers_without_a_reason_come_first() -> None:
    """By how many students gave them: one student's many tries count once."""
    rows = [
        attempt(1, 1, pred="failed"), attempt(1, 2, minutes=1, pred="failed"),
        attempt(1, 3, minutes=2, pred="failed"), attempt(2, 1, minutes=5, pred="failed"),
        attempt(3, 1, minutes=3, pred="failed"), attempt(3, 2, minutes=9, pred="passed"),
        attempt(4, 1, minutes=4, pred="sign"), attempt(5, 1, minutes=6, pred="failed"),
        attempt(6, 1, minutes=6, pred="error"),
    ]  # fmt: skip
    keys = {(s, "pred"): "a" for s in ("s1.1.1", "s1.1.2", "s1.1.3")}
    keys |= {("s2.1.1", "pred"): "b", ("s3.1.1", "pred"): "b"}
    found = unexplained(rows, keys)
    assert (found.failures, found.students, found.groups) == (6, 4, 3)
    first, second, third = found.typical
    assert (first.key, first.users, first.submissions, first.example, first.now) == (
        "b", (3, 2), ("s3.1.1", "s2.1.1"), "s2.1.1", 1,
    )  # fmt: skip
    assert (second.key, second.users, len(second.submissions), second.now) == ("a", (1,), 3, 1)
    assert third.users == (5,)
    assert len(unexplained(rows, keys, most=1).typical) == 1


@given(classes())
def test_groups_part_the_failures(rows: list[Attempt]) -> None:
    keys = {(a.submission_id, c.check_id): str(a.number % 2) for a in rows for c in a.checks}
    found = unexplained(rows, keys, most=1000)
    assert found.failures == sum(c.unexplained for a in rows for c in a.checks)
    assert found.failures == sum(len(g.submissions) for g in found.typical)
    assert found.groups == len(found.typical)
    assert all(g.example in g.submissions and g.now <= len(g.users) for g in found.typical)
