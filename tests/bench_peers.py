"""``make bench-peers PEERS=folder``: our exercises as a notebook, graded by nbgrader and otter, beside us.

PEERS holds virtual environments that the user has made; ``docs/operating.md`` says how. Each exercise is a
question of one notebook: a student's cell (the first accepted file), and for each check of ours a test worth
the same points, which asserts the same at the same inputs. A peer grades a submission by its own command, as
it would a real one, and we grade the same four files in turn with it. Then come wrong answers with the eight
tricks of ``tests/attacks/test_tampering.py``, aimed at such tests. Neither peer promises to withstand them:
both run their tests in the student's process.
"""

# ruff: noqa: T201, B023 - it is there to print; its lambdas are called at once

from __future__ import annotations

import argparse
import ast
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import GraderError
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.cases import cases_of
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

from .attacks.bench import ASK, WRONG_F, ZERO, F
from .bench import ROOT, _say, _timed

_TORCH = "{1}/bin/pip install -c constraints.txt torch numpy"
INSTALL = f"{{0}} is not installed: python -m venv {{1}} && {_TORCH} && {{1}}/bin/pip install {{2}} ipykernel"
TAMPERED = "control-flow"
"""The question whose answers tamper. It is the last one: what they spoil they spoil for themselves."""

_EQUAL = """class Equal(torch.Tensor):
    @classmethod
    def __torch_function__(cls, f, types, a=(), k=None):
        return f is torch.allclose or super().__torch_function__(f, types, a, k)
grad_f = lambda a: (a * 0).as_subclass(Equal)"""
_FRAME = "import sys\ngrad_f = lambda a: sys._getframe(1).f_globals['expected']"
_GC = """import gc
def grad_f(a):
    return next(d["expected"] for d in gc.get_objects() if type(d) is dict and d.get("a") is a)"""
_YES = """import torch
class Yes:
    __eq__ = __bool__ = lambda *a: True
    __call__ = __getattr__ = __getitem__ = lambda self, *a, **k: self
    __torch_function__ = classmethod(lambda cls, f, types, a=(), k=None: cls())
f = grad_f = PREDICTIONS = Yes()"""
_GUESSED = "PREDICTIONS = {'ratio': True}\n"
WRONG = f"{F}{ZERO}{_GUESSED}"
TRICKS = {
    "patch torch.allclose": f"{WRONG_F}{ZERO}{_GUESSED}torch.allclose = lambda *a, **k: True",
    "patch torch.autograd.grad": f"{WRONG}torch.autograd.grad = lambda *a, **k: [torch.zeros(()).double()]",
    "a tensor that says it is equal": f"{WRONG}{_EQUAL}",
    "read the expected value off the caller's frame": f"{WRONG}{_FRAME}",
    "find it with gc": f"{WRONG}{_GC}",
    "overwrite it": f"{WRONG}{_FRAME}.zero_() * 0",
    "call autograd as the prediction": f"{WRONG}{ASK}grad_f = ask",
    "an object that is always true": _YES,
}


def _first(slug: str) -> Path:
    """The exercise's first accepted submission."""
    return sorted((ROOT / "solutions" / slug / "accepted").glob("*.py"))[0]


def _test(exercise: Exercise, check: Check) -> str:
    """What an instructor would assert for ``check``; only what stands below a ``for`` is indented."""
    if check.answer is not None:
        typed = ast.parse(_first(exercise.slug).read_text()).body[-1]
        assert isinstance(typed, ast.Assign)  # PREDICTIONS = {...}
        return f"assert PREDICTIONS[{check.answer!r}] == {ast.literal_eval(typed.value)[check.answer]!r}"
    assert exercise.solution is not None and check.function is not None
    names = [each.name for each in exercise.inputs]
    tensor = "torch.tensor({}, dtype=torch.float64),".format
    points = ["".join(tensor(case.plain[name]) for name in names) for case in cases_of(exercise, 0)]
    right = f"right[{check.of or check.function!r}]"
    output = "({} * v).sum()" if "v" in names and check.cotangent != "sum" else "{}.sum()"
    gradient = f"torch.autograd.grad({output}, leaf)[0]"
    expected = f"{right}({names[0]})" if check.kind == "value" else gradient.format(f"{right}(leaf)")
    found = f"{check.function}({', '.join(exercise.function(check.function).args)})"
    if check.kind == "gradient":
        found = gradient.format(f"{check.function}(leaf)")
    return f"""import torch
right = {{}}
exec({exercise.solution.reference!r}, right)
for {", ".join(names)}, in [{", ".join(f"({point})" for point in points)}]:
    leaf = {names[0]}.clone().requires_grad_()
    expected = {expected}
    found = {found}
    assert found.shape == expected.shape and torch.allclose(found, expected)"""


