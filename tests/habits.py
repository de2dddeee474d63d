"""How real students write: habits that change a file and not what it means.

Each is a function from a file to the same file as somebody else would have written it, or None where it
does not apply.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Callable
from typing import Final

Habit = Callable[[str, tuple[str, ...]], bytes | None]
"""The source, and the names of its functions that predict."""


def _below(*lines: str) -> Habit:
    """With lines below everything else."""
    return lambda source, _: f"{source.rstrip()}\n\n\n{chr(10).join(lines)}\n".encode()


def _above(*lines: str) -> Habit:
    """With lines above everything else, behind what has to stand first."""

    def write(source: str, _: tuple[str, ...]) -> bytes | None:
        tree = ast.parse(source)
        first = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
        if first or (tree.body and ast.get_docstring(tree) is not None):
            return None
        return f"{chr(10).join(lines)}\n{source}".encode()

    return write


def _requires_grad(source: str, predicting: tuple[str, ...]) -> bytes | None:
    """Each prediction makes leaves of its inputs, which nothing then differentiates."""
    if not predicting or "numpy" in source or "np." in source or "tolist" in source:
        return None  # numpy refuses a tensor that requires a gradient, here as elsewhere
    text = source.rstrip() + "\n\n\nimport torch as _torch\n"
    for name in predicting:
        text += f"""

def _with_leaves(formula):
    def {name}(*inputs):
        leaves = [a.clone().requires_grad_() if a.is_floating_point() else a for a in inputs]
        return formula(*leaves)
    return {name}


{name} = _with_leaves({name})
"""
    return text.encode()


def _checks_itself(source: str, predicting: tuple[str, ...]) -> bytes | None:
    """Each prediction first asks autograd for something, prints it, and then returns its formula."""
    if not predicting:
        return None
    text = source.rstrip() + "\n\n\nimport torch as _torch\n"
    for name in predicting:
        text += f"""

def _checked(formula):
    def {name}(*inputs):
        t = _torch.ones(2, requires_grad=True)
        (t * t).backward(_torch.ones(2))
        print(t.grad, _torch.autograd.grad((t * t).sum(), t))
        return formula(*inputs)
    return {name}


{name} = _checked({name})
"""
    return text.encode()


def _quotes(source: str, _: tuple[str, ...]) -> bytes | None:
    """The other kind of quotes."""
    lines = source.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(source).readline))):
        text = token.string
        if token.type != tokenize.STRING or text[:1] not in "\"'" or text[:3] in ('"""', "'''"):
            continue
        if token.start[0] != token.end[0] or set(text[1:-1]) & set("\"'\\"):
            continue
        other = "'" if text[0] == '"' else '"'
        row, (start, end) = token.start[0] - 1, (token.start[1], token.end[1])
        lines[row] = lines[row][:start] + other + text[1:-1] + other + lines[row][end:]
    return "".join(lines).encode()


def _notebook(source: str, _: tuple[str, ...]) -> bytes:
    """Cells of a notebook, with the output of one left in it."""
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Homework"]}]
    lines = source.splitlines(keepends=True)
    starts = [node.lineno - 1 for node in ast.parse(source).body[1:] if isinstance(node, ast.FunctionDef)]
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        cells.append({
            "cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [],
            "source": lines[start:end],
        })  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _prompts(source: str, _: tuple[str, ...]) -> bytes:
    """Copied out of an interactive session."""
    starts = {
        min([s.lineno, *(d.lineno for d in getattr(s, "decorator_list", []))]) for s in ast.parse(source).body
    }
    lines = source.splitlines()
    return "\n".join(f"{'>>>' if n in starts else '...'} {line}" for n, line in enumerate(lines, 1)).encode()


def _gbk(source: str, _: tuple[str, ...]) -> bytes | None:
    """Saved by an editor that writes Chinese in GBK, without saying so."""
    try:
        return f"# 作业:自动微分练习\n{source}".encode("gbk")
    except UnicodeEncodeError:
        return None


def _tabs(source: str, _: tuple[str, ...]) -> bytes | None:
    """Indented by tabs."""
    lines = source.splitlines()
    if any((len(line) - len(line.lstrip(" "))) % 4 for line in lines):
        return None  # continued lines, aligned
    return "\n".join(
        "\t" * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ") for line in lines
    ).encode()


HABITS: Final[dict[str, Habit]] = {
    "a demo that fails": _below(
        "x = torch.ones(3, requires_grad=True)", "y = (x * x).sum()", "y.backward()", "y.backward()"
    ),
    "a plot": _below(
        "import matplotlib.pyplot as plt", "fig, ax = plt.subplots()", "ax.plot([1, 2], [3, 4], label='f')",
        "plt.legend()", "plt.show()",
    ),
    "requires_grad_ in the prediction": _requires_grad,
    "a check in the prediction": _checks_itself,
    "an optimizer": _below(
        "w = torch.ones(3, requires_grad=True)", "opt = torch.optim.SGD([w], lr=0.1)",
        "for _ in range(3):", "    opt.zero_grad()", "    (w * w).sum().backward()", "    opt.step()",
    ),
    "the other quotes": _quotes,
    "its own default dtype": _above("import torch", "torch.set_default_dtype(torch.float64)"),
    "a helper class": _below(
        "class TinyHelper(torch.nn.Module):", "    def __init__(self):", "        super().__init__()",
        "        self.layer = torch.nn.Linear(2, 1)", "", "    def forward(self, x):",
        "        return self.layer(x)", "", "", "tiny_helper = TinyHelper()", "tiny_helper.eval()",
    ),
    "a main block": _below('if __name__ == "__main__":', "    print(undefined)", "    assert False"),
    "ordinary names": _below(
        "signal = torch.sin(torch.arange(3.0))", "code = 42", "modules = [code]", "exec_time = 0.1",
        "from cmath import pi", "import io, os, re", "pattern = re.compile('a')",
    ),
    "a coding line": _above("# -*- coding: utf-8 -*-", "# 作业：自动微分"),
    "gbk": _gbk,
    "a byte-order mark and CRLF": lambda source, _: (
        b"\xef\xbb\xbf" + source.replace("\n", "\r\n").encode()
    ),
    "tabs": _tabs,
    "a long log": _below("for epoch in range(4000):", "    print('epoch', epoch, 'loss', 1 / (epoch + 1))"),
    "exit": _below("exit()", "quit()"),
    "input": _below("name = input('your name: ')", "print(name)"),
    "a breakpoint": _below("breakpoint()"),
    "a notebook": _notebook,
    "magics": _above("%matplotlib inline", "!pip install torch", "import torch"),
    "a Markdown fence": lambda source, _: f"```python\n{source.rstrip()}\n```\n".encode(),
    "prompts": _prompts,
    "annotations": _above("from __future__ import annotations"),
    "seeds": _above(
        "import random", "import numpy", "import torch", "random.seed(0)", "numpy.random.seed(0)",
        "torch.manual_seed(0)",
    ),
    "a device": _below(
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')", "import warnings",
        "warnings.filterwarnings('ignore')", "import os", "os.environ['KMP_DUPLICATE_LIB_OK'] = 'TRUE'",
    ),
    "the course's library": _above("import torch", "from d2l import torch as d2l", "from tqdm import tqdm"),
}  # fmt: skip
