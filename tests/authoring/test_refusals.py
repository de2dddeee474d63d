"""What ``grade check`` refuses: each in one sentence, with the file and line that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from grader.authoring.closed_forms import prove_closed_forms
from grader.authoring.codes import lines, prove_codes
from grader.authoring.finder import of_misconceptions
from grader.authoring.findings import Finding, Folder
from grader.authoring.impostors import (
    BENT,
    bent,
    prove_cotangents,
    prove_hidden,
    prove_no_table,
    table,
)
from grader.authoring.latex import trouble
from grader.authoring.sources import prove_classes, prove_sources
from grader.authoring.submissions import prove_items, prove_submissions
from grader.authoring.texts import prove_texts
from grader.checks.evidence import Plan, Truth
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.plan import make_plan
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from tests.authoring.course import SLUG, Course


class Desk:
    """One course and the parts of its proof."""

    def __init__(self, course: Course, pool: Pool) -> None:
        self.course, self.pool, self.truths = course, pool, Truths()

    @property
    def plan(self) -> Plan:
        return make_plan(self.course.library().get(SLUG), 0)

    @property
    def folder(self) -> Folder:
        return Folder(self.course.exercise, self.course.solution)

    def truth(self, plan: Plan) -> Truth:
        return self.truths.of(plan, self.pool)

    def said(self, found: Iterator[Finding] | list[Finding]) -> list[str]:
        """As they are printed, with paths inside their folders."""
        folders = (f"{self.course.exercise}/", f"{self.course.solution}/")
        return [str(one).replace(folders[0], "").replace(folders[1], "") for one in found]

    def texts(self) -> list[str]:
        return self.said(prove_texts(self.plan.exercise, self.folder))

    def sources(self) -> list[str]:
        return self.said(prove_sources(self.plan.exercise, self.folder))

    def closed_forms(self) -> list[str]:
        plan = self.plan
        return self.said(prove_closed_forms(plan, self.truth(plan), self.folder, self.pool))

    def codes(self) -> list[str]:
        plan = self.plan
        named = list(of_misconceptions(plan, self.truth(plan)))
        return self.said(prove_codes(plan.exercise, named, self.folder))

    def submissions(self) -> list[str]:
        _, found = prove_submissions(self.plan.exercise, self.folder, self.pool, self.truths)
        return self.said(found)

    def impostors(self, prover: Callable[..., Iterator[Finding]]) -> list[str]:
        plan = self.plan
        return self.said(prover(plan, self.truth(plan), self.folder, self.pool, self.truths))


@pytest.fixture
def desk(course: Course, pool: Pool) -> Desk:
    return Desk(course, pool)


# What is hidden.


def test_a_hidden_case_that_is_shown(desk: Desk) -> None:
    """Its line is that of the hidden one."""
    desk.course.change("solution.toml", "x = [-3.5]", "x = [1.5, -2.5, 0.5]")
    at = desk.course.line("solution.toml", "[[case]]")
    what = "hidden case 'one-entry' is the visible case 'three-entries': what can be seen can be typed"
    assert desk.said(prove_hidden(desk.plan, desk.folder)) == [f"solution.toml:{at}: {what}"]


def test_a_table_of_what_is_shown_passes_nothing(desk: Desk) -> None:
    """Values, gradient and prediction are looked up; at the hidden cases nothing is there to be found."""
    plan = desk.plan
    assert desk.impostors(prove_no_table) == []
    source = table(plan, desk.truth(plan))
    report = grade(plan.exercise, Submission(source.encode()), desk.pool, desk.truths)
    verdicts = {check.id: check.verdict for check in report.checks}
    assert "passed" not in verdicts.values()
    # It is a good table: where only what is shown is asked, it gets all.
    import msgspec

    assert plan.exercise.solution is not None
    alone = msgspec.structs.replace(plan.exercise.solution, cases=(), generator=type(
        plan.exercise.solution.generator)())  # fmt: skip
    shown = msgspec.structs.replace(plan.exercise, solution=alone, digest="shown")
    report = grade(shown, Submission(source.encode()), desk.pool, desk.truths)
    assert {c.id: c.verdict for c in report.checks if c.id != "x-grad"} == {
        "value": "passed", "gradient": "passed", "prediction": "passed",
    }  # fmt: skip


def test_a_check_that_a_table_passes(desk: Desk) -> None:
    """The gradient of 2x is 2 at all cases of one shape."""
    desk.course.change("reference.py", "return x**3", "return 2 * x")
    desk.course.change("reference.py", "3 * x**2", "torch.full_like(x, 2)")
    desk.course.change("solution.toml", "x = [-3.5]", "x = [-3.5, 1.0, 2.0]")
    desk.course.change("solution.toml", "x = [3.0, 0.0, -1.5, 0.7]", "x = [3.0, 0.0, -1.5]")
    desk.course.change("solution.toml", "count = 4", "count = 0")
    (one,) = desk.impostors(prove_no_table)
    assert one.startswith("solution.toml:1: a table of the visible answers passes 'prediction': ")


# Backwards that do not listen.


def test_deaf_backwards_pass_nothing(desk: Desk) -> None:
    """Cotangents are of either sign and beyond 1, at every hidden case."""
    assert desk.impostors(prove_cotangents) == []


@pytest.mark.parametrize(
    ("drawn", "named"), [("v = [1.0]", "ignores or clamps"), ("v = [-0.5]", "clamps"), ("v = [2.0]", "")]
)
def test_cotangents_that_tell_nothing(desk: Desk, drawn: str, named: str) -> None:
    """They are the author's own here, and all ones, or small, at the hidden cases."""
    course = desk.course
    both = '[[input]]\nname = "x"\n\n[[input]]\nname = "v"\ndifferentiable = false\n'
    course.change("exercise.toml", '[[input]]\nname = "x"\n', both)
    course.change("exercise.toml", "x = [1.5, -2.5, 0.5]", "x = [1.5, -2.5, 0.5], v = [1, 2, 3]")
    course.change("exercise.toml", "x = [-0.75, 4.0]", "x = [-0.75, 4.0], v = [1, 2]")
    course.change("exercise.toml", 'kind = "gradient"', 'kind = "gradient"\ncotangent = "v"')
    text = course.file("solution.toml").read_text(encoding="utf-8")
    rest = text[text.index("[[misconception]]") :]
    course.write("solution.toml", f'[[case]]\nname = "h"\ninputs = {{ x = [-3.5], {drawn} }}\n\n{rest}')
    course.change("exercise.toml", "v = [1, 2, 3]", "v = [1, 1, 1]")
    course.change("exercise.toml", "v = [1, 2]", "v = [1, 1]")
    found = desk.impostors(prove_cotangents)
    at = course.line("exercise.toml", '[[check]]\nid = "gradient"')
    if named:
        (one,) = found
        assert one.startswith(
            f"exercise.toml:{at}: a backward that {named} the incoming gradient passes check 'gradient'"
        )
    else:
        assert found == []


