"""Record: the versions and the machine that figures were taken with, and how busy it was before."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tests.loading.usage import machine
from tests.served import ROOT

PACKAGES = ("torch", "numpy", "flask", "waitress", "gunicorn", "sqlalchemy", "celery", "redis", "psycopg")
PROGRAMS = ("redis-server", "postgres", "nginx", "wrk")


class NotHere(Exception):
    """This machine lacks what a part needs; in one sentence."""


def program(name: str) -> str | None:
    """Where a program is, also one that Debian keeps out of the PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.defpath, "/usr/sbin", "/sbin", *map(str, places)])
    return shutil.which(name) or shutil.which(name, path=path)


def lines() -> Iterator[str]:
    """What the figures below depend on, a line each."""
    commit = _said("git", "rev-parse", "--short", "HEAD")
    yield f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, commit {commit}"
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = model[1] if model else platform.machine()
    yield f"{kind}, {cores()} cores, {memory:.0f} GiB, Linux {platform.release()}"
    yield ", ".join(
        [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
        + [f"{name} {version(name)}" for name in PACKAGES if _installed(name)]
    )
    yield ", ".join(filter(None, map(_version, PROGRAMS))) or "no other programs"
    before = machine()
    time.sleep(1.0)
    busy = machine().since(before).busy
    yield f"before anything began, the processors were busy for {busy:.0%} (load {os.getloadavg()[0]:.1f})"
    if busy > 0.2:
        yield "THIS MACHINE DOES SOMETHING ELSE, TOO: absolute figures below are too low"


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except ImportError:
        return False


def _version(name: str) -> str:
    path = program(name)
    if path is None:
        return ""
    option = {"nginx": "-v", "wrk": "-v"}.get(name, "--version")
    found = re.search(r"\d+\.\d+[.\d]*", _said(path, option))
    return f"{name} {found[0] if found else '?'}"


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return (done.stdout or done.stderr).strip() or "?"
