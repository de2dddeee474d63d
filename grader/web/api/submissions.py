"""Submissions in the JSON API: handing in, and asking for the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from flask import url_for
from werkzeug.exceptions import (
    NotFound,
    TooManyRequests,
    UnprocessableEntity,
    abort,
)

from grader.dispatch.base import Ahead
from grader.model.policy import Policy, details_from, withholds
from grader.model.report import SCHEMA, Isolation, Report, Verdict
from grader.model.report_size import withheld
from grader.store import submissions
from grader.store.policies import policy_for
from grader.store.tables import Assignment, State, Submission, utcnow
from grader.web import request_log
from grader.web.access import waits_for_versions
from grader.web.api import handed_in
from grader.web.api.authentication import user
from grader.web.api.endpoint import LANGUAGE, Answer, Endpoints, Parameter
from grader.web.api.exercises import exercise_called, open_assignment
from grader.web.attempts.verdict import counting
from grader.web.context import STALLED_SECONDS, services
from grader.web.exercise.submit import Draft, Refused, check, hand_in
from grader.web.rate_limits import spend_submission
from grader.web.transactions import end_reading, reading
from grader.web.ui.languages import language, say

endpoints = Endpoints()

WAITS = frozenset({"queued", "running"})
SOON = 0.5
"""Seconds. A verdict that is expected within them is waited for, where there is room."""
HELD = 1.0
"""So long at most."""

Number = float | Literal["nan", "inf", "-inf"]

ID = Parameter("id", "path", {"type": "string"}, "The submission's id.")
WAIT = Parameter(
    "wait", "query", {"type": "number", "minimum": 0, "maximum": 10, "default": 0},
    "How many seconds to wait for the verdict. A POST does not wait where it is expected only much later.",
)  # fmt: skip
KEY = Parameter(
    "Idempotency-Key", "header", {"type": "string", "minLength": 1, "maxLength": handed_in.LONGEST_KEY},
    "The same submission sent twice with one key is stored once.",
)  # fmt: skip


class DiagnosisDescription(msgspec.Struct):
    """Why a gradient is wrong."""

    code: str
    hint: str
    factor: Number | msgspec.UnsetType = msgspec.UNSET


class CounterexampleDescription(msgspec.Struct):
    """A visible case at which the answer is wrong."""

    inputs: dict[str, Any]
    expected: Any
    actual: Any
    note: str | msgspec.UnsetType = msgspec.UNSET


class TypedDescription(msgspec.Struct):
    """What a typed answer was."""

    name: str
    said: str
    in_file: bool
    """Whether it stands in the file's ``PREDICTIONS`` and nowhere else."""
    entries: Any
    """Whether it is right, entry by entry; null: as a whole."""
    note: str | msgspec.UnsetType = msgspec.UNSET
    """That the file says something else than what was typed beside it."""


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
    typed: TypedDescription | msgspec.UnsetType = msgspec.UNSET


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
    notes: list[str] | msgspec.UnsetType = msgspec.UNSET
    """What was passed over in the file."""
    pictures: Any = msgspec.UNSET
    thinned: bool | msgspec.UnsetType = msgspec.UNSET
    """The score and the verdicts alone: what else was said is not kept any more."""
    variant: int | msgspec.UnsetType = msgspec.UNSET
    """Which variant of the exercise it is about, where these are not the authored numbers."""
    withheld: bool | msgspec.UnsetType = msgspec.UNSET
    """The score and the verdicts alone, by the rules of the assignment."""


class CountedScore(msgspec.Struct):
    """What a submission counts, after the late rule and in the assignment's points."""

    score: float
    max_score: float
    late: bool


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
    counts: CountedScore | msgspec.UnsetType = msgspec.UNSET
    """Only where it is something else than the score."""
    details_from: datetime | msgspec.UnsetType = msgspec.UNSET
    """Where ``report.withheld``: from when on it is told why a check does not pass."""
    insight: str | msgspec.UnsetType = msgspec.UNSET
    """After full marks: what the exercise shows in practice."""
    before: int | msgspec.UnsetType = msgspec.UNSET
    """Without a verdict: how many are taken before it."""
    about_s: float | msgspec.UnsetType = msgspec.UNSET
    """Without a verdict: seconds until it, by how long others took lately."""
    waits_for_versions: bool | msgspec.UnsetType = msgspec.UNSET
    """It is stored, and the graders that run now have other versions than its exercise is judged by."""
    stalled: bool | msgspec.UnsetType = msgspec.UNSET
    """Nothing can be graded at this moment. It is stored, and will be."""


@endpoints.post(
    "/submissions",
    {200: "Its verdict is there.", 202: "It is stored and will be graded."},
    body=handed_in.SubmissionRequest,
    parameters=(WAIT, KEY, LANGUAGE),
    errors=(400, 403, 404, 409, 413, 415, 422, 429),
    headers={"Location": "Where the submission is."},
)
def submit() -> Answer[SubmissionRow]:
    """Hand in a submission.

    It is stored (202); with ``?wait=SECONDS`` the answer is its verdict when it is there (200).
    """
    seconds = handed_in.wait_seconds()
    handed = handed_in.body()
    exercise = exercise_called(handed.exercise)
    placed = open_assignment(exercise.slug)
    assignment = placed.assignment
    exercise = placed.own(exercise)
    draft = Draft(
        handed_in.source_bytes(handed.source),
        {name: handed_in.typed(raw) for name, raw in handed.predictions.items()},
    )
    try:
        check(draft, exercise)
        spend_submission(user().id)
        row = hand_in(assignment, exercise, user().id, draft, handed_in.request_key(), policy=placed.rules)
    except Refused as refusal:
        if refusal.wait is not None:
            raise TooManyRequests(refusal.sentence, retry_after=refusal.wait) from refusal
        # By the assignment's rules, and nothing that the sender could mend: a conflict with its state.
        abort(409 if refusal.status == 403 else refusal.status, refusal.sentence)
    except TooManyRequests as error:
        raise TooManyRequests(
            "Too many submissions. Wait, then try again.", retry_after=error.retry_after
        ) from error
    if (row.assignment_id, row.source, row.predictions) != (assignment.id, draft.source, draft.predictions):
        raise UnprocessableEntity(
            "This Idempotency-Key was used for a different submission. Choose a new one."
        )
    ahead = report = None
    if row.shown in WAITS and seconds > 0:
        told = services().wait_if_soon(row.id, seconds)
        if isinstance(told, Ahead):
            ahead = told
        elif told is not None:
            row, report = submissions.with_verdict(row, told.report, told.finished_at), told.report
        else:
            row = _own(row.id).row
    status = 202 if row.shown in WAITS or seconds == 0 else 200
    where = {"Location": url_for("api.show_submission", id=row.id)}
    return _answer(Own(row, assignment, placed.rules, report), status, where, ahead=ahead)


