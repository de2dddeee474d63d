"""Rows of the home page and tiles of the course's map: made once for each standing, not for each reader.

A class of a hundred has few different rows: not begun, solved, a part of the marks. So a row is made of
nothing but a :class:`Standing`, and is kept by it, in each language: an unusual one costs what it did, the
others a look-up. Nothing of a reader's is in it but what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from flask import get_template_attribute, request
from markupsafe import Markup

from grader.model.text import Language
from grader.web.ui.languages import language

MOST_KEPT: Final = 8192
"""Rows, of some 3 KiB with their tile."""

Kind = Literal["full", "shut", "later", "due", "open"]


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a row shows, in the reader's language and time zone.

    :ivar section: of the exercise; empty where its folder is gone.
    :ivar score: None where nothing counts yet. :ivar most: what it is of.
    :ivar soon: how long there is until the deadline, in words, where that is soon.
    :ivar due: when the deadline is; ``opens`` and ``closed_since`` likewise; empty where there is none.
    """

    course: str
    slug: str
    section: str
    title: str
    summary: str
    state: str
    score: float | None
    most: float
    points: int
    attempts: int
    pending: bool
    left: str
    worth: str
    soon: str
    due: str
    opens: str
    closed_since: str

    @property
    def kind(self) -> Kind:
        """The shape of its tile: what it is filled with is the score, how it is drawn whether it is open."""
        if self.state == "solved":
            return "full"
        if self.state in ("closed", "used"):
            return "shut"
        if self.state in ("upcoming", "gone"):
            return "later"
        return "due" if self.soon else "open"

    @property
    def share(self) -> float:
        """What the score is of full marks, 0 to 1; 1 for what is solved."""
        if self.state == "solved":
            return 1.0
        return min(max((self.score or 0.0) / self.most, 0.0), 1.0) if self.most else 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row of the list and the tile of the map that belongs to it.

    :ivar shape: of the tile. :ivar words: how the exercise stands, as the tile says it to who cannot see it.
    """

    row: Markup
    tile: Markup
    shape: Markup
    words: str
    kind: Kind
    partly: bool


def drawn(standing: Standing) -> Drawn:
    """What the home page shows of an exercise that stands so."""
    return _drawn(standing, language(), request.script_root)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(standing: Standing, _language: Language, _root: str) -> Drawn:
    """A function of its arguments alone: of the reader's language, and of how addresses begin (``root``)."""
    part = {
        name: get_template_attribute("home/_row.html", name) for name in ("row", "tile", "shape", "words")
    }
    words = str(part["words"](standing)).strip()
    return Drawn(
        row=Markup(str(part["row"](standing)).strip()),  # noqa: S704 - a template's, escaped there
        tile=Markup(str(part["tile"](standing, words)).strip()),  # noqa: S704 - likewise
        shape=Markup(str(part["shape"](standing.kind, standing.share)).strip()),  # noqa: S704 - likewise
        words=words,
        kind=standing.kind,
        partly=0 < standing.share < 1,
    )
