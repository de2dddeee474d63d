"""LaTeX in a terminal: ``$2x_i^2$`` becomes 2xᵢ².

It is read with its braces matched; what has no character of its own is written out in one line.
"""

from __future__ import annotations

import re
from typing import Final

_SYMBOLS: Final = {
    "partial": "∂", "nabla": "∇", "odot": "⊙", "cdot": "·", "times": "×", "top": "ᵀ", "sum": "∑", "prod": "∏",
    "neq": "≠", "ne": "≠", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "lVert": "‖", "rVert": "‖",
    "Vert": "‖", "|": "‖", "dots": "…", "ldots": "…", "cdots": "⋯", "to": "→", "mapsto": "↦", "in": "∈",
    "approx": "≈", "infty": "∞", "pm": "±", "int": "∫", "alpha": "α", "beta": "β", "delta": "δ",
    "Delta": "Δ", "varepsilon": "ε", "epsilon": "ε", "theta": "θ", "lambda": "λ", "mu": "μ", "pi": "π",
    "sigma": "σ", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨", "rangle": "⟩",
    "quad": "  ", "qquad": "    ", "colon": ":", "mid": "|", "Rightarrow": "⇒", "rightarrow": "→",
    "prime": "′", "circ": "∘", "equiv": "≡", "ell": "ℓ", "forall": "∀", "star": "⋆", "otimes": "⊗",
}  # fmt: skip
_PLAIN: Final = frozenset(
    {"mathbf", "mathrm", "mathit", "mathsf", "mathtt", "mathcal", "text", "operatorname", "boldsymbol", "bm"}
)
_DROPPED: Final = frozenset(
    {
        "left",
        "right",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "big",
        "Big",
        "displaystyle",
        "limits",
        "bigg",
        "Bigg",
        "!",
    }
)
_OPENING: Final = frozenset({"lVert", "lfloor", "lceil", "langle"})
_OVER: Final = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
_RAISED: Final = str.maketrans("0123456789+-nTij′ᵀ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀⁱʲ′ᵀ")
_LOWERED: Final = str.maketrans("0123456789+-ijknxa", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙₓₐ")
_PART: Final = re.compile(r"\\([A-Za-z]+|.)|([{}^_&])|(\s+)|([^\\{}^_&\s]+?(?=[\\{}^_&\s]|$))", re.DOTALL)


def readable_mathematics(markdown: str) -> str:
    """A prompt in which each formula between dollar signs is plain Unicode."""

    def shown(found: re.Match[str]) -> str:
        text = re.sub(r" {2,}", " ", re.sub(r"([∂∇]) +", r"\1", _Reader(found[1]).all()))
        # What is left must mean nothing to Markdown.
        return re.sub(r"([\\`*_<\[\]])", r"\\\1", text)

    return re.sub(r"\${1,2}([^$]+)\${1,2}", shown, markdown)


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, latex: str) -> None:
        self._parts = [m.group() for m in _PART.finditer(latex)]
        self._at = 0

    def all(self, end: str | None = None) -> str:
        """Everything up to ``end``, which is taken too."""
        parts: list[str] = []
        while self._at < len(self._parts):
            if self._parts[self._at] == end:
                self._at += 1
                break
            parts.append(self._piece())
        return "".join(parts)

    def _piece(self) -> str:
        part = self._parts[self._at]
        self._at += 1
        if part == "{":
            return self.all("}")
        if part in "^_":
            table, mark = (_RAISED, "^") if part == "^" else (_LOWERED, "_")
            return _script(self._argument(), table, mark)
        if part.isspace():
            return " "
        if part == "&":
            return " "
        if part == "}":
            return ""
        return self._command(part[1:]) if part.startswith("\\") else part

    def _argument(self) -> str:
        """What a command applies to: a group, a command, or one character."""
        while self._at < len(self._parts) and self._parts[self._at].isspace():
            self._at += 1
        if self._at >= len(self._parts):
            return ""
        part = self._parts[self._at]
        if part == "{" or part.startswith("\\"):
            return self._piece()
        self._parts[self._at] = part[1:]
        if not part[1:]:
            self._at += 1
        return part[0]

    def _command(self, name: str) -> str:
        if name in ("frac", "dfrac", "tfrac"):
            return f"{_held(self._argument())}/{_held(self._argument())}"
        if name == "sqrt":
            return f"√{_held(self._argument())}"
        if name in _PLAIN:
            return self._argument()
        if name in _OVER:
            return self._argument() + _OVER[name]
        if name == "mathbb":
            return {"R": "ℝ", "N": "ℕ", "Z": "ℤ"}.get(letter := self._argument(), letter)
        if name in ("begin", "end"):
            kind = self._argument()
            return ("{ " if name == "begin" else " }") if kind == "cases" else ""
        if name in ("\\", "\n"):
            return "; "
        if name in _DROPPED or name in _OPENING:
            while self._at < len(self._parts) and self._parts[self._at].isspace():
                self._at += 1
            return _SYMBOLS.get(name, "")
        if name in ",;: ":
            return " "
        return _SYMBOLS.get(name, name)


def _held(text: str) -> str:
    """In brackets, unless it is one thing."""
    return text if re.fullmatch(r"\w+[′ᵀ]?|[^\w\s]|\([^()]*\)", text.strip()) else f"({text.strip()})"


def _script(text: str, table: dict[int, int], mark: str) -> str:
    if all(ord(c) in table for c in text):
        return text.translate(table)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"
