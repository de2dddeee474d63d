"""Variants of an exercise: the same questions about other numbers, one for each account.

An exercise says by ``[[vary]]`` which numbers of its given code vary, and by ``variants`` how many variants
there are beside the authored one, which is number 0. A number is drawn by a rule or taken from a short list;
texts name it by a placeholder:

================  ================================================  =============================
``{{x}}``         as one types it                                   ``[3, -1.5]``
``{{x[0]}}``      one entry                                         ``3``
``{{x.code}}``    in Python: ``code`` with ``{}`` for the number    ``torch.tensor([3.0, -1.5])``
================  ================================================  =============================

Everything here is a function of its arguments: the same exercise has the same variants on every machine.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from grader.model.check import Name

Nested = Any
"""A number, or nested lists of numbers."""
Values = Mapping[str, Nested]
"""The numbers of one variant, by name, in the order in which they are declared."""
MOST: Final = 64
_TRIES: Final = 1000
_PLACE: Final = re.compile(r"\{\{([A-Za-z_]\w*)((?:\[\d+\])*)(\.code)?\}\}( {2,}(?=#))?")
_ANY: Final = re.compile(r"\{\{\s*[A-Za-z_][^{}]*\}\}")

S = TypeVar("S", bound=msgspec.Struct)


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How each entry of a number is drawn: a multiple of ``step`` from ``low`` to ``high``, all as likely."""

    low: float
    high: float
    step: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    without: tuple[float, ...] = ()
    """Entries that it never has: 0 and 2, say, where x² and 2x are the same."""
    distinct: bool = False
    """No two entries have the same magnitude."""


class Vary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of an exercise that varies. Exactly one of ``draw`` and ``among`` is set."""

    name: Name
    usual: Nested
    """The authored value, of variant 0: the others have its form, and are floats where it is one."""
    usual_code: str = ""
    """How variant 0 writes it in Python, where that is something else: ``torch.arange(4.0)``."""
    code: str = "{}"
    """How it is written in Python; ``{}`` stands for the number."""
    draw: Draw | None = None
    among: tuple[Nested, ...] = ()
    """The values of variants 1, 2, 3 …: for numbers that depend on each other."""


class NoVariants(Exception):
    """The declared numbers cannot be drawn. ``index`` is that of the entry of ``vary``."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(what)
        self.index = index


def values_of(slug: str, vary: Sequence[Vary], count: int) -> tuple[Values, ...]:
    """The numbers of all variants, that of the authored one first; no two are the same.

    Variant n depends on those before it alone: a longer list begins like the shorter one.

    :raises NoVariants: the rules do not give so many.
    """
    found: list[Values] = [{each.name: each.usual for each in vary}]
    for number in range(1, count + 1):
        for attempt in range(_TRIES):
            values = {each.name: _value(slug, each, number, attempt) for each in vary}
            if values not in found:
                found.append(values)
                break
        else:
            raise NoVariants(
                0, f"these rules do not give {count} different variants: variant {number} repeats one"
            )
    return tuple(found)


def own_variant(account: int, slug: str, count: int) -> int:
    """The variant of an account, from 1 to ``count``: by SHA-256, and so the same on every machine.

    By rendezvous hashing: where variants are added, most accounts keep theirs.
    """

    def weight(number: int) -> bytes:
        return hashlib.sha256(f"{account}:{slug}:{number}".encode()).digest()

    return max(range(1, count + 1), key=weight)


def digest_of_variant(digest: str, values: Values) -> str:
    """The digest of a variant, by that of its exercise: its numbers judge, its texts do not."""
    return hashlib.sha256(f"{digest} variant {json.dumps(values, sort_keys=True)}".encode()).hexdigest()


def filled(struct: S, vary: Sequence[Vary], values: Values, *, usual: bool) -> S:
    """The struct with every placeholder in its texts replaced.

    :param usual: whether these are the authored numbers.
    """
    shown = {each.name: each for each in vary}
    authored = {each.name: each.usual for each in vary}

    def put(match: re.Match[str]) -> str:
        name, path, code, gap = match.groups()
        if name not in shown:
            return match.group()
        text = _text(shown[name], values[name], path, code=bool(code), usual=usual)
        if not gap:
            return text
        # A comment behind it stays in its column, as far as there is room.
        more = len(text) - len(_text(shown[name], authored[name], path, code=bool(code), usual=True))
        return text + " " * max(2, len(gap) - more)

    return msgspec.structs.replace(
        struct, **{name: _filled(getattr(struct, name), put) for name in struct.__struct_fields__}
    )


