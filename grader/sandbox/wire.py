"""Wire protocol: the bytes that cross the trust boundary, in both directions.

One frame::

    ┌────────┬─────────────┬──────────────────────────────────────────┐
    │ "grw2" │ body bytes  │ body                                     │
    │ 4      │ u32, LE     │ MessagePack (msgspec); arrays raw within │
    └────────┴─────────────┴──────────────────────────────────────────┘

An array stands in the body as ``[dtype, shape, bytes]``: its numbers travel as they lie in
memory, and C code on both sides reads and writes the whole frame. Nothing is ever unpickled.
:meth:`Decoder.feed` raises :class:`~grader.errors.ProtocolError` and nothing else, whatever it
is fed, and never holds more than ``max_bytes``.

Who says what:

===========================  ===========================================================================
grader → zygote (``Order``)  ``Setup`` once, ``Fork`` (+2 descriptors), ``Collapse``, ``Embed``, ``Reap``
zygote → grader (``Reply``)  ``Hello`` once, ``Forked`` (+1 pidfd), ``Collapsed``, ``Reaped``
grader → child               ``Run``, once; ``Tasks``, once the module is loaded, in one batch or two
child → grader (``Word``)    ``Waiting``, ``Reached`` lines, ``Loading`` result, ``Finished`` per task in
                             order, ``Done``
===========================  ===========================================================================
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from grader.errors import ProtocolError
from grader.model.job import Job, Task
from grader.model.observation import Loaded, Outcome

MAGIC: Final = b"grw2"
_HEAD: Final = struct.Struct("<4sI")
CONTROL_BYTES: Final = 64 * 2**10
"""A frame between grader and zygote is never longer."""
RUN_BYTES: Final = 16 * 2**20
"""A frame from the grader to a child is never longer."""
BELL: Final = b"\0"
"""Printed by a child when a batch of tasks is answered: it wakes the grader, which then sends the next."""


class _Message(msgspec.Struct, frozen=True, tag_field="say"):
    """The common root of all messages."""


class Setup(_Message, frozen=True, tag="setup"):
    """The first word to a zygote: the system-call filters, for itself and for its children; maybe empty."""

    zygote: bytes
    child: bytes


class Hello(_Message, frozen=True, tag="hello"):
    """The zygote is warm. Versions are for ``grade doctor``."""

    python: str
    torch: str
    seconds: float


class Fork(_Message, frozen=True, tag="fork"):
    """Fork a child. Travels with two descriptors: its socket and where it prints.

    :param rehearse: whether it runs a tiny job of its own first. A spare has the time; a child
        that somebody waits for pays for its first page faults in the job just as well.
    """

    rehearse: bool = True
    ended: tuple[int, ...] = ()
    """Children that have ended meanwhile, to be waited for on this occasion: an order less for each."""


class Forked(_Message, frozen=True, tag="forked"):
    """The child's number (its pid as the zygote sees it). Travels with a pidfd, where there is one."""

    number: int
    error: str = ""


class Reap(_Message, frozen=True, tag="reap"):
    """Wait for a killed or dead child and say how it ended."""

    number: int


class Reaped(_Message, frozen=True, tag="reaped"):
    """``code`` as :func:`os.waitstatus_to_exitcode` gives it; None when there is no such child."""

    code: int | None


class Collapse(_Message, frozen=True, tag="collapse"):
    """Collapse these address ranges into huge pages, so that later forks copy small page tables.

    :param clean: ranges of program files, unchanged since they were mapped, to be let go of. A rehearsal
        then fetches again what a job needs, and no more: it shows where the program is hot.
    """

    ranges: tuple[tuple[int, int], ...]
    clean: tuple[tuple[int, int], ...] = ()


class Embed(_Message, frozen=True, tag="embed"):
    """Copy these pieces of programs, 2 MiB each, into huge pages of the zygote's own, in their places."""

    pieces: tuple[int, ...]


class Collapsed(_Message, frozen=True, tag="collapsed"):
    """How many 2 MiB pieces were moved into huge pages and how many the kernel refused."""

    pages: int
    refused: int


