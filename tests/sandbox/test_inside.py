"""What is read off a function in the child: its graph, and the wrong answers that its graph holds."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from grader.checks.arrays import to_numpy
from grader.model.job import Call, Differentiate, Play, Trace
from grader.model.observation import Differentiated, Graph, Misfit, Missing, Node, Raised, Taped, Traced
from grader.model.picture import picture_of
from grader.model.tape import MOST_ENTRIES, MOST_STEPS, Onward, Step, Tape
from grader.model.values import MAX_DIMENSIONS, Tensor
from grader.model.wrong_gradients import GraphReading, Label, Mistake, WrongGradient
from grader.sandbox import bounds
from grader.sandbox.pool import Pool
from tests.checks.notation import read_off

from .jobs import array, gradient, job, plain

Arrow = tuple[str, str]


class Picture:
    """A graph with names in the place of positions."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names = [node.name for node in graph.nodes]
        self.edges = [self._named(edge) for edge in graph.edges]
        self.cut = [self._named(edge) for edge in graph.cut]
        self.output = None if graph.output is None else self.names[graph.output]
        self.decisions = [node.name for node in graph.nodes if node.does == "decision"]
        self.leaves = [node.name for node in graph.nodes if node.does == "leaves"]

    def _named(self, edge: tuple[int, int]) -> Arrow:
        return self.names[edge[0]], self.names[edge[1]]


Look = Callable[..., Picture]


@pytest.fixture
def look(pool: Pool) -> Look:
    """The graph of ``f(x, w)`` (or of so many inputs as are given) at small vectors."""

    def looked(body: str, *inputs: Any, wrt: tuple[int, ...] | None = None, **more: Any) -> Picture:
        at = inputs or ([1.0, 2.0], [3.0, -4.0])
        names = ("x", "w", "v")[: len(at)]
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        task = Trace(
            id="f", function="f", args=tuple(array(a) for a in at), names=names,
            wrt=tuple(range(len(at))) if wrt is None else wrt, **more,
        )  # fmt: skip
        seen = pool.run(job(f"import torch\ndef f({', '.join(names)}):\n{lines}\n", task))
        outcome = seen.outcomes["f"]
        assert isinstance(outcome, Traced), (outcome, seen)
        return Picture(outcome.graph)

    return looked


