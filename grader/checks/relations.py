"""The relation finder: which single relation to the right gradient explains a wrong one.

It looks at all cases together, because one case can hide a mistake (x² = 2x at 0 and 2).
A relation is named only if it holds at *every* case and the cases carry enough numbers
to tell it from its neighbours. One code or none: a wrong reason is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from grader.checks.compare import same, within
from grader.checks.families import SCALE_ENTRIES, of_family, of_graph, scaled_path
from grader.checks.forms import FORM_RULES, NUMBER_RULES, other_shape, transpose
from grader.checks.points import Numbers
from grader.checks.samples import Relation, Rule, Sample, everywhere, only_ones

__all__ = ["Relation", "Sample", "find"]


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
        return other_shape(samples)
    plain = _first(NUMBER_RULES, samples)
    if plain is not None and plain.code == "sign" and transpose(samples) is not None:
        return None  # antisymmetric: nothing tells the two apart
    if plain is None and (rounds := of_family("off-by-one", samples)) is not None and not gradients:
        return rounds
    # Ones came of many mistakes: that they are also one of the graph's wrong answers says nothing.
    telling = gradients and not only_ones(samples)
    if gradients:
        read = _all(_GRADIENT_RULES, samples)
        # exp(2x) is half its own slope and cosh its own second derivative: where two stories fit the
        # numbers, only the one that says no more than the numbers is told.
        if len(read) == 1 and (plain is None or read[0].code in ("undetached", "accumulated")):
            return read[0]
        if read and plain is None:
            return None
        if plain is None and not predicted and _incoming_ignored(samples) is not None:
            return Relation("incoming-ignored")
        if plain is None and telling:
            read = _all(_OTHER_QUESTIONS, samples)
            if read:
                return read[0] if len(read) == 1 else None
        if plain is None and telling and (path := of_graph(samples)) is not None:
            return path
        if plain is None and _before(samples) and of_family("accumulated", samples) is not None:
            return Relation("accumulated")  # on top of another question's gradient
    if plain is not None:
        return plain
    if telling and (term := scaled_path(samples)) is not None:
        return term
    if telling and (part := _cancelled(samples)) is not None:
        return part
    if gradients and predicted and _all_zero(samples):
        return Relation("cut-graph", labels=("zero",))
    found = _first(FORM_RULES, samples)
    if found is None and telling:
        found = _first(_ON_THE_WAY, samples)
    if found is None and gradients and predicted:
        found = _difference_quotient(samples)
    return found or other_shape(samples) or _one_branch(samples)


def _first(rules: tuple[Rule, ...], samples: list[Sample]) -> Relation | None:
    for rule in rules:
        relation = rule(samples)
        if relation is not None:
            return relation
    return None


def _all(rules: tuple[Rule, ...], samples: list[Sample]) -> list[Relation]:
    return [found for rule in rules if (found := rule(samples)) is not None]


def _author(samples: list[Sample]) -> Relation | None:
    names = set.intersection(*(set(sample.misconceptions or {}) for sample in samples))
    matches = [
        name
        for name in sorted(names)
        if all(same(s.given, (s.misconceptions or {})[name]) for s in samples)
        and any(not same(s.right, (s.misconceptions or {})[name]) for s in samples)
    ]
    return Relation(f"author:{matches[0]}") if len(matches) == 1 else None


def _relative(code: str) -> Callable[[list[Sample]], Relation | None]:
    def rule(samples: list[Sample]) -> Relation | None:
        found = everywhere(samples, lambda s: (s.relatives or {}).get(code))
        return Relation(code) if found else None

    return rule


def _diagonal(samples: list[Sample]) -> Relation | None:
    """The rest of a matrix is zero, which tells something where its diagonal is not."""

    def telling(candidate: Numbers, right: Numbers) -> int:
        return int((~within(candidate, right)).sum()) if candidate.any() else 0

    found = everywhere(samples, lambda s: (s.relatives or {}).get("diagonal-only"), telling_of=telling)
    return Relation("diagonal-only") if found else None


def _undetached(samples: list[Sample]) -> Relation | None:
    """The gradient with one cut undone, or with all of them."""
    return of_family("undetached", samples)


def _member(code: str) -> Rule:
    """A rule for one of several wrong answers of a kind."""

    def rule(samples: list[Sample]) -> Relation | None:
        return of_family(code, samples)

    return rule


def _reshaped(samples: list[Sample]) -> bool:
    """Whether the right numbers came, in another shape: the shape is what is to be said of that."""
    return all(s.given.size == s.right.size and same(s.given.ravel(), s.right.ravel()) for s in samples)


def _incoming_ignored(samples: list[Sample]) -> Relation | None:
    """The gradient with ones in the place of what comes in, where that was not ones."""
    return _relative("incoming-ignored")(samples)


def _before(samples: list[Sample]) -> bool:
    """Whether there is a right gradient to which an earlier one could have been added."""
    return any(s.right.any() for s in samples if not s.correct)


def _cancelled(samples: list[Sample]) -> Relation | None:
    """The derivative of a step alone, where that is zero: the sum of a softmax has none.

    Rounding came, and not zeros, so something was computed that cancels.
    """
    wrong = [s for s in samples if not s.correct]
    if not all(s.right.any() for s in wrong) or sum(bool(s.given.any()) for s in wrong) < 2:
        return None
    if any(s.given.shape != s.right.shape or np.abs(s.given).max(initial=0.0) > 1e-12 for s in samples):
        return None
    prefix = "missing-factor:after-"
    places = [
        {k for k, v in (s.relatives or {}).items() if k.startswith(prefix) and same(s.given, v)}
        for s in wrong
    ]
    shared = set.intersection(*places)
    if len(shared) != 1:
        return None
    return Relation("missing-factor", labels=(shared.pop().rpartition(":")[2],))


def _all_zero(samples: list[Sample]) -> bool:
    """Whether zeros came everywhere, where most of the right entries are none."""
    if any(s.given.shape != s.right.shape or s.given.any() for s in samples):
        return False
    return sum(int((~within(s.given, s.right)).sum()) for s in samples) > max(
        SCALE_ENTRIES, sum(s.right.size for s in samples) // 2
    )


def _value(samples: list[Sample]) -> Relation | None:
    return Relation("value-not-gradient") if everywhere(samples, lambda s: s.value) else None


def _accumulated(samples: list[Sample]) -> Relation | None:
    """The right gradient plus one that was there before: of an earlier question, or of the cases before."""
    if not _before(samples):
        return None
    if everywhere(samples, lambda s: (s.relatives or {}).get("accumulated")):
        return Relation("accumulated")
    # Four cases at least, and not one gradient everywhere: 1, 2, 3 may be x itself.
    if len(samples) < 4 or len({s.right.shape for s in samples}) > 1:
        return None
    if all(same(s.right, samples[0].right) for s in samples):
        return None
    total = np.zeros_like(samples[0].right, dtype=np.float64)
    for sample in samples:
        total = total + sample.right
        if not same(sample.given, total):
            return None
    wrong = [s for s in samples if not same(s.given, s.right)]
    return Relation("accumulated") if len(wrong) >= 3 else None


def _difference_quotient(samples: list[Sample]) -> Relation | None:
    """``given = right + c·f″`` with one small ``c``: the error of a one-sided difference."""
    gaps: list[float] = []
    bends: list[float] = []
    sizes: list[float] = []
    for sample in samples:
        second = (sample.relatives or {}).get("second-derivative")
        if second is None or second.shape != sample.given.shape or sample.given.shape != sample.right.shape:
            return None
        gaps += list((sample.given - sample.right).ravel())
        bends += list(second.ravel())
        size = max(float(np.max(np.abs(n), initial=0.0)) for n in (sample.right, second))
        sizes += [size] * second.size
    gap, bend, size_of = np.array(gaps), np.array(bends), np.array(sizes)
    use = np.abs(bend) > 1e-9
    if use.sum() < SCALE_ENTRIES:
        return None
    c = float(np.median(gap[use] / bend[use]))
    # Near a point of inflection the next term of the error, some c² f‴, is all there is of it.
    allowed = 0.1 * abs(c) * np.abs(bend) + 2 * c * c * size_of + 1e-9 * (1 + size_of)
    if 0 < abs(c) <= 0.06 and bool((np.abs(gap - c * bend) <= allowed).all()):
        return Relation("finite-difference")
    return None


def _one_branch(samples: list[Sample]) -> Relation | None:
    right = {s.branch for s in samples if s.correct}
    wrong = {s.branch for s in samples if not s.correct}
    if not right or not wrong or right & wrong or "" in right | wrong:
        return None
    return Relation("one-branch", branches=tuple(sorted(wrong)))


_GRADIENT_RULES: Final[tuple[Rule, ...]] = (
    _undetached,
    _value,
    _accumulated,
    _relative("second-derivative"),
    _relative("value-not-gradient"),
    _diagonal,
    _relative("transpose"),
)
_OTHER_QUESTIONS: Final[tuple[Rule, ...]] = (_member("by-another-input"), _member("off-by-one"))
"""The right answer to another question: by another input, after another number of rounds."""
_ON_THE_WAY: Final[tuple[Rule, ...]] = (
    _member("diagonal-only"),
    _member("factor-order"),
    lambda samples: None if _reshaped(samples) else of_family("by-an-intermediate", samples),
)
