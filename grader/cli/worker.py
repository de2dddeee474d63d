"""Worker of the server: the dispatcher and the application, made in one process.

What is made here meets nowhere else: the web is handed a dispatcher, the dispatcher what grades and draws.
Without a broker the pool of jails is here, too (:func:`build`); with one, workers have it
(:mod:`grader.cli.web_only`).
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import threading
from typing import Any, Final

from grader.cli.jailed import Jailed
from grader.cli.log import configure
from grader.cli.options import echo
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.dispatch.judging import Judging
from grader.errors import GraderError
from grader.exercises import Library
from grader.grading.typesetting import typeset, unreadable
from grader.settings import Settings
from grader.store import judging_versions
from grader.store.database import Store
from grader.web.app import create_app

_PR_SET_PDEATHSIG: Final = 1
BOOT_FAILED: Final = 3
"""gunicorn gives up, with this exit code, when a worker ends with it."""


def build(settings: Settings, library: Library, weak_allowed: bool, demo_logins: dict[str, str]) -> Any:
    """The pool, which warms up behind the pages, the dispatcher and the application; closed at the end."""
    configure(settings)
    die_with_master()
    jailed = Jailed(settings.slots, settings.signing_key().encode())
    warm = threading.Event()
    store = Store.open(settings.database_url, migrate=False)
    judging = jailed.judging(store, settings)
    try:
        dispatcher = EmbeddedDispatcher(
            store,
            judging,
            library.get,
            illustrate=jailed.illustrate,
            prepare=jailed.prepare,
            preemption=jailed.preemption,
            threads=settings.slots,
            more=1,
            warm=warm,
        ).start()
        _say_what_waits(store, judging)  # now that what an earlier process left waiting is forgotten
    except GraderError:
        store.close()
        jailed.close()
        raise

    def close() -> None:
        with contextlib.suppress(GraderError):
            dispatcher.close()
        jailed.close()
        store.close()

    def warm_up() -> None:
        try:
            jailed.warm_up(weak_allowed)
        except GraderError as error:
            echo(f"grade: {error}", err=True)
            close()
            # Of a thread, only this ends the process; with this code the master ends, too.
            os._exit(BOOT_FAILED)
        warm.set()

    atexit.register(close)
    # Pages answer meanwhile; what is handed in waits for its turn.
    threading.Thread(target=warm_up, name="warming up", daemon=True).start()
    return create_app(
        settings,
        store,
        library,
        dispatcher,
        figures=judging.figures,
        typeset=typeset,
        unreadable=unreadable,
        demo_logins=demo_logins,
        probes={"canary": lambda: jailed.canary.trouble() if warm.is_set() else "the sandbox is starting"},
    )


def _say_what_waits(store: Store, judging: Judging) -> None:
    """After an upgrade: what is handed in to assignments that other versions judge will wait. Said at once,
    to who starts the server, and not to the first student."""
    blocked = judging.blocked()
    if not blocked:
        return
    with store.read() as session:
        places = judging_versions.places(session, blocked)
    if places:
        courses = sorted({place.course for place in places})
        named = ", ".join(courses[:5]) + (" …" if len(courses) > 5 else "")
        echo(
            f"grade: {len(places)} assignments ({named}) are judged by other versions than those here, "
            f"{judging.versions.family}: what is handed in there waits until somebody allows these, with "
            "'grade assignment versions COURSE --allow-versions' or on the course's page Assignments; "
            "GRADER_MIX_VERSIONS=on allows them everywhere",
            err=True,
        )


def die_with_master() -> None:
    """A worker must not outlive a killed master: it would hold the port and the lock against the next one."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
