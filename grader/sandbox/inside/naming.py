"""Naming: what a reference calls its tensors, and where it cuts its graph."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, ItemsView, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class Names:
    """What a reference calls its tensors: its local variables.

    A tensor has the name that it has when a function of the reference returns. In a loop one name is given
    to many tensors, one after the other: the earlier of these are known by :meth:`ever_of_node` only.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._file = getattr(getattr(function, "__code__", None), "co_filename", "")
        self._seen: list[tuple[str, torch.Tensor]] = []
        self._held: dict[Any, str] = {}
        self._alive: list[torch.Tensor] = []
        self.detached: list[torch.Tensor] = []

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the function runs. Only references are listened to: nobody hides from us here."""
        mode = _Listen(self.detached)
        sys.settrace(self._note)
        try:
            with mode:
                yield
        finally:
            sys.settrace(None)

    def _note(self, frame: types.FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != self._file:
            return None
        held = [(k, v) for k, v in frame.f_locals.items() if type(v) is torch.Tensor]
        if event == "return":
            self._seen += held
        for name, tensor in held:
            node = tensor.grad_fn
            if node is not None and node not in self._held:
                self._held[node] = name
                self._alive.append(tensor)
        return self._note

    def held(self) -> ItemsView[str, torch.Tensor]:
        """What each name held last."""
        return dict(self._seen).items()

    def of_node(self, node: Any) -> str:
        """The variable that holds what ``node`` made, or the leaf it stands for; empty if it has no name."""
        leaf = getattr(node, "variable", None)
        for name, tensor in self._seen:
            if (leaf is not None and tensor is leaf) or (leaf is None and tensor.grad_fn is node):
                return name
        return ""

    def ever_of_node(self, node: Any) -> str:
        """The variable that held what ``node`` made at any time."""
        return self.of_node(node) or self._held.get(node, "")

    def of_tensor(self, tensor: torch.Tensor) -> str:
        """The variable that holds ``tensor``."""
        return next((name for name, held in self._seen if held is tensor), "")


def _cuts(func: Any, args: Any) -> bool:
    """Whether a call takes its result out of the graph, or switches recording off."""
    name = getattr(func, "__name__", "")
    if name == "_set_grad_enabled":
        return bool(args) and args[0] is False
    if name == "__get__":
        return getattr(getattr(func, "__self__", None), "__name__", "") == "data"
    return name == "detach"


class _Listen(TorchFunctionMode):
    """Keeps what came of each cut, in order (None for a block without recording)."""

    def __init__(self, kept: list[Any]) -> None:
        super().__init__()
        self._kept = kept

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if _cuts(func, args):
            self._kept.append(result)
        return result


class WithoutCut(TorchFunctionMode):
    """Runs a function as if its n-th cut were not there (all of them for None)."""

    def __init__(self, n: int | None) -> None:
        super().__init__()
        self._n = n
        self._count = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if _cuts(func, args):
            self._count += 1
            if self._n is None or self._count - 1 == self._n:
                return None if getattr(func, "__name__", "") == "_set_grad_enabled" else args[0]
        return func(*args, **(kwargs or {}))
