"""Paths from the input to the output: terms of the chain rule that are missing, or have another factor."""

from __future__ import annotations

from typing import Final

import numpy as np

from grader.checks.arrays import Numbers, median
from grader.checks.compare import absolute, near, same
from grader.checks.diagnoses.operations import operation_name, spaced
from grader.checks.diagnoses.places import at_a_place, one_label
from grader.checks.diagnoses.reason import (
    Instead,
    Reason,
    Rule,
    Said,
    of_telling_gradients,
)
from grader.checks.diagnoses.samples import SCALE_ENTRIES, Relation, Sample, all_telling, telling
from grader.checks.sentences import number
from grader.model.text import Text
from grader.model.wrong_gradients import NO_LABEL, Label, Mistake


def two_paths(samples: list[Sample]) -> Relation | None:
    """``right − c_i − c_j``: two edges are missing, each with what flows along it.

    Only where neither lies behind the other: of two edges on one way, the flow along one is a part of the
    other's, and would be taken away twice.
    """
    pairs: set[tuple[Mistake, Mistake]] | None = None
    for sample in sorted(samples, key=lambda s: -telling(s.given, s.right)):
        several = sample.wrong_gradients.several("missing-path")
        members = {mistake: wrong for mistake, wrong in several.items() if not mistake.label.everywhere}
        if len(members) < 2 or any(wrong.shape != sample.given.shape for wrong in members.values()):
            return None
        if pairs is None:
            pairs = _likely_pairs(sample, members)
        apart = sample.wrong_gradients.independent
        pairs = {
            (a, b)
            for a, b in pairs
            if a in members
            and b in members
            and (apart is None or (a.place, b.place) in apart)
            and same(sample.given, members[a] + members[b] - sample.right)
        }
        if not pairs:
            return None
    assert pairs is not None
    if all_telling(samples) < 2:
        return None
    named = {tuple(sorted((a.label, b.label), key=_alphabetical)) for a, b in pairs}
    return Relation("missing-path", labels=named.pop() if len(named) == 1 else (NO_LABEL, NO_LABEL))


def _alphabetical(label: Label) -> tuple[str, str]:
    return label.variable, label.operation


def _likely_pairs(sample: Sample, members: dict[Mistake, Numbers]) -> set[tuple[Mistake, Mistake]]:
    """Pairs that fit roughly, in the entry that is furthest off: a hundred edges make thousands of pairs."""
    gap = np.nan_to_num(np.abs(sample.given - sample.right), nan=-1.0, posinf=-1.0)
    if not gap.size:
        return set()
    at = int(np.argmax(gap))
    mistakes = list(members)
    there = np.array([wrong.flat[at] for wrong in members.values()], dtype=np.float64)
    due = float(sample.given.flat[at]) + float(sample.right.flat[at])
    size = float(np.max(np.abs(sample.given), initial=0.0))
    near = np.abs(there[:, None] + there[None, :] - due) <= 0.03 * size + 1e-6
    return {(mistakes[i], mistakes[j]) for i, j in np.argwhere(near) if i < j}


def scaled_term(samples: list[Sample]) -> Relation | None:
    """``right + (k − 1)·c``, ``c`` what flows along one edge: one term has the wrong sign or a factor."""
    factors: dict[Mistake, float] = {}
    for sample in samples:
        fits: dict[Mistake, float] = {}
        for mistake, without in sample.wrong_gradients.several("missing-path").items():
            if without.shape != sample.right.shape or sample.given.shape != sample.right.shape:
                return None
            term = (sample.right - without).astype(np.float64)
            k = _ratio(sample.given - without, term)
            if k is not None:
                fits[mistake] = k
        if sample.correct and not fits:
            return None
        if sample is samples[0]:
            factors = fits
        # A term that vanishes at this case says nothing of its factor there.
        factors = {
            at: (k if np.isnan(fits[at]) else fits[at])
            for at, k in factors.items()
            if at in fits and (np.isnan(k) or np.isnan(fits[at]) or near(fits[at], k, 0.0))
        }
        if not factors:
            return None
    known = {at: k for at, k in factors.items() if np.isfinite(k) and abs(k - 1) > 1e-3 and k != 0}
    if len({round(k, 5) for k in known.values()}) != 1 or all_telling(samples) < SCALE_ENTRIES:
        return None
    k = next(iter(known.values()))
    nice = next((p / q for q in range(1, 7) for p in range(-12, 13) if near(p / q, k, 0.0)), None)
    if nice is None:
        return None
    single = {mistake.label for mistake in known if not mistake.label.everywhere}
    label = one_label(single or {mistake.label for mistake in known})
    return Relation("sign", labels=(label,)) if nice == -1 else Relation("scale", nice, labels=(label,))


