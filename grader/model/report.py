"""Report: the verdict on one submission, as it is stored and as it is printed ◆."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args

import msgspec

from grader.model.picture import Pictures
from grader.model.text import EMPTY, Language, Text
from grader.model.values import Plain, json_number

Verdict = Literal[
    "passed",
    "failed",
    "error",
    "missing",
    "timeout",
    "memory",
    "output",
    "crashed",
    "forbidden",
    "malformed",
    "skipped",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
CODES: tuple[str, ...] = (
    "sign", "scale", "mean-for-sum", "transpose", "shape", "dtype", "nan", "none-for-zero",
    "value-not-gradient", "second-derivative", "accumulated", "reduced", "not-reduced", "diagonal-only",
    "missing-path", "undetached", "missing-factor", "one-branch", "float32-rounding",
    "autograd-in-prediction", "finite-difference", "cut-graph",
    "by-another-input", "by-an-intermediate", "off-by-one", "reversed", "zero-for-none", "incoming-ignored",
    "once-differentiable", "factor-order",
)  # fmt: skip
"""Why a gradient is wrong ◆, ``author:ID`` aside."""
Isolation = Literal["namespaces", "process"]
SCHEMA = 1


class Diagnosis(msgspec.Struct, frozen=True):
    """Why a gradient is wrong: one code of the contract, and a question that leads to the mend."""

    code: str
    hint: Text
    factor: float | None = None


class Counterexample(msgspec.Struct, frozen=True):
    """A visible case at which the answer is wrong. Hidden cases are never shown."""

    inputs: dict[str, Plain]
    expected: Plain
    actual: Plain
    note: Text = EMPTY
    """What is left out of it, if anything is."""


class TypedAnswer(msgspec.Struct, frozen=True):
    """What a typed answer was, of a check that judges one and could read it."""

    name: str
    said: str
    """As it was typed; as it is read, where it stands in the file."""
    in_file: bool = False
    """Whether it stands in the file's ``PREDICTIONS`` and nowhere else."""
    entries: Plain = None
    """Whether it is right, entry by entry, in nested lists as the answer is; None: it is right or wrong as a
    whole."""
    note: Text = EMPTY
    """That the file says something else than what was typed beside it, and which of the two counts."""


class CheckResult(msgspec.Struct, frozen=True):
    """The verdict on one check."""

    id: str
    kind: str
    title: Text
    verdict: Verdict
    points: float
    max_points: float
    message: Text = EMPTY
    diagnosis: Diagnosis | None = None
    counterexample: Counterexample | None = None
    typed: TypedAnswer | None = None
    line: int | None = None
    """The line of the student's file that it did not pass for, from 1, where one is known. Pages mark it; the
    contract's object says it in the message alone."""


def telling(checks: Iterable[CheckResult]) -> CheckResult | None:
    """The check that tells most of why not all passed; None when all did.

    One with a diagnosis rather than one without, then one that was run, then the one with the most points.
    """
    return max(
        (check for check in checks if check.verdict != "passed"),
        key=lambda check: (check.diagnosis is not None, check.verdict != "skipped", check.max_points),
        default=None,
    )


class StudentError(msgspec.Struct, frozen=True):
    """The first error of the student's code: type, message, and the student's own line.

    ``excerpt`` is that line (with a caret under the place, for a syntax error); ``whole`` says that it kept
    the whole file from being run.
    """

    type: str
    message: Text
    line: int | None = None
    excerpt: str = ""
    whole: bool = False


