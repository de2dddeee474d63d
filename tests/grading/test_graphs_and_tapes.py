"""Which line cuts, the case that failed, and the tape: true over the whole catalogue, and nothing beyond."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from grader.checks.arrays import numbers_of, to_numpy
from grader.checks.registry import kind_of
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.cases import cases_of
from grader.grading.illustrate import draw
from grader.grading.tapes import replayed
from grader.model.job import Differentiate, Job, Play
from grader.model.observation import Differentiated, Taped
from grader.model.picture import GraphPicture, Pictures
from grader.model.submission import Submission
from grader.sandbox.pool import Pool


def pictures(pool: Pool, truths: Truths, library: Library, slug: str, source: str) -> Pictures:
    exercise, submission = library.get(slug), Submission(source.encode())
    report = grade(exercise, submission, pool, truths)
    return draw(exercise, submission, pool, truths, report, curve=False)


def test_the_local_derivatives_of_each_tape_multiply_to_autograd_s_gradient(
    pool: Pool, library: Library
) -> None:
    """Of every prediction in the catalogue, at every visible case; every rule is written out."""
    rules: Counter[str] = Counter()
    for slug in library.slugs():
        exercise = library.get(slug)
        assert exercise.solution is not None
        tasks: list[Differentiate | Play] = []
        for check in exercise.checks:
            for case in cases_of(exercise, 0) if check.made_by_hand and check.function is not None else ():
                asked = kind_of(exercise, check).reference(exercise, check, case, 0)
                if not case.visible or not isinstance(asked, Differentiate) or asked.how != "vjp":
                    continue
                name = f"{check.id}@{case.name}"
                tasks += [
                    Differentiate(f"{name}'", asked.function, asked.args, asked.wrt, output=asked.output,
                                  cotangent=asked.cotangent),
                    Play(name, asked.function, asked.args, asked.wrt[0], asked.output, asked.cotangent),
                ]  # fmt: skip
        if not tasks:
            continue
        seen = pool.run(Job(b"", tuple(tasks)), {"reference": exercise.solution.reference.encode()}).outcomes
        for name in (task.id for task in tasks if isinstance(task, Play)):
            played, right = seen[name], seen[f"{name}'"]
            assert isinstance(played, Taped) and isinstance(right, Differentiated), (slug, name, played)
            if not played.tape.steps:  # an input that nothing leads to
                assert right.problem == "no-graph" or numbers_of(right.grads[0]) is None, (slug, name)
                continue
            expected, arrived = numbers_of(right.grads[0]), played.tape.steps[-1].into
            replay = replayed(played.tape)
            assert expected is not None and arrived is not None and replay is not None, (slug, name)
            assert np.allclose(to_numpy(arrived), expected, equal_nan=True), (slug, name)
            assert np.allclose(replay, expected, equal_nan=True), (slug, name)
            rules.update(move.rule for step in played.tape.steps for move in step.onward)
    assert rules["times"] > 100 and rules["right"] and rules["jacobian"] and not rules["other"]


@pytest.mark.parametrize(
    ("body", "cut_off", "severed"),
    [
        ("    a = x * w.detach()\n    with torch.no_grad():\n        b = w**2\n    return a + b", (3, 5), ()),
        ("    w = w.data\n    return x * w + w**2", (3,), ()),
        ("    a = x * w\n    b = w.detach()**2\n    return a + b", (), (4,)),
        ("    mean = w.detach().mean()\n    print(mean)\n    return x * w + w**2", (), ()),
        ("    return x * w + w**2", (), ()),
    ],
)
def test_a_line_cuts_where_the_reference_is_whole(
    pool: Pool,
    truths: Truths,
    library: Library,
    body: str,
    cut_off: tuple[int, ...],
    severed: tuple[int, ...],
) -> None:
    """All of the way, or one way of several; a cut beside the way is none."""
    source = f"import torch\ndef f(w, x):\n{body}\n"
    graph = pictures(pool, truths, library, "two-paths", source).graph
    assert graph is not None and (graph.cut_off, graph.severed) == (cut_off, severed)


def test_a_cut_that_the_exercise_asks_for_is_not_blamed(pool: Pool, truths: Truths, library: Library) -> None:
    """``detach`` is detached on purpose."""
    graph = pictures(pool, truths, library, "detach", "def f(x):\n    return (x * x).detach() * x\n").graph
    assert graph is not None and graph.cut and not graph.cut_off and not graph.severed


def test_the_case_that_failed_is_drawn_first(pool: Pool, truths: Truths, library: Library) -> None:
    """The other is beside it; no hidden one is."""
    source = (
        "def f(a):\n    b = a * 2\n    while b.norm() < 1000:\n        b = b * 2\n"
        "    return b if b.sum() > 0 else 10 * b\n"
    )
    drawn = pictures(pool, truths, library, "control-flow", source)
    graphs: list[GraphPicture] = [*([drawn.graph] if drawn.graph else []), *drawn.others]
    assert [(graph.inputs, graph.failed) for graph in graphs] == [({"a": -2.0}, True), ({"a": 1.5}, False)]


def test_a_wrong_prediction_has_a_tape_with_the_step_at_which_it_leaves_it(
    pool: Pool, truths: Truths, library: Library
) -> None:
    """Where exactly one step, done otherwise, gives the student's number."""
    source = "def f(w, x):\n    return x * w + w ** 2\ndef grad_w(w, x):\n    return x\n"
    (tape,) = pictures(pool, truths, library, "two-paths", source).tapes
    assert (tape.call, tape.by, tape.differs) == ("f(w, x)", "w", 0) and tape.dropped is not None
    assert tape.steps[tape.steps[0].moves[tape.dropped].to].operation == "pow"
    assert [(s.operation, s.code) for s in tape.steps] == [
        ("add", "y = a + b"), ("pow", "b = w**2"), ("mul", "a = x * w"), ("leaf", ""),
    ]  # fmt: skip
    assert tape.steps[-1].into == tape.right != tape.yours


def test_what_the_student_still_has_to_write_is_not_played(
    pool: Pool, truths: Truths, library: Library
) -> None:
    """Control flow's f is not in the given code: its tape would tell how it is written."""
    wrong = "def grad_f(a):\n    return a\n"
    right = "def f(a):\n    b = a * 2\n    while b.norm() < 1000:\n        b = b * 2\n"
    right += "    return b if b.sum() > 0 else 100 * b\n"
    assert pictures(pool, truths, library, "control-flow", right + wrong).tapes
    assert not pictures(pool, truths, library, "control-flow", "def f(a):\n    return a\n" + wrong).tapes
    assert not pictures(pool, truths, library, "control-flow", right + "def grad_f(a):\n    ...\n").tapes
