"""What torch says of a mistake is said so that it leads to the mend, and the line that made it is named.

Every message here is torch's own: the mistake is made in a real child.
"""

from __future__ import annotations

import re

import pytest

from grader.checks import torch_errors
from grader.checks.hidden import without_inputs
from grader.checks.notes import notes_of
from grader.model.exercise import Limits
from grader.model.job import Call, Differentiate, Job
from grader.model.observation import Differentiated, Loaded, Note, Raised
from grader.model.text import Text
from grader.sandbox.pool import Pool
from tests.sandbox.jobs import array

HEAD = """import copy, math
import numpy as np
import torch
A = torch.ones(3, 3)
def double(x):
    return x * 2
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 2 * x
    @staticmethod
    def backward(ctx, g):
        return g, g
class Short(Twice):
    @staticmethod
    def backward(ctx, g):
        return g[:1]
class Nested(Twice):
    @staticmethod
    def backward(ctx, g):
        return ((g,),)
class Plain(Twice):
    @staticmethod
    def backward(ctx, g):
        return 2.0
class Without(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x
class Saved(Twice):
    @staticmethod
    def backward(ctx, g):
        return ctx.saved_tensors * g
class Old(torch.autograd.Function):
    def forward(self, x):
        return x
"""
"""``f(x)`` of every mistake below has this above it; ``x`` is a vector of three that requires a gradient."""