def _text(vary: Vary, value: Nested, path: str, *, code: bool, usual: bool) -> str:
    """What stands for a placeholder."""
    for index in re.findall(r"\d+", path):
        value = value[int(index)]
    if not code:
        return typed(value)
    if path:
        return written(value, vary.usual)
    if usual and vary.usual_code:
        return vary.usual_code
    return vary.code.replace("{}", written(value, vary.usual))


def _filled(value: Any, put: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(value, str):
        return _PLACE.sub(put, value) if "{{" in value else value
    if isinstance(value, msgspec.Struct):
        fields = {name: _filled(getattr(value, name), put) for name in value.__struct_fields__}
        changed = {name: new for name, new in fields.items() if new is not getattr(value, name)}
        return msgspec.structs.replace(value, **changed) if changed else value
    if isinstance(value, tuple):
        items = tuple(_filled(each, put) for each in value)
        return value if all(map(lambda a, b: a is b, items, value)) else items
    return value


def misplaced(text: str, vary: Sequence[Vary]) -> Iterator[tuple[int, str]]:
    """What looks like a placeholder in a text and names no number: its line, from 1, and the placeholder."""
    usual = {each.name: each.usual for each in vary}
    for number, line in enumerate(text.splitlines(), 1):
        for match in _ANY.finditer(line):
            found = _PLACE.fullmatch(match.group())
            if found is None or found[1] not in usual or not _has(usual[found[1]], found[2]):
                yield number, match.group()


def named_in(texts: Iterable[str]) -> set[str]:
    """The numbers that are named by placeholders."""
    return {match[1] for text in texts for match in _PLACE.finditer(text)}


def _has(value: Nested, path: str) -> bool:
    for index in re.findall(r"\d+", path):
        if not isinstance(value, list | tuple) or int(index) >= len(value):
            return False
        value = value[int(index)]
    return True


def typed(value: Nested) -> str:
    """A number as one types it: ``[3, -1.5]``."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(typed, value))}]"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def written(value: Nested, like: Nested) -> str:
    """A number as Python code, with a point where the authored one has one: ``[3.0, -1.5]``."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(each, like) for each in value)}]"
    return repr(int(value)) if _whole(like) else repr(float(value))


def _whole(nested: Nested) -> bool:
    """Whether a number is made of whole numbers of Python."""
    if isinstance(nested, list | tuple):
        return all(map(_whole, nested))
    return isinstance(nested, int)


def _as(kind: Callable[[float], float], nested: Nested) -> Nested:
    return [_as(kind, each) for each in nested] if isinstance(nested, list | tuple) else kind(nested)


def _value(slug: str, vary: Vary, number: int, attempt: int) -> Nested:
    whole = _whole(vary.usual)
    if vary.among:
        return _as(int if whole else float, vary.among[number - 1])
    assert vary.draw is not None
    rule = vary.draw
    taken: set[float] = set()
    counter = iter(range(_TRIES))

    def one() -> float | int:
        for step in counter:
            key = f"{slug}:{vary.name}:{number}:{attempt}:{step}".encode()
            steps = int((rule.high - rule.low) / rule.step + 1e-9) + 1
            entry = rule.low + rule.step * (int.from_bytes(hashlib.sha256(key).digest()[:8]) % steps)
            entry = round(entry, 9) + 0.0
            if entry in rule.without or (rule.distinct and abs(entry) in taken):
                continue
            taken.add(abs(entry))
            return int(entry) if whole else entry
        raise NoVariants(0, f"'{vary.name}' cannot be drawn: too little lies between low and high")

    def drawn(like: Nested) -> Nested:
        return [drawn(each) for each in like] if isinstance(like, list | tuple) else one()

    return drawn(vary.usual)


class Family(Generic[S]):
    """The variants of one exercise; each is made when it is first asked for, and is the same from then on."""

    def __init__(self, make: Callable[[int], S]) -> None:
        self._make = functools.cache(make)

    def member(self, number: int) -> S:
        """The variant with this number."""
        return self._make(number)
