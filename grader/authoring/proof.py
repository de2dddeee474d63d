"""``grade check``: the proof that an exercise is sound.

Everything is run as a student's submission is run, in the same jail. What is found is said as
``file:line: what``; nothing here changes a file.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from grader.authoring import golden
from grader.authoring.closed_forms import prove_closed_forms
from grader.authoring.codes import prove_codes
from grader.authoring.derivatives import prove_derivatives
from grader.authoring.finder import of_misconceptions
from grader.authoring.findings import Finding, Folder, Proof
from grader.authoring.impostors import prove_cotangents, prove_hidden, prove_no_table
from grader.authoring.mutants import Mutant, mutants
from grader.authoring.reached import asked
from grader.authoring.separation import complaints, separation
from grader.authoring.sources import located, prove_classes, prove_sources
from grader.authoring.submissions import prove_items, prove_submissions
from grader.authoring.texts import prove_texts
from grader.authoring.variants import prove_variants
from grader.checks.compare import same
from grader.checks.evidence import Plan, Truth
from grader.errors import ExerciseError, GraderError, SandboxFailed
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.observe import Sandbox
from grader.grading.plan import make_plan
from grader.grading.published import publish, says_the_same
from grader.grading.truth import observe_truth
from grader.model.exercise import Exercise, Limits
from grader.model.submission import Submission

CAUGHT: Final = 0.95
"""So many of the mutants must be noticed."""
_MUTANT_LIMITS: Final = Limits(case_seconds=0.5, total_seconds=3.0)
"""A mutant may loop for ever, which is one way to be noticed."""


def prove(library: Library, slug: str, sandbox: Sandbox, truths: Truths, *, draws: int = 0) -> Proof:
    """Prove the exercise called ``slug``.

    :param draws: with so many other draws of the hidden cases is every submission handed in once more. A
        course has its own: what holds at one draw by luck would surprise a class.
    :raises SandboxFailed: nothing could be run: that is ours, and says nothing of the exercise.
    :raises UnknownExercise: there is none.
    """
    started = time.monotonic()
    proof = Proof(slug)
    folder = Folder(library.folder(slug), library.solution_folder(slug))
    try:
        exercise = library.get(slug)
        if exercise.solution is None or folder.solution is None:
            proof.findings.append(folder.in_exercise("there is no solutions folder beside it to prove it by"))
        else:
            plan = make_plan(exercise, 0)
            _prove(proof, plan, folder, sandbox, truths)
            for seed in range(1, draws + 1):
                proof.findings += _drawn(exercise, folder.solution, folder, sandbox, seed)
    except ExerciseError as error:
        proof.findings.append(Finding(error.file, error.line, error.what))
    proof.seconds = time.monotonic() - started
    return proof


def _prove(proof: Proof, plan: Plan, folder: Folder, sandbox: Sandbox, truths: Truths) -> None:
    """All that can be found, causes before what may follow from them."""
    exercise = plan.exercise
    proof.findings += _sums(exercise, folder)
    if exercise.functions and all(case.visible for case in plan.cases):
        what = "there is no hidden case: add [[case]]s or a [generator]; what can be seen can be typed"
        proof.findings.append(folder.in_solution(what))
    proof.findings += prove_hidden(plan, folder)
    proof.findings += prove_texts(exercise, folder)
    broken = prove_sources(exercise, folder)
    proof.findings += broken
    try:
        truth = truths.of(plan, sandbox)
    except SandboxFailed:
        raise
    except GraderError as error:
        if not broken:  # else it follows from what has been said
            what = str(error).removeprefix(f"{exercise.slug}: ")
            proof.findings.append(located(exercise, what, folder, sandbox))
        return
    proof.findings += prove_closed_forms(plan, truth, folder, sandbox)
    proof.findings += prove_derivatives(plan, folder, sandbox)
    proof.findings += prove_items(plan, folder, sandbox)
    proof.submissions, found = prove_submissions(exercise, folder, sandbox, truths)
    proof.findings += found
    proof.findings += prove_variants(exercise, folder, sandbox)
    proof.variants = exercise.variants
    proof.findings += _starter(exercise, folder, sandbox, truths)
    proof.findings += _published(plan, truth, folder)
    proof.findings += prove_no_table(plan, truth, folder, sandbox, truths)
    proof.findings += prove_cotangents(plan, truth, folder, sandbox, truths)
    proof.named = list(of_misconceptions(plan, truth))
    proof.findings += prove_codes(exercise, proof.named, folder)
    proof.separation = separation(plan, truth)
    proof.findings += complaints(plan, proof.separation, folder, sandbox, truths)
    proof.findings += _mutated(proof, plan, truth, folder, sandbox)


def _sums(exercise: Exercise, folder: Folder) -> Iterator[Finding]:
    total = exercise.max_score
    if abs(total - round(total)) > 1e-9:
        yield folder.in_exercise(f"the points add up to {total:g}, which is no whole number", "$.check[0]")
    limits = exercise.limits
    if not 0 < limits.case_seconds <= limits.total_seconds <= 120:
        yield folder.in_exercise("limits: 0 < case_seconds ≤ total_seconds ≤ 120 does not hold", "$.limits")
    if limits.memory < 64 * 2**20 or min(limits.text, limits.results, limits.source) < 1024:
        yield folder.in_exercise(
            "limits: at least 64 MiB of memory and 1 KiB of text, results and source", "$.limits"
        )


def _drawn(exercise: Exercise, solution: Path, folder: Folder, sandbox: Sandbox, seed: int) -> list[Finding]:
    """What is found with the hidden cases of ``seed``."""
    try:
        return list(_drawn_again(exercise, solution, folder, sandbox, seed))
    except SandboxFailed:
        raise
    except GraderError as error:
        what = str(error).removeprefix(f"{exercise.slug}: ")
        found = located(exercise, what, folder, sandbox)
        return [replace(found, what=f"with the cases of seed {seed}, {found.what}")]


def _drawn_again(
    exercise: Exercise, solution: Path, folder: Folder, sandbox: Sandbox, seed: int
) -> Iterator[Finding]:
    """Submissions that get something else when the hidden cases are drawn from ``seed``."""
    truths = Truths()
    for path in golden.files(solution):
        try:
            due = golden.read(path)
        except ExerciseError:
            continue  # it has been said
        if "timeout" in due.failing.values():
            continue  # seconds spent on what no draw decides
        found = golden.got(grade(exercise, Submission(path.read_bytes(), seed=seed), sandbox, truths))
        for check in sorted(set(found) | set(due.failing)):
            wanted, was = due.failing.get(check, "passed"), found.get(check, "passed")
            if wanted != was:
                what = f"with the cases of seed {seed}, check '{check}' got '{was}', and must get '{wanted}'"
                yield folder.at(due.path, 1, what)


def _starter(exercise: Exercise, folder: Folder, sandbox: Sandbox, truths: Truths) -> Iterator[Finding]:
    try:
        ast.parse(exercise.starter)
    except SyntaxError as error:
        yield folder.at(
            folder.exercise / "starter.py", error.lineno or 1, f"Python cannot read it: {error.msg}"
        )
        return
    yield from prove_classes(exercise, folder)
    report = grade(exercise, Submission(exercise.starter.encode()), sandbox, truths)
    if report.score:
        yield folder.in_exercise(
            f"the starter scores {report.score:g}; it must score nothing", name="starter.py"
        )
    for check in report.checks:
        if not check.message.en and check.verdict != "passed":
            yield folder.in_exercise(f"nothing is said to the starter about '{check.id}'", name="starter.py")
    for function in exercise.functions:
        if not re.search(rf"^(?:def|class) {function.name}\b", exercise.starter, re.MULTILINE):
            yield folder.in_exercise(f"the starter does not begin {function.name}", name="starter.py")


def _published(plan: Plan, truth: Truth, folder: Folder) -> Iterator[Finding]:
    path = folder.exercise / "visible.json"
    if not path.exists() or not says_the_same(path.read_text("utf-8", "replace"), publish(plan, truth)):
        slug = plan.exercise.slug
        yield folder.in_exercise(f"write it anew with 'grade check --write {slug}'", name="visible.json")


def _mutated(proof: Proof, plan: Plan, truth: Truth, folder: Folder, sandbox: Sandbox) -> Iterator[Finding]:
    """Whether the checks notice when the reference is changed a little."""
    exercise, solution = plan.exercise, plan.exercise.solution
    assert solution is not None
    for mutant in mutants(solution.reference, asked(exercise)):
        if _noticed(plan, truth, mutant, sandbox):
            proof.caught += 1
        elif mutant.what in solution.equivalent:
            proof.equivalent.append(mutant.what)
        else:
            proof.survivors.append(f"line {mutant.line}, {mutant.what}")
    for stale in sorted(set(solution.equivalent) - set(proof.equivalent)):
        what = f"'{stale}' is under equivalent, but no such change goes unnoticed: take it out"
        yield folder.in_solution(what, stale)
    if proof.mutation_score < CAUGHT:
        listed = "; ".join(proof.survivors[:4])
        yield folder.in_solution(
            f"the checks notice {proof.caught} of {proof.caught + len(proof.survivors)} changes of the "
            f"reference; unnoticed: {listed}. Add cases that tell them apart, or list what no input "
            "can tell apart under equivalent = […]",
            name="solution.toml",
        )


def _noticed(plan: Plan, truth: Truth, mutant: Mutant, sandbox: Sandbox) -> bool:
    """Whether some check, at some case, has another right answer by the mutant."""
    exercise = plan.exercise
    assert exercise.solution is not None
    changed = msgspec.structs.replace(
        exercise.solution, reference=mutant.source, misconceptions=(), branches=()
    )
    without = msgspec.structs.replace(
        exercise,
        solution=changed,
        answers=tuple(a for a in exercise.answers if a.at_every_case),
        checks=tuple(
            c for c in exercise.checks if c.answer is None or exercise.answer(c.answer).at_every_case
        ),
    )
    if not without.checks:
        return True
    try:
        other = observe_truth(replace(plan, exercise=without), sandbox, _MUTANT_LIMITS, whole=False)
    except SandboxFailed:
        raise
    except GraderError:
        return True  # it fails, which every check notices
    for key, right in other.rights.items():
        mine = truth.rights[key]
        if (mine.expected is None) != (right.expected is None) or mine.graph != right.graph:
            return True
        if (
            mine.expected is not None
            and right.expected is not None
            and not same(mine.expected, right.expected)
        ):
            return True
    return False
