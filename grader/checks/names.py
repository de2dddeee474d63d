"""Names of a student's functions, misspelt or elsewhere in the file; and arguments that are exchanged."""

from __future__ import annotations

import difflib
from typing import Final

from grader.model.exercise import Exercise, Function
from grader.model.observation import Defined
from grader.model.values import Mapping

_ALIKE: Final = 0.8
"""So alike are ``grad_f`` and ``grd_f``; ``grad_f`` and ``vjp_f`` are not."""
_LONG: Final = 4
"""Of shorter names, one letter is too much of the name."""


def meant(name: str, defined: tuple[Defined, ...], exercise: Exercise) -> Defined | None:
    """The function of the file that was probably meant to be ``name``, which is missing.

    First one of that very name somewhere else (in a class, in a block that is not run); then one at the top
    whose name differs in case or underscores, or by a letter. None where nothing is alike, or several are.
    """
    same = [one for one in defined if one.name == name and one.place != "top"]
    if same:
        return same[0]
    asked = {function.name for function in exercise.functions}
    others = {one.name: one for one in defined if one.place == "top" and one.name not in asked}
    plain = [one for other, one in others.items() if _plain(other) == _plain(name)]
    if plain:
        return plain[0] if len(plain) == 1 else None
    if len(name) < _LONG:
        return None
    near = difflib.get_close_matches(_plain(name), [_plain(other) for other in others], 2, _ALIKE)
    if len(near) != 1:
        return None
    return next(one for other, one in others.items() if _plain(other) == near[0])


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def near_key(name: str, predictions: Mapping, asked: set[str]) -> str | None:
    """The key of ``PREDICTIONS`` that was probably meant to be ``name``: one that nothing asks for."""
    others = [key for key in predictions.items if key not in asked]
    plain = [key for key in others if _plain(key) == _plain(name)]
    if plain:
        return plain[0]
    near = difflib.get_close_matches(_plain(name), [_plain(key) for key in others], 1, _ALIKE)
    return next((key for key in others if near and _plain(key) == near[0]), None)


def exchanged(function: Function, defined: tuple[Defined, ...]) -> Defined | None:
    """The student's definition of ``function`` if it names the same arguments in another order."""
    ours = [one for one in defined if one.place == "top" and one.name == function.name]
    params = ours[-1].params if ours else None
    if params is None or params == function.args or sorted(params) != sorted(function.args):
        return None
    return ours[-1]


def enclosing(line: int, defined: tuple[Defined, ...]) -> str:
    """The name of the function at the top of the file in which ``line`` probably stands; empty for none."""
    above = [one for one in defined if one.place == "top" and one.line <= line]
    return max(above, key=lambda one: one.line).name if above else ""
