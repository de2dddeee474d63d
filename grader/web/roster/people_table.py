"""Table of a course's people: who is shown of them, by what was searched for, and page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.store.members import Member
from grader.store.users import login_key

ON_A_PAGE: Final = 100
LARGEST_ID: Final = 2**31 - 1


@dataclass(frozen=True)
class People:
    """What a page of the roster shows."""

    active: Sequence[Member]
    """Those of this page."""
    inactive: Sequence[Member]
    """The first ones."""
    found: int
    """How many active ones fit, on all pages."""
    found_inactive: int
    all: int
    """How many active ones there are."""
    page: int
    filtered: bool

    @property
    def first(self) -> int:
        """The number of the first one on the page, from 1."""
        return (self.page - 1) * ON_A_PAGE + 1

    @property
    def more(self) -> bool:
        """Whether there is another page."""
        return self.found > self.page * ON_A_PAGE


def filtered(everybody: Sequence[Member], wanted: Mapping[str, str]) -> People:
    """Those who fit: ``q`` (a part of name, login, address or number), ``in`` (a section; ``none``: those who
    are in none), ``role``, and ``page``."""
    words = login_key(wanted.get("q", "")[:200]).split()
    section, role = wanted.get("in", ""), wanted.get("role", "")
    fits = [each for each in everybody if _fits(each, words, section, role)]
    active = [each for each in fits if each.enrolment.active]
    inactive = [each for each in fits if not each.enrolment.active]
    text = wanted.get("page", "1")
    last = max(1, -(-len(active) // ON_A_PAGE))
    page = min(max(int(text), 1), last) if text.isdecimal() and len(text) < 8 else 1
    return People(
        active[(page - 1) * ON_A_PAGE : page * ON_A_PAGE],
        inactive[:ON_A_PAGE],
        len(active),
        len(inactive),
        sum(each.enrolment.active for each in everybody),
        page,
        bool(words or section or role),
    )


def _fits(each: Member, words: Sequence[str], section: str, role: str) -> bool:
    if role and each.enrolment.role != role:
        return False
    if section == "none" and each.section_ids:
        return False
    if section.isdecimal() and int(section[:10]) not in each.section_ids:
        return False
    if not words:
        return True
    text = login_key("\n".join((each.user.name, each.user.login, each.address, each.enrolment.sis_id or "")))
    return all(word in text for word in words)


def chosen(texts: Iterable[str], most: int) -> list[int]:
    """The numbers of people that a form names, each once; what is no number is left out."""
    ids = dict.fromkeys(int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 11)
    return [one for one in ids if one <= LARGEST_ID][:most]
