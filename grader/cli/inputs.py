"""Inputs at a terminal: a file, typed predictions, a place to write to."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import Final

import click

from grader.cli.options import echo
from grader.errors import UsageError
from grader.model.exercise import Exercise


def read_source(file: str) -> bytes:
    """The bytes of a submission; whatever they hold is the judge's business.

    :raises UsageError: there is no such file, it is a folder, or it cannot be read.
    """
    if file == "-":
        return sys.stdin.buffer.read(READ_AT_MOST)
    path = Path(file)
    try:
        if path.is_dir():
            raise UsageError(f"'{file}' is a folder; name the Python file (or notebook) in it")
        with path.open("rb") as opened:
            return opened.read(READ_AT_MOST)
    except FileNotFoundError:
        near = nearest_file(path)
        hint = f"did you mean '{near}'?" if near else "check the name and the folder you are in."
        raise UsageError(f"there is no file '{file}': {hint}") from None
    except OSError as error:
        raise UsageError(f"'{file}' cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise UsageError(f"'{file}' is no file name: {error}") from error


READ_AT_MOST: Final = 64 * 2**20


def nearest_file(path: Path) -> str | None:
    """The Python file or notebook in the same folder whose name is most like it; None if none is."""
    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix in (".py", ".ipynb")]
    except OSError:
        return None
    near = difflib.get_close_matches(path.name, names, n=1)
    return str(path.with_name(near[0])) if near else None


def name_and_value(text: str, example: str = "'x_grad=[0.5, -2]'") -> tuple[str, str]:
    """What was typed as ``NAME=VALUE``.

    :raises UsageError: it is not.
    """
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name or not value.strip():
        raise UsageError(f"--predict '{text[:80]}' is not NAME=VALUE; write e.g. --predict {example}")
    return name, value


def prediction(exercise: Exercise, text: str) -> tuple[str, str]:
    """Name and value of a typed prediction that ``exercise`` asks for. The value is read later.

    :raises UsageError: it is not NAME=VALUE, or no prediction has this name; the nearest is named.
    """
    name, value = name_and_value(text, example(exercise))
    known = [answer.name for answer in exercise.answers]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        if not known:
            raise UsageError(f"--predict: '{exercise.slug}' asks for no typed prediction")
        hint = f"did you mean '{near[0]}'?" if near else f"it asks for {', '.join(known)}."
        raise UsageError(f"--predict: '{exercise.slug}' has no prediction '{name[:60]}': {hint}")
    return name, value


def example(exercise: Exercise) -> str:
    """The form of a typed prediction of this exercise, with numbers that answer nothing."""
    if not exercise.answers:
        return "'NAME=[0.5, -2]'"
    answer = exercise.answers[-1]
    if answer.arrows:
        return f"'{answer.name}=p -> q, q -> r'"
    if answer.at_every_case:
        return f"'{answer.name}=2 + 3*{exercise.inputs[0].name}'"
    pair = answer.example
    if answer.option or not answer.shape:
        return f"'{answer.name}={pair[0]}' or '{answer.name}={pair[1]}'"
    return f"'{answer.name}=[{', '.join((pair * 2)[: answer.shape[0]])}]'"


def writable(out: str | None) -> Path:
    """Complain about an output file before the work, not after it.

    :raises UsageError: it is a folder, or its folder is not there.
    """
    path = Path(out or "")
    if path.is_dir():
        raise UsageError(f"'{out}' is a folder; name a file to write")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}' to write '{path.name}' into")
    return path


def write(out: str, text: str) -> None:
    """Write to the file ``out``, or to standard output where it is ``-``.

    :raises UsageError: the file cannot be written.
    """
    if out == "-":
        # A program that reads it gets every character as it is.
        (echo if sys.stdout.isatty() else click.echo)(text, nl=False)
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"'{out}' cannot be written: {error.strerror}") from error
