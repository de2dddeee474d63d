"""Versions of what judges, which are written beside each verdict."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from pathlib import Path


def installed(package: str) -> str | None:
    """Of what is installed here, where the jail reads it, too. It is not imported for that."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def processor() -> str | None:
    """The model of this machine's processor, as Linux names it: its instructions may decide a last bit."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or None
    named = re.search(r"^(?:model name|Model|Processor)\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or None
