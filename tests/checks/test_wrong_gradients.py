"""What hooks read off a reference's graph is what autograd gives of the function rewritten by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.checks.arrays import Numbers, numbers_of
from grader.model.exercise import Limits
from grader.model.job import Call, Differentiate, Job
from grader.model.observation import Differentiated, Returned
from grader.model.values import Array, Mapping
from grader.sandbox.pool import Pool

from .notation import read_off
from .rewriting import PRELUDE, Reference, by_hand, references

REFERENCES = """
def product(x): return (x * torch.sin(x)).sum()
def square(x): return (x * x).sum()
def power(x): return (x**3).sum()
def chain(x):
    u = torch.sin(x)
    y = torch.exp(u)
    return y.sum()
def deep(x):
    a = torch.tanh(x)
    b = a * x
    c = torch.exp(b) + a
    return (c * b).sum()
def quotient(x, w): return (torch.sin(x) / (x**2 + w**2)).sum()
def sigmoid(x, w): return torch.sigmoid(torch.dot(w, x))
def logistic(x, w):
    z = torch.dot(x, w)
    return torch.log1p(torch.exp(-z))
def softmax(x, w): return torch.dot(torch.softmax(x, 0), w)
def log_sum_exp(x): return torch.logsumexp(x * 2, 0)
def gauss(x): return torch.exp(-(x**2).sum() / 2)
def norm(x): return torch.sqrt((x * x).sum())
def distance(x, w):
    d = x - w
    return torch.sqrt(torch.dot(d, d))
def quadratic(x, A): return torch.dot(x, torch.mv(A, x))
def energy(X, B): return torch.trace(torch.mm(X, torch.mm(B, X)))
def gram(X): return torch.mm(X.T, X).sum()
def logdet(X, B): return torch.log(torch.det(torch.mm(X, X.T) + B.T @ B))
def inverse(X, B): return (torch.linalg.inv(X + 9 * B) * B).sum()
def least_squares(x, A, w):
    r = A @ x - w
    return (r**2).mean()
def variance(x):
    m = x.mean()
    d = x - m
    return (d * d).mean()
def entropy(p):
    s = p / p.sum()
    return -(s * torch.log(s)).sum()
def twice(x):
    u = x[0] * x[1]
    return torch.sin(u) + u * x[2]
def slices(x): return (x[1:] * x[:-1]).sum()
def picked(x): return (x[[0, 0, 2]] ** 2).sum()
def joined(x): return (torch.cat([x, torch.sin(x)]) ** 2).sum()
def stacked(x): return torch.prod(torch.stack([x, torch.cos(x)]))
def cumulative(x): return torch.cumsum(torch.exp(x), 0).sum()
def angle(x, w): return torch.atan2(torch.sin(x), x * w).sum()
def length(x, w): return torch.hypot(x, x * w).sum()
def mixed(x, w): return torch.lerp(torch.sin(x), torch.cos(x), w).sum()
def fused(x, w): return torch.addcmul(x, torch.sin(x), torch.cos(x)).sum()
def chosen(x): return torch.where(x > 0, x * 3, torch.exp(x)).sum()
def larger(x, w): return (torch.maximum(x * x, w) * x).sum()
def erf(x): return (torch.erf(x) * torch.atan(x)).sum()
def hyperbolic(x): return (torch.sinh(x) - torch.cosh(x) * 2).sum()
def scalar(s): return torch.sin(torch.exp(torch.sin(s)))
def reciprocal(s): return torch.reciprocal(1 - s * s)
def sensitive(s):
    a = s * 2
    b = torch.sin(a) * a
    return torch.sqrt(b * b + 1)
def vector(x):
    u = x * x
    return torch.sin(u) * x
def vector_softmax(x): return torch.softmax(x * 2, 0)
def vector_linear(x, A): return torch.tanh(A @ x)
def vector_product(x, w): return x * torch.dot(x, w)
def vector_sum(x, A):
    h = torch.relu(A @ x)
    return h + x * torch.exp(-h)
def detached(x):
    u = x.detach()
    return (u * x + x**2).sum()
def detached_square(x): return (x * (x**2).detach()).sum()
def detached_twice(x):
    u = torch.sin(x)
    a = u.detach()
    b = (x * u).detach()
    return (a * x + b * u + u).sum()
def by_data(x):
    u = x.data
    return (u * torch.exp(x)).sum()
def unrecorded(x):
    with torch.no_grad():
        m = x * x
    return (m * x).sum()