@pytest.mark.slow
def test_no_exercise_is_fooled(library: Library, pool: Pool, truths: Truths) -> None:
    """Neither by a table nor by a deaf backward, in the whole catalogue."""
    for slug in library.slugs():
        plan = make_plan(library.get(slug), 0)
        folder = Folder(library.folder(slug), library.solution_folder(slug))
        truth = truths.of(plan, pool)
        found = [
            *prove_hidden(plan, folder),
            *prove_no_table(plan, truth, folder, pool, truths),
            *prove_cotangents(plan, truth, folder, pool, truths),
        ]
        assert [str(one) for one in found] == []
        asked = [(check, name) for check in plan.exercise.checks for name in BENT
                 if check.through_autograd and check.function]  # fmt: skip
        compile(bent(plan.exercise, asked), slug, "exec")


# Misconceptions.


def test_untrue_codes(desk: Desk) -> None:
    """The finder alone has to say it, at each check that can tell."""
    at = desk.course.line("solution.toml", "codes")
    desk.course.change("solution.toml", 'codes = ["scale"]', 'codes = ["sign"]')
    what = "misconception 'lost-factor': at check 'prediction' the finder alone calls it 'scale', not 'sign'"
    assert desk.codes() == [f"solution.toml:{at}: {what}"]
    desk.course.change("solution.toml", 'codes = ["sign"]', 'codes = ["scale", "transpose"]')
    (one,) = desk.codes()
    what = "misconception 'lost-factor': the finder calls it 'transpose' at no check; take it out"
    assert one == f"solution.toml:{at}: {what}"
    desk.course.change("solution.toml", 'codes = ["scale", "transpose"]', "")
    desk.course.change("solution.toml", 'codes = ["off-by-one"]', 'codes = ["sign"]')
    desk.course.change("misconceptions.py", "return 3 * x**3", "return torch.sin(x) + 0.3 * x**5")
    (one,) = desk.codes()
    assert one.endswith("at check 'prediction' the finder alone has no name for it, not 'sign'")


