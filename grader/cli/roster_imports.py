"""``grade roster import``: the plan of an import, carried out or only printed; and undoing the last one."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text as Line
from sqlalchemy.orm import Session

from grader.cli.console import console
from grader.cli.lookup import course_called, open_store
from grader.cli.options import FULL, PARTIAL, echo, print_json
from grader.cli.problems import MOST_SHOWN, STYLES, print_problems, problems_as_json
from grader.errors import UsageError
from grader.model.inert import inert
from grader.model.roster import Step
from grader.rosters.people import Problem, Roster
from grader.rosters.plan import Plan, make_plan
from grader.rosters.rows import quoted
from grader.store import audit, roster_changes
from grader.store.tables import Course

STATES = ("new", "changed", "gone", "same")
WHATS = {"sis_id": "number", "active": "inactive until now", "email": "e-mail"}


def run(found: Roster, slug: str, *, dry_run: bool, keep_absent: bool, existing: bool, as_json: bool) -> int:
    """Import a list that was read, or print what that would do."""
    with open_store() as store:
        if dry_run:
            with store.read() as session:
                plan = _plan(session, course_called(session, slug), found, keep_absent)
        else:
            with store.write() as session:
                course = course_called(session, slug)
                roster_changes.locked(session, course.id)
                plan = _plan(session, course, found, keep_absent)
                if not _problems(found, plan):
                    if plan.entering and not existing:
                        raise UsageError(_looks(plan))
                    _carry_out(session, course, plan)
    problems = _problems(found, plan)
    done = not dry_run and not problems
    if as_json:
        print_json({
            "done": done,
            "counts": {state: plan.count(state) for state in STATES},
            "people": [_as_json(step) for step in plan.steps],
            "problems": problems_as_json(problems),
        })  # fmt: skip
    else:
        _print(plan, done)
        print_problems(problems)
    return PARTIAL if problems else FULL


def undo(slug: str, as_json: bool) -> int:
    """Undo the last import into a course."""
    with open_store() as store, store.write() as session:
        course = course_called(session, slug)
        roster_changes.locked(session, course.id)
        row = roster_changes.latest(session, course.id)
        if row is None:
            raise UsageError(f"there is no import into '{slug}' that can be undone")
        undone = roster_changes.undo(session, row)
        audit.record(session, "system", "roster.undo", slug, {"course": slug, "people": undone.people})
    if as_json:
        print_json({"people": undone.people, "left": list(undone.left)})
        return FULL
    echo(f"the last import into '{slug}' is undone for {undone.people - len(undone.left):,} people")
    if undone.left:
        echo("changed or used since, and left as they are: " + ", ".join(undone.left))
    return FULL


def _plan(session: Session, course: Course, found: Roster, keep_absent: bool) -> Plan:
    known, names = roster_changes.known(
        session, course.id, [one.login for one in found.people], [one.email for one in found.people]
    )
    return make_plan(
        found.people, known, names, with_sections="section" in found.columns, keep_absent=keep_absent
    )


def _carry_out(session: Session, course: Course, plan: Plan) -> None:
    done = roster_changes.apply(session, course.id, plan.steps, by=None, language="en")
    if done.row is not None:
        counts: dict[str, Any] = {state: plan.count(state) for state in STATES}
        audit.record(session, "system", "roster.import", course.slug, {"course": course.slug} | counts)


def _problems(found: Roster, plan: Plan) -> list[Problem]:
    return sorted([*found.problems, *plan.problems], key=lambda problem: problem.line)


def _looks(plan: Plan) -> str:
    entering = plan.entering
    said = ", ".join(f"line {step.line}: {quoted(step.login)} ({inert(step.name)})" for step in entering[:5])
    more = ", …" if len(entering) > 5 else ""
    return (
        f"{len(entering)} of the list have an account here and were never in the course ({said}{more}): look "
        "whether they are the people you mean (--dry-run lists all), then add --existing"
    )


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "line": step.line, "state": step.state, "login": step.login, "name": step.name, "email": step.email,
        "sis_id": step.sis_id, "sections": None if step.sections is None else list(step.sections),
        "existing": step.enters, "changes": [vars(each) for each in step.changes],
        "kept": [vars(each) for each in step.kept],
    }  # fmt: skip


def _print(plan: Plan, done: bool) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("line", "name", "login", "what happens"):
        table.add_column(title, overflow="fold")
    shown = [step for step in plan.steps if step.state != "same"]
    for step in shown[:MOST_SHOWN]:
        cells = [str(step.line or ""), step.name, step.login]
        table.add_row(
            *(Line(inert(cell, lines=False)) for cell in cells),
            Line(inert(_said(step), lines=False), style=STYLES[step.state]),
        )
    if shown:
        console().print(table)
    if len(shown) > MOST_SHOWN:
        echo(f"… and {len(shown) - MOST_SHOWN:,} more: --json prints all")
    counts = ", ".join(f"{plan.count(state):,} {state}" for state in STATES)
    echo(f"{counts}. " + ("Imported: --undo takes it back." if done and shown else "Nothing was changed."))


def _said(step: Step) -> str:
    parts = [
        f"{WHATS.get(each.what, each.what)} {quoted(each.was)} → {quoted(each.says)}"
        if each.what != "active"
        else WHATS["active"]
        for each in step.changes
    ]
    parts += [f"{WHATS.get(each.what, each.what)} stays {quoted(each.was)}" for each in step.kept]
    state: str = "gone: becomes inactive" if step.state == "gone" else step.state
    if step.enters:
        state = "new here, with an account"
    return state + (": " + "; ".join(parts) if parts else "")
