"""Given code: where it asks for a typed answer.

``# x_grad: ?`` at the end of a line asks for it, ``# lines[2]: ?`` for one entry; a question may stand
between the colon and the question mark.
"""

from __future__ import annotations

import functools
import io
import re
import tokenize
from typing import Final, NamedTuple

_ASKS: Final = re.compile(r"(?:^|\s)([A-Za-z_]\w*)((?:\[\d+\])*)[:：]\s*[^:：]*[?？]\s*$")
_NAMELESS: Final = re.compile(r"\s*[?？]\s*")


class Asked(NamedTuple):
    """A place in given code at which an answer is asked for.

    :ivar line: from 1.
    :ivar name: of the answer; empty where none stands beside the question mark.
    :ivar at: the index of the one entry that is asked for; empty: the whole answer is.
    """

    line: int
    name: str
    at: tuple[int, ...] = ()


@functools.lru_cache(maxsize=512)
def asked_in(code: str) -> tuple[Asked, ...]:
    """The places in ``code``, in order.

    :raises tokenize.TokenError: it is no Python (or SyntaxError).
    """
    found = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type != tokenize.COMMENT:
            continue
        remark = token.string.lstrip("#")
        asks = _ASKS.search(remark)
        if asks is not None:
            at = tuple(int(index) for index in re.findall(r"\d+", asks[2]))
            found.append(Asked(token.start[0], asks[1], at))
        elif _NAMELESS.fullmatch(remark):
            found.append(Asked(token.start[0], ""))
    return tuple(found)
