"""Why an answer is wrong: what is named is true at every case, and what is not sure is not named.

Each exercise is made up; nothing is declared by its author unless the test says so.
"""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.report import CheckResult

from .made import NAMED, Made, Make, make

__all__ = ["make"]

PREDICTION = {"kind": "prediction", "function": "grad_f", "of": "f", "cotangent": "sum"}
GRADIENT = {"kind": "gradient", "function": "f"}
VECTORS = [[0.7, -1.3, 0.4], [1.9, 0.6], [-0.8, 1.1, 0.3, 2.1], [0.25, -1.7]]


def code(result: CheckResult) -> str | None:
    """The reason's code, or None."""
    assert result.verdict != "passed"
    return result.diagnosis.code if result.diagnosis else None


def of_x(make: Make, reference: str, **more: Any) -> Made:
    """An exercise of one vector."""
    return make(
        reference, PREDICTION, at=VECTORS[:2], hidden=VECTORS[2:],
        case_seconds=10.0, **more,
    )  # fmt: skip


QK = [
    [[[0.5, -1.0], [1.5, 0.3]], [[1.0, 0.5], [-0.5, 1.25], [0.4, -0.8]]],
    [[[0.8, -0.4, 1.1]], [[1.2, 0.1, 0.6], [-0.6, 0.9, -0.2]]],
    [[[0.2, 1.4, -0.3, 0.9], [0.7, -0.9, 0.5, 1.2], [1.6, 0.3, -1.1, 0.4]], [[1.0, 0.2, -0.7, 0.5], [0.3, 1.1, 0.9, -0.4]]],
]  # fmt: skip


def of_matrices(make: Make, reference: str, at: list[Any] = QK) -> Made:
    return make(
        reference, PREDICTION, inputs="Q K", functions="f(Q,K) grad_f(Q,K)", at=at[:2], hidden=at[2:],
        case_seconds=10.0,
    )  # fmt: skip


class TestStyle:
    """One call of torch and the same steps written out: the same is named."""

    STYLES = (
        "def f(x): return (torch.softmax(x, 0) ** 2).sum()",
        "def f(x):\n    e = torch.exp(x)\n    return ((e / e.sum()) ** 2).sum()",
    )

    @pytest.mark.parametrize("reference", STYLES)
    @pytest.mark.parametrize(
        ("answer", "due"),
        [
            ("2 * p * p", "missing-path"),
            ("2 * p * p * (1 - p)", "diagonal-only"),
            ("p * (2 * p - (2 * p * p).sum()) * 3", "scale"),
        ],
    )
    def test_softmax(self, make: Make, reference: str, answer: str, due: str) -> None:
        if due == "diagonal-only" and "exp" in reference:
            pytest.skip("written out, no one step has such a matrix")
        made = of_x(make, reference)
        result = made.ask(f"def grad_f(x):\n    p = torch.softmax(x, 0)\n    return {answer}")
        assert code(result) == due

    @pytest.mark.parametrize(
        "reference",
        [
            "def f(x): return (torch.nn.functional.layer_norm(x, x.shape) ** 3).sum()",
            "def f(x):\n    c = x - x.mean()\n    s = torch.sqrt((c * c).mean() + 1e-5)\n    return ((c / s) ** 3).sum()",
        ],
    )
    @pytest.mark.parametrize("forgotten", ["c", "s"])
    def test_layer_norm(self, make: Make, reference: str, forgotten: str) -> None:
        """Without the way by the mean, and without the way by the deviation."""
        made = of_x(make, reference)
        answers = {"s": "g / s - (g / s).mean()", "c": "g / s - c * (g * c).mean() / s ** 3"}
        result = made.ask(f"""
        def grad_f(x):
            c = x - x.mean()
            s = torch.sqrt((c * c).mean() + 1e-5)
            g = 3 * (c / s) ** 2
            return {answers[forgotten]}
        """)
        assert code(result) == "missing-path"

    def test_cross_entropy(self, make: Make) -> None:
        """Without the path by the normaliser: minus one at the right class."""
        made = of_x(make, "def f(x): return torch.nn.functional.cross_entropy(x[None], torch.tensor([1]))")
        result = made.ask("def grad_f(x):\n    p = torch.softmax(x, 0)\n    p[0] = p[0] * 1\n    return p")
        assert code(result) == "missing-path"


