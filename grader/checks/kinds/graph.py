"""``graph``: the graph that the student's function leaves has the property of the reference's."""

from __future__ import annotations

import re
from typing import Final

from grader.checks import outcomes, sentences
from grader.checks.evidence import Concrete, Right
from grader.checks.kinds.base import FunctionKind, Given, Reference, judges
from grader.checks.results import result
from grader.checks.said_of_reference import said_of
from grader.checks.tasks import tracing
from grader.model import kinds
from grader.model.exercise import Exercise
from grader.model.job import Task
from grader.model.kinds import Property
from grader.model.observation import Graph, Traced
from grader.model.report import CheckResult, Diagnosis
from grader.model.text import EMPTY, Text


@judges(kinds.Graph)
class Graphs(FunctionKind[kinds.Graph]):
    """What is reached, cut or branched on, at the first cases."""

    most_cases = 4
    repeated = False
    published = False

    def task(self, exercise: Exercise, check: kinds.Graph, case: Concrete, seed: int) -> Task:
        return tracing(exercise, check, check.function, case)

    def reference(self, exercise: Exercise, check: kinds.Graph, case: Concrete, seed: int) -> Task | None:
        return tracing(exercise, check, check.of or check.function, case, reference=True)

    def right(self, check: kinds.Graph, read: Reference) -> Right:
        if not isinstance(read.outcome, Traced):
            name, said = check.of or check.function, said_of(read.outcome)
            raise read.fail(f"the reference's {name} fails at case '{read.case.name}': {said}")
        return Right(None, graph=read.outcome.graph)

    def compare(self, check: kinds.Graph, given: Given) -> CheckResult:
        exercise, function = given.exercise, given.exercise.function(check.function)
        pairs: list[tuple[Graph, Graph]] = []
        for one in self.observed(check, given):
            if not isinstance(one.outcome, Traced):
                trouble = outcomes.trouble(one.outcome, function, exercise.limits)
                assert trouble is not None
                return result(check, trouble.verdict, trouble.message, line=trouble.line)
            if one.graph is not None:
                pairs.append((one.outcome.graph, one.graph))
        names = list(function.args)
        wanted = [_property(check.property, theirs) for _, theirs in pairs]
        for own, theirs in pairs:
            if _property(check.property, own) == _property(check.property, theirs):
                continue
            reads = check.property == "branches" and _reads_numbers(own) and not branches(own)
            if reads and _DECIDES.search(_COMMENT.sub(b"", given.seen.source)):
                continue  # what Python does with them cannot be seen here; nothing is claimed
            diagnosis = None
            if check.property == "reaches":
                lost = [names[i] for i in sorted(set(theirs.reached) - set(own.reached))]
                more = [names[i] for i in sorted(set(own.reached) - set(theirs.reached))]
                if lost and not own.reached:
                    diagnosis = Diagnosis("cut-graph", sentences.WHERE_CUT)
                message = sentences.reaches_others(lost, more)
            elif check.property == "branches" and any(wanted):
                message = _without_branch(own)
            else:
                message = sentences.other_graph(check.property, any(wanted))
            return result(check, "failed", message, diagnosis)
        return result(check, "passed", EMPTY)


_COMMENT: Final = re.compile(rb"#[^\n]*")
_DECIDES: Final = re.compile(
    rb"\b(?:if|while|for|and|or|match|try|assert|filter|sorted|min|max|get|getattr|next|any|all|eval|exec)\b|[\[{]"
)
"""In a file without any of these, Python decides nothing by a number that it reads."""


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
