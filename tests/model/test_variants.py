"""Variants: every one is a whole exercise about numbers of its own, on every machine the same."""

from __future__ import annotations

import re
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercises import Library
from grader.exercises.digest import digest_of
from grader.model.exercise import Exercise
from grader.model.variants import Draw, NoVariants, Vary, own_variant, values_of

PLACEHOLDER = re.compile(r"\{\{[A-Za-z]")
LEAST = 13


def shown(exercise: Exercise) -> str:
    """All that anybody reads of an exercise."""
    plain = msgspec.structs.replace(exercise, family=None)
    return msgspec.json.encode(plain).decode()


def test_every_variant_shows_numbers_of_its_own(library: Library) -> None:
    varying = [each for each in library.all() if each.variants]
    assert {"simple-example", "non-scalar", "detach"} <= {each.slug for each in varying}
    assert len(varying) >= LEAST
    for exercise in varying:
        variants = [exercise.variant(number) for number in range(exercise.variants + 1)]
        assert variants[0] is exercise and variants[3].variant(3) is variants[3]
        assert variants[3].variant(0) is exercise and exercise.variant(3) is variants[3]
        assert len({each.given for each in variants}) == len(variants), exercise.slug
        assert len({each.digest for each in variants}) == len(variants)
        assert digest_of(exercise) == exercise.digest  # the authored variant is judged as if nothing varied
        for each in variants:
            assert not PLACEHOLDER.search(shown(each)), (exercise.slug, each.number)
            assert each.checks == tuple(
                msgspec.structs.replace(check, title=own.title)
                for check, own in zip(exercise.checks, each.checks, strict=True)
            )
        assert exercise.variant(exercise.variants + 1) is variants[1]  # one that there is not any more
        assert exercise.judges_some_variant_as(variants[2].digest) and not exercise.judges_as(
            variants[2].digest
        )


def test_an_exercise_without_variants_has_the_authored_one_alone(library: Library) -> None:
    exercise = library.get("control-flow")
    assert exercise.variants == 0 and exercise.variant(0) is exercise and exercise.variant(7) is exercise


@given(
    st.integers(-9, 0),
    st.integers(2, 9),
    st.sampled_from([0.5, 1.0]),
    st.booleans(),
    st.integers(1, 12),
    st.integers(0, 12),
)
def test_numbers_are_drawn_by_their_rule(
    low: int, high: int, step: float, distinct: bool, fewer: int, more: int
) -> None:
    rule = Draw(low, high, step, without=(1.0,), distinct=distinct)
    vary = (Vary("x", [0.0, 2.0], draw=rule), Vary("n", 3, draw=Draw(2, 99)))
    drawn = values_of("some", vary, fewer + more)
    assert drawn[: fewer + 1] == values_of("some", vary, fewer)  # a longer list begins like the shorter one
    assert drawn[0] == {"x": [0.0, 2.0], "n": 3}
    for values in drawn[1:]:
        assert isinstance(values["n"], int) and 2 <= values["n"] <= 99
        assert all(
            low <= each <= high and each != 1 and each / step == round(each / step) for each in values["x"]
        )
        assert not distinct or abs(values["x"][0]) != abs(values["x"][1])
    assert all(one != other for n, one in enumerate(drawn) for other in drawn[:n])


def test_rules_that_give_too_few() -> None:
    with pytest.raises(NoVariants, match="do not give 5 different variants"):
        values_of("some", (Vary("x", 0, draw=Draw(1, 4)),), 5)
    with pytest.raises(NoVariants, match="'x' cannot be drawn"):
        values_of("some", (Vary("x", [0, 0, 0], draw=Draw(-1, 1, distinct=True)),), 1)


def test_the_variant_of_an_account() -> None:
    """Pinned: a database that is moved, or another version of Python, changes nobody's numbers."""
    assert [own_variant(account, "simple-example", 16) for account in range(1, 9)] == PINNED
    counts = Counter(own_variant(account, "detach", 10) for account in range(2000))
    assert set(counts) == set(range(1, 11)) and max(counts.values()) < 2 * min(counts.values())
    moved = sum(
        own_variant(account, "detach", 10) != own_variant(account, "detach", 11) for account in range(2000)
    )
    assert moved < 400  # a tenth, not nearly all


PINNED = [7, 16, 14, 10, 16, 16, 5, 8]
