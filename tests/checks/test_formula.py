"""Typed formulas: read in many ways of writing, evaluated without stretching, deaf to everything else."""

from __future__ import annotations

import ast
import inspect
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks import formula, sentences
from grader.checks.arrays import Numbers
from grader.checks.formula import Formula, NotAFormula, evaluate, parse, to_mathml, to_text
from grader.checks.formula.text import MAX_PIECE, shown
from grader.checks.formula.tree import Node
from grader.checks.sentences import OfFormula
from grader.model.text import Text

_RANDOM = np.random.default_rng(7)
A = _RANDOM.normal(size=(3, 3))
X = _RANDOM.normal(size=(4, 3))
y = _RANDOM.normal(size=4)
w = _RANDOM.normal(size=3)
x = np.array([0.5, -1.25, 2.0])
a = np.array(1.5)
x1, x2, θ = np.array(3.0), np.array(0.25), np.array(0.7)
AT: Mapping[str, Numbers] = {"x": x, "w": w, "A": A, "X": X, "y": y, "a": a, "x1": x1, "x2": x2, "θ": θ}
INPUTS = tuple(AT)
FUNCTIONS = {"f": ["a"], "g": ["a", "x"]}
VALUES = {"f": np.array(12.0), "g": np.array([1.0, 2.0, 3.0])}


def read(text: str, subject: str | None = None) -> Formula:
    return parse(text, INPUTS, FUNCTIONS, subject)


def value(text: str) -> Any:
    return evaluate(read(text), AT, VALUES)


def refused(text: str, subject: str | None = None) -> NotAFormula:
    with pytest.raises(NotAFormula) as caught:
        read(text, subject)
    return caught.value


def same(text: str, expected: Any) -> None:
    found = value(text)
    assert found.dtype == np.float64 and found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=0)