def test_whether_the_finder_names_it(desk: Desk) -> None:
    """One line a misconception and check."""
    plan = desk.plan
    assert list(lines(list(of_misconceptions(plan, desk.truth(plan))))) == [
        "lost-factor at 'prediction': named by the finder alone: yes (scale)",
        "kept-exponent at 'prediction': named by the finder alone: yes (off-by-one)",
    ]


def test_a_class_with_a_backward_that_no_check_asks_for(desk: Desk) -> None:
    """Where only autograd through f is asked for, the formula alone passes."""
    starter = "class Cube(torch.autograd.Function):\n    ...\nclass Other:\n    ...\ndef f(x):"
    desk.course.change("starter.py", "def f(x):", starter)
    at = desk.course.line("starter.py", "class Cube")
    (one,) = desk.said(prove_classes(desk.plan.exercise, desk.folder))
    assert one.startswith(f"starter.py:{at}: no check of kind 'backward' is about Cube")
    desk.course.change(
        "exercise.toml",
        'kind = "gradient"\npoints = 2\nfunction = "f"',
        'kind = "backward"\npoints = 2\nfunction = "Cube"\nof = "f"',
    )
    desk.course.change(
        "exercise.toml",
        '[[function]]\nname = "f"',
        '[[function]]\nname = "Cube"\nargs = ["x"]\n\n[[function]]\nname = "f"',
    )
    assert desk.said(prove_classes(desk.plan.exercise, desk.folder)) == []


def test_a_value_and_a_function(desk: Desk) -> None:
    """Nobody could say which of the two is meant."""
    desk.course.change("solution.toml", 'codes = ["scale"]', "value = [1, 4, 9]")
    at = desk.course.line("solution.toml", "value = ")
    (one,) = desk.sources()
    what = "misconception 'lost-factor' has a value and a function lost_factor in misconceptions.py: which"
    assert one.startswith(f"solution.toml:{at}: {what}")


def test_a_value_for_what_is_judged_at_every_case(desk: Desk) -> None:
    """A value is for what is typed."""
    desk.course.change("solution.toml", 'codes = ["scale"]', "value = [1, 4, 9]")
    desk.course.change("misconceptions.py", "def lost_factor", "def other")
    (one,) = desk.sources()
    assert "check 'prediction' is judged at every case: write def lost_factor(…) in misconceptions.py" in one


def test_a_misconception_without_code(desk: Desk) -> None:
    """Said of the file where it should stand, with what may have been meant."""
    desk.course.change("misconceptions.py", "def lost_factor", "def lost_factors")
    assert desk.sources() == [
        "misconceptions.py:1: there is no def lost_factor(…) for misconception 'lost-factor'; "
        "did you mean 'lost_factors'?"
    ]


# The right file, and causes before consequences.


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what"),
    [
        ("misconceptions.py", "return x**2", "return x**", "return x**", "Python cannot read it: "),
        ("reference.py", "return x**3", "return x**(", "return x**(", "Python cannot read it: "),
        ("misconceptions.py", "return x**2", "return x.nothing", "def lost_factor",
         "misconception 'lost-factor' fails at case 'three-entries': AttributeError: "),
        ("misconceptions.py", "return x**2", 'return "x²"', "def lost_factor",
         "misconception 'lost-factor' returns no numbers at case 'three-entries'"),
        ("misconceptions.py", "import torch", "import torch\n\n1 / 0", "1 / 0",
         "it cannot be run: ZeroDivisionError: "),
        ("reference.py", "def f(x)", "def g(x)", "", "there is no def f(…), which check 'value' and "),
        ("reference.py", "def answers", "def answer", "", "there is no def answers(), which "),
        ("reference.py", '{"x_grad": x.grad}', '{"xgrad": x.grad}', "def answers", "answers() gives nothing"),
        ("exercise.toml", "x = [-0.75, 4.0]", "x = [inf, 4.0]", '[[case]]\nname = "two-entries"',
         "check 'value' is not finite at case 'two-entries'"),
        ("solution.toml", "x = [-3.5]", "x = [nan]", "[[case]]",
         "check 'value' is not finite at case 'one-entry'"),
    ],
)  # fmt: skip
def test_the_file_and_line_that_is_wrong(
    course: Course, file: str, old: str, new: str, where: str, what: str
) -> None:
    """And nothing else is said: all else would follow from it."""
    course.change(file, old, new)
    found = course.found()
    assert [one for one in found if one.startswith(f"{file}:{course.line(file, where)}: {what}")], found
    assert len(found) == 1


