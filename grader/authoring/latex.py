"""LaTeX in a prompt, checked: dollars in pairs, braces that match, commands that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from latex2mathml.commands import MATRICES
from latex2mathml.converter import convert_to_element

from grader.authoring.findings import Finding, Folder

FORMULA: Final = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$([^$\n]+?)(?<!\\)\$", re.DOTALL)
CODE: Final = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_ENVIRONMENTS: Final = {name.removeprefix("\\") for name in MATRICES}
_PARTS: Final = {"mfrac": 2, "msup": 2, "msub": 2, "mroot": 2, "munder": 2, "mover": 2, "msubsup": 3}
"""Elements that show something else than was meant when a part of theirs is missing."""


def prove_latex(prompt: str, folder: Folder, name: str) -> Iterator[Finding]:
    """What cannot be shown in one prompt, each with its line."""
    path = folder.exercise / name
    plain = CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), prompt)
    for found in FORMULA.finditer(plain):
        latex = found.group(1) or found.group(2)
        line = plain[: found.start()].count("\n") + 1
        why = trouble(latex)
        if why is not None:
            yield folder.at(path, line, why)
    rest = FORMULA.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), plain)
    for dollar in re.finditer(r"(?<!\\)\$+", rest):
        line = rest[: dollar.start()].count("\n") + 1
        what = f"a formula begins or ends here with {dollar.group()}, and its other end is not there"
        yield folder.at(path, line, rf"{what}; for the character itself write \$")
        return  # each of the others would be the same one, counted from its wrong end


def trouble(latex: str) -> str | None:
    """Why a formula cannot be shown as it was meant; None when it can."""
    shown = f"this LaTeX cannot be shown: ${' '.join(latex.split())}$"
    if not _matched(latex):
        return f"{shown} (its braces do not match)"  # the converter forgives it
    for name in re.findall(r"\\begin\{([^}]*)\}", latex):
        if name not in _ENVIRONMENTS:
            known = ", ".join(sorted(n for n in _ENVIRONMENTS if not n.endswith("*")))
            return f"{shown} (there is no environment '{name}'; there are {known})"
    try:
        element = convert_to_element(latex)
    except Exception as error:  # noqa: BLE001 - the converter raises many types
        return f"{shown} ({type(error).__name__})"
    # What the converter does not know it passes through as the command's name.
    unknown = re.search(r"\\[A-Za-z]+", ElementTree.tostring(element, encoding="unicode"))
    if unknown:
        return f"this LaTeX has an unknown command: {unknown.group()}"
    for part in element.iter():
        if len(part) < _PARTS.get(part.tag, 0):
            return f"{shown} (a part is missing: {_COMMANDS.get(part.tag, part.tag)} takes two)"
    return None


_COMMANDS: Final = {"mfrac": "a fraction", "mroot": "a root with an index"}


def _matched(latex: str) -> bool:
    """Whether every brace that opens is closed; ``\\{`` is a character and no brace."""
    depth = 0
    for brace in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0
