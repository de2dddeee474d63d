"""``grade new``: an exercise that is small and sound, to be changed into one's own."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack, suppress
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from grader.authoring.kinds import Plan, files
from grader.errors import UsageError

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST: Final = 64
_BLANK: Final = re.compile(r"@TITLE(?:_ZH)?@")


def begin(
    slug: str,
    exercises: Path,
    solutions: Path,
    title: str | None = None,
    title_zh: str | None = None,
    plan: Plan | None = None,
) -> list[Path]:
    """Write ``exercises/slug`` and ``solutions/slug``; the files, in order.

    A title is one line: whatever white space it holds becomes single spaces. Without one in English it is
    made of the slug; without one in Chinese it is the English one.

    :param plan: what it is to hold; None for the template.

    :raises UsageError: the name is none, something is there already, or nothing can be written. Then
        nothing is left behind, and what was there before stays as it was.
    """
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise UsageError(
            f"'{slug[:80]}' is no name for an exercise: use small letters, digits and single hyphens, "
            f"a letter first, {_LONGEST} at most"
        )
    title = _line(title) or slug.replace("-", " ").capitalize()
    words = {"@TITLE@": _quoted(title), "@TITLE_ZH@": _quoted(_line(title_zh) or title)}
    template = resources.files("grader.authoring") / "template"
    folders = (("exercise", exercises / slug), ("solution", solutions / slug))
    try:
        for _, folder in folders:
            if folder.exists():
                raise UsageError(f"{folder} is there already: choose another name, or remove it first")
        with ExitStack() as undo:
            for _, folder in folders:
                _make(folder, undo)
            if plan is None:
                written = [
                    path for source, folder in folders for path in _copy(template / source, folder, words)
                ]
            else:
                words["@TITLE_ZH@"] = _quoted(_line(title_zh) or "TODO：中文标题")
                written = _write(files(plan, words["@TITLE@"], words["@TITLE_ZH@"]), dict(folders))
            undo.pop_all()
    except OSError as error:
        raise UsageError(f"{error.filename or exercises} cannot be written: {error.strerror}") from error
    return written


def _make(folder: Path, undo: ExitStack) -> None:
    """Make ``folder``, which must be new, and the folders it stands in where they are missing."""
    for parent in reversed([parent for parent in folder.parents if not parent.exists()]):
        parent.mkdir(exist_ok=True)
        undo.callback(_remove_if_empty, parent)
    # Where another call with this name was a moment faster, this fails, and its folder is left alone.
    folder.mkdir()
    undo.callback(shutil.rmtree, folder, ignore_errors=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _copy(source: Traversable, target: Path, words: dict[str, str]) -> list[Path]:
    written = []
    for piece in sorted(source.iterdir(), key=lambda p: p.name):
        # Python files end in .txt in the package, so that nobody takes them for its modules.
        path = target / piece.name.removesuffix(".txt")
        if piece.is_dir():
            path.mkdir()
            written += _copy(piece, path, words)
            continue
        text = _BLANK.sub(lambda found: words[found.group()], piece.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _write(texts: dict[PurePosixPath, str], folders: dict[str, Path]) -> list[Path]:
    """Files of ``exercise/`` and ``solution/`` in their folders."""
    written = []
    for name, text in texts.items():
        path = folders[name.parts[0]].joinpath(*name.parts[1:])
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _line(title: str | None) -> str:
    """A title as one line, without control characters.

    :raises UsageError: the terminal sent bytes that are no text.
    """
    line = re.sub(r"[\x00-\x1f\x7f-\x9f]", "", " ".join((title or "").split()))
    if re.search(r"[\ud800-\udfff]", line):
        raise UsageError("the title is not UTF-8: type it in a terminal that speaks UTF-8")
    return line


def _quoted(text: str) -> str:
    """For a TOML string between quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
