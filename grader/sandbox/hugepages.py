"""Huge pages: which memory of a warm process is worth them, read off ``/proc`` from outside the jail.

A fork copies page tables, and what is mapped from a file it does not even hand on. So the heap, and the 2 MiB
pieces of programs that a job runs through most, are moved into huge pages (``MADV_COLLAPSE``, best effort).
"""

from __future__ import annotations

import array
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOT_PIECES: Final = 24
"""So many 2 MiB pieces of programs are copied into huge pages; more of them save no time."""
HUGE: Final = 2 * 2**20


def private_bytes(pid: int) -> int:
    """Memory that only process ``pid`` holds, in bytes. :raises OSError: it cannot be looked at."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = dict(row.split(":", 1) for row in rollup[1:])
    return 1024 * sum(int(fields[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))


def proportional_bytes(pid: int) -> int:
    """Memory of process ``pid``, in bytes, each page divided by those who share it. :raises OSError: gone."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    fields = dict(row.split(":", 1) for row in rollup[1:])
    return 1024 * int(fields["Pss"].split()[0])


@dataclass(frozen=True)
class Mapping:
    """One line of a process' memory map.

    :ivar mode: ``r-xp`` and the like. :ivar file: what is mapped; empty for no file.
    :ivar anonymous: plain memory, written and read.
    :ivar changed: some of its pages are no longer the file's.
    """

    start: int
    end: int
    mode: str
    file: str
    anonymous: bool
    changed: bool


def mappings(pid: int) -> list[Mapping]:
    """What process ``pid`` maps. :raises OSError: it cannot be looked at."""
    found: list[Mapping] = []
    for block in re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", Path(f"/proc/{pid}/smaps").read_text())[1:]:
        head, _, fields = block.partition("\n")
        span, mode, _, _, inode, *name = head.split(maxsplit=5)
        start, end = (int(x, 16) for x in span.split("-"))
        anonymous = mode == "rw-p" and inode == "0" and (not name or name[0] == "[heap]")
        changed = re.search(r"(?m)^Anonymous: +0 kB$", fields) is None
        found.append(Mapping(start, end, mode, name[0] if inode != "0" and name else "", anonymous, changed))
    return found


def programs_of(mapped: list[Mapping]) -> list[list[Mapping]]:
    """Runs of neighbouring mappings of one file that are its program or its constants, unchanged."""
    runs: list[list[Mapping]] = []
    for m in mapped:
        if m.file and m.mode in ("r-xp", "r--p") and not m.changed:
            if runs and runs[-1][-1].end == m.start and runs[-1][-1].file == m.file:
                runs[-1].append(m)
            else:
                runs.append([m])
    return [run for run in runs if any(m.mode == "r-xp" for m in run)]


def hot_pieces(pid: int, programs: list[list[Mapping]]) -> tuple[int, ...]:
    """The 2 MiB pieces of ``programs`` of which most is mapped. :raises OSError: it cannot be looked at."""
    page = os.sysconf("SC_PAGE_SIZE")
    used: dict[int, int] = {}
    with Path(f"/proc/{pid}/pagemap").open("rb") as pagemap:
        for program in programs:
            start, end = program[0].start, program[-1].end
            for piece in range(-(-start // HUGE) * HUGE, end - HUGE + 1, HUGE):
                pagemap.seek(piece // page * 8)
                entries = array.array("Q", pagemap.read(HUGE // page * 8))  # bit 63: the page is there
                used[piece] = sum(entry >> 63 for entry in entries)
    hot = sorted((piece for piece in used if used[piece]), key=used.__getitem__, reverse=True)
    return tuple(hot[:HOT_PIECES])