class TestTracing:
    def test_operations_are_written_down_in_order_with_what_they_use(self, look: Look) -> None:
        seen = look("a = x * w\nreturn a + x")
        assert seen.names == ["x", "w", "mul", "add"]
        assert seen.edges == [("x", "mul"), ("w", "mul"), ("mul", "add"), ("x", "add")]
        assert seen.output == "add" and seen.cut == [] and seen.graph.reached == (0, 1)
        assert [node.grad for node in seen.graph.nodes] == [True] * 4
        assert [node.shape for node in seen.graph.nodes] == [(2,)] * 4
        assert not seen.graph.truncated

    def test_each_operation_has_the_line_that_asked_for_it(self, pool: Pool) -> None:
        """The innermost of the student's own: of a helper, a lambda, a loop, what a decorator wraps."""
        source = textwrap.dedent(
            """\
            import functools, torch
            def halved(function):
                @functools.wraps(function)
                def run(x, w):
                    return function(x, w) / 2
                return run
            double = lambda x: x * 2
            def helper(x):
                return torch.nn.functional.softmax(x, dim=0)
            @halved
            def f(x, w):
                for _ in range(2):
                    x = helper(x)
                return (double(x)
                        - torch.dot(
                            x, w)
                        + w.exp())
            """
        )
        task = Trace(id="f", function="f", args=(array([1.0, 2.0]),) * 2, names=("x", "w"), wrt=(0, 1))
        outcome = pool.run(job(source, task)).outcomes["f"]
        assert isinstance(outcome, Traced)
        assert [(node.name, node.line) for node in outcome.graph.nodes] == [
            ("x", None), ("w", None), ("softmax", 9), ("softmax", 9), ("mul", 7), ("dot", 15), ("sub", 14),
            ("exp", 17), ("add", 14), ("div", 5),
        ]  # fmt: skip

    def test_a_line_that_is_none_of_the_file_is_not_shown(self, pool: Pool) -> None:
        """Code that calls itself the student's file may stand anywhere."""
        source = "def f(x):\n    there = compile('\\n' * 5000 + 'y = x * 2', 'submission.py', 'exec')\n"
        source += "    exec(there, d := {'x': x})\n    return d['y']\n"
        task = Trace(id="f", function="f", args=(array([1.0]),), names=("x",), wrt=(0,))
        outcome = pool.run(job(source, task)).outcomes["f"]
        assert isinstance(outcome, Traced) and outcome.graph.nodes[1].line == 5001
        assert picture_of(outcome.graph, "f", ("x",), {}, lines=3).nodes[1].line is None

    def test_a_detached_tensor_is_cut_off_and_what_comes_after_it_is_not(self, look: Look) -> None:
        seen = look("u = (x * x).detach()\nreturn u * w")
        assert seen.cut == [("mul", "detach")]
        assert ("detach", "mul") in seen.edges and seen.graph.reached == (1,)

    @pytest.mark.parametrize(
        ("body", "cut"),
        [
            ("return x.data * w", ("x", "data")),
            ("with torch.no_grad():\n    u = torch.exp(x)\nreturn u * w", ("x", "exp")),
            ("return w * torch.tensor(x)", ("x", "tensor")),
            ("return w * x.long()", ("x", "long")),
            ("return w * sum(row.detach() for row in x)", ("unbind", "detach")),
        ],
        ids=["data", "no_grad", "tensor", "long", "iteration"],
    )
    @pytest.mark.filterwarnings("ignore")
    def test_every_way_to_leave_the_graph_is_a_cut(self, look: Look, body: str, cut: Arrow) -> None:
        assert cut in look(body).cut

    @pytest.mark.parametrize(
        "body",
        [
            "return w * x[0].item()",
            "return w * float(x[0])",
            "return w * x.tolist()[0]",
            "return w * torch.from_numpy(x.detach().numpy())",
        ],
    )
    def test_a_number_of_pythons_leaves_the_graph(self, look: Look, body: str) -> None:
        seen = look(body)
        assert len(seen.leaves) == 1 and seen.cut and seen.graph.reached == (1,)

    def test_what_never_had_a_gradient_is_not_cut_off(self, look: Look) -> None:
        seen = look("k = x.argmax()\nreturn torch.where(x > 0, x, w)[k] + torch.ones(2)")
        assert seen.cut == [] and "argmax" in seen.names

    def test_constants_are_no_leaves(self, look: Look) -> None:
        seen = look("return x * w", wrt=(0,))
        assert seen.graph.reached == (0,) and seen.cut == []
        assert [node.grad for node in seen.graph.nodes] == [True, False, True]

    def test_each_turn_of_a_loop_decides_anew(self, look: Look) -> None:
        seen = look("while x.norm() < 20:\n    x = x * 2\nreturn x if w.sum() > 0 else -x")
        assert seen.decisions == ["bool"] * 6 and seen.names.count("mul") == 4
        assert seen.cut == [] and seen.output == "neg"

    @pytest.mark.parametrize(
        "test", ["torch.equal(x, w)", "torch.allclose(x, w)", "1.5 in x", "x[0].is_nonzero()"]
    )
    def test_other_questions_with_a_yes_or_no(self, look: Look, test: str) -> None:
        assert len(look(f"return x if {test} else w").decisions) == 1

    def test_what_is_changed_in_place_was_made_by_the_change(self, look: Look) -> None:
        seen = look("b = x + 0\nb.mul_(w)\nreturn b - x")
        assert seen.names == ["x", "w", "add", "mul", "sub"]
        assert seen.edges == [("x", "add"), ("add", "mul"), ("w", "mul"), ("mul", "sub"), ("x", "sub")]

    def test_an_entry_that_is_set_makes_it_another(self, look: Look) -> None:
        seen = look("b = torch.zeros(2, dtype=x.dtype)\nb[0] = x[1]\nreturn b * w")
        assert ("getitem", "setitem") in seen.edges and ("setitem", "mul") in seen.edges
        assert seen.cut == [] and seen.graph.reached == (0, 1)

    def test_several_results_of_one_operation(self, look: Look) -> None:
        seen = look(
            "a, b = torch.stack([x, w]).unbind()\nvalues, _ = torch.stack((a, b)).max(0)\nreturn values"
        )
        assert ("x", "stack") in seen.edges and ("unbind", "stack") in seen.edges
        assert ("stack", "max") in seen.edges and seen.cut == [] and seen.output == "max"

    @pytest.mark.parametrize(
        ("result", "which"), [("(x, x * w)", 1), ("[x * w, x]", -2), ("{'a': x * w}", "a")]
    )
    def test_one_output_is_meant(self, look: Look, result: str, which: int | str) -> None:
        seen = look(f"return {result}", output=which)
        assert seen.output == "mul" and seen.graph.reached == (0, 1)

    def test_an_input_may_be_the_result(self, look: Look) -> None:
        seen = look("return w")
        assert seen.output == "w" and seen.graph.reached == (1,) and seen.edges == []

    @pytest.mark.parametrize(
        "result", ["None", "3.0", "(x, w)", "torch.ones(2)", "(x * w).detach().tolist()"]
    )
    def test_no_tensor_no_output(self, look: Look, result: str) -> None:
        seen = look(f"return {result}")
        assert seen.output in (None, "ones") and seen.graph.reached == ()

    def test_questions_about_a_tensor_are_no_operations(self, look: Look) -> None:
        seen = look(
            "assert x.dim() == 1 and x.shape == w.shape and len(x) == 2 and x.requires_grad\nreturn x"
        )
        assert seen.names == ["x", "w"]

    @pytest.mark.parametrize(
        ("body", "verdict"),
        [
            ("return x @ torch.ones(7)", Raised),
            ("raise SystemExit", Raised),
            ("return x.detach().backward()", Raised),
        ],
    )
    def test_an_error_is_one(self, pool: Pool, body: str, verdict: type) -> None:
        task = Trace(id="f", function="f", args=(array([1.0]),), names=("x",), wrt=(0,))
        assert isinstance(pool.run(job(f"import torch\ndef f(x): {body}", task)).outcomes["f"], verdict)

    def test_a_function_that_is_not_there_or_does_not_fit(self, pool: Pool) -> None:
        task = Trace(id="f", function="f", args=(array([1.0]),), names=("x",), wrt=(0,))
        assert isinstance(pool.run(job("", task)).outcomes["f"], Missing)
        assert isinstance(pool.run(job("def f(): pass", task)).outcomes["f"], Misfit)


