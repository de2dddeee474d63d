"""Published answers (``visible.json``): what a student's own copy can judge by, at the visible cases.

``exercises/<slug>/visible.json`` is written from the reference (``grade publish``), holds
nothing that feedback would not show anyway, and never a typed answer. It is used only
where there is no ``solutions/`` folder.
"""

from __future__ import annotations

import cmath
import json
import math
from typing import Any, Final

import numpy as np

from grader.checks.arrays import Numbers, plain
from grader.checks.evidence import Plan, Right, Truth
from grader.checks.tasks import arguments, differentiable, judged_by_cases, wrt_of
from grader.errors import TruthFailed
from grader.grading.cases import numbers

_LAST_DIGITS: Final = 1e-12
"""Relative, and absolute below one."""


def publish(plan: Plan, truth: Truth) -> str:
    """The text of ``visible.json``: check id → visible case → right answer and value of f."""
    visible = {case.name for case in plan.cases if case.visible}
    sheet: dict[str, dict[str, Any]] = {}
    for (check, case), right in truth.rights.items():
        if case in visible:
            entry = {"expected": plain(right.expected), "value": plain(right.value)}
            sheet.setdefault(check, {})[case] = entry
    return json.dumps(sheet, indent=1, allow_nan=False, sort_keys=True) + "\n"


def says_the_same(kept: str, fresh: str) -> bool:
    """Whether two texts of ``visible.json`` say the same: a processor may round a last digit otherwise."""
    try:
        return _alike(json.loads(kept), json.loads(fresh))
    except ValueError:
        return False


def _alike(old: object, new: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(old[key], new[key]) for key in new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_alike, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=_LAST_DIGITS, abs_tol=_LAST_DIGITS)
    if isinstance(old, str) and isinstance(new, str) and old != new:
        try:
            return cmath.isclose(complex(old), complex(new), rel_tol=_LAST_DIGITS, abs_tol=_LAST_DIGITS)
        except ValueError:
            return False
    return type(old) is type(new) and old == new


def published(plan: Plan) -> Truth:
    """The truth about the visible cases, read back.

    :raises TruthFailed: the exercise came without ``visible.json``, or it does not fit.
    """
    exercise = plan.exercise
    if not exercise.published:
        raise TruthFailed(
            f"{exercise.slug}: there is neither solutions/{exercise.slug} nor "
            f"exercises/{exercise.slug}/visible.json to judge by; get one of them from the course"
        )
    rights: dict[tuple[str, str], Right] = {}
    for check in exercise.checks:
        if not judged_by_cases(exercise, check):
            continue
        for case in plan.cases:
            try:
                entry = exercise.published[check.id][case.name]
                expected, value = _numbers(entry["expected"]), _numbers(entry["value"])
            except (KeyError, TypeError, ValueError) as error:
                raise TruthFailed(
                    f"{exercise.slug}: visible.json does not fit exercise.toml (check '{check.id}', "
                    f"case '{case.name}'); write it anew with 'grade publish {exercise.slug}'"
                ) from error
            names = arguments(exercise, check, check.of or check.function or "")
            leaves = differentiable(exercise, names)
            size = math.prod(case.inputs[wrt_of(exercise, check, names)].shape) if leaves else 1
            rights[check.id, case.name] = Right(expected, value, size)
    return Truth(rights, {}, {}, {})


def _numbers(nested: Any) -> Numbers | None:
    if nested is None:
        return None
    values = np.array(nested)
    if values.dtype.kind == "b":
        return values
    try:
        return np.array(nested, dtype=np.float64)
    except ValueError:
        return numbers(nested)  # complex ones are text
