"""``grade login``, ``submit``, ``status``, ``logout``: handing in to a server from a terminal."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.errors import GradingFailed, UsageError
from grader.handin import name_and_value, read_source
from grader.options import (
    FULL,
    PARTIAL,
    Slug,
    debug_option,
    json_option,
    lang_option,
    language_of,
    options,
    settings_now,
)

if TYPE_CHECKING:
    from grader.model.text import Language
    from grader.remote import Answer, Remote

FIRST_LOOK, LONGEST_LOOK = 0.25, 3.0
"""Seconds between two questions for a verdict, where the server does not say when to ask."""
SHORTEST_LOOK = 0.05
"""Seconds, whatever it says."""
MOST_SENT = 2**20
"""Bytes of a file that are sent as they are. A larger notebook is sent as the code in it."""

server_option = click.option("--server", metavar="URL", help="The server (default: that of the last login).")
insecure_option = click.option(
    "--insecure", is_flag=True, help="Allow http://, which anybody on the way can read."
)


@click.command()
@options(
    click.argument("url", metavar="URL"),
    click.option("--token-file", metavar="FILE", help="Read the token from there (- for standard input)."),
    insecure_option, debug_option,
)  # fmt: skip
def login(url: str, token_file: str | None, insecure: bool, debug: bool) -> None:  # noqa: ARG001
    """Sign in to the server at URL with a token, which your account page there makes.

    The token is asked for, and kept in a file that only you can read. GRADER_TOKEN, where it is set, goes
    before what is kept.
    """
    import msgspec

    from grader import credentials

    address = credentials.checked_address(url, insecure=insecure)
    token = _typed_token(address, token_file)
    _plain, standing = _remote(address, token).standing()
    kept = credentials.load()
    # TLS, where it is used, is not given up by a later login.
    servers = {**kept.servers, address: credentials.Login(token, insecure and address.startswith("http:"))}
    path = credentials.save(msgspec.structs.replace(kept, default=address, servers=servers))
    exercises = f"{len(standing)} exercise{'s' * (len(standing) != 1)}"
    click.echo(f"Signed in to {address} ({exercises}). The token is in {path}.")


def _typed_token(address: str, token_file: str | None) -> str:
    """Never from an argument: every user of a machine can list those."""
    from grader.credentials import checked_token

    if token_file not in (None, "-"):
        try:
            return checked_token(Path(token_file or "").read_text("utf-8"), f"in '{token_file}'")
        except UnicodeDecodeError as error:
            raise UsageError(f"'{token_file}' holds no token") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"'{token_file}' cannot be read: {getattr(error, 'strerror', error)}") from error
    if token_file is None and sys.stdin.isatty():
        click.echo(f"Make a token at {address}/account and paste it here; it is not shown.", err=True)
        return checked_token(click.prompt("Token", hide_input=True, err=True), "in what you pasted")
    return checked_token(sys.stdin.readline(), "on standard input")


@click.command()
@options(server_option, debug_option)
def logout(server: str | None, debug: bool) -> None:  # noqa: ARG001
    """Forget the token of a server (of the last login, unless --server names one).

    The token itself stays valid; your account page revokes it.
    """
    import msgspec

    from grader import credentials

    kept = credentials.load()
    address = kept.default if server is None else credentials.checked_address(server, insecure=True)
    if address is None or address not in kept.servers:
        raise UsageError(f"you are not signed in{f' to {address}' if address else ''}")
    servers = {each: value for each, value in kept.servers.items() if each != address}
    default = next(iter(servers), None) if kept.default == address else kept.default
    credentials.save(msgspec.structs.replace(kept, servers=servers, default=default))
    click.echo(f"Signed out of {address} here. To revoke the token itself: {address}/account")


@click.command()
@options(
    click.argument("slug", metavar="EXERCISE", type=Slug()),
    click.argument("file", metavar="FILE"),
    click.option("--predict", "predict", multiple=True, metavar="NAME=VALUE",
                 help="A typed prediction, e.g. --predict 'x_grad=[0, 4, 8, 12]'. May be repeated."),
    click.option("--wait/--no-wait", default=True, help="Wait for the verdict (default), or only hand in."),
    server_option, insecure_option, json_option, lang_option, debug_option,
)  # fmt: skip
def submit(
    slug: str,
    file: str,
    predict: tuple[str, ...],
    wait: bool,
    server: str | None,
    insecure: bool,
    as_json: bool,
    lang: str | None,
    debug: bool,  # noqa: ARG001
) -> int:
    """Hand FILE (- for standard input) in as an answer to EXERCISE, and print the verdict.

    Exit status: as that of 'grade run'; with --no-wait 0 when it is stored.
    """
    from grader import credentials

    source = _as_text(read_source(file), language_of(lang))
    body = {"exercise": slug, "source": source, "predictions": dict(map(name_and_value, predict))}
    address, token = credentials.chosen(settings_now(), server, insecure=insecure)
    remote = _remote(address, token)
    language = language_of(lang or "en") if as_json else language_of(lang)
    answer = remote.submit(body, secrets.token_hex(16), wait="1" if wait else "0", lang=language)
    if not wait:
        from grader.remote import plain

        row = _row(answer)
        _print(row, f"Handed in. 'grade status {plain(row['id'])}' says what came of it.", as_json)
        return FULL
    row = _verdict(remote, answer, language)
    return _show(row, language, as_json=as_json, report_only=True)


@click.command()
@options(
    click.argument("identity", metavar="[ID]", required=False),
    server_option, insecure_option, json_option, lang_option, debug_option,
)  # fmt: skip
def status(
    identity: str | None,
    server: str | None,
    insecure: bool,
    as_json: bool,
    lang: str | None,
    debug: bool,  # noqa: ARG001
) -> int:
    """Say what you have in each exercise; with ID, the verdict on that submission.

    Exit status with ID: as that of 'grade run', and 1 while there is no verdict.
    """
    from grader import credentials

    if identity is not None and not re.fullmatch(r"[0-9A-Za-z-]{1,64}", identity):
        raise UsageError(f"'{identity[:80]}' is no id of a submission; 'grade submit --no-wait' prints one")
    remote = _remote(*credentials.chosen(settings_now(), server, insecure=insecure))
    language = language_of(lang or "en") if as_json else language_of(lang)
    if identity is not None:
        answer = remote.get(f"/api/v1/submissions/{identity}", lang=language)
        return _show(_row(answer), language, as_json=as_json, report_only=False)
    plain, standing = remote.standing()
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1))
        return FULL
    from grader import terminal

    terminal.console().print(terminal.standing_table(standing, language))
    return FULL


def _remote(address: str, token: str) -> Remote:
    from grader.remote import Remote

    return Remote(address, token, lambda sentence: click.echo(f"grade: {sentence}", err=True))


def _as_text(data: bytes, language: Language) -> str:
    """A file as JSON can carry it. In UTF-8, or as whoever wrote it reads it.

    :raises UsageError: nobody could read it.
    """
    from grader.model.source import Refusal, readable
    from grader.model.source import read_source as read

    # Whether it is too long for its exercise is the server's to say, which knows that exercise.
    found = read(data, max(MOST_SENT, len(data)))
    if not isinstance(found, Refusal) and len(found.data) > MOST_SENT:
        raise UsageError(f"your code has more than {MOST_SENT // 1024} KiB; so much cannot be handed in")
    if isinstance(found, Refusal):
        raise UsageError(found.message.in_(language))
    if len(data) <= MOST_SENT:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return readable(data)


def _verdict(remote: Remote, answer: Answer, language: Language) -> dict[str, Any]:
    """The row, once it has its verdict."""
    pause, said = FIRST_LOOK, ""
    row = _row(answer)
    while row["state"] in ("queued", "running"):
        sentence = _waiting(row)
        if sentence != said:
            click.echo(f"grade: {sentence}", err=True)
            said = sentence
        time.sleep(pause if answer.retry_after is None else min(max(answer.retry_after, SHORTEST_LOOK), 60.0))
        pause = min(pause * 1.5, LONGEST_LOOK)
        answer = remote.get(f"/api/v1/submissions/{row['id']}", lang=language)
        row = _row(answer)
    return row


def _row(answer: Answer) -> dict[str, Any]:
    """A submission as the API describes it.

    :raises UsageError: it is something else.
    """
    row = answer.body
    if not isinstance(row, dict) or not all(isinstance(row.get(each), str) for each in ("id", "state")):
        raise UsageError(
            "the server's answer is no submission; check the address, or whether 'grade' is too old"
        )
    return row


def _waiting(row: dict[str, Any]) -> str:
    """Where a row stands in the queue, as far as the server says."""
    before, seconds = row.get("before"), row.get("about_s")
    from grader.remote import plain

    parts = [f"{plain(row['id'])} waits for its verdict"]
    if isinstance(before, int) and not isinstance(before, bool):
        parts.append(f"{before} before you")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        parts.append(f"about {seconds:.1f} s")
    return parts[0] + (f": {', '.join(parts[1:])}" if parts[1:] else "")


def _show(row: dict[str, Any], language: Language, *, as_json: bool, report_only: bool) -> int:
    """Print a row's verdict and return its exit code.

    :param report_only: of JSON, print what ``grade run --json`` prints.
    :raises GradingFailed: the server gave up on it.
    """
    import msgspec

    from grader.model.report import from_json

    if row["state"] == "failed" and (report_only or not as_json):
        raise GradingFailed(
            f"{row['id']} could not be graded; that is the server's fault, and costs no attempt"
        )
    try:
        report = (
            from_json(row["report"], row.get("summary"), row.get("excerpt"), whole=row.get("not_run") is True)
            if row.get("report")
            else None
        )
    except (msgspec.ValidationError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            "the server's verdict cannot be read here; is 'grade' older than the server?"
        ) from error
    if as_json or report is None:
        _print(row["report"] if report_only else row, _waiting(row), as_json)
    else:
        from grader import terminal

        terminal.console().print(terminal.report_page(report, language))
    return FULL if report is not None and report.passed else PARTIAL


def _print(value: Any, sentence: str, as_json: bool) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) if as_json else sentence)
