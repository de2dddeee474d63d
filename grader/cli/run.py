"""``grade run`` and ``grade watch``: a file's verdict; and again, each time the file is saved."""

from __future__ import annotations

import click

from grader.cli.inputs import prediction, read_source
from grader.cli.jail import Jail
from grader.cli.options import (
    OURS,
    debug_option,
    exercise_of,
    json_option,
    lang_option,
    language_of,
    options,
    predict_option,
    seed_option,
    slug_argument,
    variant_option,
)
from grader.errors import UsageError
from grader.model.submission import Submission


@click.command()
@options(
    slug_argument,
    click.argument("file", metavar="FILE"),
    predict_option,
    click.option("--plot", is_flag=True, help="Draw f with the true and the predicted gradient."),
    click.option("--graph", is_flag=True, help="Draw the graph behind f's result, and where it is cut."),
    click.option("--tape", is_flag=True, help="Show the backward pass of a wrong prediction, step by step."),
    seed_option, variant_option, json_option, lang_option, debug_option,
)  # fmt: skip
def run(
    slug: str,
    file: str,
    predict: tuple[str, ...],
    plot: bool,
    graph: bool,
    tape: bool,
    seed: int,
    variant: int,
    as_json: bool,
    lang: str | None,
    debug: bool,
) -> int:
    """Grade FILE (- for standard input) as an answer to EXERCISE."""
    exercise = exercise_of(slug, variant)
    source = read_source(file)
    predictions = dict(prediction(exercise, text) for text in predict)
    submission = Submission(source, predictions, seed)
    with Jail(2) as jail:
        # Not at the top: numpy, rich and what judges take 0.4 s, in which the jail is warming up already.
        from grader.cli.verdict import print_json_verdict, print_verdict  # noqa: PLC0415

        if as_json:
            language = language_of(lang or "en")
            return print_json_verdict(
                exercise, submission, jail, language, plot=plot, graph=graph, tape=tape, debug=debug
            )
        language = language_of(lang)
        return print_verdict(exercise, submission, jail, language, plot=plot, graph=graph, tape=tape)


@click.command(short_help="Grade FILE again whenever it is saved.")
@options(
    slug_argument,
    click.argument("file", metavar="FILE"),
    predict_option,
    seed_option, variant_option, lang_option, debug_option,
)  # fmt: skip
def watch(
    slug: str,
    file: str,
    predict: tuple[str, ...],
    seed: int,
    variant: int,
    lang: str | None,
    debug: bool,  # noqa: ARG001
) -> int:
    """Grade FILE as an answer to EXERCISE, and again whenever it is saved. Ctrl-C ends it.

    Exit status: that of the last verdict. The cases are the same each time.
    """
    exercise = exercise_of(slug, variant)
    if file == "-":
        raise UsageError("standard input cannot be watched; name a file")
    read_source(file)  # a wrong name is said before anything is started
    predictions = dict(prediction(exercise, text) for text in predict)
    try:
        with Jail(2) as jail:
            # Not at the top, as in ``run``.
            from grader.cli.verdict import print_each_verdict  # noqa: PLC0415

            return print_each_verdict(exercise, file, predictions, seed, jail, language_of(lang))
    except KeyboardInterrupt:
        return OURS
