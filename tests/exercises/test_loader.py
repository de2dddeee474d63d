"""Exercises on disk: whatever is wrong with a folder is said as ``file:line: what``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import ExerciseError, UnknownExercise
from grader.exercises import Library
from grader.exercises.loader import load
from grader.exercises.toml_files import find_line
from grader.model.text import Text

EXERCISE = """\
section = "9.1"
order = 1

[title]
en = "Squares"
zh = "平方"

[summary]
en = "Each entry squared."
zh = "逐个分量取平方。"

[[input]]
name = "x"

[[input]]
name = "v"
differentiable = false

[[function]]
name = "f"
args = ["x"]

[[answer]]
name = "y"
[answer.ask]
en = "What is y?"
zh = "y 是什么？"

[[case]]
name = "first"
inputs = { x = [1.5, 2.5], v = [1, 2] }

[[case]]
name = "second"
inputs = { x = [0.5], v = [3] }

[[check]]
id = "value"
kind = "value"
points = 2
function = "f"
[check.title]
en = "f has the right values"
zh = "f 的值正确"

[[check]]
id = "y"
kind = "value"
points = 1
answer = "y"
[check.title]
en = "your answer"
zh = "你的回答"
"""
SOLUTION = """\
[[case]]
name = "hidden"
inputs = { x = [3.0], v = [1] }

[generator]
count = 2
[generator.draw.x]
shape = [3]
[generator.draw.v]
shape = [3]

