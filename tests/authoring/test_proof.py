"""``grade check`` finds what it promises to find, says it as ``file:line: what``, and says all of it."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grader.checks.arrays import to_numpy
from grader.grading.plan import make_plan
from grader.sandbox.pool import Pool
from tests.authoring.conftest import Grade
from tests.authoring.course import SLUG, Course


def test_the_template_is_sound(template: Course) -> None:
    """Nothing is found, every mutant is noticed, and the answers lie far apart."""
    proof = template.prove()
    assert [str(finding) for finding in proof.findings] == [] and proof.sound
    assert (proof.submissions, proof.caught, proof.survivors, proof.mutation_score) == (7, 2, [], 1.0)
    assert min(row.tolerances for row in proof.separation) > 1000


# Many at once.


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, template: Course, pool: Pool) -> Course:
    """One course with many things wrong at once."""
    course = Course(tmp_path_factory.mktemp("broken") / "course", pool, like=template)
    course.change("exercise.toml", "points = 4", "points = 4.5")
    course.change("exercise.toml", 'zh = "立方"', 'zh = ""')
    course.change("exercise.toml", 'en = "the values of f(x)"', 'en = "f(x) 的值"')
    course.change("exercise.toml", 'title = { en = "two entries", zh = "两个分量" }\n', "")
    course.change("starter.zh.py", "# 你对 f(x).sum() 的梯度的预测，不用 autograd", "# what you think it is")
    course.change("exercise.toml", "[[input]]", "[limits]\ncase_seconds = 9\ntotal_seconds = 3\n\n[[input]]")
    course.change("prompt.en.md", "Then say", "Here is $x^$, $\\alpha$ and\n$\\nosuchcommand x$. Then say")
    course.write("prompt.zh.md", "Only English, and `$x^$` is no formula.\n")
    course.change("starter.py", "def f(x):\n    # x cubed, entry by entry\n    ...", "f = lambda x: x**3")
    course.change("solution.toml", "Where did its 2 come from?", "Its 2 comes from the exponent.")
    course.change("solution.toml", 'zh = "求导之后指数应当变化多少？"', 'zh = ""')
    course.change("accepted/01_formula.py", "3 * x**2", "2 * x**2")
    course.file("accepted/02_in_steps.py").unlink()
    course.file("rejected/asks_autograd.py").unlink()
    course.change("rejected/cut_graph.py", "#: gradient =", "#: gradiant =")
    course.change("rejected/kept_exponent.py", "3 * x**3", "3 * x**2")
    course.change("rejected/lost_factor.py", "#: score = 4", "#: score = 3")
    return course


@pytest.fixture(scope="module")
def found(broken: Course) -> list[str]:
    """What is found in it."""
    return broken.found()


SECOND = '[[misconception]]\nid = "kept-exponent"'


@pytest.mark.parametrize(
    ("file", "line", "what"),
    [
        ("exercise.toml", '[[check]]\nid = "value"', "the points add up to 10.5, which is no whole number"),
        ("exercise.toml", '[title]\nen = "The cube"', r".*: there is no Chinese text"),
        ("exercise.toml", '[check.title]\nen = "f(x) 的值"', r".*: the English text is Chinese"),
        ("exercise.toml", "[limits]", "limits: 0 < case_seconds ≤ total_seconds ≤ 120 does not hold"),
        ("prompt.en.md", "Here is", r"this LaTeX cannot be shown: \$x\^\$ \(.*\)"),
        ("prompt.en.md", "$\\nosuch", r"this LaTeX has an unknown command: \\nosuchcommand"),
        ("prompt.zh.md", "", "this prompt is not Chinese"),
        (
            "exercise.toml",
            '[[case]]\nname = "two-entries"',
            "case 'two-entries' has no title: write title = .*",
        ),
        ("starter.zh.py", "", "this is not the code of starter.py: only comments and docstrings may differ"),
        ("starter.zh.py", "# what you think", "this comment is English"),
        ("starter.py", "", "the starter scores 4; it must score nothing"),
        ("starter.py", "", "the starter does not begin f"),
        (
            "solution.toml",
            "[[misconception]]",
            "misconception 'lost-factor': a hint asks a question, in both .*",
        ),
        (
            "solution.toml",
            '[misconception.hint]\nen = "By how much',
            "misconception 'kept-exponent', hint: there is no Chinese text",
        ),
        ("accepted/01_formula.py", "", "check 'prediction' got 'failed scale', and must get 'passed'"),
        ("accepted", "", "3 accepted submissions are needed, 2 are there"),
        ("rejected", "", "4 rejected submissions are needed, 3 are there; 'grade check --write-rejected' .*"),
        (
            "rejected/cut_graph.py",
            "#: gradiant",
            r"'gradiant' is no \[\[check\]\]; did you mean 'gradient'\?; there are .*x-grad",
        ),
        (
            "rejected/kept_exponent.py",
            "",
            "check 'prediction' got 'passed', and must get 'failed author:kept-.*",
        ),
        (
            "exercise.toml",
            '[[check]]\nid = "value"',
            "the points of the checks add up to 10.5, and the submissions count on 10: .*",
        ),
    ],
)
def test_each_is_said_with_its_line(
    broken: Course, found: list[str], file: str, line: str, what: str
) -> None:
    """File, line and complaint."""
    at = broken.line(file, line)
    wanted = re.compile(f"{re.escape(file)}:{at}: {what}")
    assert any(wanted.fullmatch(one) for one in found), f"{wanted.pattern} is not in\n" + "\n".join(found)


def test_the_command_prints_them_all(grade: Grade, course: Course) -> None:
    """Each on a line of its own on stderr, from where one stands; one summary on stdout; exit 2."""
    course.change("exercise.toml", 'zh = "立方"', 'zh = ""')
    course.change("starter.py", "def grad_f(x):", "def gradf(x):")
    course.change("rejected/lost_factor.py", "#: score = 4", "#: score = 3")
    ran = grade("check", SLUG)
    assert ran.code == 2 and ran.out.startswith(f"✗ {SLUG}")
    assert [re.sub(r":\d+: .*", "", line) for line in ran.err.splitlines()] == [
        f"exercises/{SLUG}/exercise.toml",
        f"exercises/{SLUG}/starter.zh.py",  # no longer the same code
        f"solutions/{SLUG}/rejected/lost_factor.py",
        f"exercises/{SLUG}/starter.py",
    ]


def test_a_sound_one_ends_with_0(grade: Grade) -> None:
    """All exercises of a course are proved when none is named."""
    named, all_ = grade("check", SLUG, SLUG), grade("check")
    assert (named.code, named.err, all_.code, all_.err) == (0, "", 0, "")
    assert named.out.count("✓") == all_.out.count("✓") == 1


def test_an_unknown_name_is_one_line(grade: Grade, bare: Grade) -> None:
    """It names the nearest."""
    ran = grade("check", "x-cubd")
    assert ran.code == 2 and ran.out == "" and ran.err.count("\n") == 1 and f"'{SLUG}'" in ran.err


# The reference.


def test_a_wrong_closed_form(course: Course) -> None:
    """Autograd and the author disagree."""
    course.change("reference.py", "return 3 * x**2", "return 2 * x**2")
    at = course.line("reference.py", "def closed_form")
    what = "closed_form and autograd disagree at case 'three-entries' (gradient of f(…).sum())"
    assert course.found() == [f"reference.py:{at}: {what}"]


def test_no_closed_form(course: Course) -> None:
    """There must be one."""
    text = course.file("reference.py").read_text(encoding="utf-8")
    course.write("reference.py", re.sub(r"def closed_form.*?\n\n\n", "", text, flags=re.DOTALL))
    (one,) = course.found()
    assert one.startswith("reference.py:1: there is no closed_form(…): write the gradient of f(x).sum() as")


def test_a_closed_form_that_fails(course: Course) -> None:
    """Its error is told."""
    course.change("reference.py", "return 3 * x**2", "return 3 * z**2")
    at = course.line("reference.py", "def closed_form")
    (one,) = course.found()
    assert one.startswith(
        f"reference.py:{at}: closed_form fails at case 'three-entries': NameError: name 'z'"
    )


CUBE = """\
def f(x):
    return Cube.apply(x)


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x**3

    @staticmethod
    def backward(ctx, v):
        (x,) = ctx.saved_tensors
        return {backward} * v

    @staticmethod
    def jvp(ctx, u):
        (x,) = ctx.saved_tensors
        return {jvp} * u
