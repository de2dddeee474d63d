"""``make test-compose``: runs ``docker-compose.yml`` for real, and prints what was seen of each promise.

Up; a student hands in through the proxy, by pages and by the API; a worker is killed with the queue full;
three take over; every submission has one verdict, the right one; down, and nothing stays behind. It ends
with 1 at the first promise that is not kept.
"""

from __future__ import annotations

import argparse
import http.client
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from tests.compose.group import ROOT, Broken, Group, available, lines, started
from tests.compose.student import Student

COURSE = "autograd"
SUBMITTED = {
    "control-flow": ("01_from_the_value.py", "first_step.py"),
    "detach": (None, None),
    "non-scalar": (None, None),
}
"""Exercises, and which accepted and rejected file of each is handed in; None: the first."""
STUDENTS = 3
PASSWORD = "a password of the test"
ONCE = {"first-start", "migrate"}

Row = tuple[str, float, str]


class Steps:
    """What was done, how long it took, what was seen."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """Add what is put into the list."""
        began, seen = time.monotonic(), []  # type: ignore[var-annotated]
        print(f"… {what}", file=sys.stderr, flush=True)
        try:
            yield seen
        except BaseException as error:
            self.rows.append((what, time.monotonic() - began, f"FAILED: {error}"))
            raise
        self.rows.append((what, time.monotonic() - began, ", ".join(seen)))


def expect(true: object, what: str) -> None:
    """:raises Broken: it is not true."""
    if not true:
        raise Broken(what)


def file_of(slug: str, kind: str, name: str | None) -> str:
    """A submission that comes with an exercise."""
    folder = ROOT / "solutions" / slug / kind
    return (folder / name if name else sorted(folder.glob("*.py"))[0]).read_text(encoding="utf-8")


def plain_http(group: Group) -> str:
    """Where plain HTTP leads to."""
    connection = http.client.HTTPConnection("localhost", group.http, timeout=10)
    connection.request("POST", "/api/v1/submissions?wait=1", "{}")
    answer = connection.getresponse()
    location = answer.headers["Location"]
    expect(answer.status == 308, f"plain HTTP is answered with {answer.status}")
    expect(
        location == f"https://localhost:{group.https}/api/v1/submissions?wait=1", f"it leads to {location}"
    )
    connection.close()
    return "308 to https"


def ready(student: Student) -> bool:
    """Whether a submission would be stored, and graded."""
    return student.ask("GET", "/readyz")[0] == 200


def first_pages(student: Student) -> str:
    """Sign in and hand in by the forms, without a script."""
    status, headers, _ = student.fill_in("/sign-in", "/sign-in", login="s0", password=PASSWORD)
    expect(status == 303, f"signing in is answered with {status}")
    cookie = next(iter(student.cookies.values()))
    expect(cookie["secure"] and cookie["httponly"], "the session's cookie travels without TLS")
    expect("max-age" in (headers["Strict-Transport-Security"] or ""), "there is no Strict-Transport-Security")
    page = f"/courses/{COURSE}/control-flow"
    status, headers, _ = student.fill_in(page, page, source=file_of("control-flow", "accepted", None))
    expect(status == 303, f"handing in is answered with {status}")
    return str(headers["Location"])


def confined(group: Group, container: str) -> None:
    """What the kernel and the engine say of the first process of a container."""
    status = group.engine("exec", container, "sh", "-c", "cat /proc/1/status")
    fields = dict(re.findall(r"^(\w+):\s*(.*)$", status, re.MULTILINE))
    expect(fields["Uid"].split()[0] != "0", f"{container} runs as root")
    expect(
        all(int(fields[name], 16) == 0 for name in ("CapPrm", "CapEff", "CapBnd")),
        f"{container} has capabilities",
    )
    expect(fields["NoNewPrivs"] == "1", f"{container} may gain privileges")
    expect(fields["Seccomp"] == "2", f"{container} has no filter of system calls")
    wrote = group.engine("exec", container, "sh", "-c", "if touch /written 2>/dev/null; then echo yes; fi")
    expect(wrote == "", f"{container} can write to its root")
    host = group.about(container)["HostConfig"]
    expect(host["Memory"] > 0, f"{container} has no bound of memory")
    expect(host["PidsLimit"] > 0, f"{container} has no bound of processes")


def healthy(group: Group, container: str, podman: bool) -> bool:
    """Whether its health check says so. podman is told to run it: without systemd it has no timer.

    :raises Broken: podman says no.
    """
    if podman:
        group.engine("healthcheck", "run", container)
        return True
    return str((group.about(container)["State"].get("Health") or {}).get("Status")) == "healthy"


def secrets_in(group: Group) -> int:
    """How many secrets there are, none of which may be seen in a container's configuration."""
    seen = "".join(str(group.about(container)) for container in group.containers(ended=True))
    told = {
        group.run("web", "cat", f"/run/grader/{name}").strip()
        for name in ("signing/key", "web/metrics-token", "database/password", "broker/password")
    }
    expect(
        len(told) == 4 and all(len(each) == 64 for each in told),
        "the secrets are not there, or not their own",
    )
    expect(not any(each in seen for each in told), "a secret can be seen in a container's configuration")
    return len(told)


