"""Watching for difference quotients: at which points near its input is ``f`` called by a prediction?

A difference quotient of ``f`` calls ``f`` at two points close together. Whatever name, list, default or
partial holds ``f``, it is the same function object: so its *code* is exchanged for the time of the call,
not its name.
"""

from __future__ import annotations

import contextlib
import functools
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch

from grader.model.observation import Evidence
from grader.model.values import Array
from grader.sandbox import bounds
from grader.sandbox.inside.quotients import Numbers, quotients
from grader.sandbox.inside.serialize import tensor_of

_NEAR: Final = 0.1
"""So near, relative to the input's largest entry, is a step of a difference quotient."""
_HANDLER: Final = "the recorder stands here"
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)  # a text is no function; the recorder takes its place
    _STAND_IN: Final = eval(f"lambda *args, **kwargs: {_HANDLER!r}(*args, **kwargs)").__code__  # noqa: S307


@contextlib.contextmanager
def watching(namespace: dict[str, Any], name: str, given: tuple[Array, ...]) -> Iterator[Recorder]:
    """Record the calls of the function called ``name``, if there is one written in Python.

    :param given: what the prediction is asked at.
    """
    function, skipped = _written(namespace.get(name))
    recorder = Recorder(given, skipped)
    if function is None:
        yield recorder
        return
    code = function.__code__
    original = types.FunctionType(
        code, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    original.__kwdefaults__ = function.__kwdefaults__
    recorder.function = original
    constants = tuple(recorder if constant == _HANDLER else constant for constant in _STAND_IN.co_consts)
    # Who asks a function where it is written gets the student's own lines.
    function.__code__ = _STAND_IN.replace(
        co_consts=constants,
        co_freevars=code.co_freevars,
        co_filename=code.co_filename,
        co_firstlineno=code.co_firstlineno,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
    )
    try:
        yield recorder
    finally:
        function.__code__ = code


def _written(thing: Any) -> tuple[types.FunctionType | None, int]:
    """The function written in Python that runs when ``thing`` is called, and how many arguments come before
    those of the call: the object itself of a method, those that a partial holds.
    """
    before = 0
    for _ in range(4):
        if type(thing) is types.FunctionType:
            return thing, before
        try:
            if type(thing) is types.MethodType:
                thing, before = thing.__func__, before + 1
            elif type(thing) is functools.partial:
                thing, before = thing.func, before + len(thing.args)
            elif isinstance(thing, torch.nn.Module):
                thing = thing.forward
            elif isinstance(thing, type):
                return None, 0
            elif type(vars(thing).get("__wrapped__")) is types.FunctionType:  # lru_cache and the like
                thing = thing.__wrapped__
            else:
                thing, before = vars(type(thing))["__call__"], before + 1
        except BaseException:  # noqa: BLE001 - an object that lies is called as it is
            return None, 0
    return None, 0


class Recorder:
    """Notes where the predicted function is called.

    :param skipped: so many arguments stand before those of the call.
    """

    def __init__(self, given: tuple[Array, ...], skipped: int = 0) -> None:
        self._skipped = skipped
        self.function: Callable[..., Any] | None = None
        self._at = (
            tensor_of(given[0]).double() if given and given[0].dtype in ("float64", "float32") else None
        )
        self._along = [
            np.frombuffer(each.data).reshape(each.shape) for each in given[1:] if each.dtype == "float64"
        ]
        self._depth = 0
        self._here = False
        self._points: list[torch.Tensor] = []
        self._calls: list[tuple[Numbers, Numbers]] = []
        """Those points, and the values there."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        assert self.function is not None
        there = None
        if self._at is not None and len(args) > self._skipped and not self._depth:
            with contextlib.suppress(Exception):  # whatever it was called with is between it and the function
                there = self._note(args[self._skipped])
        self._depth += 1
        try:
            value = self.function(*args, **kwargs)
        finally:
            self._depth -= 1
        if there is not None:
            with contextlib.suppress(Exception):
                self._keep(there, value)
        return value

    def _note(self, argument: Any) -> torch.Tensor | None:
        """The point, if it is new and near the input, or the input itself."""
        at = self._at
        assert at is not None
        with torch._C.DisableTorchFunction():
            there = torch.as_tensor(argument).detach().double()
            # One entry at a time is a point, too: it is held against the entry that it is nearest to.
            gap = (there - at).abs()
            gap = gap.max() if there.shape == at.shape else gap.min()
            size, known = max(1e-3, float(at.abs().max())), len(self._points)
            if float(gap) == 0.0:
                new, self._here = not self._here, True
                return there.clone() if new else None
            if float(gap) > _NEAR * size or known >= bounds.MAX_POINTS:
                return None
            if any(torch.equal(there, point) for point in self._points):
                return None
            self._points.append(there.clone())
            return self._points[-1]

    def _keep(self, there: torch.Tensor, value: Any) -> None:
        assert self._at is not None
        if self._at.numel() <= bounds.MAX_MOVED:
            with torch._C.DisableTorchFunction():
                number = torch.as_tensor(value).detach().double()
                if number.numel() <= bounds.MAX_MOVED:
                    self._calls.append((there.numpy(), number.clone().numpy()))

    def evidence(self) -> Evidence:
        """What was seen."""
        seen = Evidence(len(self._points), self._here)
        if seen.quotient and self._at is not None and self._calls:
            with contextlib.suppress(Exception):
                found = quotients(self._at.numpy(), self._calls, self._along)
                arrays = tuple(Array("float64", each.shape, each.tobytes()) for each in found)
                return Evidence(seen.nearby, seen.at, arrays)
        return seen
