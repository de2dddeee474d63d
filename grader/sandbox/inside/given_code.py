"""Tape of a backward pass of given code: of a function that it defines, or of the last pass before a line.

An author's code, run as it stands up to the line, statement by statement. The pass is played beside
the one that the code asks for, just before it, while everything that it needs is still there.
"""

from __future__ import annotations

import ast
import sys
from typing import Any, Final

import torch

from grader.model.job import Play, PlayLine
from grader.model.observation import Missing, Outcome, Taped
from grader.model.tape import Shown, Tape
from grader.model.values import Array
from grader.sandbox import bounds
from grader.sandbox.inside.autograd import Backward, pick
from grader.sandbox.inside.lines import line_in
from grader.sandbox.inside.serialize import printable_name, raised
from grader.sandbox.inside.tape import Lines, array_of, contraction_of, tape_of

_FILE: Final = "given.py"


def play_given(task: Play | PlayLine, arguments: list[torch.Tensor], backward: Backward) -> Outcome:
    """Do one task about given code; :class:`Missing` where no such gradient is shown there."""
    try:
        if isinstance(task, PlayLine):
            return _play_line(task, backward) or Missing()
        return _play_function(task, arguments, backward)
    except BaseException as error:  # noqa: BLE001 - code that an author shows may raise on purpose
        return raised(error)


