"""A real HTTP server that keeps what is posted to it, and answers as a test says."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

__all__ = ["Posted", "Receiver", "receiving"]


class Posted(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body, as data."""
        return json.loads(self.body)


class Receiver:
    """What came in, and what is answered.

    Attributes:
        answers: statuses of the next answers; after the last one it is 200.
        headers: what every answer has beside.
    """

    def __init__(self, port: int) -> None:
        self.place = f"127.0.0.1:{port}"
        self.posted: list[Posted] = []
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.silent = threading.Event()
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        """Where to post to, with something in it that opens it."""
        return f"http://{self.place}/hook/s3cret-path"

    @property
    def apprise_url(self) -> str:
        """The same for Apprise."""
        return f"json://{self.place}/s3cret-topic"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for as long as the block runs."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.posted.append(Posted(self.path, dict(self.headers.items()), body))
            if receiver.silent.is_set():
                receiver.let_go.wait(10)
                return
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            for name, value in {"Content-Length": "0", **receiver.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield receiver
        receiver.let_go.set()
        server.shutdown()
        thread.join()
