"""Tokenizer of formulas: from plain text to a line of Python whose every name is one of ours.

The text is hostile, so it is never what Python's parser gets to see. It is cut into tokens here; each is
checked to stand where it may, and spelled anew: a name or number becomes an identifier such as ``i0`` (a
table keeps what it stands for), a product without a sign becomes ``//``, and what is forgiven (``|x|``,
``\\frac``, ``sin x``) a call. What comes out holds brackets in pairs, operators between operands, and nothing
else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn

from grader.checks.formula import names
from grader.checks.formula.text import MAX_PIECE, NotAFormula, shown
from grader.checks.sentences import NOTHING_TYPED, OfFormula

MAX_DEPTH: Final = 40

Kind = Literal["number", "input", "constant", "known", "function", "powered", "attribute"]
JUXTAPOSED: Final = "//"
"""How a product without a sign is spelled: it binds like ``*``, and nobody can type it."""


@dataclass(frozen=True)
class Meaning:
    """What an identifier of ours stands for; ``power`` is the 2 of ``sin²(x)``."""

    kind: Kind
    name: str
    power: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """The names that a formula may use; the exercise's own go before ours."""

    inputs: Sequence[str]
    functions: Mapping[str, Sequence[str]]
    others: Sequence[str] = ()
    """Inputs of the exercise that the function is no function of: no formula for it may use them."""

    def input(self, word: str) -> str | None:
        """The input that ``word`` is a way to write."""
        return names.input_named(self.inputs, word)

    def meanings(self, word: str) -> list[Meaning]:
        """What ``word`` stands for: several inputs where one-letter names were typed without a space.

        :raises NotAFormula: nothing at all.
        """
        if (found := self.input(word)) is not None:
            return [Meaning("input", found)]
        if word in self.functions:
            return [Meaning("known", word)]
        if (constant := names.plain_name(word)) in names.CONSTANTS:
            return [Meaning("constant", constant)]
        if names.input_named(self.others, word) is not None:
            raise NotAFormula(word, OfFormula.other_input(shown(word), ", ".join(self.inputs)))
        if (function := names.function(word)) is not None:
            return [Meaning("function", function)]
        return self._factors(word) or self._refuse(word)

    def _factors(self, word: str) -> list[Meaning]:
        """What ``Xw``, ``x1x2``, ``xe`` (of ``xe^x``) or ``xsin`` is a product of, long names first."""
        found: list[Meaning] = []
        longest = max(map(len, self.inputs), default=0) + 1  # x_1 for x1
        at = 0
        while at < len(word) <= MAX_PIECE and word not in names.PYTHON:
            function = names.function(word[at:]) if len(word) > at + 1 else None
            if function is not None:
                return [*found, Meaning("function", function)]
            for end in range(at + longest, at, -1):
                if (known := self.input(word[at:end])) is not None:
                    found.append(Meaning("input", known))
                    break
            else:
                end = at + 1
                if (constant := names.plain_name(word[at])) not in names.CONSTANTS:
                    return []
                found.append(Meaning("constant", constant))
            at = end
        return found if any(m.kind == "input" for m in found) else []

    def _refuse(self, word: str) -> NoReturn:
        """Say why ``word`` is not known."""
        short = shown(word)
        differential = word[:1] == "d" and (
            word[1:] in ("f", "y", "z", *self.functions) or self.input(word[1:]) is not None
        )
        if differential or word.startswith("grad") or word in names.AUTOGRAD:
            raise NotAFormula(word, OfFormula.AUTOGRAD)
        if word in ("if", "else", "elif"):
            raise NotAFormula(word, OfFormula.CONDITION)
        if word in ("tensor", "array"):
            raise NotAFormula(word, OfFormula.LIST)
        if word in names.PYTHON or "__" in word:
            raise NotAFormula(word, OfFormula.PYTHON)
        if re.fullmatch("_[ijk]", word[-2:]) and self.input(word[:-2]) is not None:
            raise NotAFormula(word, OfFormula.INDEX)
        known = [*self.inputs, *self.functions, *names.CONSTANTS, *names.ARITY]
        near = [name for name in known if name.casefold() == short.casefold()]
        near += difflib.get_close_matches(short, known, 1, 0.7)
        raise NotAFormula(word, OfFormula.unknown(short, near[0] if near else None, ", ".join(self.inputs)))


# Tokens.

_TOKEN: Final = re.compile(
    r" *(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|[=!<>]=|\|\||[^ ]))"
)
_POWER: Final = re.compile(r"([{(] )?(- )?([0-9]+)(?= |$)( [})])?")
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖"}
_SIGNS: Final = {"^": "**"} | {
    s: s for s in ("+", "-", "*", "/", "**", "@", "<", ">", "<=", ">=", "==", "!=")
}


@dataclass
class _Open:
    """A bracket that is open. A ``call`` may hold commas; in ``⁄{above}{below}`` one is implied."""

    typed: str
    role: Literal["group", "call", "above"]


