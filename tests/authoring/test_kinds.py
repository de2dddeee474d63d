"""``grade new --kind``: an exercise of any kinds, sound but for what its author has to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.kinds import asked
from grader.authoring.new import begin
from grader.authoring.proof import prove
from grader.authoring.writing import write
from grader.errors import UsageError
from grader.exercises import Library
from grader.grading import Truths
from grader.model.kinds import CHECKS
from grader.sandbox.pool import Pool
from tests.authoring.conftest import Grade

SLUG = "penalty"


def begun(root: Path, kinds: tuple[str, ...], inputs: tuple[str, ...] = ("x",)) -> Library:
    """A new exercise about ``penalty``."""
    begin(SLUG, root / "exercises", root / "solutions", "A penalty", "惩罚项", asked(SLUG, kinds, inputs))
    return Library(root / "exercises", root / "solutions")


def proved(root: Path, library: Library, pool: Pool) -> list[str]:
    """What is found once its heads are written, what is to do aside."""
    write(library, SLUG, pool, Truths())
    fresh = Library(root / "exercises", root / "solutions")
    proof = prove(fresh, SLUG, pool, Truths())
    assert any("TODO" in one.what for one in proof.findings)
    return [str(one) for one in proof.findings if "TODO" not in one.what]


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHECKS)
def test_each_kind_by_itself(tmp_path: Path, pool: Pool, kind: str) -> None:
    """Nothing is left to do but what says so."""
    assert proved(tmp_path, begun(tmp_path, (kind,)), pool) == []


def test_all_kinds_at_once(tmp_path: Path, pool: Pool) -> None:
    """With two inputs, of which the first is differentiated by."""
    kinds = tuple(kind for kind in CHECKS if kind != "own-prediction")
    library = begun(tmp_path, kinds, ("x", "w"))
    assert [check.kind for check in library.get(SLUG).checks] == list(kinds)
    assert proved(tmp_path, library, pool) == []


@pytest.mark.parametrize("inputs", [("x",), ("w", "x"), ("exp", "max"), ("v", "u")])
def test_any_names(tmp_path: Path, inputs: tuple[str, ...]) -> None:
    """Inputs may be called like torch's functions, or as the cotangent usually is."""
    library = begun(tmp_path, ("value", "prediction", "vjp", "hvp"), inputs)
    exercise = library.get(SLUG)
    assert exercise.functions[0].args == inputs and exercise.checks[1].function == "grad_penalty"
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), path.name, "exec")


@pytest.mark.parametrize("kind", CHECKS)
def test_a_check_has_a_title_in_both_languages(tmp_path: Path, kind: str) -> None:
    """Where the author gives none, the one usual for its kind; it names the function."""
    exercise = begun(tmp_path, (kind,)).get(SLUG)
    (check,) = exercise.checks
    assert check.title.en != check.title.zh and check.title.en and check.title.zh
    name = check.function or check.answer or ""
    assert name in check.title.en and name in check.title.zh
    assert check.kind == kind


@pytest.mark.parametrize(
    ("function", "kinds", "inputs", "said"),
    [
        ("penalty", ("vpj",), (), "there is no kind 'vpj'; did you mean 'vjp'?; there are value, gradient"),
        ("2f", (), (), "'2f' is no name that Python has"),
        (None, (), ("x y",), "'x y' is no name that Python has"),
        (None, (), ("x", "x"), "two inputs have the same name"),
    ],
)
def test_what_cannot_be_begun(
    function: str | None, kinds: tuple[str, ...], inputs: tuple[str, ...], said: str
) -> None:
    """Nothing is written, and it is said what there is."""
    with pytest.raises(UsageError) as caught:
        asked(function, kinds, inputs)
    assert str(caught.value).startswith(said)


def test_the_command(bare: Grade, tmp_path: Path) -> None:
    """Options may be given several times; it says what comes next."""
    ran = bare("new", SLUG, "--function", "penalty", "--kind", "vjp", "--kind", "value", "--input", "w")
    assert ran.code == 0 and ran.err == "" and f"grade check --write {SLUG}" in ran.out
    text = (tmp_path / "exercises" / SLUG / "exercise.toml").read_text(encoding="utf-8")
    assert 'function = "vjp_penalty"' in text and 'args = ["w", "v"]' in text
    assert bare("new", "other", "--kind", "values").code == 2
