"""``grade new``: an exercise that is small and sound, to be changed into one's own."""

from __future__ import annotations

import re
import shutil
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from grader.errors import UsageError

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST: Final = 64


def begin(
    slug: str, exercises: Path, solutions: Path, title: str | None = None, title_zh: str | None = None
) -> list[Path]:
    """Write ``exercises/slug`` and ``solutions/slug``; the files, in order.

    :raises UsageError: the name is none, something is there already, or nothing can be written.
    """
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise UsageError(f"'{slug}' is no name for an exercise: use small letters, digits and single hyphens")
    for folder in (exercises / slug, solutions / slug):
        if folder.exists():
            raise UsageError(f"{folder} is there already: choose another name, or remove it first")
    title = title or slug.replace("-", " ").capitalize()
    words = {"@TITLE@": _quoted(title), "@TITLE_ZH@": _quoted(title_zh or title)}
    template = resources.files("grader.authoring") / "template"
    written: list[Path] = []
    try:
        for source, target in (("exercise", exercises / slug), ("solution", solutions / slug)):
            written += _copy(template / source, target, words)
    except OSError as error:
        for folder in (exercises / slug, solutions / slug):
            shutil.rmtree(folder, ignore_errors=True)
        raise UsageError(f"{error.filename or exercises} cannot be written: {error.strerror}") from error
    return written


def _copy(source: Traversable, target: Path, words: dict[str, str]) -> list[Path]:
    target.mkdir(parents=True)
    written = []
    for piece in sorted(source.iterdir(), key=lambda p: p.name):
        # Python files end in .txt in the package, so that nobody takes them for its modules.
        path = target / piece.name.removesuffix(".txt")
        if piece.is_dir():
            written += _copy(piece, path, words)
            continue
        text = piece.read_text(encoding="utf-8")
        for word, meant in words.items():
            text = text.replace(word, meant)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _quoted(text: str) -> str:
    """For a TOML string between quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
