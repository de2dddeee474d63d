"""Graphs of a student's function at the visible cases: which is drawn first, and which line cuts.

Each visible case is traced, the one first at which a check did not pass. A line is said to cut only where the
reference, traced at the same case, has what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from grader.checks.evidence import Concrete
from grader.grading.kept import Kept
from grader.grading.observe import Sandbox
from grader.grading.truth import LIMITS
from grader.grading.truths import Truths
from grader.model.exercise import Exercise
from grader.model.job import Job, Trace
from grader.model.observation import Graph, Observation, Traced
from grader.model.picture import GraphPicture, picture_of
from grader.model.report import Report
from grader.model.text import Text

MOST_CASES: Final = 6


@dataclass(frozen=True)
class Traceable:
    """The function of the student's that is drawn. :ivar own: the student designed it."""

    exercise: Exercise
    function: str
    args: tuple[str, ...]
    output: int | str | None
    own: bool

    def task(self, case: Concrete, *, reference: bool = False) -> Trace:
        """What writes its graph down at one case."""
        inputs = self.exercise.inputs
        leaves = {i.name for i in inputs if i.differentiable and i.dtype.startswith("float")}
        return Trace(
            id=f"graph@{case.name}",
            function=f"reference.{self.function}" if reference else self.function,
            args=tuple(case.inputs[name] for name in self.args),
            names=self.args,
            wrt=tuple(i for i, name in enumerate(self.args) if name in leaves),
            output=self.output,
        )


def failed_first(visible: Sequence[Concrete], report: Report | None) -> tuple[list[Concrete], bool]:
    """Some cases, and whether the first of them is the one that the verdict shows as wrong."""
    shown = [
        check.counterexample.inputs
        for check in (report.checks if report is not None else ())
        if check.verdict != "passed" and check.counterexample is not None and check.counterexample.inputs
    ]
    for inputs in shown:
        for case in visible:
            if inputs.items() <= case.plain.items():
                rest = [other for other in visible if other is not case]
                return [case, *rest][:MOST_CASES], True
    return list(visible[:MOST_CASES]), False


def graphs_of(
    subject: Traceable,
    cases: Sequence[Concrete],
    seen: Observation,
    sandbox: Sandbox,
    truths: Truths,
    *,
    lines: int,
    failed: bool,
) -> Iterator[GraphPicture]:
    """The pictures of ``cases`` in order.

    :param lines: so many lines has the student's code.
    :param failed: at the first case a check did not pass.
    """
    traces = [seen.outcomes.get(f"graph@{case.name}") for case in cases]
    right: dict[str, Graph] = {}
    if any(isinstance(traced, Traced) and _cuts_on_the_way(traced.graph) for traced in traces):
        right = _right(subject, cases, sandbox, truths)
    for n, case in enumerate(cases):
        traced = traces[n]
        if not isinstance(traced, Traced):
            continue
        plain = case.plain
        inputs = {name: plain[name] for name in subject.args}
        picture = picture_of(traced.graph, subject.function, subject.args, inputs, lines)
        whole, severed = _lines_that_cut(traced.graph, right.get(case.name))
        picture = msgspec.structs.replace(
            picture, case=_called(subject.exercise, case), failed=failed and n == 0,
            cut_off=_known(whole, lines), severed=_known(severed, lines),
        )  # fmt: skip
        yield picture


def _called(exercise: Exercise, case: Concrete) -> Text:
    return next(each.called for each in exercise.cases if each.name == case.name)


def _known(cutting: set[int | None], lines: int) -> tuple[int, ...]:
    """The lines; none at all where one of them is not known."""
    known = sorted(line for line in cutting if line is not None and line <= lines)
    return tuple(known) if len(known) == len(cutting) else ()


# Which line cuts.

_rights: Final[Kept[dict[str, Graph]]] = Kept()


def _right(
    subject: Traceable, cases: Sequence[Concrete], sandbox: Sandbox, truths: Truths
) -> dict[str, Graph]:
    """The graphs of the reference by case; none where the function is not the exercise's."""
    solution = subject.exercise.solution
    if solution is None or subject.own:
        return {}

    def trace() -> dict[str, Graph]:
        job = Job(b"", tuple(subject.task(case, reference=True) for case in cases), LIMITS)
        seen = sandbox.run(job, {"reference": solution.reference.encode()}).outcomes
        traces = {case.name: seen.get(f"graph@{case.name}") for case in cases}
        return {name: traced.graph for name, traced in traces.items() if isinstance(traced, Traced)}

    names = frozenset(case.name for case in cases)
    return _rights.get(truths, (subject.exercise.digest, names), trace)


def _lines_that_cut(graph: Graph, right: Graph | None) -> tuple[set[int | None], set[int | None]]:
    """Lines at which all ways to an input end that the reference's gradient reaches; else those at which one
    way ends, where the reference cuts none.
    """
    mine = _cuts_on_the_way(graph)
    if right is None or right.truncated or graph.truncated:
        return set(), set()
    lost = [i for i in right.reached if i not in graph.reached]
    if lost:
        ahead = {i: _reached(graph.edges, {i}) for i in lost}
        return {graph.nodes[b].line for a, b in mine if any(a in ahead[i] for i in lost)}, set()
    return set(), set() if _cuts_on_the_way(right) else {graph.nodes[b].line for _, b in mine}


def _cuts_on_the_way(graph: Graph) -> list[tuple[int, int]]:
    """Cut edges that lead to the result."""
    if graph.output is None:
        return []
    behind = _reached([(b, a) for a, b in graph.edges], {graph.output})
    return [(a, b) for a, b in graph.cut if b in behind]


def _reached(edges: Sequence[tuple[int, int]], start: set[int]) -> set[int]:
    found, queue = set(start), list(start)
    while queue:
        here = queue.pop()
        new = {b for a, b in edges if a == here} - found
        found |= new
        queue += new
    return found
