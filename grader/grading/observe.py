"""Observing a submission: what its children say, as one; the two of the first run, and a second run's."""

from __future__ import annotations

import re
from typing import Final, Protocol

import msgspec

from grader.checks.evidence import Plan, Seen
from grader.checks.hidden import Known, without_inputs
from grader.checks.names import meant
from grader.model.job import Job
from grader.model.observation import NO_GRAPH, Missing, Observation, Outcome, Raised, Returned
from grader.model.report import Isolation


class Sandbox(Protocol):
    """What runs jobs: :class:`grader.sandbox.pool.Pool`."""

    @property
    def isolation(self) -> Isolation:
        """What code is run in here, as far as it has been seen."""
        ...

    def run(self, job: Job, library: dict[str, bytes] | None = None) -> Observation:
        """Run one job to its end."""
        ...

    def run_both(self, first: Job, second: Job) -> tuple[Observation, Observation]:
        """Run two jobs, side by side where there is room."""
        ...


_OF_NODE: Final = re.compile(
    r"'NoneType' object has no attribute "
    r"'(?:next_functions|name|metadata|register_(?:pre)?hook|variable|_?saved_\w+)'"
)
"""What is read off a ``grad_fn``, of which there is none."""
_NOT_THERE: Final = frozenset({"NameError", "UnboundLocalError", "KeyError", "IndexError"})
_NOTHING_THERE: Final = re.compile(
    r"'NoneType'|must be Tensor, not NoneType|'function' object has no attribute"
)
_OF_AUTOGRAD: Final = re.compile(rb"requires_grad|grad_fn|is_leaf|\.grad\b|retain_grad")


def _without_autograd(outcome: Outcome) -> Outcome:
    """The same outcome of the child without autograd, with an error marked that comes of this."""
    if isinstance(outcome, Raised) and NO_GRAPH.search(outcome.message):
        return msgspec.structs.replace(outcome, absent=True)
    return outcome


def _mark_what_needs_autograd(plan: Plan, raw: dict[str, Outcome], source: bytes) -> None:
    """Mark errors of predictions that return where autograd exists."""
    predicting = {task.id for task in plan.plain}
    for check in plan.exercise.checks:
        asked = plan.ids(check)
        for case, other in plan.ids(check, "other").items():
            here = raw.get(asked[case])
            if (
                asked[case] in predicting
                and isinstance(here, Raised)
                and isinstance(raw.get(other), Returned)
            ):
                later = _left_behind(here)
                # Of what they check themselves only its line tells what for.
                absent = not later and (not here.own or here.asked > 0 or _speaks_of_autograd(here, source))
                raw[asked[case]] = msgspec.structs.replace(here, absent=absent, later=later)


def _left_behind(error: Raised) -> bool:
    """Whether what an error misses is something that another function leaves behind, and not autograd."""
    if error.asked or error.own or _OF_NODE.search(error.message):
        return False
    return error.type in _NOT_THERE or _NOTHING_THERE.search(error.message) is not None


def _speaks_of_autograd(error: Raised, source: bytes) -> bool:
    lines = source.splitlines()
    known = error.line is not None and 0 < error.line <= len(lines)
    return known and _OF_AUTOGRAD.search(lines[(error.line or 1) - 1]) is not None


def observe(plan: Plan, source: bytes, sandbox: Sandbox) -> Seen:
    """Run ``source`` in both children, and once more if the plan asks for it.

    :raises GradingFailed: we could not.
    """
    job, without = plan.jobs(source)
    if without is None:
        first = second = sandbox.run(job)
        raw = first.outcomes
        text = first.text
    else:
        first, second = sandbox.run_both(job, without)
        raw = {name: _without_autograd(outcome) for name, outcome in second.outcomes.items()} | first.outcomes
        # Both print the same while the file is loaded; what predictions print comes from the second alone.
        text = first.text + second.text[len(second.loading_text) :]
        _mark_what_needs_autograd(plan, raw, source)
    shown = {task.id for task in (*plan.tasks[: plan.shown], *plan.plain[: plan.plain_shown])}
    functions = {task.id: task.function for task in (*plan.tasks, *plan.plain)}
    known = Known(source, tuple(outcome for name, outcome in raw.items() if name in shown))
    outcomes = {
        name: outcome if name in shown else without_inputs(outcome, known) for name, outcome in raw.items()
    }
    for name, outcome in outcomes.items():
        if isinstance(outcome, Missing):
            near = meant(functions[name], first.loaded.defined, plan.exercise)
            outcomes[name] = msgspec.structs.replace(outcome, near=near)
    isolation: Isolation = "namespaces" if first.isolation == second.isolation == "namespaces" else "process"
    later = plan.second_run(source, raw)
    values = {} if later is None else sandbox.run(later).outcomes
    return Seen(first.loaded, second.loaded, outcomes, raw, text, isolation, values, source)
