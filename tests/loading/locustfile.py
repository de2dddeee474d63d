"""Students at the pages, for locust: home, the exercise, a draft, a submit and its verdict; and a teacher.

It runs in an environment of its own (``build/locust``), where nothing of the grader is installed: who is in
the class comes in a file, ``--class-file``, with a cookie for each who is signed in already.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import time
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant_pacing, events, task

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
POLL = re.compile(r'data-poll="([^"]+)"')
numbers = itertools.count()
place: dict[str, Any] = {}


@events.init_command_line_parser.add_listener
def options(parser: Any) -> None:
    """How to call it, beside locust's own options."""
    parser.add_argument("--class-file", required=True, help="JSON: course, files, cookies, teacher, pause")
    parser.add_argument("--for-seconds", type=float, default=8.0, help="from when all are there")


@events.test_start.add_listener
def begin(environment: Any, **_more: Any) -> None:
    """Read who is in the class."""
    place.update(json.loads(Path(environment.parsed_options.class_file).read_text(encoding="utf-8")))
    place["turn"] = itertools.cycle(place["cookies"])


@events.spawning_complete.add_listener
def all_are_there(user_count: int, **_more: Any) -> None:
    """What is measured begins now: the first page of each is behind them."""
    environment = place["environment"]
    print("BEGAN", flush=True)
    gevent.spawn_later(environment.parsed_options.for_seconds, environment.runner.quit)


@events.init.add_listener
def remember(environment: Any, **_more: Any) -> None:
    """For the listener above, which is not told."""
    place["environment"] = environment


class Person(FastHttpUser):
    """Somebody who does a thing every few seconds, as long as the answer before came in time."""

    abstract = True
    network_timeout = 60.0
    connection_timeout = 60.0

    def wait_time(self) -> float:
        """Evenly, whatever an answer takes: a slow server does not have fewer students."""
        return float(constant_pacing(place["pause"])(self))

    def get(self, path: str, name: str, **headers: str) -> Any:
        """A page."""
        return self.client.get(path, name=name, headers={"Cookie": self.cookie, **headers})

    def post(self, path: str, name: str, form: dict[str, str], **headers: str) -> Any:
        """A form, as the page's script sends it."""
        sent = {"Cookie": self.cookie, "HX-Request": "true", **headers}
        return self.client.post(path, data=form, name=name, headers=sent)


class Student(Person):
    """Works on one exercise."""

    weight = 19

    def on_start(self) -> None:
        """Open the exercise, which gives the session its token against forged forms."""
        time.sleep(random.random() * place["pause"])
        self.cookie = next(place["turn"])
        slug, self.source = random.choice(sorted(place["files"].items()))
        self.path = f"/courses/{place['course']}/{slug}"
        answer = self.client.get(self.path, name="exercise", headers={"Cookie": self.cookie})
        given = (answer.headers or {}).get("Set-Cookie")
        if given:
            self.cookie = given.split(";")[0]
        self.form = dict(HIDDEN.findall(answer.text or ""))

    def typed(self) -> dict[str, str]:
        """The form with another source than before."""
        return {**self.form, "source": f"{self.source}\n# {next(numbers)}\n"}

    @task(4)
    def exercise(self) -> None:
        """Read it."""
        self.get(self.path, "exercise")

    @task(2)
    def home(self) -> None:
        """See what is due."""
        self.get("/", "home")

    @task(4)
    def draft(self) -> None:
        """Pause while typing."""
        self.post(f"{self.path}/draft", "draft", {**self.typed(), "force": "1"}, Accept="application/json")

    @task(2)
    def submit(self) -> None:
        """Hand in, and ask for the verdict until it is there."""
        began = time.monotonic()
        answer = self.post(
            self.path, "submit", {**self.typed(), "request_key": f"{random.getrandbits(64):x}"}
        )
        found = POLL.search(answer.text or "")
        while answer.status_code in (429, 503) or (answer.status_code == 202 and found):
            gevent.sleep(float((answer.headers or {}).get("Retry-After") or 0.5))
            if found is None:
                return
            answer = self.get(
                found[1], "poll", Accept="application/json, text/html;q=0.9", **{"HX-Request": "true"}
            )
        took = 1e3 * (time.monotonic() - began)
        good = answer.status_code == 200 and "data-score" in (answer.text or "")
        self.environment.events.request.fire(
            request_type="verdict", name="verdict", response_time=took, response_length=0, context={},
            exception=None if good else RuntimeError(f"no verdict: {answer.status_code}"),
        )  # fmt: skip


class Teacher(Person):
    """Looks at the gradebook."""

    weight = 1

    def on_start(self) -> None:
        """Already signed in."""
        self.cookie = place["teacher"]

    @task
    def gradebook(self) -> None:
        """All students and assignments."""
        self.get(f"/courses/{place['course']}/gradebook", "gradebook")
