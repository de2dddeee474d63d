"""The demo's doors: in a demo, and only there, one click signs in as its student or its teacher."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from grader.store import people
from grader.web import clock
from grader.web.accounts import begin_session
from grader.web.services import services
from grader.web.transactions import writing

doors = Blueprint("doors", __name__)


def install(app: Flask, logins: Mapping[str, str]) -> None:
    """Open the doors; without logins there are none, and no address for them."""
    if logins:
        app.register_blueprint(doors)


@doors.post("/demo/<role>")
def enter(role: str) -> ResponseReturnValue:
    """Sign in as the demo's account with this role."""
    login = services().doors.get(role)
    if login is None:
        raise NotFound
    with writing() as transaction:
        user = people.find_user(transaction, login)
        if user is None or user.disabled:
            raise NotFound
        token = people.open_sign_in(transaction, user.id)
        clock.remember(transaction, user)
    begin_session(user, token)
    return redirect(url_for("student.home"), 303)
