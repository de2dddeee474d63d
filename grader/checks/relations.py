"""The relation finder: which single relation to the right gradient explains a wrong one.

It looks at all cases together, because one case can hide a mistake (x² = 2x at 0 and 2).
A relation is named only if it holds at *every* case and the cases carry enough numbers
to tell it from its neighbours. One code or none: a wrong reason is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from grader.checks.compare import ATOL, FLOAT32_BUDGET, RTOL, same, within
from grader.checks.points import Numbers

SCALE_ENTRIES: Final = 3
"""So many entries that are not zero must agree on a factor before it is called one."""


@dataclass(frozen=True)
class Sample:
    """One case at which an answer with numbers came.

    :ivar right: the right gradient. :ivar given: the student's. Shapes may differ.
    :ivar value: the function's value there. :ivar size: entries of the differentiated input.
    """

    right: Numbers
    given: Numbers
    value: Numbers | None = None
    size: int = 1
    branch: str = ""
    relatives: dict[str, Numbers] | None = None
    misconceptions: dict[str, Numbers] | None = None
    correct: bool = False
    sizes: tuple[int, ...] = ()
    """Lengths of the inputs' axes, and numbers of their entries: what a mean may divide by."""


@dataclass(frozen=True)
class Relation:
    """What was found: a code of the contract, a factor for ``scale``, branches for ``one-branch``, and
    what the graph calls the place (``variable|operation``) for what was read off it."""

    code: str
    factor: float | None = None
    branches: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


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
        return _shape(samples)
    plain = _first(_NUMBER_RULES, samples)
    if plain is not None and plain.code == "sign" and _transpose(samples) is not None:
        return None  # antisymmetric: nothing tells the two apart
    if gradients:
        read = [found for rule in _GRADIENT_RULES if (found := rule(samples)) is not None]
        # exp(2x) is half its own slope and cosh its own second derivative: where two stories fit the
        # numbers, only the one that says no more than the numbers is told.
        if len(read) == 1 and (plain is None or read[0].code in ("undetached", "accumulated")):
            return read[0]
        if read and plain is None:
            return None
        if plain is None and (path := _of_graph(samples)) is not None:
            return path
        if plain is None and _of_family("accumulated", samples) is not None:
            return Relation("accumulated")  # on top of another question's gradient
    if plain is not None:
        return plain
    if gradients and (term := _scaled_path(samples)) is not None:
        return term
    if gradients and predicted and _all_zero(samples):
        return Relation("cut-graph", labels=("zero",))
    found = _first(_FORM_RULES, samples)
    if found is None and gradients and predicted:
        found = _difference_quotient(samples)
    return found or _shape(samples) or _one_branch(samples)


def _first(rules: tuple[Rule, ...], samples: list[Sample]) -> Relation | None:
    for rule in rules:
        relation = rule(samples)
        if relation is not None:
            return relation
    return None


def _author(samples: list[Sample]) -> Relation | None:
    names = set.intersection(*(set(sample.misconceptions or {}) for sample in samples))
    matches = [
        name
        for name in sorted(names)
        if all(same(s.given, (s.misconceptions or {})[name]) for s in samples)
        and any(not same(s.right, (s.misconceptions or {})[name]) for s in samples)
    ]
    return Relation(f"author:{matches[0]}") if len(matches) == 1 else None


def _everywhere(
    samples: list[Sample],
    pick: Callable[[Sample], Numbers | None],
    entries: int = 2,
    telling_of: Callable[[Numbers, Numbers], int] | None = None,
) -> bool:
    """Whether ``given`` is what ``pick`` makes of each sample, in ``entries`` telling numbers or more.

    Zeros tell nothing: a function that is not written yet returns them, too.
    """
    telling = 0
    for sample in samples:
        candidate = pick(sample)
        if candidate is None and sample.correct:
            continue  # with one entry a matrix is its own diagonal: nothing of the kind is there to be wrong
        if candidate is None or not same(sample.given, candidate):
            return False
        telling += (telling_of or _telling)(candidate, sample.right)
    return telling >= entries


def _telling(candidate: Numbers, right: Numbers) -> int:
    """How many entries of a wrong answer are neither zero nor the right one's."""
    size = float(np.max(np.abs(right), initial=0.0, where=np.isfinite(right)))
    with np.errstate(invalid="ignore"):
        there = np.abs(candidate) > ATOL * max(1.0, size)  # rounding is no number
    if candidate.shape != right.shape:
        return int(there.sum())
    return int((~within(candidate, right) & there).sum())