class TestGrammar:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("4*x", 4 * x),
            ("2*x*sin(x)", 2 * x * np.sin(x)),
            ("x + w - 1", x + w - 1),
            ("x/2", x / 2),
            ("-x", -x),
            ("+x", x),
            ("x - -w", x + w),
            ("x^2", x**2),
            ("x**2", x**2),
            ("-x^2", -(x**2)),
            ("(-x)^2", x**2),
            ("2^-x", 2**-x),
            ("x^-1", 1 / x),
            ("2^3^2", np.array(512.0)),
            ("(x + 1)*(w - 1)", (x + 1) * (w - 1)),
            ("[x + 1]*{w}", (x + 1) * w),
            ("1e-3*x", 1e-3 * x),
            (".5*x", 0.5 * x),
            ("5.", np.array(5.0)),
            ("1E2", np.array(100.0)),
            ("pi*x", np.pi * x),
            ("π x", np.pi * x),
            ("e^x", np.exp(x)),
            ("A @ x", A @ x),
            ("x @ w", x @ w),
            ("(A + A.T) @ x", (A + A.T) @ x),
            ("x1*x2", x1 * x2),
            ("exp(x)/sum(exp(x))", np.exp(x) / np.exp(x).sum()),
            ("f(a)/a", 12 / a),
            ("g(a, x)*x", VALUES["g"] * x),
            ("(x > 0)*x", (x > 0) * x),
            ("0 < x < 1", (x > 0) & (x < 1) & True),
            ("x != 2", x != 2),
            ("x == 2", x == 2),
            ("x <= 2", x <= 2),
            ("where(x >= 0, 2x, 0)", np.where(x >= 0, 2 * x, 0)),
            ("4", np.array(4.0)),
        ],
    )
    def test_signs(self, text: str, expected: Any) -> None:
        same(text, np.asarray(expected, dtype=float))

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2x", 2 * x),
            ("2 x", 2 * x),
            ("2sin(x)", 2 * np.sin(x)),
            ("x sin(x)", x * np.sin(x)),
            ("(x+1)(x-1)", x**2 - 1),
            ("x(x+1)", x * (x + 1)),
            ("2(3)", 6.0),
            ("2x^2", 2 * x**2),
            ("x^2(x+1)", x**2 * (x + 1)),
            ("1/2x", x / 2),
            ("-2x", -2 * x),
            ("2f(a)", 24.0),
            ("xe^x", x * np.exp(x)),
            ("xsin(x)", x * np.sin(x)),
            ("2πx", 2 * np.pi * x),
            ("x1x2", x1 * x2),
            ("xw", x * w),
            ("Ax", A @ x),
            ("a A", a * A),
            ("A a", a * A),
            ("2 X^T (X w - y)", 2 * X.T @ (X @ w - y)),
            ("2X.T(Xw - y)", 2 * X.T @ (X @ w - y)),
            ("x^T w", x @ w),
            ("3x^T w", 3 * x @ w),
            ("-x^T w", -x @ w),
            ("x w^T", np.outer(x, w)),
            ("x^T A w", x @ A @ w),
            ("x^TAw", x @ A @ w),
            ("x^T A^T A x", x @ A.T @ A @ x),
            ("(x^T)^T w", x * w),
            ("x^T w^T", x * w),
        ],
    )
    def test_products_without_a_sign(self, text: str, expected: Any) -> None:
        found = value(text)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        assert found.shape == np.shape(expected)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("sin(x)", np.sin(x)), ("cos(x)", np.cos(x)), ("tan(x)", np.tan(x)), ("tanh(x)", np.tanh(x)),
            ("sinh(x)", np.sinh(x)), ("cosh(x)", np.cosh(x)), ("atan(x)", np.arctan(x)),
            ("asin(x2)", np.arcsin(x2)), ("arcsin(x2)", np.arcsin(x2)), ("acos(x2)", np.arccos(x2)),
            ("arccos(x2)", np.arccos(x2)), ("arctan(x)", np.arctan(x)), ("exp(x)", np.exp(x)),
            ("log(a)", np.log(a)), ("ln(a)", np.log(a)), ("log2(a)", np.log2(a)), ("log10(a)", np.log10(a)),
            ("log1p(a)", np.log1p(a)), ("expm1(a)", np.expm1(a)), ("sqrt(a)", np.sqrt(a)),
            ("square(x)", x * x), ("abs(x)", abs(x)), ("sign(x)", np.sign(x)), ("floor(x)", np.floor(x)),
            ("ceil(x)", np.ceil(x)), ("relu(x)", np.maximum(x, 0)), ("sigmoid(x)", 1 / (1 + np.exp(-x))),
            ("σ(x)", 1 / (1 + np.exp(-x))), ("step(x - 2)", np.zeros(3)), ("heaviside(x)", x > 0),
            ("softmax(x)", np.exp(x) / np.exp(x).sum()), ("sec(x)", 1 / np.cos(x)), ("csc(x)", 1 / np.sin(x)),
            ("cot(x)", 1 / np.tan(x)), ("sum(A)", A.sum()), ("mean(A)", A.mean()), ("prod(x)", x.prod()),
            ("max(x)", 2.0), ("min(x)", -1.25), ("max(x, 0)", np.maximum(x, 0)),
            ("min(0, x)", np.minimum(x, 0)),
            ("norm(x)", np.linalg.norm(x)), ("norm(A)", np.linalg.norm(A)), ("dot(x, w)", x @ w),
            ("outer(x, y)", np.outer(x, y)), ("matmul(X, w)", X @ w), ("pow(x, 2)", x**2),
            ("ones_like(A)", np.ones((3, 3))), ("zeros_like(x)", np.zeros(3)), ("diag(x)", np.diag(x)),
            ("diag(A)", np.diag(A)), ("len(X)", 4.0), ("numel(X)", 12.0), ("transpose(X)", X.T), ("X.T", X.T),
            ("X^T", X.T), ("Xᵀ", X.T), ("X^{T}", X.T), ("X^(T)", X.T), ("X^⊤", X.T), ("X.t()", X.T),
            ("X.mT", X.T), ("x.T", x), ("a.T", a), ("x.sum()", x.sum()), ("x.sin()", np.sin(x)),
            ("x.norm()", np.linalg.norm(x)), ("x.sin().sum()", np.sin(x).sum()),
            ("(x + 1).sum()", (x + 1).sum()),
            ("x.dot(w)", x @ w), ("x.pow(2)", x**2), ("torch.sin(x)", np.sin(x)), ("np.sin(x)", np.sin(x)),
            ("math.sin(a)", np.sin(a)), ("np.linalg.norm(x)", np.linalg.norm(x)),
            ("torch.nn.functional.relu(x)", np.maximum(x, 0)), ("torch.pi", math.pi), ("|x|", abs(x)),
            ("|x||w|", abs(x) * abs(w)), ("2|x|", 2 * abs(x)), ("x|x|", x * abs(x)),
            ("|x + |w||", abs(x + abs(w))),
            ("||x| - 1|", abs(abs(x) - 1)), ("||x||", np.linalg.norm(x)), ("‖x‖^2", (x * x).sum()),
            ("sin x cos x", np.sin(x) * np.cos(x)), ("sin^2(x)", np.sin(x) ** 2), ("sin²x", np.sin(x) ** 2),
            ("sin^{2}(x)", np.sin(x) ** 2), ("∑x", x.sum()), ("Σ(x)", x.sum()), ("∏(x)", x.prod()),
        ],
    )  # fmt: skip
    def test_functions(self, text: str, expected: Any) -> None:
        same(text, np.asarray(expected, dtype=float))

    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("２ｘ", "2x"),
            ("（ｘ＋１）×２", "(x+1)*2"),
            ("x÷2", "x/2"),
            ("x−1", "x-1"),
            ("x – 1", "x-1"),
            ("x—1", "x-1"),
            ("x－1", "x-1"),
            ("2·x⋅x∗x⊙x", "2*x*x*x*x"),
            ("ｓｉｎ（ｘ）", "sin(x)"),
            ("max（x，0）", "max(x,0)"),
            ("max(x、0)", "max(x,0)"),
            ("2x。", "2x"),
            ("2x.", "2x"),
            ("2x；", "2x"),
            ("2*x,", "2*x"),
            ("x²", "x^2"),
            ("x³", "x^3"),
            ("x⁻¹", "x^(-1)"),
            ("x⁽¹⁺²⁾", "x^(1+2)"),
            ("eˣ", "e^x"),
            ("x²w", "x^2 w"),
            ("½x", "0.5x"),
            ("x^½", "x^0.5"),
            ("√a", "sqrt(a)"),
            ("√(a+1)", "sqrt(a+1)"),
            ("2√2", "2 sqrt(2)"),
            ("｜x｜", "|x|"),
            ("𝑥𝐱", "x x"),
            ("$2x$", "2x"),
            ("$$2x.$$", "2x"),
            ("`2x`", "2x"),
            ("\\(2x\\)", "2x"),
            ("x\u200b + \ufeffw\u200e", "x + w"),
            ("si\u200bn(x)", "sin(x)"),
            ("2\u2062x", "2x"),
            ("\t2 x\n+ 1\r\n", "2x+1"),
            ("x_1 x_{2}", "x1 x2"),
            ("theta", "θ"),
            ("\\theta^2", "θ^2"),
            ("\\frac{1}{x}", "1/x"),
            ("2\\dfrac{x+1}{ \\frac{x}{2} }x", "2 ((x+1)/(x/2)) x"),
            ("\\sin(x)", "sin(x)"),
            ("\\sin \\theta", "sin(θ)"),
            ("\\sin^{2}(x)", "sin(x)^2"),
            ("2\\cdot x", "2*x"),
            ("2\\cdot2", "2*2"),
            ("2\\times x", "2*x"),
            ("x\\odot w", "x*w"),
            ("\\left( x+1 \\right)x", "(x+1)x"),
            ("\\left|x\\right|", "|x|"),
            ("\\lVert x\\rVert", "norm(x)"),
            ("\\|x\\|", "norm(x)"),
            ("\\sqrt{x}", "sqrt(x)"),
            ("x^{2}", "x^2"),
            ("e^{-x^2}", "e^(-(x^2))"),
            ("\\exp\\left(-x\\right)", "exp(-x)"),
            ("x^\\top w", "x.T w"),
            ("x^{\\top}w", "x.T w"),
            ("\\mathbf{x}", "x"),
            ("\\mathbf x", "x"),
            ("\\mathbf{X}^\\top(\\mathbf{X}\\mathbf{w}-\\mathbf{y})", "X.T (X w - y)"),
            ("\\operatorname{relu}(x)", "relu(x)"),
            ("\\pi\\,x", "pi x"),
            ("x \\leq 1", "x <= 1"),
            ("x ≤ 1", "x <= 1"),
            ("x ≠ 1", "x != 1"),
        ],
    )
    def test_other_hands(self, text: str, plain: str) -> None:
        assert read(text).tree == read(plain).tree

    def test_an_input_goes_before_a_constant_or_a_function(self) -> None:
        assert evaluate(parse("e*x", ["e", "x"]), {"e": np.array(2.0), "x": x}).tolist() == (2 * x).tolist()
        assert evaluate(parse("σ x", ["σ", "x"]), {"σ": np.array(2.0), "x": x}).tolist() == (2 * x).tolist()
        assert evaluate(parse("x^T", ["T", "x"]), {"T": np.array(2.0), "x": x}).tolist() == (x**2).tolist()
        assert parse("F.T", ["F"]).names == {"F"}

    def test_a_name_may_be_an_input_and_a_function_of_the_exercise(self) -> None:
        found = parse("y(x) + y", ["x", "y"], {"y": ["x"]})
        assert evaluate(found, {"x": x, "y": np.array(1.0)}, {"y": x}).tolist() == (x + 1).tolist()

    def test_names_are_the_inputs_it_uses(self) -> None:
        assert read("2 X^T (Xw - y)").names == {"X", "w", "y"}
        assert read("f(a) + 1").names == {"a"} and read("4").names == frozenset()
        assert read("  2x\n").text == "2x"


