"""``grade regrade``: proposals to change scores, made, looked at, accepted and undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click
from rich.table import Table
from sqlalchemy.orm import Session

from grader.cli.console import console
from grader.cli.lookup import account_called, assignment_of, course_called, open_store
from grader.cli.moments import moment_of
from grader.cli.options import FULL, PARTIAL, debug_option, echo, json_option, options, print_json
from grader.errors import UsageError
from grader.model.inert import inert
from grader.model.late_parser import parse_late
from grader.store import audit, regrade_causes, regrades, submissions, users
from grader.store.database import Store
from grader.store.regrade_causes import Cause
from grader.store.regrade_effects import Effect, Move, effect
from grader.store.tables import Assignment, Course, Regrade

_LOOK = 0.5
"""Seconds between two looks at how far it is."""


@click.group()
def regrade() -> None:
    """Change scores by proposals: rerun or rescore, look at who moves, accept, undo.

    A rerun has what was handed in judged anew by the server that serves this database. A rescore counts
    what is stored by other rules; nothing is run. Neither changes anything before it is accepted.
    """


@regrade.command("rerun")
@click.argument("course")
@click.argument("exercise")
@click.option("--reason", required=True, help="Why: those whose score moves are told it.")
@click.option("--student", "login", help="Only what this account handed in.")
@click.option(
    "--submission", "ids", multiple=True, metavar="ID", help="Only this submission; may be repeated."
)
@click.option(
    "--sample", is_flag=True, help="Begin with 200 of them; 'grade regrade go-on' has the rest judged."
)
@click.option("--rtol", type=float, help="Try another relative tolerance. Such a proposal is never accepted.")
@options(json_option, debug_option)
def rerun(
    course: str,
    exercise: str,
    reason: str,
    login: str | None,
    ids: tuple[str, ...],
    sample: bool,
    rtol: float | None,
    as_json: bool,
    debug: bool,  # noqa: ARG001
) -> int:
    """Propose to judge again what was handed in to EXERCISE: all of it, or some."""
    with open_store() as store:
        with store.write() as session:
            placed = assignment_of(session, course, exercise)
            some = _chosen(session, placed, login, ids)
            made = regrades.propose_rerun(
                session, placed.id, some, reason=reason, by=None, rtol=rtol, sample=sample
            )
            _record(session, made, course, exercise, "propose")
            number = made.id
        return _say(store, number, as_json)


@regrade.command("rescore")
@click.argument("course")
@click.argument("exercise")
@click.option("--reason", required=True, help="Why: those whose score moves are told it.")
@click.option("--points", help="What full marks are worth; 'own' for the exercise's own maximum.")
@click.option("--late", help="The late rule, as 'until +1 day: 90 %; until +3 days: 50 %'; '' for none.")
@click.option("--due", help="When it is due, as 2027-03-01T18:00+01:00; 'never' for no deadline.")
@click.option("--grace", type=int, help="So many minutes after it an answer is still in time.")
@click.option("--counts", type=click.Choice(["best", "last"]), help="Which attempt counts.")
@click.option("--student", "logins", multiple=True, help="Only for this account; may be repeated.")
@options(json_option, debug_option)
def rescore(
    course: str,
    exercise: str,
    reason: str,
    points: str | None,
    late: str | None,
    due: str | None,
    grace: int | None,
    counts: str | None,
    logins: tuple[str, ...],
    as_json: bool,
    debug: bool,  # noqa: ARG001
) -> int:
    """Propose other rules by which the stored results of EXERCISE count."""
    change: dict[str, Any] = {}
    if points is not None:
        change["points"] = None if points == "own" else _number("--points", points)
    if late is not None:
        change["late"] = parse_late(late)
    if due is not None:
        change["due"] = moment_of("--due", due, "never", None)
    if grace is not None:
        change["grace_minutes"] = grace
    if counts is not None:
        change["counts"] = counts
    with open_store() as store:
        with store.write() as session:
            placed = assignment_of(session, course, exercise)
            whom = [account_called(session, login).id for login in logins] or None
            made = regrades.propose_rescore(session, placed.id, change, reason=reason, by=None, user_ids=whom)
            _record(session, made, course, exercise, "propose")
            number = made.id
        return _say(store, number, as_json)


@regrade.command("list")
@click.argument("course")
@options(json_option, debug_option)
def list_(course: str, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """List the proposals of COURSE, newest first."""
    with open_store() as store, store.read() as session:
        found = regrades.of_course(session, course_called(session, course).id)
        if as_json:
            print_json({"regrades": [_row_json(row, exercise) for row, exercise in found]})
            return FULL
    for row, exercise in found:
        echo(f"{row.id}  {row.state:<9}  {row.kind:<7}  {exercise}  {inert(row.reason, lines=False)[:80]}")
    if not found:
        echo("no proposals yet: 'grade regrade rerun' and 'grade regrade rescore' make one")
    return FULL


@regrade.command("show")
@click.argument("number", type=int)
@click.option("--wait", is_flag=True, help="Wait until all has been judged.")
@options(json_option, debug_option)
def show(number: int, wait: bool, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Show who moves by proposal NUMBER, from what to what, and why.

    Exit status: 0 nothing is left to be judged, 1 something is.
    """
    with open_store() as store:
        while wait:
            with store.read() as session:
                _found(session, number)
                left = regrades.progress(session, number)
            if not left.waiting:
                break
            if not as_json:
                echo(f"{left.judged + left.failed:,} of {left.total:,} are judged", err=True)
            time.sleep(_LOOK)
        return _say(store, number, as_json)


