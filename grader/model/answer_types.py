"""Answer types, of typed answers: a tagged union, one class for each, told apart by ``type``.

Code that treats types differently asks an attribute of the class, never its name. How an answer is judged is
written in ``grader/checks/answers/``.
"""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

import msgspec

from grader.model.check import Identifier, Name, tag
from grader.model.text import Text


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to choose from: what is typed, and what it stands for."""

    id: Identifier
    text: Text


class Adjoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the numbers of an answer are the adjoints of: each can stand beside its step of the backward pass.

    An adjoint is what comes in at a variable when ones are pulled back from what the function returns.

    :param of: a function of the given code. :param at: its arguments, in their order; the first is the leaf.
    :param names: variables of the function, or the leaf: one for each entry.
    """

    of: Name
    at: dict[Name, float | list[float]]
    names: tuple[Name, ...]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A question whose answer is typed, not programmed: what answers of all types share."""

    name: Name
    ask: Text

    at_every_case: ClassVar[bool] = False
    """Whether it is judged at every case, like a function, and not once."""
    in_words: ClassVar[bool] = False
    """Whether words are typed and no numbers."""
    truths: ClassVar[bool] = False
    """Whether True and False are to choose from."""
    arrows: ClassVar[bool] = False
    """Whether arrows from name to name are typed."""
    control: ClassVar[Literal["number", "radio", "field"]] = "field"
    """What a form shows for one entry of it: a box, things to choose from, or one field for all."""

    @property
    def type(self) -> str:
        """The name of its type, as an exercise writes it."""
        return tag(self.__class__)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many boxes the form shows; the judge compares shapes whatever this says."""
        return ()

    @property
    def option(self) -> tuple[Option, ...]:
        """What is to choose from."""
        return ()

    @property
    def maybe_none(self) -> bool:
        """Whether None may be the answer."""
        return False

    @property
    def none_box(self) -> bool:
        """Whether the form offers None beside its boxes."""
        return self.maybe_none

    @property
    def previous(self) -> tuple[str, ...]:
        """Answers whose values, added to the right one, mean that a gradient was accumulated."""
        return ()

    @property
    def adjoints(self) -> Adjoints | None:
        """What its numbers are the adjoints of."""
        return None

    @property
    def example(self) -> tuple[str, str]:
        """Two entries that answer nothing, for the form of an answer."""
        return "0.5", "-2"


class NumberAnswer(Answer, frozen=True, tag="number"):
    """Numbers, right to the digits typed."""

    shape: tuple[int, ...] = ()
    maybe_none: bool = False
    previous: tuple[Name, ...] = ()
    adjoints: Adjoints | None = None
    control = "number"

    def __post_init__(self) -> None:
        along = self.adjoints
        if along is not None and (self.shape != (len(along.names),) or not along.at):
            raise ValueError(
                f"answer '{self.name}': 'adjoints' needs a name for each entry "
                f"(shape = [{len(along.names)}]), and in 'at' the arguments of the function"
            )


class BoolAnswer(Answer, frozen=True, tag="bool"):
    """True or False, or an array of them."""

    shape: tuple[int, ...] = ()
    maybe_none: bool = False
    truths = True
    control = "radio"

    @property
    def none_box(self) -> bool:
        return self.maybe_none and bool(self.shape)  # of one value None is among its choices

    @property
    def example(self) -> tuple[str, str]:
        return "True", "False"


class ChoiceAnswer(Answer, frozen=True, tag="choice"):
    """The id of one of ``option``; with a shape, a list of them."""

    option: tuple[Option, ...] = ()
    shape: tuple[int, ...] = ()
    in_words = True
    control = "radio"

    def __post_init__(self) -> None:
        if len(self.option) < 2:
            raise ValueError(f"answer '{self.name}' needs at least two [[answer.option]]")

    @property
    def example(self) -> tuple[str, str]:
        return self.option[0].id, self.option[1].id


class EdgesAnswer(Answer, frozen=True, tag="edges"):
    """A list of arrows such as ``x -> a``, in any order."""

    in_words = True
    arrows = True


class FormulaAnswer(Answer, frozen=True, tag="formula"):
    """A formula in the inputs."""

    at_every_case = True


AnyAnswer = NumberAnswer | BoolAnswer | ChoiceAnswer | EdgesAnswer | FormulaAnswer
ANSWERS: dict[str, type[Answer]] = {tag(answer): answer for answer in get_args(AnyAnswer)}
"""The types of typed answers by name."""