def _ratio(numbers: Numbers, term: Numbers) -> float | None:
    """The one factor between two arrays; NaN where the second is zero throughout, None for none."""
    size = float(np.max(np.abs(term), initial=0.0))
    zero = np.abs(term) <= absolute(size)
    if not (np.isfinite(numbers).all() and np.isfinite(term).all()):
        return None
    if zero.all():
        return float("nan") if bool((np.abs(numbers) <= absolute(size)).all()) else None
    k = median(numbers[~zero] / term[~zero])
    return k if same(numbers.astype(np.float64), k * term) else None


def _one_path_said(label: Label) -> Said:
    """Message and hint for a gradient without what flows along one edge: its label names it."""
    via, operation, each = label.variable, label.operation, label.everywhere
    if via and each:
        message = Text(
            f"Your answer leaves out every path through {via}: what comes back along them is missing.",
            f"你的答案正好少了经过 {via} 的所有路径：沿它们传回来的部分没有算进去。",
        )
    elif operation and each:
        at = operation_name(operation)
        message = Text(
            f"Your answer leaves out one of the paths that meet in {at.en}, each time: a term is missing.",
            f"你的答案正好少了在{spaced(at.zh)}处汇合的一条路径，每次都是如此：漏掉了一项。",
        )
    elif via:
        message = Text(
            f"Your answer leaves out the path through {via}: what comes back along it is missing.",
            f"你的答案正好少了经过 {via} 的那条路径：沿它传回来的部分没有算进去。",
        )
    elif operation:
        at = operation_name(operation)
        message = Text(
            f"Your answer leaves out one of the paths that meet in {at.en}: a term is missing.",
            f"你的答案正好少了在{spaced(at.zh)}处汇合的一条路径：漏掉了一项。",
        )
    else:
        message = Text(
            "Your answer leaves out one of the paths from the input to the output: a term is missing.",
            "你的答案正好少了从输入到输出的一条路径：漏掉了一项。",
        )
    return message, Text(
        "Along how many paths does the input reach the output, and which term does each bring?",
        "输入经由几条路径到达输出？每条路径各带来哪一项？",
    )


def _two_paths_said(labels: tuple[Label, ...]) -> Said:
    """The same where two edges are missing."""
    vias = [label.variable for label in labels]
    _, hint = _one_path_said(NO_LABEL)
    if all(vias) and len(set(vias)) == len(vias):
        return Text(
            f"Your answer leaves out the paths through {' and '.join(vias)}.",
            f"你的答案正好少了经过 {' 和 '.join(vias)} 的路径。",
        ), hint
    return Text(
        "Your answer leaves out two of the paths from the input to the output: two terms are missing.",
        "你的答案正好少了从输入到输出的两条路径：漏掉了两项。",
    ), hint


def term_said(label: Label, factor: float) -> Said:
    """Message and hint where one term has a factor too many, or (−1) the wrong sign."""
    via, operation = label.variable, label.operation
    if via:
        term = Text(f"the term that comes through {via}", f"经过 {via} 传来的那一项")
    else:
        at = operation_name(operation) if operation else Text("a sum", "求和")
        term = Text(f"one of the terms that meet in {at.en}", f"在{spaced(at.zh)}处汇合的某一项")
    if factor == -1.0:
        said = Text(f"Right, except for the sign of {term.en}.", f"除了{term.zh}的符号，其余都正确。")
    else:
        shown = number(factor)
        said = Text(
            f"Right, except that {term.en} is {shown} times what it should be.",
            f"除了{term.zh}是应有值的 {shown} 倍，其余都正确。",
        )
    return said, Text(
        "Differentiate the terms one by one. Which of them does not agree with your answer?",
        "逐项求导。其中哪一项与你的答案对不上？",
    )


def _path_said(relation: Relation) -> Said:
    return _two_paths_said(relation.labels) if len(relation.labels) > 1 else _one_path_said(relation.label)


REASONS: Final[tuple[Reason, ...]] = (
    Reason(
        "missing-path",
        said=_path_said,
        rules=(
            Rule(50, at_a_place("missing-path"), of_telling_gradients),
            Rule(52, two_paths, of_telling_gradients),
        ),
        of_gradient=Instead(
            hint=Text(
                "Does your function compute that term, and does every tensor on the way to it have a grad_fn?",
                "你的函数算了这一项吗？沿途的每个张量都有 grad_fn 吗？",
            )
        ),
    ),
)