@endpoints.get("/submissions/<id>", "The submission.", parameters=(ID, WAIT, LANGUAGE), errors=(404,))
def show_submission(id: str) -> Answer[SubmissionRow]:
    """A submission of one's own and its report.

    Anybody else's does not exist.
    Without a verdict it says how many are before it. With ``?wait=SECONDS``, and for a moment when the
    verdict is about to come, the answer waits for it, so that nobody needs to ask many times a second.
    """
    seconds = handed_in.wait_seconds()
    with reading(more=True) as transaction:
        ahead = services().dispatcher.ahead(id, transaction)
    held = True
    if ahead is not None and (seconds > 0 or ahead.seconds <= SOON):
        end_reading()  # so that what is read after the wait is what is so by then
        held, ahead = services().wait(id, seconds or HELD), None
    own = _own(id)
    if own.row.shown in WAITS and ahead is None and (ahead := services().dispatcher.ahead(id)) is None:
        # Its verdict was written since this request began to read.
        end_reading()
        own = _own(id)
    return _answer(own, 200, {}, held=held, ahead=ahead)


@dataclass(frozen=True)
class Own:
    """A submission of the user's, and where it belongs.

    :ivar rules: the assignment's, for this user; None: the user teaches there, and is told everything.
    :ivar written: its report, where that was just written; None: the row has it.
    """

    row: Submission
    assignment: Assignment
    rules: Policy | None
    written: Report | None = None

    def report(self) -> Report | None:
        """What the user is told of the current verdict."""
        withholding = self.rules is not None and withholds(self.rules, utcnow())
        if self.written is not None:
            return withheld(self.written) if withholding else self.written
        return submissions.report_for(self.row, withholding=withholding)


def _own(submission_id: str) -> Own:
    """:raises NotFound: the user has no submission with this id."""
    with reading() as transaction:
        found = submissions.of_user(transaction, submission_id, user().id)
        if found is None:
            raise NotFound("You have no submission with this id.")
        row, assignment, role = found
        teaches = user().role == "admin" or (role is not None and role != "student")
        rules = None if teaches else policy_for(transaction, assignment, user().id)
    return Own(row, assignment, rules)


def _answer(
    own: Own, status: int, headers: dict[str, str], *, held: bool = True, ahead: Ahead | None = None
) -> Answer[SubmissionRow]:
    """A submission; while it has no verdict, with what is before it and when to ask again.

    :param held: there was room to wait for it here; where it is about to come, there will be again.
    :param ahead: what was before it a moment ago; None: that is looked for.
    """
    body, row = _row(own), own.row
    if row.shown not in WAITS:
        request_log.told(row)
    elif waits_for_versions(row, own.assignment):
        body.waits_for_versions = True
        headers["Retry-After"] = str(STALLED_SECONDS)
    elif (ahead := ahead or services().dispatcher.ahead(row.id)) is not None:
        body.before = ahead.before
        if ahead.stalled:
            body.stalled, headers["Retry-After"] = True, str(STALLED_SECONDS)
        else:
            body.about_s = msgspec.UNSET if ahead.overdue else round(ahead.seconds, 2)
            body.state = "running" if ahead.running else body.state
            soon = held and ahead.seconds <= SOON
            headers["Retry-After"] = "0" if soon else str(max(1, round(ahead.seconds)))
    else:
        headers["Retry-After"] = "1"
    return Answer(body, status, headers)


def _row(own: Own) -> SubmissionRow:
    row, rules = own.row, own.rules
    report = own.report()
    counts = None if rules is None else counting(rules, row)
    begin = None if rules is None or report is None or not report.withheld else details_from(rules)
    error = report.error if report is not None else None
    return SubmissionRow(
        id=row.id,
        exercise=own.assignment.exercise,
        state=row.shown,
        attempt=row.attempt,
        created_at=row.created_at,
        finished_at=row.finished_at,
        score=row.score,
        max_score=row.max_score,
        report=msgspec.convert(report.to_json(language()), ReportDescription) if report is not None else None,
        summary=say(report.summary) if report is not None else None,
        excerpt=error.excerpt if error is not None else None,
        not_run=error is not None and error.whole,
        counts=msgspec.UNSET if counts is None else CountedScore(counts.score, counts.maximum, counts.late),
        details_from=msgspec.UNSET if begin is None else begin,
        insight=_insight(own.assignment.exercise, report) or msgspec.UNSET,
    )


def _insight(slug: str, report: Report | None) -> str:
    """What the exercise shows in practice, for who has full marks; empty where nothing is to be said."""
    if report is None or not report.passed or (exercise := exercise_called(slug)) is None:
        return ""
    return say(exercise.variant(report.variant).insight)
