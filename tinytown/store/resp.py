"""A small RESP2 client on one socket, for commands that must start fast.

Importing redis-py takes longer than everything else `tt status` does, so the
command line talks through this; long-lived processes use `store.client`.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence

from tinytown.errors import RedisAuthFailed, RedisUnavailable
from tinytown.patience import patience_left
from tinytown.store.connection import Arg, Reply, ReplyError, is_elsewhere, is_forbidden, raise_for_error
from tinytown.store.sockets import Sockets, on_unix, reason_of

__all__ = ["RespConnection"]

LONGEST = 1 << 29
"""The most bytes that Redis lets one value have."""

_SIZES = [b"$%d\r\n" % size for size in range(256)]  # nearly all words are this short


class RespConnection:
    """One connection; not for use by several threads.

    Args:
        target: path of a unix socket, or what opens a socket; see `store.reach`.
        address: how to name the server in errors, without secrets.
        writable: make sure that the server is no replica whenever a socket is opened.
        timeout: seconds to wait for any reply.
        connect_timeout: seconds to wait for the socket.
    """

    def __init__(
        self,
        target: str | Sockets,
        *,
        address: str,
        username: str | None = None,
        password: str | None = None,
        database: int = 0,
        writable: bool = False,
        timeout: float = 10.0,
        connect_timeout: float = 5.0,
    ) -> None:
        self.address = address
        self._target = target
        self._login = ("AUTH", *((username,) if username is not None else ()), password) if password is not None else None
        self._database = database
        self._writable = writable
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._socket: socket.socket | None = None
        self._pace = timeout  # what the socket is set to
        self._buffer = bytearray()

    def call(self, *args: Arg) -> Reply:
        """Send one command and return its reply."""
        return self.calls([args])[0]

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send many commands in one round trip and return their replies in order."""
        replies = self.exchange(commands)
        for reply in replies:
            if isinstance(reply, ReplyError):
                raise_for_error(reply.sentence, self.address)
        return replies

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what is published on a channel until `stop` says so."""
        twin = RespConnection(self._target, address=self.address, database=self._database, writable=self._writable, timeout=1.0)
        twin._login = self._login
        try:
            twin.call("SUBSCRIBE", channel)
            while not stop():
                try:
                    message = twin._read()
                except TimeoutError:
                    if _is_out_of_patience():
                        raise
                    continue
                if isinstance(message, list) and message[0] == b"message":
                    yield message[2]
        except OSError as error:
            raise RedisUnavailable(self.address, str(error)) from error
        finally:
            twin.close()

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._buffer.clear()

    def hand_over(self) -> socket.socket:
        """Open a socket, log in, and leave it to somebody else.

        Raises:
            RedisUnavailable: there is none to be had.
        """
        try:
            self._open()
        except OSError as error:
            self.close()
            raise RedisUnavailable(self.address, reason_of(error)) from error
        assert self._socket is not None, "it has just been opened"
        opened, self._socket = self._socket, None
        return opened

    @property
    def has_gone(self) -> bool:
        """Whether the server has hung up since the last command; not to be asked while one is under way."""
        if self._socket is None:
            return False
        watch = select.poll()
        watch.register(self._socket, select.POLLIN)
        return bool(watch.poll(0))  # nothing is asked, so whatever comes is the end

    def exchange(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send many commands in one round trip; what Redis refuses is a `ReplyError` among the replies."""
        if _is_out_of_patience():
            raise RedisUnavailable(self.address, "no time is left to ask it")
        try:
            if self._socket is None:
                self._open()
            self._write(commands)
            replies = self._replies(len(commands))
        except OSError as error:
            self.close()
            raise RedisUnavailable(self.address, reason_of(error)) from error
        except BaseException:
            self.close()  # with replies still to come, the next command would be answered by those of this one
            raise
        if any(isinstance(reply, ReplyError) and is_elsewhere(reply.sentence) for reply in replies):
            self.close()  # the next command opens a socket to whoever is in charge by now
        return replies

    def _open(self) -> None:
        deadline = time.monotonic() + self._connect_timeout
        why: Exception = ConnectionError("there is no server to connect to")
        for opened in self._sockets(_within(self._connect_timeout)):
            self._socket = opened
            own, self._timeout = self._timeout, max(0.1, min(self._timeout, deadline - time.monotonic()))
            try:
                self._pace = -1.0
                self._greet()
            except RedisAuthFailed:
                raise
            except (OSError, RedisUnavailable) as error:
                self.close()
                why = error
            else:
                return
            finally:
                self._timeout = own
        raise why

    def _sockets(self, within: float) -> Iterator[socket.socket]:
        if isinstance(self._target, str):
            yield on_unix(self._target, within)
        else:
            yield from self._target(within)

    def _keep_pace(self) -> None:
        """Let the next step take no longer than there is patience for."""
        assert self._socket is not None
        pace = _within(self._timeout)
        if pace != self._pace:
            self._socket.settimeout(pace)
            self._pace = pace

    def _greet(self) -> None:
        greeting: list[Sequence[Arg]] = []
        if self._login is not None:
            greeting.append([word for word in self._login if word is not None])
        if self._writable:
            greeting.append(("ROLE",))
        if self._database:
            greeting.append(("SELECT", self._database))
        if not greeting:
            return
        self._write(greeting)
        for (verb, *_), reply in zip(greeting, self._replies(len(greeting)), strict=True):
            if verb == "ROLE":
                self._check_role(reply)
            elif isinstance(reply, ReplyError):
                self.close()
                if verb == "SELECT" and reply.word == "ERR":
                    raise RedisUnavailable(self.address, f"database {self._database}: {reply.sentence}")
                try:
                    raise_for_error(reply.sentence, self.address)
                except ReplyError:
                    if verb != "AUTH":
                        raise
                    raise RedisAuthFailed(self.address, reply.sentence) from None

    def _check_role(self, reply: Reply) -> None:
        """See that the server takes writes; where it may not be asked, the first write shows."""
        if isinstance(reply, ReplyError):
            if not is_forbidden(reply.sentence) and reply.word != "ERR":
                raise_for_error(reply.sentence, self.address)
        elif reply[0] != b"master":
            raise RedisUnavailable(self.address, "the server that the sentinels name is a replica")

    def _write(self, commands: Sequence[Sequence[Arg]]) -> None:
        assert self._socket is not None
        self._keep_pace()
        parts: list[bytes] = []
        for command in commands:  # a script is told some thirty words, and a turn calls ten of them
            parts.append(b"*%d\r\n" % len(command))
            for word in command:
                raw = word.encode() if isinstance(word, str) else word if isinstance(word, bytes) else str(word).encode()
                size = len(raw)
                parts += (_SIZES[size] if size < len(_SIZES) else b"$%d\r\n" % size, raw, b"\r\n")
        self._socket.sendall(b"".join(parts))

    def _replies(self, count: int) -> list[Reply]:
        """That many replies; a server that refuses and hangs up has said the same to all."""
        replies: list[Reply] = []
        while len(replies) < count:
            try:
                replies.append(self._read())
            except ConnectionError:
                if not replies or not isinstance(replies[-1], ReplyError):
                    raise
                self.close()
                return replies + [replies[-1]] * (count - len(replies))
        return replies

    def _read(self) -> Reply:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return bytes(rest)
        if kind == b":":
            return int(rest)
        if kind == b"$":
            length = int(rest)
            if length > LONGEST:
                raise ConnectionError(f"that is no Redis reply: {line[:40]!r}")
            return None if length < 0 else self._bytes(length)
        if kind == b"*":
            length = int(rest)
            return None if length < 0 else [self._read() for _ in range(length)]
        if kind == b"-":
            return ReplyError(rest.decode("utf-8", "replace"))
        raise ConnectionError(f"that is no Redis reply: {line[:40]!r}")

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            self._fill()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _bytes(self, length: int) -> bytes:
        while len(self._buffer) < length + 2:
            self._fill()
        value = bytes(self._buffer[:length])
        del self._buffer[: length + 2]
        return value

    def _fill(self) -> None:
        assert self._socket is not None
        self._keep_pace()
        chunk = self._socket.recv(1 << 16)
        if not chunk:
            raise ConnectionError("the connection was closed")
        self._buffer += chunk


def _within(seconds: float) -> float:
    """So many seconds, or as many as there is patience for."""
    left = patience_left()
    if left is None:
        return seconds
    if left <= 0:
        raise TimeoutError
    return min(seconds, left)


def _is_out_of_patience() -> bool:
    left = patience_left()
    return left is not None and left <= 0
