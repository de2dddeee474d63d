"""The tape of a wrong typed answer: true over the whole catalogue, and nothing beyond what may be told."""

from __future__ import annotations

import numpy as np
import pytest

from grader.checks.arrays import from_numpy, to_numpy
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.illustrate import draw
from grader.grading.tapes import replayed
from grader.model.given import asked_in
from grader.model.job import Job, Play, PlayLine
from grader.model.observation import Taped
from grader.model.submission import Submission
from grader.model.tape import TapePicture
from grader.sandbox.pool import Pool

NOTHING = b"def nothing(): ...\n"


def tapes(
    pool: Pool, truths: Truths, library: Library, slug: str, variant: int = 0, **typed: str
) -> tuple[TapePicture, ...]:
    exercise, submission = library.get(slug).variant(variant), Submission(NOTHING, typed)
    report = grade(exercise, submission, pool, truths)
    return draw(exercise, submission, pool, truths, report, curve=False).tapes


def test_what_arrives_is_what_the_line_shows(pool: Pool, library: Library) -> None:
    """Of every line of the catalogue's given code that shows a gradient after a backward pass.

    The rest shows something else: values, errors, a gradient that was set to zero or that a function of the
    student's brings.
    """
    told, silent = 0, []
    for slug in library.slugs():
        exercise = library.get(slug)
        lines = [
            PlayLine(f"{each.name}{list(each.at) or ''}", "", exercise.given, each.line)
            for each in asked_in(exercise.given)
        ]
        seen = pool.run(Job(b"", tuple(lines))).outcomes if lines else {}
        for name, outcome in seen.items():
            if not isinstance(outcome, Taped):
                silent.append(f"{slug} {name}")
                continue
            arrived, shown, replay = outcome.tape.steps[-1].into, outcome.shown, replayed(outcome.tape)
            assert arrived is not None and shown is not None, (slug, name)
            if replay is not None:
                assert np.allclose(replay, to_numpy(arrived), equal_nan=True), (slug, name)
            now = to_numpy(arrived) + (0.0 if shown.held is None else to_numpy(shown.held))
            if np.allclose(now[shown.at], to_numpy(shown.value), equal_nan=True):
                told += 1
            else:
                silent.append(f"{slug} {name}")
    assert told >= 40, silent
    assert {"simple-example after_zero", "simple-example sum_grad_without_zero"} <= set(silent)


@pytest.mark.parametrize(
    ("slug", "typed", "steps", "said"),
    [
        (
            "simple-example",
            {"x_grad": "[0, 2, 4, 6]"},
            ["mul", "dot", "leaf"],
            ("y", "x", {"x": [0, 1, 2, 3]}, [0, 2, 4, 6], [0, 4, 8, 12], "", None),
        ),
        # What was there before is added: 7 is not what arrives.
        ("accumulate", {"after_second": "3"}, ["mul", "leaf"], ("z", "x", {"x": 2}, 3, 7, "x.grad", 4)),
        # One entry of a gradient is asked for.
        (
            "mean-squares",
            {"first_of_eight": "0.5"},
            ["mean", "pow", "leaf"],
            ("y", "x", {"x": [1, 2, 3, 4, 1, 2, 3, 4]}, 0.5, 0.25, "x.grad[0]", None),
        ),
        # Of the three entries of this answer the one that is wrong, from a function that calls backward.
        (
            "design-control-flow",
            {"slopes": "[72, -10, 18]"},
            None,
            ("g(a)", "", {}, -10, -40, "", None),
        ),
    ],
)
def test_a_wrong_number_stands_beside_what_arrives(
    pool: Pool,
    truths: Truths,
    library: Library,
    slug: str,
    typed: dict[str, str],
    steps: list[str] | None,
    said: tuple[object, ...],
) -> None:
    (tape, *_) = tapes(pool, truths, library, slug, **typed)
    assert steps is None or [step.operation for step in tape.steps] == steps
    assert (tape.call, tape.by, tape.inputs, tape.yours, tape.right, tape.asked, tape.held) == said


def test_the_step_that_was_left_out_is_named(pool: Pool, truths: Truths, library: Library) -> None:
    (tape,) = tapes(pool, truths, library, "relu-at-zero", at_zero="[1, 1, 0.5]")
    assert tape.differs == 0 and tape.steps[0].code == "torch.relu(x).backward()"


def test_a_variant_is_played_with_its_own_numbers(pool: Pool, truths: Truths, library: Library) -> None:
    (tape,) = tapes(pool, truths, library, "simple-example", 1, x_grad="[1, 1, 1, 1]")
    x = library.get("simple-example").variant(1).values["x"]
    assert tape.inputs == {"x": x} and tape.right == [4 * each for each in x]


def test_what_is_right_or_no_gradient_has_no_tape(pool: Pool, truths: Truths, library: Library) -> None:
    wrong = {"grad_before": "[0, 0, 0, 0]", "y": "3", "after_zero": "[1, 1, 1, 1]"}
    assert not tapes(pool, truths, library, "simple-example", x_grad="[0, 4, 8, 12]", **wrong)
    # Of an answer that was not given nothing is told, of one that cannot be read neither.
    assert not tapes(pool, truths, library, "simple-example", x_grad="?")


def test_adjoints_stand_beside_their_steps_up_to_the_first_that_is_wrong(
    pool: Pool, truths: Truths, library: Library
) -> None:
    """What the verdict does not tell is not told here: nothing behind the first wrong number."""
    (tape,) = tapes(pool, truths, library, "forward-and-reverse", adjoints="[1, 1, 0.14, 2.2, 0.244, -2]")
    told = [(step.name, step.yours, step.right, step.code) for step in tape.steps if step.name]
    assert told == [
        ("e", 1.0, True, "e = 1 / x"),
        ("d", 1.0, True, "d = b * c"),
        ("c", 0.14, False, "c = torch.sin(x)"),
    ]
    assert tape.stopped and tape.call == "f(x)" and tape.inputs == {"x": 3.0}
    assert all(move.to < len(tape.steps) for step in tape.steps for move in step.moves)
    assert not tape.steps[-1].moves
    (whole,) = tapes(pool, truths, library, "forward-and-reverse", adjoints="[1, 1, 2.2, 0.141, 0.0157, -2]")
    assert not whole.stopped and whole.steps[-1].operation == "leaf" and whole.yours == -2.0
    assert not tapes(
        pool, truths, library, "forward-and-reverse", adjoints="[1, 1, 2.2, 0.141, 0.0157, -2.19]"
    )


def test_the_adjoints_of_the_catalogue_are_those_of_their_variables(pool: Pool, library: Library) -> None:
    exercise = library.get("forward-and-reverse")
    along = exercise.answer("adjoints").adjoints
    assert along is not None and exercise.solution is not None
    task = Play(
        "a", along.of, tuple(from_numpy(np.asarray(v)) for v in along.at.values()), code=exercise.given
    )
    outcome = pool.run(Job(b"", (task,))).outcomes["a"]
    assert isinstance(outcome, Taped)
    assert set(along.names) <= {step.name for step in outcome.tape.steps}


def test_a_wrong_formula_is_played_at_the_case_that_the_verdict_shows(
    pool: Pool, truths: Truths, library: Library
) -> None:
    (tape,) = tapes(pool, truths, library, "forward-and-reverse", slope="2/x*sin(x)")
    assert tape.call == "f(x)" and tape.steps[-1].operation == "leaf" and tape.right != tape.yours
