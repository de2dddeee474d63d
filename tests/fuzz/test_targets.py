"""What ``make fuzz`` runs for a minute, run for a moment: seeds, and seeds that were damaged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .targets import TARGETS, Target


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_seeds_are_read(target: Target) -> None:
    """Whole, cut short at every byte, and twice."""
    for seed in target.seeds:
        target.feed(seed)
        target.feed(seed + seed)
        for n in range(0, len(seed), 3):
            target.feed(seed[:n])


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_seeds_are_read_or_refused(target: Target, data: st.DataObject) -> None:
    """Only the one typed error ever comes out: anything else fails this test."""
    seed = bytearray(data.draw(st.sampled_from(target.seeds)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(seed)))
        seed[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=6))
    target.feed(bytes(seed))
