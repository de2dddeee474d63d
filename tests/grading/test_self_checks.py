"""Predictions that check themselves, functions that are objects, answers beside lines that need autograd."""

from __future__ import annotations

import textwrap

import pytest

from grader.checks import sentences
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

FORMULA = """
    import torch

    def f(x):
        return 2 * torch.dot(x, x)

    def grad_f(x):
        {check}
        return 4 * x

    PREDICTIONS = {{"grad_before": None, "y": 28, "x_grad": [0, 4, 8, 12], "after_zero": [0] * 4,
                   "sum_grad": [1] * 4, "sum_grad_without_zero": [1, 5, 9, 13]}}
    """


@pytest.fixture
def judged(pool: Pool, truths: Truths, library: Library):
    """Judges the source of a submission."""

    def judge(slug: str, source: str) -> Report:
        return grade(library.get(slug), Submission(textwrap.dedent(source).encode()), pool, truths)

    return judge


def failing(report: Report) -> dict[str, tuple[str, str | None, str]]:
    """Check → verdict, code and sentence of what did not pass."""
    return {
        c.id: (c.verdict, c.diagnosis.code if c.diagnosis else None, c.message.en)
        for c in report.checks
        if c.verdict != "passed"
    }


@pytest.mark.parametrize(
    ("check", "noted"),
    [
        ("x = x.detach().requires_grad_(); y = f(x); y.backward(); print(x.grad)", ["Line 8 asks"]),
        ("z = x.clone().requires_grad_(); print(torch.autograd.grad(f(z), z))", ["Line 8 asks"]),
        ("torch.autograd.functional.jacobian(f, x)", []),  # it does not come to asking
    ],
)
def test_a_right_formula_that_checks_itself_has_full_marks(judged, check: str, noted: list[str]) -> None:
    """Asking autograd does nothing where it does not exist; what is returned is the formula."""
    report = judged("simple-example", FORMULA.format(check=check))
    assert failing(report) == {}
    assert [note.en.partition(" autograd.")[0] for note in report.notes] == noted


@pytest.mark.parametrize(
    "check",
    ["z = x.clone().requires_grad_(); assert f(z).requires_grad",
     "z = x.clone().requires_grad_(); f(z).backward(); print(z.grad.sum())",
     "z = x.clone().requires_grad_(); y = f(z); y.retain_grad()"],
)  # fmt: skip
def test_a_check_that_fails_without_autograd_is_named_and_nobody_is_accused(judged, check: str) -> None:
    """It gives no other answer there: it gives none."""
    ((name, (verdict, code, said)),) = failing(judged("simple-example", FORMULA.format(check=check))).items()
    assert (name, verdict, code) == ("prediction", "error", None)
    assert said.startswith("Line 8 needs autograd.")


@pytest.mark.parametrize(
    "answer",
    ["z = x.clone().requires_grad_(); f(z).backward(); return z.grad",
     "z = x.clone().requires_grad_(); return torch.autograd.grad(f(z), z)[0]"],
)  # fmt: skip
def test_an_answer_that_comes_from_autograd_is_none(judged, answer: str) -> None:
    """With the kernels it is right, without them it is not."""
    (found,) = failing(judged("simple-example", FORMULA.format(check=answer))).values()
    assert found[:2] == ("failed", "autograd-in-prediction")


def test_answers_that_are_written_down_count_beside_one_that_is_not(judged) -> None:
    """One entry of PREDICTIONS that fails costs that entry."""
    source = FORMULA.format(check="pass").replace('"x_grad": [0, 4, 8, 12]', '"x_grad": t.grad.tolist()')
    source = source.replace(
        "PREDICTIONS", "t = torch.arange(4.0, requires_grad=True); f(t).backward()\n    PREDICTIONS"
    )
    found = failing(judged("simple-example", source))
    assert set(found) == {"x-grad"}
    assert "autograd-in-prediction" not in str(found)


def test_an_answer_that_is_never_worked_out_costs_that_answer(judged) -> None:
    """Nor does it take the time of the rest."""
    source = FORMULA.format(check="pass").replace('"x_grad": [0, 4, 8, 12]', '"x_grad": forever()')
    source = source.replace("PREDICTIONS", "def forever():\n        while True: pass\n    PREDICTIONS")
    found = failing(judged("simple-example", source))
    assert {name: verdict for name, (verdict, _, _) in found.items()} == {"x-grad": "missing"}


