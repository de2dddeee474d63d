"""Tasks of a job: find the function, call it, see what happened."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

import msgspec
import torch

from grader.model.job import Call, Differentiate, Play, PlayLine, Task, Trace
from grader.model.observation import Misfit, Missing, Outcome, Returned
from grader.sandbox import bounds
from grader.sandbox.inside import asked, non_leaves, own_functions
from grader.sandbox.inside.calling import called
from grader.sandbox.inside.differentiation import differentiate, mutations
from grader.sandbox.inside.inplace import explained
from grader.sandbox.inside.serialize import printable_name, raised, serialize, tensor_of, type_name
from grader.sandbox.inside.tracing import trace
from grader.sandbox.inside.truth_values import with_truth_values
from grader.sandbox.inside.watching import watching


def task_runner() -> Callable[[types.ModuleType, Task, int], Outcome]:
    """A function that runs one task, with every tool it needs already in its closure."""
    backward = torch.autograd.Variable._execution_engine.run_backward
    to_value, ask, follow, rebuild = serialize, differentiate, trace, tensor_of
    resolve, fail, explain, watch, namespace_of = _function, raised, explained, watching, vars
    call, struct_replace = called, msgspec.structs.replace
    result_of, changed = Returned, mutations
    forget, asked_at = asked.forget, asked.first_line
    as_written = with_truth_values
    forget_reads, noted = non_leaves.forget, non_leaves.noted
    begin, applied = own_functions.begin, own_functions.applied
    own_functions.remember()

    def run(module: types.ModuleType, task: Task, room: int) -> Outcome:
        forget()
        forget_reads()
        return noted(outcome_of(module, task, room))

    def outcome_of(module: types.ModuleType, task: Task, room: int) -> Outcome:
        begin(bare=isinstance(task, Call) and task.bare)
        if isinstance(task, PlayLine) or (isinstance(task, Play) and task.code):
            from grader.sandbox.inside.given_code import play_given  # never needed by a student's job

            return play_given(
                task, [] if isinstance(task, PlayLine) else list(map(rebuild, task.args)), backward
            )
        custom = isinstance(task, Differentiate) and task.custom
        function, absent = resolve(module, task.function, len(task.args), custom)
        if function is None:
            return absent
        function = as_written(function, task.args)
        arguments = [rebuild(array) for array in task.args]
        if isinstance(task, Differentiate):
            return ask(function, arguments, task, room, backward)
        if isinstance(task, Trace):
            return follow(function, arguments, task)
        if isinstance(task, Play):
            from grader.sandbox.inside.tape import play  # never needed by a student's job

            return play(function, arguments, task, backward)
        evidence = None
        try:
            if task.roots:
                from grader.sandbox.inside.roots import with_roots  # never needed by a student's job

                return with_roots(function, arguments, room)
            if task.watched is None:
                result = call(function, arguments)
            else:
                with watch(namespace_of(module), task.watched, task.args) as recorder:
                    result = call(function, arguments)
                evidence = recorder.evidence()
        except BaseException as error:  # noqa: BLE001
            said = struct_replace(fail(error), asked=asked_at())
            return explain(said, lambda: call(function, [rebuild(array) for array in task.args]))
        found = to_value(result, room)
        return result_of(
            found, changed(task.args, arguments), evidence, asked=asked_at(), own_function=applied()
        )

    return run


def _function(
    module: types.ModuleType, name: str, arity: int, custom: bool
) -> tuple[Callable[..., Any] | None, Outcome]:
    """The function called ``name`` (``module.name`` for a library's), if it takes ``arity`` arguments.

    :param custom: it has to be a class derived from ``torch.autograd.Function``.
    """
    namespace = vars(module)
    if "." in name:
        owner, name = name.split(".", 1)
        namespace = vars(sys.modules[owner])
    function = namespace.get(name)
    if function is None:
        return None, Missing()
    if isinstance(function, type) and issubclass(function, torch.autograd.Function):
        function = function.apply  # who writes a backward is asked by way of its forward
    elif custom:
        return None, Missing(found=type_name(type(function)))
    if type(function) is types.FunctionType and _takes(function.__code__, arity):
        return function, Missing()
    if not callable(function):
        return None, Missing(found=type_name(type(function)))
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
    return None, Misfit(printable_name(shown, bounds.MAX_SIGNATURE), arity)


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
