"""CONTRIBUTING.md's way to a new command, followed."""

from __future__ import annotations

from pathlib import Path

from tests.contributing import follow, run

PROGRAM = """
import sys
from grader.cli.main import main
sys.argv = ["grade", "limits", "detach", "--json"]
main()
"""
HELP = """
import io, json, sys
from contextlib import redirect_stdout
from grader.cli.main import main
sys.argv = ["grade", "--help"]
said = io.StringIO()
with redirect_stdout(said):
    try:
        main()
    except SystemExit:
        pass
print(json.dumps(said.getvalue()))
"""


def test_a_command_is_a_module_and_a_line(tmp_path: Path) -> None:
    """It is called, and listed, and takes two files."""
    files = follow("Add a command", tmp_path)
    assert set(files) == {"grader/cli/limits.py", "grader/cli/main.py"}
    assert run(tmp_path, PROGRAM)["memory"] == 512 * 2**20
    assert "limits" in run(tmp_path, HELP)
