"""The bottleneck of a step is computed from what was used, and groups of processes add up."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.loading.usage import Machine, Used, bottleneck, seconds_of

IDLE = Used(
    seconds=10.0, machine=Machine(0.2, 0.8, 0.0, 0.0), cores={"pages": 0.1, "children": 0.2, "students": 0.1},
    number_of_cores=2, queued=0.0, running=0.5, slots=3, asking=0.2, request_threads=40,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "nothing"),
        (
            {"machine": Machine(0.97, 0.03, 0.0, 0.0), "cores": {"children": 1.1, "pages": 0.8}},
            "children use most",
        ),
        (
            {"machine": Machine(0.97, 0.03, 0.0, 0.0), "cores": {"pages": 0.8, "others": 1.1}},
            "nothing to do with this",
        ),
        ({"machine": Machine(0.5, 0.1, 0.0, 0.4)}, "the machine below"),
        ({"cores": {"pages": 0.85}}, "the interpreter lock of pages"),
        ({"cores": {"workers": 0.85}, "processes": {"workers": 2}}, "nothing"),
        ({"cores": {"workers": 1.7}, "processes": {"workers": 2}}, "the interpreter lock of workers"),
        ({"cores": {"database": 1.7}}, "the database"),
        ({"machine": Machine(0.2, 0.4, 0.4, 0.0)}, "the disk"),
        ({"running": 3.0, "queued": 12.0}, "the slots"),
        ({"running": 3.0, "queued": 1.0}, "nothing"),
        ({"asking": 39.0}, "the request threads"),
    ],
)
def test_bottleneck(changes: dict[str, Any], words: str) -> None:
    assert words in bottleneck(dataclasses.replace(IDLE, **changes))


def test_shares_of_a_machine() -> None:
    shares = Machine(30.0, 60.0, 6.0, 4.0).since(Machine(10.0, 20.0, 6.0, 4.0))
    assert (shares.busy, shares.idle, shares.disk, shares.stolen) == pytest.approx((1 / 3, 2 / 3, 0.0, 0.0))


BUSY = "import time\nwhile time.process_time() < {}: pass\nprint(flush=True)\ninput()"


def test_what_a_group_started_is_not_counted_twice() -> None:
    """What a service takes is not this process's, which started it; its other programs are the jail's."""
    before = seconds_of({"students": [os.getpid()]})["students"]  # other tests' processes may run, too
    own = subprocess.Popen([sys.executable, "-c", BUSY.format(0.3)], stdin=-1, stdout=-1)
    starts = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY.format(0.4)!r}])"
    parent = subprocess.Popen([sys.executable, "-c", starts], stdin=-1, stdout=-1)
    try:
        for process in (own, parent):
            assert process.stdout is not None
            process.stdout.readline()
        found = seconds_of({"pages": [parent.pid], "proxy": [own.pid], "students": [os.getpid()]})
        assert found["proxy"] >= 0.25
        assert found["children"] >= 0.35
        assert found["students"] - before < 0.25, "and of those two nothing"
    finally:
        for process in (own, parent):
            process.communicate(b"\n")