def test_a_function_may_be_any_object(judged) -> None:
    """It is what the student made of it, also while a prediction is watched."""
    source = """
        import torch

        class Layer(torch.nn.Module):
            scale = 3.0
            def forward(self, x):
                return (x * x).detach() * x

        f = Layer()

        def grad_z(x):
            assert isinstance(f, torch.nn.Module) and f.scale == 3.0
            return x * x

        def grad_y(x):
            return 2 * x

        PREDICTIONS = {"u_equals_grad": [True] * 4}
        """
    assert failing(judged("detach", source)) == {}


OBJECTS = {
    "a module": """
class F(torch.nn.Module):
    def forward(self, x):
        return self.half(x) * 2
    def half(self, x):
        return torch.dot(x, x)
f = F()
""",
    "a partial": """
import functools
def g(k, x):
    return k * torch.dot(x, x)
f = functools.partial(g, 2)
""",
    "an object": """
class F:
    def __call__(self, x):
        return 2 * torch.dot(x, x)
f = F()
""",
    "a closure": """
def make():
    k = 2
    def f(x):
        return k * torch.dot(x, x)
    return f
f = make()
""",
}


@pytest.mark.parametrize("f", OBJECTS.values(), ids=OBJECTS)
def test_a_quotient_of_any_object_is_found(judged, f: str) -> None:
    """Whatever holds the function, its calls are noted."""
    quotient = """
def grad_f(x):
    h = 1e-5
    return torch.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in torch.eye(len(x), dtype=x.dtype)])
"""
    found = failing(judged("simple-example", f"import torch\n{f}\n{quotient}"))
    assert found["prediction"][1] == "finite-difference"


def test_decorators_that_fail_are_left_out(judged) -> None:
    """The function below them is still the student's."""
    source = """
        import torch

        def checked(function):
            raise RuntimeError("not today")

        @torch.compile
        def f(x):
            return (x * x).detach() * x

        @torch.jit.script
        def grad_z(x):
            return x * x

        @checked
        def grad_y(x):
            return 2 * x

        PREDICTIONS = {"u_equals_grad": [True] * 4}
        """
    report = judged("detach", source)
    assert failing(report) == {}
    assert any("not today" in note.en for note in report.notes)


def test_a_function_that_is_missing_only_without_autograd_is_said_to_be(judged) -> None:
    """Not "your file defines no function"."""
    source = """
        import torch

        def f(x):
            return (x * x).detach() * x

        try:
            t = torch.ones(2, requires_grad=True)
            f(t).sum().backward()
            print(t.grad.sum())
            def grad_z(x):
                return x * x
            def grad_y(x):
                return 2 * x
        except AttributeError:
            pass
        """
    found = failing(judged("detach", source))
    for name in ("grad-z", "grad-y"):
        assert "autograd does not exist" in found[name][2]
        assert found[name][1] is None


def test_a_package_that_is_here_finds_no_stand_in(judged) -> None:
    """sympy looks for scipy, and does without it."""
    source = """
        import sympy
        import torch

        t = sympy.symbols("t")
        slope = sympy.lambdify(t, sympy.diff(t**2, t))

        def f(x):
            return (x * x).detach() * x

        def grad_z(x):
            return x * x

        def grad_y(x):
            return slope(x)

        PREDICTIONS = {"u_equals_grad": [True] * 4}
        """
    report = judged("detach", source)
    assert failing(report) == {}
    assert not report.notes


def test_predictions_below_main_are_said_to_be_there(judged) -> None:
    """That part of a file is not run."""
    source = FORMULA.format(check="pass").replace(
        "PREDICTIONS = {", 'if __name__ == "__main__":\n        PREDICTIONS = {'
    )
    found = failing(judged("simple-example", source))
    assert len(found) == 6
    assert all("__main__" in said for _, _, said in found.values())


OWN_FUNCTION = """
import torch
def f(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x
class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return f(x)
    @staticmethod
    {decorator}
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) - 1 / x**2)
def grad_f(x):
    x = x.clone().requires_grad_()
    y = F.apply(x)
    {back}
    return x.grad
PREDICTIONS = {{"at_two": 0.0824}}
"""


