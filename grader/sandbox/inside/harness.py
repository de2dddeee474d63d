"""Runs a student's code in the child and reports what happened. It judges nothing.

Everything the student can reach from here is worthless to them: there is no expected
value in this process. What they could still want is to hide *how* a prediction was made.
Against that:

* the parts that look (the autograd counter, the engine, the encoder) are held in local
  variables before the student's first line runs: re-binding a module's name, or a
  builtin's, changes nothing here;
* the tasks come only when the module has been executed, and predictions run before
  anything is differentiated: no answer of autograd's at a hidden point exists by then;
* from then on the counter is read without a gap: what runs between two predictions (a
  signal handler, a ``flush``, a ``__signature__``, a ``__del__``) counts towards the next.

It is evidence, not proof: code that rewrites this very process (its closures, its memory,
the frames it sends) can say of itself what it likes. It gains an answer of autograd's in
place of a formula, never an expected value.
"""

from __future__ import annotations

import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import torch

from grader.model.job import Call, Differentiate, Job, Task
from grader.model.observation import Loaded, Outcome, Raised
from grader.model.values import Array
from grader.sandbox import wire
from grader.sandbox.inside.portable import FILENAME, ResultTooLarge, portable, raised
from grader.sandbox.inside.tasks import task_runner


def observe(job: Job, library: dict[str, bytes], channel: int) -> None:
    """Execute the job's source, do its tasks in order, write one frame for each to ``channel``."""
    write, encode, view, close = os.write, wire.encode, memoryview, os.close

    def say(message: Any) -> None:
        data = view(encode(message))
        while data:
            data = data[write(channel, data) :]

    # A job that brought its tasks along needs no second frame (the benchmark's).
    _conduct(job, library, say, lambda: job.tasks or _receive(channel))
    # The grader, which lets answers queue up, is woken by the end of what is printed. This process'
    # own end would do so, too, but only once its memory has been taken down.
    close(1)
    close(2)


def _conduct(
    job: Job,
    library: dict[str, bytes],
    say: Callable[[Any], object],
    receive: Callable[[], tuple[Task, ...]],
) -> None:
    flush, loading, finished, done = _flush, wire.Loading, wire.Finished, wire.Done
    run_task, start_looking = task_runner()
    describe = raised
    seed_torch = torch.default_generator.manual_seed
    seed = job.seed
    failure = None
    for name, source in library.items():
        _, broken = _execute(name, f"{name}.py", source)
        failure = failure or broken
    module, broken = _execute("submission", FILENAME, job.source)
    failure = failure or broken
    predictions = None
    if failure is None and "PREDICTIONS" in vars(module):
        try:
            predictions = portable(vars(module)["PREDICTIONS"], job.limits.results)
        except ResultTooLarge as error:
            failure = raised(error)
    flush()
    say(loading(Loaded(failure, predictions)))
    if failure is None:
        start_looking()
        for n, task in enumerate(receive()):
            # Another seed for each, so that a task asked twice shows whether chance has a part in it.
            seed_torch(seed + n)
            outcome: Outcome
            try:
                outcome = run_task(module, task, job.limits.results)
            except BaseException as error:  # noqa: BLE001 - a signal handler's, say, between two lines of ours
                outcome = describe(error)
            flush()
            say(finished(task.id, outcome))
    say(done())


_REHEARSAL: Final = b"""
import torch

def f(x):
    y = x * x
    while y.norm() < 10:
        y = y * 2
    u = y.detach()
    return u * x if y.sum() > 0 else 100 * torch.dot(u, x)

def g(x):
    return f(x) / x

def h(x):
    return 2 * x ** 2 + 1.5 * x - x.abs().sum()

def k(x):
    b = x * 2
    return [b[0], float(b.sum())]

PREDICTIONS = {"x_grad": [0, 4.5, 1.0], "ratio": True, "grad": None, "y": torch.ones(3), "z": [True]}
"""
"""What students write, in small."""


def _rehearsal_tasks() -> Iterator[Task]:
    """What is asked, in small: the functions of :data:`_REHEARSAL` at several sizes."""
    for n in (1, 2, 3, 5, 6):
        array = Array("float64", (n,), np.linspace(-1.5, 2.5, n).tobytes())
        yield Call(id=f"g@{n}", function="g", args=(array,), watch=True, watched="f")
        yield Call(id=f"h@{n}", function="h", args=(array,))
        yield Differentiate(id=f"h'@{n}", function="h", args=(array,), wrt=(0,), random=True, seed=n)
        yield Differentiate(id=f"f'@{n}", function="f", args=(array,), wrt=(0,), random=True, seed=n)
    yield Call(id="k", function="k", args=(array,))
    yield Call(id="none", function="none", args=(array,))


def rehearse() -> None:
    """Run a job of our own, so that its page faults and first-call costs are paid before a student's."""
    encode = wire.encode
    runs: wire.Decoder[wire.Run] = wire.Decoder(wire.Run, wire.RUN_BYTES)
    orders: wire.Decoder[wire.Tasks] = wire.Decoder(wire.Tasks, wire.RUN_BYTES)
    (run,) = runs.feed(encode(wire.Run(Job(source=_REHEARSAL, tasks=()))))
    (order,) = orders.feed(encode(wire.Tasks(tuple(_rehearsal_tasks()))))
    random.seed(0)
    _conduct(run.job, {}, encode, lambda: order.tasks)
    del sys.modules["submission"]


def _receive(channel: int) -> tuple[Task, ...]:
    """The tasks, which the grader sends once it has heard that the module is loaded."""
    decoder: wire.Decoder[wire.Tasks] = wire.Decoder(wire.Tasks, wire.RUN_BYTES)
    while True:
        data = os.read(channel, 1 << 16)
        if not data:
            os._exit(0)
        for message in decoder.feed(data):
            return message.tasks


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # The student may have put anything there. (A context manager would cost more than the flush.)
        try:  # noqa: SIM105
            stream.flush()
        except BaseException:  # noqa: BLE001, S110
            pass


def _execute(name: str, filename: str, source: bytes) -> tuple[types.ModuleType, Raised | None]:
    module = types.ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module
    try:
        exec(compile(_text(source), filename, "exec", dont_inherit=True), vars(module))  # noqa: S102 - what we are for
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are the student's, too
        return module, raised(error)
    return module, None


def _text(source: bytes) -> str:
    """The source as UTF-8, whatever encoding its first lines claim: the grader read it as that, too."""
    return source.decode("utf-8-sig")
