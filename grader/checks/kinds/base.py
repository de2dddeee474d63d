"""A kind of check: what all kinds can be asked, and what those share that judge a function.

To add one, write its struct in ``grader/model/kinds.py`` and a module beside this one: CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec

from grader.checks import names, outcomes, provenance, results, sentences
from grader.checks.arrays import Numbers
from grader.checks.evidence import Asked, Concrete, Place, Plan, Right, Role, Seen, Truth
from grader.checks.observed import Observed
from grader.checks.tasks import called_with
from grader.errors import TruthFailed
from grader.model.check import Check
from grader.model.exercise import Exercise
from grader.model.job import Call, Task
from grader.model.observation import Outcome, Skipped
from grader.model.report import CheckResult

C = TypeVar("C", bound=Check)
REGISTRY: Final[dict[type[msgspec.Struct], Kind[Any]]] = {}
"""What judges a check, by the class of its struct or of its answer's."""
K = TypeVar("K", bound="type[Kind[Any]]")
COMPARED: Final = 2
"""At so many cases a function is called in the other child, too."""


def judges(*structs: type[msgspec.Struct]) -> Callable[[K], K]:
    """Registers a class of kinds for these structs."""

    def register(kind: K) -> K:
        REGISTRY.update({struct: kind() for struct in structs})
        return kind

    return register


@dataclass(frozen=True)
class Given:
    """What a verdict is made of. :ivar typed: answers that were typed beside the file, by name.

    :ivar before: the verdicts on the checks above.
    """

    plan: Plan
    seen: Seen
    truth: Truth
    typed: Mapping[str, str]
    before: Sequence[CheckResult] = ()

    @property
    def exercise(self) -> Exercise:
        """The exercise that is judged."""
        return self.plan.exercise

    def again(self, check: Check) -> Outcome | None:
        """What came of asking the first case of ``check`` once more."""
        return next((self.seen.outcomes.get(id_) for id_ in self.plan.ids(check, "again").values()), None)

    def fails_without_autograd(self) -> int | None:
        """The first line outside of the functions that raises only where autograd does not exist."""
        elsewhere = {note.line for note in self.seen.loaded.notes}
        raised = (note.line for note in self.seen.plain.notes if note.what == "raised")
        return next((line for line in raised if line not in elsewhere), None)


@dataclass(frozen=True)
class Reference:
    """What the reference did for a check at one case.

    :ivar outcome: None where nothing is asked of it. :ivar wrongs: what the misconceptions returned there.
    :ivar names: those that a sentence may quote.
    """

    exercise: Exercise
    case: Concrete
    outcome: Outcome | None
    wrongs: dict[str, Numbers]
    names: frozenset[str]

    def fail(self, what: str) -> TruthFailed:
        """The error that says, in the exercise's name, that the reference does not do what it should."""
        return TruthFailed(f"{self.exercise.slug}: {what}")


class Kind(Generic[C]):
    """One kind of check. Stateless: all that is known comes as arguments."""

    runs_twice: ClassVar[bool] = False
    """Whether something is asked in a second run: :meth:`later`."""

    def asks(self, exercise: Exercise, check: C, cases: list[Concrete], seed: int) -> Iterator[Asked]:
        """What is run of a submission for ``check``."""
        yield from ()

    def later(self, exercise: Exercise, check: C, cases: list[Concrete]) -> Iterator[Task]:
        """What is run of a submission in a second run. Its outcomes are :attr:`Seen.values`."""
        yield from ()

    def reference(self, exercise: Exercise, check: C, case: Concrete, seed: int) -> Task | None:
        """What the reference is asked at one case; None where nothing of it is held against the answer."""
        return None

    def right(self, check: C, read: Reference) -> Right:
        """What is right at one case.

        :raises TruthFailed: the reference does not do what its exercise says.
        """
        return Right(None, misconceptions=read.wrongs)

    def judge(self, check: C, given: Given) -> CheckResult:
        """The verdict."""
        raise NotImplementedError

    def read(self, exercise: Exercise, answer: Any, text: str, *, one: bool = False) -> object:
        """What was typed, as it is understood, of kinds of typed answers.

        :param one: ``text`` is one of its numbers, from a box of its own.
        :raises NotAnAnswer: it cannot be.
        """
        raise NotImplementedError