def test_a_function_that_nobody_defines(desk: Desk) -> None:
    """One cause, where each of seven files would be wrong in three checks and its score."""
    text = desk.course.file("exercise.toml").read_text(encoding="utf-8")
    text = text.replace('name = "f"', 'name = "penalty"').replace('function = "f"', 'function = "penalty"')
    desk.course.write("exercise.toml", text.replace('of = "f"', 'of = "penalty"'))
    desk.course.change("reference.py", "def f(", "def penalty(")
    desk.course.change("reference.py", "f(x).sum()", "penalty(x).sum()")
    at = desk.course.line("exercise.toml", '[[function]]\nname = "penalty"')
    assert desk.submissions() == [
        f"exercise.toml:{at}: 7 submissions define no `penalty`: accepted/01_formula.py, "
        "accepted/02_in_steps.py, accepted/03_one_by_one.py and 4 more"
    ]


def test_a_reference_that_nobody_agrees_with(desk: Desk) -> None:
    """Said once, of the reference, with what one of them is told."""
    desk.course.change("reference.py", "return x**3", "return x**3 + 1")
    at = desk.course.line("reference.py", "def f(")
    (one,) = desk.submissions()
    assert one.startswith(
        f"reference.py:{at}: none of the 3 accepted submissions passes check 'value' (failed): the reference "
        "and they disagree. Of 01_formula.py is said: f is "
    )


def test_a_submission_that_fails_names_its_line(desk: Desk) -> None:
    """Its own file, and the line of its own error."""
    desk.course.change("accepted/01_formula.py", "return 3 * x**2", "return 3 * y**2")
    at = desk.course.line("accepted/01_formula.py", "return 3 * y**2")
    (one,) = desk.submissions()
    assert one.startswith(f"accepted/01_formula.py:{at}: check 'prediction' got 'error'")
    assert one.endswith("NameError: name 'y' is not defined")


def test_an_item_of_no_tuple(desk: Desk) -> None:
    """Where there is no such item, the whole answer would be judged in its place."""
    desk.course.change("exercise.toml", 'of = "f"', 'of = "f"\nitem = 1')
    at = desk.course.line("exercise.toml", "item = 1")
    assert desk.said(prove_items(desk.plan, desk.folder, desk.pool)) == [
        f"exercise.toml:{at}: check 'prediction' is about item 1 of what grad_f returns, and every accepted "
        "submission returns a torch.Tensor without such an item"
    ]
    desk.course.change("accepted/01_formula.py", "return 3 * x**2", "return x, 3 * x**2")
    found = desk.said(prove_items(desk.plan, desk.folder, desk.pool))
    assert [one.partition(":")[0] for one in found] == [
        "accepted/02_in_steps.py",
        "accepted/03_one_by_one.py",
    ]


def test_an_output_of_no_tuple(desk: Desk) -> None:
    """The same of the reference's own."""
    desk.course.change("exercise.toml", 'id = "value"', 'id = "value"\noutput = 0')
    (one,) = desk.said(prove_items(desk.plan, desk.folder, desk.pool))
    assert one.endswith("the reference's f has no output 0: it returns a torch.Tensor")


# Closed forms.


def form(desk: Desk, f: str, closed: str) -> list[str]:
    """What is said of this reference."""
    text = desk.course.file("reference.py").read_text(encoding="utf-8")
    answers = text[text.index("def answers") :]
    desk.course.write("reference.py", f"import torch\n\ndef f(x):\n    {f}\n\n{closed}\n\n{answers}")
    return desk.closed_forms()


SOFTMAX = "e = x.exp(); return e / e.sum()"


