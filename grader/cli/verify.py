"""``grade verify``: a stored grade, derived again from its row."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import click

from grader import __version__
from grader.cli.jail import Jail
from grader.cli.lookup import open_store
from grader.cli.options import (
    FULL,
    OURS,
    PARTIAL,
    complain,
    debug_option,
    echo,
    json_option,
    library_of,
    options,
    print_json,
    settings_now,
)  # fmt: skip
from grader.errors import GradingFailed, UnknownExercise, UsageError
from grader.grading import Truths, grade
from grader.model.exercise import Exercise
from grader.model.inert import inert
from grader.model.rederivation import Difference, differences
from grader.model.report import Isolation, Report
from grader.store import verification
from grader.store.tables import Standing
from grader.store.verification import Grade


@click.command()
@click.argument("submission")
@options(json_option, debug_option)
def verify(submission: str, as_json: bool, debug: bool) -> int:
    """Derive the grade of SUBMISSION again, and say where it differs from what is stored.

    It is run again in the jail with the stored seed; verdict, reason and points of each check are
    compared, and then whether score and standing follow from the verdict, the overrides, the late
    rule and all attempts. Nothing is changed.

    Exit status: 0 all is as it is stored, 1 something differs, 2 there is no such grade, 3 it could
    not be run.
    """
    with open_store() as store, store.read() as session:
        found = verification.grade_of(session, submission)
        if found is None:
            raise UsageError(f"there is no submission '{submission[:40]}' with a verdict")
        kept = verification.stored_differences(session, submission)
        standing = verification.standing_of(session, found)
    try:
        exercise = library_of(settings_now()).get(found.exercise).variant(found.submission.variant)
    except UnknownExercise as error:
        raise UsageError(f"it cannot be run again: {error}") from error
    with Jail(2) as jail:
        try:
            again = grade(exercise, found.submission, jail.warm(), Truths())
        except GradingFailed as error:
            return complain(f"it could not be run again: {error}", OURS, debug)
        reasons = _reasons(found, exercise, again, jail.isolation)
    judged = differences(found.report, again)
    if as_json:
        print_json(_as_json(submission, found, again, judged, kept, reasons, standing))
    else:
        _print(submission, found, judged, kept, reasons, standing)
    return PARTIAL if judged or kept else FULL


def _reasons(found: Grade, exercise: Exercise, again: Report, isolation: Isolation) -> list[str]:
    """What is another than when it was judged: why a verdict may differ."""
    judging, said = found.judging, []
    if not exercise.judges_as(judging.exercise_digest):
        said.append(
            f"the exercise has changed: judged by {judging.exercise_digest[:12]}, now {exercise.digest[:12]}"
        )
    torch = _version("torch")
    for what, was, now in (("grader", judging.grader, __version__), ("torch", judging.torch, torch)):
        if was is None:
            said.append(f"it is not known by which version of {what} it was judged; now {now}")
        elif was != now:
            said.append(f"{what} is another: judged by {was}, now {now}")
    if judging.isolation not in (None, isolation):
        said.append(f"isolation is another: judged in {judging.isolation}, now {isolation}")
    if again.visible_only and not found.report.visible_only:
        said.append("there is no solutions/ folder here: only the visible cases were used")
    if found.report.thinned:
        said.append("of the stored report only verdicts and points are kept: reasons were not compared")
    return said


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _as_json(
    submission: str,
    found: Grade,
    again: Report,
    judged: list[Difference],
    kept: list[Difference],
    reasons: list[str],
    standing: Standing | None,
) -> dict[str, Any]:
    judging = found.judging
    return {
        "submission": submission,
        "exercise": found.exercise,
        "agrees": not judged and not kept,
        "judging": {
            "id": judging.id, "exercise_digest": judging.exercise_digest, "seed": judging.seed,
            "grader": judging.grader, "torch": judging.torch, "isolation": judging.isolation,
            "finished_at": judging.finished_at.isoformat(), "score": judging.score,
            "max_score": judging.max_score,
        },
        "now": {
            "exercise_digest": again.exercise_digest, "grader": __version__, "torch": _version("torch"),
            "isolation": again.isolation, "score": again.score, "max_score": again.max_score,
        },
        "standing": None
        if standing is None
        else {
            "submission": standing.submission_id, "score": standing.score, "max_score": standing.max_score,
            "late": standing.late, "override": standing.override,
        },
        "by_hand": found.by_hand,
        "differences": [_difference_json(each) for each in judged],
        "stored_differences": [_difference_json(each) for each in kept],
        "why_it_may_differ": reasons,
    }  # fmt: skip


def _difference_json(each: Difference) -> dict[str, Any]:
    stored, now = (value._asdict() if hasattr(value, "_asdict") else value for value in each[1:])
    return {"what": each.what, "stored": _plain(stored), "now": _plain(now)}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _print(
    submission: str,
    found: Grade,
    judged: list[Difference],
    kept: list[Difference],
    reasons: list[str],
    standing: Standing | None,
) -> None:
    score, most = found.judging.score, found.judging.max_score
    at = f"{found.judging.finished_at:%Y-%m-%d %H:%M} UTC"
    echo(f"{submission}: {found.exercise}, judged {at}, {score:g} of {most:g}")
    if standing is not None and standing.score is not None:
        counts = "counts" if standing.submission_id == submission else "does not count: another attempt does"
        late = ", late" if standing.late else ""
        echo(f"it {counts}; the student has {standing.score:g} of {standing.max_score or 0:g}{late}")
    if found.by_hand:
        echo(f"set by hand: {', '.join(inert(check, lines=False) for check in found.by_hand)}")
    for each in judged:
        echo(f"differs: {each.what}: {_said(each.stored)} is stored, {_said(each.now)} comes now")
    for each in kept:
        was, now = _said(each.stored), _said(each.now)
        echo(f"does not follow: {each.what} is stored as {was}, and follows as {now}")
    if not judged and not kept:
        echo("all of it is derived again as it is stored")
    for reason in reasons:
        echo(f"note: {reason}" if not judged else f"may be why: {reason}")
    if judged and not reasons:
        echo("nothing is known to be different: the submission may depend on chance or on time")


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    if hasattr(value, "verdict"):
        code = f" ({value.code})" if value.code else ""
        return f"{value.verdict}{code} {value.points:g}/{value.max_points:g}"
    return inert(str(value), lines=False)
