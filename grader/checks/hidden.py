"""Hidden cases: what may be said of an error there, its type, the line, and its message without the numbers.

The rest could tell the inputs. They are hidden so that an answer has to hold where nobody has looked.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from grader.model.observation import Differentiated, Outcome, Raised

_NUMBER: Final = re.compile(r"[-+]?\d[\d_.]*(?:[eE][-+]?\d+)?")


def without_inputs(outcome: Outcome) -> Outcome:
    """The same outcome, with what an error says cut to what may be told."""
    match outcome:
        case Raised():
            return _cut(outcome)
        case Differentiated(error=Raised() as error):
            return msgspec.structs.replace(outcome, error=_cut(error))
        case _:
            return outcome


def _cut(error: Raised) -> Raised:
    first = error.message.strip().partition("\n")[0]
    return msgspec.structs.replace(error, type=_NUMBER.sub("#", error.type), message=_NUMBER.sub("#", first))
