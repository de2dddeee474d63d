"""A course itself: its titles and time zone, its invitation, duplicating it, archiving it, making one."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.exceptions import Forbidden

from grader.store import audit, courses, enrolments
from grader.store.tables import Course
from grader.web.access import taught_course
from grader.web.context import services
from grader.web.course.assignments import not_over
from grader.web.course.forms import zone_of
from grader.web.transactions import reading, writing
from grader.web.ui import timezones
from grader.web.ui.languages import _

blueprint = Blueprint("course_settings", __name__)

LONGEST_TITLE = 200
LONGEST_SLUG = 64


@blueprint.get("/courses/<course>/settings")
@login_required  # type: ignore[untyped-decorator]
def show(course: str) -> ResponseReturnValue:
    """The course's titles, time zone, invitation; and what can be done with all of it."""
    with reading() as transaction:
        found = taught_course(transaction, course)
    return _page(found, _texts(found), {})


def _texts(course: Course) -> dict[str, str]:
    zone = course.timezone or ""
    return {"title_en": course.title_en, "title_zh": course.title_zh, "timezone": zone}


def _page(course: Course, values: dict[str, str], problems: dict[str, str]) -> str:
    return render_template(
        "course/settings.html", course=course, role="instructor", values=values, problems=problems,
        zones=timezones.COMMON, zone=zone_of(course).key,
    )  # fmt: skip


@blueprint.post("/courses/<course>/settings")
@login_required  # type: ignore[untyped-decorator]
def save(course: str) -> ResponseReturnValue:
    """Change titles and time zone. No moment changes with the zone: dates are then read in the new one."""
    values = {name: request.form.get(name, "").strip() for name in ("title_en", "title_zh", "timezone")}
    problems = _problems(values)
    if problems:
        with reading() as transaction:
            found = taught_course(transaction, course)
        return _page(found, values, problems), 422
    zone = timezones.known(values["timezone"]) if values["timezone"] else None
    with writing() as transaction:
        found = taught_course(transaction, course)
        not_over(found)
        courses.entitle(transaction, found.id, title_en=values["title_en"], title_zh=values["title_zh"])
        courses.set_timezone(transaction, found.id, zone)
        details = {"title": values["title_en"], "title_zh": values["title_zh"], "timezone": zone}
        audit.record(transaction, current_user.user.login, "course.change", found.slug, details)
    return redirect(url_for("course_settings.show", course=course), 303)


def _problems(values: dict[str, str]) -> dict[str, str]:
    """What is wrong with titles and a zone, by field."""
    found = {}
    for name in ("title_en", "title_zh"):
        if len(values[name]) > LONGEST_TITLE or not values[name].isprintable():
            found[name] = _("A title has at most %(most)s visible characters.", most=LONGEST_TITLE)
    if not values["title_en"] and not values["title_zh"]:
        found["title_en"] = _("Give the course a title, in one language at least.")
    if values["timezone"] and timezones.known(values["timezone"]) is None:
        found["timezone"] = _("There is no such time zone. Choose one of the list, like Europe/Berlin.")
    return found


@blueprint.post("/courses/<course>/archive")
@login_required  # type: ignore[untyped-decorator]
def archive(course: str) -> ResponseReturnValue:
    """The course is over, or (``again``) goes on. It can be read all the time."""
    over = "again" not in request.form
    with writing() as transaction:
        found = taught_course(transaction, course)
        if (found.archived_at is not None) != over:
            courses.archive(transaction, found.id, over=over)
            action = "course.archive" if over else "course.unarchive"
            audit.record(transaction, current_user.user.login, action, found.slug)
    return redirect(url_for("course_settings.show", course=course), 303)


@blueprint.post("/courses/<course>/guests")
@login_required  # type: ignore[untyped-decorator]
def set_guests(course: str) -> ResponseReturnValue:
    """Open the course to guests, or (``shut``) close it to them."""
    wanted = "shut" not in request.form
    with writing() as transaction:
        found = taught_course(transaction, course)
        not_over(found)
        if found.guests != wanted:
            courses.open_to_guests(transaction, found.id, guests=wanted)
            action = "course.guests" if wanted else "course.no-guests"
            audit.record(transaction, current_user.user.login, action, found.slug)
    return redirect(url_for("course_settings.show", course=course, _anchor="guests-title"), 303)


# Duplicating, and making one


