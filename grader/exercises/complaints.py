"""Validation of an exercise's files beyond what types say: complaints, each with the place it is about."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from grader.exercises.toml_files import near
from grader.model.check import Check
from grader.model.exercise import Case, Exercise, Generator, Input, Limits, Solution
from grader.model.kinds import CHECKS
from grader.model.report import CODES


def complaints(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """What no type can say about ``exercise.toml``: (where, what)."""
    inputs = {i.name for i in exercise.inputs}
    functions = {f.name: f for f in exercise.functions}
    answers = {a.name for a in exercise.answers}
    if not exercise.checks:
        yield "$.check", "an exercise needs at least one [[check]]"
    yield from _twice("check", [c.id for c in exercise.checks])
    yield from _twice("input", [i.name for i in exercise.inputs])
    yield from _twice("function", [f.name for f in exercise.functions])
    yield from _twice("answer", [a.name for a in exercise.answers])
    yield from _twice("case", [c.name for c in exercise.cases])
    for n, function in enumerate(exercise.functions):
        for argument in function.args:
            if argument not in inputs:
                yield f"$.function[{n}].args", _is_no(argument, "input", inputs)
    for n, check in enumerate(exercise.checks):
        where = f"$.check[{n}]"
        if check.function is not None and check.function not in functions:
            yield f"{where}.function", _is_no(check.function, "function", functions)
        if check.answer is not None and check.answer not in answers:
            yield f"{where}.answer", _is_no(check.answer, "answer", answers)
        for field, name in (("wrt", check.wrt), ("tangent", check.tangent)):
            if name is not None and name not in inputs:
                yield f"{where}.{field}", _is_no(name, "input", inputs)
        if check.cotangent not in {"sum", "random"} | inputs:
            what = f"'{check.cotangent}' is neither sum, random, nor an [[input]]"
            yield f"{where}.cotangent", what + _there_are(inputs)
        yield from _check_complaints(exercise, check, where)
    yield from _limit_complaints(exercise.limits)
    yield from _variant_complaints(exercise)
    if functions and not exercise.cases:
        yield "$.case", "an exercise with functions needs at least one visible [[case]]"
    yield from _case_complaints(exercise.cases, exercise.inputs)


def _check_complaints(exercise: Exercise, check: Check, where: str) -> Iterator[tuple[str, str]]:
    """What a check of its kind needs of the rest of the exercise."""
    answer = next((a for a in exercise.answers if a.name == check.answer), None)
    formula = answer is not None and answer.at_every_case
    yield from _derivative_complaints(exercise, check, where, formula=formula)
    yield from _complex_complaints(exercise, check, where, formula=formula)
    if check.item is not None and check.function is None:
        what = "only of a prediction that is a function can an item be meant; of f itself it is an 'output'"
        yield f"{where}.item", what
    if check.needs_input and check.cotangent in ("sum", "random"):
        what = f"a {check.kind} check needs 'cotangent' to name an [[input]]"
        yield f"{where}.cotangent", what + _there_are(i.name for i in exercise.inputs)
    if check.of_own and check.of not in {f.name for f in exercise.functions}:
        what = f"a {check.kind} check needs 'of' to name the [[function]] the student designs"
        yield f"{where}.of", what
    if formula and check.of is None:
        yield where, "a formula is judged as a prediction; name the reference's function with 'of'"


def _derivative_complaints(
    exercise: Exercise, check: Check, where: str, *, formula: bool
) -> Iterator[tuple[str, str]]:
    """Whether there is something to differentiate by."""
    if check.takes_no_derivative or (check.function is None and not formula):
        return
    functions = {f.name: f for f in exercise.functions}
    name = check.of or check.function or ""
    differentiable = {i.name for i in exercise.inputs if i.differentiable}
    if name in functions:
        names = set(functions[name].args)
    elif check.function in functions:
        names = set(functions[check.function].args) & differentiable
    else:
        names = differentiable
    if not check.of_values and not names & differentiable:
        yield where, f"'{name}' takes no differentiable [[input]], so there is nothing to differentiate by"
    elif check.wrt is not None and check.wrt not in names:
        yield f"{where}.wrt", f"'{name}' does not take '{check.wrt}'"


def _complex_complaints(
    exercise: Exercise, check: Check, where: str, *, formula: bool
) -> Iterator[tuple[str, str]]:
    """Whether a check about complex tensors is one that has a meaning for them."""
    kinds = {i.name: i.dtype for i in exercise.inputs}
    if formula and "complex128" in kinds.values():
        yield where, "a typed formula is one of real numbers: ask for a function where an input is complex"
    if check.judges_complex or check.function is None:
        return
    taken = next((f.args for f in exercise.functions if f.name == check.function), ())
    for name in taken:
        if kinds.get(name) == "complex128":
            allowed = ", ".join(sorted(name for name, kind in CHECKS.items() if kind.judges_complex))
            yield (
                f"{where}.kind",
                f"'{name}' is complex, and a {check.kind} is judged of real numbers: {allowed}",
            )
            return


def _limit_complaints(limits: Limits) -> Iterator[tuple[str, str]]:
    """What nothing could be run with; whether they are sane is for ``grade check``."""
    if not (0 < limits.case_seconds < math.inf and 0 < limits.total_seconds < math.inf):  # NaN is in no order
        yield "$.limits", "case_seconds and total_seconds are numbers of seconds above zero"


def _variant_complaints(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """What numbers that vary cannot be."""
    if bool(exercise.vary) != bool(exercise.variants):
        what = "numbers that vary are declared by [[vary]], and how many variants there are by 'variants'"
        yield "$.vary[0]" if exercise.vary else "$.variants", what
    yield from _twice("vary", [each.name for each in exercise.vary])
    for n, vary in enumerate(exercise.vary):
        where, shape, rule = f"$.vary[{n}]", shape_of_nested(vary.usual), vary.draw
        if shape is None:
            yield f"{where}.usual", f"'{vary.name}' is not a regular array of numbers"
        if (rule is None) == (not vary.among):
            yield where, f"'{vary.name}' is either drawn ('draw') or one of a list ('among')"
        if vary.among and len(vary.among) != exercise.variants:
            what = f"'{vary.name}' has {len(vary.among)} values for {exercise.variants} variants"
            yield f"{where}.among", what
        if any(shape_of_nested(each) != shape for each in vary.among):
            yield f"{where}.among", f"'{vary.name}': each value has the form of 'usual'"
        if rule is not None and not -math.inf < rule.low < rule.high < math.inf:
            yield f"{where}.draw", f"'{vary.name}' is drawn between low and high: low < high, both finite"
        if "{}" not in vary.code:
            yield f"{where}.code", f"'{vary.name}': in 'code', {{}} stands for the number"


def _draw_complaints(generator: Generator) -> Iterator[tuple[str, str]]:
    for name, draw in generator.draw.items():
        where = f"$.generator.draw.{name}"
        if not math.isfinite(draw.low) or not math.isfinite(draw.high) or draw.low > draw.high:
            yield where, f"'{name}' is drawn between low and high: low <= high, both finite"
        elif draw.log and draw.low <= 0:
            yield where, f"'{name}': with log, low is a magnitude above zero"
        elif not draw.log and draw.away_from_zero > max(abs(draw.low), abs(draw.high)):
            yield where, f"'{name}': nothing between low and high is so far away from zero"
        if len(draw.shape) > 8 or any(not 0 <= n <= 4096 for n in draw.shape):
            yield where, f"'{name}': a shape has at most 8 axes of 0 to 4096 entries"


def solution_complaints(exercise: Exercise, solution: Solution) -> Iterator[tuple[str, str]]:
    inputs = {i.name for i in exercise.inputs}
    checks = {c.id for c in exercise.checks}
    yield from _case_complaints(solution.cases, exercise.inputs)
    yield from _twice("case", [c.name for c in (*exercise.cases, *solution.cases)], len(exercise.cases))
    yield from _twice("misconception", [m.id for m in solution.misconceptions])
    for n, wrong in enumerate(solution.misconceptions):
        for check in wrong.checks:
            if check not in checks:
                yield f"$.misconception[{n}].checks", _is_no(check, "check", checks, " of exercise.toml")
        value = wrong.value
        if (
            isinstance(value, list)
            and not _in_words(value)
            and shape_of_nested(value, complex_too=True) is None
        ):
            yield f"$.misconception[{n}].value", f"misconception '{wrong.id}': no regular array of numbers"
        for code in wrong.codes:
            if code not in CODES:
                what = f"'{code}' is no code of the finder{near(code, CODES)}; it has {', '.join(CODES)}"
                yield f"$.misconception[{n}].codes", what
    yield from _draw_complaints(solution.generator)
    for name in solution.generator.draw:
        if name not in inputs:
            yield f"$.generator.draw.{name}", _is_no(name, "input", inputs)
    missing = inputs - set(solution.generator.draw)
    if solution.generator.count and missing:
        yield "$.generator", f"the generator does not say how to draw '{min(missing)}'"


def _twice(table: str, names: list[str], skip: int = 0) -> Iterator[tuple[str, str]]:
    for n, name in enumerate(names):
        if name in names[:n]:
            yield f"$.{table}[{n - skip}]", f"there are two [[{table}]] called '{name}'"


def _case_complaints(cases: tuple[Case, ...], inputs: tuple[Input, ...]) -> Iterator[tuple[str, str]]:
    kinds = {i.name: i.dtype for i in inputs}
    for n, case in enumerate(cases):
        for name in sorted(kinds.keys() - set(case.inputs)):
            yield f"$.case[{n}]", f"case '{case.name}' gives no value for '{name}'"
        for name, nested in case.inputs.items():
            if name not in kinds:
                what = _is_no(name, "input", [i.name for i in inputs])
                yield f"$.case[{n}].inputs", f"case '{case.name}': {what}"
            elif shape_of_nested(nested, complex_too=kinds[name] == "complex128") is None:
                what = f"case '{case.name}': '{name}' is not a regular array of numbers"
                if kinds[name] == "complex128":
                    what += '; a complex one is text, "1+2j"'
                yield f"$.case[{n}].inputs", what


def shape_of_nested(nested: Any, *, complex_too: bool = False) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers; None when they are ragged or hold something else.

    :param complex_too: a number may be complex, and is text then: ``"1+2j"``.
    """
    if isinstance(nested, bool | int | float) or (complex_too and _is_complex(nested)):
        return ()
    if not isinstance(nested, list | tuple):
        return None
    shapes = {shape_of_nested(item, complex_too=complex_too) for item in nested}
    if len(shapes) > 1 or None in shapes:
        return None
    inner = shapes.pop() if shapes else ()
    assert inner is not None
    return (len(nested), *inner)


def _in_words(value: list[Any]) -> bool:
    """Whether a misconception's value is a list of words: choices or edges."""
    return any(isinstance(item, str) and not _is_complex(item) for item in value)


def _is_complex(text: Any) -> bool:
    try:
        return isinstance(text, str) and complex(text) is not None
    except ValueError:
        return False


def _is_no(given: str, table: str, there: Iterable[str], where: str = "") -> str:
    """``'y' is no [[input]]``, and which ones there are."""
    return f"'{given}' is no [[{table}]]{where}{near(given, there)}{_there_are(there)}"


def _there_are(names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names))
    return f"; there {'is' if ',' not in listed else 'are'} {listed}" if listed else "; there is none"
