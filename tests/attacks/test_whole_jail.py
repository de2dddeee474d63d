"""The group around all children together: there where it can be had, missed by nobody where it cannot."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.model.exercise import Limits
from grader.sandbox import cgroup
from grader.sandbox.cgroup import Bounds, Cgroup
from grader.sandbox.pool import Pool
from grader.sandbox.zygote import Zygote

V1 = """\
25 24 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
26 25 0:23 / {0}/memory rw,relatime shared:9 - cgroup cgroup rw,memory
27 25 0:24 /docker/abc {0}/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
28 25 0:25 / {0}/unified rw - cgroup2 cgroup2 rw
"""
V2 = "30 24 0:26 / {0} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    """One of our own, that may be closed."""
    started = Zygote.start()
    try:
        started.wait_until_warm()
        yield started
    finally:
        started.close()


def test_the_whole_jail_is_bounded_and_nothing_is_left(zygote: Zygote) -> None:
    """The warm process and each child stand in the group; when it is closed, the group is gone."""
    group = zygote.group
    if not group.folders:
        pytest.skip("no hierarchy is ours to write in: nothing bounds all children together here")
    child = zygote.fork()
    folders = dict(group.folders)
    for controller, folder in folders.items():
        inside = (folder / "cgroup.procs").read_text().split()
        assert {str(zygote.autograd.pid), str(zygote.plain.pid)} < set(inside), controller
        assert str(os.getpid()) not in inside
    if "pids" in folders:
        assert int((folders["pids"] / "pids.max").read_text()) == group.bounds.pids
    if "memory" in folders:
        name = "memory.limit_in_bytes" if group.version == 1 else "memory.max"
        before = int((folders["memory"] / name).read_text())
        assert before <= group.bounds.memory < before + 4096
        group.make_room(2**30)
        assert int((folders["memory"] / name).read_text()) > before
    child.close()
    zygote.close()
    assert not any(folder.exists() for folder in folders.values())


def test_the_containers_limits_leave_room_for_its_slots(zygote: Zygote) -> None:
    """Every child at its full size beside the warm processes as they are, and half a GiB for the pages."""
    text = (Path(__file__).resolve().parents[2] / "docker-compose.yml").read_text()
    text = text[text.index("\n  worker:") :]
    slots, memory, swap, pids = (
        int(re.search(rf"{key}: \$\{{\w+:-(\d+)g?\}}", text)[1])  # type: ignore[index]
        for key in ("GRADER_SLOTS", "mem_limit", "memswap_limit", "pids_limit")
    )
    base = max(cgroup._resident(pid) for pid in (zygote.autograd.pid, zygote.plain.pid))
    needed = Bounds.of(slots, Limits().memory, base)
    assert needed.memory + 2**29 <= memory * 2**30 == swap * 2**30
    assert needed.pids + 64 <= pids


def test_an_exercise_with_more_memory_finds_it(pool: Pool) -> None:
    """The group's bound grows with what an exercise allows, and never shrinks."""
    group = Cgroup(slots=2, base=2**28, limit=Limits().memory)
    before = group.bounds.memory
    group.make_room(1)
    assert group.bounds.memory == before
    group.make_room(2**32)
    assert group.bounds.memory >= before + 2 * 2**31
    assert Bounds.of(slots=2, limit=0, base=0).pids > 2 * 16


def test_nothing_fails_where_there_is_no_group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No hierarchy, one that refuses, one that is gone: the group is empty, and closing it is nothing."""
    for writable in ({}, {"pids": (tmp_path / "gone", 1)}, {"memory": (Path("/proc"), 2)}):
        monkeypatch.setattr(cgroup, "_writable", lambda writable=writable: writable)
        group = Cgroup.around([os.getpid()], 2)
        assert group.folders == {} and group.version == 0
        group.make_room(2**40)
        group.close()


def test_half_a_group_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where a bound cannot be set, no group is left, and processes are back where they were."""

    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(cgroup, "_writable", lambda: {"pids": (tmp_path, 1)})
    monkeypatch.setattr(cgroup, "_bound", refuse)
    assert Cgroup.around([os.getpid()], 2).folders == {}
    assert [p.name for p in tmp_path.iterdir()] == ["cgroup.procs"]


def test_what_a_killed_grader_left_is_removed(tmp_path: Path) -> None:
    """By the next that starts; never the group of one that lives, nor anything else."""
    for name in ("grader-4194305-0", f"grader-{os.getpid()}-0", "grader-x-0", "other"):
        (tmp_path / name).mkdir()
    cgroup._sweep(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {f"grader-{os.getpid()}-0", "grader-x-0", "other"}


def test_hierarchies_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    """Version 1 by controller, below our own group also in a container; version 2 by its one tree."""
    mounts = cgroup._mounts(V1.format(tmp_path))
    own = dict(cgroup._own("5:memory:/user/x\n3:cpu,cpuacct:/docker/abc/y\n0::/z\n"))
    assert cgroup._below(mounts["memory"], own["memory"]) == tmp_path / "memory/user/x"
    assert cgroup._below(mounts["cpu"], own["cpu"]) == tmp_path / "cpu/y"
    assert cgroup._below(mounts[""], own[""]) == tmp_path / "unified/z"
    assert cgroup._mounts(V2.format(tmp_path))[""] == ("/", tmp_path)
    assert cgroup._below(("/", tmp_path), "/../..") == tmp_path


def test_a_delegated_tree_of_version_2_is_used(tmp_path: Path) -> None:
    """Every bound is written as version 2 has it."""
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert all(cgroup._delegated(tmp_path, controller) for controller in cgroup.CONTROLLERS)
    assert not cgroup._delegated(tmp_path / "gone", "pids")
    bounds = Bounds(memory=1000, pids=5, cpus=2)
    for controller in cgroup.CONTROLLERS:
        cgroup._bound(tmp_path, controller, 2, bounds)
    written = {
        n: (tmp_path / n).read_text() for n in ("memory.max", "memory.swap.max", "pids.max", "cpu.max")
    }
    assert written == {
        "memory.max": "1000", "memory.swap.max": "0", "pids.max": "5", "cpu.max": "200000 100000"
    }  # fmt: skip
