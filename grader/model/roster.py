"""Import of a list of people into a course, as values: whom lines may mean, and what each does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["new", "changed", "gone", "same"]
What = Literal["name", "email", "login", "sis_id", "sections", "active", "role"]


@dataclass(frozen=True)
class Known:
    """An account that a line of a list may mean."""

    id: int
    login: str
    name: str
    email: str = ""
    sis_id: str = ""
    role: str | None = None
    """In the course; None: it was never in it."""
    active: bool = True
    ours: bool = True
    """Whether the list may change name and address: the account studies in this course and nowhere else, and
    does nothing but study."""
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What a line says otherwise than the course."""

    what: What
    was: str
    says: str


@dataclass(frozen=True)
class Step:
    """What an import does to one person."""

    line: int
    """Of the list; 0: the list does not have this person."""
    state: State
    login: str
    name: str
    email: str
    sis_id: str
    sections: tuple[str, ...] | None = None
    """Those that the person is in afterwards; None: they stay as they are."""
    account: int | None = None
    """None: one is made."""
    enters: bool = False
    """The account was there before, and was never in this course: is it the person that is meant?"""
    changes: tuple[Difference, ...] = ()
    kept: tuple[Difference, ...] = ()
    """What the list says otherwise and cannot change."""
