"""The frames: what is written is read, and nothing that is read does harm."""

from __future__ import annotations

import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.arrays import to_numpy
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


def frame(body: object, magic: bytes = wire.MAGIC) -> bytes:
    """A frame by hand."""
    packed = body if isinstance(body, bytes) else msgspec.msgpack.encode(body)
    return struct.pack("<4sI", magic, len(packed)) + packed


def reader(most: int = 1 << 20) -> wire.Decoder[wire.Word]:
    """What the grader reads a child with."""
    return wire.Decoder(wire.Word, most)


def returning(*array: object) -> bytes:
    """A ``Finished`` whose one array is given by hand."""
    outcome = {"is": "returned", "value": {"is": "tensor", "array": array}}
    return frame({"say": "finished", "task": "t", "outcome": outcome})


def test_what_is_written_is_read() -> None:
    """Every message comes back equal, arrays bit for bit, however the stream is cut."""
    stream = b"".join(map(wire.encode, MESSAGES))
    assert reader().feed(stream) == MESSAGES
    one_by_one = reader()
    assert [m for byte in stream for m in one_by_one.feed(bytes([byte]))] == MESSAGES
    assert not one_by_one.partial


def test_a_job_is_written_and_read_without_its_tasks_and_they_follow() -> None:
    """Both frames that a child receives."""
    tasks = (Call(id="g@a", function="g", args=(array([1.0, 2.0]),), watched="f"),)
    run = wire.Run(Job(b"\xff\0x = 1", (), seed=7), 1 << 40, {"reference": b"y"})
    decoder: wire.Decoder[wire.Run | wire.Tasks] = wire.Decoder(wire.Run | wire.Tasks, wire.RUN_BYTES)
    assert decoder.feed(wire.encode(run) + wire.encode(wire.Tasks(tasks))) == [run, wire.Tasks(tasks)]


@given(st.binary(max_size=300))
def test_bytes_from_anywhere_are_messages_or_a_protocol_error(data: bytes) -> None:
    """The decoder raises ``ProtocolError`` and nothing else."""
    for start in (b"", wire.MAGIC, struct.pack("<4sI", wire.MAGIC, len(data))):
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


packable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(max_size=5)
    | st.floats()
    | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["say", "is", "task", "outcome", "array", "value", "shape"]), inner)
    ),
    max_leaves=12,
)


@given(packable)
def test_any_body_is_a_message_or_a_protocol_error(body: object) -> None:
    """Whatever MessagePack can hold, NaN and infinities included."""
    try:
        reader().feed(frame(body))
    except ProtocolError:
        return


@pytest.mark.parametrize(
    "array",
    [
        ("float64", [2], bytes(8)),  # the shape asks for more than there is
        ("float64", [1], bytes(9)),
        ("float64", [1], b""),
        ("float64", [-1], bytes(8)),
        ("float64", [-1, -1], bytes(8)),
        ("float64", [1.5], bytes(8)),
        ("float64", [2**64 - 1], bytes(8)),
        ("float64", [1] * 17, bytes(8)),
        ("float64", [0, 2**63], b""),  # no bytes at all, and yet wider than numpy can count
        ("float64", [0, 2**62, 2**62], b""),
        ("float64", [0] * 100_000, b""),
        ("object", [1], bytes(8)),
        ("float128", [1], bytes(16)),
        ("O8" * 5000, [1], bytes(8)),
        (["float64"], [1], bytes(8)),
        ("float64", "1", bytes(8)),
        ("float64", [1], "12345678"),
        ("float64", [1], None),
        ("float64", [1]),
        ("float64", [1], bytes(8), bytes(8)),
        (),
    ],
)
def test_cant_send_an_array_that_is_none(array: tuple[object, ...]) -> None:
    """An array is a known dtype, a shape numpy can count, and exactly the bytes that fill it."""
    with pytest.raises(ProtocolError):
        reader().feed(returning(*array))


def test_an_empty_array_may_have_an_empty_shape() -> None:
    """No entries is a shape like any other."""
    (message,) = reader().feed(returning("float64", [3, 0, 2], b""))
    assert isinstance(message, wire.Finished) and isinstance(message.outcome, Returned)
    assert message.outcome.value == Tensor(Array("float64", (3, 0, 2), b""))


def test_cant_send_a_frame_longer_than_allowed() -> None:
    """The length is refused before the bytes are awaited."""
    whole = wire.encode(wire.Finished("t", Returned(Tensor(array(np.zeros(1000))))))
    assert len(reader(len(whole)).feed(whole)) == 1
    with pytest.raises(ProtocolError, match="longer"):
        reader(4000).feed(whole[:8])
    with pytest.raises(ProtocolError, match="longer"):
        reader().feed(struct.pack("<4sI", wire.MAGIC, 2**32 - 1))


def nested(depth: int, inner: bytes) -> bytes:
    """A tuple in a tuple in a tuple, packed by hand: no encoder goes so deep."""
    around = (
        b"\x83" + b"".join(map(msgspec.msgpack.encode, ("is", "sequence", "type", "list", "items"))) + b"\x91"
    )
    return around * depth + inner


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x81",
        b"\x91" * 100_000,
        (b"\x81" + msgspec.msgpack.encode("say")) * 50_000,
        nested(50_000, b"\xc0"),
        b"\x83" + b"".join(map(msgspec.msgpack.encode, ("say", "finished", "task", "t", "outcome")))
        + b"\x82" + b"".join(map(msgspec.msgpack.encode, ("is", "returned", "value")))
        + nested(20_000, b"\xc0"),
        msgspec.msgpack.encode({"say": "done"}) * 2,
        b"\xff\xfe" + msgspec.msgpack.encode({"say": "done"}),
        msgspec.msgpack.encode({"say": "hello", "python": "3", "torch": "2", "seconds": 1}),
        msgspec.msgpack.encode({"say": "fork"}),
        msgspec.msgpack.encode({"say": "waiting", "jail": ["xyz"]}).replace(b"xyz", b"\xed\xa0\x80"),
        msgspec.msgpack.encode({"say": "finished", "task": "t", "outcome": {"is": "passed"}}),
        b"\xdf\xff\xff\xff\xff",
        b"\xc7\x00\x01",
        b"\xd6\xff" + bytes(4),
    ],
)  # fmt: skip
def test_cant_send_a_body_that_does_not_fit(body: bytes) -> None:
    """Cut short, nested without end, in another's words: a ``ProtocolError``."""
    with pytest.raises(ProtocolError):
        reader().feed(frame(body))


def test_cant_begin_with_another_magic() -> None:
    """Whatever a pickle begins with is no frame."""
    with pytest.raises(ProtocolError, match="begin"):
        reader().feed(frame({"say": "done"}, magic=b"\x80\x04\x95\0"))