class TestPaths:
    def test_of_two_cuts_on_one_way_nothing_is_taken_away_twice(self, make: Make) -> None:
        """right − c − c′, with c′ a part of c, is what no two missing paths give."""
        made = of_x(make, "def f(x):\n    a = x * torch.sin(x)\n    return (a * torch.exp(x)).sum()")
        # By a: (sin + x cos)·exp; of that, by sin alone: x cos·exp; by exp: x sin·exp.
        result = made.ask("""
        def grad_f(x):
            e = torch.exp(x)
            a = (torch.sin(x) + x * torch.cos(x)) * e
            return a + x * torch.sin(x) * e - a - x * torch.cos(x) * e
        """)
        assert code(result) is None

    def test_what_is_forgotten_in_every_round_of_a_loop_is_one_reason(self, make: Make) -> None:
        reference = """
def f(x):
    h = torch.zeros(())
    for t in range(len(x)):
        h = torch.tanh(0.5 * h + x[t])
    return h
"""
        made = of_x(make, reference)
        result = made.ask("""
        def grad_f(x):
            h, n = torch.zeros(()), len(x)
            return torch.tensor([0.5 ** (n - 1 - t) for t in range(n)])
        """)
        assert code(result) == "missing-factor"
        assert "tanh" in result.message.en

    def test_a_name_that_only_the_reference_has_is_not_quoted(self, make: Make) -> None:
        reference = "def f(x):\n    total = torch.exp(x).sum()\n    return (x / total).sum()"
        result = of_x(make, reference).ask("def grad_f(x): return torch.ones_like(x) / torch.exp(x).sum()")
        assert code(result) == "missing-path"
        assert "total" not in result.message.en + result.message.zh
        shown = of_x(make, reference, starter="def f(x):\n    total = ...\n")
        result = shown.ask("def grad_f(x): return torch.ones_like(x) / torch.exp(x).sum()")
        assert "through total" in result.message.en