class FunctionKind(Kind[C]):
    """Kinds that judge a function of the student's, at every case."""

    most_cases: ClassVar[int | None] = None
    """At so many cases it is looked at; None: at all."""
    repeated: ClassVar[bool] = True
    """Whether the first case is asked once more, to see whether chance has a part in it."""
    published: ClassVar[bool] = True
    """Whether it can be judged by what ``visible.json`` holds."""

    def task(self, exercise: Exercise, check: C, case: Concrete, seed: int) -> Task:
        """What the student's function is asked at one case."""
        raise NotImplementedError

    def compare(self, check: C, given: Given) -> CheckResult:
        """The verdict on what the function did, whatever it owes to autograd."""
        raise NotImplementedError

    def expected(self, check: C, given: Given, case: str) -> Numbers | None:
        """What is right at a case."""
        right = given.truth.rights.get((check.id, case))
        return None if right is None else right.expected

    def asks(self, exercise: Exercise, check: C, cases: list[Concrete], seed: int) -> Iterator[Asked]:
        here: Place = "plain" if check.without_autograd else "autograd"
        there: Place = "autograd" if check.without_autograd else "plain"
        tasks = [self.task(exercise, check, case, seed) for case in cases[: self.most_cases]]
        for case, task in zip(cases, tasks, strict=False):
            yield Asked("answer", case, task, here)
        function = str(check.function)
        for case in cases[:COMPARED] if check.predicts or check.requires_autograd else ():
            # One's own Function, differentiated by backward(), is from autograd, too.
            bare = check.requires_autograd
            given = called_with(exercise, check, case)
            call = Call(f"{function}|other@{case.name}", function, given, bare=bare)
            yield Asked("other", case, call, there)
        if tasks and self.repeated:
            yield Asked("again", cases[0], msgspec.structs.replace(tasks[0], id=f"{tasks[0].id}#again"), here)

    def judge(self, check: C, given: Given) -> CheckResult:
        seen, exercise = given.seen, given.exercise
        stopped = outcomes.of_load(seen.plain if check.without_autograd else seen.loaded, exercise.limits)
        if stopped is not None:
            return results.unjudged(check, stopped.verdict, stopped.message, stopped.line)
        if not self.published and exercise.solution is None:
            return results.not_here(check)
        judged = self.compare(check, given)
        if check.requires_autograd or (check.predicts and judged.verdict != "passed"):
            compared = self._compared(check, given)
            missing = given.fails_without_autograd()
            judged = provenance.judge(check, judged, compared, seen.loaded.defined, missing)
        if judged.verdict != "passed":
            function = exercise.function(str(check.function))
            other = names.exchanged(function, seen.loaded.defined)
            if other is not None:
                return results.unjudged(check, "error", sentences.exchanged(function, other))
        return judged

    def observed(self, check: C, given: Given, role: Role = "answer") -> list[Observed]:
        """One for each case at which it was looked at, visible ones first."""
        return [
            observed(
                case,
                given.truth.rights[check.id, case.name],
                given.seen.outcomes.get(ids[case.name], Skipped()),
                given.truth.branches.get(case.name, ""),
                given.seen.raw.get(ids[case.name], Skipped()),
            )
            for ids in [given.plan.ids(check, role)]
            for case in given.plan.cases
            if case.name in ids
        ]

    def _compared(self, check: C, given: Given) -> list[provenance.Compared]:
        """The first cases of a check, as they came from both children."""
        here, raw = given.plan.ids(check), given.seen.raw
        return [
            provenance.Compared(
                self.expected(check, given, case), raw.get(here[case], Skipped()), raw.get(there, Skipped())
            )
            for case, there in given.plan.ids(check, "other").items()
        ]


def observed(
    case: Concrete, right: Right, outcome: Outcome, branch: str = "", raw: Outcome | None = None
) -> Observed:
    """One case of one check: what is right there, and what came."""
    return Observed(
        case=case.name,
        visible=case.visible,
        inputs=case.plain if case.visible else {},
        expected=right.expected,
        outcome=outcome,
        raw=outcome if raw is None else raw,
        branch=branch,
        value=right.value,
        size=right.size,
        sizes=case.sizes,
        wrong_gradients=right.wrong_gradients,
        misconceptions=right.misconceptions,
        graph=right.graph,
        raised=right.raised,
    )
