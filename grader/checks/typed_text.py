"""Text of a typed answer in one plain spelling: signs, powers of ten, π, what torch prints, rows of a matrix.

Nothing here looks at what it means: that is left to :mod:`grader.checks.typed`. What is typed is hostile, so
every pattern reads on without looking back far.
"""

from __future__ import annotations

import re
import string
from typing import Final

_PUNCTUATION: Final = (
    str.maketrans(
        "，、；;﹐［］【】（）()−–－‐‑﹣＋﹢。．｡　＝:：／÷∕⁄＊×∗⋅·∙•✕✖＾",
        ",,,,,[][][][]------++... =  ////*********^",
    )
    # Full-width letters and digits, as an input method for Chinese leaves them, and what pasting brings along
    # unseen.
    | {letter + 0xFEE0: letter for letter in map(ord, string.ascii_letters + string.digits)}
    | dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
)
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_APART: Final = re.compile(r"(?<=[\d.])[ ]+([+-])[ ]+(?=[\d.]*[ijIJ]\b)")
"""The spaces of ``1 + 2j``, which is one number."""
_SHOWN_BESIDE: Final = re.compile(
    r",\s*(?:grad_fn\s*=\s*<[^<>]*>|dtype\s*=\s*[\w.]+|requires_grad\s*=\s*\w+|device\s*=\s*'[^']*')(?=\s*[,\]])"
)
"""What torch prints of a tensor besides its numbers."""
_ROUGHLY: Final = re.compile(r"(?:(?<![\w.\])])[≈≃≅≒~～∼]|约等于|大约|约)[ ]?(?=[-+.\dπ])")
_EXPONENT: Final = r"[-+]?\d{1,3}"
_TEN: Final = re.compile(
    r"(?:(?P<by>(?<=[\d.])[ ]?(?:[*xX]|\\times|\\cdot)[ ]?)|(?<![\w.*/^]))10[ ]?"
    rf"(?:(?:\^|\*\*)[ ]?(?:(?P<plain>{_EXPONENT})|\{{(?P<braced>{_EXPONENT})\}}|\[(?P<inside>{_EXPONENT})\])"
    r"|(?P<raised>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))(?![\w.^])"
)
"""``8.24×10^-2``, ``8.24*10**(-2)``, ``10⁻²``: powers of ten, which Python writes ``8.24e-2``."""
_PI: Final = re.compile(
    r"(?<![A-Za-z0-9_.])(?:(?:math|torch|np|numpy)\.)?(?:pi|PI|Pi|π|\\pi)(?![A-Za-z_])|(?<=\d)(?:pi|π|\\pi)(?![A-Za-z_])"
)
_TIMES: Final = re.compile(r"(?<=[\d.π])[ ]?\*[ ]?(?=[-+\d.π])")
_OVER: Final = re.compile(r"(?<=[\d.π])[ ]?/[ ]?(?=[-+\d.π])")


def plainly(text: str) -> str:
    """``text`` in ASCII signs, as far as what it says is a number; π stays π."""
    plain = re.sub(r"\s+", " ", text.translate(_PUNCTUATION)).strip()
    plain = _APART.sub(r"\1", plain)
    plain = _SHOWN_BESIDE.sub("", plain)
    plain = re.sub(r"^(?:torch\.)?tensor ?\[(.*)\]$", r"\1", plain)
    plain = _ROUGHLY.sub("", plain)
    plain = _TEN.sub(_power_of_ten, plain)
    plain = _PI.sub("π", plain)
    # 1 / 4 is one number; a minus that stands apart is not: "1 - 2" can mean two.
    return _OVER.sub("/", _TIMES.sub("*", plain))


def _power_of_ten(found: re.Match[str]) -> str:
    exponent = found["plain"] or found["braced"] or found["inside"] or found["raised"].translate(_RAISED)
    return f"{'' if found['by'] else '1'}e{exponent}"


_TRUTHS: Final = {
    **dict.fromkeys(["是的", "正确", "真", "会", "有", "能", "相等", "等于"], "True"),
    **dict.fromkeys(
        ["不是", "不对", "错误", "假", "不会", "没有", "没", "不能", "不相等", "不等于"], "False"
    ),
}


def truths(text: str) -> str:
    """An answer of True or False that repeats the verb of its question: 会……吗, 有没有……, 能……吗."""
    return re.sub(r"[^\W\d_]+", lambda word: _TRUTHS.get(word[0], word[0]), text)


_ROWS: Final = re.compile(r"[;；\n]+")
_LEFT: Final = "[(［（【"
_RIGHT: Final = "])］）】"


def rows(text: str) -> str:
    """A matrix whose rows are told apart by lines or by semicolons, with each row in brackets.

    Within brackets only a semicolon begins a row: a list may go on in the next line.
    """
    inner = text.strip()
    between = _ROWS
    if inner[:1] and inner[0] in _LEFT and inner[-1] in _RIGHT:
        inner, between = inner[1:-1], re.compile("[;；]+")
    if any(bracket in inner for bracket in _LEFT + _RIGHT):
        return text
    found = [row for row in between.split(inner) if row.strip(" \t\r,，、")]
    return "\n".join(f"[{row}]" for row in found) if len(found) > 1 else text