"""


def test_forward_mode_disagrees(course: Course) -> None:
    """An operation of the author's own whose two directions differ."""
    changed = CUBE.format(backward="3 * x**2", jvp="2 * x**2")
    course.change("reference.py", "def f(x):\n    return x**3\n", changed)
    at = course.line("reference.py", "def f(")
    found = [one for one in course.found() if "forward mode" in one]
    assert len(found) == 1
    assert re.match(
        rf"reference.py:{at}: forward mode says .* where reverse mode says .* \(f by x\)", found[0]
    )


def test_differences_disagree(course: Course) -> None:
    """A backward that is wrong in both directions, as its author's formula is."""
    changed = CUBE.format(backward="2 * x**2", jvp="2 * x**2")
    course.change("reference.py", "return 3 * x**2", "return 2 * x**2")
    course.change("reference.py", "def f(x):\n    return x**3\n", changed)
    at = course.line("reference.py", "def f(")
    found = [one for one in course.found() if "differences" in one]
    assert len(found) == 1 and found[0].startswith(
        f"reference.py:{at}: finite differences contradict autograd at case 'three-entries' (f by x); "
    )


def test_differences_may_disagree_where_that_is_meant(course: Course) -> None:
    """What is detached is a constant to autograd and none to differences."""
    for path in course.root.rglob("*.py"):
        text = path.read_text(encoding="utf-8").replace("return x**3", "return x**3 + (x * x).detach()")
        path.write_text(text.replace("y + x**3", "y + x**3 + (x * x).detach()"), encoding="utf-8")
    course.publish()
    (one,) = course.found()
    assert "smooth = false" in one
    course.write(
        "solution.toml", "smooth = false\n\n" + course.file("solution.toml").read_text(encoding="utf-8")
    )
    assert course.found() == []


