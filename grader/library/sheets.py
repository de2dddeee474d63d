"""TOML files read into structs, with errors that name the line.

``tomllib`` gives no positions, so a complaint's path (``$.check[2].points``) is looked up
in the text again: the third ``[[check]]``, then ``points`` below it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
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
        what = _named(what, place.rstrip("`"), kind)
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


def _named(what: str, place: str, kind: type[msgspec.Struct]) -> str:
    """msgspec's complaint with what could stand there instead, where that is a short list."""
    wrong = re.search(r"Invalid enum value '([^']*)'", what)
    if wrong:
        allowed = _literals(_at(kind, place))
        return f"'{wrong.group(1)}' is none of {', '.join(allowed)}{near(wrong.group(1), allowed)}"
    unknown = re.search(r"unknown field `([^`]+)`", what)
    if unknown:
        described = _at(kind, place)
        if isinstance(described, msgspec.inspect.StructType):
            allowed = [field.encode_name for field in described.fields]
            return f"{what}{near(unknown.group(1), allowed)}; what can stand here: {', '.join(allowed)}"
    if "matching regex '^[A-Za-z_]" in what:
        return "this is no name as Python has them: letters, digits and _, no digit first"
    if "matching regex '^[a-z]" in what:
        return "this is no name: use small letters, digits, and - or _ between them, a letter first"
    return what


def near(given: str, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where one of ``allowed`` is much like what was given."""
    found = difflib.get_close_matches(given, list(allowed), n=1)
    return f"; did you mean '{found[0]}'?" if found else ""


def _at(kind: type[msgspec.Struct], path: str) -> msgspec.inspect.Type | None:
    """The type that stands at a path such as ``$.check[2].kind``."""
    here: msgspec.inspect.Type | None = msgspec.inspect.type_info(kind)
    for name, _ in re.findall(r"\.([A-Za-z_][\w-]*)|(\[[^\]]*\])", path):
        here = _step(here, name)
    return here


def _step(here: msgspec.inspect.Type | None, name: str) -> msgspec.inspect.Type | None:
    """One step down: a field by its name, or an item of whatever holds several."""
    match here:
        case msgspec.inspect.StructType(fields=fields) if name:
            return next((field.type for field in fields if field.encode_name == name), None)
        case msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item):
            return item
        case msgspec.inspect.DictType(value_type=value):
            return value
        case _:
            return None


def _literals(described: msgspec.inspect.Type | None) -> list[str]:
    return (
        [str(value) for value in described.values]
        if isinstance(described, msgspec.inspect.LiteralType)
        else []
    )
