"""Worker of the server: the pool of jails, the dispatcher and the application, made in one process.

What is made here meets nowhere else: the web is handed a dispatcher, the dispatcher what grades and draws.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import threading
from typing import Any, Final

from grader.cli.log import configure
from grader.cli.options import echo
from grader.dispatch.canary import Canary
from grader.dispatch.embedded import EmbeddedDispatcher
from grader.errors import GraderError, TruthBusy
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.canary import sings
from grader.grading.illustrate import draw
from grader.grading.typesetting import typeset, unreadable
from grader.model import seeds
from grader.model.exercise import Exercise
from grader.model.picture import Pictures
from grader.model.report import Report
from grader.model.submission import Submission
from grader.sandbox.pool import Pool
from grader.settings import Settings
from grader.store.database import Store
from grader.web.app import create_app

TRUTH_PATIENCE: Final = 1.0
"""Seconds that a grading thread waits while another runs the same exercise's reference."""
_PR_SET_PDEATHSIG: Final = 1
BOOT_FAILED: Final = 3
"""gunicorn gives up, with this exit code, when a worker ends with it."""


def build(settings: Settings, library: Library, weak_allowed: bool, demo_logins: dict[str, str]) -> Any:
    """The pool, which warms up behind the pages, the dispatcher and the application; closed at the end."""
    configure(settings)
    _die_with_master()
    pool = pool_for(settings.slots)
    warm = threading.Event()
    store = Store.open(settings.database_url, migrate=False)
    truths = Truths(patience=TRUTH_PATIENCE)

    known = Truths()
    canary = Canary(lambda: sings(pool, known))

    def judge(exercise: Exercise, submission: Submission) -> Report:
        report = grade(exercise, submission, pool, truths)
        if report.status == "graded":
            canary.judged()
        return report

    def illustrate(exercise: Exercise, submission: Submission, report: Report | None) -> Pictures:
        return draw(exercise, submission, pool, truths, report)

    def prepare(exercise: Exercise, assignment_id: int) -> bool:
        # What is right for the whole pool first; then, while there is room, why others are wrong.
        for whole, get in ((False, truths.right), (True, truths.of)):
            for seed in () if truths.full(whole=whole) else seeds.pool_of(key, assignment_id):
                plan = truths.plan(exercise, seed)
                if not truths.known(plan, whole=whole):
                    with contextlib.suppress(TruthBusy):
                        get(plan, pool)
                    return True
        return False

    key = settings.signing_key().encode()
    try:
        dispatcher = EmbeddedDispatcher(
            store,
            judge,
            library.get,
            illustrate=illustrate,
            prepare=prepare,
            threads=settings.slots,
            warm=warm,
        ).start()
    except GraderError:
        store.close()
        pool.close()
        raise

    def close() -> None:
        with contextlib.suppress(GraderError):
            dispatcher.close()
        pool.close()
        store.close()

    def warm_up() -> None:
        nonlocal pool
        try:
            pool.hello()
        except GraderError as error:
            if not weak_allowed:
                echo(
                    f"grade: {error}. Student code would run unguarded: see 'grade doctor', "
                    "or pass --allow-weak-isolation if every student is trusted",
                    err=True,
                )
                close()
                # Of a thread, only this ends the process; with this code the master ends, too.
                os._exit(BOOT_FAILED)
            pool.close()
            echo("grade: serving without namespaces, as told", err=True)
            pool = pool_for(settings.slots, weak=True)
        warm.set()

    atexit.register(close)
    # Pages answer meanwhile; what is handed in waits for its turn.
    threading.Thread(target=warm_up, name="warming up", daemon=True).start()
    return create_app(
        settings,
        store,
        library,
        dispatcher,
        typeset=typeset,
        unreadable=unreadable,
        demo_logins=demo_logins,
        probes={"canary": lambda: canary.trouble() if warm.is_set() else "the sandbox is starting"},
    )


def pool_for(threads: int, *, weak: bool = False) -> Pool:
    """The pool of so many grading threads.

    A submission runs in two children, in a slot each. All threads but one may be held by one student's
    loops: there is then a slot left for what the last thread grades.
    """
    return Pool(slots=2 * threads - 1, spares=threads, weak=weak, collapse=True)


def _die_with_master() -> None:
    """A worker must not outlive a killed master: it would hold the port and the lock against the next one."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