PATIENT = Limits(case_seconds=10, total_seconds=60)
"""Some of these first import parts of torch that no exercise needs."""
MISTAKES: list[tuple[str, str]] = [
    # what stands in f (its first line is the one to blame), and words of the sentence
    ("return np.sin(x)", r"numpy.*torch\.sin"),
    ("return torch.from_numpy(x.numpy() * 2)", r"numpy.*torch\.sin"),
    ("return x * torch.tensor(np.array(x))", "numpy"),
    ("return np.ones(3) * x", "numpy array and a tensor"),
    ("return x.sum() if x > 0 else -x", r"truth value.*torch\.where"),
    ("while x < 10: x = x * 2", "truth value"),
    ("return max(x, 0)", r"truth value.*max"),
    ("return x if 0 < x < 1 else 2 * x", "truth value"),
    ("return x if torch.tensor([]) else 2 * x", "empty"),
    ("return x * float(input())", r"input\(\)"),
    ("x += 1", "leaf"),
    ("x[0] = 1", "leaf"),
    ("x[0].mul_(2)", "leaf"),
    ("(x * 2).unbind(0)[0].add_(1)", "view"),
    ("y = (x ** 2).sum(); y.backward(); y.backward()", "retain_graph"),
    ("return torch.autograd.grad(torch.autograd.grad((x ** 3).sum(), x)[0].sum(), x)[0]", "create_graph"),
    ("x.detach().sum().backward()", r"no graph.*detach\(\)"),
    ("return torch.autograd.grad((x * (b := x.detach())).sum(), b)[0]", r"requires_grad_\(\)"),
    ("return torch.autograd.grad(x.sum(), x.clone())[0]", "not computed from"),
    ("(x * 2).backward()", "Sum them first"),
    ("return torch.func.grad(double)(x.detach())", r"torch\.func\.grad"),
    ("return torch.func.grad(lambda a: a.sum().item())(x.detach())", r"torch\.func|Python number"),
    ("(x * 2).backward(torch.ones(2))", "shape"),
    ("return torch.tensor([1, 2], requires_grad=True)", "whole numbers"),
    ("return torch.arange(3).requires_grad_()", "whole numbers"),
    ("(x * 2).requires_grad = False", "requires_grad"),
    ("return copy.deepcopy(x * 2)", r"\.clone\(\)"),
    ("return Old()(x)", "staticmethod"),
    ("x.grad.zero_()", r"None.*\.grad"),
    ("return x - x.grad", r"None.*\.grad"),
    ("return x.grad[0] * x", r"None.*\.grad"),
    ("return torch.sin(x.grad)", r"None.*\.grad"),
    ("return -x.grad", r"None.*\.grad"),
    ("return A.float() @ x", "different types"),
    ("return A.float() @ torch.ones(3, 3, dtype=torch.float64)", "different types"),
    ("return torch.ones(3, dtype=torch.float32).dot(x)", "different types"),
    (
        "z = torch.zeros(3, dtype=torch.float64); z[torch.tensor([0])] = torch.ones(1, dtype=torch.float32)",
        "different types",
    ),
    ("return torch.nn.Linear(3, 1, dtype=torch.float32)(x)", "different types"),
    ("return torch.einsum('ij,j->i', A.float(), x)", "different types"),
    ("return torch.linalg.solve(A.float(), x)", "different types"),
    ("return torch.tensor([1, 2]).mean()", r"2\.0"),
    ("return torch.softmax(torch.tensor([1, 2]), 0)", r"2\.0"),
    ("return torch.tensor([1, 2]).norm()", r"2\.0"),
    ("z = torch.tensor([1, 2]); z += 0.5", "whole numbers"),
    ("return A[:, :2] @ A", "as many columns"),
    ("return A[:, :2] @ x", "as many columns"),
    ("return x @ A[:2]", "as many columns"),
    ("return x.dot(x[:2])", "different lengths"),
    ("return A.dot(x)", "dot product"),
    ("return x.sum() @ x", r"write \*"),
    ("return x @ 2.0", r"write \*"),
    ("return x + x[:2]", "along each axis"),
    ("return x.reshape(2, 2)", "another number of entries"),
    ("return torch.stack([x, x[:2]])", "joins"),
    ("return torch.cat([x, A])", "joins"),
    ("return torch.cat([x[0], x[1]])", r"torch\.stack"),
    ("return torch.stack([1.0, 2.0])", r"torch\.tensor"),
    ("return x[5]", "counting starts at 0"),
    ("return x[torch.tensor([5])]", "counting starts at 0"),
    ("return x * [1.0][2]", "counting starts at 0"),
    ("return x.sum(1)", "axis"),
    ("return x[0, 1]", "more indices"),
    ("return x[0][0]", r"\.item\(\) would leave"),
    ("return sum(a for a in x[0])", "single number"),
    ("return x.item()", "Python number"),
    ("return x * float(x)", "Python number"),
    ("return math.sin(x)", r"Python number.*torch\.sin"),
    ("return torch.tensor([x, x])", r"Python number.*torch\.stack"),
    ("return range(x[0])", "one whole number"),
    ("return torch.sin(2.0) * x", r"sin\(\) a float.*torch\.tensor"),
    ("return torch.exp(np.ones(3)) * x", r"exp\(\) a numpy.ndarray"),
    ("return torch.sum([1, 2])", r"sum\(\) a list"),
    ("return x(1)", r"\* missing"),
    ("a = 2; return a(x)", r"\* missing"),
    ("x.sum().item().backward()", r"a float for \.backward"),
    ("return (x, x).sum()", r"a tuple as if it were a tensor"),
    ("return torch.norm((x,))", r"a tuple as if it were a tensor"),
    ("return torch.nn.functional.log_softmax((x,), 0)", r"a tuple as if it were a tensor"),
    ("return x.max(0) - 1", r"the pair \(values, indices\) that torch\.max .*\.values"),
    ("return torch.dot(x, torch.sort(x))", r"that torch\.sort gives"),
    ("return x.min(dim=0).sum()", r"that torch\.min gives"),
    ("return x ^ 2", r"\*\*"),
    ("return x.cuda().cpu()", "GPU"),
    ("return x.sum() / x.size", r"x\.numel\(\)"),
    ("return [1, 2] + x", "list"),
    ("return [1, 2] * 2.5", "list"),
    ("return f(x)", "again and again"),
]
BACK: list[tuple[str, str]] = [
    # only found on the way back: the line of "return" is not to blame, or not known
    ("return Twice.apply(x)", "one gradient for each argument"),
    ("return Short.apply(x)", "same shape"),
    ("return Nested.apply(x)", r"tensor or None.*\[0\]"),
    ("return Plain.apply(x)", "tensor or None"),
    ("return Without.apply(x)", "has no backward"),
    ("return Saved.apply(x)", "one whole number"),
    ("y = (x ** 2).sum(); y.backward(); return y", "retain_graph"),
]


def source(bodies: list[str]) -> str:
    """A file with f0, f1, … of these bodies; each body begins below its ``def``."""
    return HEAD + "".join(
        f"def f{n}(x):\n    {body.replace('return f(', f'return f{n}(').replace(chr(10), chr(10) + '    ')}\n"
        for n, body in enumerate(bodies)
    )


