"""Printing: a line for each figure, with what was asked of it, and whether all of them hold."""

from __future__ import annotations

from tests.loading.students import Seen
from tests.loading.usage import Used, bottleneck

short: list[str] = []
"""Figures that are not what was asked."""


def say(what: str, said: str) -> None:
    """One line."""
    print(f"load: {what:<44} {said}", flush=True)


def hold(what: str, said: str, holds: bool, asked: str) -> None:
    """A figure that something was asked of."""
    say(what, f"{said}   ({asked}{'' if holds else '; SHORT'})")
    if not holds:
        short.append(what)


def verdicts(what: str, seen: Seen, extra: str = "") -> None:
    """What came of many submissions."""
    if not seen.seconds:
        say(what, f"no verdicts; {seen.failed[:1]}")
        short.append(what)
        return
    refused = f", {seen.told_to_wait} told when to try again" if seen.told_to_wait else ""
    say(
        what,
        f"{seen.rate():6.1f} /s   p50 {seen.at(0.5):6.2f} s   p95 {seen.at(0.95):6.2f} s   "
        f"{len(seen.failed)} not graded{refused} {seen.failed[:1] or ''}{extra}",
    )
    if seen.failed:
        short.append(what)


def use(used: Used) -> None:
    """Who used the processors, and what the bottleneck was."""
    say(
        "    used",
        f"of {used.number_of_cores} cores: {used.shares()}; waiting {used.queued:.0f}, running "
        f"{used.running:.1f} of {used.slots}, requests in work {used.asking:.1f}",
    )
    say("    bottleneck", bottleneck(used))
