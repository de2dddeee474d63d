"""The faults, and what each strikes."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from grader.store.requeue import MAX_INTERRUPTIONS
from tests.chaos.crowd import post
from tests.chaos.experiment import VERDICTS_WITHIN, Fault, Run
from tests.chaos.site import MODES, Mode, Site, wait_for
from tests.served import GRADE, Server

SQLITE: Final[tuple[Mode, ...]] = ("embedded, SQLite",)
SERVERS: Final[tuple[Mode, ...]] = ("embedded, PostgreSQL", "Celery")
CELERY: Final[tuple[Mode, ...]] = ("Celery",)
OUTAGE_SECONDS: Final = 20.0
HELD_SECONDS: Final = 5.0
FEW_DESCRIPTORS: Final = 64
HOUR: Final = 3600
_POISON: Final = "while True:\n    pass\n"
"""It does nothing worse than to run until it is stopped; what kills the worker is this test."""


def _being_judged(run: Run) -> None:
    wait_for(lambda: bool(run.site.being_judged()), what="nothing is being judged")


def _hold(run: Run, seconds: float, *, refused: bool = False) -> None:
    """Let it last, while the class hurries; until something was refused, where that is how it is felt."""
    before = len(run.crowd.refused)
    run.crowd.hurry()
    time.sleep(seconds)
    if refused:
        wait_for(lambda: len(run.crowd.refused) > before, what="nothing was refused: the fault was not felt")
    run.crowd.relax()


# Processes


def _worker_killed(run: Run) -> None:
    _being_judged(run)
    run.site.kill_a_judge()


def _zygote_killed(run: Run) -> None:
    wait_for(lambda: bool(run.site.zygotes()), what="there is no jail")
    _being_judged(run)
    for pid in run.site.zygotes():
        os.kill(pid, signal.SIGKILL)


def _will_die_unheard(site: Site) -> None:
    site.server.program = [sys.executable, "-m", "tests.chaos.doomed", str(site.folder / "now")]


def _web_killed_unheard(run: Run) -> None:
    site = run.site
    (site.folder / "now").touch()
    wait_for(lambda: bool(site.ended), what="nothing was handed in")


def _deployed(run: Run) -> None:
    run.crowd.hurry()
    wait_for(lambda: run.waiting() >= 25, what="the queue does not fill")
    run.crowd.relax()
    run.said.append(f"{run.waiting()} waited")
    run.site.server.stop()


# Servers of others


def _postgres_away(run: Run) -> None:
    assert run.site.postgres is not None
    run.site.postgres.kill()
    _hold(run, OUTAGE_SECONDS, refused=True)
    run.site.postgres.start()


def _redis_killed(run: Run) -> None:
    """All that it holds is in its file, and is there again."""
    assert run.site.redis is not None
    run.site.redis.kill()
    _hold(run, HELD_SECONDS)
    run.site.redis.start(keep=True)


def _redis_emptied(run: Run) -> None:
    """It comes back without anything."""
    assert run.site.redis is not None
    run.site.redis.kill()
    _hold(run, HELD_SECONDS)
    run.site.redis.start()


def _redis_keeps(site: Site) -> None:
    assert site.redis is not None
    site.redis.kill()
    site.redis.start(keep=True)


# The machine


def _small_disk(site: Site) -> None:
    """A file system of 8 MiB. Where none may be mounted, :func:`_disk_full` limits the size of files."""
    with suppress(OSError, subprocess.CalledProcessError):
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "chaos", str(site.data)],
            check=True, capture_output=True,
        )  # fmt: skip


def _unmounted(site: Site) -> None:
    if site.data.is_mount():
        subprocess.run(["umount", "--lazy", str(site.data)], check=True, capture_output=True)


def _disk_full(run: Run) -> None:
    data = run.site.data
    if data.is_mount():
        with _filled(data / "filler"):
            _hold(run, HELD_SECONDS, refused=True)
        return
    run.said.append("by a limit on the size of files")
    pids = run.site.web_workers()
    before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids]
    for pid, (_, hard) in zip(pids, before, strict=True):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    _hold(run, HELD_SECONDS, refused=True)
    for pid, limits in zip(pids, before, strict=True):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def _filled(filler: Path) -> Iterator[None]:
    """Take all room of a disk, and what becomes free meanwhile."""
    over = threading.Event()

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            while True:
                for size in (65536, 4096, 1):
                    with suppress(OSError):
                        while file.write(b"x" * size):
                            pass
                if over.wait(0.02):
                    return

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        filler.unlink()


def _no_immutable() -> str | None:
    return None if os.geteuid() == 0 and shutil.which("chattr") else "needs root and chattr"


def _immutable(site: Site, flag: str) -> None:
    """The folder and its files, but for the log, which has to say what happens. (A mode would not stop root,
    and no mode stops who has a file open.)"""
    files = [str(path) for path in site.data.iterdir() if path.name != "log"]
    subprocess.run(["chattr", flag, *files, str(site.data)], check=True, capture_output=True)


def _read_only(run: Run) -> None:
    try:
        _immutable(run.site, "+i")
    except subprocess.CalledProcessError as error:
        run.said.append(f"not injected: {error.stderr.decode().strip()}")
        raise AssertionError("this file system knows no immutable files") from error
    try:
        _hold(run, HELD_SECONDS, refused=True)
    finally:
        _immutable(run.site, "-i")


def _ended_and_started(run: Run) -> None:
    """Memory that is mapped to a file which cannot be written ends a process (SIGBUS), and the next one
    refuses to start until the folder can be written: it is for who watches over the server to try again."""
    if run.site.ended:
        run.said.append(f"the server ended {len(run.site.ended)} times by itself")


def _no_compiler() -> str | None:
    return None if shutil.which("cc") else "needs a C compiler (cc)"


def _own_clock(site: Site) -> None:
    """The server (and the workers) see a clock that this test sets; the database's goes right."""
    library, clock = site.folder / "clock.so", site.folder / "clock"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    clock.write_bytes(struct.pack("=q", 0))
    site.server = Server(site.data, **site.settings, LD_PRELOAD=str(library), CHAOS_CLOCK=str(clock))


