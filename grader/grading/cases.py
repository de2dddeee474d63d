"""Cases, made concrete: the named ones and those drawn from the seed."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from grader.checks.arrays import Numbers, from_numpy
from grader.checks.evidence import Concrete
from grader.model.exercise import Draw, Exercise


def cases_of(exercise: Exercise, seed: int) -> list[Concrete]:
    """Visible cases first, then the hidden ones by name, then ``generator.count`` drawn from ``seed``."""
    dtypes = {i.name: i.dtype for i in exercise.inputs}
    named = [*exercise.cases, *(exercise.solution.cases if exercise.solution else ())]
    found = [
        Concrete(
            case.name,
            case.visible,
            {name: from_numpy(numbers(v, dtypes[name]), dtypes[name]) for name, v in case.inputs.items()},
            index,
        )
        for index, case in enumerate(named)
    ]
    if exercise.solution is not None:
        generator = exercise.solution.generator
        # PCG64 seeded through SHA-256, so that neighbouring seeds share nothing.
        digest = hashlib.sha256(f"{exercise.slug}:{seed}".encode()).digest()
        random = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
        for n in range(generator.count):
            inputs = {
                name: from_numpy(_drawn(random, draw, n, dtypes[name]), dtypes[name])
                for name, draw in sorted(generator.draw.items())
            }
            found.append(Concrete(f"generated-{n + 1}", False, inputs, len(found)))
    return found


def numbers(nested: Any, dtype: str = "complex128") -> Numbers:
    """Nested numbers as an author or a file writes them: a complex one is text, ``"1+2j"``."""
    if dtype != "complex128":
        return np.array(nested, dtype=dtype)
    found: Numbers = np.vectorize(complex, otypes=[np.complex128])(np.array(nested, dtype=object))
    return found


def _drawn(random: np.random.Generator, draw: Draw, n: int, dtype: str) -> Numbers:
    """Numbers of ``dtype``; of complex ones both parts are drawn."""
    if dtype != "complex128":
        return _draw(random, draw, n).astype(dtype)
    return _draw(random, draw, n) + 1j * _draw(random, draw, n + 1)


def _draw(
    random: np.random.Generator, draw: Draw, n: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    if draw.log:
        magnitude = np.exp(random.uniform(np.log(draw.low), np.log(draw.high), draw.shape))
        # Signs alternate over the cases, so that few cases are enough to meet both.
        signs = {"positive": 1.0, "negative": -1.0, "both": 1.0 if n % 2 == 0 else -1.0}
        return np.asarray(magnitude * signs[draw.sign])
    values = random.uniform(draw.low, draw.high, draw.shape)
    for _ in range(100):
        near = np.abs(values) < draw.away_from_zero
        if not near.any():
            break
        values = np.where(near, random.uniform(draw.low, draw.high, draw.shape), values)
    return np.asarray(values)
