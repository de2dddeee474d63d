"""Lazy imports for torch: modules that it imports at a first use and hardly needs are put off further.

A first ``y.backward(torch.ones_like(y))`` compares two shapes with the help of a module that imports sympy
(0.25 s, more than all else that a submission takes); a first step of an optimizer and a first
``torch.func.grad`` ask the compiler, which is not running, to stay out of it, and import all of it for that
(0.8 s). Each child would pay for itself. Imported once, in the zygote, they cost every child a millisecond:
a fork copies the page tables of all they hold.

So a stand-in has each module's name and the few functions that are called without need, and imports the
module itself as soon as anything else of it is asked for. ``torch.compile`` does nothing at all.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

import torch

from grader.sandbox.inside.serialize import FILENAME


class _Late(types.ModuleType):
    """A module that is not imported yet."""

    def __getattr__(self, name: str) -> Any:
        # Who looks through all modules asks for ``__file__`` and the like.
        if name.startswith("__"):
            raise AttributeError(name)
        return self._whole(name)

    def _whole(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


class _LatePackage(_Late):
    """A package that is not imported yet."""

    @property
    def __path__(self) -> Any:  # type: ignore[override]
        """Who imports one of its modules asks for the path."""
        return self._whole("__path__")


def put_off() -> None:
    """Put the stand-ins in the place of modules that are not imported yet."""
    _stand_in(_Late("torch.fx.experimental.symbolic_shapes"), expect_true=bool, sym_eq=_equal)
    compiled_autograd = types.SimpleNamespace(_disable=contextlib.nullcontext)
    _stand_in(
        _LatePackage("torch._dynamo"),
        disable=as_it_is,
        graph_break=_nothing,
        compiled_autograd=compiled_autograd,
    )


def compile_nothing() -> None:
    """There is no compiler in here, and to look for one takes seconds: a function stays as it is.

    So does one that the file itself has compiled by TorchScript: it gives the same numbers.
    """
    torch.compile = as_it_is  # type: ignore[assignment]
    torch.jit.script = _unless_ours(torch.jit.script)
    torch.jit.trace = _unless_ours(torch.jit.trace)


def as_it_is(function: Any = None, *_: object, **__: object) -> Any:
    """In the place of a compiler: the function as it is, also as a decorator with arguments."""
    return (lambda given: given) if function is None else function


def _unless_ours(compiler: Callable[..., Any]) -> Callable[..., Any]:
    """``compiler`` for torch's own code, which forward mode needs; the file's functions as they are."""

    def compiled(function: Any, *arguments: Any, **options: Any) -> Any:
        if sys._getframe(1).f_code.co_filename == FILENAME:
            return function
        return compiler(function, *arguments, **options)

    return compiled


def _stand_in(module: _Late, **functions: Any) -> None:
    name = module.__name__
    if name in sys.modules:
        return
    vars(module).update(functions)
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    setattr(sys.modules[parent], last, module)


def _equal(x: Any, y: Any) -> bool:
    """``sym_eq`` of two shapes of ordinary numbers, or of two such numbers."""
    return bool(x == y)


def _nothing(*_: object, **__: object) -> None:
    """``torch._dynamo.graph_break`` where no graph is taken."""
