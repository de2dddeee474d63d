"""Checks about what a function does, not what it returns: the error it raises, the graph it leaves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from grader.checks import outcomes, sentences
from grader.checks.results import result
from grader.model.exercise import Check, Exercise, Property
from grader.model.observation import Graph, Outcome, Raised, Traced
from grader.model.report import CheckResult, Diagnosis
from grader.model.text import EMPTY, Text


@dataclass(frozen=True)
class Seen:
    """One case: what was done, and what the reference did.

    :ivar outcome: as it may be told. :ivar raw: as it came.
    """

    outcome: Outcome
    raw: Outcome
    graph: Graph | None = None
    raised: Raised | None = None


_VARIES: Final = re.compile(r"\[[^\]]*\]|[A-Za-z]+Backward\d*|[-+]?\d+")
"""Of torch's messages, what differs from one program to the next: shapes, nodes' names, numbers."""


def same_message(one: str, other: str) -> bool:
    """Whether two errors say the same, numbers, shapes and names of nodes aside."""
    return _VARIES.sub("#", one).split() == _VARIES.sub("#", other).split()


def raises_otherwise(check: Check, error: Raised, right: Raised | None) -> Text | None:
    """Why ``error`` is not the one that the check is about; None when it is.

    :param right: the reference's, whose whole message it must have; None for the reference's own.
    """
    other = check.error not in (error.type, *error.kinds) or check.match.lower() not in error.message.lower()
    if other or (right is not None and not same_message(error.message, right.message)):
        return sentences.other_error(error.type, error.message, error.line)
    return None


def judge_raises(exercise: Exercise, check: Check, seen: list[Seen]) -> CheckResult:
    """The stated error happens at every case, and torch raises it, not a ``raise`` of the student's."""
    assert check.function is not None
    function = exercise.function(check.function)
    for point in seen:
        outcome, raw = point.outcome, point.raw
        if not isinstance(outcome, Raised) or not isinstance(raw, Raised):
            trouble = outcomes.trouble(outcome, function, exercise.limits)
            if trouble is not None:
                return result(check, trouble.verdict, trouble.message)
            return result(check, "failed", sentences.nothing_raised(function.name, check.error))
        if outcome.own:
            return result(check, "failed", sentences.raised_by_hand(outcome.line))
        if raises_otherwise(check, raw, point.raised) is not None:
            said = sentences.other_error(outcome.type, outcome.message, outcome.line)
            return result(check, "failed", said)
    return result(check, "passed", EMPTY)


def judge_graph(exercise: Exercise, check: Check, seen: list[Seen]) -> CheckResult:
    """The graph of the student's function has the property of the reference's, at every case."""
    assert check.function is not None
    function = exercise.function(check.function)
    for point in seen:
        if not isinstance(point.outcome, Traced):
            trouble = outcomes.trouble(point.outcome, function, exercise.limits)
            assert trouble is not None
            return result(check, trouble.verdict, trouble.message)
    pairs = [(p.outcome.graph, p.graph) for p in seen if isinstance(p.outcome, Traced)]
    names = list(function.args)
    wanted = [_property(check.property, theirs) for _, theirs in pairs if theirs is not None]
    for own, theirs in pairs:
        if theirs is None or _property(check.property, own) == _property(check.property, theirs):
            continue
        if check.property == "branches" and _reads_numbers(own) and not branches(own):
            continue  # what Python does with them cannot be seen here; nothing is claimed
        if check.property == "reaches":
            lost = [names[i] for i in sorted(set(theirs.reached) - set(own.reached))]
            more = [names[i] for i in sorted(set(own.reached) - set(theirs.reached))]
            diagnosis = Diagnosis("cut-graph", sentences.WHERE_CUT) if lost and not own.reached else None
            message = sentences.reaches_others(lost, more)
        elif check.property == "branches" and any(wanted):
            diagnosis, message = None, _without_branch(own)
        else:
            diagnosis, message = None, sentences.other_graph(check.property, any(wanted))
        return result(check, "failed", message, diagnosis)
    return result(check, "passed", EMPTY)


def only_the_second(
    exercise: Exercise, check: Check, judged: CheckResult, before: list[CheckResult]
) -> CheckResult:
    """``once-differentiable`` only where the first derivative is right: what is cut in f loses both."""
    first = {
        c.id
        for c in exercise.checks
        if (c.kind, c.function, c.output, c.order) == ("gradient", check.function, check.output, 1)
    }
    verdicts = [r.verdict for r in before if r.id in first]
    if judged.verdict == "error" or (verdicts and all(v == "passed" for v in verdicts)):
        return judged
    assert check.function is not None
    message = sentences.second_is_zero(check.function)
    return result(check, judged.verdict, message, None, judged.counterexample)


def _property(name: Property, graph: Graph) -> object:
    match name:
        case "reaches":
            return graph.reached
        case "cuts":
            return bool(graph.cut)
        case "branches":
            return branches(graph)


_COMPARISONS: Final = frozenset(
    {"gt", "lt", "ge", "le", "eq", "ne", "masked_fill", "masked_fill_", "heaviside"}
)


def _without_branch(graph: Graph) -> Text:
    """What stands in the place of the ``if`` or ``while`` that is asked for."""
    depends = _depending(graph)
    does = {node.name for i, node in enumerate(graph.nodes) if node.does == "op" and i in depends}
    if "where" in does:
        return sentences.CHOOSES_INSIDE
    return sentences.MASKED if does & _COMPARISONS else sentences.NO_BRANCH


def branches(graph: Graph) -> bool:
    """Whether a truth value was asked for that depends on an input."""
    depends = _depending(graph)
    return any(node.does == "decision" and i in depends for i, node in enumerate(graph.nodes))


def _reads_numbers(graph: Graph) -> bool:
    """Whether a Python number (``item()``, ``float()``, numpy) was made of what depends on an input."""
    depends = _depending(graph)
    return any(node.does == "leaves" and i in depends for i, node in enumerate(graph.nodes))


def _depending(graph: Graph) -> set[int]:
    """The nodes that depend on an input, inputs included."""
    depends = {i for i, node in enumerate(graph.nodes) if node.does == "input"}
    for a, b in graph.edges:  # in the order in which they were made
        if a in depends:
            depends.add(b)
    return depends
