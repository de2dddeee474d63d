"""Usage: who used the processors while something ran, and what the bottleneck was (utilisation law).

Everything is read off ``/proc`` and ``/metrics`` before and after. A resource that was used for nearly all of
the time is what more load would wait for; where none was, nothing was.

=============  =====================================================================================
pages          the process of ``grade serve``: one interpreter lock, so at most one core, nearly
workers        processes of ``grade worker``, the same each
children       the jail of either: what students' code, and the references, take
database       PostgreSQL's processes (SQLite is in *pages*)
broker         Redis
proxy          nginx
students       who asks: this program's own clients, which share the machine
others         whatever else runs on the machine
=============  =====================================================================================
"""

from __future__ import annotations

import os
import re
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
FULL = 0.9
"""Of a resource that has no more to give."""
LOCK_FULL = 0.8
"""Of a core, by a process with one interpreter lock: waiting for the lock itself is time, too."""
WAITING_FOR_DISK = 0.25
_FIGURE = re.compile(r"^(grader_\w+)(?:\{[^}]*\})? (\S+)$", re.M)


@dataclass(frozen=True)
class Machine:
    """Processor time of the whole machine, in seconds over all cores; or shares of it."""

    busy: float
    idle: float
    disk: float
    """Idle, while something waits for a disk."""
    stolen: float
    """Given to another virtual machine."""

    def since(self, before: Machine) -> Machine:
        """As shares of the time since then."""
        parts = [
            now - then
            for now, then in zip(
                (self.busy, self.idle, self.disk, self.stolen),
                (before.busy, before.idle, before.disk, before.stolen),
                strict=True,
            )
        ]
        whole = max(1e-9, sum(parts))
        return Machine(*(max(0.0, part) / whole for part in parts))


