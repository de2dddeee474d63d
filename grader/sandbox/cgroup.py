"""Control group (cgroup) around the whole jail: memory, processes, processor time of all children together.

Limits of each child's own (:mod:`grader.sandbox.inside.child`) hold without it; this layer holds where
one of those fails, and for all children at once. It is had where the kernel's hierarchy is
writable to us: version 2 where it is delegated (systemd: ``Delegate=yes`` with
``DelegateSubgroup=``), version 1 as root. Elsewhere there is none, and nothing fails for it.

The group stands below our own, so what bounds us bounds it, too. Its name begins with our
process' number; one that a killed grader left behind is removed by the next.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grader.model.exercise import Limits
from grader.model.job import SCRATCH_BYTES

CONTROLLERS: Final = ("memory", "pids", "cpu")
_PREFIX: Final = "grader-"
_PERIOD: Final = 100_000
_REMOVAL_SECONDS: Final = 2.0
_numbers: Final = itertools.count()


@dataclass(frozen=True)
class Bounds:
    """What the jail may use at most: bytes, processes, processors."""

    memory: int
    pids: int
    cpus: int

    @classmethod
    def of(cls, slots: int, limit: int, base: int) -> Bounds:
        """Room for ``slots`` jobs of ``limit`` bytes each above a warm process of ``base`` bytes.

        Twice as many children as slots: a waiting one, or one whose memory is still taken down,
        beside each that works. A child can come to own all that it shared with the warm process.
        """
        children = 2 * slots
        memory = base * (1 + children) + children * (limit + SCRATCH_BYTES)
        return cls(memory=memory, pids=256 + 4 * children, cpus=slots + 1)


@dataclass
class Cgroup:
    """A group of our own in each hierarchy that lets us.

    :ivar folders: the group's folder by controller; empty where there is none to be had.
    :ivar version: 1 or 2; 0 where there is none.
    """

    folders: dict[str, Path] = field(default_factory=dict)
    version: int = 0
    slots: int = 1
    base: int = 0
    limit: int = 0

    @classmethod
    def around(cls, pids: list[int], slots: int, limit: int = Limits().memory) -> Cgroup:
        """Put a jail's processes, and all that they will start, into a group. Never fails.

        :param pids: the processes; the last is the warm one.
        :param slots: how many jobs run at once.
        :param limit: bytes that each may use.
        """
        group = cls(slots=slots, limit=limit, base=_resident(pids[-1]))
        name = f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
        for controller, (parent, version) in _writable().items():
            folder = parent / name
            try:
                _sweep(parent)
                folder.mkdir(exist_ok=True)
                _bound(folder, controller, version, group.bounds)
                for pid in pids:
                    (folder / "cgroup.procs").write_text(str(pid))
            except OSError:
                if folder not in group.folders.values():
                    # Half a group is none: the processes go back to where they were.
                    _remove(folder, parent, pids)
                continue
            group.folders[controller] = folder
            group.version = version
        return group

    @property
    def bounds(self) -> Bounds:
        """What the group may use."""
        return Bounds.of(self.slots, self.limit, self.base)

    def make_room(self, limit: int) -> None:
        """Raise the bounds for an exercise that allows its submissions more; they are never lowered."""
        if limit <= self.limit:
            return
        self.limit = limit
        if "memory" in self.folders:
            with contextlib.suppress(OSError):
                _bound(self.folders["memory"], "memory", self.version, self.bounds)

    def close(self) -> None:
        """Remove the group. Its processes have been killed; the last may still be on their way out."""
        until = time.monotonic() + _REMOVAL_SECONDS
        for folder in set(self.folders.values()):
            while not _removed(folder) and time.monotonic() < until:
                time.sleep(0.005)
        self.folders.clear()

    def described(self) -> str:
        """What it bounds, for ``grade doctor``."""
        bounds = self.bounds
        said = {
            "memory": f"memory {bounds.memory / 2**30:.1f} GiB",
            "pids": f"{bounds.pids} processes",
            "cpu": f"{bounds.cpus} processors",
        }
        held = ", ".join(said[controller] for controller in CONTROLLERS if controller in self.folders)
        return f"version {self.version}; the jail as a whole: {held}"


def version() -> str:
    """Which hierarchy this machine has: ``version 2``, ``version 1`` or ``none``."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return "none"
    named = any(line.split(":")[1] in CONTROLLERS for line in lines if line.count(":") >= 2)
    return "version 1" if named else "version 2" if lines else "none"


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds; half a GiB where this cannot be read."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 2**29


