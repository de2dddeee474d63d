"""Hidden cases: what may be said of an error there, its type, the line, and its message without the numbers.

The rest could tell the inputs. They are hidden so that an answer has to hold where nobody has looked. Digits
can be spelt in letters, and ``torch._check`` raises with any words: so a message is told where it is one that
we have a sentence for or Python's own of few words, stands in the file as it is, or was said at a visible
case; and a name, or what a message quotes, likewise.
"""

from __future__ import annotations

import builtins
import operator
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from grader.checks.torch_errors import translated
from grader.model.observation import Differentiated, Misfit, Missing, Outcome, Raised, Returned
from grader.model.values import Foreign, Mapping, Sequence, Value

_NUMBER: Final = re.compile(r"[-+]?\d[\d_.]*(?:[eE][-+]?\d+)?")
_QUOTED: Final = re.compile(r"""(?<!\w)(['"`])(.*?)\1(?!\w)""")
_SHORT: Final = 14
"""A quoted word of so many characters may be the library's: of a dtype, a type, an operator."""
_LONG: Final = re.compile(r"\w{21,}")
_PYTHONS: Final = frozenset({"builtin_function_or_method"})
_CUT: Final = "…"
_SEVERAL: Final = "torch.return_types."
"""So begins torch's name for what a function returns that returns several tensors; the function's follows."""
_PARTS: Final = ((), ("values", "indices"))
"""Names of the parts of such a thing that are told; others may be spelt anyhow, too."""
_PYTHON: Final = re.compile(
    "|".join(
        (
            r"(?:float |integer )?(?:division|modulo|division or modulo) by zero",
            r"math (?:domain|range) error",
            r"(?:list|tuple|string|pop) index out of range",
            r"name '\w+' is not defined",
            r"cannot access local variable '\w+' where it is not associated with a value",
            r"'[\w.]+' object has no attribute '\w+'",
            r"'[\w.]+' object is not (?:callable|subscriptable|iterable)",
            r"unsupported operand type\(s\) for \S{1,4}: '[\w.]+' and '[\w.]+'",
            r"'[<>=]+' not supported between instances of '[\w.]+' and '[\w.]+'",
            r"not enough values to unpack \(expected (?:at least )?#, got #\)",
            r"too many values to unpack \(expected #\)",
            r"could not convert string to float: '.*'",
            r"invalid literal for int\(\) with base #: '.*'",
            r"No module named '[\w.]+'",
            r"#|'\w+'",
        )
    )
)
"""Messages of Python's own whose words are its own."""
_LIBRARY: Final = frozenset(
    {
        "Tensor", "Parameter", "Size", "dtype", "device", "ndarray", "Node",
        "LinAlgError", "_LinAlgError", "AxisError", "OutOfMemoryError",
        "function", "method", "generator", "module", "partial", "NoneType", "list_iterator",
        "dict_keys", "dict_values", "dict_items", "Fraction", "Decimal",
        "int, too large", "object that cannot be read",
    }
    | _PYTHONS
)  # fmt: skip
"""Types of Python, torch and numpy that are returned by mistake, and what stands for one that has no name."""


@dataclass(frozen=True)
class Known:
    """What a student knows anyway. It is worked out when it is asked for: most submissions raise nothing.

    :ivar source: the file; empty: none is known.
    :ivar visible: what came of it at visible cases.
    """

    source: bytes = b""
    visible: tuple[Outcome, ...] = ()

    @cached_property
    def text(self) -> str:
        """The file without numbers."""
        return _NUMBER.sub("#", self.source.decode("utf-8", "replace"))

    @cached_property
    def lines(self) -> int:
        """How many the file has; another line is none of it."""
        return len(self.source.splitlines()) if self.source else sys.maxsize

    @cached_property
    def said(self) -> frozenset[str]:
        """Messages, types and signatures at visible cases, without numbers."""
        said: set[str] = set()
        for outcome in self.visible:
            match outcome:
                case (Raised() as error) | Differentiated(error=Raised() as error):
                    said |= {_NUMBER.sub("#", error.type), _message(error), _NUMBER.sub("#", error.stand_in)}
                case Returned(value=Foreign(type=name)) | Differentiated(value=Foreign(type=name)):
                    said |= {name, _NUMBER.sub("#", name)}
                case Misfit(signature=signature):
                    said.add(signature)
                case _:
                    pass
        return frozenset(said)

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
        case Returned(value=value) | Differentiated(value=value):
            told = _unnamed(value, known)
            unkept = outcome.unkept if outcome.unkept <= known.lines else 0
            same = told is value and unkept == outcome.unkept
            return outcome if same else replace(outcome, value=told, unkept=unkept)
        case Missing(found=str() as name) if not known.name(name):
            return replace(outcome, found="object")
        case Misfit(signature=signature) if not known.holds(signature):
            return replace(outcome, signature=f"{signature.partition('(')[0]}({_CUT})")
        case _:
            return outcome


def _unnamed(value: Value, known: Known) -> Value:
    """The same value without names of types that are nobody's; itself where it has none."""
    replace = msgspec.structs.replace
    match value:
        case Foreign(absent=str() as path) if path:
            told_path = _path(path, known)
            return value if told_path == path else replace(value, type=told_path, absent=told_path)
        case Foreign(type=name):
            known_one = known.name(name.removeprefix(_SEVERAL))
            if known_one and value.parts in _PARTS:
                return value
            return replace(value, type=name if known_one else "object", parts=())
        case Sequence(items=items):
            told = tuple(_unnamed(item, known) for item in items)
            return value if all(map(operator.is_, told, items)) else replace(value, items=told)
        case Mapping(items=named):
            parts = {key: _unnamed(item, known) for key, item in named.items()}
            return value if all(parts[key] is named[key] for key in named) else replace(value, items=parts)
        case _:
            return value


def _path(path: str, known: Known) -> str:
    """A path below an absent module, or the module alone: what is asked of a stand-in may be spelt anyhow."""
    return path if known.holds(_NUMBER.sub("#", path)) else path.partition(".")[0]


def _message(error: Raised) -> str:
    return _NUMBER.sub("#", error.message.strip().partition("\n")[0])


def _cut(error: Raised, known: Known) -> Raised:
    kind, message = _NUMBER.sub("#", error.type), _message(error)
    if not known.name(kind):
        kind = next((base for base in error.kinds if hasattr(builtins, base)), "Exception")
    if message not in known.said and message not in known.text:
        ours = not error.own and (translated(error) is not None or _PYTHON.fullmatch(message))
        message = message if ours else ""
        message = _QUOTED.sub(lambda found: _quoted(found, known), message)
        message = _LONG.sub(
            lambda found: found[0] if found[0] in _PYTHONS or known.holds(found[0]) else _CUT, message
        )
    line = error.line if error.line is not None and error.line <= known.lines else None
    unkept = error.unkept if error.unkept <= known.lines else 0
    path = _path(error.stand_in, known)
    return msgspec.structs.replace(error, type=kind, message=message, line=line, unkept=unkept, stand_in=path)


def _quoted(found: re.Match[str], known: Known) -> str:
    mark, text = found[1], found[2]
    word = text.removeprefix(_SEVERAL)
    short = len(word) <= _SHORT and (word.replace(".", "").isidentifier() or not word.strip("#"))
    short = short or text in _PYTHONS or (text.endswith("_cpu") and len(text) <= 2 * _SHORT)
    return found[0] if short or known.holds(text) else f"{mark}{_CUT}{mark}"
