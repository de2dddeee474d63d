"""Tape of a backward pass in a terminal: a numbered list, rounds of a loop in one line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.text import Text as Line

from grader.cli.console import say
from grader.cli.pictures.marks import Drawing
from grader.model.inert import inert
from grader.model.tape import TapePicture
from grader.model.text import Language
from grader.pictures import tape_view as said
from grader.pictures.graph_view import plain

_INDENT: Final = "     "


def tape_drawing(tape: TapePicture, language: Language) -> RenderableType:
    """``grade run --tape``: of one wrong prediction."""
    return Drawing(lambda _width, ascii_only: _lines(tape, language, ascii_only))


def _lines(tape: TapePicture, language: Language, ascii_only: bool) -> Iterator[Line]:
    yield Line(inert(said.title(tape).in_(language)), style="bold")
    for run, rounds in said.rounds(tape):
        if rounds.en and not (tape.differs is not None and run.start <= tape.differs < run.end):
            told = inert(rounds.in_(language))
            yield Line(told.replace("×", "x") if ascii_only else told)
            continue
        for n in range(run.start, run.end):
            yield from _step(tape, n, language, ascii_only)


def _step(tape: TapePicture, n: int, language: Language, ascii_only: bool) -> Iterator[Line]:
    step = tape.steps[n]
    into = said.value(step.into, step.shape)
    name = inert(said.name(step, tape.by).in_(language))
    code = f"  {inert(said.code(step))}" if step.code else ""
    yield Line.assemble(f"{n + 1:3}. ", (name, "bold"), (code, "dim"))
    if step.operation == "leaf" and not tape.asked:
        yield Line(inert(f"{_INDENT}{into}" + say(language, "  autograd's answer", "  autograd 的答案")))
        yield Line(inert(f"{_INDENT}{plain(tape.yours)}" + say(language, "  yours", "  你的答案")))
        return
    if step.operation == "leaf":
        for term, number, _ in said.arrival(tape, step):
            yield Line(inert(f"{_INDENT}{number}  {term.in_(language)}"))
        return
    if step.right is not None:
        mark = (
            say(language, " (right)", "（正确）")
            if step.right
            else say(language, " (not right)", "（不正确）")
        )
        yield Line(inert(f"{_INDENT}{into}" + say(language, "  comes in", "  传入")))
        yield Line(inert(f"{_INDENT}{plain(step.yours)}  {said.yours(step).in_(language)}{mark}"))
    times, arrow = ("x", "->") if ascii_only else ("×", "→")
    for move in step.moves:
        words, numbers = said.local(move)
        by = f"{words.in_(language)} {numbers}".rstrip()
        if move.rule in ("same", "times"):
            by = f"{times} {numbers or 1}"
        out = said.value(move.out, move.shape)
        yield Line(inert(f"{_INDENT}{into} {by} {arrow} {move.to + 1}: {out}"))
    if n == len(tape.steps) - 1 and tape.stopped:
        yield Line(f"{_INDENT}{said.end(tape).in_(language)}", style="bold")
    if n == tape.differs:
        yield Line(f"{_INDENT}{said.difference(tape).in_(language)}", style="bold")
