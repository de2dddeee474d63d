"""Packages that are seen in the jail: what the harness needs, and what course material uses.

Everything else that stands beside them – the web server's libraries, tools, our own package's records and the
finder of an editable installation, which names the checkout's folder – stays outside. Of a package's records
only its ``METADATA`` is seen, which is where its version stands: the others may hold paths of this machine.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path
from typing import Final

WANTED: Final = (
    "torch", "numpy", "msgspec",
    "scipy", "pandas", "matplotlib", "scikit-learn", "tqdm", "torchvision",
)  # fmt: skip
"""With all that they require. Those of the second line are seen where they happen to be installed."""
_NEVER: Final = frozenset({"setuptools", "pip", "wheel", "grader"})
_REQUIRES: Final = re.compile(r"Requires-Dist: *([\w.-]+)")


def site_packages() -> list[Path]:
    """The folders third-party packages are imported from."""
    paths = sysconfig.get_paths()
    return [Path(path) for path in dict.fromkeys([paths["purelib"], paths["platlib"]])]


def of_the_interpreter() -> list[Path]:
    """Folders of packages that stand within what the jail sees of the interpreter."""
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    paths = sysconfig.get_paths(vars=base)
    candidates = [
        Path(paths["purelib"]),
        Path(paths["platlib"]),
        *Path("/usr/lib").glob("python3*/*-packages"),
    ]
    return [path for path in dict.fromkeys(path.resolve() for path in candidates) if path.is_dir()]


def views(folder: Path) -> list[str]:
    """Names within ``folder``, one of :func:`site_packages`, of files and folders that are seen."""
    found: set[str] = set()
    for name, record in _wanted(folder).items():
        # importlib.metadata makes an object of each of torch's ten thousand files: that takes a second.
        tops = {line.split(",")[0].split("/")[0].strip('"') for line in _lines(record / "RECORD")}
        # Without a record it is where its name says.
        tops = tops or {name, name.replace("-", "_"), f"{name}.py", f"{name.replace('-', '_')}.py"}
        found |= {
            top for top in tops if not top.endswith((".pth", ".dist-info")) and top[:2] not in ("..", "__")
        }
        found.add(f"{record.name}/METADATA")
    return sorted(name for name in found if name and (folder / name).exists())


def _wanted(folder: Path) -> dict[str, Path]:
    """Records' folders by canonical name: of :data:`WANTED` and what these require."""
    there = {_canonical(path.name.split("-")[0]): path for path in folder.glob("*.dist-info")}
    chosen: dict[str, Path] = {}
    left = list(WANTED)
    while left:
        name = left.pop()
        if name in chosen or name in _NEVER or name not in there:
            continue
        chosen[name] = there[name]
        for line in _lines(there[name] / "METADATA"):
            match = _REQUIRES.match(line)
            if match and "extra ==" not in line:
                left.append(_canonical(match[1]))
    return chosen


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
