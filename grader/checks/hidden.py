"""Hidden cases: what may be said of an error there, its type, the line, and its message without the numbers.

The rest could tell the inputs. They are hidden so that an answer has to hold where nobody has looked. Digits
can be spelt in letters: so of what a student's code may have put together (its own messages, names of types,
what a message quotes) only that is told which stands in the file as it is, or was said at a visible case.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from grader.model.observation import Differentiated, Misfit, Outcome, Raised, Returned
from grader.model.values import Foreign

_NUMBER: Final = re.compile(r"[-+]?\d[\d_.]*(?:[eE][-+]?\d+)?")
_QUOTED: Final = re.compile(r"""(?<!\w)(['"`])(.*?)\1(?!\w)""")
_SHORT: Final = 14
"""A quoted word of so many characters may be the library's: of a dtype, a type, an operator."""
_LONG: Final = re.compile(r"\w{21,}")
_PYTHONS: Final = frozenset({"builtin_function_or_method"})
_CUT: Final = "…"
_LIBRARY: Final = frozenset({"Tensor", "LinAlgError", "_LinAlgError", "AxisError", "OutOfMemoryError"})
"""Types of torch and numpy that are errors, or whose attributes are missed."""


@dataclass(frozen=True)
class Known:
    """What a student knows anyway.

    :ivar text: of the file.
    :ivar said: messages, types and signatures at visible cases, without numbers.
    """

    text: str = ""
    said: frozenset[str] = frozenset()

    @classmethod
    def of(cls, source: bytes, visible: Iterable[Outcome]) -> Known:
        """Of a submission, and what came of it at visible cases."""
        said: set[str] = set()
        for outcome in visible:
            match outcome:
                case (Raised() as error) | Differentiated(error=Raised() as error):
                    said |= {_NUMBER.sub("#", error.type), _message(error)}
                case Returned(value=Foreign(type=name)) | Differentiated(value=Foreign(type=name)):
                    said.add(name)
                case Misfit(signature=signature):
                    said.add(signature)
                case _:
                    pass
        return cls(_NUMBER.sub("#", source.decode("utf-8", "replace")), frozenset(said))

    def holds(self, text: str) -> bool:
        """Whether it can be told without telling anything."""
        return text in self.said or text in self.text

    def name(self, name: str) -> bool:
        """The same of a type's name."""
        return hasattr(builtins, name) or name in _LIBRARY or self.holds(name)


NOTHING_KNOWN: Final = Known()


def without_inputs(outcome: Outcome, known: Known = NOTHING_KNOWN) -> Outcome:
    """The same outcome, with what an error says cut to what may be told."""
    replace = msgspec.structs.replace
    match outcome:
        case Raised():
            return _cut(outcome, known)
        case Differentiated(error=Raised() as error):
            return replace(outcome, error=_cut(error, known))
        case Returned(value=Foreign(type=name) as value) | Differentiated(value=Foreign(type=name) as value):
            return outcome if known.name(name) else replace(outcome, value=replace(value, type="object"))
        case Misfit(signature=signature) if not known.holds(signature):
            return replace(outcome, signature=f"{signature.partition('(')[0]}({_CUT})")
        case _:
            return outcome


def _message(error: Raised) -> str:
    return _NUMBER.sub("#", error.message.strip().partition("\n")[0])


def _cut(error: Raised, known: Known) -> Raised:
    kind, message = _NUMBER.sub("#", error.type), _message(error)
    if not known.name(kind):
        kind = next((base for base in error.kinds if hasattr(builtins, base)), "Exception")
    if message not in known.said:
        message = message if not error.own or message in known.text else ""
        message = _QUOTED.sub(lambda found: _quoted(found, known), message)
        message = _LONG.sub(
            lambda found: found[0] if found[0] in _PYTHONS or known.holds(found[0]) else _CUT, message
        )
    return msgspec.structs.replace(error, type=kind, message=message)


def _quoted(found: re.Match[str], known: Known) -> str:
    mark, text = found[1], found[2]
    short = len(text) <= _SHORT and (text.replace(".", "").isidentifier() or not text.strip("#"))
    short = short or text in _PYTHONS or (text.endswith("_cpu") and len(text) <= 2 * _SHORT)
    return found[0] if short or known.holds(text) else f"{mark}{_CUT}{mark}"
