"""The finder: which single relation to the right gradient explains a wrong one.

It looks at all cases together, because one case can hide a mistake (x² = 2x at 0 and 2). A relation is named only
if it holds at *every* case and the cases carry enough numbers to tell it from its neighbours. One code or none: a
wrong reason is worse than none.

The rules are asked by their rank:

=====  ==============================================================================================
10–19  plain numbers: a sign, a mean, a factor
20     a whole gradient that is known to be wrong: undetached, of another order, of a matrix's diagonal
30–39  a value after another number of rounds; a backward that ignores what comes in
40     the right answer to another question: by another input, after another number of rounds
50–59  the graph without a path, a step, or two paths; a gradient on top of another
60–69  one term with a factor; a step whose derivative cancels
70     zeros
80–89  forms: transposed, reversed, reduced, rounded
90–97  a step on the way: its diagonal, its factors in another order, the gradient that came to it
98, 99 the shape; one branch
=====  ==============================================================================================

A declared misconception of the exercise's author goes before all of them. Where plain numbers and a whole gradient
both fit, the numbers are told: exp(2x) is half its own slope. Only a rule that is :attr:`Rule.over_numbers` says
more than they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import numpy as np

from grader.checks.compare import same
from grader.checks.diagnoses.reason import Question, Rule
from grader.checks.diagnoses.registry import REASONS
from grader.checks.diagnoses.samples import Relation, Sample, only_ones
from grader.checks.diagnoses.shapes import derivative_of_other_shape, other_shape, transposed

_WHOLE: Final = 20
IN_ORDER: Final[tuple[Rule, ...]] = tuple(
    sorted((rule for reason in REASONS.values() for rule in reason.rules), key=lambda rule: rule.rank)
)
"""Every rule, in the order in which they are asked."""
_NUMBERS: Final = tuple(rule for rule in IN_ORDER if rule.rank < _WHOLE)
_WHOLES: Final = tuple(rule for rule in IN_ORDER if rule.rank == _WHOLE)
_LATER: Final = tuple(
    tuple(rules) for rank, rules in groupby(IN_ORDER, key=lambda rule: rule.rank) if rank > _WHOLE
)


# Infinities that are right (or given) meet in differences here; no relation holds of what comes of that.
@np.errstate(invalid="ignore", over="ignore")
def find(samples: list[Sample], *, gradients: bool = True, predicted: bool = True) -> Relation | None:
    """The one relation that holds over all ``samples``, or None.

    :param gradients: False for values of f, to which only the relations of numbers apply.
    :param predicted: False for what autograd gave, which no difference quotient made.
    """
    if not samples or all(sample.correct for sample in samples):
        return None
    author = _author(samples)
    if author is not None:
        return author
    if any({"b", "c"} & {s.right.dtype.kind, s.given.dtype.kind} for s in samples):
        # Truth values have no sign, and no half of them; complex numbers have factors that are no real ones.
        return derivative_of_other_shape(samples) if gradients else other_shape(samples)
    question = Question(gradients, predicted, only_ones(samples))
    numbers = next((found for _, found in _holding(_NUMBERS, samples, question)), None)
    if numbers is not None and numbers.code == "sign" and transposed(samples) is not None:
        return None  # antisymmetric: nothing tells the two apart
    wholes = list(_holding(_WHOLES, samples, question))
    if len(wholes) == 1:
        rule, found = wholes[0]
        if numbers is None or rule.over_numbers:
            return found
    if numbers is not None or wholes:
        return numbers
    for rules in _LATER:
        several = list(_holding(rules, samples, question))
        if several:
            return several[0][1] if len(several) == 1 else None
    return None


def _holding(
    rules: tuple[Rule, ...], samples: list[Sample], question: Question
) -> Iterator[tuple[Rule, Relation]]:
    """The rules that hold, one after the other, each with what it found."""
    for rule in rules:
        found = rule.holds(samples) if rule.asked(question) else None
        if found is not None:
            yield rule, found


def _author(samples: list[Sample]) -> Relation | None:
    names = set.intersection(*(set(sample.misconceptions or {}) for sample in samples))
    matches = [
        name
        for name in sorted(names)
        if all(same(s.given, (s.misconceptions or {})[name]) for s in samples)
        and any(not same(s.right, (s.misconceptions or {})[name]) for s in samples)
    ]
    return Relation(f"author:{matches[0]}") if len(matches) == 1 else None
