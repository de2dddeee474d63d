"""One task of a job: find the function, call it, see what happened, and how it was made."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from grader.model.job import Differentiate, Task, Trace
from grader.model.observation import Evidence, Misfit, Missing, Outcome, Returned
from grader.model.values import Array, Nothing
from grader.sandbox import bounds
from grader.sandbox.inside.differentiation import differentiate, mutations
from grader.sandbox.inside.portable import portable, printable, raised, tensor_of, type_name
from grader.sandbox.inside.tracing import trace


def task_runner() -> tuple[Callable[[types.ModuleType, Task, int], Outcome], Callable[[], None]]:
    """A function that runs one task, with every tool it needs already in its closure; and one to
    be called when the first inputs are about to come: from then on, every use of autograd counts.
    """
    counter = torch._C._autograd._get_sequence_nr
    backward = torch.autograd.Variable._execution_engine.run_backward
    watch_mode, record, to_value = _Watch, _Recorder, portable
    ask, follow, rebuild = differentiate, trace, tensor_of
    namespace_of, resolve, fail = vars, _function, raised
    evidence_of, result_of, changed = Evidence, Returned, mutations
    mark = counter()

    def look() -> int:
        nonlocal mark
        before, mark = mark, counter()
        return mark - before

    def start_looking() -> None:
        look()

    def run(module: types.ModuleType, task: Task, room: int) -> Outcome:
        function, absent = resolve(module, task.function, len(task.args))
        if function is None:
            return absent
        arguments = [rebuild(array) for array in task.args]
        if isinstance(task, Differentiate):
            outcome = ask(function, arguments, task, room, backward)
            look()
            return outcome
        if isinstance(task, Trace):
            outcome = follow(function, arguments, task)
            look()
            return outcome
        namespace = namespace_of(module)
        watched = task.watched or ""
        original = namespace.get(watched)
        recorder = record(original, task.args) if callable(original) else None
        mode = watch_mode()
        try:
            if task.watch:
                if recorder is not None:
                    namespace[watched] = recorder
                with mode:
                    result = function(*arguments)
            else:
                result = function(*arguments)
        except BaseException as error:  # noqa: BLE001
            moved = look()
            if task.watch and moved:
                # A prediction that tried autograd and failed did not predict either; say so.
                return result_of(Nothing(), (), evidence_of(sequence=moved))
            return fail(error)
        finally:
            if recorder is not None and namespace.get(watched) is recorder:
                namespace[watched] = original
        moved = look()
        evidence = None
        if task.watch:
            evidence = evidence_of(
                moved, mode.forward, mode.complex, recorder.nearby if recorder is not None else 0
            )
        return result_of(to_value(result, room), changed(task.args, arguments), evidence)

    return run, start_looking


def _function(module: types.ModuleType, name: str, arity: int) -> tuple[Callable[..., Any] | None, Outcome]:
    """The function called ``name`` (``module.name`` for a library's), if it takes ``arity`` arguments."""
    namespace = vars(module)
    if "." in name:
        owner, name = name.split(".", 1)
        namespace = vars(sys.modules[owner])
    function = namespace.get(name)
    if function is None:
        return None, Missing()
    if type(function) is types.FunctionType and _takes(function.__code__, arity):
        return function, Missing()
    if not callable(function):
        return None, Missing(found=type_name(type(function)))
    import inspect

    try:
        signature = inspect.signature(function)
        fits = _binds(signature, arity)
    except BaseException:  # noqa: BLE001 - a builtin without a signature, an object that lies: calling it will tell
        return function, Missing()
    if fits:
        return function, Missing()
    try:
        shown = f"{name}{signature}"
    except BaseException:  # noqa: BLE001 - a default value that cannot be printed
        shown = f"{name}(…)"
    return None, Misfit(printable(shown, bounds.MAX_SIGNATURE), arity)


def _takes(code: types.CodeType, arity: int) -> bool:
    """Whether a plain ``def f(a, b)`` takes so many arguments; anything else is asked for its signature."""
    plain = not code.co_flags & 0x0C and not code.co_kwonlyargcount  # neither *args nor **kwargs
    return plain and code.co_argcount == arity


def _binds(signature: Any, arity: int) -> bool:
    try:
        signature.bind(*range(arity))
    except TypeError:
        return False
    return True


class _Watch(TorchFunctionMode):
    """Notes whether forward-mode duals or complex numbers appear while a prediction runs."""

    def __init__(self) -> None:
        super().__init__()
        self.forward = False
        self.complex = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in ("_make_dual", "_unpack_dual"):
            self.forward = True
        result = func(*args, **(kwargs or {}))
        if type(result) is torch.Tensor and result.dtype.is_complex:
            self.complex = True
        return result


class _Recorder:
    """Stands in for the predicted function and counts calls near, but not at, the input."""

    def __init__(self, function: Callable[..., Any], at: tuple[Array, ...]) -> None:
        self._function = function
        self._given = at[:1]
        self._elsewhere: torch.Tensor | None = None
        self.nearby = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        here = args[0] if args else None
        if self._given and here is not None:
            try:
                at = tensor_of(self._given[0]).double()
                if not isinstance(here, torch.Tensor | np.ndarray | np.generic | float | int | list | tuple):
                    self.nearby += 1  # numbers of the student's own making: dual ones, say
                with torch._C.DisableTorchFunction():
                    there = torch.as_tensor(here).detach()
                    if there.is_complex():
                        self.nearby += 1
                    else:
                        gap = (there.double() - at).abs().max().item()
                        size = max(1e-3, at.abs().max().item())
                        self.nearby += 0.0 < gap <= 0.1 * size
                        if gap > 0.0 and there.shape == at.shape:
                            self._elsewhere = there if self._elsewhere is None else self._elsewhere
                            # Two more points make a quotient, however wide; one may be a symmetry.
                            self.nearby += not torch.equal(self._elsewhere, there)
            except (RuntimeError, TypeError, ValueError, IndexError):
                pass
        return self._function(*args, **kwargs)
