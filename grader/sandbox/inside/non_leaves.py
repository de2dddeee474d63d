"""Reading ``.grad`` of a tensor that is not a leaf: it is None there. torch warns of it; the line is kept.

``x = x.requires_grad_().clone()`` followed by ``x.grad`` is a classic: the gradient went to the ``x`` before.
"""

from __future__ import annotations

import warnings
from typing import Final, TextIO

import msgspec

from grader.model.observation import Differentiated, Outcome, Raised, Returned
from grader.model.values import Nothing
from grader.sandbox import bounds
from grader.sandbox.inside.serialize import FILENAME

_WARNING: Final = "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"
_lines: list[int] = []


def notice() -> None:
    """From now on, keep the line of each such warning; it is printed once a line, as by default."""
    warnings.filterwarnings("always", message=_WARNING.replace(".", r"\."), category=UserWarning)
    show, shown = warnings.showwarning, set[tuple[str, int]]()

    def keep(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if category is UserWarning and str(message).startswith(_WARNING):
            if filename == FILENAME and type(lineno) is int and 1 <= lineno <= bounds.MAX_LINES:
                _lines.append(lineno)
                del _lines[:-1]
            if (filename, lineno) in shown:
                return
            shown.add((filename, lineno))
        show(message, category, filename, lineno, file, line)

    warnings.showwarning = keep


def forget() -> None:
    """A new task begins."""
    _lines.clear()


def noted(outcome: Outcome) -> Outcome:
    """``outcome`` with the last such line, where None came or something failed."""
    if not _lines:
        return outcome
    replace = msgspec.structs.replace
    match outcome:
        case Raised() | Returned(value=Nothing()) | Differentiated(value=Nothing()):
            return replace(outcome, unkept=_lines[-1])
        case Differentiated(error=Raised() as error):
            return replace(outcome, error=replace(error, unkept=_lines[-1]))
        case _:
            return outcome
