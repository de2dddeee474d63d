"""Plan of what has to be run to judge an exercise: the checks, turned into tasks.

One plan serves both sides. The submission's tasks and the reference's are built from the same cases, so truth
and answer are two observations of the same thing. What is asked for a check, its kind says
(``grader/checks/kinds/``).
"""

from __future__ import annotations

from functools import partial

from grader.checks.evidence import Asked, Concrete, Plan, Role
from grader.checks.registry import kind_of
from grader.grading.cases import cases_of
from grader.model.exercise import Exercise
from grader.model.job import Task


class _Tasks:
    """The tasks of one child, in the order in which they are asked: shown, hidden, and once more."""

    def __init__(self) -> None:
        self.shown: dict[str, Task] = {}
        self.hidden: dict[str, Task] = {}
        self.last: dict[str, Task] = {}

    def add(self, asked: Asked) -> None:
        """Put one where it belongs; the same task for another check is asked once."""
        where = self.shown if asked.case.visible else self.hidden
        if asked.role in ("other", "again"):
            where = self.last  # so that whatever these runs print, take or break costs nothing
        where.setdefault(asked.task.id, asked.task)

    def all(self) -> tuple[Task, ...]:
        return (*self.shown.values(), *self.hidden.values(), *self.last.values())


def make_plan(exercise: Exercise, seed: int) -> Plan:
    """The plan for ``exercise`` at ``seed``."""
    cases = cases_of(exercise, seed)
    places = {"autograd": _Tasks(), "plain": _Tasks()}
    asked: dict[tuple[str, Role], dict[str, str]] = {}
    twice = any(kind_of(exercise, check).runs_twice for check in exercise.checks)
    every = [
        (check, one)
        for check in exercise.checks
        for one in kind_of(exercise, check).asks(exercise, check, cases, seed)
    ]
    # What is asked once more comes last of all.
    for check, one in sorted(every, key=lambda pair: pair[1].role == "again"):
        places[one.place].add(one)
        asked.setdefault((check.id, one.role), {})[one.case.name] = one.task.id
    autograd, plain = places["autograd"], places["plain"]
    return Plan(
        exercise=exercise,
        seed=seed,
        cases=cases,
        tasks=autograd.all(),
        shown=len(autograd.shown),
        plain=plain.all(),
        plain_shown=len(plain.shown),
        extra=(len(autograd.last), len(plain.last)),
        later=partial(_later, exercise, cases) if twice else None,
        asked=asked,
    )


def _later(exercise: Exercise, cases: list[Concrete]) -> tuple[Task, ...]:
    """What is asked in the second run."""
    return tuple(
        task for check in exercise.checks for task in kind_of(exercise, check).later(exercise, check, cases)
    )
