"""Stand-ins, inert, for modules that are not here: plotting, progress bars, notebooks.

A file that plots below its functions is graded like any other. Whatever is asked of a stand-in – an
attribute, a call, an item – is a stand-in again; only ``tqdm(things)`` hands on its things. One that
reaches an answer is named by the module it came from, and so is one of which a number is made.
"""

from __future__ import annotations

import opcode
import re
import sys
import types
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, Final, NoReturn

NAMES: Final = frozenset(
    """
    matplotlib matplotlib_inline pylab seaborn plotly bokeh d2l IPython ipywidgets scipy tqdm pandas sklearn
    torchvision torchaudio torchtext torchviz torchsummary torchinfo tensorboard tensorboardX cv2 PIL
    tensorflow jax keras wandb graphviz pydot mpl_toolkits
    """.split()  # noqa: SIM905 - a list of names reads best as a paragraph
)
"""What course material imports besides torch and numpy. A misspelt name is none of these, and is told as
such.
"""


_FROM_FUNCTIONS: Final = frozenset(
    """
    grad value_and_grad jacobian jacfwd jacrev hessian vmap pmap linearize apply applymap map agg transform
    """.split()  # noqa: SIM905 - as above
)
"""What makes another thing of a function that it is given; all else may be its decorator."""
_UNPACKING: Final = frozenset(opcode.opmap[name] for name in ("UNPACK_SEQUENCE", "UNPACK_EX"))
_LONGEST: Final = 150
"""Python cuts the name of a type in its messages to two hundred characters."""


class StandIn:
    """What came from an absent module; ``path`` says from where: ``scipy.special.expit``.

    Each path has a class, and its name is what Python's and torch's messages say of a stand-in that they
    cannot use: :func:`named_in` finds the path there. Where no message would name it, an error of ours does.
    """

    path: str = ""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(f"{self.path}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __call__(self, *things: Any, **_: object) -> Any:
        if self.path.startswith("tqdm.") or ".tqdm" in self.path:
            return things[0] if things else self
        if self.path.endswith(".subplots"):
            return self, self  # a figure and its axes
        # As a decorator it leaves the function as it is.
        function = things[0] if len(things) == 1 and type(things[0]) is types.FunctionType else None
        if function is not None and self.path.rpartition(".")[2] not in _FROM_FUNCTIONS:
            return function
        return self

    def __mro_entries__(self, _: object) -> tuple[type, ...]:
        return ()  # who derives from it derives from nothing

    def __repr__(self) -> str:
        return f"<{self.path}: not installed here>"

    def __format__(self, _: str) -> str:
        return repr(self)

    def __getitem__(self, _: object) -> StandIn:
        return self

    def __setitem__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[object]:
        """Nothing; where it is unpacked, as many stand-ins as there are names."""
        frame = sys._getframe(1)
        code, at = frame.f_code.co_code, frame.f_lasti
        return iter((self,) * code[at + 1] if code[at] in _UNPACKING else ())

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __bool__(self) -> bool:
        truth = self.__dict__.get("truth", True)
        if truth is None:
            self._no_number()
        return bool(truth)

    def _that_is(self, truth: bool | None) -> StandIn:
        """The same as what a comparison gives; without a truth value for None."""
        made = object.__new__(type(self))
        made.__dict__["truth"] = truth
        return made

    def __eq__(self, other: object) -> StandIn:  # type: ignore[override]
        return self._that_is(self is other)

    def __ne__(self, other: object) -> StandIn:  # type: ignore[override]
        return self._that_is(self is not other)

    def _ordered(self, _: object) -> StandIn:
        return self._that_is(None)

    __hash__ = object.__hash__
    __lt__ = __le__ = __gt__ = __ge__ = _ordered

    def _same(self, *_: object) -> StandIn:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __pos__ = __abs__ = __invert__ = _same
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __and__ = __rand__ = __or__ = __ror__ = _same
    __array_ufunc__ = None
    """So numpy leaves arithmetic with an array to the above."""

    def _no_number(self, *_: object, **__: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is no number")

    __len__ = __float__ = __int__ = __index__ = __complex__ = __round__ = __array__ = _no_number


def stand_in(path: str, _made: dict[str, StandIn] = {}) -> StandIn:  # noqa: B006 - kept between calls
    """That of ``path``, one of each."""
    path = path[:_LONGEST]
    found = _made.get(path)
    if found is None:
        found = _made[path] = type(f"StandIn({path})", (StandIn,), {"path": path})()
    return found


def named_in(message: str) -> str:
    """The path of the stand-in that an error's message names; empty where it names none."""
    found = _NAMED.search(message)
    return found[1] if found is not None and found[1].partition(".")[0] in NAMES else ""


_NAMED: Final = re.compile(r"\bStandIn\(([\w.]+)")


class _Module(types.ModuleType):
    """The module itself: any name can be imported from it."""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return stand_in(f"{self.__name__}.{name}")

    def __call__(self, *things: Any, **_: object) -> Any:
        return stand_in(self.__name__)(*things)


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        module = _Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _imported_by(filename: str) -> bool:
    """Whether the import stands in the student's own file, and not in a package that it imports."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is None or frame.f_code.co_filename == filename


class Finder(MetaPathFinder):
    """The last to be asked for a module: makes stand-ins, and keeps which.

    :param filename: of the file whose imports these are.
    :ivar made: the top-level modules in whose place stand-ins are.
    """

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self.made: dict[str, None] = {}
        self._loader = _Loader()

    def find_spec(self, name: str, path: object = None, _target: object = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top not in NAMES or (path and type(sys.modules.get(top)) is not _Module):
            return None
        if not _imported_by(self._filename):
            return None  # a package that is here tries whether another one is
        self.made[top] = None
        return ModuleSpec(name, self._loader, is_package=True)
