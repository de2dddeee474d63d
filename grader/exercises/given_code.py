"""Validation of given code: that each answer it asks for is one, and is asked for once."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from itertools import product

from grader.exercises.toml_files import near
from grader.model.answer_types import Answer
from grader.model.exercise import Exercise
from grader.model.given import Asked, asked_in
from grader.model.text import Language


def given_complaints(exercise: Exercise) -> Iterator[tuple[Language, int, str]]:
    """What is wrong with ``given.py`` (en) or ``given.zh.py`` (zh): (which, line, what)."""
    places: dict[Language, tuple[Asked, ...]] = {}
    codes: tuple[tuple[Language, str], ...] = (("en", exercise.given), ("zh", exercise.given_zh))
    for language, code in codes:
        try:
            places[language] = asked_in(code)
        except (tokenize.TokenError, SyntaxError) as error:
            line = error.args[1][0] if isinstance(error, tokenize.TokenError) else error.lineno or 1
            yield language, line, f"Python cannot read it: {error.args[0]}"
            return
        for line, what in _wrong(places[language], exercise.answers):
            yield language, line, what
    for answer in exercise.answers:
        adjoints = answer.adjoints
        if adjoints is None:
            continue
        for language, code in codes if exercise.given_zh else codes[:1]:
            if not re.search(rf"(?m)^def {adjoints.of}\(", code):
                what = f"'{answer.name}' has adjoints of '{adjoints.of}', which is no function here"
                yield language, 1, what
            for name in adjoints.names:
                if not re.search(rf"\b{name}\b", code):
                    yield (
                        language,
                        1,
                        f"'{answer.name}' has an adjoint of '{name}', which does not occur here",
                    )
    if exercise.given_zh:
        here, there = ([place[1:] for place in places[language]] for language in ("en", "zh"))
        if here != there:
            yield "zh", 1, "it asks for other answers than given.py, or in another order"


def _wrong(places: tuple[Asked, ...], answers: tuple[Answer, ...]) -> Iterator[tuple[int, str]]:
    known = {answer.name: answer for answer in answers}
    seen: dict[str, list[tuple[int, ...]]] = {}
    for line, name, at in places:
        answer = known.get(name)
        if not name:
            yield line, "this question mark has no name: write '# NAME: ?' with that of an [[answer]]"
        elif answer is None:
            listed = ", ".join(sorted(known)) or "none"
            yield line, f"'{name}' is no [[answer]]{near(name, known)}; there is {listed}"
        elif at and (
            len(at) != len(answer.shape) or any(i >= n for i, n in zip(at, answer.shape, strict=True))
        ):
            yield line, f"'{name}' has no entry {list(at)}: its shape is {list(answer.shape)}"
        elif name in seen and (at in seen[name] or not at or () in seen[name]):
            yield line, f"'{name}' is asked for twice; one box holds an answer"
        else:
            seen.setdefault(name, []).append(at)
    for line, name, at in places:
        if at and name in known and len(at) == len(known[name].shape) and seen.get(name, [()])[0] == at:
            missing = set(product(*map(range, known[name].shape))) - set(seen[name])
            if missing:
                yield line, f"of '{name}' the entry {list(min(missing))} is asked for nowhere"