@regrade.command("accept")
@click.argument("number", type=int)
@click.option("--seen", help="The mark that 'show' printed: refuse when it comes to something else by now.")
@options(json_option, debug_option)
def accept(number: int, seen: str | None, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Make proposal NUMBER hold, and tell the students whose score moves."""

    def act(session: Session, row: Regrade) -> int:
        return regrades.accept(session, row, by=None, seen=seen)

    return _act(number, "accept", act, as_json)


@regrade.command("undo")
@click.argument("number", type=int)
@options(json_option, debug_option)
def undo(number: int, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Make it as it was before proposal NUMBER was accepted, and tell whose score moves back."""
    return _act(number, "undo", lambda session, row: regrades.undo(session, row, by=None), as_json)


@regrade.command("cancel")
@click.argument("number", type=int)
@options(json_option, debug_option)
def cancel(number: int, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Drop proposal NUMBER. What waits is not judged any more; no score changes."""

    def act(session: Session, row: Regrade) -> int:
        regrades.cancel(session, row, by=None)
        return 0

    return _act(number, "cancel", act, as_json)


@regrade.command("go-on")
@click.argument("number", type=int)
@options(json_option, debug_option)
def go_on(number: int, as_json: bool, debug: bool) -> int:  # noqa: ARG001
    """Have judged what the sample of proposal NUMBER left out."""
    return _act(number, "go-on", regrades.go_on, as_json)


@regrade.command("retry")
@click.argument("course")
@click.argument("exercise")
@click.option("--student", "login", help="Only what this account handed in.")
@options(debug_option)
def retry(course: str, exercise: str, login: str | None, debug: bool) -> int:  # noqa: ARG001
    """Have graded what could not be graded at all. It has no score yet, so this is no proposal."""
    with open_store() as store, store.write() as session:
        placed = assignment_of(session, course, exercise)
        user = None if login is None else account_called(session, login).id
        ids = submissions.graded_ids(session, placed.id, user_id=user, failed_only=True)
        submissions.retry(session, ids)
        audit.record(
            session, "system", "regrade.retry", course, {"exercise": exercise, "submissions": len(ids)}
        )
    echo(f"{len(ids)} submissions to '{exercise}' are graded again" + (" by the server" if ids else ""))
    return FULL


def _chosen(
    session: Session, placed: Assignment, login: str | None, ids: tuple[str, ...]
) -> list[str] | None:
    """Of an assignment; None for all."""
    if login is None and not ids:
        return None
    user = None if login is None else account_called(session, login).id
    known = submissions.graded_ids(session, placed.id, user_id=user)
    strange = [each for each in ids if each not in known]
    if strange:
        raise UsageError(f"'{strange[0][:40]}' is no judged submission to '{placed.exercise}' of these")
    return list(ids) or list(known)


def _found(session: Session, number: int) -> Regrade:
    row = regrades.get(session, number)
    if row is None:
        raise UsageError(f"there is no proposal {number}: 'grade regrade list COURSE' shows them")
    return row


def _act(number: int, what: str, act: Callable[[Session, Regrade], int], as_json: bool) -> int:
    """Decide something about a proposal, and say what came of it."""
    with open_store() as store, store.write() as session:
        row = _found(session, number)
        moved = act(session, row)
        assignment = session.get_one(Assignment, row.assignment_id)
        course = session.get_one(Course, assignment.course_id)
        _record(session, row, course.slug, assignment.exercise, what)
        state = row.state
    if as_json:
        print_json({"id": number, "state": state, "moved": moved})
    elif what == "go-on":
        echo(f"proposal {number}: {moved:,} more are judged by the server")
    else:
        told = f"; {moved:,} students move, and are told so" if what != "cancel" else "; no score has changed"
        echo(f"proposal {number} is {state}{told}")
    return FULL


def _record(session: Session, row: Regrade, course: str, exercise: str, what: str) -> None:
    details = {"regrade": row.id, "exercise": exercise, "kind": row.kind, "reason": row.reason}
    audit.record(session, "system", f"regrade.{what}", course, details)


def _say(store: Store, number: int, as_json: bool) -> int:
    """What a proposal is, and what it comes to."""
    with store.read() as session:
        row = _found(session, number)
        assignment = session.get_one(Assignment, row.assignment_id)
        far = regrades.progress(session, number)
        comes_to = effect(session, row, assignment) if row.state == "open" else None
        causes = regrade_causes.causes(session, number) if row.kind == "rerun" else ()
        moved = comes_to.moves if comes_to is not None else ()
        logins = {
            user_id: user.login
            for user_id in [move.user_id for move in moved]
            + [move[0] for move in row.before.get("moves", ())]
            if (user := users.get_user(session, user_id)) is not None
        }
        hindrance = regrades.hindrance(session, row) if row.state == "open" else None
    if as_json:
        print_json(
            _row_json(row, assignment.exercise)
            | {
                "progress": {"waiting": far.waiting, "judged": far.judged, "failed": far.failed},
                "mark": comes_to.mark if comes_to else None,
                "moves": [_move_json(move, logins) for move in moved]
                if comes_to
                else [_moved_json(move, logins) for move in row.before.get("moves", ())],
                "held": len(comes_to.held) if comes_to else 0,
                "causes": [_cause_json(cause) for cause in causes],
                "hindrance": hindrance.en if hindrance else None,
            }
        )
    else:
        _print(row, assignment.exercise, far, comes_to, causes, logins)
        if hindrance is not None:
            echo(hindrance.en)
    return PARTIAL if far.waiting else FULL


def _row_json(row: Regrade, exercise: str) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "state": row.state, "exercise": exercise, "reason": row.reason,
        "changes": row.changes, "made_at": row.made_at.isoformat(),
        "decided_at": None if row.decided_at is None else row.decided_at.isoformat(),
    }  # fmt: skip


def _move_json(move: Move, logins: dict[int, str]) -> dict[str, Any]:
    before, after = (
        None
        if side is None
        else {"score": side.score, "of": side.maximum, "late": side.late, "attempt": side.number}
        for side in (move.before, move.after)
    )
    return {"login": logins.get(move.user_id), "before": before, "after": after}


def _moved_json(move: list[Any], logins: dict[int, str]) -> dict[str, Any]:
    user_id, was, most, now, most_now = move
    sides = [
        None if score is None else {"score": score, "of": of} for score, of in ((was, most), (now, most_now))
    ]
    return {"login": logins.get(user_id), "before": sides[0], "after": sides[1]}


def _cause_json(cause: Cause) -> dict[str, Any]:
    before, after = (None if side is None else side._asdict() for side in (cause.before, cause.after))
    return {
        "check": cause.check_id, "before": before, "after": after, "submissions": cause.submissions,
        "students": cause.students, "sample": cause.sample,
    }  # fmt: skip


def _print(
    row: Regrade,
    exercise: str,
    far: regrades.Progress,
    comes_to: Effect | None,
    causes: Any,
    logins: dict[int, str],
) -> None:
    echo(f"proposal {row.id}: {row.kind} of {exercise}, {row.state}")
    echo(f"reason: {inert(row.reason, lines=False)}")
    if far.total:
        failed = f", {far.failed:,} could not be" if far.failed else ""
        echo(f"{far.judged:,} of {far.total:,} are judged{failed}")
    for cause in causes:
        echo(f"  {cause.submissions:,} × {cause.check_id}: {_side(cause.before)} → {_side(cause.after)}")
    if comes_to is None:
        moved = row.before.get("moves", ())
        if moved:
            echo(f"{len(moved):,} students moved")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("login", "from", "to"):
        table.add_column(title)
    for move in comes_to.moves:
        table.add_row(
            inert(logins.get(move.user_id, "?"), lines=False), _points(move.before), _points(move.after)
        )
    if comes_to.moves:
        console().print(table)
    echo(
        f"{comes_to.up:,} gain, {comes_to.down:,} lose, {comes_to.same:,} stay as they are"
        + (f", {len(comes_to.held):,} were set by hand and stay" if comes_to.held else "")
    )
    echo(f"mark: {comes_to.mark}")


def _side(side: regrade_causes.Side | None) -> str:
    if side is None:
        return "not there"
    return f"{side.verdict} ({side.code})" if side.code else side.verdict


def _points(side: Any) -> str:
    return "–" if side is None else f"{side.score:g} of {side.maximum:g}" + (" late" if side.late else "")


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{option} '{text[:40]}' is no number") from None
