"""Submitting: the one way from a form or a JSON body into the store and to the dispatcher.

What cannot be graded at all – nothing, bytes that are no text, too much – is refused here
with one sentence and costs no attempt. Everything else is stored first and judged afterwards.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from grader.model import seeds
from grader.model.admission import NotTaken
from grader.model.answer_types import Answer
from grader.model.exercise import Exercise
from grader.model.policy import Policy
from grader.model.source import Refusal, encodable, read_source, readable
from grader.model.submission import Submission as HandedIn
from grader.model.text import Text
from grader.store import drafts, submissions
from grader.store.queue import Waiting, Work
from grader.store.tables import Assignment, Submission, utcnow
from grader.web import request_log
from grader.web.context import services
from grader.web.exercise import answer_boxes
from grader.web.exercise.answer_boxes import Flaw, Reads
from grader.web.exercise.rules import seconds_until, why_not
from grader.web.transactions import together
from grader.web.ui.languages import _, language, say

LONGEST_PREDICTION = 10_000
"""Characters. A 30 × 30 Jacobian in full precision fits."""
LONGEST_SHOWN = 256 * 2**10
"""Bytes of a chosen file that are put into the textarea."""


@dataclass(frozen=True)
class Draft:
    """What somebody is about to hand in.

    :param source: bytes, as they would be graded.
    :param predictions: NAME → what was typed; boxes left empty are absent.
    :param typed: the text beside a chosen file; it stays in the form when the file cannot be shown there.
    :param flaws: NAME → why the boxes of this prediction cannot be handed in as they are.
    :param file: the name of the chosen file; empty when the source was typed.
    """

    source: bytes
    predictions: dict[str, str] = field(default_factory=dict)
    typed: str | None = None
    flaws: dict[str, Flaw] = field(default_factory=dict)
    file: str = ""

    @property
    def as_typed(self) -> Draft:
        """The same without the chosen file."""
        if self.typed is None:
            return self
        return replace(self, source=self.typed.encode("utf-8"), typed=None, file="")

    @property
    def text(self) -> str:
        """What the textarea holds afterwards: the file, or the notebook's code; else what was typed."""
        read = read_source(self.source, LONGEST_SHOWN)
        if self.typed is not None and isinstance(read, Refusal):
            return self.typed
        return readable(self.source)


