"""A student before the proxy: pages with a session, the API with a token, over TLS that is checked."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode


class Student:
    """Speaks to ``localhost`` at a port, and trusts one certificate alone.

    :param trusted: that certificate, PEM.
    """

    def __init__(self, port: int, trusted: str) -> None:
        self._context = ssl.create_default_context(cadata=trusted)
        self._port = port
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """One request on a connection of its own: status, headers, text."""
        connection = http.client.HTTPSConnection("localhost", self._port, timeout=30, context=self._context)
        try:
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{name}={kept.value}" for name, kept in self.cookies.items())
            headers.setdefault("Referer", f"https://localhost:{self._port}/")
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                self.cookies.load(cookie)
            return answer.status, answer.headers, text
        finally:
            connection.close()

    def negotiated(self) -> str:
        """Version and cipher of a handshake."""
        connection = http.client.HTTPSConnection("localhost", self._port, timeout=30, context=self._context)
        connection.connect()
        try:
            assert isinstance(connection.sock, ssl.SSLSocket)
            cipher = connection.sock.cipher()
            return f"{connection.sock.version()}, {cipher[0] if cipher else '?'}"
        finally:
            connection.close()

    def fill_in(self, page: str, to: str, **fields: str) -> tuple[int, http.client.HTTPMessage, str]:
        """Load a page, fill its form in, with what the page itself puts into it, and send it."""
        _, _, text = self.ask("GET", page)
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
        form = urlencode({**hidden, **fields})
        return self.ask("POST", to, form, **{"Content-Type": "application/x-www-form-urlencoded"})

    def call(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
        """One request to the API: status, decoded answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        status, _, text = self.ask(method, path, None if body is None else json.dumps(body), **headers)
        return status, json.loads(text)
