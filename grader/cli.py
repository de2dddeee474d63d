"""The command line ◆.

``--help`` and ``list`` import neither torch nor flask; ``run`` starts the jail before it
imports anything else it needs, because warming up takes longest.

Exit: 0 full marks · 1 graded, not full marks · 2 the call or the exercise is wrong ·
3 the grader itself failed. Errors are one line on stderr; a traceback only with ``--debug``.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader import __version__
from grader.administration import account, course
from grader.authoring.commands import check, new
from grader.errors import ExerciseError, GraderError, GradingFailed, SandboxFailed, SettingsError, UsageError

if TYPE_CHECKING:
    from grader.grading import Truths
    from grader.library import Library
    from grader.model.exercise import Exercise
    from grader.model.report import Report
    from grader.model.submission import Submission
    from grader.model.text import Language
    from grader.sandbox.pool import Pool
    from grader.settings import Settings

FULL, PARTIAL, CALL, OURS = 0, 1, 2, 3
COLLAPSE_FROM = 24
"""From so many files on, 0.4 s spent on huge pages come back."""


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
        click.echo("grade: stopped", err=True)
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
        traceback.print_exc()
    click.echo(f"grade: {' '.join(sentence.split())}", err=True)
    return code


def _settings() -> Settings:
    from grader import settings

    return settings.load()


def _library(settings: Settings) -> Library:
    from grader.library import Library

    return Library(settings.exercises, settings.solutions)


class _Slug(click.ParamType[str]):
    """An exercise's name; the shell completes it."""

    name = "exercise"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        from click.shell_completion import CompletionItem

        try:
            slugs = _library(_settings()).slugs()
        except GraderError:
            return []
        return [CompletionItem(slug) for slug in slugs if slug.startswith(incomplete)]


