"""Evidence for a verdict: the plan of what is run, what was seen of a submission, and what is right.

Plain data. The plan is made by ``grading/plan.py``, a submission is seen by ``grading/observe.py`` and its
reference by ``grading/truth.py``; the kinds in ``checks/kinds/`` say what is asked and judge by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from grader.checks.arrays import Numbers, plain, to_numpy
from grader.checks.quick import Sure, sure
from grader.checks.wrong_gradients import NONE_KNOWN, WrongGradients
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.job import Job, Task
from grader.model.observation import Differentiated, Graph, Loaded, Outcome, Raised
from grader.model.report import Isolation
from grader.model.values import Array, Plain, Value

Role = Literal["answer", "other", "again", "own"]
"""What a task is for: it ``answer``s a check at a case; asks the same in the ``other`` child, with autograd
or without (does the answer come from there?); asks a first case ``again`` (is it chance?); or
differentiates the student's ``own`` function."""
Place = Literal["autograd", "plain"]
"""Where a task is run: in the child with autograd, or in the one without."""


@dataclass(frozen=True)
class Concrete:
    """One case with its arrays. ``index`` seeds its random cotangent."""

    name: str
    visible: bool
    inputs: dict[str, Array]
    index: int

    @cached_property
    def plain(self) -> dict[str, Plain]:
        """The inputs as nested lists; not to be changed."""
        return {name: plain(to_numpy(array)) for name, array in self.inputs.items()}

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Lengths of the inputs' axes and numbers of their entries."""
        found: list[int] = []
        for _, array in sorted(self.inputs.items()):
            found += [*array.shape, math.prod(array.shape)]
        return tuple(found)


@dataclass(frozen=True)
class Asked:
    """One task of a plan, and what it is for.

    :ivar case: at which it is asked. :ivar place: where it is run.
    """

    role: Role
    case: Concrete
    task: Task
    place: Place


@dataclass(frozen=True)
class Plan:
    """The cases and tasks of one exercise at one seed: every job of a submission.

    A submission runs in two children: one with autograd, and one in which autograd does not exist, for
    predictions. In each the tasks of visible cases come first, and those that only compare last. Where the
    student designs a function, a second run asks for its values around every case.

    :ivar tasks: what is asked where autograd exists. :ivar shown: so many of them are of visible cases.
    :ivar plain: what is asked where it does not. :ivar plain_shown: so many of them are of visible cases.
    :ivar extra: how many of either are only asked to compare.
    :ivar later: makes what is asked in the second run; None where there is none. (It is large: not kept.)
    :ivar asked: by check and role: case → id of the task.
    """

    exercise: Exercise
    seed: int
    cases: list[Concrete]
    tasks: tuple[Task, ...]
    shown: int
    plain: tuple[Task, ...]
    plain_shown: int
    extra: tuple[int, int]
    later: Callable[[], tuple[Task, ...]] | None
    asked: dict[tuple[str, Role], dict[str, str]]

    def ids(self, check: Check, role: Role = "answer") -> dict[str, str]:
        """Case → id of the task that has this role for ``check``; empty where there is none."""
        return self.asked.get((check.id, role), {})

    def jobs(self, source: bytes) -> tuple[Job, Job | None]:
        """What is run of a submission: with autograd, and without, unless nothing is predicted."""
        limits, seed = self.exercise.limits, self.seed
        job = Job(source, self.tasks, limits, seed, shown=self.shown, extra=self.extra[0])
        if not self.plain and not self.exercise.answers:
            return job, None
        shown, extra = self.plain_shown, self.extra[1]
        return job, Job(source, self.plain, limits, seed, autograd=False, shown=shown, extra=extra)

    def second_run(self, source: bytes, seen: dict[str, Outcome]) -> Job | None:
        """What is run afterwards, if the plan asks for it and the first run, ``seen``, came so far."""
        own = [task for (_, role), ids in self.asked.items() if role == "own" for task in ids.values()]
        if self.later is None or not all(isinstance(seen.get(task), Differentiated) for task in own):
            return None
        return Job(source, self.later(), self.exercise.limits, self.seed)


@dataclass(frozen=True)
class Seen:
    """What was seen of a submission.

    :ivar loaded: the file as it was run where autograd exists. :ivar plain: where it does not, and where
        typed answers that the file computes come from; the same one where nothing was asked there.
    :ivar outcomes: of all tasks of both. Errors at hidden cases tell no inputs.
    :ivar raw: the same, as they came.
    :ivar values: of the tasks of the second run, where the plan asks for one.
    :ivar source: what was run, UTF-8.
    """

    loaded: Loaded
    plain: Loaded
    outcomes: dict[str, Outcome]
    raw: dict[str, Outcome]
    text: str
    isolation: Isolation
    values: dict[str, Outcome] = field(default_factory=dict)
    source: bytes = b""


@dataclass(frozen=True)
class Right:
    """What is right for one check at one case, and the wrong answers that are known there."""

    expected: Numbers | None
    value: Numbers | None = None
    size: int = 1
    wrong_gradients: WrongGradients = NONE_KNOWN
    misconceptions: dict[str, Numbers] = field(default_factory=dict)
    graph: Graph | None = None
    raised: Raised | None = None
    """The error that is right, of a check of kind ``raises``."""

    @cached_property
    def shape(self) -> tuple[int, ...] | None:
        """Of the function's value."""
        return None if self.value is None else self.value.shape

    @cached_property
    def sure(self) -> Sure | None:
        """``expected``, ready to be compared."""
        return sure(self.expected)


@dataclass(frozen=True)
class Truth:
    """Everything judging needs to know.

    :ivar rights: by (check id, case).
    :ivar answers: typed answers by name; None where the answer is None.
    :ivar words: typed answers that are words: a choice, or edges.
    :ivar wrong_answers: by answer's check id, then by misconception.
    """

    rights: dict[tuple[str, str], Right]
    branches: dict[str, str]
    answers: dict[str, Numbers | None]
    wrong_answers: dict[str, dict[str, Numbers | None]]
    words: dict[str, Value] = field(default_factory=dict)
    wrong_words: dict[str, dict[str, Value]] = field(default_factory=dict)
    values: tuple[Numbers, ...] = ()
    """What the reference differentiates for the typed answers: values that are no gradients."""
