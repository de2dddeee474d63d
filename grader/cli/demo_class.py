"""Demo class: who is in it, and what each of them handed in when, over the weeks until today.

People and moments are invented, from a fixed seed; what was handed in are the accepted and rejected
submissions under ``solutions/``, so that every verdict is a real one. A student who holds a misconception
tends to hand in what shows it, in one exercise after the other.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

STUDENTS: Final = 60
WEEKS: Final = 6
SECTIONS: Final = ("Tuesday 10:00", "Thursday 14:00", "周五晚 Friday 18:30")
MOST_ATTEMPTS: Final = 5
_GIVEN: Final = (
    "Ada", "Bruno", "Chidi", "Dora", "Emil", "Fatima", "Gustav", "Hana", "Ivo", "Jelena", "Kofi",
    "Lucía", "Mehmet", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Umar", "Vera",
    "Wiktor", "Ximena", "Yara", "Zoltán", "Aino", "Björn", "Catalina", "Dmitri", "Esi", "Farid",
    "Greta", "Hugo", "Ines",
)  # fmt: skip
_FAMILY: Final = (
    "Nord", "Keller", "Okafor", "Lindqvist", "Haddad", "Rossi", "Brandt", "Sato", "Novak", "Petrović",
    "Mensah", "Ibáñez", "Yılmaz", "Haddou", "Berg", "Raman", "Moreau", "Duarte", "Aziz", "Dahl",
    "Farooq", "Ivanova", "Zieliński", "Reyes", "Nasser", "Kovács", "Virtanen", "Åström", "Vega",
    "Sokolov", "Owusu", "Karimi", "Vogel", "Lindgren", "Costa",
)  # fmt: skip
_CHINESE: Final = (
    "陈思远", "林若溪", "王一鸣", "赵雨桐", "周子墨", "吴欣怡", "郑浩然", "孙语嫣", "李明哲", "黄诗涵",
    "刘宇轩", "杨可欣", "何俊杰", "许静雯", "邓博文", "曹雅琴", "彭子豪", "曾佳怡", "萧逸飞", "田梦琪",
    "董志远", "袁晓彤", "潘嘉豪",
)  # fmt: skip
_LONG: Final = "Gus Maximilian von und zu Hohenfels-Stein"
_HEAD: Final = re.compile(rb"\A(?:#:[^\n]*\n)+")
_CODES: Final = re.compile(rb'^#: [^\n]*"[a-z]+ (?:author:)?([a-z0-9-]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Person:
    """One invented student."""

    login: str
    name: str
    section: str
    diligence: float
    """How likely an exercise is begun, 0 to 1."""
    skill: float
    """How likely an attempt is right, 0 to 1."""
    delay: float
    """Where in the time until the due date the work begins; above 1: after it."""
    holds: str
    """The code of the misconception that this student tends to."""


@dataclass(frozen=True)
class Attempt:
    """One hand-in."""

    login: str
    source: bytes
    at: datetime


@dataclass(frozen=True)
class Material:
    """What there is to hand in to an exercise: source → the codes it shows; and what is right."""

    rejected: Mapping[bytes, frozenset[str]]
    accepted: Sequence[bytes]


def people(count: int = STUDENTS) -> list[Person]:
    """The class, from a fixed seed: most do well, some struggle, a few came late, two have not begun."""
    draw = random.Random(25)  # noqa: S311 – nothing is secret
    names = [f"{given} {family}" for given, family in zip(_GIVEN, _FAMILY, strict=True)] + [*_CHINESE, _LONG]
    draw.shuffle(names)
    common = (
        "cut-graph",
        "undetached",
        "missing-factor",
        "scale",
        "shape",
        "value-not-gradient",
        "accumulated",
    )
    found = []
    for n in range(count):
        kind = draw.random()
        diligence = draw.uniform(0.75, 1) if kind < 0.7 else draw.uniform(0.3, 0.7)
        if n == 0:
            diligence = 0.5  # a visitor comes in as the first one, and should find something to do
        elif n in (count - 1, count - 7):
            diligence = 0.0
        found.append(
            Person(
                f"student{n + 1:02}",
                names[n % len(names)],
                SECTIONS[n % len(SECTIONS)],
                diligence,
                skill=draw.uniform(0.55, 0.9) if kind < 0.6 else draw.uniform(0.2, 0.55),
                delay=draw.choice((0.3, 0.6, 0.85, 0.95, 1.05 if kind > 0.8 else 0.9)),
                holds=draw.choice(common),
            )
        )
    return found


def material(folder: Path) -> Material:
    """What lies in an exercise's folder of solutions, without the lines that say what it must be told."""
    rejected = {}
    for file in sorted((folder / "rejected").glob("*.py")):
        text = file.read_bytes()
        rejected[_HEAD.sub(b"", text)] = frozenset(code.decode() for code in _CODES.findall(text))
    accepted = [_HEAD.sub(b"", file.read_bytes()) for file in sorted((folder / "accepted").glob("*.py"))]
    return Material(rejected, accepted)


def week_of(position: int, count: int) -> int:
    """In which week, from 0, the exercise at a place among ``count`` is due."""
    return position * WEEKS // max(1, count)


def times(week: int, now: datetime) -> tuple[datetime, datetime]:
    """When the exercises of a week open and when they are due: the last week's in three days from now."""
    due = (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    due -= timedelta(weeks=WEEKS - 1 - week)
    return due - timedelta(days=9), due


def attempts(
    who: Sequence[Person], work: Material, opens: datetime, due: datetime, now: datetime, seed: str
) -> list[Attempt]:
    """What a class hands in to one exercise until ``now``, in order of time."""
    draw = random.Random(seed)  # noqa: S311 – nothing is secret
    # A class makes a few mistakes often and many once (Zipf's law).
    weights = [1 / rank**1.3 for rank in range(1, len(work.rejected) + 1)]
    draw.shuffle(weights)
    found = []
    for person in who:
        if not work.accepted or draw.random() > person.diligence:
            continue
        begin = opens + (due - opens) * max(0.02, draw.gauss(person.delay, 0.15))
        at = begin
        for source in _sources(person, work, weights, draw):
            if at >= now:
                break
            found.append(Attempt(person.login, source, at))
            at += timedelta(minutes=math.exp(draw.gauss(1.8, 0.8)))
    return sorted(found, key=lambda one: one.at)


def _sources(person: Person, work: Material, weights: Sequence[float], draw: random.Random) -> list[bytes]:
    """A student's attempts at an exercise: wrong ones, many with what is held, then mostly a right one."""
    mine = [source for source, codes in work.rejected.items() if person.holds in codes]
    chosen: list[bytes] = []
    while len(chosen) < MOST_ATTEMPTS and draw.random() > person.skill and work.rejected:
        if chosen and draw.random() < 0.25:
            chosen.append(chosen[-1] + b"\n# once more\n")  # the same mistake, with something else changed
        elif mine and draw.random() < 0.4:
            chosen.append(draw.choice(mine))
        else:
            chosen += draw.choices(list(work.rejected), weights)
    if not chosen or draw.random() < 0.45 + 0.5 * person.skill:
        chosen.append(draw.choice(list(work.accepted)))
    return chosen
