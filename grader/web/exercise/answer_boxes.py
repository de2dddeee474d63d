"""Answer boxes for typed predictions: one for each number, and the text that the judge reads from them.

::

    answer with shape (4,)      boxes predict-x_grad.0 … predict-x_grad.3     [0, 4, 8, 12]
    answer with shape (2, 2)    boxes predict-A.0.0 … predict-A.1.1           [[1, 0], [0, 1]]
    answer that may be None     the checkbox predict-x_grad.none              None
    anything else               one field predict-x_grad                      as typed

What is typed is never changed, only put together: the judge forgives full-width digits and
Chinese punctuation, and a page that rewrote them would show something nobody typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import ClassVar, Final, Literal

from grader.model.answer_types import Answer
from grader.model.text import Text

PREFIX: Final = "predict-"
MOST_BOXES: Final = 64
"""Of one answer. Whoever has a larger tensor pastes it."""

Layout = Literal["field", "number", "row", "grid", "radio"]
Place = tuple[int, ...]
FlawKind = Literal["empty", "several", "both", "unreadable"]
Reads = Callable[[str, bool], Text | None]
"""What is typed, and whether it is one number of several: why it cannot be read."""

_OPEN: Final = "[(［（【"
_CLOSE: Final = "])］）】"
_PAIRS: Final = frozenset(zip(_OPEN, _CLOSE, strict=True))
_BETWEEN: Final = re.compile(r"[,，、;；]")
_LIST: Final = re.compile(
    rf"\s*[{re.escape(_OPEN)}]([^{re.escape(_OPEN + _CLOSE)}]*)[{re.escape(_CLOSE)}]\s*"
)
_STARTS_A_LIST: Final = re.compile(rf"(?:torch\.)?tensor\b|[{re.escape(_OPEN)}]")
_SEVERAL: Final = re.compile(rf"[\s:：{re.escape(_OPEN + _CLOSE)}]|{_BETWEEN.pattern}")
_NONE: Final = frozenset({"none", "无"})
_TRUTHS: Final = (("True", Text("True", "True")), ("False", Text("False", "False")))
_NO_GRADIENT: Final = ("None", Text("None: there is no gradient", "None：没有梯度"))


@dataclass(frozen=True)
class Flaw:
    """Why the boxes of one answer cannot be handed in as they are.

    :ivar kind: ``empty``: some are filled and this one is not. ``several``: this one holds more than one
        entry. ``both``: None is ticked and something is typed. ``unreadable``: the judge cannot read it.
    :ivar at: which box; empty when it is all of them.
    :ivar text: what the box holds.
    :ivar fields: the form's fields of this answer, so that each stays where it was typed.
    :ivar why: for ``unreadable``.
    """

    kind: FlawKind
    at: Place = ()
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    why: Text | None = None


@dataclass(frozen=True)
class Box:
    """One control of the form: where it stands in the tensor, and what it holds."""

    name: str
    at: Place
    value: str = ""
    flawed: bool = False


@dataclass(frozen=True)
class Boxes:
    """How one answer is laid out.

    :ivar rows: of a ``row`` one, of a ``grid`` several; of every other layout one with one box.
    :ivar choices: what can be chosen, as it is handed in and as it is read; empty where it is typed.
    :ivar none: whether None is ticked; None when there is no such checkbox.
    """

    layout: Layout
    rows: tuple[tuple[Box, ...], ...]
    choices: tuple[tuple[str, Text], ...] = ()
    none: bool | None = None
    none_text: ClassVar[Text] = _NO_GRADIENT[1]

    @property
    def value(self) -> str:
        """What the only control holds."""
        return self.rows[0][0].value


def layout(answer: Answer) -> Layout:
    """The layout that an answer's type and shape ask for."""
    if answer.control == "field" or not answer.shape:
        return answer.control
    if len(answer.shape) > 2 or not 0 < prod(answer.shape) <= MOST_BOXES:
        return "field"
    return "row" if len(answer.shape) == 1 else "grid"


def outline(answer: Answer) -> str:
    """The form of an answer: ``…``, ``[…, …, …]``, ``[[…, …], […, …]]``.

    No values: whatever stood there could be the right answer, as ``[0, 0, 0, 0]`` once was.
    """
    text, most = "…", 6 if len(answer.shape) == 1 else 3
    for size in reversed(answer.shape):
        text = f"[{', '.join([text] * min(size, most))}{', …' if size > most else ''}]"
    return text


def boxes(answer: Answer, text: str, flaw: Flaw | None = None) -> Boxes:
    """The controls of an answer, filled with ``text``; one field when ``text`` does not fit them.

    :param flaw: of the form that was refused; then each box holds what it held there.
    """
    kind, choices = layout(answer), _choices(answer)
    none = False if answer.none_box else None
    if flaw is not None:
        ticked = none if none is None else bool(flaw.fields.get(_none_box(answer)))
        if kind in ("row", "grid") and not flaw.fields.get(PREFIX + answer.name):
            held = {at: flaw.fields.get(_box(answer, at), "") for at in _places(answer)}
            return Boxes(kind, _rows(answer, held, flaw), choices, ticked)
        typed = flaw.fields.get(PREFIX + answer.name, "")
        return _one(answer, kind if kind == "number" else "field", typed, choices, ticked, flawed=True)
    text = text.strip()
    if none is False and text.casefold() in _NONE:
        none, text = True, ""
    if kind in ("row", "grid"):
        held_or_not = _split(answer, text)
        if held_or_not is not None and all(_choosable(value, choices) for value in held_or_not.values()):
            return Boxes(kind, _rows(answer, held_or_not), choices, none)
        kind = "field"
    fits = _choosable(text, choices) if kind == "radio" else not _SEVERAL.search(text)
    return _one(answer, kind if fits else "field", text, choices, none)


