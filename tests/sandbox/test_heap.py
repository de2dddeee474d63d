"""Where in memory a zygote's new objects lie, once the holes in its heap are filled."""

from __future__ import annotations

import subprocess
import sys

from tests.served import ROOT

# What freed objects leave, large and small; then how many pages a few hundred new objects are written to.
PROGRAM = """
import ctypes, gc, sys
from grader.sandbox.inside import heap

gc.disable()
{given}
heap.reserve()
made = [bytes(size) for size in range(60, 3000, 20) for _ in range(300)]
made += [[n, {{n: n}}, (n, n), n + 0.5] for n in range(60000)]
del made[::20]

def pages():
    new = [[n + 0.25, bytes(100 + n), {{n: n}}, [n], bytes(1000 + n)] for n in range(300)]
    return len({{id(each) >> 12 for one in new for each in (one, *one)}})

before = pages()
heap.fill_holes()
print(before, pages())
"""


def pages(given: str = "") -> tuple[int, int]:
    """How many pages 1,800 objects take up (they would fit on some 150): before, and with holes filled."""
    code = PROGRAM.format(given=given)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stderr, "what Python says of its memory is for us alone"
    before, after = done.stdout.split()
    return int(before), int(after)


def test_what_is_made_afterwards_lies_together() -> None:
    before, after = pages()
    assert before > 600, "there were no holes"
    assert after < 300, f"{after} pages; {before} before"


def test_an_allocator_that_says_nothing_is_used_as_it_is() -> None:
    silent = "sys._debugmallocstats = lambda: None; ctypes.PyDLL = lambda name: object()"
    before, after = pages(silent)
    assert before > 600 and after > 600