def judged(group: Group) -> tuple[int, int, int]:
    """Submissions, those with a verdict, and verdicts, as the database has them."""
    query = (
        "SELECT count(*), count(*) FILTER (WHERE state = 'graded'), (SELECT count(*) FROM judgings) "
        "FROM submissions"
    )
    told = group.run("postgres", "psql", "-U", "grader", "-d", "grader", "-At", "-F", " ", "-c", query)
    submissions, graded, judgings = map(int, told.split())
    return submissions, graded, judgings


def hand_in(student: Student, tokens: list[str]) -> dict[str, tuple[str, bool]]:
    """Every file of every exercise by every student: by id, whose token, and whether it is right."""
    handed: dict[str, tuple[str, bool]] = {}
    for (slug, names), token in product(SUBMITTED.items(), tokens):
        for kind, name in zip(("accepted", "rejected"), names, strict=True):
            body = {"exercise": slug, "source": file_of(slug, kind, name)}
            status, answer = student.call("POST", "/api/v1/submissions", token, body)
            expect(status == 202, f"handing in is answered with {status}: {answer}")
            handed[answer["id"]] = (token, kind == "accepted")
    return handed


def right(student: Student, handed: dict[str, tuple[str, bool]]) -> int:
    """How many verdicts there are, each of which must be the right one."""
    known = 0
    for id_, (token, passes) in handed.items():
        status, answer = student.call("GET", f"/api/v1/submissions/{id_}", token)
        expect(status == 200, f"a submission is answered with {status}")
        if answer["state"] == "graded":
            known += 1
            expect(
                answer["report"]["passed"] is passes, f"{id_} should {'pass' if passes else 'fail'}: {answer}"
            )
        else:
            expect(answer["state"] in ("queued", "running"), f"{id_} is {answer['state']}")
    return known


def up(group: Group, podman: bool, *options: str) -> None:
    """Start what does not run.

    Podman 4 would start a service that has ended again for each that needs it, and fails where that ends at
    once. So it is told nothing of that, and each service waits for what it needs by itself.
    """
    group.compose("up", "--detach", *(["--no-deps"] if podman else []), *options)


def first_start(group: Group, build: bool) -> None:
    """Make the secrets before anything that reads them starts."""
    group.compose("up", "--detach", "--no-deps", "--build" if build else "--no-build", "first-start")
    (container,) = group.containers("first-start", ended=True)
    group.wait("secrets", lambda: group.about(container)["State"]["Status"] == "exited" or None)
    expect(group.about(container)["State"]["ExitCode"] == 0, "the secrets were not made")