class TestOtherQuestions:
    def test_by_another_input(self, make: Make) -> None:
        made = of_matrices(make, "def f(Q, K): return torch.tanh(Q @ K.T).sum()")
        result = made.ask("def grad_f(Q, K): return (1 - torch.tanh(Q @ K.T) ** 2).T @ Q")
        assert code(result) == "by-another-input" and "with respect to K" in result.message.en

    def test_by_an_intermediate(self, make: Make) -> None:
        made = of_matrices(make, "def f(Q, K):\n    s = Q @ K.T\n    return (s ** 3).sum()")
        result = made.ask("def grad_f(Q, K): return 3 * (Q @ K.T) ** 2")
        assert code(result) == "by-an-intermediate"

    @pytest.mark.parametrize(("power", "said"), [(3, "one round fewer"), (5, "one more round")])
    def test_one_round_of_a_loop(self, make: Make, power: int, said: str) -> None:
        made = of_x(
            make, "def f(x):\n    y = 1\n    for i in range(4): y = y * torch.cos(x)\n    return y.sum()"
        )
        result = made.ask(f"def grad_f(x): return -{power} * torch.cos(x) ** {power - 1} * torch.sin(x)")
        assert code(result) == "off-by-one" and said in result.message.en

    def test_the_exponent_stays(self, make: Make) -> None:
        made = of_x(make, "def f(x): return 2 * x ** 3")
        assert code(made.ask("def grad_f(x): return 6 * x ** 3")) == "off-by-one"

    def test_n_minus_one(self, make: Make) -> None:
        made = of_x(make, "def f(x): return ((x - x.mean()) ** 2).mean()")
        result = made.ask("def grad_f(x): return 2 * (x - x.mean()) / (len(x) - 1)")
        assert code(result) == "off-by-one"

    def test_reversed(self, make: Make) -> None:
        made = of_x(make, "def f(x): return torch.exp(x).sum()")
        assert code(made.ask("def grad_f(x): return torch.exp(x).flip(0)")) == "reversed"

    def test_the_order_of_factors(self, make: Make) -> None:
        square = [[[[0.5, -1.0], [1.5, 0.3]], [[1.0, 0.5], [-0.5, 1.25]]],
                  [[[0.8, -0.4], [0.2, 1.1]], [[1.2, 0.1], [0.6, -0.6]]],
                  [[[0.3, 1.3], [-0.7, 0.9]], [[0.4, -1.5], [1.7, 0.2]]]]  # fmt: skip
        made = of_matrices(make, "def f(Q, K): return ((Q @ K) ** 2).sum()", square)
        for wrong in ("K.T @ (2 * Q @ K)", "(2 * Q @ K) @ K"):
            assert code(made.ask(f"def grad_f(Q, K): return {wrong}")) == "factor-order"

    def test_the_length_of_an_axis_along_which_nothing_is_added_up_makes_no_mean(self, make: Make) -> None:
        made = of_matrices(make, "def f(Q, K): return torch.tanh(Q @ K.T).sum()")
        right = "(1 - torch.tanh(Q @ K.T) ** 2) @ K"
        assert code(made.ask(f"def grad_f(Q, K): return {right} * Q.shape[1]")) is None
        assert code(made.ask(f"def grad_f(Q, K): return {right} * len(K)")) is None
        assert code(made.ask(f"def grad_f(Q, K): return {right} / (len(Q) * len(K))")) == "mean-for-sum"


class TestTuples:
    CHECKS = tuple(
        {**PREDICTION, "id": f"by-{name}", "wrt": name, "item": i} for i, name in enumerate(("x", "w"))
    )

    @pytest.fixture
    def made(self, make: Make) -> Made:
        return make(
            "def f(x, w): return (x ** 3).sum() + 0 * w.sum()", list(self.CHECKS), inputs="x w",
            functions="f(x,w) grad_f(x,w)", at=[[[0.7, -1.3], [1.1, 0.6]]],
            hidden=[[[1.9, 0.6, 0.4], [-0.8, 0.3, 2.0]], [[0.3], [1.4]]], case_seconds=10.0,
        )  # fmt: skip

    def test_a_whole_is_no_second_item(self, made: Made) -> None:
        result = made.ask("def grad_f(x, w): return torch.zeros_like(x)", "by-w")
        assert result.verdict == "failed" and code(result) is None
        assert "return a tuple (…, …)" in result.message.en

    def test_exchanged_halves_are_no_accumulated_gradient(self, made: Made) -> None:
        source = "def grad_f(x, w): return torch.zeros_like(w), 3 * x ** 2"
        assert code(made.ask(source, "by-w")) == "by-another-input"

    def test_the_item_that_is_none_is_named(self, made: Made) -> None:
        result = made.ask("def grad_f(x, w): return 3 * x ** 2, None", "by-w")
        assert code(result) is None and "Item 1" in result.message.en and "第 1 项" in result.message.zh

    def test_ones_are_no_forgotten_step(self, made: Made) -> None:
        """A product with zero, whose factor is left out, gives ones; so does much else."""
        result = made.ask("def grad_f(x, w): return 3 * x ** 2, torch.ones_like(w)", "by-w")
        assert code(result) is None


