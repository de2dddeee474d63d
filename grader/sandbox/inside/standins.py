"""Stand-ins, inert, for modules that are not here: plotting, progress bars, notebooks.

A file that plots below its functions is graded like any other. Whatever is asked of a stand-in – an
attribute, a call, an item – is a stand-in again; only ``tqdm(things)`` hands on its things. One that
reaches an answer is named by the module it came from.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, Final

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


class StandIn:
    """What came from an absent module; ``path`` says from where: ``scipy.special.expit``."""

    def __init__(self, path: str) -> None:
        self.__dict__["path"] = path[:200]

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.path}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __call__(self, *things: Any, **_: object) -> Any:
        if self.path.startswith("tqdm.") or ".tqdm" in self.path:
            return things[0] if things else self
        if self.path.endswith(".subplots"):
            return self, self  # a figure and its axes
        # As a decorator it leaves the function as it is.
        if len(things) == 1 and type(things[0]) is types.FunctionType:
            return things[0]
        return self

    def __getitem__(self, _: object) -> StandIn:
        return self

    def __setitem__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def _same(self, *_: object) -> StandIn:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = _same


class _Module(types.ModuleType):
    """The module itself: any name can be imported from it."""

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}")

    def __call__(self, *things: Any, **_: object) -> Any:
        return StandIn(self.__name__)(*things)


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
