"""The faults, and what each strikes."""

from __future__ import annotations

import os
import signal
from typing import Final

from tests.chaos.experiment import Fault, Run
from tests.chaos.site import MODES, wait_for


def _killed_mid_job(run: Run) -> None:
    """While something is being judged."""
    wait_for(lambda: bool(run.site.being_judged()))
    run.site.kill_a_judge()


def _zygote_killed(run: Run) -> None:
    wait_for(lambda: bool(run.site.being_judged()) and bool(run.site.zygotes()))
    for pid in run.site.zygotes():
        os.kill(pid, signal.SIGKILL)


FAULTS: Final = (
    Fault("worker killed mid-job", MODES, _killed_mid_job, "SIGKILL to the process that judges."),
    Fault("zygote killed", MODES, _zygote_killed, "SIGKILL to the jail of every process that judges."),
)
