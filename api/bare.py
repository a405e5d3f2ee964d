"""Bare problems: what is answered where there is no application to answer."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from tinytown.api.phrases import phrase_of
from tinytown.api.problems import MEDIA_TYPE, Refusal, describe
from tinytown.domain.ids import new_id

__all__ = ["BareProblem", "bare_problem"]


class BareProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document, without a framework around it."""

    status: int
    body: bytes
    request_id: str

    @property
    def status_line(self) -> str:
        """The status in number and words."""
        return f"{self.status} {phrase_of(self.status)}"

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What goes before the body."""
        found = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(self.body))), ("X-Request-ID", self.request_id)]
        return [*found, ("Retry-After", "2")] if self.status == HTTPStatus.SERVICE_UNAVAILABLE else found

    def as_response(self) -> bytes:
        """The whole answer, as it goes over the wire."""
        head = "".join(f"{name}: {value}\r\n" for name, value in [*self.headers, ("Connection", "close")])
        return f"HTTP/1.1 {self.status_line}\r\n{head}\r\n".encode("latin-1") + self.body


def bare_problem(status: int, detail: str, *, path: str = "") -> BareProblem:
    """The problem document of a status, and a sentence."""
    request_id = new_id()
    problem = describe(Refusal(status, detail), path=path, request_id=request_id)
    return BareProblem(status=status, body=msgspec.json.encode(problem), request_id=request_id)