class TestLeftSide:
    @pytest.mark.parametrize(
        "left",
        [
            "∂f/∂x", "df/dx", "d f / d x", "dy/dx", "d/dx f(x)", "d/dx", "\\frac{df}{dx}", "\\frac{d}{dx}f",
            "\\frac{\\partial f}{\\partial x}", "\\dfrac{\\partial f(x)}{\\partial x}", "grad", "grad f",
            "grad_f", "grad_f(x)", "grad_f(x, w)", "gradient", "f'(x)", "f′", "y'", "f^\\prime(x)", "∇f",
            "∇f(x)", "\\nabla f", "\\nabla_x f", "∇_{x} f(x)", "x.grad", "x . grad", "z", "f(x)", "",
            "dz/dx = f'(x)",
        ],
    )  # fmt: skip
    def test_is_forgiven(self, left: str) -> None:
        for equal in ("=", " = ", "＝"):
            assert read(left + equal + "2*x", "x").tree == read("2*x").tree

    @pytest.mark.parametrize(
        "left",
        ["∂f/∂w", "df/dw", "df/dt", "\\frac{df}{dw}", "w.grad", "∇_w f", "grad_f(w)", "f'(w)", "grad_w"],
    )
    def test_another_input_than_asked_for(self, left: str) -> None:
        found = refused(left + " = 2x", "x")
        assert found.why == OfFormula.wrong_subject(found.what, "x") and found.what in ("w", "t")
        assert read(left + " = 2x").names == {"x"}  # where nothing is differentiated, any name will do

    @pytest.mark.parametrize(
        "left", ["2x", "x", "d²f/dx²", "f''(x)", "x == 1", "import os; y", "a.b", "d\x00"]
    )
    def test_anything_else_is_refused(self, left: str) -> None:
        assert refused(left + " = 2x", "x").why == OfFormula.left_side(refused(left + " = 2x", "x").what)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", sentences.NOTHING_TYPED),
            (" \u200b ", sentences.NOTHING_TYPED),
            ("f'(x) =", sentences.NOTHING_TYPED),
            ("[0, 4, 8, 12]", OfFormula.LIST),
            ("0 4 8 12", OfFormula.LIST),
            ("0, 4", OfFormula.LIST),
            ("[[1, 2], [3, 4]]", OfFormula.LIST),
            ("tensor([0., 4.])", OfFormula.LIST),
            ("sum((x, x))", OfFormula.LIST),
            ("x 2", OfFormula.NUMBER_BEHIND),
            ("(x+1)2", OfFormula.NUMBER_BEHIND),
            ("((x)", OfFormula.unclosed("(")),
            ("sin(x", OfFormula.unclosed("(")),
            ("|x", OfFormula.unclosed("|")),
            ("‖x|", OfFormula.missing_after("|")),
            ("x)", OfFormula.unopened(")")),
            ("(x]", OfFormula.unopened("]")),
            ("(|x)", OfFormula.unopened(")")),
            ("()", OfFormula.EMPTY_BRACKETS),
            ("||", OfFormula.missing_after("||")),
            ("| |", OfFormula.missing_after("|")),
            ("x +", OfFormula.missing_after("+")),
            ("(x *) 2", OfFormula.missing_after("*")),
            ("sum(x,)", OfFormula.missing_after(",")),
            ("\\frac{1}2", OfFormula.missing_after("\\frac{…}")),
            ("\\frac12", OfFormula.missing_after("\\frac")),
            ("\\frac{1}{}", OfFormula.missing_after("{")),
            ("* x", OfFormula.missing_before("*")),
            ("x * / 2", OfFormula.missing_before("/")),
            ("max(,x)", OfFormula.missing_before(",")),
            ("ᵀ x", OfFormula.missing_before("ᵀ")),
            ("sine(x)", OfFormula.unknown("sine", "sin", ", ".join(INPUTS))),
            ("W", OfFormula.unknown("W", "w", "")),
            ("softmx(x)", OfFormula.unknown("softmx", "softmax", "")),
            ("quux", OfFormula.unknown("quux", None, ", ".join(INPUTS))),
            ("1_000 x", OfFormula.unknown("_000", None, ", ".join(INPUTS))),
            ("2j", OfFormula.unknown("j", None, ", ".join(INPUTS))),
            ("x_i", OfFormula.INDEX),
            ("x[0]", OfFormula.INDEX),
            ("f(x)", OfFormula.only_known("f(a)")),
            ("f(b)", OfFormula.only_known("f(a)")),
            ("f(2a)", OfFormula.only_known("f(a)")),
            ("f(a, a)", OfFormula.only_known("f(a)")),
            ("f", OfFormula.only_known("f(a)")),
            ("f a", OfFormula.only_known("f(a)")),
            ("g(x, a)", OfFormula.only_known("g(a, x)")),
            ("f(a", OfFormula.only_known("f(a)")),
            ("sin()", OfFormula.arity("sin", 0, 1, 1)),
            ("sin(x, x)", OfFormula.arity("sin", 2, 1, 1)),
            ("where(x > 0, 1)", OfFormula.arity("where", 2, 3, 3)),
            ("max(x, 0, 1)", OfFormula.arity("max", 3, 1, 2)),
            ("sin", OfFormula.needs_parentheses("sin")),
            ("sin 2x", OfFormula.needs_parentheses("sin")),
            ("sin x^2", OfFormula.needs_parentheses("sin")),
            ("√x²", OfFormula.needs_parentheses("√")),
            ("sin*x", OfFormula.needs_parentheses("sin")),
            ("sin^-1(x)", OfFormula.INVERSE),
            ("sin⁻¹(x)", OfFormula.INVERSE),
            ("sin^x(x)", OfFormula.POWER_OF_FUNCTION),
            ("sum^2(x)", OfFormula.POWER_OF_FUNCTION),
            ("x²ᵀ", OfFormula.TRANSPOSED_EXPONENT),
            ("A'", OfFormula.QUOTES),
            ("'2x'", OfFormula.QUOTES),
            ('"2x"', OfFormula.QUOTES),
            ("x % 2", OfFormula.character("%")),
            ("x & w", OfFormula.character("&")),
            ("2x # why", OfFormula.character("#")),
            ("x := 2", OfFormula.left_side("x :")),
            ("where(x = 0, 1, 2)", OfFormula.SEVERAL_SIGNS),
            ("x // 2", OfFormula.missing_before("/")),
            ("lambda x: 2*x", OfFormula.PYTHON),
            ("import os", OfFormula.PYTHON),
            ("x and w", OfFormula.PYTHON),
            ("sum(x for x in w)", OfFormula.PYTHON),
            ("None", OfFormula.PYTHON),
            ("eval(x)", OfFormula.PYTHON),
            ("__import__('os').system('id')", OfFormula.PYTHON),
            ("__x__", OfFormula.PYTHON),
            ("2*x if x > 0 else 0", OfFormula.CONDITION),
            ("x.__class__", OfFormula.attribute("__class__")),
            ("x.sum", OfFormula.attribute("sum")),
            ("x.data", OfFormula.attribute("data")),
            ("().__class__", OfFormula.EMPTY_BRACKETS),
            ("(x).__class__.__mro__", OfFormula.attribute("__class__")),
            ("torch.load(x)", OfFormula.unknown("load", None, ", ".join(INPUTS))),
            ("torch.autograd.grad(y, x)", OfFormula.AUTOGRAD),
            ("grad(x)", OfFormula.AUTOGRAD),
            ("x.grad", OfFormula.AUTOGRAD),
            ("y.backward()", OfFormula.AUTOGRAD),
            ("jacobian(x)", OfFormula.AUTOGRAD),
            ("df/dx", OfFormula.AUTOGRAD),
            ("∂f/∂x", OfFormula.AUTOGRAD),
            ("\\nabla f", OfFormula.AUTOGRAD),
            ("9**9**7", OfFormula.exponent(64)),
            ("9^(9^9)", OfFormula.exponent(64)),
            ("x^65", OfFormula.exponent(64)),
            ("x^-65", OfFormula.exponent(64)),
            ("x^(1/0)", OfFormula.exponent(64)),
            ("x^(0/0)", OfFormula.exponent(64)),
            ("x^(60 + 5)", OfFormula.exponent(64)),
            ("pow(x, 65)", OfFormula.exponent(64)),
            ("sin^65(x)", OfFormula.exponent(64)),
            ("1e400", OfFormula.number("1e400")),
            ("9" * 400, OfFormula.number("9" * MAX_PIECE)),
            ("(" * 41 + "x" + ")" * 41, OfFormula.TOO_DEEP),
            ("-" * 400 + "x", OfFormula.TOO_DEEP),
            ("x**" * 100 + "x", OfFormula.TOO_DEEP),
            ("x.sin()" + ".sin()" * 60, OfFormula.TOO_DEEP),
            ("+".join(["(x+x+x+x+x+x+x+x+x)"] * 22), OfFormula.TOO_MANY),
            ("(" * 10_000, OfFormula.too_long(10_000, 512)),
            ("x" * 513, OfFormula.too_long(513, 512)),
            ("x\0", OfFormula.character("U+0000")),
            ("x\ud800", OfFormula.character("U+D800")),
            ("x \u202e w", OfFormula.character("U+202E")),
            ("x\u0302", OfFormula.character("\u0302")),
            ("x\\", OfFormula.character("\\")),
            ("∞", OfFormula.character("∞")),
        ],
    )  # fmt: skip
    def test_each_mistake_has_its_sentence(self, text: str, why: Text) -> None:
        found = refused(text)
        assert found.why == why
        assert len(found.what) <= MAX_PIECE and found.what.isprintable()

    def test_the_piece_is_named(self) -> None:
        assert refused("2*x + sine(x)").what == "sine"
        assert refused("f(a+1)*2").what == "f(a+1)"
        assert refused("x.__class__").what == ".__class__"
        assert refused("9^9^9").what == "9⁹"
        assert str(refused("")) == sentences.NOTHING_TYPED.en

    @pytest.mark.parametrize("text", ["2/t*sin(t)", "ln(t²)", "x + t", "θ*x"])
    def test_another_input_of_the_exercise_is_no_variable_of_it(self, text: str) -> None:
        with pytest.raises(NotAFormula) as caught:
            parse(text, ["x", "w"], others=["t", "theta", "e"])
        assert caught.value.why == OfFormula.other_input(caught.value.what, "x, w")
        assert parse("e^x", ["x"], others=["e"]).names == {"x"}

    def test_an_unknown_name_where_there_are_no_inputs(self) -> None:
        with pytest.raises(NotAFormula) as caught:
            parse("qqq", [])
        assert caught.value.why == OfFormula.unknown("qqq", None, "")

    def test_nothing_hostile_takes_long(self) -> None:
        started = time.perf_counter()
        for text in ("9**9**7", "((((x", "(" * 10_000, "x**" * 170, "-" * 511 + "x", "d" * 500 + "=q",
                     "\ufdfa" * 512, "∇" + "x " * 200 + "=", "|" * 512, "sin " * 128, "1e5" * 170,
                     "xxxx" * 100, "(x+" * 60):  # fmt: skip
            refused(text)
        for opening in ("x**(", "abs(", "x^(", "2^(", "f(a)/(", "-(", "√(", "x (", "0 < ("):
            found = read(opening * 38 + "x" + ")" * 38)
            evaluate(found, AT, VALUES)
            _holds_together(found)
        assert time.perf_counter() - started < 2

    def test_why_is_a_fragment_in_two_languages(self) -> None:
        arguments = {"str": "f", "int": 3, "str | None": "sin"}
        said = [text for text in vars(OfFormula).values() if isinstance(text, Text)]
        for function in (getattr(OfFormula, name) for name in vars(OfFormula) if not name.startswith("_")):
            if not isinstance(function, Text):
                said.append(
                    function(
                        *(arguments[p.annotation] for p in inspect.signature(function).parameters.values())
                    )
                )
        assert len(said) > 30
        for text in [*said, OfFormula.unknown("f", None, ""), OfFormula.arity("f", 1, 1, 2)]:
            assert text.en[0].islower() or text.en[0] == "“"
            assert text.en[-1] not in ".?!" and text.zh[-1] not in "。？！"
            assert any("\u4e00" <= c <= "\u9fff" for c in text.zh)
            assert not any("\u4e00" <= c <= "\u9fff" for c in text.en)
            for before, mark in zip(text.zh, text.zh[1:], strict=False):
                assert not ("\u4e00" <= before <= "\u9fff" and mark in ",.;:?!()"), text.zh

    def test_nothing_in_it_can_run_what_was_typed(self) -> None:
        paths = list(Path(inspect.getfile(formula)).parent.glob("*.py"))
        assert len(paths) > 3
        for path in paths:
            called = {
                node.func.id if isinstance(node.func, ast.Name) else ""
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Call)
            }
            assert not called & {"eval", "exec", "compile", "__import__", "getattr", "open"}, path