def test_infinity_that_nobody_declared(course: Course) -> None:
    """It names the check and the case, in the file where the case stands."""
    course.change("solution.toml", "inputs = { x = [-3.5] }", "inputs = { x = [inf] }")
    assert any("is not finite at case 'one-entry'" in one for one in course.found())


def test_a_reference_that_fails(course: Course) -> None:
    """Nothing can be judged without it."""
    course.change("reference.py", "return x**3", "return x**z")
    at = course.line("reference.py", "def f(")
    assert any(re.match(rf"reference.py:{at}: .*NameError: name 'z'", one) for one in course.found())


# The submissions.


def test_a_header_that_is_missing(course: Course) -> None:
    """It is said of the file, and the others are judged all the same."""
    course.change("accepted/02_in_steps.py", "#: score = 10\n", "")
    course.change("rejected/lost_factor.py", "#: score = 4", "#: score = 3")
    found = course.found()
    assert any(one.startswith("accepted/02_in_steps.py:1: its first lines must say") for one in found)
    assert any(one.startswith("rejected/lost_factor.py:1: it scores 4") for one in found)


def test_accepted_means_full_marks(course: Course) -> None:
    """And rejected means less, whatever their first lines say."""
    course.change("accepted/01_formula.py", "[3, 12, 27]", "[3, 12, 28]")
    course.change("accepted/01_formula.py", "#: score = 10", '#: score = 8\n#: x-grad = "failed"')
    course.change("rejected/kept_exponent.py", "3 * x**3", "3 * x**2")
    course.change("rejected/kept_exponent.py", '#: prediction = "failed author:kept-exponent"\n', "")
    course.change("rejected/kept_exponent.py", "#: score = 6", "#: score = 10")
    assert course.found() == [
        "accepted/01_formula.py:1: an accepted submission must say full marks",
        "rejected/kept_exponent.py:1: a rejected submission must say less than full marks",
    ]


# What is beside it.


@pytest.mark.parametrize("text", [None, "{}", '{"value": '])
def test_what_is_published_is_old(course: Course, text: str | None) -> None:
    """It is absent, empty, or cut short."""
    path = course.exercise / "visible.json"
    path.unlink() if text is None else path.write_text(text)
    (one,) = course.found()
    assert re.match(r"visible\.json:1: .*write it anew with 'grade (publish|check --write)", one)


def test_no_solutions_to_prove_it_by(course: Course) -> None:
    """A student's own copy cannot be proved."""
    course.solution.rename(course.root / "elsewhere")
    assert course.found() == ["exercise.toml:1: there is no solutions folder beside it to prove it by"]


def test_an_empty_prompt(course: Course) -> None:
    """Each language is asked for."""
    course.write("prompt.en.md", " \n")
    assert course.found() == ["prompt.en.md:1: the prompt is empty"]