def centred(x):
    m = x.max().detach()
    e = torch.exp(x - m)
    return torch.log(e.sum()) + m
def straight_through(x): return ((x + (torch.floor(x) - x).detach()) ** 2).sum()
"""
ALL = references(REFERENCES)
MANY = 40

_RNG = np.random.default_rng(7)
INPUTS: dict[str, Numbers] = {
    "x": np.array([0.7, -1.3, 0.4, 1.9]),
    "w": np.array([1.1, 0.6, -0.8, 0.3]),
    "p": np.array([0.2, 1.4, 0.9, 2.2]),
    "s": np.array(0.6),
    "A": _RNG.normal(size=(4, 4)),
    "X": _RNG.normal(size=(3, 3)),
    "B": _RNG.normal(size=(3, 3)),
}
COTANGENT = np.array([0.9, -1.2, 0.7, 1.4])

SAME_NAME = {"@": {"mv", "mm", "dot"}, "[]": {"slice", "select", "index"}, "permute": {"permute", "t"},
             "max": {"max"}, "lerp": {"lerp"}}  # fmt: skip
"""What the graph calls an operation whose sign does not say it."""


def array(numbers: Numbers) -> Array:
    return Array("float64", numbers.shape, np.ascontiguousarray(numbers).tobytes())


def is_vector(reference: Reference) -> bool:
    return reference.name.startswith("vector")


@pytest.fixture(scope="module")
def read(pool: Pool) -> dict[str, Differentiated]:
    """What the grader observes of each reference."""
    tasks = tuple(
        Differentiate(
            id=r.name,
            function=f"reference.{r.name}",
            args=tuple(array(INPUTS[a]) for a in r.arguments),
            wrt=(0,),
            cotangent=array(COTANGENT) if is_vector(r) else None,
            wrong_gradients=True,
        )
        for r in ALL
    )
    source = "import torch\n" + "\n".join(r.source for r in ALL)
    seen = pool.run(Job(b"", tasks, Limits(total_seconds=60.0)), {"reference": source.encode()})
    assert seen.loaded.failure is None, seen.loaded.failure
    found = {}
    for name, outcome in seen.outcomes.items():
        assert isinstance(outcome, Differentiated) and not outcome.problem, (name, outcome)
        found[name] = outcome
    return found


@pytest.fixture(scope="module")
def made(pool: Pool) -> dict[str, dict[str, Numbers]]:
    """What autograd gives of each reference rewritten by hand, in plain calls."""
    tasks = tuple(
        Call(
            id=r.name,
            function=f"hand_{r.name}",
            args=tuple(array(INPUTS[a]) for a in r.arguments) + ((array(COTANGENT),) if is_vector(r) else ()),
        )
        for r in ALL
    )
    source = PRELUDE + "\n".join(by_hand(r) for r in ALL)
    seen = pool.run(Job(source.encode(), tasks, Limits(total_seconds=60.0)))
    assert seen.loaded.failure is None, seen.loaded.failure
    found = {}
    for name, outcome in seen.outcomes.items():
        assert isinstance(outcome, Returned) and isinstance(outcome.value, Mapping), (name, outcome)
        found[name] = {key: numbers(value) for key, value in outcome.value.items.items()}
    return found


def numbers(value: Any) -> Numbers:
    found = numbers_of(value)
    assert found is not None
    return found


def close(a: Numbers, b: Numbers) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-10, atol=1e-12))


def families(wrong: dict[str, Numbers], *, read: bool) -> dict[str, list[tuple[str, Numbers]]]:
    """Wrong answers of a kind, each with its label, whatever tells them apart otherwise."""
    found: dict[str, list[tuple[str, Numbers]]] = defaultdict(list)
    for key, value in wrong.items():
        code, _, rest = key.partition(":")
        label = rest.rpartition(":")[2] if read else rest.partition("#")[0]
        if read and ("*" in label or "." in label):
            continue  # several places at once, or inside of a call that was written out in steps
        found[code].append((label, value))
    return found


def fits(label: str, hand: str) -> bool:
    """Whether the graph's name of a place is the one in the source."""
    (variable, _, operation), (name, _, sign) = label.partition("|"), hand.partition("|")
    return variable == name and (operation == sign or operation in SAME_NAME.get(sign, {sign}))