def errors(pool: Pool, bodies: list[str], **more: object) -> list[Raised]:
    tasks = tuple(
        Differentiate(id=str(n), function=f"f{n}", args=(array([0.5, -1.0, 2.0]),), wrt=(0,), **more)  # type: ignore[arg-type]
        for n in range(len(bodies))
    )
    seen = pool.run(Job(source(bodies).encode(), tasks, PATIENT))
    found = []
    for n, body in enumerate(bodies):
        outcome = seen.outcomes[str(n)]
        if isinstance(outcome, Differentiated):
            assert outcome.error is not None, (body, outcome)
            outcome = outcome.error
        assert isinstance(outcome, Raised), (body, outcome)
        found.append(outcome)
    return found


def line_of(bodies: list[str], n: int, within: int = 0) -> int:
    lines = source(bodies).split("\n")
    return next(i for i, line in enumerate(lines, 1) if line.startswith(f"def f{n}(")) + 1 + within


def sound(said: Text | None) -> Text:
    assert said is not None
    assert said.en[0].isupper() and said.en[-1] in ".?)" and said.zh[-1] in "。？）"
    assert re.search("[\u4e00-\u9fff]", said.zh) and not re.search("[\u4e00-\u9fff]", said.en)
    assert not re.search(r"[\u4e00-\u9fff][,.;:?!]", said.zh), said.zh
    return said


@pytest.fixture(scope="module")
def made(pool: Pool) -> list[Raised]:
    return errors(pool, [body for body, _ in MISTAKES])


@pytest.mark.parametrize("n", range(len(MISTAKES)), ids=[body[:40] for body, _ in MISTAKES])
def test_a_mistake_is_said_with_its_line(made: list[Raised], n: int) -> None:
    words = MISTAKES[n][1]
    said = sound(torch_errors.translated(made[n]))
    assert re.search(words, said.en), (made[n].message, said.en)
    if "again and again" not in words:
        line = line_of([body for body, _ in MISTAKES], n)
        assert said.en.startswith(f"Line {line} ") and said.zh.startswith(f"第 {line} 行"), said
    # Nothing of torch's advice that makes it worse.
    assert "Use tensor.detach()" not in said.en and "anomaly" not in said.en


@pytest.mark.parametrize("n", range(len(MISTAKES)), ids=[body[:40] for body, _ in MISTAKES])
def test_the_same_is_said_where_the_numbers_are_hidden(made: list[Raised], n: int) -> None:
    hidden = without_inputs(made[n])
    assert isinstance(hidden, Raised)
    said = sound(torch_errors.translated(hidden))
    assert re.search(MISTAKES[n][1], said.en) and "#" not in said.en + said.zh


def test_shapes_are_quoted_where_they_are_shown(pool: Pool) -> None:
    product, total = errors(pool, ["return A[:, :2] @ A", "return x + x[:2]"])
    assert "(3x2 and 3x3)" in sound(torch_errors.translated(product)).en
    assert "(3 and 2 along axis 0)" in sound(torch_errors.translated(total)).en


def test_on_the_way_back(pool: Pool) -> None:
    bodies = [body for body, _ in BACK]
    for error, (_, words) in zip(errors(pool, bodies), BACK, strict=True):
        assert re.search(words, sound(torch_errors.translated(error)).en), error
    twice = "trying to differentiate twice a function that was marked with @once_differentiable"
    assert "once_differentiable" in sound(torch_errors.translated(Raised("RuntimeError", twice))).en


IN_PLACE = [
    # body, and how many lines below its first the culprit stands
    ("s = torch.exp(x - x.max())\ns /= s.sum()\nreturn s", 1),
    ("y = x * 1\nz = y * y\ny[0] = 3.0\nreturn z", 2),
    ("y = torch.sigmoid(x)\ny.mul_(2)\nreturn y", 1),
    ("y = torch.exp(x)\ntorch.relu(y)\ntorch.nn.functional.relu(y, inplace=True)\nreturn y * y", 2),
    ("y = torch.exp(x)\ntorch.add(x.detach(), 1, out=(y.detach()))\nreturn y", 1),
    ("h = torch.tanh(x)\nfor _ in range(3):\n    h += h * h\nreturn h.sum()", 2),
    ("w = x * 1\na = w * w\nb = w.sum()\nw += 1\nw -= 2\nreturn a.sum() + b", 3),
    # What was changed for nobody is not to blame.
    ("u = torch.exp(x)\nv = torch.exp(x)\nd = v * v\nv += 1\nu += 1\nreturn u", 4),
    # Its own backward fails: the line that noticed it is another one.
    ("y = torch.exp(x)\ny += 1\ny.sum().backward()\nreturn x.grad", 1),
]


