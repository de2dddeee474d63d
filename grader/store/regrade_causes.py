"""Causes of a rerun's effect: in which checks the judgings before and after differ, counted, with an example.

"31 lose ``mean-for-sum``": their check failed for that reason before, and passes, or fails for another, now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Select, case, func, literal, null, or_, select
from sqlalchemy.orm import Session, aliased

from grader.model.report import CheckResult as Checked
from grader.model.report import Report
from grader.store.tables import Assignment, CheckResult, Judging, RegradeItem, Standing, Submission

MOST: Final = 30
"""Causes that are told, the most widespread first."""


class Side(NamedTuple):
    """What was said of a check."""

    verdict: str
    code: str | None
    points: float


@dataclass(frozen=True)
class Cause:
    """One way in which judgings differ."""

    check_id: str
    before: Side | None
    """None: there was no such check."""
    after: Side | None
    submissions: int
    students: int
    sample: str
    """A submission of it; one whose report is whole, if there is any."""

    @property
    def gain(self) -> float:
        """Points of each of these submissions."""
        return (self.after.points if self.after else 0.0) - (self.before.points if self.before else 0.0)

    @property
    def loses(self) -> str | None:
        """The reason that is not given any more."""
        was = self.before.code if self.before else None
        return was if was is not None and (self.after is None or self.after.code != was) else None

    @property
    def gains(self) -> str | None:
        """The reason that is given now."""
        now = self.after.code if self.after else None
        return now if now is not None and (self.before is None or self.before.code != now) else None


def causes(session: Session, regrade_id: int) -> Sequence[Cause]:
    """In what the judgings of a rerun differ so far, by check, verdict, reason and points."""
    was, now = aliased(CheckResult), aliased(CheckResult)
    both = _grouped(
        regrade_id,
        [was.check_id, was.verdict, was.code, was.points, now.verdict, now.code, now.points],
        lambda items: items.join(was, was.judging_id == RegradeItem.before_id).outerjoin(
            now, (now.judging_id == RegradeItem.after_id) & (now.check_id == was.check_id)
        ),
    ).where(
        or_(
            now.check_id.is_(None),
            was.verdict != now.verdict,
            was.points != now.points,
            func.coalesce(was.code, "") != func.coalesce(now.code, ""),
        )
    )
    new = _grouped(
        regrade_id,
        [now.check_id, null(), null(), null(), now.verdict, now.code, now.points],
        lambda items: items.join(now, now.judging_id == RegradeItem.after_id).outerjoin(
            was, (was.judging_id == RegradeItem.before_id) & (was.check_id == now.check_id)
        ),
    ).where(was.check_id.is_(None))
    found = [_cause(row) for query in (both, new) for row in session.execute(query)]
    return sorted(found, key=lambda each: (-each.submissions, each.check_id))


def _grouped(regrade_id: int, said: Sequence[Any], joined: Any) -> Select[Any]:
    whole = case((Submission.thinned.is_(False), RegradeItem.submission_id))
    query: Select[Any] = select(
        *said,
        func.count(),
        func.count(Submission.user_id.distinct()),
        func.coalesce(func.min(whole), func.min(RegradeItem.submission_id)),
    ).select_from(RegradeItem)
    query = joined(query.join(Submission, Submission.id == RegradeItem.submission_id))
    named = [each for each in said if not isinstance(each, type(null()))]
    return query.where(
        RegradeItem.regrade_id == literal(regrade_id), RegradeItem.after_id.is_not(None)
    ).group_by(*named)


def _cause(row: Any) -> Cause:
    check_id, was, was_code, was_points, now, now_code, now_points, submissions, students, sample = row
    before = None if was is None else Side(was, was_code, was_points)
    after = None if now is None else Side(now, now_code, now_points)
    return Cause(check_id, before, after, submissions, students, sample)


class Example(NamedTuple):
    """What one submission's reports said of a check, before and after."""

    before: Checked | None
    after: Checked | None
    student: int
    attempt: int


def examples(session: Session, regrade_id: int, found: Sequence[Cause]) -> Mapping[tuple[str, str], Example]:
    """The samples' checks, by (submission, check). One query, and two reports a sample in memory."""
    wanted = {cause.sample for cause in found}
    was, now = aliased(Judging), aliased(Judging)
    rows = session.execute(
        select(Submission.id, Submission.user_id, Submission.attempt, was.report, now.report)
        .join(RegradeItem, RegradeItem.submission_id == Submission.id)
        .join(was, was.id == RegradeItem.before_id)
        .join(now, now.id == RegradeItem.after_id)
        .where(RegradeItem.regrade_id == regrade_id, Submission.id.in_(wanted))
    )
    made: dict[tuple[str, str], Example] = {}
    for submission_id, user_id, attempt, before, after in rows:
        sides = [
            {check.id: check for check in msgspec.json.decode(text, type=Report).checks}
            for text in (before, after)
        ]
        for cause in found:
            if cause.sample == submission_id:
                checks = [side.get(cause.check_id) for side in sides]
                made[submission_id, cause.check_id] = Example(checks[0], checks[1], user_id, attempt)
    return made


class Items(NamedTuple):
    """What the items of a rerun are, beside who moves."""

    same_exercise: int
    """Judged by the version of the exercise that they were judged by before."""
    judged: int
    other_grader: int
    """Judged by another version of the grader or of torch than before."""


def compared(session: Session, regrade_id: int) -> Items:
    """By what the judgings before and after were made."""
    was, now = aliased(Judging), aliased(Judging)
    row = session.execute(
        select(
            func.count(case((was.exercise_digest == now.exercise_digest, 1))),
            func.count(),
            func.count(
                case(
                    (
                        or_(
                            func.coalesce(was.grader, "") != func.coalesce(now.grader, ""),
                            func.coalesce(was.torch, "") != func.coalesce(now.torch, ""),
                        ),
                        1,
                    )
                )
            ),
        )
        .select_from(RegradeItem)
        .join(was, was.id == RegradeItem.before_id)
        .join(now, now.id == RegradeItem.after_id)
        .where(RegradeItem.regrade_id == regrade_id)
    ).one()
    return Items(*row)


def not_judged(session: Session, regrade_id: int, most: int = 20) -> Sequence[tuple[str, str | None]]:
    """Submissions that could not be judged anew, and why; some of them."""
    rows = session.execute(
        select(Submission.id, Submission.problem)
        .join(RegradeItem, RegradeItem.submission_id == Submission.id)
        .where(
            RegradeItem.regrade_id == regrade_id,
            RegradeItem.after_id.is_(None),
            func.coalesce(Submission.regrade_id, 0) != regrade_id,
        )
        .order_by(Submission.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


def versions(session: Session, course_id: int) -> dict[int, dict[str, int]]:
    """By which versions of its exercise what counts was judged: how many, by assignment and digest."""
    rows = session.execute(
        select(Standing.assignment_id, Judging.exercise_digest, func.count())
        .join(Assignment, Assignment.id == Standing.assignment_id)
        .join(Submission, Submission.id == Standing.submission_id)
        .join(Judging, Judging.id == Submission.judging_id)
        .where(Assignment.course_id == course_id)
        .group_by(Standing.assignment_id, Judging.exercise_digest)
    )
    found: dict[int, dict[str, int]] = {}
    for assignment_id, digest, count in rows:
        found.setdefault(assignment_id, {})[digest] = count
    return found