class TestTruncation:
    LOOP = "for _ in range({}):\n    x = x + 1\n"

    def test_as_many_as_there_is_room_for_are_all_shown(self, look: Look) -> None:
        seen = look(self.LOOP.format(bounds.MAX_NODES - 4) + "return x")
        assert len(seen.names) == bounds.MAX_NODES - 2 and not seen.graph.truncated and seen.output == "add"

    def test_beyond_that_it_says_so_and_knows_no_output(self, look: Look) -> None:
        seen = look(self.LOOP.format(200) + "return x")
        assert len(seen.names) <= bounds.MAX_NODES and seen.graph.truncated
        assert seen.output is None and seen.graph.reached == (0,) and seen.cut == []

    def test_a_cut_and_a_decision_after_it_are_still_shown(self, look: Look) -> None:
        seen = look(self.LOOP.format(200) + "if x.sum() > 0:\n    x = x * 2\nreturn x.detach() * w.detach()")
        assert seen.decisions == ["bool"] and seen.cut == [("add", "detach")]
        assert len(seen.names) == bounds.MAX_NODES and seen.graph.reached == ()

    def test_what_is_not_shown_is_no_cut(self, look: Look) -> None:
        body = self.LOOP.format(200) + "y = torch.where(x > 0, x, w)\nreturn (y * 2 if y.dim() else y) + w"
        assert look(body).cut == []

    def test_a_cut_before_it_is_no_second_one_after_it(self, look: Look) -> None:
        seen = look("x = x.detach()\n" + self.LOOP.format(200) + "return x * w")
        assert seen.cut == [("x", "detach")]

    def test_a_very_long_way_costs_no_more_than_time(self, look: Look) -> None:
        """Only so many operations are followed; a loop of thousands stays within its seconds."""
        seen = look(self.LOOP.format(10_000) + "return x")
        assert seen.graph.truncated and seen.graph.reached == (0,)

    def test_arrows_are_bounded_too(self, look: Look) -> None:
        seen = look(
            "rows = [x + n for n in range(40)]\nfor n in range(9):\n    x = torch.stack(rows)[0]\nreturn x"
        )
        assert len(seen.graph.edges) <= bounds.MAX_EDGES