class TestThroughTheStudentsFunction:
    OWN = """
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return w * x ** 2
        @staticmethod
        {decorator}
        def backward(ctx, g):
            x, w = ctx.saved_tensors
            return {returned}
    def f(x, w): return Square.apply(x, w)
    """

    def made(self, make: Make) -> Made:
        checks = [
            {**GRADIENT, "id": "first", "wrt": "x"},
            {**GRADIENT, "id": "second", "wrt": "x", "order": 2},
        ]
        pairs = [[v, [1.5 - a for a in v]] for v in VECTORS]
        return make("def f(x, w): return w * x ** 2", checks, inputs="x w", functions="f(x,w)",
                    at=pairs[:2], hidden=pairs[2:], case_seconds=10.0)  # fmt: skip

    def own(self, returned: str, decorator: str = "") -> str:
        return self.OWN.format(returned=returned, decorator=decorator)

    def test_a_backward_that_ignores_what_comes_in(self, make: Make) -> None:
        result = self.made(make).ask(self.own("2 * w * x, x ** 2"), "first")
        assert code(result) == "incoming-ignored"

    def test_gradients_returned_in_the_wrong_order(self, make: Make) -> None:
        result = self.made(make).ask(self.own("g * x ** 2, g * 2 * w * x"), "first")
        assert code(result) == "by-another-input" and "with respect to w" in result.message.en

    @pytest.mark.parametrize("decorator", ["@torch.autograd.function.once_differentiable", ""])
    def test_a_backward_that_cannot_be_differentiated(self, make: Make, decorator: str) -> None:
        data = "" if decorator else ".detach()"
        source = self.own(f"(g * 2 * w * x){data}, (g * x ** 2){data}", decorator)
        made = self.made(make)
        assert made.ask(source, "first").verdict == "passed"
        assert code(made.ask(source, "second")) == "once-differentiable"

    def test_a_backward_that_returns_none_cuts_no_graph(self, make: Make) -> None:
        result = self.made(make).ask(self.own("None, g * x ** 2"), "first")
        assert code(result) == "cut-graph" and "backward of your own returns None" in result.message.en

    def test_a_backward_that_lacks_a_factor_is_asked_about_its_formula(self, make: Make) -> None:
        """No line of f puts a number in the place of a step."""
        lost = self.made(make).ask(self.own("g * w * x, g * x ** 2"), "first")
        assert code(lost) == "scale" and "path that it should not take" not in lost.diagnosis.hint.en
        in_f = self.made(make).ask("def f(x, w): return w * x ** 2 / 2 + (w * x ** 2 / 2).detach()", "first")
        assert code(in_f) == "scale" and "path that it should not take" in in_f.diagnosis.hint.en

    def test_the_incoming_gradient_is_named_only_where_a_backward_is_written(self, make: Make) -> None:
        """What torch differentiates is right for every one of them, or for none."""
        off = "(1 + 1e-7 * (len(x) == 5))"  # the value is right within the tolerance, and so is the visible slope
        source = f"def f(x, w): return w * x ** 2 * {off} + 1e-4 * torch.sin(1e4 * x) * 1e-3 * (len(x) == 5)"
        pairs = [[v, [1.5 - a for a in v]] for v in ([0.5, 1.5, -2.5], [2.0, -1.0, 0.25])]
        made = make("def f(x, w): return w * x ** 2", {**GRADIENT, "wrt": "x"}, inputs="x w", functions="f(x,w)",
                    at=pairs, hidden=[[[1.0, 2.0, -0.5, 3.0, 0.75], [2.0, 1.0, 0.5, -1.0, 1.5]]],
                    case_seconds=10.0)  # fmt: skip
        said = made.ask(source).message.en
        assert "right at the cases you can see" in said and "incoming gradient" not in said
        clamped = self.own("g.clamp(-1, 1) * 2 * w * x, g * x ** 2")
        assert "incoming gradient is not all ones" in made.ask(clamped).message.en

    def test_a_function_that_goes_back_itself_is_not_told_to_compute_before_each_backward(
        self, make: Make
    ) -> None:
        made = make("def f(x): return (x ** 2).sum()", GRADIENT, functions="f(x)", case_seconds=10.0)
        said = made.ask("def f(x):\n    y = (x ** 2).sum()\n    y.backward()\n    return y")
        assert said.verdict == "error" and "f itself goes back through its graph" in said.message.en

    def test_a_gradient_taken_inside_is_asked_for_its_graph(self, make: Make) -> None:
        made = make("def f(x): return 2 * x", GRADIENT, functions="f(x)", case_seconds=10.0)
        inside = "def f(x):\n    z = x{}\n    return torch.autograd.grad((z ** 2).sum(), z)[0]"
        result = made.ask(inside.format(".clone().requires_grad_()"))
        assert code(result) == "cut-graph" and "create_graph=True" in result.diagnosis.hint.en
        assert "create_graph" not in made.ask("def f(x): return 2 * x.detach()").diagnosis.hint.en

    def test_a_shape_that_does_not_fit_the_vector_is_told_as_one(self, make: Make) -> None:
        check = {**GRADIENT, "wrt": "x", "cotangent": "v"}
        made = make("def f(x): return x ** 2", check, inputs="x (v)", functions="f(x)",
                    at=[[v, v] for v in VECTORS[:2]], hidden=[], case_seconds=10.0)  # fmt: skip
        result = made.ask("def f(x): return x.reshape(1, -1) ** 2")
        assert result.verdict == "failed" and "has shape (1, " in result.message.en

    def test_what_is_cut_in_f_is_no_once_differentiable_backward(self, make: Make) -> None:
        result = self.made(make).ask("def f(x, w): return x * (w * x).detach()", "second")
        assert code(result) is None

    def test_a_graph_that_is_cut_at_some_cases_only(self, make: Make) -> None:
        """The last round's state is cut off where there is an odd number of rounds."""
        made = make("def f(x): return (x ** 2).cumsum(0)[-1]", GRADIENT, functions="f(x)",
                    at=VECTORS[1:3], hidden=[VECTORS[0]], case_seconds=10.0)  # fmt: skip
        source = "def f(x):\n    y = (x ** 2).cumsum(0)[-1]\n    return y{cut}"
        everywhere = made.ask(source.format(cut=".detach()"))
        assert code(everywhere) == "cut-graph"
        hidden = made.ask(source.format(cut=".detach() if len(x) % 2 else y"))
        assert code(hidden) is None and "at some others" in hidden.message.en
        visible = made.ask(source.format(cut=".detach() if len(x) == 4 else y"))
        assert code(visible) is None and visible.counterexample is not None
        assert (
            visible.counterexample.inputs == {"x": VECTORS[2]} and "At the input shown" in visible.message.en
        )


