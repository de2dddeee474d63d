"""Remarks on an answer: that it is wrong, where no reason can be named; or a remark on a right one."""

from __future__ import annotations

import numpy as np

from grader.checks import sentences
from grader.checks.arrays import Numbers, snapped
from grader.checks.compare import Aspect, compare, is_half, is_short, is_whole
from grader.checks.items import is_no_tuple
from grader.checks.observed import Observed, by_own_function
from grader.checks.results import shape_of
from grader.model.check import Check
from grader.model.exercise import Function
from grader.model.observation import Differentiated, Outcome, Returned
from grader.model.text import Text
from grader.model.values import Foreign, Mapping, Sequence, Tensor, Value, type_name


def plain_message(
    check: Check,
    function: Function,
    judged: list[Observed],
    first: Observed,
    items: int = 0,
    values: Check | None = None,
) -> Text:
    """What is wrong, without a reason.

    :param items: how many items a tuple should have, where that is what is wrong.
    :param values: the check of what the same function returns, where there is one.
    """
    name, mismatch, expected = function.name, first.mismatch, first.expected
    assert mismatch is not None
    actual = mismatch.actual
    match mismatch.aspect:
        case Aspect.NONE:
            which = check.which
            if which is not None and _holds_items(first.outcome):
                return sentences.item_is_none(name, which)
            return none_returned(name, first.outcome)
        case Aspect.NOT_NONE:
            which = check.which
            if which is not None and _holds_items(first.outcome):
                return sentences.item_not_none(name, which)
            return sentences.not_none(_who(check, name))
        case Aspect.TYPE:
            which = check.which
            if is_no_tuple(check, first.outcome):
                return sentences.no_tuple(name, type_name(first.given), which, items)
            if which is not None and isinstance(first.given, Sequence | Mapping):
                return sentences.no_item(name, type_name(first.given), which)
            return no_tensor(name, first.given)
        case _:
            pass
    assert actual is not None and expected is not None
    who = _who(check, name)
    match mismatch.aspect:
        case Aspect.SHAPE:
            return sentences.wrong_shape(who, shape_of(actual), shape_of(expected))
        case Aspect.DTYPE:
            return sentences.wrong_dtype(who, actual.dtype.name, is_value=check.of_values)
        case Aspect.FINITE:
            got = actual[mismatch.worst]
            if np.isfinite(got):
                return sentences.not_finite_expected(who)
            return sentences.not_finite(who, "NaN" if np.isnan(got) else "±∞")
        case _:
            if not first.visible:
                return _wrong_where_hidden(check, name, who, judged, values)
            where = f"[{', '.join(map(str, mismatch.worst))}]" if mismatch.worst else ""
            right, given = _entries(np.asarray(snapped(expected)), actual, mismatch.worst)
            return sentences.wrong_value(who, where, right, given)


def none_returned(name: str, outcome: Outcome) -> Text:
    """For None where numbers are due."""
    if isinstance(outcome, Returned | Differentiated) and outcome.unkept:
        return sentences.returned_unkept(name, outcome.unkept)
    return sentences.returned_none(name)


def no_tensor(name: str, given: Value) -> Text:
    """For a value that is no tensor, where one is due."""
    match given:
        case Foreign(type=kind, parts=("values", "indices")):
            return sentences.values_and_indices(name, kind.rpartition(".")[2])
        case Foreign(parts=(_, *_) as parts):
            return sentences.several_tensors(name, ", ".join(parts))
        case Sequence(type="tuple", items=(Tensor(),)):
            return sentences.one_in_a_tuple(name)
        case Sequence(items=(Tensor(),)):
            return sentences.one_in_a_list(name)
    return sentences.wrong_type(name, type_name(given))


def _wrong_where_hidden(
    check: Check, name: str, who: Text, judged: list[Observed], values: Check | None
) -> Text:
    """Wrong at hidden cases alone, and for no reason that has a name: where to look."""
    if not any(j.visible for j in judged):
        return sentences.wrong_elsewhere(who)
    if not check.through_autograd:
        return sentences.wrong_hidden(who)
    rtol = check.rtol if values is None else max(check.rtol, values.rtol)
    wrong = [_value_differs(j, rtol) for j in judged if j.mismatch is not None]
    if not any(wrong) or any(_value_differs(j, rtol) for j in judged if j.visible):
        # What torch differentiates is right for every incoming gradient, or for none.
        contracted = by_own_function(check, judged) and check.cotangent in ("sum", "random")
        return sentences.wrong_hidden_contracted(who) if contracted else sentences.wrong_hidden(who)
    if all(wrong) and values is not None:
        return sentences.wrong_hidden_with_value(who, name)
    return sentences.wrong_hidden(who)


def _value_differs(point: Observed, rtol: float) -> bool:
    """Whether the student's function itself returned other numbers than the reference."""
    outcome = point.outcome
    if not isinstance(outcome, Differentiated) or point.value is None:
        return False
    found = compare(point.value, outcome.value, rtol)
    return found is not None and found.aspect in (Aspect.FINITE, Aspect.VALUES)


def _holds_items(outcome: Outcome) -> bool:
    return isinstance(outcome, Returned) and isinstance(outcome.value, Sequence | Mapping)


def _who(check: Check, name: str) -> Text:
    """What is judged, as the subject of a sentence."""
    if check.own_backward:
        return sentences.backward_of(name)
    return sentences.through(name, check.order) if check.through_autograd else Text(name, name)


def _entries(expected: Numbers, actual: Numbers, where: tuple[int, ...]) -> tuple[str, str]:
    """One entry of either as a reader knows it: a number, True or False."""
    if "b" in (expected.dtype.kind, actual.dtype.kind):
        return str(expected[where]), str(actual[where])
    kind = complex if "c" in (expected.dtype.kind, actual.dtype.kind) else float
    return sentences.apart(kind(expected[where]), kind(actual[where]))


def remarks(check: Check, function: Function, judged: list[Observed]) -> Text:
    """What is worth saying about a right answer."""
    notes: list[Text] = []
    if any(is_half(j.given) for j in judged):
        notes.append(sentences.FLOAT16)
    elif any(is_short(j.given) for j in judged):
        notes.append(sentences.FLOAT32)
    if any(is_whole(j.expected, j.given) for j in judged):
        notes.append(sentences.WHOLE_VALUE if check.of_values else sentences.WHOLE)
    if any(getattr(j.outcome, "mutated", ()) for j in judged):
        notes.append(sentences.mutated(function.name))
    return Text(" ".join(n.en for n in notes), "".join(n.zh for n in notes))
