"""The JSON API ◆: bearer tokens in, plain JSON out, every error ``application/problem+json``.

No cookie is looked at here, so that no page on the internet can make a browser use it; that
is why it needs no defence against forged posts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    TooManyRequests,
    Unauthorized,
    UnprocessableEntity,
    UnsupportedMediaType,
)

from grader.errors import UnknownExercise
from grader.model.exercise import Exercise
from grader.model.text import Text
from grader.store import access, gradebook, people, submissions
from grader.store.tables import Assignment, Submission, User, utcnow
from grader.web import intake
from grader.web.intake import Draft, Refused
from grader.web.languages import language, say
from grader.web.security import spend_request, spend_submission
from grader.web.services import services
from grader.web.transactions import end_reading, later, reading

api = Blueprint("api", __name__, url_prefix="/api/v1")

LONGEST_WAIT = 10.0
SOON = 0.5
"""Seconds. A verdict that is expected within them is waited for, where there is room."""
HELD = 1.0
"""So long at most."""
LONGEST_KEY = 64
PROBLEM = "application/problem+json"
_JSON_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\btrue\b|\bfalse\b|\bnull\b')
_PYTHON_WORD = {"true": "True", "false": "False", "null": "None"}


class Handed(msgspec.Struct):
    """The body of a POST. Predictions stay as they were typed: ``0.50`` claims more digits than ``0.5``."""

    exercise: str
    source: str
    predictions: dict[str, msgspec.Raw] = {}


def problem(status: int, title: str, detail: str) -> Response:
    """An error as RFC 9457 writes it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(msgspec.json.encode(body), status, content_type=PROBLEM)


def http_problem(error: HTTPException) -> Response:
    """A Werkzeug error as a problem, with its own headers kept."""
    response = problem(error.code or 500, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, content_type="application/json")


@api.errorhandler(HTTPException)
def _on_http_error(error: HTTPException) -> Response:
    return http_problem(error)


