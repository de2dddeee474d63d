"""Work ahead, done by grading threads that have nothing else to do."""

from __future__ import annotations

from typing import Any

import pytest

from grader.dispatch.idle import IdleWork
from grader.errors import TruthFailed
from grader.exercises import Library
from grader.model.exercise import Exercise
from grader.store.database import Store

from .conftest import Desk

Done = list[tuple[str, int, bool]]


def ahead(store: Store, library: Library, pieces: int, **more: Any) -> tuple[IdleWork, Done]:
    """What has ``pieces`` of work of each kind for each assignment, and what of it is done."""
    done: Done = []

    def prepare(exercise: Exercise, assignment: int, whole: bool) -> bool:
        piece = (exercise.slug, assignment, whole)
        if done.count(piece) == pieces:
            return False
        done.append(piece)
        return True

    return IdleWork(store, library.get, None, more.get("prepare", prepare), 1), done


def test_what_is_right_comes_before_why_others_are_wrong(file_desk: Desk, library: Library) -> None:
    """Every submission needs the one, a wrong one the other, at twenty times the cost."""
    idle, done = ahead(file_desk.store, library, 2)
    for assignment, slug in ((1, "detach"), (2, "control-flow"), (1, "detach")):
        idle.handed_in(assignment, slug)
    while idle.prepare():
        pass
    first, last = ("detach", 1), ("control-flow", 2)
    assert done == [(*each, whole) for whole in (False, True) for each in (first, first, last, last)]


def test_nothing_is_begun_while_enough_threads_are_busy(file_desk: Desk, library: Library) -> None:
    idle, done = ahead(file_desk.store, library, 1)
    idle.handed_in(1, "detach")
    with idle.grading():
        assert idle.prepare() == 0.0 and not done
    assert idle.prepare() > 0.0 and done


@pytest.mark.parametrize("error", [TruthFailed("it is broken"), ZeroDivisionError()])
def test_a_reference_that_fails_is_left(file_desk: Desk, library: Library, error: Exception) -> None:
    def fail(_exercise: Exercise, _assignment: int, _whole: bool) -> bool:
        raise error

    idle, _done = ahead(file_desk.store, library, 0, prepare=fail)
    idle.handed_in(1, "detach")
    assert idle.prepare() > 0.0 and idle.prepare() > 0.0, "once for each kind"
    assert idle.prepare() == 0.0
