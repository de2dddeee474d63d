"""One comment for all answers that are alike, offered again when such an answer comes, and withdrawn."""

from __future__ import annotations

from sqlalchemy.orm import Session

from grader.store import claims, comments, notices, queue, submissions
from grader.store.judgings import Made
from grader.store.tables import Submission

from .world import World, a_report


def judged(world: World, user: int, tree: str | None, score: float = 4.0, code: str = "scale") -> str:
    """An answer whose source has this syntax tree."""
    mine = world.hand_in(user)
    with world.store.write() as session:
        assert claims.claim(session, "me", 60) is not None
        assert queue.finish(session, mine, "me", a_report(score, code=code), made=Made(tree=tree))
    return mine


def row(session: Session, identity: str) -> Submission:
    """A submission."""
    found = submissions.get(session, identity)
    assert found is not None
    return found


def write(world: World, identity: str, text: str, alike: bool) -> int:
    """A comment by the teacher; its number."""
    with world.store.write() as session:
        under = row(session, identity)
        to = comments.alike(session, under) if alike else None
        return comments.write(session, under, text, by=world.teacher, to=to).id


def texts(world: World, identity: str) -> tuple[list[str], list[str]]:
    """What stands under an answer, and what is offered for it."""
    with world.store.read() as session:
        under = row(session, identity)
        shown = comments.shown(session, identity)
        return [c.text for c in shown], [c.text for c in comments.offered(session, under)]


def test_answers_are_alike_by_verdict_and_tree(world: World) -> None:
    """Another tree, another verdict, another code or no tree at all are other answers."""
    mine = judged(world, world.ada, "t1")
    again, bobs = judged(world, world.ada, "t1"), judged(world, world.bob, "t1")
    others = [
        judged(world, world.bob, "t2"),
        judged(world, world.bob, "t1", code="sign"),
        judged(world, world.bob, "t1", 10.0),
    ]
    unknown, waiting = judged(world, world.cyd, None), world.hand_in(world.cyd)
    with world.store.read() as session:
        for identity in (mine, again, bobs):
            found = comments.alike(session, row(session, identity))
            assert (found.answers, found.students) == (3, 2) and found.name is not None
        for identity in others:
            assert comments.alike(session, row(session, identity)).answers == 1
        for identity in (unknown, waiting):
            assert comments.alike(session, row(session, identity)) == (None, 1, 1)


def test_one_comment_for_all_answers_that_are_alike(world: World) -> None:
    """It stands under each of them and under nobody else's; a later one is offered it, and told nothing."""
    mine, bobs = judged(world, world.ada, "t1"), judged(world, world.bob, "t1")
    other = judged(world, world.bob, "t2")
    number = write(world, mine, "Look at u.", True)
    assert texts(world, mine) == texts(world, bobs) == (["Look at u."], [])
    assert texts(world, other) == ([], [])
    later = judged(world, world.cyd, "t1")
    assert texts(world, later) == ([], ["Look at u."])
    with world.store.write() as session:
        assert comments.repeat(session, row(session, later), number)
        assert not comments.repeat(session, row(session, later), number)
        assert not comments.repeat(session, row(session, other), number)
    assert texts(world, later) == (["Look at u."], [])
    with world.store.read() as session:
        (shown,) = comments.shown(session, later)
        assert (shown.by, shown.answers, shown.alike) == ("The Teacher", 3, True)
        assert comments.commented(session, [mine, bobs, later, other]) == {mine, bobs, later}


def test_a_comment_on_one_answer_stays_there(world: World) -> None:
    """It is not offered for answers that are alike, and an answer without a verdict can have one."""
    mine, bobs = judged(world, world.ada, "t1"), judged(world, world.bob, "t1")
    waiting = world.hand_in(world.cyd)
    write(world, mine, "Yours alone.", False)
    write(world, waiting, "Wait.", False)
    assert texts(world, mine) == (["Yours alone."], []) and texts(world, bobs) == ([], [])
    assert texts(world, waiting) == (["Wait."], [])


def test_what_is_withdrawn_is_gone_everywhere(world: World) -> None:
    """Under all answers at once, and it is not offered again; only from where it stands."""
    mine, bobs = judged(world, world.ada, "t1"), judged(world, world.bob, "t1")
    other = judged(world, world.bob, "t2")
    number = write(world, mine, "Wrong.", True)
    with world.store.write() as session:
        assert comments.withdraw(session, row(session, other), number) is None
        assert comments.withdraw(session, row(session, bobs), number) is not None
        assert comments.withdraw(session, row(session, bobs), number) is None
    later = judged(world, world.cyd, "t1")
    assert texts(world, mine) == texts(world, bobs) == texts(world, later) == ([], [])
    with world.store.read() as session:
        assert comments.commented(session, [mine, bobs]) == set()


def told(world: World, user: int) -> list[tuple[str, str]]:
    """The notices that somebody has not read: of what kind, about which answer."""
    with world.store.read() as session:
        return [(each.kind, each.about["submission"]) for each in notices.unread(session, user)]


def test_who_is_commented_is_told_once(world: World) -> None:
    """Of the latest of the answers; who repeats one tells that student; who withdraws it takes that back."""
    judged(world, world.ada, "t1")
    latest, bobs = judged(world, world.ada, "t1"), judged(world, world.bob, "t1")
    number = write(world, latest, "Look at u.", True)
    assert told(world, world.ada) == [("comment", latest)] and told(world, world.bob) == [("comment", bobs)]
    later = judged(world, world.cyd, "t1")
    assert told(world, world.cyd) == []
    with world.store.write() as session:
        comments.repeat(session, row(session, later), number)
    assert told(world, world.cyd) == [("comment", later)]
    assert told(world, world.ada) == [("comment", latest)] and told(world, world.teacher) == []
    own = judged(world, world.teacher, "t9")
    write(world, own, "To myself.", False)
    assert told(world, world.teacher) == []
    with world.store.write() as session:
        comments.withdraw(session, row(session, bobs), number)
    assert told(world, world.ada) == told(world, world.bob) == told(world, world.cyd) == []
