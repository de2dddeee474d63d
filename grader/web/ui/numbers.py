"""Numbers and tensors as a page writes them: six digits, columns aligned, differences marked.

Values arrive as plain JSON data (numbers, ``"nan"``/``"inf"``/``"-inf"``, None, lists, dicts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup, escape

from grader.model.digits import told_apart

MOST_ENTRIES = 512
"""A larger value is cut: nobody reads it, and a page must stay a page."""
DEEPEST = 16

Path = tuple[int | str, ...]


def shown(value: Any) -> str:
    """``value`` as Python would write it, with six digits and each row of a matrix on its own line."""
    return _write(value, _plain).unescape()


def beside(expected: Any, actual: Any) -> tuple[Markup, Markup]:
    """Both values for a reader who compares them.

    Where they have the same structure, entries of one column get the same width and the same
    number of decimals, and entries that differ are wrapped in ``<mark>``.
    """
    left, right = dict(_leaves(expected)), dict(_leaves(actual))
    if list(left) != list(right):
        return _write(expected, _plain), _write(actual, _plain)
    texts = {path: _pair(left[path], right[path]) for path in left}
    columns: dict[int | str, list[str]] = {}
    for path, pair in texts.items():
        columns.setdefault(path[-1] if path else 0, []).extend(pair)
    layouts = {name: _layout(column) for name, column in columns.items()}

    def leaf(side: int) -> Callable[[Path, Any], Markup]:
        def write(path: Path, _: Any) -> Markup:
            pair = texts[path]
            text = escape(layouts[path[-1] if path else 0](pair[side]))
            if pair[0] == pair[1]:
                return text
            bare = text.lstrip()
            return Markup("{}<mark>{}</mark>").format(text[: len(text) - len(bare)], bare)

        return write

    return _write(expected, leaf(0)), _write(actual, leaf(1))


def number(value: Any) -> str:
    """One entry: ``0.5``, ``-0``, ``nan``, ``True``, ``None``, or a short text as it is."""
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def points(value: float) -> str:
    """Points without a needless ``.0``: ``7``, ``2.5``, ``3.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _plain(_: Path, leaf: Any) -> Markup:
    return escape(number(leaf))


def _pair(left: Any, right: Any) -> tuple[str, str]:
    """Two entries as text, with as many digits as it takes to see that they differ."""
    texts = number(left), number(right)
    if texts[0] != texts[1] or left == right:
        return texts
    if not (isinstance(left, float | int) and isinstance(right, float | int)):
        return texts
    return told_apart(lambda digits: (f"{left:.{digits}g}", f"{right:.{digits}g}"))


def _layout(column: list[str]) -> Callable[[str], str]:
    """Pad the entries of one column to one width, and plain decimals to one number of them."""

    def decimals(text: str) -> int:
        return len(text.partition(".")[2]) if _is_decimal(text) else 0

    most = max(map(decimals, column))

    def fill(text: str) -> str:
        if most and _is_decimal(text):
            return text + ("" if "." in text else ".") + "0" * (most - decimals(text))
        return text

    width = max(len(fill(text)) for text in column)
    return lambda text: fill(text).rjust(min(width, 24))


def _is_decimal(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, list | tuple) and len(path) < DEEPEST:
        if not value:
            yield (*path, "[]"), "[]"
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif isinstance(value, dict) and len(path) < DEEPEST:
        for key, item in value.items():
            yield from _leaves(item, (*path, str(key)))
    else:
        yield path, value


def _write(value: Any, leaf: Callable[[Path, Any], Markup]) -> Markup:
    left = MOST_ENTRIES

    def write(value: Any, path: Path) -> Markup:
        nonlocal left
        if left <= 0:
            return Markup("…")
        if isinstance(value, list | tuple) and len(path) < DEEPEST:
            parts = []
            for index, item in enumerate(value):
                parts.append(write(item, (*path, index)))
                if left <= 0 and index + 1 < len(value):
                    parts.append(Markup("…"))
                    break
            nested = any(isinstance(item, list | tuple) for item in value)
            between = ",\n" + " " * (len(path) + 1) if nested else ", "
            return Markup("[{}]").format(escape(between).join(parts))
        if isinstance(value, dict) and len(path) < DEEPEST:
            pairs = [
                Markup("{}: {}").format(str(key), write(item, (*path, str(key))))
                for key, item in value.items()
            ]
            return Markup("{{{}}}").format(Markup(", ").join(pairs))
        left -= 1
        return leaf(path, value)

    return write(value, ())
