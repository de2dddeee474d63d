"""What the applications of hundreds of tests in one process share, since it is the same for all of them.

An application compiles 120 addresses and as many templates as it shows, which took half of a test's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jinja2
import pytest
from argon2 import PasswordHasher
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from grader.store import passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes in microseconds. That real ones are strong is for the tests of ``store.passwords``."""


class _Compiled(jinja2.BytecodeCache):
    """Templates, by name and text."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


COMPILED = _Compiled()
_ADDRESSES: dict[object, Any] = {}
"""Kept when a process leaves this folder's tests for others: it comes back."""


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Passwords hash in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", CHEAP)
        patch.setattr(passwords, "_NOBODYS_HASH", passwords._nobodys_hash())
        yield


@contextmanager
def compiled_addresses() -> Iterator[None]:
    """An address is compiled once for all applications."""
    compile_builder: Callable[..., Any] = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, repr(rule._trace), repr(rule.defaults), append_unknown
        if key not in _ADDRESSES:
            _ADDRESSES[key] = compile_builder(rule, append_unknown)
        return _ADDRESSES[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield
