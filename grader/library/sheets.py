"""TOML files read into structs, with errors that name the line.

``tomllib`` gives no positions, so a complaint's path (``$.check[2].points``) is looked up
in the text again: the third ``[[check]]``, then ``points`` below it.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.errors import ExerciseError

S = TypeVar("S", bound=msgspec.Struct)


def read_text(path: Path) -> str:
    """A file's text. :raises ExerciseError: it is not there or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ExerciseError(str(path), 1, "this file is missing") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ExerciseError(str(path), line, "this file is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ExerciseError(str(path), 1, f"this file cannot be read: {error.strerror}") from error


def read_sheet(path: Path, kind: type[S]) -> S:
    """A TOML file as a struct of type ``kind``.

    :raises ExerciseError: not TOML, an unknown key, a wrong type or a missing key; with its line.
    """
    text = read_text(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        what = re.sub(r" \(at .*\)$", "", str(error))
        raise ExerciseError(str(path), line, f"this is not TOML: {what}") from error
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `")
        line = find_line(text, place.rstrip("`"), _quoted(what))
        where = place.rstrip("`").removeprefix("$").lstrip(".")
        raise ExerciseError(str(path), line, f"{where}: {what}" if where else what) from error


def find_line(text: str, path: str, key: str = "") -> int:
    """The line (from 1) that a path such as ``$.check[2].points`` stands for; the nearest known one."""
    lines = text.splitlines()
    line, prefix = 0, ""
    steps = [
        (name, int(index or -1)) for name, index in re.findall(r"\.?([A-Za-z_][\w-]*)(?:\[(\d+)\])?", path)
    ]
    if key:
        steps.append((key, -1))
    for name, index in steps:
        prefix = f"{prefix}.{name}" if prefix else name
        header = re.compile(rf"\s*\[{{1,2}}\s*{re.escape(prefix)}\s*\]{{1,2}}")
        headers = [i for i in range(line, len(lines)) if header.match(lines[i])]
        assigned = re.compile(rf"(?:^|[\s{{,])[\"']?{re.escape(name)}[\"']?\s*=")
        keys = [i for i in range(line, len(lines)) if assigned.search(lines[i])]
        if headers and index < len(headers):
            line = headers[max(index, 0)]
        elif keys:
            line = keys[0]
    return line + 1


def _quoted(what: str) -> str:
    """The key a complaint is about, if it names one: ``Object contains unknown field `x` ``."""
    found = re.search(r"unknown field `([^`]+)`", what)
    return found.group(1) if found else ""
