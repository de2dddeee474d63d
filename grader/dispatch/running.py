"""Crash recovery: which submissions a process was grading when it died, in a memory-mapped file.

The claims of :class:`grader.dispatch.rows.RowsInMemory` are not in the table. What is written into mapped
memory stays in the kernel's page cache when the process is killed, however it is killed, and costs no system
call; so the next process knows beneath which submissions the last one died.
"""

from __future__ import annotations

import mmap
import os
import re
from pathlib import Path
from typing import Final

from grader.errors import GraderError

_SLOT: Final = 64
"""Bytes: a UUID as text, and zeros."""
_ID: Final = re.compile(rb"[0-9a-f-]{36}")


class RunningFile:
    """Slots of one file. Not safe for threads: its owner has a lock.

    :param path: made where it is missing, readable for its owner only.
    :param slots: how many submissions it can hold.
    :raises GraderError: the file cannot be made.
    """

    def __init__(self, path: Path, slots: int) -> None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                left = os.read(descriptor, 2**20)
                os.ftruncate(descriptor, slots * _SLOT)
                # All of it has its place on the disk: on a full one, writing into a hole that is mapped would
                # end this process (SIGBUS).
                os.posix_fallocate(descriptor, 0, slots * _SLOT)
                self._map = mmap.mmap(descriptor, slots * _SLOT)
            finally:
                os.close(descriptor)
        except OSError as e:
            raise GraderError(f"the file {path} cannot be made: {e.strerror}.") from e
        self.left: Final = sorted({match.decode() for match in _ID.findall(left)})
        """What the process before this one was grading when it ended."""
        self._free = list(range(slots))
        self._slots: dict[str, int] = {}

    def clear(self) -> None:
        """Forget what was left, once the table knows of it."""
        self._map[:] = bytes(len(self._map))

    def enter(self, owner: str, submission_id: str) -> None:
        """This claim's submission is being graded. Without a free slot it is not noted."""
        if self._free:
            slot = self._slots[owner] = self._free.pop()
            self._write(slot, submission_id.encode("ascii", "replace")[:_SLOT])

    def leave(self, owner: str) -> None:
        """It is not any more."""
        slot = self._slots.pop(owner, None)
        if slot is not None:
            self._write(slot, b"")
            self._free.append(slot)

    def _write(self, slot: int, data: bytes) -> None:
        self._map[slot * _SLOT : (slot + 1) * _SLOT] = data.ljust(_SLOT, b"\0")