class TestHostileNames:
    """An operation may be called anything: what its name does when it is read harms nobody."""

    SOURCE = """
    import torch
    from torch.overrides import handle_torch_function

    class Sly(str):
        def startswith(self, *a): raise SystemExit
        def strip(self, *a): return 7
        def __hash__(self): raise KeyboardInterrupt
        def __eq__(self, other): return 1 / 0

    def named(name, x):
        def operation(t): return t * 2
        try:
            operation.__name__ = name
        except TypeError:
            operation = type("Thing", (), {"__call__": lambda self, t: t * 2, "__name__": name})()
        return handle_torch_function(operation, (x,), x)

    class Loud:
        @property
        def __name__(self): raise SystemExit
        def __call__(self, t): return t * 2
    """

    @pytest.mark.parametrize(
        "name",
        ["'a' * 10_000", "'\\ud800'", "'梯度'", "''", "Sly('mul')", "7", "None", "b'mul'", "'{x}\\n\\0'"],
    )
    def test_whatever_it_is_called(self, pool: Pool, name: str) -> None:
        body = f"{self.SOURCE}\n    def f(x): return named({name}, x) + 1"
        task = Trace(id="f", function="f", args=(array([1.0]),), names=("x",), wrt=(0,))
        outcome = pool.run(job(body, task)).outcomes["f"]
        assert isinstance(outcome, Traced) and outcome.graph.reached == (0,)
        assert all(len(node.name) <= bounds.MAX_NAME for node in outcome.graph.nodes)

    def test_a_name_that_raises(self, pool: Pool) -> None:
        body = f"{self.SOURCE}\n    def f(x): return handle_torch_function(Loud(), (x,), x) + 1"
        task = Trace(id="f", function="f", args=(array([1.0]),), names=("x",), wrt=(0,))
        outcome = pool.run(job(body, task)).outcomes["f"]
        assert isinstance(outcome, Traced) and outcome.graph.truncated


