"""``grade show``: an exercise as a student may see it."""

from __future__ import annotations

import click
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.text import Text as Line

from grader.cli.console import console, grid, say
from grader.cli.latex import readable_mathematics
from grader.cli.options import (
    debug_option,
    exercise_of,
    lang_option,
    language_of,
    options,
    slug_argument,
    variant_option,
)
from grader.model.exercise import Exercise
from grader.model.text import Language


@click.command(short_help="Show an exercise: its text and starter code.")
@options(
    slug_argument,
    click.option("--starter", is_flag=True, help="Print the starter code alone, to begin a file with."),
    variant_option, lang_option, debug_option,
)  # fmt: skip
def show(slug: str, starter: bool, variant: int, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """Show an exercise: its text, starter code, and what is to be predicted.

    To begin a file with the starter code: grade show EXERCISE --starter > my.py
    """
    exercise = exercise_of(slug, variant)
    if starter:
        click.echo(exercise.starter_in(language_of(lang)), nl=False)
        return
    console().print(exercise_page(exercise, language_of(lang)))


def exercise_page(exercise: Exercise, language: Language) -> RenderableType:
    """``grade show``: what a student may see."""
    parts: list[RenderableType] = [
        Line.assemble((f"{exercise.section}  ", "dim"), (exercise.title.in_(language), "bold"),
                      f"   {exercise.max_score:g} ", say(language, "points", "分")),
        Line(exercise.summary.in_(language), style="italic"),
        Line(),
        Markdown(readable_mathematics(exercise.prompt.in_(language))),
    ]  # fmt: skip
    if exercise.given:
        parts += [
            Line(),
            Line(say(language, "Given", "题目给出"), style="bold"),
            Syntax(exercise.given_in(language), "python"),
        ]
    parts += [
        Line(),
        Line(say(language, "Start from", "起始代码"), style="bold"),
        Syntax(exercise.starter_in(language), "python"),
    ]
    if exercise.answers:
        asks = grid(2)
        for answer in exercise.answers:
            options = "".join(f"\n  {one.id}  {one.text.in_(language)}" for one in answer.option)
            asks.add_row(
                Line(f"--predict {answer.name}=…", style="bold"), Line(answer.ask.in_(language) + options)
            )
        parts += [Line(), Line(say(language, "To predict", "需要预测"), style="bold"), asks]
    if exercise.cases:
        cases = grid(1 + len(exercise.inputs))
        for case in exercise.cases:
            cases.add_row(
                Line(case.called.in_(language), style="dim"), *[f"{k} = {v}" for k, v in case.inputs.items()]
            )
        parts += [Line(), Line(say(language, "Visible cases", "可见用例"), style="bold"), cases]
    variant = f" --variant {exercise.number}" if exercise.number else ""
    hand_in = say(
        language,
        f"Then: grade run {exercise.slug} FILE{variant}",
        f"完成后运行：grade run {exercise.slug} 文件{variant}",
    )
    parts += [Line(), Line(hand_in, style="dim")]
    return Group(*parts)