@dataclass
class Spelling:
    """Reads tokens from left to right and spells them as Python.

    :ivar python: the pieces of the line.
    :ivar meanings: what its identifiers stand for.
    """

    text: str
    vocabulary: Vocabulary
    python: list[str] = field(default_factory=list)
    meanings: dict[str, Meaning] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tokens = [(str(t.lastgroup), t[str(t.lastgroup)]) for t in _TOKEN.finditer(self.text)]
        self._at = 0
        self._open: list[_Open] = []
        self._ends = False  # whether an operand has just ended

    def spell(self) -> str:
        """The whole line.

        :raises NotAFormula: a token that stands where none of its kind may.
        """
        while self._at < len(self._tokens):
            kind, piece = self._tokens[self._at]
            self._at += 1
            if kind == "number":
                self._number(piece)
            elif kind == "word":
                self._word(piece)
            else:
                self._sign(piece)
        if not self._tokens:
            raise NotAFormula("", NOTHING_TYPED)
        if not self._ends:
            self._incomplete(self._tokens[-1][1])
        if self._open:
            typed = self._open[-1].typed
            raise NotAFormula(typed, OfFormula.unclosed(typed))
        return " ".join(self.python)

    def _peek(self, ahead: int = 0) -> str:
        return self._tokens[self._at + ahead][1] if self._at + ahead < len(self._tokens) else ""

    def _say(self, kind: Kind, name: str, power: str = "") -> None:
        identifier = f"{kind[0]}{len(self.meanings)}"
        self.meanings[identifier] = Meaning(kind, name, power)
        self.python.append(identifier)

    def _operand(self) -> None:
        """An operand begins here; after another it is a factor."""
        if self._ends:
            self.python.append(JUXTAPOSED)

    def _number(self, piece: str) -> None:
        if self._ends:
            listed = all(kind == "number" or piece in "+-,[]()" for kind, piece in self._tokens)
            raise NotAFormula(piece, OfFormula.LIST if listed else OfFormula.NUMBER_BEHIND)
        if float(piece) > 1e300:
            raise NotAFormula(piece, OfFormula.number(shown(piece)))
        self._say("number", piece)
        self._ends = True

    def _word(self, word: str) -> None:
        while word in names.MODULES and self._peek() == "." and self.vocabulary.input(word) is None:
            word = self._peek(1)
            self._at += 2
        if word in self.vocabulary.functions and self._peek() == "(":
            meanings = [Meaning("known", word)]  # even where an input has the same name
        else:
            meanings = self.vocabulary.meanings(word)
        for meaning in meanings:
            self._operand()
            if meaning.kind == "function":
                self._call(meaning, word if len(meanings) == 1 else meaning.name)
                continue
            if meaning.kind == "known":
                self._known(meaning.name)
            self._say(meaning.kind, meaning.name)
            self._ends = True

    def _known(self, name: str) -> None:
        """Read the arguments of the exercise's own function: its value is known for these alone."""
        arguments = self.vocabulary.functions[name]
        due = ["(", *" , ".join(arguments).split(), ")"]
        typed = [piece for _, piece in self._tokens[self._at : self._at + len(due)]]
        if [self.vocabulary.input(piece) or piece for piece in typed] != due:
            call = name + "".join(piece for _, piece in self._tokens[self._at :]).partition(")")[0] + ")"
            raise NotAFormula(
                call if typed[:1] == ["("] else name, OfFormula.only_known(f"{name}({', '.join(arguments)})")
            )
        self._at += len(due)

    def _call(self, meaning: Meaning, typed: str) -> None:
        """``sin(…)``, ``sin²(…)``, ``sin x``, ``√2``; the name itself has just been read."""
        power = ""
        if self._peek() in ("^", "**"):
            found = _POWER.match(" ".join(piece for _, piece in self._tokens[self._at + 1 : self._at + 5]))
            if found is not None and found[2]:
                raise NotAFormula(typed, OfFormula.INVERSE)
            if found is None or bool(found[1]) != bool(found[4]) or meaning.name not in names.ENTRYWISE:
                raise NotAFormula(typed, OfFormula.POWER_OF_FUNCTION)
            power = found[3]
            self._at += 2 + 2 * bool(found[1])
        self._say("powered" if power else meaning.kind, meaning.name, power)
        if self._peek() in ("(", "[", "{"):
            self._at += 1
            self._bracket(self._tokens[self._at - 1][1], "call")
            return
        kind = self._tokens[self._at][0] if self._at < len(self._tokens) else ""
        argument = self._peek()
        words = self.vocabulary.meanings(argument) if kind == "word" and argument not in names.MODULES else []
        name = len(words) == 1 and words[0].kind in ("input", "constant")
        simple = name or (kind == "number" and typed == "√")
        # How far the argument of a bare sin reaches is clear only if it is one name and nothing clings to it.
        if not simple or self._peek(1) in ("^", "**", ".", "(", "[", "{", "⊤", "'"):
            raise NotAFormula(typed, OfFormula.needs_parentheses(typed))
        self._at += 1
        self.python.append("(")
        self._ends = False
        if words:
            self._say(words[0].kind, words[0].name)
        else:
            self._number(argument)
        self.python.append(")")
        self._ends = True

    def _bracket(self, typed: str, role: Literal["group", "call", "above"]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise NotAFormula("", OfFormula.TOO_DEEP)
        self._open.append(_Open(typed, role))
        self.python.append("(")
        self._ends = False

    def _close(self, typed: str) -> None:
        if not self._open or _CLOSERS[self._open[-1].typed] != typed:
            if self._open and typed in "|‖":
                raise NotAFormula(self._open[-1].typed, OfFormula.unclosed(self._open[-1].typed))
            raise NotAFormula(typed, OfFormula.unopened(typed))
        opened = self._open.pop()
        if not self._ends:
            if self.python[-1] != "(":
                self._incomplete(self._tokens[self._at - 2][1])
            if opened.role != "call":
                raise NotAFormula(opened.typed + typed, OfFormula.EMPTY_BRACKETS)
        self._ends = True
        if opened.role != "above":
            self.python.append(")")
            return
        if self._peek() != "{":
            raise NotAFormula("\\frac", OfFormula.missing_after("\\frac{…}"))
        self._at += 1
        self.python.append(",")
        self._open.append(_Open("{", "call"))
        self._ends = False

    def _incomplete(self, after: str) -> NoReturn:
        raise NotAFormula(after, OfFormula.missing_after(shown(after)))

    def _sign(self, piece: str) -> None:
        if piece in _SIGNS:
            if not self._ends and piece not in "+-":
                raise NotAFormula(piece, OfFormula.missing_before(piece))
            self.python.append(_SIGNS[piece])
            self._ends = False
        elif piece in "([{":
            before = self._tokens[self._at - 2] if self._at > 1 else ("", "")
            if piece == "[" and self._ends and before[0] == "word":
                raise NotAFormula(before[1] + "[", OfFormula.INDEX)
            self._operand()
            self._bracket(piece, "group")
        elif piece in ")]}":
            self._close(piece)
        elif piece in ("|", "||", "‖"):
            self._bars(piece)
        elif piece == ",":
            if not self._open or self._open[-1].role != "call":
                raise NotAFormula("", OfFormula.LIST)
            if not self._ends:
                raise NotAFormula(piece, OfFormula.missing_before(piece))
            self.python.append(",")
            self._ends = False
        elif piece == "√":
            self._operand()
            self._call(Meaning("function", "sqrt"), piece)
        elif piece == "⁄":
            self._fraction()
        elif piece in (".", "⊤"):
            self._attribute(piece)
        elif piece == "=":
            raise NotAFormula(piece, OfFormula.SEVERAL_SIGNS)
        elif piece in "'\"":
            raise NotAFormula(piece, OfFormula.QUOTES)
        elif piece in "∂∇":
            raise NotAFormula(piece, OfFormula.AUTOGRAD)
        else:
            raise NotAFormula(piece, OfFormula.character(shown(piece)))

    def _bars(self, piece: str) -> None:
        """``|x|`` and ``‖x‖``: a bar closes where an operand has ended and one like it is open."""
        inner = self._open[-1].typed if self._open else ""
        if piece == "||":
            later = next((sign for _, sign in self._tokens[self._at :] if sign in ("|", "||")), "")
            # Two bars are a norm's, or two of their own: |x + |y||, |x||y|, ||x| - 1|.
            if (self._ends and inner == "|") or (not self._ends and later == "|"):
                self._bars("|")
                self._bars("|")
                return
            piece = "‖"
        if self._ends and inner == piece:
            self._close(piece)
            return
        self._operand()
        self._say("function", "abs" if piece == "|" else "norm")
        self._bracket(piece, "group")

    def _fraction(self) -> None:
        if self._peek() != "{":
            raise NotAFormula("\\frac", OfFormula.missing_after("\\frac"))
        self._operand()
        self._at += 1
        self._say("function", "frac")
        self._bracket("{", "above")

    def _attribute(self, piece: str) -> None:
        """``A.T``, ``A⊤``, ``x.sum()``."""
        if not self._ends:
            raise NotAFormula(piece, OfFormula.missing_before("ᵀ" if piece == "⊤" else piece))
        word = self._peek() if piece == "." else "T"
        self._at += piece == "."
        if word not in ("T", "mT") and (names.function(word) is None or self._peek() != "("):
            if word.startswith("grad") or word in names.AUTOGRAD:
                raise NotAFormula(word, OfFormula.AUTOGRAD)
            raise NotAFormula("." + word, OfFormula.attribute(shown(word)))
        self.python.append(".")
        self._say("attribute", "T" if word in ("T", "mT") else str(names.function(word)))
        if word not in ("T", "mT"):
            self._at += 1
            self._bracket("(", "call")
