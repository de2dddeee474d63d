"""Separation: whether hidden cases tell the right answer from every wrong one, and these from each other.

Points can hide mistakes: at x = 0 and 2, x² is 2x. Distance is measured in tolerances of comparison, at
the cases a student cannot see; 100 are asked for.
"""

from __future__ import annotations

import itertools
import math
from typing import Final

import numpy as np

from grader.authoring.findings import Finding, Folder, Row
from grader.checks.arrays import Numbers
from grader.checks.compare import absolute
from grader.checks.evidence import Plan, Truth
from grader.errors import GraderError
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.grading.truths import Truths
from grader.model.check import Check

ENOUGH: Final = 100.0
_OTHER_SEEDS: Final = range(1, 6)
"""Where better points are looked for: among those the generator draws at other seeds."""


def separation(plan: Plan, truth: Truth) -> list[Row]:
    """Every pair of answers of every check, the closest first."""
    rows: list[Row] = []
    for check in plan.exercise.checks:
        if (check.id, plan.cases[0].name if plan.cases else "") in truth.rights:
            rows += _of_function(plan, check, truth)
        elif check.answer is not None and check.answer in truth.answers:
            rows += _of_answer(check, truth)
    return sorted(rows, key=lambda row: row.tolerances)


def _of_function(plan: Plan, check: Check, truth: Truth) -> list[Row]:
    hidden = [case for case in plan.cases if not case.visible]
    answers: dict[str, dict[str, Numbers | None]] = {"right": {}}
    for case in hidden:
        right = truth.rights[check.id, case.name]
        answers["right"][case.name] = right.expected
        for name, wrong in right.misconceptions.items():
            answers.setdefault(name, {})[case.name] = wrong
    if any(value is None for value in answers["right"].values()) and check.of_own:
        return []
    rows = []
    for one, other in itertools.combinations(answers, 2):
        gaps = [(_gap(answers[one][c.name], answers[other][c.name], check.rtol), c.name) for c in hidden]
        widest, where = max(gaps, default=(0.0, ""))
        rows.append(Row(check.id, one, other, widest, where))
    return rows


def _of_answer(check: Check, truth: Truth) -> list[Row]:
    assert check.answer is not None
    answers = {"right": truth.answers[check.answer]} | truth.wrong_answers.get(check.id, {})
    return [
        # To the digits typed, three at least: a tenth of the distance is enough to tell them apart.
        Row(check.id, one, other, 10 * _gap(answers[one], answers[other], 5e-3), "")
        for one, other in itertools.combinations(answers, 2)
    ]


def _gap(a: Numbers | None, b: Numbers | None, rtol: float) -> float:
    """The widest gap of two answers in tolerances; infinite where their form differs."""
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    if a.shape != b.shape or (a.dtype.kind == "b") != (b.dtype.kind == "b"):
        return math.inf
    if a.dtype.kind == "b":
        return math.inf if bool((a != b).any()) else 0.0
    wide = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    p, g = a.astype(wide), b.astype(wide)
    odd = ~(np.isfinite(p) & np.isfinite(g))
    if (odd & ~((p == g) | (np.isnan(p) & np.isnan(g)))).any():
        return math.inf  # NaN, infinity and a number are told apart
    use = np.isfinite(p)
    if not use.any():
        return 0.0
    size = np.maximum(np.abs(p[use]), np.abs(g[use]))
    atol = absolute(float(size.max()))
    return float((np.abs(p[use] - g[use]) / (atol + rtol * size)).max())


def complaints(
    plan: Plan, rows: list[Row], folder: Folder, sandbox: Sandbox, truths: Truths
) -> list[Finding]:
    """One for each pair that lies too close, with a better point where the generator draws one."""
    found = []
    solution = plan.exercise.solution
    assert solution is not None
    order = [wrong.id for wrong in solution.misconceptions]
    for row in rows:
        if row.tolerances >= ENOUGH:
            continue
        typed = (row.check, plan.cases[0].name if plan.cases else "") not in truths.of(plan, sandbox).rights
        if typed and "right" not in (row.one, row.other):
            continue  # two ways to one typed answer: the judge names neither
        name = row.other if row.other in order else row.one
        where = f"$.misconception[{order.index(name)}]" if name in order else ""
        what = (
            f"check '{row.check}': '{row.one}' and '{row.other}' are only {row.tolerances:.3g} tolerances "
            f"apart{'' if typed else ' at the hidden cases'}; {ENOUGH:g} are needed"
        )
        better = None if typed else _better(plan, row, sandbox, truths)
        found.append(folder.in_solution(what + (f". Try {better}" if better else ""), where))
    return found


def _better(plan: Plan, row: Row, sandbox: Sandbox, truths: Truths) -> str:
    """A case that would tell the two apart, if other seeds of the generator draw one."""
    best, case = 0.0, None
    for seed in _OTHER_SEEDS:
        other = make_plan(plan.exercise, seed)
        try:
            truth = truths.of(other, sandbox)
        except GraderError:
            continue
        for candidate in other.cases:
            if candidate.visible or not candidate.name.startswith("generated"):
                continue
            right = truth.rights[row.check, candidate.name]
            answers = {"right": right.expected} | right.misconceptions
            gap = _gap(answers.get(row.one), answers.get(row.other), 1e-6)
            if gap > best:
                best, case = gap, candidate
    if case is None or best < ENOUGH:
        return ""
    inputs = ", ".join(f"{name} = {_shown(value)}" for name, value in case.plain.items())
    return f"inputs = {{ {inputs} }} ({best:.3g} tolerances)"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value).lower()
