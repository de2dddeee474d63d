"""The web shows verdicts; what observes and what judges is not even loaded with it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, grader.web.app
heavy = {"torch", "numpy", "sympy"} & set(sys.modules)
judges = ("grader.sandbox", "grader.checks", "grader.grading")
rooms = {name for name in sys.modules if name.startswith(judges)}
sys.exit(f"loaded: {heavy | rooms}" if heavy | rooms else 0)
"""


def test_the_web_loads_neither_torch_nor_the_judge() -> None:
    """A web process stays small, and cannot run student code by mistake."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
