"""Normalization of a typed formula: one spelling for each sign, and no left-hand side.

The text is hostile. Nothing here looks at what it means: that is left to
:mod:`grader.checks.formula.spelling`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Final

from grader.checks.formula import names
from grader.checks.sentences import OfFormula
from grader.model.text import Text

MAX_TEXT: Final = 512
MAX_PIECE: Final = 60


class NotAFormula(ValueError):
    """The text is no formula, or its parts do not fit together.

    :ivar what: the offending piece, at most 60 printable characters; empty if it is the whole.
    :ivar why: what is wrong, as a fragment that stands after a colon.
    """

    def __init__(self, what: str, why: Text) -> None:
        self.what, self.why = shown(what), why
        super().__init__(self.what or why.en)


def shown(piece: str) -> str:
    """The piece as a page can show it: short, and with its unprintable characters named."""
    return "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in piece[:MAX_PIECE])[:MAX_PIECE]


# Characters.


def formula_in(text: str, inputs: Sequence[str], subject: str | None) -> str:
    """The formula that ``text`` holds, in plain signs and without its left-hand side.

    :raises NotAFormula: it is too long, or its left-hand side is none.
    """
    return _transposes(_right_side(_plain(text), inputs, subject), inputs)


def _plain(text: str) -> str:
    """The text in plain signs: superscripts as powers, LaTeX and full-width signs as ours."""
    if len(text) > MAX_TEXT:
        raise NotAFormula("", OfFormula.too_long(len(text), MAX_TEXT))
    parts = []
    for raised, run in groupby(text, key=_raised):
        piece = "".join(run)
        if raised:
            piece = "".join(f"^({part})" if part != "T" else "⊤" for part in _raised_parts(piece))
        parts.append(piece.translate(names.HALVES))
    plain = unicodedata.normalize("NFKC", "".join(parts)).translate(names.SIGNS)
    plain = re.sub(r"\\[()\[\],;:! ]", " ", plain).replace("\\{", "(").replace("\\}", ")").replace("\\|", "‖")
    plain = names.FONT.sub(r" \1 ", plain)
    plain = re.sub(r"\\([A-Za-z]+)", lambda found: f" {names.COMMANDS.get(found[1], found[1])} ", plain)
    plain = re.sub(r"_\s*\{\s*(\w+)\s*\}", r"_\1 ", plain)  # x_{1}
    plain = re.sub(r"\^\s*\{\s*'\s*\}|\^\s*'", "'", plain)  # f^\prime
    return re.sub(r"\s+", " ", plain).strip(" $`").rstrip(" $`.;,")


def _raised(character: str) -> bool:
    return unicodedata.decomposition(character).startswith("<super>")


def _raised_parts(run: str) -> list[str]:
    return re.findall(r"T|[^T]+", unicodedata.normalize("NFKC", run).translate(names.SIGNS))


# The left-hand side.

_NAME: Final = r"[^\W\d]\w*"
_OF: Final = rf"{_NAME} (?:\([^()]*\))?"
_LEFT: Final = [
    re.compile(pattern.replace(" ", " ?"))
    for pattern in (
        rf"[d∂] (?:{_OF})? / [d∂] (?P<by>{_NAME}) (?:\(? {_OF} \)?)?",  # ∂f/∂x, df/dx, d/dx f(x)
        rf"(?P<by>{_NAME}) \. grad",
        rf"(?:∇|gradient|grad) _? (?P<of>{_NAME})? (?:{_NAME})? (?:\( (?P<at>{_NAME}) \)|\([^()]*\))?",
        rf"{_NAME} ' (?:\( (?P<at>{_NAME}) \)|\([^()]*\))?",
    )
]
_VALUE: Final = re.compile(rf"({_NAME}) ?(\([^()]*\))?")


def _right_side(plain: str, inputs: Sequence[str], subject: str | None) -> str:
    """What stands right of the last ``=`` outside all brackets; what is left of it must name a derivative."""
    cuts, depth = [-1], 0
    for at, sign in enumerate(plain):
        depth += (sign in "([{") - (sign in ")]}")
        if (
            sign == "="
            and depth == 0
            and plain[at - 1 : at] not in set("=<>!")
            and plain[at + 1 : at + 2] != "="
        ):
            cuts.append(at)
    for start, end in pairwise(cuts):
        _check_left(plain[start + 1 : end].strip(), inputs, subject)
    return plain[cuts[-1] + 1 :]


def _check_left(left: str, inputs: Sequence[str], subject: str | None) -> None:
    flat = re.sub(r"⁄ *\{([^{}]*)\} *\{([^{}]*)\}", r"\1/\2 ", left)
    flat = re.sub(r" +", " ", flat.replace("{", "").replace("}", "")).strip()
    for pattern in _LEFT:
        if (found := pattern.fullmatch(flat)) is None:
            continue
        for group, piece in found.groupdict().items():
            by = piece and names.input_named(inputs, piece)
            # In grad_f(w) the f may be anything, but in df/dw the w is what it is taken by.
            if piece and subject is not None and by != subject and (by or group == "by"):
                raise NotAFormula(piece, OfFormula.wrong_subject(shown(piece), subject))
        return
    value = _VALUE.fullmatch(flat)
    if flat and (value is None or (names.input_named(inputs, value[1]) is not None and not value[2])):
        raise NotAFormula(left, OfFormula.left_side(shown(left)))


def _transposes(plain: str, inputs: Sequence[str]) -> str:
    """``A^T``, ``A^{T}`` and LaTeX's ``x^Tx`` with the sign ``⊤``, unless the exercise has an input T."""
    plain = re.sub(r"\^ ?(?:⊤|\{ ?⊤ ?\}|\( ?⊤ ?\))", "⊤", plain)
    if names.input_named(inputs, "T") is not None:
        return plain
    plain = re.sub(r"\^ ?(?:\{ ?T ?\}|\( ?T ?\))", "⊤", plain)
    return re.sub(
        r"\^ ?(T\w*)", lambda t: t[0] if names.input_named(inputs, t[1]) else f"⊤ {t[1][1:]}", plain
    ).rstrip()
