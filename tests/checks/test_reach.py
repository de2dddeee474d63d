"""What a file names: almost nothing, or a means to go around a prediction."""

from __future__ import annotations

import pytest

from grader.checks.reach import Reach, reach
from tests.golden import ROOT, everything

HONEST = [
    "import torch\nimport os, sys\nprint(sys.version, os.path.sep)\n",
    "# no gc, no eval, no open() here\ndef f(x):\n    'exec, getattr'\n    return x\n",
    "import math\nfrom functools import reduce\nx.detach().zero_()\nwith torch.no_grad():\n    y = x\n",
    "class Net:\n def __init__(self):\n  self._x = 1\n def __call__(self, x):\n  return x\n",
    "if __name__ == '__main__':\n    print(f(torch.tensor(1.0)))\n",
    "函数 = lambda 甲: 甲 * 2  # 用 complex 也可以？\n",
    "import sys\nsys.stdout.write('x')\n",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_files_name_nothing(text: str) -> None:
    """Imports nobody uses, comments, strings, ordinary classes and Chinese names."""
    assert reach(text) is None


def test_no_accepted_submission_and_no_starter_names_anything() -> None:
    """What students write when they are right is what must stay free."""
    files = [golden.path for golden in everything() if golden.path.parent.name == "accepted"]
    files += ROOT.glob("exercises/*/*.py")
    assert len(files) > 24
    assert [path for path in files if reach(path.read_text(encoding="utf-8")) is not None] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import gc\n", Reach("gc", 1, "process")),
        ("x = 1\nimport sys\nsys._getframe(0)\n", Reach("_getframe", 3, "process")),
        ("f.__closure__\n", Reach("__closure__", 1, "process")),
        ("match f:\n    case object(__code__=c):\n        pass\n", Reach("__code__", 2, "process")),
        ("getattr(f, '__cl' + 'osure__')\n", Reach("getattr", 1, "process")),
        ("ｇｅｔａｔｔｒ(f, n)\n", Reach("getattr", 1, "process")),
        ("import os\nos.write(3, b'')\n", Reach("write", 2, "process")),
        ("from os import _exit\n", Reach("_exit", 1, "process")),
        ("open(3, 'wb')\n", Reach("open", 1, "process")),
        ("torch._C.DisableTorchFunction()\n", Reach("_C", 1, "process")),
        ("from grader.sandbox import harness\n", Reach("grader", 1, "process")),
        ("y = 3 + 1e-30j\n", Reach("1e-30j", 1, "complex")),
        ("y = complex(1, 2)\n", Reach("complex", 1, "complex")),
        ("class D:\n    def __rmul__(self, k): ...\n", Reach("__rmul__", 2, "arithmetic")),
    ],
)
def test_a_means_is_named_with_its_line(text: str, found: Reach) -> None:
    """The first one, as it stands in the file."""
    assert reach(text) == found
