"""Figures of one assignment, as its pages show them: computed from what was read, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from grader.analytics.contrasts import Contrasts, contrasts
from grader.analytics.flow import Recovery, Transition, recoveries, transitions
from grader.analytics.misconceptions import Misconception, Prevalence, prevalences
from grader.analytics.rows import roles_of
from grader.analytics.unexplained import Untold, unexplained
from grader.store import class_rows
from grader.web.classroom.answer_keys import unexplained_keys
from grader.web.classroom.class_data import Sections, Work, as_attempts, zone_of
from grader.web.classroom.kept import kept


@dataclass(frozen=True)
class Figures:
    """What the attempts at an assignment say: of the whole class, or of one section."""

    attempts: int
    tried: int
    prevalences: tuple[Prevalence, ...]
    steps: Mapping[str, tuple[Transition, ...]]
    """By check, the most frequent first."""
    recoveries: Mapping[Misconception, Recovery]
    contrasts: Contrasts | None
    untold: Untold
    texts: Mapping[str, str]
    """How the examples of what is untold begin, by the submission."""

    @property
    def sections(self) -> list[str]:
        """The names of the sections whose students tried, if one of them held anything."""
        return sorted({name for each in self.prevalences for name in each.sections})


def figures_of(transaction: Session, place: Work, sections: Sections) -> tuple[Figures, datetime | None]:
    """The figures, and of when they are where something has changed since."""
    digest = place.exercise.digest if place.exercise is not None else ""
    name = ("assignment", place.assignment.id, sections.chosen_id, digest, place.course.timezone)
    stamp = class_rows.stamp(transaction, place.course.id, place.assignment.id)
    return kept().get(name, stamp, partial(_computed, transaction, place, sections))


def _computed(transaction: Session, place: Work, sections: Sections) -> Figures:
    placed, course_id = place.assignment.id, place.course.id
    rows = class_rows.judged(transaction, course_id, [placed], sections.chosen_id)
    checks = class_rows.checked(transaction, course_id, [placed], sections.chosen_id)
    alike = class_rows.trees(transaction, course_id, placed)
    attempts = as_attempts(rows, checks)
    trees = {row.id: (row.source_digest, *alike.get(row.id, (None, {}, 0))) for row in rows}
    texts = partial(class_rows.texts, transaction)
    untold = unexplained(attempts, unexplained_keys(attempts, place.exercise, trees, texts))
    examples = {group.example: trees[group.example][0] for group in untold.typical}
    shown = texts(examples.values())
    steps: dict[str, list[Transition]] = {}
    for step in transitions(attempts):
        steps.setdefault(step.check_id, []).append(step)
    roles = roles_of(placed, place.exercise) if place.exercise is not None else {}
    return Figures(
        len(attempts),
        len({each.user_id for each in attempts}),
        tuple(prevalences(attempts, sections.names, zone_of(place.course))),
        {check: tuple(some) for check, some in steps.items()},
        {each.misconception: each for each in recoveries(attempts)},
        next(iter(contrasts(attempts, roles)), None),
        untold,
        {id_: _excerpt(shown[digest]) for id_, digest in examples.items() if digest in shown},
    )


def _excerpt(text: bytes) -> str:
    """The beginning of what was handed in, to see what sort of answer it is."""
    lines = text.decode("utf-8", "replace").splitlines()
    return "\n".join(line[:200] for line in lines[:40])
