"""Advisory file locks (flock): one server for each SQLite file.

The system drops the lock when the process that holds it dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from grader.errors import GraderError


def take(path: Path) -> int:
    """Lock ``path`` for as long as the returned descriptor is open. The file itself may stay.

    :raises GraderError: another process holds it, or it cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as e:
        raise GraderError(f"the lock file {path} cannot be made: {e.strerror}.") from e
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise GraderError(
            f"another server (process {holder}) is using the database beside {path}: "
            "stop it first, or give this one a database of its own."
        ) from e
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor
