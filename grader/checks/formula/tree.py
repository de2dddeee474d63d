"""Syntax tree of a formula as it was understood, and how that is shown: as plain text and as MathML.

Both are made from the tree alone, so what is shown is what will be judged, and nothing that was typed reaches
a page but numbers and the exercise's own names. The plain text is itself a formula, read as the same tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final


@dataclass(frozen=True)
class Node:
    """One part of a formula.

    :ivar kind: ``number``, ``input``, ``constant``, ``known`` (the exercise's own f), ``call``, ``negative``,
        ``T``, ``compare``, or a sign: ``+ - * / ^ @``, and a space for a product without a sign.
    :ivar name: the number as typed, the name, or the signs of a comparison.
    """

    kind: str
    name: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Formula:
    """A formula that was read.

    :ivar text: as typed, without space around it.
    :ivar names: the inputs it uses; those of ``f(a)`` count.
    """

    text: str
    names: frozenset[str]
    tree: Node = field(repr=False)


_LEVELS: Final = {"compare": 0, "+": 1, "-": 1, "*": 2, " ": 2, "@": 2, "/": 2, "negative": 3, "^": 4}
_ATOM: Final = 5
_SHOWN: Final = {"pi": "π", "log": "ln"}
_BARS: Final = {"abs": "|", "norm": "‖"}
_SIGNS: Final = {"*": "·", " ": "\u2009", "/": "/", "+": " + ", "-": " - ", "@": " @ "}
_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_COMPARED: Final = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "="}


def to_text(formula: Formula) -> str:
    """The formula in one line: ``2·x·sin(x)``, ``x²``; a thin space stands for a product without a sign."""
    return text_of(formula.tree)


def to_mathml(formula: Formula) -> str:
    """The formula as presentation MathML, well-formed XML: ``<math>…</math>``."""
    return f"<math>{_mathml(_in_print(formula.tree))}</math>"


def _clashes(node: Node, sign: str) -> bool:
    """Whether a right operand would run into the sign before it: ``x - -y``, or ``2 3`` for ``2 (3)``."""
    while node.parts and node.kind in _LEVELS and node.kind != "negative":
        node = node.parts[0]
    return node.kind == "negative" or (sign == " " and node.kind == "number")


# Plain text.


def text_of(node: Node) -> str:
    """One part of it, likewise."""
    parts = node.parts
    match node.kind:
        case "number" | "input" | "constant":
            return _SHOWN.get(node.name, node.name) if node.kind == "constant" else node.name
        case "negative":
            return "-" + _inside(parts[0], _LEVELS["^"])
        case "T":
            return _inside(parts[0], _ATOM) + "ᵀ"
        case "^":
            base, power = _inside(parts[0], _ATOM), text_of(parts[1])
            if power.removeprefix("-").isdecimal() and len(power) <= 3:
                return base + power.translate(_RAISED)
            # Asking _inside would write the exponent twice, and that of a tower of powers 2ⁿ times.
            return f"{base}^{power}" if parts[1].kind not in _LEVELS else f"{base}^({power})"
        case "compare":
            pieces = [_inside(part, 1) for part in parts]
            return pieces[0] + "".join(
                f" {s} {p}" for s, p in zip(node.name.split(), pieces[1:], strict=True)
            )
        case "call" | "known":
            inner = ", ".join(map(text_of, parts))
            bar = _BARS.get(node.name, "") if node.kind == "call" else ""
            if bar and bar not in inner:  # of |x|y|z| nobody could say which bars belong together
                return bar + inner + bar
            if node.kind == "call" and node.name == "sqrt":
                return f"√({inner})"
            return f"{_SHOWN.get(node.name, node.name)}({inner})"
    level = _LEVELS[node.kind]
    right = f"({text_of(parts[1])})" if _clashes(parts[1], node.kind) else _inside(parts[1], level + 1)
    return _inside(parts[0], level) + _SIGNS[node.kind] + right


def _inside(node: Node, least: int) -> str:
    """The part, in parentheses if it binds less than ``least``."""
    return text_of(node) if _LEVELS.get(node.kind, _ATOM) >= least else f"({text_of(node)})"


# MathML.

# The line of a fraction holds it together, but a power of it needs parentheses, as does a power of a power.
_MATH_LEVELS: Final = _LEVELS | {"/": 4, "T": 4}
_THIN: Final = '<mspace width="0.1667em"></mspace>'


def _in_print(node: Node) -> Node:
    """``dot(a, b)`` as ``aᵀ b``: with a dot between it would look like the product entry by entry."""
    parts = tuple(map(_in_print, node.parts))
    if (node.kind, node.name) == ("call", "dot"):
        return Node(" ", "", (Node("T", "", parts[:1]), parts[1]))
    return Node(node.kind, node.name, parts)


def _mathml(node: Node) -> str:
    parts = node.parts
    match node.kind:
        case "number":
            return f"<mn>{escape(node.name)}</mn>"
        case "input":
            return _name(node.name)
        case "constant":
            return _name(_SHOWN.get(node.name, node.name))
        case "negative":
            return _row(_sign("−"), _wrapped(parts[0], 4))
        case "T":
            return f"<msup>{_wrapped(parts[0], _ATOM)}{_sign('⊤')}</msup>"
        case "^":
            return f"<msup>{_wrapped(parts[0], _ATOM)}{_row(_mathml(parts[1]))}</msup>"
        case "/":
            return f"<mfrac>{_row(_mathml(parts[0]))}{_row(_mathml(parts[1]))}</mfrac>"
        case "compare":
            pieces = [_wrapped(parts[0], 1)]
            for sign, part in zip(node.name.split(), parts[1:], strict=True):
                pieces += [_sign(_COMPARED.get(sign, sign)), _wrapped(part, 1)]
            return _row(*pieces)
        case "call" | "known":
            return _math_call(node)
    level = _MATH_LEVELS[node.kind]
    clash = parts[1].kind != "/" and _clashes(parts[1], node.kind)
    right = _parenthesised(_mathml(parts[1])) if clash else _wrapped(parts[1], level + 1)
    return _row(_wrapped(parts[0], level), _math_sign(node.kind), right)


def _math_call(node: Node) -> str:
    parts, name = node.parts, node.name if node.kind == "call" else ""
    inner = _sign(",").join(map(_mathml, parts))
    if name in _BARS:
        return _row(_sign(_BARS[name]), inner, _sign(_BARS[name]))
    if name == "sqrt":
        return f"<msqrt>{inner}</msqrt>"
    if name in ("sum", "prod"):
        return _row(_sign("∑" if name == "sum" else "∏"), _parenthesised(inner))
    return _row(_name(_SHOWN.get(node.name, node.name)), _sign("\u2061"), _parenthesised(inner))


def _math_sign(kind: str) -> str:
    return _THIN if kind == " " else _sign({"*": "·", "-": "−"}.get(kind, kind))


def _wrapped(node: Node, least: int) -> str:
    return _mathml(node) if _MATH_LEVELS.get(node.kind, _ATOM) >= least else _parenthesised(_mathml(node))


def _parenthesised(inner: str) -> str:
    return _row(_sign("("), inner, _sign(")"))


def _row(*pieces: str) -> str:
    return f"<mrow>{''.join(pieces)}</mrow>"


def _name(name: str) -> str:
    return f"<mi>{escape(name)}</mi>"


def _sign(sign: str) -> str:
    return f"<mo>{escape(sign)}</mo>"
