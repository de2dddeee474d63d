"""Lists without a heading: what a column is, by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from grader.rosters.headers import Field, Headings, folded
from grader.rosters.not_a_list import NotAList

EMAIL: Final = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[\w-]+(\.[\w-]+)*\.[^\W\d_][\w-]+")
NAMED_EMAIL: Final = re.compile(r"\s*(.*?)\s*<\s*([^<>\s]+@[^<>\s]+)\s*>\s*[,;]?\s*", re.DOTALL)
_LOGIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_ROWS: Final = 500


def is_email(text: str) -> bool:
    """Whether an address can be mailed to, as far as its form says."""
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None and ".." not in text


def _mailable(text: str) -> bool:
    named = NAMED_EMAIL.fullmatch(text)
    return is_email(named[2] if named else text.strip())


def columns_of(rows: Sequence[Sequence[str]]) -> Headings:
    """What each column of a list without a heading is.

    :param rows: those that are not blank.
    :raises NotAList: there is neither a column of logins nor one of e-mail addresses.
    """
    rows = rows[:_ROWS]
    width = max(len(row) for row in rows)
    cells = [[row[i].strip() for row in rows if i < len(row) and row[i].strip()] for i in range(width)]
    found: dict[Field, tuple[int, ...]] = {}
    rest = [i for i in range(width) if cells[i]]

    def take(field: Field, share: float) -> None:
        if rest:
            best = max(rest, key=lambda i: (share_of(field, cells[i]), -i))
            if share_of(field, cells[best]) * len(cells[best]) / len(rows) >= share:
                found[field] = (best,)
                rest.remove(best)

    take("email", 0.5)
    take("login", 0.5)
    if "login" in found and all(cell.isdecimal() for cell in cells[found["login"][0]]):
        number = found.pop("login")
        take("login", 0.5)
        if "login" in found:
            found["sis_id"] = number
        else:
            found["login"] = number
    else:
        take("sis_id", 0.8)
    if not found:
        raise NotAList(
            "this is no list of people: no heading is understood, and the lines hold neither e-mail addresses nor logins",
            "这不是人员名单：表头无法识别，各行也没有邮箱地址或登录名",
        )
    names = [i for i in rest if share_of("name", cells[i]) >= 0.5]
    sections = [i for i in names if len(cells[i]) > 2 and len(set(cells[i])) * 2 <= len(cells[i])]
    names = [i for i in names if i not in sections]
    if len(names) >= 2 and not any(" " in cell for i in names[:2] for cell in cells[i]):
        found["first"], found["last"] = (names[0],), (names[1],)
    elif names:
        found["name"] = (names[0],)
    if sections:
        found["section"] = (sections[0],)
    return Headings("plain", found)


def share_of(field: Field, cells: Sequence[str]) -> float:
    """Which part of the cells (none of them empty) could be in a column of this kind, from 0 to 1."""
    if field == "email":
        return sum(map(_mailable, cells)) / len(cells)
    if field == "sis_id":
        return sum(cell.isdecimal() and len(cell) > 3 for cell in cells) / len(cells)
    if field == "name":
        return sum(any(c.isalpha() for c in cell) for cell in cells) / len(cells)
    logins = sum(_LOGIN.fullmatch(cell) is not None and not _is_a_name(cell) for cell in cells)
    different = len({folded(cell) for cell in cells}) / len(cells)
    return logins / len(cells) * (different > 0.5 or len(cells) < 3)


def _is_a_name(cell: str) -> bool:
    """Ada is a name, ada a login."""
    return cell[0].isupper() and cell[1:].islower() and cell.isalpha()
