"""The words of an exercise: both languages, hints that ask, LaTeX that can be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from latex2mathml.converter import convert

from grader.authoring.findings import Finding, Folder
from grader.model.exercise import Exercise
from grader.model.text import EMPTY, Text

_FORMULA: Final = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$([^$\n]+?)\$", re.DOTALL)
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_CODE: Final = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def prove_texts(exercise: Exercise, folder: Folder) -> Iterator[Finding]:
    """What a reader of either language would stumble over."""
    for where, text in _texts(exercise):
        for lacking in _lacking(text):
            yield folder.in_exercise(f"{where}: {lacking}", where)
    for language, prompt in (("en", exercise.prompt.en), ("zh", exercise.prompt.zh)):
        name = f"prompt.{language}.md"
        if not prompt.strip():
            yield folder.in_exercise("the prompt is empty", name=name)
        if language == "zh" and prompt.strip() and not _CHINESE.search(prompt):
            yield folder.in_exercise("this prompt is not Chinese", name=name)
        yield from _latex(prompt, folder, name)
    solution = exercise.solution
    if solution is not None and folder.solution is not None:
        for n, wrong in enumerate(solution.misconceptions):
            where = f"$.misconception[{n}]"
            for part, text in (("message", wrong.message), ("hint", wrong.hint)):
                for lacking in _lacking(text):
                    yield folder.in_solution(f"misconception '{wrong.id}', {part}: {lacking}", where)
            asks = wrong.hint.en.rstrip().endswith("?") and wrong.hint.zh.rstrip().endswith("？")
            if not asks:
                yield folder.in_solution(
                    f"misconception '{wrong.id}': a hint asks a question, in both languages", where
                )


def _texts(exercise: Exercise) -> Iterator[tuple[str, Text]]:
    yield "$.title", exercise.title
    yield "$.summary", exercise.summary
    if exercise.hint != EMPTY:
        yield "$.hint", exercise.hint
    for n, check in enumerate(exercise.checks):
        yield f"$.check[{n}].title", check.title
    for n, answer in enumerate(exercise.answers):
        yield f"$.answer[{n}].ask", answer.ask
        for k, option in enumerate(answer.option):
            yield f"$.answer[{n}].option[{k}].text", option.text


def _lacking(text: Text) -> Iterator[str]:
    if not text.en.strip():
        yield "there is no English text"
    if not text.zh.strip():
        yield "there is no Chinese text"
    if _CHINESE.search(text.en):
        yield "the English text is Chinese"


def _latex(prompt: str, folder: Folder, name: str) -> Iterator[Finding]:
    """Each formula must be convertible, and its braces must match."""
    plain = _CODE.sub(lambda m: " " * len(m.group()), prompt)
    for found in _FORMULA.finditer(plain):
        latex = found.group(1) or found.group(2)
        line = plain[: found.start()].count("\n") + 1
        path = folder.exercise / name
        if not _matched(latex):
            # The converter forgives it, and shows something else than was meant.
            yield folder.at(path, line, f"this LaTeX cannot be shown: ${latex}$ (its braces do not match)")
            continue
        try:
            converted = convert(latex)
        except Exception as error:  # noqa: BLE001 - the converter raises many types
            yield folder.at(path, line, f"this LaTeX cannot be shown: ${latex}$ ({type(error).__name__})")
            continue
        # What the converter does not know it passes through as the command's name.
        unknown = re.search(r"\\[A-Za-z]+", converted)
        if unknown:
            yield folder.at(path, line, f"this LaTeX has an unknown command: {unknown.group()}")


def _matched(latex: str) -> bool:
    """Whether every brace that opens is closed; ``\\{`` is a character and no brace."""
    depth = 0
    for brace in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0
