"""Improbable agreement: pairs of students who share what hardly anybody else of the class has."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import login_required
from sqlalchemy.orm import Session

from grader.analytics.agreement import CLOSE, FEWEST_STUDENTS, Agreement, Answer, Handed, agreements
from grader.analytics.alike import fragments, typed_key
from grader.analytics.rows import Attempt, best_of, series
from grader.model.exercise import Exercise
from grader.store import class_rows
from grader.web.classroom.answer_keys import fragments_of
from grader.web.classroom.class_data import Work, as_attempts, page_of, students, work
from grader.web.classroom.kept import kept
from grader.web.transactions import reading

blueprint = Blueprint("agreement", __name__)

MOST_PAIRS: Final = 30


@blueprint.get("/courses/<course>/class/<exercise>/agreement")
@login_required  # type: ignore[untyped-decorator]
def show(course: str, exercise: str) -> ResponseReturnValue:
    """Of each student all wrong answers, and the code of the best attempt."""
    with reading() as transaction:
        place = work(transaction, course, exercise)
        digest = place.exercise.digest if place.exercise is not None else ""
        name = ("agreement", place.assignment.id, digest)
        stamp = class_rows.stamp(transaction, place.course.id, place.assignment.id)
        (tried, pairs), as_of = kept().get(name, stamp, partial(_computed, transaction, place))
        people = students(transaction, place.course)
    return page_of(
        "classroom/agreement.html",
        place,
        as_of=as_of,
        people=people,
        tried=tried,
        fewest=FEWEST_STUDENTS,
        close=int(CLOSE.total_seconds() // 60),
        pairs=pairs,
    )


def _computed(transaction: Session, place: Work) -> tuple[int, list[Agreement]]:
    """How many students tried, and the pairs."""
    placed, course_id = place.assignment.id, place.course.id
    rows = class_rows.judged(transaction, course_id, [placed])
    attempts = as_attempts(rows, class_rows.checked(transaction, course_id, [placed]))
    alike = class_rows.trees(transaction, course_id, placed)
    digests = {row.id: row.source_digest for row in rows}
    best = {best_of(mine).submission_id for mine in series(attempts).values()}
    texts = partial(class_rows.texts, transaction)
    parts = fragments_of(sorted({digests[each] for each in best}), texts)
    typed = {check.id: check.answer for check in place.exercise.checks} if place.exercise else {}
    handed = [
        Handed(
            each.user_id,
            each.submission_id,
            each.at,
            _wrong(each, typed, *alike.get(each.submission_id, (None, {}, 0))),
            parts.get(digests[each.submission_id], {}) if each.submission_id in best else {},
        )
        for each in attempts
    ]
    tried = len({each.user_id for each in attempts})
    return tried, agreements(handed, _given(place.exercise), most=MOST_PAIRS)


def _wrong(
    attempt: Attempt, typed: dict[str, str | None], tree: str | None, said: dict[str, str], variant: int
) -> frozenset[Answer]:
    """The wrong answers of an attempt: what was typed, or the whole file where a function is judged.

    Of what was typed about numbers of one's own the diagnosis alone: few have the same variant, so that
    everybody's mistake would look rare there.
    """
    found: set[Answer] = set()
    for check in attempt.checks:
        if check.verdict != "failed":
            continue
        answer = typed.get(check.check_id)
        key = tree
        if answer is not None and answer in said:
            key = typed_key(said[answer]) if not variant else None if check.code is None else "typed"
        if key is not None:
            found.add((check.check_id, check.code, key))
    return frozenset(found)


def _given(exercise: Exercise | None) -> frozenset[str]:
    """What the exercise gave to everybody, or to all who have a variant."""
    if exercise is None:
        return frozenset()
    texts: set[str] = set()
    for each in (exercise.variant(number) for number in range(exercise.variants + 1)):
        texts |= {each.starter, each.given, f"{each.given}\n\n{each.starter}"}
    return frozenset(key for text in texts if text for key in fragments(text.encode()))
