"""Every differentiable operator of torch as a reference: is what is right passed, and what is wrong not?

Run as a program (``python -m tests.checks.operators``), because it imports torch and torch's own list of
operators; prints one JSON object, the fields of :class:`Report`. The references go through the child's own
``differentiate``, the answers through its ``serialize``, and both through ``compare`` and the judge.
"""

from __future__ import annotations

import json
import sys
import types
import unittest
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
import numpy as np
import torch
from torch.utils import _pytree as pytree

from grader.checks.arrays import Numbers, from_numpy, numbers_of
from grader.checks.compare import compare
from grader.checks.judge import judge_function
from grader.checks.observed import Observed
from grader.checks.quick import passes, sure
from grader.checks.wrong_gradients import wrong_gradients
from grader.model.exercise import Exercise, Function, Input
from grader.model.job import Differentiate
from grader.model.kinds import Prediction
from grader.model.observation import Differentiated, Returned
from grader.model.text import Text
from grader.model.values import Nothing, Value
from grader.sandbox.inside.differentiation import differentiate
from grader.sandbox.inside.serialize import serialize

MOST_ENTRIES: Final = 200
"""Of all tensors of a sample together, and of its output."""
SAMPLES: Final = 2
LEAVES: Final = 2
"""So many samples of an operator, and so many of a sample's inputs, are differentiated by."""
MOST_ROWS: Final = 64
TRIED: Final = 40
"""So many samples are looked at before an operator counts as one without small ones."""
ROOM: Final = 1 << 20
OFF: Final = 1e-4
"""How far off an answer is, relatively, that is nearly right."""

T: Final = Text("title", "标题")
PREDICTION: Final = Prediction("prediction", 1, T, function="grad_f", of="f")
EXERCISE: Final = Exercise(
    slug="operator", section="1", order=1, title=T, summary=T, prompt=T, starter="", digest="d",
    inputs=(Input("x"),), functions=(Function("f", ("x",)), Function("grad_f", ("x",))), checks=(PREDICTION,),
    cases=(),
)  # fmt: skip


@dataclass
class Report:
    """What was seen. A fault is one line: the operator, what was handed in, what was said of it."""

    used: int = 0
    skipped: dict[str, list[str]] = field(default_factory=dict)
    """Names of operators by the reason why they were not used."""
    right: Counter[str] = field(default_factory=Counter)
    """How many right answers there were of each kind."""
    wrong: Counter[str] = field(default_factory=Counter)
    """How many wrong ones of each kind; what hardly differs from the right one does not count."""
    refused: list[str] = field(default_factory=list)
    """Right answers that did not pass."""
    missed: list[str] = field(default_factory=list)
    """Wrong answers that passed."""
    bare: list[str] = field(default_factory=list)
    """Operators of whose graph nothing was read."""
    codes: dict[str, Counter[str]] = field(default_factory=dict)
    """What the finder said of each kind of wrong answer, over an operator's samples together."""
    misread: list[str] = field(default_factory=list)
    """Reasons that are not the reason."""


@dataclass(frozen=True)
class Question:
    """A reference at one input, with one cotangent, and what the child observed there."""

    point: Observed
    right: Numbers
    again: torch.Tensor
    """The same gradient by ``torch.autograd.grad``, on a graph of its own."""
    jacobian: Numbers | None
    """One row for each entry of the output; None where these are many."""
    cotangent: Numbers


class Skip(Exception):
    """Why an operator is of no use here."""


def operators() -> list[Any]:
    """Torch's own list of operators, each with samples of its inputs."""
    # Its test suite derives a class from expecttest's; nothing of it is used here.
    if "expecttest" not in sys.modules:
        stand_in = types.ModuleType("expecttest")
        stand_in.TestCase = unittest.TestCase  # type: ignore[attr-defined]
        sys.modules["expecttest"] = stand_in
    from torch.testing._internal.common_methods_invocations import op_db

    return list(op_db)


def questions(operator: Any) -> list[Question]:
    """Up to :data:`SAMPLES` × :data:`LEAVES` questions about ``operator``.

    :raises Skip: when there are none.
    """
    if not operator.supports_autograd:
        raise Skip("not differentiable")
    if torch.float64 not in operator.dtypes:
        raise Skip("not for float64")
    found: list[Question] = []
    why = "no small sample"
    used = 0
    samples = operator.sample_inputs("cpu", torch.float64, requires_grad=True)
    elementwise = type(operator).__name__ == "UnaryUfuncInfo"
    for tried, sample in enumerate(samples):
        if tried == TRIED or used == SAMPLES:
            break
        if elementwise and sample.input.dim() == 2:  # of which a corner is a sample, too
            sample.input = sample.input[:4, :5].detach().requires_grad_(True)
        try:
            asked = list(_of_sample(operator, sample))
        except Skip as skip:
            why = str(skip)
            continue
        found += asked
        used += bool(asked)
    if not found:
        raise Skip(why)
    return found