class Run(_Message, frozen=True, tag="run"):
    """A job for a waiting child, without its tasks.

    :param address_space: RLIMIT_AS in bytes, the warm process' own mappings included; 0 for none.
    :param library: further modules the job's source may import, by name. Empty for students.
    """

    job: Job
    address_space: int = 0
    library: dict[str, bytes] = {}


class Tasks(_Message, frozen=True, tag="tasks"):
    """What to do, in order.

    Comes when the module has been executed: while it is, no hidden input is in the process, so
    that nothing can be worked out at the points that will be asked.

    :param more: another batch follows when these are answered.
    """

    tasks: tuple[Task, ...]
    more: bool = False


class Waiting(_Message, frozen=True, tag="waiting"):
    """The child is jailed and warm, and waits. ``jail`` names the inner walls that it found to hold, before
    it had anything of the student's.
    """

    jail: tuple[str, ...] = ()


WALLS: Final = frozenset(
    {
        "namespaces", "scratch", "user", "rlimits", "die-with-parent", "capabilities", "no-new-privileges",
        "seccomp",
    }
)  # fmt: skip
"""Full isolation: the walls that a child names where none is missing."""


class Reached(_Message, frozen=True, tag="reached"):
    """A statement outside of the functions is about to run: should the child end in it, it is left out next
    time.
    """

    line: int


class Loading(_Message, frozen=True, tag="loaded"):
    """The module was executed."""

    loaded: Loaded


class Finished(_Message, frozen=True, tag="finished"):
    """One task is done."""

    task: str
    outcome: Outcome


class Done(_Message, frozen=True, tag="done"):
    """Nothing more will be said."""


Order = Setup | Fork | Reap | Collapse | Embed
Reply = Hello | Forked | Reaped | Collapsed
Word = Waiting | Reached | Loading | Finished | Done

M = TypeVar("M")


class FrameTooLong(ProtocolError):
    """A frame announces more bytes than are allowed."""


def _encoder() -> Callable[[msgspec.Struct], bytes]:
    """Bind what encoding needs: in a child, a student may re-bind every name of every module."""
    dumps, pack, size, magic = msgspec.msgpack.encode, _HEAD.pack, len, MAGIC

    def encode(message: msgspec.Struct) -> bytes:
        """One frame."""
        body = dumps(message)
        return pack(magic, size(body)) + body

    return encode


encode: Final = _encoder()


class Decoder(Generic[M]):
    """Turns a stream of bytes into messages of type ``M``.

    :param types: the union of messages that may come.
    :param max_bytes: how long one frame may be.
    """

    def __init__(self, types: Any, max_bytes: int) -> None:
        self._decoder = _body_decoder(types)
        self._max = max_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[M]:
        """All messages that are complete once ``data`` has come.

        :raises ProtocolError: the bytes are no frame, or a frame is too long.
        """
        buffer = self._buffer
        buffer += data
        messages: list[M] = []
        start = 0
        while len(buffer) - start >= _HEAD.size:
            magic, size = _HEAD.unpack_from(buffer, start)
            if magic != MAGIC:
                raise ProtocolError("the bytes do not begin with a frame")
            if size > self._max:
                raise FrameTooLong("a frame is longer than is allowed")
            end = start + _HEAD.size + size
            if len(buffer) < end:
                break
            messages.append(self._message(bytes(buffer[start + _HEAD.size : end])))
            start = end
        if start:
            del buffer[:start]
        return messages

    @property
    def partial(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return bool(self._buffer)

    def _message(self, body: bytes) -> M:
        try:
            message: M = self._decoder.decode(body)
        except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise ProtocolError(f"a frame's body does not fit: {str(error)[:200]}") from error
        return message


@functools.cache
def _body_decoder(types: Any) -> msgspec.msgpack.Decoder[Any]:
    """One decoder for each union of messages: to build it costs more than to decode a job."""
    return msgspec.msgpack.Decoder(types)
