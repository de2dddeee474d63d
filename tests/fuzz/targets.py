"""What is fuzzed, and the one error that each may raise.

The tests run each target on its seeds and a few damaged ones; ``make fuzz`` lets atheris
look for the bytes that break it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks import typed
from grader.checks.arrays import to_numpy
from grader.checks.wrong_gradients import wrong_gradients
from grader.errors import ProtocolError
from grader.model.job import Call, Differentiate, Job
from grader.model.observation import Differentiated, Evidence, Loaded, Misfit, Missing, Raised, Returned
from grader.model.values import Array, Foreign, Mapping, Nothing, Number, Sequence, Tensor, Words
from grader.model.wrong_gradients import GraphReading, Label, Mistake, WrongGradient
from grader.sandbox import bounds, wire


@dataclass(frozen=True)
class Target:
    """One thing that reads what others wrote."""

    name: str
    feed: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


_VECTOR = Array("float64", (2,), np.array([1.0, -2.0]).tobytes())
_SCALAR = Array("float64", (), bytes(8))
_TASKS = (
    Call(id="g@a", function="g", args=(_VECTOR,), watched="f"),
    Differentiate(
        id="f@a", function="f", args=(_VECTOR,), wrt=(0,), random=True, seed=3, wrong_gradients=True
    ),
)
_READING = GraphReading(
    wrong=(
        WrongGradient(Mistake("transpose"), _VECTOR),
        WrongGradient(Mistake("missing-path", "3.1", Label("u", "mul")), _VECTOR),
        WrongGradient(Mistake("off-by-one", "more", Label(operation="more"), of_value=True), _SCALAR),
        WrongGradient(Mistake("by-another-input", "1", Label(argument=1)), _VECTOR),
    ),
    sums=(2, 4),
    means=(),
    independent=(("3.1", "3.0"),),
    low=_VECTOR,
    high=_VECTOR,
    cotangent=_SCALAR,
)
_WORDS: tuple[wire.Word, ...] = (
    wire.Waiting(("namespaces", "seccomp")),
    wire.Loading(Loaded(None, Mapping({"x": Sequence("list", (Number("int", _SCALAR), Nothing()))}))),
    wire.Loading(Loaded(Raised("ValueError", "ü", line=3))),
    wire.Finished("g@a", Returned(Tensor(_VECTOR), (0,), Evidence(2, True))),
    wire.Finished("f@a", Differentiated(Words("x"), (Tensor(_VECTOR), Nothing()))),
    wire.Finished("f@a", Differentiated(Foreign("X"), problem="raised", error=Raised("E", "e"))),
    wire.Finished("f@a", Differentiated(Tensor(_SCALAR), (Tensor(_VECTOR),), reading=_READING)),
    wire.Finished("f@a", Misfit("f()", 1)),
    wire.Finished("f@a", Missing("int")),
    wire.Done(),
)


def _words(data: bytes) -> None:
    """What a child says, as the grader hears it: read, held against its task, looked at."""
    for word in _read(wire.Word, 1 << 20, data):
        if isinstance(word, wire.Loading):
            bounds.of_loaded(word.loaded)
        elif isinstance(word, wire.Finished):
            for task in _TASKS:
                if not bounds.of_outcome(task, word.outcome):
                    continue
                if isinstance(word.outcome, Returned):
                    value = word.outcome.value
                    if isinstance(value, Tensor | Number):
                        to_numpy(value.array)
                elif isinstance(word.outcome, Differentiated):
                    wrong_gradients(word.outcome.reading)


def _of(kind: Any, most: int) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        _read(kind, most, data)

    return feed


def _read(kind: Any, most: int, data: bytes) -> list[Any]:
    """All messages in ``data``; in two pieces they are the same, or the same error."""
    at = len(data) // 2
    try:
        whole = wire.Decoder(kind, most).feed(data)
    except ProtocolError:
        whole = None
    pieces: wire.Decoder[Any] = wire.Decoder(kind, most)
    try:
        assert pieces.feed(data[:at]) + pieces.feed(data[at:]) == whole
    except ProtocolError:
        assert whole is None
    return whole or []


def _typed(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        answer = typed.parse(text)
    except typed.NotAnAnswer:
        return
    assert answer.values is None or answer.values.size <= typed.MAX_TEXT


def _framed(feed: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The same target behind a right frame: all that comes is its body."""

    def behind(data: bytes) -> None:
        feed(struct.pack("<4sI", wire.MAGIC, len(data)) + data)

    return behind


def _unframed(frame: bytes) -> bytes:
    """A seed for a target behind a frame."""
    return frame[8:]


_SPOKEN: tuple[tuple[str, Callable[[bytes], None], tuple[Any, ...]], ...] = (
    ("child to grader", _words, _WORDS),
    (
        "zygote to grader",
        _of(wire.Reply, wire.CONTROL_BYTES),
        (wire.Hello("3", "2", 1.0), wire.Forked(3), wire.Reaped(-9), wire.Collapsed(60, 0)),
    ),
    (
        "grader to zygote",
        _of(wire.Order, wire.CONTROL_BYTES),
        (wire.Fork(), wire.Reap(3), wire.Collapse(((0, 4096),)), wire.Embed((0,))),
    ),
    (
        "grader to child",
        _of(wire.Run | wire.Tasks, wire.RUN_BYTES),
        (wire.Run(Job(b"\xff\0x = 1", (), seed=7), 1 << 40, {"reference": b"y"}), wire.Tasks(_TASKS)),
    ),
)
TARGETS: tuple[Target, ...] = (
    *(Target(name, feed, tuple(map(wire.encode, said))) for name, feed, said in _SPOKEN),
    *(
        Target(f"{name}, framed", _framed(feed), tuple(_unframed(wire.encode(word)) for word in said))
        for name, feed, said in _SPOKEN
    ),
    Target(
        "typed answers",
        _typed,
        tuple(
            text.encode()
            for text in (
                "[0, 4, 8, 12]", "0 4 8 12", "[[1, 2], [3, 4.50e-3]]", "None", "True", "[yes, 否]", "nan",
                "-inf", "tensor([1., 2.])", "［１，２］", "+.5", "1e308", "[1, [2]]", "9" * 400,
            )
        ),
    ),
)  # fmt: skip
