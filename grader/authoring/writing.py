"""``grade check --write``: what follows from an exercise is written into it, so that nobody has to type it.

The heads of submissions (what each scores and is told), ``visible.json``, and, where it is asked for, one
rejected submission of each misconception. An author reads what was written: it is what the grader says, and
not yet what is true.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.authoring import golden
from grader.authoring.reached import reached
from grader.authoring.submissions import judged
from grader.checks.evidence import Plan, Truth
from grader.errors import ExerciseError, GraderError, SandboxFailed
from grader.exercises import Library
from grader.grading import Truths
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.grading.published import publish, says_the_same
from grader.model.check import Check
from grader.model.exercise import Exercise, Misconception
from grader.model.report import Report
from grader.model.values import Sequence, Value, Words


@dataclass(frozen=True)
class Written:
    """One file that was written, or that could not be. :ivar what: what it says now, or why not."""

    path: Path
    what: str


def write(
    library: Library, slug: str, sandbox: Sandbox, truths: Truths, *, rejected: bool = False
) -> list[Written]:
    """Write what follows from the exercise called ``slug``; each file that is another now.

    Nothing is written where the exercise cannot be loaded or its reference cannot be run: ``prove`` says why.

    :param rejected: also a submission of each misconception that has none.
    """
    solution = library.solution_folder(slug)
    try:
        exercise = library.get(slug)
        if solution is None or exercise.solution is None:
            return []
        plan = make_plan(exercise, 0)
        truth = truths.of(plan, sandbox)
    except SandboxFailed:
        raise
    except GraderError:
        return []
    found = list(_rejected(plan, truth, solution)) if rejected else []
    found += _heads(exercise, solution, sandbox, truths)
    path, text = library.folder(slug) / "visible.json", publish(plan, truth)
    if not path.exists() or not says_the_same(path.read_text("utf-8", "replace"), text):
        path.write_text(text, encoding="utf-8")
        found.append(Written(path, "the right answers at the visible cases"))
    return found


# Heads.


def _heads(exercise: Exercise, solution: Path, sandbox: Sandbox, truths: Truths) -> Iterator[Written]:
    for path in golden.files(solution):
        accepted = path.parent.name == "accepted"
        try:
            due = golden.read(path)
        except ExerciseError:
            due = golden.Golden(exercise.slug, path, -1.0, {})
        report = judged(exercise, due, sandbox, truths)
        if (report.score >= exercise.max_score) is not accepted:
            continue  # it stands in the wrong folder, or it is wrong: that is no head's business
        head = _head(report)
        try:
            old = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        new = with_head(old, head)
        if new != old:
            path.write_text(new, encoding="utf-8")
            yield Written(path, ", ".join(line.removeprefix("#: ") for line in head))


def _head(report: Report) -> list[str]:
    """The first lines that state what a report says."""
    got = golden.got(report)
    return [f"#: score = {report.score:g}", *(f'#: {check} = "{said}"' for check, said in got.items())]


def with_head(text: str, head: list[str]) -> str:
    """``text`` with these first lines in the place of those it has; a coding line stays the first."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#:")]
    coding = 1 if lines and re.match(r"#.*coding[:=]", lines[0]) else 0
    return "".join([*lines[:coding], *(f"{line}\n" for line in head), *lines[coding:]])


# A rejected submission of each misconception.


def _rejected(plan: Plan, truth: Truth, solution: Path) -> Iterator[Written]:
    exercise = plan.exercise
    assert exercise.solution is not None
    accepted = [path for path in golden.files(solution) if path.parent.name == "accepted"]
    if not accepted:
        return
    right = with_head(accepted[0].read_text(encoding="utf-8", errors="replace"), [])
    for wrong in exercise.solution.misconceptions:
        path = solution / "rejected" / f"{wrong.id.replace('-', '_')}.py"
        if path.exists():
            continue
        made = _made(exercise, truth, wrong, right)
        if made is None:
            yield Written(path, "not made: what it explains can only be shown by code of your own")
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
        yield Written(path, f"{accepted[0].name} with the mistake of '{wrong.id}'")


def _made(exercise: Exercise, truth: Truth, wrong: Misconception, right: str) -> str | None:
    """A right submission with one mistake put in; None where the mistake is not what a function returns."""
    assert exercise.solution is not None
    text, answers = right, []
    for check in exercise.checks:
        if check.id not in wrong.checks:
            continue
        if check.function is not None:
            if (
                not (check.of_values or check.made_by_hand)
                or check.item is not None
                or check.output is not None
            ):
                continue
            code = code_of(
                exercise.solution.misconceptions_source, wrong.id.replace("-", "_"), check.function
            )
            text = _exchanged(text, check.function, code)
        else:
            answers.append(_typed(check, truth, wrong))
    answers = [answer for answer in answers if answer]
    if answers:
        if not re.search(r"^PREDICTIONS\b", text, re.MULTILINE):
            text += "\n\nPREDICTIONS = {}\n"
        text = text.rstrip("\n") + "\n" + "".join(f"PREDICTIONS[{answer}\n" for answer in answers)
    return None if text == right else text


def code_of(source: str, name: str, called: str) -> str:
    """The function ``name`` of ``source`` as one called ``called``, after whatever it needs."""
    tree = ast.parse(source)
    needed = reached(tree, [name])
    used = {node.id for function in needed for node in ast.walk(function) if isinstance(node, ast.Name)}
    pieces: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            if names & used:
                pieces.append(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            stored = {
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            if stored & used:
                pieces.append(node)
        elif node in needed:
            pieces.append(node)
    return "\n\n\n".join(
        _renamed(ast.get_source_segment(source, node) or "", name, called) for node in pieces
    )


def _renamed(text: str, name: str, called: str) -> str:
    return re.sub(rf"\b{name}\b", called, text)


def _exchanged(text: str, function: str, code: str) -> str:
    """``text`` with ``code`` in the place of its function of that name, or at its end."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    lines = text.splitlines(keepends=True)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            return "".join([*lines[:first], f"{code}\n", *lines[node.end_lineno :]])
    return f"{text.rstrip()}\n\n\n{code}\n"


def _typed(check: Check, truth: Truth, wrong: Misconception) -> str:
    """``"x_grad"] = [1, 4, 9]``: what is typed by who makes the mistake; empty where nothing is known."""
    if check.id in truth.wrong_answers and wrong.id in truth.wrong_answers[check.id]:
        numbers = truth.wrong_answers[check.id][wrong.id]
        return f'"{check.answer}"] = {"None" if numbers is None else _literal(numbers.tolist())}'
    if check.id in truth.wrong_words and wrong.id in truth.wrong_words[check.id]:
        return f'"{check.answer}"] = {_words(truth.wrong_words[check.id][wrong.id])!r}'
    return ""


def _literal(nested: Any) -> str:
    if isinstance(nested, list):
        return f"[{', '.join(map(_literal, nested))}]"
    if isinstance(nested, float):
        return f"{nested:.12g}" if math.isfinite(nested) else f'float("{nested}")'
    return repr(nested)


def _words(value: Value) -> object:
    match value:
        case Sequence(items=items):
            return [_words(item) for item in items]
        case Words(text=text):
            return text
        case _:
            return None
