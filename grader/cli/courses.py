"""``grade course``: courses, their exercises and deadlines, and the link by which students join."""

from __future__ import annotations

import difflib
import zoneinfo
from datetime import date

import click
import msgspec

from grader.cli.lookup import assignment_of, course_called, open_store
from grader.cli.moments import moment_of
from grader.cli.options import echo, json_option, library_of, options, print_json, settings_now
from grader.cli.rules import Change, fitting, moving_options, not_over, plain, settled, zone_of
from grader.errors import UsageError
from grader.store import audit, courses, rule_changes
from grader.store.policies import policy_of


@click.group()
def course() -> None:
    """Make courses and put exercises into them."""


@course.command("add")
@click.argument("slug")
@click.argument("title")
@click.option("--title-zh", default="", help="The title in Chinese.")
@click.argument("exercises", metavar="EXERCISE...", nargs=-1, required=True)
def add_course(slug: str, title: str, title_zh: str, exercises: tuple[str, ...]) -> None:
    """Make a course called SLUG with these exercises, in this order."""
    _check_exercises(exercises)
    with open_store() as store, store.write() as session:
        if courses.find_course(session, slug) is not None:
            raise UsageError(f"there is a course '{slug}' already; choose another name")
        made = courses.add_course(session, slug, title, title_zh)
        session.flush()
        for exercise in exercises:
            courses.assign(session, made.id, exercise)
        audit.record(session, "system", "course.add", slug)
    echo(f"course '{slug}' with {len(exercises)} exercises")


@course.command("show")
@options(click.argument("slug"), json_option)
def show_course(slug: str, as_json: bool) -> None:
    """Print what SLUG consists of: its titles, and each exercise with the times it opens and is due.

    Times are those of the course's zone. 'grade assignment list' prints every other rule, too.
    """
    with open_store() as store, store.read() as session:
        where = course_called(session, slug)
        zone = zone_of(where)
        placed = courses.assignments(session, where.id)
        if as_json:
            about = {
                "course": where.slug, "title_en": where.title_en, "title_zh": where.title_zh,
                "timezone": zone.key, "archived": where.archived_at is not None,
                "guests": where.guests,
            }  # fmt: skip
            lines = [{"exercise": row.exercise, **plain(policy_of(row), zone)} for row in placed]
            print_json(about | {"assignments": lines})
            return
        echo(f"{where.slug}  {where.title_en}" + (f"  {where.title_zh}" if where.title_zh else ""))
        if where.archived_at is not None:
            echo(f"  archived since {where.archived_at.astimezone(zone):%Y-%m-%d %H:%M %Z}")
        if where.guests:
            echo(f"  open to guests: /courses/{where.slug}")
        for each in placed:
            opens = "" if each.opens is None else f"  opens {each.opens.astimezone(zone):%Y-%m-%d %H:%M %Z}"
            due = "" if each.due is None else f"  due {each.due.astimezone(zone):%Y-%m-%d %H:%M %Z}"
            echo(f"  {each.exercise}{opens}{due}")


@course.command("change")
@click.argument("slug")
@click.option("--title", help="The new title in English.")
@click.option("--title-zh", help="The new title in Chinese.")
@click.option("--timezone", help="The zone of its dates, such as Europe/Berlin; 'server' for the server's.")
def change_course(slug: str, title: str | None, title_zh: str | None, timezone: str | None) -> None:
    """Change the titles of SLUG, or the zone in which its dates are typed.

    No moment changes with the zone.
    """
    if title is None and title_zh is None and timezone is None:
        raise UsageError("give --title, --title-zh or --timezone")
    zone = None if timezone in (None, "server") else _zone_called(timezone or "")
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        not_over(where)
        courses.entitle(session, where.id, title_en=title, title_zh=title_zh)
        if timezone is not None:
            courses.set_timezone(session, where.id, zone)
        changed = {"title": title, "title_zh": title_zh, "timezone": timezone}
        audit.record(session, "system", "course.change", slug, changed)
    said = "its new title" if timezone is None else f"dates in {zone or 'the zone of the server'}"
    echo(f"course '{slug}' has {said}")


@course.command("assign")
@click.argument("slug")
@click.argument("exercises", metavar="EXERCISE...", nargs=-1, required=True)
@click.option("--opens", help="When they open, as 2027-03-01T08:00+01:00; 'now' for at once.")
@click.option("--due", help="When they are due, likewise; 'never' for no deadline.")
@moving_options
def assign(
    slug: str, exercises: tuple[str, ...], opens: str | None, due: str | None, yes: bool, reason: str
) -> None:
    """Set exercises in SLUG, last; or change the times of those that are set already.

    Times without an offset are those of the course's zone. 'grade assignment set' changes every other rule.
    """
    _check_exercises(exercises)
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        not_over(where)
        for exercise in exercises:
            found = courses.find_assignment(session, where.id, exercise)
            placed = found or courses.assign(session, where.id, exercise)
            start = moment_of("--opens", opens, "now", placed.opens, zone_of(where))
            end = moment_of("--due", due, "never", placed.due, zone_of(where))
            if start is not None and end is not None and end <= start:
                raise UsageError(f"'{exercise}' would be due before it opens; nothing was changed")
            policy = msgspec.structs.replace(policy_of(placed), opens=start, due=end)
            fitting(session, placed, policy)
            moves = rule_changes.set_policy(session, placed, policy)
            settled(
                session, Change(where, placed, "course.assign", {"opens": opens, "due": due}), moves,
                yes=yes, reason=reason,
            )  # fmt: skip
    echo(f"course '{slug}': {', '.join(exercises)} set")


