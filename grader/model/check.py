"""Check: one thing that is judged, and what it is worth; what checks of all kinds share.

The kinds themselves, a class for each, are in ``kinds.py``. Code that treats kinds differently asks an
attribute of this class, never a kind's name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

import msgspec

from grader.model.text import EMPTY, Text

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64)]
Kinks = Literal["torch", "any-subgradient", "avoid"]
Required = Literal["", "required"]
"""``required``: the answer must be asked of autograd: it is right where autograd exists, and is not where it
does not. For ``raises``: the error comes of a backward."""
How = Literal["vjp", "jvp", "jacobian", "hvp", "higher-order"]
Calls = Callable[[str], str]
"""A function's name → how it is called: ``f(x, w)``."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One thing that is judged and what it is worth: what checks of all kinds share.

    Exactly one of ``function`` and ``answer`` is set: a check judges either what a function of the student
    returns or an answer that the student typed. A property below stands for a field that this kind lacks.
    """

    id: Identifier
    points: Annotated[float, msgspec.Meta(gt=0)]
    title: Text = EMPTY
    """What is checked, in a line; the one usual for its kind where an author gives none."""

    usual: ClassVar[tuple[str, str]] = ("{name}: {check.kind}", "{name}：{check.kind}")
    """The usual title in English and in Chinese; :meth:`usual_title` says what may stand in it."""
    of_values: ClassVar[bool] = False
    """Whether a function's values are judged, and no derivative."""
    returns_derivative: ClassVar[bool] = False
    """Whether the answer is a derivative that a function of the student's returns."""
    through_autograd: ClassVar[bool] = False
    """Whether it is what autograd gives back through the student's own code."""
    own_backward: ClassVar[bool] = False
    """Whether the student writes the backward: a class derived from ``torch.autograd.Function``."""
    of_own: ClassVar[bool] = False
    """Whether it is about a function that the student designs: then the reference's is only an example."""
    judges_complex: ClassVar[bool] = False
    """Whether it has a meaning for complex tensors. What is made by contracting twice only means the same for
    real numbers."""
    takes_no_derivative: ClassVar[bool] = False
    """Whether nothing is differentiated, neither by the student nor by the grader."""
    how: ClassVar[How] = "vjp"
    """Which derivative it is, as a :class:`grader.model.job.Differentiate` is asked for it."""
    one_gradient: ClassVar[bool] = False
    """Whether it is one gradient by one input: one that may hold an earlier one, if it is never zeroed."""
    whole_gradient: ClassVar[bool] = False
    """Whether it is the gradient alone, contracted with nothing: what a curve can be drawn of."""
    second_derivative: ClassVar[bool] = False
    """Whether it is a derivative of a derivative, whatever the order says."""
    raises: ClassVar[bool] = False
    """Whether an error is what has to come."""
    needs_input: ClassVar[bool] = False
    """Whether the cotangent has to be one of the inputs: the function of the student's is given it."""

    def __post_init__(self) -> None:
        if (self.function is None) == (self.answer is None):
            raise ValueError(f"check '{self.id}' needs exactly one of 'function' and 'answer'")

    @property
    def kind(self) -> str:
        """The name of its kind, as an exercise and a report write it."""
        return tag(type(self))

    @property
    def function(self) -> str | None:
        """The student's function; None where an answer is typed."""
        return None

    @property
    def answer(self) -> str | None:
        """The typed answer that is judged; None where a function is."""
        return None

    @property
    def of(self) -> str | None:
        """The reference's function that is meant; ``function`` itself when absent."""
        return None

    @property
    def wrt(self) -> str | None:
        """The input by which the gradient is taken; the first differentiable one when absent."""
        return None

    @property
    def cotangent(self) -> str:
        """``"sum"`` (ones), ``"random"`` (seeded, never ones), or the name of an input."""
        return "random"

    @property
    def tangent(self) -> str | None:
        """The input that holds the direction of a ``jvp`` or the vector of an ``hvp``."""
        return None

    @property
    def order(self) -> int:
        """How many times is differentiated."""
        return 1

    @property
    def output(self) -> int | str | None:
        """Which output is meant of a function that returns a tuple or a dict."""
        return None

    @property
    def item(self) -> int | str | None:
        """Which item is meant of a prediction that returns a tuple or a dict: one gradient an input."""
        return None

    @property
    def which(self) -> int | str | None:
        """Which item is meant of what the student's function returns: of a prediction, or of f itself."""
        return self.item if self.returns_derivative else self.output

    @property
    def kinks(self) -> Kinks:
        """At a kink: torch's word, anything between the one-sided derivatives, or no case may lie there."""
        return "torch"

    @property
    def nonfinite(self) -> bool:
        """The right answer may hold NaN or infinities. Without it, a reference that has any is broken."""
        return False

    @property
    def rtol(self) -> float:
        """The relative tolerance for float64."""
        return 1e-6

    @property
    def autograd_allowed(self) -> bool:
        """The derivative may be a formula or asked of autograd, as the student likes."""
        return False

    @property
    def autograd(self) -> Required:
        """Whether the answer must be asked of autograd, where an exercise may say so."""
        return ""

    @property
    def requires_autograd(self) -> bool:
        """Whether the answer has to come from autograd."""
        return self.autograd == "required"

    @property
    def predicts(self) -> bool:
        """Whether a derivative is asked for that the student worked out, without autograd."""
        return self.returns_derivative and not self.autograd_allowed and not self.requires_autograd

    @property
    def differentiates_reference(self) -> bool:
        """Whether a derivative of the reference's function is what is right."""
        return (self.returns_derivative and not self.of_own) or self.through_autograd

    @property
    def through_function(self) -> bool:
        """Whether autograd goes through a function of the student's, with a backward of torch's own."""
        return self.through_autograd and not self.own_backward

    @property
    def made_by_hand(self) -> bool:
        """Whether what the student's function returns is a derivative of the reference's, worked out."""
        return self.returns_derivative and not self.of_own

    @property
    def without_autograd(self) -> bool:
        """Whether the answer is made where autograd does not exist: a derivative that was worked out, or a
        ``backward`` that has to be arithmetic of the student's own."""
        return self.predicts or (self.own_backward and not self.autograd_allowed)

    def usual_title(self, call: Calls) -> Text:
        """What it looks at, in a line that a student can read before a verdict is there."""
        if self.answer is not None:
            return Text(f"your answer: {self.answer}", f"你的回答：{self.answer}")
        of = call(self.of or self.function or "")
        parts = {
            "check": self,
            "name": self.function,
            "call": call(self.function or ""),
            "of": of,
            "sum": f"{of}.sum()" if of.endswith(")") else f"{of}(…).sum()",
            "by": f" with respect to {self.wrt}" if self.wrt else "",
            "by_zh": f"关于 {self.wrt} 的" if self.wrt else "",
            "its_zh": f"关于 {self.wrt} 的" if self.wrt else "的",
        }
        return Text(self.usual[0].format(**parts), self.usual[1].format(**parts))


def tag(kind: type[msgspec.Struct]) -> str:
    """What an exercise calls a class of one of the two unions."""
    name = kind.__struct_config__.tag
    assert isinstance(name, str)
    return name
