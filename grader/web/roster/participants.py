"""Roster: everybody of a course, for who teaches it; roles, who is in it, links for who has no password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from grader.store import audit, members, recovery, roster_changes, sections
from grader.store.members import LastInstructor, Member
from grader.store.tables import Course, CourseRole, RosterImport, Section, User, utcnow
from grader.web.access import taught_course
from grader.web.context import Welcome, services
from grader.web.rate_limits import spend_link_made
from grader.web.roster.downloads import csv_file
from grader.web.roster.people_table import People, chosen, filtered
from grader.web.transactions import reading, writing
from grader.web.ui.languages import _, language, ngettext

blueprint = Blueprint("participants", __name__)

ROLES: Final[tuple[CourseRole, ...]] = get_args(CourseRole)
MOST_CHOSEN: Final = 5_000


@blueprint.get("/courses/<course>/students")
@login_required  # type: ignore[untyped-decorator]
def listing(course: str) -> ResponseReturnValue:
    """Everybody of the course."""
    with reading() as transaction:
        found = taught_course(transaction, course)
        gathered = _gather(transaction, found)
    return _page(found, *gathered)


@blueprint.get("/courses/<course>/password-links/<int(max=2147483647):user_id>")
@login_required  # type: ignore[untyped-decorator]
def to_listing(course: str, user_id: int) -> ResponseReturnValue:  # noqa: ARG001 – it is in the address
    """Where the page with a link stands, a reload or a change of language leads back to the list."""
    return redirect(url_for("participants.listing", course=course))


@blueprint.post("/courses/<course>/password-links/<int(max=2147483647):user_id>")
@login_required  # type: ignore[untyped-decorator]
def make_link(course: str, user_id: int) -> ResponseReturnValue:
    """A link to a new password for a student. It is shown in this answer and never again."""
    lifetime = timedelta(hours=services().settings.password_link_hours)
    with reading() as transaction:
        found = taught_course(transaction, course)
        gathered = _gather(transaction, found)
    spend_link_made(current_user.id)
    token = None
    with writing() as transaction:
        member = members.find(transaction, found.id, user_id)
        if member is None or not member.enrolment.active:
            raise NotFound
        if recovery.may_be_helped(transaction, member.user, found.id):
            token = recovery.make_link(transaction, user_id, lifetime=lifetime, course_id=found.id)
            _note(transaction, "account.link", member.user.login, found)
    if token is None:
        problem = _("Not for this account: who runs this server can give it a new password.")
        return _page(found, *gathered, problem=problem), 403
    link = url_for("passwords.choose", token=token, _external=True)
    page = _page(found, *gathered, user=member.user, link=link, until=utcnow() + lifetime)
    return page, {"Cache-Control": "no-store"}


@blueprint.get("/courses/<course>/members")
@login_required  # type: ignore[untyped-decorator]
def to_list(course: str) -> ResponseReturnValue:
    """Where the list's form posts to, a reload or a change of language leads back to the list."""
    return redirect(url_for("participants.listing", course=course))


@blueprint.post("/courses/<course>/members")
@login_required  # type: ignore[untyped-decorator]
def change(course: str) -> ResponseReturnValue:
    """Do something to those who are ticked: let them out or in, give a role, change their sections."""
    ids = chosen(request.form.getlist("who"), MOST_CHOSEN)
    action = request.form.get("action", "")
    with writing() as transaction:
        found = taught_course(transaction, course)
        try:
            with transaction.begin_nested():
                said, problem = _act(transaction, found, action, ids)
        except LastInstructor:
            said, problem = (
                "",
                _("Nobody would teach this course any more. Give somebody else that role first."),
            )
        gathered = _gather(transaction, found) if problem else None
    if gathered is not None:
        return _page(found, *gathered, problem=problem, ticked=ids), 409
    flash(said)
    values: dict[str, Any] = {"course": course, **_kept()}
    return redirect(url_for("participants.listing", **values), 303)


def _act(transaction: Session, course: Course, action: str, ids: Sequence[int]) -> tuple[str, str]:
    """What was done, or why nothing was."""
    if not ids:
        return "", _("Nobody was ticked. Tick those whom it is for, then press the button again.")
    if action in {"enter", "leave"}:
        return _section(transaction, course, ids, enters=action == "enter")
    if current_user.id in ids:
        return "", _("You ticked yourself. Ask somebody else who teaches this course, or untick yourself.")
    if action in {"let-out", "let-in"}:
        return _let(transaction, course, ids, active=action == "let-in"), ""
    if action == "role":
        return _role(transaction, course, ids)
    return "", _("Choose what to do.")


def _let(transaction: Session, course: Course, ids: Sequence[int], *, active: bool) -> str:
    users = members.set_active(transaction, course.id, ids, active)
    action = "account.reenrol" if active else "account.unenrol"
    _note_all(transaction, action, {user.login: {} for user in users}, course)
    if active:
        return ngettext(
            "%(num)d person is in the course again.", "%(num)d people are in the course again.", len(users)
        )
    return ngettext(
        "%(num)d person is no longer in the course. What was handed in stays.",
        "%(num)d people are no longer in the course. What was handed in stays.",
        len(users),
    )


