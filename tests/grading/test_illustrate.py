"""Pictures of real submissions: bounded, valid, honest; and no submission is harmed by its own."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest

from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.illustrate import draw
from grader.grading.sampling import grid_over
from grader.grading.stretches import short
from grader.model.job import Job
from grader.model.observation import Graph, Node, Observation
from grader.model.picture import MAX_NODES, MAX_POINTS, Break, Curve, Pictures, Stretch, picture_of
from grader.model.report import Report
from grader.model.submission import Submission
from grader.pictures.curve_view import view
from grader.pictures.svg_curve import curve_figure
from grader.sandbox.pool import Pool

DETACH = "def f(x):\n    u = (x * x).detach()\n    return u * x\n"
LOOP = """
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b
"""

GUESS = "def grad_relu(x):\n    return (x >= 0).to(x.dtype)\n"

Draw = Callable[..., Pictures]


class Counting:
    """A sandbox that keeps count of the jobs."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self.jobs = pool, 0

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        self.jobs += 1
        return self._pool.run(job, library)


@pytest.fixture(scope="module")
def drawn(pool: Pool, truths: Truths, library: Library) -> Draw:
    def run(slug: str, source: str, *, alone: bool = False, **wanted: bool) -> Pictures:
        exercise = library.get(slug)
        if alone:
            exercise = msgspec.structs.replace(exercise, solution=None)
        found = draw(exercise, Submission(source.encode()), pool, truths, **wanted)
        json.dumps(found.to_json(), allow_nan=False)
        return found

    return run


def curve_of(pictures: Pictures) -> Curve:
    assert pictures.curve is not None
    return pictures.curve


def points(series: tuple[Stretch, ...]) -> dict[float, float]:
    return {x: y for stretch in series for x, y in stretch}


class TestCurves:
    def test_values_truth_and_prediction_over_the_visible_range(self, drawn: Draw) -> None:
        """What is drawn is what f and the prediction return, beside what autograd says."""
        curve = curve_of(drawn("detach", DETACH + "def grad_z(x):\n    return 3 * x * x\n"))
        assert (curve.input, curve.function, curve.prediction) == ("x", "f", "grad_z")
        assert curve.xs[0] < -2.5 and curve.xs[-1] > 4 and 50 < len(curve.xs) <= MAX_POINTS
        for series, right in (
            (curve.series.f, lambda x: x**3),
            (curve.series.truth, lambda x: x**2),
            (curve.series.predicted, lambda x: 3 * x**2),
        ):
            found = points(series)
            assert len(found) == len(curve.xs)
            assert np.allclose(list(found.values()), [right(x) for x in found], rtol=1e-5, atol=1e-6)

    def test_a_loop_tears_f_and_its_gradients_apart(self, drawn: Draw) -> None:
        """Every number of doublings that can be seen is a jump, on both sides of zero; zero is not asked."""
        curve = curve_of(drawn("control-flow", LOOP + "def grad_f(a):\n    return f(a) / a\n"))
        assert 0.0 not in curve.xs and 1.5 in curve.xs and -2.0 in curve.xs
        edges = [1000 / 2**n for n in (9, 10, 11, 12)]
        for breaks in (curve.breaks.f, curve.breaks.truth, curve.breaks.predicted):
            assert {short(-x) for x in edges} | {short(x) for x in edges} <= {each.x for each in breaks}
        values = {each.x: each for each in curve.breaks.f}
        assert (values[0.9765625].left, values[0.9765625].right, values[0.9765625].at) == (2000, 1000, 1000)
        assert (values[-0.9765625].left, values[-0.9765625].right) == (-100000, -200000)
        for x in (each.x for each in curve.breaks.f):
            assert not [s for s in curve.series.f if s[0][0] < x < s[-1][0]], x

    def test_a_kink_tears_the_gradient_only(self, drawn: Draw) -> None:
        """And the value there, at a visible input, is told beside the slopes of both sides."""
        source = "import torch\ndef f(x):\n    return torch.relu(x) - torch.relu(-x)\n"
        source += "def grad_f(x):\n    return (x != 0).to(x.dtype)\n"
        curve = curve_of(drawn("relu-difference", source))
        assert len(curve.series.f) == 1 and not curve.breaks.f
        assert curve.breaks.truth == (Break(0.0, 1.0, 1.0, 0.0, kink=True),)
        curve = curve_of(drawn("relu-at-zero", "import torch\ndef f(x):\n    return torch.relu(x)\n" + GUESS))
        assert curve.breaks.truth == (Break(0.0, 0.0, 1.0, 0.0, kink=True),)
        assert [each.x for each in curve.breaks.predicted] == [0.0]

    def test_a_steep_function_does_not_jump(self, drawn: Draw) -> None:
        """What is only steep is drawn through, with more points where it is."""
        source = "import torch\ndef f(x):\n    return torch.tanh(2000 * (x - 1.01))\n"
        curve = curve_of(drawn("jump", source + "def grad_f(x):\n    return x\n"))
        (line,) = curve.series.f
        assert len(line) > len(curve.xs) and not curve.breaks.f

    def test_what_mixes_its_entries_has_no_curve(self, drawn: Draw) -> None:
        """A sum over a vector is no function of one number, although its gradient acts entry by entry."""
        source = "def f(x):\n    return 2 * (x * x).sum()\ndef grad_f(x):\n    return 4 * x\n"
        found = drawn("simple-example", source)
        assert found.curve is None and found.graph is not None
        assert drawn("two-paths", "def f(w, x):\n    return x * w + w ** 2\n").curve is None

    def test_a_prediction_that_mixes_its_entries_is_left_out(self, drawn: Draw) -> None:
        """Drawn by itself each point would look right, and drawn together wrong in another way."""
        curve = curve_of(drawn("detach", DETACH + "def grad_z(x):\n    return 3 * x * x / len(x)\n"))
        assert curve.series.f and not curve.series.predicted

    def test_the_truth_stands_beside_an_answer_and_not_in_its_place(self, drawn: Draw) -> None:
        """Predict first: where nothing is predicted, the true gradient is not given away."""
        curve = curve_of(drawn("detach", DETACH))
        assert curve.withheld and curve.series.f and not curve.series.truth
        assert drawn("detach", "x = 1\n").curve is None

    def test_without_solutions_there_is_no_true_curve(self, drawn: Draw) -> None:
        """A student's own copy does not know it."""
        source = DETACH + "def grad_z(x):\n    return x * x\n"
        curve = curve_of(drawn("detach", source, alone=True))
        assert curve.series.f and curve.series.predicted and not curve.series.truth and not curve.withheld
        mixed = "def f(x):\n    return (x * x).sum() * x\ndef grad_z(x):\n    return x.sum() * x\n"
        assert drawn("detach", mixed, alone=True).curve is None

    def test_of_the_student_s_own_function_autograd_s_word_is_the_truth(self, drawn: Draw) -> None:
        """Where a function is to be designed, the reference's has no part in the picture."""
        source = "def f(a):\n    return a ** 3 if a > 0 else a\n"
        source += "def grad_f(a):\n    return 3 * a ** 2 if a > 0 else a ** 0\n"
        curve = curve_of(drawn("design-control-flow", source))
        assert curve.series.truth == curve.series.predicted
        assert points(curve.series.truth)[1.5] == 6.75

    def test_a_wrong_factor_does_not_crush_the_rest(self, drawn: Draw) -> None:
        """The axis is symlog: the right curve is still one."""
        curve = curve_of(drawn("detach", DETACH + "def grad_z(x):\n    return 1e9 * x\n"))
        assert max(y for y in points(curve.series.predicted).values()) > 1e9
        panel = next(panel for panel in view(curve).panels if panel.kind == "gradient")
        assert panel.scale.linear is not None
        right = [panel.scale.height(y) for y in points(curve.series.truth).values()]
        assert max(right) - min(right) > 0.1


