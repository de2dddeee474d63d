"""Own Functions: where autograd does not exist, only an ``autograd.Function`` of the student's has a graph.

Its ``backward`` is arithmetic of their own. torch brings some dozens of such classes, each with a derivative
(``CrossMapLRN2d`` is one, ``torch.testing`` has more): what is asked of those is asked of torch. They compute
their numbers here, and nothing else. Where an answer is only to be compared with what autograd gives, a
student's own have no graph either: what comes from one of them comes from autograd.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

import torch

from grader.sandbox.inside import nodes

_TORCH: Final = f"{PurePath(str(torch.__file__)).parent}/"
_bare: bool = False
_born: int = 0
"""How many classes there were before the student's first line ran."""
_applied: bool = False


def remember() -> None:
    """The student's file is about to be run."""
    global _born
    _born = len(type.__subclasses__(torch.autograd.Function))


def begin(*, bare: bool) -> None:
    """A new task begins.

    :param bare: no Function has a graph in it.
    """
    global _bare, _applied
    _bare, _applied = bare, False


def applied() -> bool:
    """Whether one of the student's own was applied, in this task, to something that requires a gradient."""
    return _applied


def only_own() -> None:
    """Keep torch's own from building a graph, for good."""
    apply = torch.autograd.Function.apply.__func__  # type: ignore[attr-defined]

    def without_graph(cls: type, *arguments: Any, **options: Any) -> Any:
        global _applied
        if _bare or _of_torch(cls):
            with torch.no_grad():
                return apply(cls, *arguments, **options)
        _applied = _applied or any(map(_differentiated, arguments))
        return apply(cls, *arguments, **options)

    torch.autograd.Function.apply = classmethod(without_graph)  # type: ignore[assignment]


def on_the_way(output: torch.Tensor, leaf: torch.Tensor) -> tuple[bool, bool]:
    """Whether one of the student's own lies behind ``output``, and whether the graph leads to ``leaf`` then.

    False and False where there is none. No more than :data:`nodes.MAX_NODES` nodes are looked at.
    """
    if len(type.__subclasses__(torch.autograd.Function)) == _born:
        return False, False  # there are no more classes than before the file was run
    try:
        behind = nodes.nodes_behind(output)
        classes = [getattr(node, "_forward_cls", None) for node in behind]
        own = any(isinstance(each, type) and not _of_torch(each) for each in classes)
        return own, own and any(getattr(node, "variable", None) is leaf for node in behind)
    except BaseException:  # noqa: BLE001 – a class of theirs may answer for itself
        return False, False


def _of_torch(cls: type) -> bool:
    """Whether torch wrote its backward: it may be borrowed by a class of another name."""
    for name in ("backward", "vjp"):
        for base in cls.__mro__:
            written = vars(base).get(name)
            if written is not None and base not in _BASES:
                written = getattr(written, "__func__", written)
                while hasattr(written, "__wrapped__"):  # by once_differentiable, which is torch's
                    written = written.__wrapped__
                code = getattr(written, "__code__", None)
                return code is not None and code.co_filename.startswith(_TORCH)
    return False


_BASES: Final = frozenset(torch.autograd.Function.__mro__)


def _differentiated(argument: Any) -> bool:
    return isinstance(argument, torch.Tensor) and argument.requires_grad and torch.is_grad_enabled()