@api.before_request
def _authenticate() -> None:
    """Find whose token it is.

    :raises Unauthorized: when it is missing, unknown, expired or revoked; all the same to the caller.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and token.strip():
        with reading(more=True) as transaction:
            found = people.find_token(transaction, token.strip())
    if request.method != "POST" or found is None:
        spend_request(found[1].id if found is not None else None)
    if found is None:
        raise Unauthorized(
            "Send a valid token: 'Authorization: Bearer TOKEN'. Your account page makes one.",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "grader"}),
        )
    row, g.api_user = found
    if people.use_is_stale(row):
        later(partial(people.note_token_use, token_id=row.id))


def _user() -> User:
    user: User = g.api_user
    return user


@api.get("/exercises")
def list_exercises() -> ResponseReturnValue:
    """Every exercise this user may see, in order."""
    with reading() as transaction:
        placed = access.assignments(transaction, _user().id)
    found: dict[str, list[tuple[Assignment, bool]]] = {}
    for assignment, teaches in placed:
        found.setdefault(assignment.exercise, []).append((assignment, teaches))
    return _json(
        [
            _summary(exercise)
            for exercise in services().exercises.all()
            if not _upcoming(found.get(exercise.slug, ()))
        ]
    )


@api.get("/exercises/<slug>")
def show_exercise(slug: str) -> ResponseReturnValue:
    """What a student may see of one exercise. Never its solution."""
    exercise = _exercise(slug)
    if _upcoming(_assignments(exercise.slug)):
        raise NotFound("This exercise has not opened yet.")
    return _json(_detail(exercise))


@api.post("/submissions")
def create() -> ResponseReturnValue:
    """Store a submission (202); with ``?wait=SECONDS`` answer with its verdict when it is there (200)."""
    seconds = _wait_seconds()
    handed = _body()
    exercise = _exercise(handed.exercise)
    assignment = _assignment(exercise.slug)
    draft = Draft(_bytes(handed.source), {name: _typed(raw) for name, raw in handed.predictions.items()})
    try:
        intake.check(draft, exercise)
        spend_submission(_user().id)
    except Refused as refusal:
        return problem(refusal.status, _title(refusal.status), refusal.sentence)
    except TooManyRequests as error:
        raise TooManyRequests(
            "Too many submissions. Wait, then try again.", retry_after=error.retry_after
        ) from error
    row = intake.hand_in(assignment, exercise, _user().id, draft, _key())
    if (row.assignment_id, row.source, row.predictions) != (assignment.id, draft.source, draft.predictions):
        raise UnprocessableEntity(
            "This Idempotency-Key was used for a different submission. Choose a new one."
        )
    waits = row.state in {"queued", "running"}
    if waits and seconds > 0:
        services().wait(row.id, seconds)
        row, _slug = _own(row.id)
        waits = row.state in {"queued", "running"}
    status = 202 if waits or seconds == 0 else 200
    return _answer(row, exercise.slug, status, {"Location": url_for("api.show", submission_id=row.id)})


@api.get("/submissions/<submission_id>")
def show(submission_id: str) -> ResponseReturnValue:
    """One's own submission and its report. Anybody else's does not exist.

    Without a verdict it says how many are before it. With ``?wait=SECONDS``, and for a moment when the
    verdict is about to come, the answer waits for it, so that nobody needs to ask many times a second.
    """
    seconds = _wait_seconds()
    ahead = services().dispatcher.ahead(submission_id)
    held = True
    if ahead is not None and (seconds > 0 or ahead.seconds <= SOON):
        end_reading()  # so that what is read after the wait is what is so by then
        held = services().wait(submission_id, seconds or HELD)
    row, slug = _own(submission_id)
    return _answer(row, slug, 200, {}, held=held)


def _own(submission_id: str) -> tuple[Submission, str]:
    """A submission of the user's, and its exercise.

    :raises NotFound: there is none with this id.
    """
    with reading() as transaction:
        found = submissions.of_user(transaction, submission_id, _user().id)
    if found is None:
        raise NotFound("You have no submission with this id.")
    return found


def _answer(
    row: Submission, slug: str, status: int, headers: dict[str, str], *, held: bool = True
) -> Response:
    """A submission; while it has no verdict, with what is before it and when to ask again.

    :param held: there was room to wait for it here; where it is about to come, there will be again.
    """
    body = _row(row, slug)
    ahead = services().dispatcher.ahead(row.id) if row.state in {"queued", "running"} else None
    if ahead is not None:
        body |= {"before": ahead.before, "about_s": round(ahead.seconds, 2)}
        if ahead.running:
            body["state"] = "running"
        soon = held and ahead.seconds <= SOON
        headers["Retry-After"] = "0" if soon else str(max(1, round(ahead.seconds)))
    response = _json(body, status)
    response.headers.extend(headers)
    return response


@api.get("/standing")
def standing() -> ResponseReturnValue:
    """What this user has in each exercise of the courses they learn in, and what waits for a verdict."""
    now = utcnow()
    with reading() as transaction:
        learnt = [
            course
            for course, enrolment in people.enrolments(transaction, _user().id)
            if enrolment.role == "student"
        ]
        cells = gradebook.standing(transaction, _user(), [course.id for course in learnt])
        waiting = submissions.unfinished(transaction, _user().id)
    return _json(
        [
            {
                "course": course.slug,
                "exercise": assignment.exercise,
                "open": assignment.is_open(now),
                "due": assignment.due,
                "attempts": cell.attempts,
                "score": cell.score,
                "max_score": cell.max_score,
                "passed": cell.passed,
                "best": cell.best_submission,
                "waiting": [identity for identity, at in waiting if at == assignment.id],
            }
            for course in learnt
            for assignment, cell in cells[course.id]
            if assignment.opens is None or assignment.opens <= now
        ]
    )


# Reading a request


def _wait_seconds() -> float:
    text = request.args.get("wait", "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_WAIT:
        raise UnprocessableEntity(f"wait must be a number of seconds from 0 to {LONGEST_WAIT:g}.")
    return seconds


def _body() -> Handed:
    """The decoded body.

    :raises HTTPException: 415, 413, 400 or 422, saying what is wrong and where.
    """
    if request.mimetype not in {"application/json", ""}:
        raise UnsupportedMediaType("Send the body as application/json.")
    try:
        data = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise RequestEntityTooLarge("The body is too large; a source may have 256 KiB.") from error
    try:
        return msgspec.json.decode(data, type=Handed)
    except msgspec.ValidationError as error:
        raise UnprocessableEntity(f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.") from error


def _bytes(source: str) -> bytes:
    try:
        return source.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnprocessableEntity(
            f"source: the character at offset {error.start} is half of a pair."
        ) from error


def _typed(raw: msgspec.Raw) -> str:
    """A prediction as it would be typed in the form: a JSON string's text, else the JSON text itself
    with Python's words for ``true``, ``false`` and ``null``."""
    text = bytes(raw).decode("utf-8").strip()
    if text.startswith('"'):
        return msgspec.json.decode(text, type=str)
    return _JSON_WORD.sub(lambda match: _PYTHON_WORD.get(match.group(), match.group()), text)


