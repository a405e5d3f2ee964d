"""A townhall that runs as a process of its own, and whoever calls it over HTTP."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.acceptance.household import Household, Program
from tests.waiting import wait_until

__all__ = ["Answer", "Townhall", "free_port"]


class Answer(NamedTuple):
    """What townhall answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)


class Townhall:
    """A townhall of a household, on a free port, answering."""

    def __init__(self, household: Household, *options: str, env: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.program: Program = household.tt("townhall", "--port", str(self.port), *options, env=env)
        wait_until(self._answers_or_ended, 20, message="townhall to answer")
        assert self.program.is_running, self.program.output

    def ask(
        self, method: str, path: str, data: object = None, *, headers: Mapping[str, str] | None = None, timeout: float = 30.0
    ) -> Answer:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            body = None if data is None else json.dumps(data)
            kind = {} if data is None else {"Content-Type": "application/json"}
            connection.request(method, path, body, {**kind, **({} if headers is None else headers)})
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **options: Any) -> Answer:
        """Ask for something."""
        return self.ask("GET", path, **options)

    def post(self, path: str, data: object = None, **options: Any) -> Answer:
        """Have something done."""
        return self.ask("POST", path, data, **options)

    def _answers_or_ended(self) -> bool:
        try:
            return not self.program.is_running or self.get("/health").status == 200
        except OSError:
            return False


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
