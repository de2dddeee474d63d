"""Matching: which account a row of somebody else's gradebook means, and by what it was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from grader.rosters import names
from grader.rosters.headers import folded
from grader.rosters.rows import Person

How = Literal["chosen", "sis_id", "login", "email", "name", "ambiguous", "missing"]
"""``chosen``: somebody said so."""


@dataclass(frozen=True)
class Account:
    """A student of the course, with the scores that count, by exercise."""

    login: str
    name: str
    email: str
    scores: Mapping[str, float]
    sis_id: str = ""
    """The number by which the institution knows this person."""


@dataclass(frozen=True)
class Match:
    """A row and whose it is. ``how`` is by what it was told, or why it was not."""

    person: Person
    how: How
    account: Account | None = None
    why: str = ""
    """Of what is ambiguous or missing: one sentence without a full stop."""
    zh: str = ""
    """The same in Chinese."""


def match_people(
    people: Sequence[Person], accounts: Sequence[Account], chosen: Mapping[int, str] | None = None
) -> list[Match]:
    """Each row's account: by number, login, address and name, in this order.

    All rows are asked by one thing before any is by the next, and an account that was found is not found
    again by less: of two of one name, the one whose login is known leaves nothing for the other.
    Numbers are compared with logins, too; an account without an address may have one for its login.

    :param chosen: of lines the logins that somebody said are meant; each goes before all else.
    """
    found = _chosen(people, accounts, chosen or {})
    claimed = {match.account.login for match in found.values() if match.account is not None}
    free = [account for account in accounts if account.login not in claimed]
    numbers = _by(free, lambda account: [folded(account.sis_id), folded(account.login)])
    logins = _by(free, lambda account: [folded(account.login)])
    for i, person in enumerate(people):
        if i in found:
            continue
        apart = {
            a.login for a in (*numbers.get(folded(person.sis_id), ()), *logins.get(folded(person.login), ()))
        }
        if len(apart) > 1:
            why = f"the number and the login are those of two accounts ({', '.join(sorted(apart))})"
            zh = f"编号和登录名分属两个账号（{'、'.join(sorted(apart))}）"
            found[i] = Match(person, "ambiguous", None, why, zh)
    for how, of_account, of_person in _WAYS:
        known = _by(free, of_account)
        wanted: dict[int, list[Account]] = {}
        for i, person in enumerate(people):
            if i not in found:
                meant = {a.login: a for key in of_person(person) for a in known.get(key, ())}
                if meant:
                    wanted[i] = list(meant.values())
        claims = Counter(account.login for hits in wanted.values() for account in hits)
        for i, hits in wanted.items():
            if len(hits) > 1:
                why = f"{len(hits)} accounts have this {_WORDS[how]}"
                zh = f"有 {len(hits)} 个账号的{_ZH[how]}与此相同"
                found[i] = Match(people[i], "ambiguous", None, why, zh)
            elif claims[hits[0].login] > 1:
                why = f"other lines, too, mean the account {hits[0].login} by their {_WORDS[how]}"
                zh = f"其他行的{_ZH[how]}也指向账号 {hits[0].login}"
                found[i] = Match(people[i], "ambiguous", None, why, zh)
            else:
                found[i] = Match(people[i], how, hits[0])
        free = [account for account in free if account.login not in claims]
    lost = "nobody in the course has this number, login, e-mail address or name"
    zh = "课程中没有人使用这个编号、登录名、邮箱地址或姓名"
    return [found.get(i, Match(person, "missing", None, lost, zh)) for i, person in enumerate(people)]


def _chosen(
    people: Sequence[Person], accounts: Sequence[Account], chosen: Mapping[int, str]
) -> dict[int, Match]:
    """The rows whose account somebody named; an account that is named for two rows is nobody's."""
    logins = {folded(account.login): account for account in accounts}
    named: dict[int, Account] = {}
    for i, person in enumerate(people):
        account = logins.get(folded(chosen.get(person.line, "")))
        if account is not None:
            named[i] = account
    often = Counter(account.login for account in named.values())
    return {
        i: Match(people[i], "chosen", account)
        if often[account.login] == 1
        else Match(
            people[i],
            "ambiguous",
            None,
            f"the account {account.login} was chosen for other lines, too",
            f"账号 {account.login} 也被指定给了其他行",
        )
        for i, account in named.items()
    }


def _by(accounts: Iterable[Account], keys: Callable[[Account], Iterable[str]]) -> dict[str, list[Account]]:
    found: dict[str, list[Account]] = {}
    for account in accounts:
        for key in set(keys(account)):
            if key:
                found.setdefault(key, []).append(account)
    return found


def _spoken(name: str) -> set[str]:
    """A name in any order of its words."""
    return {folded(one) for one in names.orders(names.called(name))}


_WAYS: Final[
    tuple[tuple[How, Callable[[Account], Iterable[str]], Callable[[Person], Iterable[str]]], ...]
] = (
    ("sis_id", lambda a: [folded(a.sis_id), folded(a.login)], lambda p: [folded(p.sis_id)]),
    ("login", lambda a: [folded(a.login)], lambda p: [folded(p.login)]),
    (
        "email",
        lambda a: [folded(a.email), folded(a.login) if "@" in a.login else ""],
        lambda p: [folded(p.email), folded(p.login) if "@" in p.login else ""],
    ),
    ("name", lambda a: [folded(names.called(a.name))], lambda p: _spoken(p.name)),
)
_WORDS: Final = {"sis_id": "number", "login": "login", "email": "e-mail address", "name": "name"}
_ZH: Final = {"sis_id": "编号", "login": "登录名", "email": "邮箱地址", "name": "姓名"}
