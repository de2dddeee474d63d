"""Pictures in a terminal: golden drawings, and no width, language or content that breaks them."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType

from grader.cli.pictures import WIDTH, curve_drawing, drawings, graph_drawing, tape_drawing
from grader.cli.pictures.curve import NARROWEST
from grader.grading.stretches import short, stretches
from grader.model.picture import Break, Breaks, Curve, GraphNode, GraphPicture, Pictures, Series
from grader.model.text import LANGUAGES, Language, Text
from grader.pictures.failing import Failing
from tests.pictures.figures import DOUBLED

XS = np.linspace(-2.0, 2.0, 97)


def shown(thing: RenderableType, width: int = 60, **options: Any) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False, color_system=None, **options).print(thing)
    return out.getvalue()


def rows(text: str) -> list[str]:
    return [row.rstrip() for row in text.splitlines()]


def golden(text: str) -> list[str]:
    return rows(textwrap.dedent(text.strip("\n")))


class _Ascii(io.StringIO):
    encoding = "ascii"


def in_ascii(thing: RenderableType, width: int = 60) -> str:
    out = _Ascii()
    Console(file=out, width=width, highlight=False, color_system=None).print(thing)
    return out.getvalue()


def curve(
    f: Callable[[Any], Any] | None,
    truth: Callable[[Any], Any] | None,
    predicted: Callable[[Any], Any] | None,
    **more: Any,
) -> Curve:
    with np.errstate(all="ignore"):
        series = [() if one is None else stretches(XS, one(XS)) for one in (f, truth, predicted)]
    return Curve("x", "f", "grad_f", tuple(short(x) for x in XS), Series(*series), **more)


def graph(names: str, edges: str, **more: Any) -> GraphPicture:
    """``names``: of the nodes, inputs with a ``=``; ``edges``: pairs of ids, cut ones with an ``x``."""
    nodes, cut = [], []
    pairs = []
    for pair in edges.split():
        a, b = (int(n) for n in pair.strip("x").split("-"))
        pairs.append((a, b))
        if pair.endswith("x"):
            cut.append((a, b))
    for i, name in enumerate(names.split()):
        does = (
            "input" if "=" in name else "decision" if name == "bool" else "leaves" if name == "item" else "op"
        )
        constant = name.startswith("-") or does in ("decision", "leaves")
        nodes.append(GraphNode(i, does, name.strip("=-"), (3,) if does != "decision" else (), not constant))
    more = {"output": len(nodes) - 1, "inputs": {"x": [1.5, -2.5, 0.5]}} | more
    return GraphPicture("f", nodes=tuple(nodes), edges=tuple(pairs), cut=tuple(cut), **more)


SQUARE = curve(lambda x: x**2, lambda x: 2 * x, lambda x: np.maximum(2 * x, -2))
DETACHED = graph("x= mul -detach mul", "0-1 1-2x 2-3 0-3", reached=("x",))


class TestTheCurve:
    def test_three_series_told_apart_without_colour(self) -> None:
        """f is a line above; below, the truth is o, the prediction +, and where the two agree *."""
        assert rows(shown(curve_drawing(SQUARE, "en"))) == golden("""
            f(x)
             4 ┤⠰⣄                                                    ⣠⠖
             3 ┤ ⠈⠑⢦⡀                                              ⢀⡴⠊⠁
               │    ⠉⠲⣄⡀                                        ⢀⣠⠖⠉
             2 ┤       ⠙⠲⣄⡀                                  ⢀⣠⠖⠋
               │          ⠉⠓⢤⣀                            ⣀⡤⠚⠉
             1 ┤              ⠉⠓⠦⢤⣀⡀                ⢀⣀⡤⠴⠚⠉
             0 ┤┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄⠉⠉⠓⠒⠒⠦⠤⠤⠤⠤⠤⠤⠴⠒⠒⠚⠉⠉┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
            gradient
             4 ┤                                                  * * *
             2 ┤                                          * * * *
               │                                * * * * *
             0 ┤┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄*┄*┄*┄*┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
               │                * * * *
            -2 ┤+ + + * * * * *
            -4 ┤o o o
               └┬─────────────┬─────────────┬────────────┬──────────────
                -2           -1             0            1             x
            ⠤⠤ your f(x)   o true gradient   + your grad_f   * both
        """)

    def test_in_ascii(self) -> None:
        """The same marks, without a line of dots."""
        assert rows(in_ascii(curve_drawing(SQUARE, "en"))) == golden("""
            f(x)
             4 -::                                                    ::
             3 - ::::                                              ::::
               |    ::::                                        ::::
             2 -       ::::                                  ::::
               |          ::::                            ::::
             1 -              ::::::                ::::::
             0 -...................::::::::::::::::::...................
            gradient
             4 -                                                  * * *
             2 -                                          * * * *
               |                                * * * * *
             0 -........................*.*.*.*.........................
               |                * * * *
            -2 -+ + + * * * * *
            -4 -o o o
               ++-------------+-------------+------------+--------------
                -2           -1             0            1             x
            :: your f(x)   o true gradient   + your grad_f   * both
        """)

    def test_jumps_are_gaps(self) -> None:
        """No line joins the two sides, and each ends in a circle; what leaves the picture is named."""
        torn = curve(lambda x: np.where(x < 0, -3, 3), None, lambda x: 1 / x)
        torn = msgspec.structs.replace(torn, breaks=Breaks((Break(0.0, -3.0, 3.0),)))
        assert rows(shown(curve_drawing(torn, "zh"))) == golden("""
            f(x)
               │                            ○⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒
             2 ┤
               │
             0 ┤┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
               │
            -2 ┤
               │⠠⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄○
            梯度
               │                                +
             2 ┤                                  +
               │                                    + + + + + + + + +
             0 ┤+┄+┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄+┄
               │    + + + + + + + +
            -2 ┤                    + +
               │
               └┬─────────────┬─────────────┬────────────┬──────────────
                -2           -1             0            1             x
            ⠤⠤ 你的 f(x)   + 你的 grad_f   ○ 跳跃
            你的 f(x) 在 x = 0 处跳跃：从 -3 跳到 3。
            有一部分超出图外：你的 grad_f。
            97 个点中有 1 个点没有可画的数：你的 grad_f。
            这段范围内的真实梯度未知，因此没有画出。
        """)

    def test_what_is_missing_is_said(self) -> None:
        """A first-year student is told what to do for it."""
        text = shown(curve_drawing(curve(lambda x: x, None, None, withheld=True), "en"), 80).replace(
            "\n", " "
        )
        text = text.replace("  ", " ")
        assert "No curve of your grad_f: here it gives no single number that can be drawn." in text
        assert "The true gradient is drawn once there is a prediction to compare." in text
        text = shown(curve_drawing(curve(None, None, lambda x: x), "zh"), 80)
        assert "你的 f(x) 画不出曲线" in text and "真实梯度未知" in text

    def test_a_failing_case_and_a_symlog_axis(self) -> None:
        """A mark of its own at the student's number, in a panel that says how its axis goes."""
        wrong = Failing("gradient", Text("your grad_f(x)", "你的 grad_f(x) "), 1.0, 3000.0, "2", "3000")
        steep = curve(lambda x: x, lambda x: 2 + x / 2, lambda x: 3000 + 0 * x)
        text = shown(curve_drawing(steep, "en", [wrong]), 80)
        assert "gradient (symlog)" in text and "✗ A visible case that failed: your grad_f(x) is 3000" in text
        assert [row.count("✗") for row in rows(text) if "┤" in row or "│" in row].count(1) == 1
        assert "X A visible case that failed" in in_ascii(curve_drawing(steep, "en", [wrong]), 80)

    @given(
        st.lists(st.floats(-1e149, 1e149), min_size=97, max_size=97),
        st.floats(-1e149, 1e149),
        st.integers(20, 200),
        st.sampled_from(LANGUAGES),
    )
    @settings(deadline=None, max_examples=60)
    def test_it_fits_whatever_it_shows(
        self, ys: list[float], factor: float, width: int, language: Language
    ) -> None:
        """At most 72 columns, and 18 rows of panels and axis below; and no error at any width."""
        wild = curve(lambda _: np.array(ys), lambda x: x, lambda x: factor * np.sign(x))
        lines = shown(curve_drawing(wild, language), width).splitlines()
        assert all(cell_len(line) <= min(width, WIDTH) for line in lines)
        if width >= NARROWEST:
            legend = next(i for i, line in enumerate(lines) if "⠤⠤ " in line)
            assert legend == 18