def _relative(code: str) -> Callable[[list[Sample]], Relation | None]:
    def rule(samples: list[Sample]) -> Relation | None:
        found = _everywhere(samples, lambda s: (s.relatives or {}).get(code))
        return Relation(code) if found else None

    return rule


def _diagonal(samples: list[Sample]) -> Relation | None:
    """The rest of a matrix is zero, which tells something where its diagonal is not."""

    def telling(candidate: Numbers, right: Numbers) -> int:
        return int((~within(candidate, right)).sum()) if candidate.any() else 0

    found = _everywhere(samples, lambda s: (s.relatives or {}).get("diagonal-only"), telling_of=telling)
    return Relation("diagonal-only") if found else None


def _undetached(samples: list[Sample]) -> Relation | None:
    """The gradient with one cut undone, or with all of them."""
    return _of_family("undetached", samples)


def _of_graph(samples: list[Sample]) -> Relation | None:
    """Without one edge, one local derivative, or two edges: the one that fits, if one does."""
    path, factor = _of_family("missing-path", samples), _of_family("missing-factor", samples)
    # A term that is the whole of what one variable brings is both; the path says more of where to look.
    return path or factor or _two_paths(samples)


def _family(code: str, sample: Sample) -> dict[str, Numbers]:
    prefix = f"{code}:"
    return {key: v for key, v in (sample.relatives or {}).items() if key.startswith(prefix)}


def _label(key: str) -> str:
    return key.rpartition(":")[2]


def _of_family(code: str, samples: list[Sample]) -> Relation | None:
    """The one of several wrong answers of a kind that ``given`` is at every case.

    By its place in the graph; and where the graph is another from case to case (a loop), by its name.
    """
    fitting: list[dict[str, Numbers]] = []
    for sample in samples:
        family = _family(code, sample)
        if not family and sample.correct:
            continue  # nothing of the kind happens on this branch, and the answer is right there
        fits = {key: v for key, v in family.items() if same(sample.given, v)}
        if not fits:
            return None
        fitting.append(fits)
    if not fitting:
        return None
    places = set.intersection(*(set(fits) for fits in fitting))
    names = set.intersection(*({_label(key) for key in fits} for fits in fitting)) - {"", "|"}
    if not places and not names:
        return None
    telling = sum(0 if s.correct else _telling(s.given, s.right) for s in samples)
    if telling < 2:
        return None
    labels = {_label(key) for key in places} or names
    # Where several places give the same numbers, no place is named.
    return Relation(code, labels=(min(labels),) if len(labels) == 1 else ("|",))


def _two_paths(samples: list[Sample]) -> Relation | None:
    """``right − c_i − c_j``: two edges are missing, each with what flows along it."""
    pairs: set[tuple[str, str]] | None = None
    for sample in sorted(samples, key=lambda s: -_telling(s.given, s.right)):
        family = _family("missing-path", sample)
        keys = sorted(family)
        if len(keys) < 2 or any(family[k].shape != sample.given.shape for k in keys):
            return None
        if pairs is None:
            pairs = _likely_pairs(sample, family, keys)
        pairs = {
            (a, b)
            for a, b in pairs
            if a in family and b in family and same(sample.given, family[a] + family[b] - sample.right)
        }
        if not pairs:
            return None
    assert pairs is not None
    if sum(0 if s.correct else _telling(s.given, s.right) for s in samples) < 2:
        return None
    a, b = min(pairs)
    return Relation("missing-path", labels=(_label(a), _label(b)) if len(pairs) == 1 else ("|", "|"))


def _likely_pairs(sample: Sample, family: dict[str, Numbers], keys: list[str]) -> set[tuple[str, str]]:
    """Pairs that fit roughly, in the entry that is furthest off: a hundred edges make thousands of pairs."""
    gap = np.nan_to_num(np.abs(sample.given - sample.right), nan=-1.0, posinf=-1.0)
    if not gap.size:
        return set()
    at = int(np.argmax(gap))
    there = np.array([family[key].flat[at] for key in keys], dtype=np.float64)
    due = float(sample.given.flat[at]) + float(sample.right.flat[at])
    size = float(np.max(np.abs(sample.given), initial=0.0))
    near = np.abs(there[:, None] + there[None, :] - due) <= 0.03 * size + 1e-6
    return {(keys[i], keys[j]) for i, j in np.argwhere(near) if i < j}