class TestTyped:
    REFERENCE = """
def f(x): return x ** 5
def answers():
    x = torch.tensor(2.0, requires_grad=True)
    y = torch.tensor(3.0, requires_grad=True)
    f(x).backward()
    return {"x_grad": x.grad, "y_grad": y.grad}
"""

    @pytest.fixture
    def made(self, make: Make) -> Made:
        checks = [
            PREDICTION | {"id": "prediction"},
            {"kind": "state", "id": "x-grad", "answer": "x_grad"},
            {"kind": "state", "id": "y-grad", "answer": "y_grad"},
        ]
        answers = [{"name": "x_grad", "ask": NAMED}, {"name": "y_grad", "ask": NAMED, "maybe_none": True}]
        wrong = [
            {"id": "four", "checks": ["prediction", "x-grad"], "message": NAMED, "hint": {"en": "Why?", "zh": "为什么？"}}
        ]  # fmt: skip
        return make(
            self.REFERENCE, checks, at=VECTORS[:2], hidden=VECTORS[2:],
            answers=answers, wrong=wrong, case_seconds=10.0,
            misconceptions="def four(x=torch.tensor(2.0)): return 4 * x ** 3",
        )  # fmt: skip

    def test_a_number_that_is_the_value_and_a_misconception_is_neither(self, made: Made) -> None:
        """2⁵ and 4·2³ are both 32; this student takes the value for the gradient elsewhere."""
        source = "def f(x): return x ** 5\ndef grad_f(x): return {}"
        both = made.grade(source.format("x ** 5"), x_grad="32")
        assert [code(r) for r in both.checks[:2]] == ["value-not-gradient", None]
        other = made.grade(source.format("5 * x ** 4"), x_grad="32")
        assert code(other.checks[1]) == "author:four"

    def test_zeros_for_none_do_not_give_the_answer_away(self, made: Made) -> None:
        result = made.ask("def f(x): return x ** 5\ndef grad_f(x): return 5 * x ** 4", "y-grad", y_grad="0")
        assert code(result) == "zero-for-none"
        assert "None" not in result.message.en + result.message.zh
        other = made.ask("def f(x): return x ** 5\ndef grad_f(x): return 5 * x ** 4", "y-grad", y_grad="7")
        assert code(other) is None and "None" not in other.message.en + other.message.zh


