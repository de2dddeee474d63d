"""Home page: one's courses, what one has in each exercise, and what comes next."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import NotFound

from grader.model.admission import Handed, attempts_left
from grader.model.policy import Policy, is_open
from grader.store import first_predictions, gradebook, notices, submissions
from grader.store.gradebook import Cell
from grader.store.policies import policy_of, rules_of
from grader.store.tables import Assignment, Course, CourseRole, utcnow
from grader.web.access import course_called, exercise_called, my_courses
from grader.web.accounts.sign_in import ask_to_sign_in
from grader.web.exercise.guest_door import course_open
from grader.web.exercise.rules import attempts_words, worth_now
from grader.web.home.course_map import Line, Section, State, groups
from grader.web.home.guest_course import course_page
from grader.web.transactions import reading
from grader.web.ui.languages import say

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]
def show() -> ResponseReturnValue:
    """The courses and their exercises, in order, with what one has in each."""
    now = utcnow()
    with reading() as transaction:
        mine = my_courses(transaction)
        standing = gradebook.standing(transaction, current_user.user, [course.id for course, _role in mine])
        placed = [assignment for each in standing.values() for assignment, _cell in each]
        rules = rules_of(transaction, placed, current_user.id)
        counted = [key for key, policy in rules.items() if policy.attempts is not None]
        used = submissions.handed_to(transaction, current_user.id, counted)
        told = notices.unread(transaction, current_user.id)
        said = first_predictions.calibration(transaction, current_user.id, list(standing))
    sections = []
    for course, role in sorted(mine, key=lambda each: each[0].archived_at is not None):
        lines = [
            _line(
                course, assignment, cell, role, now,
                rules[assignment.id] if role == "student" else policy_of(assignment),
                used.get(assignment.id, Handed()),
            )
            for assignment, cell in standing[course.id]
        ]  # fmt: skip
        sections.append(Section(course, role, groups(lines), said.get(course.id)))
    begun = any(section.begun for section in sections)
    timed = any(line.policy.opens or line.policy.due for each in sections for line in each.lines)
    return render_template(
        "home/home.html",
        sections=sections,
        begun=begun,
        timed=timed,
        notices=told,
        titles={
            line.exercise.slug: say(line.exercise.title)
            for each in sections
            for line in each.lines
            if line.exercise is not None
        },
    )


@blueprint.get("/courses/<course>")
def course(course: str) -> ResponseReturnValue:
    """A course's address leads to its part of the home page; to guests it shows what is open to them."""
    if current_user.is_authenticated:
        try:
            with reading(more=True) as transaction:
                found, _role = course_called(transaction, course)
        except NotFound:
            if (opened := course_open(course)) is None:
                raise
            return course_page(*opened)
    elif (opened := course_open(course)) is not None:
        return course_page(*opened)
    else:
        return ask_to_sign_in()
    return redirect(url_for("home.show", _anchor=f"course-{found.slug}"))


def _line(
    course: Course,
    assignment: Assignment,
    cell: Cell,
    role: CourseRole,
    now: datetime,
    policy: Policy,
    handed: Handed,
) -> Line:
    exercise = exercise_called(assignment.exercise)
    most = exercise.max_score if exercise is not None else cell.max_score
    by_hand = cell.override is not None and most is not None and cell.override >= most
    state: State = "open"
    if exercise is None:
        state = "gone"
    elif role == "student" and policy.opens is not None and now < policy.opens:
        state = "upcoming"
    elif cell.passed or by_hand:
        state = "solved"
    elif role == "student" and (course.archived_at is not None or not is_open(policy, now)):
        state = "closed"
    elif role == "student" and attempts_left(policy, handed.used) == 0:
        state = "used"
    if role != "student":
        return Line(course.slug, assignment, exercise, cell, state, policy, now)
    worth = worth_now(policy, now) if state == "open" else ""
    words = attempts_words(policy, handed.used)
    return Line(course.slug, assignment, exercise, cell, state, policy, now, words, worth)
