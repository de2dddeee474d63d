"""Sentences of the audit log: what an event says to a reader, in the reader's language.

An action that has no sentence here is shown with its name and what was written down with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from grader.store.tables import AuditEvent
from grader.web.ui.languages import _, ngettext

Said = Callable[[str, Mapping[str, Any]], str]
"""What happened, of its subject and of what was written down with it."""


def sentence(event: AuditEvent) -> str:
    """What happened, without who did it and when."""
    said = SENTENCES.get(event.action)
    if said is not None:
        return said(event.subject, event.details)
    return _("%(action)s: %(subject)s", action=event.action, subject=event.subject)


def remaining(event: AuditEvent) -> str:
    """What was written down and the sentence does not say, where there is no sentence."""
    if event.action in SENTENCES:
        return ""
    return ", ".join(f"{name} {_plain(value)}" for name, value in event.details.items() if name != "course")


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return "–" if value is None or value == "" else str(value)


def role_name(role: object) -> str:
    """What somebody is in a course."""
    names = {"student": _("Student"), "assistant": _("Assistant"), "instructor": _("Teacher")}
    return names.get(str(role), str(role))


def _number(details: Mapping[str, Any], name: str) -> int:
    value = details.get(name)
    return value if isinstance(value, int) else 0


def _list_imported(_subject: str, d: Mapping[str, Any]) -> str:
    return _(
        "imported a list: %(new)s new, %(changed)s changed, %(gone)s gone, %(same)s the same",
        **{state: _number(d, state) for state in ("new", "changed", "gone", "same")},
    )


def _undone(_subject: str, d: Mapping[str, Any]) -> str:
    return ngettext(
        "undid the import of a list, for %(num)d person",
        "undid the import of a list, for %(num)d people",
        _number(d, "people"),
    )


def _role(subject: str, d: Mapping[str, Any]) -> str:
    return _(
        "changed the role of %(who)s from %(was)s to %(role)s",
        who=subject, was=role_name(d.get("was")), role=role_name(d.get("role")),
    )  # fmt: skip


def _entered(subject: str, d: Mapping[str, Any]) -> str:
    return _("put people into the section %(name)s (%(count)s)", name=subject, count=_number(d, "people"))


def _left(subject: str, d: Mapping[str, Any]) -> str:
    return _("took people out of the section %(name)s (%(count)s)", name=subject, count=_number(d, "people"))


def _filled(_subject: str, d: Mapping[str, Any]) -> str:
    service = str(d.get("format", "")).title()
    count = _number(d, "scores")
    return _("had scores filled into a file of %(service)s (%(count)s)", service=service, count=count)


def _withdrawn(_subject: str, d: Mapping[str, Any]) -> str:
    count = _number(d, "submissions")
    return (
        _("took the exercise %(exercise)s out of the course", exercise=d.get("exercise", ""))
        + (" · " + ngettext("%(num)d submission was deleted", "%(num)d submissions were deleted", count) if count else "")
    )  # fmt: skip


def _regraded(_subject: str, d: Mapping[str, Any]) -> str:
    return ngettext(
        "had %(num)d submission graded again", "had %(num)d submissions graded again", _number(d, "submissions")
    ) + f" · {d.get('exercise', '')}"  # fmt: skip


def _assigned(_subject: str, d: Mapping[str, Any]) -> str:
    times = ", ".join(f"{name} {d[name]}" for name in ("opens", "due") if d.get(name))
    return _("set the exercise %(exercise)s", exercise=d.get("exercise", "")) + (
        f" · {times}" if times else ""
    )


SENTENCES: Final[Mapping[str, Said]] = {
    "account.create": lambda s, _d: _("made the account %(who)s and joined", who=s),
    "account.delete": lambda s, _d: _("had the data of %(who)s deleted", who=s),
    "account.disable": lambda s, _d: _("disabled the account %(who)s", who=s),
    "account.email": lambda s, _d: _("changed the e-mail address of %(who)s", who=s),
    "account.enable": lambda s, _d: _("enabled the account %(who)s", who=s),
    "account.enrol": lambda s, d: _("enrolled %(who)s as %(role)s", who=s, role=role_name(d.get("role"))),
    "account.export": lambda s, _d: _("had the data of %(who)s exported", who=s),
    "account.link": lambda s, _d: _("made a link to a new password for %(who)s", who=s),
    "account.password": lambda s, _d: _("changed the password of %(who)s", who=s),
    "account.reenrol": lambda s, _d: _("let %(who)s into the course again", who=s),
    "account.rename": lambda s, _d: _("changed name, login or address of %(who)s", who=s),
    "account.reset": lambda s, _d: _("gave %(who)s a new password", who=s),
    "account.role": _role,
    "account.unenrol": lambda s, _d: _("took %(who)s out of the course", who=s),
    "course.add": lambda _s, _d: _("made the course"),
    "course.archive": lambda _s, _d: _("archived the course"),
    "course.guests": lambda _s, _d: _("opened the course to guests"),
    "course.no-guests": lambda _s, _d: _("closed the course to guests"),
    "course.assign": _assigned,
    "course.change": lambda _s, _d: _("changed the course's titles"),
    "course.duplicate": lambda s, _d: _("made the course %(name)s as a copy", name=s),
    "course.invite": lambda _s, _d: _("made a link by which students join"),
    "course.join": lambda _s, _d: _("joined the course by its link"),
    "course.regrade": _regraded,
    "course.order": lambda _s, _d: _("changed the order of the exercises"),
    "course.unarchive": lambda _s, _d: _("took the course out of the archive"),
    "course.unassign": _withdrawn,
    "course.versions": lambda _s, d: _(
        "allowed %(versions)s to judge %(exercises)s",
        versions=d.get("versions", ""),
        exercises=", ".join(map(str, d.get("exercises", ()))),
    ),
    "course.withdraw": lambda _s, _d: _("withdrew the link by which students join"),
    "grades.fill": _filled,
    "regrade.accept": lambda _s, _d: _("accepted a proposal to change scores"),
    "regrade.cancel": lambda _s, _d: _("cancelled a proposal to change scores"),
    "regrade.propose": lambda _s, _d: _("proposed to change scores"),
    "regrade.retry": _regraded,
    "regrade.undo": lambda _s, _d: _("undid a change of scores"),
    "roster.import": _list_imported,
    "roster.undo": _undone,
    "section.delete": lambda s, _d: _("deleted the section %(name)s", name=s),
    "section.enter": _entered,
    "section.leave": _left,
    "section.make": lambda s, _d: _("made the section %(name)s", name=s),
    "section.rename": lambda s, d: _("called the section %(was)s %(name)s", was=s, name=d.get("name", "")),
    "watchlist.note": lambda s, _d: _("noted something about %(who)s on the watchlist", who=s),
    "token.issue": lambda s, _d: _("made an API token for %(who)s", who=s),
}
