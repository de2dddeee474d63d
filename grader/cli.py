"""The command line ◆.

``--help`` and ``list`` import neither torch nor flask; ``run`` starts the jail before it
imports anything else it needs, because warming up takes longest.

Exit: 0 full marks · 1 graded, not full marks · 2 the call or the exercise is wrong ·
3 the grader itself failed. Errors are one line on stderr; a traceback only with ``--debug``.
"""

from __future__ import annotations

import difflib
import io
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader import __version__
from grader.administration import account, course
from grader.authoring.commands import check, new
from grader.batch import batch, warm_pool
from grader.client import login, logout, status, submit
from grader.errors import ExerciseError, GraderError, GradingFailed, SettingsError, UsageError
from grader.handin import check_predictions, prediction, read_source, write
from grader.model.inert import as_json
from grader.options import (
    CALL,
    FULL,
    OURS,
    PARTIAL,
    Slug,
    debug_option,
    echo,
    json_option,
    lang_option,
    language_of,
    library_of,
    options,
    seed_option,
    settings_now,
    slug_argument,
)
from grader.watch import watch

if TYPE_CHECKING:
    from grader.grading import Truths
    from grader.model.exercise import Exercise
    from grader.model.report import Report
    from grader.model.submission import Submission
    from grader.model.text import Language
    from grader.sandbox.pool import Pool


