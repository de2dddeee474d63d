"""``/openapi.json``: the JSON API's contract in a form that programs read.

The structs below only describe; answers are written by :mod:`grader.web.api`, and a test holds
each answer against its description.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from flask import Blueprint, Response

from grader.model.exercise import Kind, Limits
from grader.model.report import SCHEMA, Isolation, Verdict
from grader.store.tables import State

openapi = Blueprint("openapi", __name__)

Number = float | Literal["nan", "inf", "-inf"]
Anything = Any


class SubmissionRequest(msgspec.Struct):
    """A Python file and the predictions typed beside it."""

    exercise: str
    source: str
    predictions: dict[str, Anything] = {}
    """Values may be JSON or the text a student would type."""


class Problem(msgspec.Struct):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


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
    type: Literal["number", "bool", "choice", "edges", "formula"]
    maybe_none: bool
    options: list[OptionDescription]


class CaseDescription(msgspec.Struct):
    """A visible case."""

    name: str
    title: str
    inputs: dict[str, Anything]


class CheckDescription(msgspec.Struct):
    """Something that is judged, and its points."""

    id: str
    kind: Kind
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


class DiagnosisDescription(msgspec.Struct):
    """Why a gradient is wrong."""

    code: str
    hint: str
    factor: Number | msgspec.UnsetType = msgspec.UNSET


class CounterexampleDescription(msgspec.Struct):
    """A visible case at which the answer is wrong."""

    inputs: dict[str, Anything]
    expected: Anything
    actual: Anything
    note: str | msgspec.UnsetType = msgspec.UNSET


class CheckVerdict(msgspec.Struct):
    """The verdict on one check."""

    id: str
    kind: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    message: str
    diagnosis: DiagnosisDescription | None
    counterexample: CounterexampleDescription | None


class ErrorDescription(msgspec.Struct):
    """The first error of the student's code."""

    type: str
    message: str
    line: int | None


class ReportDescription(msgspec.Struct):
    """The verdict on a submission."""

    schema: Annotated[int, msgspec.Meta(ge=SCHEMA, le=SCHEMA)]
    exercise: str
    exercise_digest: str
    seed: int
    status: Literal["graded", "not-gradable"]
    score: float
    max_score: float
    passed: bool
    isolation: Isolation
    duration_ms: float
    checks: list[CheckVerdict]
    stdout: str
    error: ErrorDescription | None
    thinned: bool | msgspec.UnsetType = msgspec.UNSET


class SubmissionRow(msgspec.Struct):
    """A submission. ``report`` is null until it has been graded."""

    id: str
    exercise: str
    state: State
    attempt: int
    created_at: datetime
    finished_at: datetime | None
    score: float | None
    max_score: float | None
    report: ReportDescription | None
    summary: str | None
    """The score in one sentence."""
    excerpt: str | None
    """The line of the student's that raised ``report.error``, which that error's message ends with."""
    not_run: bool
    """``report.error`` kept the whole file from being run."""
    before: int | msgspec.UnsetType = msgspec.UNSET
    """Without a verdict: how many are taken before it."""
    about_s: float | msgspec.UnsetType = msgspec.UNSET
    """Without a verdict: seconds until it, by how long others took lately."""


class Standing(msgspec.Struct):
    """What one has in one exercise of a course."""

    course: str
    exercise: str
    open: bool
    due: datetime | None
    attempts: int
    """Graded ones."""
    score: float | None
    """What counts: the best, or what an instructor decided. Null when there is none."""
    max_score: float | None
    passed: bool
    best: str | None
    """The id of the best submission."""
    waiting: list[str]
    """The ids of those without a verdict, oldest first."""


@openapi.get("/openapi.json")
def document() -> Response:
    """The OpenAPI 3.1 document. Public: it names no exercise and no person."""
    return Response(msgspec.json.encode(describe()), content_type="application/json")


def describe() -> dict[str, Any]:
    """The whole document as plain data."""
    shown = (SubmissionRequest, SubmissionRow, ExerciseSummary, ExerciseDetail, Standing, Problem)
    references, components = msgspec.json.schema_components(shown, ref_template="#/components/schemas/{name}")
    request, row, summary, detail, standing, problem = references
    errors = _Errors(problem)
    submission_id = _parameter("id", "path", {"type": "string"}, "The submission's id.")
    slug = _parameter("slug", "path", {"type": "string"}, "The exercise's name in addresses.")
    language = _parameter("lang", "query", {"enum": ["en", "zh"]}, "The language of sentences.")
    wait = _parameter(
        "wait", "query", {"type": "number", "minimum": 0, "maximum": 10, "default": 0},
        "How many seconds to wait for the verdict.",
    )  # fmt: skip
    key = _parameter(
        "Idempotency-Key", "header", {"type": "string", "minLength": 1, "maxLength": 64},
        "The same submission sent twice with one key is stored once.",
    )  # fmt: skip
    location = {"Location": {"schema": {"type": "string"}, "description": "Where the submission is."}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "grader", "version": "1"},
        "security": [{"token": []}],
        "paths": {
            "/api/v1/exercises": {
                "get": {
                    "operationId": "listExercises",
                    "summary": "The exercises, in order",
                    "parameters": [language],
                    "responses": {
                        "200": _answer("The exercises.", {"type": "array", "items": summary}),
                        **errors(401),
                    },
                }
            },
            "/api/v1/exercises/{slug}": {
                "get": {
                    "operationId": "showExercise",
                    "summary": "What a student may see of an exercise",
                    "parameters": [slug, language],
                    "responses": {"200": _answer("The exercise.", detail), **errors(401, 404)},
                }
            },
            "/api/v1/standing": {
                "get": {
                    "operationId": "showStanding",
                    "summary": "What one has in each exercise, and what waits for a verdict",
                    "parameters": [],
                    "responses": {
                        "200": _answer("One entry an exercise.", {"type": "array", "items": standing}),
                        **errors(401),
                    },
                }
            },
            "/api/v1/submissions": {
                "post": {
                    "operationId": "submit",
                    "summary": "Hand in a submission",
                    "parameters": [wait, key, language],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
                    "responses": {
                        "200": {**_answer("Its verdict is there.", row), "headers": location},
                        "202": {**_answer("It is stored and will be graded.", row), "headers": location},
                        **errors(400, 401, 403, 404, 409, 413, 415, 422, 429),
                    },
                }
            },
            "/api/v1/submissions/{id}": {
                "get": {
                    "operationId": "showSubmission",
                    "summary": "A submission of one's own and its report",
                    "parameters": [submission_id, wait, language],
                    "responses": {"200": _answer("The submission.", row), **errors(401, 404)},
                }
            },
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


class _Errors:
    """Writes the problem answers of an operation."""

    SAID = {  # noqa: RUF012 - a constant table
        400: "The body is not JSON.",
        401: "The token is missing or not valid.",
        403: "The exercise is set in none of your courses.",
        404: "There is no such thing for you.",
        409: "The exercise takes no submissions now.",
        413: "The source is too large.",
        415: "The body is not application/json.",
        422: "A field, a parameter or the source cannot be used.",
        429: "Too many submissions.",
    }

    def __init__(self, problem: dict[str, Any]) -> None:
        self._content = {"application/problem+json": {"schema": problem}}

    def __call__(self, *statuses: int) -> dict[str, Any]:
        return {str(each): {"description": self.SAID[each], "content": self._content} for each in statuses}


def _parameter(name: str, place: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "schema": schema,
        "description": description,
    }


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
