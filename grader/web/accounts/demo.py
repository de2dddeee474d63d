"""Demo logins: in a demo, and only there, one click signs in as its student or its teacher."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from grader.store import tokens, users
from grader.web.accounts.sign_in import begin_session
from grader.web.context import services
from grader.web.transactions import writing
from grader.web.ui import timezones

blueprint = Blueprint("demo", __name__)


def install(app: Flask, logins: Mapping[str, str]) -> None:
    """Add the buttons; without logins there are none, and no address for them."""
    if logins:
        app.register_blueprint(blueprint)


@blueprint.post("/demo/<role>")
def enter(role: str) -> ResponseReturnValue:
    """Sign in as the demo's account with this role."""
    login = services().demo_logins.get(role)
    if login is None:
        raise NotFound
    with writing() as transaction:
        user = users.find_user(transaction, login)
        if user is None or user.disabled:
            raise NotFound
        token = tokens.open_sign_in(transaction, user.id)
        timezones.remember(transaction, user)
    begin_session(user, token)
    return redirect(url_for("home.show"), 303)
