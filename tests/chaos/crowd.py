"""A class that hands in all the while, by HTTP, and sends again what was not answered, as the page does."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.site import EXERCISE
from tests.served import ROOT

PAUSE_SECONDS: Final = 0.1
"""Between two submissions of one student."""
AGAIN_SECONDS: Final = 0.25
"""Before what was not taken is sent again, with the same key."""
SCORES: Final = {"accepted/01_as_in_the_text.py": 10.0, "rejected/lost_factor.py": 7.0}
"""What is handed in, and what each must score."""
WAITING: Final = 8
"""So many wait for their verdicts while the class takes its time …"""
HURRIED: Final = 40
"""… and so many when it hurries."""
_WORK: Final = (
    "import time\nbegan = time.process_time()\nwhile time.process_time() - began < 0.02:\n    pass\n"
)
"""So that a verdict takes long enough to be hit."""


@dataclass
class Accepted:
    """A submission that the server said it has."""

    id: str
    student: int
    score: float
    at: float
    """When that was said, on this process's steady clock."""


@dataclass
class Crowd:
    """Threads, one a student; started at once.

    :param tokens: one a student.
    :param settled: how many submissions have their verdict. However slow the machine is, the class hands in
        what keeps it busy and no more, until it is told to hurry.
    """

    port: int
    tokens: list[str]
    settled: Callable[[], int]
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Each time something was not taken: why."""
    sent: int = 0
    """Different submissions."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._hurry = threading.Event()
        folder = ROOT / "solutions" / EXERCISE
        self._files = [((folder / name).read_text("utf-8"), score) for name, score in SCORES.items()]
        self._threads = [
            threading.Thread(target=self._student, args=(n,), daemon=True) for n in range(len(self.tokens))
        ]
        for thread in self._threads:
            thread.start()

    def hurry(self) -> None:
        """Hand in without a pause from now on, until a long queue waits."""
        self._hurry.set()

    def relax(self) -> None:
        """Take pauses again."""
        self._hurry.clear()

    def stop(self, seconds: float) -> None:
        """Let each student's last one be taken, and end."""
        self._stop.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        late = sum(thread.is_alive() for thread in self._threads)
        assert not late, f"{late} submissions are not taken: {self.refused[-3:]}"

    def _student(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            source, score = self._files[count % len(self._files)]
            self._hand_in(number, count, f"# {number}-{count}\n{_WORK}{source}", score)
            count += 1
            while not self._stop.wait(0.01 if self._hurry.is_set() else PAUSE_SECONDS):
                if len(self.accepted) - self.settled() < (HURRIED if self._hurry.is_set() else WAITING):
                    break

    def _hand_in(self, number: int, count: int, source: str, score: float) -> None:
        with self._lock:
            self.sent += 1
        while True:
            status, answer = post(self.port, self.tokens[number], source, key=f"{number}-{count}")
            if status in (200, 202):
                with self._lock:
                    self.accepted.append(Accepted(answer["id"], number, score, time.monotonic()))
                return
            with self._lock:
                self.refused.append(f"{status} {answer}"[:200])
            time.sleep(AGAIN_SECONDS)


def post(port: int, token: str, source: str, *, key: str) -> tuple[int, Any]:
    """Hand in once: the status and the decoded answer; status 0 where there was no answer, and why."""
    body = {"exercise": EXERCISE, "source": source}
    return call(port, "POST", "/api/v1/submissions", token, body, key)


def call(port: int, method: str, path: str, token: str, body: Any = None, key: str = "") -> tuple[int, Any]:
    """One request of the JSON API on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(data) if is_json else data[:200]
    except (http.client.HTTPException, OSError, ValueError) as error:
        return 0, f"{type(error).__name__}: {error}"
    finally:
        connection.close()