def _of_sample(operator: Any, sample: Any) -> Iterator[Question]:
    flat, structure = pytree.tree_flatten((sample.input, sample.args, sample.kwargs))
    tensors = [t for t in flat if isinstance(t, torch.Tensor)]
    if any(t.layout is not torch.strided or t.is_quantized for t in tensors):
        raise Skip("sparse")
    if any(t.is_complex() for t in tensors):
        raise Skip("complex")
    if sum(t.numel() for t in tensors) > MOST_ENTRIES:
        raise Skip("no small sample")
    places = [
        i for i, t in enumerate(flat) if isinstance(t, torch.Tensor) and t.requires_grad and t.numel() > 0
    ]
    if not places:
        raise Skip("no input to differentiate by")
    for place in places[:LEAVES]:
        yield _question(operator, sample, flat, structure, place)


def _question(operator: Any, sample: Any, flat: list[Any], structure: Any, place: int) -> Question:
    def f(x: torch.Tensor) -> torch.Tensor:
        # Some operators write into an argument; each call has its own.
        parts = [t.detach().clone() if isinstance(t, torch.Tensor) else t for t in flat]
        parts[place] = x
        first, args, kwargs = pytree.tree_unflatten(parts, structure)
        return _joined(sample.output_process_fn_grad(operator(first, *args, **kwargs)))

    start = flat[place].detach().clone()
    value = _twice(f, start)
    if not 0 < value.numel() <= MOST_ENTRIES:
        raise Skip("no small sample")
    drawn = np.random.default_rng(len(flat) + value.numel()).uniform(0.5, 1.5, tuple(value.shape))
    drawn *= np.where(np.arange(drawn.size).reshape(drawn.shape) % 3 == 1, -1.0, 1.0)
    task = Differentiate(
        id="f'", function="f", args=(from_numpy(start.numpy()),), wrt=(0,), cotangent=from_numpy(drawn),
        wrong_gradients=True,
    )  # fmt: skip
    engine = torch.autograd.Variable._execution_engine.run_backward
    seen = differentiate(f, [start.clone()], task, ROOM, engine)
    if isinstance(seen, Differentiated) and seen.problem == "raised":
        # Not every operator can be differentiated twice, nor every edge of its graph be cut.
        bare = msgspec.structs.replace(task, wrong_gradients=False)
        seen = differentiate(f, [start.clone()], bare, ROOM, engine)
    if not isinstance(seen, Differentiated) or seen.problem:
        raise Skip("no gradient")
    right = numbers_of(seen.grads[0])
    if right is None:
        raise Skip("no gradient")
    leaf = start.clone().requires_grad_(True)
    output = f(leaf)
    (again,) = torch.autograd.grad(output, leaf, torch.from_numpy(drawn), retain_graph=True)
    rows = None
    if output.numel() <= MOST_ROWS:
        basis = torch.eye(output.numel(), dtype=torch.float64).reshape(-1, *output.shape)
        rows = np.stack(
            [torch.autograd.grad(output, leaf, unit, retain_graph=True)[0].numpy() for unit in basis]
        )
    point = Observed(
        case=f"case-{place}", visible=True, inputs={"x": start.tolist()}, expected=right,
        outcome=Returned(Nothing()), value=numbers_of(seen.value), size=max(1, start.numel()),
        sizes=(*start.shape, start.numel()), wrong_gradients=wrong_gradients(seen.reading),
    )  # fmt: skip
    return Question(point, right, again, rows, drawn)


def _joined(output: Any) -> torch.Tensor:
    """What can be differentiated of an operator's output, as one real tensor."""
    parts = [
        torch.view_as_real(t.resolve_conj()) if t.is_complex() else t
        for t in pytree.tree_leaves(output)
        if isinstance(t, torch.Tensor) and (t.is_floating_point() or t.is_complex())
    ]
    if any(t.layout is not torch.strided for t in parts):
        raise Skip("sparse")
    if not parts or not all(t.dtype is torch.float64 for t in parts):
        raise Skip("its output is not float64")
    return parts[0] if len(parts) == 1 else torch.cat([t.reshape(-1) for t in parts])


