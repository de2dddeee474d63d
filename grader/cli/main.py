"""``grade``: finds the command that was called, and turns every end of it into an exit code.

A command's module is imported when the command is called; ``--help`` and the shell's completion read the
table below.

Exit: 0 full marks · 1 graded, not full marks · 2 the call or the exercise is wrong ·
3 the grader itself failed. Errors are one line on stderr; a traceback only with ``--debug``.
"""

from __future__ import annotations

import difflib
import importlib
import io
import sys
from typing import Final, NoReturn

import click

from grader import __version__
from grader.cli.options import CALL, FULL, OURS, complain, echo
from grader.errors import ExerciseError, GraderError, SettingsError, UsageError

COMMANDS: Final = {
    "account": (
        "accounts.account",
        "Make accounts, enrol them, let in who is locked out, give out API tokens.",
    ),
    "assignment": (
        "assignments.assignment",
        "Say by which rules assignments are handed in and count.",
    ),
    "backup": ("backups.back_up", "Copy the database into FILE, whole and as it is at this moment."),
    "batch": ("batch.batch", "Grade many FILEs as answers to EXERCISE."),
    "check": ("authoring.check", "Prove exercises sound (all of them by default)."),
    "course": ("courses.course", "Make courses and put exercises into them."),
    "db": (
        "databases.db",
        "Look after the database: bring its schema up to date, move it to another server or kind.",
    ),
    "doctor": ("doctor.doctor", "Say what isolation this machine gives."),
    "export": (
        "export.export",
        "Write the scores of COURSE into a gradebook that Canvas or Moodle exported.",
    ),
    "list": ("list.list_", "List the exercises."),
    "login": (
        "submit.login",
        "Sign in to the server at URL with a token, which your account page there makes.",
    ),
    "logout": (
        "submit.logout",
        "Forget the token of a server (of the last login, unless --server names one).",
    ),
    "new": ("authoring.new", "Begin a new exercise."),
    "publish": (
        "authoring.publish",
        "Write visible.json, by which a copy without solutions/ judges (all exercises by default).",
    ),
    "regrade": (
        "regrades.regrade",
        "Change scores by proposals: rerun or rescore, look at who moves, accept, undo.",
    ),
    "restore": ("backups.restore", "Put the backup FILE in the database's place."),
    "roster": (
        "rosters.roster",
        "Look at lists of people and import them: from Canvas, Moodle, Blackboard or a spreadsheet.",
    ),
    "run": ("run.run", "Grade FILE (- for standard input) as an answer to EXERCISE."),
    "serve": ("serve.serve", "Serve the pages and the API, and grade what is handed in."),
    "show": ("show.show", "Show an exercise: its text and starter code."),
    "status": (
        "submit.status",
        "Say what you have in each exercise; with ID, the verdict on that submission.",
    ),
    "submit": (
        "submit.submit",
        "Hand FILE (- for standard input) in as an answer to EXERCISE, and print the verdict.",
    ),
    "user": (
        "users.user",
        "Look after accounts: who there is, what one may do, a person's data out or removed.",
    ),
    "verify": (
        "verify.verify",
        "Derive the grade of SUBMISSION again, and say where it differs from what is stored.",
    ),
    "watch": ("run.watch", "Grade FILE again whenever it is saved."),
    "worker": ("grading.worker", "Grade what servers take in, woken through GRADER_BROKER_URL."),
}
"""By name: where in this folder a command stands, and the line that ``--help`` says of it."""


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
        code = complain(f"{said}: '{command} --help' shows how it is called", CALL, debug)
    except click.ClickException as error:
        code = complain(error.format_message(), CALL, debug)
    except (UsageError, ExerciseError, SettingsError) as error:
        code = complain(str(error), CALL, debug)
    except GraderError as error:
        code = complain(str(error), OURS, debug)
    except BrokenPipeError:
        sys.stderr.close()
        code = OURS
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence, never a traceback
        said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        code = complain(
            f"this is a defect of the grader ({said}); run it again with --debug and report it", OURS, debug
        )
    sys.exit(code if isinstance(code, int) else FULL)


def load(name: str) -> click.Command:
    """The command of that name, with its module.

    The one place where a room is imported once a command needs it. Of processor time ``--help`` and ``list``
    take 0.2 s; what judges would add 0.4 s, the database 1 s, the server 2.2 s.
    """
    module, _, attribute = COMMANDS[name][0].partition(".")
    command: click.Command = getattr(importlib.import_module(f"grader.cli.{module}"), attribute)
    return command


class _Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """What is listed and completed; :meth:`resolve_command` has the command itself."""
        known = COMMANDS.get(cmd_name)
        return None if known is None else click.Command(cmd_name, help=known[1])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was called.

        :raises UsageError: there is none by that name; the nearest is named.
        """
        name, *more = args
        if name in COMMANDS:
            return name, load(name), more
        near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
        if near:
            raise UsageError(f"there is no command '{name[:40]}': did you mean 'grade {near[0]}'?")
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