def _role(transaction: Session, course: Course, ids: Sequence[int]) -> tuple[str, str]:
    wanted = request.form.get("role", "")
    if wanted not in ROLES:
        return "", _("Choose a role first.")
    changed = members.set_role(transaction, course.id, ids, wanted)
    count = len(changed)
    _note_all(
        transaction, "account.role", {u.login: {"was": was, "role": wanted} for u, was in changed}, course
    )
    return ngettext(
        "%(num)d person has another role now.", "%(num)d people have another role now.", count
    ), ""


def _section(transaction: Session, course: Course, ids: Sequence[int], *, enters: bool) -> tuple[str, str]:
    section = sections.find(transaction, course.id, request.form.get("section", 0, type=int))
    if section is None:
        return "", _("Choose a section first.")
    if enters:
        count = sections.enter(transaction, section, ids)
        said = ngettext(
            "%(num)d person was put into the section.", "%(num)d people were put into the section.", count
        )
    else:
        count = sections.leave(transaction, section, ids)
        said = ngettext(
            "%(num)d person was taken out of the section.",
            "%(num)d people were taken out of the section.",
            count,
        )
    if count:
        event = "section.enter" if enters else "section.leave"
        _note(transaction, event, section.name, course, people=count)
    return said, ""


def _note(transaction: Session, event: str, subject: str, course: Course, **more: object) -> None:
    audit.record(transaction, current_user.user.login, event, subject, {"course": course.slug, **more})


def _note_all(
    transaction: Session, event: str, subjects: Mapping[str, dict[str, Any]], course: Course
) -> None:
    where = {"course": course.slug}
    audit.record_all(
        transaction, current_user.user.login, event, {name: where | more for name, more in subjects.items()}
    )


Gathered = tuple[list[Member], Sequence[Section], RosterImport | None]


def _gather(transaction: Session, course: Course) -> Gathered:
    everybody, named = members.listing(transaction, course.id)
    return everybody, named, roster_changes.latest(transaction, course.id)


def _kept() -> dict[str, str]:
    """The filter, which goes along from one page to the next."""
    return {
        name: request.values[name][:200] for name in ("q", "in", "role", "state") if request.values.get(name)
    }


def _page(
    course: Course,
    everybody: Sequence[Member],
    named: Sequence[Section],
    last: RosterImport | None,
    *,
    problem: str = "",
    user: User | None = None,
    ticked: Sequence[int] = (),
    **shown: object,
) -> str:
    people: People = filtered(everybody, request.values)
    return render_template(
        "roster/roster.html",
        course=course,
        role="instructor",
        people=people,
        named=named,
        section_names={each.id: each.name for each in named},
        sizes={each.id: sum(each.id in m.section_ids for m in everybody) for each in named},
        without_password=sum(m.user.password_hash is None and m.may_be_helped for m in everybody),
        mails=services().mailer is not None,
        last=last,
        by=next((m.user.name for m in everybody if last is not None and m.user.id == last.by), ""),
        problem=problem,
        user=user,
        ticked=set(ticked),
        kept=_kept(),
        roles=ROLES,
        **shown,
    )


@blueprint.post("/courses/<course>/password-links")
@login_required  # type: ignore[untyped-decorator]
def make_links(course: str) -> ResponseReturnValue:
    """A one-time link for everybody of the course who has no password yet, as a CSV file."""
    hours = services().settings.password_link_hours
    spend_link_made(current_user.id)
    with writing() as transaction:
        found = taught_course(transaction, course)
        everybody, _named = members.listing(transaction, found.id)
        wanted = [m.user for m in everybody if m.user.password_hash is None and m.may_be_helped]
        tokens = recovery.make_links(
            transaction, [user.id for user in wanted], lifetime=timedelta(hours=hours), course_id=found.id
        )
        _note_all(transaction, "account.link", {user.login: {} for user in wanted}, found)
    until = utcnow() + timedelta(hours=hours)
    rows = [
        (
            user.login,
            user.name,
            user.email or "",
            url_for("passwords.choose", token=tokens[user.id], _external=True),
        )
        for user in wanted
    ]
    return csv_file(
        f"{found.slug}-links",
        [
            ("login", "name", "email", "link", "works_until"),
            *((*row, until.isoformat(timespec="minutes")) for row in rows),
        ],
    )


@blueprint.post("/courses/<course>/password-mails")
@login_required  # type: ignore[untyped-decorator]
def mail_links(course: str) -> ResponseReturnValue:
    """The same links, each sent to its owner; who has no address is left for the file."""
    mailer = services().mailer
    with reading() as transaction:
        found = taught_course(transaction, course)
        everybody, _named = members.listing(transaction, found.id)
    if mailer is None:
        raise NotFound
    spend_link_made(current_user.id)
    wanted = tuple(
        m.user.id
        for m in everybody
        if m.user.password_hash is None and m.may_be_helped and recovery.mailbox(m.user) is not None
    )
    if mailer.ask(Welcome(wanted, found.id, found.title(language()), language())):
        flash(ngettext("%(num)d mail is being sent.", "%(num)d mails are being sent.", len(wanted)))
    else:
        flash(_("Too many mails are waiting to be sent. Try again in a few minutes."))
    return redirect(url_for("participants.listing", course=course), 303)


@blueprint.get("/courses/<course>/password-links")
@blueprint.get("/courses/<course>/password-mails")
@login_required  # type: ignore[untyped-decorator]
def to_roster(course: str) -> ResponseReturnValue:
    """Where these buttons post to, a reload or a change of language leads back to the list."""
    return redirect(url_for("participants.listing", course=course))
