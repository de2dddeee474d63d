"""Chapters: the names of the course's parts, in one file beside the exercises."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import ExerciseError
from grader.exercises.toml_files import find_line, read_text, read_toml
from grader.model.exercise import Chapter


class _ChaptersToml(msgspec.Struct, forbid_unknown_fields=True):
    """``chapters.toml`` as it is written."""

    chapter: tuple[Chapter, ...]


def read_chapters(path: Path) -> tuple[Chapter, ...]:
    """The chapters that a file names, in its order; none where there is no such file.

    :raises ExerciseError: something in it is wrong.
    """
    if not path.exists():
        return ()
    chapters = read_toml(path, _ChaptersToml).chapter
    numbers = [chapter.number for chapter in chapters]
    for n, number in enumerate(numbers):
        if number in numbers[:n]:
            line = find_line(read_text(path), f"$.chapter[{n}]")
            raise ExerciseError(str(path), line, f"there are two [[chapter]] with the number '{number}'")
    return chapters


def chapter_of(section: str, chapters: Sequence[Chapter]) -> Chapter | None:
    """The chapter that a section belongs to: of several, the one with the longest number."""
    holding = [chapter for chapter in chapters if chapter.holds(section)]
    return max(holding, key=lambda chapter: len(chapter.number), default=None)
