"""What was drawn of a submission, kept beside it."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import update

from grader.model.picture import Break, Breaks, Curve, GraphNode, GraphPicture, Pictures, Series
from grader.store import pictures, submissions
from grader.store.pictures import MOST_BYTES
from grader.store.tables import Picture

from .world import World

CURVE = Curve(
    "x",
    "f",
    "grad_f",
    (0.0, 1.0),
    Series(f=(((0.0, -1.5),), ((1.0, 1e-300),))),
    Breaks(f=(Break(0.5, -1.5, 0.0, None),)),
)
GRAPH = GraphPicture("f", {"x": [1.0, "nan"]}, (GraphNode(0, "input", "x\u202e梯", (3,), True),), output=0)
DRAWN = Pictures(CURVE, GRAPH)


def test_what_was_drawn_is_found_again(world: World) -> None:
    """Number for number; of another submission there is nothing."""
    mine, other = world.hand_in(world.ada), world.hand_in(world.bob)
    with world.store.write() as session:
        assert pictures.save(session, mine, DRAWN)
    with world.store.read() as session:
        assert pictures.find(session, mine) == DRAWN
        assert pictures.find(session, other) is None


def test_the_last_pictures_are_kept(world: World) -> None:
    """Also that there is nothing to draw, which is not the same as not to have drawn yet."""
    mine = world.hand_in(world.ada)
    for drawn in (DRAWN, Pictures(CURVE), Pictures()):
        with world.store.write() as session:
            pictures.save(session, mine, drawn)
            assert pictures.find(session, mine) == drawn
    with world.store.read() as session:
        assert pictures.find(session, mine) == Pictures()


def test_too_large_a_picture_is_not_kept(world: World) -> None:
    """Nor is the one before it, which shows something else."""
    mine = world.hand_in(world.ada)
    large = msgspec.structs.replace(GRAPH, inputs={"x": "梯" * (MOST_BYTES // 3)})
    with world.store.write() as session:
        assert pictures.save(session, mine, DRAWN)
        assert not pictures.save(session, mine, Pictures(graph=large))
    with world.store.read() as session:
        assert pictures.find(session, mine) is None


@pytest.mark.parametrize("data", ["", "{", "[]", '{"curve": 3}', "[" * 100_000, '{"graph": {"nodes": [{}]}}'])
def test_a_damaged_row_is_no_picture(world: World, data: str) -> None:
    """And no error; a new one can be put in its place."""
    mine = world.hand_in(world.ada)
    with world.store.write() as session:
        pictures.save(session, mine, DRAWN)
        session.execute(update(Picture).values(data=data))
    with world.store.read() as session:
        assert pictures.find(session, mine) is None
    with world.store.write() as session:
        assert pictures.save(session, mine, DRAWN)


def test_forgetting(world: World) -> None:
    """Once, and again where there is nothing."""
    mine = world.hand_in(world.ada)
    with world.store.write() as session:
        pictures.save(session, mine, DRAWN)
        pictures.forget(session, mine)
        pictures.forget(session, mine)
        assert pictures.find(session, mine) is None


def test_pictures_go_with_their_submission(world: World) -> None:
    """No row is left that refers to nothing."""
    mine = world.hand_in(world.ada)
    with world.store.write() as session:
        pictures.save(session, mine, DRAWN)
        session.delete(submissions.get(session, mine))
    with world.store.read() as session:
        assert pictures.find(session, mine) is None
