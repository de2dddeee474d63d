"""Options that commands share; the settings, the exercises, the reader's language."""

from __future__ import annotations

import locale
import secrets
import traceback
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from grader.errors import GraderError, UsageError
from grader.exercises import Library
from grader.model.exercise import Exercise
from grader.model.inert import as_json, inert
from grader.model.text import Language
from grader.model.variants import MOST
from grader.settings import Settings, load, terminal_languages

FULL, PARTIAL, CALL, OURS = 0, 1, 2, 3
"""Exit codes ◆."""


def settings_now() -> Settings:
    """:raises SettingsError: the environment holds something we cannot use."""
    return load()


def library_of(settings: Settings) -> Library:
    """The exercises of the folders that the settings name. They are read when they are asked for."""
    return Library(settings.exercises, settings.solutions)


def exercise_of(slug: str, variant: int) -> Exercise:
    """The exercise with this name, about the numbers of a variant.

    :raises UsageError: it has no such variant.
    """
    exercise = library_of(settings_now()).get(slug)
    if variant > exercise.variants:
        there = (
            f"it has variants 1 to {exercise.variants}" if exercise.variants else "its numbers do not vary"
        )
        raise UsageError(
            f"{slug} has no variant {variant}: {there}; leave --variant out for the authored numbers"
        )
    return exercise.variant(variant)


class Slug(click.ParamType[str]):
    """An exercise's name; the shell completes it."""

    name = "exercise"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        try:
            slugs = library_of(settings_now()).slugs()
        except GraderError:
            return []
        return [CompletionItem(slug) for slug in slugs if slug.startswith(incomplete)]


def reader_language() -> Language:
    """The language that the terminal asks for, as gettext reads it; else the system's own locale.

    The wish counts whether or not the machine has a locale of that name: the sentences are ours.
    """
    for wish in terminal_languages():
        if wish.startswith("zh"):
            return "zh"
        if wish.startswith("en") or wish in ("c", "posix"):
            return "en"
    try:
        name = locale.getlocale()[0] or ""
    except ValueError:
        name = ""
    return "zh" if name.lower().startswith("zh") or name.startswith("Chinese") else "en"


def language_of(name: str | None) -> Language:
    """What ``--lang`` names; without it, the reader's."""
    if name in ("en", "zh"):
        return name  # type: ignore[return-value]
    return reader_language()


def echo(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print a line; names in it that somebody else chose do not steer the terminal."""
    click.echo(inert(str(text)), err=err, nl=nl)


def print_json(value: Any) -> None:
    """Print one JSON text: numbers that are not finite are refused, and escape sequences are inert."""
    echo(as_json(value, allow_nan=False, indent=1))


def complain(sentence: str, code: int, debug: bool) -> int:
    """Say in one line on standard error what went wrong; the traceback only where it was asked for.

    :returns: ``code``.
    """
    if debug:
        echo(traceback.format_exc(), err=True)
    echo(f"grade: {' '.join(sentence.split())}", err=True)
    return code


def options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several of click's decorators as one, in the order in which ``--help`` shows them."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


lang_option = click.option(
    "--lang", type=click.Choice(["en", "zh"]), help="Language (default: the terminal's)."
)
debug_option = click.option("--debug", is_flag=True, help="Show a traceback when the grader itself fails.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
predict_option = click.option(
    "--predict",
    multiple=True,
    metavar="NAME=VALUE",
    help="A typed prediction, e.g. --predict 'x_grad=[0, 4, 8, 12]'. May be repeated.",
)
seed_option = click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, 2**53),
    default=None,
    callback=lambda _, __, seed: secrets.randbelow(2**31) if seed is None else seed,
    help="Draws the generated cases (default: others at each run; the report names it).",
)
variant_option = click.option(
    "--variant",
    metavar="N",
    type=click.IntRange(0, MOST),
    default=0,
    help="About the numbers of variant N (default: the authored ones).",
)
slug_argument = click.argument("slug", metavar="EXERCISE", type=Slug())
