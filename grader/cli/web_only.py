"""Server without a jail: pages and the API; workers grade (``grade worker``)."""

from __future__ import annotations

import atexit
import contextlib
from typing import Any

from grader.cli.log import configure
from grader.cli.worker import die_with_master
from grader.dispatch.broker import Broker
from grader.dispatch.remote import RemoteDispatcher
from grader.errors import GraderError
from grader.exercises import Library
from grader.grading.typesetting import typeset, unreadable
from grader.settings import Settings
from grader.store.database import Store
from grader.web.app import create_app


def build(settings: Settings, library: Library, _weak_allowed: bool, demo_logins: dict[str, str]) -> Any:
    """The dispatcher and the application; closed at the end."""
    configure(settings)
    die_with_master()
    store = Store.open(settings.database_url, migrate=False)
    try:
        dispatcher = RemoteDispatcher(store, Broker(settings.broker_url or "")).start()
    except GraderError:
        store.close()
        raise

    def close() -> None:
        with contextlib.suppress(GraderError):
            dispatcher.close()
        store.close()

    atexit.register(close)
    return create_app(
        settings,
        store,
        library,
        dispatcher,
        typeset=typeset,
        unreadable=unreadable,
        demo_logins=demo_logins,
    )