def unmatched(
    one: list[tuple[str, Numbers]], other: list[tuple[str, Numbers]]
) -> tuple[list[tuple[str, Numbers]], list[tuple[str, Numbers]]]:
    """What is left of two lists when each is paired with its like."""
    rest, alone = list(other), []
    for label, value in one:
        like = next((o for o in rest if fits(label, o[0]) and close(value, o[1])), None)
        if like is None:
            alone.append((label, value))
        else:
            rest = [o for o in rest if o is not like]
    return alone, rest


def test_there_are_some_forty_and_hundreds_of_wrong_answers(made: dict[str, dict[str, Numbers]]) -> None:
    assert len(ALL) >= MANY and len({r.name for r in ALL}) == len(ALL)
    codes = Counter(key.partition(":")[0] for found in made.values() for key in found)
    least = {"missing-path": 80, "missing-factor": 80, "undetached": 8, "second-derivative": MANY}
    assert all(codes[code] >= number for code, number in least.items()), codes


@pytest.mark.parametrize("name", [r.name for r in ALL])
class TestRead:
    """One reference at a time."""

    def wrong(self, name: str, code: str, read: Any, made: Any) -> Iterator[list[tuple[str, Numbers]]]:
        """By the graph and by hand, what is not right all the same, as it is where a factor is one."""
        graph = families(read_off(read[name]), read=True)
        for found in (graph, families(made[name], read=False)):
            yield [(label, value) for label, value in found[code] if not close(value, made[name]["right"])]

    def test_the_gradient(self, name: str, read: Any, made: Any) -> None:
        """First of all, the right one."""
        assert close(numbers(read[name].grads[0]), made[name]["right"])

    @pytest.mark.parametrize("code", ["missing-path", "missing-factor", "undetached", "reduced"])
    def test_one_wrong_answer_for_each_place_and_no_other(
        self, name: str, code: str, read: Any, made: Any
    ) -> None:
        """Each with the variable and the operation that the source has there."""
        graph, hand = self.wrong(name, code, read, made)
        assert unmatched(graph, hand) == ([], [])

    @pytest.mark.parametrize("code", ["second-derivative", "transpose", "diagonal-only"])
    def test_one_wrong_answer_for_the_whole(self, name: str, code: str, read: Any, made: Any) -> None:
        found = read_off(read[name])
        assert (code in found) is (code in made[name])
        if code in found:
            assert close(found[code], made[name][code])


def observed(pool: Pool, source: str, **more: Any) -> Differentiated:
    """What is observed of one reference ``f`` at x (or at s, where its argument is called so)."""
    reference = references(source)[0]
    args = tuple(array(INPUTS[a]) for a in reference.arguments)
    task = Differentiate(id="f", function="reference.f", args=args, wrt=(0,), wrong_gradients=True, **more)
    seen = pool.run(Job(b"", (task,)), {"reference": f"import torch\n{source}".encode()})
    outcome = seen.outcomes["f"]
    assert isinstance(outcome, Differentiated)
    return outcome


S = float(INPUTS["s"])


@pytest.mark.parametrize(
    ("source", "derivatives"),
    [
        ("def f(s): return torch.exp(2 * s)", [2 * np.exp(2 * S), 4 * np.exp(2 * S), 8 * np.exp(2 * S)]),
        ("def f(s): return torch.sin(s)", [np.cos(S), -np.sin(S), -np.cos(S)]),
        ("def f(s): return s**5", [5 * S**4, 20 * S**3, 60 * S**2]),
        ("def f(s): return torch.log(s)", [1 / S, -1 / S**2, 2 / S**3]),
        ("def f(s): return s * torch.cos(s)", [
            np.cos(S) - S * np.sin(S), -2 * np.sin(S) - S * np.cos(S), -3 * np.cos(S) + S * np.sin(S),
        ]),
    ],
)  # fmt: skip
def test_one_derivative_too_few_and_one_too_many(pool: Pool, source: str, derivatives: list[float]) -> None:
    """Beside a second derivative, by formulas."""
    seen = observed(pool, source, how="higher-order", order=2)
    assert close(numbers(seen.grads[0]), np.array(derivatives[1]))
    assert close(read_off(seen)["value-not-gradient"], np.array(derivatives[0]))
    assert close(read_off(seen)["second-derivative"], np.array(derivatives[2]))


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return torch.nn.functional.hardsigmoid(x).sum()",
        "def f(x): return torch.fft.fft(x).abs().sum()",
    ],
    ids=["not differentiable twice", "complex on the way"],
)
def test_a_gradient_of_which_nothing_more_can_be_read_is_still_a_gradient(pool: Pool, source: str) -> None:
    seen = observed(pool, source)
    assert not seen.problem, seen.error