def main() -> NoReturn:
    """The entry point: runs a command and turns every end of it into an exit code."""
    debug = "--debug" in sys.argv
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no ✓ shows a question mark instead: a verdict is worth more than its marks.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = cli.main(prog_name="grade", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.Abort:
        echo("grade: stopped", err=True)
        code = 130
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx is not None else "grade"
        said = error.format_message().rstrip(".")
        code = _complain(f"{said}: '{command} --help' shows how it is called", CALL, debug)
    except click.ClickException as error:
        code = _complain(error.format_message(), CALL, debug)
    except (UsageError, ExerciseError, SettingsError) as error:
        code = _complain(str(error), CALL, debug)
    except GraderError as error:
        code = _complain(str(error), OURS, debug)
    except BrokenPipeError:
        sys.stderr.close()
        code = OURS
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence, never a traceback
        said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        code = _complain(
            f"this is a defect of the grader ({said}); run it again with --debug and report it", OURS, debug
        )
    sys.exit(code if isinstance(code, int) else FULL)


def _complain(sentence: str, code: int, debug: bool) -> int:
    if debug:
        echo(traceback.format_exc(), err=True)
    echo(f"grade: {' '.join(sentence.split())}", err=True)
    return code


class _Commands(click.Group):
    """Names the nearest command where there is none by that name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
        if near and self.get_command(ctx, args[0]) is None:
            raise UsageError(f"there is no command '{args[0][:40]}': did you mean 'grade {near[0]}'?")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True
)
@click.version_option(__version__, prog_name="grade")
@click.pass_context
def cli(context: click.Context) -> None:
    """Grade exercises in automatic differentiation, and say why a gradient is wrong.

    Exit status: 0 full marks, 1 graded but not full marks, 2 the call or the exercise is
    wrong, 3 the grader itself failed.

    Completion for bash: eval "$(_GRADE_COMPLETE=bash_source grade)"  (zsh_source, fish_source alike)
    """
    if context.invoked_subcommand is None:
        echo(context.get_help())


@cli.command("list")
@options(json_option, lang_option, debug_option)
def list_(as_json: bool, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """List the exercises."""
    exercises = library_of(settings_now()).all()
    if as_json:
        language = language_of(lang or "en")
        _print_json([_listed(exercise, language) for exercise in exercises])
        return
    from grader import terminal

    terminal.console().print(terminal.exercises_table(exercises, language_of(lang)))


def _listed(exercise: Exercise, language: Language) -> dict[str, Any]:
    return {
        "slug": exercise.slug,
        "section": exercise.section,
        "title": exercise.title.in_(language),
        "max_score": exercise.max_score,
        "digest": exercise.digest,
    }


@cli.command(short_help="Show an exercise: its text and starter code.")
@options(
    slug_argument,
    click.option("--starter", is_flag=True, help="Print the starter code alone, to begin a file with."),
    lang_option, debug_option,
)  # fmt: skip
def show(slug: str, starter: bool, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """Show an exercise: its text, starter code, and what is to be predicted.

    To begin a file with the starter code: grade show EXERCISE --starter > my.py
    """
    exercise = library_of(settings_now()).get(slug)
    if starter:
        click.echo(exercise.starter_in(language_of(lang)), nl=False)
        return
    from grader import terminal

    terminal.console().print(terminal.exercise_page(exercise, language_of(lang)))


@cli.command()
@options(
    slug_argument,
    click.argument("file", metavar="FILE"),
    click.option("--predict", "predict", multiple=True, metavar="NAME=VALUE",
                 help="A typed prediction, e.g. --predict 'x_grad=[0, 4, 8, 12]'. May be repeated."),
    click.option("--plot", is_flag=True, help="Draw f with the true and the predicted gradient."),
    click.option("--graph", is_flag=True, help="Draw the graph behind f's result, and where it is cut."),
    seed_option, json_option, lang_option, debug_option,
)  # fmt: skip
def run(
    slug: str,
    file: str,
    predict: tuple[str, ...],
    plot: bool,
    graph: bool,
    seed: int,
    as_json: bool,
    lang: str | None,
    debug: bool,
) -> int:
    """Grade FILE (- for standard input) as an answer to EXERCISE."""
    exercise = library_of(settings_now()).get(slug)
    source = read_source(file)
    predictions = dict(prediction(exercise, text) for text in predict)
    from grader.sandbox.pool import Pool

    # The jail warms up in the background from here on.
    pool = Pool(slots=2)
    try:
        from grader.grading import Truths, not_gradable
        from grader.model.submission import Submission

        check_predictions(exercise, predictions)
        submission, truths = Submission(source, predictions, seed), Truths()
        try:
            pool = warm_pool(pool, 2)
            from grader.grading import grade

            report = grade(exercise, submission, pool, truths)
        except GradingFailed as error:
            if not as_json:
                raise
            _print_json(
                not_gradable(exercise, submission, str(error), pool.isolation).to_json(
                    language_of(lang or "en")
                )
            )
            return _complain(str(error), OURS, debug)
        if plot or graph:
            if not as_json:
                _print_report(report, lang)
            report = _with_pictures(report, exercise, submission, pool, truths, plot=plot, graph=graph)
    finally:
        pool.close()
    if as_json:
        _print_json(report.to_json(language_of(lang or "en")))
    elif not (plot or graph):
        _print_report(report, lang)
    elif report.pictures is not None:
        from grader import drawing, terminal

        drawn = drawing.drawings(report.pictures, language_of(lang), plot=plot, graph=graph)
        terminal.console().print(*drawn, sep="\n")
    return FULL if report.passed else PARTIAL


def _print_report(report: Report, lang: str | None) -> None:
    from grader import terminal

    terminal.console().print(terminal.report_page(report, language_of(lang)))


def _with_pictures(
    report: Report,
    exercise: Exercise,
    submission: Submission,
    pool: Pool,
    truths: Truths,
    *,
    plot: bool,
    graph: bool,
) -> Report:
    """``report`` with its pictures; as it is where they fail, because a verdict stands without them."""
    import msgspec

    from grader.grading.pictures import draw

    try:
        pictures = draw(exercise, submission, pool, truths, curve=plot, graph=graph)
    except GradingFailed as error:
        echo(f"grade: the pictures could not be drawn: {error}", err=True)
        return report
    return msgspec.structs.replace(report, pictures=pictures)


@cli.command()
@options(click.argument("slugs", metavar="[EXERCISE]...", nargs=-1, type=Slug()), debug_option)
def publish(slugs: tuple[str, ...], debug: bool) -> None:  # noqa: ARG001
    """Write visible.json, by which a copy without solutions/ judges (all exercises by default)."""
    settings = settings_now()
    library = library_of(settings)
    from grader.grading import Truths
    from grader.grading.plan import make_plan
    from grader.grading.published import publish as written
    from grader.sandbox.pool import Pool

    truths = Truths()
    with Pool(slots=1) as pool:
        for slug in slugs or library.slugs():
            plan = make_plan(library.get(slug), 0)
            path = library.folder(slug) / "visible.json"
            write(str(path), written(plan, truths.of(plan, pool)))
            echo(path)


@cli.command(short_help="Say what isolation this machine gives.")
@options(debug_option)
def doctor(debug: bool) -> int:  # noqa: ARG001
    """Say what isolation this machine gives, layer by layer, and what to do about what is missing."""
    from grader import terminal
    from grader.sandbox.probe import probe, whole

    layers = probe()
    out = terminal.console()
    out.print(terminal.doctor_table(layers))
    if whole(layers):
        out.print("\nFull isolation: grade serve may run here.")
        return FULL
    out.print("\nNot enough for grade serve. 'grade run' still works, in a plain process, and says so.")
    return OURS


@cli.command()
@options(
    click.option("--host", help="Where to listen (default: GRADER_HOST or 127.0.0.1)."),
    click.option("--port", type=click.IntRange(0, 65535), help="The port (default: GRADER_PORT or 8000)."),
    click.option("--demo", is_flag=True, help="Fill an empty database with a demo course, really graded."),
    click.option("--allow-weak-isolation", is_flag=True,
                 help="Serve even where the machine gives no namespaces. Only for trusted students."),
    debug_option,
)  # fmt: skip
def serve(host: str | None, port: int | None, demo: bool, allow_weak_isolation: bool, debug: bool) -> None:  # noqa: ARG001
    """Serve the pages and the API, and grade what is handed in."""
    import dataclasses

    from grader.service import serve as start

    settings = settings_now()
    settings = dataclasses.replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    start(settings, library_of(settings), demo=demo, weak_allowed=allow_weak_isolation)


for each in (watch, login, logout, submit, status):
    cli.add_command(each)
cli.add_command(account)
cli.add_command(batch)
cli.add_command(check)
cli.add_command(new)
cli.add_command(course)


# What the commands share.


def _print_json(value: Any) -> None:
    echo(as_json(value, allow_nan=False, indent=1))
