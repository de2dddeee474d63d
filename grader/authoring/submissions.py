"""Submissions beside the reference: each gets what its first lines say. Causes first, then consequences.

One mistake of an author's can be seen in every file: a function that all of them call by another name, a
reference with which none of them agrees. Such a cause is said once, with the files that it concerns; what
follows from it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from grader.authoring import golden
from grader.authoring.findings import Finding, Folder
from grader.authoring.sources import REFERENCE
from grader.checks.evidence import Plan
from grader.errors import ExerciseError
from grader.exercises.toml_files import near
from grader.grading import Truths, grade
from grader.grading.observe import Sandbox
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.job import Call, Job
from grader.model.observation import Outcome, Returned
from grader.model.report import Report
from grader.model.submission import Submission
from grader.model.values import Mapping, Sequence, type_name

ACCEPTED, REJECTED = 3, 4
SHOWN: Final = 3
"""So many files are named where more are concerned."""


@dataclass
class _Ran:
    """One file: what it must get, what it gets, and where the two differ."""

    due: golden.Golden
    report: Report
    got: dict[str, str]
    differs: list[str] = field(default_factory=list)
    """Checks that got something else; those explained by a cause are taken out."""
    explained: bool = False


def prove_submissions(
    exercise: Exercise, folder: Folder, sandbox: Sandbox, truths: Truths
) -> tuple[int, list[Finding]]:
    """How many submissions were judged, and what is not as it must be.

    The accepted ones all pass; the rejected ones fail as their first lines say.
    """
    assert folder.solution is not None
    files = golden.files(folder.solution)
    found = list(_enough(files, folder))
    ran: list[_Ran] = []
    for path in files:
        try:
            due = golden.read(path)
        except ExerciseError as error:
            found.append(folder.at(path, error.line, error.what))
            continue
        report = judged(exercise, due, sandbox, truths)
        ran.append(_Ran(due, report, golden.got(report)))
    known = {check.id for check in exercise.checks}
    for one in ran:
        keys = sorted(set(one.got) | set(one.due.failing))
        one.differs = [
            key
            for key in keys
            if key in known and one.due.failing.get(key, "passed") != one.got.get(key, "passed")
        ]
    found += _heads(exercise, ran, folder)
    found += _undefined(exercise, ran, folder)
    found += _no_agreement(exercise, ran, folder)
    found += _each(ran, folder)
    return len(ran), found


def judged(exercise: Exercise, due: golden.Golden, sandbox: Sandbox, truths: Truths) -> Report:
    """The report on one file; with ten times the time where a slow machine may have been the reason."""
    submission = Submission(due.path.read_bytes())
    report = grade(exercise, submission, sandbox, truths)
    if "timeout" in golden.got(report).values() and "timeout" not in due.failing.values():
        # Importing torch.func takes a second: that proves nothing.
        report = grade(_patient(exercise), submission, sandbox, truths)
    return report


def _patient(exercise: Exercise) -> Exercise:
    limits = exercise.limits
    longer = msgspec.structs.replace(
        limits, case_seconds=10 * limits.case_seconds, total_seconds=10 * limits.total_seconds
    )
    return msgspec.structs.replace(exercise, limits=longer)


def _enough(files: list[Path], folder: Folder) -> Iterator[Finding]:
    assert folder.solution is not None
    for kind, least in (("accepted", ACCEPTED), ("rejected", REJECTED)):
        count = sum(path.parent.name == kind for path in files)
        if count < least:
            what = f"{least} {kind} submissions are needed, {count} are there"
            if kind == "rejected":
                what += "; 'grade check --write-rejected' makes one of each misconception"
            yield folder.at(folder.solution / kind, 1, what)


def _heads(exercise: Exercise, ran: list[_Ran], folder: Folder) -> Iterator[Finding]:
    """First lines that contradict their folder, or speak of no check there is."""
    known = {check.id for check in exercise.checks}
    total = exercise.max_score
    counted = {one.due.score for one in ran if one.due.accepted and not one.due.failing}
    old = counted.pop() if len(counted) == 1 else total
    if old != total:
        what = f"the points of the checks add up to {total:g}, and the submissions count on {old:g}"
        yield folder.in_exercise(f"{what}: 'grade check --write' fills their heads in", "$.check[0]")
    for one in ran:
        due = one.due
        one.explained = old != total
        for check in sorted(set(due.failing) - known):
            listed = ", ".join(sorted(known))
            what = f"'{check}' is no [[check]]{near(check, known)}; there are {listed}"
            yield folder.at(due.path, golden.line_of(due.path, check), what)
            one.explained = True
            one.differs = []
        if due.accepted and (due.failing or due.score not in (total, old)):
            yield folder.at(due.path, 1, "an accepted submission must say full marks")
        if not due.accepted and due.score >= total and old == total:
            yield folder.at(due.path, 1, "a rejected submission must say less than full marks")


def _undefined(exercise: Exercise, ran: list[_Ran], folder: Folder) -> Iterator[Finding]:
    """Functions that files do not define, and that must get something for them."""
    function_of = {check.id: check.function for check in exercise.checks}
    for n, function in enumerate(exercise.functions):
        missing = [
            one
            for one in ran
            if any(function_of[key] == function.name and one.got.get(key) == "missing" for key in one.differs)
        ]
        if not missing:
            continue
        for one in missing:
            one.differs = [
                key
                for key in one.differs
                if function_of[key] != function.name or one.got.get(key) != "missing"
            ]
            one.explained = True
        names = _listed([one.due.path for one in missing])
        if len(missing) == 1:
            yield folder.at(missing[0].due.path, 1, f"it defines no `{function.name}`")
        else:
            what = f"{len(missing)} submissions define no `{function.name}`: {names}"
            yield folder.in_exercise(what, f"$.function[{n}]")


def _no_agreement(exercise: Exercise, ran: list[_Ran], folder: Folder) -> Iterator[Finding]:
    """Checks that no accepted submission passes, all for one reason: the reference may be what is wrong."""
    accepted = [one for one in ran if one.due.accepted]
    for n, check in enumerate(exercise.checks):
        off = [one for one in accepted if check.id in one.differs]
        verdicts = {one.got.get(check.id, "passed") for one in off}
        if len(off) < 2 or len(off) < len(accepted) or len(verdicts) != 1:
            continue
        for one in ran:
            if check.id in one.differs:
                one.differs.remove(check.id)
                one.explained = True
        said = next(r.message.en for r in off[0].report.checks if r.id == check.id)
        what = (
            f"none of the {len(off)} accepted submissions passes check '{check.id}' ({verdicts.pop()}): the "
            f"reference and they disagree. Of {off[0].due.path.name} is said: {said}"
        )
        if check.answer is not None:
            yield folder.in_solution(what, "def answers", REFERENCE)
        elif check.of_own:
            yield folder.in_exercise(what, f"$.check[{n}]")
        else:
            yield folder.in_solution(what, f"def {check.of or check.function}", REFERENCE)


def _each(ran: list[_Ran], folder: Folder) -> Iterator[Finding]:
    """What is left: one line a file."""
    for one in ran:
        due, report = one.due, one.report
        parts = [
            f"check '{key}' got '{got}', and must get '{must}'"
            for key in one.differs
            for got, must in [(one.got.get(key, "passed"), due.failing.get(key, "passed"))]
        ]
        if parts:
            line = 1
            error = report.error
            if error is not None and all(one.got.get(key) == "error" for key in one.differs):
                # The submission itself is broken.
                line = error.line or 1
                parts.append(f"{error.type}: {error.message.en}")
            yield folder.at(due.path, line, "; ".join(parts))
        elif abs(report.score - due.score) > 1e-9 and not one.explained:
            yield folder.at(due.path, 1, f"it scores {report.score:g}, and must score {due.score:g}")


def _listed(paths: list[Path]) -> str:
    names = [f"{path.parent.name}/{path.name}" for path in paths]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def prove_items(plan: Plan, folder: Folder, sandbox: Sandbox) -> Iterator[Finding]:
    """Items of what is no tuple: the whole answer would be judged in the place of the missing item."""
    exercise = plan.exercise
    assert exercise.solution is not None and folder.solution is not None
    for n, check in enumerate(exercise.checks):
        function = check.of or check.function
        if check.output is not None and function is not None and not check.of_own:
            job = Job(b"", (_call(plan, check, f"reference.{function}", function),))
            library = {"reference": exercise.solution.reference.encode()}
            outcome = sandbox.run(job, library).outcomes.get(check.id)
            kind = _not_an_item(outcome, check.output)
            if kind is not None:
                what = f"the reference's {function} has no output {check.output!r}: it returns {kind}"
                yield folder.in_exercise(what, f"$.check[{n}].output")
    wanting = [check for check in exercise.checks if check.item is not None and check.function is not None]
    accepted = [path for path in golden.files(folder.solution) if path.parent.name == "accepted"]
    lacking: dict[str, list[tuple[Path, str]]] = {check.id: [] for check in wanting}
    for path in accepted if wanting else []:
        tasks = tuple(_call(plan, check, check.function or "", check.function or "") for check in wanting)
        outcomes = sandbox.run(Job(path.read_bytes(), tasks)).outcomes
        for check in wanting:
            assert check.item is not None
            kind = _not_an_item(outcomes.get(check.id), check.item)
            if kind is not None:
                lacking[check.id].append((path, kind))
    for n, check in enumerate(exercise.checks):
        those = lacking.get(check.id, [])
        what = f"check '{check.id}' is about item {check.item!r} of what {check.function} returns"
        if those and len(those) == len(accepted):
            yield folder.in_exercise(
                f"{what}, and every accepted submission returns {those[0][1]} without such an item",
                f"$.check[{n}].item",
            )
        else:
            for path, kind in those:
                yield folder.at(path, 1, f"{what}, and here it returns {kind} without such an item")


def _call(plan: Plan, check: Check, name: str, declared: str) -> Call:
    function = next((f for f in plan.exercise.functions if f.name == declared), None)
    names = function.args if function else tuple(i.name for i in plan.exercise.inputs if i.differentiable)
    return Call(id=check.id, function=name, args=tuple(plan.cases[0].inputs[name] for name in names))


def _not_an_item(outcome: Outcome | None, which: int | str) -> str | None:
    """The type of what was returned, where it has no such item; None where it has, or failed."""
    if not isinstance(outcome, Returned):
        return None
    value = outcome.value
    if (
        isinstance(which, int)
        and isinstance(value, Sequence)
        and -len(value.items) <= which < len(value.items)
    ):
        return None
    if isinstance(which, str) and isinstance(value, Mapping) and which in value.items:
        return None
    if isinstance(value, Sequence):
        return f"a {type_name(value)} of {len(value.items)}"
    return f"a {type_name(value)}"