def _writable() -> dict[str, tuple[Path, int]]:
    """For each controller the folder in which we may make a group, and the hierarchy's version."""
    try:
        own = dict(_own(Path("/proc/self/cgroup").read_text()))
        mounts = _mounts(Path("/proc/self/mountinfo").read_text())
    except (OSError, ValueError, IndexError):
        return {}
    found: dict[str, tuple[Path, int]] = {}
    for controller in CONTROLLERS:
        if controller in own and controller in mounts:
            folder = _below(mounts[controller], own[controller])
            if os.access(folder, os.W_OK):
                found[controller] = folder, 1
    if not found and "" in own and "" in mounts:
        folder = _below(mounts[""], own[""])
        # Our own group holds us, and a group that holds processes can have no bounded groups in it
        # (the root excepted). With DelegateSubgroup= the one above is ours, too, and holds none.
        for parent in (folder, folder.parent):
            for controller in CONTROLLERS:
                if controller not in found and _delegated(parent, controller):
                    found[controller] = parent, 2
            if found:
                break
    return found


def _own(text: str) -> list[tuple[str, str]]:
    """Our own group's path by controller; version 2's controller is ``""``."""
    pairs = []
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        pairs += [(controller, path) for controller in controllers.split(",")]
    return pairs


def _mounts(text: str) -> dict[str, tuple[str, Path]]:
    """Where each controller's hierarchy is mounted: (the group that is its root, the folder)."""
    mounts: dict[str, tuple[str, Path]] = {}
    for line in text.splitlines():
        before, after = line.split(" - ", 1)
        _, _, _, root, point, *_ = before.split()
        kind, _, *options = after.split()
        if kind == "cgroup2":
            mounts.setdefault("", (root, Path(point)))
        elif kind == "cgroup":
            for controller in options[-1].split(","):
                mounts.setdefault(controller, (root, Path(point)))
    return mounts


def _below(mount: tuple[str, Path], path: str) -> Path:
    root, point = mount
    if root != "/" and path.startswith(root):
        path = path[len(root) :]
    return point / path.strip("/") if ".." not in path else point


def _delegated(parent: Path, controller: str) -> bool:
    if not os.access(parent, os.W_OK):
        return False
    try:
        if controller not in (parent / "cgroup.subtree_control").read_text().split():
            (parent / "cgroup.subtree_control").write_text(f"+{controller}")
    except OSError:
        return False
    return True


def _bound(folder: Path, controller: str, version: int, bounds: Bounds) -> None:
    quota = bounds.cpus * _PERIOD
    match controller, version:
        case "memory", 1:
            (folder / "memory.limit_in_bytes").write_text(str(bounds.memory))
        case "memory", _:
            (folder / "memory.max").write_text(str(bounds.memory))
            with contextlib.suppress(OSError):
                (folder / "memory.swap.max").write_text("0")
        case "pids", _:
            (folder / "pids.max").write_text(str(bounds.pids))
        case "cpu", 1:
            (folder / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        case _:
            (folder / "cpu.max").write_text(f"{quota} {_PERIOD}")


def _sweep(parent: Path) -> None:
    """Remove groups whose grader is gone."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _removed(folder)


def _removed(folder: Path) -> bool:
    """Whether the folder is gone now."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _remove(folder: Path, parent: Path, pids: list[int]) -> None:
    with contextlib.suppress(OSError):
        for pid in pids:
            (parent / "cgroup.procs").write_text(str(pid))
    _removed(folder)
