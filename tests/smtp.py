"""A mail server for tests: it speaks SMTP over a socket and keeps what it is given."""

from __future__ import annotations

import base64
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import BinaryIO, cast


@dataclass
class Sink:
    """What has arrived. ``refuses``: every message is turned away after it was read."""

    port: int = 0
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    in_clear: list[str] = field(default_factory=list)
    """Those of ``commands`` that came without TLS."""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    """TLS from the first byte on; else, where there is TLS, after STARTTLS."""


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        # A client that does not trust the certificate, or does not like the name in it, ends the handshake.
        with suppress(ssl.SSLError, ConnectionError):
            self._talk(cast(_Server, self.server).sink)

    def _talk(self, sink: Sink) -> None:
        if sink.implicit:
            self._secure(sink)
        self._say("220 sink")
        while line := self.rfile.readline():
            command = line.decode("ascii", "replace").strip()
            sink.commands.append(command)
            if not isinstance(self.connection, ssl.SSLSocket):
                sink.in_clear.append(command)
            match command.split(" ")[0].upper():
                case "EHLO":
                    offered = sink.tls is not None and not isinstance(self.connection, ssl.SSLSocket)
                    self._say("250-sink", *(["250-STARTTLS"] if offered else []), "250 AUTH PLAIN")
                case "STARTTLS" if sink.tls is not None:
                    self._say("220 go on")
                    self._secure(sink)
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

    def _secure(self, sink: Sink) -> None:
        assert sink.tls is not None
        self.connection = sink.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = cast(BinaryIO, self.connection.makefile("wb", buffering=0))  # type: ignore[assignment]

    def finish(self) -> None:
        """The TLS socket has taken the descriptor over, and the server closes only the bare one."""
        super().finish()
        self.connection.close()

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, sink: Sink) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.sink = sink


@contextmanager
def sink(tls: ssl.SSLContext | None = None, *, implicit: bool = False) -> Iterator[Sink]:
    """One that listens until the end of the block; with TLS where there is a context for it."""
    kept = Sink(tls=tls, implicit=implicit)
    with _Server(kept) as server:
        kept.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()


def authority(folder: Path, names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate for ``names`` (``IP:127.0.0.1``) by a certificate authority made for this test.

    :return: the server's context, and the authority's certificate, which a client may trust.
    """

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        "req",
        "-x509",
        *key,
        "-days",
        "2",
        "-subj",
        "/CN=Authority of a test",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
    )
    openssl(
        "req",
        *key,
        "-subj",
        "/CN=mail",
        "-addext",
        f"subjectAltName={names}",
        "-keyout",
        "key.pem",
        "-out",
        "request.pem",
    )
    signed = (
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-copy_extensions",
        "copyall",
    )
    openssl("x509", "-req", "-in", "request.pem", *signed, "-out", "mail.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "mail.pem", folder / "key.pem")
    return context, folder / "ca.pem"
