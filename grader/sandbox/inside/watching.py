"""At which points near its input is the predicted function called, while a prediction runs?

A difference quotient of ``f`` calls ``f`` at two points close together. Whatever name, list, default or
partial holds ``f``, it is the same function object: so its *code* is exchanged for the time of the call,
not its name.
"""

from __future__ import annotations

import contextlib
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final

import torch

from grader.model.observation import Evidence
from grader.model.values import Array
from grader.sandbox import bounds
from grader.sandbox.inside.portable import tensor_of

_NEAR: Final = 0.1
"""So near, relative to the input's largest entry, is a step of a difference quotient."""
_HANDLER: Final = "the recorder stands here"
with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)  # a text is no function; the recorder takes its place
    _STAND_IN: Final = eval(f"lambda *args, **kwargs: {_HANDLER!r}(*args, **kwargs)").__code__  # noqa: S307


@contextlib.contextmanager
def watching(namespace: dict[str, Any], name: str, given: tuple[Array, ...]) -> Iterator[Recorder]:
    """Record the calls of the function called ``name``, if there is one.

    :param given: what the prediction is asked at.
    """
    function = namespace.get(name)
    recorder = Recorder(given)
    if type(function) is types.FunctionType and not function.__closure__:
        code = function.__code__
        original = types.FunctionType(
            code, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        original.__kwdefaults__ = function.__kwdefaults__
        recorder.function = original
        constants = tuple(recorder if constant == _HANDLER else constant for constant in _STAND_IN.co_consts)
        function.__code__ = _STAND_IN.replace(co_consts=constants)
        try:
            yield recorder
        finally:
            function.__code__ = code
    elif callable(function):
        recorder.function = function
        namespace[name] = recorder
        try:
            yield recorder
        finally:
            if namespace.get(name) is recorder:
                namespace[name] = function
    else:
        yield recorder


class Recorder:
    """Stands in for the predicted function."""

    def __init__(self, given: tuple[Array, ...]) -> None:
        self.function: Callable[..., Any] | None = None
        self._at = (
            tensor_of(given[0]).double() if given and given[0].dtype in ("float64", "float32") else None
        )
        self._depth = 0
        self._here = False
        self._points: list[torch.Tensor] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        assert self.function is not None
        if self._at is not None and args and not self._depth:
            with contextlib.suppress(Exception):  # whatever it was called with is between it and the function
                self._note(args[0])
        self._depth += 1
        try:
            return self.function(*args, **kwargs)
        finally:
            self._depth -= 1

    def _note(self, argument: Any) -> None:
        at = self._at
        assert at is not None
        with torch._C.DisableTorchFunction():
            there = torch.as_tensor(argument).detach().double()
            # One entry at a time is a point, too: it is held against the entry that it is nearest to.
            gap = (there - at).abs()
            gap = gap.max() if there.shape == at.shape else gap.min()
            size, known = max(1e-3, float(at.abs().max())), len(self._points)
            if float(gap) == 0.0:
                self._here = True
            elif float(gap) > _NEAR * size or known >= bounds.MAX_POINTS:
                pass
            elif not any(torch.equal(there, point) for point in self._points):
                self._points.append(there.clone())

    def evidence(self) -> Evidence:
        """What was seen."""
        return Evidence(len(self._points), self._here)
