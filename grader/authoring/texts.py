"""The words of an exercise: each in the language of its place, hints that ask, LaTeX that can be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.authoring.findings import Finding, Folder
from grader.authoring.latex import CODE, FORMULA, prove_latex
from grader.model.exercise import Exercise
from grader.model.text import EMPTY, Text

_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_NAME: Final = re.compile(r"[（(][\u3400-\u4dbf\u4e00-\u9fff·]{1,8}[)）]")
"""A person's or a thing's name beside its spelling in English: ``Zu Chongzhi (祖冲之)``."""
_WORD: Final = re.compile(r"(?<![\w.])[A-Za-z][a-z]+(?:['’-][a-z]+)*(?![\w(]|\.\w)")
"""A word of English; ``x.grad``, ``f(x)`` and ``no_grad`` are none."""
_LATEX: Final = re.compile(r"\$[^$\n]*[\\^_][^$\n]*\$")
_TODO: Final = re.compile(r"\bTODO\b")


def prove_texts(exercise: Exercise, folder: Folder) -> Iterator[Finding]:
    """What a reader of either language would stumble over."""
    yield from _left_to_do(folder)
    for where, text in _texts(exercise):
        for lacking in _lacking(text):
            yield folder.in_exercise(f"{where.removeprefix('$.')}: {lacking}", where)
    yield from _prompts(exercise, folder)
    solution = exercise.solution
    if solution is not None and folder.solution is not None:
        for n, wrong in enumerate(solution.misconceptions):
            where = f"$.misconception[{n}]"
            for part, text in (("message", wrong.message), ("hint", wrong.hint)):
                for lacking in _lacking(text):
                    yield folder.in_solution(
                        f"misconception '{wrong.id}', {part}: {lacking}", f"{where}.{part}"
                    )
            asks = wrong.hint.en.rstrip().endswith("?") and wrong.hint.zh.rstrip().endswith("？")
            if not asks:
                yield folder.in_solution(
                    f"misconception '{wrong.id}': a hint asks a question, in both languages", where
                )
        for n, branch in enumerate(solution.branches):
            for lacking in _lacking(branch.name):
                yield folder.in_solution(f"branch '{branch.id}': {lacking}", f"$.branch[{n}]")


def _left_to_do(folder: Folder) -> Iterator[Finding]:
    """Places that ``grade new`` left to the author, one line a file."""
    folders = [folder.exercise] + ([folder.solution] if folder.solution else [])
    for path in (path for root in folders for path in sorted(root.rglob("*"))):
        if path.suffix in (".toml", ".md", ".py"):
            lines = [n for n, line in enumerate(_text(path).splitlines(), 1) if _TODO.search(line)]
            if lines:
                listed = ", ".join(map(str, lines))
                what = "there is a TODO left" if len(lines) == 1 else f"TODOs are left, in lines {listed}"
                yield folder.at(path, lines[0], what)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _prompts(exercise: Exercise, folder: Folder) -> Iterator[Finding]:
    for language, prompt in (("en", exercise.prompt.en), ("zh", exercise.prompt.zh)):
        name = f"prompt.{language}.md"
        if not prompt.strip():
            yield folder.in_exercise("the prompt is empty", name=name)
        elif language == "zh" and not _HAN.search(prompt):
            yield folder.in_exercise("this prompt is not Chinese", name=name)
        else:
            yield from _paragraphs(prompt, language, folder, name)
        yield from prove_latex(prompt, folder, name)


def _paragraphs(prompt: str, language: str, folder: Folder, name: str) -> Iterator[Finding]:
    """Paragraphs in the other language; code, formulas and what is no sentence stand aside."""
    plain = CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), prompt)
    line = 1
    for paragraph in re.split(r"(\n[ \t]*\n)", plain):
        start = line + paragraph[: len(paragraph) - len(paragraph.lstrip())].count("\n")
        if language == "en" and _is_chinese(paragraph):
            yield folder.at(folder.exercise / name, start, "this paragraph of the English prompt is Chinese")
        if language == "zh" and _is_english(paragraph) and re.search(r"[.?!:]\s*$", paragraph):
            yield folder.at(folder.exercise / name, start, "this paragraph of the Chinese prompt is English")
        line += paragraph.count("\n")


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
    if _is_chinese(text.en):
        yield "the English text is Chinese"
    if _is_english(text.zh):
        yield "the Chinese text is English"
    if _LATEX.search(text.en) or _LATEX.search(text.zh):
        yield "LaTeX is only set in prompts; here $ and \\ are shown as they are"


def _is_chinese(text: str) -> bool:
    """Whether Chinese characters stand in an English text, names in brackets and code aside."""
    return bool(_HAN.search(_NAME.sub("", CODE.sub(" ", text))))


def _is_english(text: str) -> bool:
    """Whether a text without Chinese holds an English sentence: formulas, code and names are none."""
    plain = FORMULA.sub(" ", CODE.sub(" ", text))
    if _HAN.search(plain):
        return False
    words = len(_WORD.findall(plain))
    return words >= 3 or (words == 2 and bool(re.search(r"[.?!]\s*$", plain)))
