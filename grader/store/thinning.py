"""Thinning (retention): how much is kept of a student's many attempts at one assignment.

Every attempt keeps its source, its score and the verdict on each check. What else its report says (messages,
counterexamples, what was printed) is kept of the best attempt and of the newest ones, as far as they are no
more than :data:`MOST_WHOLE` and no larger than :data:`MOST_CHARACTERS` together: a student who submits ten
thousand times does not fill the disk.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from grader.model.report_size import MOST_BYTES as LARGEST
from grader.store import judgings
from grader.store.tables import Judging, Picture, Submission

MOST_WHOLE: Final = 50
"""Attempts beside the best one whose reports are kept whole."""
MOST_CHARACTERS: Final = 4 * 2**20
"""Of these reports together."""
FEWEST: Final = MOST_CHARACTERS // LARGEST
"""As many reports fit, however large each is: with fewer attempts there is nothing to look for."""
_AT_ONCE: Final = 200
"""Reports thinned in one transaction; those of a database that grew before there was a bound take several."""


def thin(session: Session, user_id: int, assignment_id: int) -> int:
    """Thin the reports that are too many; how many. To be called when one has been added.

    Only attempts with a whole report are looked at, so that it takes the same time after ten thousand.
    """
    mine = Submission.user_id == user_id, Submission.assignment_id == assignment_id
    whole = session.execute(
        select(Submission.id, Submission.score, Submission.attempt, func.length(Judging.report))
        .join(Judging, Judging.id == Submission.judging_id)
        .where(*mine, Submission.thinned.is_(False))
        .order_by(Submission.attempt.desc())
    ).all()
    best = max(whole, key=lambda row: (row[1] or 0.0, -row[2]), default=None)
    others = [row for row in whole if row is not best]
    room, old = MOST_CHARACTERS, []
    for place, (id_, _score, _attempt, size) in enumerate(others):
        room -= size
        # The newest is shown to somebody who waits for it, however large it is.
        if place and (place >= MOST_WHOLE or room < 0):
            old.append(id_)
    old = old[:_AT_ONCE]
    if not old:
        return 0
    session.execute(
        delete(Picture).where(Picture.submission_id.in_(old)).execution_options(synchronize_session=False)
    )
    judgings.thin(session, old)
    return len(old)