def _language(name: str | None) -> Language:
    if name in ("en", "zh"):
        return name  # type: ignore[return-value]
    from grader.terminal import reader_language

    return reader_language()


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_lang = click.option("--lang", type=click.Choice(["en", "zh"]), help="Language (default: the terminal's).")
_debug = click.option("--debug", is_flag=True, help="Show a traceback when the grader itself fails.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
_seed = click.option("--seed", metavar="N", type=click.IntRange(0, 2**53), default=0, show_default=True,
                     help="Draws the generated cases.")  # fmt: skip
_slug = click.argument("slug", metavar="EXERCISE", type=_Slug())


class _Commands(click.Group):
    """Names the nearest command where there is none by that name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
        if near and self.get_command(ctx, args[0]) is None:
            raise UsageError(f"there is no command '{args[0][:40]}': did you mean 'grade {near[0]}'?")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grade")
def cli() -> None:
    """Grade exercises in automatic differentiation, and say why a gradient is wrong.

    Exit status: 0 full marks, 1 graded but not full marks, 2 the call or the exercise is
    wrong, 3 the grader itself failed.

    Completion for bash: eval "$(_GRADE_COMPLETE=bash_source grade)"  (zsh_source, fish_source alike)
    """


@cli.command("list")
@_options(_as_json, _lang, _debug)
def list_(as_json: bool, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """List the exercises."""
    exercises = _library(_settings()).all()
    if as_json:
        language = _language(lang or "en")
        _print_json([_listed(exercise, language) for exercise in exercises])
        return
    from grader import terminal

    terminal.console().print(terminal.exercises_table(exercises, _language(lang)))


def _listed(exercise: Exercise, language: Language) -> dict[str, Any]:
    return {
        "slug": exercise.slug,
        "section": exercise.section,
        "title": exercise.title.in_(language),
        "max_score": exercise.max_score,
        "digest": exercise.digest,
    }


@cli.command(short_help="Show an exercise: its text and starter code.")
@_options(_slug, _lang, _debug)
def show(slug: str, lang: str | None, debug: bool) -> None:  # noqa: ARG001
    """Show an exercise: its text, starter code, and what is to be predicted."""
    exercise = _library(_settings()).get(slug)
    from grader import terminal

    terminal.console().print(terminal.exercise_page(exercise, _language(lang)))


@cli.command()
@_options(
    _slug,
    click.argument("file", metavar="FILE"),
    click.option("--predict", "predict", multiple=True, metavar="NAME=VALUE",
                 help="A typed prediction, e.g. --predict 'x_grad=[0, 4, 8, 12]'. May be repeated."),
    click.option("--plot", is_flag=True, help="Draw f with the true and the predicted gradient."),
    click.option("--graph", is_flag=True, help="Draw the graph behind f's result, and where it is cut."),
    _seed, _as_json, _lang, _debug,
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
    exercise = _library(_settings()).get(slug)
    source = _read_source(file)
    predictions = dict(_prediction(exercise, text) for text in predict)
    from grader.sandbox.pool import Pool

    # The jail warms up in the background from here on.
    pool = Pool(slots=2)
    try:
        from grader.grading import Truths, not_gradable
        from grader.model.submission import Submission

        _check_predictions(exercise, predictions)
        submission, truths = Submission(source, predictions, seed), Truths()
        try:
            pool = _fall_back(pool, 2)
            from grader.grading import grade

            report = grade(exercise, submission, pool, truths)
        except GradingFailed as error:
            if not as_json:
                raise
            _print_json(not_gradable(exercise, submission, str(error)).to_json(_language(lang or "en")))
            return _complain(str(error), OURS, debug)
        if plot or graph:
            if not as_json:
                _print_report(report, lang)
            report = _with_pictures(report, exercise, submission, pool, truths, plot=plot, graph=graph)
    finally:
        pool.close()
    if as_json:
        _print_json(report.to_json(_language(lang or "en")))
    elif not (plot or graph):
        _print_report(report, lang)
    elif report.pictures is not None:
        from grader import drawing, terminal

        drawn = drawing.drawings(report.pictures, _language(lang), plot=plot, graph=graph)
        terminal.console().print(*drawn, sep="\n")
    return FULL if report.passed else PARTIAL


def _print_report(report: Report, lang: str | None) -> None:
    from grader import terminal

    terminal.console().print(terminal.report_page(report, _language(lang)))


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
        click.echo(f"grade: the pictures could not be drawn: {error}", err=True)
        return report
    return msgspec.structs.replace(report, pictures=pictures)


@cli.command()
@_options(
    _slug,
    click.argument("files", metavar="FILE...", nargs=-1, required=True),
    click.option("--csv", "csv_out", metavar="OUT", help="Write one row a file (- for standard output)."),
    click.option("--json", "json_out", metavar="OUT",
                 help="Write one list of reports (- for standard output)."),
    click.option("--jobs", metavar="N", type=click.IntRange(1, 256),
                 help="Files graded at once (default: the cores)."),
    _seed, _lang, _debug,
)  # fmt: skip
def batch(
    slug: str, files: tuple[str, ...], csv_out: str | None, json_out: str | None, jobs: int | None,
    seed: int, lang: str | None, debug: bool,  # noqa: ARG001
) -> int:  # fmt: skip
    """Grade many FILEs as answers to EXERCISE."""
    settings = _settings()
    exercise = _library(settings).get(slug)
    if csv_out == json_out == "-":
        raise UsageError("--csv - and --json - would both go to standard output; name a file for one of them")
    for out in (csv_out, json_out):
        if out not in (None, "-"):
            _writable(out)
    from grader.sandbox.pool import Pool

    jobs = min(jobs or settings.slots, len(files))
    pool = Pool(slots=jobs, spares=jobs, collapse=len(files) >= COLLAPSE_FROM)
    try:
        from grader import terminal

        pool = _fall_back(pool, jobs, collapse=len(files) >= COLLAPSE_FROM)
        rows = _grade_all(exercise, files, seed, pool, jobs, quiet="-" in (csv_out, json_out))
    finally:
        pool.close()
    if json_out is not None:
        language = _language(lang or "en")
        _write(
            json_out,
            json.dumps([_batch_json(row, language) for row in rows], ensure_ascii=False, indent=1) + "\n",
        )
    if csv_out is not None:
        _write_csv(csv_out, exercise, rows)
    if "-" not in (csv_out, json_out):
        shown = [(file, report, problem) for file, report, problem, _ in rows]
        terminal.console().print(terminal.batch_table(shown, _language(lang)))
    return max(code for _, _, _, code in rows)


_Row = tuple[str, "Report", str, int]


def _grade_all(
    exercise: Exercise, files: tuple[str, ...], seed: int, pool: Pool, jobs: int, *, quiet: bool
) -> list[_Row]:
    """Grade every file; a file that cannot be read gets a row, too."""
    from concurrent.futures import ThreadPoolExecutor

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from grader import terminal
    from grader.grading import Truths, grade, not_gradable
    from grader.model.submission import Submission

    truths = Truths()

    def one(file: str) -> _Row:
        empty = Submission(b"", {}, seed)
        try:
            submission = Submission(_read_source(file), {}, seed)
        except UsageError as error:
            return file, not_gradable(exercise, empty, str(error), kind="UnreadableFile"), str(error), CALL
        try:
            report = grade(exercise, submission, pool, truths)
        except GradingFailed as error:
            return file, not_gradable(exercise, submission, str(error)), str(error), OURS
        return file, report, "", FULL if report.passed else PARTIAL

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=terminal.console(stderr=True), transient=True, disable=quiet,
    )  # fmt: skip
    with bar, ThreadPoolExecutor(jobs) as workers:
        task = bar.add_task(exercise.slug, total=len(files))
        rows = []
        for row in workers.map(one, files):
            rows.append(row)
            bar.advance(task)
    return rows


def _batch_json(row: _Row, language: Language) -> dict[str, Any]:
    file, report, _, _ = row
    return {**report.to_json(language), "file": file}


def _write_csv(out: str, exercise: Exercise, rows: list[_Row]) -> None:
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "score", "max_score", "passed", "status", *(c.id for c in exercise.checks)])
    for file, report, _, _ in rows:
        verdicts = [check.verdict for check in report.checks]
        graded = report.status == "graded"
        score = f"{report.score:g}" if graded else ""
        passed = str(report.passed).lower() if graded else ""
        # A name that a spreadsheet would take for a formula is put in quotes for it.
        name = f"'{file}" if file.startswith(("=", "+", "@", "\t")) else file
        writer.writerow([name, score, f"{report.max_score:g}", passed, report.status, *verdicts])
    _write(out, text.getvalue())


@cli.command()
@_options(click.argument("slugs", metavar="[EXERCISE]...", nargs=-1, type=_Slug()), _debug)
def publish(slugs: tuple[str, ...], debug: bool) -> None:  # noqa: ARG001
    """Write visible.json, by which a copy without solutions/ judges (all exercises by default)."""
    settings = _settings()
    library = _library(settings)
    from grader.grading import Truths
    from grader.grading.plan import make_plan
    from grader.grading.published import publish as written
    from grader.sandbox.pool import Pool

    truths = Truths()
    with Pool(slots=1) as pool:
        for slug in slugs or library.slugs():
            plan = make_plan(library.get(slug), 0)
            path = library.folder(slug) / "visible.json"
            _write(str(path), written(plan, truths.of(plan, pool)))
            click.echo(path)


@cli.command(short_help="Say what isolation this machine gives.")
@_options(_debug)
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
@_options(
    click.option("--host", help="Where to listen (default: GRADER_HOST or 127.0.0.1)."),
    click.option("--port", type=click.IntRange(0, 65535), help="The port (default: GRADER_PORT or 8000)."),
    click.option("--demo", is_flag=True, help="Fill an empty database with a demo course, really graded."),
    click.option("--allow-weak-isolation", is_flag=True,
                 help="Serve even where the machine gives no namespaces. Only for trusted students."),
    _debug,
)  # fmt: skip
def serve(host: str | None, port: int | None, demo: bool, allow_weak_isolation: bool, debug: bool) -> None:  # noqa: ARG001
    """Serve the pages and the API, and grade what is handed in."""
    import dataclasses

    from grader.service import serve as start

    settings = _settings()
    settings = dataclasses.replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    start(settings, _library(settings), demo=demo, weak_allowed=allow_weak_isolation)


cli.add_command(account)
cli.add_command(check)
cli.add_command(new)
cli.add_command(course)


# What the commands share.


def _fall_back(pool: Pool, slots: int, *, collapse: bool = False) -> Pool:
    """The pool once it is warm; a plain-process one, announced, where there are no namespaces."""
    from grader.sandbox.pool import Pool

    try:
        pool.hello()
    except SandboxFailed as error:
        pool.close()
        click.echo(
            f"grade: no isolation here ({error}); running in a plain process. 'grade doctor' says more.",
            err=True,
        )
        pool = Pool(slots=slots, weak=True, collapse=collapse)
        pool.hello()
    return pool


def _read_source(file: str) -> bytes:
    """The bytes of a submission; whatever they hold is the judge's business.

    :raises UsageError: there is no such file, it is a folder, or it cannot be read.
    """
    if file == "-":
        return sys.stdin.buffer.read(_READ_AT_MOST)
    path = Path(file)
    try:
        if path.is_dir():
            raise UsageError(f"'{file}' is a folder; name the Python file in it")
        with path.open("rb") as opened:
            return opened.read(_READ_AT_MOST)
    except FileNotFoundError:
        near = _nearest_file(path)
        hint = f"did you mean '{near}'?" if near else "check the name and the folder you are in."
        raise UsageError(f"there is no file '{file}': {hint}") from None
    except OSError as error:
        raise UsageError(f"'{file}' cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in the name
        raise UsageError(f"'{file}' is no file name: {error}") from error


_READ_AT_MOST = 64 * 2**20


def _nearest_file(path: Path) -> str | None:
    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix == ".py"]
    except OSError:
        return None
    near = difflib.get_close_matches(path.name, names, n=1)
    return str(path.with_name(near[0])) if near else None


def _prediction(exercise: Exercise, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip()
    known = [answer.name for answer in exercise.answers]
    if not equals or not name or not value.strip():
        raise UsageError(
            f"--predict '{text[:80]}' is not NAME=VALUE; write e.g. --predict {_example(exercise)}"
        )
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        if not known:
            raise UsageError(f"--predict: '{exercise.slug}' asks for no typed prediction")
        hint = f"did you mean '{near[0]}'?" if near else f"it asks for {', '.join(known)}."
        raise UsageError(f"--predict: '{exercise.slug}' has no prediction '{name[:60]}': {hint}")
    return name, value


def _example(exercise: Exercise) -> str:
    """The form of a typed prediction of this exercise, with numbers that answer nothing."""
    if not exercise.answers:
        return "'NAME=[0.5, -2]'"
    answer = exercise.answers[-1]
    match answer.type:
        case "choice":
            return f"'{answer.name}={answer.option[0].id}' or '{answer.name}={answer.option[1].id}'"
        case "edges":
            return f"'{answer.name}=p -> q, q -> r'"
        case "formula":
            return f"'{answer.name}=2 + 3*{exercise.inputs[0].name}'"
        case _:
            pass
    pair = ("True", "False") if answer.type == "bool" else ("0.5", "-2")
    if not answer.shape:
        return f"'{answer.name}={pair[0]}' or '{answer.name}={pair[1]}'"
    return f"'{answer.name}=[{', '.join((pair * 2)[: answer.shape[0]])}]'"


def _check_predictions(exercise: Exercise, predictions: dict[str, str]) -> None:
    from grader.checks import typed, words
    from grader.checks.formula import NotAFormula
    from grader.grading.formulas import read_formula

    for name, value in predictions.items():
        answer = exercise.answer(name)
        try:
            if answer.type == "formula":
                read_formula(exercise, next(c for c in exercise.checks if c.answer == name), value)
            elif answer.type in ("choice", "edges"):
                words.parse(value, answer)
            else:
                typed.parse(value)
        except (typed.NotAnAnswer, NotAFormula) as error:
            said = error.why.en if error.why is not None else f"it cannot be read at '{error.what[:40]}'"
            where = f" at '{error.what[:40]}'" if error.why is not None and error.what else ""
            raise UsageError(
                f"--predict {name}: {said}{where}; write e.g. {_example_of(exercise, name)}"
            ) from None


def _example_of(exercise: Exercise, name: str) -> str:
    import msgspec

    return _example(msgspec.structs.replace(exercise, answers=(exercise.answer(name),)))


def _writable(out: str | None) -> Path:
    """Complain about an output file before the work, not after it."""
    path = Path(out or "")
    if path.is_dir():
        raise UsageError(f"'{out}' is a folder; name a file to write")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder '{path.parent}' to write '{path.name}' into")
    return path


def _write(out: str, text: str) -> None:
    if out == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"'{out}' cannot be written: {error.strerror}") from error


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1))
