"""The pictures of an attempt: who may see them, and how a page asks for what is not drawn yet."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from grader.model.picture import Pictures
from grader.store import pictures, regrades, submissions
from grader.store.tables import Submission, utcnow
from grader.web.attempts.pictures import LONGEST_DELAY, MOST_ASKED
from tests.pictures.figures import DRAWN, Outline
from tests.web.world import World


def kept(world: World, drawn: Pictures | None, login: str = "ada") -> str:
    """An attempt with these pictures."""
    mine = world.submit(login)
    if drawn is not None:
        with world.store.write() as transaction:
            assert pictures.save(transaction, mine, drawn)
    return mine


def fragment(world: World, submission: str, login: str | None = "ada", n: object = 0) -> Any:
    """What a page gets that asks."""
    return world.client(login).get(f"/attempts/{submission}/pictures?n={n}&lang=en")


def test_pictures_that_are_drawn_are_shown(world: World) -> None:
    """Both figures, and nothing more to ask for."""
    answer = fragment(world, kept(world, DRAWN))
    assert answer.status_code == 200
    assert len(Outline(answer.text).of("figure")) == 2
    assert "hx-get" not in answer.text


def test_a_page_asks_again_for_some_minutes_and_then_says_so(world: World) -> None:
    """Longer each time, up to a bound; then a button asks again, from the beginning."""
    mine = kept(world, None)
    waits = []
    for n in range(MOST_ASKED):
        (place,) = Outline(fragment(world, mine, n=n).text).of("div", "pictures")
        assert place["hx-get"] == f"/attempts/{mine}/pictures?n={n + 1}"
        assert place["hx-swap"] == "outerHTML"
        wait = re.fullmatch(r"intersect once delay:(\d+)ms", place["hx-trigger"] or "")
        assert wait
        waits.append(int(wait[1]))
    assert waits == sorted(waits) and waits[0] == 300 and waits[-1] == LONGEST_DELAY
    assert 120_000 < sum(waits) < 240_000
    assert fragment(world, mine, n="x&n=99").status_code == 200
    for n in (MOST_ASKED, 10**30):
        answer = fragment(world, mine, n=n)
        assert answer.status_code == 200 and "intersect" not in answer.text
        (button,) = Outline(answer.text).of("button")
        assert button["hx-get"] == f"/attempts/{mine}/pictures?n=1"
    with world.store.write() as transaction:
        assert pictures.save(transaction, mine, DRAWN)
    assert len(Outline(fragment(world, mine, n=MOST_ASKED).text).of("figure")) == 2


def test_a_picture_is_drawn_because_somebody_looks(world: World) -> None:
    """Also of an attempt that was graded long ago; not of one whose pictures are there."""
    there, old = kept(world, DRAWN), kept(world, None)
    world.dispatcher.drawn.clear()
    fragment(world, there)
    assert world.dispatcher.drawn == []
    with world.store.write() as transaction:
        row = submissions.get(transaction, old)
        assert row is not None
        row.finished_at = utcnow() - timedelta(days=100)
    fragment(world, old)
    assert [each for each, _ in world.dispatcher.drawn] == [old]


def test_nothing_is_asked_for_that_will_not_come(world: World) -> None:
    """There is nothing to draw; it could not be graded; it has no verdict yet."""
    assert not fragment(world, kept(world, Pictures())).text.strip()
    for mode in ("fail", "never"):
        world.dispatcher.mode = mode
        assert not fragment(world, world.submit("ada")).text.strip()


def test_a_damaged_picture_harms_nothing(world: World) -> None:
    """As if it were not drawn yet."""
    mine = kept(world, DRAWN)
    with world.store.write() as transaction:
        transaction.connection().exec_driver_sql("UPDATE pictures SET data = '{'")
    assert fragment(world, mine).status_code == 200


@pytest.mark.parametrize(("login", "status"), [("ada", 200), ("tess", 200), ("bob", 404), ("tom", 404)])
def test_who_may_see_an_attempt_may_see_its_pictures(world: World, login: str, status: int) -> None:
    """The student and the course's teacher; for others it does not exist."""
    answer = fragment(world, kept(world, DRAWN), login)
    assert answer.status_code == status
    assert ("figure" in answer.text) == (status == 200)


def test_pictures_are_not_shown_to_the_signed_out(world: World) -> None:
    """Nor does one learn whether there is such an attempt."""
    mine = kept(world, DRAWN)
    for each in (mine, "0" * 36):
        answer = fragment(world, each, None)
        assert answer.status_code in (302, 401)
        assert "figure" not in answer.text


def test_an_earlier_picture_stays_while_its_attempt_is_graded_again(world: World) -> None:
    """As the earlier verdict does."""
    mine = kept(world, DRAWN)
    with world.store.write() as transaction:
        placed = transaction.get_one(Submission, mine).assignment_id
        regrades.propose_rerun(transaction, placed, [mine], reason="again", by=None)
        row = transaction.get(Submission, mine)
        assert row is not None and row.state == "queued"
    assert len(Outline(fragment(world, mine).text).of("figure")) == 2
