"""A server that a test kills: an embedded dispatcher with a slow grader, and nothing else.

Called with the database's URL. Prints ``serving`` when it serves; ends when its input ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import fakes

from grader.dispatch.embedded import EmbeddedDispatcher
from grader.model.exercise import Exercise
from grader.model.report import Report
from grader.model.submission import Submission
from grader.store.database import Store


def slowly(exercise: Exercise, submission: Submission) -> Report:
    """As a sandbox: outside of any transaction, some milliseconds. One submission is the end of it."""
    time.sleep(0.03)
    if submission.source == b"poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return fakes.grade(exercise, submission)


store = Store.open(sys.argv[1])
# Where several processes serve one database, a dead one's rows are free when their lease has run out, or
# before, when it has not been seen for some seconds.
by_heartbeat = store.path is not None or "--by-heartbeat" in sys.argv
leases = {} if by_heartbeat else {"lease_seconds": 1.0, "sweep_seconds": 0.2}
dispatcher = EmbeddedDispatcher(store, slowly, fakes.exercise, threads=4, **leases).start()
print("serving", flush=True)  # noqa: T201
sys.stdin.read()
dispatcher.close()
store.close()
