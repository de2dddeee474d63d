"""The fixtures of the web's tests; what they are made of is in :mod:`world`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .world import World, build


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Builds worlds and closes their databases."""
    made: list[World] = []

    def make(**changes: object) -> World:
        made.append(build(tmp_path / str(len(made)), **changes))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for world in made:
        world.store.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """Course ``calc``: two exercises, the student ada, the teacher tess. Course ``other``: bob and tom."""
    world = make_world()
    world.course("calc", "detach", "control-flow", ada="student", tess="instructor")
    world.course("other", "detach", bob="student", tom="instructor")
    return world
