"""Which hidden cases an attempt is judged by."""

from __future__ import annotations

from grader.model import seeds

KEY = b"a key of the server's"


def test_no_student_meets_a_seed_twice() -> None:
    """While the pool lasts, and beyond it: what one attempt has shown of its inputs is not asked again."""
    met: list[int] = []
    for _ in range(seeds.POOL + 20):
        met.append(seeds.draw(KEY, 7, 3, met))
    assert len(set(met)) == len(met)
    assert set(met[: seeds.POOL]) == set(seeds.pool_of(KEY, 7))


def test_a_neighbours_file_meets_other_inputs() -> None:
    """A table of the inputs at one's own attempt is worth nothing at most others'."""
    first = [seeds.draw(KEY, 7, student, ()) for student in range(200)]
    assert max(map(first.count, first)) <= 8
    second = [seeds.draw(KEY, 7, student, (seed,)) for student, seed in enumerate(first)]
    assert all(one != two for one, two in zip(first, second, strict=True))


def test_nobody_draws_them_without_the_key() -> None:
    """Another key, another assignment: other seeds; the same ones: the same, so that truths can be kept."""
    pool = seeds.pool_of(KEY, 7)
    assert pool == seeds.pool_of(KEY, 7) and len(set(pool)) == seeds.POOL
    assert not set(pool) & set(seeds.pool_of(b"another", 7))
    assert not set(pool) & set(seeds.pool_of(KEY, 8))
    assert all(0 <= seed < 2**31 for seed in pool)