class Refused(Exception):
    """It cannot be handed in.

    :param sentence: why, and what to do, in the reader's language.
    :param status: the HTTP status that fits.
    :param at_file: whether the chosen file is the reason.
    :param wait: after how many seconds it can be; None: waiting changes nothing.
    """

    def __init__(
        self, sentence: str, status: int = 422, *, at_file: bool = False, wait: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.at_file, self.wait = sentence, status, at_file, wait


def from_form(form: MultiDict[str, str], file: FileStorage | None, exercise: Exercise) -> Draft:
    """The draft that a posted form holds. A chosen file wins over the text beside it.

    Browsers end the lines of a textarea with CR LF; files keep theirs.
    """
    typed_in, flaws = {}, {}
    for answer in exercise.answers:
        text, flaw = answer_boxes.joined(answer, form, _reader(exercise, answer))
        if text:
            typed_in[answer.name] = text
        if flaw is not None:
            flaws[answer.name] = flaw
    typed = form.get("source", "").replace("\r\n", "\n")
    if file is not None and file.filename:
        # The request as a whole is bounded, so that reading all of it is safe.
        return Draft(file.stream.read(), typed_in, typed, flaws, file.filename)
    return Draft(typed.encode("utf-8"), typed_in, flaws=flaws)


def _reader(exercise: Exercise, answer: Answer) -> Reads | None:
    reads = services().unreadable
    if reads is None:
        return None

    def why(text: str, one: bool) -> Text | None:
        return None if len(text) > LONGEST_PREDICTION else reads(exercise, answer.name, text, one)

    return why


ENDINGS = (".py", ".ipynb")
"""Of the files that are taken."""


def check(draft: Draft, exercise: Exercise) -> None:
    """Whether this can be handed in.

    :raises Refused: in one sentence, when it cannot.
    """
    if draft.file:
        check_file(draft, exercise)
    else:
        _check_source(draft.source, exercise.limits.source)
    _check_predictions(draft, exercise)


def check_file(draft: Draft, exercise: Exercise) -> None:
    """Whether the chosen file can be read.

    :raises Refused: with what is wrong with it, and how to go on.
    """
    why, status = "", 422
    if not draft.file.lower().endswith(ENDINGS):
        why = _("Its name ends neither in .py nor in .ipynb.")
    elif not draft.source.strip():
        why = _("It is empty.")
    else:
        read = read_source(draft.source, exercise.limits.source)
        if isinstance(read, Refusal):
            why, status = say(read.message), 413 if read.kind == "SourceTooLarge" else 422
    if why:
        sentence = _(
            "“%(name)s” was not taken, and nothing was submitted. %(why)s "
            "Choose another file, or go on with the code above.",
            name=draft.file[-80:],
            why=why,
        )
        raise Refused(sentence, status, at_file=True)


def _check_source(source: bytes, most: int) -> None:
    if len(source) > most and not source.lstrip().startswith(b"{"):
        raise Refused(
            _(
                "Your code has %(size)s KiB and the limit is %(limit)s KiB. Nothing was submitted.",
                size=-(-len(source) // 1024),
                limit=most // 1024,
            ),
            413,
        )
    if not source.strip():
        raise Refused(_("There is no code to submit. Write some, or choose a file."))
    read = read_source(source, most)
    if isinstance(read, Refusal):
        sentence = _("%(why)s Nothing was submitted.", why=say(read.message))
        raise Refused(sentence, 413 if read.kind == "SourceTooLarge" else 422)


def _check_predictions(draft: Draft, exercise: Exercise) -> None:
    known = {answer.name for answer in exercise.answers}
    for name, text in draft.predictions.items():
        if name not in known:
            raise Refused(
                _(
                    "This exercise asks for no prediction called “%(name)s”. It asks for: %(known)s.",
                    name=name[:80],
                    known=", ".join(sorted(known)) or "–",
                )
            )
        if len(text) > LONGEST_PREDICTION:
            raise Refused(
                _(
                    "The prediction “%(name)s” is longer than %(limit)s characters.",
                    name=name,
                    limit=LONGEST_PREDICTION,
                )
            )
        if "\0" in text or not encodable(text):
            raise Refused(
                _("The prediction “%(name)s” holds a character that cannot be read as text.", name=name)
            )
        if name in draft.flaws:
            raise Refused(flaw_said(name, draft.flaws[name]))


def flaw_said(name: str, flaw: Flaw) -> str:
    """Why the boxes of the answer ``name`` cannot be handed in, in the reader's language."""
    if flaw.why is not None:
        return say(flaw.why)
    if flaw.kind == "both":
        return _(
            "For “%(name)s” None is ticked and something is typed as well. Keep one of the two.", name=name
        )
    if len(flaw.at) == 2:
        box = _("row %(row)s, column %(column)s", row=flaw.at[0] + 1, column=flaw.at[1] + 1)
    else:
        box = _("entry %(number)s", number=flaw.at[0] + 1)
    if flaw.kind == "empty":
        return _(
            "The prediction “%(name)s” is not complete: %(box)s is empty. "
            "Fill it, or leave all of them empty.",
            name=name,
            box=box,
        )
    return _(
        "In the prediction “%(name)s”, %(box)s holds “%(text)s”. Write one number in each box, "
        "with a point for decimals.",
        name=name,
        box=box,
        text=flaw.text[:40],
    )


def hand_in(
    assignment: Assignment,
    exercise: Exercise,
    user_id: int,
    draft: Draft,
    key: str | None,
    *,
    policy: Policy | None,
    form: MultiDict[str, str] | None = None,
) -> Submission:
    """Store a checked draft as queued and tell the dispatcher.

    :param policy: the rules by which it is taken; None: who teaches tries at any time.
    :param key: the request's key; the same one sent again finds the first row.
    :param form: the form it came with. The saved draft that the form began from is dropped with the same
        transaction; a newer one, saved by another window, stays.
    :raises Refused: it is not taken, by the assignment's rules.
    """
    arrived = utcnow()
    # What hangs on this request is looked up here: another thread may do the writing (Store.together).
    starter = b"" if form is None else exercise.starter_in(language()).encode()
    seed = partial(seeds.draw, services().settings.signing_key().encode(), assignment.id, user_id)

    def store(session: Session) -> Submission | NotTaken:
        row = submissions.admit(
            session,
            assignment_id=assignment.id,
            user_id=user_id,
            source=draft.source,
            predictions=draft.predictions,
            seed=seed,
            exercise_digest=exercise.digest,
            variant=exercise.number,
            request_key=key,
            policy=policy,
            now=arrived,
        )
        if isinstance(row, Submission) and form is not None:
            drafts.handed_in(
                session,
                user_id,
                assignment.id,
                draft.source,
                draft.predictions,
                known=versions_known(form),
                keep="chosen" in form,
                starter=starter,
            )
            if draft.typed is not None and draft.typed != draft.text:
                # The file was handed in; what was typed beside it may be somebody's work.
                typed = draft.typed.encode("utf-8"), draft.predictions
                drafts.set_aside(session, user_id, assignment.id, *typed, starter=starter)
        return row

    row = together(store)
    if isinstance(row, NotTaken):
        assert policy is not None
        wait = seconds_until(row.until, utcnow()) if row.why == "pause" else None
        raise Refused(why_not(row, policy), 429 if wait else 403, wait=wait)
    request_log.received(row, assignment.exercise)
    if row.state == "queued":
        handed = HandedIn(row.source, row.predictions, row.seed, row.variant)
        work = Work(assignment.exercise, assignment.id, handed)
        waiting = Waiting(
            row.id,
            user_id,
            row.created_at,
            row.lane,
            row.tries,
            interruptions=row.interruptions,
            work=work,
        )
        services().dispatcher.submit(waiting)
    return row


def versions_known(form: MultiDict[str, str]) -> list[str]:
    """The versions of the draft that a form began from or has saved since."""
    return form.get("draft_seen", "").split()[-100:]


def version_chosen(form: MultiDict[str, str]) -> str:
    """The version that the form's script gives to what it saves; empty when it gives none."""
    version = form.get("draft_version", "")
    return version if re.fullmatch(r"[0-9a-f-]{16,36}", version) else ""


def form_key(assignment: Assignment, draft: Draft, key: str) -> str:
    """The request key of a form: the form's own, bound to what it held.

    A form that is sent twice unchanged is one attempt. One that was reached with the Back
    button, changed and sent again is another, although it carries the same hidden key.
    """
    content = msgspec.json.encode(
        [assignment.id, key[:200], hashlib.sha256(draft.source).hexdigest(), draft.predictions]
    )
    return hashlib.sha256(content).hexdigest()
