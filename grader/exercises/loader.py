"""Loader of a course's exercises, from two folders, checked.

``exercises/<slug>/`` is what a student may see; ``solutions/<slug>/`` what only the
grader may. Without the second, exercises load all the same (a student's own copy).
"""

from __future__ import annotations

import difflib
import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from grader.errors import ExerciseError, UnknownExercise
from grader.exercises.chapters import chapter_of, read_chapters
from grader.exercises.complaints import complaints, solution_complaints
from grader.exercises.digest import digest_of
from grader.exercises.given_code import given_complaints
from grader.exercises.toml_files import find_line, read_text, read_toml
from grader.model.answer_types import AnyAnswer, NumberAnswer
from grader.model.check import tag
from grader.model.exercise import (
    Branch,
    Case,
    Chapter,
    Exercise,
    Function,
    Generator,
    Input,
    Limits,
    Misconception,
    Solution,
    varied,
)
from grader.model.kinds import AnyCheck
from grader.model.text import EMPTY, Language, Text
from grader.model.variants import MOST, NoVariants, Vary, misplaced, named_in

_GIVEN: Final[dict[Language, str]] = {"en": "given.py", "zh": "given.zh.py"}


class _ExerciseToml(msgspec.Struct, forbid_unknown_fields=True):
    """``exercise.toml`` as it is written."""

    section: str
    order: int
    title: Text
    summary: Text
    check: tuple[AnyCheck, ...]
    input: tuple[Input, ...] = ()
    function: tuple[Function, ...] = ()
    answer: tuple[AnyAnswer, ...] = ()
    case: tuple[Case, ...] = ()
    hint: Text = EMPTY
    insight: Text = EMPTY
    limits: Limits = Limits()
    vary: tuple[Vary, ...] = ()
    variants: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0


class _SolutionToml(msgspec.Struct, forbid_unknown_fields=True):
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
        self._chapters: tuple[Chapter, ...] | None = None
        self._one_at_a_time = threading.Lock()
        """Two threads that make msgspec learn a type for the first time at once crash the process."""

    def chapters(self) -> tuple[Chapter, ...]:
        """The course's parts, as ``chapters.toml`` beside the exercises names them; none without it.

        :raises ExerciseError: the file is wrong; ``file:line: what``.
        """
        if self._chapters is None:
            self._chapters = read_chapters(self._exercises / "chapters.toml")
        return self._chapters

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
            with self._one_at_a_time:
                if slug not in self._loaded:
                    folder = self._exercises / slug
                    self._loaded[slug] = load(folder, self._solutions, self.chapters())
        return self._loaded[slug]


def load(folder: Path, solutions: Path | None, chapters: Sequence[Chapter] = ()) -> Exercise:
    """One exercise from its folder and, if there is one, its solution's.

    :param chapters: of the course; the exercise knows the one that it belongs to.
    :raises ExerciseError: something in either is wrong.
    """
    path = folder / "exercise.toml"
    read = read_toml(path, _ExerciseToml, _with_types)
    text = read_text(path)
    exercise = Exercise(
        slug=folder.name,
        section=read.section,
        chapter=chapter_of(read.section, chapters),
        order=read.order,
        title=read.title,
        summary=read.summary,
        prompt=Text(read_text(folder / "prompt.en.md"), read_text(folder / "prompt.zh.md")),
        starter=read_text(folder / "starter.py"),
        inputs=read.input,
        functions=read.function,
        checks=read.check,
        cases=tuple(msgspec.structs.replace(case, visible=True) for case in read.case),
        digest="",
        given=_read_if_there(folder / _GIVEN["en"]),
        starter_zh=_read_if_there(folder / "starter.zh.py"),
        given_zh=_read_if_there(folder / _GIVEN["zh"]),
        answers=read.answer,
        hint=read.hint,
        insight=read.insight,
        limits=read.limits,
        vary=read.vary,
        variants=read.variants,
        published=_published(folder / "visible.json"),
    )
    for where, what in complaints(exercise):
        raise ExerciseError(str(path), find_line(text, where), what)
    if exercise.vary:
        _check_placeholders(folder, exercise)
    for language, line, what in given_complaints(exercise):
        raise ExerciseError(str(folder / _GIVEN[language]), line, what)
    exercise = msgspec.structs.replace(
        exercise,
        checks=tuple(
            check
            if check.title != EMPTY
            else msgspec.structs.replace(check, title=check.usual_title(exercise.call))
            for check in exercise.checks
        ),
    )
    files = hashlib.sha256(text.encode())
    if solutions is not None and (solutions / folder.name).is_dir():
        solution = _load_solution(solutions / folder.name, exercise, files)
        exercise = msgspec.structs.replace(exercise, solution=solution)
    template = msgspec.structs.replace(exercise, digest=digest_of(exercise), file_digest=files.hexdigest())
    try:
        return varied(template)
    except NoVariants as error:
        raise ExerciseError(str(path), find_line(text, f"$.vary[{error.index}]"), str(error)) from error


