"""Exercise: what a student sees of it, and what only the grader may see.

Every array in these structs is given as nested numbers (``Nested``); shapes follow
from the nesting, the dtype from the field beside it.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

import msgspec

from grader.model.answer_types import Answer
from grader.model.check import Check, Identifier, Name
from grader.model.given import asked_in
from grader.model.text import EMPTY, Language, Text
from grader.model.variants import Family, Vary, digest_of_variant, filled, values_of

Nested = Any
"""A number, a truth value, ``"nan"``/``"inf"``/``"-inf"``, None, or nested lists of these."""

Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use. Seconds, bytes."""

    case_seconds: float = 2.0
    total_seconds: float = 10.0
    memory: int = 512 * 2**20
    """Address space beyond what the warm process already maps."""
    text: int = 64 * 2**10
    """Printed text."""
    results: int = 8 * 2**20
    """All result frames together."""
    source: int = 256 * 2**10


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One argument of the exercise's functions: how it is called and how the generator draws it."""

    name: Name
    dtype: Literal["float64", "float32", "int64", "bool", "complex128"] = "float64"
    """A complex number is written as text in TOML: ``"1+2j"``."""
    differentiable: bool = True
    """False for cotangents and constants: no gradient is taken by them."""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inputs at which the student's functions are run."""

    name: Identifier
    inputs: dict[Name, Nested]
    title: Text = EMPTY
    """What a reader sees in place of the name, where the case is a visible one."""
    visible: bool = True

    @property
    def called(self) -> Text:
        """The title; the name where the author gives none."""
        return self.title if self.title != EMPTY else Text(self.name, self.name)


class Function(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function the student must define."""

    name: Name
    args: tuple[Name, ...]
    """Names of the inputs it is called with, in order."""


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the generator draws one input."""

    shape: tuple[int, ...] = ()
    low: float = -3.0
    high: float = 3.0
    """Bounds of a uniform distribution (of the magnitude when ``log``)."""
    log: bool = False
    """Magnitudes are spread evenly over their logarithm between ``low`` and ``high``."""
    sign: Literal["both", "positive", "negative"] = "both"
    """Only with ``log``: the sign put before the magnitude."""
    away_from_zero: float = 0.0
    """Entries nearer to zero than this are drawn again."""


class Generator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seeded hidden cases beside the named ones."""

    count: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    draw: dict[Name, Draw] = {}


class Misconception(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A classic wrong answer.

    ``checks`` are the ids it explains. Code lives in ``misconceptions.py`` under the
    function name ``id`` with ``-`` as ``_``, and is called with the case's inputs (for an
    ``answer``, with none); ``value`` replaces code where the wrong answer is a constant.
    """

    id: Identifier
    checks: tuple[Identifier, ...]
    message: Text
    hint: Text
    codes: tuple[str, ...] = ()
    """Codes of the relation finder that are true of it, too: what may be said where no author's word is."""
    value: Nested | msgspec.UnsetType = msgspec.UNSET


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a student would call one branch of a function (``branch`` in the reference returns ``id``)."""

    id: Identifier
    name: Text


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the course: the exercises whose section is ``number``, or begins with it and a point."""

    number: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]+(\.[0-9A-Z]+)*$", max_length=16)]
    name: Text

    def holds(self, section: str) -> bool:
        """Whether a section such as ``2.5.4`` belongs to it."""
        return f"{section}.".startswith(f"{self.number}.")


