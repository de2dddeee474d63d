"""Typeset formula: what was typed, as a page shows it back to whoever typed it."""

from __future__ import annotations

import msgspec

from grader.model.text import Text


class Typeset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A formula as the grader understood it, or why it could not.

    :ivar mathml: ``<math>…</math>``, made by us from what was understood; empty when nothing was.
    :ivar problem: what is wrong, as a fragment that stands after a colon; None when it could be read.
    """

    mathml: str = ""
    problem: Text | None = None