def _key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise UnprocessableEntity(f"Idempotency-Key must have 1 to {LONGEST_KEY} printable ASCII characters.")
    return key


def _exercise(slug: str) -> Exercise:
    try:
        return services().exercises.get(slug)
    except UnknownExercise as error:
        nearest = f" Did you mean '{error.nearest}'?" if error.nearest else ""
        raise NotFound(f"There is no exercise '{error.slug[:80]}'.{nearest}") from error


def _assignments(slug: str) -> Sequence[tuple[Assignment, bool]]:
    """Where the user's courses set this exercise, and whether the user teaches there."""
    with reading() as transaction:
        return access.assignments(transaction, _user().id, slug)


def _upcoming(found: Sequence[tuple[Assignment, bool]]) -> bool:
    """Whether all the user's courses that set an exercise open it only later. Teachers see it before."""
    now = utcnow()
    return bool(found) and all(
        not teaches and each.opens is not None and now < each.opens for each, teaches in found
    )


def _assignment(slug: str) -> Assignment:
    """Where a submission belongs: the first of the user's courses in which the exercise is open.

    :raises Forbidden: when it is set in none of them.
    :raises Conflict: when it is open in none of them.
    """
    now, found = utcnow(), _assignments(slug)
    if not found:
        raise Forbidden(f"'{slug}' is set in none of your courses.")
    for each, teaches in found:
        if teaches or each.is_open(now):
            return each
    raise Conflict(f"'{slug}' is closed: it takes no submissions now.")


# Writing an answer


def _title(status: int) -> str:
    return {413: "Request Entity Too Large", 422: "Unprocessable Entity"}.get(status, "Bad Request")


def _row(row: Submission, slug: str) -> dict[str, Any]:
    report = submissions.report_of(row)
    return {
        "id": row.id,
        "exercise": slug,
        "state": row.state,
        "attempt": row.attempt,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "score": row.score,
        "max_score": row.max_score,
        "report": report.to_json(language()) if report is not None else None,
        "summary": say(report.summary) if report is not None else None,
        "excerpt": report.error.excerpt if report is not None and report.error is not None else None,
        "not_run": report is not None and report.error is not None and report.error.whole,
    }


def _summary(exercise: Exercise) -> dict[str, Any]:
    return {
        "slug": exercise.slug,
        "section": exercise.section,
        "order": exercise.order,
        "title": say(exercise.title),
        "summary": say(exercise.summary),
        "max_score": exercise.max_score,
    }


def _detail(exercise: Exercise) -> dict[str, Any]:
    """Field by field: a field that is added to the model is not shown until somebody writes it here."""
    return {
        **_summary(exercise),
        "digest": exercise.digest,
        "prompt": say(exercise.prompt),
        "hint": _or_none(exercise.hint),
        "given": exercise.given_in(language()),
        "starter": exercise.starter_in(language()),
        "inputs": [
            {"name": each.name, "dtype": each.dtype, "differentiable": each.differentiable}
            for each in exercise.inputs
        ],
        "functions": [{"name": each.name, "args": each.args} for each in exercise.functions],
        "answers": [
            {
                "name": each.name,
                "ask": say(each.ask),
                "shape": each.shape,
                "type": each.type,
                "maybe_none": each.maybe_none,
                "options": [{"id": one.id, "text": say(one.text)} for one in each.option],
            }
            for each in exercise.answers
        ],
        "cases": [
            {"name": each.name, "title": say(each.called), "inputs": each.inputs}
            for each in exercise.cases
            if each.visible
        ],
        "checks": [
            {"id": each.id, "kind": each.kind, "title": say(each.title), "points": each.points}
            for each in exercise.checks
        ],
        "limits": exercise.limits,
    }  # fmt: skip


def _or_none(text: Text) -> str | None:
    return say(text) or None
