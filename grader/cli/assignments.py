"""``grade assignment``: the rules of a course's assignments, and extensions for students and sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.cli.lookup import account_called, assignment_of, course_called, open_store
from grader.cli.options import echo, json_option, options, print_json
from grader.cli.rules import (
    INHERIT,
    Change,
    field_options,
    fitting,
    given,
    moved,
    moving_options,
    not_over,
    plain,
    said,
    settled,
    sound,
    words,
    zone_of,
)
from grader.dispatch.versions import Versions
from grader.errors import UsageError
from grader.model.course_dates import shifted
from grader.model.overrides import changes_of, for_student, inherit, to_store
from grader.model.policy import Policy
from grader.store import audit, courses, enrolments, extension_names, judging_versions, rule_changes
from grader.store.policies import layers_of, policy_of
from grader.store.rule_changes import Whose
from grader.store.tables import Assignment, Course, Section

COURSE = click.argument("slug", metavar="COURSE")
EXERCISE = click.argument("exercise", metavar="EXERCISE")
whose_options = options(
    click.option("--student", "login", help="For this account alone."),
    click.option("--section", help="For everybody in this section."),
)


@click.group()
def assignment() -> None:
    """Say by which rules assignments are handed in and count."""


@assignment.command("list")
@options(COURSE, json_option)
def list_assignments(slug: str, as_json: bool) -> None:
    """Print the assignments of COURSE in order, with their rules and extensions."""
    with open_store() as store, store.read() as session:
        where = course_called(session, slug)
        zone = zone_of(where)
        placed = courses.assignments(session, where.id)
        extended = rule_changes.extensions(session, [row.id for row in placed])
        names = extension_names.whose(session, extended, logins=True)
        lines = [
            {
                "exercise": row.exercise,
                **plain(policy_of(row), zone),
                "extensions": [
                    {
                        "student" if each.user_id is not None else "section": names[each.id],
                        "changes": each.changes,
                        "reason": each.reason,
                    }
                    for each in extended
                    if each.assignment_id == row.id
                ],
            }
            for row in placed
        ]
        if as_json:
            print_json({"course": where.slug, "timezone": zone.key, "assignments": lines})
            return
        echo(f"{where.slug}: times in {zone.key}")
        for row, line in zip(placed, lines, strict=True):
            echo(f"  {row.exercise}  {words(policy_of(row), zone)}".rstrip())
            for each in line["extensions"]:
                who = each.get("student") or f"section {each['section']}"
                changes = changes_of(each["changes"]).items()
                echo(f"    {who}: {'  '.join(said(field, value, zone) for field, value in changes)}")


@assignment.command("set")
@options(COURSE, EXERCISE, field_options, moving_options, json_option)
def set_rules(slug: str, exercise: str, yes: bool, reason: str, as_json: bool, **fields: str | None) -> None:
    """Change the rules of EXERCISE in COURSE; what is not named stays."""
    with open_store() as store, store.write() as session:
        where, placed = course_called(session, slug), assignment_of(session, slug, exercise)
        not_over(where)
        zone, before = zone_of(where), policy_of(placed)
        changes = given(fields, zone)
        if INHERIT in changes.values():
            raise UsageError("an assignment's own rules inherit nothing: 'inherit' is for 'extend'")
        policy = inherit(before, changes)
        fitting(session, placed, policy)
        differing = rule_changes.differing(before, policy)
        moves = rule_changes.set_policy(session, placed, policy) if differing else []
        if differing:
            change = Change(where, placed, "assignment.rules", {"changes": differing})
            settled(session, change, moves, yes=yes, reason=reason)
    if as_json:
        print_json({"exercise": exercise, **plain(policy, zone), "moved": len(moves)})
    else:
        echo(f"{exercise}: {words(policy, zone) or 'the usual rules'}" + moved(moves))


@assignment.command("extend")
@options(
    COURSE, EXERCISE, whose_options,
    click.option("--days", type=click.IntRange(1, 366), help="Put the due date off by so many days."),
    field_options, moving_options, json_option,
)  # fmt: skip
def extend(
    slug: str,
    exercise: str,
    login: str | None,
    section: str | None,
    days: int | None,
    yes: bool,
    reason: str,
    as_json: bool,
    **fields: str | None,
) -> None:
    """Give a student or a section other rules; 'inherit' for a field takes one back.

    What is not named stays as it is: inherited, or as it was given before.
    """
    with open_store() as store, store.write() as session:
        where, placed = course_called(session, slug), assignment_of(session, slug, exercise)
        not_over(where)
        zone = zone_of(where)
        whose, name, inherited, own = _target(session, where, placed, login, section)
        changes = given(fields, zone)
        if days is not None:
            changes = _put_off(inherit(inherited, own), days, zone) | changes
        if not changes:
            raise UsageError("say what differs: --days, --due, --attempts …; 'unextend' takes all of it back")
        chosen = {field: value for field, value in (own | changes).items() if value != INHERIT}
        policy = inherit(inherited, chosen)
        sound(policy)
        moves = rule_changes.extend(session, placed, whose, chosen, reason=reason, by=None)
        details = {"for": name, "changes": to_store(chosen)}
        change = Change(where, placed, "assignment.extension", details)
        settled(session, change, moves, yes=yes, reason=reason)
    if as_json:
        print_json({"exercise": exercise, "for": name, "changes": to_store(chosen), **plain(policy, zone)})
        return
    differs = "  ".join(said(field, value, zone) for field, value in chosen.items())
    echo(f"{name}, {exercise}: {differs or 'inherits everything'}{moved(moves)}")


@assignment.command("unextend")
@options(COURSE, EXERCISE, whose_options, moving_options)
def unextend(
    slug: str, exercise: str, login: str | None, section: str | None, yes: bool, reason: str
) -> None:
    """Take a student's or a section's extension back: they inherit everything."""
    with open_store() as store, store.write() as session:
        where, placed = course_called(session, slug), assignment_of(session, slug, exercise)
        not_over(where)
        whose, name, _inherited, own = _target(session, where, placed, login, section)
        if not own:
            raise UsageError(f"{name} has no extension in '{exercise}'")
        moves = rule_changes.extend(session, placed, whose, {}, reason=reason, by=None)
        details = {"for": name, "changes": {}}
        change = Change(where, placed, "assignment.extension", details)
        settled(session, change, moves, yes=yes, reason=reason)
    echo(f"{name}, {exercise}: inherits everything{moved(moves)}")


@assignment.command("versions")
@options(
    COURSE,
    click.argument("exercise", metavar="[EXERCISE]", required=False),
    click.option("--allow-versions", "allow", is_flag=True,
                 help="Have them judged by the versions that are here, or that were refused, from now on."),
    json_option,
)  # fmt: skip
def versions(slug: str, exercise: str | None, allow: bool, as_json: bool) -> None:
    """Print by which versions of torch and numpy EXERCISE of COURSE, or each of its exercises, is judged.

    The first verdict decides. What is handed in to an assignment that others judge waits until these are
    allowed; the verdicts that are there stay as they are.
    """
    here = Versions.here().family
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        placed = courses.assignments(session, where.id)
        if exercise is not None:
            placed = [assignment_of(session, slug, exercise)]
        if allow:
            not_over(where)
            for family, ids in _to_allow(placed, here).items():
                new = judging_versions.allow(session, ids, family)
                if new:
                    details = {"versions": family, "exercises": new}
                    audit.record(session, "system", "course.versions", where.slug, details)
        waiting = judging_versions.waiting(session, [row.id for row in placed])
        lines = [
            {
                "exercise": row.exercise,
                "versions": list(judging_versions.families(row.versions)),
                "refused": judging_versions.refused_now(row),
                "waiting": waiting.get(row.id, 0),
            }
            for row in placed
        ]
    if as_json:
        print_json({"course": where.slug, "here": here, "assignments": lines})
        return
    echo(f"{where.slug}: here are {here}")
    for row in placed:
        refused = judging_versions.refused_now(row)
        said = " or ".join(judging_versions.families(row.versions)) or "not judged yet"
        waits = f"  {waiting.get(row.id, 0)} wait: {refused} is not allowed" if refused else ""
        echo(f"  {row.exercise}  {said}{waits}")


def _to_allow(placed: Sequence[Assignment], here: str) -> dict[str, list[int]]:
    """Which assignments are to be judged by which versions, too: those that were refused, else those here."""
    wanted: dict[str, list[int]] = {}
    for row in placed:
        wanted.setdefault(judging_versions.refused_now(row) or here, []).append(row.id)
    return wanted


def _target(
    session: Session, course: Course, placed: Assignment, login: str | None, section: str | None
) -> tuple[Whose, str, Policy, dict[str, Any]]:
    """For whom an extension is, what that is called, what is inherited and what differs now."""
    if (login is None) == (section is None):
        raise UsageError("say for whom: --student LOGIN or --section NAME")
    if login is not None:
        user = account_called(session, login)
        if enrolments.enrolment(session, user.id, course.id) is None:
            raise UsageError(f"{login} is not in the course '{course.slug}'")
        in_sections, own = layers_of(session, placed, user.id)
        inherited = for_student(policy_of(placed), in_sections)
        return Whose(user_id=user.id), user.login, inherited, changes_of(own or {})
    row = session.scalar(select(Section).where(Section.course_id == course.id, Section.name == section))
    if row is None:
        known = ", ".join(each.name for each in extension_names.sections(session, course.id)) or "none"
        raise UsageError(f"there is no section '{section}' in '{course.slug}' (there is: {known})")
    kept = rule_changes.extension(session, placed.id, Whose(section_id=row.id))
    own = changes_of(kept.changes if kept is not None else {})
    return Whose(section_id=row.id), f"section {row.name}", policy_of(placed), own


def _put_off(policy: Policy, days: int, zone: Any) -> dict[str, Any]:
    """The due date so many days later, and a closing of its own as much."""
    if policy.due is None:
        raise UsageError("there is no due date that could be put off; give --due")
    dates = {"due": policy.due} | ({"closes": policy.closes} if policy.closes is not None else {})
    return {field: shifted(value, days, zone) for field, value in dates.items()}
