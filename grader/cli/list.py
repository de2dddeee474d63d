"""``grade list``: the exercises that there are."""

from __future__ import annotations

from collections.abc import Iterable

import click
from rich.table import Table
from rich.text import Text as Line

from grader.cli.console import console, say
from grader.cli.options import (
    debug_option,
    json_option,
    lang_option,
    language_of,
    library_of,
    options,
    print_json,
    settings_now,
)
from grader.model.exercise import Exercise
from grader.model.text import Language


@click.command("list")
@options(json_option, lang_option, debug_option)
def list_(as_json: bool, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """List the exercises."""
    exercises = library_of(settings_now()).all()
    if not as_json:
        console().print(exercises_table(exercises, language_of(lang)))
        return
    language = language_of(lang or "en")
    print_json(
        [
            {
                "slug": exercise.slug,
                "section": exercise.section,
                "title": exercise.title.in_(language),
                "max_score": exercise.max_score,
                "digest": exercise.digest,
            }
            for exercise in exercises
        ]
    )


def exercises_table(exercises: Iterable[Exercise], language: Language) -> Table:
    """``grade list``."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(say(language, "section", "章节"), no_wrap=True)
    table.add_column(say(language, "exercise", "练习"), overflow="fold")
    table.add_column("", overflow="fold")
    table.add_column(say(language, "points", "分"), justify="right")
    for exercise in exercises:
        table.add_row(
            exercise.section,
            Line(exercise.slug, style="bold"),
            exercise.title.in_(language),
            f"{exercise.max_score:g}",
        )
    return table
