"""What commands share: their usual options, the settings, the library, the reader's language."""

from __future__ import annotations

import locale
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from grader.errors import GraderError
from grader.model.inert import inert

if TYPE_CHECKING:
    from grader.library import Library
    from grader.model.text import Language
    from grader.settings import Settings

FULL, PARTIAL, CALL, OURS = 0, 1, 2, 3
"""Exit codes ◆."""


def settings_now() -> Settings:
    from grader import settings

    return settings.load()


def library_of(settings: Settings) -> Library:
    from grader.library import Library

    return Library(settings.exercises, settings.solutions)


class Slug(click.ParamType[str]):
    """An exercise's name; the shell completes it."""

    name = "exercise"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        from click.shell_completion import CompletionItem

        try:
            slugs = library_of(settings_now()).slugs()
        except GraderError:
            return []
        return [CompletionItem(slug) for slug in slugs if slug.startswith(incomplete)]


def reader_language() -> Language:
    """The language that the terminal asks for, as gettext reads it; else the system's own locale.

    The wish counts whether or not the machine has a locale of that name: the sentences are ours.
    """
    from grader import settings

    for wish in settings.terminal_languages():
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
    if name in ("en", "zh"):
        return name  # type: ignore[return-value]
    return reader_language()


def echo(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print a line; names in it that somebody else chose do not steer the terminal."""
    click.echo(inert(str(text)), err=err, nl=nl)


def options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
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
seed_option = click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, 2**53),
    default=None,
    callback=lambda _, __, seed: secrets.randbelow(2**31) if seed is None else seed,
    help="Draws the generated cases (default: others at each run; the report names it).",
)
slug_argument = click.argument("slug", metavar="EXERCISE", type=Slug())