_SHOWING: Final = (
    "prompt.en.md", "prompt.zh.md", "given.py", "given.zh.py", "starter.py", "starter.zh.py", "exercise.toml",
)  # fmt: skip
"""Files of an exercise that may name numbers that vary."""


def _check_placeholders(folder: Path, exercise: Exercise) -> None:
    """:raises ExerciseError: a placeholder names no number, or a number is shown nowhere."""
    texts = {folder / name: _read_if_there(folder / name) for name in _SHOWING}
    for path, text in texts.items():
        _placeholders_of(path, text, exercise)
    shown = named_in(text for path, text in texts.items() if path.suffix != ".toml")
    for n, each in enumerate(exercise.vary):
        if each.name not in shown:
            path = folder / "exercise.toml"
            what = f"no text shows '{each.name}': write {{{{{each.name}}}}} where it stands"
            raise ExerciseError(str(path), find_line(texts[path], f"$.vary[{n}]"), what)


def _placeholders_of(path: Path, text: str, exercise: Exercise) -> None:
    for line, place in misplaced(text, exercise.vary):
        names = ", ".join(each.name for each in exercise.vary)
        raise ExerciseError(str(path), line, f"{place} names none of the numbers that vary: {names}")


def _with_types(data: dict[str, Any]) -> None:
    """An answer whose type is not said is one of numbers."""
    answers = data.get("answer")
    for answer in answers if isinstance(answers, list) else ():
        if isinstance(answer, dict):
            answer.setdefault("type", tag(NumberAnswer))


def _read_if_there(path: Path) -> str:
    return read_text(path) if path.exists() else ""


def _published(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(read_text(path), type=dict[str, dict[str, Any]])
    except msgspec.MsgspecError as error:
        raise ExerciseError(
            str(path), 1, f"{error}; write it anew with 'grade publish' or 'grade check --write'"
        ) from error


def _load_solution(folder: Path, exercise: Exercise, files: Any) -> Solution:
    path = folder / "solution.toml"
    read = read_toml(path, _SolutionToml)
    text = read_text(path)
    solution = Solution(
        reference=read_text(folder / "reference.py"),
        misconceptions_source=_read_if_there(folder / "misconceptions.py"),
        cases=tuple(msgspec.structs.replace(case, visible=False) for case in read.case),
        generator=read.generator,
        misconceptions=read.misconception,
        branches=read.branch,
        smooth=read.smooth,
        equivalent=read.equivalent,
    )
    if exercise.vary:
        _placeholders_of(path, text, exercise)
    for where, what in solution_complaints(exercise, solution):
        raise ExerciseError(str(path), find_line(text, where), what)
    for part in (text, solution.reference, solution.misconceptions_source):
        files.update(b"\0" + part.encode())
    return solution
