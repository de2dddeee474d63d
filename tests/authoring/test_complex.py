"""Complex inputs: values, gradients by torch's convention, predictions and typed answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.authoring.kinds import asked
from grader.authoring.new import begin
from grader.authoring.proof import prove
from grader.authoring.writing import write
from grader.errors import ExerciseError
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.model.submission import Submission
from grader.sandbox.pool import Pool

SLUG = "cube-complex"
CODE = {
    # For a real L, torch's gradient is ∂L/∂x + i ∂L/∂y: the conjugate of the derivative of z³.
    "3 * z**2": "3 * z.conj() ** 2",
    "3 * z * z": "3 * z.conj() * z.conj()",
    "3 * torch.square(z)": "torch.conj(3 * z**2)",
    "torch.tensor([1.0, 2.0, 3.0], requires_grad=True)": (
        "torch.tensor([1 + 1j, 2j, 3], dtype=torch.complex128, requires_grad=True)"
    ),
    "z_grad": "z_grad",
    "penalty(z).sum().backward()": "penalty(z).sum().real.backward()",
    '"x_grad": [3, 12, 27]': '"x_grad": [-6j, -12, 27]',
    "3 * z**3": "3 * z.conj() ** 3",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, pool: Pool) -> Path:
    """The cube of a complex number, every kind that complex numbers have; sound but for what is to do."""
    root = tmp_path_factory.mktemp("complex")
    plan = asked("penalty", ("value", "gradient", "prediction", "vjp", "state"), ("z",))
    begin(SLUG, root / "exercises", root / "solutions", "The cube", "立方", plan)
    sheet = root / "exercises" / SLUG / "exercise.toml"
    text = sheet.read_text(encoding="utf-8")
    text = text.replace('name = "z"\n', 'name = "z"\ndtype = "complex128"\n')
    text = text.replace('name = "v"\n', 'name = "v"\ndtype = "complex128"\n')
    sheet.write_text(text.replace("z = [1.5, -2.5", 'z = ["1.5-0.5j", -2.5'), encoding="utf-8")
    for path in (root / "solutions").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        for old, new in CODE.items():
            code = code.replace(old, new)
        path.write_text(code, encoding="utf-8")
    write(Library(root / "exercises", root / "solutions"), SLUG, pool, Truths())
    return root


def test_it_is_sound(made: Path, pool: Pool) -> None:
    """Autograd agrees with the author's conjugate, forward and backward; mistakes are told apart."""
    proof = prove(Library(made / "exercises", made / "solutions"), SLUG, pool, Truths())
    assert [str(one) for one in proof.findings if "TODO" not in one.what] == []
    assert proof.submissions >= 7 and proof.survivors == []


def verdicts(made: Path, pool: Pool, source: str) -> dict[str, str]:
    """check → verdict, and code where there is one."""
    exercise = Library(made / "exercises", made / "solutions").get(SLUG)
    report = grade(exercise, Submission(source.encode()), pool, Truths())
    return {c.id: " ".join([c.verdict, *([c.diagnosis.code] if c.diagnosis else [])]) for c in report.checks}


FILE = """\
import torch

def penalty(z): return z**3
def grad_penalty(z): return {slope}
def vjp_penalty(z, v): return {slope} * v
PREDICTIONS = {{"x_grad": "{typed}"}}
"""


def test_a_right_file(made: Path, pool: Pool) -> None:
    """Also with i for j, and with spaces."""
    got = verdicts(made, pool, FILE.format(slope="3 * z.conj() ** 2", typed="[-6i, -12 + 0j, 27]"))
    assert set(got.values()) == {"passed"} and len(got) == 5


def test_who_forgets_the_conjugate(made: Path, pool: Pool) -> None:
    """The value and the gradient through f are right, what was predicted is not; no real factor is named."""
    got = verdicts(made, pool, FILE.format(slope="3 * z**2", typed="[6j, -12, 27]"))
    assert (got["value"], got["gradient"]) == ("passed", "passed")
    assert (got["prediction"], got["vjp"], got["state"]) == ("failed", "failed", "failed")


def test_a_declared_mistake_is_named(made: Path, pool: Pool) -> None:
    """As everywhere."""
    got = verdicts(made, pool, FILE.format(slope="z**2", typed="[1, 2, 3]"))
    assert got["prediction"] == "failed author:prediction-lost-factor"


def test_what_is_shown_can_be_read(made: Path, pool: Pool, tmp_path: Path) -> None:
    """A student's own copy reads complex numbers from ``visible.json``."""
    shutil.copytree(made / "exercises", tmp_path / "exercises")
    exercise = Library(tmp_path / "exercises", None).get(SLUG)
    right = FILE.format(slope="3 * z.conj() ** 2", typed="[-6j, -12, 27]")
    report = grade(exercise, Submission(right.encode()), pool, Truths())
    judged = {c.id: c.verdict for c in report.checks}
    assert {judged[name] for name in ("value", "gradient", "prediction", "vjp")} == {"passed"}
    wrong = grade(exercise, Submission(right.replace("3 *", "2 *").encode()), pool, Truths())
    (example,) = [c.counterexample for c in wrong.checks if c.id == "prediction"]
    assert example is not None and example.inputs["z"][0] == "1.5-0.5j"


@pytest.mark.parametrize("kind", ["jvp", "jacobian", "hvp", "higher-order", "own-prediction"])
def test_kinds_of_real_numbers(tmp_path: Path, kind: str) -> None:
    """What is contracted twice means something else for complex numbers: refused, with what there is."""
    begin(SLUG, tmp_path / "e", tmp_path / "s", "a", "b", asked("f", (kind,), ("z",)))
    sheet = tmp_path / "e" / SLUG / "exercise.toml"
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace('name = "z"\n', 'name = "z"\ndtype = "complex128"\n'), encoding="utf-8")
    with pytest.raises(
        ExerciseError, match=rf"'z' is complex, and a {kind} is judged of real numbers: backw"
    ):
        Library(tmp_path / "e", tmp_path / "s").get(SLUG)


@pytest.mark.parametrize("number", ["1+2", "i", "1 + 2j", "", "x"])
def test_what_is_no_complex_number(tmp_path: Path, number: str) -> None:
    """In a case, Python's own way of writing them counts."""
    begin(SLUG, tmp_path / "e", tmp_path / "s", "a", "b", asked("f", ("value",), ("z",)))
    sheet = tmp_path / "e" / SLUG / "exercise.toml"
    text = sheet.read_text(encoding="utf-8").replace('name = "z"\n', 'name = "z"\ndtype = "complex128"\n')
    sheet.write_text(text.replace("z = [1.5,", f'z = ["{number}",'), encoding="utf-8")
    with pytest.raises(ExerciseError, match="not a regular array of numbers; a complex one is text"):
        Library(tmp_path / "e", tmp_path / "s").get(SLUG)
