"""Short ways to write a job and to read what came of it."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from grader.model.exercise import Limits
from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import Died, Observation, Outcome, Returned
from grader.model.values import Array, Foreign, Mapping, Nothing, Number, Sequence, Tensor, Value, Words
from grader.sandbox.pool import Pool


def array(values: Any, dtype: str = "float64") -> Array:
    """An array as it crosses the boundary."""
    numbers = np.array(values, dtype=dtype)
    return Array(dtype, numbers.shape, numbers.tobytes())


def job(source: str, *tasks: Task | str, seed: int = 0, **limits: Any) -> Job:
    """A job; a task given as a name calls that function without arguments."""
    return Job(
        source=textwrap.dedent(source).encode(),
        tasks=tuple(Call(id=t, function=t) if isinstance(t, str) else t for t in tasks),
        limits=Limits(**limits),
        seed=seed,
    )


def calls(function: str, count: int, **more: Any) -> list[Task]:
    """``count`` calls of one function, with the numbers 0, 1, 2 …"""
    return [
        Call(id=f"{function}@{n}", function=function, args=(array(float(n)),), **more) for n in range(count)
    ]


def gradient(function: str = "f", at: Any = (1.0, 2.0), **more: Any) -> Differentiate:
    """One differentiation by the only argument."""
    return Differentiate(id=f"{function}'", function=function, args=(array(at),), wrt=(0,), **more)


def plain(value: Value) -> Any:
    """A value as Python data; a foreign object as ``<name>``."""
    match value:
        case Tensor(array=a) | Number(array=a):
            return np.frombuffer(a.data, a.dtype).reshape(a.shape).tolist()
        case Nothing():
            return None
        case Words(text=text):
            return text
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(items=entries):
            return {key: plain(item) for key, item in entries.items()}
        case Foreign(type=name):
            return f"<{name}>"


def returned(outcome: Outcome) -> Any:
    """What a call returned, as Python data."""
    assert isinstance(outcome, Returned), outcome
    return plain(outcome.value)


def ask(pool: Pool, source: str, function: str = "g") -> Any:
    """Run ``source`` in the jail and return what ``function()`` returns there."""
    seen = pool.run(job(source, function))
    assert seen.loaded.failure is None, seen.loaded.failure
    return returned(seen.outcomes[function])


def death(seen: Observation, task: str) -> Died:
    """How the child died during ``task``."""
    outcome = seen.outcomes[task]
    assert isinstance(outcome, Died), outcome
    return outcome
