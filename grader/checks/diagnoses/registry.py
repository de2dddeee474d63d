"""Registry of all diagnoses by code, and what is said of one: a message and a hint, in two languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from grader.checks.diagnoses import branches, graph, numbers, orders, paths, precision, shapes, steps
from grader.checks.diagnoses.reason import Instead, Reason, Said
from grader.checks.diagnoses.samples import Relation
from grader.model.exercise import Exercise
from grader.model.text import EMPTY, Text

_FAMILIES: Final = (numbers, shapes, paths, steps, graph, orders, precision, branches)
REASONS: Final[dict[str, Reason]] = {reason.code: reason for family in _FAMILIES for reason in family.REASONS}
"""By code. Its keys are the contract's :data:`~grader.model.report.CODES`."""

_ANSWER: Final = Text("Your answer", "你的答案")
"""How a message about a prediction begins; where f itself is judged, another subject takes its place."""
_VALUE: Final = Text("Your value", "你的值")
_GRADIENT: Final = Text("The gradient through your function", "autograd 对你的函数求出的梯度")


def say(relation: Relation, exercise: Exercise | None = None) -> Said:
    """Message and hint for what was found; the author's own for a misconception. Empty for an unknown code.

    :param exercise: whose misconceptions and branches have names; None where there are none.
    """
    solution = exercise.solution if exercise is not None else None
    if relation.author is not None:
        declared = solution.misconceptions if solution is not None else ()
        return next(((m.message, m.hint) for m in declared if m.id == relation.author), (EMPTY, EMPTY))
    reason = REASONS.get(relation.code)
    if reason is None:
        return EMPTY, EMPTY
    if relation.branches:
        names = {b.id: b.name for b in solution.branches} if solution is not None else {}
        named = tuple(names.get(b, Text(b, b)) for b in relation.branches)
        relation = replace(relation, branch_names=named)
    return reason.say(relation)


def of_value(relation: Relation, message: Text, hint: Text) -> Said:
    """The same where a value of f is judged."""
    return _instead(REASONS[relation.code].of_value, relation, message, hint, _VALUE)


def of_gradient(relation: Relation, message: Text, hint: Text, *, own_function: bool = False) -> Said:
    """The same where autograd differentiated the student's f.

    :param own_function: a ``backward`` of the student's own is on the way: what is asked of a formula is asked
        of that, too, and what is asked of a graph is not.
    """
    instead = REASONS[relation.code].of_gradient
    said = _instead(instead, relation, message, hint, _GRADIENT)
    return (said[0], instead.own_backward or hint) if own_function else said


def of_order(relation: Relation, message: Text, hint: Text) -> Said:
    """The same where more than one derivative is asked for."""
    instead = REASONS[relation.code].of_order
    return instead.message or message, instead.hint or hint


def of_asked(relation: Relation, message: Text, hint: Text) -> Said:
    """The same where the student's code asked autograd: no formula of theirs is to blame."""
    instead = REASONS[relation.code].of_asked
    return instead.message or message, instead.hint or hint


def _instead(instead: Instead, relation: Relation, message: Text, hint: Text, subject: Text) -> Said:
    if relation.variant in instead.variants:
        message = instead.variants[relation.variant]
    elif not (relation.labels or relation.variant):  # with a place, the message says more than the code does
        message = instead.message or message
    return _about(subject, message), instead.hint or hint


def _about(subject: Text, message: Text) -> Text:
    """The message with ``subject`` in the place of the answer, where it begins with that."""
    if not message.en.startswith(_ANSWER.en):
        return message
    return Text(
        subject.en + message.en.removeprefix(_ANSWER.en), subject.zh + message.zh.removeprefix(_ANSWER.zh)
    )