class TestEvaluate:
    def test_a_scalar_stays_one(self) -> None:
        assert value("4").shape == () and value("sum(x)").shape == () and value("a*a").shape == ()
        assert value("0*x").shape == (3,)

    def test_numbers_of_any_kind_become_float64(self) -> None:
        for numbers in (np.array([1, 2]), np.array([True, False]), np.array([1, 2], dtype=np.float32)):
            found = evaluate(parse("x", ["x"]), {"x": numbers})
            assert found.dtype == np.float64 and found.tolist() == numbers.astype(float).tolist()

    def test_the_point_itself_is_never_handed_out(self) -> None:
        at = {"x": np.zeros(2)}
        evaluate(parse("x", ["x"]), at)[0] = 1
        evaluate(parse("x.T", ["x"]), at)[0] = 1
        assert at["x"].tolist() == [0, 0]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("1/0", np.inf), ("0/0", np.nan), ("log(0)", -np.inf), ("sqrt(-1)", np.nan), ("exp(1000)", np.inf),
         ("(-8)^(1/3)", np.nan), ("10^64*10^64*10^64*10^64*10^64", np.inf), ("1e-400", 0.0),
         ("max(0/0, 1)", np.nan)],
    )  # fmt: skip
    def test_where_it_has_no_value(self, text: str, expected: float) -> None:
        np.testing.assert_equal(value(text), np.array(expected))

    def test_nothing_to_reduce(self) -> None:
        at = {"x": np.zeros(0)}
        for text, expected in (("max(x)", np.nan), ("mean(x)", np.nan), ("sum(x)", 0.0), ("prod(x)", 1.0)):
            np.testing.assert_equal(evaluate(parse(text, ["x"]), at), expected)
        assert evaluate(parse("softmax(x)", ["x"]), at).shape == (0,)

    def test_softmax_takes_the_last_axis_and_does_not_overflow(self) -> None:
        np.testing.assert_allclose(value("softmax(A)").sum(axis=1), np.ones(3))
        np.testing.assert_allclose(value("softmax(1000 x)"), [0, 0, 1])

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("x + y", OfFormula.shapes("+", "(3,), (4,)")),
            ("x y", OfFormula.shapes("·", "(3,), (4,)")),
            ("A + x", OfFormula.shapes("+", "(3, 3), (3,)")),
            ("x < y", OfFormula.shapes("<", "(3,), (4,)")),
            ("where(x > 0, y, 0)", OfFormula.shapes("where", "(3,), (4,), ()")),
            ("max(x, y)", OfFormula.shapes("max", "(3,), (4,)")),
            ("dot(x, y)", OfFormula.shapes("dot", "(3,), (4,)")),
            ("X y", OfFormula.not_a_product("(4, 3), (4,)")),
            ("X @ y", OfFormula.not_a_product("(4, 3), (4,)")),
            ("x^T y", OfFormula.not_a_product("(3,), (4,)")),
            ("a @ x", OfFormula.not_a_product("(), (3,)")),
            ("x @ w^T", OfFormula.TWO_VECTORS),
            ("softmax(a)", OfFormula.wrong_rank("softmax", "()")),
            ("len(a)", OfFormula.wrong_rank("len", "()")),
            ("diag(a)", OfFormula.wrong_rank("diag", "()")),
            ("dot(a, a)", OfFormula.wrong_rank("dot", "(), ()")),
            ("outer(A, x)", OfFormula.wrong_rank("outer", "(3, 3), (3,)")),
        ],
    )
    def test_shapes_that_do_not_fit(self, text: str, why: Text) -> None:
        with pytest.raises(NotAFormula) as caught:
            value(text)
        assert caught.value.why == why

    def test_results_on_the_way_are_bounded(self) -> None:
        long, square, cube = np.ones(1001), np.ones((300, 300)), np.ones((2, 2, 2))
        at = {"x": long, "A": square, "C": cube}
        for text in ("outer(x, x)", "x x^T", "diag(x)", "A @ A"):
            with pytest.raises(NotAFormula) as caught:
                evaluate(parse(text, list(at)), at)
            assert caught.value.why == OfFormula.TOO_LARGE
        for text in ("C^T", "C @ C", "diag(C)", "C x"):
            with pytest.raises(NotAFormula):
                evaluate(parse(text, list(at)), at)
        assert evaluate(parse("C C + 1", list(at)), at).shape == (2, 2, 2)

    SHAPES = ((), (1,), (3,), (3, 1), (1, 3), (3, 3), (2, 3), (1, 1), (0,))

    @pytest.mark.parametrize("b", SHAPES)
    @pytest.mark.parametrize("a", SHAPES)
    def test_nothing_ever_broadcasts(self, a: tuple[int, ...], b: tuple[int, ...]) -> None:
        at = {"p": np.ones(a), "q": np.ones(b)}

        def shape(text: str) -> tuple[int, ...] | None:
            try:
                found: tuple[int, ...] = evaluate(parse(text, ["p", "q"]), at).shape
                return found
            except NotAFormula:
                return None

        fits = a == b or () in (a, b)
        for text in (
            "p+q",
            "p-q",
            "p*q",
            "p/q",
            "p^q",
            "p<q",
            "p!=q",
            "max(p,q)",
            "where(p>0,q,1)",
            "where(1,p,q)",
        ):
            assert shape(text) == ((a or b) if fits else None), text
        if () in (a, b):
            assert shape("p q") == (a or b)
        elif 2 in (len(a), len(b)):
            assert shape("p q") == shape("p @ q")
            assert (shape("p @ q") is not None) == (a[-1] == b[0])
        else:
            assert shape("p q") == (a if a == b else None)


