"""Ladder: twice as many students at each step, who do the same things, until answers are late (locust).

A step's requests are offered at a fixed rate, whatever an answer takes (an open loop, nearly: nobody has two
requests at once). A step *holds* when 95 of 100 answers came within a second and none failed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.loading.classroom import sources
from tests.loading.printing import say, short, use
from tests.loading.record import NotHere
from tests.loading.services import Service
from tests.served import COURSE, ROOT

VERSION: Final = "2.47.0"
FOLDER: Final = ROOT / "build" / "locust"
FILE: Final = Path(__file__).with_name("locustfile.py")
PAUSE: Final = 4.0
"""Seconds from one thing that a student does to the next."""
FIRST: Final = 20
LATE: Final = 1000.0
"""Milliseconds of an answer."""
ORDER: Final = ("home", "exercise", "draft", "submit", "poll", "gradebook", "verdict")


def locust() -> str:
    """The command, installed on first use.

    :raises NotHere: it cannot be fetched.
    """
    command, stamp = FOLDER / "bin" / "locust", FOLDER / f"is-{VERSION}"
    if not stamp.exists():
        python = str(FOLDER / "bin" / "python")
        try:
            shutil.rmtree(FOLDER, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(FOLDER)], check=True)
            install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
            subprocess.run([*install, f"locust=={VERSION}"], check=True, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotHere(f"locust {VERSION} cannot be fetched ({error})") from error
        stamp.touch()
    return str(command)


def climb(service: Service, steps: int, seconds: float) -> None:
    """Print a line for each step and each page, and the bottleneck of the step.

    :param seconds: of a step, from when all of its students are there.
    """
    command = locust()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "class.json"
        people = service.people
        said = {
            "course": COURSE, "files": sources(), "cookies": people.cookies, "teacher": people.teacher,
            "pause": PAUSE,
        }  # fmt: skip
        file.write_text(json.dumps(said), encoding="utf-8")
        held = 0
        for number in range(steps):
            many = FIRST * 2**number
            if not _step(service, command, file, many, seconds):
                break
            held = many
    say("  the last step that holds", f"{held} at the pages, {held / PAUSE:.0f} things a second")
    if not held:
        short.append("the ladder's first step")


def _step(service: Service, command: str, file: Path, many: int, seconds: float) -> bool:
    call = [
        command, "--locustfile", str(FILE), "--headless", "--host", service.server.url, "--users", str(many),
        "--spawn-rate", str(max(5.0, many / 3)), "--reset-stats", "--json", "--only-summary",
        "--class-file", str(file), "--for-seconds", str(seconds), "--stop-timeout", "20",
        "--loglevel", "ERROR",
    ]  # fmt: skip
    # The environment of its own must not find this one's packages.
    process = subprocess.Popen(call, cwd=file.parent, stdout=-1, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    while (line := process.stdout.readline()) and "BEGAN" not in line:
        pass
    with service.meter() as meter:
        text = process.stdout.read()
        process.wait(120)
    found = text[text.find("[") :] if "[" in text else ""
    if not found:
        say(f"{many} at the pages", f"not measured: locust ended with {process.returncode}")
        short.append("the ladder")
        return False
    pages = {entry["name"]: entry for entry in json.JSONDecoder().raw_decode(found)[0]}
    asked = [entry for name, entry in pages.items() if name != "verdict"]
    requests, failed = sum(e["num_requests"] for e in asked), sum(e["num_failures"] for e in asked)
    late = max((_at(e, 0.95) for e in asked), default=0.0)
    say(
        f"{many} at the pages, {many / PAUSE:.0f} things a second",
        f"{requests / meter.used.seconds:6.1f} requests/s, {failed} failed",
    )
    parts = [
        f"{name} {_at(pages[name], 0.5):.0f}/{_at(pages[name], 0.95):.0f}" for name in ORDER if name in pages
    ]
    say("    p50/p95 in ms", ", ".join(parts))
    use(meter.used)
    return failed == 0 and late <= LATE


def _at(entry: dict[str, Any], share: float) -> float:
    """A quantile of the answers of one page: locust counts them by their time, rounded."""
    counts = sorted((float(ms), count) for ms, count in entry["response_times"].items())
    wanted, seen = share * sum(count for _ms, count in counts), 0
    for ms, count in counts:
        seen += count
        if seen >= wanted:
            return ms
    return 0.0
