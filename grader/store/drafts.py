"""Drafts: what a student is writing, one per assignment, until it is handed in; and what a draft replaced.

Optimistic concurrency control: each save has a version, and says which versions it knows. A save that does
not know the version that is stored would overwrite what its writer has never seen, and is refused. Who saves
chooses the version before sending it, so that a window knows its own saves also when their answers were lost,
because it went on to another page or the network went away.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.store.tables import Draft, ReplacedDraft, User, utcnow

MOST_REPLACED = 3
"""Replaced drafts that are kept of a student and assignment."""


def save(
    session: Session,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    *,
    known: Collection[str],
    version: str = "",
    force: bool = False,
    keep: bool = False,
    starter: bytes = b"",
    now: datetime | None = None,
) -> Draft | None:
    """Keep this draft in the place of the one before; None, and nothing is written, when another is newer.

    :param known: the versions that the writer has seen, or saved without having had an answer.
    :param version: the new draft's; one is made up when it is empty.
    :param force: replace whatever is there. What the writer had not seen is kept as a replaced draft.
    :param keep: keep what is replaced also when the writer had seen it: the new text does not go on from it.
    :param starter: what an exercise begins with, which is not worth keeping.
    """
    row = _locked(session, user_id, assignment_id)
    if row is not None:
        if (row.source, row.predictions) == (source, predictions):
            return row
        newer = _version(row) not in known
        if newer and not force:
            return None
        if newer or keep:
            set_aside(session, user_id, assignment_id, row.source, row.predictions, starter=starter)
    return _write(session, row, user_id, assignment_id, source, predictions, version, now)


def find(session: Session, user_id: int, assignment_id: int) -> Draft | None:
    """The draft, if there is one."""
    return session.get(Draft, (user_id, assignment_id))


def version_of(row: Draft | None) -> str:
    """What a form says to have seen when it begins from this draft."""
    return "" if row is None else _version(row)


def handed_in(
    session: Session,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    *,
    known: Collection[str],
    keep: bool = False,
    starter: bytes = b"",
) -> bool:
    """Drop the draft that was handed in; False, and it stays, when it is one that the form did not know.

    :param known: the versions that the form began from or has saved.
    :param keep: keep it as a replaced draft, for what was handed in did not go on from it.
    """
    row = _locked(session, user_id, assignment_id)
    if row is None:
        return True
    other = (row.source, row.predictions) != (source, predictions)
    if _version(row) not in known and other:
        return False
    if keep and other:
        set_aside(session, user_id, assignment_id, row.source, row.predictions, starter=starter)
    session.delete(row)
    session.flush()
    return True


def start_over(
    session: Session,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    *,
    known: Collection[str],
    starter: bytes,
    version: str = "",
) -> Draft:
    """Put the starter in the place of the code; the predictions stay. What it replaces is kept."""
    row = _locked(session, user_id, assignment_id)
    if row is not None and _version(row) not in known:
        set_aside(session, user_id, assignment_id, row.source, row.predictions, starter=starter)
    set_aside(session, user_id, assignment_id, source, predictions, starter=starter)
    return _write(session, row, user_id, assignment_id, starter, predictions, version)


def bring_back(
    session: Session,
    user_id: int,
    assignment_id: int,
    replaced_id: str,
    source: bytes,
    predictions: dict[str, str],
    *,
    starter: bytes,
) -> Draft | None:
    """Make a replaced draft the draft again, and keep what it replaces; None when there is no such one."""
    wanted = session.get(ReplacedDraft, replaced_id)
    if wanted is None or (wanted.user_id, wanted.assignment_id) != (user_id, assignment_id):
        return None
    again = wanted.source, wanted.predictions
    session.delete(wanted)
    session.flush()
    row = _locked(session, user_id, assignment_id)
    if (source, predictions) != again:
        set_aside(session, user_id, assignment_id, source, predictions, starter=starter)
    return _write(session, row, user_id, assignment_id, *again)


def set_aside(
    session: Session,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    *,
    starter: bytes = b"",
) -> None:
    """Keep this as a replaced draft, unless there is no work in it; the oldest ones beyond a few go."""
    if not source.strip() or source == starter:
        return
    kept = replaced(session, user_id, assignment_id)
    same = [each for each in kept if (each.source, each.predictions) == (source, predictions)]
    for each in (*same, *[each for each in kept if each not in same][MOST_REPLACED - 1 :]):
        session.delete(each)
    session.add(
        ReplacedDraft(
            id=str(uuid.uuid4()),
            user_id=user_id,
            assignment_id=assignment_id,
            source=source,
            predictions=predictions,
            replaced_at=utcnow(),
        )
    )
    session.flush()


def replaced(session: Session, user_id: int, assignment_id: int) -> Sequence[ReplacedDraft]:
    """What drafts have replaced, the latest first."""
    return session.scalars(
        select(ReplacedDraft)
        .where(ReplacedDraft.user_id == user_id, ReplacedDraft.assignment_id == assignment_id)
        .order_by(ReplacedDraft.replaced_at.desc())
    ).all()


def _locked(session: Session, user_id: int, assignment_id: int) -> Draft | None:
    """The draft, which nobody else writes until the end; nor anybody a first one, where there is none."""
    # The student's row first, as in submissions.receive: in another order the two could block each other.
    session.scalar(select(User.id).where(User.id == user_id).with_for_update())
    return session.get(Draft, (user_id, assignment_id), with_for_update=True)


def _version(row: Draft) -> str:
    return row.version or row.saved_at.isoformat()


def _write(
    session: Session,
    row: Draft | None,
    user_id: int,
    assignment_id: int,
    source: bytes,
    predictions: dict[str, str],
    version: str = "",
    now: datetime | None = None,
) -> Draft:
    if row is None:
        row = Draft(user_id=user_id, assignment_id=assignment_id)
        session.add(row)
    row.source, row.predictions, row.saved_at = source, predictions, now or utcnow()
    row.version = version or uuid.uuid4().hex
    session.flush()
    return row
