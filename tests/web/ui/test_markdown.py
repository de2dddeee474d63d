"""Prompts become safe HTML with MathML, and never an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.exercises import Library
from grader.web.ui.markdown import formula, render


def test_prose_code_and_formulae() -> None:
    """Markdown, inline and display LaTeX come out as HTML and MathML without a script."""
    html = render("Let $a \\neq 0$ and `f(a)`:\n\n$$\\frac{\\partial f}{\\partial a}$$\n")
    assert "<mo>≠</mo>" in html
    assert "<code>f(a)</code>" in html
    assert 'display="block"' in html
    assert "<mfrac>" in html
    assert "script" not in html


def test_less_than_inside_a_formula_stays_text() -> None:
    """The converter writes markup characters as references; they must not become markup."""
    assert "<mo>&lt;</mo>" in formula("b < 1000")


def test_raw_html_is_text() -> None:
    """An author's HTML is shown, not interpreted; a javascript: address is no link."""
    html = render("<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b>bold</b>")
    assert "<script" not in html
    assert "<b>" not in html
    assert "href" not in html


def test_markup_inside_a_formula_is_text() -> None:
    r"""``\text`` cannot smuggle in an element, nor ``\href`` an address."""
    assert "<script" not in formula(r"\text{<script>alert(1)</script>}")
    assert "javascript" not in formula(r"\href{javascript:alert(1)}{x}")


@pytest.mark.parametrize(
    "latex", ["\\frac{", "\\left(", "x_", "^", "\\sqrt", "\\begin{pmatrix", "\\nosuch{x}", "{" * 900]
)
def test_bad_latex_degrades_to_its_source(latex: str) -> None:
    """The reader still sees what the author meant."""
    assert formula(latex).startswith('<code class="latex">')


def test_headings_move_below_the_page_title() -> None:
    """A page keeps one first-level heading."""
    assert "<h2>Part</h2>" in render("# Part")


def test_every_prompt_of_the_course_renders_completely() -> None:
    """No formula of ours falls back to its source, in either language."""
    exercises = Library(Path(__file__).parents[3] / "exercises", None).all()
    assert exercises
    for exercise in exercises:
        for text in (exercise.prompt.en, exercise.prompt.zh):
            assert 'class="latex"' not in render(text), exercise.slug
            assert "<math" in render(text), exercise.slug


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80).map(lambda text: f"${text}$ {text}"))
def test_no_prompt_is_an_error(text: str) -> None:
    """Whatever is typed, rendering returns and holds no script element."""
    assert "<script" not in render(text)