@pytest.mark.parametrize(
    ("f", "closed", "what"),
    [
        ("return x**3", "def closed_form(x):\n    x = x.clone().requires_grad_()\n    f(x).sum().backward()\n"
         "    return x.grad", "closed_form asks autograd, and where there is none it fails: write a formula"),
        ("return x**3", "def closed_form(x):\n    return torch.func.grad(lambda t: f(t).sum())(x)",
         "closed_form asks autograd, and where there is none it fails: write a formula"),
        (SOFTMAX, "def closed_form(x):\n    return torch.zeros_like(x)",
         "closed_form proves the sum only, and an entry of f(…) depends on more than one of x (at case "
         "'three-entries'): write closed_form(x, v), the gradient of (v * f(…)).sum()"),
        (SOFTMAX, "def closed_form(x, v):\n    return torch.zeros_like(x)",
         "closed_form and autograd disagree at case 'three-entries' (gradient of (v * f(…)).sum())"),
        ("return x**3", "def closed_form():\n    return 0",
         "closed_form takes 0 arguments: write closed_form(x), or with a cotangent closed_form(x, v)"),
    ],
)  # fmt: skip
def test_a_closed_form_that_proves_nothing(desk: Desk, f: str, closed: str, what: str) -> None:
    """Said of its line."""
    found = form(desk, f, closed)
    assert found == [f"reference.py:{desk.course.line('reference.py', 'def closed_form(')}: {what}"]


@pytest.mark.parametrize(
    ("f", "closed"),
    [
        (SOFTMAX, "def closed_form(x, v):\n    s = x.softmax(0)\n    return s * (v - (s * v).sum())"),
        ("return (x**3).sum()", "def closed_form(x):\n    return 3 * x**2"),
        ("return (x**3).sum()", "def closed_form(x, v):\n    return 3 * x**2 * v"),
        ("return x**3", "def closed_form_gradient(x):\n    return 3 * x**2"),
    ],
)
def test_a_closed_form_that_proves_it(desk: Desk, f: str, closed: str) -> None:
    """With a cotangent or, where each entry stands for itself, without; under the name of a check, too."""
    assert form(desk, f, closed) == []


def test_each_derivative_has_its_own(desk: Desk) -> None:
    """A formula for f says nothing about g."""
    desk.course.change("exercise.toml", 'of = "f"', 'of = "g"')
    desk.course.change("reference.py", "def closed_form", "def g(x):\n    return x**2\n\n\ndef closed_form")
    (one,) = desk.closed_forms()
    assert one == (
        "reference.py:1: check 'prediction' differentiates g by x, and closed_form is about another "
        "derivative: write closed_form_prediction(x), the gradient of g(x).sum() as a formula"
    )
    own = "def closed_form_prediction(x):\n    return 2 * x\n\n\n"
    desk.course.change("reference.py", "def answers", f"{own}def answers")
    assert desk.closed_forms() == []
    desk.course.change("reference.py", "return 2 * x\n", "return x\n")
    (one,) = desk.closed_forms()
    assert "closed_form_prediction and autograd disagree" in one


def test_a_second_derivative_is_proved_by_the_formula_differentiated(desk: Desk) -> None:
    """A formula that is right in its numbers, and a constant to autograd, proves no second derivative."""
    desk.course.change("exercise.toml", 'kind = "prediction"', 'kind = "higher-order"\norder = 2')
    assert desk.closed_forms() == []
    desk.course.change("reference.py", "return 3 * x**2", "return 3 * x * x.detach()")
    (one,) = desk.closed_forms()
    assert "closed_form, differentiated, and autograd disagree at case 'three-entries'" in one


# Words.


