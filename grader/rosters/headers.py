"""Headings: which column is the name, the login, the number; and whose export has such columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Field = Literal["name", "first", "last", "login", "email", "sis_id", "section"]
Format = Literal["canvas", "moodle", "blackboard", "table", "plain"]
"""Whose export it is; a table with a heading of its own; lines without a heading."""

_WORDS: Final[dict[Field, str]] = {
    "name": """student | name | full name | fullname | student name | display name | learner | participant | user
        full name | sortable name | names | students | teilnehmer | teilnehmerin | kursteilnehmer | kursteilnehmer in
        | vollständiger name | name des studierenden | studierende | studierender | studentin | vor und nachname
        | 姓名 | 学生姓名 | 名字 姓名 | 全名 | 学生 | 名称 | 姓 名 | 學生姓名 | 學生
        | nom complet | nombre completo | nome completo | étudiant""",
    "first": """first name | firstname | first names | given name | given names | forename | first | givenname | vorname
        | vornamen | 名 | 名字 | prénom | nombre | nome""",
    "last": """last name | lastname | surname | family name | last | familyname | sn | nachname | familienname
        | zuname | 姓 | 姓氏 | nom de famille | apellido | apellidos | apellido s | cognome""",
    "login": """login | sis login id | sis anmelde id | sis anmeldekennung | sis 登录 id | sis登录id | username | user name | login id | user | account | user id | userid | net id
        | netid | uid | loginname | login name | account name | anmeldename | benutzername | nutzername | kennung
        | benutzerkennung | benutzer | kontoname | uni id | 用户名 | 登录名 | 账号 | 帐号 | 登录 id | 登录id | 用户 | 账户
        | 登录 | 登录账号 | 使用者名稱 | 帳號 | identifiant | usuario""",
    "email": """email | e mail | email address | e mail address | mail | emailaddress | email addresses | mailadresse
        | e mail adresse | emailadresse | email adresse | mail adresse | 电子邮件 | 邮箱 | 电子邮箱 | 电子邮件地址 | email地址
        | email 地址 | 邮件 | 邮件地址 | 邮箱地址 | e mail 地址 | 電子郵件 | adresse de courriel | correo electrónico
        | primary email | institutional email | university email""",
    "sis_id": """sis user id | sis id | sis benutzer id | sis nutzer id | id number | idnumber | student id | student number | studentid | student no
        | student id number | matriculation number | matriculation no | registration number | matriculation
        | matrikelnummer | matrikelnr | matrikel nr | matr nr | matrnr | matrikel | id nummer | personalnummer
        | number | no of student | org defined id | orgdefinedid | integration id
        | 学号 | 学生编号 | 学生 id | 学生id | id号 | id 号 | 编号 | 学籍号 | id 号码 | id号码 | 學號 | sis 用户 id | sis用户id
        | numéro d étudiant | número de id""",
    "section": """section | sections | 小节 | group | groups | class | section name | class section | tutorial | lab
        | child course id | group1 | cohort1 | section1 | gruppe | gruppen | übungsgruppe | abschnitt | klasse
        | sektion | tutorium | 班级 | 小组 | 分组 | 组 | 组别 | 教学班 | 班 | 行政班 | 班別 | 组名 | groupe | grupo""",
}
_FIELDS: Final[dict[str, Field]] = {
    " ".join(word.split()): field for field, words in _WORDS.items() for word in words.split("|")
}


_CANVAS: Final = {
    "sis user id", "sis login id", "sis 用户 id", "sis用户id", "sis 登录 id", "sis登录id", "sis benutzer id",
    "sis nutzer id", "sis anmelde id",
}  # fmt: skip


def folded(text: str) -> str:
    """``text`` as it is compared: one Unicode form, no case, one blank in place of several."""
    if text.isascii():
        return " ".join(text.lower().split())
    twice = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(twice.split())


def heading(text: str) -> str:
    """A heading as it is compared: letters and digits alone."""
    return " ".join(re.sub(r"[\W_]+", " ", folded(text).lstrip("\ufeff")).split())


@dataclass(frozen=True)
class Headings:
    """A heading line that was understood."""

    format: Format
    columns: dict[Field, tuple[int, ...]]
    """Of each field its columns; several only of sections."""

    def column(self, field: Field) -> int | None:
        """The one column of a field."""
        found = self.columns.get(field)
        return found[0] if found else None


def known(cells: Sequence[str]) -> int:
    """How many of the cells are headings that are understood."""
    return sum(heading(cell) in _FIELDS for cell in cells)


def read_headings(cells: Sequence[str]) -> Headings | None:
    """What the columns are, by their headings; None where none is understood."""
    titles = [heading(cell) for cell in cells]
    columns: dict[Field, list[int]] = {}
    for i, title in enumerate(titles):
        field = _FIELDS.get(title)
        if field is None and re.fullmatch(r"(group|section|cohort|gruppe) ?\d+", title):
            field = "section"
        if field is not None:
            columns.setdefault(field, []).append(i)
    format_ = _format(titles)
    _settle(columns, titles, format_)
    if not columns:
        return None
    return Headings(format_, {field: tuple(places) for field, places in columns.items()})


def _settle(columns: dict[Field, list[int]], titles: Sequence[str], format_: Format) -> None:
    """One column a field: Canvas' own id is no school's, and what says more goes before what says less."""
    if "first" in columns and "last" not in columns and "name" in columns:
        # 'Name, Vorname': the name is the family's. (Chinese '姓名, 名字' means the same person twice.)
        if titles[columns["name"][0]] == "name":
            columns["last"] = columns.pop("name")
    elif "first" in columns and "last" not in columns:
        columns["name"] = columns.pop("first")
    elif "last" in columns and "first" not in columns and "name" not in columns:
        columns["name"] = columns.pop("last")
    if "sis_id" not in columns and format_ != "canvas" and "id" in titles:
        columns["sis_id"] = [titles.index("id")]
    best: dict[Field, tuple[str, ...]] = {
        "login": ("sis login id", "username", "login", "用户名", "anmeldename"),
        "sis_id": ("sis user id", "student id", "id number", "学号"),
        "name": ("student", "name", "姓名"),
    }
    for field, places in columns.items():
        if field == "section":
            continue
        places.sort(key=lambda i: (titles[i] not in best.get(field, ()), i))
        del places[1:]


def _format(titles: Sequence[str]) -> Format:
    have = set(titles)
    if have & _CANVAS or {"student", "id", "section"} <= have:
        return "canvas"
    if {"username", "last name", "first name"} <= have and have & {
        "student id",
        "last access",
        "availability",
        "child course id",
    }:
        return "blackboard"
    if {"用户名", "姓氏"} <= have and have & {"学生 id", "学生id", "上次访问", "可用性"}:
        return "blackboard"
    if {"benutzername", "nachname", "vorname"} <= have and have & {"letzter zugriff", "verfügbarkeit"}:
        return "blackboard"
    numbers = {"id number", "idnumber", "id nummer", "id号", "id 号", "id号码", "id 号码", "学号", "编号"}
    givens = {"first name", "firstname", "vorname", "名", "名字"}
    mails = {
        "email address",
        "email",
        "e mail adresse",
        "电子邮件地址",
        "email地址",
        "email 地址",
        "e mail address",
    }
    if have & givens and have & mails and (have & numbers or have & {"groups", "gruppen", "小组", "course1"}):
        return "moodle"
    if {"username", "firstname", "lastname"} <= have or any(
        title.startswith(("last downloaded from this course", "zuletzt aus diesem kurs")) for title in titles
    ):
        return "moodle"
    return "table"