class TestTheGraph:
    def test_read_backwards_with_its_cuts(self) -> None:
        """A chain stands in one row; an edge that is cut has scissors."""
        assert rows(shown(graph_drawing(DETACHED, "en"), 72)) == golden("""
            The graph of f, read backwards from its result, at x = [1.5, -2.5, 0.5]
            mul [3]
            ├─ detach [3] ←✂ mul [3] ← x [3]
            └─ x [3] ✓
            ✓ the gradient arrives   ✂ cut: no gradient passes
        """)
        assert rows(in_ascii(graph_drawing(DETACHED, "en"), 72))[2:4] == [
            "|- detach [3] <-8<- mul [3] <- x [3]",
            "`- x [3] [ok]",
        ]

    def test_unreached_inputs_are_named(self) -> None:
        """In the reader's language."""
        lost = graph("x= t= -detach mul", "0-2x 2-3 1-3", reached=("t",), unreached=("x",))
        assert rows(shown(graph_drawing(lost, "zh"), 72)) == golden("""
            f 的计算图（从结果往回看），取 x = [1.5, -2.5, 0.5]
            mul [3]
            ├─ detach [3] ←✂ x [3]
            └─ t [3] ✓
            ✓ 梯度到达   ✂ 切断：梯度过不去
            梯度没有到达：x。
        """)

    def test_loops_decisions_and_numbers(self) -> None:
        """Equal operations in a row are told once; what was asked of the data stands below."""
        loop = graph(
            "x= mul lt bool mul lt bool mul item",
            "0-1 1-2 2-3 1-4 4-5 5-6 4-7 7-8x",
            output=7,
            reached=("x",),
            inputs={"x": 1.5},
            truncated=True,
        )
        assert rows(shown(graph_drawing(loop, "en"), 76)) == golden("""
            The graph of f, read backwards from its result, at x = 1.5
            mul ×3 [3] ← x [3] ✓
            ✓ the gradient arrives
            ✂ item() turns the result of mul into plain numbers: autograd does not
            follow them.
            A loop or branch looked at the numbers (< ×2); no gradient flows through
            that.
            There is more than is shown here.
        """)

    def test_a_result_that_is_used_twice_has_a_number(self) -> None:
        """What it is made of is shown once."""
        twice = graph("x= sin exp cos mul", "0-1 1-2 1-3 2-4 3-4", reached=("x",))
        assert rows(shown(graph_drawing(twice, "en"), 72))[1:] == golden("""
            mul [3]
            ├─ exp [3] ← sin [3] #1 ← x [3] ✓
            └─ cos [3] ← sin [3] #1
            ✓ the gradient arrives   #1 = the same result again
        """)

    def test_a_result_from_nowhere(self) -> None:
        """A constant, or a Python number made into a tensor."""
        nowhere = graph("x= item", "0-1x", output=None, unreached=("x",), inputs={"x": 2.0})
        text = shown(graph_drawing(nowhere, "en"), 80)
        assert "was not made of the inputs" in text and "✂ item() turns x into plain numbers" in text

    @given(
        st.sets(
            st.tuples(st.integers(0, 40), st.integers(1, 40)).filter(lambda e: e[0] < e[1]), max_size=120
        ),
        st.integers(8, 100),
        st.sampled_from(LANGUAGES),
    )
    @settings(deadline=None, max_examples=60)
    def test_it_fits_whatever_it_shows(
        self, edges: set[tuple[int, int]], width: int, language: Language
    ) -> None:
        """However tangled: no row is wider than the terminal, and there are few of them."""
        names = " ".join(["x="] + [("mul", "\x1b[2J梯度", "-detach")[i % 3] for i in range(40)])
        tangle = graph(names, " ".join(f"{a}-{b}{'x' * (a % 5 == 2)}" for a, b in edges))
        text = shown(graph_drawing(tangle, language), width)
        assert "\x1b" not in text and all(cell_len(line) <= width for line in text.splitlines())
        assert len(text.splitlines()) < 40 or width < 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_sentence_for_what_cannot_be_drawn(language: Language) -> None:
    """Instead of each picture that was asked for, and of none that was not."""
    lines = [shown(part, 100).strip() for part in drawings(Pictures(), language, plot=True, graph=True)]
    said = [line for line in lines if line]
    assert len(said) == 2 and all(line[-1] in ".。" for line in said)
    assert list(drawings(Pictures(), language, plot=False, graph=False)) == []
    both = [shown(part) for part in drawings(Pictures(SQUARE, DETACHED), language, plot=True, graph=True)]
    assert "grad_f" in both[1] and "detach" in both[3]


