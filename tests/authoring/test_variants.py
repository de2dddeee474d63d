"""``grade check`` and variants: each in which answers coincide is refused, with its numbers."""

from __future__ import annotations

from grader.authoring.findings import Folder
from grader.authoring.variants import prove_variants
from grader.sandbox.pool import Pool
from tests.authoring.course import SLUG, Course

VARY = """variants = 4

[[vary]]
name = "x"
usual = [1.0, 2.0, 3.0]
among = [[4, -5, 6], [0, 0, 0], [-1, -2, -3], [THIRD, THIRD, THIRD]]

[title]""".replace("THIRD", "0.3333333333333333")


def test_variants_in_which_answers_coincide(course: Course, pool: Pool) -> None:
    """At 0 a misconception is right, at 1/3 two are the same; at −x the answers are those at x."""
    course.change("exercise.toml", "[title]", VARY)
    for prompt in ("prompt.en.md", "prompt.zh.md"):
        course.change(prompt, "[1, 2, 3]", "{{x}}")
    course.change("solution.toml", 'checks = ["prediction"]', 'checks = ["prediction", "x-grad"]')
    course.change(
        "reference.py",
        "answers():\n    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)",
        "answers(at):\n    x = at.clone().requires_grad_()",
    )
    course.change("misconceptions.py", "x=torch.tensor([1.0, 2.0, 3.0])", "x")
    exercise = course.library().get(SLUG)
    found = list(prove_variants(exercise, Folder(course.exercise, course.solution), pool))
    assert {each.line for each in found} == {course.line("exercise.toml", "[[vary]]")}
    said = [each.what for each in found]
    for expected in (
        "variant 2 (x = [0, 0, 0]): check 'x-grad': the answer of 'lost-factor' gets 'passed'",
        "variant 2 (x = [0, 0, 0]): check 'x-grad': 'right' and 'lost-factor' are not told apart",
        "variant 3 (x = [-1, -2, -3]): all that is typed is as in variant 0",
        "variant 4 (x = [0.3333333333333333, 0.3333333333333333, 0.3333333333333333]): check 'x-grad': "
        "'lost-factor' and 'kept-exponent' are not told apart",
    ):
        assert any(each.startswith(expected) for each in said), (expected, said)
    assert not any("variant 1 " in each or "variant 0 (" in each for each in said)
