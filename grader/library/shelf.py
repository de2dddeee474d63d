"""The exercises of a course, loaded from two folders and checked.

``exercises/<slug>/`` is what a student may see; ``solutions/<slug>/`` what only the
grader may. Without the second, exercises load all the same (a student's own copy).
"""

from __future__ import annotations

import difflib
import hashlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import ExerciseError, UnknownExercise
from grader.library.sheets import find_line, read_sheet, read_text
from grader.model.exercise import (
    Answer,
    Branch,
    Case,
    Check,
    Exercise,
    Function,
    Generator,
    Input,
    Limits,
    Misconception,
    Solution,
)
from grader.model.report import CODES
from grader.model.text import EMPTY, Text


class _Sheet(msgspec.Struct, forbid_unknown_fields=True):
    """``exercise.toml`` as it is written."""

    section: str
    order: int
    title: Text
    summary: Text
    check: tuple[Check, ...]
    input: tuple[Input, ...] = ()
    function: tuple[Function, ...] = ()
    answer: tuple[Answer, ...] = ()
    case: tuple[Case, ...] = ()
    hint: Text = EMPTY
    limits: Limits = Limits()


class _SolutionSheet(msgspec.Struct, forbid_unknown_fields=True):
    """``solution.toml`` as it is written."""

    case: tuple[Case, ...] = ()
    generator: Generator = Generator()
    misconception: tuple[Misconception, ...] = ()
    branch: tuple[Branch, ...] = ()
    smooth: bool = True
    equivalent: tuple[str, ...] = ()


class Library:
    """All exercises under two folders, each loaded when it is first asked for.

    :param exercises: the folder with one folder per exercise.
    :param solutions: the same for what only the grader may see, or None.
    """

    def __init__(self, exercises: Path, solutions: Path | None) -> None:
        self._exercises = exercises
        self._solutions = solutions if solutions is not None and solutions.is_dir() else None
        self._loaded: dict[str, Exercise] = {}

    def slugs(self) -> list[str]:
        """Names of the folders that hold an exercise.

        :raises ExerciseError: there is no such folder at all.
        """
        if not self._exercises.is_dir():
            raise ExerciseError(
                str(self._exercises), 1, "there is no folder of exercises here; set GRADER_EXERCISES to it"
            )
        return sorted(path.parent.name for path in self._exercises.glob("*/exercise.toml"))

    def folder(self, slug: str) -> Path:
        """Where students see the exercise called ``slug``."""
        return self._exercises / slug

    def solution_folder(self, slug: str) -> Path | None:
        """Where only the grader looks for it; None in a student's own copy."""
        folder = None if self._solutions is None else self._solutions / slug
        return folder if folder is not None and folder.is_dir() else None

    def all(self) -> list[Exercise]:
        """Every exercise, in the course's order."""
        return sorted((self.get(slug) for slug in self.slugs()), key=lambda e: (e.order, e.slug))

    def get(self, slug: str) -> Exercise:
        """The exercise called ``slug``.

        :raises UnknownExercise: there is none; names the nearest.
        :raises ExerciseError: its folder is wrong; ``file:line: what``.
        """
        if slug not in self._loaded:
            known = self.slugs()
            if slug not in known:
                near = difflib.get_close_matches(slug, known, n=1, cutoff=0.4)
                raise UnknownExercise(slug, near[0] if near else None)
            self._loaded[slug] = load(self._exercises / slug, self._solutions)
        return self._loaded[slug]


def load(folder: Path, solutions: Path | None) -> Exercise:
    """One exercise from its folder and, if there is one, its solution's.

    :raises ExerciseError: something in either is wrong.
    """
    path = folder / "exercise.toml"
    sheet = read_sheet(path, _Sheet)
    text = read_text(path)
    given = folder / "given.py"
    exercise = Exercise(
        slug=folder.name,
        section=sheet.section,
        order=sheet.order,
        title=sheet.title,
        summary=sheet.summary,
        prompt=Text(read_text(folder / "prompt.en.md"), read_text(folder / "prompt.zh.md")),
        starter=read_text(folder / "starter.py"),
        inputs=sheet.input,
        functions=sheet.function,
        checks=sheet.check,
        cases=tuple(msgspec.structs.replace(case, visible=True) for case in sheet.case),
        digest="",
        given=read_text(given) if given.exists() else "",
        answers=sheet.answer,
        hint=sheet.hint,
        limits=sheet.limits,
        published=_published(folder / "visible.json"),
    )
    for where, what in _complaints(exercise):
        raise ExerciseError(str(path), find_line(text, where), what)
    digest = hashlib.sha256(text.encode())
    solution = None
    if solutions is not None and (solutions / folder.name).is_dir():
        solution = _load_solution(solutions / folder.name, exercise, digest)
    return msgspec.structs.replace(exercise, solution=solution, digest=digest.hexdigest())


