"""A mail server for tests: it speaks SMTP over a socket and keeps what it is given."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Sink:
    """What has arrived. ``refuses``: every message is turned away after it was read."""

    port: int = 0
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink = cast(_Server, self.server).sink
        self._say("220 sink")
        while line := self.rfile.readline():
            command = line.decode("ascii", "replace").strip()
            sink.commands.append(command)
            match command.split(" ")[0].upper():
                case "EHLO":
                    self._say("250-sink", "250 AUTH PLAIN")
                case "AUTH":
                    _, user, password = base64.b64decode(command.split(" ")[2]).split(b"\0")
                    right = (user, password) == (b"grader", b"hunter2 hunter2")
                    self._say("235 welcome" if right else "535 wrong")
                case "DATA":
                    self._say("354 go on")
                    lines = []
                    while (read := self.rfile.readline()) != b".\r\n":
                        lines.append(read.removeprefix(b"."))
                    if sink.refuses:
                        # As a filter does: it quotes what it does not like.
                        self._say("554 refused because of " + b"".join(lines)[-200:].decode().split()[-1])
                    else:
                        sink.mails.append(
                            cast(EmailMessage, message_from_bytes(b"".join(lines), policy=policy.SMTP))
                        )
                        self._say("250 kept")
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, sink: Sink) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.sink = sink


@contextmanager
def sink() -> Iterator[Sink]:
    """One that listens until the end of the block."""
    kept = Sink()
    with _Server(kept) as server:
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
