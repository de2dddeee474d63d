"""Versions of what judges, which are written beside each verdict."""

from __future__ import annotations

from importlib import metadata


def installed(package: str) -> str | None:
    """Of what is installed here, where the jail reads it, too. It is not imported for that."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
