"""A reason: one code of the contract with its rules, its ranks and its sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.checks.diagnoses.samples import Relation, Sample
from grader.model.text import Text

Said = tuple[Text, Text]
"""A message, which says what the numbers are; and a hint, a question that leads to the mend and gives no answer."""
Holds = Callable[[list[Sample]], Relation | None]
"""What holds over all cases of a check that have numbers, or None."""


@dataclass(frozen=True)
class Question:
    """What was asked for, and a thing that is to be known of the answer.

    :ivar gradients: False for values of f. :ivar predicted: False for what autograd gave.
    :ivar only_ones: the answer is one at every entry. That is so of many mistakes, and names none of them.
    """

    gradients: bool
    predicted: bool
    only_ones: bool


# To which questions a rule applies.


def always(_: Question) -> bool:
    return True


def of_values(question: Question) -> bool:
    return not question.gradients


def of_gradients(question: Question) -> bool:
    return question.gradients


def of_predictions(question: Question) -> bool:
    return question.gradients and question.predicted


def of_autograd(question: Question) -> bool:
    return question.gradients and not question.predicted


def of_telling_gradients(question: Question) -> bool:
    return question.gradients and not question.only_ones


@dataclass(frozen=True)
class Rule:
    """One way in which a code is found.

    :ivar rank: rules are asked by ascending rank (``finder`` says what the tens are), and the first that holds is
        told. Where two of one rank hold, two stories fit the numbers, and none is told.
    :ivar asked: to which questions it applies.
    :ivar over_numbers: it is told even where a relation of plain numbers holds, too.
    """

    rank: int
    holds: Holds
    asked: Callable[[Question], bool] = always
    over_numbers: bool = False


@dataclass(frozen=True)
class Instead:
    """What is said in another setting in the place of the message and the hint; None leaves them.

    :ivar variants: messages by the relation's variant.
    :ivar own_backward: the hint where a ``backward`` of the student's own is on the way; None: the reason's.
    """

    message: Text | None = None
    hint: Text | None = None
    own_backward: Text | None = None
    variants: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """All that belongs to one code.

    :ivar said: message and hint; made of the relation where they name a factor or a place.
    :ivar rules: how it is found over all cases. Empty where the judge of a check sees it without them.
    :ivar of_value: said where a value of f is judged: no word of gradients.
    :ivar of_gradient: said where autograd differentiated the student's f: the mistake is in f.
    :ivar of_asked: said where the student's code asked autograd for its answer: how it asked is what matters.
    :ivar of_order: said where more than one derivative is asked for: the second may well be the right one.
    """

    code: str
    said: Said | Callable[[Relation], Said]
    rules: tuple[Rule, ...] = ()
    of_value: Instead = Instead()
    of_gradient: Instead = Instead()
    of_asked: Instead = Instead()
    of_order: Instead = Instead()

    def say(self, relation: Relation) -> Said:
        """Message and hint for ``relation``."""
        return self.said(relation) if callable(self.said) else self.said
