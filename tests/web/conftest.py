"""The fixtures of the web's tests; what they are made of is in :mod:`world`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import databases

from .shared import cheap_passwords, compiled_addresses
from .world import World, build


@pytest.fixture(scope="package", autouse=True)
def _shared() -> Iterator[None]:
    with cheap_passwords(), compiled_addresses():
        yield


@pytest.fixture
def make_world(database_kind: str, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Builds worlds, each on a database of its own, and closes them."""
    numbers = itertools.count()
    with ExitStack() as all_of_it:

        def make(**changes: object) -> World:
            folder = tmp_path / str(next(numbers))
            url = all_of_it.enter_context(databases.migrated(database_kind, folder))
            folder.mkdir(parents=True, exist_ok=True)
            world = build(folder, **{"database_url": url} | changes)  # type: ignore[arg-type]
            all_of_it.callback(world.store.close)
            return world

        yield make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Course ``calc``: two exercises, the student ada, the teacher tess. Course ``other``: bob and tom."""
    world = make_world()
    world.course("calc", "detach", "control-flow", ada="student", tess="instructor")
    world.course("other", "detach", bob="student", tom="instructor")
    return world
