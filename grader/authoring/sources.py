"""Sources of an exercise, ``reference.py`` and ``misconceptions.py``: what they lack or fail at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from grader.authoring.findings import Finding, Folder
from grader.checks.tasks import judged_by_cases
from grader.exercises.toml_files import near
from grader.grading.observe import Sandbox
from grader.grading.truth import LIMITS
from grader.model.exercise import Exercise
from grader.model.job import Job
from grader.model.observation import Raised

REFERENCE: Final = "reference.py"
MISCONCEPTIONS: Final = "misconceptions.py"


def prove_sources(exercise: Exercise, folder: Folder) -> list[Finding]:
    """What is missing in the two files, or stands in them twice.

    Where something is found nothing can be judged, or not as it was meant: it is the cause of all else.
    """
    solution = exercise.solution
    assert solution is not None
    found: list[Finding] = []
    names: dict[str, set[str] | None] = {}
    for name, source in ((REFERENCE, solution.reference), (MISCONCEPTIONS, solution.misconceptions_source)):
        try:
            names[name] = defined(ast.parse(source))
        except SyntaxError as error:
            path = _path(folder, name)
            found.append(folder.at(path, error.lineno or 1, f"Python cannot read it: {error.msg}"))
    if found:
        return found
    found += _reference(exercise, folder, names[REFERENCE])
    found += _misconceptions(exercise, folder, names[MISCONCEPTIONS])
    return found


def defined(tree: ast.Module) -> set[str] | None:
    """Names that a module has when it was run; None where an ``import *`` leaves that open."""
    found: set[str] = set()
    todo: list[ast.stmt] = [*tree.body]
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any(alias.name == "*" for alias in aliases):
                    return None
                found |= {(alias.asname or alias.name).split(".")[0] for alias in aliases}
            case ast.If(body=body, orelse=other) | ast.Try(body=body, orelse=other):
                todo += [*body, *other]
            case ast.With(body=body):
                todo += body
            case _:
                found |= {
                    name.id
                    for name in ast.walk(node)
                    if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
                }
    return found


def _path(folder: Folder, name: str) -> Path:
    assert folder.solution is not None
    return folder.solution / name


def _reference(exercise: Exercise, folder: Folder, names: set[str] | None) -> Iterator[Finding]:
    """Functions that checks are held against."""
    assert exercise.solution is not None
    if names is None:
        return
    needed: dict[str, list[str]] = {}
    for check in exercise.checks:
        function = check.of or check.function
        if function is not None and not check.of_own:
            needed.setdefault(function, []).append(check.id)
    for function, checks in needed.items():
        if function not in names:
            asked = " and ".join(f"'{check}'" for check in checks)
            what = (
                f"there is no def {function}(…), which check {asked} is held against{near(function, names)}"
            )
            yield folder.in_solution(what, name=REFERENCE)
    if any(not answer.at_every_case for answer in exercise.answers) and "answers" not in names:
        typed = ", ".join(answer.name for answer in exercise.answers if not answer.at_every_case)
        what = f"there is no def answers(), which returns what is right for {typed}, as a dict"
        yield folder.in_solution(what, name=REFERENCE)
    if exercise.solution.branches and "branch" not in names:
        yield folder.in_solution(
            "there is no def branch(…), which returns the id of a [[branch]]", name=REFERENCE
        )


def _misconceptions(exercise: Exercise, folder: Folder, names: set[str] | None) -> Iterator[Finding]:
    """Each misconception is a function or a value, and never both."""
    assert exercise.solution is not None
    if names is None:
        return
    checks = {check.id: check for check in exercise.checks}
    for n, wrong in enumerate(exercise.solution.misconceptions):
        where, function = f"$.misconception[{n}]", wrong.id.replace("-", "_")
        has_value = wrong.value is not msgspec.UNSET
        if has_value and function in names:
            what = (
                f"misconception '{wrong.id}' has a value and a function {function} in {MISCONCEPTIONS}: "
                "which of them is it? Take one away"
            )
            yield folder.in_solution(what, f"{where}.value")
        elif function not in names:
            by_cases = [id_ for id_ in wrong.checks if judged_by_cases(exercise, checks[id_])]
            if has_value and by_cases:
                what = (
                    f"misconception '{wrong.id}' has a value, which is for typed answers; "
                    f"check '{by_cases[0]}' is judged at every case: write def {function}(…) in "
                    f"{MISCONCEPTIONS} instead"
                )
                yield folder.in_solution(what, f"{where}.value")
            elif not has_value:
                what = f"there is no def {function}(…) for misconception '{wrong.id}'{near(function, names)}"
                yield folder.in_solution(what, name=MISCONCEPTIONS)


def prove_classes(exercise: Exercise, folder: Folder) -> Iterator[Finding]:
    """Classes with a ``backward`` that the starter begins and no check asks for: the bare formula passes
    what autograd is asked through a function.
    """
    asked = {check.function for check in exercise.checks if check.own_backward}
    for node in ast.parse(exercise.starter).body:
        if isinstance(node, ast.ClassDef) and node.name not in asked and any(map(_is_function, node.bases)):
            what = (
                f"no check of kind 'backward' is about {node.name}: "
                "who writes the formula without a class of their own passes, too"
            )
            yield folder.at(folder.exercise / "starter.py", node.lineno, what)


def _is_function(base: ast.expr) -> bool:
    """Whether a class is derived from ``torch.autograd.Function``, however it was imported."""
    return ast.unparse(base).split(".")[-1] == "Function"


def located(exercise: Exercise, what: str, folder: Folder, sandbox: Sandbox) -> Finding:
    """Why no truth could be observed, with the file and the line that it is about.

    :param what: what was said of it, without the exercise's name.
    """
    if "cannot be run:" in what:
        return _at_loading(exercise, what, folder, sandbox)
    own = re.match(r"'([a-z0-9_-]+)!(?:([a-z0-9_-]+)@)?([a-z0-9_-]+)' does not return: (.*)", what, re.DOTALL)
    if own:
        wrong, _, case, why = own.groups()
        at = "" if case == "answer" else f" at case '{case}'"
        definition = f"def {wrong.replace('-', '_')}("
        return folder.in_solution(f"misconception '{wrong}' fails{at}: {why}", definition, MISCONCEPTIONS)
    wrong_one = re.match(r"misconception '([a-z0-9_-]+)' (?:returns|is)", what)
    if wrong_one:
        return folder.in_solution(what, f"def {wrong_one.group(1).replace('-', '_')}(", MISCONCEPTIONS)
    case = re.search(r"is not finite at case '([^']+)'", what)
    if case:
        return _of_case(exercise, case.group(1), what, folder)
    subject = re.match(r"'(branch)@|(branch)\(|'?(answers)\b|the reference's (\w+)", what)
    name = next((group for group in subject.groups() if group), "") if subject else ""
    return folder.in_solution(what, f"def {name}" if name else "", REFERENCE)


def _of_case(exercise: Exercise, name: str, what: str, folder: Folder) -> Finding:
    """A complaint about one case, where it stands; about the generator for one that was drawn."""
    solution = exercise.solution
    assert solution is not None
    for n, case in enumerate(exercise.cases):
        if case.name == name:
            return folder.in_exercise(what, f"$.case[{n}]")
    for n, case in enumerate(solution.cases):
        if case.name == name:
            return folder.in_solution(what, f"$.case[{n}]")
    return folder.in_solution(what, "$.generator")


def _at_loading(exercise: Exercise, what: str, folder: Folder, sandbox: Sandbox) -> Finding:
    """The line at which one of the two files fails: each is run as a submission, whose lines are known."""
    solution = exercise.solution
    assert solution is not None
    reference = solution.reference.encode()
    for name, source, beside in (
        (REFERENCE, reference, {}),
        (MISCONCEPTIONS, solution.misconceptions_source.encode(), {"reference": reference}),
    ):
        loaded = sandbox.run(Job(source=source, tasks=(), limits=LIMITS), beside).loaded
        failure = loaded.failure
        if isinstance(failure, Raised):
            what = f"it cannot be run: {failure.type}: {failure.message}"
            return folder.at(_path(folder, name), failure.line or 1, what)
        for note in loaded.notes:
            if note.what == "raised":
                what = f"it cannot be run: {note.name}: {note.message}"
                return folder.at(_path(folder, name), note.line or 1, what)
    return folder.in_solution(what, name=REFERENCE)