def _all_zero(samples: list[Sample]) -> bool:
    """Whether zeros came everywhere, where most of the right entries are none."""
    if any(s.given.shape != s.right.shape or s.given.any() for s in samples):
        return False
    return sum(int((~within(s.given, s.right)).sum()) for s in samples) > max(
        SCALE_ENTRIES, sum(s.right.size for s in samples) // 2
    )


def _scaled_path(samples: list[Sample]) -> Relation | None:
    """``right + (k − 1)·c``, ``c`` what flows along one edge: one term has the wrong sign or a factor."""
    factors: dict[str, float] = {}
    for sample in samples:
        family = _family("missing-path", sample)
        fits: dict[str, float] = {}
        for key, without in family.items():
            if without.shape != sample.right.shape or sample.given.shape != sample.right.shape:
                return None
            term = (sample.right - without).astype(np.float64)
            k = _ratio(sample.given - without, term)
            if k is not None:
                fits[key] = k
        if sample.correct and not fits:
            return None
        if sample is samples[0]:
            factors = fits
        # A term that vanishes at this case says nothing of its factor there.
        factors = {
            key: (k if np.isnan(fits[key]) else fits[key])
            for key, k in factors.items()
            if key in fits and (np.isnan(k) or np.isnan(fits[key]) or abs(k - fits[key]) <= 1e-6 * abs(k))
        }
        if not factors:
            return None
    known = {key: k for key, k in factors.items() if np.isfinite(k) and abs(k - 1) > 1e-3 and k != 0}
    if len({round(k, 5) for k in known.values()}) != 1:
        return None
    if sum(0 if s.correct else _telling(s.given, s.right) for s in samples) < SCALE_ENTRIES:
        return None
    k = next(iter(known.values()))
    nice = next((p / q for q in range(1, 7) for p in range(-12, 13) if abs(k - p / q) <= 1e-6 * abs(k)), None)
    if nice is None:
        return None
    labels = {_label(key) for key in known}
    label = min(labels) if len(labels) == 1 else "|"
    return Relation("sign", labels=(label,)) if nice == -1 else Relation("scale", nice, labels=(label,))


def _ratio(numbers: Numbers, term: Numbers) -> float | None:
    """The one factor between two arrays; NaN where the second is zero throughout, None for none."""
    size = float(np.max(np.abs(term), initial=0.0))
    zero = np.abs(term) <= ATOL * max(1.0, size)
    if not (np.isfinite(numbers).all() and np.isfinite(term).all()):
        return None
    if zero.all():
        return float("nan") if bool((np.abs(numbers) <= ATOL * max(1.0, size)).all()) else None
    k = float(np.median(numbers[~zero] / term[~zero]))
    return k if same(numbers.astype(np.float64), k * term) else None


def _value(samples: list[Sample]) -> Relation | None:
    return Relation("value-not-gradient") if _everywhere(samples, lambda s: s.value) else None


def _accumulated(samples: list[Sample]) -> Relation | None:
    """The right gradient plus one that was there before: of an earlier question, or of the cases before."""
    if _everywhere(samples, lambda s: (s.relatives or {}).get("accumulated")):
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


def _float32(samples: list[Sample]) -> Relation | None:
    """Right to single precision, and every number is one that single precision can hold."""
    off = 0
    for s in samples:
        if s.given.shape != s.right.shape or s.given.dtype != np.float64:
            return None
        with np.errstate(over="ignore"):
            if not np.array_equal(s.given, s.given.astype(np.float32).astype(np.float64)):
                return None
        if not same(s.given, s.right, FLOAT32_BUDGET):
            return None
        wrong = s.given[~within(s.given, s.right)]
        # 0.5 for 0.50003 fits into single precision, too, but is not its rounding: that fills all its bits.
        mantissa = np.frexp(wrong)[0] * 2.0**16
        off += int((mantissa != np.rint(mantissa)).sum())
    return Relation("float32-rounding") if off >= 2 else None


def _one_branch(samples: list[Sample]) -> Relation | None:
    right = {s.branch for s in samples if s.correct}
    wrong = {s.branch for s in samples if not s.correct}
    if not right or not wrong or right & wrong or "" in right | wrong:
        return None
    return Relation("one-branch", branches=tuple(sorted(wrong)))


def _sign(samples: list[Sample]) -> Relation | None:
    return Relation("sign") if _everywhere(samples, lambda s: -s.right, entries=1) else None