class TestBranches:
    """``graph``, property ``branches``: what stands there instead of an if is said as it is."""

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("torch.where(x > 0, x, 2 * x)", "torch.where"),
            ("x * (x > 0) + 2 * x * (x <= 0)", "A mask chooses"),
            ("x * x", "Nothing in your function decides"),
            ("x + 0 * len(str(x.sum().item()))", "Nothing in your function decides"),
        ],
    )
    def test_without_a_branch(self, make: Make, body: str, said: str) -> None:
        check = {"kind": "graph", "function": "f", "property": "branches"}
        made = make("def f(x): return x if x.sum() > 0 else 2 * x", check, functions="f(x)",
                    at=VECTORS, case_seconds=10.0)  # fmt: skip
        result = made.ask(f"def f(x): return {body}")
        assert result.verdict == "failed" and said in result.message.en
        assert "does not depend on the numbers" not in result.message.en


def test_a_loop_of_many_rounds_is_traced_to_its_end(make: Make) -> None:
    """A graph that was walked in Python is freed by recursion: fifty thousand nodes overflowed the stack."""
    check = {"kind": "graph", "function": "f", "property": "branches"}
    made = make("def f(x): return x if x.sum() > 0 else 2 * x", check, functions="f(x)", case_seconds=10.0)
    loop = "def f(x):\n    for _ in range({}): x = x + 1e-9\n    {}"
    late = "return x if x.sum() > 0 else 2 * x"
    assert made.ask(loop.format(60_000, late)).verdict == "passed"
    # What it decides by is followed, also behind all that is kept.
    other = "c = torch.ones(3)\n    for _ in range(3): c = c + 1\n    return x if c.sum() > 3 else 2 * x"
    assert made.ask(loop.format(3_000, other)).verdict == "failed"


def test_an_own_function_that_is_not_applied_is_told_so(make: Make) -> None:
    made = make("def f(x): return x ** 2", GRADIENT, functions="f(x)", at=VECTORS[:2], hidden=VECTORS[2:],
                case_seconds=10.0)  # fmt: skip
    result = made.ask("""
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x ** 2
    def f(x): return Square(x)
    """)
    assert result.verdict == "error" and "Square.apply" in result.message.en


def test_what_cancels_is_the_derivative_of_a_step_that_has_none(make: Make) -> None:
    """The entries of a softmax add up to one: without what follows, rounding is left."""
    reference = "def f(x, w):\n    p = torch.softmax(x, 0)\n    return (p * w).sum()"
    made = make(reference, PREDICTION, inputs="x w", functions="f(x,w) grad_f(x,w)",
                at=[[v, v[::-1]] for v in VECTORS], hidden=[], case_seconds=10.0)  # fmt: skip
    result = made.ask("""
    def grad_f(x, w):
        p = torch.softmax(x, 0)
        return p * (1 - (p * 1.0000000000000002).sum())
    """)
    assert code(result) in ("missing-factor", None)
    assert code(made.ask("def grad_f(x, w): return torch.zeros_like(x)")) == "cut-graph"