def _published(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(read_text(path), type=dict[str, dict[str, Any]])
    except msgspec.MsgspecError as error:
        raise ExerciseError(str(path), 1, f"{error}; write it anew with 'grade publish'") from error


def _load_solution(folder: Path, exercise: Exercise, digest: Any) -> Solution:
    path = folder / "solution.toml"
    sheet = read_sheet(path, _SolutionSheet)
    text = read_text(path)
    wrong = folder / "misconceptions.py"
    solution = Solution(
        reference=read_text(folder / "reference.py"),
        misconceptions_source=read_text(wrong) if wrong.exists() else "",
        cases=tuple(msgspec.structs.replace(case, visible=False) for case in sheet.case),
        generator=sheet.generator,
        misconceptions=sheet.misconception,
        branches=sheet.branch,
        smooth=sheet.smooth,
        equivalent=sheet.equivalent,
    )
    for where, what in _solution_complaints(exercise, solution):
        raise ExerciseError(str(path), find_line(text, where), what)
    for part in (text, solution.reference, solution.misconceptions_source):
        digest.update(b"\0" + part.encode())
    return solution


def _complaints(exercise: Exercise) -> Iterator[tuple[str, str]]:
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
                yield f"$.function[{n}].args", f"'{argument}' is no [[input]]"
    for n, check in enumerate(exercise.checks):
        where = f"$.check[{n}]"
        if (check.function is None) == (check.answer is None):
            yield where, f"check '{check.id}' needs exactly one of 'function' and 'answer'"
        if check.function is not None and check.function not in functions:
            yield f"{where}.function", f"'{check.function}' is no [[function]]"
        if check.answer is not None and check.answer not in answers:
            yield f"{where}.answer", f"'{check.answer}' is no [[answer]]"
        if check.wrt is not None and check.wrt not in inputs:
            yield f"{where}.wrt", f"'{check.wrt}' is no [[input]]"
        if check.cotangent not in {"sum", "random"} | inputs:
            yield f"{where}.cotangent", f"'{check.cotangent}' is neither sum, random, nor an [[input]]"
        yield from _kind_complaints(exercise, check, where)
        if check.kind == "vjp" and check.cotangent not in inputs:
            yield f"{where}.kind", "a vjp check needs 'cotangent' to name an [[input]]"
        if check.kind == "state" and check.answer is None:
            yield f"{where}.kind", "a state check judges a typed answer; name it with 'answer'"
    yield from _limit_complaints(exercise.limits)
    if functions and not exercise.cases:
        yield "$.case", "an exercise with functions needs at least one visible [[case]]"
    yield from _case_complaints(exercise.cases, inputs)


def _kind_complaints(exercise: Exercise, check: Check, where: str) -> Iterator[tuple[str, str]]:
    """What a check of its kind needs besides."""
    inputs = {i.name for i in exercise.inputs}
    answer = next((a for a in exercise.answers if a.name == check.answer), None)
    yield from _derivative_complaints(exercise, check, where)
    if check.match and check.kind != "raises":
        yield f"{where}.match", "only a raises check has a match"
    if not 0 < check.rtol < 1:
        yield f"{where}.rtol", "rtol lies between 0 and 1"
    if check.kind in ("jvp", "hvp") and check.tangent not in inputs:
        yield f"{where}.kind", f"a {check.kind} check needs 'tangent' to name an [[input]]"
    if check.tangent is not None and check.kind not in ("jvp", "hvp"):
        yield f"{where}.tangent", "only a jvp or an hvp has a tangent"
    if check.order > 1 and check.kind not in ("higher-order", "gradient"):
        yield f"{where}.order", "only higher-order and gradient checks have an order"
    if check.kind in ("raises", "graph", "gradient", "own-prediction") and check.function is None:
        yield f"{where}.kind", f"a {check.kind} check judges a function; name it with 'function'"
    if check.kind == "own-prediction":
        if check.of not in {f.name for f in exercise.functions}:
            yield f"{where}.kind", "an own-prediction needs 'of' to name the [[function]] the student designs"
        if check.cotangent != "sum":
            yield f"{where}.cotangent", 'an own-prediction is about the sum; write cotangent = "sum"'
    if answer is not None and answer.type == "formula" and (check.of is None or check.kind == "state"):
        yield where, "a formula is judged as a prediction; name the reference's function with 'of'"
    if answer is not None and answer.type == "choice" and len(answer.option) < 2:
        yield where, f"answer '{answer.name}' needs at least two [[answer.option]]"


def _derivative_complaints(exercise: Exercise, check: Check, where: str) -> Iterator[tuple[str, str]]:
    """Whether there is something to differentiate by."""
    by_formula = check.answer is not None and any(
        a.name == check.answer and a.type == "formula" for a in exercise.answers
    )
    if check.kind in ("state", "raises") or (check.function is None and not by_formula):
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
    if check.kind != "value" and not names & differentiable:
        yield where, f"'{name}' takes no differentiable [[input]], so there is nothing to differentiate by"
    elif check.wrt is not None and check.wrt not in names:
        yield f"{where}.wrt", f"'{name}' does not take '{check.wrt}'"


def _limit_complaints(limits: Limits) -> Iterator[tuple[str, str]]:
    """What nothing could be run with; whether they are sane is for ``grade check``."""
    if not (0 < limits.case_seconds < math.inf and 0 < limits.total_seconds < math.inf):  # NaN is in no order
        yield "$.limits", "case_seconds and total_seconds are numbers of seconds above zero"


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


def _solution_complaints(exercise: Exercise, solution: Solution) -> Iterator[tuple[str, str]]:
    inputs = {i.name for i in exercise.inputs}
    checks = {c.id for c in exercise.checks}
    yield from _case_complaints(solution.cases, inputs)
    yield from _twice("case", [c.name for c in (*exercise.cases, *solution.cases)], len(exercise.cases))
    yield from _twice("misconception", [m.id for m in solution.misconceptions])
    for n, wrong in enumerate(solution.misconceptions):
        for check in wrong.checks:
            if check not in checks:
                yield f"$.misconception[{n}].checks", f"'{check}' is no [[check]] of exercise.toml"
        value = wrong.value
        if isinstance(value, list) and not any(isinstance(x, str) for x in value) and _shape(value) is None:
            yield f"$.misconception[{n}].value", f"misconception '{wrong.id}': no regular array of numbers"
        for code in wrong.codes:
            if code not in CODES:
                near = difflib.get_close_matches(code, CODES, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                yield f"$.misconception[{n}].codes", f"'{code}' is no code of the finder{hint}"
    yield from _draw_complaints(solution.generator)
    for name in solution.generator.draw:
        if name not in inputs:
            yield f"$.generator.draw.{name}", f"'{name}' is no [[input]]"
    missing = inputs - set(solution.generator.draw)
    if solution.generator.count and missing:
        yield "$.generator", f"the generator does not say how to draw '{min(missing)}'"


def _twice(table: str, names: list[str], skip: int = 0) -> Iterator[tuple[str, str]]:
    for n, name in enumerate(names):
        if name in names[:n]:
            yield f"$.{table}[{n - skip}]", f"there are two [[{table}]] called '{name}'"


def _case_complaints(cases: tuple[Case, ...], inputs: set[str]) -> Iterator[tuple[str, str]]:
    for n, case in enumerate(cases):
        for name in sorted(inputs - set(case.inputs)):
            yield f"$.case[{n}]", f"case '{case.name}' gives no value for '{name}'"
        for name, nested in case.inputs.items():
            if name not in inputs:
                yield f"$.case[{n}].inputs", f"case '{case.name}': '{name}' is no [[input]]"
            elif _shape(nested) is None:
                yield f"$.case[{n}].inputs", f"case '{case.name}': '{name}' is not a regular array of numbers"


def _shape(nested: Any) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers; None when they are ragged or hold something else."""
    if isinstance(nested, bool | int | float):
        return ()
    if not isinstance(nested, list | tuple):
        return None
    shapes = {_shape(item) for item in nested}
    if len(shapes) > 1 or None in shapes:
        return None
    inner = shapes.pop() if shapes else ()
    assert inner is not None
    return (len(nested), *inner)
