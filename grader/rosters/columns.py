"""Columns of Canvas' and Moodle's gradebooks: which exercise of the course each is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from grader.rosters.headers import folded

How = Literal["chosen", "slug", "title", "ambiguous", "missing"]
_CANVAS_ID: Final = re.compile(r"\s*\(\d+\)\s*$")
_KIND: Final = re.compile(
    r"\s*\((real|points|points? grade|punkte|wert|absolut|实数|实际|真实|实际成绩|分数|réel|calificación)\)\s*$",
    re.IGNORECASE,
)
_OTHER_KIND: Final = re.compile(
    r"\((percentage|letter|prozentsatz|prozent|note|buchstabe|feedback|百分比|百分数|字母|反馈)\)\s*$|^feedback\b",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(r"^[^:：]{1,60}[:：]\s*")
_MOODLE_ITEM: Final = re.compile(
    r"^(assignment|quiz|external tool|lti|aufgabe|test|externes tool|作业|测验|外部工具)[:：]", re.I
)
_NUMBERED: Final = re.compile(r"^(?:\d+(?:\.\d+)*[.):]?|[a-z]{1,10} ?\d+(?:\.\d+)*[.):])\s+", re.IGNORECASE)
_TOTAL: Final = re.compile(
    r"(course total|category total|kurs gesamt|kurs(gesamt)?summe|summe|课程总分|课程合计|total)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Named:
    """An exercise of the course and what people call it."""

    slug: str
    titles: tuple[str, ...]
    points: float | None = None
    """The best score that there is."""


@dataclass(frozen=True)
class Column:
    """A column of scores and the exercise it is for."""

    index: int
    title: str
    how: How
    exercise: str | None = None
    why: str = ""


def match_columns(
    cells: Sequence[str],
    places: Iterable[int],
    exercises: Sequence[Named],
    *,
    canvas: bool,
    chosen: Mapping[int, str] | None = None,
) -> list[Column]:
    """The columns that may hold scores of an exercise, each with its exercise or why it has none.

    :param places: those that are neither a person's data nor computed by Canvas or Moodle.
    :param chosen: of columns the exercises that somebody said they are for; '' for none.
    """
    said, slugs = chosen or {}, {each.slug for each in exercises}
    found: list[Column] = []
    for i in places:
        title = cells[i].strip()
        plain = folded(title)
        if not canvas and _OTHER_KIND.search(plain):
            continue
        if said.get(i) in slugs:
            found.append(Column(i, title, "chosen", said[i]))
            continue
        if said.get(i) == "":
            found.append(Column(i, title, "missing", None, "somebody chose that it is for no exercise"))
            continue
        column = _match(i, title, exercises)
        item = _CANVAS_ID.search(plain) if canvas else (_MOODLE_ITEM.search(plain) or _KIND.search(plain))
        if column.how != "missing" or (item and not _TOTAL.search(plain)):
            found.append(column)
    taken: dict[str, list[Column]] = {}
    for column in found:
        if column.exercise is not None:
            taken.setdefault(column.exercise, []).append(column)
    return [
        Column(
            column.index, column.title, "ambiguous", None,
            f"{len(taken[column.exercise])} columns are called like the exercise '{column.exercise}'",
        )
        if column.exercise is not None and len(taken[column.exercise]) > 1
        else column
        for column in found
    ]  # fmt: skip


def _match(i: int, title: str, exercises: Sequence[Named]) -> Column:
    said = set(_forms(title))
    ways: tuple[tuple[How, list[str]], ...] = (
        ("slug", [e.slug for e in exercises if _as_words(e.slug) in said]),
        ("title", [e.slug for e in exercises if said & {_as_words(t) for t in e.titles if t}]),
    )
    for how, slugs in ways:
        if len(slugs) == 1:
            return Column(i, title, how, slugs[0])
        if slugs:
            return Column(i, title, "ambiguous", None, f"it could be {' or '.join(sorted(slugs))}")
    return Column(i, title, "missing", None, "no exercise of the course has this slug or title")


def _forms(title: str) -> Iterable[str]:
    """The heading with and without what is put around an assignment's name."""
    forms = {folded(title)}
    for pattern in (_CANVAS_ID, _KIND, _PREFIX, _NUMBERED):
        forms |= {pattern.sub("", form) for form in forms}
    return {_as_words(form) for form in forms} - {""}


def _as_words(text: str) -> str:
    """Slugs and titles as they are compared: hyphens are blanks, typographic ones, too."""
    return " ".join(re.sub(r"[-_\u2010-\u2015]+", " ", folded(text)).split())
