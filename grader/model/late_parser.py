"""Reading of late rules as people type them, in English and Chinese: ``until +1 day: 90 %; +3 days: 50 %``.

A scanner and a recursive descent of two levels. It is lenient with punctuation, abbreviations and what is
left out, and strict with meaning: what takes points off (``-10 %``) or holds *from* a time on is refused
and never guessed at, since a grade depends on it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from grader.model import policy_sentences as sentences
from grader.model.late import MOST_SECONDS, PRACTICE, LateStep, check_steps, duration
from grader.model.policy_sentences import PolicyError
from grader.model.text import Text

MOST_CHARACTERS: Final = 1_000

Kind = Literal[
    "number", "unit", "percent", "percent-of", "comma", "break", "filler", "after", "practice", "off",
    "minus", "end",
]  # fmt: skip

_UNIT_WORDS: Final = {
    604_800: "w wk wks week weeks 周 星期 礼拜 个星期 个礼拜",
    86_400: "d day days 天 日",
    3_600: "h hr hrs hour hours 小时 个小时 钟头 个钟头",
    60: "m min mins minute minutes 分钟",
    1: "s sec secs second seconds 秒 秒钟",
}
_WORDS: Final[dict[Kind, str]] = {
    "percent": "% percent pct per cent",
    "percent-of": "百分之",
    "filler": "+ until till up to within by late then and is are worth counts at the of due date deadline"
    " 直到 到 至 止 为止 内 以内 之内 迟交 晚交 逾期 超时 延迟 截止 截止后 截止时间 截止时间后 到期后"
    " 然后 且 得 计 算 按 可得",
    "after": "after afterwards later thereafter beyond 之后 以后 此后 其后 过后 后 超过 更晚",
    "practice": "practice practise only 练习 仅供练习 只算练习 仅作练习 不计分",
    "off": "minus less off deduct penalty lose 扣 扣除 减 减去 折",
    "minus": "- − – —",
    "comma": ",",
    "break": ": ; \n = → 、 。 . | /",
}
_CHINESE_NUMERALS: Final = dict(zip("一二三四五六七八九十两", [*range(1, 11), 2], strict=True))
_KINDS: Final[dict[str, Kind]] = {word: kind for kind, words in _WORDS.items() for word in words.split(" ")}
_UNITS: Final = {word: length for length, words in _UNIT_WORDS.items() for word in words.split()}
_BY_LENGTH: Final = sorted((w for w in [*_KINDS, *_UNITS] if not w.isascii()), key=len, reverse=True)
_TOKEN: Final = re.compile(
    rf"(?P<blank>[^\S\n]+)|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+|[{''.join(_CHINESE_NUMERALS)}])"
    rf"|(?P<word>[a-z]+|->|=>|{'|'.join(map(re.escape, _BY_LENGTH))}|[-+%,:;\n=.|/])|(?P<odd>[^\W0-9]+|.)"
)


@dataclass(frozen=True)
class _Token:
    """A piece of the text.

    :ivar value: of a number itself, of a unit its seconds.
    :ivar glued: nothing stands between it and the piece before it.
    """

    kind: Kind
    text: str
    value: float = 0.0
    glued: bool = False


def parse_late(text: str) -> tuple[LateStep, ...]:
    """The late rule that was typed; none of it where nothing was.

    :raises PolicyError: it cannot be understood, or is no late rule.
    """
    if len(text) > MOST_CHARACTERS:
        raise PolicyError("late", sentences.TOO_LONG)
    return _Reader(_scan(text)).steps()


def _scan(text: str) -> list[_Token]:
    plain = unicodedata.normalize("NFKC", text).replace("\r", "\n").casefold()
    tokens: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(plain):
        piece, glued = match.group(), match.start() == end
        if match.lastgroup == "blank":
            continue
        end = match.end()
        if match.lastgroup == "number":
            value = float(_CHINESE_NUMERALS.get(piece, 0) or piece)
            tokens.append(_Token("number", piece, value, glued))
        elif piece in _UNITS:
            tokens.append(_Token("unit", piece, float(_UNITS[piece]), glued))
        elif piece in ("->", "=>"):
            tokens.append(_Token("break", piece))
        elif piece in _KINDS:
            tokens.append(_Token(_KINDS[piece], piece, glued=glued))
        else:
            raise _error(sentences.not_understood(piece))
    return tokens


def _error(sentence: Text) -> PolicyError:
    return PolicyError("late", sentence)


class _Reader:
    """A late rule from left to right: steps, each a time and what an answer is worth, perhaps ``after``."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._at = tokens, 0

    def steps(self) -> tuple[LateStep, ...]:
        found: list[LateStep] = []
        said = False
        while self._skip("filler", "comma", "break") != "end":
            if self._kind() in ("after", "practice"):
                self._after()
                said = True
                break
            found.append(self._step())
        check_steps(found)
        return PRACTICE if said and not found else tuple(found)

    def _kind(self, ahead: int = 0) -> Kind:
        at = self._at + ahead
        return self._tokens[at].kind if at < len(self._tokens) else "end"

    def _skip(self, *kinds: Kind) -> Kind:
        """Go on behind pieces of these kinds; what comes then."""
        while self._kind() in kinds:
            self._at += 1
        return self._kind()

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _step(self) -> LateStep:
        seconds = self._time()
        if not 0 < seconds <= MOST_SECONDS:
            raise _error(sentences.TIME_RANGE)
        kind = self._skip("filler", "comma", "break", "percent-of")
        if kind == "practice":
            self._practice()
            return LateStep(seconds, 0.0)
        if kind in ("minus", "off"):
            raise _error(sentences.TAKES_OFF)
        if kind == "after":
            raise _error(sentences.FROM_THEN)
        if kind != "number" or self._kind(1) == "unit":
            raise _error(sentences.no_percent(duration(seconds)))
        return LateStep(seconds, self._percent())

    def _time(self) -> int:
        """A time after the due date, perhaps of several units: the larger ones first."""
        total, smallest = 0.0, float("inf")
        while True:
            if self._kind() != "number":
                raise self._no_time()
            size = self._decimals("unit")
            if self._kind() != "unit":
                raise _error(sentences.no_unit(f"{size:g}"))
            unit = self._take().value
            total, smallest = total + size * unit, unit
            if total > MOST_SECONDS:
                raise _error(sentences.TIME_RANGE)
            here = self._at
            while self._kind() == "comma" or (
                self._kind() == "filler" and self._tokens[self._at].text == "and"
            ):
                self._at += 1
            if not (self._starts_time() and self._unit_ahead() < smallest):
                self._at = here
                return round(total)

    def _starts_time(self) -> bool:
        """Whether a number with a unit comes, perhaps one with a decimal comma."""
        return self._kind() == "number" and (self._kind(1) == "unit" or self._has_decimals("unit"))

    def _unit_ahead(self) -> float:
        return self._tokens[self._at + (1 if self._kind(1) == "unit" else 3)].value

    def _has_decimals(self, before: Kind) -> bool:
        """Whether the number has a decimal comma: ``1,5 days``. In ``90,3 days`` the comma ends a step."""
        following = self._tokens[self._at + 1 : self._at + 4]
        kinds = [token.kind for token in following]
        return kinds == ["comma", "number", before] and following[0].glued and following[1].glued

    def _decimals(self, before: Kind) -> float:
        """The number that comes, with its decimal comma if there is one."""
        if not self._has_decimals(before):
            return self._take().value
        whole, _comma, part = self._take(), self._take(), self._take()
        if not (whole.text.isdecimal() and part.text.isdecimal()):
            raise _error(sentences.not_understood(f"{whole.text},{part.text}"))
        return float(f"{whole.text}.{part.text}")

    def _percent(self) -> float:
        value = self._decimals("percent")
        self._skip("percent")
        if self._skip("filler") == "off":
            raise _error(sentences.TAKES_OFF)
        return value

    def _practice(self) -> None:
        """``practice``, perhaps with the 0 % that it is worth."""
        kind = self._skip("practice", "filler", "comma", "break", "percent-of")
        if kind in ("minus", "off"):
            raise _error(sentences.TAKES_OFF)
        if kind == "number" and self._kind(1) != "unit" and self._percent() != 0:
            raise _error(sentences.AFTER_IS_ZERO)

    def _after(self) -> None:
        """What is said of the time after the last step."""
        self._skip("after", "filler", "comma", "break")
        if self._starts_time():
            raise _error(sentences.FROM_THEN)
        self._practice()
        if self._skip("filler", "comma", "break") != "end":
            raise _error(sentences.AFTER_IS_LAST)

    def _no_time(self) -> PolicyError:
        kind = self._kind()
        if kind in ("minus", "off"):
            return _error(sentences.BEFORE_DUE if kind == "minus" else sentences.TAKES_OFF)
        return _error(sentences.not_understood(self._tokens[self._at].text if kind != "end" else ""))