class TestBounds:
    """A child that writes its own answers cannot say of a graph what the harness could not."""

    TASK = Trace(id="f", function="f", args=(array([1.0]), array([2.0])), names=("x", "w"), wrt=(1,))
    GRAPH = Graph(
        nodes=(
            Node("input", "x"), Node("input", "w", (1,), True),
            Node("op", "mul", (1,), True), Node("op", "detach", (1,)),
        ),
        edges=((0, 2), (1, 2), (2, 3)),
        cut=((2, 3),),
        output=3,
        reached=(1,),
    )  # fmt: skip

    def accepts(self, **changed: Any) -> bool:
        return bounds.of_outcome(self.TASK, Traced(msgspec.structs.replace(self.GRAPH, **changed)))

    def test_an_honest_graph_is_believed(self) -> None:
        assert self.accepts() and self.accepts(output=None, reached=(), truncated=True)
        assert bounds.of_outcome(self.TASK, Traced(Graph()))

    @pytest.mark.parametrize(
        "changed",
        [
            {"nodes": ()},
            {"nodes": tuple(Node("op", "mul") for _ in range(bounds.MAX_NODES + 1))},
            {"nodes": (*GRAPH.nodes[:3], Node("op", "m" * (bounds.MAX_NAME + 1)))},
            {"nodes": (*GRAPH.nodes[:3], Node("op", "mul", (1,) * (MAX_DIMENSIONS + 1)))},
            {"nodes": (*GRAPH.nodes[:3], Node("op", "detach", (1,), False, 0))},
            {"nodes": (*GRAPH.nodes[:3], Node("op", "detach", (1,), False, 1 << 40))},
            {"edges": ((0, 2), (1, 2), (3, 2))},
            {"edges": ((2, 2), (2, 3))},
            {"edges": ((0, 4), (2, 3))},
            {"edges": ((-1, 2), (2, 3))},
            {"edges": tuple((0, 2) for _ in range(bounds.MAX_EDGES + 1)), "cut": ()},
            {"cut": ((0, 3),)},
            {"cut": ((2, 3),) * 4},
            {"output": 4},
            {"output": -1},
            {"reached": (0,)},
            {"reached": (2,)},
            {"reached": (1, 1)},
        ],
    )
    def test_another_is_not(self, changed: dict[str, Any]) -> None:
        assert not self.accepts(**changed)

    STEPS = (
        Step("mul", 3, array([1.0]), (1,), (Onward(1, "times", (1,), array([2.0]), array([2.0]), (1,)),)),
        Step("leaf"),
    )

    @pytest.mark.parametrize(
        "steps",
        [
            (msgspec.structs.replace(STEPS[0], line=0), STEPS[1]),
            (msgspec.structs.replace(STEPS[0], operation="m" * (bounds.MAX_NAME + 1)), STEPS[1]),
            (msgspec.structs.replace(STEPS[0], into=array([1.0] * (MOST_ENTRIES + 1))), STEPS[1]),
            (msgspec.structs.replace(STEPS[0], onward=(Onward(0, "same"),)), STEPS[1]),
            (msgspec.structs.replace(STEPS[0], onward=(Onward(2, "same"),)), STEPS[1]),
            (STEPS[1],) * (MOST_STEPS + 1),
        ],
    )
    def test_a_tape_is_bounded(self, steps: tuple[Step, ...]) -> None:
        task = Play(id="f", function="reference.f")
        assert bounds.of_outcome(task, Taped(Tape(self.STEPS))) and not bounds.of_outcome(
            task, Taped(Tape(steps))
        )
        assert not bounds.of_outcome(self.TASK, Taped(Tape(self.STEPS)))

    def test_a_graph_answers_no_other_question(self) -> None:
        for task in (Call(id="f", function="f"), Differentiate(id="f", function="f")):
            assert not bounds.of_outcome(task, Traced(Graph()))
        assert not bounds.of_outcome(self.TASK, Differentiated(Tensor(array(1.0))))

    def test_wrong_answers_come_only_where_they_were_asked_for(self) -> None:
        one = Tensor(array([1.0]))
        wrong = WrongGradient(Mistake("second-derivative"), array([1.0]))
        told = Differentiated(one, (one,), reading=GraphReading((wrong,)))
        asked = gradient(at=[1.0])
        assert not bounds.of_outcome(asked, told)
        for wanted in ("wrong_gradients", "sides"):
            assert bounds.of_outcome(msgspec.structs.replace(asked, **{wanted: True}), told)

    LONG = "x" * (bounds.MAX_NAME + 1)
    MANY = bounds.MAX_ITEMS + 1

    @pytest.mark.parametrize(
        "reading",
        [
            GraphReading((WrongGradient(Mistake("sign", LONG), array([1.0])),)),
            GraphReading((WrongGradient(Mistake(LONG), array([1.0])),)),
            GraphReading((WrongGradient(Mistake("sign", "1", Label(LONG)), array([1.0])),)),
            GraphReading((WrongGradient(Mistake("sign", "1", Label("u", LONG)), array([1.0])),)),
            GraphReading((WrongGradient(Mistake("sign"), array([1.0])),) * MANY),
            GraphReading(sums=(2,) * MANY),
            GraphReading(means=(2,) * MANY),
            GraphReading(independent=(("1", "2"),) * MANY),
            GraphReading(independent=(("1", LONG),)),
        ],
    )
    def test_and_within_bounds(self, reading: GraphReading) -> None:
        one = Tensor(array([1.0]))
        asked = msgspec.structs.replace(gradient(at=[1.0]), wrong_gradients=True)
        assert bounds.of_outcome(asked, Differentiated(one, (one,), reading=GraphReading(sums=(2,))))
        assert not bounds.of_outcome(asked, Differentiated(one, (one,), reading=reading))


Wrong = dict[str, Any]
Read = Callable[..., Wrong]


@pytest.fixture
def read(pool: Pool) -> Read:
    """The wrong answers that are read off ``f(x)``."""

    def reader(body: str, at: Any = 3.0, **more: Any) -> Wrong:
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        task = gradient(at=at, **({"wrong_gradients": True} | more))
        seen = pool.run(
            job(f"import torch\ndef f(x):\n{lines}\n", task, case_seconds=30.0, total_seconds=60.0)
        )
        outcome = seen.outcomes["f'"]
        assert isinstance(outcome, Differentiated) and outcome.error is None, outcome
        found = {"": plain(outcome.grads[0])}
        if outcome.reading is not None:
            found |= {key: value.tolist() for key, value in read_off(outcome).items()}
            found |= {
                side: to_numpy(numbers).tolist()
                for side, numbers in (("low", outcome.reading.low), ("high", outcome.reading.high))
                if numbers is not None
            }
        return found

    return reader


