"""A jail that does not get warm: what is said of it."""

from __future__ import annotations

import pytest

from grader.cli import jailed
from grader.errors import GraderError, SandboxFailed, SandboxSlow


class Cold:
    """A pool that has no warm jail."""

    def __init__(self, error: SandboxFailed) -> None:
        self.error = error

    def hello(self) -> None:
        """As :meth:`grader.sandbox.pool.Pool.hello` where there is none to be had."""
        raise self.error


def said_of(error: SandboxFailed, monkeypatch: pytest.MonkeyPatch, *, weak_allowed: bool) -> str:
    """What warming up ends with."""
    monkeypatch.setattr(jailed, "pool_for", lambda *_, **__: Cold(error))
    with pytest.raises(GraderError) as raised:
        jailed.Jailed(1, None).warm_up(weak_allowed)
    return str(raised.value)


def test_without_namespaces_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """There student code would run unguarded."""
    error = SandboxFailed("the jail does not start: bwrap: No permissions")
    said = said_of(error, monkeypatch, weak_allowed=False)
    assert "No permissions" in said and "unguarded" in said and "--allow-weak-isolation" in said


@pytest.mark.parametrize("weak_allowed", [False, True])
def test_a_slow_jail_is_not_called_a_missing_one(monkeypatch: pytest.MonkeyPatch, weak_allowed: bool) -> None:
    """Neither is it given up for weaker walls: nothing says that this machine has none."""
    error = SandboxSlow("the jail does not get warm within 90 s")
    said = said_of(error, monkeypatch, weak_allowed=weak_allowed)
    assert said == f"{error}: start again when the machine has less to do"