def whole(group: Group, steps: Steps, build: bool, podman: bool) -> None:
    """All steps in their order."""
    with steps.step("up, without a setting") as seen:
        if podman:
            first_start(group, build)
        up(group, podman, *(["--build"] if build and not podman else ["--no-build"]))
        trusted = group.wait(
            "the certificate", lambda: group.run("proxy", "cat", "/run/grader/certificate/full.pem")
        )
        student = Student(group.https, trusted)
        group.wait("/readyz through the proxy", lambda: ready(student))
        seen += [f"{len(group.containers())} containers", "ready", student.negotiated(), plain_http(group)]
    with steps.step("confined") as seen:
        for container in group.containers():
            confined(group, container)
        routes = group.run("worker", "cat", "/proc/net/route").splitlines()[1:]
        expect(routes and all(line.split()[1] != "00000000" for line in routes), "a worker has a way out")
        seen += ["no root, no capability, root read-only, bounds", f"{secrets_in(group)} secrets unseen"]
    with steps.step("healthy") as seen:
        for container in group.containers():
            group.wait(
                f"{container} healthy", lambda container=container: healthy(group, container, podman), 1.0
            )  # type: ignore[misc]
        seen += [f"{len(group.containers())} of {len(group.containers())}"]
    with steps.step("a student hands in by the pages") as seen:
        group.run("web", "grade", "course", "add", COURSE, "Autograd", *SUBMITTED)
        tokens = []
        for number in range(STUDENTS):
            group.run(
                "web",
                "grade",
                "account",
                "add",
                f"s{number}",
                "--course",
                COURSE,
                "--password-stdin",
                given=PASSWORD,
            )
            tokens.append(group.run("web", "grade", "account", "token", f"s{number}").strip())
        began = time.monotonic()
        attempt = first_pages(student)
        group.wait("full marks on the page", lambda: 'class="verdict full"' in student.ask("GET", attempt)[2])
        seen += [f"full marks after {time.monotonic() - began:.1f} s"]
    with steps.step("the only worker is killed, three follow") as seen:
        (worker,) = group.containers("worker")
        handed = hand_in(student, tokens[:-1])
        group.engine("kill", "--signal", "KILL", worker)
        handed |= hand_in(student, tokens[-1:])
        before = judged(group)
        expect(before[1] < before[0], "all was graded before the worker was killed: hand more in")
        up(group, podman, "--no-build", "--scale", "worker=3")
        group.wait("three workers", lambda: len(group.containers("worker")) >= 3)
        seen += [
            f"{before[0] - before[1]} of {len(handed)} waited",
            f"{len(group.containers('worker'))} workers",
        ]
    with steps.step("all are graded, each once") as seen:
        group.wait("verdicts", lambda: right(student, handed) == len(handed))
        submissions, graded, judgings = judged(group)
        expect(submissions == graded == judgings == len(handed) + 1, f"{submissions=} {graded=} {judgings=}")
        seen += [f"{submissions} submissions", f"{judgings} verdicts", "lost 0", "doubled 0"]
    with steps.step("down") as seen:
        group.down()
        left = group.containers(ended=True) + group.volumes()
        expect(left == [], f"these stay behind: {left}")
        seen += ["nothing stays"]


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compose", default="docker compose", help="the command before 'up'")
    parser.add_argument("--engine", default="docker", help="the command before 'exec'")
    parser.add_argument("--no-build", action="store_true", help="the image is there")
    parser.add_argument("--seconds", type=float, default=900, help="the longest that all may take")
    told = parser.parse_args()
    missing = available(told.engine, told.compose)
    if missing:
        print(f"skipped: {missing}, so nothing can be run here")
        return 0
    log = ROOT / "build" / "test-compose.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    steps = Steps()
    try:
        with started(told.compose, told.engine, log, told.seconds) as group:
            whole(group, steps, not told.no_build, Path(told.engine.split()[0]).name == "podman")
    except Broken as error:
        print(lines(steps.rows))
        print(f"not kept: {error}\nwhat the containers said: {log}")
        return 1
    print(lines(steps.rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