def _twice(f: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor) -> torch.Tensor:
    """The value of ``f``, which must be the same for two seeds."""
    values = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        with torch.no_grad():
            values.append(f(start.clone()))
    if not torch.equal(torch.nan_to_num(values[0]), torch.nan_to_num(values[1])):
        raise Skip("random")
    return values[0]


# Answers.


def right_answers(q: Question) -> Iterator[tuple[str, Value]]:
    """The right gradient, in ways in which a student may come by it."""
    yield "autograd", serialize(q.again, ROOM)
    # The same numbers, scattered in memory.
    yield "strided", serialize(torch.stack((q.again, q.again + 1.0), dim=-1)[..., 0], ROOM)
    yield "fortran", serialize(np.array(q.again.numpy(), order="F"), ROOM)
    if np.abs(q.right[np.isfinite(q.right)]).max(initial=0.0) < 1e30:
        yield "float32", serialize(q.again.to(torch.float32), ROOM)
    if q.jacobian is not None and np.isfinite(q.jacobian).all():
        yield "by-jacobian", serialize(np.tensordot(q.cotangent.reshape(-1), q.jacobian, axes=1), ROOM)


WRONG: Final[dict[str, Callable[[Numbers, np.random.Generator], Numbers | None]]] = {
    "off": lambda g, _: g * (1.0 + OFF),
    "off-float32": lambda g, _: (g * (1.0 + 10 * OFF)).astype(np.float32) if _size(g) < 1e30 else None,
    "sign": lambda g, _: -g,
    "transposed": lambda g, _: g.T if g.ndim == 2 else None,
    "one-entry": lambda g, rng: _one_entry(g, rng),
    "double": lambda g, _: 2.0 * g,
    "shuffled": lambda g, rng: _shuffled(g, rng),
    "random": lambda g, rng: np.asarray(rng.uniform(-2.0, 2.0, g.shape) * max(1.0, _size(g))),
    "zeros": lambda g, _: np.zeros_like(g),
    "flat": lambda g, _: g.reshape(-1) if g.ndim != 1 else g[:, None],
    "summed": lambda g, _: np.asarray(g.sum()) if g.ndim else g.reshape(1),
    "one-nan": lambda g, rng: _put(g, rng, np.nan),
    "one-infinite": lambda g, rng: _put(g, rng, np.inf),
}
"""Ways to get it wrong; None where there is no such way."""

TRUE_REASONS: Final[dict[str, frozenset[str]]] = {
    # For exp, a difference quotient with step 2e-4 is off by the same factor everywhere.
    "off": frozenset({"scale", "finite-difference"}),
    "off-float32": frozenset({"scale", "finite-difference"}),
    "sign": frozenset({"sign"}),
    "transposed": frozenset({"transpose", "shape"}),
    "one-entry": frozenset(),
    "double": frozenset({"scale"}),
    "shuffled": frozenset(),
    "random": frozenset(),
    "zeros": frozenset({"cut-graph"}),
    "flat": frozenset({"shape"}),
    "summed": frozenset({"reduced", "shape"}),
    "one-nan": frozenset({"nan"}),
    "one-infinite": frozenset({"nan"}),
}
"""What may be said of each; nothing may be said of any."""


def _size(g: Numbers) -> float:
    return float(np.max(np.abs(g), initial=0.0, where=np.isfinite(g)))


def _tolerance(g: Numbers, *, single: bool = False) -> Numbers:
    """What the documentation promises, written once more."""
    rtol, atol = (1e-4, 1e-6) if single else (1e-6, 1e-9)
    allowed: Numbers = atol * max(1.0, _size(g)) + rtol * np.abs(g)
    return allowed


def _shuffled(g: Numbers, rng: np.random.Generator) -> Numbers | None:
    """In an order that has no name."""
    mixed = rng.permutation(g.reshape(-1)).reshape(g.shape)
    backwards = np.array_equal(mixed.reshape(-1), g.reshape(-1)[::-1], equal_nan=True)
    return None if backwards else mixed


def _one_entry(g: Numbers, rng: np.random.Generator) -> Numbers | None:
    telling = np.flatnonzero(np.isfinite(g) & (OFF * np.abs(g) > 1.01 * _tolerance(g)))
    if not telling.size:
        return None
    wrong = g.copy()
    wrong.flat[rng.choice(telling)] *= 1.0 + OFF
    return wrong


