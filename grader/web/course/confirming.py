"""Confirming: whose stored scores a change of rules moves is said before it is saved.

A view makes the change in its transaction and gives :func:`settled` the scores that moved by it. Where that
was not confirmed, the transaction is undone, and the page that asks shows what would have been written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from flask import render_template, request
from flask_login import current_user
from sqlalchemy.orm import Session

from grader.store import audit, rule_changes
from grader.store.rule_changes import Move
from grader.store.tables import Assignment, Course
from grader.web.ui.languages import _

MOST_NAMED: Final = 200
"""Students named on the page that asks; the others are counted."""
LONGEST_REASON: Final = 2000


class Unconfirmed(Exception):
    """Scores would move and nobody has confirmed just that.

    :param problem: what is missing in a confirmation, if it was one.
    """

    def __init__(self, moves: Sequence[Move], problem: str = "") -> None:
        super().__init__(f"{len(moves)} scores would move")
        self.moves, self.problem = moves, problem


@dataclass(frozen=True)
class Change:
    """What was changed, for the audit log and for those whose score moves."""

    course: Course
    assignment: Assignment
    action: str
    details: Mapping[str, Any]


def settled(transaction: Session, change: Change, moves: Sequence[Move], *, said: bool = False) -> None:
    """Write down a change that has been made, and tell the students whose scores moved by it.

    :param said: the page that had the button said what moves.
    :raises Unconfirmed: it has to be confirmed first; the transaction is to be undone.
    """
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if moves and not said:
        if request.form.get("confirmed") != digest_of(moves):
            raise Unconfirmed(moves)
        if not reason:
            raise Unconfirmed(moves, _("Write a reason: those whose score moves are told it."))
    course, placed = change.course, change.assignment
    rule_changes.tell(transaction, course, placed, moves, reason)
    details = {"course": course.slug, "exercise": placed.exercise, **change.details, "moved": len(moves)}
    if reason:
        details["reason"] = reason
    audit.record(
        transaction, current_user.user.login, change.action, f"{course.slug}/{placed.exercise}", details
    )


def digest_of(moves: Sequence[Move]) -> str:
    """A name of what moves: confirmed is what was shown, and not what it has become since."""
    return hashlib.sha256(msgspec.json.encode([msgspec.to_builtins(move) for move in moves])).hexdigest()[:32]


def ask(course: Course, assignment: Assignment, asked: Unconfirmed, back: str) -> str:
    """The page that says who moves, with the form that was sent in it.

    :param back: where the form is changed.
    """
    kept = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in {"csrf_token", "confirmed", "reason"}
    ]
    return render_template(
        "course/confirm.html",
        course=course,
        role="instructor",
        assignment=assignment,
        moves=asked.moves[:MOST_NAMED],
        count=len(asked.moves),
        up=sum(_share(move, 1) > _share(move, 0) for move in asked.moves),
        down=sum(_share(move, 1) < _share(move, 0) for move in asked.moves),
        confirmed=digest_of(asked.moves),
        problem=asked.problem,
        reason=request.form.get("reason", "")[:LONGEST_REASON],
        kept=kept,
        back=back,
    )


def _share(move: Move, side: int) -> float:
    """What part of full marks a score is: with other points, the same share is no gain."""
    score, most = (move.before, move.after)[side], move.maximum[side]
    return round(score / most, 9) if most else 0.0
