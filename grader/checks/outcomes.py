"""Outcomes of runs that brought no answer: the verdict on each, and its sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from errno import ENOMEM

from grader.checks import sentences, torch_errors
from grader.model.exercise import Function, Limits
from grader.model.job import ASLEEP, BUSY
from grader.model.observation import (
    OF_ALL,
    REFUSED,
    Died,
    Differentiated,
    Loaded,
    Misfit,
    Missing,
    Outcome,
    Raised,
    Returned,
    Skipped,
)
from grader.model.report import StudentError, Verdict
from grader.model.source import Source
from grader.model.text import Text
from grader.model.values import Foreign


@dataclass(frozen=True)
class Trouble:
    """Why there is no answer to compare."""

    verdict: Verdict
    message: Text
    line: int | None = None
    """The line of the student's file at which it happened, where that is known."""


def trouble(outcome: Outcome, function: Function, limits: Limits) -> Trouble | None:
    """None when the outcome holds an answer."""
    match outcome:
        case Missing(found=None, near=near):
            return Trouble("missing", sentences.missing_function(function.name, near))
        case Missing(found=kind):
            return Trouble("missing", sentences.not_a_function(function.name, str(kind)))
        case Misfit(signature=signature):
            call = f"{function.name}({', '.join(function.args)})"
            return Trouble("error", sentences.misfit(signature, call))
        case Raised():
            return of_error(outcome, limits)
        case Died():
            return of_death(outcome, limits)
        case Skipped():
            return Trouble("skipped", sentences.SKIPPED)
        case Returned(value=Foreign(absent=path)) | Differentiated(value=Foreign(absent=path)) if path:
            return Trouble("error", sentences.from_absent(function.name, path))
        case (
            Returned(value=Foreign(unapplied=True, type=kind))
            | Differentiated(value=Foreign(unapplied=True, type=kind))
        ):
            return Trouble("error", sentences.not_applied(function.name, kind))
        case _:
            return None


def of_error(error: Raised, limits: Limits) -> Trouble:
    """An exception. The jail's own refusals are named for what was tried."""
    return replace(_of_error(error, limits), line=error.culprit or error.line)


def _of_error(error: Raised, limits: Limits) -> Trouble:
    if error.errno in REFUSED:
        return Trouble("forbidden", sentences.forbidden(REFUSED[error.errno]))
    if error.type == "ResultTooLarge":  # the harness' own
        return Trouble("output", sentences.RESULTS_TOO_LARGE)
    if error.type == "gaierror":  # a name was looked up, which takes a socket
        return Trouble("forbidden", sentences.forbidden("network"))
    if error.type == "RuntimeError" and "can't start new thread" in error.message:
        return Trouble("forbidden", sentences.forbidden("process"))
    if _out_of_memory(error):
        return Trouble("memory", sentences.memory(limits.memory // 2**20))
    if error.type in ("SyntaxError", "IndentationError", "TabError"):
        return Trouble("error", sentences.syntax(error.message, error.line))
    absent = re.fullmatch(r"No module named '([\w.]{1,60})'", error.message)
    if error.type == "ModuleNotFoundError" and absent:
        return Trouble("error", sentences.no_module(absent.group(1), error.line))
    return Trouble("error", said_of(error))


def _out_of_memory(error: Raised) -> bool:
    memory = ("can't allocate memory", "std::bad_alloc")
    return error.type == "MemoryError" or error.errno == ENOMEM or any(m in error.message for m in memory)


def limited(outcome: Outcome) -> bool:
    """Whether a limit of time or memory made it: on another machine, or a busier one, it may be another."""
    match outcome:
        case Died(cause="timeout" | "memory" | "crashed") | Skipped():
            return True
        case Raised():
            return _out_of_memory(outcome)
        case Differentiated(error=Raised() as error):
            return _out_of_memory(error)
        case _:
            return False


def said_of(error: Raised) -> Text:
    """What is said of an error of torch's or Python's: its own words, or better ones."""
    if error.absent:
        return sentences.no_autograd_here(error.line)
    said = torch_errors.translated(error) or sentences.raised(error.type, error.message, error.line)
    return sentences.works_later(said) if error.later else said


def of_death(death: Died, limits: Limits) -> Trouble:
    """The child died, or was killed."""
    match death.cause:
        case "timeout":
            return Trouble("timeout", _said_of_timeout(death.detail, limits))
        case "memory":
            return Trouble("memory", sentences.memory(limits.memory // 2**20))
        case "output" if death.detail == "text":
            return Trouble("output", sentences.printed_too_much(limits.text // 1024))
        case "output":
            return Trouble("output", sentences.RESULTS_TOO_LARGE)
        case "crashed":
            return Trouble("crashed", sentences.crashed(death.detail))
        case "forbidden":
            return Trouble("forbidden", sentences.forbidden(death.detail))
        case "malformed":
            return Trouble("malformed", sentences.MALFORMED)


def _said_of_timeout(limit: str, limits: Limits) -> Text:
    """Which limit was met, with its seconds."""
    case, total = limits.case_seconds, limits.total_seconds
    match limit.removesuffix(OF_ALL), limit.endswith(OF_ALL):
        case "asleep", False:
            return sentences.timeout_asleep(case * ASLEEP)
        case "asleep", True:
            return sentences.timeout_asleep_of_all(total * ASLEEP)
        case "elapsed", _:
            return sentences.timeout_elapsed_of_all(total * BUSY)
        case _, True:
            return sentences.timeout_of_all(total)
        case _:
            return sentences.timeout(case)


def of_load(loaded: Loaded, limits: Limits) -> Trouble | None:
    """What kept the whole file from being run, if anything."""
    match loaded.failure:
        case None:
            return None
        case Raised() as error:
            return of_error(error, limits)
        case Died() as death:
            return of_death(death, limits)


def student_error(
    loaded: Loaded, outcomes: list[Outcome], source: Source, limits: Limits
) -> StudentError | None:
    """The first error of the student's code, with the student's own line."""
    first: Raised | Died | None = loaded.failure
    for outcome in outcomes:
        if first is None and isinstance(outcome, Raised | Died):
            first = outcome
        elif first is None and isinstance(outcome, Differentiated) and outcome.error is not None:
            # Raised on the way back; whose line it is may not be known.
            known = outcome.error.line is not None or outcome.error.culprit is not None
            first = outcome.error if known else None
    if first is None:
        return None
    if isinstance(first, Died):
        return StudentError(first.cause, of_death(first, limits).message)
    said = of_error(first, limits)
    plain = torch_errors.translated(first) is None and not first.absent
    if said.verdict == "error" and not first.column and plain and first.message:
        message = Text(first.message, first.message)
    else:
        message = said.message
    at = first.culprit or first.line
    place = source.place(at)
    if place is not None:
        message = Text(f"{message.en} ({place.en})", f"{message.zh}（{place.zh}）")
    excerpt = _excerpt(at, first.column, source.lines)
    return StudentError(first.type, message, at, excerpt, whole=first is loaded.failure)


def _excerpt(at: int | None, column: int | None, lines: list[str]) -> str:
    """The student's line, with a caret under the place for a syntax error."""
    if at is None or not 1 <= at <= len(lines):
        return ""
    line = lines[at - 1].rstrip()
    shown = line.strip()[:160]
    if not column:
        return shown
    indent = len(line) - len(line.lstrip())
    caret = max(0, min(column - 1 - indent, len(shown)))
    # A full-width character takes two columns of a terminal.
    pad = "".join("  " if ord(c) > 0x2E80 else " " for c in shown[:caret])
    return f"{shown}\n{pad}^"