def _put(g: Numbers, rng: np.random.Generator, number: float) -> Numbers | None:
    finite = np.flatnonzero(np.isfinite(g))
    if not finite.size:
        return None
    wrong = g.copy()
    wrong.flat[rng.choice(finite)] = number
    return wrong


def differs(wrong: Numbers, g: Numbers) -> bool:
    """Whether ``wrong`` is wrong: in its shape, in what is finite, or by more than the tolerance."""
    if wrong.shape != g.shape:
        return True
    finite = np.isfinite(g)
    if (np.isfinite(wrong) != finite).any() or (np.isnan(wrong) != np.isnan(g)).any():
        return True
    infinite = np.isinf(g)
    if (wrong[infinite] != g[infinite]).any():
        return True
    allowed = 1.01 * _tolerance(g, single=wrong.dtype == np.float32)
    return bool((np.abs(wrong[finite] - g[finite]) > allowed[finite]).any())


# The sweep.


def sweep() -> Report:
    """Ask everything of every operator."""
    report = Report(codes={kind: Counter() for kind in WRONG})
    for operator in operators():
        name = operator.name + (f".{operator.variant_test_name}" if operator.variant_test_name else "")
        try:
            with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
                warnings.simplefilter("ignore")  # what torch says of its own samples
                torch.manual_seed(0)
                np.random.seed(0)  # some samples are drawn by it
                asked = questions(operator)
        except Skip as skip:
            report.skipped.setdefault(str(skip), []).append(name)
            continue
        except Exception as error:  # noqa: BLE001 - a sample that needs what is not here
            report.skipped.setdefault(f"{type(error).__name__}: {error}"[:80], []).append(name)
            continue
        report.used += 1
        if not any(q.point.wrong_gradients.by_mistake for q in asked):
            report.bare.append(name)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what the judge does, it does without a warning
            _hand_in_right(report, name, asked)
            _hand_in_wrong(report, name, asked)
    return report


def _verdict(asked: list[Question], answers: list[Value]) -> tuple[str, str, str]:
    """The judge's verdict, its code, and what it says."""
    points = [
        replace(q.point, case=f"case-{n}", outcome=Returned(answer))
        for n, (q, answer) in enumerate(zip(asked, answers, strict=True))
    ]
    seen = [(sure(p.expected), None if p.value is None else p.value.shape, p.outcome) for p in points]
    said = judge_function(EXERCISE, PREDICTION, points)
    if passes(PREDICTION, seen) and (said.verdict != "passed" or said.message.en):
        return "passed only in haste", "", said.message.en
    return said.verdict, said.diagnosis.code if said.diagnosis else "", said.message.en


def _hand_in_right(report: Report, name: str, asked: list[Question]) -> None:
    kinds: dict[str, list[Value]] = {}
    for q in asked:
        for kind, value in right_answers(q):
            report.right[kind] += 1
            kinds.setdefault(kind, []).append(value)
            mismatch = compare(q.right, value)
            if mismatch is not None:
                report.refused.append(f"{name}: {kind}: {mismatch.aspect.value}")
    for kind, values in kinds.items():
        if len(values) == len(asked):
            verdict, code, message = _verdict(asked, values)
            if verdict != "passed":
                report.refused.append(f"{name}: {kind}: judged {verdict} {code} {message}")


def _hand_in_wrong(report: Report, name: str, asked: list[Question]) -> None:
    rng = np.random.default_rng(sum(map(ord, name)))
    for kind, make in WRONG.items():
        answers: list[Value] = []
        counted = 0
        for q in asked:
            wrong = make(q.right, rng)
            if wrong is None:
                break
            value = serialize(torch.from_numpy(np.array(wrong)), ROOM)
            answers.append(value)
            if differs(wrong, q.right):
                counted += 1
                report.wrong[kind] += 1
                if compare(q.right, value) is None:
                    report.missed.append(f"{name}: {kind}")
        if len(answers) < len(asked) or not counted:
            continue
        verdict, code, message = _verdict(asked, answers)
        report.codes[kind][code or "none"] += 1
        if verdict != "failed":
            report.missed.append(f"{name}: {kind}: judged {verdict}")
        if code and code not in TRUE_REASONS[kind]:
            report.misread.append(f"{name}: {kind}: {code}: {message}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.stdout.write(json.dumps(vars(sweep())))
