"""epoll for waitress's connections: what a poll costs does not grow with how many are connected.

waitress keeps its sockets in a dictionary from descriptors to channels, and makes a list for ``poll(2)`` of
all of them each time: with a class of three hundred browsers whose connections are kept, that is most of what
a request costs. This dictionary tells the kernel what a channel waits for (epoll(7), one-shot), and asks it
again only when that may have changed.
"""

from __future__ import annotations

import select
import threading
from typing import Any, Final

from waitress import wasyncore

_MOST_AT_ONCE: Final = 256


class Poll(dict[int, Any]):
    """waitress's map of sockets, and one round of the loop over them.

    Whoever changes what a channel waits for calls :meth:`look_again` afterwards, from whatever thread: a
    request's when its answer is written. What a poll's own events change, and who is new, it looks at itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoll = select.epoll()
        self._lock = threading.Lock()
        """Held from asking a channel until the kernel is told, so that the last answer is what it knows."""
        self._asked: dict[int, int] = {}
        """What the kernel watches for, by descriptor, and has not reported since it was told."""
        self._new: list[Any] = []
        """waitress adds a channel before it is made to its end: they are asked when it is."""

    def __setitem__(self, descriptor: int, channel: Any) -> None:
        self._epoll.register(descriptor, select.EPOLLONESHOT)
        super().__setitem__(descriptor, channel)
        self._new.append(channel)

    def __delitem__(self, descriptor: int) -> None:
        super().__delitem__(descriptor)
        with self._lock:
            self._asked.pop(descriptor, None)
            if not self._epoll.closed:
                self._epoll.unregister(descriptor)

    def look_again(self, channel: Any) -> None:
        """What ``channel`` waits for may have changed."""
        with self._lock:
            descriptor: int | None = channel._fileno
            if self._epoll.closed or descriptor is None or self.get(descriptor) != channel:
                return
            wanted = 0
            if channel.readable():
                wanted |= select.EPOLLIN  # without EPOLLPRI: nobody reads a byte that is out of band
            if channel.writable() and not channel.accepting:
                wanted |= select.EPOLLOUT
            if wanted != self._asked.get(descriptor, 0):
                self._asked[descriptor] = wanted
                self._epoll.modify(descriptor, wanted | select.EPOLLONESHOT)

    def poll(self, seconds: float) -> None:
        """Wait for events, and handle them."""
        while self._new:
            self.look_again(self._new.pop())
        for descriptor, flags in self._epoll.poll(seconds, _MOST_AT_ONCE):
            with self._lock:
                asked = self._asked.pop(descriptor, None)
            channel = self.get(descriptor)
            # Whoever was closed since the kernel said so may have left its number to somebody new.
            if asked is not None and channel is not None:
                wasyncore.readwrite(channel, flags)  # epoll's flags are poll's
                self.look_again(channel)

    def close(self) -> None:
        """Give the kernel's list back."""
        with self._lock:
            self._epoll.close()