class TestGraphs:
    def test_cut_edges_and_unreached_inputs_are_named(self, drawn: Draw) -> None:
        """Of the student's own function, at the first visible case."""
        graph = drawn("detach", DETACH).graph
        assert graph is not None
        names = [node.name for node in graph.nodes]
        assert names == ["x", "mul", "detach", "mul"]
        assert [(names[a], names[b]) for a, b in graph.cut] == [("mul", "detach")]
        assert (graph.reached, graph.unreached, graph.output) == (("x",), (), 3)
        assert graph.inputs == {"x": [1.5, -2.5, 0.5]}
        lost = drawn("detach", "def f(x):\n    return x.detach() * 2\n").graph
        assert lost is not None and (lost.reached, lost.unreached) == ((), ("x",))

    def test_long_loops_are_bounded(self, drawn: Draw) -> None:
        """And it is said that there was more."""
        source = "def f(x):\n    for _ in range(5000):\n        x = x + 1\n    return x\n"
        graph = drawn("detach", source).graph
        assert graph is not None and len(graph.nodes) <= MAX_NODES and graph.truncated

    def test_only_what_is_wanted_is_drawn(self, drawn: Draw) -> None:
        """The other is None."""
        assert drawn("detach", DETACH, curve=False).curve is None
        assert drawn("detach", DETACH, graph=False).graph is None

    def test_hostile_names_are_short_and_printable(self) -> None:
        """Whatever a child calls its operations, no drawing's cursor moves."""
        evil = "\x1b[2J\u202e\x00" + "n" * 500
        found = picture_of(Graph((Node("op", evil),), output=7), "f", ("x",), {})
        (node,) = found.nodes
        assert node.name.isprintable() and len(node.name) <= 40 and found.output is None
        json.dumps(Pictures(graph=found).to_json(), allow_nan=False)

    def test_more_than_is_bounded_is_dropped_and_said(self) -> None:
        """A graph that never came through the sandbox's own bounds."""
        many = Graph(
            tuple(Node("op", "add") for _ in range(99)), tuple((i, i + 1) for i in range(98)), ((97, 98),)
        )
        found = picture_of(many, "f", (), {})
        assert len(found.nodes) == MAX_NODES and found.truncated and not found.cut
        assert all(a < MAX_NODES and b < MAX_NODES for a, b in found.edges)


