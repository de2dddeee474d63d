"""``grade login``, ``submit``, ``status``, ``logout``: handing in to a server from a terminal."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text as Line

from grader.cli import credentials
from grader.cli.api_client import Answer, Remote, Standing, plain
from grader.cli.console import console, say
from grader.cli.inputs import name_and_value, read_source
from grader.cli.options import (
    FULL,
    PARTIAL,
    Slug,
    debug_option,
    json_option,
    lang_option,
    language_of,
    options,
    predict_option,
    settings_now,
)
from grader.cli.report import report_page
from grader.errors import GradingFailed, UsageError
from grader.model.inert import inert
from grader.model.report import from_json
from grader.model.source import Refusal, readable
from grader.model.source import read_source as read
from grader.model.text import Language

FIRST_LOOK, LONGEST_LOOK = 0.25, 3.0
"""Seconds between two questions for a verdict, where the server does not say when to ask."""
PATIENCE = "2"
"""Seconds that the server may keep the answer back for the verdict, as for the page."""
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
    address = credentials.checked_address(url, insecure=insecure)
    token = _typed_token(address, token_file)
    _said, standing = _remote(address, token).standing()
    kept = credentials.load()
    # TLS, where it is used, is not given up by a later login.
    servers = {**kept.servers, address: credentials.Login(token, insecure and address.startswith("http:"))}
    path = credentials.save(msgspec.structs.replace(kept, default=address, servers=servers))
    exercises = f"{len(standing)} exercise{'s' * (len(standing) != 1)}"
    click.echo(f"Signed in to {address} ({exercises}). The token is in {path}.")


def _typed_token(address: str, token_file: str | None) -> str:
    """Never from an argument: every user of a machine can list those."""
    if token_file not in (None, "-"):
        try:
            return credentials.checked_token(Path(token_file or "").read_text("utf-8"), f"in '{token_file}'")
        except UnicodeDecodeError as error:
            raise UsageError(f"'{token_file}' holds no token") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"'{token_file}' cannot be read: {getattr(error, 'strerror', error)}") from error
    if token_file is None and sys.stdin.isatty():
        click.echo(f"Make a token at {address}/account and paste it here; it is not shown.", err=True)
        return credentials.checked_token(
            click.prompt("Token", hide_input=True, err=True), "in what you pasted"
        )
    return credentials.checked_token(sys.stdin.readline(), "on standard input")


@click.command()
@options(server_option, debug_option)
def logout(server: str | None, debug: bool) -> None:  # noqa: ARG001
    """Forget the token of a server (of the last login, unless --server names one).

    The token itself stays valid; your account page revokes it.
    """
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
    predict_option,
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
    source = _as_text(read_source(file), language_of(lang))
    body = {"exercise": slug, "source": source, "predictions": dict(map(name_and_value, predict))}
    address, token = credentials.chosen(settings_now(), server, insecure=insecure)
    remote = _remote(address, token)
    language = language_of(lang or "en") if as_json else language_of(lang)
    answer = remote.submit(body, secrets.token_hex(16), wait=PATIENCE if wait else "0", lang=language)
    if not wait:
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
    if identity is not None and not re.fullmatch(r"[0-9A-Za-z-]{1,64}", identity):
        raise UsageError(f"'{identity[:80]}' is no id of a submission; 'grade submit --no-wait' prints one")
    remote = _remote(*credentials.chosen(settings_now(), server, insecure=insecure))
    language = language_of(lang or "en") if as_json else language_of(lang)
    if identity is not None:
        answer = remote.get(f"/api/v1/submissions/{identity}", lang=language)
        return _show(_row(answer), language, as_json=as_json, report_only=False)
    said, standing = remote.standing()
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return FULL
    console().print(standing_table(standing, language))
    return FULL


def standing_table(standing: Sequence[Standing], language: Language) -> RenderableType:
    """``grade status``: what one has in each exercise."""
    if not standing:
        return Line(
            say(
                language,
                "You are a student in no course that has exercises.",
                "你没有作为学生参加任何有练习的课程。",
            )
        )
    table = Table(box=None, pad_edge=False, header_style="dim")
    several = len({entry.course for entry in standing}) > 1
    if several:
        table.add_column(say(language, "course", "课程"), overflow="fold")
    table.add_column("", width=1)
    table.add_column(say(language, "exercise", "练习"), overflow="fold")
    table.add_column(say(language, "score", "得分"), justify="right", no_wrap=True)
    table.add_column(say(language, "attempts", "次数"), justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for entry in standing:
        score, most = entry.score, entry.max_score
        of = "" if most is None else f" / {most:g}"
        said = [say(language, f"waiting: {each}", f"等待评判：{each}") for each in entry.waiting]
        said += _outlook(entry, language)
        row: list[RenderableType] = [
            Line("✓" if entry.passed else "", style="green"),
            Line(inert(entry.exercise), style="bold"),
            "–" if score is None else f"{score:g}{of}",
            str(entry.attempts),
            Line(inert("  ".join(said)), style="dim"),
        ]
        table.add_row(*([Line(inert(entry.course)), *row] if several else row))
    return table


def _outlook(entry: Standing, language: Language) -> list[str]:
    """What one may still do at an exercise, in this machine's time."""
    if entry.attempts_left == 0:
        return [say(language, "all attempts used", "次数已用完")]
    if not entry.open:
        return [say(language, "closed", "已关闭")]
    said = []
    if entry.attempts_left is not None:
        left = entry.attempts_left
        said.append(say(language, f"{left} attempt{'s' * (left != 1)} left", f"还可提交 {left} 次"))
    if entry.next_attempt is not None:
        when = f"{entry.next_attempt.astimezone():%H:%M:%S}"
        said.append(say(language, f"next attempt from {when} on", f"{when} 起可再次提交"))
    if entry.due is not None and not entry.passed:
        when = f"{entry.due.astimezone():%Y-%m-%d %H:%M}"
        said.append(say(language, f"due {when}", f"截止 {when}"))
    return said