def machine() -> Machine:
    """By ``/proc/stat``."""
    fields = [int(field) / TICK for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, idle, disk, irq, softirq, stolen = fields
    return Machine(user + nice + system + irq + softirq, idle, disk, stolen)


@dataclass(frozen=True)
class _Process:
    parent: int
    command: str
    seconds: float
    """Of its own."""
    reaped: float
    """Of its ended children that it has waited for."""


def processes() -> dict[int, _Process]:
    """All processes of the machine."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except (OSError, IndexError):
            continue
        own, reaped = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
        found[int(folder.name)] = _Process(int(fields[1]), command, own / TICK, reaped / TICK)
    return found


def seconds_of(roots: Mapping[str, list[int]]) -> dict[str, float]:
    """Processor seconds of each group so far; below a process of ours stand its jail's, as ``children``.

    :param roots: group → the processes that it was started as. Of ``pages`` and ``workers`` only processes
        with the same command line are their own; whatever else descends from them is the jail.
    """
    all_of_them = processes()
    begun = {pid for pids in roots.values() for pid in pids}
    below: dict[int, list[int]] = {}
    for pid, process in all_of_them.items():
        below.setdefault(process.parent, []).append(pid)
    total = dict.fromkeys(["children", *roots], 0.0)
    for group, pids in roots.items():
        ours = group in ("pages", "workers")
        for root in pids:
            known = all_of_them.get(root)
            waiting = [root] if known is not None else []
            while waiting:
                pid = waiting.pop()
                process = all_of_them[pid]
                # What another group was started as belongs to that, whoever started it.
                waiting += [child for child in below.get(pid, ()) if child not in begun]
                jailed = ours and known is not None and process.command != known.command
                if jailed:
                    total["children"] += process.seconds + process.reaped
                elif ours:
                    total[group] += process.seconds
                else:
                    total[group] += process.seconds + process.reaped
    return total


def figures(port: int) -> dict[str, float]:
    """``/metrics`` of a service: each figure, summed over its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    found: dict[str, float] = {}
    for name, value in _FIGURE.findall(text):
        found[name] = found.get(name, 0.0) + float(value)
    return found


@dataclass(frozen=True)
class Used:
    """What was used during a step."""

    seconds: float
    machine: Machine
    cores: dict[str, float]
    """Group → how many cores it used, on average."""
    number_of_cores: int
    queued: float
    """Submissions that waited, on average."""
    running: float
    slots: int
    asking: float
    """Requests that were being answered, on average (Little's law)."""
    request_threads: int
    processes: dict[str, int] = field(default_factory=dict)
    """Group → so many processes, where it is more than one."""

    def shares(self) -> str:
        """Who used how many cores, most first."""
        parts = sorted(((value, name) for name, value in self.cores.items() if value >= 0.03), reverse=True)
        return ", ".join(f"{name} {value:.2f}" for value, name in parts)


def bottleneck(used: Used) -> str:
    """What more load would wait for, and by which figures."""
    parts = {name: value for name, value in used.cores.items() if name != "others"}
    first = max(parts, key=lambda name: parts[name]) if parts else "nothing"
    if used.machine.stolen >= WAITING_FOR_DISK:
        return (
            f"the machine below this one, which keeps {used.machine.stolen:.0%} of the processors to itself"
        )
    if used.machine.busy + used.machine.stolen >= FULL:
        others = used.cores.get("others", 0.0)
        said = f"the processors, all {used.number_of_cores} busy; {first} use most of them"
        if others > 0.25 * used.number_of_cores:
            said += f" (but {others:.1f} cores are used by what has nothing to do with this)"
        return said
    for name in ("pages", "workers"):
        most = LOCK_FULL * used.processes.get(name, 1)
        if used.cores.get(name, 0.0) >= most:
            many = used.processes.get(name, 1)
            return f"the interpreter lock of {name}: {used.cores[name]:.2f} cores of {many}"
    for name in ("database", "broker", "proxy"):
        if used.cores.get(name, 0.0) >= LOCK_FULL * used.number_of_cores:
            return f"the {name}: {used.cores[name]:.2f} cores"
    if used.machine.disk >= WAITING_FOR_DISK:
        return f"the disk: the processors wait for it {used.machine.disk:.0%} of the time"
    if used.running >= FULL * used.slots and used.queued >= used.slots:
        return f"the slots: all {used.slots} taken, {used.queued:.0f} submissions wait, processors to spare"
    if used.asking >= FULL * used.request_threads:
        return f"the request threads: {used.asking:.0f} of {used.request_threads} taken"
    return f"nothing: the processors are idle {used.machine.idle + used.machine.disk:.0%} of the time"


class Meter:
    """Reads before and after, and ``/metrics`` every second meanwhile; a context manager.

    :param roots: see :func:`seconds_of`.
    :param port: of the service.
    """

    def __init__(self, roots: Mapping[str, list[int]], port: int, slots: int, request_threads: int) -> None:
        self._roots, self._port = dict(roots), port
        self._slots, self._threads = slots, request_threads
        self._stop = threading.Event()
        self._queued: list[float] = []
        self._running: list[float] = []
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Meter:
        self._asked = figures(self._port)
        self._began, self._machine, self._seconds = time.monotonic(), machine(), seconds_of(self._roots)
        self._watching.start()
        return self

    def __exit__(self, *error: object) -> None:
        took = time.monotonic() - self._began
        whole, now = machine(), seconds_of(self._roots)
        self._stop.set()
        self._watching.join()
        asked = figures(self._port)
        cores = {name: max(0.0, now[name] - self._seconds[name]) / took for name in now}
        total = whole.busy - self._machine.busy
        cores["others"] = max(0.0, total / took - sum(cores.values()))
        spent = asked.get("grader_request_seconds_sum", 0.0) - self._asked.get(
            "grader_request_seconds_sum", 0.0
        )
        self.used = Used(
            took, whole.since(self._machine), cores, len(os.sched_getaffinity(0)), _mean(self._queued),
            _mean(self._running), self._slots, spent / took, self._threads,
            {name: len(pids) for name, pids in self._roots.items()},
        )  # fmt: skip

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            try:
                now = figures(self._port)
            except OSError:
                continue
            self._queued.append(now.get("grader_queued", 0.0))
            self._running.append(now.get("grader_running", 0.0))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