def _mean(samples: list[Sample]) -> Relation | None:
    """Divided by the number of entries or rows, or multiplied by it where a mean is meant.

    Only cases of different sizes tell this from a plain factor.
    """
    for power, code in ((-1.0, "mean-for-sum"), (1.0, "sum-for-mean")):
        for k in range(max(1, *(len(s.sizes) for s in samples))):
            sizes = [s.sizes[k] if k < len(s.sizes) else s.size for s in samples]
            off = {n for s, n in zip(samples, sizes, strict=True) if not s.correct and s.right.any()}
            if len(off) < 2:
                continue
            scaled = {id(s): s.right * float(max(1, n)) ** power for s, n in zip(samples, sizes, strict=True)}
            if _everywhere(samples, lambda s, scaled=scaled: scaled[id(s)]):  # type: ignore[misc]
                return Relation("mean-for-sum", labels=("sum",) if code == "sum-for-mean" else ())
    return None


def _scale(samples: list[Sample]) -> Relation | None:
    ratios: list[float] = []
    budget = RTOL
    for s in samples:
        if s.given.shape != s.right.shape:
            return None
        g, p = s.right.astype(np.float64).ravel(), s.given.astype(np.float64).ravel()
        if not (np.isfinite(g).all() and np.isfinite(p).all()):
            return None
        atol = ATOL * max(1.0, float(np.max(np.abs(g), initial=0.0)))
        zero = np.abs(g) <= atol
        if (np.abs(p[zero]) > atol).any():
            return None
        with np.errstate(over="ignore"):
            ratios += list(p[~zero] / g[~zero])
        if s.given.dtype in (np.float32, np.float16):
            budget = FLOAT32_BUDGET
    if len(ratios) < SCALE_ENTRIES:
        return None
    c = float(np.median(ratios))
    # So near to 1 it is a matter of precision, not of a factor.
    if not np.isfinite(c) or c == 0.0 or abs(c - 1.0) < FLOAT32_BUDGET:
        return None
    if np.max(np.abs(np.array(ratios) - c)) > budget * abs(c):
        return None
    nice = round(c, 6)
    return Relation("scale", factor=nice if nice and abs(nice - c) <= budget * abs(c) else c)


def _transpose(samples: list[Sample]) -> Relation | None:
    def turned(s: Sample) -> Numbers | None:
        return s.right.T if s.right.ndim == 2 else None

    return Relation("transpose") if _everywhere(samples, turned) else None


def _reduced(samples: list[Sample]) -> Relation | None:
    """The entries were added up: one number came (or the same number everywhere) where each has its own."""
    if _of_family("reduced", samples) is not None:
        return Relation("reduced")
    telling = 0
    for s in samples:
        if s.right.ndim == 0 or s.right.size < 2:
            if s.given.size != s.right.size or not same(s.given.reshape(-1), s.right.reshape(-1)):
                return None
            continue
        total = np.full(s.given.shape, s.right.sum())
        if s.given.shape not in ((), (1,), s.right.shape) or not same(s.given, total):
            return None
        # 4 for [0, 4] may be its last entry, and 0 for zeros stands for each of them.
        alone = np.full(s.right.shape, s.right.sum())
        telling += bool((np.abs(alone) > ATOL).any()) and not bool(within(alone, s.right).any())
    return Relation("reduced") if telling else None


def _not_reduced(samples: list[Sample]) -> Relation | None:
    """The entries should have been added up: the sum (over all, or one axis) of what came is right."""
    for s in samples:
        if s.given.ndim <= s.right.ndim or s.given.size < s.right.size:
            return None
    if not any(s.given.size > s.right.size and s.right.any() for s in samples):
        return None  # an axis of length one is not a sum, and zeros add up to zero however many there are
    axes = (None, *range(min(s.given.ndim for s in samples)))
    for axis in axes:
        if all(same(np.asarray(s.given.sum(axis=axis)), s.right) for s in samples):
            return Relation("not-reduced")
    return None


def _shape(samples: list[Sample]) -> Relation | None:
    wrong = [s for s in samples if not s.correct]
    return Relation("shape") if all(s.given.shape != s.right.shape for s in wrong) else None


Rule = Callable[[list[Sample]], Relation | None]

_GRADIENT_RULES: Final[tuple[Rule, ...]] = (
    _undetached,
    _value,
    _accumulated,
    _relative("second-derivative"),
    _relative("value-not-gradient"),
    _diagonal,
    _relative("transpose"),
)
_NUMBER_RULES: Final[tuple[Rule, ...]] = (_sign, _mean, _scale)
"""They say what the numbers are, whatever the reason."""
_FORM_RULES: Final[tuple[Rule, ...]] = (_transpose, _reduced, _not_reduced, _float32)