def _remote(address: str, token: str) -> Remote:
    return Remote(address, token, lambda sentence: click.echo(f"grade: {sentence}", err=True))


def _as_text(data: bytes, language: Language) -> str:
    """A file as JSON can carry it. In UTF-8, or as whoever wrote it reads it.

    :raises UsageError: nobody could read it.
    """
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
    parts = [f"{plain(row['id'])} waits for its verdict"]
    if row.get("waits_for_versions") is True:
        return f"{parts[0]}: the graders that run now have other versions than its exercise is judged by"
    if row.get("stalled") is True:
        return f"{parts[0]}: nothing can be graded at the moment; it is stored and will be"
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
        console().print(report_page(report, language))
        if report.passed and isinstance(row.get("insight"), str):
            console().print(Line(inert(row["insight"]), style="dim"))
        for sentence in _counting(row, language):
            console().print(Line(sentence, style="dim"))
    return FULL if report is not None and report.passed else PARTIAL


def _counting(row: dict[str, Any], language: Language) -> list[str]:
    """What an attempt counts, where that is not its score; and from when on more of its verdict is told."""
    said = []
    counts = row.get("counts")
    if isinstance(counts, dict) and all(
        isinstance(counts.get(n), int | float) for n in ("score", "max_score")
    ):
        score, most = f"{counts['score']:g}", f"{counts['max_score']:g}"
        late_en, late_zh = (" (late)", "（迟交）") if counts.get("late") is True else ("", "")
        said.append(say(language, f"counts {score} of {most}{late_en}", f"计 {score} / {most}{late_zh}"))
    begin = row.get("details_from")
    if isinstance(begin, str):
        when = plain(begin)
        said.append(
            say(
                language,
                f"why a check does not pass is told from {when} on",
                f"{when} 之后会说明未通过的原因",
            )
        )
    return said


def _print(value: Any, sentence: str, as_json: bool) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) if as_json else sentence)
