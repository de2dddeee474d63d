"""Notes on lines outside of the functions that were passed over while the file was run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from grader.checks import sentences
from grader.model.observation import REFUSED, Loaded, Outcome, Returned
from grader.model.text import Text

_REFUSED: Final = re.compile(rf"\[Errno ({'|'.join(map(str, REFUSED))})\]")
"""How an error begins that Python makes of a call that the jail refuses."""


def notes_of(loaded: Loaded, predicted: Iterable[Outcome] = ()) -> tuple[Text, ...]:
    """One sentence a note, each once; absent modules together.

    :param predicted: what came of the predictions: where one asks autograd, it does nothing.
    """
    found: dict[Text, None] = {}
    absent: dict[str, None] = {}
    for note in loaded.notes:
        if note.what == "absent":
            absent[note.name] = None
            continue
        match note.what:
            case "raised" if refused := _REFUSED.match(note.message):
                text = sentences.note_refused(REFUSED[int(refused[1])], note.line)
            case "raised" if note.stand_in:
                text = sentences.note_uses_absent(note.stand_in, note.line)
            case "raised":
                text = sentences.note_raised(note.name, note.message, note.line)
            case "slow":
                text = sentences.note_slow(note.line)
            case "breakpoint":
                text = sentences.note_breakpoint(note.line)
            case "unreadable":
                text = sentences.note_unreadable(note.message, note.line)
            case "died":
                text = sentences.note_died(note.line, note.name, note.message)
        found[text] = None
    if absent:
        found[sentences.note_absent(list(absent))] = None
    for line in sorted({outcome.asked for outcome in predicted if isinstance(outcome, Returned)} - {0}):
        found[sentences.note_asked(line)] = None
    return tuple(found)
