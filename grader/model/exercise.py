"""An exercise: what a student sees of it, and what only the grader may see.

Every array in these structs is given as nested numbers (``Nested``); shapes follow
from the nesting, the dtype from the field beside it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import msgspec

from grader.model.text import EMPTY, Language, Text

Nested = Any
"""A number, a truth value, ``"nan"``/``"inf"``/``"-inf"``, None, or nested lists of these."""

Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64)]

Kind = Literal[
    "value",
    "gradient",
    "prediction",
    "own-prediction",
    "vjp",
    "jvp",
    "jacobian",
    "hvp",
    "higher-order",
    "state",
    "raises",
    "graph",
    "from-autograd",
    "backward",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
PREDICTIONS: frozenset[Kind] = frozenset(
    {"prediction", "own-prediction", "vjp", "jvp", "jacobian", "hvp", "higher-order", "from-autograd"}
)
"""Kinds whose answer is a derivative that a function of the student's returns."""
THROUGH_AUTOGRAD: frozenset[Kind] = frozenset({"gradient", "backward"})
"""Kinds that look at what autograd gives back through the student's own code."""
COMPLEX_KINDS: frozenset[Kind] = frozenset(
    {"value", "gradient", "prediction", "vjp", "backward", "state", "raises", "graph"}
)
"""Kinds that judge complex tensors: the others are made by contracting twice, which only means the same
for real numbers."""
Kinks = Literal["torch", "any-subgradient", "avoid"]
Property = Literal["reaches", "cuts", "branches"]


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


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to choose from: what is typed, and what it stands for."""

    id: Identifier
    text: Text


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A typed prediction: a question whose answer is typed, not programmed."""

    name: Name
    ask: Text
    shape: tuple[int, ...] = ()
    """How many boxes the form shows; the judge compares shapes whatever this says."""
    type: Literal["number", "bool", "choice", "edges", "formula"] = "number"
    """``choice`` takes the id of one of ``option``, or a list of them; ``edges`` a list of arrows such as
    ``x -> a``, in any order; ``formula`` a formula in the inputs, judged at every case."""
    option: tuple[Option, ...] = ()
    maybe_none: bool = False
    """Whether the form offers None as an answer."""
    previous: tuple[Name, ...] = ()
    """Answers whose values, added to the right one, mean that a gradient was accumulated."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is judged and what it is worth.

    Exactly one of ``function`` and ``answer`` is set: a check judges either what a
    function of the student returns or an answer the student typed.
    """

    @property
    def requires_autograd(self) -> bool:
        """Whether the answer has to come from autograd."""
        return self.autograd == "required" or self.kind == "from-autograd"

    @property
    def predicts(self) -> bool:
        """Whether a derivative is asked for that the student worked out, without autograd."""
        return self.kind in PREDICTIONS and not self.autograd_allowed and not self.requires_autograd

    @property
    def without_autograd(self) -> bool:
        """Whether the answer is made where autograd does not exist: a derivative that was worked out, or a
        ``backward`` that has to be arithmetic of the student's own."""
        return self.predicts or (self.kind == "backward" and not self.autograd_allowed)

    id: Identifier
    kind: Kind
    points: Annotated[float, msgspec.Meta(gt=0)]
    title: Text = EMPTY
    """What is checked, in a line; the one usual for its kind where an author gives none."""
    function: Name | None = None
    """The student's function; for a ``backward`` check the class derived from ``torch.autograd.Function``."""
    of: Name | None = None
    """The reference function that is differentiated; ``function`` itself when absent."""
    wrt: Name | None = None
    """The input by which the gradient is taken; the first differentiable one when absent."""
    cotangent: str = "random"
    """``"sum"`` (ones), ``"random"`` (seeded, never ones), or the name of an input."""
    tangent: Name | None = None
    """The input that holds the direction of a ``jvp`` or the vector of an ``hvp``."""
    order: Annotated[int, msgspec.Meta(ge=1, le=6)] = 1
    """How many times is differentiated (``higher-order``, and ``gradient`` through the student's f)."""
    output: int | str | None = None
    """Which output is meant of a function that returns a tuple or a dict."""
    item: int | str | None = None
    """Which item is meant of a prediction that returns a tuple or a dict (one gradient for each input)."""
    kinks: Kinks = "torch"
    """At a kink: what torch says, anything between the one-sided derivatives, or no case may lie there."""
    nonfinite: bool = False
    """The right answer may hold NaN or infinities. Without it, a reference that has any is broken."""
    error: str = "RuntimeError"
    """``raises``: the type of the error that must happen (or the name of one it derives from)."""
    match: str = ""
    """``raises``: a piece of the error's message; empty for any."""
    property: Property = "reaches"
    """``graph``: which inputs the output is still connected to; whether an edge is cut on the way; or
    whether what is computed depends on the data (a branch, a loop)."""
    answer: Name | None = None
    autograd_allowed: bool = False
    """The derivative may be a formula or asked of autograd, as the student likes."""
    autograd: Literal["", "required"] = ""
    """``required``: it must be asked of autograd (always so for ``from-autograd``): the answer is right where
    autograd exists, and is not where it does not. For ``raises``: the error comes of a backward."""
    rtol: float = 1e-6


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
    limits: Limits = Limits()
    solution: Solution | None = None
    published: dict[str, dict[str, Any]] = {}
    """``visible.json``: right answers at the visible cases, for copies without ``solutions/``."""

    def starter_in(self, language: Language) -> str:
        """The starter code with comments in ``language``."""
        return self.starter_zh if language == "zh" and self.starter_zh else self.starter

    def given_in(self, language: Language) -> str:
        """The given code with comments in ``language``."""
        return self.given_zh if language == "zh" and self.given_zh else self.given

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

    def function(self, name: str) -> Function:
        """The function called ``name``. KeyError when there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)
