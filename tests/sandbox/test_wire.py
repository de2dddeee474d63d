"""The frames: what is written is read, and nothing that is read does harm."""

from __future__ import annotations

import json
import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.points import to_numpy
from grader.errors import ProtocolError
from grader.model.job import Call, Job
from grader.model.observation import Differentiated, Evidence, Loaded, Raised, Returned
from grader.model.values import Array, Mapping, Nothing, Number, Sequence, Tensor, Words
from grader.sandbox import wire

from .jobs import array

MESSAGES: list[wire.Word] = [
    wire.Waiting(("namespaces", "seccomp")),
    wire.Loading(
        Loaded(None, Mapping({"x": Sequence("list", (Number("int", array(3, "int64")), Nothing()))}))
    ),
    wire.Loading(Loaded(Raised("ValueError", "ünï – 梯度", line=3))),
    wire.Finished("a", Returned(Tensor(array([[1.0, np.nan], [-np.inf, 0.0]])), (0,), Evidence(2))),
    wire.Finished("b", Differentiated(Words("x"), (Tensor(array([1.5], "float32")), Nothing()))),
    wire.Finished("c", Returned(Tensor(array(np.zeros((0, 3)))))),
    wire.Done(),
]


def frame(header: object, blob: bytes = b"", magic: bytes = wire.MAGIC) -> bytes:
    """A frame by hand."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<4sII", magic, len(text), len(blob)) + text + blob


def reader(most: int = 1 << 20) -> wire.Decoder[wire.Word]:
    """What the grader reads a child with."""
    return wire.Decoder(wire.Word, most)


def returning(dtype: object, shape: object, at: object, size: object, blob: bytes) -> bytes:
    """A ``Finished`` whose one array is given by hand."""
    pointer = {"dtype": dtype, "shape": shape, "at": at, "size": size}
    outcome = {"is": "returned", "value": {"is": "tensor", "array": pointer}}
    return frame({"say": "finished", "task": "t", "outcome": outcome}, blob)


def test_what_is_written_is_read() -> None:
    """Every message comes back equal, arrays bit for bit, however the stream is cut."""
    stream = b"".join(map(wire.encode, MESSAGES))
    assert reader().feed(stream) == MESSAGES
    one_by_one = reader()
    assert [m for byte in stream for m in one_by_one.feed(bytes([byte]))] == MESSAGES
    assert not one_by_one.partial


def test_a_job_is_written_and_read_without_its_tasks_and_they_follow() -> None:
    """Both frames that a child receives."""
    tasks = (Call(id="g@a", function="g", args=(array([1.0, 2.0]),), watch=True, watched="f"),)
    run = wire.Run(Job(b"\xff\0x = 1", (), seed=7), 1 << 40, {"reference": b"y"})
    decoder: wire.Decoder[wire.Run | wire.Tasks] = wire.Decoder(wire.Run | wire.Tasks, wire.RUN_BYTES)
    assert decoder.feed(wire.encode(run) + wire.encode(wire.Tasks(tasks))) == [run, wire.Tasks(tasks)]


@given(st.binary(max_size=300))
def test_bytes_from_anywhere_are_messages_or_a_protocol_error(data: bytes) -> None:
    """The decoder raises ``ProtocolError`` and nothing else."""
    for start in (b"", wire.MAGIC, struct.pack("<4sII", wire.MAGIC, max(0, len(data) - 2), 2)):
        try:
            messages = reader().feed(start + data)
        except ProtocolError:
            continue
        assert all(isinstance(m, msgspec.Struct) for m in messages)


@settings(max_examples=300)
@given(
    which=st.integers(0, len(MESSAGES) - 1),
    edits=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255), st.sampled_from("=+-")),
        min_size=1,
        max_size=6,
    ),
)
def test_frames_with_a_few_bytes_changed_are_messages_or_a_protocol_error(
    which: int, edits: list[tuple[float, int, str]]
) -> None:
    """And what arrays such a message holds, numpy can hold, too."""
    data = bytearray(wire.encode(MESSAGES[which]))
    for place, byte, how in edits:
        at = int(place * len(data))
        if how == "+":
            data.insert(at, byte)
        elif how == "=" or len(data) < 2:
            data[at] = byte
        else:
            del data[at]
    try:
        messages = reader().feed(bytes(data))
    except ProtocolError:
        return
    for message in messages:
        if isinstance(message, wire.Finished) and isinstance(message.outcome, Returned):
            value = message.outcome.value
            if isinstance(value, Tensor | Number):
                to_numpy(value.array)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["say", "is", "task", "outcome", "array", "value", "shape"]), inner)
    ),
    max_leaves=12,
)


@given(json_like)
def test_any_json_for_a_header_is_a_message_or_a_protocol_error(header: object) -> None:
    """Also NaN and infinities, which Python's encoder writes and JSON does not have."""
    try:
        reader().feed(frame(header))
    except ProtocolError:
        return