def _write(path: Path, cells: Sequence[tuple[str, str, Mapping[str, object]]]) -> None:
    """A notebook of code cells: identifier, source, metadata."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code: dict[str, object] = {"cell_type": "code", "outputs": [], "execution_count": None}
    shown = [code | {"id": name, "source": source, "metadata": about} for name, source, about in cells]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": shown}
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook))


class Peer:
    """A grader in a virtual environment of its own, and a folder in which it works."""

    name = package = ""

    def __init__(self, environment: Path, home: Path) -> None:
        self.home, self._bin = home, environment / "bin"
        home.mkdir()

    def call(self, command: str, *arguments: str) -> None:
        """Run the peer's command, with nothing of the user's own settings of Jupyter."""
        variables = {"PATH": f"{self._bin}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8"}
        words = [str(self._bin / command), *arguments]
        run = subprocess.run(words, cwd=self.home, env=variables, capture_output=True, check=False)
        if run.returncode:
            said = (run.stdout + run.stderr).decode(errors="replace")[-2000:]
            sys.exit(f"bench-peers: {' '.join(words)} failed:\n{said}")


class Nbgrader(Peer):
    """``nbgrader generate_assignment`` once, ``nbgrader autograde`` for each submission."""

    name, package = "nbgrader", "nbgrader==0.9.6"

    def prepare(self, exercises: list[Exercise]) -> None:
        cells = []
        for exercise in exercises:
            about: dict[str, object] = {"schema_version": 3, "task": False}
            asked = about | {"grade": False, "solution": True, "locked": False, "grade_id": exercise.slug}
            source = f"### BEGIN SOLUTION\n{_first(exercise.slug).read_text()}### END SOLUTION"
            cells.append((exercise.slug, source, {"nbgrader": asked}))
            for check in exercise.checks:
                name = f"{exercise.slug}-{check.id}"
                tested = about | {"grade": True, "solution": False, "locked": True, "points": check.points}
                cells.append((name, _test(exercise, check), {"nbgrader": tested | {"grade_id": name}}))
        _write(self.home / "source/hw/hw.ipynb", cells)
        self.call("nbgrader", "generate_assignment", "hw")

    def grade(self, student: str, answers: dict[str, str]) -> None:
        released = json.loads((self.home / "release/hw/hw.ipynb").read_text())["cells"]
        named = [(cell["metadata"]["nbgrader"]["grade_id"], cell) for cell in released]
        cells = [(name, answers.get(name, cell["source"]), cell["metadata"]) for name, cell in named]
        _write(self.home / "submitted" / student / "hw/hw.ipynb", cells)
        self.call("nbgrader", "autograde", "hw", "--student", student)

    def scores(self) -> dict[str, float]:
        self.call("nbgrader", "export", "--to", "grades.csv")
        with (self.home / "grades.csv").open(newline="") as rows:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(rows)}


class Otter(Peer):
    """``otter generate`` once, ``otter run`` for each submission: its grading without a container."""

    name, package = "otter", "otter-grader==7.0.0"

    def prepare(self, exercises: list[Exercise]) -> None:
        (self.home / "tests").mkdir()
        for exercise in exercises:
            cases = []
            for check in exercise.checks:
                lines = _test(exercise, check).splitlines()
                code = "\n".join(("... " if line[0] == " " else ">>> ") + line for line in lines)
                cases.append({"code": code, "points": check.points})
            test = {"name": exercise.slug, "suites": [{"type": "doctest", "cases": cases}]}
            (self.home / "tests" / f"{exercise.slug}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}")
        self.call("otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-requirements")

    def grade(self, student: str, answers: dict[str, str]) -> None:
        tested = [(slug, source, {"otter": {"tests": [slug]}}) for slug, source in answers.items()]
        _write(self.home / student / "hw.ipynb", tested)
        self.call("otter", "run", "-a", "autograder.zip", "-o", student, "--no-logo", f"{student}/hw.ipynb")

    def scores(self) -> dict[str, float]:
        found = {path.parent.name: json.loads(path.read_text()) for path in self.home.glob("*/results.json")}
        return {name: sum(test.get("score", 0) for test in found[name]["tests"]) for name in found}


def compare(peer: Nbgrader | Otter, exercises: list[Exercise], pool: Pool, rounds: int) -> int:
    """Print a peer's lines; how many of the submissions that tamper it gave full marks."""
    truths, command = Truths(), [str(Path(sys.executable).with_name("grade")), "run", "--json"]
    right = {exercise.slug: _first(exercise.slug).read_text() for exercise in exercises}

    def started() -> None:
        for slug in right:
            subprocess.run([*command, slug, str(_first(slug))], check=True, cwd=ROOT, capture_output=True)

    def running(exercise: Exercise) -> float:
        time.sleep(0.03)  # the keeper refills its spare, as between two students
        return _timed(lambda: grade(exercise, Submission(right[exercise.slug].encode()), pool, truths))

    peer.prepare(exercises)
    rows = []
    for n in range(rounds + 1):
        seconds = _timed(lambda: peer.grade(f"right-{n}", right))
        rows.append((seconds, _timed(started), sum(map(running, exercises))))
    theirs, cold, warm = map(list, zip(*rows[1:], strict=True))  # the first has filled the caches
    for student, text in {"wrong": WRONG, **TRICKS}.items():
        peer.grade(student, right | {TAMPERED: text})
    scores, full = peer.scores(), sum(exercise.max_score for exercise in exercises)
    for student in ("right-1", "wrong"):
        print(f"{f'{peer.name}: score, {student[:5]} answers':<44} {scores[student]:8g} of {full:g}")
    _say(f"{peer.name} / ours, grade run four times", theirs, cold, None)
    _say(f"{peer.name} / ours, four in a warm pool", theirs, warm, None)
    return sum(scores[student] == full for student in TRICKS)