@pytest.mark.parametrize(
    ("language", "text", "complaint"),
    [
        ("zh", "The gradient of a cube.", "the Chinese text is English"),
        ("zh", "Try again!", "the Chinese text is English"),
        ("zh", "Softmax", ""), ("zh", "x.grad", ""), ("zh", "f(x) = x**3", ""), ("zh", "ReLU", ""),
        ("zh", "`b.detach().numpy() is a view`", ""), ("zh", "softmax 的梯度 of f", ""),
        ("zh", "Adam", ""), ("zh", "torch.autograd.grad", ""), ("zh", "∂f/∂x", ""), ("zh", "no_grad", ""),
        ("en", "立方的梯度。", "the English text is Chinese"),
        ("en", "The gradient 梯度 of a cube.", "the English text is Chinese"),
        ("en", "π by Zu Chongzhi (祖冲之)", ""), ("en", "prints `梯度`", ""), ("en", "x³ · ∂f", ""),
        ("en", "What is $x^2$?", "LaTeX is only set in prompts; here $ and \\ are shown as they are"),
        ("en", "It costs $5 or $6.", ""),
    ],
)  # fmt: skip
def test_each_language_in_its_place(desk: Desk, language: str, text: str, complaint: str) -> None:
    """Formulas, code and names are of no language."""
    old = "The gradient of x³, entry by entry." if language == "en" else "逐个分量求 x³ 的梯度。"
    desk.course.change("exercise.toml", f'{language} = "{old}"', f"{language} = '{text}'")
    at = desk.course.line("exercise.toml", "[summary]")
    assert desk.texts() == ([f"exercise.toml:{at}: summary: {complaint}"] if complaint else [])


def test_the_words_of_misconceptions(desk: Desk) -> None:
    """The line is that of the sentence, not of another misconception's."""
    desk.course.change(
        "solution.toml", 'zh = "x² 的导数是什么？那个 2 从哪里来？"', 'zh = "Where is the 2 from ？"'
    )
    desk.course.change("solution.toml", "You predict 3x³: the", "你预测的 3x³: the")
    hint = desk.course.line("solution.toml", "[misconception.hint]")
    message = desk.course.line("solution.toml", '[misconception.message]\nen = "你')
    assert desk.texts() == [
        f"solution.toml:{hint}: misconception 'lost-factor', hint: the Chinese text is English",
        f"solution.toml:{message}: misconception 'kept-exponent', message: the English text is Chinese",
    ]


def test_paragraphs_of_prompts(desk: Desk) -> None:
    """Code and formulas aside; a list of names is no paragraph."""
    desk.course.write(
        "prompt.zh.md", "设 $x > 0$。\n\nNow write the function `f`.\n\n```python\nfor x in it: y\n```\n"
    )
    desk.course.write("prompt.en.md", "Let $x > 0$.\n\n现在请编写函数。\n\nAs Zu Chongzhi (祖冲之) did.\n")
    assert desk.texts() == [
        "prompt.en.md:3: this paragraph of the English prompt is Chinese",
        "prompt.zh.md:3: this paragraph of the Chinese prompt is English",
    ]


def test_a_todo(desk: Desk) -> None:
    """Wherever it stands, with its lines."""
    desk.course.change("exercise.toml", 'en = "The gradient of x³', 'en = "TODO: The gradient of x³')
    at = desk.course.line("exercise.toml", "TODO")
    assert desk.texts() == [f"exercise.toml:{at}: there is a TODO left"]


@pytest.mark.parametrize(
    "latex",
    [r"\frac{1}", r"\sqrt", "x_", "{x", "x}", r"\left( x", r"\begin{pmatrix}1", r"\nosuch x", r"x \right)",
     r"\begin{foo}x\end{foo}", "x_1_2", r"\frac{1}{2", r"\mathbf"],
)  # fmt: skip
def test_latex_that_is_broken(latex: str) -> None:
    """The converter forgives some of it, and shows something else than was meant."""
    assert trouble(latex)


@pytest.mark.parametrize(
    "latex",
    [r"\frac{1}{2}", r"\frac12", r"x_i^2", r"\left( x \right)", r"\begin{pmatrix}1\end{pmatrix}", r"\{x\}",
     r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}", r"\sqrt[3]{x}", r"\operatorname{softmax}(x)"],
)  # fmt: skip
def test_latex_that_can_be_shown(latex: str) -> None:
    assert trouble(latex) is None


@pytest.mark.parametrize("text", ["With $x^2, say", "With x^2$, say", "A $$x^2$ here"])
def test_a_dollar_without_its_other(desk: Desk, text: str) -> None:
    """Each formula begins and ends."""
    desk.course.write("prompt.en.md", f"Let $a$ be.\n{text}.\n")
    (one,) = desk.texts()
    assert one.startswith("prompt.en.md:2: a formula begins or ends here with $")


def test_dollars_that_are_none(desk: Desk) -> None:
    r"""In code, or written \$."""
    desk.course.write("prompt.en.md", "It costs \\$5, and `$PATH` is $x$ long.\n")
    assert desk.texts() == []