class Report(msgspec.Struct, frozen=True):
    """Everything that is said about one submission."""

    exercise: str
    exercise_digest: str
    seed: int
    status: Literal["graded", "not-gradable"]
    score: float
    max_score: float
    isolation: Isolation
    duration_ms: float
    checks: tuple[CheckResult, ...]
    stdout: str = ""
    error: StudentError | None = None
    notes: tuple[Text, ...] = ()
    """What was passed over in the file: a line outside of the functions that raised, say. They cost
    nothing.
    """
    summary: Text = EMPTY
    """The score in one true and complete sentence."""
    visible_only: bool = False
    """True when there was no ``solutions/`` folder and only the visible cases were used."""
    pictures: Pictures | None = None
    """Drawn after the verdict, if anybody asked for them; they have no part in it."""
    thinned: bool = False
    """The score and the verdicts alone: what else was said is not kept any more."""
    variant: int = 0
    """About the numbers of which variant it is; 0 are the authored ones."""
    withheld: bool = False
    """The same, because the assignment's rule is to tell no more, or not yet. It is never stored."""
    limited: bool = False
    """A limit of time or memory was met: judged again, on a busier or another machine, it may come out
    otherwise. Such a report is no verdict for anybody else's equal submission."""
    phases: dict[str, float] = {}
    """Milliseconds of each part of the grading: ``run`` (the jailed children, and beside them the truth where
    it was not known), ``judge``, ``explain`` (why a wrong gradient is wrong)."""

    @property
    def passed(self) -> bool:
        """Full marks."""
        return self.status == "graded" and self.score >= self.max_score

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the student's file that are known to be why something did not pass, ascending."""
        error = self.error.line if self.error is not None else None
        return tuple(
            sorted({line for line in (error, *(one.line for one in self.checks)) if line is not None})
        )

    def not_run(self, check: CheckResult) -> bool:
        """Whether nothing was run for a check because the file could not be read. It is said once why."""
        return self.error is not None and self.error.whole and check.verdict == "error"

    def to_json(self, language: Language = "en") -> dict[str, Any]:
        """The contract's object ◆, as plain data that any JSON encoder writes validly.

        ``notes``, ``pictures`` and a check's ``typed`` are in it only where there are some, ``thinned`` and
        ``withheld`` only where it is so, ``variant`` only where it is not the authored one.
        """
        plain = {
            "schema": SCHEMA,
            "exercise": self.exercise,
            "exercise_digest": self.exercise_digest,
            "seed": self.seed,
            "status": self.status,
            "score": self.score,
            "max_score": self.max_score,
            "passed": self.passed,
            "isolation": self.isolation,
            "duration_ms": round(self.duration_ms, 3),
            "checks": [_check_json(check, language) for check in self.checks],
            "stdout": self.stdout,
            "error": None
            if self.error is None
            else {
                "type": self.error.type,
                "message": "\n".join(filter(None, (self.error.message.in_(language), self.error.excerpt))),
                "line": self.error.line,
            },
        }
        if self.notes:
            plain["notes"] = [note.in_(language) for note in self.notes]
        if self.pictures is not None:
            plain["pictures"] = self.pictures.to_json()
        if self.thinned:
            plain["thinned"] = True
        if self.variant:
            plain["variant"] = self.variant
        if self.withheld:
            plain["withheld"] = True
        return plain


def _check_json(check: CheckResult, language: Language) -> dict[str, Any]:
    diagnosis: dict[str, Any] | None = None
    if check.diagnosis is not None:
        diagnosis = {"code": check.diagnosis.code}
        if check.diagnosis.factor is not None:
            diagnosis["factor"] = json_number(check.diagnosis.factor)
        diagnosis["hint"] = check.diagnosis.hint.in_(language)
    plain: dict[str, Any] = {
        "id": check.id,
        "kind": check.kind,
        "title": check.title.in_(language),
        "verdict": check.verdict,
        "points": check.points,
        "max_points": check.max_points,
        "message": check.message.in_(language),
        "diagnosis": diagnosis,
        "counterexample": None
        if check.counterexample is None
        else _counterexample_json(check.counterexample, language),
    }
    if check.typed is not None:
        plain["typed"] = _typed_json(check.typed, language)
    return plain


def _typed_json(typed: TypedAnswer, language: Language) -> dict[str, Any]:
    plain = {"name": typed.name, "said": typed.said, "in_file": typed.in_file, "entries": typed.entries}
    if typed.note != EMPTY:
        plain["note"] = typed.note.in_(language)
    return plain


def from_json(
    plain: dict[str, Any], summary: str | None = None, excerpt: str | None = None, *, whole: bool = False
) -> Report:
    """The report that was written by :meth:`Report.to_json`, with sentences in that one language.

    :param summary: the score in one sentence, which the contract's object does not hold.
    :param excerpt: the line of the student's that raised the error. It ends the error's message there.
    :param whole: the error kept the whole file from being run.
    :raises msgspec.ValidationError: it is no such report.
    """
    sent = {**plain, "summary": summary or "", "visible_only": False}
    if sent.get("error") is not None:
        message = sent["error"]["message"].removesuffix(excerpt or "").removesuffix("\n" if excerpt else "")
        sent["error"] = {**sent["error"], "message": message, "excerpt": excerpt or "", "whole": whole}
    return msgspec.convert(_both(sent), Report, strict=False)


_SENTENCES = frozenset({"title", "message", "hint", "summary", "notes"})


def _both(value: Any, key: str = "") -> Any:
    """Sentences as the same text in both languages. Numbers and names of the student's are left alone."""
    if key in _SENTENCES:
        return [_both(each, "title") for each in value] if key == "notes" else {"en": value, "zh": value}
    if key == "typed" and isinstance(value, dict):
        return value | ({"note": _both(value["note"], "message")} if "note" in value else {})
    if key in ("counterexample", "pictures"):
        return value
    if isinstance(value, dict):
        return {name: _both(each, name) for name, each in value.items() if name != "pictures"}
    return [_both(each) for each in value] if isinstance(value, list) else value


def _counterexample_json(example: Counterexample, language: Language) -> dict[str, Any]:
    plain = {"inputs": example.inputs, "expected": example.expected, "actual": example.actual}
    if example.note != EMPTY:
        plain["note"] = example.note.in_(language)
    return plain