class TestBadSubmissions:
    @pytest.mark.parametrize("source", [b"", b"\xff", b"def f(x:", b"raise SystemExit", b"f = grad_z = 3\n"])
    def test_nothing_to_draw(self, pool: Pool, truths: Truths, library: Library, source: bytes) -> None:
        """No picture, and no error of ours."""
        assert draw(library.get("detach"), Submission(source), pool, truths) == Pictures()

    def test_what_never_ends_costs_a_few_seconds_and_its_own_curve(self, drawn: Draw) -> None:
        """The prediction beside it is drawn."""
        source = "def f(a):\n    while True: pass\ndef grad_f(a):\n    return a * 2\n"
        started = time.monotonic()
        found = drawn("control-flow", source)
        assert time.monotonic() - started < 30, "not a second for each of a hundred points"
        assert not curve_of(found).series.f and curve_of(found).series.predicted and found.graph is None

    @pytest.mark.parametrize(
        "body",
        [
            "return x * float('nan')",
            "return x * 1e308 * 1e308",
            "return 0 * x + 1e300",
            "return (x * 1e40).exp()",
            "return 0 * x",
            "return x.to(int)",
            "return x * 1j",
            "return [float(v) for v in x]",
            "return x > 0",
            "print('x' * 500); return x",
            "import torch; return torch.rand(x.shape)",
            "return {'a': x}",
            "raise ValueError",
            "return x[:2]",
            "x.zero_(); return x",
        ],
    )
    def test_whatever_is_returned_the_numbers_are_finite(self, drawn: Draw, body: str) -> None:
        """And a report with its pictures can be stored and read again."""
        found = drawn("detach", f"def f(x):\n    {body}\ndef grad_z(x):\n    {body}\n")
        if found.curve is not None:
            every = [found.curve.series.f, found.curve.series.truth, found.curve.series.predicted]
            assert all(np.isfinite(y) for one in every for y in points(one).values())
            shapes = re.findall(r' (?:d|cx|cy|x|y)="([^"]*)"', curve_figure(found.curve, "en"))
            assert not [shape for shape in shapes if "nan" in shape or "inf" in shape]
        assert msgspec.json.decode(msgspec.json.encode(found), type=Pictures) == found


class TestTheGrid:
    @pytest.mark.parametrize(
        "at",
        [[1.5], [-2.5, 4.0], [-3.0, 3.0], [0.25, 1e6], [-1e-9, 1e-9], [0.0], list(np.linspace(-5, 5, 300))],
    )
    def test_it_rises_and_is_bounded(self, at: list[float]) -> None:
        """Over the range, with its ends in it."""
        xs = grid_over(np.array(at))
        assert 30 < len(xs) <= MAX_POINTS and all(a < b for a, b in pairwise(xs))
        assert xs[0] <= min(at) and xs[-1] >= max(at)

    def test_zero_only_where_a_case_has_it(self) -> None:
        """Where none has, f may divide by it or loop for ever."""
        assert 0.0 not in grid_over(np.array([-3.0, 3.0])) and 0.0 in grid_over(np.array([-3.0, 0.0, 3.0]))

    def test_no_sign_that_no_case_has(self) -> None:
        """Logarithms and roots are only asked where they are numbers."""
        assert grid_over(np.array([0.1, 4.0])).min() > 0 and grid_over(np.array([-4.0, -0.1])).max() < 0


def test_the_reference_is_asked_once(pool: Pool, library: Library) -> None:
    """Its gradient and its graphs are kept as long as the truths that judge."""
    counting, truths = Counting(pool), Truths()
    exercise, submission = library.get("detach"), Submission(DETACH.encode())
    draw(exercise, submission, counting, truths)
    assert counting.jobs == 5, "curves of the two, each twice (half-way between the samples, too); its graphs"
    draw(exercise, Submission(b"def f(x):\n    return x\n", {}, 5), counting, truths)
    assert counting.jobs == 7
    draw(exercise, submission, counting, truths, curve=False)
    assert counting.jobs == 8


def test_a_report_says_nothing_of_pictures_that_it_has_not(
    pool: Pool, truths: Truths, library: Library
) -> None:
    """The contract's keys are as they were; with pictures there is one more, last."""
    exercise, submission = library.get("detach"), Submission(DETACH.encode())
    report = grade(exercise, submission, pool, truths)
    before: dict[str, Any] = report.to_json()
    assert "pictures" not in before
    pictured = msgspec.structs.replace(report, pictures=draw(exercise, submission, pool, truths))
    after = pictured.to_json()
    assert list(after) == [*before, "pictures"] and {k: after[k] for k in before} == before
    assert msgspec.json.decode(msgspec.json.encode(pictured), type=Report) == pictured
