"""TOML files read into structs, with errors that name the line.

``tomllib`` gives no positions, so a complaint's path (``$.check[2].points``) is looked up
in the text again: the third ``[[check]]``, then ``points`` below it.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

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


def read_toml(path: Path, kind: type[S], prepare: Callable[[dict[str, Any]], None] | None = None) -> S:
    """A TOML file as a struct of type ``kind``.

    :param prepare: fills in what the file may leave out, in place.
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
    if prepare is not None:
        prepare(data)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `")
        place = place.rstrip("`")
        here = _at(kind, place, data)
        key = here.tag_field if _MISSING.search(what) else _quoted(what)
        line = find_line(text, place, key)
        where = place.removeprefix("$").lstrip(".")
        what = _named(what, here)
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


_UNKNOWN: Final = re.compile(r"unknown field `([^`]+)`")
_MISSING: Final = re.compile(r"missing required field `([^`]+)`")
_NONE_OF: Final = re.compile(r"Invalid (?:enum )?value '([^']*)'")


@dataclass(frozen=True)
class _Place:
    """What may stand at a place of a file.

    :ivar type: as the structs describe it. :ivar union: where it is one of several structs, told apart by the
        field ``tag_field``, all of them.
    """

    type: msgspec.inspect.Type | None
    union: tuple[msgspec.inspect.StructType, ...] = ()

    @property
    def tag_field(self) -> str:
        """The field that says which struct of the union it is; empty where there is none."""
        return str(self.union[0].tag_field) if self.union else ""


def _quoted(what: str) -> str:
    """The key a complaint is about, if it names one: ``Object contains unknown field `x` ``."""
    unknown = _UNKNOWN.search(what)
    return unknown.group(1) if unknown else ""


def _named(what: str, here: _Place) -> str:
    """msgspec's complaint with what could stand there instead, where that is a short list."""
    if wrong := _NONE_OF.search(what):
        allowed = _literals(here)
        return f"'{wrong.group(1)}' is none of {', '.join(allowed)}{near(wrong.group(1), allowed)}"
    if isinstance(here.type, msgspec.inspect.StructType):
        if unknown := _UNKNOWN.search(what):
            return _no_field(what, unknown.group(1), here, here.type)
        if (missing := _MISSING.search(what)) and here.union:
            return _needs(missing.group(1), here.type)
    if "matching regex '^[A-Za-z_]" in what:
        return "this is no name as Python has them: letters, digits and _, no digit first"
    if "matching regex '^[a-z]" in what:
        return "this is no name: use small letters, digits, and - or _ between them, a letter first"
    return what


def _no_field(what: str, name: str, here: _Place, struct: msgspec.inspect.StructType) -> str:
    """A key that this table does not have; which ones of its kin have it, or what can stand there."""
    kin = [str(other.tag) for other in here.union if any(f.encode_name == name for f in other.fields)]
    if kin:
        return f"{_a(struct)} has no '{name}'; there is one where {here.tag_field} is {', '.join(kin)}"
    allowed = [field.encode_name for field in struct.fields]
    if here.union:
        allowed.append(here.tag_field)
    return f"{what}{near(name, allowed)}; what can stand here: {', '.join(allowed)}"


def _needs(name: str, struct: msgspec.inspect.StructType) -> str:
    """A key that tables of this kind need, and what for."""
    field = next((f.type for f in struct.fields if f.encode_name == name), None)
    why = ""
    if isinstance(field, msgspec.inspect.Metadata) and field.extra_json_schema:
        why = f" {field.extra_json_schema.get('description', '')}"
    return f"{_a(struct)} needs '{name}'{why}".rstrip()


def _a(struct: msgspec.inspect.StructType) -> str:
    """``a vjp``, ``an hvp``: a table by its tag."""
    tag = str(struct.tag)
    return f"{'an' if tag[0] in 'aeiou' or tag == 'hvp' else 'a'} {tag}"


def near(given: str, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where one of ``allowed`` is much like what was given."""
    found = difflib.get_close_matches(given, list(allowed), n=1)
    return f"; did you mean '{found[0]}'?" if found else ""


def _at(kind: type[msgspec.Struct], path: str, data: Any) -> _Place:
    """What may stand at a path such as ``$.check[2].kind``, in the file that holds ``data``."""
    here = _Place(msgspec.inspect.type_info(kind))
    for name, index in re.findall(r"\.([A-Za-z_][\w-]*)|\[([^\]]*)\]", path):
        if here.union and name == here.tag_field:
            return _Place(msgspec.inspect.LiteralType(tuple(str(one.tag) for one in here.union)))
        key = name if name else int(index) if index.isdigit() else None
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            data = None
        here = _told_apart(_step(here.type, name), data)
    return here


def _told_apart(here: msgspec.inspect.Type | None, data: Any) -> _Place:
    """Of a tagged union the struct that ``data`` says it is."""
    while isinstance(here, msgspec.inspect.Metadata):
        here = here.type
    if not isinstance(here, msgspec.inspect.UnionType):
        return _Place(here)
    union = tuple(one for one in here.types if isinstance(one, msgspec.inspect.StructType))
    if len(union) < len(here.types):
        return _Place(here)
    said = data.get(union[0].tag_field) if isinstance(data, dict) else None
    return _Place(next((one for one in union if one.tag == said), None), union)


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


def _literals(here: _Place) -> list[str]:
    return (
        [str(value) for value in here.type.values]
        if isinstance(here.type, msgspec.inspect.LiteralType)
        else []
    )