@pytest.mark.parametrize(
    ("dtype", "shape", "at", "size"),
    [
        ("float64", [1], 1, 8),  # beyond the end
        ("float64", [1], -8, 8),  # before the beginning
        ("float64", [1], 2**63, 8),
        ("float64", [1], 0, -8),
        ("float64", [1], 8, -8),  # an empty slice that claims to lie before its start
        ("float64", [2], 0, 8),  # the shape asks for more than there is
        ("float64", [-1], 0, 8),
        ("float64", [1.5], 0, 8),
        ("float64", [1] * 17, 0, 8),
        ("float64", [0, 10**30], 0, 0),  # no bytes at all, and yet wider than numpy can count
        ("float64", [0, 2**62, 2**62], 0, 0),
        ("float64", [0] * 100_000, 0, 0),
        ("object", [1], 0, 8),
        ("float128", [1], 0, 8),
        ("O8" * 5000, [1], 0, 8),
        (["float64"], [1], 0, 8),
        ("float64", "1", 0, 8),
        ("float64", [1], None, 8),
    ],
)
def test_cant_point_outside_a_frame(dtype: object, shape: object, at: object, size: object) -> None:
    """An array is exactly bytes of its own frame, in a shape that they fill."""
    with pytest.raises(ProtocolError):
        reader().feed(returning(dtype, shape, at, size, b"\0" * 8))


def test_an_empty_array_may_have_an_empty_shape() -> None:
    """No entries is a shape like any other."""
    (message,) = reader().feed(returning("float64", [3, 0, 2], 8, 0, b"\0" * 8))
    assert isinstance(message, wire.Finished) and isinstance(message.outcome, Returned)
    assert message.outcome.value == Tensor(Array("float64", (3, 0, 2), b""))


def test_cant_send_a_frame_longer_than_allowed() -> None:
    """The length is refused before the bytes are awaited."""
    whole = wire.encode(wire.Finished("t", Returned(Tensor(array(np.zeros(1000))))))
    assert len(reader(len(whole)).feed(whole)) == 1
    with pytest.raises(ProtocolError, match="longer"):
        reader(4000).feed(whole[:12])
    with pytest.raises(ProtocolError, match="longer"):
        reader().feed(struct.pack("<4sII", wire.MAGIC, 2**32 - 1, 2**32 - 1))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"say":' * 50_000,
        b'{"say":"finished","task":"t","outcome":{"is":"returned","value":'
        + b'{"is":"sequence","type":"list","items":[' * 20_000,
        b'{"say":"done"} {"say":"done"}',
        b'\xff\xfe{"say":"done"}',
        b'{"say":"hello","python":"3","torch":"2","seconds":1}',
        b'{"say":"fork"}',
        b'{"say":"waiting","jail":["\\ud800"]}',
        b'{"say":"finished","task":"t","outcome":{"is":"passed"}}',
    ],
)
def test_cant_send_a_header_that_does_not_fit(header: bytes) -> None:
    """Cut short, nested without end, in another's words: a ``ProtocolError``."""
    with pytest.raises(ProtocolError):
        reader().feed(frame(header))


def test_cant_begin_with_another_magic() -> None:
    """Whatever a pickle begins with is no frame."""
    with pytest.raises(ProtocolError, match="begin"):
        reader().feed(frame({"say": "done"}, magic=b"\x80\x04\x95\0"))