[[misconception]]
id = "identity"
checks = ["value"]
[misconception.message]
en = "You return x."
zh = "你返回的是 x。"
[misconception.hint]
en = "What is the square of 3?"
zh = "3 的平方是多少？"
"""


class Folders:
    """One exercise in a folder of its own, to be broken."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.exercise, self.solution = root / "exercises" / "squares", root / "solutions" / "squares"
        self.files = {
            "exercise.toml": self.exercise / "exercise.toml",
            "prompt.en.md": self.exercise / "prompt.en.md",
            "prompt.zh.md": self.exercise / "prompt.zh.md",
            "starter.py": self.exercise / "starter.py",
            "solution.toml": self.solution / "solution.toml",
            "reference.py": self.solution / "reference.py",
            "misconceptions.py": self.solution / "misconceptions.py",
        }
        for folder in (self.exercise, self.solution):
            folder.mkdir(parents=True)
        for path in self.files.values():
            path.write_text("def f(x):\n    return x * x\n", encoding="utf-8")
        self.files["exercise.toml"].write_text(EXERCISE, encoding="utf-8")
        self.files["solution.toml"].write_text(SOLUTION, encoding="utf-8")

    def library(self, *, solutions: bool = True) -> Library:
        return Library(self.root / "exercises", self.root / "solutions" if solutions else None)

    def change(self, file: str, old: str, new: str) -> None:
        path = self.files[file]
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def digest(self) -> str:
        return self.library().get("squares").digest

    def complaint(self) -> ExerciseError:
        with pytest.raises(ExerciseError) as caught:
            self.library().get("squares")
        return caught.value


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def line_of(text: str, marker: str, nth: int = 1) -> int:
    """The line (from 1) of the ``nth`` occurrence of ``marker``."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if marker in line]
    return lines[nth - 1]


def test_a_sound_folder_loads(folders: Folders) -> None:
    exercise = folders.library().get("squares")
    assert exercise.slug == "squares" and exercise.max_score == 3
    assert [case.visible for case in exercise.cases] == [True, True]
    assert exercise.solution is not None and not exercise.solution.cases[0].visible
    assert exercise.given == "" and len(exercise.digest) == 64


VARY = "order = 1\nvariants = 2\n[[vary]]\nname = 'x'"
# (file, old text, new text, what marks the due line, which occurrence of it, words of the complaint).
BROKEN: list[tuple[str, str, str, str, int, str]] = [
    ("exercise.toml", "order = 1", "order = 1\ncolour = 3", "colour", 1, "unknown field `colour`"),
    ("exercise.toml", "order = 1", "order = '1'", "order", 1, "order: Expected `int`, got `str`"),
    ("exercise.toml", "order = 1\n", "", "section", 1, "missing required field `order`"),
    ("exercise.toml", "points = 1", "points = -1", "points = -1", 1, "points: Expected `float` > 0.0"),
    ("exercise.toml", "points = 1", "points = 'many'", "points = 'many'", 1, "points: Expected `float`"),
    ("exercise.toml", "points = 1", "pionts = 1", "pionts", 1, "unknown field `pionts`"),
    ("exercise.toml", 'kind = "value"\npoints = 1', 'kind = "vale"\npoints = 1', '"vale"', 1, "'vale'"),
    ("exercise.toml", 'id = "y"', 'id = "Y y"', '"Y y"', 1, "check[1].id"),
    ("exercise.toml", 'zh = "你的回答"\n', "", "[check.title]", 2, "check[1].title: Object missing"),
    ("exercise.toml", "[[input]]\n", '[insight]\nen = "So."\n[[input]]\n', "[insight]", 1, "insight: Object"),
    ("exercise.toml", 'args = ["x"]', 'args = ["w"]', 'args = ["w"]', 1, "'w' is no [[input]]"),
    ("exercise.toml", 'function = "f"', 'function = "g"', 'function = "g"', 1, "'g' is no [[function]]"),
    ("exercise.toml", 'answer = "y"', 'answer = "z"', 'answer = "z"', 1, "'z' is no [[answer]]"),
    ("exercise.toml", 'answer = "y"', 'answer = "y"\nfunction = "f"', "[[check]]", 2, "exactly one of"),
    ("exercise.toml", 'answer = "y"\n', "", "[[check]]", 2, "exactly one of"),
    ("exercise.toml", 'function = "f"', 'function = "f"\nwrt = "w"', 'wrt = "w"', 1, "'w' is no [[input]]"),
    ("exercise.toml", 'function = "f"', 'function = "f"\ncotangent = "w"', "cotangent", 1, "neither sum"),
    ("exercise.toml", 'kind = "value"\npoints = 2', 'kind = "vjp"\npoints = 2', '"vjp"', 1, "'cotangent'"),
    ("exercise.toml", '"value"\npoints = 2', '"state"\npoints = 2', 'function = "f"', 1, "a state has no"),
    ("exercise.toml", '"value"\npoints = 1', '"vale"\npoints = 1', '"vale"', 1, "did you mean 'value'?"),
    ("exercise.toml", 'kind = "value"\npoints = 1', "points = 1", "[[check]]", 2, "field `kind`"),
    ("exercise.toml", 'function = "f"', 'function = "f"\ntangent = "v"', "tangent", 1, "kind is jvp, hvp"),
    ("exercise.toml", 'function = "f"', 'function = "f"\nmatch = "no"', "match", 1, "a value has no 'match'"),
    ("exercise.toml", '"value"\npoints = 2', '"jvp"\npoints = 2', '"jvp"', 1, "a jvp needs 'tangent' to"),
    ("exercise.toml", 'name = "y"\n', 'name = "y"\ntype = "chioce"\n', "chioce", 1, "did you mean 'choice'?"),
    ("exercise.toml", 'name = "y"\n', 'name = "y"\ntype = "edges"\nshape = [3]\n', "shape", 1, "where type"),
    ("exercise.toml", 'name = "y"\n', 'name = "y"\ntype = "choice"\n', "[[answer]]", 1, "two [[answer"),
    ("exercise.toml", 'id = "y"', 'id = "value"', "[[check]]", 2, "two [[check]] called 'value'"),
    ("exercise.toml", 'name = "v"', 'name = "x"', "[[input]]", 2, "two [[input]] called 'x'"),
    ("exercise.toml", 'name = "second"', 'name = "first"', "[[case]]", 2, "two [[case]] called 'first'"),
    ("exercise.toml", "{ x = [0.5], v = [3] }", "{ x = [0.5] }", "[[case]]", 2, "gives no value for 'v'"),
    ("exercise.toml", "{ x = [0.5], v = [3] }", "{ x = [0.5], v = [3], w = 1 }", "w = 1", 1, "'w' is no"),
    ("exercise.toml", "x = [0.5]", "x = [[0.5], [1, 2]]", "[[0.5]", 1, "not a regular array"),
    ("exercise.toml", "x = [0.5]", "x = ['a']", "['a']", 1, "not a regular array"),
    ("exercise.toml", "[[case]]", "[[case]", "[[case]", 1, "this is not TOML"),
    ("exercise.toml", 'section = "9.1"', 'section = "9.1', "section", 1, "this is not TOML"),
    *(
        ("exercise.toml", "order = 1\n", f"{VARY}\n{rule}\n", at, 1, words)
        for rule, at, words in (
            ("usual = 1", "[[vary]]", "either drawn ('draw') or one of a list"),
            ("usual = 1\namong = [2]", "among", "'x' has 1 values for 2 variants"),
            ("usual = [1]\namong = [2, 3]", "among", "each value has the form of 'usual'"),
            ("usual = 1\ndraw = { low = 2, high = 2 }", "draw =", "low < high"),
            ("usual = 1\ndraw = { low = 2, high = 4, step = -1 }", "draw =", "Expected `float` > 0"),
            ("usual = 'a'\namong = [2, 3]", "usual", "not a regular array of numbers"),
            ("usual = 1\namong = [2, 3]", "[[vary]]", "no text shows 'x'"),
            ("usual = 1\ncode = 'x'\namong = [2, 3]", "code", "{} stands for the number"),
        )
    ),
    ("exercise.toml", "order = 1", "order = 1\nvariants = 3", "variants", 1, "declared by [[vary]]"),
    ("solution.toml", 'checks = ["value"]', 'checks = ["valu"]', '"valu"', 1, "'valu' is no [[check]]"),
    ("solution.toml", 'checks = ["value"]', 'checks = "value"', '"value"', 1, "Expected `array`"),
    ("solution.toml", "[generator.draw.v]", "[generator.draw.w]", "[generator.draw.w]", 1, "'w' is no"),
    ("solution.toml", "[generator.draw.v]\nshape = [3]\n", "", "[generator]", 1, "how to draw 'v'"),
    ("solution.toml", "count = 2", "count = 1000", "count", 1, "generator.count: Expected `int` <= 64"),
    ("solution.toml", "shape = [3]", "shape = [3]\nlowest = 1", "lowest", 1, "unknown field `lowest`"),
    ("solution.toml", 'name = "hidden"', 'name = "first"', "[[case]]", 1, "two [[case]] called 'first'"),
    ("solution.toml", ", v = [1] }", " }", "[[case]]", 1, "case 'hidden' gives no value for 'v'"),
    ("solution.toml", '"你返回的是 x。"', "1", "zh = 1", 1, "misconception[0].message.zh: Expected `str`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "marker", "nth", "words"), BROKEN, ids=[f"{b[0]}-{b[5][:40]}" for b in BROKEN]
)
def test_what_is_wrong_is_said_with_its_line(
    folders: Folders, file: str, old: str, new: str, marker: str, nth: int, words: str
) -> None:
    folders.change(file, old, new)
    path = folders.files[file]
    error = folders.complaint()
    assert words in error.what
    assert error.file == str(path)
    assert error.line == line_of(path.read_text(encoding="utf-8"), marker, nth), error
    assert str(error) == f"{path}:{error.line}: {error.what}" and "\n" not in str(error)


def test_an_exercise_without_checks(folders: Folders) -> None:
    text = EXERCISE[: EXERCISE.index("[[check]]")]
    folders.files["exercise.toml"].write_text(text, encoding="utf-8")
    assert "`check`" in folders.complaint().what
    folders.files["exercise.toml"].write_text("check = []\n" + text, encoding="utf-8")
    assert "at least one [[check]]" in folders.complaint().what


def test_functions_need_a_visible_case(folders: Folders) -> None:
    for name in ("first", "second"):
        start = EXERCISE.index(f'[[case]]\nname = "{name}"')
        folders.change("exercise.toml", EXERCISE[start : EXERCISE.index("\n\n", start)], "")
    assert "at least one visible [[case]]" in folders.complaint().what


@pytest.mark.parametrize(
    "file", ["prompt.en.md", "prompt.zh.md", "starter.py", "solution.toml", "reference.py"]
)
def test_a_missing_file_is_named(folders: Folders, file: str) -> None:
    folders.files[file].unlink()
    error = folders.complaint()
    assert (error.file, error.line, error.what) == (str(folders.files[file]), 1, "this file is missing")


@pytest.mark.parametrize(
    "file", ["exercise.toml", "prompt.zh.md", "starter.py", "solution.toml", "reference.py"]
)
def test_a_file_in_another_encoding_is_named_with_its_line(folders: Folders, file: str) -> None:
    path = folders.files[file]
    before = path.read_bytes()
    path.write_bytes(before + "# 梯度\n".encode("gbk"))
    error = folders.complaint()
    assert (error.file, error.line) == (str(path), before.count(b"\n") + 1) and "UTF-8" in error.what


def test_a_folder_where_a_file_should_be(folders: Folders) -> None:
    folders.files["starter.py"].unlink()
    folders.files["starter.py"].mkdir()
    assert "cannot be read" in folders.complaint().what


def test_published_answers_that_are_no_json(folders: Folders) -> None:
    (folders.exercise / "visible.json").write_text("[1", encoding="utf-8")
    assert "grade publish" in folders.complaint().what


def test_misconceptions_are_optional(folders: Folders) -> None:
    folders.files["misconceptions.py"].unlink()
    solution = folders.library().get("squares").solution
    assert solution is not None and solution.misconceptions_source == ""


class TestLibrary:
    def test_without_solutions_it_loads_all_the_same(self, folders: Folders, tmp_path: Path) -> None:
        assert folders.library(solutions=False).get("squares").solution is None
        assert Library(tmp_path / "exercises", tmp_path / "nowhere").get("squares").solution is None
        assert load(folders.exercise, None).solution is None

    @pytest.mark.parametrize(
        ("slug", "near"),
        [("sqares", "squares"), ("square", "squares"), ("Squares", "squares"), ("zzz", None), ("", None)],
    )
    def test_an_unknown_slug_names_the_nearest(self, folders: Folders, slug: str, near: str | None) -> None:
        with pytest.raises(UnknownExercise) as caught:
            folders.library().get(slug)
        assert caught.value.nearest == near
        assert ("did you mean 'squares'?" if near else "'grade list'") in str(caught.value)

    @pytest.mark.parametrize("slug", ["../exercises/squares", "squares/", "/etc", "squares\0", "x" * 10_000])
    def test_cant_leave_the_folder(self, folders: Folders, slug: str) -> None:
        with pytest.raises(UnknownExercise) as caught:
            folders.library().get(slug)
        assert len(str(caught.value)) < 200

    def test_the_parts_of_a_course_have_names(self, folders: Folders) -> None:
        """The longest number wins; a wrong file is named with its line."""
        path = folders.root / "exercises" / "chapters.toml"
        chapter = '[[chapter]]\nnumber = "{}"\nname = {{ en = "{}", zh = "部分" }}\n'
        assert folders.library().get("squares").chapter is None
        path.write_text(
            chapter.format("9", "All") + chapter.format("9.1", "Squares") + chapter.format("9.10", "No")
        )
        found = folders.library().get("squares").chapter
        assert found is not None and found.name == Text("Squares", "部分")
        path.write_text(chapter.format("9", "All") + chapter.format("9", "Again"))
        assert folders.complaint().line == 4
        path.write_text('[[chapter]]\nnumber = "9"\nname = { en = "All" }\n')
        assert "missing required field `zh`" in folders.complaint().what

    def test_no_folder_at_all_says_how_to_mend_it(self, tmp_path: Path) -> None:
        with pytest.raises(ExerciseError, match="GRADER_EXERCISES"):
            Library(tmp_path / "none", None).all()

    def test_all_in_the_courses_order(self, library: Library) -> None:
        slugs = [exercise.slug for exercise in library.all()]
        assert slugs[:4] == ["simple-example", "non-scalar", "detach", "control-flow"]
        assert all(exercise.max_score == 10 for exercise in library.all()[:4])


class TestDigest:
    @pytest.mark.parametrize(
        "change",
        [
            lambda s: s.change("exercise.toml", "points = 2", "points = 3"),
            lambda s: s.change("exercise.toml", "1.5", "1.6"),
            lambda s: s.change("solution.toml", "3.0", "3.1"),
            lambda s: s.change("solution.toml", "count = 2", "count = 3"),
            lambda s: s.change("reference.py", "x * x", "x ** 2"),
            lambda s: s.change("misconceptions.py", "x * x", "x"),
        ],
    )
    def test_it_changes_with_whatever_may_change_a_score(
        self, folders: Folders, change: Callable[[Folders], None]
    ) -> None:
        before = folders.digest()
        change(folders)
        assert folders.digest() != before

    @pytest.mark.parametrize("file", ["prompt.en.md", "prompt.zh.md", "starter.py"])
    def test_it_does_not_change_with_a_prompt(self, folders: Folders, file: str) -> None:
        before = folders.digest()
        folders.files[file].write_text("Better words.\n", encoding="utf-8")
        assert folders.digest() == before

    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("exercise.toml", "your answer", "what you answer"),
            ("exercise.toml", "[[check]]", "# a comment\n\n[[check]]"),
            ("exercise.toml", "[[input]]", '[insight]\nen = "So."\nzh = "因此。"\n\n[[input]]'),
            ("solution.toml", "You return x.", "This is x itself."),
            ("solution.toml", "What is the square of 3?", "What is 3 times 3?"),
        ],
    )
    def test_it_does_not_change_with_words_alone(
        self, folders: Folders, file: str, old: str, new: str
    ) -> None:
        """Nor with comments or layout; the digest of the files, which older versions kept, does."""
        was = folders.library().get("squares")
        folders.change(file, old, new)
        now = folders.library().get("squares")
        assert now.digest == was.digest and now.file_digest != was.file_digest
        assert now.judges_as(was.digest) and was.judges_as(was.file_digest)

    def test_another_tolerance_is_another_exercise(self, folders: Folders) -> None:
        """In every check that compares numbers, and nowhere else."""
        was = folders.library().get("squares")
        now = was.with_rtol(1e-3)
        assert {check.rtol for check in now.checks} == {1e-3} and not now.judges_as(was.digest)

    def test_moving_text_from_one_file_to_the_next_changes_it(self, folders: Folders) -> None:
        folders.files["reference.py"].write_text("a = 1\nb = 2\n", encoding="utf-8")
        folders.files["misconceptions.py"].write_text("", encoding="utf-8")
        before = folders.digest()
        folders.files["reference.py"].write_text("a = 1\n", encoding="utf-8")
        folders.files["misconceptions.py"].write_text("b = 2\n", encoding="utf-8")
        assert folders.digest() != before

    def test_a_copy_without_solutions_has_another(self, folders: Folders) -> None:
        assert folders.library(solutions=False).get("squares").digest != folders.digest()


@pytest.mark.parametrize(
    ("path", "line"),
    [("$", 1), ("$.nowhere", 1), ("$.check[1].points", line_of(EXERCISE, "points = 1")), ("$.check[9]", 1)],
)
def test_the_line_of_a_path_is_the_nearest_known_one(path: str, line: int) -> None:
    assert find_line(EXERCISE, path) == line


VECTOR = EXERCISE.replace('name = "y"\n[answer', 'name = "y"\nshape = [2]\n[answer')


@pytest.mark.parametrize(
    ("given", "chinese", "where", "what"),
    [
        ("y  # z: ?\n", "", "given.py:1", "'z' is no [[answer]]"),
        ("1\ny  # y: ?\ny  # y: again?\n", "", "given.py:3", "'y' is asked for twice"),
        ("y  # y[0]: ?\ny  # y: ?\n", "", "given.py:2", "'y' is asked for twice"),
        ("y  # ?\n", "", "given.py:1", "this question mark has no name"),
        ("y  # y[2]: ?\n", "", "given.py:1", "'y' has no entry [2]: its shape is [2]"),
        ("y\ny  # y[1]: ?\n", "", "given.py:2", "of 'y' the entry [0] is asked for nowhere"),
        ("y  # y: ?\n", "y  # 随便\n", "given.zh.py:1", "it asks for other answers than given.py"),
        ("y  # y: ?\n", "y = (  # y: ?\n", "given.zh.py:", "Python cannot read it"),
    ],
)
def test_given_code_asks_for_each_answer_by_its_name_and_once(
    folders: Folders, given: str, chinese: str, where: str, what: str
) -> None:
    folders.files["exercise.toml"].write_text(VECTOR, encoding="utf-8")
    for name, text in (("given.py", given), ("given.zh.py", chinese)):
        (folders.exercise / name).write_text(text, encoding="utf-8")
    with pytest.raises(ExerciseError) as error:
        folders.library().get("squares")
    assert where in str(error.value) and what in str(error.value)


@pytest.mark.parametrize(
    ("adjoints", "given", "what"),
    [
        (
            '{ of = "g", at = { x = 1.0 }, names = ["a", "x"] }',
            "def f(x):\n    a = x\n",
            "of 'g', which is no function",
        ),
        (
            '{ of = "f", at = { x = 1.0 }, names = ["b", "x"] }',
            "def f(x):\n    a = x\n",
            "of 'b', which does not occur",
        ),
        (
            '{ of = "f", at = { x = 1.0 }, names = ["x"] }',
            "def f(x):\n    a = x\n",
            "a name for each entry (shape = [1])",
        ),
        ('{ of = "f", at = {}, names = ["a", "x"] }', "def f(x):\n    a = x\n", "in 'at' the arguments"),
    ],
)
def test_adjoints_are_those_of_variables_of_the_given_code(
    folders: Folders, adjoints: str, given: str, what: str
) -> None:
    text = VECTOR.replace("shape = [2]\n", f"shape = [2]\nadjoints = {adjoints}\n", 1)
    folders.files["exercise.toml"].write_text(text, encoding="utf-8")
    (folders.exercise / "given.py").write_text(given, encoding="utf-8")
    with pytest.raises(ExerciseError) as error:
        folders.library().get("squares")
    assert what in str(error.value)


def test_a_question_in_a_string_or_without_a_name_before_it_asks_for_nothing(folders: Folders) -> None:
    given = 'x = "# y: ?"  # why?\n# What is it?   y: is it large?\n'
    (folders.exercise / "given.py").write_text(given, encoding="utf-8")
    assert folders.library().get("squares").asks_in_code("y")
