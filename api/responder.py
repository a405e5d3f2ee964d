"""Responders: one operation from the request to the answer."""

from __future__ import annotations

import hashlib
from typing import Any

import falcon
import msgspec

from tinytown.api.answers import Streamed, Text
from tinytown.api.body import FORM, JSON, Raw, decoded, read_body
from tinytown.api.call import Call
from tinytown.api.hall import Hall
from tinytown.api.operation import Operation
from tinytown.api.problems import MEDIA_TYPE, Refusal
from tinytown.api.query import parsed
from tinytown.patience import patience
from tinytown.services.idempotency import Answered

__all__ = ["Responder"]

PART = 0.9
"""The part of a request's time in which Redis has to have answered; the rest is for saying that it did not."""

_KEPT_HEADERS = ("etag", "location")


class Responder:
    """Answers one operation: admit, negotiate, read, do, represent."""

    def __init__(self, operation: Operation, hall: Hall) -> None:
        self.operation = operation
        self._hall = hall

    def __call__(self, request: falcon.Request, response: falcon.Response, **path: str) -> None:
        """Answer a request, whatever Redis does, within its time."""
        request.context.operation = self.operation
        with patience(PART * self._hall.settings.request_timeout.total_seconds()):
            self._answer(request, response, path)

    def _answer(self, request: falcon.Request, response: falcon.Response, path: dict[str, str]) -> None:
        principal = self._hall.gate.admit(request, response, self.operation)
        self._negotiate(request)
        call = Call(self._hall, principal, self.operation, request, response)
        arguments: dict[str, Any] = dict(path)
        query = parsed(request.query_string, self.operation.signature.query, ignored=self._hall.gate.parameters(self.operation))
        if query is not None:
            arguments["query"] = query
        data = self._body(request, call.seconds_left)
        if self.operation.signature.body is not None:
            arguments["body"] = None if data is None else self._taken(data, self.operation.signature.body)
        response.status = self.operation.status
        if call.idempotency_key is None:
            self._represent(self.operation.handler(call, **arguments), request, response)
        else:
            self._once(call, arguments, data, request, response)

    def _negotiate(self, request: falcon.Request) -> None:
        """Refuse whoever accepts nothing that can be answered."""
        offered = {self.operation.media_type.partition(";")[0], *self._other_types()}
        if not any(request.client_accepts(kind) for kind in offered) and not request.client_accepts(MEDIA_TYPE):
            raise Refusal(406, f"This answers in {' or '.join(sorted(offered))}; the Accept header allows none of that.")

    def _other_types(self) -> set[str]:
        streamed = {"text/event-stream"} if self.operation.signature.answer is Streamed else set()
        return streamed if self.operation.as_text is None else {*streamed, "text/plain"}

    def _body(self, request: falcon.Request, seconds: float) -> bytes | None:
        """The body, where one is taken; it may be missing where it is optional."""
        signature = self.operation.signature
        if signature.body is None:
            return None
        kinds = (JSON, FORM) if signature.body is Raw else (JSON,)
        data = read_body(request, self._hall.settings.max_body_bytes, cutoff=self._hall.cutoff, seconds=seconds, kinds=kinds)
        if data is None and not signature.body_is_optional:
            raise Refusal(415 if request.content_type is None else 400, "A JSON body is needed here (Content-Type: application/json).")
        return data

    def _taken(self, data: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
        return Raw(data=data) if kind is Raw else decoded(data, kind)

    def _once(self, call: Call, arguments: dict[str, Any], data: bytes | None, request: falcon.Request, response: falcon.Response) -> None:
        """Do what this Idempotency-Key asks for, unless that was done before: then answer as then."""
        service = self._hall.town.idempotency
        name = "\n".join((call.principal.id, self.operation.id, request.path, str(call.idempotency_key)))
        fingerprint = hashlib.sha256(b"" if data is None else data).hexdigest()
        before = service.begin(name, fingerprint, seconds=call.seconds_left)
        if before is not None:
            _repeat(before, response)
            return
        try:
            self._represent(self.operation.handler(call, **arguments), request, response)
        except BaseException:
            service.abandon(name)  # nothing was made, or it is found again by its derived id
            raise
        kept = {header: value for header in _KEPT_HEADERS if (value := response.get_header(header)) is not None}
        service.finish(name, fingerprint, Answered(status=response.status_code, headers=kept, body=response.data or b""))

    def _represent(self, answer: Any, request: falcon.Request, response: falcon.Response) -> None:
        if isinstance(answer, Streamed):
            response.content_type = answer.media_type
            response.stream = answer.pieces
            response.set_header("X-Accel-Buffering", "no")  # proxies that know this pass each piece on at once
        elif isinstance(answer, Text):
            response.status, response.content_type = answer.status, answer.media_type
            response.data = answer.body.encode()
        elif self.operation.as_text is not None and request.client_prefers(("application/json", "text/plain")) == "text/plain":
            response.content_type = "text/plain; charset=utf-8"
            response.data = self.operation.as_text(answer).encode()
        elif answer is not None:
            response.content_type = "application/json"
            response.data = msgspec.json.encode(answer)
        tag = response.get_header("ETag") if self.operation.revalidates else None
        if tag is not None and request.method in {"GET", "HEAD"} and tag in _tags(request.get_header("If-None-Match")):
            response.status, response.data = 304, None
            response.content_type = None


def _tags(header: str | None) -> set[str]:
    return set() if header is None else {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _repeat(before: Answered, response: falcon.Response) -> None:
    response.status = before.status
    response.content_type = "application/json"
    response.data = before.body
    response.set_headers(before.headers)
    response.set_header("Idempotency-Replayed", "true")
