"""In-place changes of what the way back still needs: which line did it? torch's error tells only the tensor.

Autograd saves tensors while a function runs, and looks at their version counters when it comes back for them.
So where that error was raised, the same is done once more, with a hook on every tensor that is saved and a
look at the counters after every operation that may move one: the line that first moved it is noted, and the
tensor that autograd then comes back for tells which of these lines it was.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
import torch
from torch.overrides import TorchFunctionMode

from grader.model.observation import Raised
from grader.sandbox.inside.serialize import FILENAME

_MESSAGE: Final = "modified by an inplace operation"
_MOST_SAVED: Final = 4096
"""So many saved tensors are watched."""
_MOST_LOOKS: Final = 200_000
"""So often a counter is read; then nothing more is noted."""


def explained(error: Raised, again: Callable[[], object]) -> Raised:
    """``error`` with the line of the operation that is to blame, where it is of this kind and there is one.

    :param again: does the same once more.
    """
    if error.type != "RuntimeError" or _MESSAGE not in error.message or error.own:
        return error
    saved = _Saved()
    with contextlib.suppress(BaseException), _silence():
        hooks = torch.autograd.graph.saved_tensors_hooks(saved.pack, saved.unpack)
        with hooks, _Looking(saved):
            again()
    return msgspec.structs.replace(error, culprit=saved.culprit)


class _Moved(RuntimeError):
    """A tensor has been found that is no longer what it was when it was saved: no more needs to be known."""


class _Saved:
    """The tensors that autograd saved, each with its version then and the line that first changed it."""

    def __init__(self) -> None:
        self._tensors: list[tuple[torch.Tensor, int]] = []
        self._changed: dict[int, int | None] = {}
        self._looks = 0
        self.culprit: int | None = None

    def pack(self, tensor: torch.Tensor) -> Any:
        if len(self._tensors) >= _MOST_SAVED:
            return tensor
        self._tensors.append((tensor, tensor._version))
        return len(self._tensors) - 1

    def unpack(self, which: Any) -> Any:
        if isinstance(which, torch.Tensor):
            return which
        tensor, version = self._tensors[which]
        if tensor._version != version:
            self.culprit = self._changed.get(which)
            raise _Moved
        return tensor

    def look(self) -> None:
        """Note the line that is running for every tensor that has just been changed for the first time."""
        line = None
        self._looks += len(self._tensors)
        if self._looks > _MOST_LOOKS:
            return
        for which, (tensor, version) in enumerate(self._tensors):
            if which not in self._changed and tensor._version != version:
                line = line or _line()
                self._changed[which] = line


class _Looking(TorchFunctionMode):
    """Looks at the counters after every operation that may have moved one."""

    def __init__(self, saved: _Saved) -> None:
        super().__init__()
        self._saved = saved

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        # x += 1 comes as add_; relu(x, inplace=True) by its own name.
        told = "out" in kwargs or kwargs.get("inplace") or any(a is True for a in args[1:])
        if told or (name.endswith("_") and name != "__get__"):
            self._saved.look()
        return result


def _line() -> int | None:
    """The line of the submission that is running."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            return frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return None


class _Nowhere(io.TextIOBase):
    """Takes what is printed a second time, and forgets it."""

    def write(self, text: str, /) -> int:
        return len(text)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    printed = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = _Nowhere()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = printed
