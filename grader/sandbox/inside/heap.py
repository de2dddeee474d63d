"""Heap of a zygote: memory is laid out before it forks, so that a child copies few pages (copy-on-write).

Importing torch leaves freed pieces of memory all over the heap (fragmentation). Python's allocator and malloc
both prefer such pieces to memory that was never used, so that the small objects of one job would lie on
several hundred pages, each of which a child copies by a fault of its own. And where the zygote itself writes
to one, a whole huge page falls apart into 512 entries, which every later fork copies and every exit gives
back. So room is taken in one piece before anything is imported, and what is free when all is warm is filled
with objects that stay: what is made from then on lies side by side.

All of it is best effort. An allocator that cannot be asked what it has left is used as it is.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from typing import Final

_ARENAS: Final = 84
"""MiB that Python's objects take up once torch is imported and a job has run."""
_POOLS: Final = 64
"""Of an arena of 1 MiB (CPython's obmalloc); a pool holds blocks of one size."""
_LARGEST: Final = 512
"""Bytes of the largest block; what is larger comes from malloc."""
_IN_A_POOL: Final = 31
"""Blocks of that size."""
_BYTES_HEADER: Final = 33
_MALLOC_LARGEST: Final = 2**16 + 8
_MALLOC_SMALLEST: Final = 24
_MALLOC_STEP: Final = 16
"""glibc's chunks differ by so much, and eight bytes of each are its own."""
_ROUNDS: Final = 3
"""A round frees a little itself."""
_kept: list[list[object]] = []
"""What fills the holes."""


class _MallocState(ctypes.Structure):
    """``struct mallinfo2`` of glibc 2.33."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks",
            "keepcost",
        )
    )  # fmt: skip


def reserve() -> None:
    """Have the memory for Python's objects mapped in one piece, which huge pages can hold. To be called
    first of all: later, libraries lie between the arenas."""
    blocks: list[object] = [bytes(_LARGEST - _BYTES_HEADER) for _ in range(_ARENAS * _POOLS * _IN_A_POOL)]
    # Some in each arena, or Python would give it back.
    _kept.append(blocks[:: _POOLS * _IN_A_POOL // 2])


def fill_holes() -> None:
    """Fill what is free within the heap. What is made afterwards lies together."""
    for _ in range(_ROUNDS):
        gc.collect()  # it empties the lists of freed objects, too, which lie anywhere
        _fill_malloc()
        _fill_python()


def _fill_python() -> None:
    state = _python_state()
    for size, free in re.findall(r"(?m)^ *\d+ +(\d+) +\d+ +\d+ +(\d+)$", state):
        _kept.append(_blocks(int(size), int(free)))
    pools = re.search(r"(?m)^(\d+) unused pools", state)
    if pools is not None:
        _kept.append(_blocks(_LARGEST, int(pools[1]) * _IN_A_POOL))


def _blocks(size: int, many: int) -> list[object]:
    if size <= 16:
        return [object() for _ in range(many)]
    if size <= 32:
        return [n + 0.5 for n in range(many)]
    return [bytes(size - _BYTES_HEADER) for _ in range(many)]


def _python_state() -> str:
    """How many blocks and pools are free, in CPython's own words: it only says them to descriptor 2."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    stderr = os.dup(2)
    os.dup2(writing, 2)
    try:
        sys._debugmallocstats()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().decode("ascii", "replace")


def _fill_malloc() -> None:
    libc = ctypes.PyDLL(None)
    if not hasattr(libc, "mallinfo2"):
        return
    libc.mallinfo2.restype = _MallocState
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    libc.malloc.argtypes, libc.sbrk.argtypes = [ctypes.c_size_t], [ctypes.c_ssize_t]
    libc.free.argtypes = [ctypes.c_void_p]
    state = libc.mallinfo2()
    # Above it all is free, up to the end of the heap.
    top = libc.sbrk(0) - state.keepcost
    bottom = top - state.arena
    for size in range(_MALLOC_LARGEST, _MALLOC_SMALLEST - 1, -_MALLOC_STEP):
        while (at := libc.malloc(size)) is not None:
            if not bottom <= at < top:
                libc.free(at)
                break
