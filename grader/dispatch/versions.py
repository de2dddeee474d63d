"""Versions of what judges, which are written beside each verdict.

Nothing of what is judged with is imported for that: the jail alone imports torch.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final, Self

from grader import __version__
from grader.store.judging_versions import family_of

_JUDGING: Final = ("checks", "exercises", "grading", "model", "pictures", "sandbox")
"""The packages of the grader on which a verdict depends."""


def installed(package: str) -> str | None:
    """Of what is installed here, where the jail reads it, too. It is not imported for that."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Versions:
    """What a process judges with."""

    grader: str
    torch: str | None
    numpy: str | None
    python: str
    cpu: str
    """The processor's model. It is written down and kept apart from the rest: its vector width decides in
    which order sums are added up, that is the last of sixteen digits, while a verdict has a tolerance of a
    millionth and every exercise's wrong answers are a hundred tolerances away. Judging again elsewhere
    (shadow judging) shows whether that holds."""
    code: str
    """SHA-256 (hex) over the grader's own files that judge: an installation that was mended has the same
    number as before."""

    @classmethod
    def here(cls) -> Self:
        """Of this process."""
        return cls(
            grader=__version__,
            torch=installed("torch"),
            numpy=installed("numpy"),
            python=f"{platform.python_version()} {platform.machine()}",
            cpu=_processor(),
            code=_code(),
        )

    @property
    def family(self) -> str:
        """What must not be mixed within an assignment, as it is stored and shown: ``torch 2.13, numpy 2.4``.

        Releases that only mend something (2.13.0, 2.13.1) belong together: an upgrade of that kind stops
        nothing. The grader's own version is not part of it. What changes a verdict there is the subject of
        the exercise's digest and of regrades, and it is upgraded in the middle of a term.
        """
        return family_of(self.torch, self.numpy)


@cache
def _code() -> str:
    home, found = Path(__file__).resolve().parent.parent, hashlib.sha256()
    for name in _JUDGING:
        for path in sorted((home / name).rglob("*.py")):
            data = path.read_bytes()
            found.update(f"{path.relative_to(home)} {len(data)}\n".encode())
            found.update(data)
    return found.hexdigest()


@cache
def _processor() -> str:
    """``/proc/cpuinfo`` names it on x86; elsewhere the architecture has to do."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return (found[1].strip() if found else platform.processor() or platform.machine())[:128]