@pytest.mark.parametrize("name", ["prompt.zh.md", "starter.py", "reference.py"])
def test_a_missing_file(course: Course, name: str) -> None:
    """It is named."""
    course.file(name).unlink()
    (one,) = course.found()
    assert re.search(rf"{name}:1: this file is missing", one)


def test_a_missing_language(course: Course) -> None:
    """A key that is not there is a mistake of the form."""
    course.change("exercise.toml", 'zh = "立方"\n', "")
    (one,) = course.found()
    assert one.startswith(f"exercise.toml:{course.line('exercise.toml', '[title]')}: ") and "`zh`" in one


@pytest.mark.parametrize("latex", ["\\frac{1}{2", "{x", "x}"])
def test_braces_that_do_not_match(course: Course, latex: str) -> None:
    """The converter forgives them, a reader does not."""
    course.change("prompt.en.md", "Then say", f"With ${latex}$, say")
    at = course.line("prompt.en.md", "With $")
    (one,) = course.found()
    assert one.startswith(f"prompt.en.md:{at}: ") and latex in one


def test_limits_that_let_nothing_run(course: Course) -> None:
    """Memory below what Python needs."""
    course.change("exercise.toml", "[[input]]", "[limits]\nmemory = 1048576\n\n[[input]]")
    at = course.line("exercise.toml", "[limits]")
    assert any(one.startswith(f"exercise.toml:{at}: limits: at least 64 MiB") for one in course.found())


# Points that hide mistakes.


def test_points_that_hide_a_mistake(course: Course) -> None:
    """The two answers are named, and a point that tells them apart is proposed; with it, all is well."""
    course.change("solution.toml", "count = 4", "count = 1")
    drawn = to_numpy(make_plan(course.library().get(SLUG), 0).cases[-1].inputs["x"])
    top = float(np.max(drawn)) + 0.01
    course.change("solution.toml", "[3.0, 0.0, -1.5, 0.7]", "[1.0, 0.0, -1.5, 0.7]")
    course.change(
        "misconceptions.py", "return 3 * x**3", f"return torch.where(x > {top}, 3 * x**3, 3 * x**2)"
    )
    course.file("rejected/kept_exponent.py").unlink()
    close = [one for one in course.found() if "tolerances apart" in one]
    assert len(close) == 1
    at = course.line("solution.toml", SECOND)
    said = re.fullmatch(
        rf"solution.toml:{at}: check 'prediction': 'right' and 'kept-exponent' are only 0 tolerances apart "
        r"at the hidden cases; 100 are needed\. Try inputs = (\{ x = \[.*\] \}) \(.* tolerances\)",
        close[0],
    )
    assert said is not None, close[0]
    course.change(
        "solution.toml", "[generator]", f'[[case]]\nname = "better"\ninputs = {said.group(1)}\n\n[generator]'
    )
    assert not [one for one in course.found() if "tolerances apart" in one]


def test_two_mistakes_that_are_one(course: Course) -> None:
    """A verdict could not say which it was."""
    course.change("misconceptions.py", "return 3 * x**3", "return x**2")
    found = course.found()
    at = course.line("solution.toml", SECOND)
    assert any(
        one.startswith(
            f"solution.toml:{at}: check 'prediction': 'lost-factor' and 'kept-exponent' are only 0 "
        )
        for one in found
    )


# Mutants.


def test_a_change_that_nobody_notices(course: Course) -> None:
    """It is named as it may be listed under ``equivalent``; then it counts no more."""
    course.change("reference.py", "return x**3", "return torch.clamp(x, -50, 50) ** 3")
    proof = course.prove()
    assert len(proof.survivors) >= 2 and proof.mutation_score < 0.95
    (finding,) = proof.findings
    assert str(finding).startswith(f"{course.solution}/solution.toml:1: the checks notice {proof.caught} of ")
    assert all(survivor in finding.what for survivor in proof.survivors[:4])
    named = [survivor.partition(", ")[2] for survivor in proof.survivors]
    listed = "equivalent = [\n" + "".join(f'  "{one}",\n' for one in named) + "]\n\n"
    course.write("solution.toml", listed + course.file("solution.toml").read_text(encoding="utf-8"))
    again = course.prove()
    assert again.sound and again.survivors == [] and again.equivalent == named
