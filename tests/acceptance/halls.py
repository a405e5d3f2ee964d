"""Townhalls that run as processes of their own, and callers of them."""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.acceptance.household import TT, Household, Program

__all__ = ["Answer", "Hall", "folder_of_strangers", "get"]

LISTENS = re.compile(r"listens on (\S+), auth")


class Answer(NamedTuple):
    """What a townhall said."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Hall:
    """A townhall of a household, on a free port unless the options say otherwise."""

    def __init__(self, household: Household, *options: str, env: Mapping[str, str] | None = None, words: list[str] = TT) -> None:
        port = [] if "--port" in options or any(option.endswith(":0") for option in options) else ["--port", "0"]
        self.program: Program = household.run(*words, "townhall", "rest", *port, *options, env=env)

    @property
    def url(self) -> str:
        """Where it listens, once it does; a warning of who listens on the way may come before."""
        self.program.says("townhall of town")
        found = LISTENS.search(self.program.output)
        assert found is not None, self.program.output
        return found[1]

    @property
    def place(self) -> tuple[str, int]:
        """Its host and port."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    @property
    def workers(self) -> set[int]:
        """The process ids of its workers."""
        text = Path(f"/proc/{self.program.pid}/task/{self.program.pid}/children").read_text()
        return {int(pid) for pid in text.split()}

    def get(self, path: str, *, timeout: float = 10.0, context: ssl.SSLContext | None = None) -> Answer:
        """Ask it."""
        return get(self.url + path, timeout=timeout, context=context)


def get(url: str, *, timeout: float = 10.0, context: ssl.SSLContext | None = None) -> Answer:
    """Ask for a URL; an error that HTTP has a number for is an answer, too."""
    try:
        with urllib.request.urlopen(url, timeout=timeout, context=context) as response:
            return Answer(response.status, json.loads(response.read()), _headers(response.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, json.loads(error.read()), _headers(error.headers))


def _headers(message: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in message.items()}


def folder_of_strangers(folder: Path) -> None:
    """Fill a folder with what must not be imported."""
    for name in ("api", "tinytown", "falcon", "gunicorn", "msgspec"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise SystemExit('the user\\'s own code was run')\n")
    for name in ("gunicorn.conf.py", "logging.py", "ssl.py"):
        (folder / name).write_text("raise SystemExit('the user\\'s own code was run')\n")