def _play_function(task: Play, arguments: list[torch.Tensor], backward: Backward) -> Outcome:
    """Differentiate a function of the code; each variable that it makes gives its name to a step."""
    namespace: dict[str, Any] = {"__name__": "given"}
    exec(compile(task.code, _FILE, "exec", dont_inherit=True), namespace)  # noqa: S102 - the author's
    function = namespace[task.function]
    leaf = arguments[task.wrt].requires_grad_(True)
    made: dict[str, Any] = {}

    def leaving(frame: Any, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is function.__code__:
            made.update(frame.f_locals)

    with Lines(_FILE) as lines:
        sys.setprofile(leaving)
        try:
            output = pick(function(*arguments), task.output)
        finally:
            sys.setprofile(None)
    names: dict[Any, str] = {}
    for name, value in made.items():
        if isinstance(value, torch.Tensor):
            names[leaf if value is leaf else value.grad_fn] = printable_name(name, bounds.MAX_NAME)
    names.pop(None, None)
    contraction = contraction_of(output, task)
    return Taped(tape_of(output, leaf, contraction, lines.known, backward, names))


def _play_line(task: PlayLine, backward: Backward) -> Taped | None:
    body = ast.parse(task.code).body
    above = [statement for statement in body if statement.lineno < task.line]
    at_line = [statement for statement in body if statement.lineno == task.line]
    asked = at_line[-1] if at_line else None
    if not isinstance(asked, ast.Expr):
        return None
    shown = asked.value
    at: list[Any] = []
    while isinstance(shown, ast.Subscript) and isinstance(shown.slice, ast.Constant):
        at.insert(0, shown.slice.value)
        shown = shown.value
    leaf = ""
    if isinstance(shown, ast.Attribute) and shown.attr == "grad" and isinstance(shown.value, ast.Name):
        leaf = shown.value.id
    elif not isinstance(shown, ast.Call):
        return None
    namespace: dict[str, Any] = {"__name__": "given"}
    with _Passes(namespace, leaf, backward) as passes:
        for statement in (*above, *at_line[:-1]):
            exec(_compiled(ast.Module([statement], []), "exec"), namespace)  # noqa: S102 - the author's
        if not leaf:
            passes.last = None  # what a call returns comes of a pass within the call
        value = eval(_compiled(ast.Expression(asked.value), "eval"), namespace)  # noqa: S307 - likewise
    small = array_of(value) if isinstance(value, torch.Tensor) else None
    if passes.last is None or small is None:
        return None
    tape, held, line = passes.last
    inputs = {name: array for name, array in _leaves(namespace) if array is not None}
    index = tuple(each for each in at if type(each) is int) if leaf else ()
    told = Shown(small, index, held, leaf, _differentiated(task.code, line), inputs)
    return Taped(tape, told)


def _compiled(tree: Any, mode: str) -> Any:
    return compile(tree, _FILE, mode, dont_inherit=True)


class _Passes(Lines):
    """Plays each backward pass that leads to the leaf of this name, and keeps the last.

    :ivar last: the tape, what the leaf's gradient was before, and the line that asked for it.
    """

    def __init__(self, namespace: dict[str, Any], leaf: str, backward: Backward) -> None:
        super().__init__(_FILE)
        self._namespace, self._leaf, self._backward = namespace, leaf, backward
        self.last: tuple[Tape, Array | None, int] | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.Tensor.backward:
            self._pass(*args[:2], **{k: v for k, v in (kwargs or {}).items() if k == "gradient"})
        elif func is torch.autograd.grad:
            self._gradient(*args[:3], **{k: v for k, v in (kwargs or {}).items() if k == "grad_outputs"})
        return super().__torch_function__(func, types, args, kwargs)

    def _pass(self, output: torch.Tensor, gradient: torch.Tensor | None = None) -> None:
        """``output.backward(gradient)``: to the leaf that is asked about, or to the only one there is."""
        leaf = self._namespace.get(self._leaf) if self._leaf else _only_leaf(output)
        if isinstance(leaf, torch.Tensor) and leaf.is_leaf and leaf.requires_grad:
            self._play(output, leaf, gradient, None if leaf.grad is None else leaf.grad)

    def _gradient(self, output: Any, leaf: Any, gradient: Any = None) -> None:
        """``torch.autograd.grad(output, leaf, gradient)``, which adds to nothing."""
        leaf = leaf[0] if isinstance(leaf, tuple | list) and len(leaf) == 1 else leaf
        tensors = isinstance(output, torch.Tensor) and isinstance(leaf, torch.Tensor)
        if not self._leaf and tensors and leaf.is_leaf and isinstance(gradient, torch.Tensor | None):
            self._play(output, leaf, gradient, None)

    def _play(
        self,
        output: torch.Tensor,
        leaf: torch.Tensor,
        gradient: torch.Tensor | None,
        held: torch.Tensor | None,
    ) -> None:
        contraction = torch.ones_like(output.detach()) if gradient is None else gradient
        tape = tape_of(output, leaf, contraction.to(output.dtype), self.known, self._backward)
        before = None if held is None else array_of(held)
        if tape.steps and (held is None) is (before is None):
            self.last = tape, before, line_in(_FILE) or 0


def _only_leaf(output: torch.Tensor) -> torch.Tensor | None:
    """The leaf behind ``output`` where there is one alone."""
    found: list[torch.Tensor] = []
    queue, known = [output.grad_fn], set()
    while queue:
        node = queue.pop()
        if node is None or node in known:
            continue
        known.add(node)
        variable = getattr(node, "variable", None)
        if isinstance(variable, torch.Tensor):
            found.append(variable)
        queue += [following for following, _ in node.next_functions]
    return found[0] if len(found) == 1 else None


def _leaves(namespace: dict[str, Any]) -> list[tuple[str, Array | None]]:
    """The tensors that gradients are asked of, by name."""
    return [
        (printable_name(name, bounds.MAX_NAME), array_of(value))
        for name, value in namespace.items()
        if isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad
    ][: bounds.MAX_ITEMS]


def _differentiated(code: str, line: int) -> str:
    """What stands before ``.backward()``, or first in ``grad(…)``, at a line; empty where neither does."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.lineno == line:
            subject = node.func.value if node.func.attr == "backward" else None
            if node.func.attr == "grad" and node.args:
                subject = node.args[0]
            if subject is not None:
                return printable_name(ast.unparse(subject), bounds.MAX_NAME)
    return ""