@course.command("withdraw")
@click.argument("slug")
@click.argument("exercise")
@click.option("--with-submissions", is_flag=True, help="Also when students have handed in: that is deleted.")
def withdraw(slug: str, exercise: str, with_submissions: bool) -> None:
    """Take EXERCISE out of SLUG."""
    with open_store() as store, store.write() as session:
        not_over(course_called(session, slug))
        placed = assignment_of(session, slug, exercise)
        count = courses.submissions_to(session, placed.id)
        if count and not with_submissions:
            raise UsageError(
                f"{count} submissions to '{exercise}' would be deleted; set a deadline instead "
                f"('grade course assign {slug} {exercise} --due …'), or give --with-submissions"
            )
        courses.withdraw(session, placed.id)
        audit.record(session, "system", "course.unassign", slug, {"exercise": exercise, "submissions": count})
    echo(f"'{exercise}' is no longer in '{slug}'" + (f"; {count} submissions were deleted" if count else ""))


@course.command("invite")
@click.argument("slug")
@click.option("--new", "anew", is_flag=True, help="Replace the link: the old one stops working.")
@click.option("--off", is_flag=True, help="Withdraw the link: nobody can join by it any more.")
def invite(slug: str, anew: bool, off: bool) -> None:
    """Print the path of the link by which anybody who has it joins SLUG as a student."""
    if anew and off:
        raise UsageError("--new and --off contradict each other; give one of them")
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        before = where.join_code
        if off:
            courses.withdraw_invitation(session, where.id)
            said = f"course '{slug}': nobody can join by a link now"
        else:
            said = f"/join/{courses.invite(session, where.id, anew=anew)}"
        if off or said != f"/join/{before}":
            audit.record(session, "system", "course.withdraw" if off else "course.invite", slug)
    echo(said)


@course.command("duplicate")
@click.argument("slug")
@click.argument("new")
@click.option("--start", help="The first day of the new course, as 2028-03-01: every date moves with it.")
@click.option("--title", help="The new title in English (default: the same).")
@click.option("--title-zh", help="The new title in Chinese (default: the same).")
def duplicate(slug: str, new: str, start: str | None, title: str | None, title_zh: str | None) -> None:
    """Make the course NEW with the assignments and rules of SLUG, and nothing of people."""
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        zone = zone_of(where)
        first = courses.first_day(courses.assignments(session, where.id), zone)
        days = 0 if start is None else (_day(start) - _known(first, slug)).days
        courses.duplicate(
            session,
            where,
            new,
            title_en=where.title_en if title is None else title,
            title_zh=where.title_zh if title_zh is None else title_zh,
            days=days,
            zone=zone,
        )
        audit.record(session, "system", "course.duplicate", new, {"of": slug, "days": days})
    echo(f"course '{new}' has the assignments of '{slug}'" + (f", {days} days later" if days else ""))


@course.command("guests")
@click.argument("slug")
@click.option("--off", is_flag=True, help="Close it to guests again.")
def guests(slug: str, off: bool) -> None:
    """Open SLUG to guests: anybody tries its open exercises without an account, and nothing is stored.

    Exercises with a limit on attempts stay closed to them.
    """
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        not_over(where)
        if where.guests == off:
            courses.open_to_guests(session, where.id, guests=not off)
            audit.record(session, "system", "course.no-guests" if off else "course.guests", slug)
    echo(
        f"course '{slug}' is closed to guests"
        if off
        else f"course '{slug}' is open to guests: /courses/{slug}"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--start '{text[:40]}' is no day: write 2028-03-01") from None


def _known(first: date | None, slug: str) -> date:
    if first is None:
        raise UsageError(f"no assignment of '{slug}' has a date; leave --start out")
    return first


@course.command("archive")
@click.argument("slug")
@click.option("--undo", is_flag=True, help="Take it out of the archive: it goes on.")
def archive(slug: str, undo: bool) -> None:
    """SLUG is over: nothing is handed in any more and no rule changes. It can still be read."""
    with open_store() as store, store.write() as session:
        where = course_called(session, slug)
        if (where.archived_at is None) == undo:
            raise UsageError(f"'{slug}' is not archived" if undo else f"'{slug}' is archived already")
        courses.archive(session, where.id, over=not undo)
        audit.record(session, "system", "course.unarchive" if undo else "course.archive", slug)
    echo(f"course '{slug}' goes on" if undo else f"course '{slug}' is archived: it can be read")


def _zone_called(name: str) -> str:
    """:raises UsageError: there is no such zone; the nearest is named."""
    known = zoneinfo.available_timezones()
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean '{near[0]}'?" if near else "write it like Europe/Berlin"
    raise UsageError(f"there is no time zone '{name[:60]}': {hint}")


def _check_exercises(slugs: tuple[str, ...]) -> None:
    """:raises UnknownExercise: for one that there is not."""
    library = library_of(settings_now())
    for slug in slugs:
        library.get(slug)
