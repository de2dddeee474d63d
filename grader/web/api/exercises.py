"""Exercises in the JSON API: the list, what a student may see of one, and where a user's courses set it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from werkzeug.exceptions import Forbidden, NotFound

from grader.errors import UnknownExercise
from grader.model.answer_types import ANSWERS
from grader.model.exercise import Exercise, Limits
from grader.model.kinds import CHECKS
from grader.model.policy import Policy, is_open
from grader.store import access
from grader.store.policies import policy_of, rules_of
from grader.store.tables import Assignment, utcnow
from grader.web.access import variant_for
from grader.web.api.authentication import user
from grader.web.api.endpoint import LANGUAGE, Endpoints, Parameter
from grader.web.context import services
from grader.web.transactions import reading
from grader.web.ui.languages import language, say

endpoints = Endpoints()

SLUG = Parameter("slug", "path", {"type": "string"}, "The exercise's name in addresses.")


class ExerciseSummary(msgspec.Struct):
    """An exercise in the list."""

    slug: str
    section: str
    order: int
    title: str
    summary: str
    max_score: float


class InputDescription(msgspec.Struct):
    """An argument of the exercise's functions."""

    name: str
    dtype: str
    differentiable: bool


class FunctionDescription(msgspec.Struct):
    """A function to define."""

    name: str
    args: list[str]


class OptionDescription(msgspec.Struct):
    """One thing to choose: what is typed, and what it stands for."""

    id: str
    text: str


class AnswerDescription(msgspec.Struct):
    """A prediction to type."""

    name: str
    ask: str
    shape: list[int]
    type: Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(ANSWERS)})]
    maybe_none: bool
    options: list[OptionDescription]


class CaseDescription(msgspec.Struct):
    """A visible case."""

    name: str
    title: str
    inputs: dict[str, Any]


class CheckDescription(msgspec.Struct):
    """Something that is judged, and its points."""

    id: str
    kind: Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(CHECKS)})]
    title: str
    points: float


class ExerciseDetail(ExerciseSummary):
    """What a student may see of an exercise."""

    digest: str
    prompt: str
    """Markdown with LaTeX between dollar signs."""
    hint: str | None
    given: str
    starter: str
    inputs: list[InputDescription]
    functions: list[FunctionDescription]
    answers: list[AnswerDescription]
    cases: list[CaseDescription]
    checks: list[CheckDescription]
    limits: Limits


@endpoints.get("/exercises", "The exercises.", parameters=(LANGUAGE,))
def list_exercises() -> list[ExerciseSummary]:
    """The exercises, in order.

    Those that this user may see.
    """
    found: dict[str, list[Placed]] = {}
    for each in _placed():
        found.setdefault(each.assignment.exercise, []).append(each)
    return [
        ExerciseSummary(**_summary(exercise))
        for exercise in services().exercises.all()
        if not _upcoming(found.get(exercise.slug, ()))
    ]


@endpoints.get("/exercises/<slug>", "The exercise.", parameters=(SLUG, LANGUAGE), errors=(404,))
def show_exercise(slug: str) -> ExerciseDetail:
    """What a student may see of an exercise.

    Field by field: a field that is added to the model is not shown until somebody writes it here.
    """
    exercise = exercise_called(slug)
    placed = _placed(exercise.slug)
    if _upcoming(placed):
        raise NotFound("This exercise has not opened yet.")
    if placed:
        exercise = _first_open(placed).own(exercise)
    return ExerciseDetail(
        **_summary(exercise),
        digest=exercise.digest,
        prompt=say(exercise.prompt),
        hint=say(exercise.hint) or None,
        given=exercise.given_in(language()),
        starter=exercise.starter_in(language()),
        inputs=[InputDescription(each.name, each.dtype, each.differentiable) for each in exercise.inputs],
        functions=[FunctionDescription(each.name, list(each.args)) for each in exercise.functions],
        answers=[
            AnswerDescription(
                each.name,
                say(each.ask),
                list(each.shape),
                each.type,
                each.maybe_none,
                [OptionDescription(one.id, say(one.text)) for one in each.option],
            )
            for each in exercise.answers
        ],
        cases=[
            CaseDescription(each.name, say(each.called), each.inputs)
            for each in exercise.cases
            if each.visible
        ],
        checks=[
            CheckDescription(each.id, each.kind, say(each.title), each.points) for each in exercise.checks
        ],
        limits=exercise.limits,
    )


def _summary(exercise: Exercise) -> dict[str, Any]:
    return {
        "slug": exercise.slug,
        "section": exercise.section,
        "order": exercise.order,
        "title": say(exercise.title),
        "summary": say(exercise.summary),
        "max_score": exercise.max_score,
    }


def exercise_called(slug: str) -> Exercise:
    """The exercise with this slug.

    :raises NotFound: naming the nearest one.
    """
    try:
        return services().exercises.get(slug)
    except UnknownExercise as error:
        nearest = f" Did you mean '{error.nearest}'?" if error.nearest else ""
        raise NotFound(f"There is no exercise '{error.slug[:80]}'.{nearest}") from error


@dataclass(frozen=True)
class Placed:
    """Where one of the user's courses sets an exercise.

    :ivar rules: by which the user hands in; None: the user teaches there, and tries at any time.
    """

    assignment: Assignment
    rules: Policy | None

    def own(self, exercise: Exercise) -> Exercise:
        """The exercise about the numbers that this user gets here."""
        rules = self.rules or policy_of(self.assignment)
        return exercise.variant(variant_for(exercise, rules, user().id))


def _placed(slug: str | None = None) -> Sequence[Placed]:
    """Where the user's courses set this exercise, or any."""
    with reading() as transaction:
        found = access.assignments(transaction, user().id, slug)
        rules = rules_of(transaction, [each for each, _teaches in found], user().id)
    return [Placed(each, None if teaches else rules[each.id]) for each, teaches in found]


def _upcoming(found: Sequence[Placed]) -> bool:
    """Whether all the user's courses that set an exercise open it only later. Teachers see it before."""
    now = utcnow()
    return bool(found) and all(
        each.rules is not None and each.rules.opens is not None and now < each.rules.opens for each in found
    )


def open_assignment(slug: str) -> Placed:
    """Where a submission belongs: the first of the user's courses in which the exercise is open.

    Where it is open in none, it is the first: so that what is sent again is found, and why it is not taken
    is said.

    :raises Forbidden: when it is set in none of them.
    """
    found = _placed(slug)
    if not found:
        raise Forbidden(f"'{slug}' is set in none of your courses that are not over.")
    return _first_open(found)


def _first_open(found: Sequence[Placed]) -> Placed:
    now = utcnow()
    return next((each for each in found if each.rules is None or is_open(each.rules, now)), found[0])