def test_a_tape_is_a_list_with_the_step_that_differs() -> None:
    """Rounds in one line; the student's number last; ASCII where nothing else can be shown."""
    tape = msgspec.structs.replace(DOUBLED, differs=0, dropped=None)
    assert rows(shown(tape_drawing(tape, "en"), 76))[:6] == golden("""
        The backward pass of f(a) to a, step by step, at a = [1.5, 2]
          1. mul  b = b * 2
             [1, 1] × [2, 2] → 2: [2, 2]
             If this step passed on what comes in as it is, the answer would be
        yours.
          2. mul  b = b * 2
    """)
    folded = rows(in_ascii(tape_drawing(DOUBLED, "en"), 72))
    assert folded[1:] == [
        "Steps 1 to 3: mul x 3 rounds",
        "  4. a is reached",
        "     [8, 8]  autograd's answer",
        "     [8, 4]  yours",
    ]


def test_a_typed_number_stands_beside_its_step_in_a_terminal() -> None:
    steps = (
        msgspec.structs.replace(DOUBLED.steps[0], name="b", yours=1.0, right=True, into=1.0),
        msgspec.structs.replace(DOUBLED.steps[1], name="c", yours=5.0, right=False, into=2.0, moves=()),
    )
    stopped = rows(shown(tape_drawing(msgspec.structs.replace(DOUBLED, steps=steps, stopped=True), "en"), 72))
    assert "     1  yours, for b (right)" in stopped and "     5  yours, for c (not right)" in stopped
    assert stopped[-2].strip().startswith("This is the first of your numbers that differs.")
    held = msgspec.structs.replace(DOUBLED, asked="a.grad", held=[1.0, 1.0], right=[9.0, 9.0])
    assert rows(shown(tape_drawing(held, "en"), 72))[-4:] == [
        "     [8, 8]  arrives",
        "     [1, 1]  a.grad held before",
        "     [9, 9]  a.grad is then",
        "     [8, 4]  yours",
    ]
