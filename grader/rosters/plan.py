"""Plan of an import: what each line of a list does to whom. Nothing is changed here.

Who teaches a course chooses what its lists say, and must not get at an account by that. So

* within the course an account is found by login, number, or an address that only one has; these must agree;
* an account outside of the course is found by its login, or by its address where the list has no logins, and
  is marked (:attr:`~grader.model.roster.Step.enters`): somebody has to say that this is the person;
* a login is never changed, and name and address only of an account that studies here and does nothing else;
* who teaches or assists is neither gone nor made a student.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final

from grader.model.roster import Difference, Known, Step
from grader.rosters.headers import folded
from grader.rosters.people import Problem
from grader.rosters.rows import Person, quoted

LONGEST_NUMBER: Final = 128
LONGEST_SECTION: Final = 200


@dataclass(frozen=True)
class Plan:
    """What an import would do, in the list's order, then who is gone; and what keeps it from being done."""

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]

    @property
    def digest(self) -> str:
        """A name of all that would be done: the same plan has the same."""
        return hashlib.sha256(repr(self.steps).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def entering(self) -> list[Step]:
        """Accounts that are there already and would be enrolled."""
        return [step for step in self.steps if step.enters]

    def count(self, state: str) -> int:
        """How many people are in a state."""
        return sum(step.state == state for step in self.steps)

    def empties(self) -> bool:
        """Whether most of those who take the course would be gone: perhaps it is another course's list."""
        stay = sum(step.state in ("same", "changed") for step in self.steps)
        return self.count("gone") > stay


def make_plan(
    people: Sequence[Person],
    known: Iterable[Known],
    sections: Iterable[str],
    *,
    with_sections: bool,
    keep_absent: bool = False,
) -> Plan:
    """What importing ``people`` does.

    :param known: everybody who is or was in the course, and the accounts outside whose login or address is one
        of the list's.
    :param sections: the names of those that the course has.
    :param with_sections: the list says who is in which section.
    :param keep_absent: who is not in the list stays.
    """
    return _Planner(known, sections, with_sections).plan(people, keep_absent)


def _index(accounts: Iterable[Known], key: Callable[[Known], str]) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    for each in accounts:
        value = folded(key(each))
        if value:
            found.setdefault(value, []).append(each)
    return found


_login, _number, _mail = attrgetter("login"), attrgetter("sis_id"), attrgetter("email")


class _Planner:
    def __init__(self, known: Iterable[Known], sections: Iterable[str], with_sections: bool) -> None:
        accounts = list(known)
        self._members = [each for each in accounts if each.role is not None]
        outside = [each for each in accounts if each.role is None]
        self._logins, self._numbers = _index(self._members, _login), _index(self._members, _number)
        self._mails = _index(self._members, _mail)
        self._outside, self._outside_mails = _index(outside, _login), _index(outside, _mail)
        self._sections = {folded(name): name for name in sections}
        self._with_sections = with_sections
        self._met: dict[int, int] = {}
        """Of each account the line that means it."""
        self._problems: list[Problem] = []

    def plan(self, people: Sequence[Person], keep_absent: bool) -> Plan:
        steps = [step for step in map(self._step, people) if step is not None]
        if not keep_absent:
            steps += [
                Step(0, "gone", each.login, each.name, each.email, each.sis_id, account=each.id)
                for each in self._members
                if each.role == "student" and each.active and each.id not in self._met
            ]
        return Plan(tuple(steps), tuple(self._problems))

    def _step(self, person: Person) -> Step | None:
        if not self._fits(person):
            return None
        found = self._found(person)
        if found is None:
            return self._new(person, None)
        if isinstance(found, Problem):
            self._problems.append(found)
            return None
        before = self._met.setdefault(found.id, person.line)
        if before != person.line:
            self._say(
                person,
                f"{quoted(person.called)} is the account {quoted(found.login)}, as is line {before}: delete one of the two lines",
                f"{quoted(person.called)} 与第 {before} 行是同一个账号 {quoted(found.login)}：请删去其中一行",
            )
            return None
        return self._new(person, found) if found.role is None else self._changed(person, found)

    def _fits(self, person: Person) -> bool:
        if len(person.sis_id) > LONGEST_NUMBER:
            self._say(
                person,
                f"the number {quoted(person.sis_id)} is longer than {LONGEST_NUMBER} characters: correct it",
                f"编号 {quoted(person.sis_id)} 超过 {LONGEST_NUMBER} 个字符：请更正",
            )
            return False
        long = next((name for name in person.sections if len(name) > LONGEST_SECTION), None)
        if long is not None:
            self._say(
                person,
                f"the section {quoted(long)} is longer than {LONGEST_SECTION} characters: shorten it",
                f"小组名 {quoted(long)} 超过 {LONGEST_SECTION} 个字符：请缩短",
            )
        return long is None

    def _found(self, person: Person) -> Known | Problem | None:
        """Whom a line means: a member, an account outside, nobody yet; or why that cannot be told."""
        login, number, mail = folded(person.login), folded(person.sis_id), folded(person.email)
        strong: dict[int, Known] = {
            each.id: each
            for each in (*self._logins.get(login, ()), *self._numbers.get(number, ()))
            if login or number
        }
        if len(strong) > 1:
            said = " / ".join(sorted(quoted(each.login) for each in strong.values()))
            return Problem(
                person.line,
                f"the login and the number of {quoted(person.called)} are those of different accounts ({said}): correct one of them",
                f"{quoted(person.called)} 的登录名和编号分属不同的账号（{said}）：请更正其中之一",
            )
        if strong:
            return next(iter(strong.values()))
        weak = self._logins.get(number) or (self._logins.get(mail) if not login else None)
        weak = weak or self._mails.get(mail, [])
        outside = self._outside.get(login) or (self._outside.get(mail) if not login else None)
        if len(weak) == 1 and not (login and outside):
            return weak[0]
        if outside:
            return outside[0]
        others = [] if login else self._outside_mails.get(mail, [])
        if len(weak) > 1 or len(others) > 1:
            return Problem(
                person.line,
                f"several accounts have the address {quoted(person.email)}: add the login of {quoted(person.called)} to the list",
                f"有多个账号使用地址 {quoted(person.email)}：请在名单中写上 {quoted(person.called)} 的登录名",
            )
        return others[0] if others else None

    def _new(self, person: Person, account: Known | None) -> Step:
        login = person.login or person.email
        says = Step(
            person.line,
            "new",
            login if account is None else account.login,
            (person.name or login) if account is None else account.name,
            person.email if account is None else account.email,
            person.sis_id,
            self._named(person) if self._with_sections else None,
            None if account is None else account.id,
            enters=account is not None,
        )
        if account is None:
            return says
        kept = tuple(each for each in _said(person, account) if each.what != "sis_id")
        return replace(says, kept=kept)

    def _changed(self, person: Person, member: Known) -> Step:
        ours = member.ours and member.role == "student"
        changes: list[Difference] = []
        kept: list[Difference] = []
        for each in _said(person, member):
            may = each.what == "sis_id" or (each.what != "login" and ours)
            (changes if may else kept).append(each)
        sections = None
        if self._with_sections:
            sections = self._named(person)
            if set(sections) != set(member.sections):
                changes.append(
                    Difference("sections", ", ".join(sorted(member.sections)), ", ".join(sections))
                )
            else:
                sections = None
        if not member.active:
            changes.append(Difference("active", "", ""))
            if member.role != "student":
                changes.append(Difference("role", member.role or "", "student"))
        becomes = {each.what: each.says for each in changes}
        return Step(
            person.line,
            "changed" if changes else "same",
            member.login,
            becomes.get("name", member.name),
            becomes.get("email", member.email),
            becomes.get("sis_id", member.sis_id),
            sections,
            member.id,
            changes=tuple(changes),
            kept=tuple(kept),
        )

    def _named(self, person: Person) -> tuple[str, ...]:
        """The person's sections, by the names that the course has for them, each once."""
        return tuple(dict.fromkeys(self._sections.setdefault(folded(name), name) for name in person.sections))

    def _say(self, person: Person, message: str, zh: str) -> None:
        self._problems.append(Problem(person.line, message, zh))


def _said(person: Person, account: Known) -> list[Difference]:
    """What the list says otherwise. What it does not say is no difference, nor an address that is the login."""
    address = account.email or (account.login if "@" in account.login else "")
    pairs: tuple[tuple[str, str, str], ...] = (
        ("name", account.name, person.name),
        ("login", account.login, person.login),
        ("email", address, person.email),
        ("sis_id", account.sis_id, person.sis_id),
    )
    return [
        Difference(what, now, says)  # type: ignore[arg-type]
        for what, now, says in pairs
        if says and folded(says) != folded(now)
    ]
