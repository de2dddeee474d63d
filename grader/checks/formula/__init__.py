"""Formulas as they are typed: ``2*x*sin(x)``, ``2x``, ``f(a)/a``, ``2 X^T (X w - y)``, ``\\frac{1}{x}``.

``text`` makes what was typed plain; ``spelling`` spells it as a line of Python whose names are all ours,
by way of the ``names`` that are known; ``evaluation`` reads that line into a ``tree`` and computes it in
float64; the tree is shown as it was understood.
"""

from grader.checks.formula.evaluation import evaluate, parse
from grader.checks.formula.text import MAX_TEXT, NotAFormula
from grader.checks.formula.tree import Formula, to_mathml, to_text

__all__ = ["MAX_TEXT", "Formula", "NotAFormula", "evaluate", "parse", "to_mathml", "to_text"]