class TestShown:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("2*x*sin(x)", "2·x·sin(x)"),
            ("x**2", "x²"),
            ("x^-1", "x⁻¹"),
            ("x^a", "x^a"),
            ("x^(a+1)", "x^(a + 1)"),
            ("e^-x", "e^(-x)"),
            ("2x", "2\u2009x"),
            ("1/2x", "1/2\u2009x"),
            ("1/(2x)", "1/(2\u2009x)"),
            ("(x+1)(x-1)", "(x + 1)\u2009(x - 1)"),
            ("x - (w - 1)", "x - (w - 1)"),
            ("x - -w", "x - (-w)"),
            ("-(x*w)", "-(x·w)"),
            ("(-x)^2", "(-x)²"),
            ("2(3)", "2\u2009(3)"),
            ("X^T(Xw - y)", "Xᵀ\u2009(X\u2009w - y)"),
            ("(A+A.T)@x", "(A + Aᵀ) @ x"),
            ("log(x)", "ln(x)"),
            ("sqrt(x)", "√(x)"),
            ("abs(x)", "|x|"),
            ("abs(x + abs(w))", "abs(x + |w|)"),
            ("x.norm()", "‖x‖"),
            ("f(a)/a", "f(a)/a"),
            ("g(a,x)", "g(a, x)"),
            ("2*pi", "2·π"),
            ("where(x>=0,1,0)", "where(x >= 0, 1, 0)"),
            ("\\frac{x}{2}", "x/2"),
            ("sin²x", "sin(x)²"),
        ],
    )
    def test_as_text(self, text: str, shown: str) -> None:
        assert to_text(read(text)) == shown
        assert read(shown).tree == read(text).tree

    @pytest.mark.parametrize(
        ("text", "pieces"),
        [
            ("1/x", ["<mfrac><mrow><mn>1</mn></mrow><mrow><mi>x</mi></mrow></mfrac>"]),
            ("x^2", ["<msup><mi>x</mi><mrow><mn>2</mn></mrow></msup>"]),
            ("(x/2)^2", ["<msup><mrow><mo>(</mo><mfrac>", "</mfrac><mo>)</mo></mrow>"]),
            ("(x^2)^a", ["<msup><mrow><mo>(</mo><msup>"]),
            ("2x", ['<mn>2</mn><mspace width="0.1667em"></mspace><mi>x</mi>']),
            ("2*x", ["<mn>2</mn><mo>·</mo><mi>x</mi>"]),
            ("x - -x", ["<mo>−</mo><mrow><mo>(</mo><mrow><mo>−</mo>"]),
            ("x*(-x/2)", ["<mo>·</mo><mfrac>"]),
            ("sqrt(x+1)", ["<msqrt><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow></msqrt>"]),
            ("A.T", ["<msup><mi>A</mi><mo>⊤</mo></msup>"]),
            ("sum(x)", ["<mo>∑</mo>"]),
            ("prod(x)", ["<mo>∏</mo>"]),
            ("dot(x, w)", ["<msup><mi>x</mi><mo>⊤</mo></msup>"]),
            ("|x|", ["<mo>|</mo><mi>x</mi><mo>|</mo>"]),
            ("x < w", ["<mo>&lt;</mo>"]),
            ("x <= w", ["<mo>≤</mo>"]),
            ("log(π)", ["<mi>ln</mi>", "<mi>π</mi>"]),
            ("f(a)", ["<mi>f</mi><mo>\u2061</mo>"]),
            ("max(x, 0)", ["<mi>x</mi><mo>,</mo><mn>0</mn>"]),
        ],
    )
    def test_as_mathml(self, text: str, pieces: list[str]) -> None:
        found = to_mathml(read(text))
        ElementTree.fromstring(found)
        assert found.startswith("<math>") and all(piece in found for piece in pieces), found

    def test_names_are_escaped(self) -> None:
        hostile = "<script>alert('x')&\""
        for node in (
            Node("input", hostile),
            Node("known", hostile, (Node("input", hostile),)),
            Node("number", hostile),
        ):
            found = to_mathml(Formula("", frozenset(), node))
            assert "<script" not in found and hostile in "".join(ElementTree.fromstring(found).itertext())

    def test_a_piece_is_printable(self) -> None:
        assert shown("\0a") == "U+0000a" and len(shown("\0" * 100)) == MAX_PIECE