@blueprint.get("/courses/<course>/duplicate")
@login_required  # type: ignore[untyped-decorator]
def ask_duplicate(course: str) -> ResponseReturnValue:
    """A new course with the same assignments: what it is called and when it begins."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        placed = courses.assignments(transaction, found.id)
    begin = courses.first_day(placed, zone_of(found))
    values = {"slug": "", "title_en": found.title_en, "title_zh": found.title_zh, "start": str(begin or "")}
    return _duplicate_page(found, values, {}, begin, len(placed))


def _duplicate_page(
    course: Course, values: dict[str, str], problems: dict[str, str], begin: date | None, count: int
) -> str:
    return render_template(
        "course/duplicate.html", course=course, role="instructor", values=values, problems=problems,
        begin=begin, count=count, zone=zone_of(course).key,
    )  # fmt: skip


@blueprint.post("/courses/<course>/duplicate")
@login_required  # type: ignore[untyped-decorator]
def duplicate(course: str) -> ResponseReturnValue:
    """Make the new course. Who duplicates it teaches it; nobody else is in it."""
    values = {name: request.form.get(name, "").strip() for name in ("slug", "title_en", "title_zh", "start")}
    values["slug"] = values["slug"].lower()
    problems = _problems(values | {"timezone": ""}) | _slug_problem(values["slug"])
    with writing() as transaction:
        found = taught_course(transaction, course)
        placed = courses.assignments(transaction, found.id)
        begin, zone = courses.first_day(placed, zone_of(found)), zone_of(found)
        start = begin
        if begin is not None:
            try:
                start = date.fromisoformat(values["start"])
            except ValueError:
                problems["start"] = _("Write the first day as 2027-03-01.")
        if not problems.get("slug") and courses.find_course(transaction, values["slug"]) is not None:
            problems["slug"] = _("There is a course with this name in addresses already. Choose another.")
        if not problems:
            days = (start - begin).days if start is not None and begin is not None else 0
            titles = {"title_en": values["title_en"], "title_zh": values["title_zh"]}
            made = courses.duplicate(transaction, found, values["slug"], **titles, days=days, zone=zone)
            enrolments.enrol(transaction, current_user.id, made.id, "instructor")
            details = {"of": found.slug, "days": days}
            audit.record(transaction, current_user.user.login, "course.duplicate", made.slug, details)
    if problems:
        return _duplicate_page(found, values, problems, begin, len(placed)), 422
    return redirect(url_for("assignments.listing", course=values["slug"]), 303)


def _slug_problem(slug: str) -> dict[str, str]:
    if re.fullmatch(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_SLUG - 1}}}", slug):
        return {}
    return {
        "slug": _(
            "The name in addresses has 1 to %(most)s small letters, digits and hyphens, like autodiff-2027.",
            most=LONGEST_SLUG,
        )
    }


def may_make_courses() -> bool:
    """Whether the reader may make a course: whose account is a teacher's or an admin's."""
    return current_user.is_authenticated and current_user.role in {"instructor", "admin"}


@blueprint.get("/new-course")
@login_required  # type: ignore[untyped-decorator]
def ask_new() -> ResponseReturnValue:
    """What a new course is called."""
    if not may_make_courses():
        raise Forbidden
    return _new_page({"slug": "", "title_en": "", "title_zh": "", "timezone": ""}, {})


def _new_page(values: dict[str, str], problems: dict[str, str]) -> str:
    return render_template(
        "course/new.html", values=values, problems=problems, zones=timezones.COMMON,
        server=timezones.known(services().settings.timezone) or "UTC",
    )  # fmt: skip


@blueprint.post("/new-course")
@login_required  # type: ignore[untyped-decorator]
def make() -> ResponseReturnValue:
    """Make a course without assignments, which its maker teaches."""
    if not may_make_courses():
        raise Forbidden
    values = {
        name: request.form.get(name, "").strip() for name in ("slug", "title_en", "title_zh", "timezone")
    }
    values["slug"] = values["slug"].lower()
    problems = _problems(values) | _slug_problem(values["slug"])
    with writing() as transaction:
        if not problems.get("slug") and courses.find_course(transaction, values["slug"]) is not None:
            problems["slug"] = _("There is a course with this name in addresses already. Choose another.")
        if not problems:
            made = courses.add_course(transaction, values["slug"], values["title_en"], values["title_zh"])
            made.timezone = timezones.known(values["timezone"]) if values["timezone"] else None
            enrolments.enrol(transaction, current_user.id, made.id, "instructor")
            audit.record(transaction, current_user.user.login, "course.add", made.slug)
    if problems:
        return _new_page(values, problems), 422
    return redirect(url_for("assignments.pick", course=values["slug"]), 303)
