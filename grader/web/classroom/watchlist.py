"""Watchlist: what was observed of students, and how those who teach the course stand with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound

from grader.analytics import watchlist as signals
from grader.analytics.watchlist import GAINLESS, RECENT, Placed, Signal
from grader.errors import UsageError
from grader.model.exercise import Exercise
from grader.store import audit, class_rows, courses, enrolments, policies, users, watchlist
from grader.store.tables import Assignment, Course, CourseRole, User, WatchState, utcnow
from grader.store.watchlist import Entry
from grader.web.access import exercise_called, staffed_course
from grader.web.classroom.class_data import as_attempts, students
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, say

blueprint = Blueprint("watchlist", __name__)

STATES: Final[tuple[WatchState, ...]] = get_args(WatchState)
_OPEN: Final = ("pending", "contacted")


@dataclass(frozen=True)
class Watched:
    """A student on the list."""

    user: User
    signals: tuple[Signal, ...]
    entry: Entry | None

    @property
    def state(self) -> WatchState:
        """Where nobody has written anything yet it is pending."""
        return "pending" if self.entry is None else self.entry.row.state

    @property
    def seen(self) -> int:
        """The entry that holds; 0 where there is none."""
        return 0 if self.entry is None else self.entry.row.id


@dataclass(frozen=True)
class _Listed:
    """What the page is made of."""

    course: Course
    role: CourseRole
    assignments: Mapping[int, Assignment]
    watched: Sequence[Watched]


@blueprint.get("/courses/<course>/watchlist")
@login_required  # type: ignore[untyped-decorator]
def show(course: str) -> ResponseReturnValue:
    """Who may need somebody to talk to; ``?state=`` asks for those of one state, ``all`` for all."""
    with reading() as transaction:
        listed = _listed(transaction, course)
    return _page(listed)


@blueprint.post("/courses/<course>/watchlist/<int(max=2147483647):user_id>")
@login_required  # type: ignore[untyped-decorator]
def save(course: str, user_id: int) -> ResponseReturnValue:
    """Write a state and a note. Where somebody else wrote meanwhile, nothing is lost and both are shown."""
    state, text = request.form.get("state", ""), request.form.get("note", "").replace("\0", "").strip()
    seen = request.form.get("seen", 0, type=int)
    with reading() as transaction:
        found, _role = staffed_course(transaction, course)
        theirs = enrolments.enrolment(transaction, user_id, found.id)
        user = users.get_user(transaction, user_id)
    if user is None or theirs is None or theirs.role != "student":
        raise NotFound
    wanted = next((each for each in STATES if each == state), None)
    if wanted is None:
        raise BadRequest
    try:
        with writing() as transaction:
            row = watchlist.note(
                transaction, found.id, user_id, wanted, text, by=current_user.id, seen=seen or None
            )
            if row is not None:
                audit.record(
                    transaction,
                    current_user.user.login,
                    "watchlist.note",
                    user.login,
                    {"course": found.slug, "state": state},
                )
    except UsageError:
        most = watchlist.LONGEST_NOTE
        problem = _("The note is too long: shorten it to %(most)s characters.", most=most)
        return _again(course, problem, user_id, state, text), 400
    if row is None:
        problem = _(
            "Somebody else wrote about this student meanwhile. Look at that first; your note is kept below."
        )
        return _again(course, problem, user_id, state, text), 409
    return redirect(url_for("watchlist.show", course=course, _anchor=f"student-{user_id}"), 303)


def _again(course: str, problem: str, user_id: int, state: str, text: str) -> str:
    """The page with what was typed still in it."""
    with reading() as transaction:
        listed = _listed(transaction, course, also=user_id)
    return _page(listed, problem=problem, typed={user_id: (state, text)})


def _listed(transaction: Session, slug: str, also: int | None = None) -> _Listed:
    """:param also: a student who is listed in any case."""
    now = utcnow()
    course, role = staffed_course(transaction, slug)
    placed = courses.assignments(transaction, course.id)
    people = students(transaction, course)
    own = policies.policies_for(transaction, placed)
    unsolved = class_rows.unsolved(transaction, course.id, now - RECENT, GAINLESS + 1)
    begun = class_rows.begun(transaction, course.id)
    last = class_rows.last_active(transaction, course.id)
    entries = watchlist.newest(transaction, course.id)
    found: dict[int, list[Signal]] = {}
    for signal in signals.watchlist(
        as_attempts(unsolved, {}),
        begun,
        last,
        people,
        [Placed(each.id, each.opens, each.due) for each in placed],
        now,
        extended={(user, assignment): policy.due for (assignment, user), policy in own.items()},
    ):
        found.setdefault(signal.user_id, []).append(signal)
    watched = [
        Watched(user, tuple(found.get(user.id, ())), entries.get(user.id))
        for user in people.values()
        if user.id in found or user.id in entries or user.id == also
    ]
    order = {state: n for n, state in enumerate(STATES)}
    watched.sort(key=lambda each: (order[each.state], -len(each.signals)))
    return _Listed(course, role, {each.id: each for each in placed}, watched)


def _page(listed: _Listed, *, problem: str = "", typed: Mapping[int, tuple[str, str]] | None = None) -> str:
    wanted = request.args.get("state", "")
    kept = (wanted,) if wanted in STATES else STATES if wanted == "all" else _OPEN
    return render_template(
        "classroom/watchlist.html",
        course=listed.course,
        role=listed.role,
        watched=[each for each in listed.watched if each.state in kept or each.user.id in (typed or {})],
        counts={state: sum(each.state == state for each in listed.watched) for state in STATES},
        wanted=wanted if wanted in (*STATES, "all") else "",
        states=state_words(),
        assignments=listed.assignments,
        name=lambda assignment_id: _name(listed.assignments[assignment_id]),
        problem=problem,
        typed=typed or {},
        longest=watchlist.LONGEST_NOTE,
    )


def _name(assignment: Assignment) -> str:
    from_folder: Exercise | None = exercise_called(assignment.exercise)
    return assignment.exercise if from_folder is None else say(from_folder.title)


def state_words() -> dict[WatchState, str]:
    """What the states are called."""
    return {
        "pending": _("pending"),
        "contacted": _("contacted"),
        "resolved": _("resolved"),
        "archived": _("archived"),
    }