class Solution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only the grader may see: everything under ``solutions/<slug>/`` that judging needs."""

    reference: str
    """Source of ``reference.py``."""
    misconceptions_source: str = ""
    cases: tuple[Case, ...] = ()
    generator: Generator = Generator()
    misconceptions: tuple[Misconception, ...] = ()
    branches: tuple[Branch, ...] = ()
    smooth: bool = True
    """Whether finite differences must agree with autograd: not where something is cut, rounded or jumps."""
    equivalent: tuple[str, ...] = ()
    """Mutants of the reference that no input can tell from it, as ``grade check`` prints them."""


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exercise, loaded and checked. ``solution`` is None in a student's own copy."""

    slug: Slug
    section: str
    order: int
    title: Text
    summary: Text
    prompt: Text
    """Markdown with LaTeX between dollar signs."""
    starter: str
    inputs: tuple[Input, ...]
    functions: tuple[Function, ...]
    checks: tuple[Check, ...]
    cases: tuple[Case, ...]
    digest: str
    """SHA-256 (hex) over everything that can change a score."""
    given: str = ""
    """Code the text gives, shown beside the prompt; never run by the grader."""
    starter_zh: str = ""
    given_zh: str = ""
    """The same code with comments in Chinese; empty where there is no such file."""
    answers: tuple[Answer, ...] = ()
    hint: Text = EMPTY
    chapter: Chapter | None = None
    """The part of the course that it belongs to; None where that has no name."""
    insight: Text = EMPTY
    """What the exercise shows in practice; said to who has full marks in it."""
    limits: Limits = Limits()
    solution: Solution | None = None
    published: dict[str, dict[str, Any]] = {}
    """``visible.json``: right answers at the visible cases, for copies without ``solutions/``."""
    file_digest: str = ""
    """SHA-256 (hex) over the files themselves, which older versions called the digest."""
    vary: tuple[Vary, ...] = ()
    """The numbers that its typed answers are about, where these vary."""
    variants: int = 0
    """How many variants there are beside the authored one."""
    number: int = 0
    """Which variant this is; 0 is the authored one."""
    values: dict[str, Nested] = {}
    """The numbers of this variant, in the order of ``vary``."""
    family: Family[Exercise] | None = None
    """Makes the other variants."""

    def starter_in(self, language: Language) -> str:
        """The starter code with comments in ``language``."""
        return self.starter_zh if language == "zh" and self.starter_zh else self.starter

    def given_in(self, language: Language) -> str:
        """The given code with comments in ``language``."""
        return self.given_zh if language == "zh" and self.given_zh else self.given

    def asks_in_code(self, name: str) -> bool:
        """Whether the answer ``name`` has its place in the given code."""
        return any(place.name == name for place in asked_in(self.given))

    def judges_as(self, digest: str) -> bool:
        """Whether what was judged by the exercise with this digest would be judged alike by this one."""
        return digest in (self.digest, self.file_digest)

    def judges_some_variant_as(self, digest: str) -> bool:
        """The same of this exercise in any of its variants."""
        return any(self.variant(number).judges_as(digest) for number in range(self.variants + 1))

    def variant(self, number: int) -> Exercise:
        """The same exercise about the numbers of a variant.

        :param number: 0 for the authored numbers. One that there is not any more is counted round: its digest
            says that the numbers are others.
        """
        if number > self.variants:
            number = (number - 1) % self.variants + 1 if self.variants else 0
        return self if self.family is None or number == self.number else self.family.member(number)

    def with_rtol(self, rtol: float) -> Exercise:
        """This exercise with another relative tolerance in every check that compares numbers."""
        checks = tuple(
            msgspec.structs.replace(check, rtol=rtol) if "rtol" in check.__struct_fields__ else check
            for check in self.checks
        )
        digest = hashlib.sha256(f"{self.digest} rtol {rtol!r}".encode()).hexdigest()
        return msgspec.structs.replace(self, checks=checks, digest=digest, file_digest="")

    @property
    def max_score(self) -> float:
        """The sum of the checks' points."""
        return sum(check.points for check in self.checks)

    def answer(self, name: str) -> Answer:
        """The typed answer called ``name``. KeyError when there is none."""
        for answer in self.answers:
            if answer.name == name:
                return answer
        raise KeyError(name)

    def call(self, name: str) -> str:
        """``f(x, w)``, where it is declared what ``name`` takes; else the name alone."""
        declared = next((f for f in self.functions if f.name == name), None)
        return name if declared is None else f"{name}({', '.join(declared.args)})"

    def function(self, name: str) -> Function:
        """The function called ``name``. KeyError when there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)


def varied(template: Exercise) -> Exercise:
    """The authored variant of an exercise whose texts hold placeholders; it knows the others.

    :raises NoVariants: its numbers cannot be drawn.
    """
    if not template.vary:
        return template
    every = values_of(template.slug, template.vary, template.variants)

    def make(number: int) -> Exercise:
        values = every[number]
        made = filled(template, template.vary, values, usual=number == 0)
        own: dict[str, Any] = {} if number == 0 else {
            "digest": digest_of_variant(template.digest, values),
            "file_digest": "",
        }  # fmt: skip
        return msgspec.structs.replace(made, number=number, values=dict(values), family=family, **own)

    family = Family(make)
    return family.member(0)
