"""Mail with links to a new password, sent by a thread of its own.

A request only puts what was typed into a queue: whether there is such an account, and whether it has an
address, is looked up behind the answer, which is the same and takes the same time for all.
"""

from __future__ import annotations

import queue
import smtplib
import ssl
import threading
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import Flask
from flask_babel import force_locale  # type: ignore[import-untyped]
from flask_limiter import Limiter
from limits import parse

from grader.model.text import Language
from grader.settings import Mail
from grader.store import audit, recovery
from grader.store.database import Store
from grader.store.tables import User
from grader.web.languages import _, ngettext

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 100
PER_ADDRESS: Final = "3 per hour"
"""Mails to one address, however many accounts have it and whoever asks."""
SECONDS: Final = 30
"""The longest that the mail server may keep us waiting for an answer."""
LONGEST_LOGIN: Final = 60
PATH: Final = "/password/"
"""Where links lead; the secret follows."""


@dataclass(frozen=True)
class Asked:
    """What somebody typed who forgot a password, and in which language."""

    typed: str
    language: Language


class Mailer:
    """Sends what is asked for, one mail after the other. The thread begins with the first.

    :param hours: for which a link works.
    """

    def __init__(self, app: Flask, store: Store, limiter: Limiter, mail: Mail, hours: int) -> None:
        self._app, self._store, self._limiter, self._mail, self._hours = app, store, limiter, mail, hours
        self._queue: queue.Queue[Asked] = queue.Queue(MOST_WAITING)
        self._begin = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, asked: Asked) -> bool:
        """See to it later. False when too much waits already, and nothing will come of it."""
        with self._begin:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="mail", daemon=True)
                self._thread.start()
        try:
            self._queue.put_nowait(asked)
        except queue.Full:
            log.warning("a mail was not sent: too many wait")
            return False
        return True

    def settle(self) -> None:
        """Return when everything that was asked for has been seen to."""
        self._queue.join()

    def _work(self) -> None:
        while True:
            asked = self._queue.get()
            try:
                self._answer(asked)
            except Exception as error:  # noqa: BLE001 – logged; the thread lives on
                self._failed(error)
            finally:
                self._queue.task_done()

    def _answer(self, asked: Asked) -> None:
        with self._store.read() as transaction:
            found = recovery.reachable(transaction, asked.typed)
        for address, users in found.items():
            if not self._limiter.limiter.hit(parse(PER_ADDRESS), "mail", address):
                log.warning("a mail was not sent: too many to one address")
                continue
            tokens = []
            with self._store.write() as transaction:
                for user in users:
                    tokens.append(
                        recovery.make_link(transaction, user.id, lifetime=timedelta(hours=self._hours))
                    )
                    audit.record(transaction, "system", "account.link", user.login, {"by": "mail"})
            with self._app.app_context(), force_locale(asked.language):
                message = self._written(address, users, tokens)
            try:
                self._send(message)
            except Exception as error:  # noqa: BLE001 – whatever went wrong, these links reached nobody
                self._failed(error)
                with self._store.write() as transaction:
                    recovery.forget_links(transaction, tokens)

    @staticmethod
    def _failed(error: Exception) -> None:
        # Not what the mail server said: a filter quotes what it does not like, and that may be the link.
        log.error(
            "a mail could not be sent",
            error=type(error).__name__,
            smtp_code=getattr(error, "smtp_code", None),
        )

    def _written(self, address: str, users: list[User], tokens: list[str]) -> EmailMessage:
        where = urlsplit(self._mail.public_url)
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self._mail.sender, address
        message["Subject"] = _("A new password for the exercises")
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=where.hostname)
        message["Auto-Submitted"] = "auto-generated"
        lines = [
            _(
                "Somebody asked at %(host)s for a new password for an account with this address.",
                host=where.netloc,
            ),
            _("If it was not you, do nothing: your password stays as it is."),
            "",
        ]
        for user, token in zip(users, tokens, strict=True):
            lines += [
                _("Choose a new password for the account %(login)s:", login=user.login[:LONGEST_LOGIN]),
                f"{self._mail.public_url}{PATH}{token}",
                "",
            ]
        lines.append(
            ngettext(
                "A link works once, within %(num)d hour.",
                "A link works once, within %(num)d hours.",
                self._hours,
            )
        )
        message.set_content("\n".join(lines) + "\n")
        return message

    def _send(self, message: EmailMessage) -> None:
        mail = self._mail
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if mail.security == "ssl":
            server = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
        with server:
            if mail.security == "starttls":
                server.starttls(context=context)  # raises where it is not offered: nothing goes in the clear
            if mail.user is not None and mail.password is not None:
                server.login(mail.user, mail.password)
            server.send_message(message)
