"""Reading: pages as fast as they come, by a class on kept connections (wrk, a closed loop).

What a page costs at most load, apart from handing in: locust's own processor time would be a large part of
that of a page. Each request is another student's, so that nobody meets a limit.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.loading.classroom import EXERCISES
from tests.loading.printing import hold, use
from tests.loading.record import NotHere
from tests.loading.services import Service
from tests.served import COURSE

CONNECTIONS: Final = 16
SCRIPT: Final = """local cookies = { %s }
local n = 0
request = function()
  n = n %% #cookies + 1
  return wrk.format("GET", nil, { Cookie = cookies[n] })
end
"""
UNITS: Final = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def pages(service: Service, seconds: float) -> None:
    """Requests a second of each page, and how late the latest of a hundred is.

    :raises NotHere: there is no wrk (Debian: wrk).
    """
    command = shutil.which("wrk")
    if command is None:
        raise NotHere("wrk is not installed (Debian: wrk)")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "cookies.lua"
        script.write_text(SCRIPT % ", ".join(json.dumps(each) for each in service.people.cookies))
        for name, path in {
            "home": "/",
            "exercise": f"/courses/{COURSE}/{EXERCISES[1]}",
        }.items():
            call = [
                command, "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds:.0f}s",
                "--timeout", "20s", "--latency", "--script", str(script), service.server.url + path,
            ]  # fmt: skip
            with service.meter() as meter:
                said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
            rate = float(_found(r"Requests/sec:\s+([\d.]+)", said))
            late, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said).groups()  # type: ignore[union-attr]
            bad = int(_found(r"Non-2xx or 3xx responses: (\d+)", said) or 0)
            errors = re.search(r"Socket errors: .*", said)
            hold(
                f"reading: {name}, {CONNECTIONS} connections",
                f"{rate:6.1f} /s   p99 {float(late) * UNITS[unit]:5.0f} ms, {bad} refused"
                + (f", {errors[0].lower()}" if errors else ""),
                not bad and errors is None, "none refused",
            )  # fmt: skip
            use(meter.used)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""