def _clock_stepped(seconds: int) -> Callable[[Run], None]:
    def step(run: Run) -> None:
        _being_judged(run)
        with (run.site.folder / "clock").open("r+b") as clock:
            clock.write(struct.pack("=q", seconds))  # in place: it is mapped

    return step


def _clock_was_off(run: Run) -> None:
    """The fault was really there: rows say so."""
    with run.site.connection() as connection:
        newest = connection.scalar(text("SELECT max(created_at) FROM submissions"))
        oldest = connection.scalar(text("SELECT min(created_at) FROM submissions"))
    span = (_moment(newest) - _moment(oldest)).total_seconds()
    assert span > HOUR / 2, f"all was handed in within {span:.0f} s by the server's clock"


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _descriptors_scarce(site: Site) -> None:
    few = ["prlimit", f"--nofile={FEW_DESCRIPTORS}:{FEW_DESCRIPTORS}", "--", *GRADE]
    site.server.program = site.worker_program = few


def _connections_held(run: Run) -> None:
    held = []
    try:
        for _ in range(2 * FEW_DESCRIPTORS):
            connection = socket.socket()
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", run.site.server.port))
            held.append(connection)
        _hold(run, HELD_SECONDS)
    finally:
        for connection in held:
            connection.close()


def _few_was_said(run: Run) -> None:
    assert f"only {FEW_DESCRIPTORS} files" in run.site.log(), "the server had more"


# A submission


def _poisoned(run: Run) -> None:
    """Whoever judges one submission is killed, each time, while others are judged beside it."""
    site = run.site
    status, answer = post(site.server.port, site.tokens[0], _POISON, key="poison")
    assert status == 202, answer
    poison = answer["id"]
    run.set_aside.append(poison)
    kills = 0

    def row() -> Any:
        with site.connection() as connection:
            query = text("SELECT state, tries, interruptions, problem FROM submissions WHERE id = :id")
            return connection.execute(query, {"id": poison}).one()

    def settled() -> bool:
        nonlocal kills
        found = row()
        # A note of what is being judged outlives its process, until the death is counted.
        if found.interruptions == kills and found.state != "failed":
            with suppress(OSError):  # nobody judges at this moment
                judge = site.being_judged().get(poison)
                if judge is not None and judge in site.judges():
                    site.kill(judge)
                    kills += 1
                    wait_for(lambda: row().interruptions == kills, what="a death was not counted")
                    time.sleep(0.5)
        return bool(found.state == "failed")

    try:
        wait_for(settled, 300)
    except AssertionError as error:
        raise AssertionError(f"{error}; {kills} workers were killed: {row()}") from None
    assert kills == MAX_INTERRUPTIONS, f"it was tried {kills} times"
    run.said.append(f"{kills} workers killed")