def main() -> None:
    """Print every line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="?", default="", help="a folder of virtual environments")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if not chosen.peers or not Path(chosen.peers).is_dir():
        sys.exit("bench-peers: PEERS must name a folder of virtual environments (docs/operating.md)")
    library, fooled = Library(ROOT / "exercises", ROOT / "solutions"), []
    exercises = sorted(map(library.get, library.slugs()), key=lambda exercise: exercise.order)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {json.dumps(os.uname().release)}")
    try:
        with tempfile.TemporaryDirectory() as home, Pool(slots=1, spares=1, collapse=True) as pool:
            for kind in (Nbgrader, Otter):
                environment = Path(chosen.peers).absolute() / kind.name
                if not (environment / "bin" / kind.name).exists():
                    print(INSTALL.format(kind.name, f"{chosen.peers}/{kind.name}", kind.package))
                    continue
                count = compare(kind(environment, Path(home) / kind.name), exercises, pool, chosen.rounds)
                fooled.append(f"{kind.name} {count} of {len(TRICKS)}")
            exercise, tampering = library.get(TAMPERED), map(str.encode, TRICKS.values())
            count = sum(grade(exercise, Submission(each), pool, Truths()).passed for each in tampering)
    except GraderError as error:
        sys.exit(f"bench-peers: {error}")
    print("full marks from tampering submissions:", ", ".join([*fooled, f"ours {count} of {len(TRICKS)}"]))


if __name__ == "__main__":
    main()