def joined(answer: Answer, form: Mapping[str, str], reads: Reads | None = None) -> tuple[str, Flaw | None]:
    """The text that the judge reads, from a form; empty when nothing was typed.

    :param reads: says why a piece cannot be read; without it that is left to the judge.
    :returns: the text, and what keeps it from being handed in. A text that has a flaw still holds
        whatever was typed.
    """
    whole = form.get(PREFIX + answer.name, "").strip()
    ticked = answer.none_box and bool(form.get(_none_box(answer), "").strip())
    held = {}
    if layout(answer) in ("row", "grid") and not whole:
        held = {at: form.get(_box(answer, at), "").strip() for at in _places(answer)}
        whole = _whole(answer, held)
    filled = any(held.values())
    text = whole or (_text(answer.shape, iter(held.values())) if filled else "")

    def flaw(kind: FlawKind, at: Place = (), why: Text | None = None) -> Flaw:
        names = [PREFIX + answer.name, _none_box(answer), *(_box(answer, at) for at in held)]
        return Flaw(kind, at, held.get(at, ""), {name: form[name] for name in names if form.get(name)}, why)

    if ticked:
        return ("None", None) if not text or text.casefold() in _NONE else (text, flaw("both"))
    if not whole and filled:
        crowded = next((at for at, value in held.items() if _SEVERAL.search(value)), None)
        if crowded is not None and answer.control == "number":
            return text, flaw("several", crowded)
        empty = next((at for at, value in held.items() if not value), None)
        if empty is not None:
            return text, flaw("empty", empty)
    pieces = {(): text} if whole or not filled else held
    for at, piece in pieces.items():
        why = reads(piece, at != ()) if reads is not None and piece else None
        if why is not None:
            return text, flaw("unreadable", at, why)
    return text, None


def _choices(answer: Answer) -> tuple[tuple[str, Text], ...]:
    if answer.option:
        return tuple((option.id, option.text) for option in answer.option)
    if answer.truths:
        return _TRUTHS + ((_NO_GRADIENT,) if answer.maybe_none and not answer.shape else ())
    return ()


def _choosable(value: str, choices: tuple[tuple[str, Text], ...]) -> bool:
    return not value or not choices or value in (choice for choice, _text in choices)


def _none_box(answer: Answer) -> str:
    return f"{PREFIX}{answer.name}.none"


def _box(answer: Answer, at: Place) -> str:
    return ".".join([PREFIX + answer.name, *map(str, at)])


def _places(answer: Answer) -> Iterator[Place]:
    return product(*map(range, answer.shape))


def _one(
    answer: Answer,
    kind: Layout,
    value: str,
    choices: tuple[tuple[str, Text], ...],
    none: bool | None,
    *,
    flawed: bool = False,
) -> Boxes:
    return Boxes(kind, ((Box(PREFIX + answer.name, (), value, flawed),),), choices, none)


def _rows(answer: Answer, held: Mapping[Place, str], flaw: Flaw | None = None) -> tuple[tuple[Box, ...], ...]:
    """The boxes, row by row; a vector is one row."""
    marked = {flaw.at} if flaw is not None else set()
    if flaw is not None and flaw.kind == "empty":
        marked = {at for at, value in held.items() if not value.strip()}
    found = [Box(_box(answer, at), at, value, at in marked) for at, value in held.items()]
    width = answer.shape[-1]
    return tuple(tuple(found[start : start + width]) for start in range(0, len(found), width))


def _text(shape: Place, values: Iterator[str]) -> str:
    if not shape:
        return next(values)
    return f"[{', '.join(_text(shape[1:], values) for _ in range(shape[0]))}]"


def _whole(answer: Answer, held: Mapping[Place, str]) -> str:
    """The whole answer where somebody put it into the first box and left the others empty, else nothing."""
    first, *others = held.values()
    if not first or any(others):
        return ""
    if first.casefold() in _NONE or _STARTS_A_LIST.match(first):
        return first
    # One number is no whole, and "1,5" is none either where four are asked for.
    return first if _SEVERAL.search(first) and _split(answer, first) else ""


def _split(answer: Answer, text: str) -> dict[Place, str] | None:
    """The entries of a whole text, as typed; None when they are not as many as there are boxes."""
    if not text:
        return dict.fromkeys(_places(answer), "")
    inner = text[1:-1] if (text[0], text[-1]) in _PAIRS else text
    if len(answer.shape) == 1:
        lists = [inner]
    else:
        lists = _LIST.findall(inner)
        if inner is text or _BETWEEN.sub("", _LIST.sub("", inner)).strip() or len(lists) != answer.shape[0]:
            return None
    entries: list[str] = []
    for one in lists:
        pieces = [piece.strip() for piece in _BETWEEN.split(one)]
        if len(pieces) == 1:
            pieces = one.split() or [""]
        if len(pieces) == answer.shape[-1] + 1 and not pieces[-1]:
            pieces.pop()  # [1, 2,] has two entries
        if len(pieces) != answer.shape[-1] or any(_SEVERAL.search(piece) for piece in pieces):
            return None
        entries += pieces
    return dict(zip(_places(answer), entries, strict=True))
