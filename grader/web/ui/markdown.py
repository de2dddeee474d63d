"""Markdown with LaTeX between dollar signs, as prompts are written, turned into safe HTML with MathML.

Nothing here can raise because of what an author wrote: LaTeX that cannot be converted is
shown as its source. Raw HTML in a prompt is shown as text (the ``js-default`` preset), and
MathML is rebuilt from an allow-list of elements and attributes, because the converter lets
markup inside ``\\text{…}`` and addresses inside ``\\href{…}`` through as they are.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin

LONGEST_FORMULA = 4000
_ELEMENTS = frozenset(
    {
        "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded",
        "mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup",
        "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none",
    }
)  # fmt: skip
_ATTRIBUTES = frozenset(
    {
        "accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle",
        "fence", "form", "height", "linebreak", "linethickness", "lspace", "mathcolor", "mathsize",
        "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing",
        "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
    }
)  # fmt: skip


@lru_cache(maxsize=512)
def render(markdown: str) -> Markup:
    """HTML of a prompt. Cached by its text, so a changed prompt is a new entry."""
    return Markup(_markdown().render(markdown))  # noqa: S704 - js-default escapes all raw HTML


@lru_cache(maxsize=2048)
def formula(latex: str, block: bool = False) -> str:
    """MathML of one formula, or its escaped source in ``<code>`` when it cannot be converted."""
    try:
        if len(latex) > LONGEST_FORMULA:
            raise ValueError("longer than a formula is")
        element = convert_to_element(latex, display="block" if block else "inline")
        _clean(element)
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # noqa: BLE001 - the converter raises many types; a prompt must stay readable
        return f'<code class="latex">{html.escape(latex)}</code>'


def _clean(element: ElementTree.Element) -> None:
    """Keep what is MathML and turn the converter's character references into characters.

    :raises ValueError: for an element that is not MathML, or a command the converter does not
        know (it leaves ``\\command`` standing as an identifier).
    """
    if element.tag not in _ELEMENTS:
        raise ValueError("not MathML")
    for name in list(element.attrib):
        if name not in _ATTRIBUTES:
            del element.attrib[name]
    if element.tag == "math":
        element.set("xmlns", "http://www.w3.org/1998/Math/MathML")
    if element.text:
        element.text = html.unescape(element.text)
        if element.tag != "mtext" and element.text.startswith("\\"):
            raise ValueError("an unknown command")
    for child in element:
        _clean(child)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("js-default")
    markdown.use(dollarmath_plugin, allow_labels=False, double_inline=True, renderer=_math)
    markdown.core.ruler.push("lower_headings", _lower_headings)
    return markdown


def _math(latex: str, options: dict[str, Any]) -> str:
    return formula(latex.strip(), bool(options.get("display_mode")))


def _lower_headings(state: StateCore) -> None:
    """The page's title is the only first-level heading, so a prompt's headings move down by one."""
    tokens: Sequence[Any] = state.tokens
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1:]) + 1)}"