# Random trees, written out in several styles. A tree is its value and one text per style.

Written = tuple[Any, tuple[str, ...]]
STYLES = ("python", "hand", "latex", "torch", "wide")
VECTORS = {"x": x, "w": w, "a": a}


def _leaf(name: str) -> Written:
    return VECTORS[name], (name,) * len(STYLES)


def _number(n: int) -> Written:
    return np.array(float(n)), (
        str(n),
        str(n),
        str(n),
        f"{n}.0",
        str(n).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    )


def _binary(sign: str, left: Written, right: Written) -> Written:
    (u, us), (v, vs) = left, right
    compute: Callable[[Any, Any], Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[
        sign
    ]
    wide = {"+": "＋", "-": "－", "*": "×", "/": "÷"}[sign]
    hand = f"({us[1]}) ({vs[1]})" if sign == "*" else f"({us[1]}){sign}({vs[1]})"
    latex = f"\\frac{{{us[2]}}}{{{vs[2]}}}" if sign == "/" else f"\\left({us[2]}\\right){sign}{{{vs[2]}}}"
    return compute(u, v), (f"(({us[0]}){sign}({vs[0]}))", f"({hand})", f"{{{latex}}}",
                           f"({us[3]}) {sign} ({vs[3]})", f"（（{us[4]}）{wide}（{vs[4]}））")  # fmt: skip


def _power(base: Written, n: int) -> Written:
    u, us = base
    raised = str(n).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    return np.power(u, float(n)), (f"({us[0]})**{n}", f"({us[1]}){raised}", f"({us[2]})^{{{n}}}",
                                   f"({us[3]}).pow({n})", f"（{us[4]}）＾{n}")  # fmt: skip


def _negative(part: Written) -> Written:
    u, us = part
    return -u, (f"(-({us[0]}))", f"(−({us[1]}))", f"(-({us[2]}))", f"(-({us[3]}))", f"（－（{us[4]}））")


def _applied(name: str, part: Written) -> Written:
    u, us = part
    computed: dict[str, Callable[[Any], Any]] = {
        "sin": np.sin, "cos": np.cos, "exp": np.exp, "tanh": np.tanh, "abs": np.abs, "sum": np.sum,
        "sqrt": np.sqrt,
    }  # fmt: skip
    hand = {"abs": f"|({us[1]})|", "sqrt": f"√({us[1]})", "sum": f"∑({us[1]})"}.get(name, f"{name}[{us[1]}]")
    latex = f"\\{name}{{{us[2]}}}" if name != "abs" else f"\\left|({us[2]})\\right|"
    return computed[name](u), (
        f"np.{name}({us[0]})",
        f"({hand})",
        f"({latex})",
        f"({us[3]}).{name}()",
        f"{name}（{us[4]}）",
    )


TREES = st.recursive(
    st.sampled_from(sorted(VECTORS)).map(_leaf) | st.integers(0, 30).map(_number),
    lambda parts: (
        st.builds(_binary, st.sampled_from("+-*/"), parts, parts)
        | st.builds(_power, parts, st.integers(-3, 4))
        | st.builds(_negative, parts)
        | st.builds(_applied, st.sampled_from(["sin", "cos", "exp", "tanh", "abs", "sum", "sqrt"]), parts)
    ),
    max_leaves=8,
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, where a tree has no value
@settings(max_examples=150, deadline=None)
@given(TREES)
def test_every_style_means_what_numpy_computes(tree: Written) -> None:
    expected, texts = tree
    for text in texts:
        if len(text) > 512:
            continue
        found = read(text)
        np.testing.assert_allclose(evaluate(found, AT), expected, rtol=1e-12, atol=0)
        assert np.shape(expected) == evaluate(found, AT).shape
        _holds_together(found)


PIECES = """
    x w A X y a x1 θ f(a) g(a,x) f sin( cos exp( sum( max( where( norm( dot( diag( softmax( ( ) [ ] { } | || ‖
    + - * / ^ ** @ , . .T ^T ᵀ ² ⁻¹ √ ∑ π e 2 3.5 .5 1e3 0 = == < >= > ' \\frac{ }{ \\sin \\sqrt{ \\left(
    \\top \\right) .sum() .sin( torch. ∂ ∇ d lambda if 1e400 ½ ） （ ， − # \0 \ud800 \u200b \u202e ２ ｘ
"""
TOKENS = st.sampled_from(PIECES.split())
TEXTS = st.lists(TOKENS, max_size=14).map("".join) | st.lists(TOKENS, max_size=14).map(" ".join)


@settings(max_examples=600, deadline=None)
@given(
    TEXTS | st.text(max_size=40) | st.text("x2()+-*/^.T|, sin=f'√²", max_size=25),
    st.sampled_from([None, "x"]),
)
def test_any_text_is_a_formula_or_is_refused(text: str, subject: str | None) -> None:
    try:
        found = read(text, subject)
    except NotAFormula as error:
        assert len(error.what) <= MAX_PIECE and error.what.isprintable()
        assert error.why.en and error.why.zh and error.why.en.isprintable()
        return
    _holds_together(found)
    try:
        result = evaluate(found, AT, VALUES)
    except NotAFormula as error:
        assert error.why.en and error.why.zh
    else:
        assert result.dtype == np.float64


def _holds_together(found: Formula) -> None:
    """What is shown is XML of known elements, and is read as the same formula."""
    tags = {element.tag for element in ElementTree.fromstring(to_mathml(found)).iter()}
    assert tags <= {"math", "mrow", "mi", "mn", "mo", "mfrac", "msup", "msqrt", "mspace"}
    if len(to_text(found)) <= 512:
        assert read(to_text(found)).tree == found.tree
    assert found.names <= set(INPUTS)