def test_the_line_of_a_change_in_place(pool: Pool) -> None:
    bodies = [body for body, _ in IN_PLACE]
    for n, error in enumerate(errors(pool, bodies)):
        said = sound(torch_errors.translated(error))
        line = line_of(bodies, n, IN_PLACE[n][1])
        assert error.culprit == line and said.en.startswith(f"Line {line} changes"), (bodies[n], error)


def test_the_line_of_a_change_in_place_in_what_is_called(pool: Pool) -> None:
    """Nothing is printed twice."""
    body = "print('once')\nx.requires_grad_()\ny = torch.exp(x)\ny += 1\ny.sum().backward()\nreturn x.grad"
    task = Call(id="f", function="f0", args=(array([0.5, -1.0, 2.0]),))
    seen = pool.run(Job(source([body]).encode(), (task,), PATIENT))
    error = seen.outcomes["f"]
    assert isinstance(error, Raised) and error.culprit == line_of([body], 0, 3)
    assert seen.text == "once\n"


def test_a_change_that_torch_does_not_see_in_python_is_asked_about(pool: Pool) -> None:
    """A forged message names no line, and is the student's own."""
    (error,) = errors(pool, ["raise RuntimeError('modified by an inplace operation')"])
    assert error.culprit is None and torch_errors.translated(error) is None
    said = torch_errors.translated(Raised("RuntimeError", "modified by an inplace operation: …"))
    assert sound(said).en.endswith("?") and "Line" not in sound(said).en


def test_grad_of_a_tensor_that_is_no_leaf_is_said_with_the_line_that_reads_it(pool: Pool) -> None:
    """At each call anew; a leaf's .grad, which is None for another reason, is told as before."""
    copied = "x = x.clone()\nx.sum().backward()\ng = x.grad\nreturn g * 2"
    bodies = [copied, "x = x * 1\nreturn x.grad", "return x.grad * 2"]
    file = source(bodies) + "\nf1(torch.ones(3, requires_grad=True))\n"
    tasks = tuple(
        Differentiate(id=str(n), function=f"f{n}", args=(array([0.5, -1.0, 2.0]),), wrt=(0,))
        for n in range(len(bodies))
    )
    found = pool.run(Job(file.encode(), tasks, PATIENT))
    used, returned, leaf = (found.outcomes[str(n)] for n in range(3))
    assert isinstance(used, Raised) and isinstance(leaf, Raised) and isinstance(returned, Differentiated)
    said = sound(torch_errors.translated(used)).en
    assert said.startswith(f"Line {line_of(bodies, 0, 3)} uses None")
    assert f"Line {line_of(bodies, 0, 2)} reads .grad of a tensor that is not a leaf" in said
    assert returned.unkept == line_of(bodies, 1, 1) and not leaf.unkept
    assert found.text.count("is being accessed") == 2, "it is printed once a line, as by default"


def test_a_stand_in_is_told_by_what_it_stands_for() -> None:
    message = "sin(): argument 'input' (position 1) must be Tensor, not StandIn(scipy.special.expit)"
    said = sound(torch_errors.translated(Raised("TypeError", message, 4, stand_in="scipy.special.expit")))
    assert said.en.startswith("Line 4 needs a value that comes from scipy.special.expit, and scipy is not")
    note = Note("raised", 5, "TypeError", "StandIn(jax.grad) is no number", "jax.grad")
    (told,) = notes_of(Loaded(notes=(note,)))
    assert "jax.grad" in told.zh and "passed over" in told.en and "StandIn" not in told.en


def test_what_a_student_raises_is_quoted(pool: Pool) -> None:
    bodies = ["raise ValueError('list index out of range')", "assert False, 'EOF when reading a line'"]
    for error in errors(pool, bodies):
        assert torch_errors.translated(error) is None


def test_ordinary_errors_keep_their_words() -> None:
    for message in (
        "division by zero",
        "name 'y' is not defined",
        "'x'",
        "module 'torch' has no attribute 'foo'",
    ):
        assert torch_errors.translated(Raised("E", message, 3)) is None
