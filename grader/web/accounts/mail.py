"""Mail with links to a new password, sent by a thread of its own.

A request only puts what was typed into a queue: whether there is such an account, and whether it has an
address, is looked up behind the answer, which is the same and takes the same time for all.
"""

from __future__ import annotations

import queue
import smtplib
import ssl
import threading
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import Flask
from flask_babel import force_locale  # type: ignore[import-untyped]
from limits import parse
from limits.strategies import RateLimiter

from grader.model.mail import Mail
from grader.store import audit, recovery
from grader.store.database import Store
from grader.store.tables import User
from grader.web.context import Asked, Welcome
from grader.web.ui.languages import _, ngettext

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 100
PER_ADDRESS: Final = "3 per hour"
"""Mails to one address, however many accounts have it and whoever asks."""
SECONDS: Final = 30
"""The longest that the mail server may keep us waiting for an answer."""
LONGEST_LOGIN: Final = 60
PATH: Final = "/password/"
"""Where links lead; the secret follows."""


class Mailer:
    """Sends what is asked for, one mail after the other. The thread begins with the first.

    :param hours: for which a link works.
    """

    def __init__(self, app: Flask, store: Store, limiter: RateLimiter, mail: Mail, hours: int) -> None:
        self._app, self._store, self._limiter, self._mail, self._hours = app, store, limiter, mail, hours
        self._queue: queue.Queue[Asked | Welcome] = queue.Queue(MOST_WAITING)
        self._begin = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, asked: Asked | Welcome) -> bool:
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
                if isinstance(asked, Welcome):
                    for user_id in asked.user_ids:
                        self._welcome(asked, user_id)
                else:
                    self._answer(asked)
            except Exception as error:  # noqa: BLE001 – logged; the thread lives on
                self._failed(error)
            finally:
                self._queue.task_done()

    def _answer(self, asked: Asked) -> None:
        with self._store.read() as transaction:
            found = recovery.reachable(transaction, asked.typed)
        for address, users in found.items():
            if not self._limiter.hit(parse(PER_ADDRESS), "mail", address):
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

    def _welcome(self, welcome: Welcome, user_id: int) -> None:
        """A link to a first password, made when the mail is sent: until then somebody may have chosen one."""
        token, address = None, None
        lifetime = timedelta(hours=self._hours)
        with self._store.write() as transaction:
            user = recovery.get_helped(transaction, user_id, welcome.course_id)
            address = None if user is None else recovery.mailbox(user)
            if user is None or address is None or user.password_hash is not None:
                return
            if not self._limiter.hit(parse(PER_ADDRESS), "mail", address):
                log.warning("a mail was not sent: too many to one address")
                return
            token = recovery.make_link(transaction, user_id, lifetime=lifetime, course_id=welcome.course_id)
            audit.record(transaction, "system", "account.link", user.login, {"by": "mail"})
        with self._app.app_context(), force_locale(welcome.language):
            message = self._welcoming(welcome, address, user, token)
        try:
            self._send(message)
        except Exception as error:  # noqa: BLE001 – whatever went wrong, this link reached nobody
            self._failed(error)
            with self._store.write() as transaction:
                recovery.forget_links(transaction, [token])

    def _welcoming(self, welcome: Welcome, address: str, user: User, token: str) -> EmailMessage:
        host = urlsplit(self._mail.public_url).netloc
        title = " ".join(welcome.title.split())
        message = self._headed(address, _("Your account for the exercises"))
        lines = [
            _("You are enrolled in the course %(title)s at %(host)s.", title=title, host=host),
            "",
            _("Choose a password for the account %(login)s:", login=user.login[:LONGEST_LOGIN]),
            f"{self._mail.public_url}{PATH}{token}",
            "",
            self._how_long(),
        ]
        message.set_content("\n".join(lines) + "\n")
        return message

    def _headed(self, address: str, subject: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self._mail.sender, address
        message["Subject"] = subject
        host = urlsplit(self._mail.public_url).hostname
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=host)
        message["Auto-Submitted"] = "auto-generated"
        return message

    def _how_long(self) -> str:
        return ngettext(
            "A link works once, within %(num)d hour.", "A link works once, within %(num)d hours.", self._hours
        )

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
        message = self._headed(address, _("A new password for the exercises"))
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
        lines.append(self._how_long())
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
