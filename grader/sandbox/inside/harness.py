"""Harness: runs a student's code in the child and reports what happened. It judges nothing.

Everything the student can reach from here is worthless to them: there is no expected value in this process,
and where predictions are made there is no autograd. The parts that run the tasks are held in local
variables before the student's first line runs, so that re-binding a module's name, or a builtin's, changes
nothing here.

The tasks come only when the module has been executed; those of hidden cases only when the shown ones are
answered. So nothing can be worked out at the points that will be asked, and what has been printed by then
cannot tell of hidden inputs.
"""

from __future__ import annotations

import contextlib
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
from grader.sandbox import bounds, wire
from grader.sandbox.inside.loading import load
from grader.sandbox.inside.serialize import FILENAME, raised
from grader.sandbox.inside.standins import Finder
from grader.sandbox.inside.tasks import task_runner


def observe(job: Job, library: dict[str, bytes], channel: int) -> None:
    """Execute the job's source, do its tasks in order, write one frame for each to ``channel``."""
    write, encode, view, close = os.write, wire.encode, memoryview, os.close

    def say(message: Any) -> None:
        data = view(encode(message))
        while data:
            data = data[write(channel, data) :]

    # A job that brought its tasks along needs no second frame (the benchmark's).
    batches = iter([job.tasks]) if job.tasks else _batches(channel)
    _conduct(job, library, say, batches)
    # The grader, which lets answers queue up, is woken by the end of what is printed. This process'
    # own end would do so, too, but only once its memory has been taken down.
    close(1)
    close(2)


def _conduct(
    job: Job,
    library: dict[str, bytes],
    say: Callable[[Any], object],
    batches: Iterator[tuple[Task, ...]],
) -> None:
    flush, loading, finished, done = _flush, wire.Loading, wire.Finished, wire.Done
    run_task = task_runner()
    describe = raised
    seed_torch = torch.default_generator.manual_seed
    seed, room = job.seed, job.limits.results
    failure = None
    for name, source in library.items():
        failure = failure or _execute(name, source)
    module = _module("submission", FILENAME)
    told = iter(range(bounds.MAX_REACHED))

    def reached(line: int) -> None:
        if next(told, None) is not None:
            say(wire.Reached(line))

    loaded = load(job.source, module, job.skip, room, reached) if failure is None else Loaded(failure)
    flush()
    say(loading(loaded))
    n = 0
    for tasks in batches if loaded.failure is None else ():
        for task in tasks:
            # Another seed for each, so that a task asked twice shows whether chance has a part in it.
            seed_torch(seed + n)
            n += 1
            outcome: Outcome
            try:
                outcome = run_task(module, task, room)
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
        yield Call(id=f"g@{n}", function="g", args=(array,), watched="f")
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
    _conduct(run.job, {}, encode, iter([order.tasks]))
    del sys.modules["submission"]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]


def _batches(channel: int) -> Iterator[tuple[Task, ...]]:
    """The tasks, in batches: the first when the grader has heard that the module is loaded."""
    decoder: wire.Decoder[wire.Tasks] = wire.Decoder(wire.Tasks, wire.RUN_BYTES)
    while True:
        data = os.read(channel, 1 << 16)
        if not data:
            os._exit(0)
        for message in decoder.feed(data):
            yield message.tasks
            if not message.more:
                return
            # Whoever closed its standard output is heard all the same: that wakes the grader, too.
            with contextlib.suppress(OSError):
                os.write(1, wire.BELL)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # The student may have put anything there. (A context manager would cost more than the flush.)
        try:  # noqa: SIM105
            stream.flush()
        except BaseException:  # noqa: BLE001, S110
            pass


def _module(name: str, filename: str) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module
    return module


def _execute(name: str, source: bytes) -> Raised | None:
    """Execute a module of ours (a reference, an author's misconceptions): all of it, or why not."""
    filename = f"{name}.py"
    module = _module(name, filename)
    try:
        exec(compile(source.decode("utf-8-sig"), filename, "exec", dont_inherit=True), vars(module))  # noqa: S102
    except BaseException as error:  # noqa: BLE001 - an author is told, whatever it is
        return raised(error)
    return None