@pytest.mark.parametrize("decorator", ["", "@torch.autograd.function.once_differentiable"])
def test_a_backward_of_ones_own_is_a_prediction(judged, decorator: str) -> None:
    """It is arithmetic of the student's; what torch wraps around it does not make it torch's."""
    source = OWN_FUNCTION.format(decorator=decorator, back="y.backward(torch.ones_like(y))")
    assert failing(judged("chain-rule", source)) == {}


def test_behind_a_backward_of_ones_own_autograd_is_asked_and_the_line_says_so(judged) -> None:
    """The rest of the graph does not exist there. That is no formula of autograd's, and not called so."""
    found = failing(judged("chain-rule", OWN_FUNCTION.format(decorator="", back="y.sum().backward()")))
    verdict, code, said = found["prediction"]
    assert (verdict, code) == ("error", None) and "more than your own autograd.Function" in said


def test_a_formula_with_a_rounded_constant_that_checks_itself_is_no_quotient(judged) -> None:
    """It errs as a quotient does, and calls f for one; but it is not that one."""
    source = """
        import torch

        def f(x):
            return torch.log(x**2) * torch.sin(x) + 1 / x

        def grad_f(x):
            g = 2 / x * torch.sin(x) + torch.log(x**2) * torch.sin(x + 1.5707963) - 1 / x**2
            h = 1e-6
            print("close:", torch.allclose(g, (f(x + h) - f(x - h)) / (2 * h), rtol=1e-3))
            return g

        PREDICTIONS = {"at_two": 0.0824}
        """
    assert failing(judged("chain-rule", source)) == {}
    quotient = source.replace("return g", "return (f(x + h) - f(x - h)) / (2 * h)")
    assert failing(judged("chain-rule", quotient))["prediction"][1] == "finite-difference"


@pytest.mark.parametrize("h", ["0.01", "2 ** -7"])
def test_a_wide_quotient_of_a_quadratic_function_is_one(judged, h: str) -> None:
    """It errs by rounding alone; but bit by bit it is the quotient."""
    quotient = (
        f"return torch.stack([(f(x + {h} * e) - f(x - {h} * e)) / (2 * {h}) for e in torch.eye(len(x))])"
    )
    assert failing(judged("simple-example", FORMULA.format(check=quotient)))["prediction"][1] == (
        "finite-difference"
    )
    checks_itself = quotient.replace("return", "print(") + ")"
    assert failing(judged("simple-example", FORMULA.format(check=checks_itself))) == {}


def test_what_another_function_leaves_behind_is_no_autograd(judged) -> None:
    """In the child with autograd ``f`` has run before."""
    source = """
        import torch

        def f(a):
            global n
            n = 2
            b = a * 2
            while b.norm() < 1000:
                b, n = b * 2, n * 2
            if b.sum() > 0:
                return b
            n *= 100
            return 100 * b

        def grad_f(a):
            return n

        PREDICTIONS = {"ratio": True}
        """
    verdict, code, said = failing(judged("control-flow", source))["prediction"]
    assert (verdict, code) == ("error", None)
    assert "NameError" in said and "leave behind" in said and "autograd" not in said


def test_a_gradient_that_is_not_how_f_changes_makes_no_prediction_wrong(judged) -> None:
    source = """
        import torch

        def f(a):
            v = a.item()
            return a * v if v > 0 else a

        def grad_f(a):
            return {slope} if a > 0 else 1.0

        PREDICTIONS = {{"slopes": [72, -40, 18]}}
        """
    true = failing(judged("design-control-flow", source.format(slope="2 * a")))
    assert [said for _, _, said in true.values()] == [sentences.F_NOT_ITS_GRADIENT.en]
    cut = failing(judged("design-control-flow", source.format(slope="a")))
    assert [said for _, _, said in cut.values()] == [sentences.NOT_THE_SLOPE.en]


def test_a_path_of_ones_own_without_a_return_is_no_constant(judged) -> None:
    source = """
        import torch

        def f(a):
            if a > 1:
                return a * a
            elif a < -1:
                return 3 * a

        def grad_f(a):
            return 2 * a if a > 1 else 3.0

        PREDICTIONS = {"slopes": [72, -40, 18]}
        """
    (_, code, said), *_ = failing(judged("design-control-flow", source)).values()
    assert code is None and said.startswith("f returned None. Does a path through it end without a return")
