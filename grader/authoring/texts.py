"""Texts of an exercise: each in the language of its place, hints that ask, LaTeX that can be shown."""

from __future__ import annotations

import ast
import io
import re
import tokenize
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
_ASKED: Final = re.compile(r"[\"'][^\"']*[\"']|[\w.]+(?:\[\d+\])?: \?")
"""In a comment, what is the same in either language: text between quotes, and ``x_grad: ?``."""
_TODO: Final = re.compile(r"\bTODO\b")


def prove_texts(exercise: Exercise, folder: Folder) -> Iterator[Finding]:
    """What a reader of either language would stumble over."""
    yield from _left_to_do(folder)
    for where, text in _texts(exercise):
        for lacking in _lacking(text):
            yield folder.in_exercise(f"{where.removeprefix('$.')}: {lacking}", where)
    for n, case in enumerate(exercise.cases):
        if case.title == EMPTY:
            what = f'case \'{case.name}\' has no title: write title = {{ en = "…", zh = "…" }}'
            yield folder.in_exercise(what, f"$.case[{n}]")
    yield from _prompts(exercise, folder)
    yield from _code(exercise.starter, exercise.starter_zh, "starter", folder)
    yield from _code(exercise.given, exercise.given_zh, "given", folder)
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


def _code(code: str, code_zh: str, name: str, folder: Folder) -> Iterator[Finding]:
    """Code that is shown, and the same with comments in Chinese: ``given.py`` and ``given.zh.py``."""
    zh = f"{name}.zh.py"
    try:
        said = _remarks(code)
    except (SyntaxError, tokenize.TokenError):  # a starter that cannot be read is complained of elsewhere
        return
    try:
        said_zh, same = _remarks(code_zh), not code_zh or _bare(code) == _bare(code_zh)
    except (SyntaxError, tokenize.TokenError) as error:
        yield folder.in_exercise(f"Python cannot read it: {error.args[0]}", name=zh)
        return
    if not code_zh:
        spoken = [line for line, remark in said if _WORD.search(_ASKED.sub(" ", remark))]
        if spoken:
            what = f"its comments are English: write {zh}, the same code with comments in Chinese"
            yield folder.at(folder.exercise / f"{name}.py", spoken[0], what)
        return
    if not same:
        what = f"this is not the code of {name}.py: only comments and docstrings may differ"
        yield folder.in_exercise(what, name=zh)
    for line, remark in said_zh:
        if _is_english(remark):
            yield folder.at(folder.exercise / zh, line, "this comment is English")


def _remarks(code: str) -> list[tuple[int, str]]:
    """Comments and docstrings, each with its line."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    found = [
        (token.start[0], token.string.lstrip("# ")) for token in tokens if token.type == tokenize.COMMENT
    ]
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, _DOCUMENTED) and (said := ast.get_docstring(node)) is not None:
            found.append((node.body[0].lineno, said))
    return sorted(found)


def _bare(code: str) -> str:
    """What Python makes of code, without its docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef)


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
    if exercise.insight != EMPTY:
        yield "$.insight", exercise.insight
    for n, case in enumerate(exercise.cases):
        if case.title != EMPTY:
            yield f"$.case[{n}].title", case.title
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
