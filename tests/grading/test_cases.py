"""Concrete inputs: the visible ones first, the generated ones from the seed alone."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.arrays import to_numpy
from grader.exercises import Library
from grader.grading.cases import cases_of
from grader.grading.plan import make_plan
from grader.model.exercise import Draw, Exercise, Generator, Input, Solution
from grader.model.job import Call, Differentiate
from grader.model.observation import Died, Differentiated, Outcome
from grader.model.values import Nothing


def drawn(exercise: Exercise, draw: Draw, seed: int = 0, count: int = 8) -> list[Any]:
    """What the generator draws for one input."""
    solution = Solution("", generator=Generator(count, {"x": draw}))
    one = msgspec.structs.replace(exercise, inputs=(Input("x"),), cases=(), solution=solution)
    return [to_numpy(case.inputs["x"]) for case in cases_of(one, seed)]


@pytest.fixture(scope="module")
def control_flow(library: Library) -> Exercise:
    return library.get("control-flow")


class TestCases:
    def test_visible_first_then_hidden_then_generated(self, library: Library) -> None:
        for exercise in library.all()[:4]:
            cases = cases_of(exercise, 3)
            shown = [case.visible for case in cases]
            assert shown == sorted(shown, reverse=True) and shown.count(True) == len(exercise.cases)
            assert [case.index for case in cases] == list(range(len(cases)))
            assert len({case.name for case in cases}) == len(cases)
            assert exercise.solution is not None
            generated = [case for case in cases if case.name.startswith("generated-")]
            assert len(generated) == exercise.solution.generator.count

    def test_one_seed_one_set_of_inputs(self, control_flow: Exercise) -> None:
        assert cases_of(control_flow, 7) == cases_of(control_flow, 7)
        assert cases_of(control_flow, 7) != cases_of(control_flow, 8)
        named = len(control_flow.cases) + len(control_flow.solution.cases)  # type: ignore[union-attr]
        assert cases_of(control_flow, 7)[:named] == cases_of(control_flow, 8)[:named]

    def test_two_exercises_share_no_inputs_at_one_seed(self, control_flow: Exercise) -> None:
        other = msgspec.structs.replace(control_flow, slug="other")
        assert cases_of(control_flow, 0)[-1].inputs != cases_of(other, 0)[-1].inputs

    def test_a_copy_without_solutions_has_the_visible_ones_only(self, control_flow: Exercise) -> None:
        bare = msgspec.structs.replace(control_flow, solution=None)
        assert [case.name for case in cases_of(bare, 0)] == [case.name for case in control_flow.cases]

    def test_both_branches_of_control_flow_are_met_at_any_seed(self, control_flow: Exercise) -> None:
        for seed in range(20):
            signs = {float(to_numpy(c.inputs["a"])) > 0 for c in cases_of(control_flow, seed)[-6:]}
            assert signs == {True, False}


class TestDraw:
    @settings(max_examples=30)
    @given(seed=st.integers(0, 2**53))
    def test_bounds_shape_and_distance_from_zero(self, library: Library, seed: int) -> None:
        exercise = library.get("control-flow")
        for x in drawn(exercise, Draw((2, 3), -2.0, 2.0, away_from_zero=0.5), seed, 3):
            assert x.shape == (2, 3) and (np.abs(x) <= 2).all() and (np.abs(x) >= 0.5).all()

    def test_magnitudes_spread_over_their_logarithm(self, control_flow: Exercise) -> None:
        draws = drawn(control_flow, Draw((), 0.01, 1000.0, log=True), 1, 64)
        sizes = np.abs(draws)
        assert (sizes >= 0.01).all() and (sizes <= 1000).all()
        assert (sizes < 1).sum() > 10 and (sizes > 10).sum() > 10
        assert [float(d) > 0 for d in draws] == [n % 2 == 0 for n in range(64)]

    @pytest.mark.parametrize(("sign", "right"), [("positive", 1), ("negative", -1)])
    def test_one_sign(self, control_flow: Exercise, sign: Any, right: int) -> None:
        draws = drawn(control_flow, Draw((4,), 0.1, 10.0, log=True, sign=sign))
        assert all((np.sign(d) == right).all() for d in draws)


class TestPlan:
    def test_predictions_are_asked_where_autograd_does_not_exist_and_nothing_else_is(
        self, library: Library
    ) -> None:
        for exercise in library.all()[:4]:
            plan = make_plan(exercise, 0)
            here, there = {t.id for t in plan.tasks}, {t.id for t in plan.plain}
            for check in exercise.checks:
                if check.function is not None:
                    asked = set(plan.ids(check).values())
                    assert asked <= (there if check.predicts else here)
            assert not here & there

    def test_hidden_cases_come_after_the_visible_ones(self, library: Library) -> None:
        for exercise in library.all():
            plan = make_plan(exercise, 0)
            visible = {case.name for case in plan.cases if case.visible}
            for tasks, shown in ((plan.tasks, plan.shown), (plan.plain, plan.plain_shown)):
                assert all(t.id.partition("@")[2] in visible for t in tasks[:shown])
                ours = ("#again", "|other")
                asked = [t.id.partition("@")[2] for t in tasks[shown:] if not any(o in t.id for o in ours)]
                assert not visible & set(asked)

    def test_one_run_of_f_serves_value_and_gradient(self, control_flow: Exercise) -> None:
        plan = make_plan(control_flow, 0)
        asked = [plan.asked[check, "answer"] for check in ("value", "gradient")]
        assert asked[0] == asked[1] and set(asked[0]) == {case.name for case in plan.cases}
        # And the first case of each of the two functions once more; of the prediction, two elsewhere.
        tasks = (*plan.tasks, *plan.plain)
        assert len({t.id for t in tasks}) == len(tasks) == 2 * len(plan.cases) + 2 + 2
        ours = {t.id for t in (*plan.tasks[-plan.extra[0] :], *plan.plain[-plan.extra[1] :])}
        assert ours == {
            task
            for (_, role), ids in plan.asked.items()
            if role in ("again", "other")
            for task in ids.values()
        }, "last of all"

    def test_a_visible_case_is_summed_and_a_hidden_one_is_not(self, library: Library) -> None:
        plan = make_plan(library.get("non-scalar"), 0)
        tasks = {t.id: t for t in plan.tasks}
        for case in plan.cases:
            task = tasks[plan.asked["gradient", "answer"][case.name]]
            assert isinstance(task, Differentiate) and task.random is not case.visible
            assert not task.wrong_gradients, "a submission is never asked for wrong answers"

    def test_the_predicted_function_is_watched(self, control_flow: Exercise) -> None:
        calls = [t for t in make_plan(control_flow, 0).plain if isinstance(t, Call)]
        assert calls and all(t.watched == "f" and t.function == "grad_f" for t in calls)

    def test_a_seed_changes_the_cotangents_of_hidden_cases(self, library: Library) -> None:
        exercise = library.get("non-scalar")
        one, two = (
            [
                t.seed
                for t in make_plan(exercise, s).tasks
                if isinstance(t, Differentiate) and not t.id.endswith("#again")
            ]
            for s in (1, 2)
        )
        assert len(set(one)) == len(one) and not set(one) & set(two)

    def test_what_the_student_designs_is_asked_for_its_values_in_a_second_run(self, library: Library) -> None:
        """The plan declares it; it is run where the first run came so far."""
        exercise = library.get("design-control-flow")
        plan = make_plan(exercise, 0)
        (check,) = (check for check in exercise.checks if check.of_own)
        own = plan.ids(check, "own")
        seen: dict[str, Outcome] = {task: Differentiated(Nothing()) for task in own.values()}
        job = plan.second_run(b"", seen)
        assert job is not None and job.autograd
        assert {task.function for task in job.tasks} == {check.of}
        assert len({task.id for task in job.tasks}) == len(job.tasks)
        died = {**seen, next(iter(own.values())): Died("timeout")}
        assert plan.second_run(b"", died) is None, "it would only end the same way once more"
        assert make_plan(library.get("detach"), 0).second_run(b"", {}) is None
