"""Seeds of hidden cases: each attempt is judged by one of its assignment's pool that its student has not met.

One seed for all attempts would be learnt: one attempt prints the inputs, the next brings a table, and a
neighbour hands the same file in. A new seed each time would need the truth worked out anew each time. So
each assignment has a pool of :data:`POOL` seeds, whose truths are kept and prepared while nobody waits.
Seeds are keyed (HMAC-SHA256, RFC 2104), so that nobody can draw the cases from the number of an assignment.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from typing import Final

POOL: Final = 256
"""Seeds an assignment. Two students meet the same one at a given attempt once in so many times."""


def pool_of(key: bytes, assignment_id: int) -> list[int]:
    """The seeds of an assignment: numbers below 2**31, in an order that means nothing."""
    return [_in_pool(key, assignment_id, n) for n in range(POOL)]


def draw(key: bytes, assignment_id: int, user_id: int, met: Collection[int]) -> int:
    """The seed of a student's next attempt.

    :param met: the seeds of the attempts before. One of the pool that is not among them; once the pool is
        used up, one that belongs to this attempt alone.
    """
    seen = frozenset(met)
    start = _number(key, f"order {assignment_id} {user_id} {len(seen)}")
    for n in range(POOL):
        seed = _in_pool(key, assignment_id, (start + n) % POOL)
        if seed not in seen:
            return seed
    return _number(key, f"seed {assignment_id} {user_id} {len(seen)}")


def one_of_pool(key: bytes, assignment_id: int) -> int:
    """A seed of an assignment's pool by chance, for whom nothing is remembered of."""
    return _in_pool(key, assignment_id, secrets.randbelow(POOL))


def _in_pool(key: bytes, assignment_id: int, n: int) -> int:
    return _number(key, f"seed {assignment_id} {n}")


def _number(key: bytes, text: str) -> int:
    return int.from_bytes(hmac.digest(key, text.encode(), "sha256")[:4]) >> 1
