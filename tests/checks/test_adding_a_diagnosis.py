"""Adding a diagnosis touches the files that CONTRIBUTING.md says, and it is found."""

from __future__ import annotations

from pathlib import Path

from tests.contributing import follow, run

# The wrong gradient is read off a reference as in the jail, and what came is judged as everywhere.
PROGRAM = """
import json

import numpy as np
import torch

from grader.checks.arrays import from_numpy, to_numpy
from grader.checks.diagnoses.finder import find
from grader.checks.diagnoses.registry import REASONS, say
from grader.checks.diagnoses.samples import Sample
from grader.checks.wrong_gradients import wrong_gradients
from grader.model.job import Differentiate
from grader.model.report import CODES
from grader.sandbox.inside.differentiation import differentiate

engine = torch.autograd.Variable._execution_engine.run_backward
samples = []
for x in (np.array([1.5, -2.5]), np.array([0.5, 3.0, -1.0])):
    task = Differentiate(id="f", function="f", args=(from_numpy(x),), wrt=(0,), wrong_gradients=True)
    seen = differentiate(
        lambda x: (x**3 + torch.sin(2 * x)).sum(), [torch.from_numpy(x.copy())], task, 1 << 20, engine
    )
    right, given = to_numpy(seen.grads[0].array), np.full_like(x, 2.0)
    samples.append(Sample(right, given, size=x.size, wrong_gradients=wrong_gradients(seen.reading)))
found = find(samples)
message, hint = say(found)
print(json.dumps([found.code, message.en, hint.zh, sorted(REASONS) == sorted(CODES)]))
"""


def test_a_diagnosis_is_one_record(tmp_path: Path) -> None:
    touched = follow("Add a diagnosis", tmp_path)
    assert set(touched) == {
        "grader/checks/diagnoses/graph.py", "grader/sandbox/inside/wrong_gradients.py",
        "grader/model/report.py", "docs/writing-exercises.md",
    }  # fmt: skip
    assert run(tmp_path, PROGRAM) == [
        "at-zero",
        "Your answer is the gradient at zero, at every input.",
        "题目问的是哪一点的梯度？",
        True,
    ]
