"""A real store, hand-made exercises, and a dispatcher that finishes with a hand-made report."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from grader.dispatch.base import Ahead, Status, Tried, Written, is_soon
from grader.errors import UnknownExercise
from grader.model.answer_types import BoolAnswer, NumberAnswer
from grader.model.exercise import Case, Exercise, Function, Input, Misconception, Solution
from grader.model.kinds import Prediction, Value
from grader.model.report import CheckResult, Counterexample, Diagnosis, Report, StudentError
from grader.model.submission import Submission as HandedIn
from grader.model.text import Text
from grader.settings import Settings
from grader.store import claims, courses, enrolments, queue, requeue, tokens, users
from grader.store.database import Store
from grader.store.judgings import Made
from grader.store.queue import Waiting
from grader.store.tables import CourseRole, Role, User
from grader.store.workers import Seen
from grader.web.app import create_app

from .shared import CHEAP, COMPILED

PASSWORD = "correct horse battery"
HASH = CHEAP.hash(PASSWORD)
SECRET = "SECRET-REFERENCE"
HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>&amp;\u202e"
SOURCE = "def f(x):\n    return x * x\n"


def without_our_script(page: str) -> str:
    """The page less the one element that loads a built script; there is none where nothing is built."""
    ours = r'<script type="module" src="/static/built/[\w-]+\.js" nonce="[\w-]+"></script>'
    return re.sub(ours, "", page, count=1)


def make_exercise(slug: str = "detach", order: int = 1) -> Exercise:
    """An exercise with everything a page can show, and a secret that none may."""
    return Exercise(
        slug=slug,
        section=f"2.5.{order}",
        order=order,
        title=Text(f"Title of {slug}", f"{slug} 的标题"),
        summary=Text("A short summary.", "一句话简介。"),
        prompt=Text("Let $a \\neq 0$. $\\nosuchcommand{x}$", "设 $a \\neq 0$。"),
        starter="\ndef f(x):\n    ...\n",
        given="def given(x):\n    return x < 3",
        inputs=(Input("x"),),
        functions=(Function("f", ("x",)),),
        checks=(
            Value("value", 4.0, Text("values", "取值"), function="f"),
            Prediction("prediction", 6.0, Text("prediction", "预测"), answer="x_grad"),
        ),
        cases=(
            Case("shown", {"x": [0.0, 1.0, 2.5]}),
            Case("hidden", {"x": [987654.0]}, visible=False),
        ),
        digest="d" * 64,
        answers=(
            NumberAnswer("x_grad", Text("the gradient at x", "x 处的梯度"), shape=(4,), maybe_none=True),
            BoolAnswer("ratio", Text("is it a ratio?", "是比值吗？")),
        ),
        hint=Text("Look at u.", "看看 u。"),
        solution=Solution(
            SECRET,
            misconceptions=(Misconception("wrong", ("value",), Text(SECRET, SECRET), Text(SECRET, SECRET)),),
        ),
    )


class StubLibrary:
    """What :class:`grader.exercises.Library` is to the web."""

    def __init__(self, *exercises: Exercise) -> None:
        self.exercises = list(exercises)

    def all(self) -> Sequence[Exercise]:
        return self.exercises

    def get(self, slug: str) -> Exercise:
        for exercise in self.exercises:
            if exercise.slug == slug:
                return exercise
        nearest = difflib.get_close_matches(slug, [each.slug for each in self.exercises], 1)
        raise UnknownExercise(slug, nearest[0] if nearest else None)


def make_report(score: float = 4.0, **changes: object) -> Report:
    """One passed check and one failed one that says everything a check can say."""
    fields: dict[str, object] = {
        "exercise": "detach",
        "exercise_digest": "d" * 64,
        "seed": 0,
        "status": "graded",
        "score": score,
        "max_score": 10.0,
        "isolation": "namespaces",
        "duration_ms": 12.3,
        "checks": (
            CheckResult("value", "value", Text("values", "取值"), "passed", 4.0, 4.0),
            CheckResult(
                "prediction",
                "prediction",
                Text("prediction", "预测"),
                "passed" if score == 10 else "failed",
                score - 4.0,
                6.0,
                Text("It is three times too large.", "大了三倍。"),
                Diagnosis("scale", Text("What does u.requires_grad say?", "u.requires_grad 是什么？"), 3.0),
                Counterexample({"x": [0.0, 1.0]}, [0.0, 1.0], [0.0, 3.0]),
            ),
        ),
        "stdout": "hello from the code",
        "summary": Text("One gradient flows where you cut it.", "有一条梯度流过了你切断的地方。"),
    }
    return Report(**{**fields, **changes})  # type: ignore[arg-type]


def hostile_report() -> Report:
    """Markup wherever a student's code can put text."""
    bad = Text(HOSTILE, HOSTILE)
    check = CheckResult(
        "value",
        "value",
        bad,
        "error",
        0.0,
        4.0,
        bad,
        Diagnosis("author:x", bad),
        Counterexample({HOSTILE: HOSTILE}, HOSTILE, [HOSTILE]),
    )
    return make_report(
        0.0, checks=(check,), stdout=HOSTILE, summary=bad, error=StudentError(HOSTILE, bad, 1, HOSTILE)
    )


