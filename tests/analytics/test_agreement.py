"""Improbable agreement: what is rare in the class counts, what many have or were given does not."""

from __future__ import annotations

import random
import re
import time
from datetime import timedelta
from pathlib import Path

from grader.analytics.agreement import Agreement, Handed, agreements
from grader.analytics.alike import fragments
from tests.analytics.classes import MONDAY

USUAL = "import torch\ndef f(x):\n    y = torch.exp(x).sum() * x.mean()\n    return y * 2 + x.std()\n"
ODD = "def g(a):\n    b = a.clone().detach() * {} - a.sum() / 3\n    return (b ** {} - a).abs().max()\n"


def handed(user: int, minutes: float, text: str = USUAL, *wrong: tuple[str, str | None, str]) -> Handed:
    at = MONDAY + timedelta(minutes=minutes)
    return Handed(user, f"s{user}.{minutes}", at, frozenset(wrong), fragments(text.encode()))


def own(n: int) -> str:
    """Code that nobody else has."""
    return USUAL + ODD.format(n, n)


CLASS = [handed(n, 600 * n + 600, own(n + 10)) for n in range(40)]


def test_a_class_of_individuals_has_no_pairs() -> None:
    assert agreements(CLASS) == []


def test_the_same_odd_code_close_in_time_stands_out() -> None:
    """With who else has it, and who else was there; the largest common piece alone is told."""
    rows = [*CLASS, handed(100, 3, own(7)), handed(101, 10, re.sub(r"\bb\b", "zz", own(7)))]
    (found,) = agreements(rows)
    assert found.users == (100, 101) and found.students == 42
    (piece,) = found.fragments
    assert (
        piece.holders == 2 and piece.lines == ((5, 7), (5, 7)) and piece.submissions == ("s100.3", "s101.10")
    )
    assert found.close is not None and (found.close.minutes, found.close.active) == (7.0, 2)


def test_one_rare_thing_at_another_time_is_no_agreement() -> None:
    rows = [*CLASS, handed(100, 3, own(7)), handed(101, 9_003, own(7))]
    assert agreements(rows) == []


def test_the_same_rare_wrong_answers() -> None:
    """The same code alone is not enough: the answers have to be alike, too."""
    first = ("p", "sign", "k1"), ("q", None, "k2")
    rows = [*CLASS, handed(100, 3, USUAL, *first), handed(101, 10, USUAL, *first)]
    (found,) = agreements(rows)
    assert [(a.check_id, a.code, a.holders) for a in found.answers] == [("p", "sign", 2), ("q", None, 2)]
    other = ("p", "sign", "k3"), ("q", None, "k4")
    assert agreements([*CLASS, handed(100, 3, USUAL, *first), handed(101, 10, USUAL, *other)]) == []


def test_what_the_exercise_gave_or_many_have_weighs_nothing() -> None:
    rows = [*CLASS, handed(100, 3, own(7)), handed(101, 10, own(7))]
    assert agreements(rows, fragments(own(7).encode()).keys()) == []
    many = [*CLASS, *(handed(100 + n, n, own(7), ("p", "sign", "k")) for n in range(12))]
    assert agreements(many) == []


def test_in_a_small_class_nothing_is_rare() -> None:
    assert agreements([handed(n, n, own(7), ("p", "sign", "k")) for n in range(2)]) == []


def test_everybody_before_the_deadline_is_close_in_time_to_nobody() -> None:
    """Closeness weighs the less the more were active."""
    quiet = [*CLASS, handed(100, 3, own(7)), handed(101, 10, own(7))]
    rush = [handed(n, n / 10, own(n + 10)) for n in range(40)]
    busy = [*rush, handed(100, 3, own(7)), handed(101, 10, own(7))]
    assert len(agreements(quiet)) == 1 and agreements(busy) == []


def test_the_order_of_rows_does_not_matter_and_students_are_told_once() -> None:
    rows = [*CLASS, *(handed(100 + i % 2, 5 * i, own(7), ("p", "sign", "k")) for i in range(6))]
    wanted = agreements(rows)
    random.Random(1).shuffle(rows)
    assert agreements(rows) == wanted and [a.users for a in wanted] == [(100, 101)]


def test_independent_students_are_hardly_ever_told() -> None:
    """Each hands in one of the texts that the catalogue has of an exercise, whenever they like."""
    dice = random.Random(5)
    told = []
    for folder in sorted(Path("solutions").iterdir())[:20]:
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*ed/*.py")]
        rows = [handed(user, dice.uniform(0, 10_000), dice.choice(texts)) for user in range(60)]
        told.append(len(agreements(rows)))
    assert len(told) == 20 and sum(told) / len(told) <= 3 and max(told) <= 10


def test_five_hundred_students_in_time() -> None:
    """With code of which much is rare; the planted pair comes first."""
    dice = random.Random(2)
    lines = [f"    a = a.clone() * {n} - a.sum() / {n + 1} + a.min()" for n in range(3_000)]
    rows = []
    for user in range(500):
        text = USUAL + "def g(a):\n" + "\n".join(dice.sample(lines, 12)) + "\n    return a\n"
        rows += [handed(user, dice.uniform(0, 20_000), text) for _ in range(2)]
    planted = ("p", "sign", "k"), ("q", "scale", "k")
    rows += [handed(900, 100, own(7), *planted), handed(901, 110, own(7), *planted)]
    begun = time.thread_time()
    found: list[Agreement] = agreements(rows)
    assert time.thread_time() - begun < 60
    assert found[0].users == (900, 901)
    assert [a.weight for a in found] == sorted((a.weight for a in found), reverse=True)