def family(wrong: Wrong, code: str) -> dict[str, Any]:
    """The wrong answers of one code, by label; without those at all places of a kind at once."""
    found = {k.rpartition(":")[2]: v for k, v in wrong.items() if k.startswith(f"{code}:")}
    return {label: value for label, value in found.items() if "*" not in label}


class TestWrongGradients:
    def test_only_what_was_asked_for(self, read: Read) -> None:
        assert set(read("return x ** 2", wrong_gradients=False)) == {""}

    def test_the_second_derivative_is_of_the_gradients_sum(self, read: Read) -> None:
        assert read("return x ** 3")["second-derivative"] == 18.0
        assert read("return 5 * x")["second-derivative"] == 0.0
        assert read("return x * x.sum()", [1.0, 2.0])["second-derivative"] == [4.0, 4.0]

    def test_each_path_of_a_product_by_its_name(self, read: Read) -> None:
        """xᵀAx: without one way Ax, without the other Aᵀx, beside the right A + Aᵀ."""
        found = read(
            "A = torch.tensor([[1., 2.], [5., 3.]], dtype=x.dtype)\ny = A @ x\nreturn x @ y", [1.0, -2.0]
        )
        assert found[""] == [-12.0, -5.0]
        assert family(found, "missing-path") == {"x|dot": [-9.0, -4.0], "y|dot": [-3.0, -1.0]}

    def test_the_terms_of_a_sum(self, read: Read) -> None:
        found = read("u = x.detach() * x\nw = x ** 2\nreturn u + w")
        assert found[""] == 9.0
        assert family(found, "missing-path") == {"u|add": 6.0, "w|add": 3.0}

    def test_each_local_derivative_by_the_step_that_has_it(self, read: Read) -> None:
        found = read("a = torch.sin(x)\nb = torch.exp(a)\nreturn b * 2")
        e, c = np.exp(np.sin(3.0)), np.cos(3.0)
        factors = family(found, "missing-factor")
        assert found[""] == pytest.approx(2 * e * c)
        assert factors["a|sin"] == pytest.approx(2 * e) and factors["b|exp"] == pytest.approx(2 * c)
        assert factors["|mul"] == pytest.approx(e * c)

    def test_an_operation_is_called_without_the_number_of_its_overload(self, read: Read) -> None:
        """PowBackward1 and SumBackward1 are a power and a sum to a reader."""
        found = read("p = 2.0 ** x\nq = p.sum(dim=0)\nreturn q * torch.linalg.vector_norm(x)", [1.0, 2.0])
        labels = {key.rpartition("|")[2] for key in found if "|" in key}
        plain_names = {label for label in labels if not label.startswith("*") and "." not in label}
        assert plain_names <= {"pow", "sum", "mul", "linalgvectornorm", "after", ""}
        assert {"pow", "sum"} <= labels

    @pytest.mark.parametrize(
        "body",
        [
            "u = (x ** 2).detach()\nreturn x * u",
            "u = (x ** 2).data\nreturn x * u",
            "y = x ** 2\nu = y.detach()\nreturn x * u",
        ],
        ids=["detach", "data", "in two steps"],
    )
    def test_a_cut_undone(self, read: Read, body: str) -> None:
        found = read(body)
        assert found[""] == 9.0 and family(found, "undetached") == {"u|": 27.0}

    def test_a_block_without_recording_undone(self, read: Read) -> None:
        found = read("with torch.no_grad():\n    u = x ** 2\nreturn x * u")
        assert found[""] == 9.0 and 27.0 in family(found, "undetached").values()

    def test_each_of_several_cuts_and_all_of_them(self, read: Read) -> None:
        found = read("u = x.detach()\nw = (x ** 2).detach()\nreturn x * u * w")
        assert found[""] == 27.0
        assert {k: v for k, v in found.items() if k.startswith("undetached")} == {
            "undetached:0:u|": 54.0, "undetached:1:w|": 81.0, "undetached:all:|": 108.0
        }  # fmt: skip

    def test_no_cut_no_such_answer(self, read: Read) -> None:
        assert family(read("return x ** 2"), "undetached") == {}

    def test_a_matrix_from_the_other_side_and_its_diagonal(self, read: Read) -> None:
        A = np.array([[1.0, 2.0], [5.0, 3.0]])
        v = np.array([0.5, -2.0])
        body = "return torch.tensor([[1., 2.], [5., 3.]], dtype=x.dtype) @ x"
        found = read(body, [1.0, 1.0], cotangent=array(v))
        assert found[""] == (v @ A).tolist()
        assert found["transpose"] == (A @ v).tolist()
        assert found["diagonal-only"] == (np.diag(A) * v).tolist()
        assert family(found, "missing-factor")["v|cotangent"] == A.sum(0).tolist()
        assert found["reduced:v"] == (A.sum(0) * v.sum()).tolist()
        pushed = read(body, [1.0, 1.0], how="jvp", vector=array(v))
        assert pushed[""] == (A @ v).tolist() and pushed["transpose"] == (v @ A).tolist()
        whole = read(body, [1.0, 1.0], how="jacobian")
        assert whole[""] == A.tolist() and whole["diagonal-only"] == np.diag(np.diag(A)).tolist()

    def test_of_a_number_there_is_no_matrix(self, read: Read) -> None:
        found = read("return (x ** 2).sum()", [1.0, 2.0])
        assert "transpose" not in found and "diagonal-only" not in found

    def test_a_hessian_without_its_mixed_entries(self, read: Read) -> None:
        found = read("return x[0] ** 3 + x[0] * x[1]", [1.0, 2.0], how="hvp", vector=array([1.0, 10.0]))
        assert found[""] == [16.0, 1.0] and found["diagonal-only"] == [6.0, 0.0]

    def test_one_order_too_few_and_too_many(self, read: Read) -> None:
        found = read("return x ** 4", how="higher-order", order=2)
        assert (found[""], found["value-not-gradient"], found["second-derivative"]) == (108.0, 108.0, 72.0)
        found = read("return x ** 4", 2.0, how="higher-order", order=3)
        assert (found[""], found["value-not-gradient"], found["second-derivative"]) == (48.0, 48.0, 24.0)

    def test_the_slopes_to_either_side_of_a_kink(self, read: Read) -> None:
        found = read("return torch.relu(x) + 2 * x", [0.0, 5.0], wrong_gradients=False, sides=True)
        assert found["low"] == [2.0, 3.0] and found["high"] == [3.0, 3.0]

    def test_a_loop_is_another_graph_with_the_same_names(self, read: Read) -> None:
        body = "b = x\nwhile b < 20:\n    b = b * x\nreturn b + x"
        short, long = read(body, 5.0), read(body, 2.0)
        assert set(short) != set(long)
        for found in (short, long):
            assert {"b|add", "x|add"} <= set(family(found, "missing-path"))

    def test_a_large_graph_is_looked_at_in_part(self, read: Read) -> None:
        found = read("for n in range(300):\n    x = x * 1.001 + x / 1000\nreturn x", 1.0)
        assert 64 <= len(found) <= 300

    def test_a_single_precision_input_and_a_double_precision_vector(self, pool: Pool) -> None:
        for how in ("jvp", "hvp"):
            task = Differentiate(
                id="f", function="f", args=(array([1.0, 2.0], "float32"),), wrt=(0,), how=how,
                vector=array([1.0, 1.0]), wrong_gradients=True,
            )  # fmt: skip
            f = "(x ** 3).sum()" if how == "hvp" else "x.double() ** 3"
            outcome = pool.run(job(f"def f(x): return {f}", task)).outcomes["f"]
            assert isinstance(outcome, Differentiated) and not outcome.problem, outcome

    def test_a_step_of_autograds_own_has_no_name(self, read: Read) -> None:
        """A write into a slice; what is left out by it is known all the same."""
        found = read("y = x.clone()\ny[0] = 5.0\nreturn (y ** 2).sum()", [1.5, -2.5])
        assert found[""] == [0.0, -5.0]
        assert family(found, "missing-factor")["y|"] == [10.0, -5.0]
        assert not any("copyslices" in key for key in found)

    def test_what_it_changes_in_place_it_does_not_trip_over(self, read: Read) -> None:
        found = read("y = x * 2\ny.mul_(x)\nreturn y + x")
        assert found[""] == 13.0 and family(found, "missing-path")["x|add"] == 12.0