@dataclass
class FakeDispatcher:
    """Finishes what is submitted, in the caller's thread, as ``mode`` says."""

    store: Store
    mode: str = "grade"
    report: Report = field(default_factory=make_report)
    alive: int = 1
    broker: bool | None = None
    workers: tuple[Seen, ...] = ()
    submitted: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    written: dict[str, Written] = field(default_factory=dict)
    expected: Ahead = field(default_factory=lambda: Ahead(4, 0.25, False))
    drawn: list[tuple[str, str]] = field(default_factory=list)
    tried: list[tuple[str, HandedIn, bool]] = field(default_factory=list)
    made: Made = field(default_factory=Made)
    shown: Status | None = None

    def draw(self, submission_id: str, exercise: str) -> None:
        self.drawn.append((submission_id, exercise))

    def submit(self, row: Waiting | None = None) -> None:
        if row is None:
            return  # rows of a regrade: a test judges them itself
        self.submitted.append(row.id)
        if self.mode == "never":
            return
        with self.store.write() as transaction:
            claimed = claims.claim(transaction, f"test-{len(self.submitted)}", 60)
            assert claimed is not None
            if self.mode == "fail":
                requeue.give_back(
                    transaction, claimed.id, claimed.owner, "our /secret/path broke", retry=False
                )
            else:
                finished = queue.finish(transaction, claimed.id, claimed.owner, self.report, made=self.made)
                assert finished is not None
                self.written[claimed.id] = Written(self.report, finished)

    def judge(self, exercise: str, submission: HandedIn, seconds: float, *, draw: bool) -> Tried:
        self.tried.append((exercise, submission, draw))
        if self.mode == "never":
            return Tried(again=7)
        return Tried() if self.mode == "fail" else Tried(self.report)

    def wait(self, submission_id: str, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.mode != "never"

    def verdict(self, submission_id: str, seconds: float) -> Written | None:
        self.wait(submission_id, seconds)
        return self.written.get(submission_id)

    def ahead(self, submission_id: str, session: Session | None = None) -> Ahead | None:
        return self.expected if self.mode == "never" else None

    def far_off(self, submission_id: str, seconds: float) -> Ahead | None:
        ahead = self.ahead(submission_id)
        return None if is_soon(ahead, seconds) else ahead

    def status(self) -> Status:
        return self.shown or Status(self.alive, 1, 0, 0, self.broker, self.workers)

    def close(self) -> None:
        """Nothing runs."""


@dataclass
class World:
    """Everything a test touches."""

    app: Flask
    store: Store
    dispatcher: FakeDispatcher
    library: StubLibrary
    settings: Settings

    def user(self, login: str, role: Role = "student", name: str = "", language: str = "en") -> User:
        """An account with :data:`PASSWORD`."""
        with self.store.write() as transaction:
            return users.add_user(
                transaction,
                login,
                name or login.title(),
                password_hash=HASH,
                role=role,
                language=language,  # type: ignore[arg-type]
            )

    def course(self, slug: str, *exercises: str, **members: CourseRole) -> int:
        """A course with exercises and members (made when they do not exist)."""
        for login in members:
            with self.store.read() as transaction:
                known = users.find_user(transaction, login)
            if known is None:
                self.user(login)
        with self.store.write() as transaction:
            course = courses.add_course(transaction, slug, f"Course {slug}", f"课程 {slug}")
            for exercise in exercises:
                courses.assign(transaction, course.id, exercise)
            for login, role in members.items():
                found = users.find_user(transaction, login)
                assert found is not None
                enrolments.enrol(transaction, found.id, course.id, role)
            return course.id

    def client(self, login: str | None = None) -> FlaskClient:
        """A browser; signed in when a login is given."""
        client = self.app.test_client()
        if login is not None:
            with self.store.write() as transaction:
                user = users.find_user(transaction, login)
                assert user is not None
                token = tokens.open_sign_in(transaction, user.id)
            with client.session_transaction() as session:
                session["_user_id"] = token
                session["_fresh"] = True
        return client

    def token(self, login: str) -> dict[str, str]:
        """The header of an API call."""
        with self.store.write() as transaction:
            user = users.find_user(transaction, login)
            assert user is not None
            plaintext, _row = tokens.issue_token(transaction, user.id, "test")
        return {"Authorization": f"Bearer {plaintext}"}

    def submit(
        self, login: str, source: str = SOURCE, course: str = "calc", exercise: str = "detach", **form: str
    ) -> str:
        """Hand in by the form; the submission's id."""
        self.client(login).post(f"/courses/{course}/{exercise}", data={"source": source, **form})
        return self.dispatcher.submitted[-1]


def build(folder: Path, csrf: bool = False, **changes: object) -> World:
    """A world of its own. Limits and the defence against forged posts are off unless asked for."""
    fields: dict[str, object] = {
        "data": folder,
        "secret_key": "k" * 40,
        "sign_in_limit": None,
        "submit_limit": None,
        "read_limit": None,
    }
    settings = Settings(**{**fields, **changes})  # type: ignore[arg-type]
    store = Store.open(settings.database_url)
    dispatcher = FakeDispatcher(store)
    library = StubLibrary(make_exercise(), make_exercise("control-flow", 2))
    try:
        app = create_app(settings, store, library, dispatcher)
    except BaseException:
        store.close()
        raise
    app.jinja_env.bytecode_cache = COMPILED
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=csrf)
    return World(app, store, dispatcher, library, settings)