def _said_of_poison(run: Run) -> None:
    (poison,) = run.set_aside
    told = [line for line in run.site.log().splitlines() if poison in line and "set aside" in line]
    assert told, "the log does not name what was set aside"
    with urllib.request.urlopen(f"{run.site.server.url}/metrics", timeout=30) as answer:
        metrics = answer.read().decode()
    assert "\ngrader_set_aside 1.0\n" in metrics, "/metrics does not tell"


FAULTS: Final = (
    Fault("worker killed mid-job", MODES, _worker_killed, "SIGKILL to the process that judges."),
    Fault(
        "web killed before the wake-up", MODES, _web_killed_unheard,
        "SIGKILL to the server when a submission is stored and nobody has been told of it.",
        prepare=_will_die_unheard,
    ),
    Fault("zygote killed", MODES, _zygote_killed, "SIGKILL to the jail of each process that judges."),
    Fault(
        "poison", MODES, _poisoned,
        "Whoever judges a certain submission is killed each time.", check=_said_of_poison,
    ),
    Fault("deploy with a full queue", MODES, _deployed, "SIGTERM to the server, and the next is started."),
    Fault("Redis killed", CELERY, _redis_killed, f"SIGKILL; back after {HELD_SECONDS:.0f} s with its data.",
        prepare=_redis_keeps,
    ),
    Fault("Redis killed, data gone", CELERY, _redis_emptied, "The same; it comes back empty."),
    Fault("PostgreSQL away", SERVERS, _postgres_away, f"SIGKILL; back after {OUTAGE_SECONDS:.0f} s."),
    Fault(
        "disk full", SQLITE, _disk_full, f"No room in the data folder for {HELD_SECONDS:.0f} s.",
        prepare=_small_disk, clean=_unmounted,
    ),
    Fault(
        "data folder read-only", SQLITE, _read_only,
        f"Nothing in the data folder can be written for {HELD_SECONDS:.0f} s.",
        lacking=_no_immutable, check=_ended_and_started,
    ),
    Fault(
        "clock an hour forwards", MODES, _clock_stepped(HOUR),
        "The clock of server and workers steps; the database server's goes on.",
        prepare=_own_clock, lacking=_no_compiler, check=_clock_was_off,
    ),
    Fault(
        "clock an hour backwards", MODES, _clock_stepped(-HOUR), "The same, backwards.",
        prepare=_own_clock, lacking=_no_compiler, check=_clock_was_off,
    ),
    Fault(
        "few descriptors", MODES, _connections_held,
        f"{FEW_DESCRIPTORS} descriptors a process, and {2 * FEW_DESCRIPTORS} connections that say nothing.",
        prepare=_descriptors_scarce, check=_few_was_said,
    ),
)  # fmt: skip


def _until_well(run: Run) -> None:
    """All that was handed in has its verdict, and more is taken."""
    taken = {each.id for each in run.crowd.accepted}
    wait_for(lambda: taken <= run.settled.keys(), VERDICTS_WITHIN, "a verdict is lost")
    wait_for(lambda: len(run.crowd.accepted) > len(taken), VERDICTS_WITHIN, "nothing is taken")


def one_after_another(names: tuple[str, ...]) -> Fault:
    """These faults as one: they strike the same installation, each when all is well after the one before."""
    each = [fault for name in names for fault in FAULTS if fault.name == name]
    assert len(each) == len(names), names

    def inject(run: Run) -> None:
        for n, fault in enumerate(each):
            if n:
                _until_well(run)
            fault.inject(run)

    def prepare(site: Site) -> None:
        for fault in each:
            fault.prepare(site)

    def check(run: Run) -> None:
        for fault in each:
            fault.check(run)

    def clean(site: Site) -> None:
        for fault in each:
            fault.clean(site)

    modes = tuple(mode for mode in MODES if all(mode in fault.modes for fault in each))
    meaning = " Then: ".join(fault.meaning for fault in each)
    return Fault(", then ".join(names), modes, inject, meaning, prepare=prepare, check=check, clean=clean)
